from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from voice_agent.documents.law import law
from voice_agent.documents.markup import Markup, code, plain

PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


class Seen(HTMLParser):
    """What a reader sees of a page, and which elements show it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 (the parser's)
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(max_size=200))
def test_a_value_shows_exactly_its_text_and_makes_no_element(value: str) -> None:
    """In a paragraph, in a list and in a cell; characters that steer are blanks."""
    steers = {each for each in value if unicodedata.category(each) in {"Cc", "Cf"}}
    wanted = " ".join("".join(" " if each in steers else each for each in value).split())
    if not wanted:
        return
    for before, after, elements in (
        ("", "\n", ["p"]),
        ("- ", "\n", ["ul", "li"]),
        ("| |\n| --- |\n| ", " |\n", ["table", "thead", "tr", "th", "tbody", "tr", "td"]),
    ):
        seen = Seen(PARSER.render(f"{before}{plain(value)}{after}"))
        assert seen.elements == elements
        assert " ".join(seen.text.split()) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[here](javascript:alert(1))",
        "![](https://elsewhere.example/pixel.png)",
        "<https://elsewhere.example>",
        "# heading",
        "1. one",
        "- item",
        "> quote",
        "***",
        "---",
        "===",
        "`code`",
        "a | b | c",
        "| --- |",
        "**bold** _it_ ~~no~~",
        "&lt;b&gt; &#60;",
        "a\n\n# b",
        "~~~\ncode",
        "    indented",
        "\u202eright to left",
    ],
)
def test_markup_in_a_value_is_only_text(value: str) -> None:
    seen = Seen(PARSER.render(plain(value) + "\n"))
    assert seen.elements == ["p"]
    cell = Seen(PARSER.render(f"| a | b |\n| --- | --- |\n| {plain(value)} | x |\n"))
    assert cell.elements.count("td") == 2
    assert set(cell.elements) == {"table", "thead", "tbody", "tr", "th", "td"}


def test_a_name_of_the_program_is_code_and_nothing_else_is() -> None:
    assert code("calls.call_id") == "`calls.call_id`"
    assert code("a`b") == "a\\`b"
    assert plain(code("calls.call_id")) == "`calls.call_id`"
    assert isinstance(code("x y"), Markup)


@pytest.mark.parametrize(
    ("written", "german"),
    [
        ("Art. 6(1)(a) GDPR", "Art. 6 Abs. 1 Buchst. a DSGVO"),
        ("Art. 6(1)(b), (f) GDPR", "Art. 6 Abs. 1 Buchst. b, Buchst. f DSGVO"),
        ("Art. 6(1)(c), 7(1) GDPR", "Art. 6 Abs. 1 Buchst. c, 7 Abs. 1 DSGVO"),
    ],
)
def test_a_legal_basis_is_quoted_as_a_language_quotes_it(written: str, german: str) -> None:
    assert (law(written, "de"), law(written, "en")) == (german, written)
