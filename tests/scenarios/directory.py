"""A directory on paper: who is known by which number and PIN."""

from __future__ import annotations

from collections.abc import Iterable

from voice_agent.tools.appointment import PersonKey
from voice_agent.tools.directory import Enrolled, Failed, Pin, Record, Secret, Verified


class PaperDirectory:
    """Implements ``voice_agent.tools.directory.Directory``; nothing is kept of anybody.

    Args:
        people: each as a scenario writes it: key, number, PIN.
    """

    def __init__(self, people: Iterable[str]) -> None:
        said = (each.split() for each in people)
        self._people = {(phone, Pin(pin).said): PersonKey(key) for key, phone, pin in said}

    async def verify(self, phone: str, secret: Secret) -> Verified | Failed:
        """See the port."""
        found = self._people.get((phone, secret.said))
        return Failed() if found is None else Verified(found)

    async def record(self, person: PersonKey) -> Record:
        """See the port."""
        return Record(person)

    async def drop(self, person: PersonKey) -> None:
        """See ``Directory``."""

    async def enrol(self, name: str, phone: str) -> Enrolled:
        """See the port."""
        key = PersonKey(f"new-{len(self._people)}")
        self._people[phone, Pin("123456").said] = key
        del name
        return Enrolled(key, "123456", is_new=True)
