"""How often something of the portal may be tried."""

from __future__ import annotations

from typing import Final

from limits import RateLimitItemPerDay, RateLimitItemPerMinute

FROM_ADDRESS: Final = RateLimitItemPerMinute(10, namespace="portal-address")
"""Links and sessions tried from one address."""

FROM_ALL: Final = RateLimitItemPerMinute(300, namespace="portal-all")
"""Wrong links and sessions from everywhere. A right one never comes here, so strangers who guess
shut nobody out."""

CODES_TRIED: Final = RateLimitItemPerMinute(10, namespace="portal-code")
"""One-time codes tried in one session."""

CODES_SENT: Final = RateLimitItemPerDay(3, namespace="portal-sent")
"""One-time codes sent to one number, by its pseudonym."""
