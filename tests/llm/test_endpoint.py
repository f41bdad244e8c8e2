"""A model's server that is down, slow, talks rubbish, refuses: the caller is understood anyway."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dialogue.understanding.told import BRIEFINGS, OWN, VOCABULARY
from tests.llm.misbehaviour import BAD, GOOD, WHOLE, says_nothing
from tests.llm.server import Behaviour, Handler, Server, answers, event, head, writes
from tests.postgresql import free_port
from voice_agent.dialogue.commands import HumanPlease, StartFlow
from voice_agent.dialogue.understanding.advised import AdvisedUnderstander
from voice_agent.dialogue.understanding.ports import Said
from voice_agent.llm.adviser import LIMIT_S, EndpointAdviser
from voice_agent.llm.endpoint import Endpoint
from voice_agent.llm.rest import FAILURES, REST_S

pytestmark = pytest.mark.integration

SAID = Said("mein Lenkrad wackelt so komisch", "de")
BRIEFING = BRIEFINGS.of(SAID)


class House:
    """A model at an address, with a clock that only a test moves."""

    def __init__(self, url: str, key: str | None = None, limit_s: float = LIMIT_S) -> None:
        self.counts: Counter[str] = Counter()
        self.now = 0.0
        endpoint = Endpoint(url, "m-1", key, VOCABULARY.schema())
        self.adviser = EndpointAdviser(endpoint, self.count, limit_s, lambda: self.now)
        self.understander = AdvisedUnderstander(
            OWN, self.adviser, BRIEFINGS, VOCABULARY, self.count
        )

    def count(self, kind: str) -> None:
        self.counts[kind.removeprefix("language_model_")] += 1


@pytest.fixture
def house(server: Server) -> Iterator[House]:
    made = House(server.url, "sk-canary")
    yield made
    made.adviser.close()


def test_a_model_that_knows_is_of_use(server: Server, house: House) -> None:
    server.behaviour = writes('{"comm', GOOD.removeprefix('{"comm'))
    assert house.understander.understand(SAID) == (StartFlow("book_appointment"),)
    assert house.counts == {"asked": 1, "helped": 1}


def test_it_gets_the_words_the_question_and_the_names_and_nothing_else(
    server: Server, house: House
) -> None:
    house.adviser.ask(BRIEFING)
    (request,), (headers,) = server.requests, server.headers
    assert headers[""] == "POST /v1/chat/completions HTTP/1.1"
    assert headers["authorization"] == "Bearer sk-canary"
    assert "cookie" not in headers
    assert [each["content"] for each in request["messages"]] == [
        BRIEFING.instructions,
        BRIEFING.words,
    ]
    kept = {"model", "messages", "temperature", "max_tokens", "stream", "response_format"}
    assert request.keys() == kept
    assert request["response_format"]["json_schema"]["schema"] == VOCABULARY.schema()


def test_a_model_without_a_key_is_asked_without_one(server: Server) -> None:
    open_house = House(server.url)
    open_house.adviser.ask(BRIEFING)
    open_house.adviser.close()
    assert "authorization" not in server.headers[0]


def test_half_a_character_is_asked_about_like_any_other(server: Server, house: House) -> None:
    server.behaviour = writes(GOOD)
    said = Said("mein Lenkrad \ud83d wackelt", "de")
    assert house.understander.understand(said) == (StartFlow("book_appointment"),)


def test_no_cookie_ties_callers_together(server: Server, house: House) -> None:
    server.behaviour = answers(200, WHOLE, "application/json", "Set-Cookie: caller=1; Path=/")
    assert house.adviser.ask(BRIEFING) == house.adviser.ask(BRIEFING) == json.loads(GOOD)
    assert all("cookie" not in headers for headers in server.headers)


@pytest.mark.parametrize(
    "behaviour",
    [
        writes(GOOD),
        writes("Gerne! Hier ist es:\n```json\n", GOOD, "\n```\nWas noch?"),
        answers(200, WHOLE),
        answers(200, WHOLE, "application/json; charset=utf-8"),
    ],
)
def test_an_answer_is_found_whole_in_pieces_and_in_chatter(
    server: Server, house: House, behaviour: Behaviour
) -> None:
    server.behaviour = behaviour
    assert house.adviser.ask(BRIEFING) == json.loads(GOOD)


def test_an_answer_counts_when_it_is_complete_not_when_the_server_ends(
    server: Server, house: House
) -> None:
    def goes_on(handler: Handler, _: dict[str, Any]) -> None:
        head(handler)
        event(handler, GOOD)
        server.closing.wait(30)

    server.behaviour = goes_on
    assert house.adviser.ask(BRIEFING) == json.loads(GOOD)


@pytest.mark.parametrize(
    ("failure", "behaviour"),
    [(failure, behaviour) for failure, _, behaviour in BAD],
    ids=[name for _, name, _ in BAD],
)
def test_whatever_the_server_does_the_rules_answer(
    server: Server, failure: str, behaviour: Behaviour
) -> None:
    house = House(server.url, limit_s=0.3 if failure == "slow" else 20.0)
    server.behaviour = behaviour
    assert house.understander.understand(SAID) == OWN.understand(SAID)
    assert house.counts == {"asked": 1, failure: 1}
    # And nothing of it stays behind: the next one is answered.
    server.behaviour = writes(GOOD)
    assert house.understander.understand(SAID) == (StartFlow("book_appointment"),)
    house.adviser.close()


@pytest.mark.parametrize(
    "answer",
    [
        '{"commands": [{"command": "withdraw_consent"}, {"command": "calendar.book"}]}',
        '{"text": "Frau Müller, Telefon 030 123456"}',
        '{"commands": [{"command": "fill_slot", "slot": "phone", "words": "030 123456"}]}',
        "{}",
    ],
)
def test_an_answer_about_something_else_changes_nothing(
    server: Server, house: House, answer: str
) -> None:
    server.behaviour = writes(answer)
    assert house.understander.understand(SAID) == OWN.understand(SAID)
    assert house.counts == {"asked": 1}


def test_nobody_at_the_address(server: Server) -> None:
    house = House(f"http://127.0.0.1:{free_port()}/v1")
    assert house.understander.understand(SAID) == OWN.understand(SAID)
    assert house.counts == {"asked": 1, "away": 1}
    house.adviser.close()
    assert server.requests == []


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_server_that_knows_no_schema_is_asked_in_another_way(
    server: Server, house: House, status: int
) -> None:
    def old(handler: Handler, body: dict[str, Any]) -> None:
        known = body.get("response_format", {}).get("type") != "json_schema"
        (writes(GOOD) if known else answers(status, b"{}"))(handler, body)

    server.behaviour = old
    assert house.adviser.ask(BRIEFING) == house.adviser.ask(BRIEFING) == json.loads(GOOD)
    forms = [each["response_format"]["type"] for each in server.requests]
    assert forms == ["json_schema", "json_object", "json_object"]
    assert server.requests[1]["response_format"]["schema"] == VOCABULARY.schema()


def test_a_server_that_knows_neither_is_asked_in_words(server: Server, house: House) -> None:
    def older(handler: Handler, body: dict[str, Any]) -> None:
        (answers(400, b"{}") if "response_format" in body else writes(GOOD))(handler, body)

    server.behaviour = older
    assert house.adviser.ask(BRIEFING) == json.loads(GOOD)
    assert len(server.requests) == 3


def test_a_model_that_keeps_failing_is_left_alone_for_a_while(server: Server, house: House) -> None:
    server.behaviour = answers(401, b"")
    for _ in range(FAILURES + 5):
        assert house.understander.understand(SAID) == OWN.understand(SAID)
    assert len(server.requests) == FAILURES
    assert house.counts == {"asked": FAILURES, "refused": FAILURES, "resting": 5}
    house.now += REST_S
    house.adviser.ask(BRIEFING)
    house.adviser.ask(BRIEFING)
    assert len(server.requests) == FAILURES + 1  # one tried, and failed
    house.now += REST_S
    server.behaviour = writes(GOOD)
    assert house.adviser.ask(BRIEFING) is not None
    assert house.adviser.ask(BRIEFING) is not None


def test_a_person_is_found_without_asking(server: Server, house: House) -> None:
    said = Said("Ich will einen Menschen sprechen", "de")
    assert house.understander.understand(said) == (HumanPlease(),)
    assert server.requests == []


def test_instructions_are_read_before_the_first_caller(server: Server, house: House) -> None:
    both = [BRIEFINGS.of(Said("", language)) for language in ("de", "en")]
    house.adviser.warm(both).result(20)
    assert [each["messages"][0]["content"] for each in server.requests] == [
        each.instructions for each in both
    ]
    server.behaviour = answers(500, b"")
    house.adviser.warm(both).result(20)  # nobody minds


def test_calls_ask_at_the_same_time(server: Server) -> None:
    together = threading.Barrier(4, timeout=20)

    def waits_for_the_others(handler: Handler, body: dict[str, Any]) -> None:
        together.wait()
        writes(GOOD)(handler, body)

    server.behaviour = waits_for_the_others
    found: list[object] = []
    patient = House(server.url, limit_s=20.0)
    threads = [
        threading.Thread(target=lambda: found.append(patient.adviser.ask(BRIEFING)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [json.loads(GOOD)] * 4
    patient.adviser.close()


def test_closing_waits_for_nobody(server: Server) -> None:
    house = House(server.url, limit_s=30.0)
    server.behaviour = says_nothing
    warming = house.adviser.warm([BRIEFING])
    house.adviser.close()
    assert warming.cancelled()
    assert house.adviser.ask(BRIEFING) is None  # a call that is still being ended
    assert house.counts == {}
