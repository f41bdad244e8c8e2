"""What the console's tests share with others."""

from __future__ import annotations

from tests.service.conftest import hear

__all__ = ["hear"]  # a recogniser of the test's own
