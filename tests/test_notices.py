from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.purpose import Purpose
from tests.runtime import sample_call
from voice_agent.agent import AgentConfig
from voice_agent.call.notice_menu import KEYS
from voice_agent.errors import ConfigurationError
from voice_agent.notices import DISCLOSED_WITHIN, DISCLOSURE, load_notice, notices_directory


def configured(**changes: object) -> AgentConfig:
    """The example agent with some keys changed, checked as the file is."""
    data = sample_call.agent().model_dump(mode="json") | changes
    return AgentConfig.model_validate(data)


def named(name: str) -> AgentConfig:
    company = sample_call.agent().company.model_dump() | {"name": name}
    return configured(company=company)


def test_the_notice_of_the_example_is_whole_in_both_languages() -> None:
    notice = load_notice(sample_call.agent())
    assert set(notice.texts) == {"de", "en"}
    assert notice.purposes == {Purpose.CONVERSATION}  # C10: key 1 grants nothing else
    for text in notice.texts.values():
        assert dict(text.keys) == {choice.value: key for key, choice in KEYS.items()}
        spoken = " ".join(part.text for part in text.layer1)
        assert "{" not in spoken + " ".join(body for _, body in text.full)
        assert text.layer1[0].language == text.language


@pytest.mark.parametrize("language", ["de", "en"])
def test_c6_to_agree_and_to_reach_a_human_are_offered_together(language: str) -> None:
    first = load_notice(sample_call.agent()).texts[language].layer1[0].text
    words = {"de": ("Zustimmen", "ein Mensch"), "en": ("To agree", "a person")}
    agree, human = (first.lower().index(word.lower()) for word in words[language])
    assert human - agree < 60


@settings(max_examples=200, deadline=None)
@given(
    name=st.text(min_size=1, max_size=200),
    address=st.text(min_size=1, max_size=200),
    health=st.booleans(),
    languages=st.sampled_from([["de", "en"], ["en", "de"], ["de"], ["en"]]),
)
def test_c7_no_configuration_takes_away_that_an_ai_speaks_first(
    name: str, address: str, health: bool, languages: list[str]
) -> None:
    """Every configuration is refused, or the disclosure is complete within the first seconds."""
    example = sample_call.agent()
    try:
        agent = configured(
            company={"name": name, "address": address, "contact": "x"},
            controller=example.controller.model_dump() | {"name": name},
            notice={"mode": "keypad", "health": health},
            languages=languages,
            default_language=languages[0],
        )
        notice = load_notice(agent)
    except (ConfigurationError, ValueError):
        return
    for language, text in notice.texts.items():
        first = text.layer1[0]
        assert first.language == language
        assert DISCLOSURE[language] in first.text[:DISCLOSED_WITHIN]


@pytest.mark.parametrize("name", ["{recipients}", "{health}", "{company}", "{", "}", "<b>", "% s"])
def test_a_companys_name_is_only_a_name(name: str) -> None:
    first = load_notice(named(name)).texts["de"].layer1[0].text
    assert name in first


def test_c7_a_name_so_long_that_the_disclosure_comes_late_stops_the_start(tmp_path: Path) -> None:
    for path in notices_directory().glob("*.yaml"):
        shutil.copy(path, tmp_path)
    text = (tmp_path / "en.yaml").read_text()
    (tmp_path / "en.yaml").write_text(
        text.replace(
            text[text.index("  Hello") : text.index("With your")],
            "  Hello, this is {company}'s AI assistant. ",
        )
    )
    with pytest.raises(ConfigurationError, match=r"en\.yaml.*layer1.*company\.name"):
        load_notice(named("A" * 100), tmp_path)


def test_health_data_is_named_where_it_is_likely() -> None:
    plain = load_notice(configured()).texts["de"].layer1[0].text
    health = configured(notice={"mode": "keypad", "health": True})
    assert "Gesundheitsangaben" not in plain
    assert "Gesundheitsangaben" in load_notice(health).texts["de"].layer1[0].text


def test_the_hint_to_the_other_language_is_left_out_where_there_is_none() -> None:
    german = configured(languages=["de"], default_language="de")
    assert len(load_notice(german).texts["de"].layer1) == 1
    assert len(load_notice(configured()).texts["de"].layer1) == 2


def test_c12_a_recipient_changes_the_version_and_is_named_in_the_notice() -> None:
    more = configured(recipients=[{"name": "Beispiel GmbH", "purpose": "answers"}])
    assert load_notice(more).version != load_notice(configured()).version
    assert any("Beispiel GmbH" in body for _, body in load_notice(more).texts["de"].full)


PERIODS = {"words": "PT0S", "proof": "P3Y"}


def controlled(**changes: object) -> AgentConfig:
    """The example agent with some fields of its controller changed."""
    return configured(controller=sample_call.agent().controller.model_dump() | changes)


@pytest.mark.parametrize(
    "changed",
    [
        controlled(name="Another"),
        controlled(address="Another"),
        controlled(contact="another@beispiel.example"),
        controlled(privacy_contact="another@beispiel.example"),
        controlled(authority="Another"),
        controlled(jurisdiction="AT"),
        configured(recipients=[]),
        configured(storage_locations=["a data centre in Frankfurt"]),
        configured(notice={"mode": "keypad", "health": True}),
    ],
    ids=[
        "name",
        "address",
        "contact",
        "privacy contact",
        "authority",
        "jurisdiction",
        "recipients",
        "storage",
        "health",
    ],
)
def test_c12_whatever_is_configured_of_the_processing_makes_another_version(
    changed: AgentConfig,
) -> None:
    before = load_notice(configured(), retention=PERIODS)
    assert load_notice(changed, retention=PERIODS).version != before.version


def test_c12_a_retention_period_makes_another_version() -> None:
    longer = PERIODS | {"proof": "P4Y"}
    versions = {load_notice(configured(), retention=each).version for each in (PERIODS, longer)}
    assert len(versions) == 2


@pytest.mark.parametrize(("language", "said"), [("de", "5 Jahre"), ("en", "5 years")])
def test_c12_callers_hear_the_period_that_is_configured(language: str, said: str) -> None:
    notice = load_notice(configured(), retention=PERIODS | {"proof": "P5Y"})
    assert any(said in body for _, body in notice.texts[language].full)


def test_c12_a_word_of_the_notice_makes_another_version(tmp_path: Path) -> None:
    for path in notices_directory().glob("*.yaml"):
        shutil.copy(path, tmp_path)
    before = load_notice(configured(), tmp_path)
    text = (tmp_path / "de.yaml").read_text()
    (tmp_path / "de.yaml").write_text(text.replace("zuzuhören", "zu hören", 1))
    assert load_notice(configured(), tmp_path).version != before.version


def test_c14_the_notice_names_everything_a_record_refers_to() -> None:
    notice = load_notice(configured(), retention=PERIODS)
    terms = notice.processing
    assert terms.controller.name == sample_call.agent().controller.name
    assert terms.controller.jurisdiction == "DE"
    assert terms.data == ("voice", "words", "keys", "number", "call_id")
    assert terms.storage == ("own machine",)
    assert terms.retention == PERIODS
    assert terms.legal_basis["conversation"] == "Art. 6(1)(a) GDPR"
    assert terms.withdrawal == ("key *", "phrase", "link")


def test_c14_health_data_is_among_the_kinds_and_has_its_own_legal_basis() -> None:
    terms = load_notice(configured(notice={"mode": "keypad", "health": True})).processing
    assert "health" in terms.data
    assert "9(2)(a)" in terms.legal_basis["conversation"]


@pytest.mark.parametrize("language", ["de", "en"])
def test_c17_the_notice_says_that_the_record_holds_a_pseudonym(language: str) -> None:
    full = " ".join(body for _, body in load_notice(configured()).texts[language].full)
    assert {"de": "Pseudonym", "en": "pseudonym"}[language] in full


@pytest.mark.parametrize("language", ["de", "en"])
def test_c16_the_notice_names_every_way_to_withdraw(language: str) -> None:
    last = load_notice(configured()).texts[language].full[-1][1]
    ways = {
        "de": ("Sterntaste", "Ich widerrufe", "Link"),
        "en": ("star key", "I withdraw my consent", "link"),
    }
    assert all(way in last for way in ways[language])


@pytest.mark.parametrize("code", ["de", "DEU", "D", "", "D1"])
def test_a_jurisdiction_is_two_capital_letters(code: str) -> None:
    with pytest.raises(ValueError, match="jurisdiction"):
        controlled(jurisdiction=code)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("language: de", "language: en", "language"),
        ("von {company}", "von {firma}", "firma"),
        ('withdraw: "*"', 'withdraw: "#"', "withdraw"),
        ("name: Deutsch", "nam: Deutsch", "nam"),
        ("KI-Assistent von", "Assistent von", "AI"),
    ],
)
def test_a_notice_that_does_not_fit_the_program_stops_the_start(
    tmp_path: Path, old: str, new: str, fault: str
) -> None:
    for path in notices_directory().glob("*.yaml"):
        shutil.copy(path, tmp_path)
    text = (tmp_path / "de.yaml").read_text()
    assert old in text
    (tmp_path / "de.yaml").write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigurationError, match=rf"de\.yaml.*{fault}"):
        load_notice(sample_call.agent(), tmp_path)


def test_a_missing_notice_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"de\.yaml"):
        load_notice(sample_call.agent(), tmp_path)
