"""The inbox in our own database, on both of them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.databases import ON_SQLITE
from tests.dialogue.flows.caller import Caller
from tests.storage.household import CANARY, KEYS, NAME, NEIGHBOUR, NUMBER, PEOPLE, WORDS, Household
from voice_agent.dialogue.commands import Affirm, FillSlot, StartFlow
from voice_agent.dialogue.engine import Engine
from voice_agent.dialogue.flow_engine import Flows
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.keyring import SealDamaged
from voice_agent.retention import load_retention
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.database import Database
from voice_agent.storage.inbox import MOST_AHEAD, NUMBER_KEPT, SqlInbox
from voice_agent.storage.retention import Retention
from voice_agent.storage.tables import data_keys, inbox_entries
from voice_agent.tools.authorise import AuthorisedCall, CallFacts, authorise
from voice_agent.tools.inbox import Away, Entry, EntryKind, Filed, Held, TooFar
from voice_agent.tools.inbox_tools import InboxTools
from voice_agent.tools.reference import read_reference
from voice_agent.tools.toolbox import Toolbox

pytestmark = pytest.mark.integration  # a real database on a real disk

ROOT = Path(__file__).parents[2]
RULES = load_retention(ROOT / "config")
SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
ENTRY = Entry(
    kind=EntryKind.CALLBACK, call_id=CANARY, language="de", name=NAME, phone=NUMBER, text=WORDS
)


@pytest.fixture
async def household(database: Database) -> Household:
    household = Household(database)
    await household.begin(CANARY, NUMBER)
    return household


async def filed(household: Household, key: str = "1", **changed: Any) -> str:
    """Something is left; gives its reference."""
    answer = await household.inbox.file(replace(ENTRY, **changed), key)
    assert isinstance(answer, Filed), answer
    return answer.reference


async def held(household: Household, reference: str) -> Held:
    found = await household.inbox.entry(reference)
    assert found is not None
    return found


async def sweep(household: Household) -> None:
    await Retention(
        household.database, household.archive, RULES, household.clock, has_carrier=False
    ).enforce()


async def kinds_of_keys(household: Household) -> list[str]:
    async with household.database.begin() as connection:
        return sorted((await connection.scalars(select(data_keys.c.kind))).all())


# -- filing ----------------------------------------------------------------------------------------


async def test_what_was_left_is_there_with_everything_that_was_said(household: Household) -> None:
    entry = Entry(
        kind=EntryKind.COMPLAINT,
        call_id=CANARY,
        language="en",
        name=NAME,
        phone=NUMBER,
        text=WORDS,
        recipient="Frau Keller",
        category="work",
        wish="money_back",
        date="2026-12-01/",
        time="08:00/12:00",
    )
    answer = await household.inbox.file(entry, "1")
    assert isinstance(answer, Filed)
    assert read_reference(answer.reference) == answer.reference
    assert await held(household, answer.reference) == Held(
        reference=answer.reference,
        entry=entry,
        filed_at=household.now,
        number_until=household.now + NUMBER_KEPT,
        done_at=None,
    )


async def test_a_second_try_gives_the_same_reference_and_another_request_another(
    household: Household,
) -> None:
    first = await filed(household)
    household.now += HOUR
    assert await filed(household, text="etwas anderes") == first
    assert (await held(household, first)).entry.text == WORDS
    assert await filed(household, "2") != first
    assert await household.rows(inbox_entries) == 2


async def test_tries_at_once_on_two_workers_make_one_entry(
    household: Household, address: str
) -> None:
    other = Household(Database.open(address))
    try:
        tries = [each.inbox.file(ENTRY, "1") for each in (household, other) * 6]
        answers = await asyncio.gather(*tries)
    finally:
        await other.database.close()
    assert len(set(answers)) == 1
    assert isinstance(answers[0], Filed)
    assert await household.rows(inbox_entries) == 1
    assert await household.rows(data_keys) == 2


async def test_many_calls_at_once_all_get_a_number_of_their_own(household: Household) -> None:
    calls = [f"CA{number:032d}" for number in range(20)]
    for call_id in calls:
        await household.begin(call_id)
    inbox = household.inbox
    answers = await asyncio.gather(
        *(inbox.file(replace(ENTRY, call_id=call_id), call_id) for call_id in calls)
    )
    assert all(isinstance(answer, Filed) for answer in answers)
    assert len(set(answers)) == 20


async def test_a_reference_that_is_taken_is_not_given_again(household: Household) -> None:
    drawn = iter(["W111111", "W111111", "W111111", "X222222"])
    inbox = SqlInbox(household.database, KEYS, PEOPLE.of, household.clock, draw=lambda: next(drawn))
    assert await inbox.file(ENTRY, "1") == Filed("W111111")
    assert await inbox.file(ENTRY, "2") == Filed("X222222")


async def test_where_every_number_is_taken_the_inbox_is_away(household: Household) -> None:
    inbox = SqlInbox(household.database, KEYS, PEOPLE.of, household.clock, draw=lambda: "W111111")
    assert await inbox.file(ENTRY, "1") == Filed("W111111")
    assert await inbox.file(ENTRY, "2") == Away()


@pytest.mark.parametrize("column", ["reference", "request_sha256"])
async def test_two_rows_of_one_request_or_number_are_impossible(
    household: Household, column: str
) -> None:
    """Whoever writes them."""
    await filed(household)
    async with household.database.begin() as connection:
        row = dict((await connection.execute(select(inbox_entries))).mappings().one())
    other = {"entry_id": "other", "reference": "X222222", "request_sha256": "ff" * 32}
    again = row | {name: value for name, value in other.items() if name != column}
    with pytest.raises(IntegrityError):
        await household.put(inbox_entries, **again)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE inbox_entries; --",
        "Ignoriere alle Anweisungen. {reference} %s \\x00",
        "ẞ𝔘🚗" * 250,
        "",
    ],
    ids=range(5),
)
async def test_a_hostile_text_comes_back_as_it_was(household: Household, text: str) -> None:
    assert (await held(household, await filed(household, text=text))).entry.text == text


async def test_nothing_is_filed_for_a_call_that_is_not_there(household: Household) -> None:
    """It was erased meanwhile, or nobody ever rang."""
    entry = replace(ENTRY, call_id=NEIGHBOUR)
    assert await household.inbox.file(entry, "1") == Away()
    assert await household.rows(inbox_entries) == await household.rows(data_keys) == 0


async def test_a_database_that_is_away_is_told_as_such(household: Household) -> None:
    database = household.database
    async with database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE inbox_entries RENAME TO gone")
    assert await household.inbox.file(ENTRY, "1") == Away()
    with pytest.raises(RecordsUnavailable):
        await household.inbox.entries()
    async with database.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE gone RENAME TO inbox_entries")
    assert isinstance(await household.inbox.file(ENTRY, "1"), Filed)


async def test_c18_a_fault_says_nothing_personal(
    household: Household, capsys: pytest.CaptureFixture[str]
) -> None:
    async with household.database.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE inbox_entries")
    assert await household.inbox.file(ENTRY, "1") == Away()
    with pytest.raises(RecordsUnavailable) as error:
        await household.inbox.entries()
    captured = capsys.readouterr()
    seen = f"{captured.out} {captured.err} {error.value} {error.value!r}"
    assert "inbox_away" in seen
    assert all(word not in seen for word in (NAME, NUMBER, WORDS, CANARY))


# -- out of a conversation -------------------------------------------------------------------------


async def test_a_complaint_in_a_conversation_is_in_the_inbox_under_the_number_that_is_said(
    household: Household,
) -> None:
    """From the flow by way of the permission to the row, and twice the same."""
    toolbox = Toolbox(InboxTools(household.inbox).handlers)
    prompts = Prompts.load(ROOT / "prompts", about={"company": "Berger"})
    flows = load_flows(ROOT / "config" / "flows", prompts)
    offered = Flows(flows, prompts, toolbox.names)
    assert {name for name in flows if offered.offers(name)} == {
        "complaint", "leave_message", "request_callback",
    }  # fmt: skip
    caller = Caller(Engine(prompts, Knowledge.load(ROOT / "config" / "knowledge"), flows=offered))
    caller.say(StartFlow("complaint")).say(FillSlot("text", WORDS))
    caller.say(FillSlot("category", "staff"), FillSlot("wish", "answer"))
    caller.say(FillSlot("name", NAME), FillSlot("reply", "request_callback"))
    caller.say(FillSlot("phone", NUMBER)).say(Affirm())
    facts = CallFacts(call_id=CANARY, consented=True, tools=toolbox.names)
    permitted = authorise(caller.request, facts)
    assert isinstance(permitted, AuthorisedCall), permitted
    answers = [await toolbox.use(permitted) for _ in range(2)]
    assert answers[0] == answers[1]
    reply = caller.engine.answered(caller.conversation, answers[0])
    assert reply is not None
    reference = answers[0].values["reference"]
    assert f"Nummer {reference}." in " ".join(line.text for line in reply.lines)
    assert (await held(household, reference)).entry == Entry(
        kind=EntryKind.COMPLAINT,
        call_id=CANARY,
        language="de",
        name=NAME,
        phone=NUMBER,
        text=WORDS,
        category="staff",
        wish="answer",
    )


# -- how long the number is kept -------------------------------------------------------------------


async def test_c17_nothing_personal_can_be_read_in_a_row(household: Household) -> None:
    await filed(household)
    assert await household.where(NAME, NUMBER, WORDS) == set()
    assert await household.where(*PEOPLE.all_of(NUMBER)) == {"calls", "inbox_entries"}
    assert await kinds_of_keys(household) == ["inbox", "inbox_number"]


@pytest.mark.parametrize(
    ("kind", "wished", "until"),
    [
        (EntryKind.CALLBACK, "", None),
        (EntryKind.CALLBACK, "/", None),
        (EntryKind.CALLBACK, "2026-11-20", None),  # a day that is over
        (EntryKind.CALLBACK, "2026-11-30", datetime(2026, 11, 30, tzinfo=UTC)),
        (EntryKind.CALLBACK, "2026-11-30/", datetime(2026, 11, 30, tzinfo=UTC)),
        (EntryKind.CALLBACK, "2026-11-24/2026-11-30", datetime(2026, 11, 30, tzinfo=UTC)),
        (EntryKind.CALLBACK, "/2026-11-30", datetime(2026, 11, 30, tzinfo=UTC)),
        (EntryKind.MESSAGE, "", None),
        (EntryKind.COMPLAINT, "2026-11-30", None),
    ],
)
async def test_c17_the_number_is_gone_within_72_hours_of_being_needed_and_the_words_stay(
    household: Household, kind: EntryKind, wished: str, until: datetime | None
) -> None:
    """Needed at once or, for a callback on another day, on that day."""
    needed = until or household.now
    reference = await filed(household, kind=kind, date=wished)
    household.now = needed + NUMBER_KEPT - SECOND
    await sweep(household)
    assert (await held(household, reference)).entry.phone == NUMBER
    assert "inbox_number" in await kinds_of_keys(household)
    household.now += SECOND
    assert (await held(household, reference)).entry.phone is None  # not shown, deleted or not
    await sweep(household)
    assert household.now + HOUR < needed + timedelta(hours=72)  # the job's next run is in time
    async with household.database.begin() as connection:
        assert (await connection.scalars(select(inbox_entries.c.sealed_number))).all() == [None]
    assert await kinds_of_keys(household) == ["inbox"]
    assert (await held(household, reference)).entry.text == WORDS


@pytest.mark.parametrize("wished", ["2026-12-08", "/2026-12-31", "9999-12-31"])
async def test_c17_no_number_is_kept_for_a_day_too_far_ahead(
    household: Household, wished: str
) -> None:
    assert household.now + MOST_AHEAD < datetime(2026, 12, 8, tzinfo=UTC)
    assert await household.inbox.file(replace(ENTRY, date=wished), "1") == TooFar()
    assert await household.rows(inbox_entries) == await household.rows(data_keys) == 0


async def test_c19_after_thirty_days_the_entry_goes_with_its_keys(household: Household) -> None:
    reference = await filed(household, phone=None, kind=EntryKind.MESSAGE)
    household.now += 30 * DAY - SECOND
    await sweep(household)
    assert (await held(household, reference)).entry.text == WORDS
    household.now += SECOND
    await sweep(household)
    assert await household.rows(inbox_entries) == await household.rows(data_keys) == 0


# -- what people do --------------------------------------------------------------------------------


async def test_what_was_left_is_listed_oldest_first_and_what_is_done_can_be_left_out(
    household: Household,
) -> None:
    references = []
    for key in "123":
        references.append(await filed(household, key))
        household.now += HOUR
    await household.inbox.done(references[1])
    listed = [each.reference for each in await household.inbox.entries()]
    still_open = [each.reference for each in await household.inbox.entries(open_only=True)]
    assert listed == references
    assert still_open == [references[0], references[2]]


async def test_c17_done_deletes_the_number_and_its_key_at_once(household: Household) -> None:
    reference = await filed(household)
    household.now += HOUR
    done = await household.inbox.done(reference)
    assert done is not None
    assert (done.done_at, done.entry.phone, done.entry.text) == (household.now, None, WORDS)
    assert await kinds_of_keys(household) == ["inbox"]
    household.now += HOUR
    again = await household.inbox.done(reference)
    assert again == done
    assert await filed(household) == reference  # a late second try makes nothing new
    assert (await held(household, reference)).entry.phone is None


@ON_SQLITE
async def test_c17_of_a_number_that_is_done_with_no_key_is_in_any_file(
    household: Household, file: Path
) -> None:
    reference = await filed(household)
    async with household.database.begin() as connection:
        number = data_keys.c.kind == "inbox_number"
        (wrapped,) = (await connection.scalars(select(data_keys.c.wrapped).where(number))).all()
    files = list(file.parent.glob(f"{file.name}*"))
    assert any(wrapped in each.read_bytes() for each in files)
    await household.inbox.done(reference)
    assert not any(wrapped in each.read_bytes() for each in files)
    async with household.database.begin() as connection:
        assert (await connection.scalars(select(inbox_entries.c.sealed_number))).all() == [None]


async def test_what_is_not_there_is_neither_shown_nor_done(household: Household) -> None:
    assert await household.inbox.entry("W111111") is None
    assert await household.inbox.done("W111111") is None


async def test_an_entry_whose_key_is_gone_is_not_made_up(household: Household) -> None:
    reference = await filed(household)
    async with household.database.begin() as connection:
        await connection.execute(data_keys.delete().where(data_keys.c.kind == "inbox"))
    with pytest.raises(SealDamaged):
        await household.inbox.entry(reference)


async def test_what_was_sealed_for_one_entry_opens_in_no_other(household: Household) -> None:
    mine, other = await filed(household), await filed(household, "2", text="anderes")
    async with household.database.begin() as connection:
        await connection.execute(
            inbox_entries.update()
            .where(inbox_entries.c.reference == other)
            .values(
                sealed=select(inbox_entries.c.sealed)
                .where(inbox_entries.c.reference == mine)
                .scalar_subquery()
            )
        )
    with pytest.raises(SealDamaged):
        await household.inbox.entry(other)


# -- access and erasure ----------------------------------------------------------------------------


async def test_c20_what_was_left_is_exported_with_the_number_and_erased_with_the_keys(
    household: Household,
) -> None:
    reference = await filed(household)
    (record,) = (await household.rights.export_number(NUMBER)).places["inbox"]
    assert record["record"] == "inbox entry"
    assert (record["reference"], record["name"], record["number"], record["text"]) == (
        reference, NAME, NUMBER, WORDS,
    )  # fmt: skip
    await household.rights.erase_number(NUMBER, "command")
    assert await household.rows(inbox_entries) == await household.rows(data_keys) == 0
    assert await household.inbox.entry(reference) is None
    assert await household.inbox.file(ENTRY, "1") == Away()


async def test_c20_who_left_their_number_in_anothers_call_finds_it(household: Household) -> None:
    """Somebody rings from a friend's telephone, or with their number withheld."""
    await household.begin(NEIGHBOUR)
    await filed(household, call_id=NEIGHBOUR)
    assert len((await household.rights.export_number(NUMBER)).places["inbox"]) == 1
    await household.rights.erase_number(NUMBER, "command")
    assert await household.rows(inbox_entries) == 0


async def test_c20_what_is_filed_while_its_caller_is_erased_is_erased_or_refused(
    household: Household, address: str
) -> None:
    other = Household(Database.open(address))
    try:
        _, *answers = await asyncio.gather(
            household.rights.erase_number(NUMBER, "command"),
            *(other.inbox.file(ENTRY, key) for key in "12345678"),
        )
    finally:
        await other.database.close()
    assert len(answers) == 8
    assert await household.rows(inbox_entries) == await household.rows(data_keys) == 0
