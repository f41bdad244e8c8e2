from __future__ import annotations

import pytest

from voice_agent.dialogue.frustration import is_frustrated

FRUSTRATED = [
    ("de", "Das ist ja unglaublich!"),
    ("de", "Das gibt's doch nicht."),
    ("de", "Das gibts ja wohl nicht!"),
    ("de", "Ich sage es jetzt zum dritten Mal: Inspektion."),
    ("de", "Das habe ich Ihnen doch schon gesagt."),
    ("de", "Das hab ich doch gerade gesagt!"),
    ("de", "Ich sagte doch: Dienstag."),
    ("de", "Das habe ich schon dreimal gesagt."),
    ("de", "Wie oft soll ich das noch sagen?"),
    ("de", "Sie verstehen mich einfach nicht."),
    ("de", "Verstehen Sie mich denn nicht?"),
    ("de", "Du bist echt ein Idiot."),
    ("de", "Sie sind ja völlig unfähig."),
    ("de", "So eine blöde Maschine!"),
    ("de", "Scheiß Computer."),
    ("de", "Jetzt reicht's!"),
    ("de", "So ein Schwachsinn."),
    ("de", "Das darf doch nicht wahr sein!"),
    ("de", "Halt die Klappe."),
    ("en", "This is ridiculous."),
    ("en", "That's just unbelievable!"),
    ("en", "I already told you."),
    ("en", "I've already told you, Tuesday."),
    ("en", "I just said that!"),
    ("en", "For the third time, an inspection."),
    ("en", "How many times do I have to say it?"),
    ("en", "You don't understand me."),
    ("en", "You're not listening!"),
    ("en", "You are a complete idiot."),
    ("en", "You stupid machine."),
    ("en", "I've had enough."),
    ("en", "What a waste of time!"),
    ("en", "For heaven's sake."),
    ("en", "Oh, shut up."),
]

CALM = [
    ("de", "Ich hätte gern einen Termin für die Inspektion."),
    ("de", "Nein, das ist nicht richtig."),
    ("de", "Ich verstehe Sie nicht, bitte noch einmal."),
    ("de", "Danke, das reicht mir."),
    ("de", "Gibt es bei Ihnen einen Parkplatz?"),
    ("de", "Das gibt es doch nicht mehr bei meinem Modell, oder?"),
    ("de", "Mein Auto ist eine Katastrophe."),
    ("de", "Sie haben einen dummen Fehler gefunden, danke."),
    ("de", "Am dritten Dezember."),
    ("de", "Ich war schon einmal bei Ihnen."),
    ("de", "Ich habe gesagt, dass es am Dienstag passt."),
    ("de", "Das ist ja wunderbar!"),
    ("de", ""),
    ("en", "I'd like to book an inspection."),
    ("en", "I don't understand you, once more please."),
    ("en", "That is not right."),
    ("en", "Are you open on Saturday?"),
    ("en", "The third, please."),
    ("en", "I told my wife I would come on Tuesday."),
    ("en", "My old car is useless."),
    ("en", "Are you listening? Good, I need an appointment."),
    ("en", "That's enough, thank you."),
    ("en", ""),
    ("fr", "C'est incroyable!"),
]


@pytest.mark.parametrize(("language", "text"), FRUSTRATED)
def test_words_of_a_caller_who_has_had_enough_are_noticed(language: str, text: str) -> None:
    assert is_frustrated(text, language)


@pytest.mark.parametrize(("language", "text"), CALM)
def test_other_words_are_not_taken_for_it(language: str, text: str) -> None:
    assert not is_frustrated(text, language)
