"""``voice-agent keys``: replacing the keys, and what is still under an old one (C17)."""

from __future__ import annotations

from typing import Annotated

import typer

from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.storage.rotation import KeyUse, Rewrapped, Rotation
from voice_agent.stores import Stores

app = typer.Typer()

Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command()
def show(*, json: Json = False) -> None:
    """Show by identifier which keys there are, and how much is under each.

    A key that is idle may be taken out of RECORD_KEY or PSEUDONYM_KEY. With --json one object:
    record_keys, pseudonym_keys, data_keys, pseudonyms, head_key (which signed the ledger's newest
    head), idle_record_keys, idle_pseudonym_keys, missing_record_keys.
    """
    use = with_stores(lambda stores: _rotation(stores).use())
    Output(json).result(use.as_fields(), _prose(use))


@app.command()
def rotate(*, json: Json = False) -> None:
    """Wrap every data key in the first of RECORD_KEY. Safe while calls run; can be repeated.

    Write RECORD_KEY as new,old first and start the servers again. Leaves with status 1 if some
    keys could not be opened. The old key is needed until the ledger's next entry, whose head is
    signed with the new one. With --json one object: rewrapped, missing, damaged, and what
    show says.
    """

    async def work(stores: Stores) -> tuple[Rewrapped, KeyUse]:
        rotation = _rotation(stores)
        rewrapped = await rotation.rewrap()
        await stores.audit.note("command", "keys_rotate", "done", stores.keyring.present)
        return rewrapped, await rotation.use()

    rewrapped, use = with_stores(work)
    record = {
        "rewrapped": rewrapped.done,
        "missing": rewrapped.missing,
        "damaged": rewrapped.damaged,
        **use.as_fields(),
    }
    prose = f"{rewrapped.done} data keys re-wrapped"
    if rewrapped.missing:
        prose += f"; {rewrapped.missing} are under a key that RECORD_KEY does not hold: add it last"
    if rewrapped.damaged:
        prose += f"; {rewrapped.damaged} are damaged and do not open"
    Output(json).result(record, f"{prose}\n{_prose(use)}")
    if rewrapped.missing or rewrapped.damaged:
        raise typer.Exit(1)


def _rotation(stores: Stores) -> Rotation:
    return Rotation(stores.database, stores.keyring, stores.pseudonyms)


def _prose(use: KeyUse) -> str:
    lines = [
        _line(
            "RECORD_KEY",
            key,
            use.record_keys,
            use.data_keys.get(key, 0),
            "data keys",
            signed=key == use.head_key,
        )
        for key in (*use.record_keys, *use.missing_record_keys)
    ]
    for key in dict.fromkeys((*use.pseudonym_keys, *sorted(use.needed_pseudonym_keys))):
        count = sum(found.get(key, 0) for found in use.pseudonyms.values())
        lines.append(_line("PSEUDONYM_KEY", key, use.pseudonym_keys, count, "rows"))
    return "\n".join(lines)


def _line(
    setting: str, key: str, known: tuple[str, ...], count: int, what: str, *, signed: bool = False
) -> str:
    if key not in known:
        state = "missing"
    elif key == known[0]:
        state = "present"
    elif count:
        state = "old, still needed"
    elif signed:
        state = "old, needed until the ledger's next entry: it signed the newest head"
    else:
        state = "old, idle: it may go"
    return f"{setting} {key}: {count} {what} ({state})"
