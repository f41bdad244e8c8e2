"""What is spelled rather than read: telephone numbers, addresses, plates, references."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from voice_agent.speech.spoken.scanner import Rule, word_after, words_before

_MANY = 4  # digits: fewer than this is read as a number where nothing says otherwise
_TELEPHONE = 6  # digits a telephone number has at least
_POSTCODE = 5
_NEAR = 6  # words: "rufen Sie im Notfall bitte sofort die 112"
_STREETS = ("straße", "str", "weg", "platz", "allee", "gasse", "street", "road")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How a language spells.

    Attributes:
        digits: the names of 0 to 9 as said on the telephone.
        joint: what stands between two spelled letters.
        cardinal: says a whole number.
        at, dot, hyphen, underscore, slash, plus: the names of the signs in addresses.
        signs: names of the rarer signs in a web address.
        endings: top-level domains that are words, and how they are said.
        dialled: words after which figures are a number to dial, in lower case.
        copulas: words that may stand between those and the figures.
        counted: nouns, in lower case, before which five digits are a quantity, not a postcode.
        postcode: words that announce a postcode, in lower case.
        calling: words near 110 or 112, in lower case, that make it the emergency number.
        introducing: words that do so only directly before it.
        nouns_capital: whether a capital right after a number begins what is counted.
    """

    digits: tuple[str, ...]
    joint: str
    cardinal: Callable[[int], str]
    at: str
    dot: str
    hyphen: str
    underscore: str
    slash: str
    plus: str
    signs: dict[str, str]
    endings: dict[str, str]
    dialled: frozenset[str]
    copulas: frozenset[str]
    counted: frozenset[str]
    postcode: frozenset[str]
    calling: frozenset[str]
    introducing: frozenset[str]
    nouns_capital: bool

    def letters(self, letters: str) -> str:
        """Spell letters one by one."""
        return self.joint.join(letters.upper().replace("ß", "ẞ"))

    def figures(self, figures: str) -> str:
        """Digits one by one, with a pause after every two to four."""
        return ", ".join(" ".join(self.digits[int(d)] for d in g) for g in grouped(figures))


def grouped(figures: str) -> list[str]:
    """Digits in threes; two pairs for four and five, and no single digit left at the end."""
    if len(figures) <= _MANY:
        return [figures] if figures else []
    if len(figures) == _POSTCODE:
        return [figures[:2], figures[2:]]
    groups = [figures[i : i + 3] for i in range(0, len(figures), 3)]
    if len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups


_END = r"(?![^\W_])"
_MAIL = re.compile(r"([\w.+-]{1,64})@((?:[\w-]{1,63}\.){1,5}[^\W\d_]{2,24})(?!\w)")
_WEB = re.compile(
    r"(?:https?://)?((?:[\w-]{1,63}\.){1,5}(?:de|com|org|net|eu|info|io|at|ch|uk|app|biz)(?!\w))"
    r"(?::\d{1,5})?((?:/[\w.?=&%+~-]{0,80}){0,6})",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[^\W\d_]+|\d+|[^\w]|_")
_INTERNATIONAL = re.compile(r"\+(\d{1,3})((?:[ /.-]{0,3}\d{1,12}){1,8})(?!\d)")
_TRUNK = re.compile(r"0\d{1,6}(?:[ /-]{1,3}\d{1,12}){1,6}(?!\d)(?![.:,]\d)")
_DIALLED = re.compile(r"\d{2,14}(?:[ /-]{1,3}\d{1,12}){0,5}(?!\d)(?![.:,]\d)")
_EMERGENCY = re.compile(r"(?:116 ?117|11[02])(?!\d)(?![.,:]\d)(?!-\w)")
_LONG = re.compile(r"\d{7,60}(?!\d)|0\d{1,30}(?!\d)(?![.,:]\d)")
_ANY = re.compile(r"\d{1,60}")
_PLATE = re.compile(rf"([A-ZÄÖÜ]{{1,3}})-([A-Z]{{1,2}})[- ](\d{{1,4}})([EH]?){_END}")
_IBAN = re.compile(rf"([A-Z]{{2}})(\d{{2}}(?: ?[\dA-Z]{{4}}){{2,8}}(?: ?[\dA-Z]{{1,4}})?){_END}")
_CODE = re.compile(rf"[A-ZÄÖÜ]{{1,6}}[-/]?\d[\dA-Z]{{0,16}}(?:[-/.][\dA-Z]{{1,16}}){{0,6}}{_END}")
_FIGURE_CODE = re.compile(
    rf"\d{{1,6}}[A-Z]{{2,4}}\d{{0,6}}{_END}|\d{{1,3}}(?:-[A-Z\d]{{1,8}}){{2,6}}{_END}"
)
_COUNTRY_POSTCODE = re.compile(r"(?:D|DE)[- ](\d{5})(?!\d)")
_POSTCODE_PATTERN = re.compile(r"(\d{5})(?!\d)(?![.,:]\d)(?!-)")


def rules(spelling: Spelling) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules for tokens that begin with a letter, and for those with a digit or sign."""
    tokens = _Tokens(spelling)
    address = (Rule(_MAIL, tokens.mail), Rule(_WEB, tokens.web))
    words = (
        *address,
        Rule(_COUNTRY_POSTCODE, lambda m: f"{spelling.figures(m[1])}"),
        Rule(_PLATE, tokens.plate),
        Rule(_IBAN, tokens.code),
        Rule(_CODE, tokens.code),
    )
    figures = (
        *address,
        Rule(_INTERNATIONAL, tokens.international),
        Rule(_TRUNK, tokens.telephone),
        Rule(_EMERGENCY, tokens.emergency),
        Rule(_DIALLED, tokens.dialled),
        Rule(_POSTCODE_PATTERN, tokens.postcode),
        Rule(_FIGURE_CODE, tokens.code),
    )
    return words, figures


def strings(spelling: Spelling) -> Rule:
    """Many digits in a row, or a leading zero: no quantity is written like that."""
    return Rule(_LONG, lambda m: spelling.figures(m[0]))


def leftover(spelling: Spelling) -> Rule:
    """Whatever digits no other rule took are said one by one: none stays written."""
    return Rule(_ANY, lambda m: spelling.figures(m[0]))


@dataclass(frozen=True, slots=True)
class _Tokens:
    spelling: Spelling

    def mail(self, match: re.Match[str]) -> str:
        return f"{self._spell(match[1])}, {self.spelling.at}, {self._domain(match[2])}"

    def web(self, match: re.Match[str]) -> str:
        path = match[2].rstrip(".?").removesuffix("/")
        return self._domain(match[1]) + (f", {self._spell(path)}" if path else "")

    def _domain(self, domain: str) -> str:
        stem, _, ending = domain.rpartition(".")
        said = self.spelling.endings.get(ending.lower()) or self.spelling.letters(ending)
        return f"{self._spell(stem)}, {self.spelling.dot} {said}"

    def _spell(self, text: str) -> str:
        spelling = self.spelling
        names = {
            ".": spelling.dot,
            "-": spelling.hyphen,
            "_": spelling.underscore,
            "/": spelling.slash,
            "+": spelling.plus,
            **spelling.signs,
        }
        said: list[str] = []
        for part in _PARTS.findall(text):
            if part.isdecimal():
                said.append(spelling.figures(part))
            elif part.isalpha():
                silent = not re.search(r"[aeiouyäöü]", part.lower())
                said.append(spelling.letters(part) if silent or len(part) == 1 else part)
            else:
                said.append(names.get(part, part if part.isalnum() else " "))
        return " ".join(said)

    def international(self, match: re.Match[str]) -> str | None:
        if len(re.sub(r"\D", "", match[0])) <= _TELEPHONE:
            return None
        country = " ".join(self.spelling.digits[int(d)] for d in match[1])
        return f"{self.spelling.plus} {country}, {self._groups(match[2])}"

    def telephone(self, match: re.Match[str]) -> str | None:
        if len(re.sub(r"\D", "", match[0])) < _TELEPHONE:
            return None
        return self._groups(match[0])

    def dialled(self, match: re.Match[str]) -> str | None:
        before = [word.rstrip(".") for word in words_before(match) if word not in ",:"]
        if before and before[0] in self.spelling.copulas:
            before = before[1:]
        if not before or before[0] not in self.spelling.dialled:
            return None
        return self._groups(match[0])

    def emergency(self, match: re.Match[str]) -> str | None:
        """110, 112 and 116117 (the doctor on call) where nothing is counted by them."""
        figures = match[0].replace(" ", "")
        counted = word_after(match)
        if counted.lower() in self.spelling.counted:
            return None
        if len(figures) < _TELEPHONE:
            before = [word.rstrip(".") for word in words_before(match)][:_NEAR]
            near = self.spelling.calling.intersection([*before, counted.lower()])
            if not near and not (before and before[0] in self.spelling.introducing):
                return None
            if before and before[0].endswith(_STREETS):
                return None
            if self.spelling.nouns_capital and counted[:1].isupper():
                return None
        return self.spelling.figures(figures)

    def _groups(self, written: str) -> str:
        return ", ".join(self.spelling.figures(group) for group in re.findall(r"\d+", written))

    def postcode(self, match: re.Match[str]) -> str | None:
        before = words_before(match)
        announced = bool(before) and before[0].rstrip(".") in self.spelling.postcode
        town = word_after(match)
        place = town[:1].isupper() and len(town) > 1 and town.lower() not in self.spelling.counted
        addressed = bool(before) and before[0] in {",", "in"}
        if not announced and not (place and (addressed or not match[1].endswith("00"))):
            return None
        return self.spelling.figures(match[1])

    def plate(self, match: re.Match[str]) -> str:
        spelling = self.spelling
        tail = f" {spelling.letters(match[4])}" if match[4] else ""
        return (
            f"{spelling.letters(match[1])}, {spelling.letters(match[2])}, "
            f"{spelling.figures(match[3])}{tail}"
        )

    def code(self, match: re.Match[str]) -> str:
        parts = re.findall(r"[^\W\d_]+|\d+", match[0])
        short = len(re.sub(r"\D", "", match[0])) < _MANY and len(parts) <= 2  # noqa: PLR2004 (A4, H7)
        said = []
        for part in parts:
            if part.isalpha():
                said.append(self.spelling.letters(part))
            elif short and part[0] != "0":
                said.append(self.spelling.cardinal(int(part)))
            else:
                said.append(self.spelling.figures(part))
        return (" " if short else ", ").join(said)
