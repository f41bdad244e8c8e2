"""The notice offered inside the stream: what each key does before anybody is heard (C5, C6, C8).

Where the carrier plays the notice itself (mode ``keypad``), the webhooks do the same with the same
table of keys; see ``voice_agent.twilio``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from voice_agent.call.actions import Action, SendLink
from voice_agent.call.events import LinkOutcome
from voice_agent.call.mouth import Mouth
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.ports import Script
from voice_agent.call.terms import CallTerms
from voice_agent.call.timers import Timer, Timers
from voice_agent.dialogue.line import Line

LINK_LINES = {
    LinkOutcome.SENT: "sms_sent",
    LinkOutcome.ALREADY_SENT: "sms_already_sent",
    LinkOutcome.UNREACHABLE: "sms_failed_landline",
    LinkOutcome.FAILED: "sms_failed",
}
"""What the caller is told about the message with the link, before they accepted."""

LINK_LINES_IN_CALL = {
    LinkOutcome.SENT: "sms_sent_in_call",
    LinkOutcome.ALREADY_SENT: "sms_already_sent_in_call",
    LinkOutcome.UNREACHABLE: "sms_failed_landline",
    LinkOutcome.FAILED: "sms_failed",
}
"""The same during the conversation, where no key is asked for."""


class Decided(Protocol):
    """What the session does when the caller has decided."""

    def accepted(self, key: str, now: float) -> list[Action]:
        """The caller accepted."""
        ...

    def declined(self, now: float) -> list[Action]:
        """The caller wants a human, without AI."""
        ...

    def undecided(self, now: float) -> list[Action]:
        """The caller pressed nothing, in spite of the repetitions."""
        ...


@dataclass(slots=True)
class Offer:
    """The notice and its keys.

    Attributes:
        terms: the call's terms.
        script: the texts.
        mouth: the call's mouth.
        timers: the call's deadlines.
        decided: where a decision goes.
        language: language the notice is offered in.
        repeated: short repetitions so far.
    """

    terms: CallTerms
    script: Script
    mouth: Mouth
    timers: Timers
    decided: Decided
    language: str
    repeated: int = 0

    def begin(self, now: float) -> list[Action]:
        """Play the notice from its start."""
        self.mouth.reset_heard()
        return self._say(self.script.notice(self.language), now)

    def key(self, key: str, now: float) -> list[Action]:
        """A key: whatever was playing stops."""
        actions = self.mouth.hush(now)
        self.timers.cancel(Timer.KEY)
        return actions + self._follow(choose(key), key, now)

    def _follow(self, choice: Choice, key: str, now: float) -> list[Action]:
        match choice:
            case Choice.ACCEPT:
                return self.decided.accepted(key, now)
            case Choice.HUMAN:
                return self.decided.declined(now)
            case Choice.SEND_LINK:
                self.timers.set(Timer.KEY, now + self.terms.key_s)
                return [SendLink(self.language)]
            case Choice.READ_FULL:
                return self._say(self.script.full_notice(self.language), now)
            case Choice.OTHER_LANGUAGE:
                self.language = self.terms.next_language(self.language)
                return self.begin(now)
            case Choice.REPEAT:
                return self.begin(now)
            case Choice.WITHDRAW:
                return self._say((self.script.line("nothing_to_withdraw", self.language),), now)
            case Choice.UNKNOWN:
                return self._say(self.script.repetition(self.language, 1), now)

    def link_answered(self, outcome: LinkOutcome, now: float) -> list[Action]:
        """Say what became of the message, then wait for a key again."""
        actions = self.mouth.hush(now)
        return actions + self._say((self.script.line(LINK_LINES[outcome], self.language),), now)

    def silence(self, now: float) -> list[Action]:
        """No key came. Silence is not consent: repeat, then give up (C5)."""
        if self.repeated < self.terms.repetitions:
            self.repeated += 1
            return self._say(self.script.repetition(self.language, self.repeated), now)
        return self.decided.undecided(now)

    def _say(self, lines: tuple[Line, ...], now: float) -> list[Action]:
        return self.mouth.say(lines, now, self._await_key)

    def _await_key(self, now: float) -> list[Action]:
        self.timers.set(Timer.KEY, now + self.terms.key_s)
        return []
