"""How German takes back and excludes what was said."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots.moment_common import Stance, phrase

STANCE: Final = Stance(
    corrects=phrase(
        r"nein|nee|no|quatsch|ich mein(?:e|te)?|besser gesagt|sondern|(?:oder )?doch lieber"
        r"|oder nein|oder doch|falsch|stimmt nicht|moment|korrigiere|korrektur|vielmehr"
        r"|(?:ach|ah) so|sorry|entschuldigung|pardon|verzeihung"
        r"|(?<!oder )(?<!und )(?:ah|ahm|eh|hm)(?= (?:, )?(?:on |at |der |gegen ){0,3}@)"
        r"|halt nein|oder warten sie|stopp"
    ),
    excludes_next=phrase(
        r"(?<!warum )(?<!wieso )(?:(?:nur|bloss|bitte) )?(?:nicht|kein|ausser"
        r"|until auf)(?: (?:so|mehr|gerade|unbedingt|schon|erst|wieder|bitte|on|der|at|in"
        r"|gegen)){0,4}",
        after=r" (?=@[DTP])",
    ),
    excludes_last=phrase(
        r"nicht(?! (?:sicher|genau|schlecht|nur))|nie|niemals|nichts"
        r"|unmoglich|unpassend|schlecht|urlaub|verreist"
        r"|(?:kann|konnen|geht|habe?n?|passt) (?:\S+ )?(?:kein|leider nicht)|verhindert"
        r"|auf kein(?:en)? fall"
    ),
    ends=frozenset(", . ? ! aber sondern dafur stattdessen lieber ob weil dass".split()),
    moves=phrase(
        r"(?:from (?:on |der ){0,3})?(@[DT]\d+)(?: (?:at |, )?(@[TP]\d+))?"
        r" auf (?:on |der |at ){0,3}@[DT]\d+"
        r"|(?:statt|anstatt|anstelle|anstelle from) (?:on |der ){0,3}(@[DT]\d+)"
    ),
    fillers=frozenset(
        ", . ? ! - ja also so at gegen bitte on in gern gerne dann vielleicht passt ware gut mir"
        " lieber liebsten etwa okay ok gut geht".split()
    ),
)
"""German."""
