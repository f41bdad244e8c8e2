"""The German words of the grammar for moments."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots.moment_words import Lexicon, lexicon

_SMALL: Final = (
    "null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn vierzehn funfzehn"
    " sechzehn siebzehn achtzehn neunzehn"
).split()
_TENS: Final = "_ zehn zwanzig dreissig vierzig funfzig sechzig siebzig achtzig neunzig".split()
_YEARS: Final = range(2020, 2050)
_ORDINALS: Final = 40
_ENDINGS: Final = ("e", "en", "er", "em", "es")
_STEMS: Final = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}


def _cardinal(number: int) -> str:
    if number < len(_SMALL):
        return _SMALL[number]
    tens, units = divmod(number, 10)
    unit = ("ein" if units == 1 else _SMALL[units]) + "und" if units else ""
    return unit + _TENS[tens]


def _numbers() -> dict[str, str]:
    found = {_cardinal(number): f"#n{number}" for number in range(100)}
    found |= {"zwo": "#n2", "dreizig": "#n30", "zweizig": "#n20", "sechszehn": "#n16"}
    for year in _YEARS:
        found[f"zweitausend{_cardinal(year - 2000)}"] = f"#n{year}"
        found[f"zweitausendund{_cardinal(year - 2000)}"] = f"#n{year}"
    for number in range(1, _ORDINALS):
        small = number < len(_SMALL)
        stem = _STEMS.get(number, _cardinal(number) + ("t" if small else "st"))
        found |= {stem + ending: f"#o{number}" for ending in _ENDINGS}
    found |= {f"siebent{ending}": "#o7" for ending in _ENDINGS}
    found |= {f"zwot{ending}": "#o2" for ending in _ENDINGS}
    return found


_WEEKDAYS: Final = {
    "montag": 0,
    "dienstag": 1,
    "mittwoch": 2,
    "donnerstag": 3,
    "freitag": 4,
    "samstag": 5,
    "sonnabend": 5,
    "sonntag": 6,
    # What is written by ear.
    "dinstag": 1,
    "mitwoch": 2,
    "donerstag": 3,
    "freitach": 4,
    "dienstach": 1,
    "montach": 0,
    "sammstag": 5,
}
_PARTS: Final = {
    "fruh": "dawn",
    "morgen": "morning",
    "vormittag": "morning",
    "mittag": "noon",
    "nachmittag": "afternoon",
    "abend": "evening",
    "nacht": "night",
}
_MONTHS: Final = (
    "januar|janner|jan februar|feber|feb marz|mrz april|apr mai juni|juno juli|julei august|aug"
    " september|sept|sep oktober|okt november|nov dezember|dez"
).split()

_FEASTS: Final = {
    "newyear": "neujahr neujahrstag",
    "epiphany": "dreikonigstag dreikonige",
    "valentine": "valentinstag",
    "womensday": "frauentag",
    "mayday": "maifeiertag",
    "assumption": "himmelfahrtstag_maria",
    "reformation": "reformationstag halloween",
    "allsaints": "allerheiligen",
    "martin": "martinstag",
    "nicholas": "nikolaus nikolaustag",
    "xmaseve": "heiligabend heiligabends weihnachtsabend",
    "weihnachten": "weihnachten weihnachtstage weihnachtsfeiertage weihnachtsfeiertagen weihnacht",
    "holidays": "feiertage feiertagen",
    "newyearseve": "silvester sylvester silvesterabend",
    "rosemonday": "rosenmontag",
    "shrovetuesday": "faschingsdienstag fastnachtsdienstag",
    "carnival": "karneval fasching fastnacht",
    "ashwednesday": "aschermittwoch",
    "maundythursday": "grundonnerstag",
    "goodfriday": "karfreitag",
    "eastersaturday": "karsamstag ostersamstag",
    "easter": "ostern osterfeiertage osterfeiertagen ostertage",
    "eastersunday": "ostersonntag",
    "eastermonday": "ostermontag",
    "ascension": "himmelfahrt vatertag himmelfahrtstag",
    "pentecost": "pfingsten",
    "whitsunday": "pfingstsonntag",
    "whitmonday": "pfingstmontag",
    "corpuschristi": "fronleichnam",
}

_STARTERS: Final = (
    "danke ich wir es er sie ihr vielen bitte geht ginge passt ja nein aber haben habe kann konnen"
    " ist sind ware auf gern gerne vielleicht dann wenn also mein meine unser dort da wie was"
    " wann wo welche mir uns okay ok gut super prima genau so lieber ansonsten sonst hallo tschuss"
    " oder weil denn mit bei geben sagen machen nehmen alles klar perfekt wunderbar moglich"
).split()
"""Words that begin sentences and are no nouns, though they have a capital then."""

_LEMMAS: Final = {
    "der": "der die das dem den des",
    "ein": "ein eine einem einen einer eines",
    "next": "nachste nachsten nachster nachstes nachstem nachst nachte nachsde",
    "coming": "kommende kommenden kommender kommendes kommendem folgende folgenden",
    "this": "diese diesen dieser dieses diesem",
    "last": "letzte letzten letzter letztes letztem vergangene vergangenen vergangener vorige"
    " vorigen voriger",
    "afternext": "ubernachste ubernachsten ubernachster ubernachstes ubernachst",
    "day": "tag tage tagen tages",
    "week": "woche wochen",
    "month": "monat monate monaten monats",
    "year": "jahr jahre jahren jahres",
    "hour": "stunde stunden",
    "minute": "minute minuten",
    "weekend": "wochenende wochenend wochenenden",
    "today": "heute heut",
    "overmorrow": "ubermorgen ubermorgn uebermorgen",
    "yesterday": "gestern",
    "between": "zwischen",
    "from": "von vom",
    "until": "bis",
    "before": "vor vorm",
    "after": "nach",
    "at": "um",
    "on": "am an",
    "within": "innerhalb binnen",
    "in": "in im ins",
    "oder": "oder beziehungsweise bzw",
    "half": "halb halbe halben halbes halber",
    "quarter": "viertel virtel fiertel",
    "threequarter": "dreiviertel dreivirtel",
    "begin": "anfang",
    "middle": "mitte",
    "end": "ende",
    "early": "fruhen fruher fruhe fruhem",
    "late": "spaten spater spate spatem",
    "uhr": "uhr uhren ur",
    "gegen": "gegen circa zirka ca etwa ungefahr rund",
    "spatestens": "spatestens",
    "kw": "kw kalenderwoche",
    "ausser": "ausser ausgenommen bloss_nicht",
    "kein": "kein keine keinen keinem keiner keinesfalls",
    "nicht": "nicht nich net",
    "#plate": "spat",
    "late #pevening": "spatabends spatabend",
    "early #pmorning": "fruhmorgens",
    "#pnoon": "mittags mittag mittagszeit",
    "#pmorning": "vormittag vormittags",
    "#pafternoon": "nachmittag nachmittags",
    "#pevening": "abend abends",
    "#pnight": "nacht nachts",
    "#pdawn": "fruh morgens",
}


def _lexicon() -> Lexicon:
    words = {word: word for word in _STARTERS} | _numbers()
    for symbol, forms in _LEMMAS.items():
        words |= dict.fromkeys(forms.split(), symbol)
    for weekday, number in _WEEKDAYS.items():
        words |= dict.fromkeys((weekday, f"{weekday}s"), f"#w{number}")
        for part, name in _PARTS.items():
            words |= dict.fromkeys((weekday + part, f"{weekday}{part}s"), f"#w{number} #p{name}")
    for number, names in enumerate(_MONTHS, 1):
        words |= dict.fromkeys(names.split("|"), f"#m{number}")
        longest = names.split("|")[0]
        words[f"{longest}s"] = f"#m{number}"
        words[f"{longest}woche"] = f"monthweek #m{number}"
        words[f"{longest}halfte"] = f"monthhalf #m{number}"
        for phase, symbol in (("anfang", "begin"), ("mitte", "middle"), ("ende", "end")):
            words[f"{longest}{phase}"] = words[f"{phase}{longest}"] = f"{symbol} #m{number}"
    for unit, symbol in (("woche", "week"), ("monat", "month"), ("jahre", "year")):
        for phase, said in (("anfang", "begin"), ("mitte", "middle"), ("ende", "end")):
            if unit + phase != "wocheende":
                words.setdefault(
                    f"{unit}{'n' if unit == 'woche' else 's'}{phase}", f"{said} {symbol}"
                )
    for name, forms in _FEASTS.items():
        words |= dict.fromkeys(forms.split(), f"#f{name}")
    words["montage"] = "montage"  # the work, a letter from "montags"
    return lexicon(
        words,
        alike=frozenset(
            {"#w", "#m", "overmorrow", "#pmorning", "#pafternoon", "next", "afternext", "weekend"}
        ),
        joined=("halb", "dreiviertel", "viertel", "uhr", "um", "gegen"),
        ordinal_stop=True,
    )


LEXICON: Final = _lexicon()
"""German words and their symbols."""
