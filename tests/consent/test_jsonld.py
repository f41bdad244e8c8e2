from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from consent.dpv import CONTEXT, DPV, DUBLIN_CORE, LOCATIONS, SCHEMA_ORG
from consent.jsonld import export, named_information, receipt
from consent.notice import Controller, Notice, NoticeText, Processing, Spoken
from consent.purpose import Purpose
from consent.receipt import Clock, ConsentEvent, ConsentRecord, HeldRecord, Means, State

NOTICE = Notice(
    texts={
        "de": NoticeText(
            language="de",
            name="Deutsch",
            layer1=(Spoken("Guten Tag.", "de"), Spoken("For English press 5.", "en")),
            repetitions=(),
            full=(("Wer verantwortlich ist", "Beispiel GmbH."),),
            keys={"accept": "1"},
        )
    },
    purposes=frozenset({Purpose.CONVERSATION}),
    recipients=("Carrier: connects the call", "Model Ltd: answers"),
    processing=Processing(
        controller=Controller(
            name="Beispiel GmbH",
            address="Musterweg 1, 10115 Berlin",
            contact="post@beispiel.example",
            privacy_contact="dsb@beispiel.example",
            authority="Aufsicht Berlin",
            jurisdiction="DE",
        ),
        data=("voice", "words", "health"),
        storage=("eigene Maschine",),
        retention={"voice": "PT30S", "proof": "P3Y"},
        legal_basis={"conversation": "Art. 6(1)(a) GDPR"},
        withdrawal=("key *", "link"),
    ),
    audio={"de": "0" * 64},
)
ASKED = datetime(2026, 11, 23, 12, tzinfo=UTC)
GIVEN = ASKED + timedelta(seconds=9)
RECORD = ConsentRecord(
    record_id="r1",
    call_id="CA1",
    principal="k1.abc",
    purposes=frozenset({Purpose.CONVERSATION}),
    notice_version=NOTICE.version,
    language="de",
    heard="layer1",
    heard_ms=1200,
    heard_by=Clock.MARKS,
    key="1",
    requested_at=ASKED,
    given_at=GIVEN,
    software="0.1.0",
)
HELD = HeldRecord(RECORD, 7)


def then(*events: ConsentEvent) -> HeldRecord:
    return replace(HELD, later=events)


def withdrawn(means: Means) -> HeldRecord:
    at = GIVEN + timedelta(seconds=5)
    return then(ConsentEvent(Purpose.CONVERSATION, State.WITHDRAWN, at, means))


def address(term: str) -> str:
    """What the context says a term is."""
    entry = CONTEXT[term]
    return str(entry["@id"] if isinstance(entry, Mapping) else entry)


def expand(node: Any) -> Any:
    """JSON-LD's expansion, as far as our context uses it; a term that is not in it raises."""
    if isinstance(node, list):
        return [expand(each) for each in node]
    if not isinstance(node, dict):
        return {"@value": node}
    expanded: dict[str, Any] = {}
    for key, value in node.items():
        if key == "@context" or value is None:
            continue
        if key == "@type":
            kinds = value if isinstance(value, list) else [value]
            expanded["@type"] = [address(kind) for kind in kinds]
            continue
        entry = CONTEXT[key]
        kind = entry.get("@type") if isinstance(entry, Mapping) else None
        if kind == "@id":
            filled: Any = {"@id": value}
        elif kind == "@vocab":
            filled = {"@id": address(value)}
        elif kind is not None:
            filled = {"@type": kind, "@value": value}
        else:
            filled = expand(value)
        expanded.setdefault(address(key), []).append(filled)
    return expanded


def terms(node: Any) -> Iterator[str]:
    """Every key and kind in a document but JSON-LD's own."""
    if isinstance(node, list):
        for each in node:
            yield from terms(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "@type":
                yield from value if isinstance(value, list) else [value]
            elif key != "@context":
                yield key
                yield from terms(value)


def test_c14_every_field_of_iso_27560_stands_in_the_receipt() -> None:
    receipt = export(HELD, NOTICE)
    process = receipt["process"]
    assert receipt["@type"] == "ConsentRecord"
    assert receipt["schema_version"] == "ISO/IEC TS 27560:2023"
    assert (receipt["record_id"], receipt["call_id"], receipt["position"]) == ("r1", "CA1", 7)
    assert receipt["principal"]["principal_id"] == "k1.abc"
    assert receipt["notice"]["version"] == NOTICE.version
    assert receipt["notice"]["language"] == "de"
    assert receipt["notice"]["texts"][0]["text"] == "Guten Tag. For English press 5."
    assert receipt["notice"]["texts"][1]["title"] == "Wer verantwortlich ist"
    assert [each["name"] for each in process["purposes"]] == ["conversation"]
    assert process["purposes"][0]["legal_basis"] == "Art. 6(1)(a) GDPR"
    assert [each["name"] for each in process["personal_data"]] == ["voice", "words", "health"]
    assert [each["name"] for each in process["recipients"]] == list(NOTICE.recipients)
    assert process["storage"][0]["location"] == "eigene Maschine"
    kept = {
        each["personal_data"]["name"]: each["retention"]
        for each in process["storage"]
        if each["@type"] == "StorageDuration"
    }
    assert kept == {"voice": "PT30S", "proof": "P3Y"}
    assert receipt["controller"]["name"] == "Beispiel GmbH"
    assert receipt["controller"]["address"] == "Musterweg 1, 10115 Berlin"
    assert receipt["controller"]["contact"] == "post@beispiel.example"
    assert receipt["jurisdiction"] == f"{LOCATIONS}DE"
    assert [each["exercised_at"] for each in receipt["withdrawal"]] == ["key *", "link"]
    assert receipt["software"]["software_version"] == "0.1.0"


def test_c14_events_have_time_and_state() -> None:
    receipt = export(withdrawn(Means.PORTAL), NOTICE)
    told = [(each["state"], each["at"], each["@type"]) for each in receipt["events"]]
    assert told == [
        ("requested", "2026-11-23T12:00:00.000Z", "ConsentRequested"),
        ("given", "2026-11-23T12:00:09.000Z", "ConsentGiven"),
        ("withdrawn", "2026-11-23T12:00:14.000Z", "ConsentWithdrawn"),
    ]
    assert receipt["events"][2]["means"] == "portal"
    assert receipt["state"] == "withdrawn"
    assert [each["by"] for each in receipt["events"]] == [
        "DataController",
        "DataSubject",
        "DataSubject",
    ]


def test_c14_what_could_not_be_saved_was_not_withdrawn_by_the_person() -> None:
    last = export(withdrawn(Means.NOT_SAVED), NOTICE)["events"][-1]
    assert (last["@type"], last["by"]) == ("ConsentRevoked", "DataController")


def test_c14_a_consent_that_ended_with_its_call_has_expired() -> None:
    ended = then(ConsentEvent(Purpose.CONVERSATION, State.EXPIRED, GIVEN + timedelta(minutes=2)))
    receipt = export(ended, NOTICE)
    assert receipt["state"] == "expired"
    assert receipt["events"][-1]["@type"] == "ConsentExpired"


@pytest.mark.parametrize("heard_ms", [1200, None])
def test_c13_the_evidence_stands_in_the_receipt(heard_ms: int | None) -> None:
    held = replace(HELD, record=replace(RECORD, heard_ms=heard_ms))
    evidence = {each["property"]: each["value"] for each in export(held, NOTICE)["evidence"]}
    assert evidence == {"heard": "layer1", "heard_ms": heard_ms, "heard_by": "marks", "key": "1"}


@pytest.mark.parametrize("purpose", list(Purpose))
def test_c14_every_purpose_has_a_term(purpose: Purpose) -> None:
    held = replace(HELD, record=replace(RECORD, purposes=frozenset({purpose})))
    expanded = expand(export(held, NOTICE))
    process = expanded[f"{DPV}hasProcess"][0]
    assert len(process[f"{DPV}hasPurpose"][0][0]["@type"]) == 2


def test_c14_every_term_used_stands_in_the_context() -> None:
    for held in (HELD, withdrawn(Means.NOT_SAVED), withdrawn(Means.KEY)):
        receipt = export(held, NOTICE)
        assert set(terms(receipt)) <= set(receipt["@context"])


def test_c14_every_term_has_an_address_of_its_vocabulary() -> None:
    known = (DPV, DUBLIN_CORE, SCHEMA_ORG)
    for term in CONTEXT:
        if not term.startswith("@"):
            assert address(term).startswith(known)
            assert urlsplit(address(term)).scheme in {"http", "https"}


def test_c14_expanded_the_receipt_is_a_consent_record_of_the_vocabulary() -> None:
    expanded = expand(export(HELD, NOTICE))
    assert expanded["@type"] == [f"{DPV}ConsentRecord"]
    assert expanded[f"{DPV}hasJurisdiction"] == [{"@id": f"{LOCATIONS}DE"}]
    given = expanded[f"{DPV}hasConsentStatus"][0][1]
    assert given["@type"] == [f"{DPV}ConsentGiven"]
    assert given[f"{DPV}isIndicatedBy"] == [{"@id": f"{DPV}DataSubject"}]
    assert given[f"{DPV}isIndicatedAtTime"][0]["@value"] == "2026-11-23T12:00:09.000Z"
    health = expanded[f"{DPV}hasProcess"][0][f"{DPV}hasPersonalData"][0][2]
    assert health["@type"] == [f"{DPV}SpecialCategoryPersonalData"]


def test_c14_nothing_is_looked_up_to_read_it() -> None:
    """The context is written out; it names no other document."""

    def contexts(node: Any) -> Iterator[Any]:
        if isinstance(node, dict):
            yield from (value for key, value in node.items() if key == "@context")
            for value in node.values():
                yield from contexts(value)
        elif isinstance(node, list):
            for each in node:
                yield from contexts(each)

    found = list(contexts(export(HELD, NOTICE)))
    assert found == [dict(CONTEXT)]
    assert "@import" not in found[0]


def test_c14_two_exports_are_the_same_bytes() -> None:
    turned = replace(
        NOTICE,
        processing=replace(
            NOTICE.processing, retention=dict(reversed(list(NOTICE.processing.retention.items())))
        ),
    )
    assert receipt(HELD, NOTICE) == receipt(HELD, turned)
    assert json.loads(receipt(HELD, NOTICE)) == json.loads(json.dumps(export(HELD, NOTICE)))


def test_c14_the_texts_have_the_address_of_exactly_these_texts() -> None:
    """RFC 6920, section 8.2: the SHA-256 of "Hello World!"."""
    hello = hashlib.sha256(b"Hello World!").hexdigest()
    assert named_information(hello) == "ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"
    assert export(HELD, NOTICE)["notice"]["texts_at"] == named_information(NOTICE.version)


def test_c14_a_controller_without_a_jurisdiction_has_none() -> None:
    notice = replace(NOTICE, processing=Processing())
    held = replace(HELD, record=replace(RECORD, notice_version=notice.version))
    assert export(held, notice)["jurisdiction"] is None


def test_c13_a_receipt_is_never_made_with_another_notice() -> None:
    with pytest.raises(ValueError, match="not the notice"):
        export(HELD, replace(NOTICE, recipients=()))
    english = replace(HELD, record=replace(RECORD, language="en"))
    with pytest.raises(ValueError, match="language"):
        export(english, NOTICE)
