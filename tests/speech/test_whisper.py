"""The recogniser with the real model."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from consent.gate import ConsentGate
from consent.sealed import Consented, ConsentWithdrawn
from tests.bench.word_errors import WordErrors, words
from voice_agent.audio import mulaw, wav
from voice_agent.audio.frame import Utterance
from voice_agent.dialogue.expectation import expected_words
from voice_agent.errors import EngineError, ModelError
from voice_agent.speech.decoding import FULL_WINDOW
from voice_agent.speech.piper import PiperSynthesiser
from voice_agent.speech.ports import NoLongerWanted
from voice_agent.speech.whisper import RATE, WhisperRecogniser, split

pytestmark = pytest.mark.integration

RECORDINGS = Path(__file__).parents[1] / "recordings"
Seal = Callable[[bytes], Consented[Utterance]]


def sound(name: str) -> bytes:
    return mulaw.encode(wav.read((RECORDINGS / f"{name}.wav").read_bytes()).mono())


def noise(seconds: float, level: float) -> bytes:
    samples = np.random.default_rng(7).standard_normal(round(seconds * 8000)) * level
    return mulaw.encode(samples.clip(-32_000, 32_000).astype(np.int16))


def manifest(language: str) -> list[tuple[str, str]]:
    rows = (line.split("\t") for line in (RECORDINGS / "manifest.tsv").read_text().splitlines())
    return [(name.removesuffix(".wav"), text) for name, spoken, text in rows if spoken == language]


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("de01", "de", "Guten Tag, ich möchte gerne einen Termin vereinbaren."),
        ("de21", "de", "Ich möchte bitte mit einem Menschen sprechen."),
        ("en16", "en", "I would like to speak to a human being."),
        ("en12", "en", "I want to cancel my appointment."),
    ],
)
def test_a_caller_is_understood_in_the_short_window(
    recogniser: WhisperRecogniser, seal: Seal, name: str, language: str, text: str
) -> None:
    heard = recogniser.transcribe(seal(sound(name)), language)
    assert heard.text == text
    assert heard.rejected is None
    assert (heard.language, heard.passes) == (language, 1)
    assert heard.window < 8
    assert heard.log_probability is not None
    assert heard.log_probability > -0.5


@pytest.mark.parametrize(("language", "most"), [("de", 0.16), ("en", 0.12)])
def test_callers_are_understood_as_well_as_with_the_full_window(
    recogniser: WhisperRecogniser, seal: Seal, language: str, most: float
) -> None:
    """Stock faster-whisper has 13.3 % and 11.9 % on these; see tests/bench/recogniser.py."""
    errors = WordErrors()
    for name, text in manifest(language):
        errors.add(text, recogniser.transcribe(seal(sound(name)), language).text, language)
    assert errors.rate <= most


def test_a_doubtful_text_is_heard_again_in_the_full_window(
    recogniser: WhisperRecogniser, seal: Seal
) -> None:
    """Two short words: the short window makes "9." of them."""
    heard = recogniser.transcribe(seal(sound("de11")), "de")
    assert heard.text == "Nein, danke."
    assert heard.window == FULL_WINDOW


def test_what_is_said_twice_is_written_twice(recogniser: WhisperRecogniser, seal: Seal) -> None:
    """The guard against the decoder's own repetition must not take words from a caller."""
    twice = sound("en09") + mulaw.SILENCE * 4000 + sound("en09")
    heard = recogniser.transcribe(seal(twice), "en")
    assert heard.text == "No, thank you. No, thank you."


@pytest.mark.parametrize(
    "silent",
    [
        b"",
        mulaw.SILENCE,
        mulaw.SILENCE * 800,
        mulaw.SILENCE * 40_000,
        noise(3, 20),
        noise(3, 300),
        noise(3, 3000),
    ],
    ids=["nothing", "a sample", "0.1 s", "5 s", "faint noise", "noise", "loud noise"],
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_where_nobody_speaks_nothing_is_heard(
    recogniser: WhisperRecogniser, seal: Seal, silent: bytes, language: str
) -> None:
    heard = recogniser.transcribe(seal(silent), language)
    assert heard.text == ""
    assert heard.rejected is not None
    assert heard.passes <= 2


YES_NO = {language: expected_words("connect", language) for language in ("de", "en")}


def test_a_short_answer_is_found_with_the_words_that_are_expected(
    recogniser: WhisperRecogniser, seal: Seal
) -> None:
    """The sound alone takes the full window for it."""
    alone = recogniser.transcribe(seal(sound("de11")), "de")
    told = recogniser.transcribe(seal(sound("de11")), "de", YES_NO["de"])
    assert (alone.window, alone.passes) == (FULL_WINDOW, 2)
    assert told.text == "Nein danke."
    assert told.window < FULL_WINDOW


@pytest.mark.parametrize("name", ["de38", "de40"])
def test_what_is_no_answer_is_not_made_one_by_expecting_it(
    recogniser: WhisperRecogniser, seal: Seal, name: str
) -> None:
    told = recogniser.transcribe(seal(sound(name)), "de", YES_NO["de"])
    assert told.text == recogniser.transcribe(seal(sound(name)), "de").text
    assert not {"ja", "nein"} & set(words(told.text, "de"))


@pytest.mark.parametrize(
    "silent",
    [mulaw.SILENCE * 8000, noise(0.4, 300), noise(1.5, 1000), noise(0.4, 3000)],
    ids=["silence", "a little noise", "noise", "a burst"],
)
@pytest.mark.parametrize("language", ["de", "en"])
def test_expected_words_are_not_heard_where_nobody_speaks(
    recogniser: WhisperRecogniser, seal: Seal, silent: bytes, language: str
) -> None:
    assert recogniser.transcribe(seal(silent), language, YES_NO[language]).text == ""


def test_more_expected_words_than_there_is_room_for_are_left_out(
    recogniser: WhisperRecogniser, seal: Seal
) -> None:
    many = tuple(f"Bestellnummer {number}" for number in range(1000))
    told = recogniser.transcribe(seal(sound("de11")), "de", (*YES_NO["de"], *many))
    assert told.text == "Nein, danke."


def test_an_utterance_without_speech_is_not_believed(
    recogniser: WhisperRecogniser, gate: ConsentGate
) -> None:
    sealed = gate.admit(Utterance(sound("de01"), speech_ms=20))
    assert sealed is not None
    assert recogniser.transcribe(sealed, "de").rejected == "too_little_speech"


def test_audio_longer_than_the_window_is_heard_to_its_end(
    recogniser: WhisperRecogniser, seal: Seal
) -> None:
    names = ["de01", "de03", "de16", "de21", "de24", "de25", "de33", "de30", "de34", "de37"]
    long = (mulaw.SILENCE * 4000).join(sound(name) for name in names)
    heard = recogniser.transcribe(seal(long), "de")
    assert heard.audio_seconds > 40
    assert heard.text.startswith("Guten Tag")
    assert heard.text.endswith("Ich kann morgen leider nicht kommen.")
    assert heard.passes >= 2


def test_what_our_own_voice_says_is_understood(
    recogniser: WhisperRecogniser, joe: PiperSynthesiser, seal: Seal
) -> None:
    heard = recogniser.transcribe(seal(joe.speak("We are open on Monday from eight to six.")), "en")
    assert WordErrors().add("We are open on Monday from eight to six.", heard.text, "en") == 0


def test_a_withdrawn_consent_is_not_heard(
    recogniser: WhisperRecogniser, gate: ConsentGate, seal: Seal
) -> None:
    sealed = seal(sound("de01"))
    gate.withdraw()
    with pytest.raises(ConsentWithdrawn):
        recogniser.transcribe(sealed, "de")


class _Withdrawing:
    """An authority whose consent is withdrawn after it was asked so many times."""

    def __init__(self, gate: ConsentGate, asked: int) -> None:
        self.gate = gate
        self.left = asked

    def ask(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.gate.withdraw()


@pytest.mark.parametrize("after", [1, 2])
def test_a_consent_withdrawn_during_recognition_drops_the_text(
    recogniser: WhisperRecogniser,
    gate: ConsentGate,
    seal: Seal,
    monkeypatch: pytest.MonkeyPatch,
    after: int,
) -> None:
    """Withdrawn after the audio was revealed, or after the last pass: no text comes out (C16)."""
    sealed = seal(sound("de01"))
    withdrawing = _Withdrawing(gate, after)
    reveal = Consented.reveal

    def revealing(self: Consented[Utterance]) -> Utterance:
        value = reveal(self)
        withdrawing.ask()
        return value

    monkeypatch.setattr(Consented, "reveal", revealing)
    with pytest.raises(ConsentWithdrawn):
        recogniser.transcribe(sealed, "de")


@pytest.mark.parametrize("steps", [0, 1])
def test_a_recognition_that_nobody_wants_stops_at_its_next_step(
    recogniser: WhisperRecogniser, seal: Seal, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Before the encoder, or between it and the decoder; what is left is never begun."""
    asked = 0

    def wanted() -> bool:
        nonlocal asked
        asked += 1
        return asked <= steps

    done: list[str] = []
    for step in ("_encode", "_decode"):
        work = getattr(recogniser, step)

        def counted(*given: object, step: str = step, work: Callable[..., object] = work) -> object:
            done.append(step)
            return work(*given)

        monkeypatch.setattr(recogniser, step, counted)
    with pytest.raises(NoLongerWanted):
        recogniser.transcribe(seal(sound("de01")), "de", wanted=wanted)
    assert done == ["_encode"][:steps]


def test_being_asked_whether_it_is_wanted_changes_no_words(
    recogniser: WhisperRecogniser, seal: Seal
) -> None:
    sealed = seal(sound("de11"))  # in several passes
    alone = recogniser.transcribe(sealed, "de")
    asked = recogniser.transcribe(sealed, "de", wanted=lambda: True)
    assert (asked.text, asked.log_probability) == (alone.text, alone.log_probability)


def test_several_threads_share_one_recogniser(recogniser: WhisperRecogniser, seal: Seal) -> None:
    names = ["de01", "de03", "de16", "de21"] * 2
    alone = [recogniser.transcribe(seal(sound(name)), "de").text for name in names[:4]]
    start = threading.Barrier(4)

    def hear(name: str) -> str:
        start.wait()
        return recogniser.transcribe(seal(sound(name)), "de").text

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(hear, names)) == alone * 2


def test_an_unknown_language_is_an_error(recogniser: WhisperRecogniser, seal: Seal) -> None:
    with pytest.raises(EngineError, match="'fr'"):
        recogniser.transcribe(seal(sound("de01")), "fr")


def test_a_directory_without_a_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="voice-agent models pull"):
        WhisperRecogniser(tmp_path)


def test_a_damaged_model_is_an_error(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelError, match="can be loaded"):
        WhisperRecogniser(tmp_path)


def test_audio_is_split_where_it_is_quietest() -> None:
    loud = np.full(10 * RATE, 8000, dtype=np.int16)
    quiet = np.zeros(RATE // 2, dtype=np.int16)
    pcm = np.concatenate([loud, loud, quiet, loud, loud])
    first, second = split(pcm, 30.0)
    assert len(first) / RATE == pytest.approx(20.25, abs=0.2)
    assert len(first) + len(second) == len(pcm)


@pytest.mark.parametrize("seconds", [0, 1, 29.9, 30, 30.1, 61, 200])
def test_no_piece_is_longer_than_a_window_and_nothing_is_lost(seconds: float) -> None:
    pcm = np.arange(round(seconds * RATE)).astype(np.int16)
    pieces = split(pcm, FULL_WINDOW)
    assert np.array_equal(np.concatenate(pieces), pcm)
    assert all(len(piece) <= FULL_WINDOW * RATE for piece in pieces)
