"""Words around names: introductions, titles, particles, and what is no name."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots.tokens import phrase_tables
from voice_agent.dialogue.words import STOP as FUNCTION_WORDS

STRONG: Final = phrase_tables(
    de="""
        mein name ist, mein name lautet, mein name war, mein nachname ist, name ist, mein nachname
        lautet, mein vorname ist, der name ist, der name lautet, ich heisse, ich heiss, hier
        spricht, auf den namen, unter dem namen, auf den nachnamen, der nachname ist, nachname,
        vorname, mein name, name, es spricht
    """,
    en="""
        my name is, my name's, the name is, the name's, name is, my last name is, my surname is, my
        first name is, my full name is, last name is, surname is, i'm called, i am called, under the
        name of, under the name, call me, you are speaking with, you're speaking with, surname, last
        name, first name
    """,
)
"""After these comes a name, however it is written."""

SURNAME: Final = phrase_tables(
    de="nachname ist, nachname lautet, nachname, mit nachnamen",
    en="last name is, surname is, family name is, last name, surname",
)
"""After these comes the last name, where the first one has been said."""

FIRST_NAME: Final = phrase_tables(
    de="vorname ist, vorname lautet, vorname, mit vornamen",
    en="first name is, given name is, first name",
)
"""After these comes the first name, where the last one has been said."""

WEAK: Final = phrase_tables(
    de="hier ist, hier, ich bin's, ich bins",
    en="this is, i'm, i am, it's, it is, here is",
)
"""After these may come a name, if it looks like one and nothing else follows."""

WEAKER: Final = phrase_tables(
    de="ich bin, bin, da ist, das ist, es ist",
    en="that's",
)
"""The same; of one word after them only if a name was asked for: "Ich bin Stammkunde"."""

AFTER: Final = phrase_tables(
    de="am apparat, ist mein name, mein name, hier, am telefon",
    en="is my name, speaking, here, is the name",
)
"""Before these a clause is a name."""

HONORIFICS: Final = frozenset(
    "herr herrn frau familie mr mrs ms miss mister mister madam der die the".split()
)
SPELLS: Final = frozenset(
    "schreibt schreibe geschrieben buchstabiert buchstabiere spelled spelt spell spells".split()
)
"""Words with which a name is spelt that nobody asked for."""

ADVERBS: Final = frozenset("nochmal noch mal wieder nochmals again just".split())
"""Words between an introduction and the name."""

TITLES: Final = {
    "dr": "Dr.", "doktor": "Dr.", "doctor": "Dr.", "prof": "Prof.", "professor": "Prof.",
    "dipl": "Dipl.", "ing": "Ing.", "med": "med.",
}  # fmt: skip
PARTICLES: Final = frozenset(
    "von vom zu zum zur van vander de der den del della di da dos das la le ten ter al el bin ben"
    " af av san".split()
)
COMPANY: Final = frozenset(
    "firma gmbh werkstatt company office team polizei praxis hotel familie".split()
)
STOP: Final = {
    "de": FUNCTION_WORDS["de"]
    | frozenset(
        """
        aus apparat name namen hallo tag guten moin servus rufe ruf anruf wegen aber jetzt
        buchstabiere buchstabiert buchstabieren geschrieben schreibt kunde kundin neukunde patient
        patientin mitglied rentner student schluss montag januar februar marz april mai juni juli
        august september oktober november dezember krank spat richtig falsch unterwegs telefon
        danke vielen dank vorname nachname wohne mitarbeiter mensch person berater tschuss
        wiederhoren hilfe englisch deutsch moment entschuldigung wiederholen privat spater
        datenschutz interessiert einverstanden sicher leerzeichen termin
        """.split()
    ),
    "en": FUNCTION_WORDS["en"]
    | frozenset(
        """
        later private never mind privacy operator agent human person representative goodbye bye
        help english german wait moment here calling from speaking name names spelled spelt spelling
        hello good morning thanks thank urgent important right wrong correct great sorry sure
        customer late sick fine happy january february march april june july august september
        october november december trying looking spell first last surname ringing phoning afraid
        interested double appointment
        """.split()
    ),
}
"""Words that end a name or are none."""


POLITE: Final = frozenset(
    """
    ja jawohl also gerne gern klar naturlich sicher okay ok ja hallo guten tag moin servus bitte das
    ist war ware so und nein yes sure of course hello hi good morning well it's that's okay please
    certainly auf dann
    """.split()
)
"""Words that may stand before a name that was asked for."""


FOLLOWING: Final = {
    "de": frozenset("aus von und hier mit".split()),
    "en": frozenset("from and calling here speaking with".split()),
}
"""Words that may stand after a name without making a sentence of it."""
