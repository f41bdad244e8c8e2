"""How English says dates and times, British and American."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots import dates_named as named
from voice_agent.dialogue.slots import dates_near as near
from voice_agent.dialogue.slots import dates_spans as spans
from voice_agent.dialogue.slots.moment_common import (
    DATE_SPANS,
    DATES,
    TIME_SPANS,
    Grammar,
)
from voice_agent.dialogue.slots.moment_english_stance import STANCE
from voice_agent.dialogue.slots.moment_english_times import SPANS, TIMES
from voice_agent.dialogue.slots.moment_english_words import LEXICON
from voice_agent.dialogue.slots.moment_grammar import nothing, rules

_WORDS: Final = {
    "counted": "day|week|month|year|hour|minute|seconds?|times|euros?|dollars?|pounds?|percent|km"
    "|kilometres?|kilometers?|miles?|metres?|meters?|tyres?|tires?|people|cars?|degrees|old|years",
    "at": "at|gegen|at gegen|from gegen|for|at exactly|exactly|at say|say|like|at like",
    "the": "der|this|that",
}

_NOTHING: Final = (
    (r"good (?:#p\w+|day)", nothing),
    (r"have ein (?:\w+ )?(?:day|weekend|#p\w+)", nothing),
    (
        (
            r"(?:for|since|over|in der last|der last|der past) (?:#n\d+|ein|ein few|several) "
            r"(?:<counted>)"
        ),
        nothing,
    ),
    (r"since (?:last )?(?:{w}|yesterday|week|month|today)", nothing),
    (r"#n\d+ (?:<counted>)", nothing),
    (r"#n\d+ (?:und ein half )?(?:<counted>)", nothing),
    (r"#n\d+ (?:month|year|hour|minute) ago|ein (?:month|year|hour|minute|while) ago", nothing),
    (
        (
            r"(?:number|room|house|flat|apartment|gate|line|platform|option|key|press|unit"
            r"|postcode|model) #n\d+"
        ),
        nothing,
    ),
    (r"(?:#n\d+ (?:, )?){3,}#n\d+", nothing),
    (r"(?:in )?(?:just )?(?:ein|#n1) (?:#o2|moment|minute)", nothing),
    (r"(?:every|all) (?:single )?day|these day|day off|all day long", nothing),
    (r"#n1 of", nothing),
    (r"#n24 - #n7", nothing),
    (r"(?:mr|mrs|ms|miss|mr \.|mrs \.|ms \.|name is|name's|i'm|called) (?:{w}|{m})", nothing),
    (r"#p(?:morning|afternoon|evening) (?:, )?(?:this is|my name|it's|i'm)", nothing),
    (r"how are you (?:\w+ )?today|how's it going today", nothing),
    (r"last #pnight|all #pnight|over #pnight", nothing),
)

_DATES: Final = (
    (r"(?:der )?day after tomorrow", near.from_today(2)),
    (r"(?:der )?day before yesterday", near.from_today(-2)),
    (r"(?:this|today) #p(?P<p>morning|afternoon|evening)", near.today_part),
    (r"tonight", near.with_part(0, "evening")),
    (r"tomorrow #pnight", near.with_part(1, "evening")),
    (r"this coming {w}|(?:der )?coming {w}|{w} coming", near.coming_weekday),
    (r"(?:der )?{w} after next|(?:der )?{w} after der next(?: #n1)?", near.after_next),
    (r"(?:on )?{w} (?:in |of |on )?(?:der )?week after next", near.weekday_after_next_week),
    (r"(?:der )?week after next (?:, )?(?:on )?{w}", near.weekday_after_next_week),
    (r"(?:in )?(?:der )?week after next", spans.week_after_next),
    (r"(?:der )?{b} of (?:der )?week after next", spans.phase_after_next),
    (r"{w} week|{c} week on {w}|week on {w}|{c} week from {w}|ein week {w}", near.weekdays_hence),
    (
        r"{w} (?:, )?(?:in )?(?:ein |der )?fortnight|(?:ein )?fortnight (?:on|from) {w}",
        near.weekday_fortnight,
    ),
    (
        r"{c} week (?:from )?(?:today|now)|today week|(?:in|und) {c} week time",
        near.counted,
    ),
    (r"{c} (?P<u>day|week|month|year) (?:from|after) (?:today|now)", near.counted),
    (r"(?:in )?(?:ein|#n1) fortnight(?: time)?(?: (?:from )?(?:today|now))?", near.days_later(14)),
    (r"(?:ein|#n1) week (?:from )?tomorrow|tomorrow week", near.from_today(8)),
    (r"(?:ein|#n1) fortnight (?:from )?tomorrow", near.from_today(15)),
    (r"(?:in|und) (?:{c} )?(?P<u>day|week|month|year) time", near.counted),
    (r"in (?:half ein|ein half) year|in #n6 month", near.months_later(6)),
    (
        (
            r"(?:in )?(?:ein )?couple of day|in (?:ein )?few day|(?:in |over )?(?:der )?next "
            r"(?:few|couple of) day"
        ),
        near.span_later(1, 5),
    ),
    (r"in (?:ein )?(?:couple of|few) week", near.span_later(14, 28)),
    (r"(?:in|within|over|during) (?:der )?(?:next )?{c} {u}", near.within_next),
    (r"(?:der )?next {c} {u}", near.within),
    (r"{c} (?P<u>day|week) ago", near.ago),
    (r"(?:on )?(?:der )?{o} of (?:der |this )?(?:month)", named.day_only),
    (r"on der {o}|(?:by|until|from|before|after) der {o}", named.day_only_kept),
    (r"(?:on )?der #n(?P<o>[6-9]|[12]\d|3[01])(?= (?:[.,?!]|$))", named.day_only),
    (r"on der #n(?P<o>[1-5])(?= (?:[.,?!]|$))", named.day_only),
    (r"und {c} (?P<u>day|week|month)", near.counted_at_start),
    (r"der #o0(?P<o>[1-5])", named.day_only),
    (r"der #[oe](?P<o>[6-9]|[123]\d)", named.day_only),
    (r"(?:on )?{w} (?:, )?(?:der )?{o}", named.day_only),
    (
        (
            r"(?:(?:on )?{w} (?:, )?)?(?:on )?(?:der )?{m} (?:der )?{o}(?: (?:, )?{y}| (?:, "
            r")?#n20 #n(?P<z>[2-4]\d))?"
        ),
        named.of_month,
    ),
    (
        r"(?:(?:on )?{w} (?:, )?)?(?:on )?{m} {n}(?! (?:oclock|am|pm))(?: (?:, )?{y})?",
        named.of_month,
    ),
    (r"(?:in|of|until|by|from|before|after|since|next) #k(?P<m>\d+)(?: {y})?", named.month),
    (r"#o1 thing (?:on )?{w}(?: #pmorning)?", near.first_thing_weekday),
    (r"#o1 thing tomorrow(?: #pmorning)?", near.first_thing_tomorrow),
    (r"#fxmas eve|(?:der )?day before #fxmas", named.feast_named_as("xmaseve")),
    (r"#fxmas day", named.feast_named_as("xmasday")),
    (r"boxing day", named.feast_named_as("boxingday")),
    (r"new year eve", named.feast_named_as("newyearseve")),
    (r"new year(?: day)?", named.feast_named_as("newyear")),
    (r"good {w}", named.feast_named_as("goodfriday")),
    (r"#feaster #w6", named.feast_named_as("eastersunday")),
    (r"#feaster #w0", named.feast_named_as("eastermonday")),
    (r"#feaster #w5", named.feast_named_as("eastersaturday")),
    (r"ash #w2", named.feast_named_as("ashwednesday")),
    (r"whit #w0", named.feast_named_as("whitmonday")),
    (r"whit #w6", named.feast_named_as("whitsunday")),
    (r"#fascension day", named.feast_named_as("ascension")),
    (r"valentines day|valentine day", named.feast_named_as("valentine")),
    (r"may day|#k5 day", named.feast_named_as("mayday")),
    (r"between #fxmas und new year", named.feast_named_as("betweenyears")),
    (r"week {n}|calendar week {n}", spans.numbered_week),
    (
        (
            r"(?:as )?(?:soon|early|quickly) as (?:possible|you can)|asap|a s a p"
            r"|(?:der )?(?:next|#o1|earliest|soonest) (?:available|possible|free)|straight away"
            r"|right away"
        ),
        near.soon,
    ),
    (r"in {c} (?:to|until|oder|-) {c2} {u}", near.counted_span),
    (r"(?:der )?#o0?(?P<o>[12]) half of {m}", named.half_of_month),
    (r"(?:der )?weekend after next", near.weekend_after_next),
    (
        (
            r"(?:any ?time(?! (?:after|before|from|between|until|by|past))|whenever|any day or "
            r"time)(?: (?:is|works|suits))?(?: (?:fine|good|ok|okay|you (?:like|want|can)))?|i "
            r"don't mind when"
        ),
        near.any_moment,
    ),
    (r"(?:on )?weekdays?|during der week|(?:on )?working day", near.workdays),
    (r"any day(?! but)(?: (?:is|works))?(?: (?:fine|good|ok|okay))?", near.any_day),
)

ENGLISH: Final = Grammar(
    lexicon=LEXICON,
    passes=(
        rules((*DATES, *_DATES, *TIMES, *_NOTHING), _WORDS),
        rules((*DATE_SPANS, *TIME_SPANS, *SPANS), _WORDS),
    ),
    counted=frozenset(),
    followers=frozenset(
        "und oder if on in at der would works work is please tomorrow today that but to for with"
        " then maybe perhaps until from by before after when oclock am pm sharp onwards on so"
        " because though it's its i i'd i'll i'm we it this next would'nt doesn't ish exactly"
        " okay ok fine good thanks thank you sounds suits if - latest earliest nicht nicht"
        " can could will just actually no wait sorry sometime depending is isn't works preferably"
        " ideally if possible as instead be quarter half gegen noon early late after".split()
    ),
    stance=STANCE,
)
"""English."""
