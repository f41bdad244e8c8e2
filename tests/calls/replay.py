"""Plays a written call's events to a call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.call.scene import ListeningVad, Scene
from tests.calls.notation import SOUNDS, Step, events, write
from voice_agent.audio.frame import FRAME_MS
from voice_agent.call.session import CallSession


def replay(steps: list[Step], stage: Scene) -> Iterator[list[str]]:
    """Yield the actions each step led to, as they would be written."""
    began = now = 1000.0
    first = steps[0].event.split()
    language = first[-1] if first[-1] in {"de", "en"} else "de"
    terms = replace(stage.terms, language=language)
    session = CallSession(terms, ListeningVad(), stage.engine, stage.script)
    for step in steps:
        now = round(now + step.after, 3)
        written = step.event.removesuffix(f" {language}") if step is steps[0] else step.event
        actions: list[str] = []
        is_sound = step.event.split()[0] in SOUNDS
        for event in events(written, round((now - began) * 1000), stage.understander):
            if is_sound:
                now = round(now + FRAME_MS / 1000, 3)
            deadline = session.deadline()
            if deadline is not None and deadline < now:
                raise ValueError(f"line {step.line}: a deadline passes unnoticed before it")
            actions += [write(action) for action in session.receive(event, now)]
        yield actions
