"""``GET /privacy/ledger``: the newest signed head and the keys, for anybody to compare (C15)."""

from __future__ import annotations

from typing import Any, Final, Protocol

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from consent.receipt import moment
from voice_agent.evidence.proof import PublicKey, SignedHead, fingerprint
from voice_agent.runtime.records import RecordsUnavailable

CACHED_S: Final = 60
"""Seconds a copy may be used for."""

_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Ledger(Protocol):
    """What of the ledger is public."""

    async def head(self) -> SignedHead | None:
        """The newest head, ``None`` while the ledger is empty."""
        ...

    async def public_keys(self) -> tuple[PublicKey, ...]:
        """Every key that heads were ever signed with."""
        ...


def ledger_router(ledger: Ledger) -> APIRouter:
    """The address; include it before ``privacy_router``, whose ``/privacy/{language}`` is wider.

    It says how many entries there are, and nothing of any of them. With the database away it
    answers 503.
    """
    router = APIRouter(prefix="/privacy", include_in_schema=False)

    @router.get("/ledger")
    async def published() -> JSONResponse:
        try:
            head, keys = await ledger.head(), await ledger.public_keys()
        except RecordsUnavailable:
            headers = {**_HEADERS, "Cache-Control": "no-store", "Retry-After": f"{CACHED_S}"}
            return JSONResponse({"error": "unavailable"}, 503, headers)
        content = {
            "head": None if head is None else _head(head),
            "keys": [_key(key) for key in keys],
        }
        return JSONResponse(
            content, headers={**_HEADERS, "Cache-Control": f"public, max-age={CACHED_S}"}
        )

    return router


def _head(signed: SignedHead) -> dict[str, Any]:
    head = signed.head
    return {
        "size": head.size,
        "root": head.root.hex(),
        "signed_at": moment(head.signed_at),
        "key_id": head.key_id,
        "signature": head.signature.hex(),
    }


def _key(key: PublicKey) -> dict[str, str]:
    return {
        "key_id": key.key_id,
        "public_key": key.public_key.hex(),
        "fingerprint": fingerprint(key.public_key),
    }
