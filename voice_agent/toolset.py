"""What can be done for callers here, by what there is to do it with."""

from __future__ import annotations

from voice_agent.dialogue.prompts import Prompts
from voice_agent.outbound.agreement import QUESTION, Agreement
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.runtime.carrier import Messenger
from voice_agent.runtime.confirmation import Confirmation, Wording
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.refusals import Refusals
from voice_agent.storage.calls import SqlCallBook
from voice_agent.stores import Stores
from voice_agent.tools.authorise import Policy
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.identity_tools import IdentityTools
from voice_agent.tools.inbox_tools import InboxTools
from voice_agent.tools.reminder_tools import ReminderTools
from voice_agent.tools.toolbox import Toolbox
from voice_agent.tools.unwanted_tools import UnwantedTools


def open_confirmation(
    stores: Stores, messenger: Messenger | None, wording: Wording
) -> Confirmation | None:
    """What sends appointments by text message, where there are any and a carrier.

    Args:
        stores: what there is.
        messenger: sends text messages; ``None`` where no carrier is configured.
        wording: what is written.
    """
    if messenger is None or stores.plan is None:
        return None
    return Confirmation(
        messenger=messenger,
        book=SqlCallBook(stores.database),
        confirmations=stores.confirmations,
        plan=stores.plan,
        wording=wording,
        clock=stores.clock,
        pseudonym=stores.pseudonyms.of,
    )


class InWords:
    """Puts on the do-not-call list who says so in a call.

    Args:
        refusals: takes them, and loses none while the list is away.
    """

    def __init__(self, refusals: Refusals) -> None:
        self._refusals = refusals

    async def stop(self, number: str) -> None:
        """See ``voice_agent.tools.unwanted_tools.DoNotCall``."""
        if not await self._refusals.note(number, ToldBy.WORDS):
            raise RecordsUnavailable("the do-not-call list is away")


def open_toolbox(
    stores: Stores,
    country: str,
    prompts: Prompts,
    refusals: Refusals,
    confirmation: Confirmation | None = None,
) -> Toolbox:
    """The tools of one process; a flow that needs another is not offered.

    Args:
        stores: what there is.
        country: ISO 3166 code of the country the company is in; others are not rung back to.
        prompts: what is said: whoever agrees to something agrees to its words.
        refusals: takes those who do not want to be rung up.
        confirmation: sends appointments by text message; ``None`` where none can be sent.
    """
    groups = [
        InboxTools(stores.inbox).handlers,
        IdentityTools(stores.directory).handlers,
        UnwantedTools(InWords(refusals)).handlers,
    ]
    if stores.reminding is not None:
        groups.append(ReminderTools(stores.calendar, stores.plan, stores.inbox).handlers)
    services = None
    if stores.calendar is not None and stores.plan is not None:
        changes = None if confirmation is None else stores.confirmations
        calendar = CalendarTools(stores.calendar, stores.directory, stores.plan, changes)
        groups.append(calendar.handlers)
        services = frozenset(stores.plan.services)
        if confirmation is not None:
            groups.append(confirmation.handlers)
        if stores.reminding is not None:
            agreement = Agreement(
                stores.reminding.consents,
                stores.reminding.rules.countries,
                lambda language: prompts.line(QUESTION, language).text,
                stores.clock,
            )
            groups.append(agreement.handlers)
    return Toolbox(*groups, policy=Policy(services, frozenset({country})))
