"""What is fixed for a call before it begins."""

from __future__ import annotations

from dataclasses import dataclass, field

from voice_agent.audio.frame import FRAME_MS
from voice_agent.call.barge_in import BargeInRules
from voice_agent.speech.endpointing import EndRules
from voice_agent.speech.turns import TurnRules


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTerms:
    """One call's terms. All times are seconds.

    Attributes:
        call_id: the carrier's identifier of the call.
        language: language the call begins in.
        languages: languages the caller may choose from, in the order of key 5.
        can_hand_over: there is a number of the company at which a human can be dialled.
        office_open: somebody answers it at this hour; outside office hours nobody is dialled.
        can_call_back: the caller's number is known; else no callback is offered.
        begins: the flow the conversation begins with, in a call that we made; whoever answered
            has proved who they are by then. ``None``: the caller says what they want.
        music: what callers hear who wait, mu-law 8 kHz, over and over; empty: silence.
        key_s: wait for a key after the notice.
        repetitions: short repetitions of the notice on silence (C5).
        no_input_s: wait for the caller to speak.
        limit_s: longest call.
        commit_s: wait for the ledger.
        thinking_s: wait for the recogniser and the understander after a turn.
        tool_s: wait for something that is being done for the caller.
        filler_s: wait for an answer that is being looked for, before saying so.
        speech_s: wait for the synthesiser.
        mark_s: wait for a mark after the audio before it should have been heard.
        typed_s: a number that is being typed is over after so long without a key.
        queue_s: wait for an operator in the queue.
        place_s: so often a waiting caller is told their place.
        line_s: silence is assumed after so long without audio from the carrier.
        turns: thresholds of turn detection.
        ends: how long a silence ends a turn.
        barge_in: thresholds of interruption.
    """

    call_id: str
    language: str
    languages: tuple[str, ...] = ("de", "en")
    can_hand_over: bool = True
    office_open: bool = True
    can_call_back: bool = True
    begins: str | None = None
    music: bytes = field(default=b"", repr=False)
    key_s: float = 6.0
    repetitions: int = 2
    no_input_s: float = 8.0
    limit_s: float = 900.0
    commit_s: float = 5.0
    thinking_s: float = 8.0
    tool_s: float = 10.0
    filler_s: float = 0.7
    speech_s: float = 8.0
    mark_s: float = 2.0
    typed_s: float = 3.0
    queue_s: float = 90.0
    place_s: float = 30.0
    line_s: float = 0.3
    turns: TurnRules = field(default_factory=TurnRules)
    ends: EndRules = field(default_factory=EndRules)
    barge_in: BargeInRules = field(default_factory=BargeInRules)

    def __post_init__(self) -> None:
        waits = (
            self.key_s,
            self.no_input_s,
            self.limit_s,
            self.commit_s,
            self.thinking_s,
            self.tool_s,
            self.filler_s,
            self.speech_s,
            self.mark_s,
            self.typed_s,
            self.queue_s,
            self.place_s,
        )
        # A wait of nothing would be over before it began, for ever.
        if min(waits) <= 0 or self.line_s < FRAME_MS / 1000:
            raise ValueError("a call waits for a positive time")
        if self.repetitions < 0 or not self.languages:
            raise ValueError("a call has a language, and not less than no repetition")

    @property
    def can_dial(self) -> bool:
        """True if a human can be dialled in this call."""
        return self.can_hand_over and self.office_open

    def next_language(self, language: str) -> str:
        """The language key 5 switches to."""
        if language not in self.languages:
            return self.languages[0]
        return self.languages[(self.languages.index(language) + 1) % len(self.languages)]
