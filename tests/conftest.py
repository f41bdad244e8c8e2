"""Settings of all tests."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings

from tests.postgresql import postgresql
from voice_agent.log import ForeignHandler

__all__ = ["postgresql"]  # one server, whichever tests ask for it

# Half of Hypothesis' usual number of examples: the unit tests take seconds, and run often. No
# deadline: a machine that is busy with something else is no fault of ours.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """What a command sets up to write to a test's standard error ends with the test."""
    yield
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers[:] = [each for each in root.handlers if not isinstance(each, ForeignHandler)]
