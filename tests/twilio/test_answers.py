from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.runtime import sample_call
from tests.runtime.engines import Tones
from voice_agent.recordings import Recordings
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.voice import Voice
from voice_agent.twilio.answers import Answers, Place
from voice_agent.twilio.twiml import Document, verbs

PUBLIC = "https://agent.example"
VERSION = "ab" * 32
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
MS = round(NOW.timestamp() * 1000)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    directory: Path = tmp_path_factory.mktemp("recordings")
    script = sample_call.script()
    voices = {name: Voice(name, Tones(ms=0.1), SpeechCache()) for name in ("de", "en")}
    recordings = Recordings(directory, voices)
    for language in voices:
        for lines in script.recorded(language):
            recordings.render(lines)
    return Answers(
        script=script,
        recordings=recordings,
        public_url=PUBLIC,
        socket_url="wss://agent.example/twilio/media",
        key_s=6,
        handover_number="+4930901821",
        caller_id="+4930901822",
        dial_s=25,
        clock=lambda: NOW,
    )


def place(language: str, attempt: int) -> Place:
    return Place(language=language, attempt=attempt, notice=VERSION)


def every(answers: Answers) -> list[Document]:
    for language in ("de", "en"):
        answers.recordings.render(answers.script.full_notice(language))  # as when key 3 is pressed
    return [
        document
        for language in ("de", "en")
        for document in (
            answers.notice(language, VERSION),
            answers.repetition(place(language, 0)),
            answers.repetition(place(language, 9)),
            answers.remark(place(language, 1), "sms_sent"),
            answers.offer(place(language, 0), "full_notice", answers.script.full_notice(language)),
            answers.stream(language, {"token": "t" * 43, "language": language}),
            answers.human(language),
            answers.human(language, None),
            answers.transfer(language, "+4930901829"),
            answers.goodbye(language),
            answers.goodbye(language, "no_choice_goodbye"),
        )
    ]


def test_c3_no_answer_has_a_verb_that_listens_outside_the_gate(answers: Answers) -> None:
    allowed = {"Play", "Gather", "Redirect", "Dial", "Hangup", "Connect", "Stream", "Parameter"}
    for document in every(answers):
        assert set(verbs(document)) <= allowed
        assert "speech" not in document


def test_every_address_is_ours_and_absolute(answers: Answers) -> None:
    for document in every(answers):
        for part in document.replace(">", '"').replace("<", '"').split('"'):
            if "//" in part:
                assert part.startswith((PUBLIC + "/", "wss://agent.example/"))


def test_the_state_of_the_notice_travels_in_the_address_it_comes_back_to(answers: Answers) -> None:
    where = f"/twilio/consent?language=en&amp;attempt=2&amp;notice={VERSION}&amp;part=repetition"
    assert where in answers.repetition(place("en", 2))


def test_c13_the_address_says_what_is_played_from_when_and_since_when_it_is_asked(
    answers: Answers,
) -> None:
    asked = replace(place("en", 2), asked_ms=MS - 30_000)
    seconds = answers.recordings.seconds(
        answers.recordings.name(answers.script.repetition("en", 2))
    )
    document = answers.repetition(asked)
    played = f"&amp;part=repetition&amp;played={round(seconds * 1000)}"
    assert f"{played}&amp;since={MS}&amp;asked={MS - 30_000}<" in document


def test_c13_the_notice_begins_the_count_anew_and_names_its_version(answers: Answers) -> None:
    document = answers.notice("de", VERSION)
    assert f"/twilio/consent?language=de&amp;attempt=0&amp;notice={VERSION}&amp;" in document
    assert f"&amp;since={MS}&amp;asked={MS}<" in document


def test_c6_a_human_is_dialled_plainly_and_we_ask_what_became_of_it(answers: Answers) -> None:
    document = answers.human("de")
    assert verbs(document) == ["Play", "Dial"]
    assert 'callerId="+4930901822"' in document
    assert "/twilio/after?language=de&amp;dialled=1" in document


def test_another_number_than_the_usual_is_dialled_for_an_operator(answers: Answers) -> None:
    document = answers.transfer("en", "+4930901829")
    assert verbs(document) == ["Dial"]
    assert "+4930901829" in document
    assert "/twilio/after?language=en&amp;dialled=1" in document


def test_without_a_human_the_caller_is_told(answers: Answers) -> None:
    assert verbs(replace(answers, handover_number=None).human("de", None)) == ["Play", "Hangup"]


def test_a_line_that_was_not_recorded_is_a_fault_of_ours_and_never_silence(
    answers: Answers,
) -> None:
    with pytest.raises(KeyError):
        answers.goodbye("de", "greeting")
