"""The receipt as JSON-LD: the fields of ISO/IEC TS 27560 in the Data Privacy Vocabulary (C14)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from consent.dpv import CONTEXT, LOCATIONS
from consent.notice import Notice
from consent.purpose import Purpose
from consent.receipt import SCHEMA, ConsentEvent, HeldRecord, Means, State, moment

_STATES: Final[Mapping[State, str]] = {
    State.REQUESTED: "ConsentRequested",
    State.GIVEN: "ConsentGiven",
    State.WITHDRAWN: "ConsentWithdrawn",
    State.EXPIRED: "ConsentExpired",
}

_PURPOSES: Final[Mapping[Purpose, str]] = {
    Purpose.CONVERSATION: "RequestedServiceProvision",
    Purpose.TRANSCRIPT: "RecordManagement",
    Purpose.RECORDING: "RecordManagement",
    Purpose.TRAINING: "ImproveExistingProductsAndServices",
}
"""What the vocabulary calls our purposes; our own name stands beside it."""

SPECIAL: Final = frozenset({"health"})
"""Kinds of data that Art. 9 GDPR protects."""


def export(held: HeldRecord, notice: Notice) -> dict[str, Any]:
    """The receipt of one consent, with everything it refers to; nothing is looked up anywhere.

    Args:
        held: the record, with what happened to it since.
        notice: the notice the caller heard, in the version the record names.

    Raises:
        ValueError: this is another version of the notice, or lacks the language of the record.
    """
    record, terms = held.record, notice.processing
    if notice.version != record.notice_version:
        raise ValueError("this is not the notice the record names")
    if record.language not in notice.texts:
        raise ValueError("the notice lacks the language of the record")
    controller = terms.controller
    text = notice.texts[record.language]
    return {
        "@context": dict(CONTEXT),
        "@type": "ConsentRecord",
        "schema_version": SCHEMA,
        "record_id": record.record_id,
        "call_id": record.call_id,
        "position": held.position,
        "principal": {"@type": "DataSubject", "principal_id": record.principal},
        "controller": {
            "@type": "DataController",
            "name": controller.name,
            "address": controller.address,
            "contact": controller.contact,
            "privacy_contact": controller.privacy_contact,
        },
        "authority": {"@type": "DataProtectionAuthority", "name": controller.authority},
        # Null is no address, and JSON-LD leaves it out.
        "jurisdiction": f"{LOCATIONS}{controller.jurisdiction}"
        if controller.jurisdiction
        else None,
        "notice": {
            "@type": "ConsentNotice",
            "version": record.notice_version,
            "language": record.language,
            "texts_at": named_information(record.notice_version),
            "texts": [
                {"text": " ".join(part.text for part in text.layer1)},
                *({"title": title, "text": body} for title, body in text.full),
            ],
        },
        "process": {
            "@type": "Process",
            "purposes": [_purpose(each, notice) for each in sorted(record.purposes)],
            "personal_data": [_data(kind) for kind in terms.data],
            "recipients": [{"@type": "Recipient", "name": each} for each in notice.recipients],
            "storage": [
                *({"@type": "StorageLocation", "location": each} for each in terms.storage),
                *(
                    {"@type": "StorageDuration", "personal_data": _data(kind), "retention": period}
                    for kind, period in sorted(terms.retention.items())
                ),
            ],
        },
        "withdrawal": [
            {"@type": "WithdrawConsent", "exercised_at": each} for each in terms.withdrawal
        ],
        "state": held.state,
        "events": [_event(each) for each in held.events],
        "evidence": [
            _evidence("heard", record.heard),
            _evidence("heard_ms", record.heard_ms, unit="ms"),
            _evidence("heard_by", record.heard_by),
            _evidence("key", record.key),
        ],
        "software": {"@type": "SoftwareApplication", "software_version": record.software},
    }


def receipt(held: HeldRecord, notice: Notice) -> bytes:
    """``export`` as a file: UTF-8, the same bytes for the same record.

    Raises:
        ValueError: as ``export``.
    """
    text = json.dumps(export(held, notice), ensure_ascii=False, indent=2)
    return f"{text}\n".encode()


def named_information(sha256: str) -> str:
    """The address of a content by its SHA-256 (RFC 6920): it names these bytes and no others.

    What it names is ``Notice.canonical``, kept as long as a record names it (C13).
    """
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return f"ni:///sha-256;{digest}"


def _purpose(purpose: Purpose, notice: Notice) -> dict[str, Any]:
    return {
        "@type": ["Purpose", _PURPOSES[purpose]],
        "name": purpose,
        "legal_basis": notice.processing.legal_basis.get(purpose),
    }


def _data(kind: str) -> dict[str, Any]:
    return {
        "@type": "SpecialCategoryPersonalData" if kind in SPECIAL else "PersonalData",
        "name": kind,
    }


def _event(event: ConsentEvent) -> dict[str, Any]:
    # The vocabulary says "withdrawn" of what the person did, "revoked" of what the controller did.
    ours = event.means is Means.NOT_SAVED
    by_person = event.state in {State.GIVEN, State.WITHDRAWN} and not ours
    fields: dict[str, Any] = {
        "@type": "ConsentRevoked" if ours else _STATES[event.state],
        "state": event.state,
        "purpose": {"@type": ["Purpose", _PURPOSES[event.purpose]], "name": event.purpose},
        "at": moment(event.at),
        "by": "DataSubject" if by_person else "DataController",
    }
    return fields if event.means is None else {**fields, "means": event.means}


def _evidence(name: str, value: str | int | None, unit: str | None = None) -> dict[str, Any]:
    fields: dict[str, Any] = {"@type": "PropertyValue", "property": name, "value": value}
    return fields if unit is None else {**fields, "unit": unit}
