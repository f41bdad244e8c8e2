from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.notice import Notice, NoticeText, Spoken
from consent.purpose import Purpose

TEXT = NoticeText(
    language="de",
    name="Deutsch",
    layer1=(Spoken("Guten Tag.", "de"), Spoken("For English press 5.", "en")),
    repetitions=("Zustimmen: Taste 1.",),
    full=(("Wer", "Wir."), ("Was", "Ihre Stimme.")),
    keys={"accept": "1", "human": "0"},
)
NOTICE = Notice(
    texts={"de": TEXT},
    purposes=frozenset({Purpose.CONVERSATION}),
    recipients=("Twilio: Telefonie",),
    audio={"de": "0" * 64},
)


def test_the_version_is_a_sha_256() -> None:
    assert len(NOTICE.version) == 64
    assert NOTICE.version == replace(NOTICE).version


@pytest.mark.parametrize(
    "changed",
    [
        replace(NOTICE, recipients=("Twilio: Telefonie", "Another: model")),
        replace(NOTICE, recipients=()),
        replace(NOTICE, purposes=frozenset({Purpose.CONVERSATION, Purpose.TRAINING})),
        replace(NOTICE, audio={"de": "1" * 64}),
        replace(NOTICE, audio={}),
        replace(NOTICE, texts={"en": TEXT}),
        replace(NOTICE, texts={"de": replace(TEXT, name="deutsch")}),
        replace(NOTICE, texts={"de": replace(TEXT, layer1=TEXT.layer1[:1])}),
        replace(NOTICE, texts={"de": replace(TEXT, layer1=(Spoken("Guten Tag.", "en"),))}),
        replace(NOTICE, texts={"de": replace(TEXT, repetitions=())}),
        replace(NOTICE, texts={"de": replace(TEXT, full=TEXT.full[::-1])}),
        replace(NOTICE, texts={"de": replace(TEXT, keys={"accept": "2", "human": "0"})}),
    ],
)
def test_one_change_is_another_version(changed: Notice) -> None:
    """Rule C12: texts, audio, purposes, keys, recipients."""
    assert changed.version != NOTICE.version


def test_the_order_in_which_languages_and_keys_were_read_does_not_matter() -> None:
    two = {"de": TEXT, "en": replace(TEXT, language="en")}
    turned = dict(reversed(two.items()))
    keys = dict(reversed(TEXT.keys.items()))
    assert replace(NOTICE, texts=two).version == replace(NOTICE, texts=turned).version
    assert NOTICE.version == replace(NOTICE, texts={"de": replace(TEXT, keys=keys)}).version


@given(st.text(), st.text())
def test_text_cannot_be_moved_from_one_part_to_another_unnoticed(one: str, two: str) -> None:
    def version(*repetitions: str) -> str:
        return replace(NOTICE, texts={"de": replace(TEXT, repetitions=repetitions)}).version

    assert version(one, two) != version(one + two)
    assert (version(one, two) == version(two, one)) is (one == two)
