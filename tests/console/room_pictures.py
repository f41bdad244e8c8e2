"""Takes the documentation's pictures of the console's other rooms, of a real server.

``python -m tests.console.room_pictures``: sign-in, work, access log and accounts.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import pyotp
from PIL import Image
from playwright.async_api import Browser

from tests.browser import chromium
from tests.console.pictures import DESK
from tests.service.server import ROOT, TOKEN, Server, running
from tests.service.test_calls import utterance
from voice_agent.keyring import KeyRing
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.script import HangUp, Listen, PressKey, Step
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.secret_keys import parse_key
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.inbox import SqlInbox
from voice_agent.tools.inbox import Entry, EntryKind, Filed

PASSWORD: Final = "a password of the pictures"
PLACES: Final = {
    "anna": ("supervisor", "work"),
    "otto": ("officer", "access"),
    "ida": ("administrator", "accounts"),
}
NUMBER: Final = "+4930901827"


def hire(login: str, role: str, language: str, directory: Path, keys: dict[str, str]) -> pyotp.TOTP:
    """Make an account; returns what shows its codes."""
    command = [sys.executable, "-m", "voice_agent", "operator", "add", login, "--json"]
    command += ["--name", f"{login.partition('-')[0].title()} Muster", "--role", role]
    done = subprocess.run(  # noqa: S603 (our own program)
        [*command, "--language", language, "--password-stdin"],
        input=PASSWORD,
        text=True,
        capture_output=True,
        check=True,
        cwd=directory,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(directory / "data")} | keys,
    )
    return pyotp.TOTP(json.loads(done.stdout)["totp_secret"])


async def leave(directory: Path, keys: dict[str, str]) -> None:
    """What callers left for people."""
    database = Database.open(f"sqlite+aiosqlite:///{directory / 'data' / 'voice-agent.db'}")
    keyring = KeyRing([parse_key(keys["RECORD_KEY"])])
    pseudonyms = Pseudonyms([parse_key(keys["PSEUDONYM_KEY"])])
    inbox = SqlInbox(database, keyring, pseudonyms.of, lambda: datetime.now(UTC))
    book = SqlCallBook(database)
    for kind, name, text in (
        (EntryKind.CALLBACK, "Petra Beispiel", ""),
        (EntryKind.MESSAGE, "Jan Probe", "Die Reifen sind da, bitte melden."),
        (EntryKind.COMPLAINT, "Erika Muster", "Der Termin wurde zweimal verschoben."),
    ):
        call_id = f"CA{secrets.token_hex(16)}"
        entry = Entry(kind=kind, call_id=call_id, language="de", name=name, phone=NUMBER, text=text)
        await book.begin(call_id, "de", datetime.now(UTC), pseudonym=pseudonyms.of(NUMBER))
        filed = await inbox.file(entry, call_id)
        assert isinstance(filed, Filed), filed
    await database.close()


async def ring(server: Server) -> None:
    """A call that is over."""
    question = utterance(ROOT / "tests" / "recordings" / "en02.wav")
    steps: list[Step] = [Listen(), PressKey("5"), Listen(), PressKey("1"), Listen(), question]
    async with Carrier(server.url, TOKEN) as carrier:
        await SimulatedCall(carrier, [*steps, Listen(quiet=3.0), HangUp()]).run()


async def take(
    browser: Browser, server: Server, scheme: Literal["light", "dark"], login: str, code: str
) -> tuple[bytes, bytes]:
    """Pictures of the sign-in and of the place of an account."""
    width, height = DESK
    language = login.rpartition("-")[2]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, locale=language
    )
    page = await context.new_page()
    await page.goto(f"{server.url}/console/login?language={language}")
    entrance = await page.screenshot()
    await page.fill("#login", login)
    await page.fill("#password", PASSWORD)
    await page.fill("#code", code)
    await page.click("main form button.main")
    await page.wait_for_url(lambda url: "login" not in url)
    await page.goto(f"{server.url}/console/{PLACES[login.partition('-')[0]][1]}")
    place = await page.screenshot()
    await context.close()
    return entrance, place


def write(path: Path, picture: bytes) -> None:
    """Write a picture with as few colours as a page has."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(96, method=Image.Quantize.MEDIANCUT).save(path, optimize=True)


async def main(folder: Path) -> None:
    """Write all pictures into a folder that is there."""
    schemes: list[Literal["light", "dark"]] = ["light", "dark"]
    keys = {name: secrets.token_hex(32) for name in ("RECORD_KEY", "PSEUDONYM_KEY")}
    directory = Path(tempfile.mkdtemp())
    with running(directory, keys) as server:
        await leave(directory, keys)
        await ring(server)
        async with chromium() as browser:
            for language in ("de", "en"):
                for scheme in schemes:
                    entrance = b""
                    for name, (role, place) in PLACES.items():
                        login = f"{name}-{scheme}-{language}"
                        codes = hire(login, role, language, directory, keys)
                        entrance, seen = await take(browser, server, scheme, login, codes.now())
                        write(folder / f"{place}-{language}-{scheme}.png", seen)
                    write(folder / f"login-{language}-{scheme}.png", entrance)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/console")))
