from __future__ import annotations

import hashlib
import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.notice import Controller, Notice, NoticeText, Processing, Spoken
from consent.purpose import Purpose

TEXT = NoticeText(
    language="de",
    name="Deutsch",
    layer1=(Spoken("Guten Tag.", "de"), Spoken("For English press 5.", "en")),
    repetitions=("Zustimmen: Taste 1.",),
    full=(("Wer", "Wir."), ("Was", "Ihre Stimme.")),
    keys={"accept": "1", "human": "0"},
)
PROCESSING = Processing(
    controller=Controller(
        name="Beispiel GmbH",
        address="Musterweg 1",
        contact="post@beispiel.example",
        privacy_contact="dsb@beispiel.example",
        authority="Aufsicht",
        jurisdiction="DE",
    ),
    data=("voice", "words"),
    storage=("own machine",),
    retention={"words": "PT0S", "proof": "P3Y"},
    legal_basis={"conversation": "Art. 6(1)(a) GDPR"},
    withdrawal=("key *",),
)
NOTICE = Notice(
    texts={"de": TEXT},
    purposes=frozenset({Purpose.CONVERSATION}),
    recipients=("Twilio: Telefonie",),
    processing=PROCESSING,
    audio={"de": "0" * 64},
)


def terms(**changes: object) -> Notice:
    return replace(NOTICE, processing=replace(PROCESSING, **changes))  # type: ignore[arg-type]  # by name


CHANGES = {
    "a word": replace(NOTICE, texts={"de": replace(TEXT, layer1=(Spoken("Hallo.", "de"),))}),
    "the language of a part": replace(
        NOTICE, texts={"de": replace(TEXT, layer1=(Spoken("Guten Tag.", "en"), TEXT.layer1[1]))}
    ),
    "the name of the language": replace(NOTICE, texts={"de": replace(TEXT, name="deutsch")}),
    "a repetition": replace(NOTICE, texts={"de": replace(TEXT, repetitions=())}),
    "the full notice": replace(NOTICE, texts={"de": replace(TEXT, full=TEXT.full[::-1])}),
    "a key": replace(NOTICE, texts={"de": replace(TEXT, keys={"accept": "2", "human": "0"})}),
    "a language more": replace(NOTICE, texts={"de": TEXT, "en": TEXT}),
    "a purpose": replace(NOTICE, purposes=frozenset({Purpose.CONVERSATION, Purpose.TRAINING})),
    "a recipient": replace(NOTICE, recipients=("Another: telephony",)),
    "a recipient more": replace(NOTICE, recipients=(*NOTICE.recipients, "Another: model")),
    "no recipient": replace(NOTICE, recipients=()),
    "the audio": replace(NOTICE, audio={"de": "1" * 64}),
    "no audio": replace(NOTICE, audio={}),
    "a retention period": terms(retention={"words": "PT0S", "proof": "P4Y"}),
    "a kind of data more": terms(data=("voice", "words", "health")),
    "another place of storage": terms(storage=("a data centre",)),
    "another legal basis": terms(legal_basis={"conversation": "Art. 9(2)(a) GDPR"}),
    "another way to withdraw": terms(withdrawal=("key *", "link")),
    **{
        f"the controller's {field.name}": terms(
            controller=replace(PROCESSING.controller, **{field.name: "another"})
        )
        for field in fields(Controller)
    },
}


def test_c13_the_version_is_the_sha_256_of_what_can_be_shown() -> None:
    assert NOTICE.version == hashlib.sha256(NOTICE.canonical()).hexdigest()
    shown = json.loads(NOTICE.canonical())
    assert shown["texts"]["de"]["layer1"] == [["de", "Guten Tag."], ["en", "For English press 5."]]
    assert shown["purposes"] == ["conversation"]
    assert shown["recipients"] == ["Twilio: Telefonie"]
    assert shown["audio"] == {"de": "0" * 64}


def test_c13_what_was_shown_can_be_read_back_and_nothing_else() -> None:
    assert Notice.parse(NOTICE.canonical()) == NOTICE
    for wrong in (b"{}", b"[]", b"", NOTICE.canonical() + b" "):
        with pytest.raises(ValueError, match="notice"):
            Notice.parse(wrong)


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES.keys())
def test_c12_whatever_a_caller_agrees_to_changes_the_version(changed: Notice) -> None:
    """Texts, rendered audio, purposes, keys, recipients."""
    assert changed.version != NOTICE.version


def test_c12_the_order_things_are_written_in_does_not() -> None:
    two = {"de": TEXT, "en": replace(TEXT, language="en")}
    turned = dict(reversed(two.items()))
    keys = dict(reversed(list(TEXT.keys.items())))
    assert replace(NOTICE, texts=two).version == replace(NOTICE, texts=turned).version
    assert NOTICE.version == replace(NOTICE, texts={"de": replace(TEXT, keys=keys)}).version


@given(st.text(), st.text())
def test_c12_text_cannot_be_moved_from_one_part_to_another_unnoticed(one: str, two: str) -> None:
    def version(*repetitions: str) -> str:
        return replace(NOTICE, texts={"de": replace(TEXT, repetitions=repetitions)}).version

    assert version(one, two) != version(one + two)
    assert (version(one, two) == version(two, one)) is (one == two)
