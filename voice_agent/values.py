"""Values a setting can have: read from text, checked, and refused with a sentence that says why.

A refusal is a ``ValueError`` whose message continues "PORT: ..." and never shows the value.
"""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretBytes, SecretStr
from pydantic_settings import NoDecode

from voice_agent.secret_keys import parse_key


def is_loopback(host: str | None) -> bool:
    """True for a host that is this machine and no other."""
    if host is None:
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _split(url: str) -> SplitResult:
    """Take a web address apart; addresses with credentials, blanks or odd ports are refused."""
    try:
        parts = urlsplit(url)
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_ok = SplitResult("", "", "", "", ""), False
    if not port_ok or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not a web address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not carry a user name or password")
    if not re.fullmatch(r"[!-~]+", url):
        raise ValueError("has blanks or letters outside ASCII (write the host in punycode)")
    return parts


def _web_origin(url: str) -> str:
    """An address of scheme, host and port alone, without a slash at its end."""
    parts = _split(url)
    if parts.path not in {"", "/"} or parts.query or parts.fragment or "?" in url or "#" in url:
        raise ValueError("has more than scheme and host: a path, query or fragment is not allowed")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _web_address(url: str) -> str:
    parts = _split(url)
    if parts.query or parts.fragment:
        raise ValueError("must not carry a query or fragment")
    return url.rstrip("/")


def _phone_number(number: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", number):
        raise ValueError("is not an international number, + and 7 to 15 digits without blanks")
    return number


def _account_sid(sid: str) -> str:
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", sid):
        raise ValueError("is not an account identifier, AC and 32 hex digits")
    return sid


def _slug(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,30}", text):
        raise ValueError("is not a short lower-case name")
    return text


def _bind_host(host: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,253}", host):
        raise ValueError("is not a host name or address")
    return host


def absolute(path: Path) -> Path:
    """A path from the root, with ``~`` for the home directory."""
    return path.expanduser().absolute()


def _tokens(value: object) -> object:
    """Split ``new,old``; a token is printable ASCII, because a carrier's always is."""
    if not isinstance(value, str):
        return value
    tokens = tuple(token.strip() for token in value.split(","))
    if not all(re.fullmatch(r"[!-~]+", token) for token in tokens):
        raise ValueError("has an empty token or one with characters no token has")
    return tokens


def _bearer(key: SecretStr) -> SecretStr:
    """A key that is sent in a header."""
    if not re.fullmatch(r"[!-~]{1,1000}", key.get_secret_value()):
        raise ValueError("has blanks or letters outside ASCII")
    return key


def _keys(value: object) -> object:
    """Split ``new,old``, each a key of 32 bytes."""
    if not isinstance(value, str):
        return value
    keys = tuple(parse_key(key) for key in value.split(","))
    if len(set(keys)) != len(keys):
        raise ValueError("names one key twice")
    return keys


def _database(url: SecretStr) -> SecretStr:
    """Name the asynchronous driver, whichever way the address was written."""
    family, separator, rest = url.get_secret_value().partition("://")
    drivers = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}
    driver = drivers.get(family.partition("+")[0])
    if driver is None or not separator:
        raise ValueError("is not the address of an SQLite or PostgreSQL database")
    return SecretStr(f"{driver}://{rest}")


def _redis(url: SecretStr) -> SecretStr:
    if not re.match(r"(rediss?|unix)://.", url.get_secret_value()):
        raise ValueError("is not a Redis address")
    return url


Origin = Annotated[str, AfterValidator(_web_origin)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PhoneNumber = Annotated[str, AfterValidator(_phone_number)]
Slug = Annotated[str, AfterValidator(_slug)]
Directory = Annotated[Path, AfterValidator(absolute)]
SecretKeys = Annotated[
    tuple[SecretBytes, ...], NoDecode, BeforeValidator(_keys), Field(min_length=1)
]
AccountSid = Annotated[str, AfterValidator(_account_sid)]
BindHost = Annotated[str, AfterValidator(_bind_host)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
RedisUrl = Annotated[SecretStr, AfterValidator(_redis)]
BearerKey = Annotated[SecretStr, AfterValidator(_bearer)]
AuthTokens = Annotated[
    tuple[SecretStr, ...], NoDecode, BeforeValidator(_tokens), Field(min_length=1)
]
