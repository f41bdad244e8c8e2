from __future__ import annotations

import json

import pytest

from voice_agent.commands.account import Account, percentile
from voice_agent.commands.output import Output
from voice_agent.live.observation import AgentSaid, AnswerHeard, CallerSaid, TurnTimed
from voice_agent.phone.report import (
    AgentSpoke,
    CallerSpoke,
    Ended,
    EndReason,
    HandedOver,
    KeyPressed,
    NoticeHeard,
    StreamOpened,
    TurnMeasured,
)


def play(account: Account) -> None:
    account.tell(NoticeHeard(0.1, 17.0, complete=True))
    account.tell(KeyPressed(17.7, "1"))
    account.tell(StreamOpened(17.8))
    account.see(AgentSaid("Hello."))
    account.see(AgentSaid("How can I help?"))
    account.tell(AgentSpoke(17.9, 2.0))
    account.tell(CallerSpoke(20.5, 1.5, "hours.wav"))
    account.see(CallerSaid(1, "When are you open?"))
    account.see(AnswerHeard(0, 99))
    account.see(TurnTimed(1, 4000, 0.7, 0.2, 0.1, 140, 450, 420, 440, 460))
    account.see(AgentSaid("From eight to six."))
    account.see(AnswerHeard(1, 770))
    account.tell(TurnMeasured(1, "hours.wav", 0.8, 0.0))
    account.tell(AgentSpoke(22.8, 1.5))
    account.tell(HandedOver(25.0, "+4930901821"))
    ended = Ended(25.0, EndReason.HANDED_OVER, 0.001)
    account.tell(ended)
    account.close(ended)


def test_a_call_as_json_has_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    play(Account(Output(as_json=True)))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == [
        "notice",
        "key",
        "stream",
        "heard",
        "said",
        "turn",
        "heard",
        "handover",
        "end",
    ]
    assert lines[3]["text"] == "Hello. How can I help?"
    assert lines[5] == {
        "type": "turn",
        "turn": 1,
        "name": "hours.wav",
        "seconds": 0.8,
        "overlap_seconds": 0.0,
        "text": "When are you open?",
        "recognition_seconds": 0.2,
        "synthesis_seconds": 0.1,
        "pause_ms": 140,
        "judged_ms": 450,
        "transcript_ms": 420,
        "decided_ms": 440,
        "reply_ms": 460,
        "sent_ms": 700,
        "heard_ms": 770,
    }
    assert lines[6]["text"] == "From eight to six."
    assert lines[8] == {
        "type": "end",
        "seconds": 25.0,
        "reason": "handed_over",
        "lag": 0.001,
        "turns": 1,
        "p50": 0.8,
        "p95": 0.8,
    }


def test_a_call_for_a_person_reads_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    play(Account(Output()))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "notice    17.0 s, to the end"
    assert lines[5] == (
        "turn 1    understood “When are you open?”, answered after 0.80 s, "
        "recognition 0.20 s, voice 0.10 s"
    )
    assert lines[6] == (
        "          pause 140, transcript 420, decided 440, judged 450, reply 460, sent 700, "
        "heard 770 ms"
    )
    assert lines[9] == "end       handed over after 25.0 s; voice to voice p50 0.80 s, p95 0.80 s"


def test_without_words_the_measures_are_told_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    account = Account(Output(as_json=True))
    account.tell(AgentSpoke(1.0, 2.0))
    account.tell(TurnMeasured(1, "a.wav", None, 0.0))
    account.close(Ended(3.0, EndReason.CALLER_HUNG_UP, 0.0))
    heard, turn, end = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert heard["text"] is None
    assert (turn["text"], turn["seconds"], turn["recognition_seconds"]) == (None, None, None)
    assert (turn["pause_ms"], turn["sent_ms"], turn["heard_ms"]) == (None, None, None)
    assert (end["turns"], end["p50"], end["p95"]) == (1, None, None)


def test_reports_without_words_wait_for_them(capsys: pytest.CaptureFixture[str]) -> None:
    """The server shows none: what was held back is told in order once they were found."""
    account = Account(Output(as_json=True))
    account.unseen()
    spoke = AgentSpoke(1.0, 2.0)
    account.tell(KeyPressed(0.5, "1"))
    account.tell(spoke)
    assert capsys.readouterr().out == ""
    assert account.untold == [KeyPressed(0.5, "1"), spoke]
    account.reveal({spoke: "Hello."})
    key, heard = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (key["type"], heard["text"]) == ("key", "Hello.")
    assert account.untold == []


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([1.0], 95, 1.0), ([1.0, 2.0, 3.0], 50, 2.0), ([1.0, 2.0], 95, 2.0)],
)
def test_percentiles_are_values_that_occurred(
    values: list[float], percent: float, expected: float | None
) -> None:
    assert percentile(values, percent) == expected
