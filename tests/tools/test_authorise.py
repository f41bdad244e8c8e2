"""What a call may have done: everything that breaks a rule is refused, with the rule's name."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.tool import CATALOGUE, ToolAnswer, ToolRequest
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.arguments import KINDS, is_number, is_well_formed
from voice_agent.tools.authorise import (
    LIMITS,
    USUAL_LIMIT,
    AuthorisedCall,
    CallFacts,
    Policy,
    Refusal,
    authorise,
)
from voice_agent.tools.told import Told, told_by

START: Final = "2026-11-24T10:00"
GOOD: Final = {
    "service": "oil-change",
    "start": START,
    "appointment": "a1",
    "entry": "e1",
    "reminder": "r1",
    "secret": "482715",
    "date": "2026-11-24/2026-11-27",
    "time": "10:00/12:00",
    "name": "Fischer",
    "recipient": "Frau Berger",
    "phone": "+491723456789",
    "category": "waiting",
    "wish": "callback",
    "note": "Quietscht.",
    "reason": "Es geht um eine Rechnung.",
    "message": "Bitte rufen Sie mich an.",
    "complaint": "Es hat zu lange gedauert.",
}
ABOUT: Final = [("service", "oil-change"), ("appointment", "a1")]
FACTS: Final = CallFacts(
    "CA1",
    consented=True,
    tools=frozenset(CATALOGUE),
    person=PersonKey("K-1"),
    told=frozenset(
        {
            Told("appointment", "a1"),
            Told("entry", "e1"),
            Told("reminder", "r1"),
            *(Told("start", START, about) for about in ABOUT),
        }
    ),
    policy=Policy(frozenset({"oil-change"}), frozenset({"DE"})),
)
USED_UP: Final = {tool: LIMITS.get(tool, USUAL_LIMIT) for tool in CATALOGUE}


def asked(tool: str, **changed: Any) -> ToolRequest:
    """A request for a tool with everything it takes, all of it as it should be."""
    there = CATALOGUE[tool]
    given = {name: GOOD[name] for name in sorted(there.required | there.optional)}
    usual: dict[str, Any] = {
        "arguments": given,
        "language": "de",
        "flow": "book_appointment",
        "run": 1,
        "number": 1,
        "confirmed": frozenset(changed.get("arguments", given)) if there.changes else frozenset(),
    }
    return ToolRequest(tool, **(usual | changed))


def with_(request: ToolRequest, **arguments: str) -> ToolRequest:
    """The same with other arguments, confirmed as they are."""
    given = {**request.arguments, **arguments}
    return replace(request, arguments=given, confirmed=frozenset(given))


def test_every_argument_of_every_tool_has_a_kind() -> None:
    named = {name for tool in CATALOGUE.values() for name in tool.required | tool.optional}
    assert named <= KINDS.keys()
    assert GOOD.keys() == KINDS.keys()


@pytest.mark.parametrize("tool", sorted(CATALOGUE))
def test_what_breaks_no_rule_is_permitted(tool: str) -> None:
    request = asked(tool)
    permitted = authorise(request, FACTS)
    assert isinstance(permitted, AuthorisedCall)
    assert permitted.request == request
    assert permitted.key == "CA1:book_appointment:1:1"


@pytest.mark.parametrize("tool", sorted(CATALOGUE))
@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        (replace(FACTS, consented=False), Refusal.NO_CONSENT),
        (replace(FACTS, tools=frozenset()), Refusal.NO_SUCH_TOOL),
        (replace(FACTS, used=USED_UP), Refusal.TOO_MANY),
        (replace(FACTS, permitted=frozenset({"CA1:book_appointment:1:1"})), Refusal.REPEATED),
    ],
    ids=["consent", "tool", "limit", "repeated"],
)
def test_what_this_call_may_not_have_is_refused(
    tool: str, facts: CallFacts, refusal: Refusal
) -> None:
    assert authorise(asked(tool), facts) is refusal


def test_what_is_about_a_person_needs_to_know_who_calls() -> None:
    for name, tool in CATALOGUE.items():
        permitted = authorise(asked(name), replace(FACTS, person=None))
        assert (permitted is Refusal.NOT_IDENTIFIED) is tool.personal


def test_a_tool_nobody_knows_is_refused() -> None:
    request = replace(asked("calendar.free"), tool="calendar.drop")
    facts = replace(FACTS, tools=frozenset({"calendar.drop"}))
    assert authorise(request, facts) is Refusal.NO_SUCH_TOOL


CHANGING: Final = sorted(name for name, tool in CATALOGUE.items() if tool.changes)


@pytest.mark.parametrize("tool", CHANGING)
def test_what_changes_something_needs_a_yes_to_all_of_it(tool: str) -> None:
    request = asked(tool)
    for name in request.arguments:
        less = replace(request, confirmed=request.confirmed - {name})
        assert authorise(less, FACTS) is Refusal.NOT_CONFIRMED
    more = replace(request, confirmed=request.confirmed | {"person"})
    assert authorise(more, FACTS) is Refusal.NOT_CONFIRMED


@pytest.mark.parametrize("tool", sorted(CATALOGUE))
def test_an_argument_too_few_or_too_many_is_refused(tool: str) -> None:
    request = asked(tool)
    more = with_(request, person="K-1")
    assert authorise(more, FACTS) is Refusal.ARGUMENTS
    for name in CATALOGUE[tool].required:
        given = {key: value for key, value in request.arguments.items() if key != name}
        less = replace(request, arguments=given, confirmed=frozenset(given))
        assert authorise(less, FACTS) is Refusal.ARGUMENTS


WRONG: Final = [
    *[("service", each) for each in ["tyre-change", "", "x" * 65, "oil change", "oil-change\n"]],
    *[("start", each) for each in ["2026-11-24", "2026-13-01T10:00", "2026-11-24T25:00", "/"]],
    *[("start", each) for each in ["2026-11-24T10:00+02:00", "２０26-11-24T10:00"]],
    *[("appointment", each) for each in ["", "../a1", "a1;a2", "a1 a2", "x" * 65]],
    *[("date", each) for each in ["", "tomorrow", "2026-02-30", "2026-11-27/2026-11-24", "10:00"]],
    *[("time", each) for each in ["", "24:00", "24:00/25:00", "10:00/11:00/12:00"]],
    *[("name", each) for each in ["", " ", "x" * 61, "<b>x</b>", "{phone}", "A\u202eb", "A\nb"]],
    *[("name", each) for each in ["1; drop table", "Robert'); DROP TABLE x;--"]],
    *[(name, "x" * 1001) for name in ["reason", "message", "complaint"]],
    *[(name, "a\nb") for name in ["reason", "message", "complaint", "note"]],
    *[(name, "  ") for name in ["reason", "message", "complaint", "note"]],
    ("note", "x" * 501),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_value_that_is_none_of_its_kind_is_refused(name: str, value: str) -> None:
    tools = [tool for tool in CATALOGUE if name in asked(tool).arguments]
    assert tools
    for tool in tools:
        assert authorise(with_(asked(tool), **{name: value}), FACTS) is Refusal.ARGUMENTS


@pytest.mark.parametrize("value", ["", "/", "2026-11-24/", "/2026-11-24", "2026-11-24/2026-11-24"])
def test_a_span_may_be_open(value: str) -> None:
    assert is_well_formed("date", value) is (value != "")


def test_a_span_of_times_may_be_a_night() -> None:
    assert is_well_formed("time", "22:00/06:00")


COSTLY: Final = ["+499001234567", "+491805123456", "+449098790000", "+19005551234"]
NONE: Final = ["112", "0172 3456789", "+0172345678", "+49", "+4917234567890123", "", "+49abc"]


@pytest.mark.parametrize("value", [*COSTLY, *NONE])
def test_a_number_nobody_is_reached_at_is_refused(value: str) -> None:
    for tool in CATALOGUE:
        if "phone" in asked(tool).arguments and CATALOGUE[tool].changes:
            assert authorise(with_(asked(tool), phone=value), FACTS) is Refusal.NUMBER


@pytest.mark.parametrize("value", ["+2243012345", "+41791234567", "+442079460000"])
def test_the_company_rings_nobody_back_abroad(value: str) -> None:
    request = with_(asked("callback.request"), phone=value)
    assert authorise(request, FACTS) is Refusal.NUMBER
    assert is_number("+41791234567", frozenset({"DE", "CH"}))
    booking = with_(asked("calendar.book"), phone="+41791234567")
    assert isinstance(authorise(booking, FACTS), AuthorisedCall)


def test_only_what_was_told_can_be_asked_for() -> None:
    without = replace(FACTS, told=frozenset())
    for tool in ("calendar.book", "calendar.move", "calendar.cancel", "calendar.free"):
        assert authorise(asked(tool), without) is Refusal.NOT_OFFERED


def test_a_free_time_is_one_for_what_it_was_asked_for() -> None:
    for_service = replace(FACTS, told=frozenset({Told("start", START, ABOUT[0])}))
    for_appointment = replace(
        FACTS, told=frozenset({Told("appointment", "a1"), Told("start", START, ABOUT[1])})
    )
    book, move = asked("calendar.book"), asked("calendar.move")
    assert isinstance(authorise(book, for_service), AuthorisedCall)
    assert authorise(book, for_appointment) is Refusal.NOT_OFFERED
    assert isinstance(authorise(move, for_appointment), AuthorisedCall)
    assert authorise(move, for_service) is Refusal.NOT_OFFERED


def test_what_an_answer_tells_is_what_a_flow_sees_of_it() -> None:
    request = replace(asked("calendar.free"), arguments={"service": "oil-change", "date": "/"})
    row = {"start": START, "date": "2026-11-24", "time": "10:00"}
    rows: tuple[Mapping[str, str], ...] = (row, {"start": "a b"}, {**row, "date": "soon"}, {})
    answer = ToolAnswer(request, "free", {}, rows)
    assert set(told_by(answer)) == {Told("start", START, ABOUT[0])}
    assert set(told_by(ToolAnswer(request, "away", {}, rows))) == set()
    assert set(told_by(ToolAnswer(request, "no such outcome", {}, rows))) == set()


# -- permissions -------------------------------------------------------------------------------


def test_a_permission_cannot_be_forged() -> None:
    with pytest.raises(TypeError):
        AuthorisedCall(asked("calendar.free"), FACTS, object())
    with pytest.raises(TypeError):
        AuthorisedCall(asked("calendar.free"), FACTS)  # type: ignore[call-arg]


def test_a_permission_is_for_what_was_looked_at() -> None:
    given = dict(asked("calendar.book").arguments)
    request = asked("calendar.book", arguments=given)
    permitted = authorise(request, FACTS)
    assert isinstance(permitted, AuthorisedCall)
    given["phone"] = "+499001234567"
    assert permitted.request.arguments["phone"] == GOOD["phone"]
    with pytest.raises(TypeError):
        permitted.request.arguments["phone"] = "+499001234567"  # type: ignore[index]
    with pytest.raises(AttributeError):
        permitted.request = request  # type: ignore[misc]


def test_nothing_of_a_caller_is_shown() -> None:
    permitted = authorise(asked("calendar.book"), FACTS)
    assert repr(permitted) == "AuthorisedCall(calendar.book)"
    shown = repr(FACTS) + repr(asked("calendar.book"))
    assert not any(GOOD[name] in shown for name in ("name", "phone", "appointment", "start"))


# -- properties --------------------------------------------------------------------------------

anything = st.one_of(st.text(max_size=80), st.sampled_from([*GOOD.values(), *COSTLY, *NONE]))
names = st.sampled_from([*KINDS, "person", "consented", ""])


@st.composite
def requests(draw: st.DrawFn) -> ToolRequest:
    """Any request: near to a good one, or far from it."""
    tool = draw(st.sampled_from([*CATALOGUE, "calendar.drop"]))
    request = replace(asked(tool if tool in CATALOGUE else "calendar.book"), tool=tool)
    given = {**request.arguments, **draw(st.dictionaries(names, anything, max_size=2))}
    for name in draw(st.lists(st.sampled_from(sorted(given)), max_size=1)) if given else []:
        del given[name]
    confirmed = draw(st.sampled_from([frozenset(given), frozenset(), request.confirmed]))
    return replace(request, arguments=given, confirmed=confirmed)


facts = st.builds(
    replace,
    st.just(FACTS),
    consented=st.sampled_from([True, True, False]),
    person=st.sampled_from([FACTS.person, FACTS.person, None]),
    tools=st.sampled_from([FACTS.tools, FACTS.tools, frozenset({"calendar.free"})]),
    used=st.dictionaries(st.sampled_from(sorted(CATALOGUE)), st.integers(0, 31), max_size=3),
    told=st.sampled_from(
        [FACTS.told, frozenset(), *(FACTS.told - {each} for each in sorted(FACTS.told, key=str))]
    ),
    permitted=st.sampled_from([frozenset[str](), frozenset({"CA1:book_appointment:1:1"})]),
)


@given(requests(), facts)
def test_no_request_that_breaks_a_rule_is_permitted(request: ToolRequest, facts: CallFacts) -> None:
    before = copy.deepcopy(dict(request.arguments))
    permitted = authorise(request, facts)
    assert dict(request.arguments) == before
    if isinstance(permitted, Refusal):
        return
    tool, given_ = CATALOGUE[request.tool], request.arguments
    assert facts.consented
    assert request.tool in facts.tools
    assert facts.used.get(request.tool, 0) < USED_UP[request.tool]
    assert facts.key(request) not in facts.permitted
    assert tool.required <= given_.keys() <= tool.required | tool.optional
    assert not tool.changes or request.confirmed == given_.keys()
    assert all(len(value) <= 1000 and value.isprintable() for value in given_.values())
    assert given_.get("service", "oil-change") == "oil-change"
    assert not tool.personal or facts.person is not None
    assert not tool.changes or given_.get("phone", "+49").startswith("+")
    assert not tool.changes or given_.get("phone") not in COSTLY
    if "appointment" in given_:
        assert Told("appointment", given_["appointment"]) in facts.told
    if "start" in given_:
        assert given_["start"] in {each.value for each in facts.told if each.argument == "start"}


@given(st.text(), st.sampled_from(sorted(KINDS)))
def test_any_text_is_well_formed_or_not_and_never_a_fault(value: str, name: str) -> None:
    assert is_well_formed(name, value) in {True, False}
    assert is_number(value, frozenset({"DE"})) in {True, False}
