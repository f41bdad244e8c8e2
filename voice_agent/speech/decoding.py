"""How often, and with how much context, an utterance is decoded until its text is trusted. Pure.

Whisper was trained on windows of 30 s, and its encoder is most of the cost. An utterance of a few
seconds is recognised as well in a window a little longer than itself, in a fraction of the time.
What then goes wrong is known: with so little silence behind it the decoder sometimes does not find
the end and says the sentence again. Measured with Whisper base on 213 telephone utterances, asking
the same encoding again with timestamps found the end in every such case; a low score is a reason
for the full window and a wider search. So:

1. the short window, greedy;
2. if that ran on: the same encoding again, with timestamps;
   if it is merely not sure: the same encoding again, with five beams, for a fifth of the cost of
   the full window and as good (German 19.2 to 18.0 % of the words wrong);
3. if the text is still doubtful: the full window, five beams.

Words that the dialogue expects help where the sound is poor, and are made up where there is none:
told "Montag, Dienstag", the decoder hears a Tuesday in a cough. So they are a second opinion on the
same encoding, asked only when the first is not sure, and believed only if it has found one of them
and the sound makes the text much likelier than silence does under the same expectation. Noise gains
nothing there.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

FULL_WINDOW: Final = 30.0
"""Seconds of audio that Whisper was trained on, and the most it hears at once."""

PADDING: Final = 3.0
"""Seconds behind the utterance in the short window; with 1.5 s four times as many texts run on."""

SHORTEST_WINDOW: Final = 6.0
"""Seconds. A very short window is unlike anything the model was trained on."""

TOKENS_PER_SECOND: Final = 8.0
"""Nobody speaks as many: the fastest of the measured utterances has 4.3. It ends a text that loops
before it costs time."""

FREE_TOKENS: Final = 10
"""Allowed on top, whatever the duration."""

LOW_SCORE: Final = -1.0
"""Mean log probability below which a text is doubtful (Radford et al. 2022, section 4.5)."""

UNSURE_SCORE: Final = -0.4
"""Mean log probability below which a wider search in the same window is worth its time."""

LOOPING: Final = 2.4
"""Compression above which a text loops (as above)."""

SILENT: Final = 0.6
"""Probability of no speech above which a doubtful text is nobody's (as above)."""

BEAMS: Final = 5
"""Hypotheses of a wider search, as many as faster-whisper takes."""

LEAST_GAIN: Final = 1.3
"""Nats a token by which sound must beat silence for a text that was found with expected words."""

_COPIES: Final = 3
_COMMON: Final = 3


@dataclass(frozen=True, slots=True)
class Pass:
    """One way to decode an utterance.

    Attributes:
        window: seconds of features that the encoder sees.
        timestamps: the decoder also writes when each part was said.
        beam: hypotheses kept while decoding; 1 is greedy.
        expecting: the decoder is told which words are expected.
    """

    window: float
    timestamps: bool = False
    beam: int = 1
    expecting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What one pass proposes.

    Attributes:
        how: the pass.
        tokens: the text tokens, without any special one.
        text: the tokens as words.
        log_probability: mean log probability of the tokens, the end of the text among them.
        no_speech: the model's probability that there is no speech, 0 to 1.
        finished: the model ended the text itself, before the limit on tokens.
        gain: by how much the sound makes the text likelier than silence does, nats a token; 0 if
            no expected word is in it, ``None`` where none were expected.
    """

    how: Pass
    tokens: tuple[int, ...]
    text: str
    log_probability: float
    no_speech: float
    finished: bool
    gain: float | None = None

    @property
    def compression(self) -> float:
        """Length of the text over its zlib-compressed length, in bytes."""
        raw = self.text.encode()
        return len(raw) / len(zlib.compress(raw))

    @property
    def runs_on(self) -> bool:
        """True if the decoder may have missed the end. People repeat themselves too."""
        return not self.finished or repeats(self.tokens)

    @property
    def is_unlikely(self) -> bool:
        """True if the model itself gives the words a low score."""
        return self.log_probability < LOW_SCORE

    @property
    def is_unsure(self) -> bool:
        """True if a wider search may find better words."""
        return self.log_probability < UNSURE_SCORE

    @property
    def is_silence(self) -> bool:
        """True if the model neither expects speech nor believes the words it wrote."""
        return self.no_speech > SILENT and self.is_unlikely

    @property
    def is_made_up(self) -> bool:
        """True if expecting words explains the text as well as the sound does."""
        return self.gain is not None and self.gain < LEAST_GAIN

    @property
    def is_doubtful(self) -> bool:
        """True if another pass should be asked."""
        return self.runs_on or self.is_unlikely or self.compression > LOOPING or self.is_made_up


def token_limit(seconds: float) -> int:
    """The most text tokens that so many seconds of speech can hold."""
    return FREE_TOKENS + round(TOKENS_PER_SECOND * seconds)


def next_pass(
    seconds: float, tried: Sequence[Hypothesis], *, expecting: bool = False
) -> Pass | None:
    """What to do next for an utterance.

    Args:
        seconds: its length.
        tried: what the passes so far proposed, in order.
        expecting: the dialogue expects certain words.

    Returns:
        The next pass, or ``None`` when the last one is to be trusted or nothing is left to try.
    """
    # The encoder halves the number of its 10 ms frames: a window is a multiple of 20 ms.
    short = min(FULL_WINDOW, max(SHORTEST_WINDOW, math.ceil((seconds + PADDING) * 50) / 50))
    if not tried:
        return Pass(short)
    last = tried[-1]
    if last.how.expecting:
        if not last.is_doubtful:
            return None
        last, expecting = tried[-2], False  # as if nothing had been expected
    if last.is_silence or last.how.beam > 1:
        return None
    if expecting and last.is_unsure and len(tried) == 1:
        return Pass(short, beam=BEAMS, expecting=True)
    if not last.is_doubtful:
        return Pass(short, beam=BEAMS) if last.is_unsure else None
    if last.runs_on and not last.how.timestamps:
        return Pass(short, timestamps=True)
    return Pass(FULL_WINDOW, beam=BEAMS)


def best(tried: Sequence[Hypothesis]) -> Hypothesis:
    """The proposal to go with: the likeliest to be trusted, else the least doubtful."""
    tried = [one for one in tried if not one.is_made_up]
    if tried[-1].is_silence:
        return tried[-1]
    trusted = [one for one in tried if not one.is_doubtful]
    return max(
        trusted or tried,
        key=lambda one: (one.finished, one.compression <= LOOPING, one.log_probability),
    )


def repeats(tokens: Sequence[int]) -> bool:
    """True if a text ends by beginning again, or in three copies of the same part.

    The last copy may be cut off: ``ABCDEABC`` begins again. Fewer than three tokens in common say
    nothing: "ja, das passt, ja".
    """
    count = len(tokens)
    begins_again = any(
        all(tokens[i] == tokens[i - length] for i in range(length, count))
        for length in range(_COMMON, count - _COMMON + 1)
    )
    return begins_again or any(
        all(tokens[-i] == tokens[-i - length] for i in range(1, length * (_COPIES - 1) + 1))
        for length in range(1, count // _COPIES + 1)
    )
