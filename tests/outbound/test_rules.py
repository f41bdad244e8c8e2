"""``config/reminders.yaml``: the example is right, and what is wrong is told with its line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.outbound.company import BERLIN
from voice_agent.agent import AgentConfig
from voice_agent.errors import ConfigurationError
from voice_agent.outbound.reminder import Policy, Texting
from voice_agent.outbound.rules import ReminderRules, load_rules, load_rules_of

EXAMPLE = Path(__file__).parents[2] / "config"
SMALLEST = "public_holidays: {country: DE, state: BE}\ncountries: [DE]\ncaller_name: Büro Berger\n"


def load(tmp_path: Path, text: str) -> ReminderRules:
    (tmp_path / "reminders.yaml").write_text(text, encoding="utf-8")
    rules = load_rules(tmp_path)
    assert rules is not None
    return rules


def allowed(policy: Policy, moment: str) -> bool:
    """May people be rung up at this time in Berlin?"""
    return policy.hours.allow(datetime.fromisoformat(moment).replace(tzinfo=BERLIN))


def test_without_the_file_nobody_is_reminded(tmp_path: Path) -> None:
    assert load_rules(tmp_path) is None


def test_the_example_says_what_holds_without_it(tmp_path: Path) -> None:
    example = load_rules(EXAMPLE)
    assert example is not None
    smallest = load(tmp_path, SMALLEST)
    assert example.model_copy(update={"no_calls": ()}) == smallest
    policy = smallest.policy()
    assert (policy.first, policy.last) == (timedelta(hours=48), timedelta(hours=3))
    assert (policy.attempts, policy.texting, policy.countries) == (
        2,
        Texting.NEVER,
        frozenset({"DE"}),
    )


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        ("2026-11-26 08:59", False),
        ("2026-11-26 09:00", True),
        ("2026-11-26 18:59", True),
        ("2026-11-26 19:00", False),
        ("2026-11-28 12:00", False),  # a Saturday
        ("2026-12-24 12:00", False),  # written into the file
        ("2026-12-25 12:00", False),  # Christmas
        ("2027-03-08 12:00", False),  # in Berlin alone
        ("2027-03-29 12:00", False),  # Easter Monday
        ("2027-03-30 12:00", True),
        ("2076-03-30 12:00", False),  # nobody knows the holidays
    ],
)
def test_c26_nobody_is_rung_up_outside_the_hours_or_on_a_public_holiday_of_the_land(
    moment: str, may: bool
) -> None:
    rules = load_rules(EXAMPLE)
    assert rules is not None
    assert allowed(rules.policy(), moment) is may


def test_the_holidays_are_those_of_the_land(tmp_path: Path) -> None:
    bavaria = load(tmp_path, SMALLEST.replace("BE", "BY")).policy()
    assert date(2027, 1, 6) in bavaria.hours.holidays
    assert allowed(bavaria, "2027-03-08 12:00")


def test_hours_can_have_a_break_and_a_saturday(tmp_path: Path) -> None:
    text = SMALLEST + 'hours: {mon: "08:00-12:00, 13:00-21:00", sat: 10:00-12:00}\n'
    policy = load(tmp_path, text).policy()
    assert allowed(policy, "2026-11-30 08:00")
    assert not allowed(policy, "2026-11-30 12:30")
    assert allowed(policy, "2026-11-28 11:00")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("countries: [DE]\n", r"public_holidays: is missing"),
        (SMALLEST.replace("caller_name", "# "), r"caller_name: is missing"),
        (SMALLEST.replace("Büro Berger", '""'), r":3: caller_name: "),
        (SMALLEST.replace("Büro Berger", '"  "'), r":3: caller_name: "),
        (SMALLEST.replace("Büro Berger", "x" * 61), r":3: caller_name: "),
        (SMALLEST.replace("Büro Berger", '"{company}"'), r":3: caller_name: "),
        (SMALLEST.replace("Büro Berger", '"a\\nb"'), r":3: caller_name: "),
        (SMALLEST.replace("Büro Berger", "42"), r":3: caller_name: .*put it in quotes"),
        ("public_holidays: {country: DE}\n", r"countries: is missing"),
        (SMALLEST + "attempt: 2\n", r":4: attempt: unknown key; write attempts"),
        (SMALLEST + "attempts: 4\n", r":4: attempts: .*less than or equal to 3"),
        (SMALLEST + "attempts: yes\n", r":4: attempts: "),
        (SMALLEST + "hours: {sun: 10:00-12:00}\n", r":4: hours.sun: unknown key"),
        (SMALLEST + "hours: {mon: 07:00-12:00}\n", r"hours: nobody is rung up before 8"),
        (SMALLEST + "hours: {mon: 09:00-22:00}\n", r"hours: nobody is rung up before 8"),
        (SMALLEST + "hours: {mon: 9-12}\n", r":4: hours.mon: is no span"),
        (SMALLEST + "first_h: 3\n", r"last_h is not less than first_h"),
        (SMALLEST + "text: always\n", r":4: text: "),
        (SMALLEST + "no_calls: [Christmas]\n", r":4: no_calls.0: is no day"),
        (SMALLEST + "per_second: .nan\n", r":4: per_second: "),
        (SMALLEST + "time_zone: Berlin\n", r":4: time_zone: is no time zone"),
        (SMALLEST.replace("BE", "XX"), r":1: public_holidays: nobody knows the holidays"),
        (SMALLEST.replace("[DE]", "[Germany]"), r":2: countries.0: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        load(tmp_path, text)


def company(health: bool) -> AgentConfig:
    """A company whose name tells what it does."""
    agent = AgentConfig.load(EXAMPLE)
    named = agent.company.model_copy(update={"name": "Praxis Dr. Lindner"})
    notice = agent.notice.model_copy(update={"health": health})
    return agent.model_copy(update={"company": named, "notice": notice})


@pytest.mark.parametrize(
    "name",
    ["Praxis Dr. Lindner", "praxis dr lindner", "PRAXIS  DR.LINDNER", "Die Praxis Dr. Lindner"],
)
def test_c27_where_health_is_spoken_of_the_callers_name_does_not_hold_the_companys(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "reminders.yaml").write_text(SMALLEST.replace("Büro Berger", f'"{name}"'))
    with pytest.raises(ConfigurationError, match=r"reminders.yaml: caller_name: .*neutral name"):
        load_rules_of(tmp_path, company(health=True))
    assert load_rules_of(tmp_path, company(health=False)) is not None


def test_a_neutral_name_is_taken(tmp_path: Path) -> None:
    assert load_rules_of(tmp_path, company(health=True)) is None
    (tmp_path / "reminders.yaml").write_text(SMALLEST)
    rules = load_rules_of(tmp_path, company(health=True))
    assert rules is not None
    assert rules.caller_name == "Büro Berger"
