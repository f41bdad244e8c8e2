"""What Twilio means when it does not ring somebody up: its codes, as its error dictionary says.

The number (``INVALID_NUMBER``): 21201 no number, 21211 and 21217 not valid, 21214 not reachable,
13223 wrong form, 13224 not supported, 13226 no such country. The number, for us (``NOT_ALLOWED``):
13225 forbidden, 13227 and 21215 no permission for this country, 21216 blocked, 21219 and 573005 not
verified, of a trial account, 32224 blocked by the law of its country. For now (``TOO_FAST``): 20429
and HTTP 429 too many requests, 10004 and 86008 too many calls at once; Twilio did not process them.
For all (``STOP``): 10001, 20005 and 90010 account not active, out of credit too, 10002 a trial's
limits, 10005 calls disabled, 20003, 20006, 20008, 20101, 20104, 70051 and HTTP 401 and 403
sign-in, 21210, 21212, 21213, 21606 and 573002 our own number, 20001, 21200, 21202, 21203, 21205,
21218 and 21609 our request. Whatever else it refuses it refuses for all: pausing does no harm, and
ringing up everybody once with a request that is wrong uses up their attempts.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from voice_agent.errors import CarrierError
from voice_agent.runtime.dialling import DiallingError, Meaning
from voice_agent.twilio.transport import NotProcessed

INVALID_NUMBER: Final = frozenset({13223, 13224, 13226, 21201, 21211, 21214, 21217})
NOT_ALLOWED: Final = frozenset({13225, 13227, 21215, 21216, 21219, 32224, 573005})
TOO_FAST: Final = frozenset({10004, 20429, 86008})


def meaning_of(refused: CarrierError) -> DiallingError:
    """What follows from a request to ring somebody up that failed.

    An answer of 500 and above leaves open whether the telephone rings: the code in it does not
    matter.

    Args:
        refused: how it failed.
    """
    return DiallingError(_meaning(refused), refused.carrier_code)


def _meaning(refused: CarrierError) -> Meaning:
    code = refused.carrier_code
    if refused.may_have_happened:
        return Meaning.UNKNOWN
    if refused.status == HTTPStatus.TOO_MANY_REQUESTS or code in TOO_FAST:
        return Meaning.TOO_FAST
    if isinstance(refused, NotProcessed):
        return Meaning.AWAY
    if code in INVALID_NUMBER:
        return Meaning.INVALID_NUMBER
    if code in NOT_ALLOWED:
        return Meaning.NOT_ALLOWED
    return Meaning.STOP
