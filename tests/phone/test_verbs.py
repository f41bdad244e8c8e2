from __future__ import annotations

import pytest

from voice_agent.errors import ProtocolError
from voice_agent.phone.verbs import (
    Connect,
    Dial,
    Gather,
    Hangup,
    Pause,
    Play,
    Redirect,
    Verb,
    parse,
)


def response(body: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{body}</Response>'


@pytest.mark.parametrize(
    ("body", "verbs"),
    [
        ("", []),
        ("<Hangup/>", [Hangup()]),
        ("<Play> /a.wav </Play><Redirect>/b</Redirect>", [Play("/a.wav"), Redirect("/b")]),
        ("<Dial>+4930123456</Dial>", [Dial("+4930123456")]),
        ('<Dial timeout="20"><Number>+4930123456</Number></Dial>', [Dial("+4930123456")]),
        ('<Pause length="3"/><Pause/>', [Pause(3.0), Pause(1.0)]),
        (
            (
                '<Gather input="dtmf" numDigits="1" finishOnKey="" timeout="8" action="/k">'
                "<Play>/a</Play><Play>/b</Play></Gather>"
            ),
            [Gather("/k", 8.0, 1, "", ("/a", "/b"))],
        ),
        ("<Gather/>", [Gather("", 5.0, None, "#", ())]),
        (
            (
                '<Connect action="/after"><Stream url="wss://x.example/media">'
                '<Parameter name="token" value="t"/></Stream></Connect>'
            ),
            [Connect("wss://x.example/media", {"token": "t"}, "/after")],
        ),
        ("<!-- said --><Hangup/>", [Hangup()]),
    ],
)
def test_the_verbs_a_call_may_use(body: str, verbs: list[Verb]) -> None:
    assert parse(response(body)) == verbs


@pytest.mark.parametrize(
    "document",
    [
        "",
        "Sorry",
        "<Response>",
        "<Other/>",
        '<!DOCTYPE r [<!ENTITY a "b">]><Response>&a;</Response>',
        response("<Record/>"),
        response("<Say>Hello</Say>"),
        response("<Start><Stream url='wss://x.example/m'/></Start>"),
        response('<Gather input="speech"/>'),
        response('<Gather input="dtmf speech"/>'),
        response("<Gather><Say>Hello</Say></Gather>"),
        response('<Gather timeout="soon"/>'),
        response('<Gather timeout="-1"/>'),
        response("<Play/>"),
        response("<Connect/>"),
        response("<Connect><Stream/></Connect>"),
    ],
)
def test_anything_else_is_refused(document: str) -> None:
    """Among it every verb that would analyse the caller's voice outside the gate (C3)."""
    with pytest.raises(ProtocolError):
        parse(document)
