"""TwiML, as much of it as a call may contain: no verb that listens to the caller (rule C3).

A ``Document`` cannot be made of anything else, so whatever is answered to the carrier or sent to
it by REST holds the rule by construction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, Self
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from twilio.twiml import voice_response

MAX_DOCUMENT_BYTES: Final = 64 * 1024
"""Twilio reads no longer document."""

MAX_INLINE_CHARACTERS: Final = 4000
"""Twilio takes no longer document inside a REST call."""

MAX_PARAMETER_LENGTH: Final = 500
"""Name and value of a stream's parameter together have fewer characters than this."""

_LOOPBACK: Final = re.compile(r"localhost|127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}|::1")
_PHONE_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What an element may hold."""

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()


_RULES: Final[Mapping[str, _Rule]] = {
    "Response": _Rule(
        frozenset(),
        frozenset({"Play", "Gather", "Redirect", "Dial", "Hangup", "Connect"}),
    ),
    "Play": _Rule(frozenset()),
    "Gather": _Rule(
        frozenset({"input", "numDigits", "finishOnKey", "timeout", "action", "method"}),
        frozenset({"Play"}),
    ),
    "Redirect": _Rule(frozenset({"method"})),
    "Dial": _Rule(frozenset({"action", "method", "timeout", "callerId", "answerOnBridge"})),
    "Hangup": _Rule(frozenset()),
    "Connect": _Rule(frozenset({"action", "method"}), frozenset({"Stream"})),
    "Stream": _Rule(
        frozenset({"url", "statusCallback", "statusCallbackMethod"}), frozenset({"Parameter"})
    ),
    "Parameter": _Rule(frozenset({"name", "value"})),
}

ALLOWED_VERBS: Final = frozenset(_RULES) - {"Response"}
"""Every element that a document may contain."""


class Document(str):
    """A TwiML document that holds rule C3. It is the text that is sent.

    Raises:
        ValueError: not XML, too long, or an element or attribute that is not allowed.
    """

    __slots__ = ()

    def __new__(cls, xml: str) -> Self:
        """Check the text and keep it as it is."""
        for element in _elements(xml):
            rule = _RULES.get(element.tag)
            if rule is None:
                raise ValueError(f"TwiML may not contain <{element.tag}>")
            for name in element.attrib:
                if name not in rule.attributes:
                    raise ValueError(f"<{element.tag}> may not have the attribute {name}")
            for child in element:
                if child.tag not in rule.children:
                    raise ValueError(f"<{element.tag}> may not contain <{child.tag}>")
            if element.tag == "Gather" and element.get("input") != "dtmf":
                raise ValueError("<Gather> may take keys only")
        return super().__new__(cls, xml)


def verbs(document: str) -> list[str]:
    """Names of all elements but ``Response``, in document order.

    Raises:
        ValueError: not a TwiML document.
    """
    return [element.tag for element in _elements(document)][1:]


def _elements(xml: str) -> Iterator[ET.Element]:
    if len(xml.encode("utf-8", "surrogatepass")) > MAX_DOCUMENT_BYTES:
        raise ValueError("a TwiML document has at most 64 KiB")
    if "<!" in xml:
        # Nothing we write has one; entities are how XML attacks its reader.
        raise ValueError("a TwiML document has no declarations and no comments")
    try:
        root = ET.fromstring(xml)  # noqa: S314 (without declarations there are no entities)
    except (ET.ParseError, UnicodeEncodeError):
        raise ValueError("a TwiML document is well-formed XML") from None
    if root.tag != "Response":
        raise ValueError("a TwiML document is a <Response>")
    return root.iter()


class Verb(Protocol):
    """One verb of a document, as twilio's own builders make them."""

    def append(self, verb: Verb) -> object:
        """Put another verb inside."""
        ...

    def to_xml(self) -> str:
        """The verb as a document of its own."""
        ...


def document(*content: Verb) -> Document:
    """Put verbs one after the other; Twilio carries them out in this order.

    Raises:
        ValueError: a verb that may not be there, or text that XML cannot hold.
    """
    response: Verb = voice_response.VoiceResponse()
    for verb in content:
        response.append(verb)
    return Document(response.to_xml())


def preceded(content: Document, url: str) -> Document:
    """The same document with a recording played first; a key interrupts it where one is awaited.

    Raises:
        ValueError: not an address a carrier can fetch.
    """
    root = ET.fromstring(content)  # noqa: S314 (a Document has no declarations)
    first = ET.Element("Play")
    first.text = _address(url)
    gathers = len(root) > 0 and root[0].tag == "Gather"
    (root[0] if gathers else root).insert(0, first)
    return Document(ET.tostring(root, encoding="unicode"))


def play(url: str) -> Verb:
    """Play a recording."""
    verb: Verb = voice_response.Play(_address(url))
    return verb


def gather(
    action: str, timeout: int, recordings: Sequence[str] = (), *, most: int = 1, end: str = ""
) -> Verb:
    """Wait for keys, of twelve: ``#`` counts too. A key interrupts what is playing.

    Args:
        action: where the keys are posted to.
        timeout: seconds to wait for each after the last recording or key.
        recordings: what is played meanwhile.
        most: so many keys at most.
        end: the key that ends them, and is not posted; empty: none does.
    """
    verb: Verb = voice_response.Gather(
        input="dtmf",
        num_digits=most,
        finish_on_key=end,
        timeout=_seconds(timeout),
        action=_address(action),
        method="POST",
    )
    for url in recordings:
        verb.append(play(url))
    return verb


def redirect(url: str) -> Verb:
    """Go on with the document at this address."""
    verb: Verb = voice_response.Redirect(_address(url), method="POST")
    return verb


def dial(number: str, *, action: str, timeout: int = 30, caller_id: str | None = None) -> Verb:
    """Connect the caller with a human. Nothing listens and nothing is recorded (rule C6).

    Args:
        number: whom to ring, E.164 (``+49...``).
        action: where to go on when the human has hung up or does not answer.
        timeout: seconds to let it ring.
        caller_id: number shown to the human, E.164; without one, the caller's own.
    """
    verb: Verb = voice_response.Dial(
        _phone_number(number),
        action=_address(action),
        method="POST",
        timeout=_seconds(timeout),
        caller_id=None if caller_id is None else _phone_number(caller_id),
        # The caller keeps hearing the ringing until the human answers.
        answer_on_bridge=True,
    )
    return verb


def hang_up() -> Verb:
    """End the call."""
    verb: Verb = voice_response.Hangup()
    return verb


def connect_stream(
    url: str,
    *,
    action: str,
    parameters: Mapping[str, str],
    status_callback: str | None = None,
) -> Verb:
    """Connect the caller with our websocket, in both directions.

    Args:
        url: the websocket, absolute and ``wss``, without port (how Twilio signs one is not
            consistent) and without query (Twilio takes none). ``ws``, and then with a port, is
            for carriers of our own on a loopback host.
        action: where to go on when the stream has ended.
        parameters: what the stream's ``start`` message carries back to us.
        status_callback: where Twilio reports the stream's faults.

    Raises:
        ValueError: an address or a parameter that Twilio would not take.
    """
    stream = voice_response.Stream(
        url=_socket(url),
        status_callback=None if status_callback is None else _address(status_callback),
        status_callback_method=None if status_callback is None else "POST",
    )
    for name, value in parameters.items():
        if not name or len(name) + len(value) >= MAX_PARAMETER_LENGTH:
            raise ValueError(
                f"name and value of a parameter have fewer than {MAX_PARAMETER_LENGTH} characters"
            )
        stream.parameter(name=name, value=value)
    verb: Verb = voice_response.Connect(action=_address(action), method="POST")
    verb.append(stream)
    return verb


def _address(url: str) -> str:
    """An absolute http address, or a path on the host that serves the document."""
    parts = urlsplit(url)
    absolute = parts.scheme in ("https", "http") and parts.hostname
    path = not parts.scheme and not parts.netloc and url.startswith("/")
    if not (absolute or path) or not url.isprintable() or " " in url:
        raise ValueError("an address in TwiML is an http(s) URL or a path beginning with /")
    return url


def _socket(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "wss":
        if not host or parts.netloc.lower() != host:
            raise ValueError("a stream's address is a host without port and user name")
    elif parts.scheme != "ws" or not _LOOPBACK.fullmatch(host) or "@" in parts.netloc:
        raise ValueError("a stream's address begins with wss://, or ws:// on a loopback host")
    if not url.isprintable() or not {" ", "?", "#"}.isdisjoint(url):
        raise ValueError("a stream's address has neither query, fragment nor spaces")
    return url


def _seconds(timeout: int) -> int:
    if not 1 <= timeout <= 600:  # noqa: PLR2004 (Twilio's own limit for ringing)
        raise ValueError("a timeout is 1 to 600 seconds")
    return timeout


def _phone_number(number: str) -> str:
    if _PHONE_NUMBER.fullmatch(number) is None:
        raise ValueError("a phone number is written in E.164: + and 7 to 15 digits")
    return number
