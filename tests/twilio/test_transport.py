"""What happens below a request; the requests themselves are in ``test_client``."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from aiohttp import web

from voice_agent.twilio.transport import NotProcessed, Transport

pytestmark = pytest.mark.integration

API = "https://api.dublin.ie1.twilio.com"


@pytest.fixture
async def echo() -> AsyncIterator[str]:
    """Base URL of a server that tells what it was asked, in the fields that are passed on."""

    async def answer(request: web.Request) -> web.Response:
        said = {
            "sid": request.path_qs,
            "status": f"{request.method} {await request.text()}",
            "from": "+4930222222",
        }
        return web.json_response(said)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield "http://{}:{}".format(*runner.addresses[0])
    await runner.cleanup()


@pytest.fixture
def full() -> Iterator[str]:
    """Base URL of a server whose queue is full: connecting to it takes for ever."""
    with contextlib.ExitStack() as sockets:
        server = sockets.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield "http://{}:{}".format(*server.getsockname())


async def test_only_scheme_and_host_are_replaced(echo: str) -> None:
    transport = Transport(echo)
    answer = await transport.request("POST", f"{API}/a/b.json?c=d", data={"To": "x y"})
    await transport.close()
    assert answer.status_code == 200
    assert answer.text == '{"sid": "/a/b.json?c=d", "status": "POST To=x+y"}'


async def test_a_connection_that_never_comes_about_has_sent_nothing(full: str) -> None:
    """So it is safe to ask again, unlike after a request that was not answered."""
    transport = Transport(full, timeout=0.2)
    with pytest.raises(NotProcessed):
        await transport.request("POST", f"{API}/a")
    await transport.close()


@pytest.mark.parametrize("url", ["", "twilio.example", "ftp://a.example", "http://", "http://a/b"])
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        Transport(url)


async def test_a_transport_that_was_never_used_closes(echo: str) -> None:
    await Transport(echo).close()
