"""The keys of the caller's telephone while they and the agent talk (C8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from voice_agent.call.actions import Action, SendLink
from voice_agent.call.events import LinkOutcome
from voice_agent.call.leaving import Leaving
from voice_agent.call.notice_menu import Choice
from voice_agent.call.phase import Phase
from voice_agent.call.ports import Script
from voice_agent.call.progress import Progress
from voice_agent.call.talk import Talk
from voice_agent.call.terms import CallTerms
from voice_agent.dialogue.commands import Affirm, HumanPlease, Repeat, SwitchLanguage

LINK_LINES: Final = {
    LinkOutcome.SENT: "sms_sent_in_call",
    LinkOutcome.ALREADY_SENT: "sms_already_sent_in_call",
    LinkOutcome.NO_NUMBER: "sms_failed_no_number",
    LinkOutcome.UNREACHABLE: "sms_failed_landline",
    LinkOutcome.FAILED: "sms_failed",
}
"""What the caller is told about the message with the link; no key is asked for any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keypad:
    """What each key does in the conversation.

    Attributes:
        terms: the call's terms.
        script: the lines around the conversation.
        progress: the call's phase.
        talk: the conversation.
        leaving: the ways out of the call.
    """

    terms: CallTerms
    script: Script
    progress: Progress
    talk: Talk
    leaving: Leaving

    def press(self, choice: Choice, now: float) -> list[Action]:
        """A key: whatever was being said gives way to it."""
        actions = self.talk.give_way(now)
        if self.progress.phase is not Phase.CONVERSING:  # the words just before were a withdrawal
            return actions
        return actions + self._follow(choice, now)

    def link_answered(self, outcome: LinkOutcome, now: float) -> list[Action]:
        """The message with the privacy link was sent, or not."""
        return self._remark(LINK_LINES[outcome], now)

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
