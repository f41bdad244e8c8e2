from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.outreach import Refusal
from tests.console.reminder_house import texts
from voice_agent.console.day_of_calls import BOTTOM, KINDS, LEFT, RIGHT, TOP, day_of_calls
from voice_agent.console.reminder_view import ReminderView
from voice_agent.console.texts import LANGUAGES
from voice_agent.outbound.campaign import RUNNING, HourOfCalls, Pause, Standing
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.plan import Why
from voice_agent.storage.reminders import SETTLED

TEN = datetime(2026, 11, 26, 10, tzinfo=UTC)


def hours(*calls: Mapping[str, int]) -> list[HourOfCalls]:
    return [
        HourOfCalls(begins=TEN + timedelta(hours=number), calls=each)
        for number, each in enumerate(calls)
    ]


# -- the picture -----------------------------------------------------------------------------------


@pytest.mark.parametrize("calls", [[], [{}], [{}, {}]])
def test_without_calls_nothing_is_drawn(calls: list[Mapping[str, int]]) -> None:
    assert day_of_calls(hours(*calls)) is None


def test_a_bar_is_as_high_as_its_calls_and_stands_on_the_ground() -> None:
    drawn = day_of_calls(hours({Outcome.TOLD: 2, Outcome.BUSY: 1, RUNNING: 1}, {Outcome.MOVED: 2}))
    assert drawn is not None
    assert [block.kind for block in drawn.blocks] == ["reached", "missed", "running", "changed"]
    one = (BOTTOM - TOP) / 4
    assert [block.height for block in drawn.blocks] == pytest.approx(
        [2 * one - 1, one - 1, one - 1, 2 * one - 1], abs=0.1
    )
    assert drawn.blocks[2].y == pytest.approx(TOP, abs=0.1)
    assert drawn.blocks[3].y + drawn.blocks[3].height + 1 == pytest.approx(BOTTOM, abs=0.1)
    assert [mark.text for mark in drawn.hours] == ["10", "11"]
    assert [mark.text for mark in drawn.calls] == ["0", "2", "4"]
    assert drawn.rows == (("10:00", (2, 0, 0, 1, 1), 4), ("11:00", (0, 2, 0, 0, 0), 2))


@pytest.mark.parametrize("count", [1, 13, 24])
def test_bars_stay_within_the_picture_and_apart(count: int) -> None:
    calls: list[Mapping[str, int]] = [{Outcome.TOLD: 10**6}] * count
    drawn = day_of_calls(hours(*calls))
    assert drawn is not None
    edges = [edge for block in drawn.blocks for edge in (block.x, block.x + block.width)]
    assert edges == sorted(edges)
    assert LEFT <= edges[0] < edges[-1] <= RIGHT
    assert all(TOP <= block.y < BOTTOM for block in drawn.blocks)


def test_an_outcome_of_another_version_is_drawn_as_one_that_reached_nobody() -> None:
    drawn = day_of_calls(hours({"something_new": 3}))
    assert drawn is not None
    assert [block.kind for block in drawn.blocks] == ["missed"]


def test_every_outcome_has_one_colour() -> None:
    shown = [outcome for kind in KINDS.values() for outcome in kind]
    assert sorted(shown) == sorted([*Outcome, RUNNING])


# -- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_outcome_and_every_reason_has_a_word(language: str) -> None:
    said = texts(language)
    assert {*Outcome, *SETTLED, "listed"} <= said["outcomes"].keys()
    assert ({*Why, *Refusal} - {Why.RUNNING}) <= said["whys"].keys()
    assert list(said["kinds"]) == list(KINDS)


def test_both_languages_say_the_same_things() -> None:
    def names(told: object) -> object:
        if isinstance(told, dict):
            return {key: names(value) for key, value in told.items()}
        return None

    assert names(texts("de")) == names(texts("en"))


def standing(**counts: Mapping[str, int]) -> Standing:
    return Standing(
        at=TEN,
        states={"open": 4, "done": 3, "texted": 2},
        outcomes=counts.get("outcomes", {}),
        running=1,
        calls=2,
        texts=0,
        following=(TEN,),
        left=counts.get("left", {}),
        pause=Pause(since=TEN, reason="carrier_refused"),
        day=TEN.date(),
        hours=(),
    )


def test_the_most_comes_first_and_a_name_without_a_word_is_shown_itself() -> None:
    told = standing(outcomes={"told": 1, "confirmed": 7}, left={"over_the_moon": 2, "hours": 2})
    facts = ReminderView("de", UTC).facts(told)
    assert facts["outcomes"] == [("Termin bestätigt", 7), ("Erinnert", 1)]
    assert facts["left"] == [("Außerhalb der Anrufzeiten", 2), ("over the moon", 2)]
    assert (facts["open"], facts["done"]) == (4, 5)


def test_moments_are_told_in_the_pages_language() -> None:
    german, english = (ReminderView(each, UTC).facts(standing()) for each in ("de", "en"))
    assert german["following"] == ["Do., 26. Nov., 10:00 Uhr"]
    assert english["following"] == ["Thu, 26 Nov, 10:00"]
    assert german["pause"]["reason"] == "der Netzbetreiber hat sie abgelehnt."
    coded = replace(standing(), pause=Pause(since=TEN, reason="carrier_refused_20003"))
    told = ReminderView("en", UTC).facts(coded)["pause"]["reason"]
    assert told == "the carrier refused them. (20003)"
    assert ReminderView("xx", UTC).facts(standing())["day"] == "Donnerstag, 26. November"
