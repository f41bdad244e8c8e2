"""How German says dates and times."""

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
from voice_agent.dialogue.slots.moment_german_stance import STANCE
from voice_agent.dialogue.slots.moment_german_words import LEXICON
from voice_agent.dialogue.slots.moment_grammar import nothing, rules

_WORDS: Final = {
    "counted": "day|week|month|year|hour|minute|sekunden?|mal|euro|cent|prozent|km|kilometer|meter"
    "|liter|kilo|reifen|stuck|personen|leute|autos?|grad|ps|jahrig|jahriger|zoll|karten",
    "um": "at|gegen|so gegen|so at|punkt|at punkt|genau at|schon at|erst at",
}

_NOTHING: Final = (
    (r"gute[nr]? (?:morgen|day|#p\w+)", nothing),
    (r"schone[nr]? (?:day|#p\w+|weekend)", nothing),
    (r"seit (?:#[neo]\d+|ein|(?:ein )?paar|viele[nr]?|half) (?:<counted>)", nothing),
    (r"before (?:#[ne]\d+|ein|(?:ein )?paar|half) (?:month|year|hour|minute)", nothing),
    (r"#[ne]\d+ (?:und ein half )?(?:<counted>)", nothing),
    (
        (
            r"(?:hausnummer|nummer|zimmer|linie|postleitzahl|plz|baujahr|golf|taste|gleis|halle) "
            r"#[ne]\d+"
        ),
        nothing,
    ),
    (r"(?:#n\d+ (?:, )?){3,}#n\d+", nothing),
    (r"(?:strasse|str|weg|platz|allee|gasse) #[ne]\d+", nothing),
    (r"zu (?:#pdawn|#plate)", nothing),
    (r"(?:herrn?|frau|familie|heisse|namens|name ist) (?:{w}|{m})", nothing),
    (r"morgen (?:[,.!] )?(?:hier|mein name|ich heisse|spreche)", nothing),
    (
        (
            r"(?:rufe?|melde|wende|wollte|mochte|frage) (?:\w+ )?today (?:\w+ )?(?:on|mich|fragen"
            r"|nachfragen)"
        ),
        nothing,
    ),
    (r"seit (?:today|yesterday|{w}|morgen|{m})", nothing),
    (r"der (?:ganze|ganzen|volle) (?:day|week)", nothing),
    (r"uber #pnight", nothing),
    (r"#[oe]1 (?:mal|reifen)", nothing),
    (r"until (?:#plate|dann|gleich|bald|late)", nothing),
)

_DATES: Final = (
    (r"morgen", near.from_today(1)),
    (r"today (?:morgen|in der #pdawn|#pdawn)", near.with_part(0, "morning")),
    (r"morgen (?:morgen|in der #pdawn|#pdawn)", near.with_part(1, "dawn")),
    (r"overmorrow morgen", near.with_part(2, "morning")),
    (r"{w} morgen", near.weekday_morning),
    (r"vorgestern|before yesterday", near.from_today(-2)),
    (r"uberubermorgen", near.from_today(3)),
    # An article or a preposition makes a date of an ordinal.
    (r"(?:on|zum|from|until (?:zum )?|ab|seit) (?:der )?{o}", named.day_only),
    (r"(?:der #[oe]|#o)(?P<o>[6-9]|[123]\d)", named.day_only),
    (r"{w} (?:, )?(?:der )?{o}", named.day_only),
    (
        r"(?:{w} (?:, )?)?(?:on |der |from ){0,3}{o} {o2}(?: {y}| #n(?P<z>[2-4]\d)(?! uhr))?",
        named.of_month,
    ),
    (
        (
            r"(?:{w} (?:, )?)?(?:on|der|from|zum|until|ab) (?:der )?{o} {n2}(?! uhr)(?= (?:at"
            r"|gegen|,|\.|@|und|$))"
        ),
        named.of_month,
    ),
    (
        (
            r"(?:{w} (?:, )?)?(?:on|der|from|zum|until|ab|after|before) (?:der "
            r")?#q(?P<v>(?:[12]?\d|3[01]|0\d)\.(?:0?\d|1[0-2]))(?! uhr)"
        ),
        named.dotted,
    ),
    (r"(?:in )?(?:der )?{o} kw|kw {n}", spans.numbered_week),
    (r"in ein half year|in #n6 month", near.months_later(6)),
    (r"in ein quarter year", near.months_later(3)),
    (
        (
            r"in (?:der )?(?:next|coming) (?:paar )?day|in (?:ein )?paar day|(?:der )?(?:next"
            r"|coming) (?:paar )?day"
        ),
        near.span_later(1, 5),
    ),
    (r"in (?:ein )?paar week", near.span_later(14, 28)),
    (r"in {c} (?:until|oder|-|,) {c2} {u}", near.counted_span),
    (r"within (?:from |der ){0,3}(?:next )?{c} {u}", near.within),
    (r"within (?:from )?#o\d+ {u}", nothing),
    (r"{o} monthhalf {m}|(?:der )?{o} halfte (?:in |der |from ){0,3}{m}", named.half_of_month),
    (r"in (?:der )?(?:next|coming) (?:paar )?week", near.span_later(0, 21)),
    (r"(?:in )?(?:der )?(?:next|coming) {c} {u}", near.within),
    (r"before {c} (?P<u>day|week)", near.ago),
    (
        r"between der year|between #fweihnachten und #fnewyear(?:seve)?",
        named.feast_named_as("betweenyears"),
    ),
    (r"(?:on )?(?:der )?(?:#[oe]1 )weihnachts(?:feier)?tag", named.feast_named_as("xmasday")),
    (r"(?:on )?(?:der )?(?:#[oe]2 )weihnachts(?:feier)?tag", named.feast_named_as("boxingday")),
    (r"(?:on )?day der arbeit", named.feast_named_as("mayday")),
    (r"(?:on )?day der deutschen einheit|(?:on )?einheitstag", named.feast_named_as("unity")),
    (r"heilige[rn]? #n3 konige", named.feast_named_as("epiphany")),
    (r"(?:heilige[rn]?) #pevening", named.feast_named_as("xmaseve")),
    (r"(?:in |der ){0,3}monthweek {m}", named.month),
    (r"(?:in )?(?:der )?(?:{o}|last) monthweek {m}", spans.nth_week),
    (
        (
            r"(?:so (?:#pdawn|bald|schnell) wie (?:moglich|es geht)|moglichst (?:bald|schnell)"
            r"|schnellstmoglich(?:e[nr])?|nachstmoglich(?:e[nr])?|fruhestmoglich(?:e[nr])?|sofort"
            r"|(?:der )?(?:next|#o1) (?:frei|moglich|verfugbar)e[nr]?|baldmoglichst|asap|so bald "
            r"es geht)"
        ),
        near.soon,
    ),
    (
        (
            r"(?:egal|gleich|jederzeit|wurscht|wurst) (?:wann|welcher day)|wann (?:ist|ware)(?: "
            r"mir)? egal|jederzeit|(?:ist|ware) (?:mir )?(?:vollig |ganz |eigentlich )?egal wann"
            r"|wann (?:sie|es) (?:wollen|mochten|passt|geht|konnen)"
        ),
        near.any_moment,
    ),
    (r"(?:on )?werktags?|(?:on )?werktagen|(?:on )?wochentags|unter der week", near.workdays),
    (r"in (?:anderthalb|eineinhalb) week", near.from_today(10)),
    (r"morgen in {c} {u}", near.counted_from(1)),
    (
        (
            r"(?:on )?welche[rmn] day(?: ist)?(?: mir)? egal|egal (?:on )?welche[rmn] day"
            r"|(?:der )?day ist(?: mir)? egal|(?:on )?irgend(?: ein|ein(?:em|en|er)?) day"
            r"|irgendwann(?! (?:so|between|after|before|ab|from|in|on|at|gegen|next|this))"
            r"|jede[nr] day"
        ),
        near.any_day,
    ),
)

_MINUTES: Final = r"#[ne](?P<i>00|10|15|20|30|40|45|50)"
"""Minutes that are said after an hour without "Uhr"."""

_TIMES: Final = (
    (r"#[ne](?P<h>\d{1,3}) uhr", t.at_clock),
    (r"ein uhr", t.at_clock),
    # What the recogniser writes for "um zehn Uhr".
    (r"(?:um)?sehen uhr", t.exactly(10)),
    (
        (
            r"#[ne](?P<h>\d{1,3}) uhr(?: (?:und )?#[ne](?P<i>\d{1,2})(?! (?:<counted>|uhr|until"
            r"|-))(?: minute)?)?"
        ),
        t.at_clock,
    ),
    (r"ein uhr(?: (?:und )?#[ne](?P<i>\d{1,2})(?! (?:<counted>|uhr))(?: minute)?)?", t.at_clock),
    (r"(?:#c(?P<v>\d+:\d+))(?: uhr| h)?", t.at_digits),
    (r"#q(?P<v>\d+\.\d+) (?:uhr|h)|(?:<um>|ab|between) #q(?P<v>\d+\.\d+)", t.at_digits),
    (r"{h} h(?: {i})?", t.at_clock),
    (rf"(?:<um>) {{h}} {_MINUTES}", t.at_pair),
    (rf"{{h}} {_MINUTES}", t.at_pair),
    (r"#q(?P<v>\d+\.\d+)", t.dotted),
    (r"<um> #n(?P<v>(?:[01]?\d|2[0-3])[0-5]\d)(?: uhr)?", t.at_block),
    (r"#n(?P<v>(?:[01]\d|2[0-3])[0-5]\d) uhr", t.at_block),
    (r"half {h}(?: uhr)?", t.to_hour(30)),
    (r"(?:#n3 quarter|threequarter|#S3/4) {h}(?: uhr)?", t.to_hour(15)),
    (r"(?:quarter|#S1/4) {h}(?: uhr)?", t.to_hour(45)),
    (r"#S1/2 {h}(?: uhr)?", t.to_hour(30)),
    (r"(?:ein )?(?:quarter|#S1/4) before {h}(?: uhr)?", t.to_hour(15)),
    (r"(?:ein )?(?:quarter|#S1/4) (?:after|uber) {h}(?: uhr)?", t.past_hour(15)),
    (r"(?:kurz|knapp) before #pnoon", t.around_noon(15, 0)),
    (r"(?:kurz|knapp) after #pnoon", t.around_noon(0, 15)),
    (r"{i}(?: minute)? before half {h}(?: uhr)?", t.minutes_to_half),
    (r"{i}(?: minute)? after half {h}(?: uhr)?", t.minutes_past_half),
    (r"{i}(?: minute)? before {h}(?: uhr)?", t.minutes_to),
    (r"{i}(?: minute)? after {h}(?: uhr)?", t.minutes_past),
    (r"(?:between|from) (?:at )?{x} (?:uhr )?(?:und|until|-) (?:at )?{x2}(?: uhr)?", parts.between),
    (r"mitternacht", t.exactly(0)),
    (
        r"high ?noon|<um> #pnoon|#n12 uhr #pnoon",
        t.exactly(12),
    ),
    (r"(?:<um>) mitternacht", t.exactly(0)),
    (r"in (?:gegen )?{c} hour", t.hours_counted),
    (r"in (?:gegen )?{c} minute", t.minutes_later),
    (r"in ein half hour", t.minutes_fixed(30)),
    (r"in ein quarter hour|in ein viertelstunde", t.minutes_fixed(15)),
    (r"in ein(?:er)? dreiviertelstunde|in ein threequarter hour", t.minutes_fixed(45)),
    (r"in (?:anderthalb|eineinhalb) hour", t.minutes_fixed(90)),
    (r"in (?:zweieinhalb|zweienhalb) hour", t.minutes_fixed(150)),
    (r"in (?:dreieinhalb) hour", t.minutes_fixed(210)),
    (
        (
            r"(?:der )?uhrzeit (?:ist |ware )?(?:mir |uns )?(?:vollig |ganz |eigentlich )?(?:egal"
            r"|gleich)|egal (?:at )?(?:wieviel|wie viel|welche) (?:uhr|uhrzeit)|zu jeder "
            r"uhrzeit|der ganze[nr]? day|ganztags|ganztagig|irgendeine uhrzeit"
        ),
        t.any_time,
    ),
    (r"after (?:der )?(?:feierabend|arbeit|dienst)", parts.span_from(17)),
    (r"before (?:der )?arbeit", parts.span_until(9)),
    (r"in (?:der )?mittagspause|uber #pnoon", parts.within(12, 14)),
    (r"after (?:der )?(?:mittagessen|mittagspause)", parts.span_from(13)),
    (
        (
            r"(?:gleich|direkt) (?:#pdawn|#pmorning|in der #pdawn)|als #[oe]1(?:es)?|gleich als "
            r"#[oe]1|ganz #pdawn|in aller #pdawn|in aller herrgottsfruhe|(?:gleich )?(?:wenn"
            r"|sobald) sie (?:aufmachen|offnen)|gleich (?:zu|at) (?:beginn|offnung)"
        ),
        parts.first_thing,
    ),
    (r"(?:in |on |der ){0,3}(?:(?P<e>early|late) )?{p}", parts.part),
    (r"on morgen|in der morgen|(?:on )?(?P<e>early|late) morgen", parts.named_part("morning")),
    (r"before #pnoon", parts.named_part("morning")),
    (r"after #pnoon", parts.named_part("afternoon")),
    (
        r"(?:ganz )?(?:#plate|zum schluss|kurz before (?:schluss|feierabend|ladenschluss))",
        parts.within(16, 18),
    ),
)

_SPANS: Final = (
    (r"from {x} auf (?:at )?{x2}(?: uhr)?", parts.moved),
    (
        r"(?:erst )?(?:ab|fruhestens|fruhestens ab|ab fruhestens) (?:on |der |zum ){0,3}{d}",
        spans.onwards,
    ),
    (r"(?:until )?spatestens (?:until )?(?:on |der |zum ){0,3}{d}", spans.until),
    (r"{d} fruhestens", spans.onwards),
    (r"{d} spatestens", spans.until),
    (r"(?:<um>) {x}(?: uhr)?", t.bare),
    (r"(?:<um>) {x} (?:oder|und) (?:at |gegen |so ){0,3}{x2}(?: uhr)?", t.pair),
    (r"@T(?P<x>\d+) oder (?:at |gegen |so |erst ){0,3}{x2}(?: uhr)?", t.pair),
    (r"#[ne](?P<x_h>\d{1,2}) oder (?:at |gegen |so ){0,3}@T(?P<x2>\d+)", t.pair),
    (r"(?:so )?(?:gegen|so gegen) (?:at )?{x}", t.confident(t.APPROXIMATE)),
    (r"(?:so )?(?:at|gegen) {x} (?:herum|rum|gegen)", t.confident(t.APPROXIMATE)),
    (r"(?:kurz|knapp) before {x}", parts.shortly_before),
    (r"(?:kurz|knapp) after {x}", parts.shortly_after),
    (
        (
            r"(?:ab|fruhestens|nicht before|erst ab|fruhestens ab|fruhestens at|erst after|erst "
            r"at|irgendwann after|irgendwann ab|after|from) (?:at )?{x}(?: uhr)?(?: on)?"
        ),
        parts.onwards,
    ),
    (
        (
            r"(?:until|before|spatestens|until spatestens|nicht after|irgendwann "
            r"before|noch before|nicht #plate als|nicht late als|maximal until) (?:at |until "
            r")?{x}(?: uhr)?"
        ),
        parts.until,
    ),
    (
        r"(?:between|from|so between) (?:at )?{x} (?:uhr )?(?:und|until|-) (?:at )?{x2}(?: uhr)?",
        parts.between,
    ),
    (r"{x} (?:uhr )?(?:until|-) {x2} uhr", parts.between),
    (r"@T(?P<x>\d+) (?:until|-) {x2}(?: uhr)?", parts.between),
    (r"ab {x} (?:uhr )?(?:until|-) {x2}(?: uhr)?", parts.between),
    (r"#[ne](?P<x_h>\d{1,2})(?P<x>) (?:until|-) @T(?P<x2>\d+)", parts.between),
    (r"(?:after|ab) (?:der )?{s}", parts.after_part),
    (r"(?:before|until) (?:der |zum )?{s}", parts.before_part),
)

GERMAN: Final = Grammar(
    lexicon=LEXICON,
    passes=(
        rules((*DATES, *_DATES, *_TIMES, *_NOTHING), _WORDS),
        rules((*DATE_SPANS, *TIME_SPANS, *_SPANS), _WORDS),
    ),
    counted=frozenset(
        "day week month year hour minute sekunde sekunden mal euro cent prozent km kilometer meter"
        " liter kilo reifen stuck personen leute auto autos grad ps zoll karten wochig tagig"
        " jahrig jahrige jahriger weitere andere ganze volle".split()
    ),
    followers=frozenset(),
    stance=STANCE,
)
"""German."""
