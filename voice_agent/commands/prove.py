"""``voice-agent prove``: what a caller heard and agreed to, reproduced and verified (C13)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from consent.notice import Notice
from consent.receipt import HeldRecord, moment
from voice_agent import atomic_file
from voice_agent.agent import AgentConfig
from voice_agent.commands.output import Output
from voice_agent.commands.stores import with_stores
from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.bundle import Bundle, write
from voice_agent.evidence.checking import Findings, check
from voice_agent.evidence.proof import SignedHead
from voice_agent.evidence.timestamp import load_roots
from voice_agent.settings import load_settings
from voice_agent.storage.notices import NoticeArchive
from voice_agent.storage.proving import NotProvable, collect
from voice_agent.stores import Stores


class UnknownRecord(VoiceAgentError):
    """Nobody knows a record or call of this identifier."""

    code = "unknown_record"


def prove(
    record: Annotated[str, typer.Argument(help="Identifier of a record, or of its call.")],
    *,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="Zip file to write, for a stranger to verify.")
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One object: record_id, state, restricted, destroyed, heard, events, entries, "
            "head, notice, timestamp, faults, bundle.",
        ),
    ] = False,
) -> None:
    """Reproduce what a caller heard and agreed to, and verify it.

    Every look is noted in the audit log. Leaves with status 1 if something is wrong; then no
    bundle is written. Of a record that was destroyed only its place in the ledger is left.
    """
    output = Output(json)
    settings = load_settings()
    ledger = AgentConfig.for_settings(settings).ledger
    roots = load_roots(ledger.certificate(settings.config_dir))

    async def work(stores: Stores) -> tuple[HeldRecord, Bundle, SignedHead] | str:
        held = await stores.archive.of_record(record) or await stores.archive.held(record)
        if held is None:
            gone = any(entry.destroyed for entry in await stores.archive.entries(record))
            # What was typed is only written down where it is an identifier of ours.
            outcome = "destroyed" if gone else "unknown"
            await stores.audit.note("command", "prove", outcome, record if gone else None)
            return outcome
        await stores.audit.note("command", "prove", "shown", held.record.record_id)
        notices = NoticeArchive(stores.database)
        return held, *(await collect(stores.archive, notices, held, roots))

    found = with_stores(work)
    if found == "destroyed":
        _destroyed(output, record, bundle)
        return
    if isinstance(found, str):
        raise UnknownRecord("there is no record of this identifier, and no call")
    held, made, signed = found
    findings = check(made)
    if bundle is not None and findings.is_right:
        _write(bundle, made)
    fields = _fields(held, made, signed, findings) | {
        "bundle": None if bundle is None or findings.faults else str(bundle)
    }
    output.result(fields, "\n".join(_prose(fields, findings.notice)))
    if findings.faults:
        raise typer.Exit(1)


def _destroyed(output: Output, record_id: str, bundle: Path | None) -> None:
    if bundle is not None:
        raise NotProvable(
            f"record {record_id}: was destroyed; there is nothing left that a bundle could prove"
        )
    prose = (
        f"Record {record_id} was destroyed: what it said, and of whom, is gone. Its place in the "
        "ledger is left."
    )
    output.result({"record_id": record_id, "destroyed": True}, prose)


def _write(path: Path, bundle: Bundle) -> None:
    try:
        atomic_file.write(path, write(bundle))
    except OSError as error:
        raise VoiceAgentError(f"{path}: cannot be written ({error.strerror})") from error


def _fields(
    held: HeldRecord, bundle: Bundle, signed: SignedHead, found: Findings
) -> dict[str, Any]:
    record, notice = held.record, found.notice
    return {
        "record_id": record.record_id,
        "call_id": record.call_id,
        "principal": record.principal,
        "state": held.state,
        "restricted": held.restricted,
        "destroyed": False,
        "purposes": sorted(record.purposes),
        "heard": {
            "part": record.heard,
            "language": record.language,
            "ms": record.heard_ms,
            "known_by": record.heard_by,
        },
        "key": record.key,
        "requested_at": moment(record.requested_at),
        "given_at": moment(record.given_at),
        "events": [event.as_fields() for event in held.events],
        "software": record.software,
        "entries": [{"position": each.position, "kind": each.kind} for each in bundle.entries],
        "head": {
            "size": found.size,
            "root": found.root.hex(),
            "signed_at": None if found.signed_at is None else moment(found.signed_at),
            "key_id": signed.head.key_id,
            "public_key": bundle.public_key.hex(),
            "fingerprint": found.fingerprint,
        },
        "notice": {
            "version": record.notice_version,
            "text": [] if notice is None else _heard(held, notice),
            "audio": {} if notice is None else dict(notice.audio),
        },
        "timestamp": None
        if found.timestamped_at is None
        else {"at": moment(found.timestamped_at), "authority": found.authority},
        "faults": list(found.faults),
    }


def _heard(held: HeldRecord, notice: Notice) -> list[str]:
    """The text in the language heard, word for word: layer 1, and what was playing besides."""
    text = notice.texts.get(held.record.language)
    if text is None:
        return []
    first = [part.text for part in text.layer1]
    match held.record.heard:
        case "repetition":
            return [*first, *text.repetitions]
        case "full_notice":
            return [*first, *(f"{title}. {body}" for title, body in text.full)]
    return first


def _prose(fields: dict[str, Any], notice: Notice | None) -> Iterator[str]:
    heard, head = fields["heard"], fields["head"]
    restricted = " (restricted: kept for proof only)" if fields["restricted"] else ""
    yield f"Record {fields['record_id']}{restricted}: {fields['state']}"
    yield f"  call        {fields['call_id']}"
    yield f"  purposes    {', '.join(fields['purposes'])}"
    ms = "unknown" if heard["ms"] is None else f"{heard['ms']} ms before the key"
    yield f"  heard       {heard['part']}, {heard['language']}, {ms} (by {heard['known_by']})"
    yield f"  key         {fields['key']} at {fields['given_at']}"
    for event in fields["events"]:
        means = f" ({event['means']})" if "means" in event else ""
        yield f"  event       {event['at']} {event['purpose']} {event['state']}{means}"
    yield f"  software    {fields['software']}"
    places = ", ".join(f"{each['position']} ({each['kind']})" for each in fields["entries"])
    yield f"  ledger      entry {places} of {head['size']}"
    yield f"  head        {head['root']} signed at {head['signed_at']}"
    yield f"  key of head {head['key_id']}, fingerprint {head['fingerprint']}"
    stamp = fields["timestamp"]
    if stamp is not None:
        yield f"  timestamp   {stamp['at']}, authority {stamp['authority']}"
    yield f"  notice      {fields['notice']['version']}"
    for language, name in fields["notice"]["audio"].items():
        yield f"  audio {language}    {name}"
    if notice is not None:
        yield "What was playing or had been played, in full:"
    yield from (f"  {text}" for text in fields["notice"]["text"])
    yield from (f"WRONG: {fault}" for fault in fields["faults"])
    if not fields["faults"]:
        yield "Verified: all of this is what the ledger's tree was built of and signed."
    if fields["bundle"] is not None:
        yield f"Written: {fields['bundle']}"
