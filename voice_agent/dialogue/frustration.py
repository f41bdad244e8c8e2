"""Whether a caller has had enough, by their words; never by their voice (rule C24).

What is listened for is said of the conversation itself: of having to say things again, of not being
understood, of the agent. It is not what callers say of their car.
"""

from __future__ import annotations

import re
from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskKnowledge,
    Command,
    Deny,
    FillSlot,
    Frustrated,
)
from voice_agent.dialogue.flow import Kind
from voice_agent.dialogue.understanding.phrases import phrase
from voice_agent.dialogue.words import split

_AGENT_DE: Final = (
    r"(?:maschine|computer|roboter|automat|ki|bot|assistent\w*|kiste|ding|system|hotline|programm)"
)
_AGENT_EN: Final = r"(?:machine|computer|robot|bot|ai|assistant|thing|system|program\w*)"

_SAID: Final[dict[str, re.Pattern[str]]] = {
    "de": phrase(
        # Said of the conversation.
        r"das (?:ist|wird) (?:\w+ ){0,2}(?:unglaublich|unfassbar|lacherlich|nicht zu fassen"
        r"|ein witz|(?:eine )?(?:frechheit|zumutung|unverschamtheit))(?![a-z])",
        r"(?:das )?gibt(?:'s| es|s)? (?:doch|ja) (?:gar |wohl |einfach )?nicht$",
        r"das darf (?:doch )?(?:nicht wahr|wohl nicht wahr) sein",
        r"so ein (?:schwachsinn|blodsinn|quatsch|mist|scheiss\w*|unsinn)(?![a-z])",
        r"(?:jetzt|mir) reicht(?:'s| es|s)(?![a-z])|(?:es|das) reicht langsam",
        r"ich hab\w* (?:jetzt |langsam |wirklich )*(?:die nase voll|keine geduld mehr"
        r"|keine lust mehr)",
        # Having to say it again.
        r"zum (?:dritten|vierten|funften|zehnten|hundertsten|tausendsten|x ten|zigsten"
        r"|wiederholten) mal(?:e)?(?![a-z])",
        r"hab\w*(?:'s)?(?: ich| es| das| ihnen| dir| euch)* (?:doch|ja|aber)"
        r"(?: schon| bereits| eben| gerade| mehrmals| \w*mal)* gesagt",
        r"hab\w*(?:'s)?(?: ich| es| das| ihnen| dir| euch)* (?:schon|bereits|jetzt)"
        r"(?: schon)? (?:mehrmals|mehrfach|oft genug|(?:drei|vier|funf|zehn|hundert|tausend) ?mal)"
        r" gesagt",
        r"(?:ich sagte|sagte ich)(?: es| das| ihnen| dir)* (?:doch|ja|bereits)(?![a-z])",
        r"wie oft (?:soll|muss) ich|wie oft denn noch",
        # Not being understood.
        r"(?:sie verstehen|du verstehst)(?: mich| aber| auch| ja| uberhaupt| gar| einfach)*"
        r" nichts?(?![a-z])",
        r"(?:verstehen sie|verstehst du|horen sie|horst du)(?: mich| mir)?"
        r"(?: denn| uberhaupt| eigentlich| gar)+ (?:nichts?|zu)(?![a-z])",
        # Said of the agent.
        r"(?:du|sie) (?:(?:bist|sind|ist) )?(?:\w+ ){0,3}(?:\w*idiot\w*|trottel|depp\w*|dumm|blod"
        r"|doof|unfahig|nutzlos|versager|schwachkopf|arschloch)(?![a-z])",
        rf"(?:blod\w+|dumm\w+|doof\w+|scheiss\w*|verdammt\w*|nutzlos\w*|bescheuert\w*) {_AGENT_DE}",
        r"halt\w*(?: sie)? (?:die klappe|den mund|das maul|dein maul)|leck mich",
        r"woll\w+ (?:sie|ihr) mich (?:verarschen|veralbern|auf den arm nehmen)",
    ),
    "en": phrase(
        # Said of the conversation.
        r"(?:this|that|it)(?:'s| is) (?:\w+ ){0,2}(?:ridiculous|unbelievable|absurd|a joke"
        r"|hopeless|infuriating|outrageous|driving me (?:mad|crazy|nuts))(?![a-z])",
        r"i(?:'ve| have) had (?:enough|it)(?![a-z])|enough is enough|i give up",
        r"i(?:'m| am) (?:\w+ ){0,2}(?:fed up|sick of this|losing (?:my )?patience)",
        r"(?:what a|a complete|a) waste of (?:my )?time|what a joke",
        r"for (?:god's|heaven's|goodness|christ's|pete's) sake|for crying out loud",
        # Having to say it again.
        r"i(?:'ve| have)? (?:already|just) (?:told you|said (?:that|so|it|this))",
        r"i(?:'ve| have)? (?:told you|said (?:that|it|this)) (?:already|before|\w+ times)",
        r"for the (?:third|fourth|fifth|tenth|hundredth|umpteenth|nth|millionth|last) time",
        r"how many (?:more )?times (?:do|must|have|should) i",
        # Not being understood.
        r"you (?:don't|do not|just don't|never|can't) (?:understand (?:me|anything|a word)"
        r"|listen(?! to music))",
        r"(?:you're|you are) not (?:even )?listening|are you (?:even listening|deaf|kidding me)",
        # Said of the agent.
        r"(?:you're|you are|you) (?:\w+ ){0,3}(?:idiot|moron|stupid|useless|dumb|hopeless"
        r"|piece of (?:shit|crap|junk|rubbish))(?![a-z])",
        rf"(?:stupid|dumb|useless|bloody|damn|fucking|idiotic) {_AGENT_EN}(?![a-z])",
        r"shut up(?![a-z])",
    ),
}
"""Folded words, by language."""


def noticed(commands: tuple[Command, ...], text: str, language: str) -> tuple[Command, ...]:
    """The commands with what the words say of the caller's patience.

    "Das ist ja unglaublich" is no yes and nobody's name, and "how many times do I have to say
    that?" is no question: what is only read out of such words does not count.

    Args:
        commands: what the words were understood as.
        text: the words.
        language: ISO 639-1 code of them.
    """
    if not is_frustrated(text, language):
        return commands
    return (Frustrated(), *(command for command in commands if not _is_doubtful(command)))


def _is_doubtful(command: Command) -> bool:
    if isinstance(command, FillSlot):
        return command.name == Kind.NAME
    return isinstance(command, Affirm | Deny) or command == AskKnowledge(None)


def is_frustrated(text: str, language: str) -> bool:
    """True if these words say that the caller has had enough.

    Args:
        text: what the recogniser heard; hostile like all input.
        language: ISO 639-1 code of it; nothing is noticed in a language not known here.
    """
    said = _SAID.get(language)
    return said is not None and bool(said.search(" ".join(split(text))))
