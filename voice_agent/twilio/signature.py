"""Who signed this request: Twilio's signatures of webhooks and of websocket upgrades.

https://www.twilio.com/docs/usage/security#validating-requests. The address is built from the
configured ``PUBLIC_URL``, never from what the request says about itself. Anything that cannot be
checked is refused.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator

Form = Iterable[tuple[str, str]]
"""Fields of a posted form, blank and repeated ones included."""

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class _Fields(dict[str, list[str]]):
    """Repeated fields in the shape twilio's validator asks for: it signs each value once."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


class WebhookSignatures:
    """Checks Twilio's signatures, and makes them for a carrier of our own.

    Args:
        tokens: auth tokens that are valid now; several while rotating, none refuses everything.
            The first one signs.
        public_url: the origin Twilio calls, for example ``https://agent.example``.

    Raises:
        ValueError: an empty token, or a public URL that is not an origin.
    """

    def __init__(self, tokens: Sequence[str], public_url: str) -> None:
        parts = urlsplit(public_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the public URL begins with http:// or https:// and names a host")
        if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
            raise ValueError("the public URL is an origin: scheme, host, perhaps a port")
        if not all(tokens):
            raise ValueError("an auth token is not empty")
        self._validators = tuple(RequestValidator(token) for token in tokens)
        socket_scheme = "wss" if parts.scheme == "https" else "ws"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._socket_origin = f"{socket_scheme}://{parts.netloc}"
        self._spellings = _spellings(parts.scheme, parts.netloc, parts.port)
        self._socket_spellings = _spellings(socket_scheme, parts.netloc, parts.port)

    def socket_url(self, path: str) -> str:
        """The websocket's address as it stands in the TwiML, which is what Twilio signs."""
        return self._socket_origin + path

    def check_form(self, path_and_query: str, form: Form, signature: str | None) -> bool:
        """True if a posted form was signed with one of our tokens."""
        return self._check(self._spellings, path_and_query, form, signature)

    def check_json(self, path_and_query: str, body: bytes, signature: str | None) -> bool:
        """True if a posted body was; the address then carries its hash as ``bodySHA256``."""
        announced = parse_qs(path_and_query.partition("?")[2]).get("bodySHA256", [])
        if len(announced) != 1:
            return False
        same = hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), _octets(announced[0]))
        return self._check(self._spellings, path_and_query, (), signature) and same

    def check_socket(self, path: str, signature: str | None) -> bool:
        """True if a websocket upgrade was; check before accepting it."""
        return self._check(self._socket_spellings, path, (), signature)

    def sign_form(self, path_and_query: str, form: Form = ()) -> str:
        """Sign a form as Twilio does.

        Raises:
            ValueError: there is no token.
        """
        return self._sign(self._origin + path_and_query, form)

    def sign_json(self, path_and_query: str) -> str:
        """Sign a body as Twilio does, given its hash as ``bodySHA256`` in the query."""
        return self._sign(self._origin + path_and_query, ())

    def sign_socket(self, path: str) -> str:
        """Sign a websocket upgrade as Twilio does."""
        return self._sign(self._socket_origin + path, ())

    def _sign(self, url: str, form: Form) -> str:
        if not self._validators:
            raise ValueError("signing needs an auth token")
        return _signature(self._validators[0], url, form)

    def _check(
        self, origins: tuple[str, ...], path: str, form: Form, signature: str | None
    ) -> bool:
        if not signature or not path.startswith("/"):
            return False
        fields = list(form)
        if not all(isinstance(text, str) for field in fields for text in field):
            return False  # a file in a form is not Twilio's
        given = _octets(signature)
        try:
            # Every token and spelling is tried, whichever fits: the time tells nothing.
            fits = [
                hmac.compare_digest(_octets(_signature(validator, origin + path, fields)), given)
                for validator in self._validators
                for origin in origins
            ]
        except UnicodeEncodeError:
            return False  # half a surrogate: nothing that was ever sent as UTF-8
        return any(fits)


def _spellings(scheme: str, host_and_port: str, port: int | None) -> tuple[str, ...]:
    """An origin with and without its port: which of the two Twilio signs is not consistent."""
    host = host_and_port if port is None else host_and_port.removesuffix(f":{port}")
    return f"{scheme}://{host}", f"{scheme}://{host}:{port or _DEFAULT_PORTS[scheme]}"


def _signature(validator: RequestValidator, url: str, form: Form) -> str:
    fields = _Fields()
    for name, value in form:
        fields.setdefault(name, []).append(value)
    signature: str = validator.compute_signature(url, fields)
    return signature


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
