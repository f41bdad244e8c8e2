from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.keyring import (
    KeyMissing,
    KeyRing,
    SealDamaged,
    key_id,
    new_data_key,
    seal,
    unseal,
    verify,
)

OLD, NEW = b"o" * 32, b"n" * 32
PLACE = "table/row"


@given(content=st.binary(max_size=200))
def test_c17_what_is_sealed_opens_in_its_place(content: bytes) -> None:
    key = new_data_key()
    sealed = seal(key, content, PLACE)
    assert unseal(key, sealed, PLACE) == content
    assert len(sealed) == len(content) + 12 + 16


def test_c17_the_same_content_never_looks_the_same() -> None:
    key = new_data_key()
    assert seal(key, b"+491700000001", PLACE) != seal(key, b"+491700000001", PLACE)


@given(data=st.data())
def test_c17_a_flipped_bit_does_not_open(data: st.DataObject) -> None:
    key = new_data_key()
    sealed = bytearray(seal(key, b"what somebody said", PLACE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealDamaged):
        unseal(key, bytes(sealed), PLACE)


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 12, b"x" * 27])
def test_what_was_never_sealed_does_not_open(damaged: bytes) -> None:
    with pytest.raises(SealDamaged):
        unseal(new_data_key(), damaged, PLACE)


def test_c17_what_is_sealed_opens_in_no_other_place_and_with_no_other_key() -> None:
    key = new_data_key()
    sealed = seal(key, b"content", PLACE)
    with pytest.raises(SealDamaged):
        unseal(key, sealed, "table/another row")
    with pytest.raises(SealDamaged):
        unseal(new_data_key(), sealed, PLACE)


def test_c17_a_data_key_opens_after_a_rotation_as_long_as_the_old_key_is_there() -> None:
    key = new_data_key()
    wrapped = KeyRing([OLD]).wrap(key, PLACE)
    rotated = KeyRing([NEW, OLD])
    assert rotated.unwrap(wrapped, PLACE) == key
    assert rotated.wrapped_with(wrapped) == key_id(OLD)
    again = rotated.wrap(key, PLACE)
    assert KeyRing([NEW]).unwrap(again, PLACE) == key


def test_c17_without_its_key_a_data_key_stays_shut_and_the_error_names_the_key() -> None:
    wrapped = KeyRing([OLD]).wrap(new_data_key(), PLACE)
    with pytest.raises(KeyMissing, match=key_id(OLD)):
        KeyRing([NEW]).unwrap(wrapped, PLACE)


def test_the_name_of_a_key_tells_nothing_of_it() -> None:
    ring = KeyRing([NEW, OLD])
    assert ring.known == (key_id(NEW), key_id(OLD))
    assert ring.present == key_id(NEW)
    assert NEW.hex() not in "".join(ring.known)


def test_c15_a_signature_holds_for_its_message_and_key_alone() -> None:
    ring = KeyRing([NEW])
    signature = ring.sign(b"head")
    assert verify(ring.public_key, signature, b"head")
    assert not verify(ring.public_key, signature, b"another head")
    assert not verify(KeyRing([OLD]).public_key, signature, b"head")
    assert not verify(ring.public_key, signature[:-1], b"head")
    assert not verify(b"no key", signature, b"head")


def test_c15_the_same_key_signs_the_same_way_after_a_restart() -> None:
    assert KeyRing([NEW]).public_key == KeyRing([NEW, OLD]).public_key


def test_c15_what_an_old_key_signed_is_verified_as_long_as_it_is_there() -> None:
    signature = KeyRing([OLD]).sign(b"head")
    KeyRing([NEW, OLD]).insist_signed(key_id(OLD), signature, b"head")
    with pytest.raises(KeyMissing, match=f"{key_id(OLD)} is missing. Add it"):
        KeyRing([NEW]).insist_signed(key_id(OLD), signature, b"head")
    for name, message in ((key_id(NEW), b"head"), (key_id(OLD), b"another head")):
        with pytest.raises(SealDamaged):
            KeyRing([NEW, OLD]).insist_signed(name, signature, message)


@pytest.mark.parametrize("keys", [[], [b"short"], [NEW, b"x" * 33]])
def test_a_key_ring_needs_keys_of_32_bytes(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KeyRing(keys)
