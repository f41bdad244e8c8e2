from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_agent.dialogue.answers import ANSWERS, SLOWEST
from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    AskKnowledge,
    Command,
    Correct,
    Deny,
    FillSlot,
    Goodbye,
    Greet,
    HumanPlease,
    Repeat,
    SendPrivacyLink,
    Slower,
    StartFlow,
    SwitchLanguage,
    Thank,
    Topic,
    Wait,
    WithdrawConsent,
)
from voice_agent.dialogue.conversation import Conversation, Question
from voice_agent.dialogue.engine import PATIENCE, Engine
from voice_agent.dialogue.knowledge import Knowledge
from voice_agent.dialogue.prompts import Prompts
from voice_agent.dialogue.reply import HandOver, HandoverReason, HangUp, Listen, Reply, Withdraw
from voice_agent.dialogue.reply import Wait as Waiting
from voice_agent.errors import ConfigurationError

HOURS, ADDRESS = AskKnowledge("opening_hours"), AskKnowledge("address")


def keys(reply: Reply) -> list[str]:
    """Keys of what is said."""
    return [line.key for line in reply.lines]


def after(engine: Engine, *turns: tuple[Command, ...], language: str = "de") -> Reply:
    """The reply to the last of several turns."""
    reply = engine.greet(Conversation(language=language))
    for commands in turns:
        reply = engine.respond(reply.conversation, commands)
    return reply


@pytest.mark.parametrize(("language", "word"), [("de", "KI"), ("en", "AI")])
def test_c7_the_greeting_says_that_this_is_an_ai(engine: Engine, language: str, word: str) -> None:
    """Rule C7, also when the agent resumes after a human."""
    conversation = Conversation(language=language)
    for reply in (engine.greet(conversation), engine.resume(conversation)):
        assert word in reply.lines[0].text
        assert reply.then == Listen()


def test_an_answer_is_followed_by_an_offer_of_more(engine: Engine) -> None:
    reply = after(engine, (HOURS,))
    assert keys(reply) == ["knowledge.opening_hours", "anything_else"]
    assert reply.conversation.question is Question.ANYTHING_ELSE
    assert reply.then == Listen()


def test_the_offer_of_more_is_not_always_the_same(engine: Engine) -> None:
    first, second = after(engine, (HOURS,)), after(engine, (HOURS,), (ADDRESS,))
    assert first.lines[-1].text != second.lines[-1].text


def test_two_questions_get_two_answers(engine: Engine) -> None:
    reply = after(engine, (HOURS, ADDRESS))
    assert keys(reply) == ["knowledge.opening_hours", "knowledge.address", "anything_else"]


def test_no_more_answers_than_can_be_remembered(engine: Engine, knowledge: Knowledge) -> None:
    reply = after(engine, tuple(AskKnowledge(entry.id) for entry in knowledge.entries))
    assert sum(key.startswith("knowledge.") for key in keys(reply)) == ANSWERS


def test_what_is_not_known_is_said_and_a_human_offered(engine: Engine) -> None:
    unknown = after(engine, (AskKnowledge(None),))
    assert keys(unknown) == ["unknown_answer"]
    yes = engine.respond(unknown.conversation, (Affirm(),))
    assert keys(yes) == ["connecting_human"]
    assert yes.then == HandOver(HandoverReason.OFFER_ACCEPTED)
    no = engine.respond(unknown.conversation, (Deny(),))
    assert keys(no) == ["what_else"]
    assert no.then == Listen()


def test_an_entry_that_an_understander_made_up_is_not_known(engine: Engine) -> None:
    assert keys(after(engine, (AskKnowledge("passwords"),))) == ["unknown_answer"]


def test_a_known_and_an_unknown_question_are_both_answered(engine: Engine) -> None:
    reply = after(engine, (HOURS, AskKnowledge(None)))
    assert keys(reply) == ["knowledge.opening_hours", "unknown_answer"]
    assert reply.conversation.question is Question.CONNECT


def test_what_no_flow_does_is_said_and_a_human_offered(engine: Engine) -> None:
    reply = after(engine, (StartFlow("book_appointment"),))
    assert keys(reply) == ["cannot_do"]
    assert engine.respond(reply.conversation, (Affirm(),)).then == HandOver(
        HandoverReason.OFFER_ACCEPTED
    )


def test_a_human_comes_before_everything_but_withdrawal(engine: Engine) -> None:
    reply = after(engine, (HOURS, HumanPlease(), Goodbye()))
    assert (keys(reply), reply.then) == (["connecting_human"], HandOver(HandoverReason.ASKED))
    withdrawn = after(engine, (HumanPlease(), WithdrawConsent()))
    assert (keys(withdrawn), withdrawn.then) == (["withdrawn_offer_human"], Withdraw())


def test_not_understood_twice_in_a_row_goes_to_a_human(engine: Engine) -> None:
    once = after(engine, ())
    assert (keys(once), once.then) == (["not_understood"], Listen())
    twice = engine.respond(once.conversation, ())
    assert keys(twice) == ["not_understood_connecting"]
    assert twice.then == HandOver(HandoverReason.NOT_UNDERSTOOD)


def test_being_understood_in_between_starts_the_count_again(engine: Engine) -> None:
    assert after(engine, (), (HOURS,), ()).then == Listen()


def test_a_slot_nobody_asked_for_is_not_understood(engine: Engine) -> None:
    assert keys(after(engine, (FillSlot("day", "2026-11-24"), Correct("day", "x")))) == [
        "not_understood"
    ]


def test_a_failure_asks_again_and_the_second_goes_to_a_human(engine: Engine) -> None:
    once = engine.failed(Conversation())
    assert (keys(once), once.then) == (["technical_problem"], Listen())
    twice = engine.failed(once.conversation)
    assert twice.then == HandOver(HandoverReason.TECHNICAL)


def test_the_open_question_survives_a_misunderstanding(engine: Engine) -> None:
    reply = after(engine, (AskKnowledge(None),), (), (Affirm(),))
    assert reply.then == HandOver(HandoverReason.OFFER_ACCEPTED)


def test_two_silences_are_asked_differently_and_the_third_ends_the_call(engine: Engine) -> None:
    first = engine.no_input(Conversation())
    second = engine.no_input(first.conversation)
    third = engine.no_input(second.conversation)
    assert first.lines != second.lines
    assert (first.then, second.then, third.then) == (Listen(), Listen(), HangUp())
    assert keys(third) == ["goodbye_silence"]


def test_speaking_starts_the_count_of_silences_again(engine: Engine) -> None:
    silent = engine.no_input(engine.no_input(Conversation()).conversation)
    spoken = engine.respond(silent.conversation, (HOURS,))
    assert engine.no_input(spoken.conversation).then == Listen()


def test_repeat_says_the_same_again_with_its_question(engine: Engine) -> None:
    answered = after(engine, (HOURS,))
    repeated = engine.respond(answered.conversation, (Repeat(),))
    assert repeated.lines == answered.lines
    assert repeated.conversation.question is Question.ANYTHING_ELSE
    assert engine.respond(repeated.conversation, (Repeat(),)).lines == answered.lines


def test_repeat_before_anything_was_said_greets(engine: Engine) -> None:
    assert keys(engine.respond(Conversation(), (Repeat(),))) == ["greeting"]


def test_a_silence_does_not_change_what_is_repeated(engine: Engine) -> None:
    answered = after(engine, (HOURS,))
    silent = engine.no_input(answered.conversation)
    assert engine.respond(silent.conversation, (Repeat(),)).lines == answered.lines


def test_slower_repeats_slower_and_stays_intelligible(engine: Engine) -> None:
    reply = after(engine, (HOURS,), (Slower(),))
    assert reply.conversation.rate == 0.8
    assert keys(reply) == ["slower", "knowledge.opening_hours", "anything_else"]
    for _ in range(5):
        reply = engine.respond(reply.conversation, (Slower(),))
    assert reply.conversation.rate == SLOWEST


def test_wait_is_patient_and_the_next_word_ends_it(engine: Engine) -> None:
    reply = after(engine, (Wait(),))
    assert (keys(reply), reply.then) == (["waiting"], Waiting(PATIENCE))
    assert reply.conversation.waiting
    assert not engine.respond(reply.conversation, (HOURS,)).conversation.waiting


def test_goodbye_and_a_no_to_the_offer_of_more_end_the_call(engine: Engine) -> None:
    for reply in (after(engine, (Goodbye(),)), after(engine, (HOURS,), (Deny(),))):
        assert (keys(reply), reply.then) == (["goodbye"], HangUp())
    assert engine.farewell(Conversation()).then == HangUp()


def test_a_last_question_is_answered_before_goodbye(engine: Engine) -> None:
    reply = after(engine, (HOURS, Goodbye()))
    assert (keys(reply), reply.then) == (["knowledge.opening_hours", "goodbye"], HangUp())


def test_thanks_greetings_and_a_plain_yes_are_answered(engine: Engine) -> None:
    assert keys(after(engine, (Thank(),))) == ["you_are_welcome", "anything_else"]
    assert keys(after(engine, (Greet(),))) == ["presence"]
    assert keys(after(engine, (HOURS,), (Affirm(),))) == ["go_on"]


def test_yes_beside_a_question_is_only_politeness(engine: Engine) -> None:
    assert keys(after(engine, (HOURS,), (Affirm(), ADDRESS)))[0] == "knowledge.address"
    assert keys(after(engine, (HOURS,), (Deny(), ADDRESS)))[0] == "knowledge.address"


@pytest.mark.parametrize("topic", list(Topic))
@pytest.mark.parametrize("language", ["de", "en"])
def test_questions_about_the_agent_have_written_answers(
    engine: Engine, topic: Topic, language: str
) -> None:
    reply = after(engine, (AskAgent(topic),), language=language)
    assert keys(reply) == [f"about_{topic.value}", "anything_else"]


def test_it_says_plainly_that_it_is_an_ai(engine: Engine) -> None:
    assert "mit einer KI" in after(engine, (AskAgent(Topic.ROBOT),)).lines[0].text


def test_language_switches_and_stays(engine: Engine) -> None:
    reply = after(engine, (SwitchLanguage("en"),))
    assert (keys(reply), reply.lines[0].language) == (["language_switched"], "en")
    assert engine.respond(reply.conversation, (HOURS,)).lines[0].language == "en"


def test_a_question_in_the_same_breath_is_answered_in_the_new_language(engine: Engine) -> None:
    reply = after(engine, (SwitchLanguage("en"), HOURS))
    assert [line.language for line in reply.lines] == ["en", "en"]


def test_a_language_not_spoken_is_said_and_a_human_offered(engine: Engine) -> None:
    reply = after(engine, (SwitchLanguage("tr"),))
    assert keys(reply) == ["language_not_offered"]
    assert (reply.conversation.language, reply.conversation.question) == ("de", Question.CONNECT)


def test_handover_is_said_before_it_happens(engine: Engine) -> None:
    for reason in HandoverReason:
        reply = engine.handover(Conversation(), reason)
        assert reply.lines
        assert reply.then == HandOver(reason)


def test_a_missing_prompt_stops_the_start(knowledge: Knowledge) -> None:
    with pytest.raises(ConfigurationError, match="is missing"):
        Engine(Prompts({"de": {}}, {}), knowledge)


COMMANDS = st.one_of(
    st.sampled_from(
        [Affirm(), Deny(), Repeat(), Slower(), Wait(), Greet(), Thank(), HumanPlease(), Goodbye()]
    ),
    st.just(WithdrawConsent()),
    st.builds(StartFlow, st.text(max_size=10)),
    st.builds(FillSlot, st.text(max_size=5), st.text(max_size=5)),
    st.builds(Correct, st.text(max_size=5), st.text(max_size=5)),
    st.builds(AskKnowledge, st.none() | st.text(max_size=5) | st.just("opening_hours")),
    st.builds(AskAgent, st.sampled_from(Topic)),
    st.builds(SwitchLanguage, st.sampled_from(["de", "en", "tr", ""])),
)


@given(st.lists(st.lists(COMMANDS, max_size=5), max_size=12))
def test_whatever_an_understander_proposes_only_written_sentences_are_said(
    engine: Engine, prompts: Prompts, knowledge: Knowledge, turns: list[list[Command]]
) -> None:
    """Any commands in any order: a reply each time, in written words, and never a personal one."""
    written = {
        line.text
        for language in prompts.languages
        for line in (*prompts.static_lines(language), *knowledge.static_lines(language))
    }
    conversation = Conversation()
    for commands in turns:
        reply = engine.respond(conversation, commands)
        assert reply.lines
        assert {line.text for line in reply.lines} <= written
        assert {line.language for line in reply.lines} <= {"de", "en"}
        assert reply.conversation.turns == conversation.turns + 1
        if WithdrawConsent() in commands:
            assert reply.then == Withdraw()
        elif HumanPlease() in commands:
            assert isinstance(reply.then, HandOver)
        conversation = reply.conversation


@pytest.mark.parametrize("language", ["de", "en"])
def test_c21_asked_for_the_notice_by_text_it_says_so_and_has_it_sent(
    engine: Engine, language: str
) -> None:
    reply = after(engine, (SendPrivacyLink(),), language=language)
    assert keys(reply) == ["sending_link"]
    assert reply.sends_link
    assert reply.then == Listen()


def test_c21_the_link_is_sent_beside_whatever_else_was_asked(engine: Engine) -> None:
    reply = after(engine, (HOURS, SendPrivacyLink()))
    assert "sending_link" in keys(reply)
    assert reply.sends_link
    assert after(engine, (SendPrivacyLink(), Goodbye())).sends_link
    assert not after(engine, (SendPrivacyLink(), WithdrawConsent())).sends_link
    assert not after(engine, (HOURS,)).sends_link
