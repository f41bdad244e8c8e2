"""What is said in the scenes: texts of the tests' own, so that a better wording breaks no test.

Prompts that no test waits for are the shipped ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final

from consent.notice import Notice, NoticeText, Spoken
from consent.purpose import Purpose
from voice_agent.call.notice_menu import KEYS
from voice_agent.dialogue.flow import Collect, Flow, Kind, Slot
from voice_agent.dialogue.flow_file import load_flows
from voice_agent.dialogue.knowledge import Entry, Knowledge, Wording
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.comprehension import Comprehension

ROOT: Final = Path(__file__).parents[2]

SAID: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "de": {
        "greeting": (
            "Vielen Dank. Hier ist der KI-Assistent von {company}. Was kann ich für Sie tun?",
        ),
        "anything_else": ("Haben Sie noch eine Frage?",),
        "still_there": ("Sind Sie noch da?", "Ich höre Sie leider nicht. Drücken Sie die 0."),
        "goodbye": ("Vielen Dank für Ihren Anruf. Auf Wiederhören.",),
        "goodbye_silence": ("Ich lege jetzt auf. Auf Wiederhören.",),
        "connecting_human": ("Ich verbinde Sie jetzt mit einem Menschen. Einen Moment bitte.",),
        "not_understood_connecting": ("Ich verbinde Sie jetzt mit einem Menschen.",),
        "technical_problem": ("Da hat etwas nicht geklappt. Bitte sagen Sie es noch einmal.",),
        "technical_connecting": ("Hier ist etwas gestört. Ich verbinde Sie mit einem Menschen.",),
        "ledger_failed_connecting": (
            "Ihre Zustimmung konnte ich nicht speichern. Ich verbinde Sie mit einem Menschen.",
        ),
        "human_unavailable": ("Im Moment ist leider niemand frei. Auf Wiederhören.",),
        "human_unavailable_go_on": (
            "Im Moment ist leider niemand frei. Kann ich sonst etwas für Sie tun?",
        ),
        "no_choice_goodbye": ("Ich habe keine Taste erhalten. Auf Wiederhören.",),
        "nothing_to_withdraw": ("Ich höre Ihnen nicht zu.",),
        "withdrawn_offer_human": ("Ich höre nicht mehr zu. Für einen Menschen drücken Sie die 0.",),
        "withdrawn_goodbye": ("Ich beende jetzt den Anruf. Auf Wiederhören.",),
        "resumed": ("Hier ist wieder der KI-Assistent von {company}.",),
        "operator_speaks": ("Einen Moment, ab jetzt spricht {name} mit Ihnen, ein Mensch.",),
        "operator_speaks_unnamed": ("Ab jetzt spricht ein Mensch mit Ihnen.",),
        "operator_agreed": ("Vereinbart ist: {agreed}.",),
        "operator_lost": ("Die Verbindung zu dem Menschen ist abgebrochen.",),
        "operator_transfers": ("Ich verbinde Sie weiter.",),
        "queue_place": ("Sie sind auf Platz {place}.",),
        "nobody_free": ("Niemand ist frei.",),
        "callback_offer": ("Für einen Rückruf drücken Sie die 1.",),
        "callback_noted": ("Ihr Rückruf ist notiert. Auf Wiederhören.",),
        "callback_failed": ("Den Rückruf konnte ich nicht notieren.",),
        "call_limit": ("Ich muss das Gespräch jetzt leider beenden. Auf Wiederhören.",),
        "key_without_meaning": ("Diese Taste hat hier keine Bedeutung.",),
        "sms_sent": ("Die SMS ist unterwegs. Zum Zustimmen drücken Sie die 1.",),
        "sms_already_sent": ("Die SMS habe ich schon geschickt.",),
        "sms_failed_landline": ("An diese Nummer kann ich keine SMS senden.",),
        "sms_failed_no_number": ("Ihre Rufnummer wird nicht übermittelt.",),
        "sms_failed": ("Die SMS konnte ich leider nicht senden.",),
        "sms_sent_in_call": ("Die SMS ist unterwegs.",),
    },
    "en": {
        "greeting": ("Thank you. This is the AI assistant of {company}. What can I do for you?",),
        "anything_else": ("Do you have another question?",),
        "still_there": ("Are you still there?", "I cannot hear you."),
        "goodbye": ("Thank you for calling. Goodbye.",),
        "connecting_human": ("I am connecting you with a person now. One moment, please.",),
        "withdrawn_offer_human": ("I have stopped listening. For a person, press 0.",),
        "operator_speaks": ("One moment, {name} is speaking with you now, a human.",),
        "resumed": ("This is the AI assistant of {company} again.",),
        "language_switched": ("Sure, let us speak English. What can I do for you?",),
    },
}

_CHOICE: Final = {choice.value: key for key, choice in KEYS.items()}

NOTICE: Final = Notice(
    texts={
        "de": NoticeText(
            language="de",
            name="Deutsch",
            layer1=(
                Spoken(
                    "Guten Tag, hier ist der KI-Assistent von Autowerkstatt Berger. Mit Ihrer "
                    "Zustimmung wandle ich Ihre Stimme in Text um. Zustimmen: Taste 1. Ein Mensch, "
                    "ohne KI: Taste 0. Datenschutzhinweise per SMS: Taste 2, vorgelesen: Taste 3.",
                    "de",
                ),
                Spoken("For English press 5.", "en"),
            ),
            repetitions=("Zustimmen: Taste 1.", "Für einen Menschen drücken Sie die 0."),
            full=(("Wer wir sind", "Autowerkstatt Berger."), ("Was wir tun", "Wir hören zu.")) * 4,
            keys=_CHOICE,
        ),
        "en": NoticeText(
            language="en",
            name="English",
            layer1=(
                Spoken(
                    "Hello, this is the AI assistant of Autowerkstatt Berger. With your consent I "
                    "turn your voice into text. To agree, press 1. For a person, press 0.",
                    "en",
                ),
                Spoken("Für Deutsch drücken Sie die 5.", "de"),
            ),
            repetitions=("To agree, press 1.", "For a person, press 0."),
            full=(("Who we are", "Autowerkstatt Berger."), ("What we do", "We listen.")) * 4,
            keys=_CHOICE,
        ),
    },
    purposes=frozenset({Purpose.CONVERSATION}),
    recipients=(),
)

KNOWLEDGE: Final = Knowledge(
    (
        Entry(
            "opening_hours",
            {
                "de": Wording(
                    title="Öffnungszeiten",
                    examples=("Wann haben Sie geöffnet?", "Wann ist offen?"),
                    keywords=("Öffnungszeiten",),
                    answer="Wir haben Montag bis Freitag von 8:00 bis 18:00 Uhr geöffnet. "
                    "Sonntags ist geschlossen.",
                ),
                "en": Wording(
                    title="Opening hours",
                    examples=("When are you open?",),
                    keywords=("opening hours",),
                    answer="Open Monday to Friday from 8:00 to 18:00. We are closed on Sundays.",
                ),
            },
        ),
        Entry(
            "parking",
            {
                "de": Wording(
                    title="Parken",
                    examples=("Kann ich bei Ihnen parken?",),
                    keywords=("Parkplatz",),
                    answer="Im Hof stehen 6 kostenlose Kundenparkplätze.",
                ),
                "en": Wording(
                    title="Parking",
                    examples=("Where can I park?",),
                    keywords=("parking",),
                    answer="There are 6 free parking places in the yard.",
                ),
            },
        ),
    )
)


PIN: Final = Flow(
    name="complaint",
    examples={"de": ("Ich möchte mich beschweren",)},
    slots={"pin": Slot("pin", Kind.DIGITS, least=4, most=4)},
    steps={"pin": Collect("pin", "pin", "flow_phone", "end")},
)
"""A flow that wants four digits, begun by a complaint."""


NOW: Final = datetime.fromisoformat("2026-11-23T09:00")  # a Monday


@cache
def understander() -> Comprehension:
    """The understander that needs no model, on a Monday morning."""
    flows = load_flows(ROOT / "config" / "flows", prompts())
    return Comprehension(BuiltinUnderstander(KNOWLEDGE, flows.values()), lambda: NOW)


def prompts() -> Prompts:
    """The shipped prompts, with the sentences above in place of their own."""
    shipped = Prompts.load(ROOT / "prompts", about={"company": "Autowerkstatt Berger"})
    unknown = {key for said in SAID.values() for key in said} - shipped.variants["de"].keys()
    assert unknown == set()
    spoken = {language: {**shipped.variants[language], **SAID[language]} for language in SAID}
    return Prompts(spoken, shipped.about)
