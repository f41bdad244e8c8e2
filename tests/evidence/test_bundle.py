"""A bundle proves what it says, and nothing in it can be changed."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.purpose import Purpose
from consent.receipt import Clock, Means, State
from tests.evidence import exhibit
from voice_agent.evidence.bundle import read, write
from voice_agent.evidence.checking import Findings, check
from voice_agent.evidence.container import BundleRefused, pack, unpack
from voice_agent.evidence.proof import SALT_BYTES, fingerprint
from voice_agent.keyring import KeyRing


def faults(members: dict[str, bytes]) -> list[str]:
    """What is said to be wrong with a bundle of these members."""
    try:
        return check(read(pack(members))).faults
    except BundleRefused as refusal:
        return [str(refusal)]


def members() -> dict[str, bytes]:
    return unpack(write(exhibit.bundle()))


def test_c13_a_bundle_reproduces_record_notice_and_audio_byte_for_byte() -> None:
    found: Findings = check(read(write(exhibit.bundle())))
    assert found.faults == []
    assert found.held is not None
    assert found.held.record == exhibit.record()
    assert found.held.position == exhibit.POSITION
    assert (found.held.state, found.held.events[-1].means) == (State.WITHDRAWN, Means.PORTAL)
    assert found.notice == exhibit.notice()
    assert read(write(exhibit.bundle())).audio == exhibit.audio()
    assert found.size == 10
    assert found.fingerprint == fingerprint(exhibit.KEYS.public_key)


def test_the_same_proof_is_the_same_file() -> None:
    assert write(exhibit.bundle()) == write(exhibit.bundle())
    assert write(read(write(exhibit.bundle()))) == write(exhibit.bundle())


def test_a_key_that_is_insisted_on_is_the_key_or_its_fingerprint() -> None:
    made = exhibit.bundle()
    for right in (made.public_key.hex(), fingerprint(made.public_key)):
        assert check(made, [right]).is_right
    assert "another key" in check(made, ["ab" * 32]).faults[0]


NAMED = {
    "proof.json": ("proof.json", "entries/", "record r1", "entry"),
    "head.json": ("tree head",),
    "head.sig": ("tree head",),
    "key.pem": ("key.pem",),
    "entries/5.bin": ("record r1, entry 5 (given)",),
    "entries/9.bin": ("record r1, entry 9 (withdrawn)",),
    "notice.json": (f"notice {exhibit.notice().version}",),
    "receipt.jsonld": ("receipt.jsonld",),
    **{f"audio/{name}.wav": (f"notice audio {name}",) for name in exhibit.audio()},
}
"""What a fault of each file is called."""


@pytest.mark.parametrize("name", NAMED)
def test_c15_any_byte_that_is_changed_is_noticed_and_named(name: str) -> None:
    """Every byte of entries, head, key and proof; a dense sample of what is large."""
    right = members()
    content = right[name]
    step = {"notice.json": 7, "receipt.jsonld": 13}.get(name, 97 if name[:6] == "audio/" else 1)
    for at in range(0, len(content), step):
        for bit in (0x01, 0x80):
            changed = bytearray(content)
            changed[at] ^= bit
            found = faults(right | {name: bytes(changed)})
            assert any(said in fault for fault in found for said in NAMED[name]), (at, bit, found)


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("change", ["cut", "longer", "empty"])
def test_c15_a_file_that_is_cut_or_longer_is_noticed(name: str, change: str) -> None:
    right = members()
    content = {"cut": right[name][:-1], "longer": right[name] + b"\n", "empty": b""}[change]
    assert faults(right | {name: content})


@pytest.mark.parametrize("name", NAMED)
def test_c15_a_file_that_is_missing_is_noticed_and_named(name: str) -> None:
    right = members()
    del right[name]
    assert any(name.removesuffix(".wav")[:5] in fault for fault in faults(right))


def test_c15_entries_that_change_places_are_noticed() -> None:
    made = exhibit.bundle()
    first, second = made.entries
    for entries in (
        (second, first),
        (first, first),
        (second,),
        (replace(first, position=9), replace(second, position=5)),
        (replace(first, kind="withdrawn"), replace(second, kind="given")),
        (first, replace(second, kind="expired")),
        (first, replace(second, path=second.path[:-1])),
        (first, replace(second, path=(*second.path, b"\x00" * 32))),
        (first, replace(second, position=2**62)),
    ):
        assert check(replace(made, entries=entries)).faults


def test_c15_another_record_head_or_key_does_not_fit() -> None:
    made = exhibit.bundle()
    other = KeyRing([b"s" * 32])
    for changed in (
        replace(made, record_id="r2"),
        replace(made, public_key=other.public_key),
        replace(made, signature=other.sign(made.head)),
        replace(made, head=made.head.replace(b'"size":10', b'"size":11')),
        replace(made, audio={}),
        replace(made, notice=replace(exhibit.notice(), recipients=("Another",)).canonical()),
    ):
        assert check(changed).faults


def test_a_stranger_who_signs_anew_needs_a_key_of_their_own() -> None:
    """Somebody builds a consistent bundle: only its fingerprint tells, which --key insists on."""
    made, other = exhibit.bundle(), KeyRing([b"s" * 32])
    forged = replace(made, public_key=other.public_key, signature=other.sign(made.head))
    assert check(forged).is_right
    assert not check(forged, [made.public_key.hex()]).is_right


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"key": "2"}, "its key is not the one"),
        ({"key": "0"}, "its key is not the one"),
        (
            {"purposes": frozenset({Purpose.CONVERSATION, Purpose.TRAINING})},
            "has a purpose that the notice does not name",
        ),
        ({"requested_at": exhibit.NOON + timedelta(seconds=1)}, "before it was asked for"),
        ({"given_at": exhibit.NOON + timedelta(minutes=8)}, "after the head was signed"),
        ({"heard_ms": 60}, "more of the recording was heard than there is"),
    ],
)
def test_c13_a_record_that_is_signed_but_no_consent_to_its_notice_is_named(
    changes: dict[str, Any], said: str
) -> None:
    found = check(exhibit.bundle(replace(exhibit.record(), **changes)))
    assert [fault for fault in found.faults if "record r1: " in fault] == found.faults
    assert len(found.faults) == 1
    assert said in found.faults[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"given_at": exhibit.NOON + timedelta(minutes=6)},  # within the skew of two clocks
        {"heard_ms": 50},
        {"heard_ms": 60, "heard_by": Clock.MARKS},  # which count what came after it as well
        {"heard_ms": 60, "heard": "full_notice"},
        {"heard_ms": None},
    ],
)
def test_c13_what_an_honest_record_may_say_is_right(changes: dict[str, Any]) -> None:
    assert check(exhibit.bundle(replace(exhibit.record(), **changes))).faults == []


# -- hostile files ---------------------------------------------------------------------------------


def zipped(*files: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not a zip"),
        (b"PK", "not a zip"),
        (b"\x00" * 100, "not a zip"),
        (b"PK\x03\x04" + b"\x00" * 100, "not a whole zip"),
        (b"PK\x05\x06" + b"\x00" * 18, "proof.json: is missing"),
        (zipped(("../../etc/passwd", b"x")), "belongs in no bundle"),
        (zipped(("/proof.json", b"x")), "belongs in no bundle"),
        (zipped(("entries/../proof.json", b"x")), "belongs in no bundle"),
        (zipped(("entries/01.bin", b"x")), "belongs in no bundle"),
        (zipped(("proof.json\n", b"x")), "belongs in no bundle"),
        (zipped(("audio/", b"")), "belongs in no bundle"),
        (zipped(("notice.json", b"\x00" * 10**8)), "notice.json: is larger"),
        (zipped(("proof.json", b"x"), packing=zipfile.ZIP_LZMA), "packed in a way"),
        (zipped(*((f"entries/{n}.bin", b"x") for n in range(100))), "more than 64 members"),
        (zipped(("proof.json", b"x")), "is missing"),
        (b"PK" + b"x" * (33 * 2**20), "larger than"),
    ],
    ids=range(16),
)
def test_a_hostile_file_is_refused_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(BundleRefused, match=said) as refused:
        read(data)
    assert "\n" not in str(refused.value)


def test_a_name_that_is_there_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("proof.json", b"x"), ("proof.json", b"y"))
    with pytest.raises(BundleRefused, match=r"proof\.json: is there twice"):
        read(data)


def test_many_members_that_unpack_to_too_much_are_refused() -> None:
    """Each within its own limit."""
    data = zipped(*((f"audio/{n:064x}.wav", b"\x00" * 15 * 2**20) for n in range(4)))
    with pytest.raises(BundleRefused, match="unpacked"):
        read(data)


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(zipped(("proof.json", b"x" * 50)))
    for header, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(header) + flags] |= 1
    with pytest.raises(BundleRefused, match="encrypted"):
        read(bytes(data))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'"format":"voice-agent proof 1"', b'"format":"voice-agent proof 2"', "format"),
        (b'"position":5', b'"position":true', "position"),
        (b'"position":5', b'"position":-5', "position"),
        (b'"position":5', b'"position":5.0', "position"),
        (b'"position":5', b'"position":9223372036854775808', "position"),
        (b'"position":5', b'"position":6', "entries/6.bin: is missing"),
        (b'"kind":"given"', b'"kind":["given"]', "kind"),
        (b'"kind":"given"', b'"kind":"refused"', "kind"),
        (b'"record_id":"r1"', b'"record_id":"r1\\u001b[2J"', "one form|record_id"),
        (b'"record_id":"r1"', b'"record_id":null', "record_id"),
        (b'"path":[', b'"path":[1,', "no hash"),
        (b'"path":[', b'"path":["' + b"AB" * 32 + b'",', "no hash"),
        (b"{", b"[" * 100_000, "not JSON"),
        (b"{", b"{ ", "one form"),
        (b"{", b'{"another":1,', "one form"),
    ],
)
def test_a_proof_of_another_shape_is_refused(old: bytes, new: bytes, said: str) -> None:
    right = members()
    wrong = right["proof.json"].replace(old, new, 1)
    assert wrong != right["proof.json"]
    with pytest.raises(BundleRefused, match=said):
        read(pack(right | {"proof.json": wrong}))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"language":"de"', b'"language":["de"]'),
        (b'"call_id":"CA1"', b'"call_id":{"a":"b"}'),
        (b'"principal":"', b'"principal":7,"other":"'),
        (b'"heard":"notice"', b'"heard":["notice"]'),
        (b'"key":"1"', b'"key":["1"]'),
        (b'"software":"0.1.0"', b'"software":null'),
        (b'"heard_ms":', b'"heard_ms":true,"x":'),
        (b'"heard_ms":', b'"heard_ms":NaN,"x":'),
        (b'"heard_ms":', b'"heard_ms":1e999,"x":'),
        (b'"purposes":[', b'"purposes":[["a"],'),
    ],
)
def test_a_record_of_other_types_is_a_fault_that_is_named(old: bytes, new: bytes) -> None:
    made = exhibit.bundle()
    first, second = made.entries
    wrong = replace(first, opened=first.opened.replace(old, new, 1))
    assert wrong != first
    found = check(read(write(replace(made, entries=(wrong, second)))))
    named = [fault for fault in found.faults if "entry 5 (given)" in fault]
    assert any("is not in the tree" not in fault for fault in named)
    assert found.held is None


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("audio", {"de": ["x"]}),
        ("audio", ["x"]),
        ("audio", {"de": {"a": 1}}),
        ("recipients", "Twilio"),
        ("recipients", [["Twilio"]]),
        ("processing", {"retention": {"words": ["P1D"]}}),
        ("processing", {"legal_basis": [1]}),
        ("processing", {"storage": {"a": "b"}}),
        ("processing", {"controller": {"name": ["x"]}}),
        ("texts", {"de": {"name": ["x"]}}),
        ("texts", {"de": {"keys": {"accept": ["1"]}}}),
        ("texts", {"de": {"keys": ["1"]}}),
        ("texts", {"de": {"layer1": [["de", 5]]}}),
        ("texts", {"de": {"full": [["title", None]]}}),
        ("texts", {"de": {"repetitions": [{}]}}),
    ],
)
def test_a_notice_of_other_types_is_a_fault_that_is_named(part: str, value: Any) -> None:
    """Its hash is the one the record names, so that only the types are wrong."""
    content = json.loads(exhibit.notice().canonical())
    if part == "processing":
        content[part] |= value
    elif part == "texts":
        content[part]["de"] |= value["de"]
    else:
        content[part] = value
    shown = json.dumps(content, sort_keys=True, ensure_ascii=False).encode()
    version = hashlib.sha256(shown).hexdigest()
    made = exhibit.bundle()
    first, second = made.entries
    given = replace(exhibit.record(), notice_version=version).canonical()
    first = replace(first, opened=first.opened[:SALT_BYTES] + given)
    found = check(replace(made, notice=shown, entries=(first, second)))
    assert f"notice {version}: this is no privacy notice" in found.faults


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_whatever_happens_to_the_file_it_is_refused_wrong_or_still_the_same(
    data: st.DataObject,
) -> None:
    right = write(exhibit.bundle())
    changed = bytearray(right)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(
            st.integers(0, len(right) - 1) | st.integers(len(right) - 1500, len(right) - 1)
        )
        changed[at] = data.draw(st.integers(0, 255))
    try:
        made = read(bytes(changed))
    except BundleRefused:
        return
    assert made == read(right) or not check(made).is_right


@settings(max_examples=100)
@given(data=st.binary(max_size=200))
def test_noise_is_refused(data: bytes) -> None:
    for noise in (data, b"PK" + data, b"PK" + data + b"PK\x05\x06" + b"\x00" * 18):
        with pytest.raises(BundleRefused):
            read(noise)
