"""``voice-agent hear``: what is said in WAV files, as the recogniser would give it to a call."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from consent.sealed import Consented
from voice_agent.agent import AgentConfig
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import TELEPHONE_RATE, Utterance
from voice_agent.audio.resample import resample
from voice_agent.commands.output import Output
from voice_agent.commands.own_sound import own_sound
from voice_agent.errors import EngineError, VoiceAgentError
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.settings import load_settings
from voice_agent.speech.whisper import LANGUAGES, WhisperRecogniser


def hear(
    files: Annotated[list[Path], typer.Argument(help="WAV files, any rate, mono or stereo.")],
    *,
    language: Annotated[str, typer.Option("--language", "-l", help="de or en.")] = "de",
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="One object a file: file, text, language, seconds (of recognition, without "
            "loading), audio_seconds, window, passes, log_probability, no_speech, compression, "
            "rejected.",
        ),
    ] = False,
) -> None:
    """Write down what is said in WAV files.

    The recogniser is the one that calls use. A file that cannot be read is told in one line on
    standard error, the others are heard all the same, and the status is 1.
    """
    output = Output(json)
    if language not in LANGUAGES:
        raise VoiceAgentError(f"--language {language}: there is no such language. Use de or en")
    settings = load_settings()
    wanted = AgentConfig.for_settings(settings).speech.recogniser
    store = ModelStore(settings.models_dir)
    recogniser = WhisperRecogniser(
        store.require(find(f"whisper-{wanted.model}", "recogniser")),
        device=wanted.device,
        threads=wanted.threads,
    )
    faults = 0
    for file in files:
        try:
            transcript = recogniser.transcribe(from_own_file(file), language)
        except (wav.WavError, EngineError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            output.note(f"{file}: {why}")
            faults += 1
            continue
        unheard = f"(nothing trustworthy: {transcript.rejected})" if transcript.rejected else ""
        output.result(
            {"file": str(file), **asdict(transcript)}, f"{file}: {transcript.text or unheard}"
        )
    if faults:
        raise typer.Exit(1)


def from_own_file(file: Path) -> Consented[Utterance]:
    """The sound of a file that whoever types the command has on this machine.

    Raises:
        WavError: not a WAV file that can be read.
        OSError: it cannot be opened.
    """
    recording = wav.read(file.read_bytes())
    samples = resample(recording.mono(), recording.rate, TELEPHONE_RATE)
    return own_sound(mulaw.encode(samples))
