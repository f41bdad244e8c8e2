"""The full privacy notice as a page: no script, no cookie, nothing from elsewhere."""

from __future__ import annotations

from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from consent.notice import Notice

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Sent with every page."""

_TITLES: Final = {"de": "Datenschutzhinweise", "en": "Privacy notice"}


def render(notice: Notice, company: str) -> dict[str, str]:
    """The page in every language of the notice."""
    environment = Environment(
        loader=PackageLoader("voice_agent.privacy"), autoescape=True, undefined=StrictUndefined
    )
    template = environment.get_template("notice.html")
    return {
        language: template.render(
            language=language,
            title=_TITLES[language],
            company=company,
            sections=text.full,
            version=notice.version,
            others=[other for code, other in notice.texts.items() if code != language],
        )
        for language, text in notice.texts.items()
    }


def stylesheet() -> str:
    """The pages' only file."""
    environment = Environment(loader=PackageLoader("voice_agent.privacy"), autoescape=True)
    return environment.get_template("notice.css").render()
