from __future__ import annotations

from tests.radicale import radicale

__all__ = ["radicale"]
