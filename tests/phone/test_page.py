from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from voice_agent.call.phase import Phase
from voice_agent.live.observation import Stage
from voice_agent.phone import page, texts


class Elements(HTMLParser):
    """Every element of a page with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.found.append((tag, dict(attrs)))


@pytest.fixture(scope="module", params=["de", "en"])
def elements(request: pytest.FixtureRequest) -> list[tuple[str, dict[str, str | None]]]:
    return Elements(page.render()[request.param]).found


def shape(value: Any) -> Any:
    return {key: shape(part) for key, part in value.items()} if isinstance(value, dict) else None


def test_both_languages_have_the_same_texts() -> None:
    assert shape(texts.load("de")) == shape(texts.load("en"))


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_phase_of_a_call_has_words(language: str) -> None:
    states = texts.load(language)["dynamic"]["state"]
    assert {phase.value for phase in Phase} <= states.keys()


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_stage_of_a_turn_has_words(language: str) -> None:
    dynamic = texts.load(language)["dynamic"]
    assert dynamic["part"].keys() | dynamic["mark"].keys() == {stage.value for stage in Stage}
    assert not dynamic["part"].keys() & dynamic["mark"].keys()


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("fr-FR,de;q=0.8", "de"),
        ("en-GB,de", "en"),
        ("*", "en"),
        (",;,", "en"),
    ],
)
def test_the_language_follows_the_browser(header: str, language: str) -> None:
    assert texts.preferred(header) == language


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(
    elements: list[tuple[str, dict[str, str | None]]],
) -> None:
    for tag, attributes in elements:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        if tag == "script":
            assert attributes.get("src")
        for name in ("src", "href"):
            assert (attributes.get(name) or "/").startswith(("/phone", "/", "#"))
            assert not (attributes.get(name) or "").startswith("//")


def test_every_key_has_a_name_for_those_who_do_not_see_it(
    elements: list[tuple[str, dict[str, str | None]]],
) -> None:
    keys = [attributes for _, attributes in elements if attributes.get("data-key")]
    assert [key["data-key"] for key in keys] == list("123456789*0#")
    assert all(key.get("aria-label") for key in keys)


def test_every_file_the_page_names_is_served(
    elements: list[tuple[str, dict[str, str | None]]],
) -> None:
    served = page.assets()
    named = [
        (attributes.get("src") or attributes.get("href") or "").removeprefix("/phone/static/")
        for tag, attributes in elements
        if tag in {"script", "link"}
    ]
    assert named
    assert set(named) <= served.keys()
    for asset in served.values():
        for imported in re.findall(rb'(?:from|URL\()\s*"(?:\./)?([\w.]+\.js)"', asset.content):
            assert imported.decode() in served


def test_every_text_the_scripts_ask_for_exists() -> None:
    dynamic = texts.load("en")["dynamic"]
    asked = {
        name.decode()
        for asset in page.assets().values()
        for name in re.findall(rb"\btexts\.(\w+)", asset.content)
    }
    assert asked
    assert asked <= dynamic.keys()


def test_every_element_the_scripts_look_for_exists(
    elements: list[tuple[str, dict[str, str | None]]],
) -> None:
    present = {attributes.get("id") for _, attributes in elements}
    script = page.assets()["phone.js"].content.decode()
    assert set(re.findall(r'find\("([\w-]+)"\)', script)) <= present


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted([_luminance(one), _luminance(other)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "paper", "needed"),
    [
        ("ink", "paper", 4.5),
        ("ink", "card", 4.5),
        ("ink", "key", 4.5),
        ("ink", "key-pressed", 4.5),
        ("ink", "wait-paper", 4.5),
        ("ink", "hear-paper", 4.5),
        ("ink", "agent-paper", 4.5),
        ("soft-ink", "paper", 4.5),
        ("soft-ink", "card", 4.5),
        ("part-pause", "card", 3.0),
        ("part-decided", "card", 3.0),
        ("part-reply", "card", 3.0),
        ("part-sent", "card", 3.0),
        ("part-heard", "card", 3.0),
        ("soft-ink", "key", 4.5),
        ("soft-ink", "key-pressed", 4.5),
        ("caller-ink", "caller-paper", 4.5),
        ("problem-ink", "problem-paper", 4.5),
        ("accent-ink", "accent", 4.5),
        ("accent-ink", "end", 4.5),
        ("accent", "hear-paper", 3.0),
        ("accent", "paper", 3.0),
        ("accent", "card", 3.0),
        ("wait", "wait-paper", 3.0),
        ("control-line", "card", 3.0),
        ("control-line", "paper", 3.0),
    ],
)
def test_colours_are_told_apart(scheme: str, ink: str, paper: str, needed: float) -> None:
    """WCAG 2.2: 1.4.3 for text, 1.4.11 for controls and the lamp."""
    sheet = page.assets()["phone.css"].content.decode()
    light, dark = sheet.split("prefers-color-scheme: dark", maxsplit=1)
    source = light if scheme == "light" else dark.split("box-sizing")[0]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", source))
    assert _contrast(colours[ink], colours[paper]) >= needed
