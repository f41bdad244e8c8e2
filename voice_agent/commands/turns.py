"""``voice-agent turns``: when turns in recordings begin, pause and end, and what was known then."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from voice_agent.agent import AgentConfig
from voice_agent.agent_turns import end_rules, open_judge, turn_rules
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import TELEPHONE_RATE
from voice_agent.audio.resample import resample
from voice_agent.commands.output import Output
from voice_agent.commands.rehearsal import Moment, Rehearsal
from voice_agent.errors import EngineError, VoiceAgentError
from voice_agent.models.catalogue import find
from voice_agent.models.store import ModelStore
from voice_agent.settings import load_settings
from voice_agent.speech.webrtc_vad import WebRtcVad
from voice_agent.speech.whisper import LANGUAGES, WhisperRecogniser


def turns(
    files: Annotated[list[Path], typer.Argument(help="WAV files, any rate, mono or stereo.")],
    *,
    language: Annotated[str, typer.Option("--language", "-l", help="de or en.")] = "de",
    question: Annotated[
        str | None,
        typer.Option(help="Open question of the dialogue, for example phone_number or date."),
    ] = None,
    answer_after: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Let recogniser and judge answer after so many seconds each, instead of as many "
            "as they took: the same result on every machine.",
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="One object an event, as described above.")
    ] = False,
) -> None:
    """Show when turns in recordings begin, pause and end, and why.

    Detector, recogniser and judge are those of a call; the clock is simulated,
    so a minute takes seconds. Silence follows each file until its last turn is
    over.

    With --json every line is an object with "file", "type", "at" (seconds from
    the beginning), "turn", "pause" (its number in the turn), "silence_ms",
    "needed_ms" (silence that would end the turn), and the witnesses as known
    then: "smart_turn" (0 to 1), "words" (finished, unfinished, open), each
    null while unknown, "spelling" (digits are given), "text", "seconds" (the
    engine took, for a decision). Types:

    speech_started  a turn begins
    pause           silence began; recognition and judgement start
    decision        a witness answered; needed_ms follows from all of them
    resumed         the caller went on; silence_ms is how long the pause was
    turn_ended      the turn is over
    """
    output = Output(json)
    if language not in LANGUAGES:
        raise VoiceAgentError(f"--language {language}: there is no such language. Use de or en")
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    store = ModelStore(settings.models_dir)
    wanted = agent.speech.recogniser
    recogniser = WhisperRecogniser(
        store.require(find(f"whisper-{wanted.model}", "recogniser")),
        device=wanted.device,
        threads=wanted.threads,
    )
    judge = open_judge(store)
    if judge is None:
        output.note("no model judges the sound of turns: voice-agent models pull")
    faults = 0
    for file in files:
        rehearsal = Rehearsal(
            recogniser=recogniser,
            judge=judge,
            vad=WebRtcVad(),
            turns=turn_rules(agent.turn),
            ends=end_rules(agent.turn),
            language=language,
            question=question,
            answer_after=answer_after,
        )
        try:
            for moment in rehearsal.hear(_telephone(file)):
                output.result({"file": str(file), **asdict(moment)}, _prose(file, moment))
        except (wav.WavError, EngineError, OSError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            output.note(f"{file}: {why}")
            faults += 1
    if faults:
        raise typer.Exit(1)


def _telephone(file: Path) -> bytes:
    """A file's sound as the telephone line has it, mu-law.

    Raises:
        WavError: not a WAV file that can be read.
        OSError: it cannot be opened.
    """
    recording = wav.read(file.read_bytes())
    return mulaw.encode(resample(recording.mono(), recording.rate, TELEPHONE_RATE))


def _prose(file: Path, moment: Moment) -> str:
    told = f"{file.name} {moment.at:7.2f} s  turn {moment.turn} {moment.type.replace('_', ' ')}"
    if moment.type == "speech_started":
        return told
    told += f", silence {moment.silence_ms} ms"
    if moment.type == "resumed":
        return told
    told += f" of {moment.needed_ms}"
    if moment.smart_turn is not None:
        told += f", sound {moment.smart_turn:.2f}"
    if moment.words is not None:
        told += f", words {moment.words}{' (spelling)' if moment.spelling else ''}: {moment.text}"
    return told
