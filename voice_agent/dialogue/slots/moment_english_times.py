"""How English says times of day, and spans of dates and times."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.slots import dates_near as near
from voice_agent.dialogue.slots import dates_spans as spans
from voice_agent.dialogue.slots import times_said as t
from voice_agent.dialogue.slots import times_spans as parts

_HOUR: Final = r"#n(?P<h>0?\d|1\d|2[0-4])"
_CLEAR: Final = r"#n(?P<i>10|15|20|25|30|35|40|45|50|55)"

_FIVES: Final = r"#n(?P<i>5|10|20|25)"

TIMES: Final = (
    (r"#n(?P<h>\d{1,2}) (?:oclock|o clock)", t.at_clock),
    (r"#n(?P<h>\d{1,2}) #n(?P<i>\d{1,2}) (?:oclock|hour)", t.at_clock),
    (r"#c(?P<v>\d+:\d+)(?: (?:oclock|hour))?", t.at_digits),
    (r"(?:<at>|on|between|after|before|until|from) #q(?P<v>\d+\.\d+)", t.at_digits),
    (r"#q(?P<v>\d+\.\d+)", t.dotted_time),
    (rf"half (?:past |pass |after )?{_HOUR}(?: oclock)?", t.past_hour(30)),
    (rf"(?:ein )?quarter (?:past|pass|after) {_HOUR}(?: oclock)?", t.past_hour(15)),
    (rf"(?:ein )?quarter (?:to|of|before|until) {_HOUR}(?: oclock)?", t.to_hour(15)),
    (rf"{{i}}(?: minute)? (?:past|pass|after) {_HOUR}(?: oclock)?", t.minutes_past),
    (rf"(?:<at> )?{_FIVES}(?: minute)? (?:to|until) {_HOUR}(?: oclock)?", t.minutes_to),
    # What the recogniser writes for "ten to five".
    (rf"(?:<at> )?{_FIVES} - {_HOUR}", t.minutes_to),
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
    (r"#n(?P<v>0[5-9][0-5]\d)", t.block_alone),
    (r"#n(?P<v>\d?\d[0-5]\d) (?:on der dot|sharp)", t.at_block),
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

"""Times of day."""

SPANS: Final = (
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
"""Spans, once dates and times are known."""
