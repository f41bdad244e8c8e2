"""Who wants no calls is understood in any words, and nobody else is taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from voice_agent.dialogue.commands import HumanPlease, StartFlow, WithdrawConsent
from voice_agent.dialogue.conversation import Conversation
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow import Flow
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.tool import CATALOGUE
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.unwanted import PERHAPS, STOP

LEAST = {"dev": 0.95, "held": 0.5}
"""Share of those who want no calls that are obeyed or asked; nothing was made to fit ``held``."""

LEAST_OF_THOSE_WE_RING = 0.75
"""The same in calls that we made, where what is not clear and speaks of calls is asked about."""


class Said(NamedTuple):
    """A row of the table: which set, language, what is meant, the words."""

    part: str
    language: str
    meant: str
    text: str


def table() -> list[Said]:
    lines = (Path(__file__).parent / "unwanted.tsv").read_text(encoding="utf-8").splitlines()
    return [Said(*line.split("\t")) for line in lines if not line.startswith("#")]


TABLE = table()
PARTS = [(part, language) for part in ("dev", "held") for language in ("de", "en")]


def understood(understander: BuiltinUnderstander, said: Said) -> str:
    """What became of it: ``stop``, ``ask`` or ``other``."""
    commands = understander.understand(said.text, said.language)
    if WithdrawConsent() in commands:
        return "stop"  # nothing is listened to any more, which comes before everything
    names = [each.name for each in commands if isinstance(each, StartFlow)]
    return "stop" if STOP in names else "ask" if PERHAPS in names else "other"


@pytest.fixture(scope="module")
def doing(prompts: Prompts, knowledge: Knowledge, flows: Mapping[str, Flow]) -> Engine:
    """The engine with everything it can do."""
    return Engine(prompts, knowledge, flows=Flows(flows, prompts, frozenset(CATALOGUE)))


def test_there_are_enough_of_each() -> None:
    for part, language in PARTS:
        rows = [said for said in TABLE if (said.part, said.language) == (part, language)]
        assert sum(said.meant == "stop" for said in rows) >= 20
        assert sum(said.meant == "other" for said in rows) >= 10


@pytest.mark.parametrize(("part", "language"), PARTS)
def test_who_wants_no_calls_is_obeyed_or_asked(
    understander: BuiltinUnderstander, part: str, language: str
) -> None:
    rows = [s for s in TABLE if (s.part, s.language, s.meant) == (part, language, "stop")]
    came = [understood(understander, said) for said in rows]
    print(
        f"{part} {language}: {came.count('stop')} obeyed, {came.count('ask')} asked of {len(rows)}"
    )
    print(*(said.text for said, each in zip(rows, came, strict=True) if each == "other"), sep="\n")
    assert came.count("other") <= (1 - LEAST[part]) * len(rows)


def test_whoever_we_rang_up_is_asked_even_if_it_is_not_clear(
    understander: BuiltinUnderstander, doing: Engine
) -> None:
    rows = [said for said in TABLE if (said.part, said.meant) == ("held", "stop")]
    missed = []
    for said in rows:
        proposed = understander.understand(said.text, said.language)
        rung_up = Conversation(said.language, outbound=True)
        counts = doing.proposals(rung_up, proposed, said.text)
        if not {StartFlow(STOP), StartFlow(PERHAPS)} & set(counts):
            missed.append(said.text)
    print(f"{len(missed)} of {len(rows)} missed", *missed, sep="\n")
    assert len(missed) <= (1 - LEAST_OF_THOSE_WE_RING) * len(rows)


@pytest.mark.parametrize("said", [s for s in TABLE if s.meant == "other"], ids=lambda s: s.text)
def test_nobody_is_put_on_the_list_who_did_not_ask_for_it(
    understander: BuiltinUnderstander, said: Said
) -> None:
    assert understood(understander, said) != "stop"


def test_hardly_anybody_is_asked_who_did_not_mean_it(understander: BuiltinUnderstander) -> None:
    rows = [said for said in TABLE if said.meant == "other"]
    asked = [said.text for said in rows if understood(understander, said) == "ask"]
    print(*asked, sep="\n")
    assert len(asked) <= 0.03 * len(rows)


def test_a_person_is_not_refused_beside_it(understander: BuiltinUnderstander) -> None:
    said = "Rufen Sie mich nicht mehr an. Ich möchte mit einem Menschen sprechen."
    assert understander.understand(said, "de") == (HumanPlease(),)
    robot = "We don't want to be rung up by a robot again."
    assert understander.understand(robot, "en") == (StartFlow(STOP),)
