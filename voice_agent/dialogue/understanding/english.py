"""What the built-in understander listens for in English. Patterns see folded words."""

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

_MACHINE: Final = r"(?:robots?|machines?|computers?|bots?|ai|a i|program|recording|automat\w*)"
_TONGUES: Final = {
    "tr": "turkish",
    "ru": "russian",
    "pl": "polish",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
    "ar": "arabic",
    "uk": "ukrainian",
    "ro": "romanian",
}
_TEXT: Final = r"(?:sms|text(?: message)?)"
_YES: Final = any_of(ASSENT["en"].yes)
_NO: Final = any_of(ASSENT["en"].no)
_SOFT: Final = any_of(ASSENT["en"].soft)

ENGLISH: Final = Phrases(
    rules=(
        (phrase(r"(?:doesn't|does not|won't) (?:work|suit)"), Deny()),
        (phrase(r"(?:i|i can|i would like to|i'd like to) confirm"), Affirm()),
        (
            phrase(
                r"never ?mind|(?:forget|leave|drop|skip) (?:it|about it|the whole thing)$",
                r"(?:i've|i have) changed my mind|(?:don't|do not) bother$",
                r"^(?:please )?(?:abort|stop it|let's stop(?: this)?|let's leave it)(?: there)?$",
            ),
            Cancel(),
        ),
        (
            phrase(
                r"good ?bye|bye(?: bye)?\b|see you|so long$|have a (?:nice|good|great) \w+",
                r"(?:that was|that's|that is|that'll be|that will be) (?:all|it|everything)\b",
                r"nothing (?:else|more)|no (?:more|further|other) questions|i'm done|we're done"
                r"|i am done",
                r"i(?:'ll| will)? hang up",
            ),
            Goodbye(),
        ),
        (
            phrase(
                r"pardon|(?:say|repeat)\b.*\b(?:again|once more)|repeat\w*|come again",
                r"what did you (?:just )?say|what was that|i beg your",
                r"(?:didn't|did not|don't|couldn't|could not|can't)(?: \w+)? (?:catch|hear"
                r"|understand"
                r"|get) (?:that|it|you|what)",
                r"(?:didn't|did not) (?:understand|get that|catch that)",
                r"^(?:what|sorry|excuse me|huh|again|once more|one more time)(?: please)?$",
            ),
            Repeat(),
        ),
        (
            phrase(
                rf"(?:send|text|forward|give|get|have|want|like)\b.*\b(?:by|via|as|in|through) "
                rf"(?:an? )?{_TEXT}\b",
                rf"(?:send|forward|give|get) (?:me|us) (?:\w+ ){{0,3}}?{_TEXT}\b",
                r"text (?:me|us|that|it|this)\b",
                r"(?:send|text|forward)\b.*\b(?:privacy|data protection)\b",
                rf"^(?:by|via|as) (?:an? )?{_TEXT}(?: please)?$",
            ),
            SendPrivacyLink(),
        ),
        (phrase(r"slower|slow down|more slowly|too fast|not so fast|speak slowly"), Slower()),
        (
            phrase(
                r"(?:one|a|just a|give me a|wait a|hang on a) (?:moment|second|sec|minute|mo)\b"
                r"(?! ago)",
                r"(?:hold|hang) on\b|hold the line|bear with me|let me (?:just )?(?:check|look"
                r"|see)\b",
                r"^(?:please )?(?:wait|stop|hold)(?: (?:please|it|a bit|stop|wait|now))*$",
            ),
            Wait(),
        ),
        (
            phrase(
                r"^(?:in |auf |please )*(?:german|deutsch)(?: please| bitte)?$",
                r"(?:speak|talk|switch|continue|in|auf|sprech\w*|sprich\w*|to)\b.*\b(?:german"
                r"|deutsch)",
                r"(?:german|deutsch) (?:please|bitte|sprechen)",
            ),
            SwitchLanguage("de"),
        ),
        (
            phrase(
                r"^(?:in |please )*(?:english|englisch)(?: please)?$",
                r"(?:speak|talk|switch|continue|in)\b.*\benglish",
            ),
            SwitchLanguage("en"),
        ),
        *(
            (phrase(rf"(?:speak|talk|in|understand)\b.*\b{tongue}"), SwitchLanguage(code))
            for code, tongue in _TONGUES.items()
        ),
        (
            phrase(
                rf"(?:are you|is this|is that|is it|you are|you're|am i (?:talking"
                rf"|speaking) (?:to|with)"
                rf"|do i (?:talk|speak) (?:to|with))\b.*\b(?:{_MACHINE}|human|person|real"
                r"|artificial|somebody|someone)\b",
                r"artificial intelligence",
            ),
            AskAgent(Topic.ROBOT),
        ),
        (
            phrase(
                r"who (?:are you|is this|is that|is speaking|am i (?:talking|speaking))",
                r"what(?:'s| is) your name|which company|who do i (?:speak|talk)",
            ),
            AskAgent(Topic.IDENTITY),
        ),
        (
            phrase(
                r"(?:my|our|personal|the) (?:data|information|details)\b",
                r"data protection|privacy|gdpr|withdraw\w*|consent",
                r"(?:are you|is this|am i|is the)\b.*\b(?:record\w*|stored?|storing|taped)\b",
                r"(?:do you|will you) (?:record|store|save|keep)\b.*\b(?:call|conversation|voice|me"
                r"|this)|(?:is )?anyone (?:else )?listening|who(?: else)?(?: is|'s) listening",
            ),
            AskAgent(Topic.DATA),
        ),
        (
            phrase(
                r"what (?:can|could) (?:you|i) (?:do|ask|help|tell)(?: \w+){0,3}$",
                r"(?:how|what) can you help|what are you for|can you help me$",
            ),
            AskAgent(Topic.ABILITIES),
        ),
        (
            phrase(
                r"(?:special )?offers?\b|discounts?|vouchers?|promotions?|advert\w*|newsletter"
                r"|deals?\b"
            ),
            AskAgent(Topic.OFFERS),
        ),
    ),
    affirm=whole(_YES, _SOFT),
    deny=whole(_NO, _SOFT),
    thank=whole(
        r"(?:many )?thanks|thank you|cheers|thx|(?:that's|that is|that was) (?:very )?(?:kind"
        r"|helpful)",
        r"so much|very much|a lot|very kind|great|okay|ok|good|perfect|oh|yes|for (?:your|the) \w+",
    ),
    greet=whole(
        r"hello|hi|hey|good (?:morning|afternoon|evening|day)|greetings"
        r"|(?:is )?(?:anybody|anyone|somebody|someone) there|are you (?:still )?there"
        r"|can you hear me",
        r"there|yes",
    ),
    begins_yes=phrase(
        r"^(?:(?:oh|well|ah|so) )*(?:yes|yeah|yep|sure|okay|ok|right|correct|exactly|of course"
        r"|that works)\b"
    ),
    begins_no=phrase(r"^(?:(?:oh|well|ah|so) )*(?:no|nope|nah)\b"),
    asks=phrase(
        r"^(?:and |but |so |yes |hello |hi |thanks |sorry |excuse me |please )*"
        r"(?:when|where|what|what's|how|who|which|why|until when|tell me|can you tell"
        r"|(?:do|does|did|can|could|is|are|have|has|will|would|may|must|should) (?:you|i|we|it"
        r"|there"
        r"|the|they|your|an?|that|this|my)|(?:in|at|on|to|for|from) (?:which|what))\b",
        r"(?:i'd|i would|i want|i wanted) (?:like )?(?:to )?(?:know|ask)",
    ),
    tells=phrase(
        r"^(?:and |so |well |yes )*(?:my|our|the) (?:\w+ )?(?:name|number|address|email|mail|plate"
        r"|registration|birthday) is\b",
        r"^(?:and |so |well |yes )*i live\b",
    ),
    new_clause=phrase(
        r"and (?:also |then )?(?=(?:when|where|what|how|who|which|do you|can i|can you|is there"
        r"|are there|are you)\b)",
        r"also (?=(?:when|where|what|how|do you|can i|is there)\b)",
    ),
    spelling=Spelling(
        frozenset(
            """operator representative receptionist appointment cancel reschedule goodbye repeat
            german instructions administrator complain customer
            discount somebody connect transfer""".split()
        ),
        leave=frozenset({"cancels", "repeats", "customers", "connected", "connects"}),
    ),
)
