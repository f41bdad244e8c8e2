from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from tests.outbound.company import BERLIN, NOW
from voice_agent.commands.campaign import WIDEST, lines_of, record_of
from voice_agent.outbound.campaign import HourOfCalls, Pause, Standing
from voice_agent.outbound.claim import Outcome


def standing(*hours: HourOfCalls) -> Standing:
    return Standing(
        at=NOW,
        states={"open": 3, "done": 2},
        outcomes={"confirmed": 1, "listed": 1},
        running=1,
        calls=2,
        texts=4,
        following=(datetime(2026, 11, 26, 9, 30, tzinfo=UTC),),
        left={"hours": 2, "no_consent": 1},
        pause=Pause(since=NOW, reason="carrier_refused"),
        day=NOW.date(),
        hours=hours,
    )


def hour(later: int, **calls: int) -> HourOfCalls:
    return HourOfCalls(begins=NOW + timedelta(hours=later), calls=calls)


def test_everything_is_told_and_the_day_is_a_picture() -> None:
    told = lines_of(standing(hour(0, confirmed=2, busy=1), hour(1), hour(2, running=1)), BERLIN)
    assert told == [
        "All reminders are stopped since 2026-11-26 10:00 (carrier_refused).",
        "reminders: done 2, open 3",
        "done, confirmed: 1",
        "done, listed: 1",
        "calls going on: 1",
        "calls planned: 2; text messages planned: 4",
        "next: 2026-11-26 10:30",
        "not rung up, hours: 2",
        "not rung up, no_consent: 1",
        "calls today, by hour:",
        "10:00 ### 3 (busy 1, confirmed 2)",
        "11:00",
        "12:00 # 1 (running 1)",
    ]


def test_no_bar_is_wider_than_a_window() -> None:
    told = lines_of(standing(hour(0, told=3000), hour(1, told=1)), BERLIN)[-2:]
    assert [line.count("#") for line in told] == [WIDEST, 1]


def test_a_program_reads_the_same() -> None:
    record = record_of(standing(hour(0, **{Outcome.TOLD: 2})), BERLIN)
    assert json.loads(json.dumps(record)) == record
    assert record["next"] == ["2026-11-26T10:30:00+01:00"]
    assert record["hours"] == [{"begins": "2026-11-26T10:00:00+01:00", "calls": {"told": 2}}]
    assert record["pause"] == {"since": "2026-11-26T10:00:00+01:00", "reason": "carrier_refused"}
