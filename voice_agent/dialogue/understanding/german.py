"""What the built-in understander listens for in German. Patterns see folded words."""

from __future__ import annotations

from typing import Final

from voice_agent.dialogue.commands import (
    Affirm,
    AskAgent,
    Cancel,
    Deny,
    Goodbye,
    Repeat,
    SendPrivacyLink,
    Slower,
    SwitchLanguage,
    Topic,
    Wait,
)
from voice_agent.dialogue.understanding.assent import ASSENT, any_of
from voice_agent.dialogue.understanding.phrases import Phrases, Spelling, phrase, whole

_MACHINE: Final = (
    r"(?:roboter|maschine|computer\w*|automat\w*|k ?i|bot|programm|sprach ?computer"
    r"|ansage|tonband|band|ai)"
)
_TONGUES: Final = (
    *(("tr", "turkisch"), ("ru", "russisch"), ("pl", "polnisch"), ("fr", "franzosisch")),
    *(("es", "spanisch"), ("it", "italienisch"), ("ar", "arabisch"), ("uk", "ukrainisch")),
    ("ro", "rumanisch"),
)

_TEXT: Final = r"(?:sms|s m s|kurz ?nachricht|text ?nachricht)"
_SEND: Final = (
    r"(?:(?:zu ?)?(?:schick|send)\w*|(?:zu|ver|ge)(?:schickt|sendet|sandt|schicken|senden))"
)

_YES: Final = any_of(ASSENT["de"].yes)
_NO: Final = any_of(ASSENT["de"].no)
_SOFT: Final = any_of(ASSENT["de"].soft)

GERMAN: Final = Phrases(
    rules=(
        (phrase(r"(?:das )?passt (?:mir )?(?:leider |gar |da )?nicht"), Deny()),
        (phrase(r"bestatig\w*"), Affirm()),
        (
            phrase(
                r"(?:vergessen sie|vergiss|vergesst|vergessen wir|lassen wir|lassen sie|lass)"
                r"(?: (?:es|das|mal|einfach|lieber|doch|ganze|alles|gut sein|bleiben|sein))+$",
                r"(?:vergessen sie's|vergessen wir's|vergiss's|lassen sie's|lassen wir's|lass's)",
                r"(?:ich )?(?:habe es|hab's|habe's|hab es) mir anders uberlegt",
                r"^(?:bitte )?(?:abbrechen|abbruch|brechen (?:sie|wir) (?:das |es )?ab)$",
            ),
            Cancel(),
        ),
        (
            phrase(
                r"auf wieder ?(?:horen|sehen|schauen)",
                r"wieder ?horen$",
                r"tschuss?(?:i|le)?$",
                r"tschus?s?\b",
                r"ciao|tschau|ade$|servus$|bis (?:dann|bald|spater"
                r"|zum nachsten mal)\b(?! \w+ (?:offen|auf))",
                r"(?:schonen|guten) (?:tag|abend) (?:noch|ihnen)|schon(?:en|es) (?:tag|abend"
                r"|wochenende)"
                r"|schones wochenende",
                r"(?:das war|das ist|das ware)(?: dann| auch| schon| soweit| jetzt| eigentlich)*"
                r" (?:alles|es|soweit|schon)$",
                r"das war'?s",
                r"(?:ich )?(?:lege|leg) (?:jetzt |dann )?auf$",
                r"mehr (?:brauche|wollte|will) ich nicht|mehr wars nicht",
                r"(?:nein |danke )*(?:sonst )?nichts (?:mehr|weiter|sonst)(?: danke)?$",
                r"keine (?:weiteren )?fragen(?: mehr)?",
            ),
            Goodbye(),
        ),
        (
            phrase(
                r"wie bitte",
                r"was (?:haben|hatten|hast) (?:sie|du) (?:da |gerade |eben )*gesagt",
                r"was sagten sie|^(?:entschuldigung )?(?:was|wie) war das(?: gerade| eben| noch"
                r"| nochmal)*$",
                r"wiederhol\w*",
                r"(?:sagen sie|sag|sagst du)(?: mir)? (?:das|es)(?: bitte| mir)? (?:noch|nochmal)",
                r"(?:konnen|konnten|wurden) sie (?:das|es) (?:bitte )?noch",
                r"noch ?(?:ein)?mal (?:bitte )?(?:sagen|horen|von vorn\w*)",
                r"nicht (?:ganz |so |richtig |gut |genau |akustisch )*"
                r"(?:verstanden|gehort|mitbekommen|mitgekriegt|verstehen)",
                r"^(?:was|ha|hae|bitte was|was bitte|wie war das|wie)(?: bitte)?$",
                r"^(?:bitte )?noch(?: ?ein)? ?mal(?: bitte)?$",
                r"akustisch",
            ),
            Repeat(),
        ),
        (
            phrase(
                rf"{_SEND}\b.*\b{_TEXT}\b",
                rf"{_TEXT}\b.*\b{_SEND}\b",
                rf"{_SEND}\b.*\b(?:datenschutz\w*|daten schutz\w*)",
                rf"(?:datenschutz\w*|daten schutz\w*)\b.*\b{_SEND}\b",
                rf"^(?:bitte |lieber )*(?:per|als|mit|in einer|via|eine) {_TEXT}(?: bitte)?$",
                rf"(?:bekomm\w*|krieg\w*|haben|hatte)\b.*\b(?:per|als|via) {_TEXT}\b",
            ),
            SendPrivacyLink(),
        ),
        (
            phrase(
                r"langsamer", r"nicht so schnell", r"zu schnell", r"(?:etwas|bisschen) langsam\w*"
            ),
            Slower(),
        ),
        (
            phrase(
                r"(?<!im )(?<!in einer )(?<!in einem )(?:moment(?:chen)?|augenblick|sekunde)\b"
                r"(?! (?:habe|brauche|keine))",
                r"^(?:nur )?eine minute(?: bitte)?$",
                r"^(?:bitte )?(?:stopp?|stop|halt)(?: (?:bitte|mal|stopp?|kurz))*$",
                r"(?:warten sie|warte|wart|bleiben sie)(?: \w+){0,2} (?:kurz|bitte|mal|moment"
                r"|dran)",
                r"^(?:warten sie|warte|wart|halt|stopp?)"
                r"(?: bitte| mal| halt| stopp?| warten sie)*$",
            ),
            Wait(),
        ),
        (
            phrase(
                r"^(?:bitte |auf |in |lieber )*(?:englisch|english)(?: bitte| please)?$",
                r"(?:sprech\w*|sprich\w*|red\w*|wechseln|umschalten|weiter|auf|in|lieber|switch"
                r"|speak|verstehen sie)\b.*\b(?:englisch|english)",
                r"(?:englisch|english) (?:sprech\w*|red\w*|bitte|please|weiter)",
            ),
            SwitchLanguage("en"),
        ),
        (
            phrase(
                r"^(?:bitte |auf |in |lieber )*(?:deutsch|german)(?: bitte| please)?$",
                r"(?:sprech\w*|sprich\w*|red\w*|wechseln|weiter|auf|speak)\b.*\b(?:deutsch|german)",
            ),
            SwitchLanguage("de"),
        ),
        *(
            (
                phrase(rf"(?:sprech\w*|sprich\w*|red\w*|auf|verstehen)\b.*\b{tongue}"),
                SwitchLanguage(code),
            )
            for code, tongue in _TONGUES
        ),
        (
            phrase(
                rf"(?:sind sie|bist du|ist das|ist da|seid ihr|sie sind)\b.*\b(?:{_MACHINE}|mensch"
                r"|person|echt|kunstliche intelligenz)\b",
                rf"(?:spreche|rede|telefoniere|bin) ich\b.*\b(?:{_MACHINE}|mensch(?:en)?|person)\b",
                rf"(?:habe|hab) ich\b.*\bmit (?:einem?r? )?{_MACHINE}\b",
                r"kunstliche intelligenz",
            ),
            AskAgent(Topic.ROBOT),
        ),
        (
            phrase(
                r"wer (?:sind sie|bist du|seid ihr|spricht|ist (?:da|dran|am apparat))",
                r"wie (?:heissen sie|heisst du|ist ihr name|war ihr name)",
                r"mit wem (?:spreche|rede|habe|telefoniere)",
                r"welche firma|wo bin ich (?:hier |da )?gelandet|bin ich (?:hier "
                r"|da )?(?:richtig )?bei\b(?! (?:ihnen|euch))",
            ),
            AskAgent(Topic.IDENTITY),
        ),
        (
            phrase(
                r"(?:meine[nr]?|unsere[nr]?|die|personlichen?) daten\b",
                r"(?:daten|angaben|informationen|gesprach|stimme)\b.*\b(?:gespeichert|abgespeichert"
                r"|gesichert|behalten|aufbewahrt|weitergegeben)",
                r"daten ?schutz\w*|dsgvo|widerruf\w*",
                r"(?:nehmen sie|nimmst du|wird|werde ich)\b.*\b(?:aufgenommen|aufgezeichnet"
                r"|gespeichert|mitgeschnitten|gesprach auf|das auf|mich auf)\b",
                r"(?:speichern|aufzeichnen|mitschneiden) sie|zeichnen sie\b.*\bauf$",
                r"(?:hort|horen)\b.*\b(?:jemand|wer|noch) mit\b|wer hort\b.*\b(?:mit|zu)\b",
            ),
            AskAgent(Topic.DATA),
        ),
        (
            phrase(
                r"was (?:konnen|kannst) (?:sie|du)(?: (?:alles|so|fur mich|mir|tun|machen|denn"
                r"|eigentlich|uberhaupt|sagen|beantworten))*$",
                r"^(?:wobei|womit|wie) (?:konnen|kannst) (?:sie"
                r"|du) (?:mir )?(?:\w+ )?(?:weiter ?)?helfen",
                r"^(?:konnen|kannst) (?:sie|du) mir (?:bitte )?(?:weiter ?)?helfen$",
                r"wofur sind sie (?:da|zustandig)",
                r"was kann ich (?:sie|dich) (?:alles )?fragen",
            ),
            AskAgent(Topic.ABILITIES),
        ),
        (
            phrase(
                r"(?:sonder|tages|winter|sommer)?angebote\b|sonder ?angebot\w*|im angebot",
                r"rabatt\w*|aktion(?:en|s\w*)?\b|gutschein\w*|werbung|newsletter|schnappchen",
            ),
            AskAgent(Topic.OFFERS),
        ),
    ),
    affirm=whole(_YES, _SOFT),
    deny=whole(_NO, _SOFT, r"schon gut", r"gut"),
    thank=whole(
        r"(?:(?:vielen|herzlichen|besten|lieben|tausend) )?dank(?:e(?: ?(?:schon|sehr))?)?"
        r"|sehr (?:nett|freundlich)(?: von ihnen)?",
        r"ihnen|dir|sehr|schon|super|prima|toll|nett|das ist|das war|alles klar|okay|ok|gut|ja|oh",
        r"fur (?:die|ihre) \w+",
    ),
    greet=whole(
        r"hallo|hi|hey|servus|moin|gruss (?:gott|sie|dich)|gruezi|guten? (?:tag|morgen|abend)"
        r"|ist (?:da|hier|denn|noch) (?:noch |da |denn )?(?:jemand|wer)(?: da| dran)?"
        r"|(?:horen sie|horst du) mich(?: noch)?|sind sie (?:noch )?(?:da|dran)",
        r"zusammen|schonen|ja",
    ),
    begins_yes=phrase(
        r"^(?:(?:ach|so|also|na|oh|aha) )*(?:ja(?:wohl)?|jo|jep|okay|ok|genau|stimmt|richtig|klar"
        r"|gerne?|naturlich|einverstanden|(?:das )?passt)\b"
    ),
    begins_no=phrase(r"^(?:(?:ach|ach so|also|na|oh|ja) )*(?:nein|nee|ne)\b", r"^lieber nicht"),
    asks=phrase(
        r"^(?:und |aber |ja |also |hallo |guten tag |danke |sagen sie |entschuldigung )*"
        r"(?:wann|wo|wohin|woher|was|wie|wieviel|wer|wem|welch\w+|warum|wieso|weshalb|wozu"
        r"|ab wann|bis wann|(?:zu|um|fur|in|an|bei|mit|von) (?:welch\w+|was|wem|wie)"
        r"|(?:haben|konnen|konnten|machen|bieten|verkaufen|reparieren|nehmen|sind|gibt|geht|ist|hat"
        r"|kann|darf|muss|bekomme|kostet|wissen|arbeiten|fuhren|kennen|wechseln|prufen|liefern"
        r"|wurden|verleihen|lagern|akzeptieren) (?:sie|es|ich|man|das|der|die|ein\w*|bei))\b",
        r"(?:ich )?(?:wurde|mochte|hatte|wollte)(?: \w+)? (?:gerne? )?(?:wissen|gewusst|fragen"
        r"|erfahren)",
    ),
    tells=phrase(
        r"^(?:also |und |ja )*(?:mein|meine|unser|unsere|der|die|das) (?:\w+ )?(?:\w*name|\w*nummer"
        r"|kennzeichen|adresse|anschrift|geburtsdatum|e|email|mail) (?:\w+ )?(?:ist|lautet|war)\b",
        r"^(?:also |und |ja )*ich (?:heisse|wohne)\b",
    ),
    new_clause=phrase(
        r"und (?:auch |dann |noch |ausserdem |bitte )*(?=(?:wann|wo|was|wie|wer|welch\w+|haben sie"
        r"|kann ich|konnen sie|gibt es|nehmen sie|machen sie)\b)",
        r"(?:ausserdem|und noch eine frage) ",
    ),
    spelling=Spelling(
        frozenset(
            """mitarbeiter mitarbeiterin menschen verbinden durchstellen weiterleiten
            weiterverbinden wiederholen langsamer moment augenblick englisch roboter computer termin
            termine vereinbaren absagen verschieben stornieren wiederhoren wiedersehen kundendienst
            kundenservice kollegen personlich datenschutz anweisungen administrator ansprechpartner
            beschweren zuruckrufen angebote angebot""".split()
        ),
        leave=frozenset({"kollege", "kollegin"}),
    ),
)
