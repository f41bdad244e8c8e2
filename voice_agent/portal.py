"""The portal behind the link in the text message, on the stores of this process."""

from __future__ import annotations

from consent.notice import Notice
from voice_agent.privacy.opening import open_portal
from voice_agent.privacy.portal import Portal
from voice_agent.privacy.view import Renderer
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.registrar import Registrar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.notices import NoticeArchive
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.stores import Stores


def portal_on(
    stores: Stores,
    *,
    registrar: Registrar,
    messenger: Messenger | None,
    limiter: Limiter,
    notice: Notice,
    company: str,
) -> tuple[Portal, Renderer]:
    """The portal, and who writes its pages out.

    Args:
        stores: everything that is kept.
        registrar: writes withdrawals.
        messenger: sends one-time codes; ``None`` where no carrier is configured.
        limiter: counts tries.
        notice: the notice played at present.
        company: whose portal it is.
    """
    return open_portal(
        company=company,
        notice=notice,
        links=SqlPortalLinks(stores.database, stores.keyring),
        receipts=stores.archive,
        notices=NoticeArchive(stores.database),
        withdraw=registrar.withdraw,
        rights=stores.rights,
        messenger=messenger,
        messages=SqlCallBook(stores.database),
        pseudonym=stores.pseudonyms.of,
        limiter=limiter,
        clock=stores.clock,
    )
