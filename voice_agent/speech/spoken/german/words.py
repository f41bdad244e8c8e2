"""German abbreviations, acronyms, weekdays in short, Roman numerals."""

from __future__ import annotations

import re

from voice_agent.speech.spoken.german.calendar import SHORT_WEEKDAYS, WEEKDAY_TOKENS, WEEKDAYS
from voice_agent.speech.spoken.german.numbers import cardinal, ordinal
from voice_agent.speech.spoken.roman import NUMERALS
from voice_agent.speech.spoken.scanner import Rule, alternatives, words_before

_ABBREVIATIONS = {
    "z. B.": "zum Beispiel", "d. h.": "das heißt", "u. a.": "unter anderem",
    "usw.": "und so weiter", "u. s. w.": "und so weiter", "bzw.": "beziehungsweise",
    "ggf.": "gegebenenfalls", "inkl.": "inklusive", "einschl.": "einschließlich",
    "exkl.": "exklusive", "zzgl.": "zuzüglich", "abzgl.": "abzüglich", "ca.": "zirka",
    "evtl.": "eventuell", "etc.": "et cetera", "vgl.": "vergleiche", "i. d. R.": "in der Regel",
    "u. U.": "unter Umständen", "o. Ä.": "oder Ähnliches", "o. ä.": "oder ähnlich",
    "z. T.": "zum Teil", "z. Hd.": "zu Händen", "z. H.": "zu Händen", "z. Zt.": "zurzeit",
    "z. Z.": "zurzeit", "s. o.": "siehe oben", "s. u.": "siehe unten", "v. a.": "vor allem",
    "i. A.": "im Auftrag", "u. v. m.": "und vieles mehr", "u. Ä.": "und Ähnliches",
    "m. E.": "meines Erachtens", "o. g.": "oben genannt", "p. a.": "pro Jahr",
    "n. V.": "nach Vereinbarung", "n. Vereinb.": "nach Vereinbarung", "tgl.": "täglich",
    "wg.": "wegen", "gem.": "gemäß", "lt.": "laut", "bspw.": "beispielsweise",
    "sog.": "sogenannt", "bes.": "besonders", "allg.": "allgemein", "gesch.": "geschäftlich",
    "mind.": "mindestens", "min.": "mindestens", "max.": "maximal", "geb.": "geboren",
    "Mio.": "Millionen", "Mrd.": "Milliarden", "Tsd.": "Tausend", "Nr.": "Nummer",
    "Nrn.": "Nummern", "Tel.": "Telefon", "Telef.": "Telefon", "Fax.": "Fax",
    "und/oder": "und oder",
    "gegr.": "gegründet", "PIN": "Pin", "Dr.": "Doktor", "Prof.": "Professor", "Hrn.": "Herrn",
    "Fa.": "Firma",
    "Dipl.-Ing.": "Diplomingenieur", "Ing.": "Ingenieur", "med.": "med", "Str.": "Straße",
    "Pl.": "Platz", "Std.": "Stunden", "Min.": "Minuten", "Sek.": "Sekunden",
    "MwSt.": "Mehrwertsteuer", "MwSt": "Mehrwertsteuer", "USt.": "Umsatzsteuer",
    "Stk.": "Stück", "St.": "Sankt", "Abs.": "Absatz", "Art.": "Artikel", "Kap.": "Kapitel",
    "Abt.": "Abteilung", "Bhf.": "Bahnhof", "Hbf.": "Hauptbahnhof", "Hbf": "Hauptbahnhof",
    "Tgb.": "Tagebuch", "Zi.": "Zimmer", "Whg.": "Wohnung", "Pers.": "Personen",
    "OG": "Obergeschoss", "EG": "Erdgeschoss", "UG": "Untergeschoss", "Jan.": "Januar",
    "Feb.": "Februar", "Febr.": "Februar", "Mrz.": "März", "Apr.": "April", "Jun.": "Juni",
    "Jul.": "Juli", "Aug.": "August", "Sep.": "September", "Sept.": "September",
    "Okt.": "Oktober", "Nov.": "November", "Dez.": "Dezember", "mtl.": "monatlich",
    "jährl.": "jährlich", "wöchentl.": "wöchentlich", "Kto.": "Konto", "Bj.": "Baujahr",
    "WLAN": "W-LAN", "TÜV": "Tüff", "IBAN": "Iban", "km": "Kilometer",
    "kg": "Kilogramm",
}  # fmt: skip
_SPELLED = frozenset(
    "GmbH AG KG OHG mbH e.V. e.K. ADAC KFZ Kfz LKW Lkw PKW Pkw SMS PLZ EU USA GPS PDF KI BMW VW"
    " USB DSGVO AGB FAQ DHL UPS ICE ZDF ARD SUV IT PC TV CD DVD HU AU ASU ABS ESP EC EDV DIN DRK"
    " AOK TK BIC DGUV UVV ÖPNV GLS DPD IHK HWK QR EKG MRT CT AGG BGB StGB HGB".split()
)  # fmt: skip
_WEEKDAY = alternatives([*SHORT_WEEKDAYS, *WEEKDAYS])
_SHORT = alternatives(list(SHORT_WEEKDAYS))
_END = r"(?![^\W\d_])"
_NAMES = "Karl Ludwig Wilhelm Friedrich Heinrich Otto Franz Georg Leopold Paul Benedikt".split()
_NUMBERED = (
    "Kapitel Teil Phase Stufe Typ Klasse Band Abschnitt Version Golf Gruppe Weltkrieg".split()
)


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _pattern(words: list[str]) -> re.Pattern[str]:
    ends = (
        re.escape(w).replace(r"\ ", " ?") + ("" if w.endswith(".") else _END)
        for w in sorted(words, key=len, reverse=True)
    )
    return re.compile("|".join(ends))


# The same at the beginning of a sentence; "Min." is not "min." and stays itself.
_ABBREVIATIONS = {_capital(key): _capital(said) for key, said in _ABBREVIATIONS.items()} | (
    _ABBREVIATIONS
)
_BY_KEY = {key.replace(" ", ""): said for key, said in _ABBREVIATIONS.items()}
_ABBREVIATION = _pattern(list(_ABBREVIATIONS))
_SPELLED_PATTERN = _pattern(list(_SPELLED))
_CONSONANTS = re.compile(rf"[BCDFGHJKLMNPQRSTVWXZ]{{2,5}}{_END}")
_STREET = re.compile(r"([^\W\d_]{2,40})str\.")
_MRS = re.compile(r"Fr\.?(?= (?:[A-ZÄÖÜ]|Dr\.|Prof\.))")
_MR = re.compile(r"Hr\.")
_BEFORE_HERRN = frozenset(
    "bei mit von an für zu über durch ohne gegen nach um den dem des herrn".split()
)
_DAY_SPAN = re.compile(rf"({_WEEKDAY})\.?(?: ?[–-] ?| bis )({_WEEKDAY})(?:\.|{_END})")
_DAY_DOTTED = re.compile(rf"({_SHORT})\.(?![^\W\d_])")
_DAY_ALONE = re.compile(rf"(Mo|Mi|Fr|Sa){_END}")  # the others are words, too, or names
_DAY_LISTED = re.compile(
    rf"({_SHORT})(?=(?:, ?| ?[/+&] ?| und | oder )(?:{_WEEKDAY}){_END}"
    r"|,? \d{1,2}(?:[:.–-]\d| ?[–-] ?\d| Uhr)|:? \d{1,2}[:.]\d)"
)
_DAY_LAST = re.compile(rf"({_SHORT}){_END}")
_ROMAN = re.compile(rf"({alternatives(_NUMBERED)}) ({alternatives(list(NUMERALS))}){_END}")
_REGNAL = re.compile(rf"({alternatives(_NAMES)}) ({alternatives(list(NUMERALS))})\.")
_BEFORE_FRIDAY = (
    frozenset("am bis ab zum vom jeden nächsten diesen kommenden".split()) | WEEKDAY_TOKENS
)


def _abbreviation(match: re.Match[str]) -> str:
    return _BY_KEY[match[0].replace(" ", "")]


def _mrs(match: re.Match[str]) -> str | None:
    before = [token for token in words_before(match) if token not in {",", "und", "oder"}]
    return None if before and before[0] in _BEFORE_FRIDAY else "Frau"


def _mr(match: re.Match[str]) -> str:
    before = words_before(match)
    return "Herrn" if before and before[0] in _BEFORE_HERRN else "Herr"


def _day_span(match: re.Match[str]) -> str:
    first, last = (SHORT_WEEKDAYS.get(day, day) for day in match.groups())
    return f"{first} bis {last}"


def _day(match: re.Match[str]) -> str:
    return SHORT_WEEKDAYS[match[1]]


def _day_last(match: re.Match[str]) -> str | None:
    """The "Fr" of "Mo, Mi, Fr": a weekday in short that another one goes before."""
    before = [token for token in words_before(match) if token not in {",", "und", "oder"}]
    return _day(match) if before and before[0] in WEEKDAY_TOKENS else None


def _spelled(match: re.Match[str]) -> str:
    return " ".join(letter.upper() for letter in match[0] if letter.isalpha())


RULES = (
    Rule(_MRS, _mrs),
    Rule(_MR, _mr),
    Rule(_DAY_SPAN, _day_span),
    Rule(_DAY_DOTTED, _day),
    Rule(_DAY_ALONE, _day),
    Rule(_DAY_LISTED, _day),
    Rule(_DAY_LAST, _day_last),
    Rule(_SPELLED_PATTERN, _spelled),
    Rule(_ABBREVIATION, _abbreviation),
    Rule(_STREET, lambda m: f"{m[1]}straße"),
    Rule(_ROMAN, lambda m: f"{m[1]} {cardinal(NUMERALS[m[2]])}"),
    Rule(_REGNAL, lambda m: f"{m[1]} der {ordinal(NUMERALS[m[2]], 'e').capitalize()}"),
    Rule(_CONSONANTS, _spelled),
)
"""Rules for tokens that begin with a letter, in order."""
