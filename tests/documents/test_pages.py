"""The documents hold everything they are made from, in both languages (rules C29, C30)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from consent.retention import UNLIMITED, Period
from tests.documents import facts
from voice_agent.documents.pages import LANGUAGES, Document, Page, render
from voice_agent.documents.records import Records
from voice_agent.egress import allowed_hosts
from voice_agent.storage.tables import metadata

HOSTILE = "<script>alert(1)</script> | [x](javascript:a) ![y](https://e.example/p) `c` # **Z**"


def pages(records: Records, language: str = "en") -> dict[Document, Page]:
    return {page.document: page for page in render(records, language)}


class Structure(HTMLParser):
    """Elements, attributes and cells of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: list[list[str]] = []
        self.headings: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        elif tag in {"h1", "h2", "h3"}:
            self.headings.append("")

    def handle_data(self, data: str) -> None:
        inside = [tag for tag in self.elements if tag not in {"strong", "em", "code"}]
        if inside and inside[-1] in {"td", "th"}:
            self.rows[-1][-1] += data
        elif inside and inside[-1] in {"h1", "h2", "h3"}:
            self.headings[-1] += data


def configurations() -> Iterator[tuple[str, Records]]:
    """Plain and unusual ones; each takes other branches of the templates."""
    yield "plain", facts.records()
    model = facts.agent(
        recipients=[
            {"name": "Twilio Ireland Limited", "purpose": "calls", "host": "twilio.com"},
            {"name": "Model Ltd", "purpose": "answers", "host": "models.example"},
        ],
        notice={"mode": "keypad", "health": True},
    )
    elsewhere = facts.configured(
        **facts.ELSEWHERE,
        **facts.REMOTE_MODEL,
        DATABASE_URL="postgresql://u:p@db.internal.example/agent",
        REDIS_URL="rediss://live.internal.example",
        PUBLIC_URL="https://voice.example",
    )
    yield "elsewhere", facts.records(elsewhere, model, "https://tsa.example/tsr")
    local = facts.configured(
        LLM_BASE_URL="http://127.0.0.1:11434/v1",
        LLM_MODEL="m",
        DATABASE_URL="postgresql://u:p@db.internal.example/agent?ssl=require",
    )
    stream = facts.agent(notice={"mode": "stream"}, recipients=[], languages=["de"])
    yield "stream", facts.records(local, stream)


CONFIGURATIONS = dict(configurations())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("records", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_c19_every_column_of_the_retention_table_stands_in_the_record(
    records: Records, language: str
) -> None:
    text = pages(records, language)[Document.ART30].markdown
    columns = [column for table in metadata.sorted_tables for column in table.columns]
    assert len(columns) > 50
    for column in columns:
        assert f"| `{column.table.name}.{column.name}` |" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", [Document.ART30, Document.DATA_FLOW, Document.DPIA])
@pytest.mark.parametrize("records", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_c12_every_recipient_stands_in_the_documents(
    records: Records, document: Document, language: str
) -> None:
    page = pages(records, language)[document]
    for each in records.recipients:
        assert each.name in page.markdown
        assert each.purpose in page.markdown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_c30_the_hosts_of_the_data_flow_are_exactly_the_allow_list(
    name: str, language: str
) -> None:
    records = CONFIGURATIONS[name]
    page = pages(records, language)[Document.DATA_FLOW]
    heading = {"de": "Ziele, zu denen", "en": "Where the server connects to"}[language]
    section = page.markdown.partition(f"## {heading}")[2].partition("\n## ")[0]
    hosts = re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
    assert hosts == [each.host for each in records.destinations]
    assert bool(hosts) is bool(records.destinations)


def test_c30_the_list_of_the_documents_is_the_one_the_server_keeps_to() -> None:
    settings = facts.configured(**facts.REMOTE_MODEL)
    assert facts.records(settings).destinations == allowed_hosts(settings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_c29_another_region_stands_in_the_documents_with_its_reason(language: str) -> None:
    records = facts.records(facts.configured(**facts.ELSEWHERE))
    made = pages(records, language)
    for document in (Document.ART30, Document.DATA_FLOW, Document.DPIA):
        assert "us1: transfer assessment of 2026-10-01" in made[document].markdown
    assert "`us1`" in made[Document.DATA_FLOW].markdown
    assert "`ashburn`" in made[Document.DATA_FLOW].markdown


@pytest.mark.parametrize("language", LANGUAGES)
def test_c29_what_to_do_when_the_carrier_refuses_redaction_is_said(language: str) -> None:
    made = pages(facts.records(), language)
    for document in (Document.DATA_FLOW, Document.MEASURES):
        assert "30029" in made[document].markdown


@pytest.mark.parametrize("language", LANGUAGES)
def test_c12_a_remote_language_model_is_named_wherever_it_matters(language: str) -> None:
    records = CONFIGURATIONS["elsewhere"]
    made = pages(records, language)
    for document in (Document.ART30, Document.DATA_FLOW, Document.DPIA):
        assert "`api.models.example`" in made[document].markdown
    assert "Model Ltd" in made[Document.DATA_FLOW].markdown


@pytest.mark.parametrize("records", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
@pytest.mark.parametrize("document", list(Document))
def test_c30_both_languages_have_the_same_sections_tables_and_open_points(
    document: Document, records: Records
) -> None:
    german, english = (pages(records, language)[document] for language in ("de", "en"))
    levels = [re.findall(r"^(#+) ", page.markdown, re.MULTILINE) for page in (german, english)]
    assert levels[0] == levels[1]
    rows = [[len(row) for row in Structure(page.html).rows] for page in (german, english)]
    assert rows[0] == rows[1]
    open_points = [
        len(re.findall(r"^> \*\*(?:OFFEN|OPEN) ·", page.markdown, re.MULTILINE))
        for page in (german, english)
    ]
    assert open_points[0] == open_points[1]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("records", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_every_row_of_a_table_is_as_long_as_its_heading_and_no_markup_is_left_over(
    records: Records, language: str
) -> None:
    for page in pages(records, language).values():
        seen = Structure(page.html)
        for rows in page.html.split("<table>")[1:]:
            table = Structure("<table>" + rows.partition("</table>")[0])
            assert len({len(row) for row in table.rows}) == 1
        body = page.html.partition("<main>")[2]
        assert "**" not in body
        assert "{{" not in body
        assert "None" not in body
        assert seen.headings[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("document", list(Document))
def test_text_in_the_configuration_stays_text(document: Document, language: str) -> None:
    """Markdown and HTML in the names of companies, in purposes and in the reason."""
    party = {"name": HOSTILE, "address": HOSTILE, "contact": HOSTILE}
    company = facts.agent(
        company=party | {"name": "X"},
        controller=party | {"authority": HOSTILE, "privacy_contact": HOSTILE},
        recipients=[{"name": HOSTILE, "purpose": HOSTILE, "host": "twilio.com"}],
        storage_locations=[HOSTILE],
    )
    settings = facts.configured(**(facts.ELSEWHERE | {"TWILIO_REGION_OVERRIDE": HOSTILE}))
    hostile = pages(facts.records(settings, company), language)[document]
    tame = pages(
        facts.records(
            facts.configured(**(facts.ELSEWHERE | {"TWILIO_REGION_OVERRIDE": "a good reason"})),
            facts.agent(company=party | {"name": "X", "address": "A", "contact": "B"}),
        ),
        language,
    )[document]
    assert Structure(hostile.html).elements == Structure(tame.html).elements
    assert "<script" not in hostile.html
    assert "javascript:" not in "".join(
        str(value) for _, value in Structure(hostile.html).attributes
    )


def test_a_hostile_name_of_the_company_stays_text_in_the_title() -> None:
    company = facts.agent(
        company={"name": "<b>Berger</b> & Co", "address": "A", "contact": "B"},
    )
    for page in pages(facts.records(company=company)).values():
        assert "&lt;b&gt;Berger&lt;/b&gt; &amp; Co</title>" in page.html
        assert "<b>" not in page.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_one_file_without_script_or_anything_from_elsewhere(language: str) -> None:
    for page in pages(CONFIGURATIONS["elsewhere"], language).values():
        seen = Structure(page.html)
        assert f'<html lang="{language}">' in page.html
        assert {"script", "link", "img", "iframe", "a", "form"}.isdisjoint(seen.elements)
        assert "url(" not in page.html
        assert {name for name, _ in seen.attributes}.isdisjoint({"src", "href", "style"})


def test_a_page_prints_on_a4_and_breaks_no_row() -> None:
    html = pages(facts.records())[Document.DPIA].html
    assert "size: A4" in html
    assert re.search(r"tr, blockquote, li[^{]*\{ break-inside: avoid; \}", html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_c17_keys_are_named_by_their_identifiers_and_never_shown(language: str) -> None:
    settings = facts.configured()
    records = facts.records(settings)
    text = "".join(page.markdown + page.html for page in pages(records, language).values())
    for identifier in (*records.record_keys, *records.pseudonym_keys):
        assert f"`{identifier}`" in text
    for key in (*settings.record_key, *settings.pseudonym_key):
        assert key.get_secret_value().hex() not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_secret_of_the_settings_stands_in_a_document(language: str) -> None:
    secret = "hunter2hunter2hunter2"
    settings = facts.configured(
        **(facts.REMOTE_MODEL | {"LLM_API_KEY": secret}),
        DATABASE_URL=f"postgresql://u:{secret}@db.internal.example/agent",
        REDIS_URL=f"rediss://:{secret}@live.internal.example",
        TWILIO_AUTH_TOKEN=secret,
    )
    for page in pages(facts.records(settings), language).values():
        assert secret not in page.markdown + page.html


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "without TLS"),
        ({"PUBLIC_URL": "https://voice.example"}, "by TLS (https, wss)"),
        ({"DATABASE_URL": "postgresql://u:p@db.example/a"}, "demands no TLS"),
        ({"DATABASE_URL": "postgresql://u:p@db.example/a?ssl=require"}, "demands TLS"),
        ({"DATABASE_URL": "postgresql://u:p@127.0.0.1/a"}, "database is on this machine"),
        ({"DATABASE_URL": "postgresql://u@/a?host=/run"}, "database is on this machine"),
    ],
)
def test_the_measures_say_what_is_configured_and_not_what_would_be_good(
    variables: dict[str, str], said: str
) -> None:
    page = pages(facts.records(facts.configured(**variables)))[Document.MEASURES]
    assert said in page.markdown


def test_c15_that_timestamps_are_missing_is_said_and_so_is_that_they_are_there() -> None:
    without = pages(facts.records())[Document.MEASURES].markdown
    with_them = facts.records(timestamp_authority="https://tsa.example")
    assert "not switched on" in without
    assert "confirmed by a timestamp authority" in pages(with_them)[Document.MEASURES].markdown


def test_c2_that_audio_arrives_before_consent_in_mode_stream_is_said() -> None:
    text = pages(CONFIGURATIONS["stream"])[Document.DATA_FLOW].markdown
    assert "discarded undecoded" in text
    assert "**no voice**" not in text


def test_health_data_raises_the_severity_and_is_named() -> None:
    text = pages(CONFIGURATIONS["elsewhere"])[Document.DPIA].markdown
    assert "Art. 9(2)(a) GDPR" in text
    assert "| What was said is read without authority | medium / high |" in text


@pytest.mark.parametrize(
    ("row", "german", "english"),
    [
        (
            {"period": Period("P3Y"), "after": "written_at"},
            "3 Jahre ab `written",
            "3 years from `written",
        ),
        (
            {"period": Period("PT0S"), "after": "delete_at"},
            "| bis `delete_at`",
            "| until `delete_at`",
        ),
        (
            {"period": Period(UNLIMITED), "after": None, "personal": False},
            "| ohne zeitliche Grenze |",
            "| not ended by time |",
        ),
        ({"personal": False}, "| keine personenbezogenen", "| no personal data |"),
        ({"purpose": {"de": "a|b", "en": "<b>"}}, "a\\|b", "\\<b\\>"),
    ],
)
def test_c19_a_row_says_how_long_and_counted_from_what(
    row: dict[str, Any], german: str, english: str
) -> None:
    kept = replace(facts.table().rules[0], **row)
    changed = replace(facts.records(), kept=(kept,))
    assert german in pages(changed, "de")[Document.ART30].markdown
    assert english in pages(changed, "en")[Document.ART30].markdown
