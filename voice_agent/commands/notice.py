"""``voice-agent notice``: the privacy notice as it is said now, and whether it is complete (C9)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from consent.notice import Notice
from voice_agent import atomic_file
from voice_agent.agent import AgentConfig
from voice_agent.agent_voices import open_voices
from voice_agent.commands.output import Output
from voice_agent.dialogue.line import Line
from voice_agent.errors import ConfigurationError, VoiceAgentError
from voice_agent.notice_elements import Fault, missing
from voice_agent.notices import notices_directory
from voice_agent.recordings import Recordings
from voice_agent.settings import load_settings
from voice_agent.texts import LONGEST_NOTICE, Texts

app = typer.Typer()

Language = Annotated[
    str | None, typer.Option("--language", "-l", help="de or en; all of them if left out.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The notice with its recordings."""

    texts: Texts
    recordings: Recordings

    @property
    def notice(self) -> Notice:
        return self.texts.notice

    def seconds(self, language: str) -> float:
        """Length of layer 1, measured on its recording."""
        return self.recordings.seconds(self.notice.audio[language])


@app.command()
def show(*, language: Language = None, json: Json = False) -> None:
    """Show the present notice and its version, word for word.

    The version covers the recordings, so they are made. With --json one object a language:
    version, language, name, layer1, repetitions, full, keys, audio, seconds.
    """
    output = Output(json)
    with _speaking() as spoken:
        for each in _languages(spoken.texts, language):
            text = spoken.notice.texts[each]
            record: dict[str, Any] = {
                "version": spoken.notice.version,
                "language": each,
                "name": text.name,
                "layer1": [{"language": part.language, "text": part.text} for part in text.layer1],
                "repetitions": list(text.repetitions),
                "full": [{"title": title, "text": body} for title, body in text.full],
                "keys": dict(text.keys),
                "audio": spoken.notice.audio[each],
                "seconds": round(spoken.seconds(each), 2),
            }
            output.result(record, "\n".join(_prose(record)))


@app.command()
def render(
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="Directory for the WAV files.")],
    language: Language = None,
    part: Annotated[
        str | None,
        typer.Option("--part", help="layer1, repetition-1, ... or full; all if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Speak the notice into WAV files, 8 kHz mono, by the configured voices.

    With --json one object a file: file, language, part, seconds, sha256.
    """
    output = Output(json)
    with _speaking() as spoken:
        for each in _languages(spoken.texts, language):
            for name_of_part, lines in _parts(spoken, each, part):
                name = spoken.recordings.render(lines)
                path = out / f"{each}-{name_of_part}.wav"
                _write(path, spoken.recordings.read(name) or b"")
                seconds = spoken.recordings.seconds(name)
                record = {
                    "file": str(path),
                    "language": each,
                    "part": name_of_part,
                    "seconds": round(seconds, 2),
                    "sha256": name,
                }
                output.result(record, f"{path}: {seconds:.1f} s")


@app.command()
def check(*, language: Language = None, json: Json = False) -> None:
    """Check that layer 1 takes at most 20 s and that nothing a notice must say is missing.

    One line a fault with file and key. Leaves with status 1 if there is any. With --json one
    object a fault: file, key, fault; and one a language without any: file, seconds.
    """
    output, faults = Output(json), 0
    try:
        with _speaking() as spoken:
            languages = _languages(spoken.texts, language)
            found = [*missing(spoken.notice), *_too_long(spoken)]
            for each in languages:
                file = str(notices_directory() / f"{each}.yaml")
                wrong = [fault for fault in found if fault.language == each]
                faults += len(wrong)
                for fault in wrong:
                    record: dict[str, Any] = {
                        "file": file,
                        "key": fault.key,
                        "fault": fault.sentence,
                    }
                    output.result(record, f"{file}: {fault.key}: {fault.sentence}")
                if not wrong:
                    seconds = spoken.seconds(each)
                    record = {"file": file, "seconds": round(seconds, 2)}
                    output.result(record, f"{file}: all there; layer 1 takes {seconds:.1f} s")
    except ConfigurationError as error:
        for line in str(error).splitlines():
            faults += 1
            output.result({"file": None, "key": None, "fault": line}, line)
    if faults:
        raise typer.Exit(1)


@contextmanager
def _speaking() -> Iterator[_Spoken]:
    """The present notice, spoken by the configured voices."""
    settings = load_settings()
    agent = AgentConfig.for_settings(settings)
    texts = Texts(settings, agent)
    voices = open_voices(settings, agent)
    recordings = Recordings(settings.data_dir / "recordings", voices)
    try:
        texts.render_notice(recordings, voices)
        yield _Spoken(texts, recordings)
    finally:
        recordings.close()


def _languages(texts: Texts, wanted: str | None) -> tuple[str, ...]:
    if wanted is None:
        return texts.languages
    if wanted not in texts.languages:
        known = ", ".join(texts.languages)
        raise VoiceAgentError(f"--language {wanted}: the agent does not speak it. Use {known}")
    return (wanted,)


def _parts(
    spoken: _Spoken, language: str, wanted: str | None
) -> list[tuple[str, tuple[Line, ...]]]:
    script = spoken.texts.script
    repetitions = range(1, len(spoken.notice.texts[language].repetitions) + 1)
    parts = {
        "layer1": script.notice(language),
        **{f"repetition-{each}": script.repetition(language, each) for each in repetitions},
        "full": script.full_notice(language),
    }
    if wanted is not None and wanted not in parts:
        raise VoiceAgentError(f"--part {wanted}: there is none. Use {', '.join(parts)}")
    return [(name, lines) for name, lines in parts.items() if wanted in {None, name}]


def _too_long(spoken: _Spoken) -> Iterator[Fault]:
    """C9, on the recording itself."""
    for language in spoken.texts.languages:
        seconds = spoken.seconds(language)
        if seconds > LONGEST_NOTICE:
            limit = f"{LONGEST_NOTICE:.0f} s are allowed"
            yield Fault(language, "layer1", f"takes {seconds:.1f} s, and {limit}")


def _write(path: Path, data: bytes) -> None:
    try:
        atomic_file.write(path, data)
    except OSError as error:
        raise VoiceAgentError(f"{path}: cannot be written ({error.strerror})") from error


def _prose(record: dict[str, Any]) -> Iterator[str]:
    yield f"{record['name']} ({record['language']}), version {record['version']}"
    yield f"  layer 1 ({record['seconds']:.1f} s, {record['audio']}):"
    yield from (f"    {part['text']}" for part in record["layer1"])
    yield "  repetitions:"
    yield from (f"    {text}" for text in record["repetitions"])
    yield "  full:"
    yield from (f"    {section['title']}. {section['text']}" for section in record["full"])
    keys = ", ".join(f"{key} {name}" for name, key in record["keys"].items())
    yield f"  keys: {keys}"
