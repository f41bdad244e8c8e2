"""Signing in by a provider: who is let in, and what of its answers is not believed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from tests.console.front_door import NOON, FrontDoor, browsing, opened
from tests.console.oidc_provider import CLIENT, ISSUER, SECRET, OidcProvider
from voice_agent.console.provider import Provider
from voice_agent.console.provider_routes import BACK
from voice_agent.console.role import Role
from voice_agent.console.texts import load

pytestmark = pytest.mark.integration  # a real database on a real disk

DE = load("de")
LOGIN = "anna@company.example"


@dataclass
class Staff:
    """The company's provider, our door, and a browser."""

    oidc: OidcProvider
    door: FrontDoor
    http: httpx.AsyncClient

    async def leave(self) -> str:
        """Press the button; where the provider sends the browser back to."""
        away = await self.http.get("/console/oidc")
        assert away.status_code == 303
        return self.oidc.visit(away.headers["location"])

    async def enter(self) -> httpx.Response:
        """To the provider and back."""
        return await self.http.get(await self.leave(), headers={"Sec-Fetch-Site": "cross-site"})


@pytest.fixture
async def staff(tmp_path: Path) -> AsyncIterator[Staff]:
    """Anna has an account here and one at the provider."""
    async with opened(tmp_path) as door:
        oidc = OidcProvider(door.clock)
        door.provider = Provider(
            ISSUER,
            CLIENT,
            SECRET,
            redirect_uri=f"{door.origin}{BACK}",
            clock=door.clock,
            transport=httpx.ASGITransport(oidc.app),
        )
        door.app = door.worker()
        await door.hire(LOGIN, role=Role.OFFICER)
        async with browsing(door) as http:
            yield Staff(oidc, door, http)


async def test_whoever_the_provider_vouches_for_is_in(staff: Staff) -> None:
    assert "/console/oidc" in (await staff.http.get("/console/login")).text
    answer = await staff.enter()
    assert answer.status_code == 200
    assert 'content="0; url=/console/access"' in answer.text
    assert staff.http.cookies["__Host-console"]
    assert "__Host-console-oidc" not in staff.http.cookies
    assert (await staff.http.get("/console/access")).status_code == 200
    assert (await staff.door.logged())[0] == ("officer", "sign_in", "")


async def test_an_account_stays_with_its_person_whatever_they_are_called(staff: Staff) -> None:
    assert (await staff.enter()).status_code == 200
    staff.oidc.person = {"sub": "u-1", "email": "anna.married@company.example"}
    assert (await staff.enter()).status_code == 200
    staff.oidc.person = {"sub": "u-2", "email": LOGIN, "email_verified": True}
    assert (await staff.enter()).status_code == 403


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ({"preferred_username": "berta"}, 403),
        ({"preferred_username": "berta@company.example"}, 403),
        ({"preferred_username": "berta@company.example", "email_verified": True}, 403),
        ({"name": "berta", "nickname": "berta", "upn": "berta@company.example"}, 403),
        ({"email": "BERTA@company.example", "email_verified": True}, 200),
        ({"email": "nobody@company.example", "email_verified": True}, 403),
        ({"email": ["berta@company.example"], "email_verified": True}, 403),
        ({"email": "x" * 5000, "email_verified": True}, 403),
        ({"email": "berta@company.example", "email_verified": True}, 200),
        ({"email": "berta@company.example", "email_verified": False}, 403),
        ({"email": "berta@company.example", "email_verified": "true"}, 403),
        ({"email": "berta@company.example"}, 403),
        ({}, 403),
    ],
)
async def test_an_account_is_found_by_a_verified_address_alone_and_never_made(
    staff: Staff, person: dict[str, Any], status: int
) -> None:
    await staff.door.hire("berta")
    await staff.door.hire("berta@company.example")
    staff.oidc.person = {"sub": "u-9"} | person
    assert (await staff.enter()).status_code == status
    assert len(await staff.door.accounts.all()) == 3


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "another client"},
        {"aud": [CLIENT, "other"], "azp": "other"},
        {"exp": int(NOON.timestamp()) - 3600},
        {"exp": None},
        {"iat": int(NOON.timestamp()) + 3600},
        {"nonce": "another one"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
    ],
)
async def test_a_token_that_is_not_for_us_now_is_not_believed(
    staff: Staff, lies: dict[str, Any]
) -> None:
    staff.oidc.lies = lies
    answer = await staff.enter()
    assert answer.status_code == 403
    assert DE["trouble"]["provider"] in answer.text
    assert "__Host-console" not in staff.http.cookies
    assert await staff.door.logged() == []


async def test_a_token_that_another_key_signed_is_not_believed(staff: Staff) -> None:
    staff.oidc.key = RSAKey.generate_key(2048, {"kid": "k1"})
    assert (await staff.enter()).status_code == 403
    assert await staff.door.logged() == []


async def test_an_algorithm_that_is_not_on_the_list_is_not_believed(staff: Staff) -> None:
    staff.oidc.algorithm = "RS512"
    assert (await staff.enter()).status_code == 403


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "https://evil.example/token"},
        {"jwks_uri": "http://login.example/keys"},
        {"authorization_endpoint": None},
    ],
)
async def test_a_provider_that_names_another_host_is_not_asked(
    staff: Staff, document: dict[str, Any]
) -> None:
    staff.oidc.document = document
    assert (await staff.http.get("/console/oidc")).status_code == 503


async def test_a_provider_that_is_away_is_told(staff: Staff) -> None:
    back = await staff.leave()
    staff.oidc.away = True
    assert (await staff.http.get("/console/oidc")).status_code == 503
    assert (await staff.http.get(back)).status_code == 403


async def test_a_code_is_good_for_the_browser_it_was_made_for(staff: Staff) -> None:
    """Nobody is signed in as somebody else by a link."""
    back = await staff.leave()
    async with browsing(staff.door) as victim:
        assert (await victim.get(back)).status_code == 403
        await victim.get("/console/oidc")
        assert (await victim.get(back)).status_code == 403
    assert (await staff.http.get(back)).status_code == 200


async def test_a_code_is_good_once(staff: Staff) -> None:
    back = await staff.leave()
    pending = staff.http.cookies["__Host-console-oidc"]
    assert (await staff.http.get(back)).status_code == 200
    staff.http.cookies.set("__Host-console-oidc", pending)
    assert (await staff.http.get(back)).status_code == 403


async def test_a_locked_account_stays_locked(staff: Staff) -> None:
    account = await staff.door.accounts.find(LOGIN)
    assert account is not None
    await staff.door.accounts.lock(account.account, locked=True)
    assert (await staff.enter()).status_code == 403
    assert await staff.door.logged() == [("officer", "sign_in.refused", "")]


async def test_without_a_provider_there_is_no_such_address(door: FrontDoor) -> None:
    async with browsing(door) as http:
        assert (await http.get("/console/oidc")).status_code == 404
        assert "/console/oidc" not in (await http.get("/console/login")).text
