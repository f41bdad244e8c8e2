"""C28: who opened the link says "do not call me any more", and takes it back there."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.privacy.portal_house import CALL, NUMBER, PortalHouse, Visitor, visiting
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.privacy.codes import FRESH
from voice_agent.privacy.texts import load
from voice_agent.storage.tables import audit_log, do_not_call, sealed_numbers

pytestmark = pytest.mark.integration  # a real database on a real disk

DE, EN = load("de"), load("en")


async def come_to_calls(house: PortalHouse, visitor: Visitor, language: str = "de") -> None:
    """Open the link, enter a code, see whether one is rung up."""
    await visitor.enter(await house.link(language=language))
    await visitor.press("calls")
    await visitor.press("code")
    await visitor.press("verify", code=house.code)


async def rows(house: PortalHouse) -> list[tuple[str, str]]:
    """Who is on the list, and how they said so."""
    async with house.database.begin() as connection:
        found = await connection.execute(select(do_not_call.c.pseudonym, do_not_call.c.told_by))
        return [(row.pseudonym, row.told_by) for row in found]


async def test_c28_they_say_it_see_it_and_take_it_back(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_to_calls(house, visitor)
    assert DE["calls"]["possible"]["badge"] in visitor.text
    await visitor.press("calls.stop")
    assert await house.listed.holds(NUMBER)
    assert [told_by for _, told_by in await rows(house)] == ["portal"]
    for told in (DE["calls"]["done"]["stopped"], DE["calls"]["stopped"]["badge"]):
        assert told in visitor.text
    assert 'action="/p/calls.stop"' not in visitor.text
    await visitor.press("calls.allow")
    assert not await house.listed.holds(NUMBER)
    for told in (DE["calls"]["done"]["allowed"], DE["calls"]["possible"]["badge"]):
        assert told in visitor.text


async def test_c28_saying_it_again_is_the_same(house: PortalHouse, visitor: Visitor) -> None:
    await come_to_calls(house, visitor)
    form = visitor.form("/p/calls.stop")
    pages = [(await visitor.post("calls.stop", form)).text for _ in range(3)]
    assert len(set(pages)) == 1
    assert len(await rows(house)) == 1
    await visitor.post("calls.allow", form)
    again = await visitor.post("calls.allow", form)
    assert DE["calls"]["done"]["allowed"] in again.text
    assert await rows(house) == []


async def test_c28_how_it_was_said_before_does_not_matter(
    house: PortalHouse, visitor: Visitor
) -> None:
    """Whoever pressed key 8 in a call can see that here, and take it back."""
    await house.listed.add(NUMBER, ToldBy.KEY)
    await come_to_calls(house, visitor)
    assert DE["calls"]["stopped"]["badge"] in visitor.text
    await visitor.press("calls.allow")
    assert not await house.listed.holds(NUMBER)


async def test_c21_nothing_is_seen_or_changed_without_a_code(
    house: PortalHouse, visitor: Visitor
) -> None:
    await visitor.enter(await house.link())
    form = {"session": visitor.session, "language": "de"}
    for step in ("calls", "calls.stop", "calls.allow"):
        await visitor.post(step, form)
        assert DE["code"]["title"]["calls"] in visitor.text
        assert DE["calls"]["standing"] not in visitor.text
    assert await rows(house) == []


async def test_c21_a_code_opens_the_page_for_a_while(house: PortalHouse, visitor: Visitor) -> None:
    await come_to_calls(house, visitor)
    house.pass_time(seconds=FRESH.total_seconds())
    await visitor.press("calls.stop")
    assert DE["code"]["title"]["calls"] in visitor.text
    assert await rows(house) == []


async def test_a_code_for_something_else_serves_as_well(
    house: PortalHouse, visitor: Visitor
) -> None:
    await visitor.enter(await house.link())
    await visitor.press("access")
    await visitor.press("code")
    await visitor.press("verify", code=house.code)
    await visitor.press("overview")
    await visitor.press("calls")
    assert DE["calls"]["standing"] in visitor.text


async def test_a_number_that_is_not_kept_any_more_is_told(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_to_calls(house, visitor)
    async with house.database.begin() as connection:
        await connection.execute(sealed_numbers.delete().where(sealed_numbers.c.call_id == CALL))
    await visitor.press("calls.stop")
    assert DE["code"]["trouble"]["no_number"] in visitor.text
    assert await rows(house) == []


@pytest.mark.parametrize("step", ["calls", "calls.stop", "calls.allow"])
async def test_c21_following_a_link_changes_nothing(
    house: PortalHouse, visitor: Visitor, step: str
) -> None:
    await come_to_calls(house, visitor)
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = await visitor.http.request(method, f"/p/{step}")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert await rows(house) == []


@pytest.mark.parametrize("step", ["calls", "calls.stop", "calls.allow"])
async def test_another_site_knows_no_session(
    house: PortalHouse, visitor: Visitor, step: str
) -> None:
    """The session's secret is in our own pages' forms alone: no cookie travels with a request."""
    await come_to_calls(house, visitor)
    for session in ("", "x" * 43, "<script>"):
        async with visiting(house) as other:
            answer = await other.post(step, {"session": session, "language": "de"})
            assert answer.status_code == 403
            assert not answer.cookies
    answer = await visitor.post(step, visitor.form("/p/calls.stop") | {"number": "+49301234567"})
    assert answer.status_code == 400  # whose number it is says the session, and nobody else
    assert await rows(house) == []


async def test_it_is_written_down_without_the_number(house: PortalHouse, visitor: Visitor) -> None:
    await come_to_calls(house, visitor)
    await visitor.press("calls.stop")
    await visitor.press("calls.allow")
    async with house.database.begin() as connection:
        notes = (await connection.execute(select(audit_log))).all()
    assert [(note.actor, note.action, note.object_id) for note in notes] == [
        ("portal", "do_not_call_add", None),
        ("portal", "do_not_call_remove", None),
    ]


async def test_while_the_list_is_away_nothing_is_promised(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_to_calls(house, visitor)
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE do_not_call RENAME TO elsewhere")
    answer = await visitor.press("calls.stop")
    assert answer.status_code == 503
    assert DE["calls"]["done"]["stopped"] not in visitor.text
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO do_not_call")
    house.pass_time(minutes=1)
    await visitor.press("calls.stop")  # the page has a button that repeats the step
    assert await house.listed.holds(NUMBER)


async def test_the_page_is_in_the_visitors_language(house: PortalHouse, visitor: Visitor) -> None:
    await come_to_calls(house, visitor, "en")
    assert EN["calls"]["possible"]["sentence"] in visitor.text
    await visitor.press("calls.stop")
    assert EN["calls"]["done"]["stopped"] in visitor.text


async def test_where_nobody_is_rung_up_nothing_is_offered(house: PortalHouse) -> None:
    house = PortalHouse(database=house.database, rings_up=False)
    async with visiting(house) as visitor:
        await visitor.enter(await house.link())
        assert "/p/calls" not in visitor.text
        form = {"session": visitor.session, "language": "de"}
        assert (await visitor.post("calls", form)).status_code == 404
        await visitor.post("code", form | {"aim": "calls"})
        assert DE["code"]["title"]["access"] in visitor.text
