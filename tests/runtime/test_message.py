from __future__ import annotations

import pytest

from voice_agent.runtime.message import FINAL, LOST, MessageStatus, SentMessage, earlier


@pytest.mark.parametrize("status", MessageStatus)
def test_nothing_replaces_a_final_status_and_nothing_itself(status: MessageStatus) -> None:
    assert not earlier(status) & FINAL
    assert status not in earlier(status)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_final_status_replaces_every_other(status: MessageStatus) -> None:
    assert earlier(status) == frozenset(MessageStatus) - FINAL


def test_a_message_is_under_way_until_it_has_arrived_or_is_lost() -> None:
    for status in (None, *MessageStatus):
        message = SentMessage(status=status, error_code=None, told=False)
        assert message.is_under_way == (status not in FINAL)
        assert message.is_lost == (status in LOST)
