"""The German rules in the order in which they are tried."""

from __future__ import annotations

import re

from voice_agent.speech.spoken import codes
from voice_agent.speech.spoken.german import calendar, quantities, words
from voice_agent.speech.spoken.german.numbers import TELEPHONE_DIGITS, cardinal
from voice_agent.speech.spoken.scanner import Grammar, Rule

_SPELLING = codes.Spelling(
    digits=TELEPHONE_DIGITS,
    joint=" ",
    cardinal=cardinal,
    at="ät",
    dot="Punkt",
    hyphen="Bindestrich",
    underscore="Unterstrich",
    slash="Schrägstrich",
    plus="plus",
    signs={"?": "Fragezeichen", "=": "gleich", "&": "und", "%": "Prozent", "~": "Tilde"},
    endings={"com": "komm", "org": "org", "net": "net", "info": "info", "app": "app", "biz": "biz"},
    dialled=frozenset(
        "tel telefon telefonnummer rufnummer notruf handy mobil durchwahl fax rückrufnummer"
        " hotline kundennummer rechnungsnummer auftragsnummer bestellnummer ticketnummer"
        " vorgangsnummer pin code kennwort kundencode".split()
    ),
    counted=frozenset(
        "kilometer euro meter kunden mitarbeiter stück liter besucher teile einwohner autos tage"
        " fahrzeuge menschen personen mal stunden minuten sekunden jahre cent dollar pfund kilo"
        " gramm kilogramm watt punkte seiten prozent tonnen uhr artikel reifen bestellungen".split()
    ),
    copulas=frozenset("lautet ist unter".split()),
    postcode=frozenset(["plz", "postleitzahl"]),
    calling=frozenset(
        "ruf rufe rufen ruft anruf anrufen angerufen wähl wähle wählen wählt gewählt notruf"
        " notrufnummer notfall notfälle notfällen polizei feuerwehr rettungsdienst".split()
    ),
    introducing=frozenset("die der unter nummer nummern".split()),
    nouns_capital=True,
)

_SIGNS = {
    "&": " und ", "+": " plus ", "=": " gleich ", "/": " , ", "%": " Prozent ", "‰": " Promille ",
    "€": " Euro ", "$": " Dollar ", "£": " Pfund ", "@": " ät ", "§": " Paragraf ", "°": " Grad ",
    "×": " mal ", "±": " plus minus ", "–": " , ", "-": "-", "½": " ein halb ",
    "¼": " ein Viertel ", "¾": " drei Viertel ", "²": " zwei ", "³": " drei ",
    "≤": " höchstens ", "≥": " mindestens ",
    "≈": " ungefähr ",
}  # fmt: skip

_word_codes, _figure_codes = codes.rules(_SPELLING)

GRAMMAR = Grammar(
    words=(quantities.MONEY, quantities.PRODUCT, *_word_codes, *words.RULES),
    figures=(
        *calendar.RULES,
        *quantities.RULES,
        *_figure_codes,
        codes.strings(_SPELLING),
        *quantities.BARE_RULES,
        codes.leftover(_SPELLING),
        Rule(re.compile(r"-(?= )"), lambda _: " , "),
        Rule(re.compile(r"[~≈] ?(?=\d)"), lambda _: "ungefähr "),
        Rule(re.compile(r"< ?(?=\d)"), lambda _: "unter "),
        Rule(re.compile(r"> ?(?=\d)"), lambda _: "über "),
        Rule(re.compile(r"# ?(?=\d)"), lambda _: "Nummer "),
        Rule(re.compile(r"\*(?=[ ,.!?]|$)(?<=[ ,][*])"), lambda _: "Stern"),
        Rule(re.compile(r"#(?=[ ,.!?]|$)(?<=[ ,][#])"), lambda _: "Raute"),
    ),
    signs=_SIGNS,
)
"""Written German as it is said."""
