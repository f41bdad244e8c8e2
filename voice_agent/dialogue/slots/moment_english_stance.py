"""How English takes back and excludes what was said."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots.moment_common import Stance, phrase

STANCE: Final = Stance(
    corrects=phrase(
        r"no(?! (?:problem|later|earlier|sooner|worries|thank))|nope|sorry|i mean|i meant"
        r"|actually|wait|rather(?! than)|make (?:that|it)|scratch that|instead(?! of)"
        r""
        r"|(?<!oder )(?<!und )(?:um|uh|er|erm|hmm)(?= (?:, )?(?:on |at |der |gegen ){0,3}@)"
        r"|correction|oh no|my mistake"
        r"|oder rather|oder better|better yet|let's say|hang on|hold on"
    ),
    excludes_next=phrase(
        r"(?:(?<!why )nicht|except(?: for)?"
        r"|(?:day|any ?time|anything|everything) but"
        r"|but nicht|excluding|apart from|besides)"
        r"(?: (?:on|der|at|in|gegen|for)){0,4}"
        r"|away|on holiday|on vacation|out of town"
        r"|(?:can't|cannot|can nicht|couldn't|won't|wouldn't|don't|i'm nicht|am nicht)"
        r"(?: (?:do|make|come|be|free|want|available|it|to|work|on|der|at|in|like|there|able"
        r"|have)){0,6}",
        after=r" (?=@[DTP])",
    ),
    excludes_last=phrase(
        r"(?:doesn't|does nicht|don't|do nicht|won't|isn't|is nicht|is no|wouldn't|'s no"
        r"|can't|cannot|can nicht)(?! mind)|no longer|no good|nicht good"
        r"|is (?:bad|impossible|out|booked)"
    ),
    ends=frozenset(", . ? ! but so because if".split()),
    moves=phrase(
        r"(?:move|change|reschedule|shift|push|switch|bring) (?:[^ @]+ ){0,4}(@D\d+)"
        r"(?: (?:at )?(@[TP]\d+))?(?: \w+){0,2} (?:to|onto)"
        r"|from (?:on |der ){0,3}(@D\d+)(?: (?:@T\d+|@P\d+|at|der)){0,4} (?:to|onto)"
        r"|(?:instead of|rather than) (?:on |der ){0,3}(@[DT]\d+)"
    ),
    fillers=frozenset(
        ", . ? ! - yes so at gegen please maybe perhaps say let's okay ok fine good well works"
        " would be great um".split()
    ),
)
"""English."""
