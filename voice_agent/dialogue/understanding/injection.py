"""Attempts to give the agent orders or to get at what is not the caller's.

This is politeness, not protection: an order that slips through still is only words, and words can
do no more than propose commands. But an attempt should get no answer that looks like obedience.
"""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.understanding.phrases import phrase

_DE_TELL: Final = (
    r"(?:lies|lesen sie|nenn\w*(?: sie)?|zeig\w*(?: sie)?|gib|geben sie|sag\w*(?: sie)?"
    r"|liste\w*(?: sie)?|verrat\w*(?: sie)?|buchstabier\w*(?: sie)?)"
)

_DE: Final = phrase(
    r"(?:ignorier\w*|vergiss|vergessen sie|missacht\w*|ubergeh\w*|umgeh\w*|uberschreib\w*)\b.*\b"
    r"(?:anweisung\w*|instruktion\w*|regel\w*|vorgabe\w*|befehl\w*|prompt\w*|richtlini\w*|alles"
    r"|programmierung|sicherheit\w*|einschrankung\w*)",
    r"ich bin (?:hier |jetzt |ja |doch )?(?:der|die|ein|eine|dein|deine|ihr|euer) (?:\w+ )?"
    r"(?:\w*administrator\w*|admin\w*|entwickler\w*|programmierer\w*|techniker\w*|inhaber\w*"
    r"|chef\w*|geschaftsfuhrer\w*|systembetreuer\w*|hersteller\w*|polizist\w*|anwalt\w*)",
    r"(?:system ?(?:prompt|anweisung\w*|nachricht|meldung)|entwicklermodus|wartungsmodus"
    r"|admin ?modus|debug\w*|jailbreak|superuser|root|developer mode|ignore (?:all|previous))",
    r"(?:du bist|sie sind) (?:jetzt|nun|ab jetzt|ab sofort|von nun an)",
    r"(?:tu|tun sie) (?:\w+ )?so als|spiel\w* (?:jetzt )?die rolle|als administrator",
    r"(?:ab jetzt|von nun an|ab sofort) (?:bist|sind|antworte\w*|sprich|sagst|sagen)",
    rf"{_DE_TELL}\b.*\b(?:kunden\w*|datenbank|passwort\w*|kennwort\w*|pin|geheim\w*|alle termine"
    r"|termine von|daten (?:von|der|des)|(?:adresse|nummer|telefonnummer) (?:von|der|des))",
    r"(?:nummer|telefonnummer|adresse|daten|termine?|kennzeichen) (?:von|vom) (?:herrn?|frau)",
    r"(?:select|drop|delete|insert|update) (?:\w+ )?(?:from|table|into)",
)

_EN: Final = phrase(
    r"(?:ignore|forget|disregard|override|bypass|skip)\b.*\b(?:instructions?|rules?|prompts?"
    r"|guidelines?|orders|restrictions?|everything|previous|safety|training)",
    r"i(?:'m| am) (?:actually )?(?:the|an?|your) (?:\w+ )?(?:administrator|admin|developer"
    r"|programmer|engineer|owner|boss|ceo|police\w*|manager|creator|technician)",
    r"(?:system ?(?:prompt|message|instructions?)|developer mode|debug|jailbreak|maintenance mode"
    r"|superuser|root|admin mode)",
    r"(?:you are|you're) now\b|from now on|pretend (?:to|you|that)|act as|role ?play",
    r"(?:read|tell|give|show|list|reveal|name|spell)\b.*\b(?:customers?|database|passwords?|pin"
    r"|secret\w*|(?:today's|all|all the|other|every) appointments?|client\w*"
    r"|(?:number|address|data|details|appointment) of)",
    r"(?:mr|mrs|ms|miss|mister) \w+'s (?:\w+ )?(?:number|address|appointments?|details|data)",
    r"(?:number|address|appointments?|details|data) (?:of|for) (?:mr|mrs|ms|miss|mister)\b",
    r"(?:select|drop|delete|insert|update) (?:\w+ )?(?:from|table|into)",
)

_ORDERS: Final = {"de": _DE, "en": _EN}


def is_injection(words: str, language: str) -> bool:
    """True if folded words try to give orders or ask for another person's data."""
    return bool(_ORDERS[language].search(words))
