"""Puts the portal together from what it asks of the rest of the program."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from consent.notice import Notice
from voice_agent.privacy.codes import OneTimeCodes
from voice_agent.privacy.objection import Objection
from voice_agent.privacy.portal import Portal
from voice_agent.privacy.ports import (
    CodeMessages,
    DoNotCall,
    Links,
    Notices,
    Receipts,
    Rights,
    Withdraw,
)
from voice_agent.privacy.records import Paper
from voice_agent.privacy.texts import load
from voice_agent.privacy.view import Renderer
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.limiter import Limiter


def open_portal(
    *,
    company: str,
    notice: Notice,
    links: Links,
    receipts: Receipts,
    notices: Notices,
    withdraw: Withdraw,
    rights: Rights,
    messenger: Messenger | None,
    messages: CodeMessages,
    pseudonym: Callable[[str], str],
    limiter: Limiter,
    clock: Callable[[], datetime],
    listed: DoNotCall | None = None,
) -> tuple[Portal, Renderer]:
    """The portal, and who writes its pages out; both are for ``routes.privacy_router``.

    Args:
        company: whose portal it is, as callers know it.
        notice: the notice played at present.
        links: links and sessions.
        receipts: the consent ledger.
        notices: notices that records name.
        withdraw: writes withdrawals.
        rights: access and erasure.
        messenger: sends text messages; ``None`` where no carrier is configured.
        messages: where it is noted which were sent.
        pseudonym: stands for a number.
        limiter: counts tries.
        clock: the wall clock, timezone-aware.
        listed: who must not be rung up; ``None`` where nobody is rung up.
    """

    def text(language: str, code: str) -> str:
        said: str = load(language)["sms_code"]
        return said.replace("{company}", company).replace("{code}", code)

    renderer = Renderer(company)
    codes = OneTimeCodes(
        links=links,
        messenger=messenger,
        messages=messages,
        limiter=limiter,
        pseudonym=pseudonym,
        text=text,
        clock=clock,
    )
    portal = Portal(
        links=links,
        receipts=receipts,
        notices=notices,
        notice=notice,
        withdraw=withdraw,
        rights=rights,
        codes=codes,
        limiter=limiter,
        paper=Paper(renderer),
        clock=clock,
        objection=None if listed is None else Objection(links, listed, codes, clock),
    )
    return portal, renderer
