"""A clear yes: the closed list of what may be said for something to be done (C25).

``assent`` knows every yes a question may get. Here is the part of it that leaves no doubt, and what
may stand beside it. Words that are in no table here make a yes an unclear one, whatever they are:
asking once more costs a moment, an appointment that nobody wanted costs more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.slots.number_words import NUMBER_WORDS
from voice_agent.dialogue.understanding.assent import ASSENT, leading
from voice_agent.dialogue.words import fold

MOST: Final = 20
"""Words of the longest clear yes, with every value said again."""

_VALUE: Final = "_"
"""Stands for a word that repeats what was read back."""

_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CLOCK: Final = re.compile(r"(?<!\d)(\d{1,2}):(\d\d)(?!\d)")
_ORDINAL: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)")


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a language says a clear yes. Patterns of folded words, as in ``Assent``.

    Attributes:
        yes: a yes by itself, to whatever question.
        done: by a word of the question, how one tells to do just that: "book it".
        beside: courtesy, hesitation and joining words, which say nothing.
        clock: minutes past the hour, words said for them before an hour, and by how much that is
            the hour after.
        day: words for parts of the day, each with its hours.
    """

    yes: tuple[str, ...]
    done: Mapping[str, str]
    beside: tuple[str, ...]
    clock: tuple[tuple[int, str, int], ...]
    day: Mapping[str, range]


_IT_DE: Final = r"(?: (?:das|es|ihn|den|den termin|mich|bitte|so|dann|alles|mir|sie|die))*"
_FINE_DE: Final = r"(?:gut|super|prima|perfekt|wunderbar|toll|klasse|bestens)"

_GERMAN: Final = Agreement(
    yes=(
        "ja+(?:wohl|woll|ha)?", "jaja", "jo", "jau", "je+pp?", "jap", "jupp?", "yes", "yep",
        "yeah", "okay", "ok", "okey", "oke", "(?:ganz )?genau(?: so| richtig| das)?", "exakt",
        "(?:(?:das )?ist )?(?:so |alles |ganz )*(?:richtig|korrekt)(?: so)?",
        "(?:das |alles |so )?stimmt(?: das| es)?(?: so| alles| genau)*",
        rf"(?:das |alles |so )?passt(?: mir| uns| so| alles| {_FINE_DE})*", "so passt (?:das|es)",
        "(?:sehr )?gerne?(?: doch)?", "(?:aber |na )?(?:klar|sicher|naturlich)(?: doch)?",
        "aber (?:ja|gerne?|selbstverstandlich)(?: doch)?", "ganz sicher", "selbstverstandlich",
        "(?:(?:das )?(?:ist|geht) )?(?:so |alles )*in ordnung(?: so)?", "alles klar", "freilich",
        "(?:(?:ich )?bin )?(?:damit )?einverstanden", "abgemacht", "gebongt", "logisch", "logo",
        "auf jeden fall", "auf alle falle", "unbedingt", "in der tat", "(?:genau )?so ist es",
        rf"(?:(?:das )?ist )?(?:so |sehr )*{_FINE_DE}(?: so)?", "(?:das )?ist (?:so )?(?:okay|ok)",
        "(?:das )?ist (?:mir )?recht", rf"(?:das )?klingt {_FINE_DE}", "(?:das )?hort sich gut an",
        rf"das ware (?:sehr )?(?:nett|schon|lieb|{_FINE_DE})", "geht klar", "das geht klar",
        r"(?:so |das )*machen (?:wir|wir's|wirs)(?: das| es)?(?: so)?", "so machen",
        "(?:machen|tun) sie (?:das|es)(?: so)?", "das konnen sie (?:gerne? |so )*machen",
        "(?:das )?(?:mochte|will) ich(?: gerne?)?", "(?:das )?(?:kann|mochte) ich bestatigen",
        "ich bestatige(?: das| es)?(?: so)?",
    ),
    done={
        "eintragen": (
            rf"(?:buchen|reservieren|notieren) sie{_IT_DE}|tragen sie{_IT_DE} ein|eintragen|buchen"
        ),
        "absagen": rf"sagen sie{_IT_DE} ab|stornieren sie{_IT_DE}|absagen|stornieren",
        "verschieben": rf"verschieben sie{_IT_DE}|verschieben",
        "weitergeben": rf"geben sie{_IT_DE} weiter|weitergeben",
        "aufnehmen": rf"nehmen sie{_IT_DE} auf|aufnehmen",
        "dabei": (
            r"(?:es |das |alles )?bleibt (?:es |alles )?(?:dabei|so|wie besprochen)(?: so)?"
            r"|(?:ich|wir) (?:komme|kommen|bin|sind|werde|werden)(?: (?:gerne?|naturlich|da|dabei"
            r"|kommen|dann|punktlich|auf jeden fall|hin))*"
        ),
        "zuruckrufen": rf"rufen sie{_IT_DE} zuruck|zuruckrufen",
        "anrufen": r"(?:nicht mehr anrufen|rufen sie (?:mich|uns|hier) (?:bitte )?nicht mehr an)",
        "sms": rf"schicken sie{_IT_DE}|schicken",
    },
    beside=(
        "bitte(?: schon| sehr)?", "danke(?: schon| sehr|schon)?", "vielen dank", "besten dank",
        "ah", "ahm", "ahem", "eh", "ehm", "hm+", "mh", "mhm", "oh", "ach", "ach so", "aha", "so",
        "also(?! gut)", "na(?= (?:das|dann|passt|genau|klar))", "dann", "doch bitte",
        "am", "um", "den", "der", "die", "das(?! (?:ist|stimmt|passt) das)", "uhr", "fur",
        "auf(?= (?:den|_))", "den namen", "name", "mein name(?: ist)?", "herr", "frau",
        "den termin(?: so)?", "der termin", "und(?= _)", "mit(?= _)", "ein(?:en?)?(?= _)",
    ),
    clock=(
        (15, "viertel nach", 0), (30, "halb", 1), (45, "viertel vor", 1), (45, "dreiviertel", 1),
    ),
    day={
        "fruh": range(12), "morgens": range(12), "vormittags": range(12), "vormittag": range(12),
        "mittags": range(11, 15), "nachmittags": range(12, 19), "nachmittag": range(12, 19),
        "abends": range(17, 24), "abend": range(17, 24),
    },
)  # fmt: skip

_IT_EN: Final = r"(?: (?:it|that|this|me|in|the appointment|please|like that|for me|then|so))*"
_FINE_EN: Final = r"(?:good(?! bye)|great|fine|perfect|lovely|wonderful|excellent|brilliant)"

_ENGLISH: Final = Agreement(
    yes=(
        "yes+", "yea+h?", "ye+p", "yup", "ya", "aye", "ok", "okay", "sure(?: thing)?", "for sure",
        "of course", "correct", "right", "exactly(?: right)?", "absolutely", "definitely",
        "certainly", "indeed", "please", "please do", "(?:please )?go ahead", "go for it",
        "(?:(?:that|it)(?:'?s| is) |all |quite |absolutely )*(?:right|correct|okay|ok|true)",
        rf"(?:(?:that|it)(?:'?s| is) |that all |all )?(?:just |all |absolutely |very )?{_FINE_EN}",
        rf"(?:that |it |all )*sounds (?:right|{_FINE_EN})", "(?:that |it )?works(?: for me)?",
        "(?:that|it) (?:works|worked)(?: (?:fine|well))?(?: for me)?", "all ?right", "alright",
        "(?:that |it )?suits me(?: fine| well)?", "do (?:that|it)", "please do (?:that|it)",
        "just like (?:this|that)", "let's do (?:that|it)", "agreed", "i agree", "by all means",
        "gladly", "with pleasure", "you bet", "it is", "i would", "i do", "i'd like that",
        rf"that (?:would|will) be {_FINE_EN}", rf"that'd be {_FINE_EN}", "yes i can confirm",
        "i(?: can)? confirm(?: that| it)?", "i'd love (?:that|to)", "all correct",
    ),
    done={
        "book": rf"(?:please )?(?:book|reserve|schedule){_IT_EN}|put (?:me|it|that) (?:in|down)",
        "cancel": rf"(?:please )?cancel{_IT_EN}",
        "move": rf"(?:please )?(?:move|change|reschedule){_IT_EN}",
        "put": rf"(?:please )?put (?:it|that|me) down{_IT_EN}",
        "pass": rf"(?:please )?pass (?:it|that|the message) on{_IT_EN}",
        "take": rf"(?:please )?take (?:it|that) down{_IT_EN}",
        "there": (
            r"(?:yes )?(?:i|we)(?:'ll| will)(?: \w+)? (?:be there|come|be coming)"
            r"|(?:i'm|we're|i am|we are) (?:still )?coming|(?:i|we) will|see you(?: then| there)?"
            r"|(?:i'll|we'll) be there"
        ),
        "call": rf"(?:please )?call{_IT_EN} back",
        "text": rf"(?:please )?send (?:it|that|me)(?: one| a text)?{_IT_EN}",
    },
    beside=(
        "please", "thanks(?: a lot| very much| so much)?", "thank you(?: very much| so much)?",
        "many thanks", "cheers", "well", "oh", "ah", "uh", "uh huh", "um+", "uhm", "er", "erm",
        "hm+", "mhm", "so", "then", "now", "for me", "on", "at", "the", "of", "o'clock", "oclock",
        "and(?= _)", "with(?= _)", "to(?= _)", "for(?: an?)?(?= _)", "an?(?= _)", "name",
        "my name(?: is)?", "mr", "mrs", "ms", "that", "it",
    ),
    clock=((15, "quarter past", 0), (30, "half past", 0), (45, "quarter to", 1)),
    day={
        "morning": range(12), "am": range(12), "afternoon": range(12, 19), "pm": range(12, 24),
        "evening": range(17, 24), "noon": range(12, 13),
    },
)  # fmt: skip

AGREEMENT: Final[dict[str, Agreement]] = {"de": _GERMAN, "en": _ENGLISH}
"""By language."""


_Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class _Forms:
    """The patterns of one language, each up to the end of a word.

    Attributes:
        words: every word of a yes or beside it; it is read as that, whoever is called so.
        yes: of ``Agreement.yes``.
        done: of ``Agreement.done``.
        beside: of ``Agreement.beside``, and what repeats a value.
    """

    words: frozenset[str]
    yes: _Patterns
    done: Mapping[str, _Patterns]
    beside: _Patterns


def _forms(agreement: Agreement) -> _Forms:
    beside = (*agreement.beside, _VALUE)
    return _Forms(
        frozenset(re.findall(r"[a-z']+", " ".join((*agreement.yes, *beside)))),
        _each(agreement.yes),
        {word: _each([done]) for word, done in agreement.done.items()},
        _each(beside),
    )


def _each(patterns: Sequence[str]) -> _Patterns:
    return tuple(leading([pattern]) for pattern in patterns)


_FORMS: Final = {language: _forms(agreement) for language, agreement in AGREEMENT.items()}


def is_clear_yes(text: str, language: str, question: str = "", read_back: str = "") -> bool:
    """True if every word is a yes, courtesy, or repeats what was read back, and one is a yes.

    "Yes?" asks something back.

    Args:
        text: what the recogniser heard; case and punctuation do not matter, but for that.
        language: ISO 639-1 code of the words.
        question: the question, as it was put.
        read_back: the values it was about, as they were said.
    """
    words = _words(text)
    if len(words) > MOST or "?" in text:
        return False
    forms = _FORMS[language]
    spoken = " ".join(_without_values(words, language, read_back))
    asked = _words(question)
    done = (pattern for word in forms.done if word in asked for pattern in forms.done[word])
    return _accounts(spoken, (*forms.yes, *done), forms.beside)


def _accounts(spoken: str, yes: _Patterns, beside: _Patterns) -> bool:
    """True if the words are nothing but phrases of both, one of ``yes`` among them.

    Step by step, and not as one pattern: its time would double with each word.
    """
    reached = {(0, False)}
    for at in [0, *(space.end() for space in re.finditer(" ", spoken))]:
        for agreed in (False, True):
            if (at, agreed) not in reached:
                continue
            reached |= {(m.end() + 1, True) for p in yes if (m := p.match(spoken, at))}
            reached |= {(m.end() + 1, agreed) for p in beside if (m := p.match(spoken, at))}
    return (len(spoken) + 1, True) in reached


def _words(text: str) -> list[str]:
    """All folded words, hesitation too; what is written in another alphabet is a word as well."""
    return _WORD.findall(fold(text))


def _figures(word: str, language: str) -> str:
    """A number below a hundred in figures, without leading zeros; any other word as it is."""
    ordinal = _ORDINAL.fullmatch(word)
    if ordinal is not None:
        word = ordinal[1]
    if word.isdecimal():
        return word.lstrip("0") or "0"
    cut = NUMBER_WORDS[language].cut(word)
    small = {"zero", "unit", "teen", "ten", "and"}
    if cut is None or any(part.role not in small for part in cut[0]):
        return word
    if all(part.role == "and" for part in cut[0]):
        return word
    return str(sum(part.value for part in cut[0]))


def _never(language: str) -> frozenset[str]:
    """Words that are no repetition, whoever is called so."""
    assent = ASSENT[language]
    return assent.negating | assent.turning | assent.but


def _without_values(words: list[str], language: str, read_back: str) -> Iterator[str]:
    """The words, and ``_VALUE`` in the place of each that says again what was read back."""
    again = frozenset(_repeats(read_back, language)) - _FORMS[language].words - _never(language)
    times = tuple(_times(read_back, language))
    figures = tuple(_figures(word, language) for word in words)
    at = 0
    while at < len(words):
        time = next((each for each in times if figures[at : at + len(each)] == each), ())
        if time or not again.isdisjoint((words[at], figures[at])):
            yield _VALUE
        else:
            yield words[at]
        at += len(time) or 1


def _repeats(read_back: str, language: str) -> Iterator[str]:
    """The words that say again what was read back."""
    for word in _words(read_back):
        figures = _figures(word, language)
        yield figures
        ten = 10
        if language == "en" and figures.isdecimal() and int(figures) % ten:  # "twenty fourth"
            yield from (str(int(figures) // ten * ten), str(int(figures) % ten))
    for hour, _ in _CLOCK.findall(read_back):
        yield _short(int(hour))
        yield from (word for word, at in AGREEMENT[language].day.items() if int(hour) in at)


def _times(read_back: str, language: str) -> Iterator[tuple[str, ...]]:
    """The words that say again the times that were read back, together: "half past two"."""
    for hour, minute in _CLOCK.findall(read_back):
        for past, words, later in AGREEMENT[language].clock:
            if past == int(minute):
                yield (*words.split(), _short(int(hour) + later))


def _short(hour: int) -> str:
    """An hour as it is said of half a day."""
    half_a_day = 12
    return str((hour - 1) % half_a_day + 1)
