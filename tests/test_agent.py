from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.agent import AgentConfig
from voice_agent.errors import ConfigurationError
from voice_agent.settings import load_settings

EXAMPLE = Path(__file__).parents[1] / "config"

SMALLEST = """\
company:
  name: Berger
  address: Lindenstraße 12
  contact: post@berger.example
controller:
  name: Berger
  address: Lindenstraße 12
  contact: post@berger.example
  authority: BlnBDI
trade: car-workshop
"""


def fault(tmp_path: Path, text: str) -> str:
    """The message about a file, from after its name."""
    path = tmp_path / "agent.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        AgentConfig.load(tmp_path)
    return str(caught.value).replace(f"{path}:", "")


def test_the_example_is_right() -> None:
    agent = AgentConfig.load(EXAMPLE)
    assert agent.company.name == "Autowerkstatt Berger"
    assert agent.languages == ("de", "en")
    assert agent.names("https://api.twilio.com/2010-04-01")


def test_the_example_states_every_default(tmp_path: Path) -> None:
    """What the file shows as the usual value is what happens without it."""
    (tmp_path / "agent.yaml").write_text(SMALLEST, encoding="utf-8")
    smallest, example = AgentConfig.load(tmp_path), AgentConfig.load(EXAMPLE)
    for part in ("notice", "handover", "speech", "turn", "limits", "languages"):
        assert getattr(smallest, part) == getattr(example, part)


def test_a_configuration_does_not_change() -> None:
    agent = AgentConfig.load(EXAMPLE)
    with pytest.raises(ValueError, match="frozen"):
        agent.trade = "x"


@pytest.mark.parametrize(
    ("added", "message"),
    [
        ("langauges: [de]\n", "11: langauges: unknown key; write languages"),
        ("xyz: 1\n", "11: xyz: unknown key; delete it, or use one of company"),
        ("turn:\n  end_ms: 700\n  pasue_ms: 1\n", "13: turn.pasue_ms: unknown key; write pause_ms"),
        ("turn: {end_ms: 50}\n", "11: turn.end_ms: input should be greater than or equal to 200"),
        ("turn:\n  max_turn_ms: 30001\n", "12: turn.max_turn_ms: input should be less"),
        ("turn: {pause_ms: 800}\n", "11: turn: pause_ms must be shorter than end_ms"),
        ('turn: {pause_ms: "200"}\n', "11: turn.pause_ms: input should be a valid integer"),
        ("limits: {call_s: .inf}\n", "11: limits.call_s: "),
        ("limits: {call_s: .nan}\n", "11: limits.call_s: "),
        ("limits: {calls: 1.5}\n", "11: limits.calls: "),
        ("limits: {calls: true}\n", "11: limits.calls: "),
        ("languages: []\n", "11: languages: "),
        ("languages: [de, fr]\n", "11: languages.1: input should be 'de' or 'en'"),
        ("languages: [de, de]\n", "1: languages names one language twice"),
        ("languages: [en]\n", "1: default_language must be one of languages"),
        ("notice: {health: true, mode: stream}\n", "1: notice.health forbids notice.mode: stream"),
        ("notice: {mode: voice}\n", "11: notice.mode: "),
        ("notice: keypad\n", "11: notice: "),
        ("recipients:\n  - name: A\n", "12: recipients.0.purpose: is missing; add it"),
        ("recipients:\n  - {name: A, purpose: b, host: 'https://a'}\n", "12: recipients.0.host: "),
        ("recipients: [A]\n", "11: recipients.0: "),
        ("speech: {voices: {fr: x}}\n", "11: speech.voices.fr: unknown key"),
        ("speech: {recogniser: {model: ../etc}}\n", "11: speech.recogniser.model: "),
        ("trade: again\n", "11: trade: written twice"),
        ("turn: {end_ms: 700, end_ms: 800}\n", "11: end_ms: written twice"),
        ("turn: &a {end_ms: 700}\n", "11: anchors and tags are not allowed"),
        ("turn: !!python/object/apply:os.getcwd []\n", "11: anchors and tags are not allowed"),
        ("turn: {? [a] : 1}\n", "11: a key must be a word"),
        ("turn: {end_ms: 1\n", "12: "),
        ("\ttab: 1\n", "11: "),
    ],
)
def test_a_fault_names_file_line_key_and_mend(tmp_path: Path, added: str, message: str) -> None:
    assert fault(tmp_path, SMALLEST + added).startswith(message)


@pytest.mark.parametrize(
    ("company", "message"),
    [
        ("company: {name: 12, address: a, contact: c}", "1: company.name: input should be a valid"),
        ("company: {name: '', address: a, contact: c}", "1: company.name: string should have at"),
        ("company: {address: a, contact: c}", "1: company.name: is missing; add it"),
        ("company: []", "1: company: "),
    ],
)
def test_the_company_must_be_said(tmp_path: Path, company: str, message: str) -> None:
    rest = SMALLEST[SMALLEST.index("controller") :]
    assert fault(tmp_path, f"{company}\n{rest}").startswith(message)


def test_a_text_that_looks_like_a_number_is_told_to_be_quoted(tmp_path: Path) -> None:
    assert "put it in quotes" in fault(tmp_path, SMALLEST.replace("BlnBDI", "12"))


def test_a_text_that_looks_like_a_date_is_a_text(tmp_path: Path) -> None:
    text = SMALLEST.replace("BlnBDI", "2026-99-99")
    (tmp_path / "agent.yaml").write_text(text, encoding="utf-8")
    assert AgentConfig.load(tmp_path).controller.authority == "2026-99-99"


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    told = fault(tmp_path, SMALLEST + "turn: {end_ms: 1}\nlimits: {calls: 0}\n")
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize(
    "text", ["", "- a\n", "a", "[" * 1500, "a: 1\n" * 100_000, "\x00", "\x07: 1"]
)
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, text: str) -> None:
    fault(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"agent\.yaml"):
        AgentConfig.load(tmp_path)


@given(text=st.text(max_size=200))
def test_no_file_makes_anything_but_a_clear_refusal(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    directory = tmp_path_factory.getbasetemp()
    (directory / "agent.yaml").write_text(text, encoding="utf-8", newline="")
    with pytest.raises(ConfigurationError, match=r"agent\.yaml:"):
        AgentConfig.load(directory)


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("https://twilio.com", True),
        ("https://API.twilio.com:443/x", True),
        ("https://nottwilio.com", False),
        ("https://twilio.com.example", False),
        ("", False),
    ],
)
def test_a_recipient_is_named_with_its_domain(url: str, *, named: bool) -> None:
    assert AgentConfig.load(EXAMPLE).names(url) is named


def remote(tmp_path: Path, url: str) -> dict[str, str]:
    return {
        "DATA_DIR": str(tmp_path / "data"),
        "CONFIG_DIR": str(tmp_path),
        "LLM_BASE_URL": url,
        "LLM_MODEL": "m",
    }


def test_a_remote_model_that_callers_are_not_told_of_stops_the_start(tmp_path: Path) -> None:
    """C12: it is a recipient, and recipients are part of the notice."""
    (tmp_path / "agent.yaml").write_text(SMALLEST, encoding="utf-8")
    settings = load_settings(remote(tmp_path, "https://api.model.example/v1"))
    with pytest.raises(ConfigurationError, match=r"host: api\.model\.example"):
        AgentConfig.for_settings(settings)
    named = SMALLEST + "recipients: [{name: M, purpose: p, host: model.example}]\n"
    (tmp_path / "agent.yaml").write_text(named, encoding="utf-8")
    assert AgentConfig.for_settings(settings).recipients[0].host == "model.example"


def test_a_model_on_this_machine_is_no_recipient(tmp_path: Path) -> None:
    (tmp_path / "agent.yaml").write_text(SMALLEST, encoding="utf-8")
    settings = load_settings(remote(tmp_path, "http://localhost:11434/v1"))
    assert AgentConfig.for_settings(settings).recipients == ()
