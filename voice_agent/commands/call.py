"""``voice-agent call``: ring a running server as a caller would, over HTTP and websocket."""

from __future__ import annotations

import asyncio
import contextlib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer

from voice_agent.agent import AgentConfig
from voice_agent.commands.account import Account
from voice_agent.commands.output import Output
from voice_agent.errors import CarrierError, VoiceAgentError
from voice_agent.phone import wav
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.onlooker import observe
from voice_agent.phone.script import Say, conversation
from voice_agent.settings import load_settings
from voice_agent.values import is_loopback

_KEYS: Final = frozenset("0123456789*#")
_LAST_WORDS: Final = 2.0
"""Seconds the server has to show the last of a call that is over."""


class Language(StrEnum):
    """A language of the agent."""

    DE = "de"
    EN = "en"


def call(
    say: Annotated[
        list[Path] | None,
        typer.Option(help="WAV to speak when the agent has finished; repeat it for more turns."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="Key to press before speaking; repeat it for more. [default: 1]"),
    ] = None,
    *,
    no_key: Annotated[bool, typer.Option("--no-key", help="Press no key at all.")] = False,
    key_after: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Press each key this many seconds into the notice; without it, after its end.",
        ),
    ] = None,
    wait_notice: Annotated[
        bool,
        typer.Option(
            "--wait-notice", help="Listen to notices in real time instead of skipping over them."
        ),
    ] = False,
    hang_up_after: Annotated[
        float | None,
        typer.Option(
            min=0, help="Hang up this many seconds after the last word; without it, when answered."
        ),
    ] = None,
    language: Annotated[
        Language | None,
        typer.Option(help="Without --key: presses 5 before 1 where the agent begins in the other."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Where the server is reached. [default: HOST and PORT]")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            help="The origin the server has signed. [default: PUBLIC_URL on this machine]"
        ),
    ] = None,
    caller: Annotated[
        str, typer.Option("--from", help="The calling number, or anonymous.")
    ] = "+4915112345678",
    called: Annotated[
        str | None, typer.Option("--to", help="The number that is rung. [default: TWILIO_NUMBER]")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the call as stereo WAV: caller left, agent right."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line; see below.")
    ] = False,
) -> None:
    """Ring a running server as a caller would.

    The carrier is simulated: signed webhooks, keys, the media stream in real time, marks and
    clear as Twilio has them. The caller presses the keys, speaks each file when the agent has
    finished, and hangs up when the last is answered. Latency is measured on the sound itself,
    voice to voice: from the caller's last sound to the agent's first as heard.

    With --json each line has a "type"; times ("at", "seconds") are seconds, "at" since the call
    began:

    notice: at, seconds, complete (a recording was heard). key: at, key. stream: at (the media
    stream is open). said: at, seconds, name (the file). turn: turn, name, seconds (voice to voice,
    or null), overlap_seconds, text (what was understood, or null), recognition_seconds,
    synthesis_seconds (the server's figures, or null). heard: at, seconds, text (what the agent
    said, or null). handover: at, number. end: seconds, reason, lag, turns, p50, p95.
    """
    output = Output(as_json)
    settings = load_settings()
    if not settings.twilio_auth_token:
        raise VoiceAgentError("TWILIO_AUTH_TOKEN: is not set; the server would refuse the call")
    address = url or settings.local_url
    here = is_loopback(urlsplit(address).hostname)
    carrier = Carrier(
        address,
        settings.twilio_auth_token[0].get_secret_value(),
        public_url or (settings.public_url if here else address),
    )
    script = conversation(
        [_read(path) for path in say or []],
        [] if no_key else _checked(key or _accepting(AgentConfig.for_settings(settings), language)),
        key_after=key_after,
        hang_up_after=hang_up_after,
    )
    if out is not None and not out.parent.is_dir():
        raise VoiceAgentError(f"{out}: there is no directory {out.parent}")
    account = Account(output)
    simulated = SimulatedCall(
        carrier,
        script,
        caller=caller,
        called=called or settings.twilio_number or "+4930901820",
        tell=account.tell,
        real_time=wait_notice,
    )
    asyncio.run(_ring(simulated, account, out))


async def _ring(simulated: SimulatedCall, account: Account, out: Path | None) -> None:
    async with simulated.carrier as carrier:
        looking = asyncio.create_task(_look(carrier.url, simulated.call_id, account))
        try:
            result = await simulated.run()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(looking, _LAST_WORDS)
        finally:
            looking.cancel()
    if out is not None:
        try:
            result.recording.write(out, result.ended.seconds)
        except OSError as fault:
            raise VoiceAgentError(f"{out}: cannot be written ({fault.strerror})") from fault
    account.close(result.ended)


async def _look(url: str, call_id: str, account: Account) -> None:
    """Take the words from the server, where it shows them: development only."""
    try:
        async for observation in observe(url, call_id):
            account.see(observation)
    except CarrierError:
        account.unseen()


def _accepting(agent: AgentConfig, language: Language | None) -> list[str]:
    """The keys from the beginning of a call to its acceptance in a language (C8)."""
    if language is None or language.value not in agent.languages:
        return ["1"]
    others = agent.languages.index(language.value) - agent.languages.index(agent.default_language)
    return ["5"] * (others % len(agent.languages)) + ["1"]


def _checked(keys: list[str]) -> list[str]:
    for key in keys:
        if key not in _KEYS or len(key) != 1:
            raise typer.BadParameter("a key is one of 0123456789*#", param_hint="--key")
    return keys


def _read(path: Path) -> Say:
    try:
        return Say(wav.read(path.read_bytes()), path.name)
    except OSError as fault:
        raise VoiceAgentError(f"{path}: cannot be read ({fault.strerror})") from fault
    except wav.UnreadableSound as fault:
        raise VoiceAgentError(f"{path}: {fault}") from fault
