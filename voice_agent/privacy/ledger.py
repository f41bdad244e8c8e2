"""``GET /privacy/ledger``: the newest signed head and the keys, for anybody to keep (C15).

With ``?from=SIZE``, the size of a head that somebody kept, also the proof that the ledger has
grown from there and nothing before was changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Protocol

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from voice_agent.errors import VoiceAgentError
from voice_agent.evidence.proof import PublicKey, SignedHead
from voice_agent.evidence.published import NoSuchTree, as_fields
from voice_agent.runtime.records import RecordsUnavailable

CACHED_S: Final = 60
"""Seconds a copy may be used for."""

_SIZE: Final = re.compile(r"[0-9]{1,18}", re.ASCII)

_HEADERS: Final = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Ledger(Protocol):
    """What of the ledger is public."""

    async def head(self) -> SignedHead | None:
        """The newest head, ``None`` while the ledger is empty."""
        ...

    async def grown(self, first: int) -> tuple[SignedHead, tuple[bytes, ...]]:
        """The newest head, and the proof that its tree begins with that of ``first`` leaves.

        Raises:
            NoSuchTree: the ledger has not so many entries.
            VoiceAgentError: the proof cannot be made.
        """
        ...

    async def public_keys(self) -> tuple[PublicKey, ...]:
        """Every key that heads were ever signed with."""
        ...


def ledger_router(ledger: Ledger) -> APIRouter:
    """The address; include it before ``privacy_router``, whose ``/privacy/{language}`` is wider.

    It says how many entries there are, and nothing of any of them; a proof is a few dozen hashes,
    however large the ledger is. With the database away it answers 503, to a size that is none or
    larger than the ledger 400.
    """
    router = APIRouter(prefix="/privacy", include_in_schema=False)

    @router.get("/ledger")
    async def published(
        size: Annotated[str | None, Query(alias="from")] = None,
    ) -> JSONResponse:
        if size is not None and not _SIZE.fullmatch(size):
            return _refusal(400, NoSuchTree.code)
        head: SignedHead | None
        growth = None
        try:
            if size is None:
                head = await ledger.head()
            else:
                head, proof = await ledger.grown(int(size))
                growth = int(size), proof
            keys = await ledger.public_keys()
        except RecordsUnavailable:
            return _refusal(503, "unavailable", {"Retry-After": f"{CACHED_S}"})
        except VoiceAgentError as fault:
            return _refusal(400 if isinstance(fault, NoSuchTree) else 500, fault.code)
        return JSONResponse(
            as_fields(head, keys, growth),
            headers={**_HEADERS, "Cache-Control": f"public, max-age={CACHED_S}"},
        )

    return router


def _refusal(status: int, error: str, more: Mapping[str, str] | None = None) -> JSONResponse:
    headers = {**_HEADERS, "Cache-Control": "no-store", **(more or {})}
    return JSONResponse({"error": error}, status, headers)
