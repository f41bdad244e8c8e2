"""What `docs/architecture.md` promises about the source, read off its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import ARRAY, JSON, Float

from consent.purpose import Purpose
from tests.architecture.source import (
    PACKAGES,
    ROOT,
    called,
    calls,
    imports,
    modules,
    name_of,
    reached,
)
from voice_agent.log import FIELDS
from voice_agent.storage.tables import metadata

IMPURE = frozenset(
    """
    asyncio socket ssl select selectors time threading multiprocessing concurrent subprocess queue
    signal random secrets urllib http logging os pathlib io tempfile sqlite3
    aiohttp httpx requests fastapi starlette uvicorn websockets
    sqlalchemy alembic aiosqlite redis twilio structlog prometheus_client
    ctranslate2 faster_whisper onnxruntime piper soxr webrtcvad
    """.split()
)
"""What does I/O, waits, reads a clock or loads a model."""

READS_FILES = frozenset({"pathlib", "io", "os"})
"""Prompts and knowledge are read at start-up by the dialogue's own loaders; a call only looks."""

EMOTION_OR_VOICEPRINT_FIELD = re.compile(
    r"(?<![^\W_])(?:emotions?|sentiment|mood|valence|arousal|stress|anger|voice_?prints?|biometrics?"
    r"|timbre|embeddings?|gender|accent|age|speaker_(?:id|name|vector|model))(?![^\W_])",
    re.IGNORECASE,
)
"""Rule C24: what a column is called that would hold either."""

FORBIDDEN_NAMES = frozenset(
    {"utils", "util", "helpers", "helper", "manager", "common", "base", "misc"}
)

EMOTION_AND_VOICEPRINT = re.compile(
    r"^(?:deepface|fer|opensmile|py-?feat|vokaturi|hume|speechbrain|pyannote[-.\w]*|resemblyzer"
    r"|speaker[-_]?recognition|nemo[-_]toolkit|wespeaker|titanet[-\w]*|audeering[-\w]*|audonnx)$",
    re.IGNORECASE,
)
"""Rule C24: neither emotions nor voiceprints; such a library has no business here."""


def where(found: Callable[[ast.Module], Iterable[object]]) -> set[str]:
    """The modules in which something is found."""
    return {path for path, tree in modules().items() if any(True for _ in found(tree))}


def test_there_is_a_source_to_look_at() -> None:
    assert len(modules()) > 50


@pytest.mark.parametrize(
    ("source", "opens"),
    [
        ("heard = frame.reveal()", True),
        ("open = frame.reveal", True),
        ("def f():\n    return [x.reveal() for x in y]", True),
        ("account.reveal(words)", False),
        ("reveal(words)", False),
    ],
)
def test_the_search_for_opened_seals_finds_them(source: str, opens: bool) -> None:
    assert any(True for _ in opens_a_seal(ast.parse(source))) is opens


# -- consent as a capability -----------------------------------------------------------------------


def opens_a_seal(tree: ast.Module) -> Iterable[ast.AST]:
    """``reveal`` called as a seal's is, without arguments, or taken without being called."""
    with_arguments = {id(call.func) for call in calls(tree) if call.args or call.keywords}
    for node in ast.walk(tree):
        is_reveal = isinstance(node, ast.Attribute) and node.attr == "reveal"
        if is_reveal and id(node) not in with_arguments:
            yield node


def test_a_callers_voice_is_revealed_to_engines_and_announced_operators_alone() -> None:
    """The recogniser hears what is said, the detector that something is, the judges what it is.

    Operators hear it through the call's own ``PassOn``, which comes once they were announced (C22).
    """
    allowed = {
        "voice_agent/runtime/live_call.py",
        "voice_agent/speech/whisper.py",
        "voice_agent/speech/webrtc_vad.py",
        "voice_agent/speech/smart_turn.py",
        "voice_agent/speech/echo.py",
    }
    outside = {path for path in where(opens_a_seal) if not path.startswith("consent/")}
    assert outside <= allowed


def test_sealed_values_are_joined_by_the_turn_detector_alone() -> None:
    joins = where(lambda tree: (name for name in imports(tree) if name == "consent.sealed.join"))
    assert joins == {"voice_agent/speech/turns.py"}


def test_nobody_outside_consent_holds_the_seal_or_looks_behind_it() -> None:
    def touches(tree: ast.Module) -> Iterable[object]:
        yield from (name for name in imports(tree) if name == "consent.sealed.SEAL")
        yield from (call for call in calls(tree) if called(call) == "Consented")
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"SEAL", "_authority"}:
                yield node

    assert {path for path in where(touches) if not path.startswith("consent/")} == set()


def test_a_receipt_is_made_by_a_ledger_and_by_nobody_who_serves_calls() -> None:
    """Commands that transcribe a file of one's own make one for themselves."""
    makers = where(lambda tree: (call for call in calls(tree) if called(call) == "Receipt"))
    ledger = {"voice_agent/storage/ledger.py", "voice_agent/storage/appending.py"}
    assert ledger <= makers
    assert all(path.startswith("voice_agent/commands/") for path in makers - ledger)


def test_c26_a_permit_to_ring_somebody_up_is_made_in_one_place_and_from_facts_alone() -> None:
    """Rule C26: ``isinstance`` aside, nobody else calls for one to be."""
    makers = where(lambda tree: (call for call in calls(tree) if called(call) == "OutreachPermit"))
    assert makers == {"consent/outreach.py"}
    asks = where(lambda tree: (name for name in imports(tree) if name == "consent.outreach.permit"))
    assert asks == {
        "voice_agent/outbound/plan.py",
        "voice_agent/storage/reminder_claims.py",
        "voice_agent/storage/reminder_texts.py",
    }


def test_a_gate_is_opened_in_the_call_and_by_nobody_who_serves_calls_beside_it() -> None:
    gates = where(lambda tree: (call for call in calls(tree) if called(call) == "ConsentGate"))
    assert "voice_agent/call/session.py" in gates
    assert all(
        path == "voice_agent/call/session.py" or path.startswith("voice_agent/commands/")
        for path in gates
    )


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.CONVERSATION])
def test_c10_key_1_grants_no_purpose_but_the_conversation(purpose: Purpose) -> None:
    """Rule C10: nothing that handles an acceptance so much as names another purpose."""

    def named(tree: ast.Module) -> Iterable[ast.AST]:
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id="Purpose"), attr=purpose.name):
                    yield node

    accepting = ("voice_agent/call/", "voice_agent/twilio/", "voice_agent/runtime/", "consent/")
    # These only say what each purpose is called.
    spoken_of = where(named) - {"consent/dpv.py", "consent/jsonld.py"}
    assert [path for path in spoken_of if path.startswith(accepting)] == []


def test_c10_every_record_of_an_acceptance_grants_the_conversation_alone() -> None:
    """Rule C10: wherever a record is made, its purposes are written out."""
    granted = []
    for tree in modules().values():
        for call in calls(tree):
            if called(call) == "ConsentRecord":
                words = {each.arg: ast.unparse(each.value) for each in call.keywords}
                granted.append(words["purposes"])
    assert granted
    assert set(granted) == {"frozenset({Purpose.CONVERSATION})"}


# -- boundaries ------------------------------------------------------------------------------------


def top(names: Iterable[str]) -> set[str]:
    """The packages that modules belong to."""
    return {name.partition(".")[0] for name in names}


def test_consent_is_a_leaf() -> None:
    assert top(reached("consent/")).isdisjoint(
        IMPURE | {"voice_agent", "numpy", "yaml", "pydantic"}
    )


def test_the_call_core_imports_nothing_that_does_anything() -> None:
    own = {
        name
        for path in modules()
        if path.startswith("voice_agent/call/")
        for name in imports(modules()[path])
    }
    assert top(own).isdisjoint(IMPURE | {"numpy", "yaml", "pydantic"})


def test_the_call_core_reaches_nothing_that_does_anything_through_our_own_modules() -> None:
    assert top(reached("voice_agent/call/")).isdisjoint(IMPURE - READS_FILES)


def test_the_call_core_reaches_no_adapter() -> None:
    adapters = (
        "voice_agent.twilio",
        "voice_agent.storage",
        "voice_agent.runtime",
        "voice_agent.phone",
        "voice_agent.privacy",
        "voice_agent.commands",
        "voice_agent.settings",
        "voice_agent.app",
        "voice_agent.speech.whisper",
        "voice_agent.speech.piper",
        "voice_agent.speech.webrtc_vad",
        "voice_agent.speech.echo",
        "voice_agent.speech.smart_turn",
    )
    assert [name for name in reached("voice_agent/call/") if name.startswith(adapters)] == []


def test_faster_whisper_is_imported_by_the_recogniser_alone() -> None:
    users = where(lambda tree: (name for name in imports(tree) if top([name]) & {"faster_whisper"}))
    assert users <= {"voice_agent/speech/whisper.py"}
    assert users


def test_the_environment_is_read_by_the_settings_alone() -> None:
    def reads(tree: ast.Module) -> Iterable[object]:
        yield from (name for name in imports(tree) if name in {"os.environ", "os.getenv"})
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"}:
                yield node

    assert where(reads) <= {"voice_agent/settings.py"}


# -- names and manners -----------------------------------------------------------------------------


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {part for path in modules() for part in re.split(r"[/._]", path.removesuffix(".py"))}
    whole = {part for path in modules() for part in name_of(path).split(".")}
    assert whole.isdisjoint(FORBIDDEN_NAMES)
    assert parts.isdisjoint({"utils", "helpers"})


def test_nothing_prints_past_the_command_line() -> None:
    prints = where(
        lambda tree: (
            call
            for call in calls(tree)
            if isinstance(call.func, ast.Name) and call.func.id == "print"
        )
    )
    assert prints <= {"voice_agent/cli.py"}


def test_nothing_is_imported_relatively() -> None:
    relative = where(
        lambda tree: (
            node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level
        )
    )
    assert relative == set()


def test_every_module_says_what_it_is() -> None:
    silent = {path for path, tree in modules().items() if tree.body and not ast.get_docstring(tree)}
    assert silent == set()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "pyproject.toml"])
def test_c24_no_dependency_recognises_emotions_or_speakers(name: str) -> None:
    """Rule C24."""
    text = (ROOT / name).read_text(encoding="utf-8")
    required = re.findall(
        r"^\s*\"?([A-Za-z][\w.-]*)(?=\s*(?:\[[^\]]*\]\s*)?(?:[=<>~!]=|[<>]))", text, re.MULTILINE
    )
    assert len(required) > 15
    assert [each for each in required if EMOTION_AND_VOICEPRINT.match(each)] == []


def test_c24_nothing_imports_a_library_for_emotions_or_speakers() -> None:
    """Rule C24."""
    everything = {name for package in PACKAGES for name in reached(f"{package}/")}
    assert [name for name in top(everything) if EMOTION_AND_VOICEPRINT.match(name)] == []


def test_c24_no_model_of_the_catalogue_recognises_emotions_or_speakers() -> None:
    """Rule C24."""
    catalogue = (ROOT / "voice_agent" / "models" / "catalogue.py").read_text(encoding="utf-8")
    assert not re.search(
        r"emotion|speaker[-_ ]?(?:id|verif|recog|embed)|voiceprint", catalogue, re.IGNORECASE
    )


@pytest.mark.parametrize("name", ["emotion", "speaker_id", "voiceprint", "voice_embedding", "mood"])
def test_c24_the_search_for_such_fields_finds_them(name: str) -> None:
    assert EMOTION_OR_VOICEPRINT_FIELD.search(name)


def test_c24_no_table_has_a_field_for_emotions_or_voiceprints() -> None:
    """Neither by its name, nor by a type that could hold a vector of numbers."""
    columns = [column for table in metadata.sorted_tables for column in table.columns]
    assert len(columns) > 50
    named = {f"{column.table.name}.{column.name}" for column in columns}
    assert {name for name in named if EMOTION_OR_VOICEPRINT_FIELD.search(name)} == set()
    assert {str(column) for column in columns if isinstance(column.type, Float | ARRAY | JSON)} == (
        set()
    )


def test_c24_nothing_that_is_said_of_a_call_has_such_a_field() -> None:
    """Fields of records, events, observations and logs, wherever a class declares them."""
    declared = {
        f"{path}: {node.target.id}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert len(declared) > 200
    assert {each for each in declared if EMOTION_OR_VOICEPRINT_FIELD.search(each)} == set()
    assert {field for field in FIELDS if EMOTION_OR_VOICEPRINT_FIELD.search(field)} == set()
