"""What the ledger and the other places hold of a person, as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from consent.notice import Notice
from consent.receipt import HeldRecord, Means, State
from voice_agent.privacy.texts import LANGUAGES, Wording
from voice_agent.privacy.view import Renderer
from voice_agent.runtime.rights import Erasure, Export

_NEVER: Final = "none"

Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a consent stands.

    Attributes:
        state: a word of the program: ``none``, ``given``, ``withdrawn``, ``expired``,
            ``not_saved``, ``unreadable``, ``withdrawn_unreadable``.
        badge: the same in words.
        sentence: what it means, with the moment it came about.
        can_withdraw: there is something to withdraw.
        has_receipt: there is a record.
    """

    state: str
    badge: str
    sentence: str
    can_withdraw: bool
    has_receipt: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a page: a heading and rows of label and value, in one or more lists."""

    title: str
    lists: tuple[Rows, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What became of everything after an erasure.

    Attributes:
        done: when.
        erased: place and number of what is gone.
        kept: place, number and reason of what stays.
        pending: records the carrier still has to delete.
        stopped: calls that were running.
    """

    done: str
    erased: Rows
    kept: tuple[tuple[str, int, str], ...]
    pending: int
    stopped: int


class Paper:
    """Puts records into words.

    Args:
        renderer: knows the words.
    """

    def __init__(self, renderer: Renderer) -> None:
        self._words: dict[str, Wording] = {each: renderer.wording(each) for each in LANGUAGES}

    def standing(self, held: HeldRecord | None, language: str) -> Standing:
        """Where the consent of a call stands."""
        words = self._words[language]
        state, at = _NEVER, ""
        if held is not None:
            last = held.events[-1]
            state, at = str(held.state), words.moment(last.at)
            if last.means is Means.NOT_SAVED:
                state = "not_saved"
        texts = words.texts["standing"][state]
        return Standing(
            state=state,
            badge=texts["badge"],
            sentence=texts["sentence"].replace("{at}", at),
            can_withdraw=held is not None and held.state is State.GIVEN,
            has_receipt=held is not None,
        )

    def unreadable(self, language: str, *, is_withdrawn: bool) -> Standing:
        """Where a consent stands whose record is damaged; a withdrawal is known without it."""
        state = "withdrawn_unreadable" if is_withdrawn else "unreadable"
        texts = self._words[language].texts["standing"][state]
        return Standing(
            state=state,
            badge=texts["badge"],
            sentence=texts["sentence"],
            can_withdraw=not is_withdrawn,
            has_receipt=False,
        )

    def receipt(self, held: HeldRecord, notice: Notice | None, language: str) -> tuple[Part, ...]:
        """The receipt; without the notice, what the record itself says."""
        words, record = self._words[language], held.record
        label = words.texts["receipt"]
        consent: Rows = [
            (label["purposes"], words.words("purposes", sorted(record.purposes))),
            (label["asked"], words.moment(record.requested_at)),
            (label["given"], words.moment(record.given_at)),
            (label["key"], record.key),
            (label["language"], words.word("languages", record.language)),
            (label["heard"], words.word("heard", record.heard)),
            (
                label["heard_ms"],
                f"{words.seconds(record.heard_ms)} ({words.word('clocks', record.heard_by)})",
            ),
        ]
        events: Rows = [
            (
                words.moment(event.at),
                words.word("states", event.state)
                + ("" if event.means is None else f": {words.word('means', event.means)}"),
            )
            for event in held.events
        ]
        record_rows: Rows = [
            (label["record_id"], record.record_id),
            (label["position"], str(held.position)),
            (label["call_id"], record.call_id),
            (label["principal"], record.principal),
            (label["version"], record.notice_version),
            (label["software"], record.software),
        ]
        parts = [
            Part(title=label["consent"], lists=(consent,)),
            Part(title=label["events"], lists=(events,)),
        ]
        if notice is not None:
            parts.append(Part(title=label["terms"], lists=(self._terms(notice, words),)))
        return (*parts, Part(title=label["record"], lists=(record_rows,)))

    @staticmethod
    def _terms(notice: Notice, words: Wording) -> Rows:
        label, terms = words.texts["receipt"], notice.processing
        controller = terms.controller
        return [
            (label["controller"], f"{controller.name}, {controller.address}"),
            (label["contact"], controller.privacy_contact or controller.contact),
            (label["authority"], controller.authority or words.texts["unknown"]),
            (label["data"], words.words("data", terms.data)),
            (label["recipients"], "; ".join(notice.recipients) or words.texts["nobody"]),
            (label["storage"], words.words("storage", terms.storage)),
            (label["basis"], words.word("bases", terms.legal_basis.get("conversation", ""))),
        ]

    def kept(self, export: Export, language: str) -> tuple[Part, ...]:
        """Everything that is kept of a person, place by place."""
        words = self._words[language]
        return tuple(
            Part(
                title=words.word("places", name),
                lists=tuple(words.rows(item) for item in items),
            )
            for name, items in export.places.items()
        )

    def erasure(self, erasure: Erasure, language: str) -> Report:
        """What became of it."""
        words = self._words[language]
        return Report(
            done=words.moment(erasure.done_at),
            erased=[
                (words.word("places", name), str(place.erased))
                for name, place in erasure.places.items()
                if place.erased
            ],
            kept=tuple(
                (words.word("places", name), place.kept, words.word("reasons", place.why or ""))
                for name, place in erasure.places.items()
                if place.kept
            ),
            pending=erasure.pending,
            stopped=erasure.stopped,
        )
