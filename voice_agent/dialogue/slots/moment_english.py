"""How English says dates and times, British and American."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots import dates_named as named
from voice_agent.dialogue.slots import dates_near as near
from voice_agent.dialogue.slots import dates_spans as spans
from voice_agent.dialogue.slots import times_said as t
from voice_agent.dialogue.slots import times_spans as parts
from voice_agent.dialogue.slots.moment_common import (
    DATE_SPANS,
    DATES,
    TIME_SPANS,
    Grammar,
)
from voice_agent.dialogue.slots.moment_english_stance import STANCE
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
    (r"{w} (?:in )?(?:ein )?fortnight|(?:ein )?fortnight (?:on|from) {w}", near.weekday_fortnight),
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
    (r"(?:der )?#o(?P<o>[12]) half of {m}", named.half_of_month),
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

_HOUR: Final = r"#n(?P<h>0?\d|1\d|2[0-4])"
_CLEAR: Final = r"#n(?P<i>10|15|20|25|30|35|40|45|50|55)"

_FIVES: Final = r"#n(?P<i>5|10|20|25)"

_TIMES: Final = (
    (r"#n(?P<h>\d{1,2}) (?:oclock|o clock)", t.at_clock),
    (r"#n(?P<h>\d{1,2}) #n(?P<i>\d{1,2}) (?:oclock|hour)", t.at_clock),
    (r"#c(?P<v>\d+:\d+)(?: (?:oclock|hour))?", t.at_digits),
    (r"(?:<at>|on|between|after|before|until|from) #q(?P<v>\d+\.\d+)", t.at_digits),
    (r"#q(?P<v>\d+\.\d+)", t.at_digits),
    (rf"half (?:past |pass |after )?{_HOUR}(?: oclock)?", t.past_hour(30)),
    (rf"(?:ein )?quarter (?:past|pass|after) {_HOUR}(?: oclock)?", t.past_hour(15)),
    (rf"(?:ein )?quarter (?:to|of|before|until) {_HOUR}(?: oclock)?", t.to_hour(15)),
    (rf"{{i}}(?: minute)? (?:past|pass|after) {_HOUR}(?: oclock)?", t.minutes_past),
    (rf"(?:<at> )?{_FIVES}(?: minute)? (?:to|until) {_HOUR}(?: oclock)?", t.minutes_to),
    # What the recogniser writes for "at ten to five".
    (rf"<at> {_FIVES} - {_HOUR}", t.minutes_to),
    (rf"(?:<at> )?{{i}} minute (?:to|before|until) {_HOUR}(?: oclock)?", t.minutes_to),
    (rf"(?:<at> )?{_FIVES} before {_HOUR}(?: oclock)?", t.minutes_to),
    (rf"(?:<at> )?{_FIVES} of {_HOUR} oclock", t.minutes_to),
    (r"(?:between|from) {x} (?:oclock )?(?:und|to|until|-) {x2}(?: oclock)?", parts.between),
    (r"{h} (?:to|until|-) {h2}(?: oclock)?", parts.hours),
    (r"(?:between |from )?{h} (?:to|until|-|und) {h2} (?P<a>am|pm)", parts.hours_half),
    (r"half (?:past|after) noon", t.exactly(12, 30)),
    (r"(?:ein )?quarter (?:past|after) noon", t.exactly(12, 15)),
    (r"(?:#n12 )?noon|#n12 (?:oclock )?(?:at )?noon|high noon", t.exactly(12)),
    (r"(?:#n12 )?midnight", t.exactly(0)),
    (r"(?:#n0|oh|o) #n(?P<h>[1-9]) {i}", t.at_early),
    (r"(?:#n0|oh|o) #n(?P<h>[1-9]) hundred(?: hour)?", t.at_early),
    (r"#n(?P<h>1\d|2[0-3]|[1-9]) hundred hour", t.at_early),
    (r"(?:<at> )?#n(?P<h>1[0-9]|2[0-3]) hundred", t.at_early),
    (r"#n(?P<v>(?:[01]\d|2[0-3])[0-5]\d) hour", t.at_block),
    (r"(?:<at>|after|before) #n(?P<v>0?\d[0-5]\d|1\d[0-5]\d|2[0-3][0-5]\d)", t.at_block),
    (
        rf"(?:<at>|after|before|until|between|from|@D\d+) {_HOUR} (?:oh|o) #n(?P<i>[1-9])",
        t.at_clock,
    ),
    (rf"{_HOUR} (?:oh|o) #n(?P<i>[1-9])", t.at_clock),
    (rf"{_HOUR} {_CLEAR}", t.at_pair),
    (rf"{_HOUR} (?:oclock )?(?:in der|at) {{p}}", t.hour_and_part),
    (rf"(?:<at>) {_HOUR} #n(?P<i>[1-5]\d)", t.at_pair),
    (r"(?:<at> )?#n(?P<h>\d{1,2}) (?P<a>am|pm)", t.at_half),
    (r"(?:<at> )?#n(?P<h>\d{1,2}) #n(?P<i>\d{1,2}) (?P<a>am|pm)", t.at_half),
    (rf"(?:<at> )?{_HOUR} (?:oh|o) #n(?P<i>\d) (?P<a>am|pm)", t.at_half),
    (r"(?:<at> )?#c(?P<v>\d+:\d+) (?P<a>am|pm)", t.digits_half),
    (r"(?:<at> )?#q(?P<v>\d+\.\d+) (?P<a>am|pm)", t.digits_half),
    (r"(?:<at> )?#n(?P<v>\d?\d[0-5]\d) (?P<a>am|pm)", t.block_half),
    (r"(?:<at> )?#n(?P<h>\d{1,2}) oclock (?P<a>am|pm)", t.at_half),
    (r"in (?:gegen )?{c} hour", t.hours_counted),
    (r"in (?:{c} )?hour time", t.hours_counted),
    (r"(?:in|und) ein hour und ein half|in #n1 und ein half hour", t.minutes_fixed(90)),
    (r"in {c} (?:hour )?und ein half(?: hour)?", t.hours_and_half),
    (r"in half ein hour|in ein half hour", t.minutes_fixed(30)),
    (r"in (?:ein )?quarter of ein hour|in (?:ein )?quarter hour", t.minutes_fixed(15)),
    (r"in #n3 quarter of ein hour", t.minutes_fixed(45)),
    (r"in (?:gegen )?{c} minute(?: time)?", t.minutes_later),
    (
        (
            r"any time of (?:der )?day|time doesn't matter|whatever time|(?:der )?time (?:is"
            r"|isn't) (?:nicht )?important"
        ),
        t.any_time,
    ),
    (r"after (?:work|office hour)", parts.span_from(17)),
    (r"before work", parts.span_until(9)),
    (r"after (?:my )?#pnoon", parts.span_from(13)),
    (r"before (?:my )?#pnoon", parts.span_until(12)),
    (r"(?:at |over |gegen |during )?(?:my )?#pnoon", parts.named_part("noon")),
    (
        (
            r"#o1 thing(?: in der #pmorning)?|bright und early|(?:right )?when you open|as soon "
            r"as you open"
        ),
        parts.first_thing,
    ),
    (
        r"(?:very )?early in der #pmorning|(?:in der )?early #pmorning|early on",
        parts.named_part("dawn"),
    ),
    (r"(?:in der |at |during der |der )?(?:(?P<e>early|late) )?(?:in der )?{p}", parts.part),
    (r"(?P<e>early|late) in der {p}", parts.part),
    (
        r"(?:der )?end of (?:der )?(?:day|working day)|late in der day|close of (?:business|play)",
        parts.within(16, 18),
    ),
    (r"later today", near.from_today(0)),
)

_SPANS: Final = (
    (r"(?:<at>) {x}(?: oclock)?", t.bare),
    (r"(?:<at>) {x} (?:oder|und) (?:maybe |perhaps |at |gegen ){0,3}{x2}", t.pair),
    (r"@T(?P<x>\d+) oder (?:maybe |perhaps |at |gegen ){0,3}{x2}", t.pair),
    (r"gegen (?:at )?{x}", t.confident(t.APPROXIMATE)),
    (r"{x} ish", t.confident(t.APPROXIMATE)),
    (r"(?:just|shortly|bit|ein bit|ein little|soon) after {x}", parts.shortly_after),
    (r"(?:just|shortly|bit|ein bit|ein little) before {x}", parts.shortly_before),
    (
        (
            r"(?:any ?time |some ?time )?(?:after|from|past|nicht before|no (?:earlier|sooner) than"
            r"|at der earliest|later than) (?:at )?{x}(?: on| onwards| onward)?"
        ),
        parts.onwards,
    ),
    (r"{x} oder later|{x} at der earliest|{x} onwards", parts.onwards),
    (
        (
            r"(?:any ?time |some ?time )?(?:before|until|by|nicht after|nicht later than|no later "
            r"than|at der latest by|latest by|earlier than) {x}(?: at der latest)?"
        ),
        parts.until,
    ),
    (r"{x} at der latest|{x} oder earlier", parts.until),
    (r"(?:between|from) {x} (?:oclock )?(?:und|to|until|-) {x2}(?: oclock)?", parts.between),
    (r"@T(?P<x>\d+) (?:to|until|-) {x2}", parts.between),
    (r"#n(?P<x_h>\d{1,2}) (?:to|until|-) @T(?P<x>\d+)", parts.hour_to_time),
    (
        (
            r"(?:nicht before|no earlier than|from|starting|(?:any ?time )?from) (?:on )?{d}(?! "
            r"to)(?: on| onwards| onward)?"
        ),
        spans.onwards,
    ),
    (r"{d} (?:onwards|onward|oder later|at der earliest)", spans.onwards),
    (r"(?:any ?time |some ?time )?(?:by|no later than|nicht after|until) (?:on )?{d}", spans.until),
    (r"{d} (?:oder (?:earlier|before)|at der latest)", spans.until),
)

ENGLISH: Final = Grammar(
    lexicon=LEXICON,
    passes=(
        rules((*DATES, *_DATES, *_TIMES, *_NOTHING), _WORDS),
        rules((*DATE_SPANS, *TIME_SPANS, *_SPANS), _WORDS),
    ),
    counted=frozenset(),
    followers=frozenset(
        "und oder if on in at der would works work is please tomorrow today that but to for with"
        " then maybe perhaps until from by before after when oclock am pm sharp onwards on so"
        " because though it's its i i'd i'll i'm we it this next would'nt doesn't ish exactly"
        " okay ok fine good thanks thank you sounds suits if - latest earliest nicht nicht"
        " can could will just actually no wait sorry sometime depending is isn't works preferably"
        " ideally if possible as instead be".split()
    ),
    stance=STANCE,
)
"""English."""
