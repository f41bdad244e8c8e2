"""Withdrawal of consent by phrase (rule C16), matched before anything else looks at the text.

Deterministic, the same in every language of the call: who withdraws in English in a German call
has withdrawn. The cost of the two mistakes is not the same. A withdrawal missed means listening
without consent; one too many means that a human is offered. So doubtful cases count as withdrawal,
with these exceptions, in which plainly something else is meant:

- another object is named ("Ich möchte meinen Termin widerrufen"): that is a cancellation;
- it is negated ("Ich widerrufe nicht");
- it is a question about withdrawing ("Wie kann ich widerrufen?"), unless it is a polite request
  ("Kann ich bitte meine Einwilligung widerrufen?");
- it is supposed ("Was passiert, wenn ich widerrufe?");
- it is a reproach ("Sie hören mir ja gar nicht zu!").
"""

from __future__ import annotations

import re
from typing import Final

from voice_agent.dialogue.words import split

_CLAUSE: Final = re.compile(r"[.!?;:,\u2013\u2014]+")

_CONSENT: Final = (
    r"(?:ein ?w[ie]ll?i?[gk]?ung\w*|zustimm?ung\w*|einverstandnis\w*|erlaubnis\w*"
    r"|con[st]ent|content|concent|permission|agreement)"
)
_REVOKE: Final = r"(?:wie?de?r+ ?r?uf(?:e|en|t)?)"
_WITHDRAW: Final = r"(?:wi(?:th|dth|d|t)? ?dr[ae]w\w*|revoke\w*|retract\w*|rescind\w*|take back)"
# What a recogniser makes of the two words on a telephone line: "wieder ruche", "was drawn". As much
# as this is taken for a withdrawal only where the consent itself is named after it.
_REVOKE_HEARD: Final = r"(?:wie?der ?r\w+)"
_WITHDRAW_HEARD: Final = r"(?:\w*dr[ae]w\w*)"
_LISTEN: Final = r"(?:zu(?: ?zu)? ?hor\w*|mit(?: ?zu)? ?hor\w*)"

_PHRASES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # German: to revoke, alone or with the consent
        rf"\bich {_REVOKE}\b",
        rf"\b{_REVOKE} ich\b",
        rf"\b(?:mochte|will|wollte|wurde|hiermit|habe|muss|bitte|kann|darf)\b.*\b{_REVOKE}\b",
        rf"\b{_CONSENT}\b.*\b{_REVOKE}\b|\b{_REVOKE}\b.*\b{_CONSENT}\b",
        rf"^(?:ja |nein |bitte |hiermit |jetzt )*{_REVOKE}(?: bitte)?$",
        rf"\b{_REVOKE_HEARD} (?:\w+ ){{0,4}}?{_CONSENT}\b",
        # German: to take it back
        rf"\b{_CONSENT}\b.*\b(?:zuruck|entzieh|entzog)",
        rf"\b{_CONSENT}\b.*\bnicht (?:mehr|langer)\b",
        rf"\bkein\w* {_CONSENT} mehr\b|\bnicht (?:mehr|langer) (?:meine )?{_CONSENT}",
        rf"\bentzieh\w* .*\b{_CONSENT}\b",
        r"\b(?:stimme|stimm|willige)\b.* nicht (?:mehr|langer)\b.*\b(?:zu|ein)\b",
        r"\bnicht (?:mehr|langer) (?:damit )?(?:einverstanden|zustimmen)\b",
        rf"\bgilt\b.*\bnicht (?:mehr|langer)\b.*{_CONSENT}|{_CONSENT} gilt nicht (?:mehr|langer)",
        # German: stop listening
        (
            r"(?<!\bich )\bhor(?:en|e|t|n)?(?: sie| du| ihr)?\b.*\bnicht (?:mehr|langer|weiter)\b.*"
            r"\b(?:zu|mit)$"
        ),
        r"^(?:bitte )?hor(?:en sie|t|e|)(?: mir| uns)? (?:bitte )?nicht zu$",
        rf"\bnicht (?:mehr|langer|weiter)\b.*\b{_LISTEN}",
        (
            r"\bhor\w*(?: sie| du)?(?: \w+){0,3} auf (?:mir |uns |mich )?"
            r"(?:zuzuhoren|zu zu ?horen|zu horen|mitzuhoren|zuhoren|aufzunehmen|aufzuzeichnen)"
        ),
        r"\baufhor\w*\b.*\b(?:zuzuhoren|zu zuhoren|zuhoren|mitzuhoren|aufzunehmen|aufzuzeichnen)",
        rf"\b(?:will|mochte|wunsche|erlaube) nicht\b.*\bdass\b.*\b{_LISTEN}",
        (
            rf"\b(?:stopp?\w*|beend\w*|unterlass\w*|lass\w*) (?:sie )?(?:bitte )?(?:das|mit dem) "
            rf"(?:{_LISTEN}|mitschneiden|aufnehmen|aufzeichnen)"
        ),
        (
            r"\b(?:nehmen|zeichnen) sie (?:das|mich|uns|dieses gesprach)? ?(?:bitte )?nicht "
            r"(?:mehr )?(?:langer )?auf\b"
        ),
        # English
        r"\bno longer\b.*\blisten\w*",
        r"\bnot\b.*\blisten\w*\b.*\b(?:any ?more|any longer)\b",
        rf"\bi (?:\w+ ){{0,4}}?{_WITHDRAW} (?:\w+ ){{0,3}}?{_CONSENT}\b",
        rf"\b{_WITHDRAW} (?:\w+ ){{0,2}}?{_CONSENT}\b",
        rf"\b{_WITHDRAW_HEARD} (?:\w+ ){{0,3}}?con[cst]ent\b",
        rf"\b{_CONSENT} (?:is|has been|was) (?:hereby )?(?:{_WITHDRAW}|revoked)\b",
        (
            rf"^(?:yes |no |please |hereby )*(?:i (?:hereby |want to |would like to |wish to )?)?"
            rf"(?:{_WITHDRAW})(?: it| that| please)*$"
        ),
        r"\b(?:stop|quit|cease) (?:\w+ ){0,2}?(?:listening|recording|eavesdropping)\b",
        r"^(?:please )?(?:don't|do not|dont) (?:listen|record)\b",
        r"\b(?:don't|do not|dont) want you (?:to (?:listen|record)|listening|recording)\b",
        r"\b(?:no longer|don't|do not|dont) (?:consent|agree to (?:this|you|be))\b",
        r"\bno longer (?:consent|agree)\b|\b(?:consent|agree) (?:no more|no longer|any ?more)\b",
    )
)

_OTHER_OBJECT: Final = re.compile(
    r"\b(?:termin\w*|vertr[aä]g\w*|bestell\w*|auftr[aä]g\w*|buchung\w*|kauf\w*|reservierung\w*"
    r"|kundigung\w*|lastschrift\w*|abo\w*|angebot\w*|rechnung\w*"
    r"|appointment\w*|contract\w*|order\w*|booking\w*|reservation\w*|money|cash|offer\w*)\b"
)
_CONSENT_NAMED: Final = re.compile(_CONSENT)
_NEGATED: Final = re.compile(
    rf"\b{_REVOKE_HEARD} (?:\w+ ){{0,3}}?{_CONSENT} nicht\b"
    rf"|\b{_REVOKE} (?:\w+ ){{0,3}}?nicht\b|\bnicht {_REVOKE}\b|\bnichts? (?:zu )?{_REVOKE}\b"
    rf"|\bkein\w* \w* ?{_REVOKE}\b|\bnicht (?:zuruck|entzieh)"
    rf"|\b(?:don't|do not|dont|won't|will not|not|never|didn't) (?:\w+ ){{0,3}}?"
    rf"(?:{_WITHDRAW}\b|{_WITHDRAW_HEARD} (?:\w+ ){{0,3}}?con[cst]ent\b)"
    r"|\bnicht auf ?(?:zu)?hor\w*"
    r"|\b(?:don't|do not|dont|can't|cannot|never|won't) stop listening\b"
)
_SUPPOSED: Final = re.compile(r"\b(?:wenn|falls|sofern|if|when|in case|suppose)\b")
_QUESTION: Final = re.compile(
    r"^(?:und |aber |also |and |but |so )*(?:wie|wo|wann|was|warum|wieso|wozu|muss|ist|habe ich"
    r"|how|where|when|what|why|do i|did i|have i|is|may i|should)\b"
)
_WHETHER: Final = re.compile(
    r"^(?:und |aber |also |and |but |so )*(?:kann|konnte|darf|can|could|am i able)\b"
)
_POLITE: Final = re.compile(r"\b(?:bitte|jetzt|sofort|hiermit|please|now|you)\b|\bsie\b")


def is_withdrawal(text: str) -> bool:
    """True if these words withdraw the consent to be listened to."""
    # A clause may begin mid-phrase ("Ich widerrufe, und zwar meine Einwilligung"), so the parts
    # are looked at one by one and the sentence as a whole.
    for sentence in re.split(r"(?<=[.!?;])\s+", text):
        clauses = [part for part in (split(c) for c in _CLAUSE.split(sentence)) if part]
        whole = " ".join(split(sentence))
        if any(_withdraws(" ".join(words), whole) for words in clauses):
            return True
        if len(clauses) > 1 and _withdraws(whole, whole):
            return True
    return False


def _withdraws(clause: str, sentence: str) -> bool:
    if not any(phrase.search(clause) for phrase in _PHRASES):
        return False
    if _NEGATED.search(clause) or _SUPPOSED.search(clause):
        return False
    if _QUESTION.search(sentence):
        return False
    if _WHETHER.search(sentence) and not _POLITE.search(sentence):
        return False
    return not _OTHER_OBJECT.search(sentence) or bool(_CONSENT_NAMED.search(sentence))
