"""E-mail addresses as callers say them: "anna punkt mueller at example punkt org"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from voice_agent.dialogue.slots.correction import corrections
from voice_agent.dialogue.slots.digits import digits_at
from voice_agent.dialogue.slots.letters import Certainty, spelt_at
from voice_agent.dialogue.slots.reading import Reading, Setting
from voice_agent.dialogue.slots.spelling import changed
from voice_agent.dialogue.slots.tokens import Token, joined, tokens
from voice_agent.dialogue.words import FILLERS

SLOT: Final = "email"

_WRITTEN: Final = 0.95
_SPOKEN: Final = 0.9
_GUESSED: Final = 0.7

_REACH: Final = 60
"""Tokens an address may take on either side of its at; bounds the time."""

_DOT: Final = 20
"""Tokens after an at among which the first dot must be."""

_MOST: Final = 8
"""Addresses of one utterance, counted from its end; bounds the time."""

_LONGEST_LOCAL: Final = 64
_LONGEST: Final = 254
"""Characters of the part before the at, and of an address (RFC 5321)."""

_ADDRESS: Final = re.compile(
    r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9_])?"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}[a-z]{2,24}"
)

_AT: Final = frozenset("@ at aet ad klammeraffe klammeraffen affenschwanz affe".split())
_SIGNS: Final = {
    ".": ".", "punkt": ".", "dot": ".", "point": ".",
    "_": "_", "unterstrich": "_", "underscore": "_",
    "-": "-", "minus": "-", "bindestrich": "-", "strich": "-", "dash": "-", "hyphen": "-",
    "+": "+", "plus": "+",
}  # fmt: skip

_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

_BEFORE: Final = {
    "de": frozenset(
        """
        ist lautet ware heisst adresse mail email mailadresse emailadresse an unter meine die der
        das also ja gerne und bitte ich habe sie mir es war ihnen geht schicken senden zwar
        erreichen nein dann auf
        """.split()
    ),
    "en": frozenset(
        """
        is it's its address mail email my the and yes sure please to i have you me so well send
        that's no reach
        """.split()
    ),
}
"""Words that stand before an address and not in it."""

_ENDINGS: Final = {
    "komm": "com",
    "comm": "com",
    "kom": "com",
    "deh": "de",
    "d": "de",
    "orgh": "org",
}
"""Top-level domains as a recogniser may write them."""

_TLD: Final = frozenset(
    "de com org net eu info io at ch uk app biz fr it es nl pl dev online shop example".split()
)

_HOSTS: Final = {
    "tonline": "t-online",
    "teonline": "t-online",
    "gemail": "gmail",
    "geemail": "gmail",
    "googlemail": "googlemail",
    "geemix": "gmx",
    "geemx": "gmx",
    "geemeicks": "gmx",
}
"""Providers as they are heard."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of an address.

    Attributes:
        text: as it is written in it.
        end: index of the first token after it.
        spelt: a single letter or digits, which join what stands beside them.
    """

    text: str = field(repr=False)
    end: int
    spelt: bool = False


def read_emails(text: str, setting: Setting) -> tuple[Reading, ...]:
    """The addresses in the words, the last first: after a correction it is the right one."""
    given = tokens(text)
    ats = [at for at in range(1, len(given)) if _is_at(given, at)]
    found = [_read(given, at, setting.language) for at in ats[-_MOST:]]
    return tuple(reading for reading in reversed(found) if reading is not None)


def _is_at(given: Sequence[Token], at: int) -> bool:
    token = given[at]
    # Folded, "ät" is "at" in any case. Without a dot after it, it is a word like any other.
    return token.word in _AT and any(_SIGNS.get(t.word) == "." for t in given[at : at + _DOT])


def _read(given: Sequence[Token], at: int, language: str) -> Reading | None:
    local, start, blanks = _local(given, at, language)
    domain, end = _domain(given, at + 1, language)
    address = f"{local}@{domain}"
    if len(local) > _LONGEST_LOCAL or len(address) > _LONGEST:
        return None
    if ".." in address or not _ADDRESS.fullmatch(address):
        return None
    written = all(joined(given[i], given[i + 1]) for i in range(start, end - 1))
    others: tuple[str, ...] = ()
    confidence = _WRITTEN if written else _SPOKEN
    if blanks is not None:
        # Two words and nothing said between them: most often a dot was swallowed, or nothing.
        others, confidence = (f"{blanks}@{domain}",), _GUESSED
    return Reading(SLOT, address, given[start].start, given[end - 1].end, confidence, others)


def _local(given: Sequence[Token], at: int, language: str) -> tuple[str, int, str | None]:
    """The part before the at, its first token, and how it reads with dots for blanks.

    The third is ``None`` if no two words stand side by side.
    """
    first = _first(given, at, language)
    pieces = _pieces(given, first, at, language)
    text = "".join(piece.text for piece in pieces)
    dotted = ""
    beside = False
    for i, piece in enumerate(pieces):
        before = pieces[i - 1] if i else None
        words = before is not None and _is_name(before) and _is_name(piece)
        beside = beside or words
        dotted += ("." if words else "") + piece.text
    return text, first, dotted if beside else None


def _beside_sign(given: Sequence[Token], at: int) -> bool:
    """True if a sign is named beside a pause: "example, Punkt org", "anna, äh, Unterstrich"."""
    after = [t for t in given[at + 1 : at + 4] if t.is_word and t.word not in FILLERS][:1]
    around = [*given[max(0, at - 1) : at], *after]
    return any(t.is_word and (t.word in _SIGNS or t.word in _AT) for t in around)


def _is_name(piece: _Piece) -> bool:
    return piece.text.isalpha() and not piece.spelt


def _first(given: Sequence[Token], at: int, language: str) -> int:
    """The token an address begins at, looking back from its at."""
    floor = max(0, at - _REACH)
    floor += max((said.end for said in corrections(given[floor:at], language)), default=0)
    here = at
    while here > floor:
        token = given[here - 1]
        within = here < at and joined(token, given[here])
        initial = here > 1 and len(given[here - 2].text) == 1 and given[here - 2].is_word
        ends_sentence = token.text in "!?:;" or (
            token.text in ".,"
            and not (within or (initial and token.text == "."))
            and not _beside_sign(given, here - 1)
        )
        if ends_sentence or token.word in _BEFORE[language] or token.word in _AT:
            break
        if token.kind == "sign" and token.text not in {*_SIGNS, *".,'"}:
            break
        here -= 1
    while here < at and (given[here].word in FILLERS or given[here].kind == "sign"):
        here += 1
    return here


def _pieces(given: Sequence[Token], start: int, end: int, language: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    here = start
    while here < end:
        change = changed(given, here, pieces[-1].text, language) if pieces else None
        if change is not None and change[1] <= end:  # "Schmitt mit d t"
            pieces[-1] = _Piece(change[0].translate(_UMLAUTS), change[1])
            here = change[1]
            continue
        piece = _piece(given, here, language)
        if piece is None or piece.end > end:
            here += 1
            continue
        pieces.append(piece)
        here = piece.end
    return pieces


def _piece(given: Sequence[Token], at: int, language: str) -> _Piece | None:
    token = given[at]
    if token.word in _SIGNS:
        # In "B-A-U-E-R" the strokes part letters; "Strich" is said where one is meant.
        if token.text == "-" and _only_parts(given, at):
            return None
        return _Piece(_SIGNS[token.word], at + 1)
    if token.word in FILLERS or token.kind == "sign":
        return None
    figures = digits_at(given, at, language) if token.word not in {"ein", "eine"} else None
    if figures is not None:
        return _Piece(figures[0], figures[1], spelt=True)
    spelt = spelt_at(given, at, language)
    if spelt is not None and spelt.certainty is Certainty.LETTER and spelt.letters.isalpha():
        return _Piece(spelt.letters.translate(_UMLAUTS), spelt.end, spelt=True)
    return _Piece(_plain(token), at + 1)


def _plain(token: Token) -> str:
    lower = token.text.lower().translate(_UMLAUTS)
    return lower if lower.isascii() else token.word


def _only_parts(given: Sequence[Token], at: int) -> bool:
    """True for a stroke that is the recogniser's: "B-A-U-E-R", "info-at-example-Punkt-org"."""
    around = [token for token in given[max(0, at - 1) : at + 2] if token.is_word]
    letters = len(around) == 2 and all(len(token.text) == 1 for token in around)  # noqa: PLR2004
    return letters or any(token.word in _SIGNS or token.word in _AT for token in around)


def _domain(given: Sequence[Token], at: int, language: str) -> tuple[str, int]:
    """The part after the at, up to a top-level domain, and the index after it."""
    labels = [""]
    here = end = at
    while here < min(len(given), at + _REACH):
        token = given[here]
        if token.text == "." and not _joins(given, here):
            break  # the full stop of the sentence
        is_sign = token.kind == "sign" and token.text not in "-._"
        if labels[-1] and is_sign and not _beside_sign(given, here):
            break
        piece = _piece(given, here, language)
        if piece is None:
            here += 1
            continue
        if piece.text == ".":
            labels.append("")
        elif len(labels) > 1 and labels[-1] and not (piece.spelt and len(labels[-1]) == 1):
            break  # a word after the top-level domain
        else:
            labels[-1] += piece.text
        here = piece.end
        if labels[-1]:
            end = here
    labels = [label for label in labels if label]
    if len(labels) > 2 and len(labels[-1]) == len(labels[-2]) == 1:  # noqa: PLR2004 ("D.E")
        labels[-2:] = [labels[-2] + labels[-1]]
    if len(labels) > 1:
        labels[-1] = _ENDINGS.get(labels[-1], labels[-1])
        labels[-2] = _HOSTS.get(labels[-2].replace("-", ""), labels[-2])
    return ".".join(labels), end


def _joins(given: Sequence[Token], at: int) -> bool:
    """True if a dot stands within a word and not after one: "example.org", or "example. org"."""
    if at + 1 >= len(given):
        return False
    after = given[at + 1]
    return joined(given[at], after) or after.text in _TLD
