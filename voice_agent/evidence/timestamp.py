"""Timestamps of tree heads by somebody else (RFC 3161): requests and answers, without a network."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import TimeStampRequest, TimeStampResponse

from voice_agent.errors import ConfigurationError, VoiceAgentError

SHA256_OID: Final = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")

_REFUSED: Final = (
    VerificationError,
    InvalidSignature,
    UnsupportedAlgorithm,
    x509.ExtensionNotFound,
    ValueError,
    TypeError,
)
"""What the libraries raise of an answer or a certificate that is not right."""


class TimestampWrong(VoiceAgentError):
    """An answer of a timestamping authority proves nothing; the message says why."""

    code = "timestamp_wrong"


@dataclass(frozen=True, slots=True)
class Timestamp:
    """What a verified answer says.

    Attributes:
        at: when the authority saw the head.
        root: the pinned certificate that it was verified with.
    """

    at: datetime
    root: x509.Certificate


def request(message: bytes) -> TimeStampRequest:
    """A request for a timestamp of a signed head's message, with a nonce of its own."""
    return TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()


def verify(
    answer: bytes, message: bytes, roots: Sequence[x509.Certificate], nonce: int | None = None
) -> Timestamp:
    """Verify an authority's answer; everything in it may be hostile.

    Args:
        answer: a TimeStampResp, DER.
        message: what it should be about.
        roots: pinned certificates; one of them must have issued the authority's.
        nonce: of the request, where that is known.

    Raises:
        TimestampWrong: it is no timestamp of this message by this authority.
    """
    fault: Exception | None = None
    for root in roots:
        try:
            # Otherwise a byte of its own signature could be changed, and its fingerprint with it.
            root.verify_directly_issued_by(root)
            response = decode_timestamp_response(answer)
            _insist_sha256(response)
            verifier = VerifierBuilder(roots=[root], nonce=nonce).build()
            verifier.verify(response, hashlib.sha256(message).digest())
            return Timestamp(response.tst_info.gen_time, root)
        except _REFUSED as error:
            fault = error
    raise TimestampWrong("the timestamp is not one of this head by this authority") from fault


def insist_about(answer: bytes, message: bytes) -> None:
    """Insist that an answer names this message, whoever made it.

    That proves nothing; but what names another message is wrong whoever made it.

    Raises:
        TimestampWrong: it names another one, or is no answer.
    """
    try:
        response = decode_timestamp_response(answer)
        _insist_sha256(response)
        named = response.tst_info.message_imprint.message
    except _REFUSED as error:
        raise TimestampWrong("this is no timestamp") from error
    if named != hashlib.sha256(message).digest():
        raise TimestampWrong("the timestamp is one of something else")


def _insist_sha256(response: TimeStampResponse) -> None:
    if response.tst_info.message_imprint.hash_algorithm != SHA256_OID:
        raise TimestampWrong("the timestamp is not of a SHA-256")


def load_roots(path: Path | None) -> tuple[x509.Certificate, ...]:
    """The pinned certificates of the authority: roots of its chain, PEM; none without a file.

    Raises:
        ConfigurationError: the file cannot be read or holds none.
    """
    if path is None:
        return ()
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be read ({error.strerror}). Mend ledger.timestamp_certificate"
        ) from error
    try:
        return read_roots(content)
    except ValueError as error:
        raise ConfigurationError(
            f"{path}: holds no certificate. Put the root certificate of the timestamp authority "
            "there, PEM"
        ) from error


def read_roots(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Certificates in PEM.

    Raises:
        ValueError: there is none, or one has a number that RFC 5280 does not allow.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", CryptographyDeprecationWarning)
        try:
            return tuple(x509.load_pem_x509_certificates(pem))
        except CryptographyDeprecationWarning as fault:
            raise ValueError("a certificate that RFC 5280 does not allow") from fault


def written(root: x509.Certificate) -> bytes:
    """A certificate in PEM, in one form only."""
    return root.public_bytes(Encoding.PEM)


def fingerprint(root: x509.Certificate) -> str:
    """SHA-256 of a certificate, hex, as browsers and openssl show it."""
    return root.fingerprint(SHA256()).hex()
