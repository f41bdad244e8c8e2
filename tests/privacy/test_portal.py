"""What a visitor sees and does, page by page, as a browser without script does it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from consent.receipt import Means, State
from tests.privacy.portal_house import (
    CALL,
    NUMBER,
    PortalHouse,
    Visitor,
    code_in,
    incomplete,
    visiting,
)
from voice_agent.privacy.texts import load
from voice_agent.runtime.message import MessageStatus

pytestmark = pytest.mark.integration  # a real database on a real disk

DE = load("de")


async def come_in(house: PortalHouse, visitor: Visitor) -> None:
    """Consent, get the link, open it."""
    await house.consent()
    await visitor.enter(await house.link())


async def verified(house: PortalHouse, visitor: Visitor, aim: str) -> None:
    """Come in, ask for something that needs a code, and enter the code."""
    await come_in(house, visitor)
    await visitor.press(aim)
    await visitor.press("code")
    await visitor.press("verify", code=house.code)


# -- where the consent stands ----------------------------------------------------------------------


async def test_c21_the_link_opens_where_the_consent_stands(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    assert DE["standing"]["given"]["badge"] in visitor.text
    assert "24. November 2026, 12:05 Uhr MEZ" in visitor.text


async def test_c11_who_has_not_consented_reads_so_and_has_nothing_to_withdraw(
    house: PortalHouse, visitor: Visitor
) -> None:
    await visitor.enter(await house.link())
    assert DE["standing"]["none"]["badge"] in visitor.text
    assert DE["overview"]["nothing_to_withdraw"] in visitor.text
    assert 'action="/p/withdraw"' not in visitor.text
    assert 'action="/p/receipt"' not in visitor.text
    session = {"session": visitor.session, "language": "de"}
    for step in ("withdraw", "receipt", "receipt.jsonld"):
        assert (await visitor.post(step, session)).status_code == 200
        assert DE["standing"]["none"]["badge"] in visitor.text
    assert await house.ledger.withdrawn([CALL]) == frozenset()
    await visitor.press("notice")
    assert DE["notice"]["current"] in visitor.text


async def test_c11_a_consent_that_ended_with_its_call_is_not_withdrawn_any_more(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await house.ledger.expire(CALL, house.now)
    await visitor.enter(await house.link())
    assert DE["standing"]["expired"]["badge"] in visitor.text
    assert 'action="/p/withdraw"' not in visitor.text
    await visitor.post("withdraw", {"session": visitor.session, "language": "de"})
    assert DE["standing"]["expired"]["badge"] in visitor.text
    assert await house.ledger.withdrawn([CALL]) == frozenset()


async def test_c16_one_click_withdraws_and_a_second_shows_the_same(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    form = visitor.form("/p/withdraw")
    first = await visitor.press("withdraw")
    house.pass_time(minutes=1)
    second = await visitor.post("withdraw", form)
    assert DE["overview"]["withdrawn"] in first.text
    assert first.text == second.text
    held = await house.archive.held(CALL)
    assert held is not None
    assert held.state is State.WITHDRAWN
    assert held.events[-1].means is Means.PORTAL
    assert await house.ledger.withdrawn([CALL]) == {CALL}


async def test_c16_a_withdrawal_that_could_not_be_saved_before_is_told_apart(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await house.ledger.withdraw(CALL, house.now, Means.NOT_SAVED)
    await visitor.enter(await house.link())
    assert DE["standing"]["not_saved"]["badge"] in visitor.text


# -- papers ----------------------------------------------------------------------------------------


async def test_c21_the_receipt_can_be_read_and_downloaded(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    held = await house.archive.held(CALL)
    assert held is not None
    await visitor.press("receipt")
    for fact in (held.record.record_id, held.record.notice_version, "12,3 s", CALL):
        assert fact in visitor.text
    assert NUMBER[1:] not in visitor.text
    file = await visitor.press("receipt.jsonld")
    assert file.headers["content-type"] == "application/ld+json"
    assert file.headers["cache-control"] == "no-store"
    assert "attachment" in file.headers["content-disposition"]
    assert json.loads(file.content)["record_id"] == held.record.record_id


async def test_c12_the_notice_is_shown_in_the_version_that_was_heard(
    house: PortalHouse, visitor: Visitor
) -> None:
    old = replace(house.notice, recipients=("Altmeier AG: Hosting",))
    text = replace(old.texts["de"], full=(("Früher", "So hieß es früher."),))
    old = replace(old, texts={**old.texts, "de": text})
    await house.consent(notice=old)
    await visitor.enter(await house.link())
    await visitor.press("notice")
    assert "So hieß es früher." in visitor.text
    assert old.version in visitor.text
    assert DE["notice"]["heard"] in visitor.text


async def test_a_notice_that_is_missing_is_admitted(house: PortalHouse, visitor: Visitor) -> None:
    """The receipt is shown all the same, as far as the record itself goes."""
    await come_in(house, visitor)
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM notices")
    form = visitor.form("/p/notice")
    assert (await visitor.press("receipt")).status_code == 200
    assert DE["receipt"]["terms"] not in visitor.text
    assert (await visitor.press("receipt.jsonld")).status_code == 503
    assert (await visitor.post("notice", form)).status_code == 503


# -- languages -------------------------------------------------------------------------------------


async def test_pages_are_in_the_language_of_the_call_and_can_be_switched(
    house: PortalHouse, visitor: Visitor
) -> None:
    await house.consent()
    await visitor.enter(await house.link(language="en"))
    assert '<html lang="en">' in visitor.text
    await visitor.press("receipt", language="de")
    assert DE["receipt"]["title"] in visitor.text
    await visitor.press("overview")
    assert '<html lang="de">' in visitor.text


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "de"),
        ("", "en-GB,en;q=0.9", "en"),
        ("", "fr, en;q=0.5", "en"),
        ("?language=en", "de", "en"),
        ("?language=fr", "de", "de"),
        ("?language=%3Cscript%3E", "\x01", "de"),
    ],
)
async def test_the_entrance_speaks_the_visitors_language(
    visitor: Visitor, query: str, accepted: str, language: str
) -> None:
    page = await visitor.look(f"/p{query}", **{"accept-language": accepted})
    assert f'<html lang="{language}">' in page.text


async def test_a_language_chosen_at_the_entrance_stays(
    house: PortalHouse, visitor: Visitor
) -> None:
    await visitor.look("/p?language=en")
    await visitor.press("", token=await house.link())
    assert '<html lang="en">' in visitor.text


# -- access ----------------------------------------------------------------------------------------


async def test_c20_c21_access_needs_a_code_and_then_shows_what_is_kept(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    await visitor.press("access")
    assert DE["code"]["title"]["access"] in visitor.text
    assert house.rights.exported == []
    assert house.letters.sent == []
    await visitor.press("code")
    ((number, text),) = house.letters.sent
    assert number == NUMBER
    assert "http" not in text
    await visitor.press("verify", code=f" {code_in(text)[:3]} {code_in(text)[3:]} ")
    assert DE["access"]["title"] in visitor.text
    assert NUMBER in visitor.text
    assert "24. November 2026, 12:05" in visitor.text
    file = await visitor.press("access.json")
    assert json.loads(file.content)["places"]["contents"][0]["number"] == NUMBER
    assert house.rights.exported == [CALL, CALL]


async def test_c20_the_codes_message_is_noted_so_that_it_can_be_deleted_at_the_carrier(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    await visitor.press("access")
    await visitor.press("code")
    assert await house.book.message_reported(f"SM{1:032d}", MessageStatus.SENT, None)


async def test_c21_the_right_code_opens_for_a_quarter_of_an_hour(
    house: PortalHouse, visitor: Visitor
) -> None:
    await verified(house, visitor, "access")
    await visitor.press("overview")
    house.pass_time(minutes=14)
    await visitor.press("access")
    assert DE["access"]["title"] in visitor.text
    await visitor.press("overview")
    house.pass_time(minutes=1)
    await visitor.press("access")
    assert DE["code"]["title"]["access"] in visitor.text


async def test_c21_without_a_code_nothing_is_shown_or_erased_whatever_is_posted(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    form = {"session": visitor.session, "language": "de"}
    for step in ("access", "access.json", "erase", "erased"):
        await visitor.post(step, form)
        assert DE["code"]["lead"] in visitor.text
    assert house.rights.exported == []
    assert house.rights.erased == []


async def test_c21_a_wrong_an_expired_and_a_spent_code_are_told_apart(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    await visitor.press("access")
    await visitor.press("code")
    wrong = f"{(int(house.code) + 1) % 10**6:06d}"
    trouble = DE["code"]["trouble"]
    for slip in ("", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "<b>"):
        await visitor.press("verify", code=slip or " ")
        assert trouble["code_wrong"] in visitor.text
    house.pass_time(minutes=10)
    await visitor.press("verify", code=house.code)
    assert trouble["code_expired"] in visitor.text
    await visitor.press("code")
    for _ in range(2):
        await visitor.press("verify", code=wrong)
        assert trouble["code_wrong"] in visitor.text
    assert house.rights.exported == []


async def test_a_double_click_on_send_sends_one_code(house: PortalHouse, visitor: Visitor) -> None:
    await come_in(house, visitor)
    await visitor.press("access")
    form = visitor.form("/p/code")
    await visitor.post("code", form)
    await visitor.post("code", form)
    assert DE["code"]["sent"] in visitor.text
    assert len(house.letters.sent) == 1
    form = visitor.form("/p/verify") | {"code": house.code}
    await visitor.post("verify", form)
    await visitor.post("verify", form)
    assert DE["access"]["title"] in visitor.text


@pytest.mark.parametrize(
    ("code", "sentence"), [(21614, "unreachable"), (21610, "unreachable"), (20003, "failed")]
)
async def test_c21_a_code_that_cannot_be_sent_is_admitted(
    house: PortalHouse, visitor: Visitor, code: int, sentence: str
) -> None:
    await come_in(house, visitor)
    house.letters.refusal = code
    await visitor.press("access")
    await visitor.press("code")
    assert DE["code"]["trouble"][sentence] in visitor.text
    assert 'name="code"' not in visitor.text


async def test_c21_without_a_number_there_is_no_code(house: PortalHouse, visitor: Visitor) -> None:
    await come_in(house, visitor)
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("DELETE FROM sealed_numbers")
    await visitor.press("erase")
    await visitor.press("code")
    assert DE["code"]["trouble"]["no_number"] in visitor.text


async def test_c21_three_codes_a_session_and_three_a_number_and_day(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    await visitor.press("access")
    for _ in range(4):
        await visitor.press("code")
        house.pass_time(minutes=1)
    assert DE["code"]["trouble"]["too_many"] in visitor.text
    assert len(house.letters.sent) == 3
    await house.call("CA" + "f" * 32)
    async with visiting(house) as other:
        await other.enter(await house.link("CA" + "f" * 32))
        await other.press("access")
        await other.press("code")
        assert DE["code"]["trouble"]["too_many_today"] in other.text
    assert len(house.letters.sent) == 3


async def test_a_code_whose_sending_nobody_answered_counts_if_it_arrives(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    house.letters.unanswered = True
    await visitor.press("access")
    await visitor.press("code")
    await visitor.press("verify", code=house.code)
    assert DE["access"]["title"] in visitor.text


async def test_c21_after_a_fault_before_sending_asking_again_sends_a_code(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    await visitor.press("access")
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE messages RENAME TO gone")
    assert (await visitor.press("code")).status_code == 503
    async with house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO messages")
    assert house.letters.sent == []
    await visitor.press("code")
    assert len(house.letters.sent) == 1


# -- erasure ---------------------------------------------------------------------------------------


async def test_c20_erasure_asks_twice_and_says_what_is_gone_and_what_stays(
    house: PortalHouse, visitor: Visitor
) -> None:
    await verified(house, visitor, "erase")
    assert DE["erase"]["title"] in visitor.text
    assert house.rights.erased == []
    form = visitor.form("/p/erased")
    await visitor.press("erased")
    assert house.rights.erased == [(CALL, "portal")]
    for sentence in (
        DE["erased"]["title"],
        DE["reasons"]["proof"],
        DE["erased"]["pending"].replace("{number}", "2"),
        DE["erased"]["stopped"],
    ):
        assert sentence in visitor.text
    assert visitor.text.count('name="session"') == 0
    assert (await visitor.post("erased", form)).status_code == 403
    assert DE["gone"]["title"] in visitor.text
    assert len(house.rights.erased) == 1


async def test_c20_an_erasure_that_stops_half_way_is_admitted_and_can_be_done_again(
    house: PortalHouse, visitor: Visitor
) -> None:
    await verified(house, visitor, "erase")
    house.rights.fault = incomplete()
    assert (await visitor.press("erased")).status_code == 503
    assert DE["incomplete"]["title"] in visitor.text
    house.rights.fault = None
    await visitor.press("erased")
    assert DE["erased"]["title"] in visitor.text


async def test_c20_of_a_call_erased_meanwhile_nothing_is_left_to_see(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    form = {"session": visitor.session, "language": "de"}
    await house.rights.erase(CALL, "command")
    for step in ("overview", "receipt", "withdraw", "access"):
        assert (await visitor.post(step, form)).status_code == 403
        assert DE["gone"]["title"] in visitor.text


async def test_a_session_ends_after_half_an_hour_without_a_click(
    house: PortalHouse, visitor: Visitor
) -> None:
    await come_in(house, visitor)
    house.pass_time(minutes=30)
    assert (await visitor.press("withdraw")).status_code == 403
    assert DE["gone"]["title"] in visitor.text
    assert await house.ledger.withdrawn([CALL]) == frozenset()
