"""German amounts: money, measures, fractions, ranges, plain numbers."""

from __future__ import annotations

import re

from voice_agent.speech.spoken.figures import parse
from voice_agent.speech.spoken.german.agreement import ending, gender, one, past_series
from voice_agent.speech.spoken.german.numbers import cardinal, decimal, ordinal, year
from voice_agent.speech.spoken.german.units import CURRENCIES, MAGNITUDES, ONE_MAGNITUDE, PER, UNITS
from voice_agent.speech.spoken.scanner import (
    Rule,
    alternatives,
    ends_sentence,
    word_after,
    words_before,
)
from voice_agent.speech.spoken.segments import takes_ordinal

_HALVES = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4)}
_PARTS = {2: "halb", 3: "drittel", 4: "viertel", 5: "fünftel", 8: "achtel", 10: "zehntel"}
_YEAR_AFTER = frozenset(
    "seit jahr jahre baujahr in von ab anno ende anfang mitte bis modelljahr".split()
)
_ORDINAL_BEFORE = frozenset("der den dem am vom zum im zur beim des".split())
_INFLECTED = frozenset(["einen", "einem", "einer"])
_ONLY_YEARS = range(1100, 2000)

_UNSPACED = r"\d{1,3}(?:\.\d{3}){1,4}(?!\d)(?:,\d{1,6})?|\d{1,12}(?:,\d{1,6})?"
_NUMBER = rf"(?:\d{{1,3}}(?: \d{{3}}){{1,3}}(?!\d)(?:,\d{{1,2}})?|{_UNSPACED})"
_AMOUNT = rf"(?:\d{{1,7}}\.\d{{1,2}}(?![\d.,])|{_NUMBER})"
_WORD_END = r"(?![^\W_])"
_SIGN = r"(?:(?<![^\W_])(?P<sign>[-–+±]) ?)?"
_TO = r"(?: ?[–-] ?| bis )"
_MAGNITUDE = rf"(?: ?(?P<magnitude>{alternatives(list(MAGNITUDES))}){_WORD_END})?"
_PER_UNIT = rf"(?P<per> ?/ ?(?:{alternatives(list(PER))}){_WORD_END})?"
_CURRENCY = alternatives(list(CURRENCIES))
_ROUND = r"(?:,[-–—]{1,2})?"

_MONEY_AFTER = re.compile(
    rf"{_SIGN}(?:(?P<low>{_AMOUNT}){_ROUND}(?: ?€)?{_TO})?(?P<high>{_AMOUNT}){_ROUND}{_MAGNITUDE} ?"
    rf"(?P<unit>{_CURRENCY}){_WORD_END}{_PER_UNIT}"
)
_MONEY_BEFORE = re.compile(
    rf"{_SIGN}(?P<unit>{_CURRENCY}) ?(?:(?P<low>{_AMOUNT}){_ROUND}{_TO}(?:€ ?)?)?"
    rf"(?P<high>{_AMOUNT}){_ROUND}{_MAGNITUDE}{_PER_UNIT}"
)
_ROUND_MONEY = re.compile(rf"(?P<low>(?!))?(?P<high>{_NUMBER}),[-–]{{1,2}}(?!\d)(?P<per>(?!))?")
_MEASURE = re.compile(
    rf"{_SIGN}(?:(?P<low>{_AMOUNT}){_TO})?(?P<high>{_AMOUNT})(?P<half>[½¼¾])? ?"
    rf"(?P<unit>{alternatives(list(UNITS))}){_WORD_END}(?!-[^\W\d_]){_PER_UNIT}"
)
_MIXED = re.compile(rf"(\d{{1,3}}) ?([½¼¾]|1/2(?!\d)){_WORD_END}")
_FRACTION = re.compile(
    r"([½¼¾]|[1-9]/(?:2|3|4|5|8|10)(?![\d/.]))(?: (?P<noun>[A-ZÄÖÜ][a-zäöüß]{1,20}))?"
)
_TYRE = re.compile(r"(\d{3})/(\d{2}) ?Z?R ?(\d{2})(?:(?= )|(?!\w))")
_ORDINAL = re.compile(r"(\d{1,3})\.(?= [A-Za-zÄÖÜäöü]| ?[–-]|,? \d|[,!?]|$)")
_RANGE = re.compile(rf"({_NUMBER})(?: ?– ?| ?- ?)({_NUMBER})(?![\d/-]|[.,:]\d)")
_TIMES = re.compile(rf"(\d{{1,4}})(?:[x×](?!\d)| [x×](?! ?\d)| ?-?mal){_WORD_END}")
_PERCENT_ADJECTIVE = re.compile(r"(\d{1,4}) ?%-?(ig[a-z]{0,2})(?![^\W_])")
_PRODUCT = re.compile(r"(?:(?<=\d)|(?<=\d ))[x×] ?(?=\d)")
_DECADE = re.compile(r"(\d{1,4})(er(?:n|s)?)(?![^\W_])")
_COMPOUND = re.compile(r"(\d{1,5})-(?:([a-zäöüß]{1,40})|(?=[^\W\d_]))")
_COMPOUND_UNIT = re.compile(r"(\d{1,5})[ -](km|kg|kW|V|l|t|m|GB)-(?=[^\W\d_])")
_HOUSE = re.compile(r"(\d{1,4}) ?(?!x ?\d)([a-zA-Z])(?![^\W_])")
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,5}(?![\d,])")
_SCORE = re.compile(r"(\d{1,3}):(\d{1,3})(?![\d:])")
_SLASHED = re.compile(r"(\d{1,6})/(?=\d)")
_PLAIN = re.compile(rf"{_SIGN}(?P<number>{_UNSPACED})(?!\d|\.\d)")
_SIGNS = {"-": "minus ", "–": "minus ", "+": "plus ", "±": "plus minus "}
_PER_ALONE = re.compile(rf"/ ?({alternatives(list(PER))}){_WORD_END}")


def _with_sign(match: re.Match[str], said: str) -> str:
    return _SIGNS.get(match["sign"] or "", "") + said


def _per(match: re.Match[str]) -> str:
    return f" pro {PER[match['per'].strip(' /')]}" if match["per"] else ""


def _number(written: str, one_form: str = "eins") -> str:
    return decimal(*parse(written, ","), one_form)


def _low(match: re.Match[str]) -> str:
    return f"{_number(match['low'], 'ein')} bis " if match["low"] else ""


def _money(match: re.Match[str]) -> str:
    name, hundredth = CURRENCIES[match["unit"]]
    magnitude = match["magnitude"]
    if magnitude:
        several = MAGNITUDES[magnitude]
        whole, fraction = parse(match["high"], ",")
        single = whole == 1 and not fraction
        said = ONE_MAGNITUDE[several] if single else f"{decimal(whole, fraction)} {several}"
        said = f"{said} {name}"
    else:
        said = price(match["high"], name, hundredth, one(match, name))
    return _with_sign(match, _low(match) + said + _per(match))


def price(written: str, name: str, hundredth: str, one_form: str) -> str:
    """An amount of money: ``neunundvierzig Euro neunzig``, ``neunundneunzig Cent``."""
    whole, fraction = parse(written, ",")
    if len(fraction) == 2:  # noqa: PLR2004 (hundredths)
        cents = int(fraction)
        if not cents:
            return f"{cardinal(whole, one_form)} {name}"
        if not whole:
            return f"{cardinal(cents, one_form)} {hundredth}"
        return f"{cardinal(whole, one_form)} {name} {cardinal(cents)}"
    return f"{decimal(whole, fraction, one_form)} {name}"


def _round_money(match: re.Match[str]) -> str:
    return f"{cardinal(parse(match['high'], ',')[0], 'ein')} Euro"


def _measure(match: re.Match[str]) -> str | None:
    single, several = UNITS[match["unit"]]
    whole, fraction = parse(match["high"], ",")
    if match["half"]:
        said = f"{_mixed_number(whole, match['half'])} {several}"
    elif whole == 1 and not fraction and not match["low"]:
        form = "ein" if single in {"Prozent", "Grad Celsius", "Grad", "P S"} else one(match, single)
        said = f"{form} {single}"
    else:
        said = f"{decimal(whole, fraction)} {several}"
    return _with_sign(match, _low(match) + said + _per(match))


def _mixed_number(whole: int, half: str) -> str:
    numerator, denominator = _HALVES.get(half, (1, 2))
    count = "drei" if numerator == 3 else "ein"  # noqa: PLR2004 (three quarters)
    return f"{cardinal(whole, 'ein')}{'und' if count == 'drei' else ''}{count}{_PARTS[denominator]}"


def _mixed(match: re.Match[str]) -> str:
    return _mixed_number(int(match[1]), match[2])


def _fraction(match: re.Match[str]) -> str | None:
    written = match[1]
    top, bottom = _HALVES[written] if written in _HALVES else map(int, written.split("/"))
    if top >= bottom:
        return None
    noun = match["noun"]
    follows = f" {noun}" if noun else ""
    if bottom == 2:  # noqa: PLR2004 (a half)
        if not noun:
            return "ein halb"
        form = one(match, noun)
        # "ein halber Liter", "ein halbes Jahr"; elsewhere the endings are alike
        tail = (
            ("es" if gender(noun) == "n" else "er") if form == "ein" else form.removeprefix("ein")
        )
        return f"{form} halb{'e' if tail == 'e' else 'en' if form in _INFLECTED else tail}{follows}"
    name = _PARTS[bottom]
    if noun in {"Stunde", "Stunden", "Liter", "Jahr", "Kilo"}:
        return f"{cardinal(top, 'eine' if noun == 'Stunde' else 'ein')} {name}{follows}"
    return f"{cardinal(top, 'ein')} {name.capitalize()}{follows}"


def _tyre(match: re.Match[str]) -> str:
    width, height, rim = (cardinal(int(group)) for group in match.groups())
    return f"{width}, {height}, R {rim}"


def _ordinal(match: re.Match[str]) -> str | None:
    before = words_before(match)
    if ends_sentence(match):
        head = past_series(before)
        if not head or head[0] not in _ORDINAL_BEFORE or not takes_ordinal(int(match[1]), ""):
            return None
        return ordinal(int(match[1]), ending(before, "m"))
    follows = match.string[match.end() : match.end() + 64].split(maxsplit=3)[:3]
    noun = re.sub(r"\W", "", next((word for word in follows if word[:1].isupper()), ""))
    if not takes_ordinal(int(match[1]), noun):
        return None
    return ordinal(int(match[1]), ending(before, gender(noun)))


def _range(match: re.Match[str]) -> str | None:
    low, high = parse(match[1], ","), parse(match[2], ",")
    if "-" in match[0] and (low[0] >= high[0] or match[1].startswith("0")):
        return None
    if all(n[0] in range(1900, 2100) and not n[1] for n in (low, high)):
        return f"{year(low[0])} bis {year(high[0])}"
    counted = word_after(match)[:1].isupper()
    return f"{decimal(*low, 'ein' if counted else 'eins')} bis {decimal(*high)}"


def _plain(match: re.Match[str]) -> str:
    written = match["number"]
    whole, fraction = parse(written, ",")
    if len(written) == 4 and whole in _ONLY_YEARS and not match["sign"]:  # noqa: PLR2004 (a year)
        before = words_before(match)
        if (before and before[0].rstrip(".") in _YEAR_AFTER) or not word_after(match)[:1].isupper():
            return year(whole)
    if whole == 1 and not fraction:
        followed = re.match(r" (?:oder|bis) \d", match.string[match.end() : match.end() + 7])
        return _with_sign(match, "ein" if followed else one(match))
    return _with_sign(match, decimal(whole, fraction))


def _times(match: re.Match[str]) -> str:
    return cardinal(int(match[1]), "ein") + "mal"


def _decade(match: re.Match[str]) -> str:
    number = int(match[1])
    return (year(number) if number in _ONLY_YEARS else cardinal(number)) + match[2]


def _compound(match: re.Match[str]) -> str:
    return cardinal(int(match[1]), "ein") + (match[2] or "-")


def _version(match: re.Match[str]) -> str:
    return " Punkt ".join(cardinal(int(part)) for part in match[0].split("."))


PRODUCT = Rule(_PRODUCT, lambda _: " mal ")
"""The sign between two numbers; "x" makes it a token that begins with a letter."""

MONEY = Rule(_MONEY_BEFORE, _money)
"""Also tried where a token begins with a letter: "EUR 5"."""

RULES = (
    Rule(_TYRE, _tyre),
    MONEY,
    Rule(_MONEY_AFTER, _money),
    Rule(_ROUND_MONEY, _round_money),
    Rule(_COMPOUND_UNIT, lambda m: f"{cardinal(int(m[1]), 'ein')}-{UNITS[m[2]][0]}-"),
    Rule(_PERCENT_ADJECTIVE, lambda m: f"{cardinal(int(m[1]), 'ein')}prozent{m[2]}"),
    Rule(_MIXED, _mixed),
    Rule(_MEASURE, _measure),
    Rule(_FRACTION, _fraction),
    Rule(_TIMES, _times),
    Rule(_DECADE, _decade),
    Rule(_HOUSE, lambda m: f"{cardinal(int(m[1]))} {m[2]}"),
    Rule(_COMPOUND, _compound),
    Rule(_PER_ALONE, lambda m: f" pro {PER[m[1]]}"),
    PRODUCT,
)
"""Amounts with something that says what they are."""

BARE_RULES = (
    Rule(_ORDINAL, _ordinal),
    Rule(_RANGE, _range),
    Rule(_SCORE, lambda m: f"{cardinal(int(m[1]))} zu {cardinal(int(m[2]))}"),
    Rule(_SLASHED, lambda m: f"{cardinal(int(m[1]))} Schrägstrich "),
    Rule(_PLAIN, _plain),
    Rule(_VERSION, _version),
)
"""Numbers without a unit; after dates, times and codes had their turn."""
