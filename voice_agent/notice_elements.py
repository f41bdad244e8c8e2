"""What every privacy notice must say, found in its words (C5-C9, Art. 13 GDPR).

A search for words is no lawyer: it finds what was forgotten, not what was said badly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consent.notice import Notice, NoticeText
from voice_agent.call.notice_menu import KEYS, Choice
from voice_agent.notices import DISCLOSED_WITHIN, DISCLOSURE


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a notice does not say.

    Attributes:
        language: in which language.
        key: where it should stand in the notice's file.
        sentence: what is missing.
    """

    language: str
    key: str
    sentence: str


_DIGIT: Final = {choice: key for key, choice in KEYS.items()}

_OFFERS: Final[Mapping[str, Mapping[Choice, str]]] = {
    "de": {
        Choice.ACCEPT: r"(?:zustimm|einverstanden)",
        Choice.HUMAN: r"mensch",
        Choice.SEND_LINK: r"sms",
        Choice.READ_FULL: r"(?:vorgelesen|vorlesen|anhören)",
    },
    "en": {
        Choice.ACCEPT: r"(?:agree|accept)",
        Choice.HUMAN: r"(?:person|human)",
        Choice.SEND_LINK: r"(?:text message|sms)",
        Choice.READ_FULL: r"(?:read aloud|read out|hear)",
    },
}
"""The words before each key that is offered."""

_SAYS: Final = {
    Choice.ACCEPT: "how to agree",
    Choice.HUMAN: "how to reach a human",
    Choice.SEND_LINK: "how to get the notice by text message",
    Choice.READ_FULL: "how to have the notice read out",
}

_LAYER1: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "what for: the voice is turned into text": r"stimme\b.*\btext",
        "that nothing is recorded": r"\b(?:nichts?|keine?)\b[^.]*(?:aufgezeichnet|aufgenommen"
        r"|aufzeichnung|aufnahme)",
        "how to withdraw": r"\bwiderruf[^.]*stern|stern[^.]*\bwiderruf",
    },
    "en": {
        "what for: the voice is turned into text": r"\bvoice\b.*\btext",
        "that nothing is recorded": r"\b(?:nothing|not|no)\b[^.]*\brecord",
        "how to withdraw": r"\bwithdraw[^.]*\bstar\b|\bstar\b[^.]*\bwithdraw",
    },
}

_FULL: Final[Mapping[str, Mapping[str, str]]] = {
    "de": {
        "that a machine answers": r"\bki\b|computerprogramm",
        "what happens before consent": r"(?:bevor sie|vor ihrer) zustimm",
        "what happens after consent": r"nach ihrer zustimmung|wenn sie (?:die taste 1|zustimmen)",
        "who receives data": r"empfänger|erhält",
        "how long data is kept": r"gespeichert|bewahren|gelöscht",
        "the right of access": r"\bauskunft",
        "the right to rectification": r"\bberichtigung",
        "the right to erasure": r"\blöschung",
        "the right to complain": r"\bbeschweren\b|\bbeschwerderecht|\bbeschwerde bei\b",
        "how to withdraw": r"\bwiderruf.*stern",
    },
    "en": {
        "that a machine answers": r"\bai\b|computer program",
        "what happens before consent": r"\bbefore you (?:agree|consent)",
        "what happens after consent": r"\b(?:after|when|once) you (?:agree|consent|press key 1)",
        "who receives data": r"\brecipient|\breceives",
        "how long data is kept": r"\bkept\b|\bkeep\b|\bstored\b|\bdeleted\b",
        "the right of access": r"\baccess\b",
        "the right to rectification": r"\brectification",
        "the right to erasure": r"\berasure",
        "the right to complain": r"\bcomplain\b|\blodge a complain",
        "how to withdraw": r"\bwithdraw.*\bstar\b",
    },
}


def missing(notice: Notice) -> Iterator[Fault]:
    """Every mandatory element a notice lacks, in each of its languages."""
    for language, text in notice.texts.items():
        for key, sentence in _faults(notice, text):
            yield Fault(language, key, sentence)


def _faults(notice: Notice, text: NoticeText) -> Iterator[tuple[str, str]]:
    first = text.layer1[0].text if text.layer1 else ""
    if DISCLOSURE[text.language] not in first[:DISCLOSED_WITHIN]:
        yield "layer1", f"does not begin with {DISCLOSURE[text.language]!r}"
    yield from _unsaid("layer1", first, _LAYER1[text.language])
    yield from _offers("layer1", first, text.language, tuple(_SAYS))
    for number, repetition in enumerate(text.repetitions, 1):
        where = f"repetition {number}"
        accept = _DIGIT[Choice.ACCEPT]
        if not re.search(rf"\b{accept}\b", repetition):
            yield where, f"does not name key {accept}, to agree"
        yield from _offers(where, repetition, text.language, (Choice.HUMAN,))
    digit = _DIGIT[Choice.OTHER_LANGUAGE]
    others = [part.text for part in text.layer1 if part.language != text.language]
    if len(notice.texts) > 1 and not any(re.search(rf"\b{digit}\b", other) for other in others):
        yield "other_language", f"does not say that key {digit} is for the other language"
    yield from _full(notice, text)


def _unsaid(key: str, words: str, wanted: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for what, pattern in wanted.items():
        if not re.search(pattern, words, re.IGNORECASE | re.DOTALL):
            yield key, f"does not say {what}"


def _offers(
    key: str, words: str, language: str, choices: Sequence[Choice]
) -> Iterator[tuple[str, str]]:
    """Each choice with its key; the human in the same breath as the agreement (C6)."""
    sentences = re.split(r"(?<=[.!?])\s+", words)
    at: dict[Choice, int] = {}
    for choice in choices:
        digit = _DIGIT[choice]
        pattern = rf"\b{_OFFERS[language][choice]}[^.;]*?(?<!\w){digit}(?!\w)|(?<!\w){digit}(?!\w)"
        pattern += rf"[^.;,]*\b{_OFFERS[language][choice]}"
        found = [n for n, each in enumerate(sentences) if re.search(pattern, each, re.IGNORECASE)]
        if found:
            at[choice] = found[0]
        else:
            yield key, f"does not say {_SAYS[choice]}: key {digit}"
    if {Choice.ACCEPT, Choice.HUMAN} <= at.keys() and at[Choice.HUMAN] - at[Choice.ACCEPT] not in {
        0,
        1,
    }:
        yield key, "does not offer a human in the same breath as the agreement"


def _full(notice: Notice, text: NoticeText) -> Iterator[tuple[str, str]]:
    words = "\n".join(f"{title}. {body}" for title, body in text.full)
    yield from _unsaid("full", words, _FULL[text.language])
    controller = notice.processing.controller
    recipients = [each.partition(":")[0] for each in notice.recipients]
    for what, name in (
        ("the controller", controller.name),
        ("how to reach the controller", controller.contact),
        ("the supervisory authority", controller.authority),
        *(("a recipient", each) for each in recipients),
    ):
        if " ".join(name.split()) not in words:
            yield "full", f"does not name {what}: {name}"
