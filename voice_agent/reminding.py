"""What is kept of reminders, joined to what the company wants of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from voice_agent.appointment_reminders import AppointmentReminders
from voice_agent.keyring import KeyRing
from voice_agent.outbound.rules import ReminderRules, load_rules
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.calendar_reminders import CalendarReminders
from voice_agent.storage.campaign import SqlCampaign
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_claims import SqlClaims
from voice_agent.storage.reminder_consents import SqlReminderConsents
from voice_agent.storage.reminder_errands import SqlErrands
from voice_agent.storage.reminder_rows import ReminderRows
from voice_agent.storage.reminders import SqlReminders
from voice_agent.tools.calendar import Calendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """Reminders of appointments by telephone.

    Attributes:
        rules: what the company wants of them.
        reminders: who is to be reminded.
        claims: which worker rings up whom.
        errands: the calls that are going on.
        campaign: how they stand, for people.
        consents: who agreed to be.
        appointments: makes reminders of the calendar's appointments; ``None`` without a calendar.
    """

    rules: ReminderRules
    reminders: SqlReminders
    claims: SqlClaims
    errands: SqlErrands
    campaign: SqlCampaign
    consents: SqlReminderConsents
    appointments: AppointmentReminders | None

    @classmethod
    def open(
        cls,
        config_dir: Path,
        database: Database,
        keyring: KeyRing,
        pseudonyms: Pseudonyms,
        clock: Callable[[], datetime],
        *,
        calendar: Calendar | None = None,
    ) -> Self | None:
        """Join them; ``None`` where the company wants no reminders.

        Raises:
            ConfigurationError: what it wants is written down wrongly.
        """
        rules = load_rules(config_dir)
        if rules is None:
            return None
        policy, rows = rules.policy(), ReminderRows(keyring)
        reminders = SqlReminders(database, rows, pseudonyms, policy, clock)
        consents = SqlReminderConsents(database, keyring, pseudonyms, clock)
        appointments = None
        if calendar is not None:
            appointments = AppointmentReminders(
                calendar=calendar,
                consents=consents,
                compared=CalendarReminders(database),
                reminders=reminders,
                policy=policy,
                clock=clock,
            )
        return cls(
            rules=rules,
            reminders=reminders,
            claims=SqlClaims(database, keyring, pseudonyms, policy),
            errands=SqlErrands(database, keyring),
            campaign=SqlCampaign(database, reminders, ZoneInfo(rules.time_zone), clock),
            consents=consents,
            appointments=appointments,
        )
