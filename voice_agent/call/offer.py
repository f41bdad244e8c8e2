"""The notice offered inside the stream: what each key does before anybody is heard (C5, C6, C8).

Where the carrier plays the notice itself (mode ``keypad``), the webhooks do the same with the same
table of keys; see ``voice_agent.twilio``.
"""

from __future__ import annotations

from typing import Final

from voice_agent.call.actions import Action, CommitConsent, SendLink
from voice_agent.call.events import LinkOutcome
from voice_agent.call.leaving import Leaving
from voice_agent.call.mouth import Mouth
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.line import Line

LINK_LINES: Final = {
    LinkOutcome.SENT: "sms_sent",
    LinkOutcome.ALREADY_SENT: "sms_already_sent",
    LinkOutcome.NO_NUMBER: "sms_failed_no_number",
    LinkOutcome.UNREACHABLE: "sms_failed_landline",
    LinkOutcome.FAILED: "sms_failed",
}
"""What the caller is told about the message with the link, before they accepted."""


class Offer:
    """The notice and its keys, up to the question to the ledger.

    Args:
        terms: the call's terms.
        script: the texts.
        mouth: the call's mouth.
        timers: the call's deadlines.
        progress: the call's phase.
        leaving: where those go who do not accept.
    """

    def __init__(
        self,
        *,
        terms: CallTerms,
        script: Script,
        mouth: Mouth,
        timers: Timers,
        progress: Progress,
        leaving: Leaving,
    ) -> None:
        self._terms = terms
        self._script = script
        self._mouth = mouth
        self._timers = timers
        self._progress = progress
        self._leaving = leaving
        self._language = terms.language
        self._repeated = 0

    @property
    def language(self) -> str:
        """Language the notice is offered in."""
        return self._language

    def begin(self, now: float) -> list[Action]:
        """Play the notice from its start."""
        self._mouth.reset_heard()
        return self._say(self._script.notice(self._language), now)

    def key(self, key: str, now: float) -> list[Action]:
        """A key: whatever was playing stops."""
        self._timers.cancel(Timer.KEY)
        return self._mouth.hush(now) + self._follow(choose(key), key, now)

    def _follow(self, choice: Choice, key: str, now: float) -> list[Action]:
        match choice:
            case Choice.ACCEPT:
                return self._accepted(key, now)
            case Choice.HUMAN:
                return self._leaving.hand_over("connecting_human", now)
            case Choice.SEND_LINK:
                return [SendLink(self._language)]
            case Choice.READ_FULL:
                return self._say(self._script.full_notice(self._language), now)
            case Choice.OTHER_LANGUAGE:
                self._language = self._terms.next_language(self._language)
                return self.begin(now)
            case Choice.REPEAT:
                return self.begin(now)
            case Choice.WITHDRAW:
                return self._say((self._script.line("nothing_to_withdraw", self._language),), now)
            case Choice.UNKNOWN:
                return self._say(self._script.repetition(self._language, 1), now)

    def link_answered(self, outcome: LinkOutcome, now: float) -> list[Action]:
        """Say what became of the message, after what is being said."""
        return self._say((self._script.line(LINK_LINES[outcome], self._language),), now)

    def silence(self, now: float) -> list[Action]:
        """No key came. Silence is not consent: repeat, then give up (C5)."""
        if self._repeated < self._terms.repetitions:
            self._repeated += 1
            return self._say(self._script.repetition(self._language, self._repeated), now)
        # Whoever was rung up and does nothing is let go; nobody else is called to them.
        if self._terms.begins is None and self._terms.can_dial:
            return self._leaving.hand_over("connecting_human", now)
        return self._leaving.close("no_choice_goodbye", now)

    def _accepted(self, key: str, now: float) -> list[Action]:
        """Ask the ledger; the gate stays shut until it has written."""
        actions = self._progress.enter(Phase.COMMITTING)
        self._timers.set(Timer.COMMIT, now + self._terms.commit_s)
        return [*actions, CommitConsent(key, self._language, self._mouth.heard_ms)]

    def _say(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        return self._mouth.say(lines, now)
