"""Where a text may be cut for synthesis: after sentences, and at good places within long ones."""

from __future__ import annotations

import re

from voice_agent.speech.spoken.scanner import alternatives

LONG = 60
"""A sentence of more characters than this is worth cutting into clauses."""

SHORTEST = 12
"""No clause is shorter than this many characters: tiny pieces sound chopped."""

_MONTHS = (
    "Januar Februar März April Mai Juni Juli August September Oktober November Dezember "
    "January February March May June July October December Jan Feb Mrz Mär Mar Apr Jun Jul Aug "
    "Sep Sept Okt Oct Nov Dez Dec"
).split()

# After these a full stop never ends a sentence: something belongs to them.
_BINDING = frozenset(
    "z b d h u a v i ggf bzw ca vgl inkl exkl zzgl abzgl evtl zb dh nr tel dr prof hr hrn fr str st"
    " dipl ing geb max mind abs art kap abt bd s o mr mrs ms messrs approx e g ie eg vs incl"
    " excl fig mt rev ext gen sog bes allg einschl tgl wg gem lt bspw jan feb mrz mär mar apr jun"
    " jul aug sep sept okt oct nov dez dec mo di mi do sa so mon tue tues wed thu thur thurs fri"
    " sat sun".split()
)

# After these it may: it does when a word follows that begins sentences.
_OPEN = frozenset(
    "usw etc uhr std stdn min sek stk mwst mio mrd tsd hrs hr mins sec ltd inc co corp jr sr"
    " m p km kg ave rd blvd fr sa so mo di mi do str st".split()
)

_STARTERS = frozenset(
    "Wir Sie Ich Er Es Der Die Das Den Dem Ein Eine Einen Bitte Danach Dann Und Oder Aber Wenn"
    " Falls Möchten Wollen Können Kann Haben Hat Ist Sind War Soll Darf Drücken Sagen Rufen"
    " Kommen Unser"
    " Unsere Ihr Ihre Ihren Mein Meine Für Von Vom Am Im In An Auf Zum Zur Mit Bei Ab Bis Dort Hier"
    " Heute Morgen Gestern Danke Vielen Auch Außerdem Leider Gerne Gern Ja Nein Was Wann Wie Wo"
    " Wer Warum Welche Welcher Welches Passt Gibt Geht Nach Vor Seit Zu Alle Kein Keine Samstags"
    " Sonntags Dieser Diese Dieses Jetzt Noch Nur So Da Damit Deshalb Parken Montags Freitags"
    " We You I He She It They The A An This That These Those Please Then And Or But If Would Could"
    " Can Do Does Have Has Is Are Was Our Your My For From On In At With By Until There Here Today"
    " Tomorrow Yesterday Thanks Thank Also Unfortunately Yes No What When How Where Who Why Which"
    " After Before Since To All Now Only So Press Call Say Shall May Let Everyone Parking".split()
)

_ORDINAL_BEFORE = frozenset(
    "am im vom zum zur beim der die das den dem des ab bis seit jeder jede jedes jeden jedem und"
    " oder ihr ihre ihrem ihren unser unsere unserem einem einen ein eine montag dienstag mittwoch"
    " donnerstag freitag samstag sonntag in".split()
)

# What is counted by ordinals, by the last part of the noun or the whole of it.
_COUNTED_PARTS = tuple(
    "stock stockwerk etage geschoss reihe gang tür eingang ausfahrt abfahrt straße kreuzung ampel"
    " haus zimmer raum seite platz stelle klasse auflage termin vorschlag versuch woche monat"
    " quartal halbjahr jahr jahrhundert stunde minute geburtstag jubiläum kunde kunden kundin"
    " person kind mahnung rate inspektion untersuchung prüfung besuch anruf auftrag reifen"
    " zylinder generation kapitel absatz punkt schritt stufe phase quartals jahres monats"
    " fahrzeug auto wagen option gerät meinung chance hälfte schicht".split()
)
_COUNTED = frozenset("og ug mal tag tages rad teil mann frau wahl".split())
_DAYS = 31  # of a month: an ordinal without its noun ("am 24.") is the day of a date
_DATED = frozenset(
    "am vom zum ab bis seit der den dem des und oder jeder jeden jedem im in montag dienstag"
    " mittwoch donnerstag freitag samstag sonntag".split()
)

_BOUNDARY = re.compile(
    r"""[.!?…]{1,8}["“”»«’')\]]{0,4}(?=\s)   # a stop, quotes that close with it, then a space
      | \n[^\S\n]{0,80}\n                     # or an empty line""",
    re.VERBOSE,
)
_MONTH_NUMBERS = range(1, 13)
_NEXT = re.compile(r"\s{0,80}[„“\"»«'(\[]{0,3}([^\W_]{1,40}|\S)")
_LAST = re.compile(r"([^\W_]{1,40})[.]$")
_PART = re.compile(r"(?:[a-zA-ZäöüÄÖÜ]\. ?){1,4}[a-zA-ZäöüÄÖÜ]\.$")
_BREAK = re.compile(r"[,;:](?=\s\D)|\s[–—-](?=\s\D)")
_TIED = re.compile(rf"\s(?:{alternatives(_MONTHS)})\b")


def sentences(text: str) -> list[str]:
    """Cut into sentences; joined by one space they are the text with its blanks made single."""
    found: list[str] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if _ends(text, start, match):
            found.append(text[start : match.end()])
            start = match.end()
    found.append(text[start:])
    pieces = (" ".join(piece.split()) for piece in found)
    return [piece for piece in pieces if piece]


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    mark = match.group()
    if mark[0] == "\n":
        return True
    following = _NEXT.match(text, match.end())
    if following is None:
        return True
    word = following.group(1)
    if word[0].islower():
        return False
    if mark[0] != "." or len(mark.rstrip("\"“”»«’')]")) > 1:
        return True
    head = text[max(start, match.start() - 40) : match.start() + 1]
    last = _LAST.search(head)
    if last is None:
        return True
    last_word = last.group(1)
    if last_word.lower() == "no":  # "No. 5", and "No. We are closed."
        return not word[0].isdecimal()
    if last_word.endswith("str"):  # "Hauptstr. 5"
        return word in _STARTERS
    if last_word.isdecimal():
        return _number_ends(text, match, head[: last.start()], last_word, word)
    if last_word.lower() in _OPEN and word in _STARTERS:
        return True
    if _PART.search(head) or (len(last_word) == 1 and last_word.isalpha()):
        return last_word in "mM" and word in _STARTERS
    return last_word.lower() not in _BINDING and last_word.lower() not in _OPEN


def takes_ordinal(number: int, noun: str) -> bool:
    """Whether ``number.`` before this word, or before none, can be read as an ordinal.

    "die 112. Unseren Abschleppdienst" is a number and a full stop; "der 100. Kunde" is not.
    """
    return number <= _DAYS or _counted(noun)


def _counted(noun: str) -> bool:
    word = noun.lower()
    return word in _COUNTED or word.endswith(_COUNTED_PARTS)


def _number_ends(text: str, match: re.Match[str], before: str, last_word: str, word: str) -> bool:
    """Whether ``5.`` is an ordinal or a date in the middle of a sentence, or ends it."""
    if word in _STARTERS:
        return True
    if word[0].isdecimal():
        return len(last_word) == len("2026")  # "24. 12." and "3. 5." are dates
    if _TIED.match(text, match.end()):
        return False
    if before.endswith("."):
        return not re.search(r"(?<!\d)\d{1,2}\.$", before) or int(last_word) not in _MONTH_NUMBERS
    if not takes_ordinal(int(last_word), word):
        return True
    previous = before.split()
    if not previous or previous[-1].endswith(","):
        return False
    # "Drücken Sie die 1. Datenschutz": what is no noun with a number makes no ordinal of a key.
    article = previous[-1].lower().strip(",")
    return article not in (_ORDINAL_BEFORE if _counted(word) else _DATED)


def clauses(text: str) -> list[str]:
    """Cut into sentences, and long ones at a comma, dash, colon or semicolon.

    The synthesiser then has something to say after the first clause. Joined by one space the
    pieces are the text with its blanks made single.
    """
    return [clause for sentence in sentences(text) for clause in _clauses(sentence)]


def _clauses(sentence: str) -> list[str]:
    pieces: list[str] = []
    start = 0
    for match in _BREAK.finditer(sentence):
        end = match.end()
        if len(sentence) - start <= LONG:
            break
        if end - start >= SHORTEST and len(sentence) - end - 1 >= SHORTEST:
            pieces.append(sentence[start:end])
            start = end + 1
    pieces.append(sentence[start:])
    return pieces
