"""The websocket of an operator's voice, in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from tests.console.browser_page import CALL, BrowserPage
from tests.console.doorman import ANNA, BERT
from tests.console.switchroom import switchroom
from tests.runtime.virtual_time import in_virtual_time
from voice_agent.audio.mulaw import SILENCE
from voice_agent.live.command import Outcome, Verb
from voice_agent.live.ports import Side

VOICE = b"\x01" * 160
QUIET = SILENCE * 160


# -- who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("session", "origin", "call"),
    [
        ("nobody", "http://console.test", CALL),
        ("", "http://console.test", CALL),
        ("vera", "http://console.test", CALL),
        ("anna", "http://evil.test", CALL),
        ("anna", "null", CALL),
        ("anna", "", CALL),
        ("anna", "http://console.test", "x" * 32),
        ("anna", "http://console.test", CALL + "0"),
        ("anna", "http://console.test", CALL.upper().replace("0", "A")),
    ],
)
@in_virtual_time
async def test_who_may_not_is_refused_before_the_upgrade(
    session: str, origin: str, call: str
) -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app, session, origin=origin, call=call) as page:
            assert not page.accepted
            assert page.close_code is not None
        assert room.guard.notes == []


@in_virtual_time
async def test_what_cannot_be_written_down_does_not_happen() -> None:
    async with switchroom() as room:
        room.guard.is_full = True
        async with BrowserPage(room.app) as page:
            assert not page.accepted


@in_virtual_time
async def test_every_voice_is_written_down() -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app), BrowserPage(room.app, "bert", query="listen=1"):
            pass
        assert room.guard.notes == [
            (ANNA.account, "call.voice", CALL),
            (BERT.account, "call.listen", CALL),
        ]


@in_virtual_time
async def test_who_is_signed_out_loses_the_voice() -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        await asyncio.sleep(1)
        del room.guard.signed_in["anna"]
        await asyncio.sleep(6)
        assert page.close_code == 1008
        heard = len(room.spoken)
        await asyncio.sleep(1)
        assert len(room.spoken) == heard


@pytest.mark.parametrize(("seconds", "is_open"), [(20, True), (45, False)])
@in_virtual_time
async def test_records_that_are_away_for_a_moment_cut_nobody_off(
    seconds: float, is_open: bool
) -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        await asyncio.sleep(1)
        room.guard.is_full = True
        await asyncio.sleep(seconds)
        room.guard.is_full = False
        await asyncio.sleep(10)
        assert page.is_open is is_open


@pytest.mark.parametrize(
    ("session", "query", "prolongs"), [("anna", "", True), ("bert", "listen=1", False)]
)
@in_virtual_time
async def test_who_holds_the_call_is_at_work_and_who_listens_may_have_gone(
    session: str, query: str, prolongs: bool
) -> None:
    async with switchroom() as room, BrowserPage(room.app, session, query=query) as page:
        page.hum()
        await asyncio.sleep(61)
        assert page.is_open
        assert (room.guard.prolonged > 0) is prolongs


# -- what is passed on -----------------------------------------------------------------------------


@in_virtual_time
async def test_the_holder_and_the_caller_hear_each_other() -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        await page.send(VOICE)
        await room.say(b"\x02" * 160)
        assert room.spoken == [VOICE]
        assert page.frames == [b"\x00" + b"\x02" * 160]
        assert page.texts == [{"type": "state", "control": "talking", "holder": ANNA.account}]


@pytest.mark.parametrize(
    "changes",
    [
        {"control": "announcing"},
        {"control": "holding"},
        {"control": "agent", "holder": ""},
        {"holder": BERT.account},
        {"consent": "withdrawn"},
        {"consent": "none"},
    ],
)
@in_virtual_time
async def test_nothing_is_passed_on_as_soon_as_it_may_not_be(changes: dict[str, str]) -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        await page.send(VOICE)
        await asyncio.sleep(0.1)
        assert room.spoken == [VOICE]
        await room.show(**changes)
        for _ in range(10):
            await page.send(VOICE)
            await room.say(b"\x02" * 160)
        assert room.spoken.count(VOICE) == 1
        assert page.frames == []


@in_virtual_time
async def test_before_the_announcement_was_heard_not_a_byte_goes_either_way() -> None:
    """What the operator says meanwhile is not said later either."""
    async with switchroom() as room:
        await room.show(control="announcing")
        async with BrowserPage(room.app) as page:
            page.hum()
            await room.say(b"\x02" * 160)
            await asyncio.sleep(0.4)
            page.fall_silent()
            await room.show(control="talking")
            assert page.frames == []
            assert VOICE not in room.spoken
            await room.say(b"\x03" * 160)
            await page.send(VOICE)
            await asyncio.sleep(0.1)
            assert page.frames == [b"\x00" + b"\x03" * 160]
            assert room.spoken[-1] == VOICE


@in_virtual_time
async def test_a_holder_who_may_not_speak_is_known_to_be_there() -> None:
    """A frame of silence a second, wherever the call is held."""
    async with switchroom() as room:
        await room.show(control="holding")
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(5.5)
        assert room.spoken == [QUIET] * 6


@in_virtual_time
async def test_who_listens_hears_both_and_is_not_heard() -> None:
    async with switchroom() as room, BrowserPage(room.app, "bert", query="listen=1") as page:
        await page.send(VOICE)
        await room.say(b"\x02" * 160)
        await room.say(b"\x03" * 160, Side.OPERATOR)
        assert page.frames == [b"\x00" + b"\x02" * 160, b"\x01" + b"\x03" * 160]
        assert VOICE not in room.spoken
        assert [(each.verb, each.operator) for each in room.commands] == [
            (Verb.LISTEN, BERT.account)
        ]
        assert {"type": "listen", "outcome": "done"} in page.texts


@pytest.mark.parametrize("query", ["", "listen=0", "listen=1"])
@in_virtual_time
async def test_who_did_not_ask_or_was_told_no_hears_nothing(query: str) -> None:
    async with switchroom() as room:
        room.outcome = Outcome.NOT_NOW
        async with BrowserPage(room.app, "bert", query=query) as page:
            await room.say(b"\x02" * 160)
            await room.say(b"\x03" * 160, Side.OPERATOR)
            assert page.frames == []


@in_virtual_time
async def test_the_page_is_told_how_the_call_stands_to_its_end() -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        await room.show(control="holding")
        await room.show(control="agent", holder="")
        await room.end()
        await asyncio.sleep(5)
        assert [each.get("control", each["type"]) for each in page.texts] == [
            *("talking", "holding", "agent", "unknown", "over")
        ]
        assert page.close_code == 1000


# -- garbage, floods -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "code"), [(b"", 1008), (b"\x01" * 1601, 1009), (b"\x01" * 65536, 1009)]
)
@in_virtual_time
async def test_a_frame_of_no_proper_size_ends_the_voice(frame: bytes, code: int) -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        await page.send(frame)
        await asyncio.sleep(0.1)
        assert page.close_code == code
        assert room.spoken == []


@pytest.mark.parametrize("text", ["", "{}", "x" * 65536])
@in_virtual_time
async def test_a_text_ends_the_voice(text: str) -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        await page.send_text(text)
        await asyncio.sleep(0.1)
        assert page.close_code == 1003


@pytest.mark.parametrize("size", [1, 160, 1600])
@in_virtual_time
async def test_a_voice_faster_than_real_time_is_cut_back_to_the_newest(size: int) -> None:
    """Ten seconds that come in one go: half a second passes at once, half a second waits."""
    async with switchroom() as room, BrowserPage(room.app) as page:
        for index in range(80_000 // size):
            await page.send(bytes([index % 251]) * size)
            if index % 50 == 0:
                await asyncio.sleep(0)
        await asyncio.sleep(2)
        passed = sum(map(len, room.spoken))
        assert passed <= 8000 + 2 * 1600
        last = (80_000 // size - 1) % 251
        assert room.spoken[-1] == bytes([last]) * size


@in_virtual_time
async def test_a_voice_in_real_time_is_passed_on_whole() -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        await asyncio.sleep(10.01)
        assert len(room.spoken) >= 500


# -- pages that come and go ------------------------------------------------------------------------


@in_virtual_time
async def test_a_newer_page_replaces_the_older_one() -> None:
    async with switchroom() as room, BrowserPage(room.app) as old, BrowserPage(room.app) as new:
        assert old.close_code == 4001
        await room.say(b"\x02" * 160)
        assert (len(old.frames), len(new.frames)) == (0, 1)
        new.hum()
        await asyncio.sleep(20)
        assert room.commands == []


@in_virtual_time
async def test_a_page_that_falls_silent_is_gone_and_the_call_is_told_after_five_seconds() -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        await asyncio.sleep(1)
        page.fall_silent()
        await asyncio.sleep(2.9)
        assert page.is_open
        await asyncio.sleep(0.2)
        assert page.close_code == 1013
        await asyncio.sleep(1.8)
        assert room.commands == []
        await asyncio.sleep(0.2)
        assert [(each.verb, each.operator) for each in room.commands] == [(Verb.GONE, ANNA.account)]


@in_virtual_time
async def test_a_page_that_is_loaded_anew_keeps_the_call() -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(1)
        await asyncio.sleep(4.5)
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(10)
            assert room.commands == []


@pytest.mark.parametrize("control", ["talking", "holding", "announcing"])
@in_virtual_time
async def test_a_page_that_comes_back_at_another_worker_keeps_the_call(control: str) -> None:
    async with switchroom() as room:
        await room.show(control=control)
        other = room.worker("c")
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(1)
        await asyncio.sleep(1)
        async with BrowserPage(other) as page:
            page.hum()
            await asyncio.sleep(10)
            assert room.commands == []
        await asyncio.sleep(6)
        assert [each.verb for each in room.commands] == [Verb.GONE]


@in_virtual_time
async def test_a_page_of_a_call_that_was_given_back_may_go() -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(1)
            await room.show(control="agent", holder="")
        await asyncio.sleep(10)
        assert room.commands == []


@in_virtual_time
async def test_who_listened_and_is_gone_is_said_to_leave() -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app, "bert", query="listen=1") as page:
            page.hum()
            await asyncio.sleep(1)
        await asyncio.sleep(10)
        assert [each.verb for each in room.commands] == [Verb.LISTEN, Verb.LEAVE]


@in_virtual_time
async def test_a_call_that_does_not_answer_is_told_again() -> None:
    async with switchroom() as room:
        room.outcome = Outcome.UNANSWERED
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(1)
        await asyncio.sleep(10)
        assert len(room.commands) > 2
        assert len({each.id for each in room.commands}) == len(room.commands)
        room.outcome = Outcome.DONE
        await asyncio.sleep(3)
        told = len(room.commands)
        await asyncio.sleep(10)
        assert len(room.commands) == told


@in_virtual_time
async def test_who_listened_and_then_holds_the_call_is_gone_like_any_holder() -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app, "bert", query="listen=1") as page:
            page.hum()
            await asyncio.sleep(1)
            await room.show(holder=BERT.account)
        await asyncio.sleep(10)
        assert [each.verb for each in room.commands] == [Verb.LISTEN, Verb.GONE]


@in_virtual_time
async def test_a_listener_who_comes_back_at_another_worker_goes_on_listening() -> None:
    async with switchroom() as room:
        other = room.worker("c")
        async with BrowserPage(room.app, "bert", query="listen=1") as page:
            page.hum()
            await asyncio.sleep(1)
        async with BrowserPage(other, "bert", query="listen=1") as page:
            page.hum()
            await asyncio.sleep(10)
            await room.say(b"\x02" * 160)
            assert page.frames == [b"\x00" + b"\x02" * 160]


# -- the live store away ---------------------------------------------------------------------------


@in_virtual_time
async def test_while_the_live_store_is_away_nothing_is_passed_on_and_then_it_is() -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        room.is_away = True
        await asyncio.sleep(60)
        room.spoken.clear()
        await room.say(b"\x02" * 160)
        assert (page.frames, room.spoken) == ([], [])
        room.is_away = False
        await asyncio.sleep(3)
        await room.say(b"\x03" * 160)
        assert page.frames == [b"\x00" + b"\x03" * 160]
        assert room.spoken[-1] == VOICE
        assert [each["control"] for each in page.texts] == ["talking", "unknown", "talking"]
        assert page.is_open


@pytest.mark.parametrize(("seconds", "is_open"), [(2.5, True), (6, False)])
@in_virtual_time
async def test_a_live_store_that_was_restarted_is_not_the_end_of_the_call(
    seconds: float, is_open: bool
) -> None:
    async with switchroom() as room, BrowserPage(room.app) as page:
        page.hum()
        await asyncio.sleep(1)
        room.is_empty = True
        await asyncio.sleep(seconds)
        room.is_empty = False
        await asyncio.sleep(5)
        assert page.is_open is is_open


@in_virtual_time
async def test_a_call_is_told_that_its_operator_is_gone_once_the_live_store_is_back() -> None:
    async with switchroom() as room:
        async with BrowserPage(room.app) as page:
            page.hum()
            await asyncio.sleep(1)
            room.is_away = True
        await asyncio.sleep(10)
        assert room.commands == []
        room.is_away = False
        await asyncio.sleep(3)
        assert [each.verb for each in room.commands] == [Verb.GONE]
