"""No more calls, in any words: who says so is rung up no more, so it is looked for early.

One that is missed means that somebody is rung up against their will, one too many that somebody is
not reminded who wanted to be. So there are two answers: what plainly says it is obeyed at once, and
whatever speaks of calls and turns them down is asked about. What names a time, another number or
another way ("not before nine", "ring my mobile instead") is neither, nor is what tells of calls
that were made or not made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from voice_agent.dialogue.understanding.phrases import phrase
from voice_agent.dialogue.words import split

STOP: Final = "stop_calls"
"""The flow that stops calls."""

PERHAPS: Final = "fewer_calls"
"""The flow that asks whether that is meant."""

_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+")
_CLAUSE: Final = re.compile(r"[.!?;:,\u2013\u2014]+")


@dataclass(frozen=True, slots=True)
class _Language:
    """What is said in one language. Patterns of folded words.

    Attributes:
        never: no call again, whatever else is said in the clause.
        wish: no call, unless the sentence limits or tells it (``limits``, ``tells``).
        across: the same of a whole sentence, across its commas.
        limits: a time, a place or another way.
        tells: what was or was not done, what the caller does, what is asked or supposed.
        about: words for calls, for the vague ones.
        against: words that turn something down.
        else_about: the sentence is about something else.
    """

    never: re.Pattern[str]
    wish: re.Pattern[str]
    across: re.Pattern[str]
    limits: re.Pattern[str]
    tells: re.Pattern[str]
    about: re.Pattern[str]
    against: re.Pattern[str]
    else_about: re.Pattern[str]


_DE_RING: Final = (
    r"(?:an ?zu ?rufen|an ?ruf(?:en|t|e)?|angerufen|an ?zu ?klingeln|anklingel\w*|telefonier\w*"
    r"|kontaktier\w*|kontakt|belastig\w*|beheillig\w*|behellig\w*|stor(?:en|t|e)?)"
)
_DE_CALLS: Final = (
    r"(?:(?:erinnerungs|telefon|werbe|test)? ?(?:anrufe?n?|anruferei|telefonate?n?|geklingel)"
    r"|erinnerung(?:en)? (?:am|per|ubers) telefon)"
)
_DE_AGAIN: Final = r"(?:mehr|wieder|noch ?(?:ein)? ?mal|noch(?: \w+)? mal|langer|weiter|erst|je)"
_DE_END: Final = (
    r"(?:in ruhe|unterlass\w*|unterbleib\w*|einstell\w*|los ?werde\w*|los\b|abmeld\w*|abgemeldet"
    r"|abbestell\w*|verschon\w*|schluss|stopp?\w*|nerv\w*|satt\b|leid\b|widerspr[ei]ch\w*"
    r"|verbiet\w*|verbitte\w*|untersag\w*|sperr\w*|genug|aufhor\w*|hort? auf|horen sie auf"
    r"|austragen|auszutragen|streich\w*|unerwunscht|belastig\w*|ende\b|zufrieden|lust|sparen"
    r"|spart?\b|abstell\w*|abzustell\w*|abschalt\w*|verzicht\w*|bleiben lassen)"
)
_DE_NUMBER: Final = r"(?:telefon|handy|mobil|ruf)? ?nummer"
_DE_LIST: Final = (
    r"(?:anruf|telefon|kontakt|erinnerungs|nummern)? ?"
    r"(?:listen?|verteiler|kartei|verzeichnis|datenbank|telefonbuch|adressbuch|system)"
)

_GERMAN: Final = _Language(
    never=phrase(
        r"\bruf\w*\b.*\b(?:nie|niemals|nimmer)\b.*\ban\b",
        rf"\b(?:nie|niemals|nimmer)\b(?: (?!an\b|zuruck)\w+){{0,4}} (?:{_DE_RING}|meld\w*"
        rf"|gemeldet)\b"
        r"(?= werden|$|\W)",
        r"\bmeld\w*\b(?: \w+){0,3} (?:nie|niemals)\b",
        rf"\b(?:das|dies) (?:war|ist)(?: \w+)? (?:der|ihr|euer) letzter? {_DE_CALLS}",
        r"\b(?:sperrliste|robinson ?liste|black ?list\w*|anruf ?verbot\w*|do not call)\b",
    ),
    wish=phrase(
        rf"\bruf\w*\b.*\b(?:nicht|keinesfalls)\b.*\b{_DE_AGAIN}\b.*\ban\b",
        r"\bruf\w*\b(?: (?:sie|du|ihr|mich|uns|hier|bitte|bloss|ja|einfach))* nicht an$",
        r"\b(?:ruft|rufe|rufen|klingelt)\b.*\b(?:keiner|niemand)\b.*\bmehr an$",
        rf"\b(?:brauche|will|mochte|mag|wunsche|wollen)\b(?: \w+){{0,2}} {_DE_CALLS}(?<!anruf)"
        r"(?: \w+)? nicht\b",
        rf"\bnicht\b(?: (?!an\b|zuruck)\w+){{0,2}}? {_DE_AGAIN}\b(?: (?!an\b|zuruck)\w+){{0,3}}? "
        rf"(?:{_DE_RING}|telefonisch|daran erinner\w*|am telefon)\b",
        rf"\bmeld\w*\b(?: \w+){{0,3}} nicht {_DE_AGAIN}\b",
        rf"\bkeine?[nm]?\b(?: \w+){{0,2}}? {_DE_CALLS}\b(?<!anruf)",
        r"\bkeine?[nm]?\b(?: \w+){0,2}? (?:erinnerungs ?)?anruf mehr\b",
        r"\b(?:will|mochte|mag|wunsche|wollen|mochten)\b(?: \w+){0,5}? nicht(?: \w+){0,2}? "
        r"(?:angerufen|kontaktiert|belastigt|gestort) werden\b",
        rf"\b{_DE_CALLS}\b.*\b{_DE_END}",
        rf"\b{_DE_END}.*\b{_DE_CALLS}\b",
        rf"\b(?:horen|hor|hort) (?:\w+ )?(?:\w+ )?auf\b.*\b{_DE_RING}",
        rf"\b(?:losch|vergess|vergiss|sperr|streich|entfern|tilg)\w* (?:sie |ihr )?(?:bitte "
        rf"|sofort )?"
        rf"(?:meine|unsere|diese|die) {_DE_NUMBER}\b",
        rf"\b(?:mich|uns|{_DE_NUMBER})\b.*\b(?:von|aus) (?:der|dem|ihrer|ihrem|eurer|eurem)"
        rf"(?: \w+)? {_DE_LIST}\b",
    ),
    across=phrase(
        rf"\b(?:will|mochte|wunsche|wollen) (?:\w+ )?nicht dass (?:\w+ ){{0,5}}?{_DE_RING}\b",
        rf"\b(?:abstell\w*|abzustell\w*|unterbind\w*) dass (?:\w+ ){{0,5}}?{_DE_RING}\b",
        rf"\b(?:aufhor\w*|(?:horen|hor|hort) (?:\w+ )?(?:\w+ )?auf)\b.*\b{_DE_RING}\b",
        rf"\b(?:wag\w* (?:sie |es |euch )+|trau\w* (?:sie )?(?:sich|euch|dich)|untersteh\w*"
        rf"|verbiet\w*|verbitte\w*|untersag\w*|unterlass\w*)\b"
        rf".*\b(?:{_DE_RING}|{_DE_CALLS})\b",
    ),
    limits=phrase(
        r"zuruck\w*",
        r"(?:vor|nach|ab|bis|um|gegen|zwischen) (?:\d+|eins|zwei|drei|vier|funf|sechs|sieben|acht"
        r"|neun|zehn|elf|zwolf|halb|viertel|mittag\w*|feierabend|dem|der)\b",
        r"(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|sonnabends?|wochenende\w*"
        r"|feiertag\w*",
        r"(?:vor|nach)?mittags?|morgens|abends?|nachts?|fruh|heute|morgen|ubermorgen|diese woche",
        r"sondern|lieber|besser|stattdessen|auf (?:dem|der|meinem|meiner) (?:handy|arbeit"
        r"|festnetz)",
        r"auf (?:der|die) arbeit|im buro|wahrend|solange|so spat|so fruh|(?:e ?mail|sms|whatsapp)",
    ),
    tells=phrase(
        r"^(?:und |aber |also |ja |nein )*(?:warum|wieso|weshalb|wann|wer)\b",
        r"wenn|falls|sofern",
        r"(?:mussen|musst) (?:\w+ ){0,3}?nicht (?:noch|wieder)\b",
        r"\bich (?:konnte|kann|wollte|werde|muss|musste|darf|durfte)\b.*\ban ?rufen$",
        r"\bich (?:\w+ )?(?:rufe?|telefoniere|melde)\b|\b(?:rufe|melde) ich\b",
        r"\b(?:habe?|haben|hat|habt|hatte\w*|wurde|wurden)\b(?: \w+){0,6}? (?:angerufen|gemeldet"
        r"|telefoniert|bekommen|erhalten|gekriegt|verpasst|gehort|gesehen)\b",
        r"\b(?:nicht|kein\w*|nie) (?:\w+ )?(?:losch|vergess|vergiss|sperr|streich)\w*",
        rf"\b(?:losch|vergess|vergiss|sperr|streich)\w* .*\b{_DE_NUMBER} (?:bitte )?nicht\b",
    ),
    about=phrase(
        rf"(?:{_DE_RING}|{_DE_CALLS})\b",
        r"angerufe\w*|(?:erinnerungs|telefon)?anruf\w*|telefon\w*|ruft?e?n? .*\ban\b|anschluss",
        r"(?:mein\w*|diese\w?|unsere\w?) (?:telefon|handy)?nummer\b",
        r"(?:mich|uns) (?:\w+ ){0,2}in (?:ruhe|frieden)$",
    ),
    against=phrase(
        r"(?:nie|niemals|niemand|nichts|nicht|kein\w*)\b.*\b(?:mehr|wieder|mal|will|mochte"
        r"|erwunscht"
        r"|weiter\w*)\b",
        r"(?:mehr|weiter\w*|wieder|will|mochte|mag|wunsche)\b.*\b(?:nicht|nie|niemand|kein\w*)\b",
        r"keinen umstanden|schluss|reicht|genug|kein recht|(?:verbiet|verbitt|verbet)\w*",
        r"bestell\w* .*\bab\b|\braus\b|lassen sie das|lasst das|hor\w* auf|stopp?\b|nerv\w*",
    ),
    else_about=phrase(
        r"termin\w*|verschieb\w*|absag\w*|verleg\w*|kommen?|warten?|springt|auto|wagen|rechnung",
        r"computer|roboter|maschine|vertrag\w*|(?:mussen|brauchen|braucht) (?:\w+ ){0,4}?nicht"
        r"|nicht notig|\bruckruf\w*",
    ),
)

_EN_RING: Final = r"(?:call|ring|phone|telephone|contact|dial|pester|bother|harass|disturb)"
_EN_RINGING: Final = (
    r"(?:calling|ringing|phoning|telephoning|contacting|dialling|dialing|pestering|bothering"
    r"|harassing|disturbing)"
)
_EN_RUNG: Final = r"(?:called|rung(?: up)?|phoned|contacted|telephoned|bothered|disturbed|pestered)"
_EN_CALLS: Final = r"(?:(?:phone ?|telephone ?|reminder ?|cold ?|robo ?)*(?:calls|calling))"
_EN_AGAIN: Final = r"(?:again|any ?more|any ?longer|ever|in (?:the )?future)"
_EN_NOT: Final = (
    r"(?:don't|do not|dont|never|not|mustn't|shouldn't|should not|needn't|won't|no longer|nobody"
    r"|no one|no need)"
)

_ENGLISH: Final = _Language(
    never=phrase(
        rf"\bnever\b(?: (?!called|rang|phoned)\w+){{0,4}}? (?:{_EN_RING}|{_EN_RUNG})\b"
        rf"(?: \w+){{0,3}}? {_EN_AGAIN}",
        r"\bnever (?:want|wish|wanna)(?: to)? hear from\b",
        r"\b(?:do not|don't|no|dnc) call(?:s|ing)? (?:list|register|registry)\b",
        rf"\brather you (?:didn't|don't|did not|do not|never|not) {_EN_RING}\b",
        r"\b(?:that was|that's|this is|this was) the last time you(?: ever)? (?:call|ring|rang"
        r"|phone)",
        r"\bopt(?:ing)? (?:me )?out\b|\bunsubscribe\b",
    ),
    wish=phrase(
        rf"\b(?:stop|quit|cease|desist from|refrain from|give up|knock off)\b(?: \w+){{0,3}}? "
        rf"(?:{_EN_RINGING}|{_EN_CALLS})\b",
        rf"\b{_EN_CALLS}\b(?: \w+){{0,4}}? (?:stop|cease|end|unwanted|unwelcome)\b",
        rf"\b{_EN_NOT}\b(?: (?!back)\w+){{0,4}}? (?:{_EN_RING}s?|{_EN_RUNG}|{_EN_RINGING})\b"
        rf"(?: (?!back)\w+){{0,4}}? {_EN_AGAIN}\b",
        rf"\b(?:never|no longer|don't ever)\b(?: to| be| you| dare| want| wish){{0,3}} "
        rf"(?:{_EN_RING}|be {_EN_RUNG})\b",
        rf"\b(?:don't|do not|dont|no longer)\b(?: \w+){{0,2}}? (?:want|wish|like|need|wanna)\b"
        rf"(?: to)?(?: receive| get| have)?(?: \w+){{0,3}}? (?:{_EN_CALLS}|be {_EN_RUNG}"
        rf"|you (?:to )?(?:{_EN_RING}|{_EN_RINGING}))\b",
        r"^(?:in future |please |just |so |and |then )*(?:don't|do not|dont) "
        r"(?:call|ring|phone|contact)(?: me| us| here| this number| up)*(?: please| in future)*$",
        rf"\b(?:want|wish|prefer|need|like|accept|rather have) no (?:\w+ ){{0,2}}?{_EN_CALLS}\b",
        rf"\b(?:prefer|like|want|rather) not (?:to )?(?:\w+ ){{0,3}}?(?:{_EN_CALLS}|{_EN_RUNG})\b",
        rf"\b(?:hate|dislike|don't like|do not like|sick of|tired of) (?:\w+ )?being {_EN_RUNG}\b",
        rf"\b(?:turn|switch) off(?: \w+){{0,3}} {_EN_CALLS}\b",
        rf"\bcancel (?:all |any )?(?:the |these |your |further |future |more )+{_EN_CALLS}\b",
        r"\bshouldn't be (?:calling|ringing|phoning)\b",
        rf"\bno (?:more|further)(?: \w+){{0,2}}? (?:{_EN_CALLS}|call)\b",
        rf"\b(?:sick|tired|enough|fed up|done|finished|leave me alone|cut it out|object|block"
        rf"|get rid|annoy\w*)\b(?: \w+){{0,6}}? {_EN_CALLS}\b",
        r"\b(?:off|from|out of) your (?:\w+ ){0,2}?(?:list|lists|database|directory|records"
        r"|system)\b",
        r"\b(?:off|from|out of) (?:the|that|this|any) (?:call\w*|phone|contact"
        r"|reminder)(?: \w+)? list",
        r"\b(?:lose|delete|erase|forget|block|remove|scrap|drop|scratch|strike|wipe|ditch"
        r"|bin) (?:my|our|this) (?:\w+ )?number\b",
    ),
    across=phrase(rf"\bdon't you dare\b.*\b{_EN_RING}\b"),
    limits=phrase(
        r"back\b(?! again)",
        r"before|after|until|till|unless|except|at (?:work|night|the office|\d+|home)",
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|today|tonight|tomorrow|this week",
        r"in the (?:morning|afternoon|evening)s?|so (?:early|late)|while|during",
        r"instead|rather(?! not| you)|text me|(?:a |by )?(?:text|sms|e ?mail|message)|my (?:mobile"
        r"|cell|wife"
        r"|husband|office)",
        r"off (?:the|my) (?:appointment|booking)",
    ),
    tells=phrase(
        r"^(?:and |but |so |well )*(?:why|when|who)\b",
        r"if|when|in case",
        rf"\bi (?:\w+ )?(?:{_EN_RING})\b|\bi'(?:ll|d) (?:\w+ )?{_EN_RING}\b|\bi'm {_EN_RINGING}\b",
        r"\b(?:nobody|no one|you|they|i|he|she) (?:never |have |has |haven't |hasn't |didn't )*"
        r"(?:called|rang|rung|phoned|call)\b(?! (?:me|us|here) (?:again|ever))",
        r"\b(?:don't|do not|never) (?:lose|delete|erase|forget|block|remove)",
        r"\bcall (?:off|it|in|for)\b",
    ),
    about=phrase(
        rf"(?:{_EN_RING}s?|{_EN_RINGING}|{_EN_RUNG}|{_EN_CALLS})\b",
        r"(?:by|on the|over the) (?:tele)?phone\b|(?:my|this|our) (?:number|phone)\b",
        r"leave (?:me|us) (?:\w+ )?(?:alone|be|in peace)$",
        r"hear from you\b|(?:the|a|this|one more|another) (?:last )?call\b",
    ),
    against=phrase(
        r"(?:don't|do not|dont|never|not|no|nobody|won't|can't)\b.*\b(?:again|any ?more|ever"
        r"|another"
        r"|further|future|want|like|use|interested)\b",
        r"(?:want|like|rather|prefer|need|another|again|interested)\b.*\b(?:no|not|never)\b",
        r"(?:not another|never again|no further|any more)\b",
        r"(?:forbid|discontinue|stop|enough|cease|object|refuse|unwanted|sick|tired|annoying)\b",
    ),
    else_about=phrase(
        r"appointment\w*|move|cancel it|cancelled|come|coming|wait\w*|car\b|bill\b|hold\b|oil"
        r"|tyres?|(?:don't|do not) (?:need|have) to|no need|robots?|machines?|computer|talking"
    ),
)

_LANGUAGES: Final = {"de": _GERMAN, "en": _ENGLISH}


def wants_no_calls(text: str, language: str) -> bool:
    """True if these words say that the caller does not want to be rung up any more.

    Args:
        text: the words.
        language: ISO 639-1 code of the words.
    """
    said = _LANGUAGES.get(language)
    if said is None:
        return False
    for sentence in _SENTENCE.split(text):
        whole = " ".join(split(sentence))
        clauses = [" ".join(split(part)) for part in _CLAUSE.split(sentence)]
        if any(said.never.search(clause) and not said.tells.search(clause) for clause in clauses):
            return True
        if said.limits.search(whole):
            continue
        if any(said.wish.search(clause) and not said.tells.search(clause) for clause in clauses):
            return True
        if said.across.search(whole) and not said.tells.search(whole):
            return True
    return False


def speaks_of_calls(text: str, language: str) -> bool:
    """True if these words speak of calls, numbers or telephones at all.

    Said to somebody who rang one up, and like nothing that is known, that is mostly a complaint.

    Args:
        text: the words.
        language: ISO 639-1 code of the words.
    """
    said = _LANGUAGES.get(language)
    return said is not None and bool(said.about.search(" ".join(split(text))))


def perhaps_wants_no_calls(text: str, language: str) -> bool:
    """True if these words may mean it, so that the caller is asked; see ``wants_no_calls``.

    Args:
        text: the words.
        language: ISO 639-1 code of the words.
    """
    said = _LANGUAGES.get(language)
    if said is None:
        return False
    for sentence in _SENTENCE.split(text):
        whole = " ".join(split(sentence))
        others = (said.limits, said.tells, said.else_about)
        if said.about.search(whole) and said.against.search(whole):
            return not any(each.search(whole) for each in others)
    return False
