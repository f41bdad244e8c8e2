from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import get_args

import pytest

from consent import outreach
from consent.purpose import Purpose
from consent.receipt import Clock, ConsentRecord, Means, State
from voice_agent.live.command import Verb
from voice_agent.outbound import reminder
from voice_agent.outbound.claim import Outcome
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.privacy.texts import LANGUAGES, ZONE, Wording, load, preferred
from voice_agent.runtime.audit import Actor
from voice_agent.runtime.message import MessageStatus
from voice_agent.runtime.portal import MOST_CODES
from voice_agent.runtime.records import Direction, Disposition
from voice_agent.storage.reminders import SETTLED
from voice_agent.storage.tables import (
    access_log,
    audit_log,
    calls,
    consent_withdrawals,
    do_not_call,
    message_counts,
    messages,
    portal_links,
    reminder_attempts,
    reminder_consents,
    reminders,
    stream_tokens,
)
from voice_agent.tools.appointment import Participation, Status
from voice_agent.twilio.answers import PARTS

WORDS = (
    Purpose,
    Clock,
    Means,
    State,
    MessageStatus,
    Direction,
    Disposition,
    Status,
    Participation,
    reminder.State,
    Outcome,
    SETTLED,
    ToldBy,
    outreach.Means,
)

EXPORTED = (
    access_log,
    audit_log,
    calls,
    consent_withdrawals,
    do_not_call,
    message_counts,
    messages,
    portal_links,
    reminder_attempts,
    reminder_consents,
    reminders,
    stream_tokens,
)
TABLES = (do_not_call, reminder_attempts, reminder_consents, reminders)
SEALED = {"account", "sealed_number"}
"""Which colleague looked is not told, and of a number itself, not what is sealed."""


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_c20_no_word_of_the_program_is_shown_raw_to_whoever_asks_for_their_data(
    language: str,
) -> None:
    """Every word that a kept record may hold, and every name of an exported column."""
    texts = load(language)
    words = {
        *(word for words in WORDS for word in words),
        *PARTS,
        *(table.name for table in TABLES),
        *("claimed", "dialling", "ended", "listed"),
        *(f"code_{number}" for number in range(1, MOST_CODES + 1)),
        *get_args(Actor),
        *(f"call.{verb}" for verb in Verb),
        *(f"keep_{purpose}" for purpose in Purpose),
        *("subject_export", "subject_erase", "prove", "done", "begun", "refused", "shown"),
    }
    assert sorted(words - texts["values"].keys()) == []
    columns = {
        *(column.name for table in EXPORTED for column in table.columns),
        *(field.name for field in fields(ConsentRecord) if field.name != "heard"),
        "entry_number",
    }
    assert sorted(columns - SEALED - texts["fields"].keys()) == []
    assert {"reminders"} <= texts["places"].keys()
    assert {"objection"} <= texts["reasons"].keys()


def test_both_languages_say_the_same_things() -> None:
    def names(texts: object) -> object:
        if isinstance(texts, dict):
            return {key: names(value) for key, value in texts.items()}
        return None

    assert names(load("de")) == names(load("en"))
