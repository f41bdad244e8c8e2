"""Plays a scenario and says of the first turn that went otherwise what was different."""

from __future__ import annotations

from pathlib import Path

from tests.scenarios.house import House
from tests.scenarios.scenario import Scenario, Trouble, Turn
from voice_agent.commands.understand import command_record
from voice_agent.dialogue.reply import HandOver, HangUp, Listen, Wait, Withdraw
from voice_agent.runtime.chat import Chat, Move

_THEN = {
    Listen: "listen",
    Wait: "wait",
    HandOver: "hand_over",
    HangUp: "hang_up",
    Withdraw: "withdraw",
}


async def play(scenario: Scenario, data_dir: Path) -> list[str]:
    """Hold the conversation; what was otherwise, up to the first turn where anything was."""
    house = House(scenario, data_dir)
    begun = await house.chat.begin()
    faults: list[str] = []
    if scenario.errand is not None:
        wanted = Turn(silence=True, says=scenario.errand.opening)
        faults = [f"opening: {each}" for each in differences(wanted, begun, house.keys)]
    for number, turn in enumerate(scenario.turns, 1):
        for each in turn.meanwhile:
            (house.calendar.shift if " " in each else house.calendar.block)(each)
        move = await take(house.chat, turn)
        faults = [f"turn {number}: {each}" for each in differences(turn, move, house.keys)]
        for answer in move.used:
            if scenario.troubles.get(answer.request.tool) is Trouble.TWICE:
                again = await house.chat.answer(answer)
                faults += [] if again is None else [f"turn {number}: an answer counted twice"]
        if faults:
            break
        if house.chat.is_over and number < len(scenario.turns):
            faults = [f"turn {number}: the conversation is over"]
            break
    await house.chat.end()
    booked = [
        f"{made.service} {made.start:%Y-%m-%dT%H:%M} {made.person.name} {made.person.phone}"
        for made in house.calendar.booked
    ]
    if not faults and booked != scenario.booked:
        faults.append(f"booked: {booked} instead of {scenario.booked}")
    if not faults and house.inbox.left != scenario.left:
        faults.append(f"left: {house.inbox.left} instead of {scenario.left}")
    faults += [] if faults else _of_calls_we_make(scenario, house)
    return faults


def _of_calls_we_make(scenario: Scenario, house: House) -> list[str]:
    """What became of a call that we made, and of who may be rung up."""
    errand = scenario.errand
    wanted = {
        "confirmed": (house.calendar.confirmed, scenario.confirmed),
        "unwanted": (house.do_not_call.numbers, scenario.unwanted),
        "reached": (house.errands.written, [] if errand is None else errand.reached),
    }
    return [
        f"{name}: {was} instead of {want}" for name, (was, want) in wanted.items() if was != want
    ]


async def take(chat: Chat, turn: Turn) -> Move:
    """Do what the caller does in this turn."""
    if turn.say is not None:
        return await chat.say(" ".join([turn.say] * turn.times))
    return await (chat.be_silent() if turn.key is None else chat.press(turn.key))


def differences(turn: Turn, move: Move, keys: frozenset[str]) -> list[str]:
    """What is otherwise than the turn wants it, one line each.

    Args:
        turn: what is wanted.
        move: what there was.
        keys: every key of a line; other words in ``says`` are pieces of the text.
    """
    faults = [
        *_of_words(turn, move, keys),
        *_of_commands(turn, move),
        *_of_flow(turn, move),
    ]
    used = [f"{each.request.tool} {each.outcome}" for each in move.used]
    if turn.tools is not None and used != turn.tools:
        faults.append(f"tools: {used} instead of {turn.tools}")
    then = _THEN[type(move.then)]
    if then != turn.then:
        faults.append(f"then: {then} instead of {turn.then}")
    if turn.language not in {None, move.conversation.language}:
        faults.append(f"language: {move.conversation.language}")
    if faults:
        lines = " / ".join(f"[{line.key}] {line.text}" for line in move.lines)
        faults.append(f"said: {lines or 'nothing'}; understood: {_commands(move)}")
    return faults


def _of_words(turn: Turn, move: Move, keys: frozenset[str]) -> list[str]:
    said = [line.key for line in move.lines]
    text = " ".join(line.text for line in move.lines)
    wanted = [each for each in turn.says if each in keys]
    faults = []
    if wanted and said != wanted:
        faults.append(f"says: {said} instead of {wanted}")
    faults += [f"says: not {p!r}" for p in turn.says if p not in keys and p not in text]
    faults += [f"says: {p!r} all the same" for p in turn.says_not if p in said or p in text]
    return faults


def _of_commands(turn: Turn, move: Move) -> list[str]:
    understood = _commands(move)
    if turn.commands == [] and understood:
        return [f"commands: {understood} instead of none"]
    missing = [each for each in turn.commands or () if each not in understood]
    return [f"commands: no {each}" for each in missing]


def _of_flow(turn: Turn, move: Move) -> list[str]:
    flows = move.conversation.flows
    flow, slots = (flows[-1].flow, flows[-1].slots) if flows else ("none", {})
    question = move.conversation.question or "none"
    faults = []
    if turn.flow not in {None, flow}:
        faults.append(f"flow: {flow} instead of {turn.flow}")
    if turn.question not in {None, question}:
        faults.append(f"question: {question} instead of {turn.question}")
    for slot, value in turn.slots.items():
        if slots.get(slot) != value:
            faults.append(f"slots: {slot} is {slots.get(slot)} instead of {value}")
    return faults


def _commands(move: Move) -> list[str]:
    """Each command as a scenario writes it: its name, and its values in order."""
    records = [command_record(command) for command in move.commands]
    return [" ".join(str(value) for value in each.values() if value) for each in records]
