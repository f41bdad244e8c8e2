from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from tests.privacy.portal_house import FORM
from voice_agent.runtime.form import FormRefused, read


def request(messages: list[Message]) -> Request:
    """A request whose body arrives in these messages, and then no further."""

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await asyncio.Event().wait()
        raise AssertionError("nothing ever comes")

    headers = [(b"content-type", FORM.encode())]
    return Request({"type": "http", "method": "POST", "headers": headers}, receive)


async def test_a_form_that_does_not_arrive_in_time_is_refused() -> None:
    part: Message = {"type": "http.request", "body": b"session=", "more_body": True}
    with pytest.raises(FormRefused) as refusal:
        await read(request([part]), ("session",), limit=0.01)
    assert refusal.value.status == 408


async def test_a_form_that_is_broken_off_is_refused_quietly() -> None:
    with pytest.raises(FormRefused):
        await read(request([{"type": "http.disconnect"}]), ("session",))
