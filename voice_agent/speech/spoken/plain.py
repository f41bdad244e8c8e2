"""Text from anywhere made plain before it is read, and tidy before it is spoken.

A calendar entry or a customer's name may hold anything: markup that the synthesiser would obey
(SSML, the ``[[phonemes]]`` of espeak-ng), control characters, emoji, digits of other scripts.
"""

from __future__ import annotations

import html
import re
import unicodedata

_TAG = re.compile(r"<[A-Za-z/!?][^<>]{0,400}>")
_UNUSUAL = re.compile(r"[^ -~äöüÄÖÜßé€£°²³½¼¾§–]")
_KEPT = frozenset("\n€£°²³½¼¾§–±×≈≤≥‰µ")
_SAME = {
    "’": "'", "‘": "'", "‛": "'", "´": "'", "ʼ": "'",
    "„": " ", "“": " ", "”": " ", "«": " ", "»": " ", "‚": " ", "‹": " ", "›": " ",
    "—": "–", "―": "–", "‒": "–", "‐": "-", "‑": "-", "−": "-", "﹣": "-", "－": "-",
    "…": "...", "•": ",", "·": ",", "\t": " ", "\r": "\n", "\u2029": "\n\n", "\u00ad": "",
    "⅓": "1/3", "⅔": "2/3", "⅛": "1/8", "⅕": "1/5", "μ": "µ", "℃": "°C", "№": "Nr. ",
}  # fmt: skip
_TRUNK_ZERO = re.compile(r"\+(\d{1,3}) ?\(0\) ?")
_AREA_CODE = re.compile(r"\((0\d{1,5})\)")
_BRACKETS = str.maketrans({**dict.fromkeys("()", " , "), **dict.fromkeys("[]{}", " , ")})
_SPACES = re.compile(r"\s+")
_LOOSE_HYPHEN = re.compile(r"(?<![^\W_])-+|(?<=-)-+")
_LOOSE_APOSTROPHE = re.compile(r"(?<![^\W_])'|'(?![^\W_])")
_SPACE_BEFORE_MARK = re.compile(r"\s+(?=[,.;:!?])")
_MARKS = re.compile(r"[,.;:!?](?:\s*[,.;:!?])+")


def plain(text: str) -> str:
    """Drop what cannot be said and write what can in few, usual characters.

    Line breaks stay: an empty line ends a paragraph.
    """
    text = unicodedata.normalize("NFC", html.unescape(text))
    text = _TAG.sub(" ", text)
    return _UNUSUAL.sub(lambda match: _usual(match.group()), text)


def _usual(character: str) -> str:
    if character in _KEPT:
        return character
    if character in _SAME:
        return _SAME[character]
    category = unicodedata.category(character)
    if category[0] == "L":
        return character
    if category[0] == "N":
        value = unicodedata.numeric(character)
        return f" {int(value)} " if category != "Nd" else str(int(value))
    if category[0] in "ZC":
        # Format characters (joiners, direction marks) sit inside words; the rest stands between.
        return "" if category == "Cf" else " "
    return "" if category[0] == "M" else " "


def unbracket(text: str) -> str:
    """Brackets become commas: the voice pauses where the eye would see one.

    Those in a telephone number go: "(030) 1234" is dialled with its area code, and the zero of
    "+49 (0) 30" is not dialled at all.
    """
    text = _AREA_CODE.sub(r" \1 ", _TRUNK_ZERO.sub(r"+\1 ", text))
    return _SPACES.sub(" ", text.translate(_BRACKETS))


def tidy(text: str) -> str:
    """One space between words, one mark at a time, no hyphen or apostrophe that joins nothing."""
    text = _LOOSE_HYPHEN.sub("", text)
    text = _LOOSE_APOSTROPHE.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _SPACE_BEFORE_MARK.sub("", text)
    text = _MARKS.sub(lambda match: _strongest(match.group()), text)
    return text.lstrip(" ,.;:!?'-").rstrip(" ,;:'-")


def _strongest(marks: str) -> str:
    for mark in "?!":
        if mark in marks:
            return mark
    return marks[-1]
