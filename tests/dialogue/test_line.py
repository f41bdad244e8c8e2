from __future__ import annotations

from voice_agent.dialogue.commands import Correct, FillSlot
from voice_agent.dialogue.conversation import Heard, Speaker
from voice_agent.dialogue.line import Line, Personal


def test_a_personal_line_never_shows_its_text() -> None:
    assert "Fischer" not in repr(Line("hello", "Guten Tag, Frau Fischer.", "de", personal=True))
    assert "Guten Tag" in repr(Line("hello", "Guten Tag.", "de"))


def test_personal_values_and_heard_words_never_show() -> None:
    hidden = (
        Personal("Fischer"),
        FillSlot("name", "Fischer"),
        Correct("name", "Fischer"),
        Heard(Speaker.CALLER, "Fischer"),
    )
    assert not any("Fischer" in repr(value) for value in hidden)
