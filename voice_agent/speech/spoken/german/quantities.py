"""German amounts: money, measures, fractions, ranges, plain numbers."""

from __future__ import annotations

import re

from voice_agent.speech.spoken.figures import parse
from voice_agent.speech.spoken.german.agreement import ending, gender, one
from voice_agent.speech.spoken.german.numbers import cardinal, decimal, ordinal, year
from voice_agent.speech.spoken.scanner import (
    Rule,
    alternatives,
    ends_sentence,
    word_after,
    words_before,
)

# Sign: name, name of the hundredth part.
_CURRENCIES = {
    "€": ("Euro", "Cent"), "EUR": ("Euro", "Cent"), "Euro": ("Euro", "Cent"),
    "$": ("Dollar", "Cent"), "USD": ("Dollar", "Cent"), "Dollar": ("Dollar", "Cent"),
    "US$": ("Dollar", "Cent"), "£": ("Pfund", "Pence"), "GBP": ("Pfund", "Pence"),
    "CHF": ("Schweizer Franken", "Rappen"), "Franken": ("Franken", "Rappen"),
}  # fmt: skip
_MAGNITUDES = {
    "Mio.": "Millionen", "Mio": "Millionen", "Mrd.": "Milliarden", "Mrd": "Milliarden",
    "Millionen": "Millionen", "Milliarden": "Milliarden", "Tsd.": "Tausend",
}  # fmt: skip
_ONE_MAGNITUDE = {"Millionen": "eine Million", "Milliarden": "eine Milliarde", "Tausend": "ein Tausend"}

# Sign: one of it, several of it.
_UNITS = {
    **{sign: (name, name) for sign, name in {
        "km/h": "Kilometer pro Stunde", "km": "Kilometer", "m": "Meter", "cm": "Zentimeter",
        "mm": "Millimeter", "m²": "Quadratmeter", "m2": "Quadratmeter", "qm": "Quadratmeter",
        "km²": "Quadratkilometer", "cm²": "Quadratzentimeter", "m³": "Kubikmeter",
        "m3": "Kubikmeter", "ccm": "Kubikzentimeter", "cm³": "Kubikzentimeter", "ha": "Hektar",
        "kg": "Kilogramm", "g": "Gramm", "mg": "Milligramm", "l": "Liter", "L": "Liter",
        "ml": "Milliliter", "°C": "Grad Celsius", "° C": "Grad Celsius", "°F": "Grad Fahrenheit",
        "°": "Grad", "%": "Prozent", "‰": "Promille", "KB": "Kilobyte", "kB": "Kilobyte",
        "MB": "Megabyte", "GB": "Gigabyte", "TB": "Terabyte", "kW": "Kilowatt", "W": "Watt",
        "V": "Volt", "Ah": "Amperestunden", "PS": "P S", "Nm": "Newtonmeter", "bar": "Bar",
        "dB": "Dezibel", "Hz": "Hertz", "kHz": "Kilohertz", "MHz": "Megahertz",
        "GHz": "Gigahertz", "ct": "Cent", "Ct": "Cent", "Cent": "Cent", "Stk.": "Stück",
        "Stck.": "Stück", "St.": "Stück", "ms": "Millisekunden", "µm": "Mikrometer",
        "Mbit/s": "Megabit pro Sekunde", "g/km": "Gramm pro Kilometer", "Zoll": "Zoll",
    }.items()},
    **{sign: (name, name + "n") for name, signs in {
        "Stunde": ("h", "Std.", "Std", "Stdn."), "Minute": ("min", "Min.", "Min", "min."),
        "Sekunde": ("s", "sec", "Sek.", "Sek", "sek."), "Tonne": ("t",),
        "Kilowattstunde": ("kWh",),
    }.items() for sign in signs},
}  # fmt: skip
_PER = {
    "Std.": "Stunde", "Std": "Stunde", "h": "Stunde", "Stunde": "Stunde", "Min.": "Minute",
    "min": "Minute", "Minute": "Minute", "s": "Sekunde", "Tag": "Tag", "Woche": "Woche",
    "Monat": "Monat", "Mon.": "Monat", "Jahr": "Jahr", "Person": "Person", "Pers.": "Person",
    "Nacht": "Nacht", "Stück": "Stück", "Stk.": "Stück", "St.": "Stück", "kg": "Kilogramm",
    "km": "Kilometer", "m": "Meter", "m²": "Quadratmeter", "qm": "Quadratmeter", "l": "Liter",
    "kWh": "Kilowattstunde", "Rad": "Rad", "Reifen": "Reifen", "Satz": "Satz", "GB": "Gigabyte",
    "ml": "Milliliter", "Fahrt": "Fahrt", "Termin": "Termin",
}  # fmt: skip
_HALVES = {"½": (1, 2), "¼": (1, 4), "¾": (3, 4)}
_PARTS = {2: "halb", 3: "drittel", 4: "viertel", 5: "fünftel", 8: "achtel", 10: "zehntel"}
_YEAR_AFTER = frozenset("seit jahr jahre baujahr in von ab anno ende anfang mitte bis modelljahr".split())
_ORDINAL_BEFORE = frozenset("der den dem am vom zum im zur beim des".split())
_ONLY_YEARS = range(1100, 2000)

_NUMBER = r"(?:\d{1,3}(?:\.\d{3}){1,4}(?!\d)(?:,\d{1,6})?|\d{1,3}(?: \d{3}){1,3}(?!\d)(?:,\d{1,2})?|\d{1,12}(?:,\d{1,6})?)"
_AMOUNT = rf"(?:\d{{1,7}}\.\d{{1,2}}(?![\d.,])|{_NUMBER})"
_WORD_END = r"(?![^\W_])"
_SIGN = r"(?:(?<![^\W_])(?P<sign>[-–+±]) ?)?"
_TO = r"(?: ?[–-] ?| bis )"
_MAGNITUDE = rf"(?: ?(?P<magnitude>{alternatives(list(_MAGNITUDES))}){_WORD_END})?"
_PER_UNIT = rf"(?P<per> ?/ ?(?:{alternatives(list(_PER))}){_WORD_END})?"
_CURRENCY = alternatives(list(_CURRENCIES))
_ROUND = r"(?:,[-–—]{1,2})?"

_MONEY_AFTER = re.compile(
    rf"{_SIGN}(?:(?P<low>{_AMOUNT}){_ROUND}(?: ?€)?{_TO})?(?P<high>{_AMOUNT}){_ROUND}{_MAGNITUDE} ?"
    rf"(?P<unit>{_CURRENCY}){_WORD_END}{_PER_UNIT}"
)
_MONEY_BEFORE = re.compile(
    rf"{_SIGN}(?P<unit>{_CURRENCY}) ?(?:(?P<low>{_AMOUNT}){_ROUND}{_TO}(?:€ ?)?)?(?P<high>{_AMOUNT}){_ROUND}"
    rf"{_MAGNITUDE}{_PER_UNIT}"
)
_ROUND_MONEY = re.compile(rf"(?P<low>(?!))?(?P<high>{_NUMBER}),[-–]{{1,2}}(?!\d)(?P<per>(?!))?")
_MEASURE = re.compile(
    rf"{_SIGN}(?:(?P<low>{_AMOUNT}){_TO})?(?P<high>{_AMOUNT})(?P<half>[½¼¾])? ?(?P<unit>{alternatives(list(_UNITS))})"
    rf"{_WORD_END}(?!-[^\W\d_]){_PER_UNIT}"
)
_MIXED = re.compile(rf"(\d{{1,3}}) ?([½¼¾]|1/2(?!\d)){_WORD_END}")
_FRACTION = re.compile(rf"([½¼¾]|[1-9]/(?:2|3|4|5|8|10)(?![\d/.]))(?: (?P<noun>[A-ZÄÖÜ][a-zäöüß]{{1,20}}))?")
_TYRE = re.compile(r"(\d{3})/(\d{2}) ?Z?R ?(\d{2})(?:(?= )|(?!\w))")
_ORDINAL = re.compile(r"(\d{1,3})\.(?=(?: (?:[A-Za-zÄÖÜäöü])| ?[–-]|,? \d|$|[,!?]| *$))")
_RANGE = re.compile(rf"({_NUMBER})(?: ?– ?| ?- ?)({_NUMBER})(?![\d/-]|[.,:]\d)")
_TIMES = re.compile(rf"(\d{{1,4}}) ?(?:x|×|-?mal){_WORD_END}(?! ?\d)")
_PRODUCT = re.compile(r"(?<=[\w)]) ?[x×] ?(?=\d)")
_DECADE = re.compile(rf"(\d{{1,4}})(er(?:n|s)?)(?![^\W_])")
_COMPOUND = re.compile(r"(\d{1,5})-(?:([a-zäöüß]{1,40})|(?=[^\W\d_]))")
_COMPOUND_UNIT = re.compile(r"(\d{1,5})[ -](km|kg|kW|V|l|t|m|GB)-(?=[^\W\d_])")
_HOUSE = re.compile(r"(\d{1,4}) ?([a-zA-Z])(?![^\W_])")
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){1,5}(?![\d,])")
_SCORE = re.compile(r"(\d{1,3}):(\d{1,3})(?![\d:])")
_SLASHED = re.compile(r"(\d{1,6})/(?=\d)")
_PLAIN = re.compile(rf"{_SIGN}(?P<number>{_NUMBER.replace(' ', '(?!)')})(?!\d|\.\d)")
_SIGNS = {"-": "minus ", "–": "minus ", "+": "plus ", "±": "plus minus "}
_PER_ALONE = re.compile(rf"/ ?({alternatives(list(_PER))}){_WORD_END}")


def _with_sign(match: re.Match[str], said: str) -> str:
    return _SIGNS.get(match["sign"] or "", "") + said


def _per(match: re.Match[str]) -> str:
    return f" pro {_PER[match['per'].strip(' /')]}" if match["per"] else ""


def _number(written: str, one_form: str = "eins") -> str:
    return decimal(*parse(written, ","), one_form)


def _low(match: re.Match[str]) -> str:
    return f"{_number(match['low'], 'ein')} bis " if match["low"] else ""


def _money(match: re.Match[str]) -> str:
    name, hundredth = _CURRENCIES[match["unit"]]
    magnitude = match["magnitude"]
    if magnitude:
        several = _MAGNITUDES[magnitude]
        whole, fraction = parse(match["high"], ",")
        single = whole == 1 and not fraction
        said = _ONE_MAGNITUDE[several] if single else f"{decimal(whole, fraction)} {several}"
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
    single, several = _UNITS[match["unit"]]
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
        return form + " halb" + {"ein": {"m": "er", "n": "es"}.get(gender(noun), "er"), "eine": "e",
                                 "einen": "en", "einem": "en", "einer": "en"}[form] + follows  # fmt: skip
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
        series = before[0] in {"und", "bis", "oder"} and any(t[0].isdigit() for t in before[1:3]) if before else False
        if not before or not (before[0] in _ORDINAL_BEFORE or (series and before[1].endswith("."))):
            return None
        return ordinal(int(match[1]), ending(before, "m"))
    follows = match.string[match.end() :].split(maxsplit=3)[:3]
    noun = next((word for word in follows if word[:1].isupper()), "")
    return ordinal(int(match[1]), ending(before, gender(re.sub(r"\W", "", noun))))


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


MONEY = Rule(_MONEY_BEFORE, _money)
"""Also tried where a token begins with a letter: "EUR 5"."""

RULES = (
    Rule(_TYRE, _tyre),
    MONEY,
    Rule(_MONEY_AFTER, _money),
    Rule(_ROUND_MONEY, _round_money),
    Rule(_COMPOUND_UNIT, lambda m: f"{cardinal(int(m[1]), 'ein')}-{_UNITS[m[2]][0]}-"),
    Rule(_MIXED, _mixed),
    Rule(_MEASURE, _measure),
    Rule(_FRACTION, _fraction),
    Rule(_TIMES, _times),
    Rule(_DECADE, _decade),
    Rule(_HOUSE, lambda m: f"{cardinal(int(m[1]))} {m[2]}"),
    Rule(_COMPOUND, _compound),
    Rule(_PER_ALONE, lambda m: f" pro {_PER[m[1]]}"),
    Rule(_PRODUCT, lambda _: " mal "),
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
