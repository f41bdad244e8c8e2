from __future__ import annotations

import base64
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.errors import ConfigurationError
from voice_agent.secret_keys import (
    DEVELOPMENT_FILE,
    development_secrets,
    looks_random,
    parse_key,
    read_development_secrets,
    token_looks_random,
)

Keys = st.binary(min_size=32, max_size=32)


@given(key=Keys)
def test_every_key_is_read_back_as_it_was_written(key: bytes) -> None:
    for written in (
        key.hex(),
        key.hex().upper(),
        base64.b64encode(key).decode(),
        base64.urlsafe_b64encode(key).decode(),
    ):
        assert parse_key(f" {written}\n") == key


@given(text=st.text(max_size=80))
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    try:
        assert len(parse_key(text)) == 32
    except ValueError as error:
        assert str(error) == "is not 32 bytes in hex (64 digits) or base64 (44 characters)"  # noqa: PT017 (a few texts are keys)


def test_random_keys_and_tokens_look_random() -> None:
    """A thousand of each; one alarm would be one in many millions."""
    assert all(looks_random(secrets.token_bytes(32)) for _ in range(1000))
    assert all(token_looks_random(secrets.token_hex(16)) for _ in range(1000))


@given(pattern=st.binary(min_size=1, max_size=15))
def test_a_repeated_pattern_does_not_look_random(pattern: bytes) -> None:
    assert not looks_random((pattern * 32)[:32])


@given(start=st.integers(0, 255), step=st.integers(0, 255))
def test_a_counting_sequence_does_not_look_random(start: int, step: int) -> None:
    assert not looks_random(bytes((start + step * n) % 256 for n in range(32)))


@given(phrase=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=32, max_size=32))
def test_a_typed_phrase_does_not_look_random(phrase: str) -> None:
    assert not looks_random(phrase.encode())


@pytest.mark.parametrize("token", ["", "12345", "a" * 32, "0123456789abcdef" * 2, "x" * 32, "ü"])
def test_a_made_up_token_does_not_look_random(token: str) -> None:
    assert not token_looks_random(token)


def test_programs_that_start_together_share_their_secrets(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as programs:
        made = list(programs.map(lambda _: development_secrets(tmp_path / "data"), range(24)))
    assert all(each == made[0] for each in made)
    assert [file.name for file in (tmp_path / "data").iterdir()] == [DEVELOPMENT_FILE]


def test_where_nothing_was_made_there_is_nothing(tmp_path: Path) -> None:
    assert read_development_secrets(tmp_path) is None
    assert read_development_secrets(tmp_path / "nowhere") is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"record_key": "00"}', "\x00" * 99])
def test_a_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / DEVELOPMENT_FILE
    file.write_text(content)
    file.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"damaged\. Delete it"):
        development_secrets(tmp_path)


def test_a_file_others_can_read_is_refused(tmp_path: Path) -> None:
    development_secrets(tmp_path)
    (tmp_path / DEVELOPMENT_FILE).chmod(0o644)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        development_secrets(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="DATA_DIR"):
        development_secrets(tmp_path / "file")
