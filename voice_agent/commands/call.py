"""``voice-agent call``: ring a running server as a caller would, over HTTP and websocket."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer
from pydantic import TypeAdapter, ValidationError

from voice_agent.agent import AgentConfig
from voice_agent.audio.wav import WavError
from voice_agent.commands.account import Account
from voice_agent.commands.output import Output
from voice_agent.commands.transcriber import Transcriber
from voice_agent.errors import CarrierError, ModelError, VoiceAgentError
from voice_agent.phone.caller import SimulatedCall
from voice_agent.phone.carrier import Carrier
from voice_agent.phone.onlooker import observe
from voice_agent.phone.report import AgentSpoke, Ended, Report
from voice_agent.phone.script import Say, conversation
from voice_agent.phone.sound import from_wav
from voice_agent.settings import Settings, load_settings
from voice_agent.values import PhoneNumber, is_loopback

_KEYS: Final = frozenset("0123456789*#")
_NUMBER: Final[TypeAdapter[str]] = TypeAdapter(PhoneNumber)
_MARGIN: Final = 0.2
"""Seconds of silence after the last sound, so that no word is cut off."""

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
        typer.Option(show_default="1", help="Key to press before speaking; repeat it for more."),
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
        typer.Option(
            help="Language to speak; without --key, 5 is pressed first where the agent begins "
            "in the other."
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option(show_default="HOST and PORT", help="Where the server is reached.")
    ] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            help="The origin the server has signed. [default: PUBLIC_URL on this machine]"
        ),
    ] = None,
    caller: Annotated[
        str, typer.Option("--from", help="The calling number in E.164, or anonymous.")
    ] = "+4915112345678",
    called: Annotated[
        str | None,
        typer.Option("--to", show_default="TWILIO_NUMBER", help="The number that is rung."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the call as stereo WAV: caller left, agent right."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, as above.")
    ] = False,
) -> None:
    """Ring a running server as a caller would.

    The carrier is simulated: signed webhooks, keys, the media stream in real
    time, marks and clear as Twilio has them. The caller presses the keys,
    speaks each file when the agent has finished, and hangs up when the last
    is answered. Latency is measured on the sound itself, voice to voice: from
    the caller's last sound to the agent's first as heard.

    With --json every line is an object with a "type". Seconds are seconds;
    "at" counts them from the beginning of the call:

    notice    at, seconds, complete (a recording was heard)
    key       at, key
    stream    at (the media stream is open)
    said      at, seconds, name (the caller spoke a file)
    turn      turn, name, seconds (voice to voice, or null), overlap_seconds,
              text (understood, or null), recognition_seconds,
              synthesis_seconds; by the server, in milliseconds after the
              caller's last sound, or null: pause_ms (noticed), judged_ms
              (its sound), transcript_ms, decided_ms (the turn is over),
              reply_ms (known), sent_ms, heard_ms (the answer's first sound)
    heard     at, seconds, text (what the agent said, or null)
    handover  at, number
    end       seconds, reason, lag, turns, p50, p95
    """
    if caller != "anonymous":
        _check_number(caller, "--from")
    if called is not None:
        _check_number(called, "--to")
    output = Output(as_json)
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    address = url or settings.local_url
    here = is_loopback(urlsplit(address).hostname)
    carrier = Carrier(
        address,
        settings.twilio_auth_token[0].get_secret_value(),
        public_url or (settings.public_url if here else address),
    )
    script = conversation(
        [_read(path) for path in say or []],
        [] if no_key else _checked(key or _accepting(agent, language)),
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
    ended = asyncio.run(_ring(simulated, account, out))
    if account.untold:
        account.reveal(_words(simulated, account.untold, settings, agent, language))
    account.close(ended)


async def _ring(simulated: SimulatedCall, account: Account, out: Path | None) -> Ended:
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
    return result.ended


def _words(
    simulated: SimulatedCall,
    reports: Sequence[Report],
    settings: Settings,
    agent: AgentConfig,
    language: Language | None,
) -> dict[AgentSpoke, str]:
    """What the agent said, found on this machine; nothing where there is no recogniser."""
    try:
        transcriber = Transcriber(settings, agent, language or agent.default_language)
    except ModelError:
        return {}
    heard = simulated.recording.heard_between
    return {
        report: transcriber.words(heard(report.at, report.at + report.seconds + _MARGIN))
        for report in reports
        if isinstance(report, AgentSpoke)
    }


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


def _check_number(number: str, option: str) -> None:
    try:
        _NUMBER.validate_python(number)
    except ValidationError as fault:
        reason = "it is + and 7 to 15 digits without blanks (E.164)"
        also = ", or anonymous" if option == "--from" else ""
        raise typer.BadParameter(f"{reason}{also}", param_hint=option) from fault


def _read(path: Path) -> Say:
    try:
        return Say(from_wav(path.read_bytes()), path.name)
    except OSError as fault:
        raise VoiceAgentError(f"{path}: cannot be read ({fault.strerror})") from fault
    except WavError as fault:
        raise VoiceAgentError(f"{path}: {fault}") from fault
