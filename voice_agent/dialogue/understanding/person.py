"""Asking for a person, in any words. A person is never refused, so this is looked for early."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.understanding.phrases import phrase

_DE_SOFT: Final = r"(?:bitte|danke|dann|mal|jetzt|also|aber|sofort|nein|ja|hallo|guten tag)"
_DE_KIND: Final = (
    r"(?:echt\w*|richtig\w*|lebendig\w*|real\w*|wirklich\w*|normal\w*|menschlich\w*|zustandig\w*"
    r"|ander\w*|kompetent\w*|eurer|ihrer|ihren)"
)
_DE_PERSON: Final = (
    r"(?:mensch(?:en)?|mit ?arbeiter(?:in|n|innen)?|kolleg(?:e|en|in)|person|berater(?:in)?"
    r"|sachbearbeiter(?:in)?|ansprech ?partner(?:in)?|chef(?:in)?|inhaber(?:in)?"
    r"|(?:werkstatt)?meister(?:in)?|techniker(?:in)?|mechaniker(?:in)?|operator|agent(?:en)?"
    r"|telefonist(?:in)?|zentrale|vermittlung|kunden ?(?:dienst|service|betreu\w*|berat\w*)"
    r"|service ?mitarbeiter(?:in)?|vorgesetzte\w*|verantwortliche\w*|rezeption|empfang|leuten?"
    r"|personal|angestellten?)"
)
_DE_A: Final = (
    r"(?:einen?|einem|einer|eine|nen|nem|ner|den|dem|der|die|irgend\w+|zum|zur|jemand\w*|wen|wem)"
)
_DE_MACHINE: Final = (
    r"(?:roboter|maschine|computer\w*|automat\w*|k ?i|bot|programm|sprach ?computer"
    r"|ansage|tonband|band|ai)"
)
_DE_TALK: Final = (
    r"(?:sprechen|spreche|sprich|reden|rede|gesprochen|telefonieren|unterhalten|zu tun haben)"
)
_DE_SOMEBODY: Final = r"(?:jemand(?:em|en)?|wem|wen|irgendwem|irgendjemand(?:em|en)?|einem von)"
_EN_SOFT: Final = r"(?:please|thanks|thank you|then|now|just|sorry|no|yes|hello|hi)"
_EN_KIND: Final = r"(?:real|live|actual|human|proper|different|other|living|normal)"
_EN_PERSON: Final = (
    r"(?:human(?: being)?s?|person|people|agent|operator|representative|rep|staff(?: member)?"
    r"|member of (?:the )?staff|colleague|employee|advis[oe]r|manager|boss|supervisor|owner"
    r"|receptionist|mechanic|technician|customer (?:service|support|care)|support|front desk"
    r"|reception|attendant)"
)
_EN_SOMEBODY: Final = r"(?:somebody|someone|anybody|anyone)"
_EN_A: Final = r"(?:an?|the|some|your|one of your|any)"
_EN_MACHINE: Final = r"(?:robots?|machines?|computers?|bots?|ai|a i|program|recording|automat\w*)"
_EN_WISH: Final = r"(?:i|i'd|i'll|we|please|can|could|may|let me)"

_DE_ASKED: Final = phrase(
    rf"^(?:{_DE_SOFT} )*(?:{_DE_A} )?(?:{_DE_KIND} )?{_DE_PERSON}"
    rf"(?: {_DE_SOFT})*$",
    rf"{_DE_TALK}\b.*\b{_DE_PERSON}\b",
    rf"(?:kann|konnte|darf|durfte|mochte|wurde|will) (?:\w+ ){{0,4}}?{_DE_PERSON} "
    rf"(?:\w+ )?{_DE_TALK}",
    rf"(?:mit|zu|an|bei) (?:{_DE_A} )?(?:{_DE_KIND} )?{_DE_PERSON}\b.*\b"
    rf"(?:{_DE_TALK}|verb\w+|durchst\w+|weiter\w*|geben|kommen|wenden)",
    rf"(?:verb[iu]nd\w*|gib|geben sie|stell\w*|leit\w*|hol\w*|ruf\w* sie)\b.*\b{_DE_PERSON}\b",
    rf"(?:mochte|will|wollte|brauche?|verlange|hatte gerne?|lieber|bitte|kriege|bekomme)"
    rf"(?: \w+){{0,4}}? {_DE_A} (?:{_DE_KIND} )?{_DE_PERSON}\b",
    rf"ist (?:{_DE_A} )?{_DE_PERSON} (?:da|zu sprechen|im haus|erreichbar|frei)",
    rf"{_DE_KIND} (?:menschen?|person|mitarbeiter\w*|stimme)\b",
    rf"{_DE_SOMEBODY} (?:echt\w*|richtig\w*|ander\w*|menschlich\w*|kompetent\w*|von ihnen|aus"
    r"|der sich|den ich)",
    rf"mit {_DE_SOMEBODY}\b.*\b{_DE_TALK}",
    rf"{_DE_SOMEBODY} (?:\w+ ){{0,2}}?(?:gesprochen|sprechen)",
    rf"{_DE_TALK}\b.*\bmit {_DE_SOMEBODY}",
    rf"mit (?:einer frau|einem mann|einem herrn|einer dame)\b.*\b{_DE_TALK}",
    r"(?:verbinden|verbinde|verbindet) (?:sie )?mich",
    r"mich (?:bitte )?(?:\w+ ){0,5}?(?:verbinden|durch ?stellen|weiter ?verbinden|weiter ?leiten"
    r"|verbunden werden)",
    r"(?:weiter ?verbinden|weiter ?verbunden|durch ?stellen|durchgestellt)\b",
    r"(?:stellen|leiten) sie mich (?:bitte )?(?:durch|weiter)",
    rf"(?:nicht|nie|ungern|kein\w*)\b.*\b{_DE_MACHINE} {_DE_TALK}",
    rf"{_DE_TALK} (?:doch )?nicht mit (?:{_DE_A} )?{_DE_MACHINE}",
    rf"(?:keine?n?|ohne|statt|weg mit) (?:{_DE_A} )?(?:diese\w* )?{_DE_MACHINE}\b",
    r"(?:mit |kann ich )?(?:bitte )?(?:herrn?|frau) \w+(?: bitte)? (?:sprechen|reden)",
)

_DE_MENTIONED: Final = phrase(
    rf"(?<!kann ich )(?<!konnte ich )(?<!darf ich )(?<!warum )(?<!wieso )"
    rf"(?:kein\w*|nicht (?:mit |zu |an )?{_DE_A}) (?:{_DE_KIND} )?{_DE_PERSON}(?: {_DE_TALK})?",
    rf"(?:sind|bist|spreche|rede|telefoniere|bin) (?:sie|du|ich) (?:\w+ ){{0,4}}?(?:{_DE_A} )?"
    rf"(?:{_DE_KIND} )?{_DE_PERSON}(?: verbunden)?",
    rf"ist (?:das|da|hier) (?:\w+ ){{0,2}}?(?:{_DE_A} )?(?:{_DE_KIND} )?(?:mensch|person)",
    rf"verbinden sie mich (?:bitte )?nicht(?: \w+){{0,3}}(?: {_DE_PERSON})?",
    r"mit wem (?:spreche|rede|telefoniere) ich",
    r"fur \w+ person(?:en)?",
    rf"(?:uber|wegen) {_DE_A} (?:{_DE_KIND} )?{_DE_PERSON}",
    rf"{_DE_A} {_DE_PERSON} (?:\w+ )?(?:etwas|was|nachricht|mitteilung|notiz)\b",
    rf"(?:etwas|was|nachricht|mitteilung|notiz) fur {_DE_A} (?:{_DE_KIND} )?{_DE_PERSON}",
    r"mich (?:bitte )?nicht (?:zu |mit \w+ \w+ )?(?:weiter ?)?(?:verb\w+|durch ?stellen)",
    r"(?:nicht|ohne|kein\w*) (?:\w+ )?(?:weiter ?verb\w+|durch ?stellen|verbunden)",
)

_EN_ASKED: Final = phrase(
    rf"^(?:{_EN_SOFT} )*(?:{_EN_A} )?(?:{_EN_KIND} )?{_EN_PERSON}(?: {_EN_SOFT})*$",
    rf"(?:speak|talk|chat|connect\w*|transfer\w*|put|switch|(?:hand|pass) me)\b"
    rf".*\b(?:to|with|through"
    rf"|over)\b.*\b(?:{_EN_PERSON}|{_EN_SOMEBODY})\b",
    rf"(?:get|give|want|need|like|prefer|have|find)(?: me)?(?: \w+){{0,2}}? {_EN_A} "
    rf"(?:{_EN_KIND} )?{_EN_PERSON}\b",
    rf"{_EN_KIND} (?:person|human|agent|being|operator|representative|people|voice|someone)\b",
    rf"{_EN_SOMEBODY} (?:\w+ ){{0,3}}?(?:to )?(?:speak|talk) (?:to|with)",
    rf"{_EN_SOMEBODY} (?:real|human|else|from|who can|in charge)",
    r"(?:connect|transfer|patch) me\b|put me (?:through|on ?to|over|across)\b",
    rf"(?:don't|do not|not|never|rather not|hate|refuse)\b.*\b(?:talk\w*|speak\w*|deal\w*|to)\b"
    rf".*\b{_EN_MACHINE}\b",
    rf"(?:no|without|enough of) (?:{_EN_A} |this |that |these )?{_EN_MACHINE}\b",
    rf"{_EN_WISH}\b.*\b(?:speak|talk) (?:to|with) (?:mr|mrs|ms|miss|mister)\b",
    rf"is (?:{_EN_A} )?{_EN_PERSON} (?:there|available|in)",
)

_EN_MENTIONED: Final = phrase(
    rf"(?:don't|do not|didn't|dont) (?:want|need|wish|like)(?: to)?(?: \w+){{0,3}}? {_EN_PERSON}\b",
    rf"(?:no|not (?:an?|the)) (?:{_EN_KIND} )?{_EN_PERSON}\b",
    rf"(?:are you|is this|is that|you are|am i (?:talking|speaking) (?:to|with)|do i (?:talk|speak)"
    rf" (?:to|with))(?: \w+){{0,3}}? (?:{_EN_KIND} )?(?:{_EN_PERSON}|{_EN_SOMEBODY})\b",
    r"(?:don't|do not) (?:connect|transfer|put) me(?: \w+){0,4}",
    r"(?:per|for (?:one|a|each|\w+)) (?:person|people)",
    rf"(?:give|leave|tell) {_EN_A} {_EN_PERSON} (?:an?|the|this|that|something) ?\w*",
    rf"(?:have|get|ask|tell) {_EN_A} {_EN_PERSON} (?:to )?(?:call|ring|phone) (?:me|us)",
)

_DE_MISSED: Final = phrase(
    rf"(?:gibt|gibt's|gibts|haben sie|habt ihr|ist)\b.*\bkein\w* (?:{_DE_KIND} )?{_DE_PERSON}\b"
)
_EN_MISSED: Final = phrase(
    rf"(?:is there|isn't there|are there|have you|do you have)\b.*\bno "
    rf"(?:{_EN_KIND} )?{_EN_PERSON}\b"
)

_MISSED: Final = {"de": _DE_MISSED, "en": _EN_MISSED}
_ASKED: Final = {"de": _DE_ASKED, "en": _EN_ASKED}
_MENTIONED: Final = {"de": _DE_MENTIONED, "en": _EN_MENTIONED}


def without_mention(clause: str, language: str) -> str:
    """The clause without persons it names and does not ask for ("no human please")."""
    return " ".join(_MENTIONED[language].sub(" ", clause).split())


def asks_for_person(clause: str, language: str) -> bool:
    """True if a clause of folded words asks for a person."""
    # "Is there no person?" names one in the negative and asks for one all the same.
    return bool(
        _MISSED[language].search(clause)
        or _ASKED[language].search(without_mention(clause, language))
    )
