"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

from tests.postgresql import postgresql

__all__ = ["postgresql"]  # one server, whichever tests ask for it

# Half of Hypothesis' usual number of examples: the unit tests take seconds, and run often. No
# deadline: a machine that is busy with something else is no fault of ours.
settings.register_profile("quick", max_examples=50, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
