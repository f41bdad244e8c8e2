from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialogue.flows.conftest import ROOT
from tests.dialogue.flows.schema import conforms
from voice_agent.dialogue.flow import Flow, Kind
from voice_agent.dialogue.flow_file import FLOW_KEYS, SLOT_KEYS, VERBS, load_flows, read_flow
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import AWAY, BAD_NUMBER, CATALOGUE, DENIED, SHAPES
from voice_agent.errors import ConfigurationError

SHIPPED = sorted((ROOT / "config" / "flows").glob("*.yaml"))
SCHEMA: dict[str, Any] = json.loads(
    (ROOT / "config" / "flows" / "schema.json").read_text(encoding="utf-8")
)
NO_BOOLEANS = type("NoBooleans", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {}})
"""Reads every scalar but whole numbers as text, as the reader of flows does."""
NO_BOOLEANS.add_implicit_resolver(  # type: ignore[attr-defined]
    "tag:yaml.org,2002:int", re.compile(r"-?[0-9]{1,9}"), list("-0123456789")
)

GOOD = """\
name: callback
examples:
  de: Bitte rufen Sie zurück
  en: Please call back
slots:
  name: {kind: name}
  phone: {kind: phone}
  size:
    kind: choice
    options:
      big: {de: groß, en: big}
      small: {de: klein, en: small}
  appointment: {kind: choice, rows: appointment, label: flow_appointment}
steps:
  - {id: size, collect: size, ask: book_service}
  - {id: which_way, branch: size, when: {small: name}, else: list}
  - {id: list, act: calendar.appointments, on: {found: which, none: name}}
  - {id: which, choose: appointment, from: list, ask: cancel_which, none: name}
  - {id: name, collect: name, ask: flow_name}
  - {id: phone, collect: phone, ask: flow_phone}
  - {id: sure, confirm: [name, phone], ask: flow_what_wrong, no: again}
  - {id: do, act: callback.request, with: [name, phone], on: {requested: done, too_far: done}}
  - {id: done, say: callback_requested, go: end}
  - {id: again, say: book_another_day, forget: [name, phone], go: name}
"""
PLACE = Path("flows/callback.yaml")


def test_the_flow_that_the_others_are_made_wrong_from_is_right(prompts: Prompts) -> None:
    flow = read_flow(GOOD, PLACE, prompts)
    assert (flow.name, flow.first) == ("callback", "size")
    assert flow.examples == {
        "de": ("Bitte rufen Sie zurück",),
        "en": ("Please call back",),
    }
    assert flow.tools == {"calendar.appointments", "callback.request"}


def test_a_tool_that_can_be_left_out_is_not_needed(prompts: Prompts) -> None:
    can = GOOD.replace("none: name}}", "none: name}, else: name}")
    assert read_flow(can, PLACE, prompts).tools == {"callback.request"}
    assert conforms(parsed(can), SCHEMA, SCHEMA)


WRONG = [
    ("name: callback", "name: Call back", ":1: name: is lower-case"),
    ("name: callback", "nam: callback", ":1: nam: unknown key"),
    ("  en: Please call back\n", "", ": examples.en: is missing"),
    ("kind: phone", "kind: telephone", ":7: slots.phone.kind: unknown kind"),
    ("kind: phone", "kind: phone, least: 3", "slots.phone.least: only a number has it, and digits"),
    ("kind: phone", "kind: number, least: few", "slots.phone.least: is a whole number"),
    ("kind: phone", "kind: choice", "slots.phone.kind: a choice has either options or rows"),
    ("kind: phone", "kind: phone, colour: red", "slots.phone.colour: unknown key"),
    ("  phone: {kind", "  Phone: {kind", "slots.Phone: a slot's name is"),
    ("  phone: {kind", "  confirm: {kind", "slots.confirm: is a word that means something else"),
    ("rows: appointment,", "rows: tables,", "slots.appointment.rows: unknown"),
    ("label: flow_appointment", "label: no_such", "slots.appointment.label: there is no prompt"),
    ("label: flow_appointment", "label: find_next_x", "there is no prompt find_next_x"),
    ("label: flow_appointment", "label: book_holiday", "label: the prompt book_holiday wants"),
    ("big: {de: groß, en: big}", "big: {de: groß}", "slots.size.options.big.en: is missing"),
    ("big: {de: groß", "big: {de: <b>", "slots.size.options.big.de: is too long"),
    ("      big: {", "      Big: {", "slots.size.options.Big: an option is"),
    ("{id: phone, collect", "{id: name, collect", "another step has the id name"),
    ("{id: phone, collect", "{id: end, collect", "steps.5.id: is lower-case"),
    ("collect: phone", "collects: phone", ":20: steps.5.id: a step has one of"),
    ("collect: phone", "collect: phone, say: x", "steps.5.id: a step has one of"),
    ("collect: phone", "collect: phone, on: x", "steps.5.on: unknown key"),
    ("collect: phone", "collect: fax", "steps.5.collect: there is no slot fax"),
    ("collect: phone", "collect: appointment", "steps.5.collect: appointment is chosen"),
    ("ask: flow_phone", "ask: no_such", "steps.5.ask: there is no prompt no_such in prompts/de"),
    ("ask: flow_phone", "ask: callback_tell", "wants date, not sure to be there"),
    ("ask: book_service", "ask: message_tell", "wants message, not sure to be there"),
    ("go: end}", "go: nowhere}", "steps.8.id: leads to nowhere, and there is no such step"),
    ("no: again", "no: nowhere", "steps.6.id: leads to nowhere"),
    ("small: name", "tiny: name", "steps.1.when: size has no option tiny"),
    ("choose: appointment", "choose: name", "steps.3.choose: name is no choice among rows"),
    ("from: list", "from: name", "steps.3.from: name is no step with a tool"),
    ("from: list", "from: do", "steps.3.from: callback.request answers with no rows"),
    ("from: list", "from: list, by: phone", "steps.3.by: a row of appointment has no phone"),
    ("ask: cancel_which", "ask: flow_which", "there is no prompt flow_which_one"),
    ("act: callback.request", "act: callback.forget", "steps.7.act: unknown tool"),
    ("with: [name, phone], on", "with: name, on", "steps.7.act: callback.request needs phone"),
    ("phone], on", "phone, size], on", "steps.7.with: callback.request takes no size"),
    ("{requested: done,", "{done: done,", "steps.7.on: callback.request never turns out done"),
    ("{found: which, none: name}", "{found: which}", "steps.2.on: does not say what follows none"),
    ("none: name}}", "none: name}, else: gone}", "steps.2.id: leads to gone"),
    ("none: name}}", "none: name}, else: which}", "steps.3.from: list may not have been asked"),
    ("confirm: [name, phone]", "confirm: name", "steps.7.act: phone may not have been confirmed"),
    ("go: name}", "go: sure}", "steps.7.with: name may not be filled by then"),
    ("no: again", "no: done", "nothing leads to again"),
    ("forget: [name, phone], go: name", "go: name", "leads back to itself and nothing is asked"),
    ("go: name}", "go: again}", "leads back to itself and nothing is asked"),
    ("- {id: again, say: book_another_day", "- {id: again, say: [a, b]", "steps.9.say"),
    ("- {id: do,", "- {id: note, write: phone, text: find_none}\n  - {id: do,", "phone is no text"),
    ("- {id: do,", "- {id: note, write: fax, text: find_none}\n  - {id: do,", "no slot fax"),
    ("- {id: do,", "- {id: note, write: phone}\n  - {id: do,", "steps.7.text: is missing"),
]


@pytest.mark.parametrize(("good", "bad", "message"), WRONG)
def test_a_wrong_flow_is_refused_with_file_line_and_key(
    prompts: Prompts, good: str, bad: str, message: str
) -> None:
    assert good in GOOD
    text = GOOD.replace(good, bad, 1)
    with pytest.raises(ConfigurationError, match=re.escape(message)) as error:
        read_flow(text, PLACE, prompts)
    assert str(error.value).startswith("flows/callback.yaml:")


def test_a_tool_may_be_asked_for_what_it_changes_only_after_its_confirmation_on_every_way(
    prompts: Prompts,
) -> None:
    text = GOOD.replace("small: name}", "small: short}").replace(
        "  - {id: done", "  - {id: short, say: book_taken, go: do}\n  - {id: done"
    )
    with pytest.raises(ConfigurationError, match="may not be filled by then"):
        read_flow(text, PLACE, prompts)


def test_a_choice_needs_its_tool_to_have_been_asked_on_every_way(prompts: Prompts) -> None:
    text = GOOD.replace("small: name}", "small: which}")
    with pytest.raises(ConfigurationError, match="list may not have been asked by then"):
        read_flow(text, PLACE, prompts)


def test_a_name_that_two_files_have_is_refused(tmp_path: Path, prompts: Prompts) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"two\.yaml: name: another file has the name"):
        load_flows(tmp_path, prompts)


def test_without_a_directory_there_are_no_flows(tmp_path: Path, prompts: Prompts) -> None:
    assert load_flows(tmp_path, prompts) == load_flows(tmp_path / "none", prompts) == {}


def test_the_shipped_flows_are_named_as_their_files(flows: Mapping[str, Flow]) -> None:
    assert list(flows) == [path.stem for path in SHIPPED]


# -- the schema ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_what_is_shipped_conforms_to_the_schema(path: Path) -> None:
    assert conforms(parsed(path.read_text(encoding="utf-8")), SCHEMA, SCHEMA)


FORM = [
    "unknown key",
    "unknown kind",
    "either options or rows",
    "only a",
    "a step has one of",
    "unknown tool",
    "unknown; possible",
    "an option is",
    "a slot's name is",
    "is lower-case",
    "steps.9.say",
]
"""Faults of form: the schema sees them as the reader does."""


@pytest.mark.parametrize(
    ("good", "bad"), [(g, b) for g, b, m in WRONG if any(f in m for f in FORM)]
)
def test_what_the_reader_refuses_for_its_form_the_schema_refuses_too(good: str, bad: str) -> None:
    assert conforms(parsed(GOOD), SCHEMA, SCHEMA)
    assert not conforms(parsed(GOOD.replace(good, bad, 1)), SCHEMA, SCHEMA)


def test_the_schema_names_the_same_keys_kinds_and_tools_as_the_reader() -> None:
    parts = SCHEMA["$defs"]
    assert set(SCHEMA["properties"]) == set(FLOW_KEYS)
    slots = parts["slot"]["oneOf"]
    assert {key for slot in slots for key in slot["properties"]} == set(SLOT_KEYS)
    kinds = [slot["properties"]["kind"] for slot in slots]
    named = {kind for each in kinds for kind in (each.get("enum") or [each["const"]])}
    assert named == {kind.value for kind in Kind}
    steps = {
        verb: tuple(key for key in step["properties"] if key not in {"id", verb})
        for step in parts["step"]["oneOf"]
        for verb in VERBS
        if verb in step["required"]
    }
    assert steps == VERBS
    by_verb = {verb: step for step in parts["step"]["oneOf"] for verb in step["required"]}
    assert by_verb["act"]["properties"]["act"]["enum"] == list(CATALOGUE)
    outcomes = {end for tool in CATALOGUE.values() for end in tool.endings}
    named = set(by_verb["act"]["properties"]["on"]["propertyNames"]["enum"])
    assert named == outcomes | {AWAY, BAD_NUMBER, DENIED}
    rows = next(slot for slot in slots if "rows" in slot["properties"])
    assert rows["properties"]["rows"]["enum"] == list(SHAPES)


def parsed(text: str) -> object:
    """YAML with every scalar as text; numbers as numbers, as an editor would see them."""
    loader = NO_BOOLEANS(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()
