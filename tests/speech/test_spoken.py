"""What holds for every text in both languages."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]  # the width of a pattern is known only there

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from num2words import num2words

from voice_agent.speech.spoken import clauses, sentences, speakable
from voice_agent.speech.spoken.english.grammar import GRAMMAR as ENGLISH
from voice_agent.speech.spoken.english.numbers import cardinal as english
from voice_agent.speech.spoken.german.grammar import GRAMMAR as GERMAN
from voice_agent.speech.spoken.german.numbers import cardinal as german
from voice_agent.speech.spoken.scanner import Grammar, Rule, scan
from voice_agent.speech.spoken.segments import LONG, SHORTEST

ROOT = Path(__file__).parents[2]
LANGUAGES = st.sampled_from(["de", "en"])
FRAGMENTS = st.sampled_from(
    "am der 3. 24.12. 14:30 8-18 Uhr Mo. Fr. Fr 1 2,5 49,90 € EUR % km Std. z. B. Dr. Nr. A4"
    " T-4711 0172 3456789 +49 30 1/2 ½ 10115 Berlin März March Dec. pm p.m. St. No. II IV. & - –"
    " ( ) [ ] < > * # @ / . , : ; ! ? … ' \" „ “ x × 12a 3rd 2026 2026-11-23 a@b.de"
    " www.b.de usw. <b> 🙂 ²"
    " ³".split()
)
TEXTS = st.one_of(
    st.text(max_size=80),
    st.lists(FRAGMENTS, max_size=14).map(" ".join),
    st.lists(FRAGMENTS, max_size=14).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGES)
def test_nothing_unspeakable_is_left(text: str, language: str) -> None:
    said = speakable(text, language)
    assert all(unicodedata.category(c)[0] in "LZP" for c in said), said
    assert set(re.findall(r"[^\w\s]", said)) <= set(".,;:!?'-")


@settings(max_examples=400, deadline=None)
@given(TEXTS, LANGUAGES)
def test_what_is_said_is_said_the_same_again(text: str, language: str) -> None:
    said = speakable(text, language)
    assert speakable(said, language) == said


@settings(max_examples=200, deadline=None)
@given(TEXTS, LANGUAGES)
def test_pieces_hold_the_whole_text(text: str, language: str) -> None:
    whole = " ".join(text.split())
    assert " ".join(sentences(text, language)) == whole
    assert " ".join(clauses(text, language)) == whole


@pytest.mark.parametrize("call", [speakable, sentences, clauses])
def test_an_unknown_language_is_refused(call: object) -> None:
    assert callable(call)
    with pytest.raises(ValueError, match="fr"):
        call("Bonjour", "fr")


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("de", "Ja. Wir haben offen.", ["Ja.", "Wir haben offen."]),
        ("de", "Etwa z. B. Montag. Passt das?", ["Etwa z. B. Montag.", "Passt das?"]),
        ("de", "Dr. Klein kommt. Gut!", ["Dr. Klein kommt.", "Gut!"]),
        ("de", "Raum Nr. 5 ist frei.", ["Raum Nr. 5 ist frei."]),
        ("de", "Um 14.30 Uhr. Bitte pünktlich.", ["Um 14.30 Uhr.", "Bitte pünktlich."]),
        ("de", "Um 14.30 geht es los.", ["Um 14.30 geht es los."]),
        ("de", "Sie kommen am 3. März zu uns.", ["Sie kommen am 3. März zu uns."]),
        ("de", "Zu am 24.12. Danach geht es.", ["Zu am 24.12.", "Danach geht es."]),
        ("de", "Öl, Filter usw. Wir prüfen.", ["Öl, Filter usw.", "Wir prüfen."]),
        ("de", "Drücken Sie die 1. Danke.", ["Drücken Sie die 1.", "Danke."]),
        ("de", "Hauptstr. 5 und Berliner Str. 7.", ["Hauptstr. 5 und Berliner Str. 7."]),
        ("de", "„Ja.“ Dann gern.", ["„Ja.“", "Dann gern."]),
        ("de", "Im 3. Stock links.", ["Im 3. Stock links."]),
        ("de", "Erstens\n\nZweitens", ["Erstens", "Zweitens"]),
        ("de", "Rufen Sie die 112. Unseren Dienst.", ["Rufen Sie die 112.", "Unseren Dienst."]),
        ("de", "Oder die 110. Kollegen helfen.", ["Oder die 110.", "Kollegen helfen."]),
        ("de", "Drücken Sie die 1. Datenschutz: 2.", ["Drücken Sie die 1.", "Datenschutz: 2."]),
        ("de", "Sie sind der 100. Kunde heute.", ["Sie sind der 100. Kunde heute."]),
        ("de", "Das ist Ihr 2. Fahrzeug bei uns.", ["Das ist Ihr 2. Fahrzeug bei uns."]),
        ("en", "Call 112. Anyone can.", ["Call 112.", "Anyone can."]),
        ("en", "Use e.g. Monday. Fine?", ["Use e.g. Monday.", "Fine?"]),
        ("en", "Go to No. 5 please.", ["Go to No. 5 please."]),
        ("en", "No. We are closed.", ["No.", "We are closed."]),
        ("en", "Until 5 p.m. Please call.", ["Until 5 p.m.", "Please call."]),
        ("en", "At St. Mary, 12 High St. on Monday.", ["At St. Mary, 12 High St. on Monday."]),
        ("en", "Mr. Berger is in. Wait!", ["Mr. Berger is in.", "Wait!"]),
        ("de", "", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_ends_them(
    language: str, text: str, pieces: list[str]
) -> None:
    assert sentences(text, language) == pieces


WRITTEN = sorted(
    (language, text)
    for language in ("de", "en")
    for text in (
        *(
            text
            for path in (ROOT / "prompts" / language).glob("*.yaml")
            for value in yaml.safe_load(path.read_text(encoding="utf-8")).values()
            for text in (value if isinstance(value, list) else [value])
        ),
        *(
            re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[
                ("de", "en").index(language) + 1
            ].partition("\n")[2]
            for path in (ROOT / "config" / "knowledge").glob("*.md")
        ),
    )
)


@pytest.mark.parametrize(("language", "text"), WRITTEN)
def test_no_text_of_the_company_is_read_with_an_ordinal_of_three_digits(
    language: str, text: str
) -> None:
    said = speakable(text, language)
    assert not re.search(r"hundert\w*t(?:e|er|es|en|em)\b|hundredth|hundred and \w+th\b", said)


@pytest.mark.parametrize(("language", "text"), WRITTEN)
def test_no_sentence_of_the_company_runs_on_after_a_number(language: str, text: str) -> None:
    for sentence in sentences(text, language):
        assert not re.search(r"\d\. [A-ZÄÖÜ](?!ezember|anuar)", sentence)


def test_a_long_sentence_begins_with_a_short_clause() -> None:
    text = (
        "Wenn Sie möchten, schaue ich gern nach, ob am Montag für 1,5 Stunden noch etwas frei ist."
    )
    assert clauses(text, "de") == [
        "Wenn Sie möchten,",
        "schaue ich gern nach,",
        "ob am Montag für 1,5 Stunden noch etwas frei ist.",
    ]


def test_a_short_sentence_is_not_cut() -> None:
    assert clauses("Guten Tag, hier ist die Werkstatt Berger.", "de") == [
        "Guten Tag, hier ist die Werkstatt Berger."
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["ja,", "Öl,", "Filter:", "und", "Werkstatt –", "heute"]), max_size=40)
)
def test_no_clause_is_tiny(words: list[str]) -> None:
    text = " ".join(words)
    pieces = clauses(text, "de")
    assert len(pieces) == 1 or len(text) > LONG or not text
    assert len(pieces) <= 1 or min(map(len, pieces)) >= SHORTEST


@pytest.mark.parametrize("grammar", [GERMAN, ENGLISH], ids=["de", "en"])
def test_every_rule_looks_at_a_bounded_stretch_without_nested_open_repeats(
    grammar: Grammar,
) -> None:
    """A finite width means: no text makes a rule look further than that."""
    for rule in (*grammar.words, *grammar.figures):
        _, widest = _parser.parse(rule.pattern.pattern, rule.pattern.flags).getwidth()
        assert widest < 1000, rule.pattern.pattern


@pytest.mark.parametrize(
    "unit", ["1", "a", "1 ", "1.", "a.", "1,", "0/", "-", "1-", "A-1", "a@", "Fr.", "+4 ", "1:"]
)
@pytest.mark.parametrize("grammar", [GERMAN, ENGLISH], ids=["de", "en"])
def test_no_text_makes_a_rule_read_a_character_twice(grammar: Grammar, unit: str) -> None:
    """Work is counted, not timed: a rule reads at most once at each place, on hostile text too."""
    tried: Counter[int] = Counter()

    def counted(rule: Rule) -> Rule:
        def say(match: re.Match[str]) -> str | None:
            tried[match.start()] += 1
            return rule.say(match)

        return replace(rule, say=say)

    counting = Grammar(
        words=[counted(rule) for rule in grammar.words],
        figures=[counted(rule) for rule in grammar.figures],
        signs=grammar.signs,
    )
    scan((unit * 2000)[:2000], counting)
    assert max(tried.values(), default=0) <= max(len(grammar.words), len(grammar.figures))


def test_cardinals_agree_with_an_independent_implementation() -> None:
    """num2words writes "einhunderteinstausend"; German has no such word, so it is mended here."""
    for number in [*range(1300), *range(1300, 1_000_000, 7919)]:
        other = num2words(number, lang="de").replace("hunderteinstausend", "hunderteintausend")
        assert german(number) == other
        assert english(number) == num2words(number, lang="en").replace(",", "")
