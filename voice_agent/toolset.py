"""What can be done for callers here, by what there is to do it with."""

from __future__ import annotations

from voice_agent.stores import Stores
from voice_agent.tools.authorise import Policy
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.identity_tools import IdentityTools
from voice_agent.tools.inbox_tools import InboxTools
from voice_agent.tools.toolbox import Toolbox


def open_toolbox(stores: Stores, country: str) -> Toolbox:
    """The tools of one process; a flow that needs another is not offered.

    Args:
        stores: what there is.
        country: ISO 3166 code of the country the company is in; others are not rung back to.
    """
    groups = [InboxTools(stores.inbox).handlers, IdentityTools(stores.directory).handlers]
    services = None
    if stores.calendar is not None and stores.plan is not None:
        groups.append(CalendarTools(stores.calendar, stores.directory, stores.plan).handlers)
        services = frozenset(stores.plan.services)
    return Toolbox(*groups, policy=Policy(services, frozenset({country})))
