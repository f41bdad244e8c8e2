"""A company's system with two customers, on a socket: it answers as told, or as it should not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

KEY = "key-of-the-system"
PHONE = "+493023125101"
PEOPLE: dict[str, dict[str, Any]] = {
    "K-1": {
        "phone": PHONE,
        "pin": "482913",
        "birth_date": "1980-05-12",
        "name": "Anna Beispiel",
        "orders": [
            {"type": "Auftrag", "number": 4711, "state": "in Arbeit", "date": "2026-11-20T10:00"},
            {
                "type": "Vertrag",
                "number": "V 12",
                "state": "läuft",
                "date": "2026-11-21",
                "total": "29 Euro",
            },
        ],
    },
    "K-2": {"phone": PHONE, "pin": "730156", "name": "Bert Muster", "orders": []},
}


@dataclass
class Crm:
    """The system.

    Attributes:
        url: where it is, once it runs.
        asked: paths and bodies it was asked with.
        answer: answered instead, whatever is asked, if it is set.
        status: with this status.
    """

    url: str = ""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answer: bytes | None = None
    status: int = 200

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Crm]:
        app = web.Application()
        app.router.add_post("/api/{path:.*}", self._handle)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/api"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.Response(status=401)
        said = await request.json()
        path = request.match_info["path"]
        self.asked.append((f"{path}{request.query_string}", said))
        if self.answer is not None:
            headers = {"Location": "http://127.0.0.1:9/"} if self.status == 302 else None
            return web.Response(body=self.answer, status=self.status, headers=headers)
        return _answer(path, said)


def _answer(path: str, said: dict[str, Any]) -> web.Response:
    match path:
        case "customers/verify":
            for key, person in PEOPLE.items():
                if all(person.get(name) == value for name, value in said.items()):
                    return web.json_response({"customer": {"id": key}})
        case "customers/record":
            if (found := PEOPLE.get(said["customer"])) is not None:
                shown = {name: found[name] for name in ("name", "orders")}
                return web.Response(body=json.dumps({"customer": shown}).encode())
        case "customers":
            return web.json_response({"customer": {"id": 3}}, status=201)
    return web.Response(status=404)
