from __future__ import annotations

import pytest

from tests.phone.fake_agent import FakeAgent, serving
from voice_agent.errors import CarrierError
from voice_agent.phone.onlooker import observe

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("call", ["nonsense", "CA1"])
async def test_what_the_server_does_not_show_is_an_error(call: str) -> None:
    async with serving(FakeAgent()) as url:
        with pytest.raises(CarrierError, match="404"):
            await anext(observe(url, call))


async def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(CarrierError, match="ConnectError"):
        await anext(observe("http://127.0.0.1:9", "CA1"))
