from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from voice_agent.call.actions import Action, ClearAudio, SendAudio, SendMark, Synthesise
from voice_agent.call.playback import Playback, Sentence

ONE = Sentence("Guten Tag.", "de")
TWO = Sentence("Was kann ich tun?", "de")
SECOND = b"\x55" * 8000


def named(actions: list[Action]) -> list[str]:
    return [action.clip for action in actions if isinstance(action, Synthesise)]


def test_sentences_are_sent_in_order_however_they_are_finished() -> None:
    playback = Playback()
    first, second = named(playback.say([ONE, TWO], 0.0))
    assert playback.ready(second, b"\x02" * 80, 0.1) == []
    assert playback.ready(first, b"\x01" * 80, 0.2) == [
        SendAudio(b"\x01" * 80),
        SendMark(first),
        SendAudio(b"\x02" * 80),
        SendMark(second),
    ]


def test_a_sentence_is_heard_when_its_mark_returns_and_not_before() -> None:
    playback = Playback()
    (name,) = named(playback.say([ONE], 0.0))
    playback.ready(name, SECOND, 0.0)
    assert playback.is_busy
    assert [clip.sentence for clip in playback.mark(name, 1.0)] == [ONE]
    assert not playback.is_busy


def test_a_mark_counts_once() -> None:
    playback = Playback()
    (name,) = named(playback.say([ONE], 0.0))
    playback.ready(name, SECOND, 0.0)
    assert playback.mark(name, 1.0)
    assert playback.mark(name, 1.1) == []


def test_a_later_mark_means_that_the_earlier_was_heard_too() -> None:
    playback = Playback()
    first, second = named(playback.say([ONE, TWO], 0.0))
    playback.ready(first, SECOND, 0.0)
    playback.ready(second, SECOND, 0.0)
    assert [clip.sentence for clip in playback.mark(second, 2.0)] == [ONE, TWO]
    assert playback.mark(first, 2.0) == []


def test_a_mark_of_an_unknown_unsent_or_cleared_clip_means_nothing() -> None:
    playback = Playback()
    (name,) = named(playback.say([ONE], 0.0))
    assert playback.mark(name, 0.1) == []
    assert playback.mark("7.7", 0.1) == []
    playback.ready(name, SECOND, 0.1)
    playback.clear(0.2)
    assert playback.mark(name, 0.2) == []


def test_what_was_cleared_is_never_sent() -> None:
    playback = Playback()
    (name,) = named(playback.say([ONE], 0.0))
    playback.clear(0.1)
    playback.say([TWO], 0.1)
    assert playback.ready(name, SECOND, 0.2) == []


def test_there_is_nothing_to_clear_at_the_carrier_before_anything_was_sent() -> None:
    playback = Playback()
    assert playback.clear(0.0) == ([], [])
    (name,) = named(playback.say([ONE], 0.0))
    assert playback.clear(0.2)[1] == []
    (name,) = named(playback.say([ONE], 0.0))
    playback.ready(name, SECOND, 0.0)
    assert playback.clear(0.2)[1] == [ClearAudio()]


def test_what_is_held_waits_with_its_audio_and_goes_on_under_a_new_mark() -> None:
    playback = Playback()
    first, second = named(playback.say([ONE, TWO], 0.0))
    playback.ready(first, SECOND, 0.0)
    assert playback.hold(0.1)[1] == [ClearAudio(for_good=False)]
    assert playback.ready(second, SECOND, 0.3) == []
    assert playback.mark(first, 0.3) == []  # it came back because of the clear
    actions = playback.release(5.0)
    assert [action.mulaw for action in actions if isinstance(action, SendAudio)] == [SECOND, SECOND]
    marks = [action.name for action in actions if isinstance(action, SendMark)]
    assert first not in marks
    assert second in marks
    assert playback.expected_end == 7.0


def test_a_sentence_that_was_half_heard_goes_on_in_the_middle() -> None:
    playback = Playback()
    (name,) = named(playback.say([TWO], 0.0))
    playback.ready(name, SECOND * 2, 0.0)
    playback.hold(1.4)
    (rest, _) = playback.release(3.0)
    assert isinstance(rest, SendAudio)
    assert 8000 * 0.5 < len(rest.mulaw) < 8000 * 1.2
    playback.hold(3.0 + len(rest.mulaw) / 8000 - 0.01)
    (last, _) = playback.release(9.0)
    assert isinstance(last, SendAudio)
    assert len(last.mulaw) < len(rest.mulaw)


def test_nothing_is_held_when_nothing_is_queued_any_more() -> None:
    playback = Playback()
    (name,) = named(playback.say([ONE], 0.0))
    playback.hold(0.1)
    playback.skip(name, 0.2)
    assert not playback.is_held
    (name,) = named(playback.say([ONE], 0.3))
    assert playback.ready(name, SECOND, 0.4)


def test_the_wait_for_the_synthesiser_begins_when_the_caller_hears_nothing_any_more() -> None:
    playback = Playback()
    first, second = named(playback.say([ONE, TWO], 10.0))
    assert [playback.awaited, playback.waiting_since] == [first, 10.0]
    playback.ready(first, SECOND, 10.5)
    playing = (playback.awaited, playback.waiting_since, playback.expected_end)
    assert playing == (None, None, 11.5)
    playback.mark(first, 11.6)
    assert [playback.awaited, playback.waiting_since] == [second, 11.6]


def test_without_marks_the_clock_decides() -> None:
    playback = Playback()
    first, second = named(playback.say([ONE, TWO], 0.0))
    playback.ready(first, SECOND, 0.0)
    assert [clip.name for clip in playback.overdue(3.0)] == [first]
    assert playback.awaited == second


def test_a_mark_that_comes_early_sets_the_clock_right() -> None:
    playback = Playback()
    (name,) = named(playback.say([ONE], 0.0))
    playback.ready(name, SECOND * 10, 0.0)
    playback.mark(name, 1.0)
    (name,) = named(playback.say([ONE], 2.0))
    playback.ready(name, SECOND, 2.0)
    assert playback.expected_end == 3.0


def test_how_much_was_heard_of_what_is_being_said() -> None:
    playback = Playback()
    first, second = named(playback.say([ONE, TWO], 0.0))
    playback.ready(first, SECOND, 0.0)
    playback.ready(second, SECOND, 0.0)
    assert playback.heard_seconds(1.25) == 1.25
    assert playback.heard_seconds(60.0) == 2.0


@dataclass
class Order:
    """What must hold for every way of using a playback."""

    sent: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    audio: list[bytes] = field(default_factory=list)

    def see(self, actions: list[Action]) -> None:
        for action, following in zip(actions, [*actions, None][1:], strict=True):
            match action:
                case SendAudio(mulaw=mulaw):
                    self.audio.append(mulaw)
                    assert isinstance(following, SendMark)
                case SendMark(name=name):
                    assert name not in self.sent
                    self.sent.append(name)
                case _:
                    continue


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["say", "ready", "skip", "mark", "overdue", "clear", "hold", "release"]),
        st.integers(0, 12),
        st.floats(0, 3),
    ),
    max_size=60,
)


@given(STEPS)
def test_sentences_are_sent_and_heard_once_and_in_order(
    steps: list[tuple[str, int, float]],
) -> None:
    """Whatever comes in whatever order: nothing is sent twice, nothing heard that was not sent."""
    playback, order, known, now = Playback(), Order(), ["0.1"], 0.0
    cleared: list[str] = []
    for step, which, seconds in steps:
        now += seconds
        name = known[which % len(known)]
        actions: list[Action] = []
        match step:
            case "say":
                actions = playback.say([ONE] * (which % 3), now)
            case "ready":
                actions = playback.ready(name, name.encode(), now)
            case "skip":
                actions = playback.skip(name, now)
            case "mark":
                order.heard += [clip.name for clip in playback.mark(name, now)]
            case "overdue":
                order.heard += [clip.name for clip in playback.overdue(now)]
            case "clear":
                dropped, actions = playback.clear(now)
                cleared += [clip.name for clip in dropped]
            case "hold":
                before = [name for name in order.sent if name not in order.heard]
                heard, actions = playback.hold(now)
                order.heard += [clip.name for clip in heard]
                if actions:
                    cleared += [name for name in before if name not in order.heard]
            case _:
                actions = playback.release(now)
        known += named(actions) + [each.name for each in actions if isinstance(each, SendMark)]
        order.see(actions)
        generation = [tuple(map(int, each.split("."))) for each in order.sent]
        assert generation == sorted(generation)
        waits = playback.waiting_since is not None, playback.expected_end is not None
        assert any(waits) is (playback.is_busy and not playback.is_held)
    assert order.heard == [name for name in order.sent if name in order.heard]
    assert set(order.heard).isdisjoint(cleared)
