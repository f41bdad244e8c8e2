"""Reminders as they are dialled: the dialler of a process, and all it is joined to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Self
from uuid import uuid4

import structlog

from voice_agent.needs import missing
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.runtime.dialler import Dialler
from voice_agent.runtime.diary import Diary
from voice_agent.runtime.pace import Pace
from voice_agent.runtime.planning import Planning
from voice_agent.runtime.reminder_texts import ReminderTexts
from voice_agent.settings import Settings
from voice_agent.storage.reminder_texts import SqlReminderTexts
from voice_agent.storage.reminder_undialled import SqlUndialled
from voice_agent.stores import Stores
from voice_agent.twilio.client import TwilioClient
from voice_agent.twilio.outbound_calls import OutboundCalls

log = structlog.get_logger(__name__)


BEYOND_S: Final = 1800
"""Seconds a call that we make may take beyond what it takes with the agent: opener and notice come
before, and a human after it, whom the carrier must not cut off."""


def outbound_calls(settings: Settings, longest_s: float) -> OutboundCalls:
    """How people are rung up from here.

    Args:
        settings: how the carrier comes back to us.
        longest_s: how long anybody talks with the agent, seconds.
    """
    return OutboundCalls(settings.public_url, round(longest_s) + BEYOND_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outreach:
    """Rings people up about their appointments, and writes to them.

    Attributes:
        dialler: takes calls that are due; to be started and stopped.
        planning: to be run every minute, by one worker of all.
    """

    dialler: Dialler
    planning: Planning

    @classmethod
    def open(
        cls,
        stores: Stores,
        client: TwilioClient | None,
        settings: Settings,
        text: Callable[[str], str],
    ) -> Self | None:
        """Join them; ``None`` where nobody is rung up, which is said in the log where it matters.

        Args:
            stores: where reminders lie.
            client: the carrier.
            settings: how it comes back to us, and where workers count together.
            text: the text message in a language.
        """
        if stores.reminding is None:
            return None
        needed = missing(settings)
        if client is None or needed:
            for name in needed:
                log.warning("reminders_not_dialled", reason=name)
            return None
        reminders, policy = stores.reminding.reminders, stores.reminding.rules.policy()
        kept = (stores.database, stores.keyring, stores.pseudonyms, policy)
        claims = stores.reminding.claims
        diary = Diary(stores.reminding.appointments, stores.clock)
        redis = settings.redis_url
        dialler = Dialler(
            claims=claims,
            undialled=SqlUndialled(stores.database),
            dialling=client,
            pace=Pace(policy.per_second, None if redis is None else redis.get_secret_value()),
            stands=diary.stands,
            halt=reminders.pause,
            clock=stores.clock,
            worker=uuid4().hex[:12],
        )
        planning = Planning(
            plans=reminders,
            settle=claims.settle,
            starts=diary.starts,
            texts=ReminderTexts(
                SqlReminderTexts(*kept),
                client,
                text,
                lambda number: stores.do_not_call.add(number, ToldBy.MESSAGE),
                stores.clock,
            ),
            clock=stores.clock,
        )
        return cls(dialler=dialler, planning=planning)
