from __future__ import annotations

from datetime import UTC, datetime

import pytest

from voice_agent.privacy.texts import ZONE, Wording, load, preferred


@pytest.mark.parametrize(
    ("month", "language", "told"),
    [
        (11, "de", "24. November 2026, 12:05 Uhr MEZ"),
        (7, "de", "24. Juli 2026, 13:05 Uhr MESZ"),
        (11, "en", "24 November 2026, 12:05 CET"),
        (7, "en", "24 July 2026, 13:05 CEST"),
    ],
)
def test_moments_are_told_as_the_companys_clocks_show_them(
    month: int, language: str, told: str
) -> None:
    at = datetime(2026, month, 24, 11, 5, tzinfo=UTC)
    assert Wording(language, ZONE).moment(at) == told


def test_whatever_is_kept_can_be_put_into_rows() -> None:
    item = {
        "record": "consent record",
        "told_at": None,
        "evidence": {"key": "1", "heard_ms": 5},
        "events": [{"at": "2026-11-24T11:05:00.000Z"}, {"at": "no time"}],
        "purposes": ["conversation"],
        "restricted": False,
        "something_new": 7,
    }
    assert Wording("en", ZONE).rows(item) == [
        ("Type", "consent"),
        ("Evidence · key", "1"),
        ("Evidence · heard (ms)", "5"),
        ("Event · 1 · Time", "24 November 2026, 12:05 CET"),
        ("Event · 2 · Time", "no time"),
        ("Purposes", "conversation"),
        ("restricted", "no"),
        ("something new", "7"),
    ]


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("", "de"), ("en", "en"), ("fr,en-US;q=0.8", "en"), ("xx", "de"), (";;,,", "de")],
)
def test_the_first_language_there_is_is_taken(accepted: str, language: str) -> None:
    assert preferred(accepted) == language


def test_both_languages_say_the_same_things() -> None:
    def names(texts: object) -> object:
        if isinstance(texts, dict):
            return {key: names(value) for key, value in texts.items()}
        return None

    assert names(load("de")) == names(load("en"))
