"""Documents as Markdown and as pages that print well: one file each, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt

from voice_agent.agent import OWN_MACHINE
from voice_agent.documents import markup
from voice_agent.documents.law import law
from voice_agent.documents.records import Records
from voice_agent.periods import period

LANGUAGES: Final = ("de", "en")
"""Languages there are templates in."""

OWN_MACHINES: Final = {
    "de": "eigener Rechner des Verantwortlichen, auf dem dieses Programm läuft",
    "en": "the controller's own machine, on which this program runs",
}


class Document(StrEnum):
    """The documents; each is a template of its name."""

    ART30 = "art30"
    DATA_FLOW = "data-flow"
    MEASURES = "measures"
    DPIA = "dpia"


@dataclass(frozen=True, slots=True)
class Page:
    """One document in one language.

    Attributes:
        document: which.
        markdown: as CommonMark with tables.
        html: as a page for a browser's print dialogue: A4, no script, no other file.
    """

    document: Document
    markdown: str
    html: str


def render(records: Records, language: str) -> tuple[Page, ...]:
    """Every document.

    Args:
        records: the facts.
        language: one of ``LANGUAGES``.
    """
    written = _markdown_environment(language)
    pages = _page_environment()
    return tuple(_page(each, records, language, written, pages) for each in Document)


def _page(
    document: Document, records: Records, language: str, written: Environment, pages: Environment
) -> Page:
    text = written.get_template(f"{language}/{document}.md").render(r=records, language=language)
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    heading = next(token for token in parser.parse(text) if token.type == "inline")
    title = "".join(each.content for each in heading.children or () if each.type == "text")
    html = pages.get_template("page.html").render(
        language=language,
        title=title,
        company=records.agent.company.name,
        document=document,
        body=parser.render(text),
    )
    return Page(document, text, html)


def _markdown_environment(language: str) -> Environment:
    # Markdown has its own escaping: finalize does it to every value. Nothing written here is HTML
    # before the parser, which lets no HTML through, has made it so.
    environment = Environment(
        loader=PackageLoader("voice_agent.documents"),
        autoescape=False,  # noqa: S701 (as above)
        undefined=StrictUndefined,
        finalize=markup.plain,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = markup.code
    environment.filters["period"] = partial(period, language=language)
    environment.filters["law"] = partial(law, language=language)
    environment.filters["place"] = lambda name: (
        OWN_MACHINES[language] if name == OWN_MACHINE else name
    )
    return environment


def _page_environment() -> Environment:
    return Environment(
        loader=PackageLoader("voice_agent.documents"), autoescape=True, undefined=StrictUndefined
    )
