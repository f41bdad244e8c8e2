from __future__ import annotations

from voice_agent.runtime.pseudonym import pseudonyms


def test_c17_a_pseudonym_is_the_hmac_sha_256_of_the_number() -> None:
    """Test case 2 of RFC 4231."""
    assert pseudonyms(b"Jefe")("what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_c17_without_the_key_a_pseudonym_tells_nothing() -> None:
    number = "+491700000001"
    assert pseudonyms(b"a" * 32)(number) != pseudonyms(b"b" * 32)(number)
