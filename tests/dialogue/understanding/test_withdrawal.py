from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.commands import WithdrawConsent
from voice_agent.dialogue.understanding.builtin import BuiltinUnderstander
from voice_agent.dialogue.understanding.withdrawal import is_withdrawal

WITHDRAWN = [
    "Ich widerrufe.",
    "Ich widerrufe meine Einwilligung.",
    "ich wiederrufe meine einwilligung",
    "Ich wieder rufe meine Einwilligung.",
    "Ich widerufe.",
    "Hiermit widerrufe ich meine Zustimmung.",
    "Ich möchte meine Einwilligung widerrufen.",
    "Ich möchte widerrufen.",
    "Widerruf!",
    "Widerrufen.",
    "Ich ziehe meine Einwilligung zurück.",
    "Ich nehme meine Zustimmung zurück.",
    "Ich möchte meine Einwilligung zurückziehen.",
    "Ich entziehe Ihnen meine Einwilligung.",
    "Ich stimme nicht mehr zu.",
    "Ich stimme dem nicht länger zu.",
    "Ich bin nicht mehr einverstanden.",
    "Hören Sie mir bitte nicht mehr zu.",
    "Hören Sie nicht mehr zu!",
    "Hör mir nicht mehr zu.",
    "Hören Sie auf zuzuhören.",
    "Hören Sie sofort auf, mir zuzuhören.",
    "Bitte hören Sie mir nicht zu.",
    "Ich möchte nicht, dass Sie mir zuhören.",
    "Sie sollen mir nicht mehr zuhören.",
    "Hören Sie auf, mich aufzunehmen.",
    "Kann ich bitte meine Einwilligung widerrufen?",
    "Können Sie bitte aufhören, mir zuzuhören?",
    "Nein, ich will nicht mehr, ich widerrufe.",
    "Ich habe meine Einwilligung widerrufen.",
    "Ich widerrufe die Einwilligung zu meinem Termin.",
    "Ähm, also, ich widerrufe das jetzt.",
    "Wann haben Sie offen? Ach was, ich widerrufe.",
    "Ich kann nicht mehr, ich widerrufe.",
    "I withdraw my consent.",
    "I with draw my consent",
    "I withdraw my content.",
    "I'd like to withdraw my consent, please.",
    "I want to revoke my consent.",
    "I take back my consent.",
    "I no longer consent.",
    "I do not consent anymore.",
    "I don't consent to this.",
    "My consent is withdrawn.",
    "Stop listening.",
    "Please stop listening to me.",
    "Can you stop listening, please?",
    "Don't listen to me anymore.",
    "Please do not listen.",
    "Stop recording.",
    "I don't want you to listen.",
    "I withdraw.",
    "Ich erlaube Ihnen nicht mehr, mir zuzuhören.",
    "Meine Einwilligung ziehe ich hiermit zurück.",
    "Ich will die Einwilligung doch nicht mehr geben.",
    "Schluss jetzt, hören Sie auf mitzuhören.",
    "Hören Sie bitte ab jetzt nicht mehr mit.",
    "I'm withdrawing my consent now.",
    "You may no longer listen to me.",
    # What the recogniser made of recordings over the telephone.
    "Ich wieder ruche meine Einwilligung.",
    "Ich wieder ruse meine Einwilligung.",
    "Ich wider ruhe meine Zustimmung.",
    "I was drawn my consent.",
    "I with drawn my consent",
    "I've drawn my consent.",
    "Nie wieder reden hören Sie mir nicht mehr zu.",
    "I don't want to be drawn in stop listening.",
]

MEANT_OTHERWISE = [
    "Ich möchte meinen Termin widerrufen.",
    "Ich widerrufe nicht.",
    "Ich widerufe nicht.",
    "Ich widerrufe meine Einwilligung nicht.",
    "Ich will nicht widerrufen.",
    "Ich möchte meine Einwilligung nicht widerrufen.",
    "Wie kann ich meine Einwilligung widerrufen?",
    "Wo kann ich widerrufen?",
    "Kann ich meine Einwilligung widerrufen?",
    "Was passiert, wenn ich widerrufe?",
    "Wenn ich widerrufe, was passiert dann?",
    "Ich möchte den Vertrag widerrufen.",
    "Ich widerrufe meine Bestellung.",
    "Habe ich damit widerrufen?",
    "Sie hören mir ja gar nicht zu!",
    "Warum hören Sie mir nicht zu?",
    "Hören Sie mir überhaupt zu?",
    "Hören Sie mich?",
    "Ich höre Sie nicht mehr.",
    "Ich höre Sie nicht.",
    "Ich wieder ruche meine Einwilligung nicht.",
    "Ich rufe wieder an.",
    "Ich bin wieder richtig zufrieden.",
    "Kommt der Wagen wieder rein?",
    "Können Sie mich wieder anrufen?",
    "Ich bin damit nicht einverstanden.",
    "Ich stimme zu.",
    "Ich stimme zu, dass Sie zuhören.",
    "Machen Sie samstags nicht mehr auf?",
    "Haben Sie nicht mehr offen?",
    "Stopp.",
    "Ich gehöre nicht dazu.",
    "Ich möchte meinen Termin zurückziehen.",
    "Nicht aufhören, bitte.",
    "I don't withdraw my consent.",
    "I do not want to withdraw my consent.",
    "I want to withdraw my appointment.",
    "How do I withdraw my consent?",
    "I have not drawn my consent.",
    "I have drawn a picture of the damage.",
    "I was drawn to your offer.",
    "Can I withdraw my consent?",
    "What happens if I withdraw my consent?",
    "I want to withdraw money.",
    "Are you listening?",
    "You are not listening.",
    "Why don't you listen?",
    "I can't stop listening to music.",
    "Don't stop listening.",
    "Stop.",
    "I agree.",
    "Listen to me.",
    "Keep listening.",
]


@pytest.mark.parametrize("text", WITHDRAWN)
def test_withdrawal_is_recognised(text: str) -> None:
    assert is_withdrawal(text)


@pytest.mark.parametrize("text", MEANT_OTHERWISE)
def test_what_plainly_means_something_else_is_not_withdrawal(text: str) -> None:
    assert not is_withdrawal(text)


@pytest.mark.parametrize("text", WITHDRAWN)
def test_withdrawal_does_not_depend_on_case_or_punctuation(text: str) -> None:
    bare = text.rstrip(".!")
    assert is_withdrawal(bare.upper())
    assert is_withdrawal(bare.lower())


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("text", WITHDRAWN)
def test_withdrawal_comes_before_everything_in_either_language(
    understander: BuiltinUnderstander, text: str, language: str
) -> None:
    assert understander.understand(text, language) == (WithdrawConsent(),)


@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_what_else_is_said_in_other_sentences_does_not_hide_it(before: str, after: str) -> None:
    assert is_withdrawal(f"{before}. Ich widerrufe meine Einwilligung. {after}")
