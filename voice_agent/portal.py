"""The portal behind the link in the text message, joined to the stores it works with."""

from __future__ import annotations

from consent.notice import Notice
from voice_agent.privacy.codes import OneTimeCodes
from voice_agent.privacy.limiter import Limiter
from voice_agent.privacy.portal import Portal
from voice_agent.privacy.records import Paper
from voice_agent.privacy.texts import load
from voice_agent.privacy.view import Renderer
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.registrar import Registrar
from voice_agent.settings import Settings
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.notices import NoticeArchive
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.stores import Stores


def open_portal(
    *,
    settings: Settings,
    stores: Stores,
    registrar: Registrar,
    messenger: Messenger | None,
    notice: Notice,
    company: str,
) -> tuple[Portal, Renderer]:
    """The portal and who writes its pages out.

    Args:
        settings: name the Redis that counts tries, if there is one.
        stores: everything that is kept.
        registrar: writes withdrawals.
        messenger: sends one-time codes; ``None`` where no carrier is configured.
        notice: the notice played at present.
        company: whose portal it is.
    """
    links = SqlPortalLinks(stores.database, stores.keyring)
    redis_url = settings.redis_url
    limiter = Limiter(None if redis_url is None else redis_url.get_secret_value())
    renderer = Renderer(company)

    def code_message(language: str, code: str) -> str:
        text: str = load(language)["sms_code"]
        return text.replace("{company}", company).replace("{code}", code)

    portal = Portal(
        links=links,
        receipts=stores.archive,
        notices=NoticeArchive(stores.database),
        notice=notice,
        withdraw=registrar.withdraw,
        rights=stores.rights,
        codes=OneTimeCodes(
            links=links,
            messenger=messenger,
            messages=SqlCallBook(stores.database),
            limiter=limiter,
            pseudonym=stores.pseudonyms.of,
            text=code_message,
            clock=stores.clock,
        ),
        limiter=limiter,
        paper=Paper(renderer),
        clock=stores.clock,
    )
    return portal, renderer
