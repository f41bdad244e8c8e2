"""The portal behind the link in the text message, on the stores of this process."""

from __future__ import annotations

from dataclasses import dataclass

from consent.notice import Notice
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.privacy.opening import open_portal
from voice_agent.privacy.portal import Portal
from voice_agent.privacy.view import Renderer
from voice_agent.runtime.audit import Audit
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.limiter import Limiter
from voice_agent.runtime.registrar import Registrar
from voice_agent.storage.calls import SqlCallBook
from voice_agent.storage.do_not_call import SqlDoNotCall
from voice_agent.storage.notices import NoticeArchive
from voice_agent.storage.portal import SqlPortalLinks
from voice_agent.stores import Stores


@dataclass(frozen=True, slots=True)
class PortalList:
    """The do-not-call list as the portal has it; see ``voice_agent.privacy.ports.DoNotCall``.

    Attributes:
        listed: the list.
        audit: where it is written down that it was changed, without the number.
    """

    listed: SqlDoNotCall
    audit: Audit

    async def holds(self, number: str) -> bool:
        """True if this number is on it."""
        return await self.listed.holds(number)

    async def add(self, number: str) -> None:
        """Put it on the list."""
        await self.listed.add(number, ToldBy.PORTAL)
        await self.audit.note("portal", "do_not_call_add", "done")

    async def remove(self, number: str) -> None:
        """Take it off the list."""
        await self.audit.note("portal", "do_not_call_remove", "done")
        await self.listed.remove(number)


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
        listed=None if stores.reminding is None else PortalList(stores.do_not_call, stores.audit),
    )
