"""Somebody whom we ring up, and who else may answer their telephone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from tests.twilio.carrier import Carrier
from tests.twilio.house import House
from voice_agent.outbound.claim import Appointment
from voice_agent.outbound.errand import Errand
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.do_not_call import is_listed
from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.customer_file import Customer
from voice_agent.tools.directory import BirthDate, Pin, Record

NUMBER: Final = "+493012340042"
CLAIM: Final = "c" * 32
ANNA, BERT = PersonKey("k-anna"), PersonKey("k-bert")
PIN, BERTS_PIN, WRONG = "424242", "777777", "111111"
BORN, BORN_KEYS = date(1980, 5, 12), "12051980"


@dataclass
class RungUp(Carrier):
    """A call that we make; whoever answers presses what the test says."""

    number: str = NUMBER
    rung_up: bool = True

    async def pick_up(self, claim: str = CLAIM, language: str = "de") -> None:
        """Somebody answers."""
        await self.ask(f"/twilio/outbound?claim={claim}&language={language}")

    async def press_all(self, *keys: str) -> None:
        """Answer one question after the other."""
        for each in keys:
            await self.press(each)

    async def over(self, status: str = "completed", claim: str = CLAIM, **fields: str) -> int:
        """The carrier says so; the status it is answered with."""
        path = f"/twilio/status/call?claim={claim}"
        return (await self.post(path, CallStatus=status, **fields)).status_code

    @property
    def action(self) -> str:
        """Where the last document waits for keys to be posted to."""
        return self._path(self._one("Gather").get("action", ""))

    @property
    def gather(self) -> dict[str, str]:
        """How it waits for them."""
        return dict(self._one("Gather").attrib)

    def is_silent_end(self) -> bool:
        """True if the last document hangs up and does nothing else."""
        return self.verbs == ["Hangup"]

    async def said_goodbye(self, *first: str, language: str = "de") -> bool:
        """True if these lines and a neutral goodbye were said, and the call hung up."""
        said = await self.said(*first, "outbound_goodbye", language=language)
        return said and self.verbs[-1] == "Hangup" and "Gather" not in self.verbs

    async def is_asked(self, *keys: str, language: str = "de") -> bool:
        """True if the last document says this and waits for keys, then hangs up."""
        return await self.said(*keys, language=language) and (
            self.verbs == ["Gather", *["Play"] * len(keys), "Hangup"]
        )

    async def hears_opener(self, key: str = "outbound_opener", language: str = "de") -> bool:
        """True if the last document is the opener."""
        other = "en" if language == "de" else "de"
        script = self.house.board.answers.script
        lines = [script.line(key, language), script.line("outbound_this_language", other)]
        names = [self.house.recordings.name((line,)) for line in lines]
        is_played = self.plays == [f"/audio/{name}.wav" for name in names]
        return is_played and self.verbs == ["Gather", "Play", "Play", "Hangup"]

    async def hears_notice(self, language: str = "de") -> bool:
        """True if the last document is the notice of every call."""
        script = self.house.board.answers.script
        name = self.house.recordings.name(script.notice(language))
        return self.plays == [f"/audio/{name}.wav"] and self.verbs == ["Gather", "Play", "Redirect"]


def errand(claim: str = CLAIM, person: PersonKey | None = ANNA, number: str = NUMBER) -> Errand:
    """What a call is about."""
    starts_at = datetime(2030, 1, 7, 9, tzinfo=UTC)
    about = Appointment(reminder="r1", starts_at=starts_at, appointment="a1", person=person)
    return Errand(claim=claim, number=number, language="de", appointments=(about,))


@asynccontextmanager
async def ringing(house: House, **changes: object) -> AsyncIterator[RungUp]:
    """Anna's telephone rings; Bert has the same number."""
    for person, pin in ((ANNA, PIN), (BERT, BERTS_PIN)):
        await house.people.put(
            Customer(
                id=person,
                phone=NUMBER,
                record=Record(name="CANARY NAME"),
                pin=Pin(pin),
                birth=BirthDate(BORN) if person == ANNA else None,
            )
        )
    house.errands.dial(errand(**changes))  # type: ignore[arg-type]
    async with RungUp(house) as call:
        yield call


async def is_refused(house: House, number: str = NUMBER) -> bool:
    """True if this number is on the do-not-call list."""
    pseudonyms: Pseudonyms = house.pseudonyms
    names = pseudonyms.listed_as(pseudonyms.all_of(number))
    async with house.database.begin() as connection:
        return await is_listed(connection, names)
