"""Words as they are compared: folded, without fillers, stemmed, and how alike two of them are.

A recogniser spells by ear, so nothing here trusts spelling: case, accents and punctuation are
folded away, and words a letter or two apart count as alike. Nothing here is cached: these are a
caller's words, and they end with the call (rule C18).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_WORDS: Final = 100
"""Words of one utterance that are looked at; a longer one is not a request any more."""

_FOLD: Final = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "’": "'", "`": "'"})

_WORD: Final = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")

FILLERS: Final[frozenset[str]] = frozenset(
    "ah ahm ahem eh ehm erm hm hmm mh oh ooh uh uhm umm na naja tja sozusagen quasi".split()
)
"""Sounds and words that carry nothing in any language; ``um`` and ``er`` are German words."""

SOFTENERS: Final[frozenset[str]] = frozenset(
    "bitte denn eigentlich genau uberhaupt so mal noch also und ja hallo nun please exactly hello "
    "moin hi and so then heute morgen morgens abends jetzt gerade today tomorrow now".split()
)
"""Words that may stand in any question without changing it."""

STOP: Final[dict[str, frozenset[str]]] = {
    "de": frozenset(
        """
        sagt habt seid nennen durchgeben mitteilen verraten erzahlen suche suchen gross grosse
        grossen klein kleine neu neue neuer neuen alt lauft laufen musste mussten brauchen
        brauchte einfach kommen okay ok gut normal normale ungefahr circa rund nehmen bringen
        denke gedacht sagten moglich ab aber alle allen alles als also am an auch auf aus bei
        beim bekomme bekommen bin bis bisschen bitte brauche da dann darf das dass dein dem den
        denn der des dich die dies diese diesen dieser dieses dir doch dort du durch eigentlich
        ein eine einem einen einer eines einmal er erst es etwa etwas euch euer eure fragen
        frage fur gab gabe ganz gar geben gibt gibts geht gehts genau gerade gern gerne gewesen
        guten habe haben hallo hast hat hatte hatten gewusst lieber heute hier ich ihm ihn ihnen
        ihr ihre ihrem ihren ihrer im immer in ins irgend ist ja jemand jetzt kann kannst konnen
        krieg kriege kriegen kriegt lautet lauten uberhaupt besten
        konnten konnte kurz lassen machen macht man mal mein meine meinem meinen meiner mich mir
        mit mochte mochten moin morgen muss mussen nach nachsten nachste nachster nachstes nein
        nicht noch nun nur ob oder ohne per pro sagen sage schon sehr sein sich sie sind so
        solche soll sollte sonst tag uber uhr um und uns unser unter ubermorgen viel vielleicht
        vom von vor war ware was wegen welche welchem welchen welcher welches wenn wer werden
        wie wieder will wir wird wissen wo wollen wollte wollten worum wurde wurden zu zum zur
        zwischen wann warum wieso weshalb wohin woher nochmal bereits gleich zeit euro genauer
        bzw beziehungsweise montag montags dienstag dienstags mittwoch mittwochs donnerstag
        donnerstags freitag freitags vormittag vormittags nachmittag nachmittags abend abends
        fruh morgens woche null eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf
        dreizehn vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig halb viertel
        """.split()
    ),
    "en": frozenset(
        """
        a about actually all also am an and any anything are as at be been but by can could did
        do does don't for from get got had has have having hello hey hi how i i'd i'm i've if in
        into is it it's its just know let like ll maybe me might much my need no not now of off
        on one or our ours please really say so some something tell than that that's the their
        them then there there's these they this those to too today tomorrow up us was we were
        what what's when where where's which who why will with would yes yet you you're your
        yours monday mondays tuesday tuesdays wednesday wednesdays thursday thursdays friday
        fridays morning afternoon evening week next still already o'clock pm euros euro zero two
        three four five six seven eight nine ten eleven twelve half quarter past ask question
        want wanted wondering wonder guys give able okay ok fine possible goes go place set back
        big small new old simple normal roughly guess think
        """.split()
    ),
}
"""Words that do not say what a question is about: function words, politeness, times of day."""

_SUFFIXES: Final[dict[str, tuple[str, ...]]] = {
    "de": ("ungen", "ung", "ern", "en", "em", "er", "es", "e", "s", "t"),
    "en": ("ings", "ing", "ies", "es", "ed", "e", "s", "y"),
}

_STEM_LEAST: Final = 4

_SOUNDS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "de": (
        ("chs", "x"),
        ("ph", "f"),
        ("th", "t"),
        ("dt", "t"),
        ("ck", "k"),
        ("tz", "z"),
        ("ts", "z"),
        ("ie", "i"),
        ("ai", "ei"),
        ("ay", "ei"),
        ("ey", "ei"),
        ("v", "f"),
        ("y", "i"),
    ),
    "en": (("ph", "f"), ("ck", "k"), ("y", "i"), ("our", "or")),
}
"""Spellings that sound the same, and the one they are compared by."""

_DOUBLE: Final = re.compile(r"([a-z])\1")


def fold(text: str) -> str:
    """Lower case, no accents, ``ss`` for sharp s: ``Geöffnet`` and ``geoffnet`` become one."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLD).lower().translate(_FOLD))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def split(text: str) -> list[str]:
    """The folded words of a text in order, fillers left out, at most ``MAX_WORDS``."""
    found = _WORD.findall(fold(text))
    return [word for word in found if word not in FILLERS][:MAX_WORDS]


def content(words: list[str], language: str) -> list[str]:
    """The words that say what it is about."""
    stop = STOP[language]
    return [word for word in words if word not in stop and not word.isdigit()]


def stem(word: str, language: str) -> str:
    """A word as it sounds, without its ending; crude on purpose, likeness does the rest."""
    for suffix in _SUFFIXES[language]:
        if word.endswith(suffix) and len(word) - len(suffix) >= _STEM_LEAST:
            word = word[: -len(suffix)]
            break
    for spelling, sound in _SOUNDS[language]:
        word = word.replace(spelling, sound)
    return _DOUBLE.sub(r"\1", word)


def distance(a: str, b: str, limit: int) -> int:
    """Edit distance with neighbours swapped counting one (optimal string alignment).

    Returns:
        The distance, or ``limit + 1`` as soon as it is certain to be greater.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        here = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, here[j - 1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            here.append(cost)
        if min(here) > limit:
            return limit + 1
        before, row = row, here
    return min(row[-1], limit + 1)


def grams(word: str) -> frozenset[str]:
    """Character trigrams of a word, its ends marked."""
    padded = f"^{word}$"
    return frozenset(padded[i : i + 3] for i in range(len(padded) - 2))


def likeness(ours: frozenset[str], theirs: frozenset[str]) -> float:
    """Dice coefficient of two words' trigrams, 0 to 1."""
    return 2 * len(ours & theirs) / (len(ours) + len(theirs))
