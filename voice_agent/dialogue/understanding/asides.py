"""What callers say at any company that asks for none of its services: answers, doubts, remarks.

Without them, words that any wish may hold ("I can't", "could you tell me") would be taken for one.
"""

from __future__ import annotations

from typing import Final

# fmt: off
ASIDES: Final[dict[str, tuple[str, ...]]] = {
    "de": (
        "Was können Sie alles?", "Wie geht es Ihnen?", "Wer sind Sie?", "Sind Sie ein Mensch?",
        "Was passiert mit meinen Daten?", "Nehmen Sie das Gespräch auf?", "Das weiß ich noch nicht",
        "Ich weiß gerade nicht genau", "Ich weiß nicht, wann es mir passt",
        "Das muss ich erst nachsehen", "Ich überlege noch", "Das ist mir egal",
        "Das kann doch nicht sein", "Das geht mir zu schnell", "Ich verstehe Sie nicht",
        "Sind Sie noch da?", "Ich bin gerade unterwegs", "Ich sitze im Auto", "Ich bin noch da",
        "Ich höre Sie kaum", "Ich hole was zu schreiben", "Ich bestätige das", "Das ist richtig so",
        "Das passt mir gut", "Das ist ja schön", "Das war sehr gut", "Das Wetter ist schlecht",
        "Können Sie mir etwas erzählen?", "Ich möchte nicht mit einem Menschen sprechen",
        "Ich bin Kunde bei Ihnen", "Ich rufe für meine Frau an", "Da haben Sie recht",
        "Meine Kinder sind krank", "Ich habe keine Lust mehr", "Wie lange dauert das noch?",
        "Können Sie mir helfen?", "Ich habe eine Frage", "Sagen Sie mal",
    ),
    "en": (
        "What can you do?", "How are you?", "Who are you?", "Are you human?",
        "What happens to my data?", "Are you recording this?", "I don't know yet",
        "I'm not sure when it suits me", "I have to check first", "I'm still thinking",
        "I don't mind", "That can't be right", "That is too fast for me", "I don't understand you",
        "Are you still there?", "I'm on my way", "I'm in the car", "I'm still here",
        "I can hardly hear you", "I need something to write", "I confirm that", "That's right",
        "That suits me fine", "That's nice", "It was very good", "The weather is bad",
        "Can you tell me a story?", "I don't want to speak to a person", "I'm a customer of yours",
        "I'm calling for my wife", "You're right", "My children are ill", "I've had enough of this",
        "How long will this take?", "Can you help me?", "I have a question", "Tell me",
    ),
}
# fmt: on
"""By language."""
