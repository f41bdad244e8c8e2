"""The view of a call in a real browser: what is shown, what is hidden, what can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest
from playwright.async_api import Page, Route, expect

from tests.accessibility import violations
from tests.console.browser_room import browser, fits, house, origin, page
from tests.console.console_house import ANNA, BEN, CORA, ConsoleHouse
from voice_agent.live.command import Answer, Outcome, Verb
from voice_agent.live.observation import (
    AgentHeard,
    AgentSaid,
    AnswerHeard,
    CallEnded,
    CallerSaid,
    ControlChanged,
    FlowMoved,
    HandoverAsked,
    KeyPressedSeen,
    LanguageSeen,
    PhaseChanged,
    QueuePlace,
    TurnTimed,
    UnderstoodSeen,
    Withheld,
)
from voice_agent.live.ports import OnDuty

__all__ = ["browser", "house", "origin", "page"]

pytestmark = pytest.mark.integration  # a real browser

SCRIPT = "<img src=x onerror=alert(1)>"


async def look(page: Page, origin: str, call: str) -> None:
    """Open a call and wait until it is told what happens."""
    await page.goto(f"{origin}/console/calls/{call}")
    await expect(page.locator("body")).to_have_attribute("data-line", "up")


async def talk(house: ConsoleHouse, call: str) -> None:
    """A caller consents and says what they want."""
    await house.consent(call)
    await house.see(
        call,
        AgentSaid("Was kann ich für Sie tun?"),
        CallerSaid(1, "Einen Termin am Freitag, bitte."),
        UnderstoodSeen(["StartFlow book_appointment", "FillSlot date 2026-11-27"]),
        FlowMoved("book_appointment", "time", {"date": "2026-11-27", "name": "Muster"}),
        TurnTimed(1, 5000, 0.71, 0.16, None, 140, 300, 420, 520, 560),
        AnswerHeard(1, 790),
        AgentSaid("Um wie viel Uhr?"),
        AgentHeard(complete=False),
        Withheld(),
        KeyPressedSeen("•"),
        LanguageSeen("en"),
        HandoverAsked("asked"),
        QueuePlace(2),
    )


async def test_an_operator_reads_along_and_is_briefed(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await look(page, origin, call)
    await expect(page.locator("#curtain")).to_contain_text("Keine Einwilligung.")
    await talk(house, call)
    words = page.locator("#words")
    for text in (
        "Einen Termin am Freitag, bitte.",
        "Verstanden: Anliegen: Termin vereinbaren · Angabe: Tag Fr., 27. Nov. 2026",
        "unterbrochen",
        "zurückgehalten",
        "Taste •",
        "Sprache: Englisch",
        "Weitergabe: Möchte einen Menschen",
    ):
        await expect(words).to_contain_text(text)
    for place, text in {
        "receipt": "Beleg 7f3c2a90",
        "reason": "Möchte einen Menschen",
        "flow": "Termin vereinbaren",
        "question": "Uhrzeit",
        "place": "Platz 2 in der Warteschlange",
        "phase": "Spricht mit dem Agenten",
    }.items():
        await expect(page.locator(f"#{place}")).to_have_text(text)
    await expect(page.locator("#curtain")).to_be_hidden()
    await expect(page.locator("#slots")).to_contain_text("Muster")
    row = page.locator("#timings tbody tr").locator("th, td")
    await expect(row).to_have_text(["1", "520", "420", "710", "790"])
    assert house.guard.noted == [(ANNA.account, "call.read", call)]


async def test_c16_c22_a_withdrawal_takes_every_word_off_the_page(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    await expect(page.locator("#words")).to_contain_text("Einen Termin")
    await house.withdraw(call)
    await expect(page.locator("#curtain")).to_contain_text("Die Mitschrift wurde entfernt")
    left = await page.content()
    for text in ("Einen Termin", "Um wie viel Uhr", "Muster", "27. Nov", "2026-11-27", "7f3c2a90"):
        assert text not in left
    assert await page.locator(".said").count() == 0
    await house.see(
        call, CallerSaid(2, "Verborgenes"), FlowMoved("complaint", "", {"x": "Verborgenes"})
    )
    await house.see(call, PhaseChanged("closing"))
    await expect(page.locator("#phase")).to_have_text("Verabschiedung")
    assert "Verborgenes" not in await page.content()
    await page.reload()
    await expect(page.locator("#curtain")).to_contain_text("Einwilligung widerrufen.")
    await expect(page.locator("#phase")).to_have_text("Verabschiedung")
    assert await page.locator(".said").count() == 0


async def test_a_call_is_taken_over_and_given_back_by_keyboard_alone(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await talk(house, call)
    await house.wait(call)
    await page.goto(f"{origin}/console")
    await expect(page.locator("body")).to_have_attribute("data-line", "up")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.matches('.waiter a')"):
            break
    else:
        raise AssertionError("the keyboard does not reach the queue")
    await page.keyboard.press("Enter")
    await expect(page.locator("body")).to_have_attribute("data-line", "up")
    await expect(page.locator('[data-verb="take_over"]')).to_be_enabled()
    await page.keyboard.press("t")
    await expect(page.locator("#outcome")).to_contain_text("Sie werden angekündigt")
    await expect(page.locator("#holder")).to_have_text("Sie")
    await expect(page.locator("#control-words")).to_have_text("Im Gespräch")
    await expect(page.locator("#voice")).to_be_visible()
    await page.keyboard.press("s")
    await expect(page.locator("#sentence")).to_be_focused()
    await page.keyboard.type("Guten Tag, hier spricht Anna Beispiel")
    await page.keyboard.press("Enter")
    await expect(page.locator("#outcome")).to_have_text("Wird gesagt.")
    await expect(page.locator("#sentence")).to_have_value("")
    await page.keyboard.press("Escape")
    await page.keyboard.press("k")
    await page.keyboard.type("12#")
    await page.keyboard.press("Enter")
    await expect(page.locator("#outcome")).to_have_text("Die Töne werden gesendet.")
    await page.keyboard.press("h")
    await expect(page.locator("#control-words")).to_have_text("Wartemusik")
    await page.keyboard.press("h")
    await expect(page.locator("#control-words")).to_have_text("Im Gespräch")
    await page.keyboard.press("g")
    await page.keyboard.type("Freitag um zehn")
    await page.keyboard.press("Enter")
    await expect(page.locator("#holder")).to_have_text("Agent")
    await expect(page.locator("#voice")).to_be_hidden()
    assert [(each.verb.value, each.text) for each in house.ordered] == [
        ("take_over", ""),
        ("say", "Guten Tag, hier spricht Anna Beispiel"),
        ("tones", "12#"),
        ("hold", ""),
        ("resume", ""),
        ("give_back", "Freitag um zehn"),
    ]
    noted = [action for _, action, _ in house.guard.noted if action != "call.voice"]
    assert noted == [
        "overview.read",
        "call.read",
        *(f"call.{verb}" for verb in ("take_over", "say", "tones", "hold", "resume", "give_back")),
    ]


async def test_a_page_loaded_anew_in_mid_takeover_shows_who_holds_the_call(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    await page.click('[data-verb="take_over"]')
    await expect(page.locator("#holder")).to_have_text("Sie")
    await page.reload()
    await expect(page.locator("#holder")).to_have_text("Sie")
    await expect(page.locator('[data-verb="give_back"]')).to_be_enabled()
    await expect(page.locator("#words")).to_contain_text("Einen Termin am Freitag, bitte.")
    await expect(page.locator("#voice")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Answer(Outcome.TAKEN, BEN.account), "Das Gespräch hat schon Ben Muster."),
        (Answer(Outcome.NO_CALL), "Dieses Gespräch gibt es nicht mehr."),
        (Answer(Outcome.NO_CONSENT), "Der Anrufer hat nicht eingewilligt (oder widerrufen)."),
        (Answer(Outcome.NOT_NOW), "Das geht im Moment nicht."),
        (Answer(Outcome.REFUSED), "Das wurde abgelehnt"),
        (Answer(Outcome.UNANSWERED), "Niemand hat geantwortet."),
    ],
    ids=lambda each: getattr(each, "outcome", ""),
)
async def test_what_became_of_an_order_is_said_in_words(
    house: ConsoleHouse, origin: str, page: Page, answer: Answer, told: str
) -> None:
    call = await house.begin()
    await talk(house, call)
    await house.live.attend(OnDuty(BEN.account, BEN.name, available=False))
    house.answers[Verb.TAKE_OVER] = answer
    await look(page, origin, call)
    await page.click('[data-verb="take_over"]')
    await expect(page.get_by_role("status").filter(has_text=told)).to_be_visible()
    await expect(page.locator("#outcome")).to_have_attribute("data-kind", "stop")


async def test_an_order_whose_answer_was_lost_is_sent_again_and_carried_out_once(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    bodies: list[str | None] = []

    async def lose(route: Route) -> None:
        bodies.append(route.request.post_data)
        if len(bodies) == 1:
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/commands", lose)
    await page.click('[data-verb="suggest"]')  # nothing is written: nothing is sent
    await expect(page.locator("#sentence")).to_be_focused()
    await page.fill("#sentence", "Reifenwechsel")
    await page.click('[data-verb="suggest"]')
    await expect(page.locator("#outcome")).to_have_text("Dem Agenten vorgeschlagen.")
    assert len(bodies) == 2
    assert bodies[0] == bodies[1]
    assert [each.text for each in house.ordered] == ["Reifenwechsel"]


async def test_a_supervisor_erases_a_call_and_is_asked_first(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    house.guard.who = CORA
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    await page.click('[data-verb="erase"]')
    await page.keyboard.press("Enter")  # the way out has the focus
    await expect(page.locator("#ask-erase")).to_be_hidden()
    assert house.ordered == []
    await page.click('[data-verb="erase"]')
    await page.locator("#ask-erase button[type=submit]").click()
    await expect(page.locator("#outcome")).to_contain_text("wird gelöscht")
    assert [each.verb for each in house.ordered] == [Verb.ERASE]


async def test_the_second_operator_listens_and_both_are_shown(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    house.guard.who = replace(ANNA, language="en")
    call = await house.begin()
    await talk(house, call)
    await house.live.attend(OnDuty(BEN.account, BEN.name, available=False))
    await house.see(call, ControlChanged("talking", BEN.account))
    await look(page, origin, call)
    await expect(page.locator("#holder")).to_have_text("Ben Muster")
    await expect(page.locator('[data-verb="take_over"]')).to_be_disabled()
    await expect(page.locator('[data-verb="end"]')).to_be_disabled()
    await page.keyboard.press("l")
    await expect(page.locator("#outcome")).to_have_text("You are listening in.")
    await expect(page.locator("#listeners")).to_have_text("Listening in: You")
    await expect(page.locator("#voice")).to_be_visible()
    await expect(page.locator('[data-verb="listen"]')).to_contain_text("Stop listening")


async def test_words_and_names_are_shown_as_text(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await house.consent(call)
    await house.live.attend(OnDuty(BEN.account, SCRIPT, available=False))
    await look(page, origin, call)
    await house.see(
        call,
        CallerSaid(1, SCRIPT),
        UnderstoodSeen([f"FillSlot {SCRIPT}"]),
        FlowMoved(SCRIPT, SCRIPT, {SCRIPT: SCRIPT}),
        HandoverAsked(SCRIPT),
        ControlChanged("talking", BEN.account),
    )
    await expect(page.locator("#holder")).to_have_text(SCRIPT)
    await expect(page.locator(".said")).to_contain_text(SCRIPT)
    await expect(page.locator("#slots")).to_contain_text(SCRIPT)
    assert await page.locator("img").count() == 0


async def test_shortcuts_can_be_switched_off(house: ConsoleHouse, origin: str, page: Page) -> None:
    """WCAG 2.1.4: who dictates, or slips, takes no call over by a letter."""
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await page.locator("#shortcuts").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Escape")
    await page.keyboard.press("t")
    await page.keyboard.press("n")
    assert await page.evaluate("document.activeElement.id") != "notes"
    assert house.ordered == []


async def test_what_is_written_is_not_disturbed_by_what_happens(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    await page.keyboard.press("n")
    await page.keyboard.type("ruft wegen ")
    await house.see(call, CallerSaid(2, "Noch etwas"), ControlChanged("talking", BEN.account))
    await expect(page.locator("#words")).to_contain_text("Noch etwas")
    await page.keyboard.type("tgehl an")
    await expect(page.locator("#notes")).to_have_value("ruft wegen tgehl an")
    assert house.ordered == []


async def test_the_end_of_a_call_is_told_and_nothing_can_be_done_any_more(
    house: ConsoleHouse, origin: str, page: Page
) -> None:
    call = await house.begin()
    await talk(house, call)
    await look(page, origin, call)
    await house.see(call, CallEnded("caller_hung_up"))
    await house.end(call)
    await expect(page.locator("#phase")).to_have_text("Beendet")
    await expect(page.locator("[data-verb]:enabled")).to_have_count(0)


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
async def test_everyone_can_use_the_view_of_a_call(
    house: ConsoleHouse,
    origin: str,
    page: Page,
    *,
    language: str,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    """axe-core finds nothing (WCAG 2.2 AA), and nothing has to be scrolled sideways."""
    house.guard.who = replace(CORA, language=language)
    await page.set_viewport_size({"width": width, "height": 800})
    await page.emulate_media(color_scheme=scheme)
    call = await house.begin()
    await look(page, origin, call)

    async def judge(name: str) -> None:
        assert await violations(page) == [], name
        assert await fits(page), name

    await judge("before consent")
    await talk(house, call)
    await expect(page.locator("#place")).not_to_be_empty()
    await judge("conversation")
    for verb in ("transfer", "end", "erase"):
        await page.click(f'[data-verb="{verb}"]')
        await judge(verb)
        await page.keyboard.press("Escape")
    await page.click("#help-button")
    await judge("help")
    await page.keyboard.press("Escape")
    await page.click('[data-verb="take_over"]')
    await expect(page.locator("#voice")).to_be_visible()
    await judge("held")
    await house.see(call, ControlChanged("announcing", CORA.account))
    await expect(page.locator("#control")).to_have_attribute("data-control", "announcing")
    await judge("announced")
    await house.withdraw(call)
    await expect(page.locator("#standing")).to_have_attribute("data-consent", "withdrawn")
    await judge("withdrawn")
