"""The addresses of the terms a receipt is written in.

They are the Data Privacy Vocabulary's (W3C DPVCG, version 2), Dublin Core's and schema.org's where
the first has none. A receipt carries what it uses of this table, so nothing is looked up anywhere.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

DPV: Final = "https://w3id.org/dpv#"
"""Where the Data Privacy Vocabulary's terms live; the address without a version is the latest."""

LOCATIONS: Final = "https://w3id.org/dpv/loc#"
"""Its extension for countries: this and two letters (ISO 3166)."""

DUBLIN_CORE: Final = "http://purl.org/dc/terms/"
SCHEMA_ORG: Final = "https://schema.org/"

_MOMENT: Final = "http://www.w3.org/2001/XMLSchema#dateTime"


def _address(of: str) -> dict[str, str]:
    """A field whose value is itself an address."""
    return {"@id": of, "@type": "@id"}


CONTEXT: Final[MappingProxyType[str, Any]] = MappingProxyType(
    {
        "@version": 1.1,
        # kinds of things
        "ConsentRecord": f"{DPV}ConsentRecord",
        "ConsentNotice": f"{DPV}ConsentNotice",
        "ConsentRequested": f"{DPV}ConsentRequested",
        "ConsentGiven": f"{DPV}ConsentGiven",
        "ConsentWithdrawn": f"{DPV}ConsentWithdrawn",
        "ConsentRevoked": f"{DPV}ConsentRevoked",
        "ConsentExpired": f"{DPV}ConsentExpired",
        "WithdrawConsent": f"{DPV}WithdrawConsent",
        "DataSubject": f"{DPV}DataSubject",
        "DataController": f"{DPV}DataController",
        "DataProtectionAuthority": f"{DPV}DataProtectionAuthority",
        "Recipient": f"{DPV}Recipient",
        "Process": f"{DPV}Process",
        "Purpose": f"{DPV}Purpose",
        "RequestedServiceProvision": f"{DPV}RequestedServiceProvision",
        "RecordManagement": f"{DPV}RecordManagement",
        "ImproveExistingProductsAndServices": f"{DPV}ImproveExistingProductsAndServices",
        "PersonalData": f"{DPV}PersonalData",
        "SpecialCategoryPersonalData": f"{DPV}SpecialCategoryPersonalData",
        "StorageLocation": f"{DPV}StorageLocation",
        "StorageDuration": f"{DPV}StorageDuration",
        "PropertyValue": f"{SCHEMA_ORG}PropertyValue",
        "SoftwareApplication": f"{SCHEMA_ORG}SoftwareApplication",
        # the record
        "schema_version": f"{DUBLIN_CORE}conformsTo",
        "record_id": f"{DPV}hasIdentifier",
        "call_id": f"{DPV}hasScope",
        "position": f"{SCHEMA_ORG}position",
        "principal": f"{DPV}hasDataSubject",
        "principal_id": f"{DPV}hasIdentifier",
        "controller": f"{DPV}hasDataController",
        "name": f"{DPV}hasName",
        "address": f"{DPV}hasAddress",
        "contact": f"{DPV}hasContact",
        "privacy_contact": f"{DPV}hasContact",
        "authority": f"{DPV}hasAuthority",
        "jurisdiction": _address(f"{DPV}hasJurisdiction"),
        # the notice
        "notice": f"{DPV}hasNotice",
        "version": f"{DPV}hasIdentifier",
        "language": f"{DUBLIN_CORE}language",
        "texts_at": _address(f"{DPV}hasLocation"),
        "texts": {"@id": f"{DUBLIN_CORE}hasPart", "@container": "@list"},
        "title": f"{DUBLIN_CORE}title",
        "text": f"{DUBLIN_CORE}description",
        # the processing
        "process": f"{DPV}hasProcess",
        "purposes": f"{DPV}hasPurpose",
        "legal_basis": f"{DPV}hasLegalBasis",
        "personal_data": f"{DPV}hasPersonalData",
        "recipients": f"{DPV}hasRecipient",
        "storage": f"{DPV}hasStorageCondition",
        "location": f"{DPV}hasLocation",
        "retention": f"{DPV}hasDuration",
        "withdrawal": f"{DPV}hasConsentControl",
        "exercised_at": f"{DPV}isExercisedAt",
        # what happened
        "events": {"@id": f"{DPV}hasConsentStatus", "@container": "@list"},
        "state": f"{DPV}hasStatus",
        "purpose": f"{DPV}hasPurpose",
        "at": {"@id": f"{DPV}isIndicatedAtTime", "@type": _MOMENT},
        "by": {"@id": f"{DPV}isIndicatedBy", "@type": "@vocab"},
        "means": f"{DPV}hasIndicationMethod",
        # how it is known
        "evidence": f"{SCHEMA_ORG}additionalProperty",
        "property": f"{SCHEMA_ORG}name",
        "value": f"{SCHEMA_ORG}value",
        "unit": f"{SCHEMA_ORG}unitText",
        "software": f"{DPV}isImplementedUsingTechnology",
        "software_version": f"{SCHEMA_ORG}softwareVersion",
    }
)
"""JSON-LD's context of a receipt: each field and kind by its address."""
