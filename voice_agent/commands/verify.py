"""``voice-agent verify``: a bundle or published heads on any machine, or the whole ledger (C15)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from consent.receipt import moment
from voice_agent.commands.output import Output
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence import published
from voice_agent.evidence.bundle import read
from voice_agent.evidence.checking import Findings, check
from voice_agent.evidence.container import MOST_BYTES, BundleRefused
from voice_agent.evidence.proof import fingerprint
from voice_agent.evidence.published import Published, PublishedRefused
from voice_agent.evidence.timestamp import load_roots

if TYPE_CHECKING:
    from voice_agent.storage.verification import Verification


def verify(
    bundle: Annotated[
        Path | None,
        typer.Argument(help="A file of `voice-agent prove --bundle`; the database if left out."),
    ] = None,
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            help="Insist on this public key, or this fingerprint of one: 64 hex digits. Repeat it "
            "for each key there was; only these are believed then.",
        ),
    ] = None,
    authority: Annotated[
        list[str] | None,
        typer.Option(
            "--authority",
            help="Of a bundle: insist on a timestamp by this authority, SHA-256 of its "
            "certificate: 64 hex digits. Can be repeated.",
        ),
    ] = None,
    head: Annotated[
        list[Path] | None,
        typer.Option(
            "--head",
            help="A kept answer of GET /privacy/ledger: insist that the database has grown from "
            "it. Can be repeated.",
        ),
    ] = None,
    consistent: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--consistent",
            metavar="OLD NEW",
            help="Two kept answers, the newer one of GET /privacy/ledger?from=SIZE with the older "
            "one's size: insist that the newer state has grown from the older one.",
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One object: right, faults, fingerprints; of a bundle record_id, state, events, "
            "head, timestamp, key_checked, authority_checked as well; "
            "of a database entries, destroyed, heads, notices, "
            "timestamps, unchecked_timestamps, newest_timestamp, kept_heads; of two answers from, "
            "to.",
        ),
    ] = False,
) -> None:
    """Verify a bundle, or every entry, node, head and notice of the database.

    A bundle needs no database, no settings and no network, nor do two published answers. Compare
    the fingerprint with the one the company published, or give it with --key. That the newest
    entries of a database were cut off shows only by a head that was kept elsewhere: --head. Leaves
    with status 1 if anything is wrong.
    """
    output, keys = Output(json), frozenset(map(_key, key or ()))
    authorities = frozenset(map(_key, authority or ()))
    if authorities and bundle is None:
        raise VoiceAgentError("--authority belongs to a bundle")
    if bool(bundle) + bool(head) + bool(consistent) > 1:
        raise VoiceAgentError("a bundle, --head and --consistent are verified one at a time")
    if consistent is not None:
        right = _grown(output, consistent, keys)
    elif bundle is not None:
        right = _bundle(output, bundle, keys, authorities)
    else:
        right = _ledger(output, keys, head or ())
    if not right:
        raise typer.Exit(1)


def _key(text: str) -> str:
    digits = re.sub(r"[\s:]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise VoiceAgentError("--key, --authority: a key or fingerprint has 64 hex digits")
    return digits


def _content(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise VoiceAgentError(f"{path}: cannot be read ({error.strerror})") from error


# -- a bundle --------------------------------------------------------------------------------------


def _bundle(output: Output, path: Path, keys: frozenset[str], authorities: frozenset[str]) -> bool:
    try:
        made = read(_content(path, MOST_BYTES + 1))
    except BundleRefused as fault:
        output.result({"right": False, "faults": [str(fault)]}, f"WRONG: {fault}")
        return False
    found = check(made, keys, authorities)
    fields = _fields(made.record_id, found) | {
        "key_checked": bool(keys),
        "authority_checked": bool(authorities),
    }
    output.result(
        fields, "\n".join([*_prose(fields), *(f"WRONG: {each}" for each in found.faults)])
    )
    if found.is_right and not keys:
        output.note(
            "Not checked: whose key that is. Compare the fingerprint with the one the company "
            "published, or give it with --key."
        )
    if found.is_right and made.token is not None and not authorities:
        output.note(
            "Not checked: whose certificate that is. Compare the timestamp's authority with the "
            "one you trust, or give it with --authority."
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


def _ledger(output: Output, keys: frozenset[str], heads: Sequence[Path]) -> bool:
    # On a machine that only checks bundles neither settings nor a database are looked at.
    from voice_agent.agent import AgentConfig  # noqa: PLC0415 (as above)
    from voice_agent.commands.stores import with_stores  # noqa: PLC0415 (as above)
    from voice_agent.retention import load_retention  # noqa: PLC0415 (as above)
    from voice_agent.settings import load_settings  # noqa: PLC0415 (as above)
    from voice_agent.storage.verification import (  # noqa: PLC0415 (as above)
        Against,
        LedgerVerification,
    )

    settings = load_settings()
    ledger = AgentConfig.for_settings(settings).ledger
    against = Against(
        roots=load_roots(ledger.certificate(settings.config_dir)),
        keys=keys,
        heads=[_published(path) for path in heads],
        due=load_retention(settings.config_dir)["ledger_entries"]["sealed"].cutoff,
    )
    found = with_stores(
        lambda stores: LedgerVerification(stores.archive, stores.keyring, against).verify()
    )
    newest = found.newest_timestamp
    fields = {
        "right": found.is_right,
        "faults": found.faults,
        "fingerprints": sorted(found.signed_with),
        "entries": found.entries,
        "destroyed": found.destroyed,
        "heads": found.heads,
        "notices": found.notices,
        "timestamps": found.timestamps,
        "unchecked_timestamps": found.unchecked_timestamps,
        "newest_timestamp": None
        if newest is None
        else {"size": newest[0], "at": moment(newest[1])},
        "kept_heads": len(heads),
    }
    output.result(fields, "\n".join(_ledger_prose(found)))
    if found.is_right and not heads:
        output.note(
            "Not checked: whether the newest entries were cut off, or all of it replaced by an "
            "older copy. That takes a head kept elsewhere: --head."
        )
    return found.is_right


def _ledger_prose(found: Verification) -> Iterator[str]:
    yield from (f"WRONG: {fault}" for fault in found.faults)
    yield (
        f"{found.entries} entries ({found.destroyed} of them destroyed), {found.heads} heads "
        f"({found.timestamps} with a verified timestamp), {found.notices} notices: "
        + ("all of it is right." if found.is_right else f"{len(found.faults)} faults.")
    )
    if found.newest_timestamp is not None:
        size, at = found.newest_timestamp
        yield f"  timestamp   {moment(at)}, of the head with {size} entries"
    if found.unchecked_timestamps:
        yield (
            f"  timestamps  {found.unchecked_timestamps} not checked: no certificate configured "
            "(ledger.timestamp_certificate)"
        )
    yield from (f"  signed with {each}" for each in sorted(found.signed_with))


# -- what was published ----------------------------------------------------------------------------


def _published(path: Path) -> Published:
    try:
        return published.read(_content(path, published.MOST_BYTES + 1))
    except PublishedRefused as fault:
        raise PublishedRefused(f"{path}: {fault}") from fault


def _grown(output: Output, paths: tuple[Path, Path], keys: frozenset[str]) -> bool:
    old, new = map(_published, paths)
    faults = list(published.differences(old, new, keys))
    signers = {fingerprint(each.signer) for each in (old, new) if each.signer is not None}
    fields = {
        "right": not faults,
        "faults": faults,
        "fingerprints": sorted(signers),
        "from": old.head.size,
        "to": new.head.size,
    }
    prose = [f"WRONG: {fault}" for fault in faults]
    prose += [
        f"  head        {each.head.root.hex()}, {each.head.size} entries, signed at "
        f"{moment(each.head.signed_at)}"
        for each in (old, new)
    ]
    prose += [f"  fingerprint {each}" for each in sorted(signers)]
    if not faults:
        prose.append("The newer state has grown from the older one; nothing before was changed.")
    output.result(fields, "\n".join(prose))
    return not faults
