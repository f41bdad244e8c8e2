from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.twilio import twiml
from voice_agent.twilio.twiml import Document, Verb

AUDIO = "https://agent.example/audio/" + "a" * 64 + ".wav"
SOCKET = "wss://agent.example/twilio/media"
NUMBER = "+493012345678"


def body(document: str) -> str:
    """A document without its declaration and its outermost element."""
    start, end = '<?xml version="1.0" encoding="UTF-8"?><Response>', "</Response>"
    assert document.startswith(start)
    assert document.endswith(end)
    return document[len(start) : -len(end)]


def test_the_notice_waits_for_one_key_and_then_asks_again() -> None:
    """``finishOnKey`` is empty, or ``#`` would not arrive as a key (C1)."""
    document = twiml.document(
        twiml.gather("/twilio/consent?round=1", 5, [AUDIO]), twiml.redirect("/twilio/voice?round=2")
    )
    assert body(document) == (
        '<Gather action="/twilio/consent?round=1" finishOnKey="" input="dtmf" method="POST" '
        f'numDigits="1" timeout="5"><Play>{AUDIO}</Play></Gather>'
        '<Redirect method="POST">/twilio/voice?round=2</Redirect>'
    )
    assert twiml.verbs(document) == ["Gather", "Play", "Redirect"]


def test_an_accepted_call_is_connected_with_its_token() -> None:
    document = twiml.document(
        twiml.connect_stream(
            SOCKET,
            action="/twilio/after",
            parameters={"token": "t&<>\"'ä"},
            status_callback="/twilio/status/stream",
        )
    )
    assert body(document) == (
        '<Connect action="/twilio/after" method="POST">'
        '<Stream statusCallback="/twilio/status/stream" statusCallbackMethod="POST" '
        f'url="{SOCKET}"><Parameter name="token" value="t&amp;&lt;&gt;&quot;\'ä" />'
        "</Stream></Connect>"
    )
    assert twiml.verbs(document) == ["Connect", "Stream", "Parameter"]


def test_a_declined_call_is_a_plain_dial() -> None:
    """No stream, no recording, no transcription (C6)."""
    document = twiml.document(
        twiml.play(AUDIO), twiml.dial(NUMBER, action="/twilio/after", caller_id="+4930999999")
    )
    assert body(document) == (
        f'<Play>{AUDIO}</Play><Dial action="/twilio/after" answerOnBridge="true" '
        f'callerId="+4930999999" method="POST" timeout="30">{NUMBER}</Dial>'
    )


def test_without_a_caller_id_the_human_sees_the_callers_own() -> None:
    assert "callerId" not in twiml.document(twiml.dial(NUMBER, action="/twilio/after"))


def test_a_call_ends_after_the_last_word() -> None:
    document = twiml.document(twiml.play(AUDIO), twiml.hang_up())
    assert body(document) == f"<Play>{AUDIO}</Play><Hangup />"


def test_an_empty_document_hangs_up_by_itself() -> None:
    assert str(twiml.document()) == '<?xml version="1.0" encoding="UTF-8"?><Response />'


FORBIDDEN = [
    "<Record/>",
    "<Say>Hallo</Say>",
    "<Pay/>",
    "<Enqueue>q</Enqueue>",
    "<Prompt/>",
    '<Start><Stream url="wss://a.example/"/></Start>',
    "<Start><Transcription/></Start>",
    "<Start><Siprec/></Start>",
    "<Connect><VirtualAgent/></Connect>",
    "<Connect><ConversationRelay/></Connect>",
    "<Connect><Play>a</Play></Connect>",
    '<Stream url="wss://a.example/"/>',
    '<Parameter name="a" value="b"/>',
    "<Gather/>",
    '<Gather input="speech"/>',
    '<Gather input="dtmf speech"/>',
    '<Gather input="dtmf" hints="ja"/>',
    '<Gather input="dtmf" speechTimeout="1"/>',
    '<Gather input="dtmf"><Say>a</Say></Gather>',
    '<Gather input="dtmf"><Gather input="dtmf"/></Gather>',
    '<Dial record="record-from-answer">1</Dial>',
    '<Dial recordingTrack="inbound">1</Dial>',
    '<Dial><Number machineDetection="Enable">1</Number></Dial>',
    "<Dial><Conference>a</Conference></Dial>",
    '<Play digits="1"/>',
    "<play>a</play>",
    '<x:Play xmlns:x="urn:x">a</x:Play>',
    "<Response/>",
]


@pytest.mark.parametrize("verb", FORBIDDEN)
def test_a_document_with_anything_else_cannot_be_made(verb: str) -> None:
    """Whatever could listen to the caller outside the gate is refused by construction (C3)."""
    with pytest.raises(ValueError, match=r"may not|only"):
        Document(f"<Response>{verb}</Response>")


def test_no_verb_of_the_allow_list_listens() -> None:
    assert {
        "Play",
        "Gather",
        "Redirect",
        "Dial",
        "Hangup",
        "Connect",
        "Stream",
        "Parameter",
    } == twiml.ALLOWED_VERBS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Guten Tag",
        "<Response>",
        "<Play>a</Play>",
        "<Response></Response><Response/>",
        "<Response>\0</Response>",
        "<Response>\ud800</Response>",
        '<!DOCTYPE a [<!ENTITY b "c">]><Response>&b;</Response>',
        "<Response><!-- a --></Response>",
        "<Response><Play>" + "a" * twiml.MAX_DOCUMENT_BYTES + "</Play></Response>",
    ],
)
def test_what_is_not_a_document_is_refused(text: str) -> None:
    for read in (Document, twiml.verbs):
        with pytest.raises(ValueError, match="TwiML document"):
            read(text)


@given(st.text(max_size=200))
def test_garbage_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(ValueError, match="TwiML"):
        Document(text)


def test_a_document_is_the_text_that_is_sent() -> None:
    document = twiml.document(twiml.hang_up())
    assert isinstance(document, str)
    assert document.encode().endswith(b"</Response>")


BAD_SOCKETS = {
    "a port": "wss://agent.example:8443/twilio/media",
    "the default port": "wss://agent.example:443/twilio/media",
    "an empty port": "wss://agent.example:/twilio/media",
    "a query": SOCKET + "?token=1",
    "an empty query": SOCKET + "?",
    "a fragment": SOCKET + "#a",
    "a user": "wss://user@agent.example/twilio/media",
    "no host": "wss:///twilio/media",
    "no scheme": "agent.example/twilio/media",
    "a path only": "/twilio/media",
    "http": "https://agent.example/twilio/media",
    "no encryption": "ws://agent.example/twilio/media",
    "a host that only looks local": "ws://localhost.example/twilio/media",
    "a local user": "ws://localhost@agent.example/twilio/media",
    "a line break": SOCKET + "\n",
    "a space": SOCKET + " ",
    "nothing": "",
}


@pytest.mark.parametrize("fault", BAD_SOCKETS)
def test_a_stream_address_that_twilio_would_not_sign_or_take_is_refused(fault: str) -> None:
    with pytest.raises(ValueError, match="stream's address"):
        twiml.connect_stream(BAD_SOCKETS[fault], action="/a", parameters={})


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "127.0.0.1"])
def test_in_development_the_stream_may_be_plain_on_a_loopback_host(host: str) -> None:
    url = f"ws://{host}/phone/media"
    assert f'url="{url}"' in twiml.document(twiml.connect_stream(url, action="/a", parameters={}))


@pytest.mark.parametrize("parameters", [{"token": "v" * 495}, {"n" * 500: ""}, {"": "v"}])
def test_a_parameter_longer_than_twilio_carries_is_refused(parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="500"):
        twiml.connect_stream(SOCKET, action="/a", parameters=parameters)


def test_a_parameter_may_have_499_characters() -> None:
    verb = twiml.connect_stream(SOCKET, action="/a", parameters={"token": "v" * 494})
    assert "v" * 494 in twiml.document(verb)


@pytest.mark.parametrize(
    "url",
    ["", "a", "//evil.example/a", "ftp://a.example/a", "javascript:1", "https://", "/a\nb", "/a b"],
)
def test_an_address_is_http_or_a_path_of_ours(url: str) -> None:
    with pytest.raises(ValueError, match="address in TwiML"):
        twiml.redirect(url)


@pytest.mark.parametrize(
    "number", ["", "anonymous", "030 12345678", "+49 30 123", "+0301234567", "+1", "+" + "1" * 16]
)
def test_only_a_complete_number_is_dialled_and_no_other_is_repeated(number: str) -> None:
    with pytest.raises(ValueError, match=r"E\.164") as error:
        twiml.dial(number, action="/a")
    assert not number or number not in str(error.value)


@pytest.mark.parametrize(
    "verb", [lambda: twiml.gather("/a", 0), lambda: twiml.dial(NUMBER, action="/a", timeout=601)]
)
def test_a_timeout_is_one_twilio_takes(verb: Callable[[], Verb]) -> None:
    with pytest.raises(ValueError, match="timeout"):
        verb()


@given(st.text(max_size=50))
def test_a_parameter_arrives_as_it_was_given_or_is_refused(value: str) -> None:
    """XML cannot hold every character; what it cannot hold is never sent changed."""
    try:
        document = twiml.document(
            twiml.connect_stream(SOCKET, action="/a", parameters={"token": value})
        )
    except ValueError:
        assert not value.isprintable()
        return
    parameter = ET.fromstring(document).find(".//Parameter")  # noqa: S314 (our own document)
    assert parameter is not None
    assert parameter.get("value") == value


def test_a_recording_goes_before_what_is_played_while_a_key_is_awaited() -> None:
    first, then = "https://agent.example/audio/a.wav", "https://agent.example/audio/b.wav"
    asked = twiml.document(twiml.gather("https://agent.example/key", 5, [then]))
    assert twiml.verbs(twiml.preceded(asked, first)) == ["Gather", "Play", "Play"]
    assert twiml.preceded(asked, first).index(first) < twiml.preceded(asked, first).index(then)
    assert twiml.verbs(twiml.preceded(twiml.document(twiml.hang_up()), first)) == ["Play", "Hangup"]
    with pytest.raises(ValueError, match="address"):
        twiml.preceded(asked, "javascript:alert(1)")
