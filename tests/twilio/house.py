"""The whole agent but for its engines: real webhooks, streams, call core, dialogue and SQLite."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import APIRouter, FastAPI, WebSocket

from tests.runtime import sample_call
from tests.runtime.engines import Farewell, OneSentence, Tones
from tests.runtime.paper import Letters
from tests.runtime.unseen import Tray, no_transfer, unseen
from tests.twilio.errand_book import ErrandBook
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.call.session import CallSession
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension
from voice_agent.dialogue.understanding.ports import Understander
from voice_agent.health import Health, health_router
from voice_agent.keyring import KeyRing
from voice_agent.live.hub import Hub
from voice_agent.privacy.routes import privacy_router
from voice_agent.recordings import Recordings, recordings_router
from voice_agent.request_limit import RequestLimit
from voice_agent.runtime.effects import Desk
from voice_agent.runtime.engines import Engines
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.owed import OwedWithdrawals
from voice_agent.runtime.privacy_link import PrivacyLink
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.runtime.punctual_errands import PunctualErrands
from voice_agent.runtime.refusals import Refusals
from voice_agent.runtime.registrar import Registrar
from voice_agent.runtime.withdrawals import WithdrawalWatch
from voice_agent.server import OPTIONS
from voice_agent.speech.cache import SpeechCache
from voice_agent.speech.voice import Voice
from voice_agent.speech.webrtc_vad import WebRtcVad
from voice_agent.storage.archive import LedgerArchive
from voice_agent.storage.audit import AuditLog
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.database import Database
from voice_agent.storage.directory import SqlDirectory
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.ledger import SqlConsentLedger
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.storage.tokens import SqlStreamTokens
from voice_agent.tools.toolbox import Toolbox
from voice_agent.twilio.answers import Answers
from voice_agent.twilio.media import Admission, MediaStreams
from voice_agent.twilio.outbound import OutboundBoard
from voice_agent.twilio.outbound_answers import OutboundAnswers
from voice_agent.twilio.routes import twilio_router
from voice_agent.twilio.signature import WebhookSignatures
from voice_agent.twilio.switchboard import Switchboard
from voice_agent.twilio.text_messages import TextMessages

PUBLIC_URL: Final = "https://agent.example"
AUTH_TOKEN: Final = "12345"
HUMAN: Final = "+4930901821"
OURS: Final = "+4930901822"

_SPOKEN: Final = SpeechCache()  # texts are the same in every test: humming them once is enough
_RECORDED: Final = tempfile.TemporaryDirectory(prefix="recordings-")


@dataclass
class Clock:
    """The wall clock, which can be put forward.

    Attributes:
        ahead: seconds added to the real time.
    """

    ahead: float = 0.0

    def __call__(self) -> datetime:
        """The time."""
        return datetime.fromtimestamp(datetime.now(UTC).timestamp() + self.ahead, UTC)


@dataclass(kw_only=True)
class House:
    """One agent.

    Attributes:
        directory: where the database lies.
        public_url: the origin a carrier calls.
        auth_tokens: what it signs with.
        human: number of the human; ``None``: there is none.
        in_stream: the notice plays inside the stream.
        ear: the recogniser.
        mouth: the synthesiser.
        mind: the understander; the built-in one by default.
        letters: text messages.
        terms: changes to the terms of a call.
        start_s: seconds a stream has to start.
        most_waiting: streams that may wait for their start.
        most_calls: calls at once.
        clock: the wall clock.
        errands: the calls we make.
        rings_up: we make some.
        open_call: makes the state of a call; by default a real one.
        stopping: the server is about to stop.
    """

    directory: Path
    public_url: str = PUBLIC_URL
    auth_tokens: tuple[str, ...] = (AUTH_TOKEN,)
    human: str | None = HUMAN
    in_stream: bool = False
    ear: OneSentence = field(default_factory=OneSentence)
    mouth: Tones = field(default_factory=Tones)
    mind: Farewell | None = None
    letters: Letters = field(default_factory=Letters)
    terms: dict[str, Any] = field(default_factory=dict)
    start_s: float = 5.0
    most_waiting: int = 16
    most_calls: int = 16
    clock: Clock = field(default_factory=Clock)
    errands: ErrandBook = field(default_factory=ErrandBook)
    rings_up: bool = True
    open_call: Callable[[Admission], CallSession] | None = None
    stopping: bool = False

    def __post_init__(self) -> None:
        agent, script = sample_call.agent(), sample_call.script()
        self.metrics, self.hub = Metrics(), Hub()
        self.database = Database.open(f"sqlite+aiosqlite:///{self.directory / 'agent.db'}")
        self.ledger = SqlConsentLedger(self.database, KeyRing([b"r" * 32]), self.clock)
        self.archive = LedgerArchive(self.database, KeyRing([b"r" * 32]))
        self.pseudonyms = pseudonyms = Pseudonyms([b"k" * 32])
        self.book = SqlCallBook(self.database)
        self.tokens = SqlStreamTokens(self.database)
        languages: tuple[str, ...] = agent.languages
        voices = {name: Voice(name, self.mouth, _SPOKEN) for name in languages}
        self.recordings = _recordings()
        audio = {name: self.recordings.render(script.notice(name)) for name in languages}
        self.notice = replace(script._notice, audio=audio)
        self.registrar = Registrar(
            ledger=self.ledger,
            book=self.book,
            notice_version=self.notice.version,
            pseudonyms=pseudonyms,
            wall_clock=self.clock,
        )
        self.watch = WithdrawalWatch(self.registrar)
        self.owed = OwedWithdrawals(self.registrar, self.metrics)
        understander: Understander = self.mind or Comprehension(
            BuiltinUnderstander(sample_call.knowledge()), datetime.now
        )
        self.engines = Engines(recogniser=self.ear, voices=voices, understander=understander)
        self.links = SqlPortalLinks(self.database, KeyRing([b"r" * 32]))
        self.link = PrivacyLink(
            messenger=self.letters,
            book=self.book,
            links=self.links,
            text=self._text_message,
            clock=self.clock,
            pseudonym=pseudonyms.of,
        )
        self.signatures = WebhookSignatures(self.auth_tokens, self.public_url)
        self.streams = MediaStreams(
            Desk(
                engines=self.engines,
                registrar=self.registrar,
                link=self.link,
                hub=self.hub,
                metrics=self.metrics,
                watch=self.watch,
                owed=self.owed,
                toolbox=Toolbox(),
                audit=AuditLog(self.database, self.clock),
                live=unseen(),
                inbox=Tray(),
                transfer=no_transfer,
            ),
            self.open_call or self._open_call,
            start_s=self.start_s,
            most_waiting=self.most_waiting,
            most_calls=self.most_calls,
        )
        self.board = Switchboard(
            answers=Answers(
                script=script,
                recordings=self.recordings,
                public_url=self.public_url,
                socket_url=self.signatures.socket_url("/twilio/media"),
                key_s=round(agent.notice.key_s),
                handover_number=self.human,
                caller_id=OURS,
                dial_s=agent.handover.dial_s,
                clock=self.clock,
            ),
            signatures=self.signatures,
            registrar=self.registrar,
            tokens=self.tokens,
            link=self.link,
            metrics=self.metrics,
            owed=self.owed,
            languages=languages,
            default_language=agent.default_language,
            repetitions=agent.notice.repetitions,
            in_stream=self.in_stream,
            is_stopping=lambda: self.stopping,
            errands=PunctualErrands(self.errands) if self.rings_up else None,
        )
        self.people = SqlDirectory(self.database, KeyRing([b"r" * 32]), pseudonyms, self.clock)
        self.list = SqlDoNotCall(self.database, pseudonyms, self.clock)
        self.refusals = Refusals(self.list, self.metrics)
        self.outbound = OutboundBoard(
            switchboard=self.board,
            answers=OutboundAnswers(answers=self.board.answers),
            errands=PunctualErrands(self.errands),
            directory=self.people,
            refusals=self.refusals,
        )
        self.app = self._app()

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.add_middleware(RequestLimit)
        health = Health()
        health.ready(self.metrics, self.database, {})
        app.include_router(health_router(health))
        app.include_router(self._carriers_end())
        app.include_router(recordings_router(self.recordings))
        app.include_router(privacy_router(self.notice, sample_call.agent().company.name))

        @app.websocket("/phone/media")
        async def phone(socket: WebSocket) -> None:
            board = replace(self.board, in_stream=True, trusts_numbers=False)
            await self.streams.serve(socket, board.admit)

        return app

    def _carriers_end(self) -> APIRouter:
        """Every address the carrier calls, of the boards as they are now."""
        texts = TextMessages(refusals=self.refusals, metrics=self.metrics)
        outbound = replace(self.outbound, switchboard=self.board)
        return twilio_router(self.board, self.streams, texts, outbound if self.rings_up else None)

    def _open_call(self, admission: Admission) -> CallSession:
        terms = CallTerms(
            call_id=admission.call_id,
            language=admission.language,
            can_hand_over=self.human is not None,
            **self.terms,
        )
        return CallSession(terms, WebRtcVad(), sample_call.engine(), sample_call.script())

    def _text_message(self, language: str, token: str) -> str:
        link = f"{self.public_url}/p#{token}"
        return sample_call.script().text_message(language, link)

    @property
    def calls(self) -> float:
        """The gauge of calls being held."""
        return self.metrics.registry.get_sample_value("voice_agent_calls") or 0.0

    async def quiet(self) -> None:
        """Wait until no call is held, and prove that no task of one is left."""
        async with asyncio.timeout(20):
            while self.calls or self._tasks():  # noqa: ASYNC110 (tasks end without an event)
                await asyncio.sleep(0.01)

    def _tasks(self) -> list[str]:
        ours = ("Effects.", "EngineWork.", "MediaStreams.", "Pacer.")
        names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
        return [name for name in names if name.startswith(ours)]

    async def close(self) -> None:
        """Let go of threads and database."""
        await self.owed.release()
        await self.refusals.release()
        await self.watch.stop()
        await self.ledger.settle()
        self.engines.close()
        await self.database.close()


@cache
def _recordings() -> Recordings:
    """All recordings, hummed once for all tests."""
    languages: tuple[str, ...] = sample_call.agent().languages
    voices = {name: Voice(name, Tones(), _SPOKEN) for name in languages}
    recordings = Recordings(Path(_RECORDED.name), voices)
    for name in languages:
        for lines in sample_call.script().recorded(name):
            recordings.render(lines)
    return recordings


@contextlib.asynccontextmanager
async def opened(directory: Path, **changes: Any) -> AsyncIterator[House]:
    """A house that answers webhooks in the test's own process, without a socket."""
    house = House(directory=directory, **changes)
    await house.database.upgrade()
    try:
        yield house
    finally:
        await house.close()


@contextlib.asynccontextmanager
async def serving(directory: Path, **changes: Any) -> AsyncIterator[House]:
    """A house behind a real server on a free loopback port."""
    listener = socket.create_server(("127.0.0.1", 0))
    public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with opened(directory, public_url=public_url, **changes) as house:
        server = uvicorn.Server(uvicorn.Config(house.app, **OPTIONS))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110 (uvicorn has a flag, no event)
                await asyncio.sleep(0.005)
            yield house
        finally:
            server.should_exit = True
            await running


def seconds(mulaw: bytes) -> float:
    """Length of audio."""
    return len(mulaw) / TELEPHONE_RATE
