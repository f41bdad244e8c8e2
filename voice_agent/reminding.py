"""What is kept of reminders, joined to what the company wants of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from voice_agent.keyring import KeyRing
from voice_agent.outbound.rules import ReminderRules, load_rules
from voice_agent.runtime.pseudonym import Pseudonyms
from voice_agent.storage.campaign import SqlCampaign
from voice_agent.storage.database import Database
from voice_agent.storage.reminder_claims import SqlClaims
from voice_agent.storage.reminder_errands import SqlErrands
from voice_agent.storage.reminder_rows import ReminderRows
from voice_agent.storage.reminders import SqlReminders


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminding:
    """Reminders of appointments by telephone.

    Attributes:
        rules: what the company wants of them.
        reminders: who is to be reminded.
        claims: which worker rings up whom.
        errands: the calls that are going on.
        campaign: how they stand, for people.
    """

    rules: ReminderRules
    reminders: SqlReminders
    claims: SqlClaims
    errands: SqlErrands
    campaign: SqlCampaign

    @classmethod
    def open(
        cls,
        config_dir: Path,
        database: Database,
        keyring: KeyRing,
        pseudonyms: Pseudonyms,
        clock: Callable[[], datetime],
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
        return cls(
            rules=rules,
            reminders=reminders,
            claims=SqlClaims(database, keyring, pseudonyms, policy),
            errands=SqlErrands(database, keyring),
            campaign=SqlCampaign(database, reminders, ZoneInfo(rules.time_zone), clock),
        )
