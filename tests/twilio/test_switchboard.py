"""What is answered, through the real application without a socket; C1 to C8 by keypad."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, func, select

from consent.ledger import LedgerUnavailable
from consent.receipt import Clock, ConsentRecord, Receipt, State
from tests.runtime.paper import Letters
from tests.twilio.carrier import CALLER, Carrier
from tests.twilio.house import HUMAN, House, opened
from voice_agent.call.events import LinkOutcome
from voice_agent.keyring import KeyRing
from voice_agent.runtime.records import Disposition
from voice_agent.runtime.registrar import Heard
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.tables import (
    calls,
    carrier_deletions,
    consent_withdrawals,
    ledger_entries,
    messages,
)
from voice_agent.twilio.answers import Place
from voice_agent.twilio.messages import Start
from voice_agent.twilio.switchboard import Switchboard
from voice_agent.twilio.webhook import WITHHELD, Webhook, known_number

pytestmark = pytest.mark.integration  # a real database on a real disk

HEARD = Heard(part="notice", ms=None, by=Clock.ELAPSED)


async def records(house: House) -> int:
    """How many consent records there are."""
    async with house.database.begin() as connection:
        given = select(func.count()).where(ledger_entries.c.kind == "given")
        return await connection.scalar(given) or 0


async def recorded(carrier: Carrier) -> ConsentRecord:
    """The consent record of the call."""
    held = await carrier.house.archive.held(carrier.call_id)
    assert held is not None
    return held.record


# -- the notice ------------------------------------------------------------------------------------


async def test_c1_a_call_begins_with_the_notice_and_no_stream(carrier: Carrier) -> None:
    await carrier.ring()
    assert carrier.verbs == ["Gather", "Play", "Redirect"]
    assert carrier.plays == [f"/audio/{carrier.house.notice.audio['de']}.wav"]
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.IN_NOTICE


async def test_c7_c12_what_is_played_is_the_audio_the_notices_version_names(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    (path,) = carrier.plays
    response = await carrier.get(path)
    assert response.status_code == 200
    assert carrier.house.recordings.read(path[7:-4]) == response.content


async def test_c1_key_1_records_the_consent_and_only_then_opens_a_stream(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    assert carrier.verbs == ["Connect", "Stream", "Parameter", "Parameter", "Parameter"]
    assert await carrier.house.ledger.find(carrier.call_id) is not None
    assert set(carrier.parameters) == {"token", "language", "caller"}
    assert carrier.house.metrics.counted("consent_given") == 1


async def test_c6_key_0_dials_a_human_and_nothing_listens(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("0")
    assert carrier.verbs == ["Play", "Dial"]
    assert carrier.number_dialled == HUMAN
    assert await carrier.said("connecting_human")
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.HANDOVER
    assert await records(carrier.house) == 0


async def test_c6_without_a_human_key_0_is_answered_plainly(tmp_path: Path) -> None:
    async with opened(tmp_path, human=None) as house, Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("0")
        assert await carrier.said("human_unavailable")
        assert carrier.verbs == ["Play", "Hangup"]


async def test_c8_key_3_reads_the_full_notice_and_any_key_interrupts_it(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("3")
    assert carrier.verbs == ["Gather", "Play", "Redirect"]
    full = carrier.house.board.answers.script.full_notice("de")
    assert carrier.plays == [f"/audio/{carrier.house.recordings.name(full)}.wav"]
    await carrier.press("1")
    assert "Stream" in carrier.verbs


async def test_c8_key_5_changes_the_language_to_and_fro_and_the_consent_says_which(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    await carrier.press("5")
    assert carrier.plays == [f"/audio/{carrier.house.notice.audio['en']}.wav"]
    await carrier.press("5")
    assert carrier.plays == [f"/audio/{carrier.house.notice.audio['de']}.wav"]
    await carrier.press("5")
    await carrier.press("1")
    assert carrier.parameters["language"] == "en"
    assert (await recorded(carrier)).language == "en"


async def test_c13_the_record_says_how_long_the_notice_had_played_at_most(
    carrier: Carrier,
) -> None:
    """The carrier does not tell, so it is the time from our answer to the key."""
    await carrier.ring()
    carrier.house.clock.ahead += 7.5
    await carrier.press("1")
    record = await recorded(carrier)
    assert (record.heard, record.heard_by, record.key) == ("notice", Clock.ELAPSED, "1")
    assert record.heard_ms is not None
    played = carrier.house.recordings.seconds(carrier.house.notice.audio["de"]) * 1000
    assert record.heard_ms <= played
    assert record.heard_ms >= min(7_500, round(played)) - 1
    assert (record.given_at - record.requested_at).total_seconds() >= 7.5


async def test_c13_the_record_says_that_it_was_a_repetition_that_was_heard(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    await carrier.wait()
    carrier.house.clock.ahead += 3600
    await carrier.press("1")
    record = await recorded(carrier)
    assert record.heard == "repetition"
    lines = carrier.house.board.answers.script.repetition("de", 1)
    played = carrier.house.recordings.seconds(carrier.house.recordings.name(lines))
    assert record.heard_ms == round(played * 1000)  # never more than there was to hear


async def test_c17_the_record_names_the_caller_by_a_pseudonym_alone(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    record = await recorded(carrier)
    assert record.principal == carrier.house.registrar.pseudonyms.of(CALLER)
    assert CALLER.removeprefix("+") not in record.canonical().decode()


async def test_c11_the_consent_expires_with_the_call(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    await carrier.post("/twilio/status/call", CallStatus="completed")
    held = await carrier.house.archive.held(carrier.call_id)
    assert held is not None
    assert held.state is State.EXPIRED
    assert await carrier.house.ledger.find(carrier.call_id) is None


async def test_c8_the_hash_key_repeats_the_notice(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.wait()
    await carrier.press("#")
    assert carrier.plays == [f"/audio/{carrier.house.notice.audio['de']}.wav"]


async def test_c8_the_star_before_consent_says_that_nobody_listens(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("*")
    assert await carrier.said("nothing_to_withdraw")
    assert carrier.verbs == ["Gather", "Play", "Redirect"]


@pytest.mark.parametrize("key", ["4", "6", "7", "8", "9", "A", "11", "1\n", " 1", "\u0661", "1,1"])
async def test_c5_whatever_is_not_exactly_the_key_1_is_no_consent(
    carrier: Carrier, key: str
) -> None:
    await carrier.ring()
    await carrier.press(key)
    assert carrier.verbs == ["Gather", "Play", "Redirect"]
    assert await records(carrier.house) == 0


async def test_c5_silence_is_repeated_to_twice_and_then_goes_to_a_human(carrier: Carrier) -> None:
    await carrier.ring()
    script, recordings = carrier.house.board.answers.script, carrier.house.recordings
    for number in (1, 2):
        await carrier.wait()
        name = recordings.name(script.repetition("de", number))
        assert carrier.plays == [f"/audio/{name}.wav"]
    await carrier.wait()
    assert carrier.verbs == ["Play", "Dial"]
    assert await records(carrier.house) == 0


async def test_c5_silence_without_a_human_ends_with_a_goodbye(tmp_path: Path) -> None:
    async with opened(tmp_path, human=None) as house, Carrier(house) as carrier:
        await carrier.ring()
        for _ in range(3):
            await carrier.wait()
        assert await carrier.said("no_choice_goodbye")
        assert carrier.verbs == ["Play", "Hangup"]


async def test_a_webhook_that_comes_twice_changes_nothing(carrier: Carrier) -> None:
    """Key 1 twice: one record, a new token, and both work once."""
    await carrier.ring()
    first = await carrier.ring()
    times = r"(since|asked)=\d+"
    assert re.sub(times, "", first) == re.sub(times, "", carrier.documents[0])
    await carrier.press("1")
    token = carrier.parameters["token"]
    carrier.documents.append(first)
    await carrier.press("1")
    again = carrier.parameters["token"]
    assert token != again
    assert await records(carrier.house) == 1
    now = carrier.house.clock()
    assert await carrier.house.tokens.redeem(again, carrier.call_id, now)
    assert not await carrier.house.tokens.redeem(again, carrier.call_id, now)


def use(carrier: Carrier, board: Switchboard) -> None:
    """The carrier reaches this switchboard from now on."""
    carrier.house.board = board
    carrier._client._transport = httpx.ASGITransport(carrier.house._app())


# -- a key 1 that comes too late ------------------------------------------------------------------


async def late(carrier: Carrier) -> None:
    """Key 1 in answer to the first document once more: a webhook that was kept and comes again."""
    carrier.documents.append(carrier.documents[0])
    await carrier.press("1")


def start(carrier: Carrier) -> Start:
    """The first message of the stream the last document opens."""
    return Start(
        stream_sid="MZ1",
        sequence=1,
        account_sid="AC1",
        call_sid=carrier.call_id,
        custom_parameters=carrier.parameters,
    )


async def test_c6_c11_after_key_0_a_late_key_1_opens_no_stream_and_records_nothing(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    await carrier.press("0")
    await late(carrier)
    assert carrier.verbs == ["Play", "Dial"]
    assert await carrier.said("connecting_human")
    assert await records(carrier.house) == 0


async def test_c5_after_silence_went_to_a_human_a_late_key_1_opens_no_stream(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    for _ in range(3):
        await carrier.wait()
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.HANDOVER
    await late(carrier)
    assert carrier.verbs == ["Play", "Dial"]
    assert await records(carrier.house) == 0


async def test_c5_after_silence_ended_the_call_a_late_key_1_hangs_up(tmp_path: Path) -> None:
    async with opened(tmp_path, human=None) as house, Carrier(house) as carrier:
        await carrier.ring()
        for _ in range(3):
            await carrier.wait()
        await late(carrier)
        assert carrier.verbs == ["Hangup"]
        assert await records(house) == 0


async def test_c11_after_the_end_a_late_key_1_hangs_up(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.post("/twilio/status/call", CallStatus="completed")
    await late(carrier)
    assert carrier.verbs == ["Hangup"]
    assert await records(carrier.house) == 0


@pytest.mark.parametrize(
    ("disposition", "line"),
    [
        (Disposition.WITHDRAWN, "connecting_human"),
        (Disposition.CONNECTED, "technical_connecting"),
        (Disposition.LEFT, "technical_connecting"),
    ],
)
async def test_c4_c11_once_its_stream_began_a_call_gets_no_second_one(
    carrier: Carrier, disposition: Disposition, line: str
) -> None:
    await carrier.ring()
    await carrier.press("1")
    await carrier.house.book.set_disposition(carrier.call_id, disposition)
    await late(carrier)
    assert carrier.verbs == ["Play", "Dial"]
    assert await carrier.said(line)


async def test_c11_after_a_withdrawal_a_late_key_1_opens_no_stream(carrier: Carrier) -> None:
    """Withdrawn through the link, before the stream began."""
    await carrier.ring()
    await carrier.press("1")
    await carrier.house.ledger.withdraw(carrier.call_id, carrier.house.clock())
    await late(carrier)
    assert carrier.verbs == ["Play", "Dial"]
    assert await carrier.house.ledger.find(carrier.call_id) is None


async def test_c4_key_1_of_a_call_nobody_began_is_no_consent(carrier: Carrier) -> None:
    carrier.documents.append(carrier.house.board._notice("de"))
    await carrier.press("1")
    assert await carrier.said("ledger_failed_connecting")
    assert carrier.number_dialled == HUMAN
    assert await records(carrier.house) == 0


async def test_c4_two_tokens_of_one_call_make_one_stream(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    first = start(carrier)
    await late(carrier)
    second = start(carrier)
    board = carrier.house.board
    admissions = await asyncio.gather(board.admit(first), board.admit(second))
    assert sorted(admission is None for admission in admissions) == [False, True]


async def test_c6_c11_a_token_is_worth_nothing_after_a_handover(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    begun = start(carrier)
    carrier.documents.append(carrier.documents[0])
    await carrier.press("0")
    assert await carrier.house.board.admit(begun) is None
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.HANDOVER


async def test_c6_a_stream_that_was_refused_goes_to_a_human_for_good(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    await carrier.stream_ended()
    assert await carrier.said("technical_connecting")
    await late(carrier)
    assert "Stream" not in carrier.verbs


async def test_c21_a_streams_word_on_the_number_is_taken_from_carriers_only(
    carrier: Carrier,
) -> None:
    """Whoever holds a token could else have a message sent to any number."""
    await carrier.ring()
    await carrier.press("1")
    board = replace(carrier.house.board, trusts_numbers=False)
    admission = await board.admit(start(carrier))
    assert admission is not None
    assert admission.number is None


# -- another notice --------------------------------------------------------------------------------


def replaced(carrier: Carrier, version: str) -> None:
    """The program is replaced by one with another notice while the caller listens."""
    board = carrier.house.board
    use(carrier, replace(board, registrar=replace(board.registrar, notice_version=version)))


@pytest.mark.parametrize("keys", ["", "2", "3", "*", "9"])
async def test_c12_c13_key_1_after_another_notice_plays_the_present_one_and_records_nothing(
    carrier: Carrier, keys: str
) -> None:
    """Also when the new program has said something since, but not its notice."""
    await carrier.ring()
    replaced(carrier, "f" * 64)
    for key in keys:
        await carrier.press(key)
    await carrier.press("1")
    assert carrier.verbs == ["Gather", "Play", "Redirect"]
    assert carrier.plays == [f"/audio/{carrier.house.notice.audio['de']}.wav"]
    assert await records(carrier.house) == 0
    await carrier.press("1")
    assert "Stream" in carrier.verbs
    assert (await recorded(carrier)).notice_version == "f" * 64


@pytest.mark.parametrize("notice", ["", "&notice=", "&notice=x", "&notice=" + "0" * 64])
async def test_c12_a_key_1_that_names_no_notice_or_a_wrong_one_is_no_consent(
    carrier: Carrier, notice: str
) -> None:
    await carrier.ring()
    await carrier.ask(f"/twilio/consent?language=de&attempt=0{notice}", Digits="1")
    assert carrier.verbs == ["Gather", "Play", "Redirect"]
    assert await records(carrier.house) == 0


# -- a stopping server -----------------------------------------------------------------------------


async def test_c25_a_stopping_server_offers_no_notice_but_a_human(carrier: Carrier) -> None:
    carrier.house.stopping = True
    await carrier.ring()
    assert await carrier.said("technical_connecting")
    assert carrier.number_dialled == HUMAN


@pytest.mark.parametrize("key", ["", *"1235#*9"])
async def test_c25_a_stopping_server_answers_every_key_with_a_human(
    carrier: Carrier, key: str
) -> None:
    await carrier.ring()
    carrier.house.stopping = True
    await (carrier.press(key) if key else carrier.wait())
    assert await carrier.said("technical_connecting")
    assert carrier.number_dialled == HUMAN
    assert await records(carrier.house) == 0
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.HANDOVER


# -- the ledger ------------------------------------------------------------------------------------


@pytest.mark.integration  # SQLite waits two seconds for the lock
async def test_c4_a_locked_ledger_means_no_stream_but_a_human(carrier: Carrier) -> None:
    await carrier.ring()
    async with carrier.house.database.engine.connect() as other:
        await other.exec_driver_sql("BEGIN IMMEDIATE")
        async with asyncio.timeout(10):  # the carrier waits fifteen
            await carrier.press("1")
        await other.rollback()
    assert carrier.number_dialled == HUMAN
    assert await carrier.said("ledger_failed_connecting")
    assert await records(carrier.house) == 0
    assert carrier.house.metrics.counted("consent_failed") == 1


async def test_c4_a_full_disk_means_no_stream_but_a_human(carrier: Carrier) -> None:
    """SQLite is allowed no further page: it then says what it says of a full disk."""
    await carrier.ring()
    await fill(carrier.house)
    await carrier.press("1")
    assert carrier.number_dialled == HUMAN
    assert await carrier.house.ledger.find(carrier.call_id) is None


async def fill(house: House) -> None:
    """Write consent records of other calls until not one more fits."""

    def limit(connection: Any, record: object) -> None:
        del record
        connection.execute("PRAGMA max_page_count=1")  # not below what there is: no page more

    await house.database.engine.dispose()
    event.listen(house.database.engine.sync_engine, "connect", limit)
    registrar = house.board.registrar
    with contextlib.suppress(LedgerUnavailable):
        for number in range(1000):
            await registrar.accept(f"CA{number:032d}", "1", "de", HEARD, None)


class _LostAnswer(SqlConsentLedger):
    """A ledger that writes, and whose answer comes too late or never."""

    async def commit(self, record: ConsentRecord) -> Receipt:
        await super().commit(record)
        raise LedgerUnavailable("the ledger did not answer in time")


async def test_c4_a_commit_that_came_through_unseen_is_withdrawn(carrier: Carrier) -> None:
    """What the caller heard, "not saved, not listening", is what the ledger says too."""
    house = carrier.house
    await carrier.ring()
    registrar = replace(
        house.registrar, ledger=_LostAnswer(house.database, KeyRing([b"r" * 32]), house.clock)
    )
    use(carrier, replace(house.board, registrar=registrar))
    await carrier.press("1")
    assert await carrier.said("ledger_failed_connecting")
    await house.owed.settle()
    assert await records(house) == 1
    assert await house.ledger.find(carrier.call_id) is None
    assert await house.book.disposition(carrier.call_id) is Disposition.HANDOVER


async def test_c4_a_token_that_cannot_be_made_takes_the_consent_back(carrier: Carrier) -> None:
    """The caller hears that nothing was saved, so the ledger must not say "given"."""
    await carrier.ring()
    async with carrier.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE stream_tokens RENAME TO gone")
    await carrier.press("1")
    assert await carrier.said("ledger_failed_connecting")
    await carrier.house.owed.settle()
    assert await records(carrier.house) == 1
    assert await carrier.house.ledger.find(carrier.call_id) is None
    async with carrier.house.database.begin() as connection:
        assert await connection.scalar(select(consent_withdrawals.c.call_id)) == carrier.call_id


@pytest.mark.integration  # as above
async def test_a_call_that_cannot_be_noted_goes_to_a_human_at_once(carrier: Carrier) -> None:
    async with carrier.house.database.engine.connect() as other:
        await other.exec_driver_sql("BEGIN IMMEDIATE")
        await carrier.ring()
        await other.rollback()
    assert carrier.number_dialled == HUMAN


# -- the text message ------------------------------------------------------------------------------


async def test_c21_key_2_sends_the_link_once_a_call_and_waits_for_a_key_again(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    await carrier.press("2")
    assert await carrier.said("sms_sent")
    await carrier.press("2")
    assert await carrier.said("sms_already_sent")
    ((number, text),) = carrier.house.letters.sent
    assert number == CALLER
    assert re.search(r": https://agent\.example/p#[A-Za-z0-9_-]{22}$", text)
    assert CALLER[1:] not in text
    await carrier.press("1")
    assert "Stream" in carrier.verbs


@pytest.mark.parametrize("code", [21211, 21614, 21635, 30006])
async def test_c21_a_number_that_takes_no_message_is_offered_key_3(
    tmp_path: Path, code: int
) -> None:
    async with opened(tmp_path, letters=Letters(refusal=code)) as house, Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("2")
        assert await carrier.said("sms_failed_landline")


@pytest.mark.parametrize("code", [20003, 20500, 99999])
async def test_c21_any_other_refusal_is_admitted(tmp_path: Path, code: int) -> None:
    async with opened(tmp_path, letters=Letters(refusal=code)) as house, Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("2")
        assert await carrier.said("sms_failed")


STRANGE = [
    "",
    "anonymous",
    "Anonymous",
    "Restricted",
    "+266696687",
    "+7378742833",
    "client:someone",
    "sip:alice@example.org",
    "+49",
    "0301234567",
    "+4930x123456",
    "+49 30 1234567",
    "+" + "9" * 400,
    "+4930901820\n",
    "+٤٩٣٠٩٠١٨٢٠",
]


@pytest.mark.parametrize("number", STRANGE)
async def test_a_call_without_a_usable_number_works_but_for_the_message(
    house: House, number: str
) -> None:
    async with Carrier(house, number=number) as carrier:
        await carrier.ring()
        await carrier.press("2")
        assert await carrier.said("sms_failed_no_number")
        assert house.letters.sent == []
        await carrier.press("1")
        assert "caller" not in carrier.parameters


async def test_c21_the_fourth_message_to_a_number_on_a_day_is_not_sent(house: House) -> None:
    for line in ["sms_sent"] * 3 + ["sms_failed"]:
        async with Carrier(house) as carrier:
            await carrier.ring()
            await carrier.press("2")
            assert await carrier.said(line)
    assert len(house.letters.sent) == 3
    files = b"".join(each.read_bytes() for each in house.directory.iterdir() if each.is_file())
    assert CALLER[1:].encode() not in files  # C17


async def test_c21_a_message_that_may_have_gone_out_is_not_sent_again(tmp_path: Path) -> None:
    letters = Letters(unanswered=True)
    async with opened(tmp_path, letters=letters) as house, Carrier(house) as carrier:
        await carrier.ring()
        await carrier.press("2")
        assert await carrier.said("sms_failed")
        await carrier.press("2")
    assert len(letters.sent) == 1


async def report(
    carrier: Carrier, status: str, code: str = "", sid: str = f"SM{1:032d}", about: str = ""
) -> int:
    """The carrier's report of the message."""
    error = {"ErrorCode": code} if code else {}
    response = await carrier.post(
        f"/twilio/status/message{about}", MessageSid=sid, MessageStatus=status, **error
    )
    return response.status_code


async def test_c21_the_report_of_a_message_without_answer_finds_it_by_its_name(
    tmp_path: Path,
) -> None:
    """Nobody knows its identifier yet; the address it is reported to names call and kind."""
    async with (
        opened(tmp_path, letters=Letters(unanswered=True)) as house,
        Carrier(house) as carrier,
    ):
        await carrier.ring()
        await carrier.press("2")
        (name,) = house.letters.names
        sid = "SM" + "7" * 32
        about = f"?call={name.call_id}&kind={name.kind}"
        assert await report(carrier, "undelivered", "30006", sid, about) == 204
        assert await message_ids(house) == [sid]
        await carrier.press("#")
        script = house.board.answers.script
        lost = house.recordings.name((script.line("sms_failed_landline", "de"),))
        assert carrier.plays[0] == f"/audio/{lost}.wav"


@pytest.mark.parametrize(
    "about", ["?call=CA1&kind=privacy_link", "?call=%00&kind=x", "?kind=privacy_link", "?call="]
)
async def test_a_report_under_a_strange_name_is_one_without(carrier: Carrier, about: str) -> None:
    await carrier.ring()
    await carrier.press("2")
    assert await report(carrier, "sent", about=about) == 204
    assert await report(carrier, "sent", sid="SM" + "7" * 32, about=about) == 204
    assert await message_ids(carrier.house) == [f"SM{1:032d}"]
    assert await asked_to_delete(carrier.house) == []


async def test_c20_a_report_of_a_call_that_was_erased_has_the_message_deleted(
    carrier: Carrier,
) -> None:
    sid = "SM" + "7" * 32
    about = f"?call={carrier.call_id}&kind=privacy_link"
    assert await report(carrier, "delivered", sid=sid, about=about) == 204
    assert await asked_to_delete(carrier.house) == [sid]


async def test_a_name_that_the_carrier_did_not_sign_is_refused(carrier: Carrier) -> None:
    response = await carrier._client.post(
        f"/twilio/status/message?call={carrier.call_id}&kind=privacy_link",
        data={"MessageSid": "SM" + "7" * 32, "MessageStatus": "sent"},
    )
    assert response.status_code == 403


LEG = "CA" + "9" * 32


async def test_c20_the_leg_to_the_human_is_remembered(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("0")
    await carrier.dialled("completed", DialCallSid=LEG)
    async with carrier.house.database.begin() as connection:
        assert (await connection.scalars(select(calls.c.dialled_id))).all() == [LEG]


@pytest.mark.parametrize("strange", ["", "CA1", "SM" + "9" * 32, "\x00"])
async def test_a_leg_that_is_none_is_not_remembered(carrier: Carrier, strange: str) -> None:
    await carrier.ring()
    await carrier.press("0")
    await carrier.dialled("no-answer", DialCallSid=strange)
    async with carrier.house.database.begin() as connection:
        assert (await connection.scalars(select(calls.c.dialled_id))).all() == [None]


async def test_a_leg_that_cannot_be_remembered_costs_no_answer(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("0")
    async with carrier.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE calls RENAME TO gone")
    await carrier.dialled("completed", DialCallSid=LEG)
    assert carrier.verbs[-1] == "Hangup"


async def message_ids(house: House) -> list[str | None]:
    """What the carrier calls our messages."""
    async with house.database.begin() as connection:
        return list((await connection.scalars(select(messages.c.carrier_id))).all())


async def asked_to_delete(house: House) -> list[str]:
    """What the carrier is to delete."""
    async with house.database.begin() as connection:
        return list((await connection.scalars(select(carrier_deletions.c.carrier_id))).all())


@pytest.mark.parametrize("key", ["", "5", "#", "9", "*"])
@pytest.mark.parametrize("code", ["30006", "21610"])
async def test_c21_a_loss_reported_late_is_played_before_the_next_thing_once(
    carrier: Carrier, key: str, code: str
) -> None:
    script = carrier.house.board.answers.script
    name = carrier.house.recordings.name((script.line("sms_failed_landline", "de"),))
    await carrier.ring()
    await carrier.press("2")
    assert await report(carrier, "undelivered", code) == 204
    await (carrier.press(key) if key else carrier.wait())
    assert carrier.plays[0] in {
        f"/audio/{carrier.house.recordings.name((script.line('sms_failed_landline', each),))}.wav"
        for each in ("de", "en")
    }
    assert carrier.verbs[0] == "Gather"  # a key interrupts it
    assert len(carrier.plays) == 2
    await carrier.press("#")
    assert f"/audio/{name}.wav" not in carrier.plays


async def test_c21_a_loss_is_told_on_the_way_to_a_human_too(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("2")
    await report(carrier, "failed", "30006")
    await carrier.press("0")
    assert await carrier.said("sms_failed_landline", "connecting_human")
    assert carrier.number_dialled == HUMAN


async def test_c21_who_has_accepted_is_told_in_the_conversation(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("2")
    await report(carrier, "failed", "30006")
    await carrier.press("1")
    assert "Stream" in carrier.verbs
    assert carrier.plays == []
    assert await carrier.house.link.watch(carrier.call_id) is LinkOutcome.UNREACHABLE


async def test_a_message_that_arrived_is_not_spoken_of(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("2")
    for status in ("queued", "sent", "delivered", "sent", "undelivered"):
        assert await report(carrier, status) == 204
    await carrier.press("#")
    assert len(carrier.plays) == 1


@pytest.mark.parametrize(
    ("status", "code", "sid"),
    [
        ("", "", f"SM{1:032d}"),
        ("exploded", "", f"SM{1:032d}"),
        ("failed", "30006", "SM1"),
        ("failed", "30006", "'; DROP TABLE messages"),
    ],
)
async def test_what_is_no_report_is_dropped(
    carrier: Carrier, status: str, code: str, sid: str
) -> None:
    await carrier.ring()
    await carrier.press("2")
    assert await report(carrier, status, code, sid) == 204
    assert carrier.house.metrics.counted("message_unread") == 1
    await carrier.press("#")
    assert len(carrier.plays) == 1


@pytest.mark.parametrize("code", ["x", "-1", "٣", "9" * 40])
async def test_a_strange_error_number_is_none(carrier: Carrier, code: str) -> None:
    await carrier.ring()
    await carrier.press("2")
    assert await report(carrier, "failed", code) == 204
    await carrier.press("#")
    assert len(carrier.plays) == 2


async def test_a_report_that_cannot_be_written_down_is_asked_for_again(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("2")
    async with carrier.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE messages RENAME TO gone")
    assert await report(carrier, "failed", "30006") == 503
    await carrier.press("#")
    assert len(carrier.plays) == 1


def test_c18_a_webhooks_text_shows_neither_number_nor_key() -> None:
    place = Place(language="de", attempt=0, notice="")
    hook = Webhook(call_id="CA1", number=CALLER, digits="7", fields={}, place=place, dialled=False)
    assert CALLER not in repr(hook)
    assert "7" not in repr(hook)


def test_withheld_numbers_are_words_spelt_on_the_keys() -> None:
    keys = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999", strict=True))
    words = ("ANONYMOUS", "RESTRICTED", "BLOCKED", "UNKNOWN", "UNAVAILABLE")
    assert {"+" + "".join(keys[letter] for letter in word) for word in words} == WITHHELD
    assert known_number("+4930901820") == "+4930901820"


# -- afterwards ------------------------------------------------------------------------------------


async def after(carrier: Carrier, disposition: Disposition | None, **fields: str) -> None:
    await carrier.ring()
    await carrier.press("1")
    if disposition is not None:
        await carrier.house.book.set_disposition(carrier.call_id, disposition)
    await carrier.stream_ended(**fields)


async def test_after_a_goodbye_the_call_is_hung_up(carrier: Carrier) -> None:
    await after(carrier, Disposition.ENDED)
    assert carrier.verbs == ["Hangup"]


async def test_after_a_handover_the_human_is_dialled_without_another_word(
    carrier: Carrier,
) -> None:
    await after(carrier, Disposition.HANDOVER)
    assert carrier.verbs == ["Dial"]


@pytest.mark.parametrize(
    "disposition", [Disposition.CONNECTED, Disposition.LEFT, Disposition.IN_NOTICE]
)
async def test_c25_after_a_stream_that_broke_the_caller_reaches_a_human(
    carrier: Carrier, disposition: Disposition
) -> None:
    await after(carrier, disposition)
    assert await carrier.said("technical_connecting")
    assert carrier.number_dialled == HUMAN
    assert carrier.house.metrics.counted("stream_broken") == 1


@pytest.mark.parametrize("disposition", [Disposition.CONNECTED, Disposition.LEFT])
async def test_after_a_caller_hung_up_nobody_is_dialled(
    carrier: Carrier, disposition: Disposition
) -> None:
    await after(carrier, disposition, CallStatus="completed")
    assert carrier.verbs == ["Hangup"]
    assert carrier.house.metrics.counted("stream_broken") == 0


async def test_after_a_stream_of_an_unknown_call_a_human_is_dialled(carrier: Carrier) -> None:
    await carrier.ask("/twilio/after?language=en")
    assert await carrier.said("technical_connecting", language="en")
    assert carrier.number_dialled == HUMAN


async def test_after_a_stream_with_the_records_away_a_human_is_dialled(carrier: Carrier) -> None:
    await carrier.ring()
    await carrier.press("1")
    async with carrier.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE calls RENAME TO gone")
    await carrier.stream_ended()
    assert carrier.number_dialled == HUMAN


@pytest.mark.parametrize("status", ["completed", "answered"])
async def test_after_a_talk_with_a_human_the_call_ends(carrier: Carrier, status: str) -> None:
    await carrier.ring()
    await carrier.press("0")
    await carrier.dialled(status)
    assert carrier.verbs == ["Hangup"]
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.ENDED


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "", "new"])
async def test_a_human_who_does_not_answer_is_said_plainly(carrier: Carrier, status: str) -> None:
    await carrier.ring()
    await carrier.press("0")
    await carrier.dialled(status)
    assert await carrier.said("human_unavailable")
    assert carrier.verbs == ["Play", "Hangup"]


async def test_after_a_stream_the_caller_is_spoken_to_in_the_language_it_ended_in(
    carrier: Carrier,
) -> None:
    """They accepted in German and asked the agent for English; the address says German."""
    await carrier.ring()
    await carrier.press("1")
    assert await carrier.house.board.admit(start(carrier)) is not None
    await carrier.house.registrar.note(carrier.call_id, Disposition.LEFT, "en")
    await carrier.stream_ended()
    assert await carrier.said("technical_connecting", language="en")
    await carrier.dialled("busy")
    assert await carrier.said("human_unavailable", language="en")


async def test_after_a_handover_the_dialled_human_is_missed_in_the_calls_language(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    await carrier.press("1")
    await carrier.house.registrar.note(carrier.call_id, Disposition.HANDOVER, "en")
    await carrier.stream_ended()
    await carrier.dialled("no-answer")
    assert await carrier.said("human_unavailable", language="en")


@pytest.mark.parametrize("noted", ["xx", ""])
async def test_a_language_nobody_speaks_is_not_taken_from_the_book(
    carrier: Carrier, noted: str
) -> None:
    await carrier.ring()
    await carrier.press("5")
    await carrier.press("1")
    await carrier.house.registrar.note(carrier.call_id, Disposition.LEFT, noted)
    await carrier.stream_ended()
    assert await carrier.said("technical_connecting", language="en")


async def test_a_stream_that_never_began_leaves_the_language_of_the_notice(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    await carrier.press("5")
    await carrier.press("1")
    await carrier.stream_ended()
    assert await carrier.said("technical_connecting", language="en")


# -- status ----------------------------------------------------------------------------------------


async def test_status_reports_may_come_twice_late_and_of_calls_nobody_knows(
    carrier: Carrier,
) -> None:
    await carrier.ring()
    for status in ("initiated", "ringing", "in-progress", "completed", "completed", "ringing"):
        response = await carrier.post("/twilio/status/call", CallStatus=status)
        assert response.status_code == 204
    assert await carrier.house.book.disposition(carrier.call_id) is Disposition.ENDED
    async with Carrier(carrier.house) as unknown:
        response = await unknown.post("/twilio/status/call", CallStatus="completed")
        assert response.status_code == 204


async def test_a_status_that_cannot_be_written_down_is_asked_for_again(carrier: Carrier) -> None:
    await carrier.ring()
    async with carrier.house.database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE calls RENAME TO gone")
    response = await carrier.post("/twilio/status/call", CallStatus="completed")
    assert response.status_code == 503


async def test_streams_are_only_counted(carrier: Carrier) -> None:
    await carrier.post("/twilio/status/stream", StreamEvent="stream-started")
    await carrier.post("/twilio/status/stream", StreamEvent="stream-error")
    kinds = ("stream_reported", "stream_failed")
    assert [carrier.house.metrics.counted(kind) for kind in kinds] == [1, 1]
    assert (await carrier.post("/twilio/status/weather")).status_code == 404
