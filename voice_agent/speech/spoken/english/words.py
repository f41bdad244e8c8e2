"""English abbreviations, acronyms, weekdays in short, Roman numerals."""

from __future__ import annotations

import re

from voice_agent.speech.spoken.english.calendar import WEEKDAYS
from voice_agent.speech.spoken.english.numbers import cardinal, ordinal
from voice_agent.speech.spoken.roman import NUMERALS
from voice_agent.speech.spoken.scanner import Rule, alternatives, words_before

# "Ms" is written "Miz": espeak-ng, which also makes Piper's phonemes, spells "Ms".
_ABBREVIATIONS = {
    "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "etc.": "et cetera",
    "approx.": "approximately", "Mr.": "Mister", "Mr": "Mister", "Mrs.": "Missus",
    "Mrs": "Missus", "Ms.": "Miz", "Ms": "Miz", "Dr.": "Doctor", "Dr": "Doctor",
    "Prof.": "Professor", "vs.": "versus", "incl.": "including", "excl.": "excluding",
    "tel.": "telephone", "Tel.": "telephone", "ext.": "extension", "max.": "maximum",
    "min.": "minimum", "Ave.": "Avenue", "Rd.": "Road", "Blvd.": "Boulevard", "Ltd.": "Limited",
    "Ltd": "Limited", "Inc.": "Incorporated", "Co.": "Company", "Corp.": "Corporation",
    "Jr.": "Junior", "Sr.": "Senior", "dept.": "department", "Dept.": "Department",
    "hrs.": "hours", "hrs": "hours", "mins.": "minutes", "mins": "minutes", "appt.": "appointment",
    "dept": "department", "Jan.": "January", "Feb.": "February", "Mar.": "March",
    "Apr.": "April", "Jun.": "June", "Jul.": "July", "Aug.": "August", "Sep.": "September",
    "Sept.": "September", "Oct.": "October", "Nov.": "November", "Dec.": "December",
    "a.m.": "A.M", "p.m.": "P.M", "A.M.": "A.M", "P.M.": "P.M", "w/o": "without",
    "p.a.": "per year", "GmbH": "G.M.B.H",
}  # fmt: skip
_SPELLED = (
    "AG KG VAT ID FAQ ASAP SMS USB EU USA UK US GPS PDF AI BMW VW PIN PLZ IT PC TV CD DVD SUV KI"
    " IBAN BIC GDPR MOT ABS ADAC ATM CEO URL QR UPS DHL ETA"
).split()
_SPELLED = [word for word in _SPELLED if word not in {"PIN", "IT", "US"}]
_SHORT_DAYS = {name[:3]: name for name in WEEKDAYS} | {
    "Tues": "Tuesday", "Thur": "Thursday", "Thurs": "Thursday", "Weds": "Wednesday",
}  # fmt: skip
_END = r"(?![^\W\d_])"
_SHORT = alternatives(list(_SHORT_DAYS))
_ANY_DAY = alternatives([*_SHORT_DAYS, *WEEKDAYS])
_DAY_SPAN = re.compile(rf"({_ANY_DAY})\.?(?: ?[–-] ?| to )({_ANY_DAY})(?:\.|{_END})")
_DAY_DOTTED = re.compile(rf"({_SHORT})\.(?![^\W\d_])")
_DAY_PLAIN = re.compile(rf"(Mon|Tues|Tue|Weds|Wed|Thurs|Thur|Thu|Fri){_END}")
_DAY_LISTED = re.compile(r"(Sat|Sun)(?=(?:,| ?[/&+]| and | or )|,? \d| (?:by|closed|only)(?!\w))")
_DAY_LAST = re.compile(rf"(Sat|Sun){_END}")
_NUMBER_SIGN = re.compile(r"(No|Nos|no|nr|Nr)\.? ?(?=\d)")
_SAINT_OR_STREET = re.compile(r"St\.?(?![^\W_])")
_ABBREVIATION = re.compile(
    "|".join(
        re.escape(word) + ("" if word.endswith(".") else _END)
        for word in sorted(_ABBREVIATIONS, key=len, reverse=True)
    )
)
_SPELLED_PATTERN = re.compile(rf"(?:{alternatives(_SPELLED)}){_END}")
_CONSONANTS = re.compile(rf"[BCDFGHJKLMNPQRSTVWXZ]{{2,5}}{_END}")
_NUMBERED = "Chapter Part Phase Type Level Class Volume Section Version Golf Group War".split()
_NAMES = "Henry Edward George Charles Elizabeth Louis William James Richard".split()
_ROMAN = re.compile(rf"({alternatives(_NUMBERED)}) ({alternatives(list(NUMERALS))}){_END}")
_REGNAL = re.compile(rf"({alternatives(_NAMES)}) ({alternatives(list(NUMERALS))}){_END}")
_DAY_TOKENS = frozenset(word.lower() for word in [*_SHORT_DAYS, *WEEKDAYS])


def spell(letters: str) -> str:
    """Letters with dots between: without them "A" would be read as the article."""
    return ".".join(letters.upper())


def _day(match: re.Match[str]) -> str:
    return _SHORT_DAYS[match[1]]


def _day_last(match: re.Match[str]) -> str | None:
    before = [word.rstrip(".") for word in words_before(match) if word not in {",", "and", "or"}]
    return _day(match) if before and before[0] in _DAY_TOKENS | {"on", "every", "until"} else None


def _saint_or_street(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 32) : match.start()].split()
    named = bool(before) and before[-1][:1].isupper() and before[-1].isalpha()
    return "Street" if named else "Saint"


RULES = (
    Rule(_DAY_SPAN, lambda m: " to ".join(_SHORT_DAYS.get(day, day) for day in m.groups())),
    Rule(_DAY_DOTTED, _day),
    Rule(_DAY_PLAIN, _day),
    Rule(_DAY_LISTED, _day),
    Rule(_DAY_LAST, _day_last),
    Rule(_NUMBER_SIGN, lambda m: "numbers " if m[1] == "Nos" else "number "),
    Rule(_SAINT_OR_STREET, _saint_or_street),
    Rule(_SPELLED_PATTERN, lambda m: spell(m[0])),
    Rule(_ABBREVIATION, lambda m: _ABBREVIATIONS[m[0]]),
    Rule(_ROMAN, lambda m: f"{m[1]} {cardinal(NUMERALS[m[2]])}"),
    Rule(_REGNAL, lambda m: f"{m[1]} the {ordinal(NUMERALS[m[2]])}"),
    Rule(_CONSONANTS, lambda m: spell(m[0])),
)
"""Rules for tokens that begin with a letter, in order."""
