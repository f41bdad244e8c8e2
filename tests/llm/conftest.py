from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.llm.server import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that says what a test wants."""
    with serving() as running:
        yield running
