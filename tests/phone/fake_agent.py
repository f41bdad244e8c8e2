"""A small honest agent to call: TwiML, signatures, a media stream that beeps its answers.

It keeps the carrier's rules from the server's side: it checks signatures, sends audio faster than
it is played, trusts marks only, clears when it is talked over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket, WebSocketDisconnect
from twilio.request_validator import RequestValidator

from voice_agent.audio import mulaw as codec
from voice_agent.audio import wav as audio_wav
from voice_agent.live.hub import Hub
from voice_agent.live.observation import AgentSaid, CallEnded, CallerSaid, PhaseChanged, TurnTimed
from voice_agent.phone.routes import Language, PhoneCall, phone_router
from voice_agent.phone.sound import sounding
from voice_agent.twilio import wire

TOKEN = "12345"
HANDOVER = "+4930901821"


def tone(seconds: float, hertz: float = 440.0) -> bytes:
    """A tone as mu-law, 8 kHz."""
    time = np.arange(round(seconds * 8000)) / 8000
    return codec.encode(np.round(8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16))


def wav(mulaw: bytes) -> bytes:
    """The same sound as a WAV file of 16-bit samples."""
    return audio_wav.write(codec.decode(mulaw), 8000)


@dataclass(slots=True)
class FakeAgent:
    """An agent that answers every utterance with a tone.

    Attributes:
        notice: what plays before key 1.
        answer: what it answers with.
        thinks: seconds from noticing the end of an utterance to the answer.
        turns: after how many answers it hangs up; ``None``: never.
        socket_token: what the websocket is signed with.
        rudeness: what it sends before anything else, to be refused.
        close_code: what it closes the stream with; 1011 is an accident.
        forms: what was posted, by path.
        messages: what came over the socket but media.
        media: how many media messages came.
        returned: names of the marks that came back.
        interrupted: how often it was talked over.
    """

    notice: bytes = field(default_factory=lambda: tone(4.0, 300.0))
    answer: bytes = field(default_factory=lambda: tone(1.0))
    thinks: float = 0.2
    turns: int | None = None
    socket_token: str = TOKEN
    rudeness: str | bytes | None = None
    close_code: int = 1000
    hub: Hub = field(default_factory=Hub)
    public_url: str = ""
    forms: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    messages: list[wire.InboundMessage] = field(default_factory=list)
    media: int = 0
    returned: list[str] = field(default_factory=list)
    interrupted: int = 0
    bad_signatures: int = 0

    async def open(self, language: Language) -> PhoneCall:
        """Open calls from the browser telephone."""
        return PhoneCall("CA" + ("de" if language == "de" else "ee") * 16, "secret")

    def app(self) -> FastAPI:
        """The server."""
        app = FastAPI()
        app.include_router(phone_router(self, self.hub))

        @app.post("/twilio/{path:path}")
        async def webhook(path: str, request: Request) -> Response:
            form = {name: str(value) for name, value in (await request.form()).items()}
            signature = request.headers.get("x-twilio-signature", "")
            address = f"{self.public_url}/twilio/{path}"
            if not RequestValidator(TOKEN).validate(address, form, signature):
                self.bad_signatures += 1
                return Response(status_code=403)
            self.forms.append((path, form))
            return Response(self._document(path, form), media_type="application/xml")

        @app.get("/audio/notice.wav")
        async def notice() -> Response:
            return Response(wav(self.notice), media_type="audio/wav")

        @app.websocket("/twilio/media")
        async def media(socket: WebSocket) -> None:
            address = self.public_url.replace("http", "ws", 1) + "/twilio/media"
            signature = socket.headers.get("x-twilio-signature", "")
            if signature != RequestValidator(self.socket_token).compute_signature(address, {}):
                self.bad_signatures += 1
                await socket.close()
                return
            await _Conversation(self, socket).run()

        @app.websocket("/phone/media")
        async def phone_media(socket: WebSocket) -> None:
            await _Conversation(self, socket).run()

        return app

    def _document(self, path: str, form: dict[str, str]) -> str:
        gather = (
            '<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="3" '
            'action="/twilio/consent"><Play>/audio/notice.wav</Play></Gather><Redirect>/twilio/again</Redirect>'
        )
        socket = self.public_url.replace("http", "ws", 1) + "/twilio/media"
        stream = (
            f'<Connect action="/twilio/after"><Stream url="{socket}">'
            '<Parameter name="token" value="secret"/></Stream></Connect>'
        )
        body = {
            "voice": gather,
            "again": "<Play>/audio/notice.wav</Play><Hangup/>",
            "after": f"<Dial>{HANDOVER}</Dial>" if self.turns == 1 else "<Hangup/>",
            "consent": stream if form.get("Digits") == "1" else f"<Dial>{HANDOVER}</Dial>",
        }.get(path, "")
        return f"<Response>{body}</Response>"


class _Conversation:
    """One stream, from the agent's end."""

    def __init__(self, agent: FakeAgent, socket: WebSocket) -> None:
        self.agent = agent
        self.socket = socket
        self.stream = ""
        self.call = ""
        self.pending: list[str] = []
        self.sent = 0
        self.voiced = 0
        self.silent = 0
        self.turn = 0

    async def run(self) -> None:
        await self.socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            async for text in self.socket.iter_text():
                if await self._take(wire.decode(text)):
                    break
        self.agent.hub.publish(self.call, CallEnded("hung_up"))
        with contextlib.suppress(RuntimeError):  # the caller closed first
            await self.socket.close(self.agent.close_code)

    async def _take(self, message: wire.InboundMessage) -> bool:
        if isinstance(message, wire.Media):
            self.agent.media += 1
            await self._listen(message.mulaw)
            return False
        self.agent.messages.append(message)
        match message:
            case wire.Start():
                self.stream, self.call = message.stream_sid, message.call_sid
                self.agent.hub.publish(self.call, PhaseChanged("conversing"))
                await self._be_rude()
                await self._say()
            case wire.Mark():
                self.agent.returned.append(message.name)
                if message.name in self.pending:
                    self.pending.remove(message.name)
                return self.turn == self.agent.turns and not self.pending
            case wire.Stop():
                return True
            case _:
                pass
        return False

    async def _be_rude(self) -> None:
        match self.agent.rudeness:
            case str() as text:
                await self.socket.send_text(text)
            case bytes() as binary:
                await self.socket.send_bytes(binary)
            case None:
                pass

    async def _listen(self, mulaw: bytes) -> None:
        if sounding(mulaw).any():
            self.voiced += 1
            self.silent = 0
            if self.pending and self.voiced == 5:
                self.agent.interrupted += 1
                self.pending.clear()
                await self.socket.send_text(wire.encode(wire.Clear(self.stream)))
            return
        self.silent += 1
        if self.voiced >= 5 and self.silent == 10:
            self.voiced = 0
            self.turn += 1
            await asyncio.sleep(self.agent.thinks)
            self.agent.hub.publish(self.call, CallerSaid(self.turn, "beep?"))
            self.agent.hub.publish(
                self.call, TurnTimed(self.turn, 0, 0.2 + self.agent.thinks, 0.1, None)
            )
            await self._say()

    async def _say(self) -> None:
        self.sent += 1
        name = f"0.{self.sent}"
        self.pending.append(name)
        self.agent.hub.publish(self.call, AgentSaid("Beep."))
        await self.socket.send_text(wire.encode(wire.OutboundMedia(self.stream, self.agent.answer)))
        await self.socket.send_text(wire.encode(wire.OutboundMark(self.stream, name)))


@contextlib.asynccontextmanager
async def serving(agent: FakeAgent) -> AsyncIterator[str]:
    """Serve the agent on a free loopback port; yields the server's origin."""
    config = uvicorn.Config(agent.app(), port=0, log_level="error", ws="websockets-sansio")
    server = uvicorn.Server(config)
    socket = config.bind_socket()
    agent.public_url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    task = asyncio.create_task(server.serve(sockets=[socket]))
    try:
        while not server.started:  # noqa: ASYNC110 (uvicorn offers a flag, no event)
            await asyncio.sleep(0.005)
        yield agent.public_url
    finally:
        server.should_exit = True
        await task
        socket.close()
