"""Running calls for an operator without a browser: what the pages do, step by step."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final, Protocol
from uuid import uuid4

from voice_agent.console.ports import NotAllowed, NotSignedIn
from voice_agent.console.role import Operator, Right
from voice_agent.console.veil import Veil, veiled
from voice_agent.errors import VoiceAgentError
from voice_agent.live.command import MOST_TEXT, Answer, Command, Outcome, Verb
from voice_agent.live.observation import CallEnded, Observation
from voice_agent.live.ports import HEARTBEAT_S, LiveStore, LiveUnavailable, OnDuty
from voice_agent.live.snapshot import CallSnapshot

LOOK_S: Final = 5.0
"""Seconds between two looks at whether the session lasts and the call is there."""

_BEGINNING: Final = re.compile(r"[0-9a-f]{1,32}")


class NoSuchCall(VoiceAgentError):
    """No running call is named like this, or more than one is."""

    code = "no_call"


class TextRefused(VoiceAgentError):
    """A sentence, keys or number that cannot be used; the message never repeats it."""

    code = "text"


class Presence(Protocol):
    """Whether the operator is still signed in; ``Guard`` is one."""

    async def still(self, operator: Operator) -> bool:
        """True while their session lasts."""
        ...

    async def note(self, operator: Operator, action: str, call: str = "") -> None:
        """Write down a look or an action before it happens; see ``Guard``."""
        ...


class Desk:
    """What one operator sees of running calls and does with them.

    Every method raises ``NotAllowed`` where the role does not have the right,
    ``RecordsUnavailable`` where it cannot be written down, and ``LiveUnavailable`` where the live
    store is away.

    Args:
        live: what the workers share about running calls.
        operator: who is signed in.
        presence: writes down what they do.
        clock: seconds since 1970.
    """

    def __init__(
        self,
        live: LiveStore,
        operator: Operator,
        presence: Presence,
        clock: Callable[[], float],
    ) -> None:
        self._live = live
        self._operator = operator
        self._presence = presence
        self._clock = clock
        self._held: set[str] = set()

    async def calls(self) -> tuple[CallSnapshot, ...]:
        """Every call there is, on any worker: what may be shown of it."""
        self._insist(Right.SEE_CALLS)
        await self._presence.note(self._operator, "calls.list")
        reads = self._operator.may(Right.READ_WORDS)
        return tuple(veiled(each, reads_words=reads) for each in await self._live.calls())

    async def find(self, beginning: str) -> CallSnapshot:
        """The one call whose key begins like this.

        Raises:
            NoSuchCall: there is none, or more than one.
        """
        self._insist(Right.SEE_CALLS)
        wanted = beginning.strip().lower()
        if not _BEGINNING.fullmatch(wanted):
            raise NoSuchCall("CALL: is no beginning of a call's key. See: voice-agent calls list")
        found = [call for call in await self._live.calls() if call.call.startswith(wanted)]
        if not found:
            raise NoSuchCall("CALL: no running call begins like this. See: voice-agent calls list")
        if len(found) > 1:
            raise NoSuchCall(f"CALL: {len(found)} calls begin like this. Type more of the key")
        return found[0]

    async def watch(self, call: CallSnapshot) -> AsyncIterator[Observation]:
        """What happened in a call and what happens, as far as its caller's consent goes.

        Ends with the call, also where its worker is gone.

        Raises:
            NotSignedIn: the session is over.
        """
        self._insist(Right.READ_WORDS)
        await self._presence.note(self._operator, "call.read", call.call)
        veil, loop = Veil(call.consent), asyncio.get_running_loop()
        async with self._live.events(call.call) as events:
            waiting = asyncio.ensure_future(anext(events, None))
            look_at = loop.time() + LOOK_S
            try:
                while True:
                    await asyncio.wait({waiting}, timeout=max(0.0, look_at - loop.time()))
                    if loop.time() >= look_at:
                        await self._insist_signed_in()
                        if not waiting.done() and not await self._is_there(call):
                            return
                        look_at = loop.time() + LOOK_S
                    if not waiting.done():
                        continue
                    seen = waiting.result()
                    if seen is None:
                        return
                    if veil.passes(seen):
                        yield seen
                    if isinstance(seen, CallEnded):
                        return
                    waiting = asyncio.ensure_future(anext(events, None))
            finally:
                waiting.cancel()

    async def ask(self, call: CallSnapshot, verb: Verb, text: str = "") -> Answer:
        """Ask something of a call.

        Args:
            call: as it was found; ending it needs another right if somebody else holds it.
            verb: what.
            text: see ``Verb``.

        Raises:
            TextRefused: the text is none for this.
        """
        mine = call.call in self._held or call.holder == self._operator.account
        if verb is Verb.ERASE:
            self._insist(Right.ERASE)
        elif verb is Verb.END and not mine:
            self._insist(Right.END_ANY)
        else:
            self._insist(Right.TAKE_OVER)
        try:
            command = Command(
                id=uuid4().hex,
                call=call.call,
                operator=self._operator.account,
                name=self._operator.name,
                verb=verb,
                text=text,
                senior=self._operator.may(Right.END_ANY),
                issued_at=self._clock(),
            )
        except ValueError:
            raise TextRefused(
                f"this cannot be used here: one line of at most {MOST_TEXT} characters, "
                "a number as +4930123456"
            ) from None
        await self._presence.note(self._operator, f"call.{verb}", call.call)
        answer = await self._live.send(command)
        if verb is Verb.TAKE_OVER and answer.outcome is Outcome.DONE:
            self._held.add(call.call)
        return answer

    async def attend(self, call: CallSnapshot) -> None:
        """Show, until it is cancelled, that the operator is there and holds this call."""
        duty = OnDuty(self._operator.account, self._operator.name, available=False, call=call.call)
        while True:
            with suppress(LiveUnavailable):  # the call goes on; so does this
                await self._live.attend(duty)
            await asyncio.sleep(HEARTBEAT_S)

    async def leave(self) -> None:
        """The operator goes."""
        await self._live.leave(self._operator.account)

    def _insist(self, right: Right) -> None:
        if not self._operator.may(right):
            raise NotAllowed(f"the role {self._operator.role} does not have the right to do this")

    async def _insist_signed_in(self) -> None:
        if not await self._presence.still(self._operator):
            raise NotSignedIn("the session is over. Sign in again")

    async def _is_there(self, call: CallSnapshot) -> bool:
        return any(each.call == call.call for each in await self._live.calls())
