from __future__ import annotations

from voice_agent.dialogue.conversation import HISTORY_LIMIT, Conversation, Heard, Speaker


def test_both_sides_are_remembered_in_order() -> None:
    conversation = Conversation().caller_said("Hallo").agent_said("Guten Tag.")
    assert conversation.history == (
        Heard(Speaker.CALLER, "Hallo"),
        Heard(Speaker.AGENT, "Guten Tag."),
    )


def test_memory_is_bounded() -> None:
    conversation = Conversation()
    for number in range(HISTORY_LIMIT + 5):
        conversation = conversation.caller_said(str(number))
    assert len(conversation.history) == HISTORY_LIMIT
    assert conversation.history[0].text == "5"


def test_nothing_said_shows_in_the_text_form() -> None:
    assert "Fischer" not in repr(Conversation().caller_said("Fischer"))
