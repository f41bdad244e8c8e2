"""English as it is said. Every example is a fragment of what a company says on the telephone."""

from __future__ import annotations

import pytest

from voice_agent.speech.spoken import speakable
from voice_agent.speech.spoken.english.numbers import cardinal, ordinal, year

CLOCK = [
    ("at 2:30 pm", "at two thirty P.M"),
    ("at 14:30", "at two thirty P.M"),
    ("at 14:30.", "at two thirty P.M."),
    ("at 8am", "at eight A.M"),
    ("at 5 p.m.", "at five P.M."),
    ("at 2:05 pm", "at two oh five P.M"),
    ("We open at 8:00.", "We open at eight o'clock."),
    ("at 08:30", "at eight thirty A.M"),
    ("at 8:30", "at eight thirty"),
    ("8:00–18:00", "eight A.M to six P.M"),
    ("between 9:00 and 17:30", "between nine A.M and five thirty P.M"),
    ("from 8 a.m. to 6 p.m. daily", "from eight A.M to six P.M daily"),
    ("9-5 pm", "nine to five P.M"),
    ("at 12:00", "at twelve o'clock"),
    ("until 24:00", "until midnight"),
    ("at 12:30", "at twelve thirty P.M"),
    ("at 0:15", "at twelve fifteen A.M"),
]

DATES = [
    ("on 3 March", "on the third of March"),
    ("March 3rd", "March third"),
    ("on the 3rd of March", "on the third of March"),
    ("March 3, 2026", "March third twenty twenty-six"),
    ("on 23/11/2026", "on the twenty-third of November twenty twenty-six"),
    ("11/23/2026", "the twenty-third of November twenty twenty-six"),
    ("24.12.2026", "the twenty-fourth of December twenty twenty-six"),
    ("2026-11-23", "the twenty-third of November twenty twenty-six"),
    ("by 24/12", "by the twenty-fourth of December"),
    ("3–5 March", "the third to the fifth of March"),
    ("from 3 to 5 March", "from the third to the fifth of March"),
    ("March 3-5", "March third to fifth"),
    ("on Dec. 24", "on December twenty-fourth"),
    ("in 1998", "in nineteen ninety-eight"),
    ("since 1905", "since nineteen oh five"),
    ("in 2026", "in twenty twenty-six"),
    ("in 2005", "in two thousand and five"),
    ("the 1990s", "the nineteen nineties"),
    ("2019-2026", "twenty nineteen to twenty twenty-six"),
    ("You may come in May.", "You may come in May."),
]

WORDS = [
    ("Mon-Fri", "Monday to Friday"),
    ("Mon–Fri 8–18", "Monday to Friday eight A.M to six P.M"),
    ("Sat 9:00-13:00", "Saturday nine A.M to one P.M"),
    ("on Thu and Sat", "on Thursday and Saturday"),
    ("Mr. Berger", "Mister Berger"),
    ("Mrs. Smith", "Missus Smith"),
    ("Dr. Klein", "Doctor Klein"),
    ("e.g. tyres", "for example tyres"),
    ("i.e. tomorrow", "that is tomorrow"),
    ("oil, filters, etc.", "oil, filters, et cetera."),
    ("approx. 5 km", "approximately five kilometres"),
    ("No. 5", "number five"),
    ("No. We are closed.", "No. We are closed."),
    ("St. Mary", "Saint Mary"),
    ("Main St. 5", "Main Street five"),
    ("incl. 19% VAT", "including nineteen percent V.A.T"),
    ("Berger GmbH", "Berger G.M.B.H"),
    ("Chapter IV", "Chapter four"),
    ("Sat by appointment", "Saturday by appointment"),
    (
        "the 24th, 25th and 26th of March",
        "the twenty-fourth, twenty-fifth and twenty-sixth of March",
    ),
    ("24/7", "twenty-four seven"),
    ("I don't know", "I don't know"),
]

CODES = [
    ("0172 3456789", "zero one seven two, three four five, six seven eight nine"),
    ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
    ("call 112", "call one one two"),
    ("please call 112 first.", "please call one one two first."),
    ("the police on 110", "the police on one one zero"),
    ("the doctor: 116117", "the doctor: one one six, one one seven"),
    ("112 parts", "one hundred and twelve parts"),
    ("ext. 21", "extension two one"),
    ("T-4711", "T, four seven one one"),
    ("M-AB 1234", "M, A.B, one two three four"),
    ("10115 Berlin", "one zero, one one five Berlin"),
    ("12a Main Street", "twelve A Main Street"),
    ("info@autowerkstatt-berger.de", "info, at, autowerkstatt dash berger, dot D.E"),
    ("berger.com/book", "berger, dot com, slash book"),
]

AMOUNTS = [
    ("€49.90", "forty-nine euros and ninety cents"),
    ("49,90 €", "forty-nine euros and ninety cents"),
    ("€1,299", "one thousand two hundred and ninety-nine euros"),
    ("1 euro", "one euro"),
    ("$1", "one dollar"),
    ("£2.50", "two pounds and fifty pence"),
    ("£0.01", "one penny"),
    ("€0.99", "ninety-nine cents"),
    ("EUR 5", "five euros"),
    ("from €25", "from twenty-five euros"),
    ("€10-20", "ten to twenty euros"),
    ("€89/hour", "eighty-nine euros per hour"),
    ("$2.5 million", "two point five million dollars"),
    ("2nd floor", "second floor"),
    ("the 21st customer", "the twenty-first customer"),
    ("the 12th", "the twelfth"),
    ("1 hour", "one hour"),
    ("2½ hours", "two and a half hours"),
    ("1/2 hour", "half an hour"),
    ("3/4 full", "three quarters full"),
    ("1 km", "one kilometre"),
    ("2.5 l", "two point five litres"),
    ("-5 °C", "minus five degrees Celsius"),
    ("60 mph", "sixty miles per hour"),
    ("2000 customers", "two thousand customers"),
    ("101 tyres", "one hundred and one tyres"),
    ("10-15 minutes", "ten to fifteen minutes"),
    ("press * or #.", "press star or hash."),
    ("Press 1 for English", "Press one for English"),
    ("3x a year", "three times a year"),
    ("oil & filters", "oil and filters"),
    ("“Fine” — thanks…", "Fine, thanks."),
]


@pytest.mark.parametrize(("written", "said"), CLOCK + DATES + WORDS + CODES + AMOUNTS)
def test_english_is_said_as_a_speaker_would(written: str, said: str) -> None:
    assert speakable(written, "en") == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "zero"),
        (100, "one hundred"),
        (1005, "one thousand and five"),
        (21_300, "twenty-one thousand three hundred"),
        (1_000_000, "one million"),
    ],
)
def test_cardinals(number: int, said: str) -> None:
    assert cardinal(number) == said


@pytest.mark.parametrize(
    ("number", "said"), [(1, "first"), (12, "twelfth"), (20, "twentieth"), (33, "thirty-third")]
)
def test_ordinals(number: int, said: str) -> None:
    assert ordinal(number) == said


def test_round_centuries_are_hundreds() -> None:
    assert year(1900) == "nineteen hundred"
