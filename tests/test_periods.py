from __future__ import annotations

import pytest

from voice_agent.periods import period


@pytest.mark.parametrize(
    ("written", "german", "english"),
    [
        ("P3Y", "3 Jahre", "3 years"),
        ("P1Y6M", "1 Jahr 6 Monate", "1 year 6 months"),
        ("P30D", "30 Tage", "30 days"),
        ("PT72H", "72 Stunden", "72 hours"),
        ("PT30S", "30 Sekunden", "30 seconds"),
        ("P2W", "2 Wochen", "2 weeks"),
        ("PT0S", "sofort", "at once"),
        ("unlimited", "ohne zeitliche Grenze", "not ended by time"),
        ("until the call ends", "until the call ends", "until the call ends"),
        ("P", "P", "P"),
        ("PT", "PT", "PT"),
        ("", "", ""),
    ],
)
def test_a_period_is_told_in_words(written: str, german: str, english: str) -> None:
    assert (period(written, "de"), period(written, "en")) == (german, english)
