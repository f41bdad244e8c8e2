"""The example companies: made of configuration alone, and complete."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.dialogue.flows.schema import conforms
from tests.dialogue.flows.test_flow_file import SCHEMA, parsed
from voice_agent.agent import AgentConfig
from voice_agent.agent_voices import open_voices
from voice_agent.commands.check import examine_parts
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.dialogue.understanding.builtin import SURE
from voice_agent.errors import ConfigurationError
from voice_agent.notices import processing
from voice_agent.schedule import load_plan
from voice_agent.settings import load_settings
from voice_agent.texts import Texts

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted(path.name for path in (ROOT / "config" / "examples").iterdir())
LANGUAGES = ["de", "en"]


def agent_of(name: str) -> AgentConfig:
    return AgentConfig.load(ROOT / "config" / "examples" / name)


def texts_of(name: str) -> Texts:
    env = {"CONFIG_DIR": str(ROOT / "config" / "examples" / name)}
    return Texts(load_settings(env), agent_of(name))


@pytest.fixture(scope="module")
def texts() -> Mapping[str, Texts]:
    return {name: texts_of(name) for name in EXAMPLES}


def test_there_are_two() -> None:
    assert EXAMPLES == ["hotel", "practice"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_made_of_data_alone(name: str) -> None:
    files = [path for path in (ROOT / "config" / "examples" / name).rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".yaml", ".md"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_flow_of_an_example_conforms_to_the_schema(name: str) -> None:
    flows = sorted((ROOT / "config" / "examples" / name / "flows").glob("*.yaml"))
    for path in flows:
        assert conforms(parsed(path.read_text(encoding="utf-8")), SCHEMA, SCHEMA), path


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_flow_of_an_example_is_offered_in_every_language(
    texts: Mapping[str, Texts], name: str
) -> None:
    ours = texts[name]
    offered = Flows(ours.flows, ours.prompts, frozenset(CATALOGUE))
    assert ours.flows
    for flow in (flow for flow in ours.flows.values() if flow.is_asked_for):
        assert offered.offers(flow.name)
        assert all(flow.examples[language] for language in LANGUAGES)


def test_the_services_of_the_practice_are_those_of_its_calendar(texts: Mapping[str, Texts]) -> None:
    plan = load_plan(ROOT / "config" / "examples" / "practice")
    assert plan is not None
    options = texts["practice"].flows["book_appointment"].slots["service"].options
    assert options == {service.id: service.names for service in plan.services.values()}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_flow_an_example_shares_with_the_workshop_takes_the_same_steps(
    texts: Mapping[str, Texts], name: str
) -> None:
    """A copy that was left behind would be noticed by nobody else."""
    theirs = load_flows(ROOT / "config" / "flows", texts[name].prompts)
    shared = texts[name].flows.keys() & theirs.keys()
    assert shared
    assert all(texts[name].flows[flow].steps == theirs[flow].steps for flow in shared)


def test_the_hotel_makes_no_appointments(texts: Mapping[str, Texts]) -> None:
    assert load_plan(ROOT / "config" / "examples" / "hotel") is None
    tools = {tool for flow in texts["hotel"].flows.values() for tool in flow.tools}
    assert not any(tool.startswith("calendar.") for tool in tools)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_of_a_question_finds_its_answer(
    texts: Mapping[str, Texts], name: str, language: str
) -> None:
    knowledge = texts[name].knowledge
    for entry in knowledge.entries:
        for example in entry.wordings[language].examples:
            match = knowledge.find(example, language)
            assert match is not None, example
            assert (match.entry, match.coverage >= SURE) == (entry.id, True), example


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_sentence_of_an_example_is_short_enough_to_be_heard(
    texts: Mapping[str, Texts], name: str, language: str
) -> None:
    for line in texts[name].prompts.static_lines(language):
        assert len(line.text) <= 240, line.key
    for line in texts[name].knowledge.static_lines(language):
        assert len(line.text) <= 200, line.key
        assert len(re.findall(r"(?<!\d)[.?!](?: |$)", line.text)) <= 2, line.key


ALARMS = [
    "Mein Vater ist umgekippt und reagiert nicht",
    "Ich habe plötzlich so einen Druck auf der Brust",
    "Ich krieg keine Luft",
    "Meine Frau kann nicht mehr sprechen und der Mund hängt",
    "Ich habe zu viele Tabletten genommen",
    "Es blutet stark und ich kann es nicht stoppen",
    "Ich will nicht mehr leben",
    "Der linke Arm tut weh und mir ist schlecht",
    "My father collapsed and doesn't respond",
    "I suddenly feel pressure on my chest",
    "I can hardly breathe",
    "My wife can't speak and her face is drooping",
    "I took too many pills",
    "It's bleeding badly",
    "I don't want to live any more",
    "Please send an ambulance",
]
ORDINARY = [
    "Ich brauche einen Termin wegen Rückenschmerzen",
    "Ich wollte einen Termin zur Brustkrebsvorsorge",
    "Was muss ich zur Blutabnahme mitbringen?",
    "Ich brauche etwas gegen Krampfadern",
    "Ich möchte mit der Ärztin sprechen",
    "I need an appointment for my back pain",
    "I'd like a breast screening",
    "Can I have my blood pressure checked?",
    "Strike that, make it Tuesday",
    "Can I speak to the doctor?",
]


@pytest.mark.parametrize("words", ALARMS)
def test_an_emergency_is_noticed(texts: Mapping[str, Texts], words: str) -> None:
    assert texts["practice"].knowledge.urgent(words) == "emergency"


@pytest.mark.parametrize("words", ORDINARY)
def test_what_people_mostly_say_is_no_emergency(texts: Mapping[str, Texts], words: str) -> None:
    assert texts["practice"].knowledge.urgent(words) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_an_emergency_sounds_like_one(texts: Mapping[str, Texts], language: str) -> None:
    practice = texts["practice"]
    asked = [
        example
        for entry in practice.knowledge.entries
        if not entry.urgent
        for example in entry.wordings[language].examples
    ]
    asked += [example for flow in practice.flows.values() for example in flow.examples[language]]
    assert [words for words in asked if practice.knowledge.urgent(words)] == []


def test_health_is_named_in_the_notice_of_the_practice_and_in_its_records(
    texts: Mapping[str, Texts],
) -> None:
    notice = texts["practice"].notice
    assert "auch Gesundheitsangaben" in notice.texts["de"].layer1[0].text
    assert "including health details" in notice.texts["en"].layer1[0].text
    assert "health" in processing(agent_of("practice"), {}).data
    assert "health" not in processing(agent_of("hotel"), {}).data


def test_a_practice_cannot_play_its_notice_inside_the_stream(tmp_path: Path) -> None:
    text = (ROOT / "config" / "examples" / "practice" / "agent.yaml").read_text(encoding="utf-8")
    assert "mode: keypad" in text
    (tmp_path / "agent.yaml").write_text(text.replace("mode: keypad", "mode: stream"), "utf-8")
    with pytest.raises(ConfigurationError, match=r"notice\.health forbids notice\.mode"):
        AgentConfig.load(tmp_path)


@pytest.mark.integration
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_machine_with_the_configuration_of_an_example_is_ready(tmp_path: Path, name: str) -> None:
    """What ``voice-agent check`` looks at."""
    env = {"CONFIG_DIR": str(ROOT / "config" / "examples" / name), "DATA_DIR": str(tmp_path)}
    found = list(examine_parts(load_settings(env), agent_of(name)))
    assert [each for each in found if each.fault] == []
    assert {"flows", "knowledge", "notice length"} <= {each.check for each in found}


@pytest.mark.integration
@pytest.mark.parametrize("name", EXAMPLES)
def test_c9_the_notice_of_an_example_is_short_enough(name: str) -> None:
    """Measured on the audio of the real voices."""
    env = {"CONFIG_DIR": str(ROOT / "config" / "examples" / name)}
    texts = texts_of(name)
    texts.fit(open_voices(load_settings(env), agent_of(name)))
