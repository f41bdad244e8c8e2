"""An independent simulator of the carrier's media streams plays its scenarios against the server.

It signs nothing, so it rings the browser telephone's socket, where the notice plays inside the
stream. After a ``clear`` it drops pending marks instead of returning them, as a broken carrier
would: the call must go on all the same.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from streamdouble.chaos import Impairments
from streamdouble.protocol import StreamIdentity
from streamdouble.scenario import load
from streamdouble.session import Session, SessionConfig, SessionResult

from tests.service.server import Server

pytestmark = pytest.mark.integration

SCENARIOS = Path(__file__).parent / "scenarios"


async def play(server: Server, name: str, impairments: Impairments) -> SessionResult:
    """Open a call on the browser telephone and let the simulator be its caller."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.url}/phone/calls", json={"language": "de"})
    opened = answer.json()
    config = SessionConfig(
        custom_parameters={"token": opened["token"], "language": "de"},
        impairments=impairments,
        quiet_period_s=1.5,
        max_drain_s=6.0,
    )
    session = Session(
        f"{server.socket_url}/phone/media",
        scenario=load(SCENARIOS / f"{name}.yaml"),
        config=config,
        identity=StreamIdentity(call_sid=opened["call_id"]),
    )
    return await session.run()


@pytest.mark.parametrize("scenario", ["question", "interruption", "keys", "line_drops"])
@pytest.mark.parametrize(
    "line",
    [
        Impairments(),
        Impairments(loss=0.05, jitter_ms=40),
        Impairments(loss=0.2, latency_ms=150),
    ],
    ids=["good line", "bad line", "terrible line"],
)
async def test_every_scenario_meets_its_expectations(
    server: Server, scenario: str, line: Impairments
) -> None:
    """Framing, timing and protocol hold on a good line and with lost packets."""
    result = await play(server, scenario, line)
    assert result.expectations
    assert result.failed_expectations == [], result.violations
