"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# Half of Hypothesis' usual number of examples: the unit tests take seconds, and run often.
settings.register_profile("quick", max_examples=50)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
