"""Yes and no in German and English, in every form callers give them. Patterns of folded words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Assent:
    """How a language says yes and no.

    Attributes:
        yes: patterns of phrases that are a yes by themselves.
        no: patterns of phrases that are a no.
        soft: patterns of what may stand beside either.
        undecided: patterns of phrases that are neither.
        strong: the words that are an answer wherever they stand in a sentence.
        polite: phrases of ``yes`` that decline after a no: "nein, passt schon".
        turning: words with which somebody takes an answer back.
        but: words that take back a part of what was said.
        negating: words that make a no of a sentence without any.
    """

    yes: tuple[str, ...]
    no: tuple[str, ...]
    soft: tuple[str, ...]
    undecided: tuple[str, ...]
    strong: frozenset[str]
    polite: frozenset[str]
    turning: frozenset[str]
    but: frozenset[str]
    negating: frozenset[str]


def any_of(patterns: Sequence[str]) -> str:
    """One pattern for all, the longest first."""
    return "(?:" + "|".join(sorted(patterns, key=len, reverse=True)) + ")"


def leading(patterns: Sequence[str]) -> re.Pattern[str]:
    """What matches one of them at the beginning of words, up to the end of a word."""
    return re.compile(f"{any_of(patterns)}(?= |$)")


_GERMAN: Final = Assent(
    yes=(
        "ja(?:wohl|ha|a)?", "jo", "joa", "jau", "jep", "jap", "jupp?", "yes", "okay", "ok", "okey",
        "oke", "genau(?: so)?", "richtig", "stimmt(?: genau| so)?", "gerne?", "klar", "sicher",
        "naturlich", "selbstverstandlich", "korrekt", "einverstanden", "unbedingt", "freilich",
        "doch", "mhm", "exakt", "prima", "perfekt", "super", "wunderbar", "logisch", "logo",
        "klasse", "toll", "bestens", "sehr gerne?", "alles klar", "in ordnung", "auf jeden fall",
        "auf alle falle", "aber (?:ja|sicher|klar|gerne?|naturlich)", "na klar", "na gut",
        "von mir aus", "warum nicht", "meinetwegen", "ist gut",
        "(?:das )?(?:ist )?(?:mir )?recht", "das ware mir (?:sehr )?lieb",
        "eigentlich schon", "das konnen sie (?:gerne? )?machen",
        "ist okay", "ist ok",
        "(?:das )?passt(?: mir| uns)?(?: schon| so| gut| super| prima| perfekt)*", "das stimmt",
        "das ist (?:richtig|korrekt|okay|ok|gut|in ordnung|super|prima)", "so ist es", "ganz genau",
        "das ware (?:nett|gut|schon|toll|super|prima|perfekt)", "machen sie (?:das|mal)",
        "tun sie das", "so machen wir(?:s| das| es)?", "machen wir(?: so| das)?", "geht klar",
        "(?:das )?geht(?: gut| in ordnung)?", "das geht(?: gut)?", "gut", "kein problem",
        "nicht schlecht", "(?:da )?spricht nichts dagegen", "nichts dagegen",
        "da habe ich nichts dagegen", "abgemacht", "gebongt", "ich bin (?:dafur|einverstanden)",
        "(?:ich )?(?:glaube|denke|meine|schatze) (?:schon|ja)", "wenn es sein muss",
        "aber sicher doch", "das klingt gut", "klingt gut",
        "hort sich gut an", "gern doch", "jederzeit",
        "in der tat", "allerdings", "da sage ich nicht nein", "das machen wir", "bin dabei",
    ),
    no=(
        "nein", "nee", "ne", "no", "nope", "nicht", "keinesfalls", "auf keinen fall",
        "auf gar keinen fall", "(?:doch )?lieber (?:doch )?nicht", "besser nicht", "eher nicht",
        "falsch", "(?:das )?stimmt (?:so )?nicht", "das ist falsch", "das ist nicht richtig",
        "nicht richtig", "(?:das )?passt (?:mir |uns )?(?:leider |gar |so |da )*nicht",
        "(?:das )?geht (?:leider |gar |so |da )*nicht", "(?:das )?ist nicht notig", "nicht notig",
        "muss nicht sein", "kein bedarf", "(?:das )?brauche ich nicht", "(?:das )?will ich nicht",
        "(?:das )?mochte ich nicht", "niemals", "nie", "nie im leben", "keineswegs", "ungern",
        "(?:ganz )?sicher nicht", "bestimmt nicht", "naturlich nicht", "gar nicht",
        "uberhaupt nicht", "wohl kaum", "kaum", "nicht wirklich", "doch nicht", "mitnichten",
        "nicht unbedingt", "nicht so gerne?", "(?:ich )?(?:glaube|denke) (?:eher |ich )?nicht",
        "ich bin dagegen", "nicht einverstanden", "im leben nicht", "nichts da", "auch nicht",
        "kommt nicht in ?frage", "vergiss es", "vergessen sie es", "nicht gerne?", "ach was",
    ),
    soft=(
        "bitte(?: schon)?", "danke(?: schon)?", "vielen dank", "dann", "mal", "so", "ach", "ach so",
        "also", "na", "oh", "aha", "doch", "jetzt", "leider", "aber", "eigentlich",
        "im moment nicht", "heute nicht", "sehr", "das", "schon",
    ),
    undecided=(
        "vielleicht", "(?:das )?weiss (?:ich )?(?:noch |gar )*nicht(?: genau)?",
        "ich weiss (?:es )?(?:noch |gar )*nicht(?: genau)?", "keine ahnung",
        "mal (?:sehen|schauen)",
        "kommt (?:drauf|darauf) an", "(?:das )?kommt (?:ganz )?(?:drauf|darauf) an", "jein",
        "eventuell", "moglicherweise", "(?:ich )?bin (?:mir )?nicht (?:ganz |so )?sicher",
        "nicht (?:ganz )?sicher", "muss ich (?:mir )?(?:noch |erst )*uberlegen", "schwer zu sagen",
        "(?:das )?ist mir (?:ganz )?(?:egal|gleich)", "(?:mir )?egal", "teils teils",
        "(?:das )?(?:kann|konnte|mag)(?: schon)? sein",
    ),
    strong=frozenset("ja jawohl jaha nein nee ne yes no klar gerne gern naturlich".split()),
    polite=frozenset(
        """
        gut passt passt schon das passt ist gut okay ok alles klar in ordnung prima super danke
        das passt schon ist okay schon gut das ist gut kein problem das passt so passt so
        """.split()
    ),
    turning=frozenset(
        "doch quatsch moment halt sorry entschuldigung obwohl vielmehr stopp falsch pardon".split()
    ),
    but=frozenset({"aber"}),
    negating=frozenset("nicht kein keine keinen keinem keiner nichts nie niemals".split()),
)  # fmt: skip

_ENGLISH: Final = Assent(
    yes=(
        "yes", "yeah", "yep", "yup", "yea", "ya", "aye", "uh huh", "mhm", "ok", "okay", "sure",
        "sure thing", "for sure", "correct", "right", "exactly", "absolutely", "definitely",
        "certainly", "of course", "fine", "great", "perfect", "alright", "all right", "indeed",
        "sounds (?:good|great|fine|perfect|lovely|right)", "(?:that )?works(?: for me)?(?: fine)?",
        "that's (?:right|fine|correct|good|great|okay|perfect|true)", "go ahead", "please do",
        "that is (?:right|fine|correct|good|okay|true)", "why not", "do that", "i do", "i would",
        "for me", "i'd like that", "i'd love (?:that|to)",
        "that would be (?:great|nice|good|lovely|fine|perfect)",
        "no problem(?: at all)?", "no worries", "not bad", "not a problem",
        "by all means", "you bet",
        "gladly", "go for it", "with pleasure", "i think so", "i guess(?: so)?",
        "i suppose(?: so)?", "i believe so", "i don't mind", "let's do (?:that|it)", "let's go",
        "that'll do", "that will do", "good", "excellent", "wonderful", "lovely", "brilliant",
        "true", "it is", "i am", "we do", "i can", "please", "cool", "happy to", "agreed",
        "that'd be (?:great|nice|good|lovely|fine)", "very well", "it does", "certainly yes",
    ),
    no=(
        "no", "nope", "nah", "naw", "not really", "no way", "never", "wrong", "incorrect",
        "i don't", "i do not", "i don't think so", "i do not think so", "not at all",
        "that's (?:wrong|not (?:right|correct|true|it))", "that is (?:wrong|not right)",
        "that is not correct", "not (?:now|today|necessary|yet|this time|particularly)",
        "(?:i'd |i would )?(?:much )?rather not", "i'd prefer not(?: to)?", "don't",
        "(?:that |it )?(?:doesn't|does not|won't|will not) (?:work|suit)(?: for me| me)?",
        "no need", "i'm (?:good|fine)", "of course not", "certainly not", "absolutely not",
        "definitely not", "not right", "not correct", "i can't", "i cannot", "it isn't",
        "it is not", "i'm afraid not", "i wouldn't", "no thanks", "no thank you", "not a chance",
        "by no means", "not quite", "i'd better not", "that won't do", "i won't", "not for me",
        "i don't want (?:that|to|it)", "not good", "not okay", "not ok", "not fine",
    ),
    soft=(
        "please", "thanks", "thank you", "very much", "then", "well", "oh", "ah", "so", "now",
        "just", "sorry", "actually", "that", "it", "a lot",
    ),
    undecided=(
        "maybe", "perhaps", "possibly",
        "(?:i'm |i am )?not (?:so |really |quite |too )?sure(?: yet)?",
        "i don't know(?: yet)?", "i do not know", "dunno", "it depends", "that depends",
        "let me think", "no idea", "i have no idea", "hard to say", "i don't care", "whatever",
        "(?:it |that )?(?:could|might|may) be", "yes and no", "either way", "i can't say",
    ),
    strong=frozenset("yes yeah yep no nope sure".split()),
    polite=frozenset("fine good okay ok great alright thanks that's all is right".split()),
    turning=frozenset("wait actually sorry oops mean rather correction".split()),
    but=frozenset({"but"}),
    negating=frozenset("not no never don't doesn't won't can't isn't cannot wouldn't".split()),
)  # fmt: skip

ASSENT: Final[dict[str, Assent]] = {"de": _GERMAN, "en": _ENGLISH}
"""By language."""
