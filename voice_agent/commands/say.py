"""``voice-agent say``: a text as the agent would say it, into a WAV file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voice_agent.agent import AgentConfig
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.commands.output import Output
from voice_agent.errors import VoiceAgentError
from voice_agent.models.store import ModelStore
from voice_agent.settings import load_settings
from voice_agent.speech.spoken import sentences, speakable
from voice_agent.speech.voices import choose_voice

_PAUSE = mulaw.SILENCE * (TELEPHONE_RATE // 4)


def say(
    text: Annotated[str, typer.Argument(help="What to say.")],
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="WAV file to write: 8 kHz, mono.")],
    language: Annotated[str, typer.Option("--language", "-l", help="de or en.")] = "de",
    rate: Annotated[float, typer.Option(min=0.5, max=2.0, help="0.8 is slower.")] = 1.0,
    json: Annotated[
        bool, typer.Option("--json", help="One object: file, text, language, voice, seconds.")
    ] = False,
) -> None:
    """Say a text as the agent would, into a WAV file.

    Numbers, times and abbreviations are said as words, by the voice that is configured.
    """
    output = Output(json)
    settings = load_settings()
    voices = AgentConfig.for_settings(settings).speech.voices
    choice = getattr(voices, language, None)
    if choice is None:
        raise VoiceAgentError(f"--language {language}: there is no such language. Use de or en")
    voice = choose_voice(language, choice, ModelStore(settings.models_dir))
    said = [speakable(sentence, language) for sentence in sentences(text, language)]
    audio = _PAUSE.join(voice.speak(sentence, rate) for sentence in said if sentence)
    if not audio:
        raise VoiceAgentError("there is nothing in this text that can be said")
    try:
        out.write_bytes(wav.write(mulaw.decode(audio), TELEPHONE_RATE))
    except OSError as error:
        raise VoiceAgentError(f"{out}: cannot be written ({error.strerror})") from error
    record = {
        "file": str(out),
        "text": " ".join(said),
        "language": language,
        "voice": voice.name,
        "seconds": len(audio) / TELEPHONE_RATE,
    }
    output.result(record, f"{out}: {record['seconds']:.1f} s by {voice.name}")
