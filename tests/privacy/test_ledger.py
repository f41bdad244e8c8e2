from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from consent.head import TreeHead, message
from tests.evidence import exhibit
from voice_agent.evidence.proof import PublicKey, SignedHead, fingerprint
from voice_agent.evidence.published import NoSuchTree, read
from voice_agent.keyring import verify
from voice_agent.privacy.ledger import ledger_router
from voice_agent.privacy.routes import privacy_router
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.storage.archive import LedgerDamaged

AT = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
KEYS = exhibit.KEYS


class Paper:
    """A ledger on paper."""

    def __init__(self, *, away: bool = False, empty: bool = False) -> None:
        self._away = away
        self._empty = empty

    async def head(self) -> SignedHead | None:
        if self._away:
            raise RecordsUnavailable("the ledger cannot be read or written")
        if self._empty:
            return None
        signature = KEYS.sign(message(3, b"r" * 32, AT))
        head = TreeHead(
            size=3, root=b"r" * 32, signed_at=AT, key_id=KEYS.present, signature=signature
        )
        return SignedHead(head=head, public_key=KEYS.public_key)

    async def grown(self, first: int) -> tuple[SignedHead, tuple[bytes, ...]]:
        head = await self.head()
        if head is None or first > head.head.size:
            raise NoSuchTree("the ledger has not so many entries")
        if first == 1:
            raise LedgerDamaged("a node of the ledger's tree is missing")
        return head, (b"p" * 32, b"q" * 32)

    async def public_keys(self) -> tuple[PublicKey, ...]:
        return () if self._empty else (PublicKey(key_id=KEYS.present, public_key=KEYS.public_key),)


async def get(ledger: Paper, query: str = "") -> httpx.Response:
    app = FastAPI()
    app.include_router(ledger_router(ledger))
    app.include_router(privacy_router(exhibit.notice(), "Berger"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://agent.example") as client:
        return await client.get(f"/privacy/ledger{query}")


async def test_c15_a_stranger_can_verify_the_published_head_with_the_published_key() -> None:
    answer = await get(Paper())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=60"
    body = answer.json()
    (key,) = body["keys"]
    assert key["fingerprint"] == fingerprint(bytes.fromhex(key["public_key"]))
    head = body["head"]
    assert head["key_id"] == key["key_id"]
    signed = message(head["size"], bytes.fromhex(head["root"]), AT)
    assert head["signed_at"] == "2026-11-23T12:00:00.123Z"
    assert verify(bytes.fromhex(key["public_key"]), bytes.fromhex(head["signature"]), signed)


async def test_what_is_published_is_of_nobody() -> None:
    body = (await get(Paper())).json()
    assert set(body) == {"head", "keys"}
    assert set(body["head"]) == {"size", "root", "signed_at", "key_id", "signature"}
    assert set(body["keys"][0]) == {"key_id", "public_key", "fingerprint"}


async def test_an_empty_ledger_says_so() -> None:
    assert (await get(Paper(empty=True))).json() == {"head": None, "keys": []}


async def test_a_database_that_is_away_is_told_and_not_cached() -> None:
    answer = await get(Paper(away=True))
    assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")


async def test_c15_who_kept_a_head_is_given_the_proof_from_its_size() -> None:
    answer = await get(Paper(), "?from=2")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=60")
    assert answer.json()["consistency"] == {"from": 2, "proof": ["70" * 32, "71" * 32]}
    kept = read(answer.content)
    assert (kept.grown_from, kept.proof, kept.signer) == (
        2,
        (b"p" * 32, b"q" * 32),
        KEYS.public_key,
    )


@pytest.mark.parametrize(
    "size", ["4", "-1", "", "x", "1.0", "1e3", "+1", "%20", "9" * 18, "9" * 5000, "%D9%A3"]
)
async def test_a_size_that_is_none_is_refused_and_not_cached(size: str) -> None:
    answer = await get(Paper(), f"?from={size}")
    assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert answer.json() == {"error": "no_such_tree"}


async def test_a_tree_that_is_damaged_is_told_by_its_code() -> None:
    answer = await get(Paper(), "?from=1")
    assert (answer.status_code, answer.json()) == (500, {"error": "ledger_damaged"})
