from __future__ import annotations

import pytest

from voice_agent.runtime.pseudonym import Pseudonyms

NUMBER = "+491700000001"


def test_c17_a_pseudonym_is_the_hmac_sha_256_of_the_number() -> None:
    """Test case 2 of RFC 4231."""
    written = Pseudonyms([b"Jefe"]).of("what do ya want for nothing?")
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert written.split(".")[1] == digest


def test_c17_without_the_key_a_pseudonym_tells_nothing() -> None:
    first, second = Pseudonyms([b"a" * 32]).of(NUMBER), Pseudonyms([b"b" * 32]).of(NUMBER)
    assert first.split(".")[1] != second.split(".")[1]


def test_c17_a_pseudonym_names_the_key_it_was_made_with() -> None:
    pseudonyms = Pseudonyms([b"a" * 32])
    assert pseudonyms.of(NUMBER).split(".")[0] == pseudonyms.known[0]
    assert b"a".hex() * 4 != pseudonyms.known[0]


def test_c17_a_number_is_found_under_the_old_key_after_a_rotation() -> None:
    old = Pseudonyms([b"a" * 32])
    rotated = Pseudonyms([b"b" * 32, b"a" * 32])
    assert rotated.of(NUMBER) != old.of(NUMBER)
    assert rotated.all_of(NUMBER) == (rotated.of(NUMBER), old.of(NUMBER))


def test_pseudonyms_without_a_key_are_none() -> None:
    with pytest.raises(ValueError, match="key"):
        Pseudonyms([])


def test_c28_the_do_not_call_list_has_hashes_of_its_own() -> None:
    """Whoever sees both cannot tell whose is whose without the key."""
    old, rotated = Pseudonyms([b"a" * 32]), Pseudonyms([b"b" * 32, b"a" * 32])
    (listed,) = old.listed_as([old.of(NUMBER)])
    assert listed.split(".")[0] == old.known[0]
    assert listed != old.of(NUMBER)
    assert len(listed) == len(old.of(NUMBER))
    assert old.listed_as([old.of(NUMBER)]) == {listed}
    assert listed in rotated.listed_as(rotated.all_of(NUMBER))
    assert len(rotated.listed_as(rotated.all_of(NUMBER))) == 2
    assert old.listed_as(["anonymous.1", rotated.of(NUMBER)]) == frozenset()
