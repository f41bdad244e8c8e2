"""The English words of the grammar for moments."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots.moment_words import Lexicon, lexicon

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_TENS: Final = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()
_ORDINALS: Final = (
    "_ first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_WEEKDAYS: Final = (
    "monday|mon|mondays|munday tuesday|tue|tues|tuesdays|teusday wednesday|wed|weds|wednesdays"
    "|wensday|wenesday thursday|thu|thur|thurs|thursdays friday|fri|fridays saturday|saturdays"
    " sunday|sundays"
).split()
_MONTHS: Final = (
    "january|jan february|feb march april|apr may june|jun july|jul august|aug september|sep|sept"
    " october|oct november|nov december|dec"
).split()
_ALSO_WORDS: Final = frozenset({"march", "may"})
_FEASTS: Final = {
    "xmas": "christmas xmas christmastime",
    "easter": "easter",
    "pentecost": "pentecost whitsun",
    "halloween": "halloween",
    "ascension": "ascension",
}
_LEMMAS: Final = {
    "der": "the",
    "ein": "a an",
    "coming": "coming upcoming following",
    "last": "last previous",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "hour": "hour hours",
    "minute": "minute minutes mins",
    "weekend": "weekend weekends",
    "tomorrow": "tomorrow tomorow tommorow tommorrow tomorrows",
    "today": "today todays",
    "und": "and",
    "oder": "or",
    "until": "until till til through thru",
    "half": "half",
    "quarter": "quarter quarters",
    "begin": "beginning start",
    "middle": "middle mid",
    "gegen": "around about approximately roughly circa",
    "nicht": "not",
    "oclock": "o'clock oclock o'clocks",
    "am": "am",
    "pm": "pm",
    "fortnight": "fortnight fortnights",
    "#pmorning": "morning mornings",
    "#pafternoon": "afternoon afternoons",
    "#pevening": "evening evenings",
    "#pnight": "night nights",
    "#pnoon": "lunchtime lunch",
    "noon": "noon midday noontime",
}


def _lexicon() -> Lexicon:
    words = {word: f"#n{number}" for number, word in enumerate(_SMALL)}
    words |= {word: f"#n{10 * tens}" for tens, word in enumerate(_TENS) if word != "_"}
    words |= {word: f"#o{number}" for number, word in enumerate(_ORDINALS) if word != "_"}
    words |= {f"{word}ish": f"#n{number} ish" for number, word in enumerate(_SMALL)}
    words |= {"thirtieth": "#o30", "fortieth": "#o40", "twelth": "#o12", "nineth": "#o9"}
    for tens in (20, 30, 40, 50):
        for unit in range(1, 10):
            name = _TENS[tens // 10]
            words[name + _SMALL[unit]] = f"#n{tens + unit}"
            words[name + _ORDINALS[unit]] = f"#o{tens + unit}"
    for number, names in enumerate(_WEEKDAYS):
        words |= dict.fromkeys(names.split("|"), f"#w{number}")
    for number, names in enumerate(_MONTHS, 1):
        for name in names.split("|"):
            words[name] = f"#k{number}" if name in _ALSO_WORDS else f"#m{number}"
    for symbol, forms in _LEMMAS.items():
        words |= dict.fromkeys(forms.split(), symbol)
    for name, forms in _FEASTS.items():
        words |= dict.fromkeys(forms.split(), f"#f{name}")
    return lexicon(
        words,
        alike=frozenset({"#w", "#m", "tomorrow", "#pafternoon"}),
        tens=frozenset(f"#n{tens}" for tens in (20, 30, 40, 50)),
    )


LEXICON: Final = _lexicon()
"""English words and their symbols."""
