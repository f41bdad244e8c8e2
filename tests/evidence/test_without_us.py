"""What README.txt in a bundle says of common tools is true."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from importlib import resources
from pathlib import Path

import pytest

from tests.authority import Authority
from tests.evidence import exhibit
from voice_agent.evidence import timestamp
from voice_agent.evidence.bundle import write
from voice_agent.evidence.container import unpack
from voice_agent.evidence.proof import fingerprint

pytestmark = pytest.mark.integration  # runs openssl


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    """A bundle with a timestamp, unpacked."""
    (tmp_path / "authority").mkdir()
    authority = Authority(tmp_path / "authority")
    files = unpack(write(exhibit.bundle()))
    query = timestamp.request(files["head.json"]).as_bytes()
    files["timestamp.tsr"] = authority.answer(query)
    files["timestamp.pem"] = authority.certificate.read_bytes()
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return tmp_path


def said(directory: Path, begin: str) -> tuple[int, str]:
    """Status and output of the command in README.txt that begins so."""
    text = (resources.files("voice_agent.evidence") / "README.txt").read_text()
    command = next(line for line in text.splitlines() if line.startswith(begin))
    done = subprocess.run(  # noqa: S603 (a command of our own README)
        ["/bin/sh", "-c", command],
        cwd=directory,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_c15_openssl_verifies_the_head(unpacked: Path) -> None:
    assert said(unpacked, "openssl pkeyutl")[0] == 0
    head = unpacked / "head.json"
    head.write_bytes(head.read_bytes().replace(b'"size":10', b'"size":11'))
    assert said(unpacked, "openssl pkeyutl")[0] != 0


def test_c15_openssl_shows_the_fingerprint(unpacked: Path) -> None:
    found = said(unpacked, "openssl pkey -pubin")[1]
    assert found.split()[0] == fingerprint(exhibit.KEYS.public_key)


def test_c15_openssl_verifies_the_timestamp(unpacked: Path) -> None:
    assert said(unpacked, "openssl ts")[0] == 0
    (unpacked / "head.json").write_bytes(b"{}")
    assert said(unpacked, "openssl ts")[0] != 0


def test_c12_sha256sum_shows_the_notices_version_and_the_recordings_names(unpacked: Path) -> None:
    lines = said(unpacked, "sha256sum notice.json")[1].splitlines()
    sums = {line.split()[1]: line.split()[0] for line in lines}
    assert sums.pop("notice.json") == exhibit.notice().version
    assert sums == {f"audio/{name}.wav": name for name in exhibit.audio()}


def test_c15_the_path_leads_from_the_leaf_to_the_root() -> None:
    """As README.txt says, without any code of ours: RFC 9162, section 2.1.3.2."""
    made = exhibit.bundle()
    size, root = (
        re.findall(pattern, made.head.decode())[0]
        for pattern in (r'"size":(\d+)', r'"root":"(\w+)"')
    )
    entry = made.entries[0]
    value = hashlib.sha256(b"\x00" + entry.opened).digest()
    here, last = entry.position, int(size) - 1
    for step in entry.path:
        if here & 1 or here == last:
            value = hashlib.sha256(b"\x01" + step + value).digest()
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            value = hashlib.sha256(b"\x01" + value + step).digest()
        here, last = here >> 1, last >> 1
    assert (value.hex(), last) == (root, 0)
