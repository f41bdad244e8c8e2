"""The console as a server joins it, on the stores that its settings name."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.databases import ON_SQLITE, address, empty_address, file, kind, setting
from voice_agent.live.memory import MemoryLive
from voice_agent.operators import Operators
from voice_agent.runtime.limiter import Limiter
from voice_agent.settings import load_settings
from voice_agent.stores import Stores

__all__ = ["address", "empty_address", "file", "kind"]

pytestmark = [pytest.mark.integration, ON_SQLITE]  # a real database on a real disk

RULES = Path(__file__).parents[2] / "config" / "reminders.yaml"
FORM = {"csrf": "x", "number": "1"}
ADDRESSES = [
    ("GET", "/console/reminders"),
    ("GET", "/console/reminders.csv"),
    ("POST", "/console/do-not-call"),
]


@pytest.mark.parametrize("reminds", [True, False])
async def test_there_is_a_page_of_reminders_only_where_people_are_reminded(
    address: str, tmp_path: Path, *, reminds: bool
) -> None:
    if reminds:
        shutil.copy(RULES, tmp_path)
    settings = load_settings(
        {
            "CONFIG_DIR": str(tmp_path),
            "DATA_DIR": str(tmp_path / "data"),
            "DATABASE_URL": setting(address),
        }
    )
    stores = Stores.open(settings)
    operators = Operators.open(stores, MemoryLive("w1"), Limiter(), "Werkstatt", settings)
    app = FastAPI()
    for router in operators.routers():
        app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as browser:
        found = [await browser.request(method, path, data=FORM) for method, path in ADDRESSES]
    statuses = {answer.status_code for answer in found}
    assert statuses == ({401} if reminds else {404})  # nobody is signed in
    await stores.close()
