"""What people do who are rung up about an appointment, from the key they press to the last word."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

from tests.phone.fake_agent import tone
from voice_agent.phone.script import HangUp, Listen, PressKey, Say, Stay, Step, Wait

PIN: Final = "482913"
BIRTH_DATE: Final = "1980-05-12"
"""What everybody who is rung up proves who they are with."""

GREETING: Final = 6.0
"""Seconds of a voicemail's greeting."""


def keys(pressed: str) -> Iterator[Step]:
    """Keys by the word: each word when what is playing has ended, its keys one after the other."""
    for word in pressed.split():
        yield Listen()
        for key in word:
            yield PressKey(key)


def proves(secret: str = PIN) -> Iterator[Step]:
    """The right person: expecting the call, with their secret, and agreeing to be listened to."""
    return keys(f"1 {secret}# 1")


def says(*utterances: Say) -> Iterator[Step]:
    """Each when the agent has finished; then its last answer is heard out."""
    for utterance in utterances:
        yield Listen()
        yield utterance
    yield Listen()
    yield HangUp()


def child(seed: int) -> Iterator[Step]:
    """Plays with the keys, those excepted that bring somebody else or end all calls; hangs up."""
    chance = random.Random(seed)  # noqa: S311 (the same child every time)
    yield Wait(2.0)
    for _ in range(25):
        yield PressKey(chance.choice("12345679*#"))
        yield Wait(chance.choice((0.1, 0.4, 2.0)))
    yield HangUp()


def voicemail(tones: str = "") -> Iterator[Step]:
    """Greets, beeps, and records whatever comes; some press keys by themselves."""
    yield Say(tone(GREETING, 250.0), "greeting")
    yield Say(tone(0.4, 1000.0), "beep")
    for key in tones:
        yield Wait(3.0)
        yield PressKey(key)
    yield Stay()
