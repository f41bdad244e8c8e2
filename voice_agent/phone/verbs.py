"""TwiML as a carrier reads it: the verbs this project may use before and around a stream.

What is not in this list is refused: the list is the one of rule C3, and a carrier that does not
know a verb would fail the call as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from voice_agent.errors import ProtocolError


@dataclass(frozen=True, slots=True)
class Play:
    """Play a file.

    Attributes:
        url: as written in the document, relative or absolute.
    """

    url: str


@dataclass(frozen=True, slots=True)
class Gather:
    """Collect keys while playing.

    Attributes:
        action: where the keys go; empty: the document's own address.
        timeout: seconds to wait after the last file, or after the last key.
        num_digits: how many keys end it at once; ``None``: no limit.
        finish_on_key: the key that ends it and is not part of the digits; may be empty.
        urls: the files that play meanwhile.
    """

    action: str
    timeout: float
    num_digits: int | None
    finish_on_key: str
    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go on with another document."""

    url: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait, seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Dial:
    """Connect the caller with a number; for our carrier the end of the story."""

    number: str


@dataclass(frozen=True, slots=True)
class Hangup:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a bidirectional media stream.

    Attributes:
        url: the websocket, absolute.
        parameters: sent along in the start message.
        action: where to ask what comes after the stream; ``None``: the next verb.
    """

    url: str
    parameters: dict[str, str]
    action: str | None


_MOST_DIGITS = 4

Verb = Play | Gather | Redirect | Pause | Dial | Hangup | Connect


def parse(document: str) -> list[Verb]:
    """Read a TwiML document.

    Raises:
        ProtocolError: not XML, not a ``Response``, a verb outside the list, an attribute that is
            no number where one is needed.
    """
    if "<!" in document.replace("<!--", ""):
        raise ProtocolError("TwiML with a document type or a CDATA section is not read")
    try:
        root = ET.fromstring(document)  # noqa: S314 (no document type: checked above)
    except ET.ParseError as fault:
        raise ProtocolError("the answer is not TwiML: it is not well-formed XML") from fault
    if root.tag != "Response":
        raise ProtocolError("the answer is not TwiML: its root is not Response")
    return [_verb(element) for element in root]


def _verb(element: ET.Element) -> Verb:
    match element.tag:
        case "Play":
            return Play(_text(element))
        case "Gather":
            return _gather(element)
        case "Redirect":
            return Redirect(_text(element))
        case "Pause":
            return Pause(_number(element, "length", 1.0))
        case "Dial":
            number = element.find("Number")
            return Dial(_text(element if number is None else number))
        case "Hangup":
            return Hangup()
        case "Connect":
            return _connect(element)
        case _:
            raise ProtocolError("a TwiML verb that may not be used here")


def _gather(element: ET.Element) -> Gather:
    if element.get("input", "dtmf") != "dtmf":
        raise ProtocolError("a Gather that listens to speech may not be used here (C3)")
    if any(child.tag != "Play" for child in element):
        raise ProtocolError("only Play may stand in a Gather here (C3)")
    limit = element.get("numDigits")
    return Gather(
        action=element.get("action", ""),
        timeout=_number(element, "timeout", 5.0),
        num_digits=None if limit is None else int(_number(element, "numDigits", 1.0)),
        finish_on_key=element.get("finishOnKey", "#"),
        urls=tuple(_text(child) for child in element),
    )


def _connect(element: ET.Element) -> Connect:
    stream = element.find("Stream")
    if stream is None or not stream.get("url"):
        raise ProtocolError("a Connect without a Stream and its url")
    return Connect(
        url=stream.get("url", ""),
        parameters={
            child.get("name", ""): child.get("value", "") for child in stream.iter("Parameter")
        },
        action=element.get("action"),
    )


def _text(element: ET.Element) -> str:
    text = (element.text or "").strip()
    if not text:
        raise ProtocolError(f"an empty {element.tag}")
    return text


def _number(element: ET.Element, name: str, default: float) -> float:
    text = element.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        raise ProtocolError(f"{element.tag}: {name} is not a number of seconds or keys")
    return float(text)
