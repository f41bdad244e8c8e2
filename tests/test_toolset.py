"""Who refuses in words, while the list does not take it."""

from __future__ import annotations

import pytest

from tests.runtime.virtual_time import in_virtual_time
from voice_agent.outbound.do_not_call import ToldBy
from voice_agent.runtime.metrics import Metrics
from voice_agent.runtime.records import RecordsUnavailable
from voice_agent.runtime.refusals import Refusals
from voice_agent.toolset import InWords

NUMBER = "+491723456789"


class SlowList:
    """A do-not-call list that is away for so many tries."""

    def __init__(self, faults: int) -> None:
        self.faults = faults
        self.added: list[tuple[str, ToldBy]] = []

    async def add(self, number: str, told_by: ToldBy) -> bool:
        if self.faults:
            self.faults -= 1
            raise RecordsUnavailable("no")
        self.added.append((number, told_by))
        return True


@in_virtual_time
async def test_c28_a_refusal_in_words_is_not_claimed_and_not_lost_while_the_list_is_away() -> None:
    listed = SlowList(2)
    refusals = Refusals(listed, Metrics())
    with pytest.raises(RecordsUnavailable):
        await InWords(refusals).stop(NUMBER)
    await refusals.settle()
    assert listed.added == [(NUMBER, ToldBy.WORDS)]
