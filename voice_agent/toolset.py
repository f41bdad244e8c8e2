"""What can be done for callers here, by what there is to do it with."""

from __future__ import annotations

from voice_agent.stores import Stores
from voice_agent.tools.calendar_tools import CalendarTools
from voice_agent.tools.toolbox import Toolbox


def open_toolbox(stores: Stores) -> Toolbox:
    """The tools of one process; a flow that needs another is not offered.

    Args:
        stores: what there is.
    """
    if stores.calendar is None or stores.plan is None:
        return Toolbox()
    return Toolbox(CalendarTools(stores.calendar, stores.plan).handlers)
