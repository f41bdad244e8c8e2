"""The keys of the caller's telephone while they and the agent talk (C8).

Where a number is asked for, digits are collected: several are the number, a single one followed by
a pause means what it always means. The star withdraws, whatever is being typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voice_agent.call.actions import Action, SendLink
from voice_agent.call.events import LinkOutcome
from voice_agent.call.leaving import Leaving
from voice_agent.call.notice_menu import Choice, choose
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.call.typed import FEWEST_DIGITS, Typed
from voice_agent.dialogue.commands import (
    Affirm,
    HumanPlease,
    Repeat,
    StartFlow,
    SwitchLanguage,
)
from voice_agent.dialogue.flow_outcome import Asked

LINK_LINES: Final = {
    LinkOutcome.SENT: "sms_sent_in_call",
    LinkOutcome.ALREADY_SENT: "sms_already_sent_in_call",
    LinkOutcome.NO_NUMBER: "sms_failed_no_number",
    LinkOutcome.UNREACHABLE: "sms_failed_landline",
    LinkOutcome.FAILED: "sms_failed",
}
"""What the caller is told about the message with the link; no key is asked for any more."""

REFUSES: Final = "8"
"""The key of a call that we made with which somebody wants no more of them, at any time (C28)."""

STOP: Final = "stop_calls"
"""The flow it begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypad:
    """What each key does in the conversation.

    Attributes:
        terms: the call's terms.
        script: the lines around the conversation.
        progress: the call's phase.
        talk: the conversation.
        leaving: the ways out of the call.
        typed: the number that is being typed.
    """

    terms: CallTerms
    script: Script
    progress: Progress
    talk: Talk
    leaving: Leaving
    typed: Typed

    def hides(self, key: str) -> bool:
        """True if this key may be part of a number, which is nobody's business."""
        asked = self._asked
        return asked is not None and asked.is_typed and key.isdigit()

    def press(self, key: str, now: float) -> list[Action]:
        """A key: whatever was being said gives way to it."""
        asked = self._asked  # before the question gives way as well
        actions = self.talk.give_way(now)
        if self.progress.phase is not Phase.CONVERSING:  # the words just before were a withdrawal
            return actions
        if asked is not None and key.isdigit():
            if asked.numbered and key != "0":
                return actions + self._choose(asked, key, now)
            if asked.is_typed:
                full = self.typed.add(key, asked, now)
                return actions + self._number_ended(now) if full else actions
        if key == "#" and self.typed.asked is not None:
            return actions + self._number_ended(now)
        return actions + self._single(key, now)

    def paused(self, now: float) -> list[Action]:
        """No key has followed the last digit for a while."""
        # Whoever is speaking is heard out, once: it may be a withdrawal.
        if self.talk.is_listening and self.typed.wait_once_more(now):
            return []
        actions = self.talk.give_way(now)
        if self.progress.phase is not Phase.CONVERSING:
            return actions
        return actions + self._number_ended(now)

    def link_answered(self, outcome: LinkOutcome, now: float) -> list[Action]:
        """The message with the privacy link was sent, or not."""
        return self._remark(LINK_LINES[outcome], now)

    @property
    def _asked(self) -> Asked | None:
        return self.typed.asked or self.talk.asked

    def _choose(self, asked: Asked, key: str, now: float) -> list[Action]:
        """A key of a numbered choice; one too many must not do something else instead."""
        if int(key) > len(asked.options):
            if self._refuses(key):
                return self._single(key, now)
            return self._remark("key_without_meaning", now)
        return self.talk.keyed(asked, key, now)

    def _number_ended(self, now: float) -> list[Action]:
        asked, digits = self.typed.asked, self.typed.take()
        if asked is None or len(digits) < FEWEST_DIGITS:
            return self._single(digits, now)
        return self.talk.keyed(asked, digits, now)

    def _single(self, key: str, now: float) -> list[Action]:
        """A key by itself."""
        if self._refuses(key):
            return self.talk.respond(StartFlow(STOP), now)
        return self._follow(choose(key), now)

    def _refuses(self, key: str) -> bool:
        return key == REFUSES and self.terms.begins is not None

    def _follow(self, choice: Choice, now: float) -> list[Action]:
        language = self.talk.conversation.language
        match choice:
            case Choice.ACCEPT:
                return self.talk.respond(Affirm(), now)
            case Choice.HUMAN:
                return self.talk.respond(HumanPlease(), now)
            case Choice.REPEAT:
                return self.talk.respond(Repeat(), now)
            case Choice.OTHER_LANGUAGE:
                return self.talk.respond(SwitchLanguage(self.terms.next_language(language)), now)
            case Choice.SEND_LINK:
                return [SendLink(language)]
            case Choice.READ_FULL:
                return self.talk.remark(self.script.full_notice(language), now)
            case Choice.WITHDRAW:
                return self.leaving.withdraw(now)
            case Choice.UNKNOWN:
                return self._remark("key_without_meaning", now)

    def _remark(self, key: str, now: float) -> list[Action]:
        line = self.script.line(key, self.talk.conversation.language)
        return self.talk.remark((line,), now)
