"""``voice-agent verify``: a bundle on any machine, or the whole ledger of the database (C15)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from consent.receipt import moment
from voice_agent.commands.output import Output
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.bundle import read
from voice_agent.evidence.checking import Findings, check
from voice_agent.evidence.container import MOST_BYTES, BundleRefused
from voice_agent.evidence.proof import fingerprint
from voice_agent.evidence.timestamp import load_roots


def verify(
    bundle: Annotated[
        Path | None,
        typer.Argument(help="A file of `voice-agent prove --bundle`; the database if left out."),
    ] = None,
    *,
    key: Annotated[
        str | None,
        typer.Option(
            "--key", help="Insist on this public key, or this fingerprint of one: 64 hex digits."
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One object: right, faults, fingerprints; of a bundle record_id, state, events, "
            "head, timestamp as well; of a database entries, destroyed, heads, notices.",
        ),
    ] = False,
) -> None:
    """Verify a bundle, or every entry, node, head and notice of the database.

    A bundle needs no database, no settings and no network. Compare the fingerprint with the one
    the company published, or give it with --key. Leaves with status 1 if anything is wrong.
    """
    output, wanted = Output(json), _key(key)
    right = _ledger(output, wanted) if bundle is None else _bundle(output, bundle, wanted)
    if not right:
        raise typer.Exit(1)


def _key(text: str | None) -> str | None:
    if text is None:
        return None
    digits = re.sub(r"[\s:]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise VoiceAgentError("--key: a key or fingerprint has 64 hex digits")
    return digits


# -- a bundle --------------------------------------------------------------------------------------


def _bundle(output: Output, path: Path, key: str | None) -> bool:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise VoiceAgentError(f"{path}: cannot be read ({error.strerror})") from error
    try:
        made = read(data)
    except BundleRefused as fault:
        output.result({"right": False, "faults": [str(fault)]}, f"WRONG: {fault}")
        return False
    found = check(made, key)
    fields = _fields(made.record_id, found)
    output.result(
        fields, "\n".join([*_prose(fields), *(f"WRONG: {each}" for each in found.faults)])
    )
    if found.is_right and key is None:
        output.note(
            "Not checked: whose key that is. Compare the fingerprint with the one the company "
            "published, or give it with --key."
        )
    return found.is_right


def _fields(record_id: str, found: Findings) -> dict[str, Any]:
    held = found.held
    return {
        "right": found.is_right,
        "faults": found.faults,
        "fingerprints": [found.fingerprint],
        "record_id": record_id,
        "state": None if held is None else held.state,
        "events": [] if held is None else [event.as_fields() for event in held.events],
        "head": {
            "size": found.size,
            "root": found.root.hex(),
            "signed_at": None if found.signed_at is None else moment(found.signed_at),
        },
        "notice": None if held is None else _plain(held.record.notice_version),
        "language": None if held is None else _plain(held.record.language),
        "heard": None if held is None else _plain(held.record.heard),
        "heard_ms": None if held is None else _plain(held.record.heard_ms),
        "key": None if held is None else held.record.key,
        "timestamp": None
        if found.timestamped_at is None
        else {"at": moment(found.timestamped_at), "authority": found.authority},
    }


def _prose(fields: dict[str, Any]) -> list[str]:
    lines = [f"Record {fields['record_id']}: {fields['state'] or 'unreadable'}"]
    for event in fields["events"]:
        means = f" ({event['means']})" if "means" in event else ""
        lines.append(f"  event       {event['at']} {event['purpose']} {event['state']}{means}")
    if fields["state"] is not None:
        lines += [
            f"  heard       {fields['heard']}, {fields['language']}, {fields['heard_ms']} ms",
            f"  key         {fields['key']}",
            f"  notice      {fields['notice']}",
        ]
    head = fields["head"]
    lines += [
        f"  head        {head['root']}, {head['size']} entries, signed at {head['signed_at']}",
        f"  fingerprint {fields['fingerprints'][0]}",
    ]
    if fields["timestamp"] is not None:
        stamp = fields["timestamp"]
        lines.append(f"  timestamp   {stamp['at']}, authority {stamp['authority']}")
    if fields["right"]:
        lines.append("All of it is right.")
    return lines


def _plain(value: object) -> str:
    """What a stranger's file says, for a terminal: short, and nothing that controls it."""
    return "".join(each if each.isprintable() else "?" for each in str(value))[:80]


# -- the database ----------------------------------------------------------------------------------


def _ledger(output: Output, key: str | None) -> bool:
    # On a machine that only checks bundles neither settings nor a database are looked at.
    from voice_agent.agent import AgentConfig  # noqa: PLC0415 (as above)
    from voice_agent.commands.stores import with_stores  # noqa: PLC0415 (as above)
    from voice_agent.settings import load_settings  # noqa: PLC0415 (as above)
    from voice_agent.storage.verification import LedgerVerification  # noqa: PLC0415 (as above)

    settings = load_settings()
    ledger = AgentConfig.for_settings(settings).ledger
    roots = load_roots(ledger.certificate(settings.config_dir))
    found = with_stores(
        lambda stores: LedgerVerification(stores.archive, stores.keyring, roots).verify()
    )
    strange: list[str] = []
    if key is not None:
        strange = sorted(found.signed_with - {key, fingerprint(bytes.fromhex(key))})
    faults = [*found.faults, *(f"heads are signed with another key, {each}" for each in strange)]
    fields = {
        "right": not faults,
        "faults": faults,
        "fingerprints": sorted(found.signed_with),
        "entries": found.entries,
        "destroyed": found.destroyed,
        "heads": found.heads,
        "notices": found.notices,
        "timestamps": found.timestamps,
    }
    prose = [f"WRONG: {fault}" for fault in faults]
    prose.append(
        f"{found.entries} entries ({found.destroyed} of them destroyed), {found.heads} heads "
        f"({found.timestamps} with a verified timestamp), {found.notices} notices: "
        + ("all of it is right." if not faults else f"{len(faults)} faults.")
    )
    prose += [f"  signed with {each}" for each in sorted(found.signed_with)]
    output.result(fields, "\n".join(prose))
    return not faults
