"""A simulated call: the carrier executes TwiML, the person follows a script, all is recorded.

    async with Carrier("http://127.0.0.1:8080", auth_token=token) as carrier:
        call = SimulatedCall(carrier, conversation([Say(speech, "hours.wav")]))
        result = await call.run()

Webhooks, keys and notices take no longer than the server needs: waiting for a notice is skipped
over unless the clock is real. A media stream always runs in real time. A call is two tasks, so
that many run in one event loop.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from voice_agent.phone import verbs
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.clock import CallClock
from voice_agent.phone.meter import Meter
from voice_agent.phone.person import TICK, Deed, Person
from voice_agent.phone.recording import Recording
from voice_agent.phone.report import (
    Ended,
    EndReason,
    HandedOver,
    KeyPressed,
    NoticeHeard,
    Report,
    StreamOpened,
    TurnMeasured,
)
from voice_agent.phone.script import HangUp, Step
from voice_agent.phone.stream import MediaStream

VOICE_PATH: Final = "/twilio/voice"
STATUS_PATH: Final = "/twilio/status/call"

_MOST_DOCUMENTS: Final = 50


@dataclass(frozen=True, slots=True)
class CallResult:
    """What became of a call.

    Attributes:
        call_id: the carrier's identifier.
        ended: length, reason and the worst frame's lag.
        turns: every measured turn.
        recording: both sides.
        handover: the number the caller was connected with, if any.
        close_codes: with which code the server closed each stream; ``None`` where it did not.
    """

    call_id: str
    ended: Ended
    turns: tuple[TurnMeasured, ...]
    recording: Recording
    handover: str | None
    close_codes: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class _Next:
    """Where the call goes on: the document at ``address``, asked for with ``digits``."""

    address: str
    digits: str | None = None


@dataclass(slots=True)
class SimulatedCall:
    """One call to a server. Run it once.

    Attributes:
        carrier: shared by all calls.
        script: what the caller does; may be a generator that looks at this call.
        caller: the calling number, E.164, or ``anonymous``.
        called: the number that was rung, E.164.
        voice: where the carrier asks what to do first, absolute or a path.
        status: where it posts the final status; ``None``: somebody else does.
        ordered: the server had this call made; its person is the one who was rung up.
        tell: takes reports as they come.
        real_time: listen to notices in real time.
        longest: seconds after which the carrier ends the call.
        call_id: the carrier's identifier of the call.
    """

    carrier: Carrier
    script: Iterable[Step]
    caller: str = "+4915112345678"
    called: str = "+4930901820"
    voice: str = VOICE_PATH
    status: str | None = STATUS_PATH
    ordered: bool = False
    tell: Callable[[Report], None] = lambda _: None
    real_time: bool = False
    longest: float = 900.0
    call_id: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    recording: Recording = field(init=False, default_factory=Recording)
    _clock: CallClock = field(init=False)
    _person: Person = field(init=False)
    _meter: Meter = field(init=False)
    _answered: bool = field(init=False, default=False)
    _handover: str | None = field(init=False, default=None)
    _lag: float = field(init=False, default=0.0)
    _close_codes: list[int | None] = field(init=False, default_factory=list)

    async def run(self) -> CallResult:
        """Call, follow the script, hang up, and post the final status as the carrier does.

        Raises:
            CarrierError: the server refused or failed a webhook, a file or the stream.
            ProtocolError: the server answered with what is not the protocol.
        """
        self._clock = CallClock(real=self.real_time)
        self._person = Person(self.script)
        self._meter = Meter(self.recording, self.tell)
        self._answered = self.ordered  # else it rings until the first document is there
        reason = await self._follow(_Next(self.carrier.absolute(self.voice)))
        seconds = self._clock.now()
        self._meter.close(seconds)
        self.recording.agent.clear(seconds)
        ended = Ended(round(seconds, 2), reason, round(self._lag, 3))
        self.tell(ended)
        if self.status is not None:
            status = {"CallStatus": "completed", "CallDuration": str(round(seconds))}
            await self.carrier.post(self.carrier.absolute(self.status), self._form() | status)
        return CallResult(
            self.call_id,
            ended,
            tuple(self._meter.turns),
            self.recording,
            self._handover,
            tuple(self._close_codes),
        )

    async def _follow(self, here: _Next) -> EndReason:
        for _ in range(_MOST_DOCUMENTS):
            form = self._form()
            if here.digits is not None:
                form["Digits"] = here.digits
            document = verbs.parse(await self.carrier.post(here.address, form))
            self._answered = True
            outcome = await self._execute(document, here.address)
            if isinstance(outcome, EndReason):
                return outcome
            if self._clock.now() >= self.longest:
                return EndReason.TOO_LONG
            here = outcome
        return EndReason.TOO_LONG

    async def _execute(self, document: list[verbs.Verb], base: str) -> _Next | EndReason:
        for verb in document:
            outcome: _Next | EndReason | None = None
            match verb:
                case verbs.Redirect(url):
                    return _Next(self.carrier.absolute(url, base))
                case verbs.Hangup():
                    return EndReason.AGENT_HUNG_UP
                case verbs.Dial(number):
                    self._handover = number
                    self.tell(HandedOver(round(self._clock.now(), 2), number))
                    return EndReason.HANDED_OVER
                case verbs.Play(url):
                    outcome = await self._listen([url], base)
                case verbs.Pause(seconds):
                    outcome = await self._listen([], base, patience=seconds)
                case verbs.Gather():
                    outcome = await self._listen(list(verb.urls), base, gather=verb)
                case verbs.Connect():
                    outcome = await self._stream(verb, base)
            if outcome is not None:
                return outcome
        return EndReason.NOTHING_LEFT

    async def _listen(
        self,
        urls: list[str],
        base: str,
        *,
        patience: float = 0.0,
        gather: verbs.Gather | None = None,
    ) -> _Next | EndReason | None:
        """Play files; with a gather also take keys. The person may act meanwhile."""
        sounds = [await self.carrier.sound(self.carrier.absolute(url, base)) for url in urls]
        began = now = self._clock.now()
        for sound in sounds:
            self.recording.agent.queue(sound, began)
        whole = sum(len(sound) for sound in sounds)
        notice_end = max(began, self.recording.agent.end) if whole else began
        deadline = notice_end + (gather.timeout if gather else patience)
        digits = ""
        playing = True
        while now < deadline:
            deed = self._person.act(now, self.recording.agent)
            if deed.frame is not None:
                self.recording.caller.queue(deed.frame, now - TICK)
            self._meter.note(deed, now, to_recording=True)
            if deed.leaves is not None:
                self._notice_heard(began, now, notice_end)
                return _reason(deed.leaves)
            if deed.key is not None:
                if gather is not None and playing:
                    playing = False
                    self._notice_heard(began, now, notice_end)
                    self.recording.agent.clear(now)
                self.tell(KeyPressed(round(now, 2), deed.key))
                if gather is not None:
                    if deed.key == gather.finish_on_key:
                        break
                    digits += deed.key
                    if len(digits) == gather.num_digits:
                        break
                    deadline = now + gather.timeout
            now = min(deadline, self._person.wakes_at(now, self.recording.agent))
            await self._clock.skip_to(now)
        if playing:
            self._notice_heard(began, now, notice_end)
        if gather is None or not digits:
            return None
        return _Next(self.carrier.absolute(gather.action, base), digits)

    def _notice_heard(self, began: float, now: float, end: float) -> None:
        if end > began:
            heard = min(now, end) - began
            self.tell(NoticeHeard(round(began, 2), round(heard, 2), now >= end))

    async def _stream(self, verb: verbs.Connect, base: str) -> _Next | EndReason | None:
        socket = await self.carrier.stream(verb.url)
        self.tell(StreamOpened(round(self._clock.now(), 2)))
        stream = MediaStream(
            call_id=self.call_id,
            account_sid=self.carrier.account_sid,
            parameters=verb.parameters,
            person=self._person,
            clock=self._clock,
            recording=self.recording,
            meter=self._meter,
            tell=self.tell,
            limit=self.longest,
        )
        leaves = await stream.run(socket)
        self._meter.note(Deed(listened=True), self._clock.now())
        self._lag = max(self._lag, stream.lag)
        self._close_codes.append(stream.close_code if leaves is None else None)
        if leaves is not None:
            return _reason(leaves)
        return None if verb.action is None else _Next(self.carrier.absolute(verb.action, base))

    def _form(self) -> dict[str, str]:
        return {
            "CallSid": self.call_id,
            "AccountSid": self.carrier.account_sid,
            "From": self.caller,
            "To": self.called,
            "CallStatus": "in-progress" if self._answered else "ringing",
            "Direction": "outbound-api" if self.ordered else "inbound",
            "ApiVersion": "2010-04-01",
        }


def _reason(leaves: HangUp) -> EndReason:
    return EndReason.LINE_BROKE if leaves.abrupt else EndReason.CALLER_HUNG_UP
