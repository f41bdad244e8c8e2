"""The agent's fixed lines: the notice and what is said around a conversation, ready to speak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from consent.notice import Notice
from voice_agent.dialogue.line import Line, Personal
from voice_agent.dialogue.prompts import Prompts

PLAYED: Final = (
    "connecting_human",
    "full_notice_not_ready",
    "human_unavailable",
    "ledger_failed_connecting",
    "no_choice_goodbye",
    "nothing_to_withdraw",
    "sms_already_sent",
    "sms_failed",
    "sms_failed_landline",
    "sms_failed_no_number",
    "sms_sent",
    "technical_connecting",
)
"""Prompts that the webhooks have the carrier play."""

OUTBOUND: Final = (
    "outbound_goodbye",
    "outbound_identity",
    "outbound_identity_again",
    "outbound_not_proved",
    "outbound_opener",
    "outbound_opener_again",
    "outbound_refusal_noted",
    "outbound_this_language",
)
"""Prompts that anybody hears who answers a call that we make; where we make some (C27)."""

SAID: Final = (
    "call_limit",
    "callback_failed",
    "callback_noted",
    "callback_offer",
    "goodbye",
    "human_unavailable_go_on",
    "key_without_meaning",
    "nobody_free",
    "operator_agreed",
    "operator_lost",
    "operator_speaks",
    "operator_speaks_unnamed",
    "operator_transfers",
    "queue_place",
    "sms_already_sent_in_call",
    "sms_appointment",
    "sms_appointment_health",
    "sms_reminder",
    "sms_sent_in_call",
    "sms_text",
    "withdrawn_goodbye",
    "withdrawn_offer_human",
)
"""Prompts that the call itself says, besides; all must be there before the first call."""


class CallScript:
    """Implements ``voice_agent.call.ports.Script``.

    Args:
        notice: the privacy notice.
        prompts: every other sentence.
        rates: speed of the notice's layer 1 by language, where it must be said faster to be
            short enough (C9).

    Raises:
        ConfigurationError: a line is missing.
    """

    def __init__(
        self, notice: Notice, prompts: Prompts, rates: Mapping[str, float] | None = None
    ) -> None:
        prompts.require((*PLAYED, *OUTBOUND, *SAID))
        self._notice = notice
        self._prompts = prompts
        self._rates = dict(rates or {})

    def at_rates(self, rates: Mapping[str, float]) -> CallScript:
        """The same script with layer 1 at these speeds."""
        return CallScript(self._notice, self._prompts, rates)

    def notice(self, language: str) -> tuple[Line, ...]:
        """See the port."""
        parts = self._notice.texts[language].layer1
        rate = self._rates.get(language, 1.0)
        return tuple(Line("notice", part.text, part.language, rate=rate) for part in parts)

    def repetition(self, language: str, number: int) -> tuple[Line, ...]:
        """See the port."""
        repetitions = self._notice.texts[language].repetitions
        return (Line("repetition", repetitions[(number - 1) % len(repetitions)], language),)

    def full_notice(self, language: str) -> tuple[Line, ...]:
        """See the port: every section, then the choice again."""
        sections = self._notice.texts[language].full
        lines = (Line("full_notice", f"{title}. {text}", language) for title, text in sections)
        return (*lines, *self.repetition(language, 1))

    def line(self, key: str, language: str, /, **values: str | Personal) -> Line:
        """See the port."""
        return self._prompts.line(key, language, variant=0, **values)

    def text_message(self, language: str, link: str) -> str:
        """The text message with the privacy link."""
        return self._prompts.line("sms_text", language, link=link).text

    def appointment_message(self, language: str, service: str, when: str, link: str) -> str:
        """The text message with an appointment; it is written, never spoken.

        Where health is spoken of, a message that others may see does not say what it is for.
        """
        health = "health" in self._notice.processing.data
        key = "sms_appointment_health" if health else "sms_appointment"
        return self._prompts.line(key, language, service=service, when=when, link=link).text

    def reminder_message(self, language: str, number: str) -> str:
        """The text message that asks somebody to ring back, and does not say why (C27)."""
        return self._prompts.line("sms_reminder", language, number=number).text

    def recorded(self, language: str) -> Iterator[tuple[Line, ...]]:
        """What a carrier may be told to play at any moment; the long layer 2 is made when asked."""
        yield self.notice(language)
        for number, _ in enumerate(self._notice.texts[language].repetitions, 1):
            yield self.repetition(language, number)
        rings_up = "caller_name" in self._prompts.about
        for key in (*PLAYED, *(OUTBOUND if rings_up else ())):
            yield (self.line(key, language),)
