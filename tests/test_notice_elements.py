"""What a privacy notice must say is looked for, and missed when it is gone."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.runtime import sample_call
from tests.test_notices import configured
from voice_agent.notice_elements import missing
from voice_agent.notices import load_notice, notices_directory


def faults(tmp_path: Path, language: str, old: str, new: str) -> list[tuple[str, str, str]]:
    """What the notice lacks after a change of its file."""
    for path in notices_directory().glob("*.yaml"):
        shutil.copy(path, tmp_path)
    file = tmp_path / f"{language}.yaml"
    text, count = re.subn(old, new, file.read_text(), flags=re.DOTALL)
    assert count, old
    file.write_text(text)
    notice = load_notice(sample_call.agent(), tmp_path)
    return [(each.language, each.key, each.sentence) for each in missing(notice)]


def test_c9_the_notice_of_the_example_lacks_nothing() -> None:
    variants: tuple[dict[str, object], ...] = (
        {},
        {"languages": ["de"]},
        {"languages": ["en"], "default_language": "en"},
        {"notice": {"mode": "keypad", "health": True}},
        {"recipients": []},
    )
    for changes in variants:
        assert list(missing(load_notice(configured(**changes)))) == []


CHANGES: list[tuple[str, str, str, str, str | None]] = [
    ("de", r"wandle ich Ihre Stimme\s+in Text um und ", "", "layer1", "what for"),
    ("de", "Nichts wird aufgezeichnet. ", "", "layer1", "nothing is recorded"),
    ("de", "Zustimmen: Taste 1, ein", "Ein", "layer1", "how to agree: key 1"),
    ("de", r"1, ein\s+Mensch, ohne KI: Taste 0\.", "1.", "layer1", "how to reach a human"),
    ("de", r"Datenschutz per SMS: 2, ", "", "layer1", "by text message: key 2"),
    ("de", r", vorgelesen: 3", "", "layer1", "read out: key 3"),
    ("de", r" Widerruf jederzeit mit der\s+Sterntaste\.", "", "layer1", "how to withdraw"),
    ("de", "For English, press 5", "English is spoken", "other_language", "key 5"),
    ("de", ", für einen Menschen die 0", "", "repetition 1", "how to reach a human"),
    ("de", "drücken Sie die 1, für", "drücken Sie, für", "repetition 1", "key 1"),
    ("de", r"Verantwortlich ist \{controller\}", "Verantwortlich sind wir", "full", "controller"),
    ("de", r":\s+\{authority\}", "", "full", "supervisory authority"),
    ("de", r"\"Empfänger sind: \{recipients\}\.\"", "Einige.", "full", "a recipient: Twilio"),
    ("de", r"\bLöschung", "Sonstiges", "full", "right to erasure"),
    ("de", r"\bAuskunft", "Sonstiges", "full", "right of access"),
    ("de", r"Beschweren können Sie\s+sich bei", "Zuständig ist", "full", "right to complain"),
    ("de", r"Drücken Sie im\s+Gespräch die Sterntaste", "Tun Sie das", "full", "how to withdraw"),
    ("en", r"I turn your voice into text and\s+", "I ", "layer1", "what for"),
    ("en", "Nothing is recorded. ", "", "layer1", "nothing is recorded"),
    ("en", r"To agree, press 1; for", "For", "layer1", "how to agree: key 1"),
    ("en", r"; for a person, without AI, press 0", "", "layer1", "how to reach a human"),
    ("en", r"Privacy details by text message: 2, read", "Read", "layer1", "text message: key 2"),
    ("en", ", read aloud: 3", "", "layer1", "read out: key 3"),
    ("en", r" You can withdraw at any time with the star\s+key\.", "", "layer1", "withdraw"),
    ("en", "For a person, press 0", "Please", "repetition 1", "how to reach a human"),
    ("en", r"Before you agree, nothing", "Nothing", "full", None),
    ("en", r"\brectification", "others", "full", "right to rectification"),
    ("en", r"You can complain to", "There is", "full", "right to complain"),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change[0]}-{change[3]}")
def test_c9_what_is_taken_out_is_missed_and_named(
    tmp_path: Path, change: tuple[str, str, str, str, str | None]
) -> None:
    language, old, new, key, said = change
    found = faults(tmp_path, language, old, new)
    if said is None:  # the section's title still says it
        assert found == []
        return
    assert all(each[0] == language for each in found)
    assert any(each[1] == key and said in each[2] for each in found), found


def test_c6_a_human_who_is_offered_three_sentences_later_is_missed(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "de",
        r"Zustimmen: Taste 1, ein\s+Mensch, ohne KI: Taste 0\.(.*?)Sterntaste\.",
        r"Zustimmen: Taste 1.\1Sterntaste. Ein Mensch: Taste 0.",
    )
    assert [each[2] for each in found] == [
        "does not offer a human in the same breath as the agreement"
    ]
