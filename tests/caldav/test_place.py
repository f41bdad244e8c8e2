"""Access and erasure where appointments lie on a calendar server, and the stores that join it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.radicale import USER, Radicale
from tests.storage.household import CANARY, NEIGHBOUR, NUMBER, OTHER_NUMBER
from voice_agent.caldav.calendar import CalDavCalendar
from voice_agent.commands.check import _require_calendar
from voice_agent.errors import ConfigurationError, ErasureIncomplete
from voice_agent.runtime.place import Erased
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.settings import Settings, load_settings
from voice_agent.storage.calendar import SqlCalendar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores, now
from voice_agent.tools.appointment import (
    Appointment,
    Person,
    PersonKey,
    Request,
    Window,
)
from voice_agent.tools.outcomes import Booked, Found, Free

pytestmark = pytest.mark.integration  # a real server and a real database

BAYS = ("bay-1", "bay-2", "tyre-bay")
ANNA, BERT = PersonKey("K-1001"), PersonKey("K-1002")


def settings(tmp_path: Path, url: str, password: str) -> Settings:
    return load_settings(
        {
            "DATA_DIR": str(tmp_path),
            "CALDAV_URL": url,
            "CALDAV_USER": USER,
            "CALDAV_PASSWORD": password,
        }
    )


@pytest.fixture
async def stores(radicale: Radicale, tmp_path: Path) -> AsyncIterator[Stores]:
    url = radicale.make(f"p{tmp_path.name[-20:]}", *BAYS)
    made = Stores.open(settings(tmp_path, url, radicale.password))
    await made.database.upgrade()
    yield made
    await made.close()


async def book(stores: Stores, key: PersonKey, call_id: str, number: str | None) -> Appointment:
    """The first that is free in a week."""
    assert stores.calendar is not None
    first = (now() + timedelta(days=7)).date()
    free = await stores.calendar.free("inspection", Window(first, first + timedelta(days=7)), 1)
    assert isinstance(free, Free)
    request = Request(
        service="inspection",
        start=free.slots[0].start,
        person=Person(key=key, name="Anna Beispiel", phone=number),
        call_id=call_id,
        key=call_id,
    )
    answer = await stores.calendar.book(request)
    assert isinstance(answer, Booked)
    return answer.appointment


async def test_c20_appointments_on_a_server_are_exported_and_erased_by_number(
    stores: Stores,
) -> None:
    """Those left with the number, and those booked in a call from it."""
    assert isinstance(stores.calendar, CalDavCalendar)
    await SqlCallBook(stores.database).begin(
        CANARY, "de", now(), pseudonym=stores.pseudonyms.of(NUMBER)
    )
    mine = [await book(stores, ANNA, "CA9", NUMBER), await book(stores, ANNA, CANARY, None)]
    other = await book(stores, BERT, NEIGHBOUR, OTHER_NUMBER)
    export = await stores.rights.export_number(NUMBER)
    told = [record["number"] for record in export.places["calendar"]]
    assert sorted(told, key=str) == [NUMBER, None]
    erasure = await stores.rights.erase_number(NUMBER, "command")
    assert erasure.places["calendar"] == Erased(erased=len(mine))
    assert (await stores.rights.export_number(NUMBER)).places["calendar"] == []
    assert await stores.calendar.appointments(ANNA) == Found(())
    assert await stores.calendar.appointments(BERT) == Found((other,))


async def test_c20_an_erasure_while_the_server_is_away_is_incomplete(
    tmp_path: Path,
) -> None:
    """And so is an export."""
    stores = Stores.open(settings(tmp_path, "http://127.0.0.1:9", "secret"))
    await stores.database.upgrade()
    with pytest.raises(ErasureIncomplete, match="calendar"):
        await stores.rights.erase_number(NUMBER, "command")
    with pytest.raises(RecordsUnavailable):
        await stores.rights.export_number(NUMBER)
    await stores.close()


async def test_without_a_server_the_calendar_lies_in_the_database(tmp_path: Path) -> None:
    stores = Stores.open(load_settings({"DATA_DIR": str(tmp_path)}))
    assert isinstance(stores.calendar, SqlCalendar)
    assert stores.server is None
    await stores.close()


async def test_the_check_names_a_calendar_that_is_not_there(
    radicale: Radicale, tmp_path: Path
) -> None:
    url = radicale.make("checked", *BAYS[:2])
    with pytest.raises(ConfigurationError, match="CALDAV_URL: the calendar of tyre-bay cannot be"):
        await _require_calendar(settings(tmp_path, url, radicale.password))
    radicale.send("MKCALENDAR", f"{url}/tyre-bay/", "")
    await _require_calendar(settings(tmp_path, url, radicale.password))
    with pytest.raises(ConfigurationError, match=r"calendar of bay-1 cannot be used .*401"):
        await _require_calendar(settings(tmp_path, url, "wrong"))
