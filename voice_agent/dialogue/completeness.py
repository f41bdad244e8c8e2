"""Whether words are all that somebody was going to say: German and English grammar, no model.

One witness of three for the end of a turn (``speech/endpointing`` weighs them). It judges what the
recogniser wrote, so it trusts endings and small words more than spelling. A sentence that breaks
off is told by what must follow: a noun after an article, a clause after "weil", in German the
infinitive after "möchte" or "können". What a recogniser makes of half a word looks like any other
word; then this witness says that it cannot tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from voice_agent.dialogue.commands import Goodbye, WithdrawConsent
from voice_agent.dialogue.conversation import Question
from voice_agent.dialogue.understanding.builtin import PHRASES
from voice_agent.dialogue.understanding.person import asks_for_person
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal
from voice_agent.dialogue.words import fold

Completeness = Literal["finished", "unfinished", "open"]
"""What the words say of their end; ``open``: it cannot be told."""


SPELT: Final = frozenset({"phone", "phone_number", "number", "name", "plate", "email", "code"})
"""Questions and slots whose answer is digits or spelt, said in groups with long pauses."""

MAX_CHARACTERS: Final = 300
"""Of the end of the text; bounds the time of patterns that can be read in several ways."""

_LONGEST_SHORT: Final = 6
_DICTATED: Final = 2
"""So many figures, number words or single letters in a row at the end, and a number is given."""

_WHOLE_NUMBER: Final = 10
"""Digits that make a telephone number."""

_WORD: Final = re.compile(r"[^\W_]+(?:'[a-z]+)?")
_LAST_CLAUSE: Final = re.compile(r"(?<=[.!?;])\s+")
_BREAKS_OFF: Final = re.compile(r"(?:\.\.+|…|[,:;–—-])\s*$")


@dataclass(frozen=True, slots=True)
class Grammar:
    """How a language shows that something must follow.

    Attributes:
        dangling: last words after which something must come.
        opening: words that open a sentence and are none alone.
        unfinished: patterns of a last clause that lacks its end.
        closed: patterns of a last clause whose grammar is complete.
        moment: a date, a day or a time, at the end of a clause and complete.
        digits: number words below a hundred and letters as they are spelt.
        moments: questions and slots that a date or time answers.
    """

    dangling: frozenset[str]
    opening: frozenset[str]
    unfinished: tuple[re.Pattern[str], ...]
    closed: tuple[re.Pattern[str], ...]
    moment: re.Pattern[str]
    digits: frozenset[str]
    moments: frozenset[str] = frozenset({"date", "time", "day", "moment", "appointment"})


_INFINITIVE: Final = r"(?:\w{2,}(?:en|ern|eln)|tun|sein)"
_NO_VERB: Final = (
    r"(?!(?:einen|keinen|meinen|ihren|unseren|diesen|jeden|den|wen|ihnen|denen|morgen|wegen|gegen"
    r"|zwischen|neben|eben|oben|unten|hinten|sieben|gestern|sondern|gern|extern|intern|nachsten"
    r"|letzten|kommenden|guten|anderen|neuen|ganzen|daten|namen|mochten|wollen|konnen)\b)"
)
"""Words that end like an infinitive and are none."""

_VERB: Final = _NO_VERB + _INFINITIVE

_GERMAN: Final = Grammar(
    dangling=frozenset(
        """
        und oder aber sondern denn weil dass damit obwohl wenn falls ob sobald bevor nachdem wahrend
        sowie bzw beziehungsweise
        am im vom zum zur beim ins ans in von fur mit bei bis seit gegen ohne durch wegen trotz
        zwischen hinter neben statt per um
        der die das den dem des ein eine einen einem einer eines kein keine keinen keinem keiner
        mein meine meinen meinem meiner meines dein deine ihr ihre ihren ihrem ihrer unser unsere
        unseren unserem unserer dieser dieses diesen diesem diese jeder jede jedes jeden jedem
        nachste nachsten nachster nachstes kommende kommenden kommender letzte letzten
        also ah ahm ehm hm hmm halt sozusagen quasi namlich eigentlich wie als sehr ganz viertel
        halb ungefahr circa mochte will wurde wollte hatte ich wir
        """.split()
    ),
    opening=frozenset("am ich wir wann wo wie was konnen haben sind ist gibt also".split()),
    unfinished=(
        # A modal verb without its infinitive.
        re.compile(
            r"\b(?:kann|konnen|konnte|konnten|konntest|kannst|darf|durfen|durfte|muss|mussen|musste"
            rf"|soll|sollen|sollte|wurde|wurden|wurdest)\b(?!.*\b{_VERB}$)"
        ),
        re.compile(
            r"\b(?:mochte|mochten|will|wollen|wollte|wurde)\b"
            rf"(?!.*\b(?:{_VERB}|einen? \w+|keinen? \w+|das|nicht|nichts)$)"
        ),
        # "Mein Name ist".
        re.compile(r"\b(?:mein|meine|unser|unsere|das|es)\b(?: \w+){0,3} (?:ist|sind|war|lautet)$"),
        re.compile(r"\b(?:ich|wir) (?:hatten?|mochten?|wurden?) (?:auch |ganz )?gerne?$"),
        re.compile(r"\bich (?:heisse|bin|habe|hab|hatte|brauche|suche|wollte|nehme|komme)$"),
        # An answer that has only begun.
        re.compile(r"\b(?:wann|wo|was|wie|wo finde|was kostet|wann haben|wie viel) (?:sie|ich)$"),
        # A verb whose object or particle is to come.
        re.compile(r"\b(?:verbinden|rufen|nennen|sagen|geben|schicken) sie (?:mich|mir)?$"),
    ),
    closed=(
        # A question with what it asks about.
        re.compile(
            r"^(?:und |aber |also |ja |hallo |bitte )*(?:(?:wann|wo|was|wie|wer|wen|wem"
            r"|welche[nrsm]?|warum|wieso|wohin|woher|wozu|womit)\b(?: \S+){2,}"
            r"|(?:haben|hat|sind|ist|gibt|geht|gehen|kann|konnen|konnten|darf|muss|machen|nehmen"
            r"|bieten|kostet|brauche|soll|wird|werden|wurden)\b(?: \S+){3,})$"
        ),
        # The verb at the end closes the frame that a modal or an auxiliary verb opened.
        re.compile(
            r"\b(?:mochte|mochten|will|wollen|wollte|kann|konnen|konnte|konnten|muss|mussen|wurde"
            rf"|wurden|darf|soll)\b(?: \w+)+ {_VERB}$"
        ),
        re.compile(
            r"\b(?:habe|haben|hatte|bin|ist|sind|war) (?:\w+ )+(?:\w*ge|ver|be)\w+(?:t|en)$"
        ),
        re.compile(r"\bpasst (?:mir )?(?:\w+ )?(?:gut|nicht|besser)$|\blieber \w+ \w+tags?$"),
    ),
    moment=re.compile(
        r"(?:\b\w+ uhr(?: \w+)?|\bhalb \w+|\bviertel (?:vor|nach|uber) \w+"
        r"|\b(?:mon|diens|donners|frei|sams|sonn)tags?(?: ?(?:vor|nach)?mittags?| ?abends?"
        r"| ?fruh| ?morgens?)?"
        r"|\bmittwochs?(?: ?(?:vor|nach)?mittags?| ?abends?| ?fruh| ?morgens?)?"
        r"|\b(?:uber)?morgen(?: (?:vor|nach)mittag| fruh| abend)?|\bheute(?: \w+)?"
        r"|\b(?:januar|februar|marz|april|mai|juni|juli|august|september|oktober|november"
        r"|dezember)(?: \d+)?"
        r"|\b(?:nachste|kommende|diese|ubernachste) woche)$"
    ),
    digits=frozenset(
        """
        null ein eins zwei zwo drei vier funf sechs sieben acht neun zehn elf zwolf dreizehn
        vierzehn funfzehn sechzehn siebzehn achtzehn neunzehn zwanzig dreissig vierzig funfzig
        sechzig siebzig achtzig neunzig
        """.split()
    ),
)

_ENGLISH: Final = Grammar(
    dangling=frozenset(
        """
        and or but because that if whether when while unless so than as since until before after
        the a an my your our their his her its this these those some any every each another
        at on in of to for with from by into about between during without near around
        is are was were am be been has had having do does did will would could should can
        might must may shall i i'd i'm i'll i've we we'd we'll we're you're it's that's
        like want need very really quite more next last half quarter
        uh um erm er hm hmm well
        """.split()
    ),
    opening=frozenset("i we how what when where can could do is are hello the my".split()),
    unfinished=(
        re.compile(r"\b(?:i|we) (?:would|want|need|have|wanted|would like)(?: to(?: \w+)?)?$"),
        re.compile(r"\b(?:my|our|the|his|her) \w+(?: \w+)? (?:is|are|was)$"),
        re.compile(r"\bi (?:want|need|would like|wanted|'d like) to \w+ (?:my|the|an?|this|it)?$"),
        re.compile(r"\b(?:at|around|about) (?:half|quarter)(?: past| to)?$"),
        re.compile(r"\b(?:half|quarter|\w+) (?:past|to)$"),
    ),
    closed=(
        # A question with what it asks about.
        re.compile(
            r"^(?:and |but |so |yes |hello |please )*"
            r"(?:(?:what|when|where|how|who|which|why|what's)\b(?: \S+){3,}"
            r"|(?:do|does|did|can|could|is|are|have|has|will|would|may|should)\b(?: \S+){3,})$"
        ),
        # A verb with its object.
        re.compile(
            r"\b(?:want|need|like|wanted) to (?:\w+ ){1,4}(?:my|the|an?|your|this|that|some) "
            r"(?:\w+ )?\w+$"
        ),
        re.compile(r"\bi (?:\w+ )?my \w+$|\bwould be (?:better|good|fine|great|nice)$"),
        re.compile(r"^(?!yes please$|no please$)\w+ (?:\w+ ){2,}please$"),
        re.compile(r"\b(?:that works|works|fine|good|okay) (?:for me|with me)$"),
    ),
    moment=re.compile(
        r"(?:\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:morning|afternoon|evening"
        r"|night))?|\b(?:today|tomorrow|tonight)(?: (?:morning|afternoon|evening))?"
        r"|\b(?:half|quarter) (?:past|to) \w+|\b\w+ o'clock|\b\w+ (?:am|pm)|\bnext week"
        r"|\b(?:in the|this) (?:morning|afternoon|evening)"
        r"|\b(?:january|february|march|april|may|june|july|august|september|october|november"
        r"|december)(?: \w+)?)$"
    ),
    digits=frozenset(
        """
        zero oh one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty
        ninety double triple
        """.split()
    ),
)

GRAMMARS: Final[dict[str, Grammar]] = {"de": _GERMAN, "en": _ENGLISH}


PLAIN: Final = frozenset({Question.CONNECT, Question.ANYTHING_ELSE})
"""Questions to which a no is the whole answer."""


def completeness(text: str, language: str, question: str | None = None) -> Completeness:
    """Whether these words can be all.

    Args:
        text: what the recogniser heard of the turn so far; hostile like all input.
        language: ``de`` or ``en``; of another language nothing can be told.
        question: the open question or slot, or ``None``.
    """
    grammar, phrases = GRAMMARS.get(language), PHRASES.get(language)
    text = text[-MAX_CHARACTERS:].strip()
    if grammar is None or phrases is None or not text:
        return "open"
    clause = _LAST_CLAUSE.split(text)[-1]
    words = _words(clause)
    spoken = " ".join(words)
    if not words:
        return "open"
    short = len(words) <= _LONGEST_SHORT
    if is_withdrawal(text) or any(
        isinstance(command, Goodbye | WithdrawConsent) and pattern.search(spoken)
        for pattern, command in phrases.rules
    ):
        return "finished"
    # "No" alone may begin "no, rather on Friday", unless there is nothing to put right.
    denies = question in PLAIN or (question is None and len(words) > 1)
    is_answer = short and (
        phrases.affirm.fullmatch(spoken) or (denies and phrases.deny.fullmatch(spoken))
    )
    is_whole = words[-1] not in grammar.dangling and not _BREAKS_OFF.search(clause)
    if is_answer and is_whole and (question is not None or len(words) > 1):
        return "finished"
    if _lacks_its_end(clause, words, spoken, grammar):
        return "unfinished"
    if question in grammar.moments and grammar.moment.search(spoken):
        return "finished"
    if asks_for_person(spoken, language) or any(each.search(spoken) for each in grammar.closed):
        return "finished"
    return "open"


def _lacks_its_end(clause: str, words: list[str], spoken: str, grammar: Grammar) -> bool:
    alone = len(words) == 1 and words[0] in grammar.opening
    return (
        alone
        or bool(_BREAKS_OFF.search(clause))
        or words[-1] in grammar.dangling
        or any(pattern.search(spoken) for pattern in grammar.unfinished)
    )


def is_spelling(text: str, language: str, question: str | None = None) -> bool:
    """True if digits or letters are expected or being given: pauses between groups are no end.

    Args:
        text: the words so far, empty while there are none.
        language: ``de`` or ``en``.
        question: the open question or slot, or ``None``.
    """
    if question in SPELT:
        return True
    grammar = GRAMMARS.get(language)
    if grammar is None:
        return False
    words = _words(text[-MAX_CHARACTERS:])
    if sum(len(word) for word in words if word.isdigit()) >= _WHOLE_NUMBER:
        return False
    tail = words[-_DICTATED:]
    given = [word.isdigit() or len(word) == 1 or word in grammar.digits for word in tail]
    figures = bool(tail) and tail[-1].isdigit() and len(tail[-1]) > _DICTATED
    return figures or (len(given) == _DICTATED and all(given))


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))
