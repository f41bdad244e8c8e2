"""Encrypts what is kept and signs what is proved, with keys that can be replaced (rules C15, C17).

Every key has an identifier that can be shown: it says which key something was made with, and
nothing about the key. The first of several keys is used for whatever is new; the others still open
what is old. What is kept about one call is encrypted with a key of that call's own, which is stored
wrapped in ``RECORD_KEY``; deleting the wrapped key makes everything under it unreadable, wherever
copies of it lie.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from voice_agent.errors import VoiceAgentError

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_ID_BYTES: Final = 4


class SealDamaged(VoiceAgentError):
    """Something encrypted was changed, or belongs to another place than it was found in."""

    code = "seal_damaged"


class KeyMissing(VoiceAgentError):
    """Something is encrypted with a key that is not among ``RECORD_KEY`` any more."""

    code = "key_missing"


def key_id(key: bytes) -> str:
    """The identifier of a key, 8 hex digits."""
    return hashlib.sha256(b"voice-agent key identifier" + key).hexdigest()[: 2 * _ID_BYTES]


def seal(key: bytes, content: bytes, place: str) -> bytes:
    """Encrypt with AES-256-GCM (NIST SP 800-38D).

    Args:
        key: 32 bytes.
        content: what to encrypt.
        place: where it is to be found; it opens in no other place.

    Returns:
        12 bytes of nonce, then the ciphertext with its tag.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Decrypt.

    Raises:
        SealDamaged: it is not what ``seal`` made with this key for this place.
    """
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place.encode())
    except (InvalidTag, ValueError):
        raise SealDamaged("what is encrypted was changed, or moved to another place") from None


def new_data_key() -> bytes:
    """A key for the things of one call, 32 random bytes."""
    return secrets.token_bytes(KEY_BYTES)


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """True if the signature (Ed25519, RFC 8032) of the message is right."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class KeyRing:
    """The keys derived from ``RECORD_KEY``.

    Args:
        keys: 32 bytes each, the present one first.

    Raises:
        ValueError: no key, or one of another length.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError("a key ring holds at least one key, of 32 bytes each")
        self._wrapping = {key_id(key): _derive(key, b"wrapping") for key in keys}
        signing = {
            key_id(key): Ed25519PrivateKey.from_private_bytes(_derive(key, b"tree heads"))
            for key in keys
        }
        self._present = key_id(keys[0])
        self._signing = signing[self._present]
        self._public_keys = MappingProxyType(
            {name: key.public_key().public_bytes_raw() for name, key in signing.items()}
        )

    @property
    def present(self) -> str:
        """Identifier of the key that is used for what is new."""
        return self._present

    @property
    def known(self) -> tuple[str, ...]:
        """Identifiers of all keys, the present one first."""
        return tuple(self._wrapping)

    @property
    def public_key(self) -> bytes:
        """The key that tree heads signed from now on are verified with, 32 bytes."""
        return self._public_keys[self._present]

    @property
    def public_keys(self) -> Mapping[str, bytes]:
        """What heads are verified with, 32 bytes each, by the identifier of the key.

        They are derived, not read: whoever can write into the database has no say in them.
        """
        return self._public_keys

    def wrap(self, data_key: bytes, place: str) -> bytes:
        """Encrypt a data key for its place; 4 bytes of key identifier come first."""
        sealed = seal(self._wrapping[self._present], data_key, place)
        return bytes.fromhex(self._present) + sealed

    def unwrap(self, wrapped: bytes, place: str) -> bytes:
        """Decrypt a data key.

        Raises:
            KeyMissing: it was wrapped with a key that is not here.
            SealDamaged: it was changed, or is another place's.
        """
        key = self._wrapping.get(self.wrapped_with(wrapped))
        if key is None:
            raise self.missing(self.wrapped_with(wrapped))
        return unseal(key, wrapped[_ID_BYTES:], place)

    @staticmethod
    def wrapped_with(wrapped: bytes) -> str:
        """Identifier of the key something was wrapped with."""
        return wrapped[:_ID_BYTES].hex()

    def sign(self, message: bytes) -> bytes:
        """Sign with Ed25519, 64 bytes."""
        return self._signing.sign(message)

    def insist_signed(self, name: str, signature: bytes, message: bytes) -> None:
        """Insist that one of these keys signed the message.

        Args:
            name: identifier of the key that is said to have signed it.
            signature: Ed25519, 64 bytes.
            message: what was signed.

        Raises:
            KeyMissing: that key is not here.
            SealDamaged: it did not sign it.
        """
        public_key = self._public_keys.get(name)
        if public_key is None:
            raise self.missing(name)
        if not verify(public_key, signature, message):
            raise SealDamaged(f"the key {name} did not sign this")

    @staticmethod
    def missing(name: str) -> KeyMissing:
        """The error to raise about a key that is not here."""
        return KeyMissing(
            f"RECORD_KEY: the key {name} is missing. "
            "Add it after the present one, separated by a comma"
        )


def _derive(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose (HKDF, RFC 5869), so that none serves two."""
    info = b"voice-agent " + purpose
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(key)
