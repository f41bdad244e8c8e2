"""The English rules in the order in which they are tried."""

from __future__ import annotations

import re

from voice_agent.speech.spoken import codes
from voice_agent.speech.spoken.english import calendar, quantities, words
from voice_agent.speech.spoken.english.numbers import TELEPHONE_DIGITS, cardinal
from voice_agent.speech.spoken.scanner import Grammar, Rule

_SPELLING = codes.Spelling(
    digits=TELEPHONE_DIGITS,
    joint=".",
    cardinal=cardinal,
    at="at",
    dot="dot",
    hyphen="dash",
    underscore="underscore",
    slash="slash",
    plus="plus",
    signs={"?": "question mark", "=": "equals", "&": "and", "%": "percent", "~": "tilde"},
    endings={"com": "com", "org": "org", "net": "net", "info": "info", "app": "app", "biz": "biz"},
    dialled=frozenset(
        "call dial phone telephone tel extension ext fax mobile hotline pin reference ticket"
        " code number".split()
    )
    - {"number"},
    counted=frozenset("kilometres kilometers euros customers miles people euro".split()),
    copulas=frozenset(["is"]),
    postcode=frozenset(["postcode", "zip", "plz"]),
    calling=frozenset(
        "call calling dial dialling ring phone emergency emergencies police ambulance".split()
    ),
    introducing=frozenset(["number"]),
    nouns_capital=False,
)

_SIGNS = {
    "&": " and ", "+": " plus ", "=": " equals ", "/": " , ", "%": " percent ", "‰": " per mille ",
    "€": " euros ", "$": " dollars ", "£": " pounds ", "@": " at ", "§": " section ",
    "°": " degrees ", "×": " times ", "±": " plus or minus ", "–": " , ", "-": "-", "½": " a half ",
    "¼": " a quarter ", "¾": " three quarters ", "²": " two ", "³": " three ", "≤": " at most ",
    "≥": " at least ", "≈": " about ",
}  # fmt: skip

_word_codes, _figure_codes = codes.rules(_SPELLING)

GRAMMAR = Grammar(
    words=(quantities.MONEY, quantities.PRODUCT, *calendar.MONTH_RULES, *_word_codes, *words.RULES),
    figures=(
        *calendar.RULES,
        *quantities.RULES,
        *_figure_codes,
        codes.strings(_SPELLING),
        *quantities.BARE_RULES,
        codes.leftover(_SPELLING),
        Rule(re.compile(r"-(?= )"), lambda _: " , "),
        Rule(re.compile(r"[~≈] ?(?=\d)"), lambda _: "about "),
        Rule(re.compile(r"< ?(?=\d)"), lambda _: "under "),
        Rule(re.compile(r"> ?(?=\d)"), lambda _: "over "),
        Rule(re.compile(r"# ?(?=\d)"), lambda _: "number "),
        Rule(re.compile(r"\*(?=[ ,.!?]|$)(?<=[ ,][*])"), lambda _: "star"),
        Rule(re.compile(r"#(?=[ ,.!?]|$)(?<=[ ,][#])"), lambda _: "hash"),
    ),
    signs=_SIGNS,
)
"""Written English as it is said."""
