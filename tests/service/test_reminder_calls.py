"""A company rings up everybody who has an appointment: what comes of it, and who hears what."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.radicale import USER, Radicale, radicale
from tests.service.campaign import NAME, OURS, STARTS, Company, Invited, Morning
from tests.service.conftest import Hear
from tests.service.exchange import BUSY, NO_SUCH_NUMBER, SILENT, SWITCHED_OFF, Telephone
from tests.service.people import PIN, child, keys, proves, says, voicemail
from tests.service.server import ROOT
from tests.service.test_calls import rendered, utterance
from voice_agent.audio import mulaw as codec
from voice_agent.dialogue.line import Line
from voice_agent.outbound.claim import Outcome
from voice_agent.phone.report import EndReason
from voice_agent.phone.script import HangUp, Listen, PressKey, Say, Stay, Wait
from voice_agent.phone.sound import from_wav
from voice_agent.recordings import Recordings
from voice_agent.script import OUTBOUND
from voice_agent.tools.appointment import Participation

__all__ = ["radicale"]

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]  # a morning takes two minutes


_HEARD: dict[bytes, str] = {}


def understood(hear: Hear, mulaw: bytes, language: str) -> str:
    """What was said there; the same sound is listened to once."""
    if mulaw not in _HEARD:
        _HEARD[mulaw] = hear(codec.decode(mulaw), language)
    return _HEARD[mulaw]


def recorded(name: str) -> Say:
    return utterance(ROOT / "tests" / "recordings" / f"{name}.wav")


def english(text: str) -> Say:
    """A sentence in the agent's own English voice, which is understood well."""
    return Say(rendered(text, "en"), text)


CANCELS = ("I want to cancel my appointment.", "Yes, please.")
"""Yes, really."""

INVITED = [
    Invited(
        "confirms",
        Telephone(lambda: [*proves(), *says(recorded("de09"))]),
        Outcome.CONFIRMED,
        knows=True,
    ),
    Invited(
        "moves",  # to Thursday; yes, at that time; yes, really
        Telephone(lambda: [*proves(), *says(*map(recorded, ("de16", "de09", "de09")))]),
        Outcome.MOVED,
        knows=True,
    ),
    Invited(
        "cancels",
        Telephone(lambda: [*proves(), *says(*map(english, CANCELS))]),
        Outcome.CANCELLED,
        "en",
        knows=True,
    ),
    Invited(
        "has a birth date",
        Telephone(lambda: [*proves("12051980"), *says(english("Yes, that is fine."))]),
        Outcome.CONFIRMED,
        "en",
        knows=True,
    ),
    Invited("listens", Telephone(lambda: [*proves(), *says()]), Outcome.TOLD, knows=True),
    Invited(
        "stops in words",
        Telephone(lambda: [*proves(), *says(english("Please stop calling me."))]),
        Outcome.DECLINED,
        "en",
        knows=True,
    ),
    Invited(
        "hangs up while being told",
        Telephone(lambda: [*proves(), Wait(8.0), HangUp()]),
        Outcome.TOLD,
        knows=True,
    ),
    Invited(
        "hangs up at the notice",
        Telephone(lambda: [*keys("1 482913#"), Wait(2.0), HangUp()]),
        Outcome.NO_ANSWER,
        knows=True,
    ),
    Invited(
        "hangs up at the question who it is",
        Telephone(lambda: [*keys("1"), Wait(2.0), HangUp()]),
        Outcome.NO_ANSWER,
    ),
    Invited("hangs up at once", Telephone(lambda: [Wait(1.0), HangUp()]), Outcome.NO_ANSWER),
    Invited(
        "wrong person in English",
        Telephone(lambda: [*keys("1 111222# 01021970#"), Stay()]),
        Outcome.NO_ANSWER,
        "en",
    ),
    Invited(
        "wrong person", Telephone(lambda: [*keys("1 111222# 333444#"), Stay()]), Outcome.NO_ANSWER
    ),
    Invited("first child", Telephone(lambda: child(1)), Outcome.NO_ANSWER, "en"),
    Invited("second child", Telephone(lambda: child(2)), Outcome.NO_ANSWER),
    Invited("third child", Telephone(lambda: child(3)), Outcome.NO_ANSWER),
    Invited("voicemail", Telephone(voicemail), Outcome.NO_ANSWER),
    Invited("voicemail with keys", Telephone(lambda: voicemail("1#1#5911#")), Outcome.NO_ANSWER),
    Invited("eight", Telephone(lambda: [*keys("8"), Stay()]), Outcome.DECLINED),
    Invited("eight in English", Telephone(lambda: [*keys("5 8"), Stay()]), Outcome.DECLINED),
    Invited("eight, not who it is", Telephone(lambda: [*keys("1 8#"), Stay()]), Outcome.DECLINED),
    Invited(
        "eight at the notice",
        Telephone(lambda: [*keys("1 482913# 8"), Stay()]),
        Outcome.DECLINED,
        knows=True,
    ),
    Invited(
        "eight in the conversation",
        Telephone(lambda: [*proves(), Listen(), PressKey("8"), Stay()]),
        Outcome.DECLINED,
        "en",
        knows=True,
    ),
    Invited("busy", replace(BUSY, callbacks=2), Outcome.BUSY),
    Invited("no answer", SILENT, Outcome.NO_ANSWER),
    Invited("switched off", SWITCHED_OFF, Outcome.UNREACHABLE),
    Invited("no such number", NO_SUCH_NUMBER, Outcome.UNREACHABLE),
]
AGREED = [
    INVITED[0],
    Invited(
        "cancels",  # in English, for which there is a key
        Telephone(lambda: [*keys(f"5 1 {PIN}# 1"), *says(*map(english, CANCELS))]),
        Outcome.CANCELLED,
        knows=True,
    ),
]
"""Those with whom reminders were agreed, of the company whose calendar is on a server."""

NAMES = [each.name for each in INVITED]
"""Of those whom the company with a calendar of ours rings up."""


@dataclass(frozen=True)
class Mornings:
    """Of two companies.

    Attributes:
        ours: its calendar is in our database.
        theirs: its calendar is on a calendar server.
        files: what lies on that server.
    """

    ours: Morning
    theirs: Morning
    files: Sequence[str]


@pytest.fixture(scope="module")
def mornings(radicale: Radicale, tmp_path_factory: pytest.TempPathFactory) -> Mornings:
    """Once everybody has been rung up."""
    ours = Company.found(tmp_path_factory.mktemp("ours"), INVITED)
    theirs = Company.found(tmp_path_factory.mktemp("theirs"), AGREED, lists=False)
    url = radicale.make("reminders", *theirs.resources)
    theirs.environment.update(CALDAV_URL=url, CALDAV_USER=USER, CALDAV_PASSWORD=radicale.password)
    first, second = asyncio.run(ours.morning()), asyncio.run(theirs.morning())
    files = radicale.folder.rglob("*.ics")
    kept = [file.read_text() for file in files if ".Radicale.cache" not in file.parts]
    return Mornings(first, second, kept)


@pytest.fixture(scope="module")
def morning(mornings: Mornings) -> Morning:
    """Of the company whose calendar is in our database, where everybody is rung up."""
    return mornings.ours


@pytest.fixture(scope="module")
def neutral(morning: Morning, tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Every recording that anybody may hear: the same in all calls, and about nobody."""
    kept = Recordings(tmp_path_factory.mktemp("neutral"), morning.voices)
    return [from_wav(kept.read(kept.render((line,))) or b"") for line in neutral_lines(morning)]


def neutral_lines(morning: Morning) -> list[Line]:
    """What is said in them."""
    return [
        morning.texts.script.line(key, language)
        for language in morning.texts.languages
        for key in (*OUTBOUND, "connecting_human")
    ]


def before_identity(invited: Invited, morning: Morning) -> list[bytes]:
    """What was heard before the last key of the proof; without a proof, all of it."""
    call = morning.calls[invited.name]
    return call.heard(call.pressed_at("#") if invited.knows else None)


def parts(heard: bytes, recordings: Sequence[bytes]) -> Iterator[bytes]:
    """Take what was heard apart into recordings; the last one may have been broken off.

    Raises:
        AssertionError: there is something else in it.
    """
    while heard:
        whole = [each for each in recordings if heard.startswith(each)]
        begun = [heard for each in recordings if each.startswith(heard)]
        assert whole or begun, f"{len(heard) / 8000:.1f} s are in no neutral recording"
        part = max(whole or begun, key=len)
        yield part
        heard = heard[len(part) :]


TOLD_ABOUT = re.compile(
    r"\b(termin|mittwoch|märz|dritte[nr]?|halb drei|14[:. ]30|uhr|reifen\w*|wechsel|werkstatt"
    r"|auto\w*|berger|erika|appointment|wednesday|march|third|half past|2[:. ]30|o'clock"
    r"|tyres?|workshop|garage)\b",
    re.IGNORECASE,
)
"""Words of what the calls are about, and of who rings people up about such things."""


@pytest.mark.parametrize("invited", INVITED, ids=NAMES)
def test_what_came_of_the_call_is_written_down(morning: Morning, invited: Invited) -> None:
    assert morning.outcomes[invited.name] is invited.comes


def test_the_report_says_what_came_of_all_of_them(morning: Morning) -> None:
    """What may still be tried again is open; a number nobody can have is not."""
    done = Counter(str(each.comes) for each in INVITED if each.comes.is_final)
    done["unreachable"] = 1
    assert morning.status["outcomes"] == done
    over = done.total()
    assert morning.status["states"] == {"done": over, "open": len(INVITED) - over}


def test_c28_whoever_wants_no_more_calls_is_on_the_list_and_nobody_else(morning: Morning) -> None:
    """By key at any stage, and in words (C28)."""
    assert morning.listed == {each.name for each in INVITED if each.comes is Outcome.DECLINED}


def test_the_calendar_says_what_was_said(mornings: Mornings) -> None:
    """Who comes, who comes at another time, who does not; of all others it is as it was."""
    assert len(mornings.ours.appointments["moves"]) == 1
    for morning in (mornings.ours, mornings.theirs):
        left = dict(morning.appointments)
        assert not left.pop("cancels")
        for moved in left.pop("moves", ()):
            assert moved.start == STARTS + timedelta(1)
        confirmed = {"confirms", "has a birth date"} & left.keys()
        for name, (appointment,) in left.items():
            assert appointment.start == STARTS
            said = Participation.ACCEPTED if name in confirmed else Participation.NEEDS_ACTION
            assert appointment.participation is said


def test_a_calendar_server_says_so_in_its_own_words(mornings: Mornings) -> None:
    """The company's other programs read it there."""
    said = Counter(
        word for file in mornings.files for word in re.findall("PARTSTAT=([A-Z-]+)", file)
    )
    assert (said["ACCEPTED"], said["DECLINED"]) == (1, 1)
    assert mornings.theirs.outcomes == {each.name: each.comes for each in AGREED}


def test_everybody_is_rung_up_once_and_nothing_asks_for_a_machine(morning: Morning) -> None:
    """An order names two numbers, addresses of ours, and how long; no detection of machines."""
    assert Counter(each.order["To"] for each in morning.orders).most_common(1)[0][1] == 1
    assert len(morning.orders) == len(INVITED)
    for order in (each.order for each in morning.orders):
        assert order.keys() == {
            *("To", "From", "Url", "Method", "Timeout", "TimeLimit"),
            *("StatusCallback", "StatusCallbackMethod", "StatusCallbackEvent"),
        }
        assert order["From"] == OURS
        assert order["To"][1:] not in order["Url"] + order["StatusCallback"]


def test_the_log_names_nobody(morning: Morning) -> None:
    for call in morning.calls.values():
        assert call.order["To"][1:] not in morning.log
    assert all(secret not in morning.log for secret in (PIN, "12051980", NAME))


@pytest.mark.parametrize("invited", INVITED, ids=NAMES)
def test_c27_before_identity_nothing_but_neutral_recordings_is_heard(
    morning: Morning, neutral: list[bytes], invited: Invited
) -> None:
    """Byte for byte, whoever answers (C27); and nobody's words are listened to."""
    for heard in before_identity(invited, morning):
        assert list(parts(heard, neutral))
    assert invited.knows or not morning.calls[invited.name].streamed


@pytest.mark.parametrize("invited", INVITED, ids=NAMES)
def test_c27_before_identity_no_word_of_the_appointment_is_heard(
    morning: Morning, hear: Hear, invited: Invited
) -> None:
    """Everything that was heard is transcribed, and searched for such words.

    Little is understood of the German voice; that nothing else is heard is shown above.
    """
    for heard in before_identity(invited, morning):
        assert TOLD_ABOUT.findall(understood(hear, heard, invited.language)) == []


def test_c27_a_voicemail_records_the_opener_and_twelve_seconds_of_silence(
    morning: Morning, neutral: list[bytes]
) -> None:
    """No machine is looked for; whatever presses no key is told nothing and hung up on."""
    call = morning.calls["voicemail"]
    (heard,) = call.heard()
    said = [neutral_lines(morning)[neutral.index(part)] for part in parts(heard, neutral)]
    assert [line.key for line in said] == ["outbound_opener", "outbound_this_language"]
    assert call.result is not None
    assert call.result.ended.reason is EndReason.AGENT_HUNG_UP
    silence = call.result.ended.seconds - call.result.recording.agent.end
    assert silence == pytest.approx(12.0, abs=1.0)  # of the call's own clock, which skips


def test_c27_the_neutral_sentences_have_no_such_word_either(morning: Morning) -> None:
    for line in neutral_lines(morning):
        assert TOLD_ABOUT.findall(line.text) == []


def test_such_words_and_any_other_sound_would_be_found(
    morning: Morning, neutral: list[bytes], hear: Hear
) -> None:
    """The right person hears them, once it is certain who they are."""
    call = morning.calls["cancels"]
    heard = b"".join(call.heard())[len(b"".join(call.heard(call.pressed_at("#")))) :]
    assert TOLD_ABOUT.findall(understood(hear, heard, "en"))
    with pytest.raises(AssertionError, match="no neutral recording"):
        list(parts(heard, neutral))
