"""How a company's own system is asked about people: ``config/directory.yaml``, checked.

It is read where ``DIRECTORY_URL`` names such a system; without that people are in our own database.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from pydantic import StringConstraints

from voice_agent.directory_http.form import Form, Question
from voice_agent.part import Part, read

FILE: Final = "directory.yaml"
"""Name of the file within the configuration directory."""

Address = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._/-]{0,199}$")]
Field = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Where = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}(\.[A-Za-z0-9_-]{1,64}){0,7}$")
]
Header = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Prefix = Annotated[str, StringConstraints(pattern=r"^[ -~]{0,64}$")]


class Proof(Part):
    """What a number and a secret are called there."""

    phone: Field
    pin: Field
    birth_date: Field


class Verify(Part):
    """How a secret is compared."""

    path: Address
    send: Proof
    customer: Where


class Customer(Part):
    """What a customer's number is called there."""

    customer: Field


class Entry(Part):
    """Where what stands in a contract or an order."""

    kind: Where
    reference: Where
    status: Where
    date: Where
    amount: Where | None = None


class Record(Part):
    """How a record is asked for, and where what stands in it."""

    path: Address
    send: Customer
    name: Where
    entries: Where
    entry: Entry


class Newcomer(Part):
    """What is sent of somebody new."""

    name: Field
    phone: Field
    pin: Field


class Enrol(Part):
    """How somebody new is written down."""

    path: Address
    send: Newcomer
    customer: Where


class DirectoryFile(Part):
    """The whole file."""

    header: Header = "Authorization"
    prefix: Prefix = "Bearer "
    verify: Verify
    record: Record
    enrol: Enrol | None = None


def load_form(config_dir: Path) -> Form:
    """Read the file.

    Raises:
        ConfigurationError: it is not there or wrong; one line per fault with file, line, key.
    """
    said = read(config_dir / FILE, DirectoryFile)
    entry = said.record.entry.model_dump(exclude_none=True)
    enrol = said.enrol
    return Form(
        header=said.header,
        prefix=said.prefix,
        verify=Question(said.verify.path, said.verify.send.model_dump(), said.verify.customer),
        record=Question(said.record.path, said.record.send.model_dump()),
        enrol=None
        if enrol is None
        else Question(enrol.path, enrol.send.model_dump(), enrol.customer),
        name=said.record.name,
        entries=said.record.entries,
        entry=entry,
    )
