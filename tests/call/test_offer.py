from __future__ import annotations

from typing import Any

import pytest

from consent.gate import GateState
from tests.call.conftest import MakeScene
from tests.call.scene import Paces, Scene, receipt
from voice_agent.call.actions import (
    ClearAudio,
    CommitConsent,
    Ending,
    Finish,
    RecordWithdrawal,
    SendLink,
    Synthesise,
    Transcribe,
)
from voice_agent.call.events import ConsentCommitted, ConsentFailed, LinkOutcome
from voice_agent.call.phase import Phase


def test_key_1_opens_the_ear_only_after_the_ledger_has_written(make_scene: MakeScene) -> None:
    scene = make_scene(Paces(ledger=1.0))
    scene.start()
    scene.wait(2)
    scene.press("1")
    states = []
    for seconds in (0.5, 0.4, 0.2):
        scene.wait(seconds)
        states.append((scene.session.phase, scene.session.consent))
    assert states == [
        (Phase.COMMITTING, GateState.CLOSED),
        (Phase.COMMITTING, GateState.CLOSED),
        (Phase.CONVERSING, GateState.OPEN),
    ]
    scene.listen()
    assert "Hier ist der KI-Assistent von Autowerkstatt Berger." in scene.heard


def test_the_commit_says_how_much_of_the_notice_was_heard(scene: Scene) -> None:
    scene.start()
    scene.wait(2.1)
    scene.press("1")
    (commit,) = scene.asked(CommitConsent)
    assert (commit.key, commit.language) == ("1", "de")
    assert 1900 <= commit.heard_ms <= 2000  # the synthesiser took 100 ms of it


def test_a_notice_heard_to_its_end_counts_as_long_as_it_is(scene: Scene) -> None:
    scene.start()
    scene.listen()
    scene.wait(3)
    scene.press("1")
    words = " ".join(speech.text for speech in scene.asked(Synthesise)).split()
    (commit,) = scene.asked(CommitConsent)
    assert commit.heard_ms == pytest.approx(len(words) * 150, abs=500)


def test_a_hasty_key_1_is_recorded_as_hasty(scene: Scene) -> None:
    """The record shows that nothing of the notice was heard; what follows is for counsel."""
    scene.start()
    scene.press("1")
    assert scene.asked(CommitConsent)[0].heard_ms == 0


@pytest.mark.parametrize("key", "0235#*46789")
def test_c8_every_key_interrupts_the_notice(scene: Scene, key: str) -> None:
    """Rule C8."""
    scene.start()
    scene.wait(1)
    scene.press(key)
    assert len(scene.asked(ClearAudio)) == 1


@pytest.mark.parametrize("key", "0235#*46789")
def test_c1_no_key_but_1_accepts(scene: Scene, key: str) -> None:
    scene.start()
    scene.press(key)
    scene.wait(60)
    assert scene.asked(CommitConsent) == []
    assert scene.vad.looked_at == []


def test_key_0_reaches_a_human_without_ai(scene: Scene) -> None:
    """Rule C6: one key, and it is announced before it happens."""
    scene.start()
    scene.wait(1)
    scene.press("0")
    assert scene.asked(Finish) == []
    scene.listen()
    assert scene.heard[-2:] == ["Ich verbinde Sie jetzt mit einem Menschen.", "Einen Moment bitte."]
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


def test_key_0_where_there_is_no_human_says_so(make_scene: MakeScene) -> None:
    scene = make_scene(can_hand_over=False)
    scene.start()
    scene.press("0")
    scene.listen()
    assert "Im Moment ist leider niemand frei." in scene.heard
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (LinkOutcome.SENT, "Die SMS ist unterwegs."),
        (LinkOutcome.ALREADY_SENT, "Die SMS habe ich schon geschickt."),
        (LinkOutcome.UNREACHABLE, "An diese Nummer kann ich keine SMS senden."),
        (LinkOutcome.FAILED, "Die SMS konnte ich leider nicht senden."),
    ],
)
def test_key_2_sends_the_link_and_says_what_became_of_it(
    make_scene: MakeScene, outcome: LinkOutcome, said: str
) -> None:
    scene = make_scene(Paces(link_outcome=outcome))
    scene.start()
    scene.press("2")
    assert scene.asked(SendLink) == [SendLink("de")]
    scene.listen()
    assert said in scene.heard
    assert scene.session.phase is Phase.NOTICE


def test_a_link_that_is_never_answered_leaves_the_caller_with_the_choice(
    make_scene: MakeScene,
) -> None:
    scene = make_scene(Paces(link="never"))
    scene.start()
    scene.press("2")
    scene.wait(6.2)
    repetition = scene.script.repetition("de", 1)[0].text
    assert scene.asked(Synthesise)[-1].text in repetition


def test_the_answer_about_the_link_does_not_cut_off_what_was_asked_for_since(
    scene: Scene,
) -> None:
    scene.start()
    scene.press("2")
    scene.press("3")
    scene.wait(1)
    assert scene.asked(ClearAudio) == []
    scene.listen(120)
    assert "Die SMS ist unterwegs." in scene.heard
    assert len(scene.heard) > 10


def test_key_3_reads_the_whole_notice_and_asks_again(scene: Scene) -> None:
    scene.start()
    scene.press("3")
    before = len(scene.asked(Synthesise))
    full = scene.script.full_notice("de")
    assert before > len(full)
    scene.listen(300)
    assert scene.session.phase is Phase.NOTICE
    assert scene.heard[-1] in full[-1].text


def test_key_5_goes_round_the_languages(scene: Scene) -> None:
    scene.start()
    scene.press("5")
    scene.wait(1)
    assert scene.session.language == "en"
    assert scene.asked(Synthesise)[-2].language == "en"
    scene.press("5")
    assert scene.session.language == "de"
    scene.press("5")
    scene.wait(1)
    scene.press("1")
    scene.listen()
    assert scene.asked(CommitConsent)[0].language == "en"
    assert "What can I do for you?" in scene.heard


def test_key_hash_plays_the_notice_again(scene: Scene) -> None:
    scene.start()
    scene.listen()
    heard = list(scene.heard)
    scene.press("#")
    scene.listen()
    assert scene.heard == heard * 2


def test_key_star_before_any_consent_withdraws_nothing(scene: Scene) -> None:
    scene.start()
    scene.press("*")
    scene.listen()
    assert scene.asked(RecordWithdrawal) == []
    assert "Ich höre Ihnen nicht zu." in scene.heard
    scene.press("1")
    scene.listen()
    assert scene.session.phase is Phase.CONVERSING


def test_c5_silence_is_answered_with_two_short_repetitions_and_then_a_human(scene: Scene) -> None:
    """Rule C5: silence is not consent."""
    scene.start()
    scene.wait(120)
    repetitions = {scene.script.repetition("de", number)[0].text for number in (1, 2)}
    said = " ".join(scene.heard)
    assert all(text.split(".")[0] in said for text in repetitions)
    assert scene.asked(CommitConsent) == []
    assert scene.asked(Finish) == [Finish(Ending.HANDED_OVER, "de")]


@pytest.mark.parametrize("changed", [{"can_hand_over": False}, {"begins": "remind"}])
def test_silence_ends_with_goodbye_where_there_is_no_human_and_where_we_rang_up(
    make_scene: MakeScene, changed: dict[str, Any]
) -> None:
    scene = make_scene(**changed)
    scene.start()
    scene.wait(120)
    assert "Ich habe keine Taste erhalten." in scene.heard
    assert scene.asked(Finish) == [Finish(Ending.HUNG_UP, "de")]


@pytest.mark.parametrize("ledger", ["fails", "never"])
@pytest.mark.parametrize("can_hand_over", [True, False])
def test_c4_without_a_record_nobody_is_heard(
    make_scene: MakeScene, ledger: Paces, can_hand_over: bool
) -> None:
    """Rule C4: full disk, locked database, or no answer at all."""
    scene = make_scene(Paces(ledger=ledger), can_hand_over=can_hand_over)  # type: ignore[arg-type]  # parametrised as strings
    scene.start()
    scene.press("1")
    scene.say("Hallo?", ms=2000)
    scene.wait(30)
    assert scene.vad.looked_at == []
    assert scene.asked(Transcribe) == []
    ending = Ending.HANDED_OVER if can_hand_over else Ending.HUNG_UP
    assert scene.asked(Finish) == [Finish(ending, "de")]
    said = "Ihre Zustimmung konnte ich nicht speichern."
    assert (said in scene.heard) is can_hand_over


@pytest.mark.parametrize("key", "0*")
def test_a_ledger_that_answers_after_the_caller_changed_their_mind_opens_nothing(
    make_scene: MakeScene, key: str
) -> None:
    scene = make_scene(Paces(ledger="never"))
    scene.start()
    scene.press("1")
    scene.press(key)
    phase = scene.session.phase
    for answer in (ConsentCommitted(receipt()), ConsentFailed()):
        assert scene.post(answer) == []
    scene.say("Hallo?", ms=1000)
    assert scene.session.phase is phase
    assert scene.session.consent is not GateState.OPEN
    assert scene.vad.looked_at == []


def test_a_ledger_that_answers_after_the_deadline_opens_nothing(make_scene: MakeScene) -> None:
    scene = make_scene(Paces(ledger=5.5))
    scene.start()
    scene.press("1")
    scene.wait(6)
    assert scene.session.phase is Phase.HANDING_OVER
    assert scene.session.consent is GateState.CLOSED


def test_a_ledger_that_answers_after_the_caller_hung_up_opens_nothing(scene: Scene) -> None:
    scene.start()
    scene.press("1")
    scene.hang_up()
    assert scene.post(ConsentCommitted(receipt())) == []
    assert scene.session.consent is GateState.EXPIRED


@pytest.mark.parametrize("key", "1235#4")
def test_other_keys_while_the_ledger_writes_change_nothing(make_scene: MakeScene, key: str) -> None:
    scene = make_scene(Paces(ledger=0.5))
    scene.start()
    scene.press("1")
    scene.press(key)
    scene.wait(1)
    assert len(scene.asked(CommitConsent)) == 1
    assert scene.session.phase is Phase.CONVERSING


def test_the_notice_is_no_part_of_the_conversation(scene: Scene) -> None:
    scene.start()
    scene.listen()
    scene.press("1")
    scene.listen()
    assert next(text for _, text in scene.history) == "Vielen Dank."
