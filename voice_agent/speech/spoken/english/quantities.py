"""English amounts: money, measures, fractions, ranges, plain numbers."""

from __future__ import annotations

import re

from voice_agent.speech.spoken.english.numbers import cardinal, decimal, ordinal, year
from voice_agent.speech.spoken.figures import parse
from voice_agent.speech.spoken.scanner import Rule, alternatives, word_after, words_before

# Sign: one, several, one hundredth, several hundredths.
_EURO = ("euro", "euros", "cent", "cents")
_DOLLAR = ("dollar", "dollars", "cent", "cents")
_POUND = ("pound", "pounds", "penny", "pence")
_FRANC = ("Swiss franc", "Swiss francs", "centime", "centimes")
_CURRENCIES = {
    "€": _EURO, "EUR": _EURO, "euro": _EURO, "euros": _EURO, "Euro": _EURO, "$": _DOLLAR,
    "US$": _DOLLAR, "USD": _DOLLAR, "dollar": _DOLLAR, "dollars": _DOLLAR, "£": _POUND,
    "GBP": _POUND, "CHF": _FRANC,
}  # fmt: skip
_UNITS = {
    "km/h": ("kilometre per hour", "kilometres per hour"), "km": ("kilometre", "kilometres"),
    "mph": ("mile per hour", "miles per hour"), "mi": ("mile", "miles"),
    "m": ("metre", "metres"), "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"), "m²": ("square metre", "square metres"),
    "m2": ("square metre", "square metres"), "sqm": ("square metre", "square metres"),
    "m³": ("cubic metre", "cubic metres"), "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"), "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"),
    "l": ("litre", "litres"), "L": ("litre", "litres"), "ml": ("millilitre", "millilitres"),
    "°C": ("degree Celsius", "degrees Celsius"), "°F": ("degree Fahrenheit", "degrees Fahrenheit"),
    "°": ("degree", "degrees"), "%": ("percent", "percent"), "KB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"), "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"), "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt hour", "kilowatt hours"), "W": ("watt", "watts"), "V": ("volt", "volts"),
    "hp": ("horsepower", "horsepower"), "h": ("hour", "hours"), "hr": ("hour", "hours"),
    "hr.": ("hour", "hours"), "hrs": ("hour", "hours"), "hrs.": ("hour", "hours"),
    "min": ("minute", "minutes"), "min.": ("minute", "minutes"), "mins": ("minute", "minutes"),
    "mins.": ("minute", "minutes"), "s": ("second", "seconds"), "sec": ("second", "seconds"),
    "sec.": ("second", "seconds"), "secs": ("second", "seconds"), "t": ("ton", "tons"),
    "ft": ("foot", "feet"), "in.": ("inch", "inches"), "pcs": ("piece", "pieces"),
    "pcs.": ("piece", "pieces"), "ct": ("cent", "cents"),
}  # fmt: skip
_PER = {
    "hour": "hour", "h": "hour", "hr": "hour", "day": "day", "week": "week", "month": "month",
    "mo": "month", "year": "year", "yr": "year", "person": "person", "night": "night",
    "piece": "piece", "pc": "piece", "kg": "kilogram", "km": "kilometre", "m": "metre",
    "m²": "square metre", "l": "litre", "min": "minute", "kWh": "kilowatt hour", "tyre": "tyre",
}  # fmt: skip
_HALVES = {"½": "a half", "¼": "a quarter", "¾": "three quarters"}
_PARTS = {2: "half", 3: "third", 4: "quarter", 5: "fifth", 8: "eighth", 10: "tenth"}
_YEAR_BEFORE = frozenset(
    "in since from until till by year of before after early late model".split()
)
_YEARS = range(1900, 2100)
_OLD_YEARS = range(1100, 1900)

_NUMBER = r"(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)(?:\.\d{1,6})?|\d{1,12}(?:\.\d{1,6})?)"
_AMOUNT = rf"(?:\d{{1,7}},\d{{1,2}}(?![\d.,])|{_NUMBER})"
_END = r"(?![^\W_])"
_SIGN = r"(?:(?<![^\W_])(?P<sign>[-–+±]) ?)?"
_TO = r"(?: ?[–-] ?| to )"
_MAGNITUDE = rf"(?: ?(?P<magnitude>million|billion|thousand|bn|k){_END})?"
_PER_UNIT = rf"(?P<per> ?/ ?(?:{alternatives(list(_PER))}){_END})?"
_CURRENCY = alternatives(list(_CURRENCIES))
_MONEY_BEFORE = re.compile(
    rf"{_SIGN}(?P<unit>{_CURRENCY}) ?(?:(?P<low>{_AMOUNT}){_TO}(?:[€$£] ?)?)?(?P<high>{_AMOUNT})"
    rf"{_MAGNITUDE}{_PER_UNIT}"
)
_MONEY_AFTER = re.compile(
    rf"{_SIGN}(?:(?P<low>{_AMOUNT})(?: ?€)?{_TO})?(?P<high>{_AMOUNT}){_MAGNITUDE} ?"
    rf"(?P<unit>{_CURRENCY}){_END}{_PER_UNIT}"
)
_MEASURE = re.compile(
    rf"{_SIGN}(?:(?P<low>{_AMOUNT}){_TO})?(?P<high>{_AMOUNT})(?P<half>[½¼¾])? ?"
    rf"(?P<unit>{alternatives(list(_UNITS))}){_END}{_PER_UNIT}"
)
_MIXED = re.compile(r"(\d{1,3})(?: ?([½¼¾])| (1/2)(?!\d))")
_FRACTION = re.compile(
    r"([½¼¾]|[1-9]/(?:2|3|4|5|8|10)(?![\d/.]))(?: (an?(?= )|(?:hour|mile|litre|year|day)(?!\w)))?"
)
_TYRE = re.compile(r"(\d{3})/(\d{2}) ?Z?R ?(\d{2})(?!\w)")
_ORDINAL = re.compile(rf"(\d{{1,6}})(?:st|nd|rd|th){_END}")
_DECADE = re.compile(rf"(\d{{2}}|\d{{4}})'?s{_END}")
_TIMES = re.compile(rf"(\d{{1,4}})(?:[x×]| [x×](?! ?\d)){_END}")
_PRODUCT = re.compile(r"(?:(?<=\d)|(?<=\d ))[x×] ?(?=\d)")
_HOUSE = re.compile(rf"(\d{{1,4}})([a-zA-Z]){_END}")
_RANGE = re.compile(rf"({_NUMBER}) ?[–-] ?({_NUMBER})(?![\d/-]|[.,:]\d)")
_ROUND_THE_CLOCK = re.compile(r"24/7(?!\d)")
_SLASHED = re.compile(r"(\d{1,6})/(?=\d)")
_SCORE = re.compile(r"(\d{1,3}):(\d{1,3})(?![\d:])")
_VERSION = re.compile(r"\d{1,4}(?:\.\d{1,4}){2,5}(?![\d,])")
_PLAIN = re.compile(rf"{_SIGN}(?P<number>{_NUMBER})(?!\d|[.,]\d)")
_PER_ALONE = re.compile(rf"/ ?({alternatives(list(_PER))}){_END}")
_SIGNS = {"-": "minus ", "–": "minus ", "+": "plus ", "±": "plus or minus "}


def _with_sign(match: re.Match[str], said: str) -> str:
    return _SIGNS.get(match["sign"] or "", "") + said


def _per(match: re.Match[str]) -> str:
    return f" per {_PER[match['per'].strip(' /')]}" if match["per"] else ""


def _low(match: re.Match[str]) -> str:
    return f"{decimal(*parse(match['low'], '.'))} to " if match["low"] else ""


def _money(match: re.Match[str]) -> str:
    name, names, hundredth, hundredths = _CURRENCIES[match["unit"]]
    whole, fraction = parse(match["high"], ".")
    if magnitude := match["magnitude"]:
        magnitude = {"k": "thousand", "bn": "billion"}.get(magnitude, magnitude)
        said = f"{decimal(whole, fraction)} {magnitude} {names}"
    elif len(fraction) == 2:  # noqa: PLR2004 (hundredths)
        cents = int(fraction)
        parts = [f"{cardinal(whole)} {name if whole == 1 else names}"] if whole or not cents else []
        if cents:
            parts.append(f"{cardinal(cents)} {hundredth if cents == 1 else hundredths}")
        said = " and ".join(parts)
    else:
        single = whole == 1 and not fraction and not match["low"]
        said = f"{decimal(whole, fraction)} {name if single else names}"
    return _with_sign(match, _low(match) + said + _per(match))


def _measure(match: re.Match[str]) -> str:
    single, several = _UNITS[match["unit"]]
    whole, fraction = parse(match["high"], ".")
    said = decimal(whole, fraction)
    if match["half"]:
        said += f" and {_HALVES[match['half']]}"
    alone = whole == 1 and not fraction and not match["low"] and not match["half"]
    return _with_sign(match, f"{_low(match)}{said} {single if alone else several}{_per(match)}")


def _mixed(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} and {_HALVES[match[2] or '½']}"


def _fraction(match: re.Match[str]) -> str | None:
    written, follows = match[1], match[2] or ""
    if written in _HALVES:
        written = {"½": "1/2", "¼": "1/4", "¾": "3/4"}[written]
    top, bottom = map(int, written.split("/"))
    if top >= bottom:
        return None
    if follows not in {"", "a", "an"}:
        follows = f"an {follows}" if follows == "hour" else f"a {follows}"
    if written == "1/2":
        return f"half {follows}" if follows else "a half"
    said = f"a {_PARTS[bottom]}" if top == 1 else f"{cardinal(top)} {_PARTS[bottom]}s"
    return f"{said} of {follows}" if follows else said


def _range(match: re.Match[str]) -> str | None:
    low, high = parse(match[1], "."), parse(match[2], ".")
    if "-" in match[0] and (low[0] >= high[0] or match[1].startswith("0")):
        return None
    if all(n[0] in _YEARS and not n[1] for n in (low, high)):
        return f"{year(low[0])} to {year(high[0])}"
    return f"{decimal(*low)} to {decimal(*high)}"


def _decade(match: re.Match[str]) -> str:
    number = int(match[1])
    words = year(number) if len(match[1]) == 4 else cardinal(number)  # noqa: PLR2004 (1990s)
    return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"


def _plain(match: re.Match[str]) -> str:
    written = match["number"]
    whole, fraction = parse(written, ".")
    if len(written) == 4 and not match["sign"]:  # noqa: PLR2004 (a year)
        before = words_before(match)
        told = bool(before) and before[0] in _YEAR_BEFORE
        plural = re.fullmatch(r"[a-z]{2,24}s", word_after(match))
        if (whole in _YEARS and (told or not plural)) or (
            whole in _OLD_YEARS and told and not plural
        ):
            return year(whole)
    return _with_sign(match, decimal(whole, fraction))


PRODUCT = Rule(_PRODUCT, lambda _: " by ")
"""The sign between two numbers; "x" makes it a token that begins with a letter."""

MONEY = Rule(_MONEY_BEFORE, _money)
"""Also tried where a token begins with a letter: "EUR 5"."""

RULES = (
    Rule(_ROUND_THE_CLOCK, lambda _: "twenty-four seven"),
    Rule(_TYRE, lambda m: f"{cardinal(int(m[1]))}, {cardinal(int(m[2]))}, R {cardinal(int(m[3]))}"),
    MONEY,
    Rule(_MONEY_AFTER, _money),
    Rule(_MIXED, _mixed),
    Rule(_DECADE, _decade),
    Rule(_MEASURE, _measure),
    Rule(_FRACTION, _fraction),
    Rule(_ORDINAL, lambda m: ordinal(int(m[1]))),
    Rule(_TIMES, lambda m: f"{cardinal(int(m[1]))} times"),
    Rule(_HOUSE, lambda m: f"{cardinal(int(m[1]))} {m[2].upper()}"),
    Rule(_PER_ALONE, lambda m: f" per {_PER[m[1]]}"),
    PRODUCT,
)
"""Amounts with something that says what they are."""

BARE_RULES = (
    Rule(_RANGE, _range),
    Rule(_SCORE, lambda m: f"{cardinal(int(m[1]))} to {cardinal(int(m[2]))}"),
    Rule(_SLASHED, lambda m: f"{cardinal(int(m[1]))} slash "),
    Rule(_VERSION, lambda m: " point ".join(cardinal(int(n)) for n in m[0].split("."))),
    Rule(_PLAIN, _plain),
)
"""Numbers without a unit; after dates, times and codes had their turn."""
