"""Calls that we make, until somebody has proved who they are: C23, C27 and C28."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from sqlalchemy import select

from tests.runtime import sample_call
from tests.twilio.carrier import Carrier
from tests.twilio.house import HUMAN, OURS, House, opened
from tests.twilio.rung_up import (
    ANNA,
    BERTS_PIN,
    BORN_KEYS,
    CLAIM,
    NUMBER,
    PIN,
    WRONG,
    RungUp,
    is_refused,
    ringing,
)
from voice_agent.agent import AgentConfig
from voice_agent.outbound.claim import Outcome
from voice_agent.runtime.records import Direction, Disposition
from voice_agent.schedule import load_plan
from voice_agent.script import OUTBOUND
from voice_agent.storage.tables import calls, stream_tokens
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.directory import Away, Enrolled, Failed, Record, Secret, Verified
from voice_agent.twilio.answers import Place
from voice_agent.twilio.messages import Start
from voice_agent.twilio.outbound_answers import WAIT_S, Stage
from voice_agent.twilio.webhook import Webhook

pytestmark = pytest.mark.integration  # a real database on a real disk


async def begun(house: House) -> list[tuple[str, str]]:
    """Direction and language of every call in the book."""
    async with house.database.begin() as connection:
        rows = await connection.execute(select(calls.c.direction, calls.c.language))
        return [(row.direction, row.language) for row in rows]


async def tokens(house: House) -> int:
    """How many streams were authorised."""
    async with house.database.begin() as connection:
        return len((await connection.execute(select(stream_tokens))).all())


# -- the opener ------------------------------------------------------------------------------------


async def test_c27_whoever_answers_hears_who_and_what_is_ringing_and_what_they_can_do(
    call: RungUp,
) -> None:
    await call.pick_up()
    assert await call.hears_opener()
    assert call.gather == {
        "input": "dtmf",
        "numDigits": "1",
        "finishOnKey": "",
        "timeout": "12",
        "action": f"https://agent.example/twilio/outbound/key?claim={CLAIM}&language=de&stage=opener",
        "method": "POST",
    }
    text = sample_call.script().line("outbound_opener", "de").text
    assert "KI-Assistent" in text[:60]
    assert sample_call.CALLER_NAME in text


async def test_c27_twelve_seconds_of_silence_hang_up_in_every_stage(call: RungUp) -> None:
    """The carrier goes on with what follows the wait, and asks nobody."""
    await call.pick_up()
    await call.press_all("9", "1", WRONG)
    assert len(call.documents) == 4
    for document in call.documents:
        wait, end = list(ET.fromstring(document))  # noqa: S314 (checked by the carrier)
        assert (wait.tag, wait.get("timeout"), end.tag) == ("Gather", str(WAIT_S), "Hangup")
    assert WAIT_S == 12


async def test_c27_an_empty_key_is_silence(call: RungUp) -> None:
    await call.pick_up()
    await call.press("")
    assert call.is_silent_end()


@pytest.mark.parametrize("key", ["2", "3", "4", "6", "7", "9", "*", "#", "11", "x"])
async def test_c27_a_key_without_meaning_is_answered_once_and_then_the_call_ends(
    call: RungUp, key: str
) -> None:
    await call.pick_up()
    await call.press(key)
    assert await call.hears_opener("outbound_opener_again")
    await call.press(key)
    assert await call.said_goodbye()


async def test_c27_after_a_key_without_meaning_key_1_still_counts(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("9", "1")
    assert await call.is_asked("outbound_identity")


async def test_key_5_speaks_the_other_language_in_every_stage(call: RungUp) -> None:
    await call.pick_up()
    await call.press("5")
    assert await call.hears_opener(language="en")
    await call.press("9")
    assert await call.hears_opener("outbound_opener_again", language="en")
    await call.press("5")
    assert await call.hears_opener("outbound_opener_again", language="de")
    await call.press_all("5", "1", "5")
    assert await call.is_asked("outbound_identity", language="de")
    await call.press_all("5", PIN)
    assert await call.hears_notice("en")
    assert await begun(call.house) == [(Direction.OUTBOUND, "en")]


async def test_somebody_who_is_spoken_to_in_english_is_from_the_first_word(call: RungUp) -> None:
    await call.pick_up(language="en")
    assert await call.hears_opener(language="en")


STAGES: dict[str, list[str]] = {
    "opener": [],
    "again": ["9"],
    "identity": ["1"],
    "second": ["1", WRONG],
}
"""Every stage, and the keys that lead there."""


@pytest.mark.parametrize("keys", STAGES.values(), ids=STAGES.keys())
async def test_c6_key_0_dials_a_human_in_every_stage(call: RungUp, keys: list[str]) -> None:
    await call.pick_up()
    await call.press_all(*keys, "0")
    assert await call.said("connecting_human")
    assert call.number_dialled == HUMAN
    assert await call.house.book.disposition(call.call_id) is Disposition.HANDOVER
    assert await begun(call.house) == [(Direction.OUTBOUND, "de")]
    await call.dialled("busy")
    assert await call.said("human_unavailable")


@pytest.mark.parametrize(
    ("leg", "outcome"), [("completed", Outcome.CONNECTED), ("busy", Outcome.NO_ANSWER)]
)
async def test_whoever_talked_to_a_human_is_not_rung_up_again_about_the_same(
    call: RungUp, leg: str, outcome: Outcome
) -> None:
    await call.pick_up()
    await call.press("0")
    await call.dialled(leg)
    await call.over()
    assert call.house.errands.outcome(CLAIM) is outcome


async def test_c6_after_a_human_no_key_opens_a_stream(call: RungUp) -> None:
    await call.pick_up()
    await call.press("0")
    version = call.house.registrar.notice_version
    await call.ask(f"/twilio/consent?language=de&attempt=0&notice={version}", Digits="1")
    assert "Connect" not in call.verbs
    assert await tokens(call.house) == 0


async def test_without_a_human_key_0_is_answered_plainly(tmp_path: Path) -> None:
    async with opened(tmp_path, human=None) as house, ringing(house) as call:
        await call.pick_up()
        await call.press("0")
        assert await call.said("human_unavailable")
        assert call.verbs[-1] == "Hangup"


# -- no more calls ---------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", STAGES.values(), ids=STAGES.keys())
async def test_c28_key_8_puts_the_number_on_the_list_at_once_in_every_stage(
    call: RungUp, keys: list[str]
) -> None:
    await call.pick_up()
    await call.press_all(*keys)
    assert not await is_refused(call.house)
    await call.press("8")
    assert await is_refused(call.house)
    assert not await is_refused(call.house, OURS)
    assert await call.said_goodbye("outbound_refusal_noted")
    assert await call.over() == 204
    assert call.house.errands.outcome(CLAIM) is Outcome.DECLINED


async def test_c28_key_8_pressed_twice_by_the_network_is_one_refusal(call: RungUp) -> None:
    await call.pick_up()
    action = call.action
    for _ in range(3):
        await call.ask(action, Digits="8")
        assert await call.said_goodbye("outbound_refusal_noted")
    assert await call.house.list.count() == 1


async def test_c28_key_8_refuses_in_the_notice_as_well(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("1", PIN)
    action = call.action
    await call.press("8")
    assert await is_refused(call.house)
    assert await call.said_goodbye("outbound_refusal_noted")
    await call.ask(action, Digits="1")  # a webhook that comes late
    assert call.is_silent_end()
    await call.over()
    assert call.house.errands.outcome(CLAIM) is Outcome.DECLINED


async def test_c28_key_8_of_a_caller_means_nothing(carrier: Carrier) -> None:
    """They rang us up."""
    await carrier.ring()
    await carrier.press("8")
    assert carrier.verbs == ["Gather", "Play", "Redirect"]
    assert await carrier.house.list.count() == 0


@pytest.mark.parametrize("digits", ["88", "8#", "18", "80", "８", "8 "])
async def test_c28_what_is_not_exactly_the_key_8_refuses_nothing(call: RungUp, digits: str) -> None:
    await call.pick_up()
    await call.press_all("1", digits)
    assert not await is_refused(call.house)
    assert await call.is_asked("outbound_not_proved", "outbound_identity_again")


@pytest.mark.parametrize("way", ["away", "over", "unknown"])
async def test_c28_key_8_counts_whatever_became_of_the_errand(call: RungUp, way: str) -> None:
    await call.pick_up()
    action = call.action
    match way:
        case "away":
            call.house.errands.away = True
        case "over":
            await call.over("failed")
        case _:
            action = action.replace(CLAIM, "z" * 32)
    await call.ask(action, Digits="8")
    assert await is_refused(call.house)
    assert await call.said_goodbye("outbound_refusal_noted")


async def test_c28_a_number_the_carrier_does_not_repeat_is_that_of_the_errand(
    call: RungUp,
) -> None:
    await call.pick_up()
    await call.ask(call.action, Digits="8", To="sip:somebody@example.org")
    assert await is_refused(call.house)


async def test_c28_a_refusal_the_list_does_not_take_is_not_claimed_and_not_lost(
    call: RungUp,
) -> None:
    await call.pick_up()
    async with call.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE do_not_call RENAME TO gone")
    await call.press("8")
    assert await call.said_goodbye()
    assert call.house.metrics.counted("refusal_late") == 1
    async with call.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO do_not_call")
    await call.house.refusals.settle()
    assert await is_refused(call.house)


# -- identity --------------------------------------------------------------------------------------


async def test_c23_key_1_asks_for_a_secret_and_for_nothing_else(call: RungUp) -> None:
    await call.pick_up()
    await call.press("1")
    assert await call.is_asked("outbound_identity")
    wait = call.gather
    assert (wait["numDigits"], wait["finishOnKey"], wait["input"]) == ("12", "#", "dtmf")
    assert await begun(call.house) == []


@pytest.mark.parametrize("secret", [PIN, BORN_KEYS])
@pytest.mark.parametrize("before", [[], [WRONG]], ids=["at once", "at the second attempt"])
async def test_c23_the_right_person_gets_the_notice_of_every_call(
    call: RungUp, secret: str, before: list[str]
) -> None:
    await call.pick_up()
    await call.press_all("1", *before, secret)
    assert await call.hears_notice()
    kept = await call.house.errands.of_call(call.call_id)
    assert kept is not None
    assert kept.person == ANNA
    assert await begun(call.house) == [(Direction.OUTBOUND, "de")]
    await call.press("1")
    assert call.verbs == ["Connect", "Stream", "Parameter", "Parameter", "Parameter"]
    assert call.parameters["caller"] == NUMBER


async def test_c5_whoever_was_rung_up_and_does_nothing_in_the_notice_is_let_go(
    call: RungUp,
) -> None:
    """Nobody at the company is called to them."""
    await call.pick_up()
    await call.press_all("1", PIN)
    action = call.action
    for _ in range(2):
        await call.wait()
        assert call.verbs == ["Gather", "Play", "Redirect"]
    await call.wait()
    assert call.verbs == ["Play", "Hangup"]
    assert await call.said("no_choice_goodbye")
    await call.ask(action, Digits="1")  # a webhook that comes late
    assert await tokens(call.house) == 0


async def test_c17_the_consent_is_that_of_whoever_was_rung_up(call: RungUp) -> None:
    """In a call that we make, "From" is our own number."""
    await call.pick_up()
    await call.press_all("1", PIN, "1")
    held = await call.house.archive.held(call.call_id)
    assert held is not None
    assert held.record.principal == call.house.pseudonyms.of(NUMBER)


async def test_c21_the_privacy_link_goes_to_whoever_was_rung_up(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("1", PIN, "2")
    ((number, _),) = [(each[0], each[1]) for each in call.house.letters.sent]
    assert number == NUMBER


FAILURES: dict[str, str] = {
    "a wrong PIN": WRONG,
    "another person's PIN": BERTS_PIN,
    "a wrong birth date": "13051980",
    "a birth date the American way": "05121980",
    "a birth date that is none": "31021980",
    "a birth date to come": "12052980",
    "no key but the last": "",
    "too few": "424",
    "too many": "4242424242424",
    "a star": "42*242",
    "other digits": "٤٢٤٢٤٢",
    "SQL": "' OR 1=1 --",
    "markup": "<Play>x</Play>",
}


@pytest.mark.parametrize("keys", FAILURES.values(), ids=FAILURES.keys())
async def test_c23_two_attempts_that_fail_sound_the_same_whatever_was_wrong(
    call: RungUp, keys: str
) -> None:
    await call.pick_up()
    await call.press_all("1", keys)
    assert await call.is_asked("outbound_not_proved", "outbound_identity_again")
    await call.press(keys)
    assert await call.said_goodbye("outbound_not_proved")
    kept = await call.house.errands.of_call(call.call_id)
    assert kept is not None
    assert kept.person is None
    assert await begun(call.house) == []
    await call.over()
    assert call.house.errands.outcome(CLAIM) is Outcome.NO_ANSWER


async def test_c23_a_locked_number_and_a_right_pin_sound_like_a_wrong_one(call: RungUp) -> None:
    await call.pick_up()
    for _ in range(3):
        await call.press_all("1", WRONG, WRONG)
        await call.pick_up()
    await call.press_all("1", PIN)
    assert await call.is_asked("outbound_not_proved", "outbound_identity_again")


async def test_c23_an_unknown_number_sounds_like_a_wrong_pin(house: House) -> None:
    async with ringing(house, number="+493099999999") as call:
        await call.pick_up()
        await call.press_all("1", PIN)
        assert await call.is_asked("outbound_not_proved", "outbound_identity_again")


async def test_c23_a_reminder_that_names_nobody_is_for_whoever_has_the_number(
    house: House,
) -> None:
    async with ringing(house, person=None) as call:
        await call.pick_up()
        await call.press_all("1", BERTS_PIN)
        assert await call.hears_notice()


class _AwayDirectory:
    """A directory that does not answer."""

    async def verify(self, phone: str, secret: Secret) -> Verified | Failed | Away:
        del phone, secret
        return Away()

    async def record(self, person: PersonKey) -> Record | Away:
        del person
        return Away()

    async def enrol(self, name: str, phone: str) -> Enrolled | Away:
        del name, phone
        return Away()

    async def drop(self, person: PersonKey) -> None:
        del person


async def test_c23_a_directory_that_is_away_sounds_like_a_wrong_pin(call: RungUp) -> None:
    house = call.house
    house.outbound = replace(house.outbound, directory=_AwayDirectory())
    call._client._transport = httpx.ASGITransport(house._app())
    await call.pick_up()
    await call.press_all("1", PIN)
    assert await call.is_asked("outbound_not_proved", "outbound_identity_again")
    await call.press(PIN)
    assert await call.said_goodbye("outbound_not_proved")


# -- nothing before identity -----------------------------------------------------------------------

TELLING = re.compile(
    r"termin|appointment|erinner|remind|behandl|treat|patient|kund|custom|werkstatt|garage|praxis|"
    r"arzt|doctor|hotel|auto\b|car\b|buch|book|uhr\b|o'clock|inspektion|service|berger|"
    r"montag|dienstag|mittwoch|donnerstag|freitag|monday|tuesday|wednesday|thursday|friday|\bmorgen\b",
    re.IGNORECASE,
)
"""Words by which somebody could learn who rings whom about what."""


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("key", [*OUTBOUND, "connecting_human", "human_unavailable"])
def test_c27_no_prompt_before_identity_says_what_the_call_is_about(key: str, language: str) -> None:
    text = sample_call.script().line(key, language).text
    assert not TELLING.search(text), text
    said = set(re.findall(r"\w{4,}", text.casefold()))
    assert not said & about(language)


def about(language: str) -> set[str]:
    """What is done for people in the shipped configuration and the examples, and by whom."""
    words: set[str] = set()
    configurations = [sample_call.HOME / "config"]
    configurations += sorted((sample_call.HOME / "config" / "examples").iterdir())
    for each in configurations:
        plan = load_plan(each)
        names = [AgentConfig.load(each).company.name, AgentConfig.load(each).controller.name]
        if plan is not None:
            names += [service.names[language] for service in plan.services.values()]
        words |= set(re.findall(r"\w{4,}", " ".join(names).casefold()))
    assert "praxis" in words
    return words


async def test_c27_before_identity_nothing_but_the_neutral_prompts_is_played(
    house: House,
) -> None:
    """Every path to the fourth key, in both languages."""
    script = house.board.answers.script
    neutral = {
        f"/audio/{house.recordings.name((script.line(key, language),))}.wav"
        for key in (*OUTBOUND, "connecting_human")
        for language in ("de", "en")
    }
    async with ringing(house, person=PersonKey("k-nobody")) as call:
        await call.pick_up()
        waiting = [(call.action, 0)]
        seen = 0
        while waiting:
            action, depth = waiting.pop()
            for digits in ("", "0", "1", "5", "8", "9", "#", "4242"):
                # No real secrets: each costs a tenth of a second, and four in a call are tried.
                await call.ask(action, Digits=digits)
                seen += 1
                assert set(call.plays) <= neutral
                assert set(call.verbs) <= {"Gather", "Play", "Hangup", "Dial"}
                assert not TELLING.search(call.documents[-1])
                assert NUMBER not in call.documents[-1]
                if "Gather" in call.verbs and depth < 3 and digits in {"1", "5", "9"}:
                    waiting.append((call.action, depth + 1))
        assert seen > 100
    assert await tokens(house) == 0


async def test_c27_machine_detection_is_never_asked_for_and_never_believed(call: RungUp) -> None:
    for path in (Path(sample_call.HOME) / "voice_agent").rglob("*.py"):
        text = path.read_text(encoding="utf-8").lower().replace("_", "")
        assert "machinedetection" not in text, path
        assert "answeredby" not in text, path
        assert "asyncamd" not in text, path
    address = f"/twilio/outbound?claim={CLAIM}&language=de"
    await call.ask(address, AnsweredBy="machine_start", MachineDetectionDuration="3000")
    assert await call.hears_opener()


async def test_c27_a_voicemail_gets_the_opener_and_a_hang_up(call: RungUp) -> None:
    """It presses nothing, so the carrier asks for nothing more."""
    await call.pick_up()
    assert await call.over("completed") == 204
    assert call.house.errands.outcome(CLAIM) is Outcome.NO_ANSWER
    assert len(call.documents) == 1
    assert await begun(call.house) == []


# -- whose stream ----------------------------------------------------------------------------------


def start(call: RungUp, opened: int = -1) -> Start:
    """The first message of a stream that was opened, of the last one if left out."""
    documents = [each for each in call.documents if "<Connect" in each]
    found = ET.fromstring(documents[opened]).iter("Parameter")  # noqa: S314 (checked)
    return Start(
        stream_sid="MZ" + "1" * 32,
        sequence=1,
        account_sid="AC" + "0" * 32,
        call_sid=call.call_id,
        custom_parameters={each.get("name", ""): each.get("value", "") for each in found},
    )


async def test_a_stream_has_its_errand_with_the_person_who_proved_to_be_it(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("1", PIN, "1")
    admission = await call.house.board.admit(start(call))
    assert admission is not None
    assert admission.errand is not None
    assert (admission.errand.claim, admission.errand.person) == (CLAIM, ANNA)
    assert admission.number == NUMBER


async def test_c23_a_stream_whose_errand_nobody_proved_to_be_right_for_does_not_begin(
    call: RungUp,
) -> None:
    await call.pick_up()
    await call.press_all("1", PIN, "1")
    attempt = call.house.errands.attempts[CLAIM]
    attempt.errand = replace(attempt.errand, person=None)
    assert await call.house.board.admit(start(call)) is None


async def test_a_stream_whose_errand_is_away_does_not_begin(call: RungUp) -> None:
    await call.pick_up()
    await call.press_all("1", PIN, "1")
    call.house.errands.away = True
    assert await call.house.board.admit(start(call)) is None


# -- what goes wrong -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?claim=",
        "?claim=unknown&language=de",
        f"?claim={'c' * 65}&language=de",
        "?claim=..%2F..%2Fetc&language=de",
        "?claim=%27%20OR%201%3D1--&language=de",
        "?claim=%00&language=de",
    ],
)
async def test_c27_a_call_without_an_errand_is_hung_up_with_nothing_said(
    call: RungUp, query: str
) -> None:
    await call.ask("/twilio/outbound" + query)
    assert call.is_silent_end()


async def test_c27_an_errand_that_is_over_or_anothers_is_hung_up_with_nothing_said(
    call: RungUp,
) -> None:
    await call.pick_up()
    async with RungUp(call.house) as other:
        await other.pick_up()
        assert other.is_silent_end()
        await other.ask(call.action, Digits="1")
        assert other.is_silent_end()
    await call.over("completed")
    action = call.action
    await call.pick_up()
    assert call.is_silent_end()
    await call.ask(action, Digits="1")
    assert call.is_silent_end()


@pytest.mark.parametrize("stage", ["", "x", "OPENER", "proved", "second%00"])
async def test_c27_a_stage_that_is_none_is_hung_up_with_nothing_said(
    call: RungUp, stage: str
) -> None:
    await call.pick_up()
    path = f"/twilio/outbound/key?claim={CLAIM}&language=de&stage={stage}"
    await call.ask(path, Digits="1")
    assert call.is_silent_end()


async def test_a_language_nobody_speaks_is_the_default_one(call: RungUp) -> None:
    await call.pick_up(language="xx")
    assert await call.hears_opener(language="de")


async def test_webhooks_that_come_again_are_answered_again_and_change_nothing(
    call: RungUp,
) -> None:
    await call.pick_up()
    first = call.documents[-1]
    await call.pick_up()
    assert call.documents[-1] == first
    await call.press("1")
    action = call.action
    for _ in range(3):
        await call.ask(action, Digits=PIN)
        assert await call.hears_notice()
    assert await begun(call.house) == [(Direction.OUTBOUND, "de")]
    await call.press("1")
    assert "Connect" in call.verbs
    await call.ask(action, Digits=PIN)
    await call.press("1")
    assert await call.house.board.admit(start(call, 0)) is not None
    assert await call.house.board.admit(start(call)) is None


@pytest.mark.parametrize("signature", [None, "", "forged", "RSOYDt4T1cUTdK1PDd93/VVr8B8="])
@pytest.mark.parametrize(
    "path",
    [
        f"/twilio/outbound?claim={CLAIM}&language=de",
        f"/twilio/outbound/key?claim={CLAIM}&language=de&stage=identity",
        "/twilio/message",
        f"/twilio/status/call?claim={CLAIM}",
    ],
)
async def test_whoever_has_not_signed_learns_and_changes_nothing(
    call: RungUp, path: str, signature: str | None
) -> None:
    headers = {} if signature is None else {"X-Twilio-Signature": signature}
    form = call.form(Digits="8", Body="STOP", CallStatus="completed")
    response = await call._client.post(path, data=form, headers=headers)
    assert response.status_code == 403
    assert call.house.errands.asked == []
    assert not await is_refused(call.house)


async def test_c23_the_stage_cannot_be_changed_without_the_carrier(call: RungUp) -> None:
    """Else a second attempt could be made a first one again and again."""
    await call.pick_up()
    await call.press_all("1", WRONG)
    second = call.action
    form = call.form(Digits=WRONG)
    signature = call.house.signatures.sign_form(second, form.items())
    response = await call._client.post(
        second.replace("stage=second", "stage=identity"),
        data=form,
        headers={"X-Twilio-Signature": signature},
    )
    assert response.status_code == 403


@pytest.mark.parametrize("way", ["away", "hangs"])
@pytest.mark.parametrize("keys", STAGES.values(), ids=STAGES.keys())
async def test_c27_while_the_records_are_away_a_neutral_goodbye_is_said(
    call: RungUp, keys: list[str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voice_agent.runtime.registrar.RECORD_LIMIT", 0.05)
    if keys:
        await call.pick_up()
        await call.press_all(*keys[:-1])
        setattr(call.house.errands, way, True)
        await call.press(keys[-1])
    else:
        setattr(call.house.errands, way, True)
        await call.pick_up()
    assert await call.said_goodbye()
    assert call.house.metrics.counted("outbound_records_away") == 1


async def test_an_answer_comes_in_time_whatever_hangs(
    call: RungUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Endless(_AwayDirectory):
        async def verify(self, phone: str, secret: Secret) -> Verified | Failed | Away:
            await call.house.errands._hang()
            return await super().verify(phone, secret)

    monkeypatch.setattr("voice_agent.twilio.outbound.ANSWER_LIMIT", 0.05)
    house = call.house
    house.outbound = replace(house.outbound, directory=Endless())
    call._client._transport = httpx.ASGITransport(house._app())
    await call.pick_up()
    await call.press_all("1", PIN)
    assert await call.said_goodbye()


async def test_a_fault_of_ours_is_a_goodbye_and_not_an_error_page(call: RungUp) -> None:
    class Broken(_AwayDirectory):
        async def verify(self, phone: str, secret: Secret) -> Verified | Failed | Away:
            raise RuntimeError(f"{phone} {secret}")

    house = call.house
    house.outbound = replace(house.outbound, directory=Broken())
    call._client._transport = httpx.ASGITransport(house._app())
    await call.pick_up()
    await call.press_all("1", PIN)
    assert await call.said_goodbye()
    assert house.metrics.counted("webhook_fault") == 1


@pytest.mark.parametrize("keys", STAGES.values(), ids=STAGES.keys())
async def test_a_server_that_stops_asks_nothing_more_and_takes_refusals_still(
    call: RungUp, keys: list[str]
) -> None:
    await call.pick_up()
    await call.press_all(*keys)
    action = call.action
    call.house.stopping = True
    await call.press("1")
    assert await call.said_goodbye()
    await call.ask(action, Digits="8")
    assert await is_refused(call.house)
    await call.pick_up()
    assert await call.said_goodbye()


async def test_c2_where_callers_hear_the_notice_in_the_stream_those_we_ring_up_hear_it_before(
    tmp_path: Path,
) -> None:
    """So that key 8 works there as well."""
    async with opened(tmp_path, in_stream=True) as house, ringing(house) as call:
        await call.pick_up()
        await call.press_all("1", PIN)
        assert await call.hears_notice()
        assert await tokens(house) == 0
        notice = call.action
        await call.press("1")
        assert call.verbs[0] == "Connect"
        admission = await house.board.admit(start(call))
        assert admission is not None
        assert admission.receipt is not None
        assert admission.errand is not None
        await call.ask(notice, Digits="8")
        assert await is_refused(house)


async def test_c18_a_webhook_shows_no_keys_and_the_log_no_person(call: RungUp, logged: Any) -> None:
    await call.pick_up()
    await call.press_all("1", WRONG, PIN)
    call.house.errands.away = True
    await call.press_all("1")
    await call.over("busy")
    for secret in (NUMBER[1:], PIN, WRONG, BORN_KEYS, "k-anna", "CANARY"):
        assert secret not in logged.getvalue()
    place = Place(language="de", attempt=0, notice="")
    hook = Webhook(
        call_id="CA1",
        number=NUMBER,
        digits=PIN,
        fields={},
        place=place,
        dialled=False,
        stage=Stage.IDENTITY,
    )
    assert PIN not in repr(hook)
    assert NUMBER not in repr(hook)


async def test_where_we_ring_nobody_up_there_are_no_such_addresses(tmp_path: Path) -> None:
    async with opened(tmp_path, rings_up=False) as house, ringing(house) as call:
        for path in (f"/twilio/outbound?claim={CLAIM}", f"/twilio/outbound/key?claim={CLAIM}"):
            assert (await call.post(path)).status_code == 404
        assert (await call.post("/twilio/status/call", CallStatus="completed")).status_code == 204
        assert (await call.post("/twilio/message", Body="STOP", From=NUMBER)).status_code == 200
