"""What must be true of a flow before a caller meets it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from voice_agent.dialogue.document import Section
from voice_agent.dialogue.flow import (
    END,
    Act,
    Branch,
    Choose,
    Collect,
    Confirm,
    Farewell,
    First,
    Flow,
    Kind,
    Say,
    Step,
    Take,
    Write,
    targets,
)
from voice_agent.dialogue.flow_wording import AGAIN, HELP, ONE, SAME_DAY
from voice_agent.dialogue.prompts import Prompts, placeholders
from voice_agent.dialogue.tool import AWAY, BAD_NUMBER, CATALOGUE, DENIED, SHAPES


def check(flow: Flow, places: Mapping[str, Section], slots: Section, prompts: Prompts) -> None:
    """Check a flow as a whole.

    Args:
        flow: the flow.
        places: where its steps stand, by name.
        slots: where its slots stand.
        prompts: what can be said.

    Raises:
        ConfigurationError: something is wrong; the message names file, line and key.
    """
    checks = _Checks(flow, places, slots, prompts)
    for step in flow.steps.values():
        checks.names(step)
    checks.unused()
    checks.reached()
    checks.known()
    checks.loops()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is certain when a step is reached, whichever way led there.

    Attributes:
        names: slots that are filled, values that were told, and ``@step`` for tools that answered.
        confirmed: slots the caller has said yes to.
    """

    names: frozenset[str]
    confirmed: frozenset[str] = frozenset()

    def __and__(self, other: _Known) -> _Known:
        return _Known(self.names & other.names, self.confirmed & other.confirmed)


class _Checks:
    def __init__(
        self, flow: Flow, places: Mapping[str, Section], slots: Section, prompts: Prompts
    ) -> None:
        self._flow = flow
        self._places = places
        self._slots = slots
        self._prompts = prompts
        self._secrets = {each.name for each in flow.slots.values() if each.kind is Kind.SECRET}

    # -- names ---------------------------------------------------------------------------------

    def names(self, step: Step) -> None:
        """Whatever a step names is there and of the right sort."""
        place = self._places[step.id]
        for target in targets(step):
            if target != END and target not in self._flow.steps:
                raise place.fault("id", f"leads to {target}, and there is no such step")
        for name in _slots_of(step):
            if name not in self._flow.slots:
                raise place.fault(type(step).__name__.lower(), f"there is no slot {name}")
        match step:
            case Collect(slot=slot) if self._flow.slots[slot].rows:
                raise place.fault("collect", f"{slot} is chosen among rows: choose it")
            case Choose() | Take():
                self._rows(step, place)
            case Confirm(slots=slots):
                if secret := sorted(self._secrets.intersection(slots)):
                    raise place.fault(
                        "confirm", f"{secret[0]} is never said, so nobody confirms it"
                    )
            case Act():
                self._act(step, place)
            case Write(slot=slot) if self._flow.slots[slot].kind is not Kind.TEXT:
                raise place.fault("write", f"{slot} is no text")
            case Branch(slot=slot, when=when):
                options = self._flow.slots[slot].options
                if wrong := sorted(when.keys() - options.keys()):
                    raise place.fault("when", f"{slot} has no option {wrong[0]}")
            case _:
                pass

    def _rows(self, step: Choose | Take, place: Section) -> None:
        slot = self._flow.slots[step.slot]
        if not slot.rows:
            raise place.fault(type(step).__name__.lower(), f"{step.slot} is no choice among rows")
        source = self._flow.steps.get(step.source)
        if not isinstance(source, Act):
            raise place.fault("from", f"{step.source} is no step with a tool")
        if slot.rows not in {end.rows for end in CATALOGUE[source.tool].endings.values()}:
            raise place.fault("from", f"{source.tool} answers with no rows of {slot.rows}")
        fields = SHAPES[slot.rows].fields
        for name in step.by if isinstance(step, Choose) else ():
            if fields.get(name) != self._flow.slots[name].kind:
                raise place.fault("by", f"a row of {slot.rows} has no {name} of its kind")

    def _act(self, step: Act, place: Section) -> None:
        tool = CATALOGUE[step.tool]
        given = frozenset(step.arguments)
        if missing := sorted(tool.required - given):
            raise place.fault("act", f"{step.tool} needs {missing[0]}")
        if wrong := sorted(given - tool.required - tool.optional):
            raise place.fault("with", f"{step.tool} takes no {wrong[0]}")
        for name in sorted(given & SHAPES.keys()):
            if self._flow.slots[name].rows != name:
                raise place.fault("with", f"{name} is a choice among rows of {name}")
        possible = tool.endings.keys()
        if wrong := sorted(step.on.keys() - possible - {AWAY, BAD_NUMBER, DENIED}):
            raise place.fault("on", f"{step.tool} never turns out {wrong[0]}")
        if missing := sorted(possible - step.on.keys()):
            raise place.fault("on", f"does not say what follows {missing[0]}")

    def unused(self) -> None:
        """Every slot is used, and a row can be said."""
        used = {name for step in self._flow.steps.values() for name in _slots_of(step)}
        for name, slot in self._flow.slots.items():
            if name not in used:
                raise self._slots.fault(name, "no step uses it")
            if slot.rows:
                place = self._slots.section(name)
                fields = SHAPES[slot.rows].fields
                self._prompt_and(slot.label, (SAME_DAY,), fields, place, "label")

    # -- ways ----------------------------------------------------------------------------------

    def reached(self) -> None:
        """Every step can be reached."""
        starts = (self._flow.first, *self._flow.instead.values())
        seen = set(starts).union(*map(self._flow.following, starts))
        for name, place in self._places.items():
            if name not in seen:
                raise place.fault("id", f"nothing leads to {name}")

    def loops(self) -> None:
        """Every way round comes to a question that is really asked."""
        reach = {name: self._flow.following(name) for name in self._flow.steps}
        round_of = {
            name: frozenset(other for other in reach[name] if name in reach[other])
            for name in self._flow.steps
        }
        asking = {name for name in self._flow.steps if self._asks(name, round_of[name])}
        for name, place in self._places.items():
            if name not in asking and name in self._flow.following(name, asking):
                raise place.fault("id", "leads back to itself and nothing is asked on the way")

    def _asks(self, name: str, circle: Iterable[str]) -> bool:
        """True if a step asks each time its circle is gone round: what it asks is forgotten."""
        says = [step for each in circle if isinstance(step := self._flow.steps[each], Say)]
        forgotten = {slot for step in says for slot in step.forget}
        match self._flow.steps[name]:
            case Collect(slot=slot) | Choose(slot=slot) | Take(slot=slot):
                return slot in forgotten
            case Confirm(slots=slots):
                return not forgotten.isdisjoint(slots)
            case _:
                return False

    # -- what is known -------------------------------------------------------------------------

    def known(self) -> None:
        """Prompts are given only what is there, and nothing is changed unconfirmed."""
        known: dict[str, _Known] = {self._flow.first: _Known(frozenset())}
        waiting = [self._flow.first]
        while waiting:
            name = waiting.pop()
            step = self._flow.steps[name]
            after_all = [*self._after(step, known[name])]
            if isinstance(step, Collect | Choose | Confirm):  # where a caller is waited for
                after_all += [(target, known[name]) for target in self._flow.instead.values()]
            for target, after in after_all:
                before = known.get(target)
                now = after if before is None else before & after
                if now != before and target != END:
                    known[target] = now
                    waiting.append(target)
        for name, certain in known.items():
            self._is_enough(self._flow.steps[name], certain, self._places[name])

    def _after(self, step: Step, known: _Known) -> Iterator[tuple[str, _Known]]:
        names, confirmed = known.names, known.confirmed
        match step:
            case Collect(slot=slot, go=go):
                yield go, _Known(names | {slot}, confirmed)
            case Choose(slot=slot, none=none, go=go) | Take(slot=slot, none=none, go=go):
                yield go, _Known(names | {slot}, confirmed)
                yield none, _Known(names - {slot}, confirmed - {slot})
            case Confirm(slots=slots, no=no, go=go):
                yield go, _Known(names, confirmed | set(slots))
                if no:
                    yield no, known
            case Act(tool=tool, on=on, otherwise=without):
                if without:
                    yield without, known
                endings = CATALOGUE[tool].endings
                for outcome, target in on.items():
                    told = endings[outcome].values.keys() if outcome in endings else ()
                    yield target, _Known(names | {*told, f"@{step.id}"}, confirmed)
            case First(go=go):
                yield go, known
            case Say(forget=forget, go=go):
                yield go, _Known(names - set(forget), confirmed - set(forget))
            case Write(slot=slot, go=go):
                yield go, _Known(names | {slot}, confirmed - {slot})
            case Branch(slot=slot, when=when, otherwise=otherwise):
                for target in when.values():
                    yield target, _Known(names | {slot}, confirmed)
                yield otherwise, known
            case _:
                pass

    def _is_enough(self, step: Step, known: _Known, place: Section) -> None:
        match step:
            case Collect(ask=ask):
                self._question(ask, known.names, place)
            case Take(source=source):
                self._answered(source, known, place)
            case Choose(ask=ask, source=source):
                self._answered(source, known, place)
                self._question(ask, known.names | {"options"}, place)
                self._prompt(ask + ONE, known.names | {"option"}, place, "ask")
            case Confirm(tell=tell, ask=ask):
                if tell:
                    self._prompt(tell, known.names, place, "tell")
                self._question(ask, known.names, place)
            case Say(prompt=prompt) | Farewell(prompt=prompt):
                self._prompt(prompt, known.names, place, type(step).__name__.lower())
            case Write(prompt=prompt):
                self._prompt(prompt, known.names, place, "text")
            case Act(tool=tool, arguments=arguments):
                required = CATALOGUE[tool].required
                if missing := sorted(required - known.names):
                    raise place.fault("with", f"{missing[0]} may not be filled by then")
                if CATALOGUE[tool].changes and (open_ := sorted({*arguments} - known.confirmed)):
                    raise place.fault("act", f"{open_[0]} may not have been confirmed by then")
            case _:
                pass

    def _answered(self, source: str, known: _Known, place: Section) -> None:
        if f"@{source}" not in known.names:
            raise place.fault("from", f"{source} may not have been asked by then")

    def _question(self, key: str, names: Iterable[str], place: Section) -> None:
        self._prompt_and(key, (AGAIN, HELP), names, place, "ask")

    def _prompt_and(
        self, key: str, more: Iterable[str], names: Iterable[str], place: Section, where: str
    ) -> None:
        """A prompt, and those of the same key and more that there are."""
        self._prompt(key, names, place, where)
        for added in more:
            if key + added in self._prompts.texts(self._prompts.languages[0]):
                self._prompt(key + added, names, place, where)

    def _prompt(self, key: str, names: Iterable[str], place: Section, where: str) -> None:
        known = {*names, *self._prompts.about} - self._secrets
        for language in self._prompts.languages:
            texts = self._prompts.texts(language).get(key)
            if texts is None:
                raise place.fault(where, f"there is no prompt {key} in prompts/{language}")
            if missing := sorted(placeholders(" ".join(texts)) - known):
                raise place.fault(
                    where, f"the prompt {key} wants {missing[0]}, not sure to be there"
                )


def _slots_of(step: Step) -> tuple[str, ...]:
    match step:
        case Collect(slot=slot) | Write(slot=slot) | Branch(slot=slot):
            return (slot,)
        case Take(slot=slot):
            return (slot,)
        case Choose(slot=slot, by=by):
            return (slot, *by)
        case Confirm(slots=slots):
            return slots
        case Act(arguments=arguments):
            return arguments
        case Say(forget=forget):
            return forget
        case _:
            return ()
