"""Gender and case, as far as the words beside a number give them away.

Endings follow the usual paradigm of German adjectives (weak after the definite article, mixed
after ``ein``, strong without an article) and of ``ein``.
"""

from __future__ import annotations

import re

from voice_agent.speech.spoken.scanner import word_after, words_before

# Gender by the longest ending of the noun that is listed; "" is the guess for all others.
_GENDER = {
    "": "m",
    **dict.fromkeys(
        "e ung heit keit schaft ion tät nacht person taste million milliarde mail nummer spur tür"
        " uhr firma stadt kraft schicht nachricht hand wahl rate kundin kollegin mitarbeiterin bank"
        " stunde sekunde bahn fahrt antwort durchwahl linie ferne klasse".split(),
        "f",
    ),
    **dict.fromkeys(
        "kunde name kollege junge beifahrer kaffee tee see schnee käse auftrag termin".split(), "m"
    ),
    **dict.fromkeys(
        "jahr auto rad kilo pfund prozent grad ende auge interesse gebäude getriebe gelände stück"
        " mal kind haus büro geschoss obergeschoss untergeschoss og ug zimmer paket angebot gramm"
        " kilogramm fahrzeug foto formular quartal drittel viertel achtel ticket konto wochenende"
        " blatt pferd mitglied bett öl teil werktor tor".split(),
        "n",
    ),
}  # fmt: skip

DATIVE = frozenset(
    "in nach seit mit vor von ab bei aus zu innerhalb binnen gegenüber samt an auf unter".split()
)
ACCUSATIVE = frozenset(
    "für um ohne gegen durch bis pro je dauert dauern kostet kosten habe haben hat braucht brauchen"
    " hätte hätten noch gibt nehmen nimmt bekommen bekommt warten buchen wünschen sehe sehen finde"
    " finden verlieren sparen".split()
)
_WEAK_N = frozenset(
    "am im vom zum zur beim ins dem den des einem einen eines einer keinem keinen keiner meinem"
    " meinen meiner ihrem ihren ihrer ihres unserem unseren unserer unseres seinem seinen jedem"
    " jeden jedes diesem diesen dieses welchem welchen zwischen".split()
)
_WEAK_E = frozenset("die das jede diese eine keine meine ihre unsere seine deine eure".split())
_MIXED = frozenset("ein kein mein ihr unser sein dein euer".split())
_STRONG = {"nominative": {"m": "er", "f": "e", "n": "es"},
           "accusative": {"m": "en", "f": "e", "n": "es"},
           "dative": {"m": "em", "f": "er", "n": "em"}}  # fmt: skip
_ONE = {"nominative": {"m": "ein", "f": "eine", "n": "ein"},
        "accusative": {"m": "einen", "f": "eine", "n": "ein"},
        "dative": {"m": "einem", "f": "einer", "n": "einem"}}  # fmt: skip
_JOINING = frozenset(["und", "oder", "sowie", "bis", ","])
_ADJECTIVE = re.compile(r"[a-zäöüß]{2,24}(er|es|e|en|em)")
_BY_ENDING = {"er": "ein", "es": "ein", "e": "eine", "en": "einen", "em": "einem"}
_NO_ADJECTIVE = frozenset(
    "oder aber über unter hinter wieder immer danke bitte heute morgen ohne gegen neben zwischen"
    " wegen kommen drücken sagen rufen haben werden können sollen müssen wollen möchten gerne"
    " alle keine wäre hätte würde".split()
)
_LABELS = frozenset(
    "taste nummer nr zimmer raum platz gleis halle option stufe teil kapitel punkt version gruppe"
    " tor linie zone seite absatz artikel paragraf phase etage box bühne schalter klasse die ziffer"
    " zahl ps".split()
)


def gender(noun: str) -> str:
    """``m``, ``f`` or ``n``, guessed from the noun's ending."""
    noun = noun.lower()[-24:]
    return next(_GENDER[noun[i:]] for i in range(len(noun) + 1) if noun[i:] in _GENDER)


def case(before: list[str]) -> str:
    """The case that the word before asks for; nominative where it asks for none."""
    word = before[0] if before else ""
    if word in DATIVE:
        return "dative"
    return "accusative" if word in ACCUSATIVE else "nominative"


def one(match: re.Match[str], noun: str | None = None) -> str:
    """The form of 1 at this place: ``eins``, ``ein``, ``eine``, ``einen``, ``einem``, ``einer``.

    Args:
        match: the written number.
        noun: what is counted, where it was part of what was read; else the next word is looked at.
    """
    before = words_before(match)
    if noun is None:
        noun = word_after(match)
        if before and before[0].rstrip(".") in _LABELS:
            return "eins"
        if adjective := _ADJECTIVE.fullmatch(noun):
            return "eins" if noun in _NO_ADJECTIVE else _BY_ENDING[adjective[1]]
    if not noun[:1].isupper():
        return "eins"
    return _ONE[case(before)][gender(noun)]


def ending(before: list[str], kind: str) -> str:
    """The ending of an ordinal.

    Args:
        before: the tokens before it, nearest first, in lower case.
        kind: gender of the noun it belongs to.
    """
    before = past_series(before)
    word = before[0] if before else ""
    if word in {"der", "jeder", "dieser", "welcher"}:
        return "en" if kind == "f" else "e"  # "der dritte Gang", "in der dritten Etage"
    if word in _WEAK_N:
        return "en"
    if word in _WEAK_E:
        return "e"
    if word in _MIXED:
        return _STRONG["nominative"][kind]
    return _STRONG[case(before)][kind]


def past_series(before: list[str]) -> list[str]:
    """Go back over "3. und", "3.–" or "24.12. bis": the first member's article rules them all."""
    while before:
        near = before[:4]
        first = next((i for i, word in enumerate(near) if word[0].isdecimal()), -1)
        joined = first == 0 or before[0] in _JOINING
        if first < 0 or not joined or not before[first].endswith("."):
            break
        while first + 1 < len(before) and before[first + 1][0].isdecimal():
            first += 1
        before = before[first + 1 :]
    return before
