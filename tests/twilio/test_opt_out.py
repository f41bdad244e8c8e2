"""Text messages that refuse, however they are spelt (C28)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.twilio.opt_out import LONGEST, is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        "Stop.",
        " stop \n",
        "STOPP!",
        "Stopp bitte keine Anrufe mehr",
        "S T O P",
        "S.T.O.P.",
        "s-t-o-p",
        "*STOP*",
        "„Stopp“",
        "ＳＴＯＰ",
        "s\u200btop",
        "\ufeffSTOP",
        "STO\u0301P",
        "STOPALL",
        "stop all",
        "Ende",
        "ENDE!!!",
        "abmelden",
        "Abmeldung",
        "Abbestellen",
        "austragen",
        "Aufhören",
        "aufhoeren!",
        "Schluss",
        "Schluß",
        "UNSUBSCRIBE",
        "End",
        "quit",
        "Cancel",
        "Revoke",
        "opt out",
        "OPT-OUT",
        "🛑 STOP",
        "STOP 🛑",
        "stop\x00",
        "STOP " + "x" * 5000,
        "Bitte STOP",
        "Nein. STOPP!",
        "please unsubscribe me",
    ],
)
def test_c28_it_is_a_refusal(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "...",
        "🛑",
        "Ja",
        "Danke",
        "Ich komme am Wochenende",
        "Wochenende",
        "Bitte nicht stoppen",
        "Nonstop",
        "Stopfen",
        "endlich",
        "Can I come later?",
        "START",
        "x" * (LONGEST + 10) + " STOP",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_refusal(text)


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert is_refusal("STOP " + text) is True
    is_refusal(text)
