"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.postgresql import postgresql

__all__ = ["postgresql"]  # one server, whichever tests ask for it

# Half of Hypothesis' usual number of examples: the unit tests take seconds, and run often.
settings.register_profile("quick", max_examples=50)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
