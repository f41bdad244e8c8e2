from __future__ import annotations

import io
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog

from tests.twilio.carrier import Carrier
from tests.twilio.house import House, opened
from tests.twilio.rung_up import RungUp, ringing
from voice_agent import log


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as house:
        yield house


@pytest.fixture
async def carrier(house: House) -> AsyncIterator[Carrier]:
    async with Carrier(house) as carrier:
        yield carrier


@pytest.fixture
async def call(house: House) -> AsyncIterator[RungUp]:
    """A call that we make."""
    async with ringing(house) as call:
        yield call


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Everything production would have logged."""
    root = logging.getLogger()
    handlers, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    stream = io.StringIO()
    log.configure(production=True, stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.raiseExceptions = raising
    structlog.reset_defaults()
