"""``/console/calls/{call}``: one call as it happens, and what an operator does with it."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

from fastapi import APIRouter, Request, Response

from voice_agent.console.looks import Looks
from voice_agent.console.message import MessageRefused, read
from voice_agent.console.overview_routes import MOST_STREAMS, streaming
from voice_agent.console.ports import CSRF_HEADER, Guard
from voice_agent.console.role import Operator, Right
from voice_agent.console.streams import Streams, everything
from voice_agent.console.texts import Words, spoken
from voice_agent.console.tile import named
from voice_agent.console.view import Renderer, as_json
from voice_agent.live.command import MOST_TEXT, Answer, Command, Outcome, Verb
from voice_agent.live.ports import LiveUnavailable

_CALL: Final = re.compile(r"[0-9a-f]{32}")

_PRESSED: Final = frozenset(Verb) - {Verb.GONE}
"""What a page may ask; that it is gone is told by whoever misses it."""


def add_calls(router: APIRouter, streams: Streams, guard: Guard, renderer: Renderer) -> None:
    """Add the addresses of one call."""
    places = asyncio.Semaphore(MOST_STREAMS)
    board, looks = streams.board, Looks(guard)

    @router.get("/calls/{call}")
    async def view(call: str, request: Request) -> Response:
        operator = await guard.operator(request, Right.READ_WORDS)
        # A call that has just ended can still be told of, by its events.
        if not _CALL.fullmatch(call):
            return renderer.trouble("nowhere", operator.language, 404, operator)
        await looks.page(operator, call)
        sight = await board.now()
        seen = everything(sight, Words(spoken(operator.language)), operator)
        shown = next((each for each in seen["calls"] if each["call"] == call), None)
        return renderer.page(
            "call",
            operator.language,
            operator,
            call=call,
            tile=shown,
            seen=seen,
            most_text=MOST_TEXT,
        )

    @router.get("/calls/{call}/events")
    async def events(call: str, request: Request) -> Response:
        operator = await guard.operator(request, Right.READ_WORDS, by_itself=True)
        if not _CALL.fullmatch(call):
            return as_json({"error": "nowhere"}, 404)
        await looks.stream(operator, call)
        return streaming(streams.call(operator, call), places)

    @router.post("/calls/{call}/commands")
    async def command(call: str, request: Request) -> Response:
        csrf = request.headers.get(CSRF_HEADER, "")
        # Nobody's message is read who may not see the call; which right it needs stands in it.
        operator = await guard.operator(request, Right.READ_WORDS)
        fields = await read(request, {"id": str, "verb": str, "text": str})
        verb = _verb(fields["verb"])
        operator = await guard.changing(request, await _right(call, verb, operator), csrf)
        order = _command(call, verb, operator, fields)
        await guard.note(operator, f"call.{verb}", call)
        try:
            answer = await board.live.send(order)
        except LiveUnavailable:
            answer = Answer(Outcome.UNANSWERED)
        sight = await board.now()
        words = Words(spoken(operator.language))
        name = named(answer.holder, words, sight.names, operator.account)
        return as_json({"outcome": answer.outcome, "holder": answer.holder, "name": name})

    async def _right(call: str, verb: Verb, operator: Operator) -> Right:
        """What a command needs: ending a call one does not hold needs more."""
        if verb is Verb.ERASE:
            return Right.ERASE
        if verb is Verb.END:
            held = (await board.now()).calls.get(call)
            if held is None or held.holder != operator.account:
                return Right.END_ANY
        return Right.TAKE_OVER


def _verb(name: str) -> Verb:
    if name not in _PRESSED:
        raise MessageRefused("form")
    return Verb(name)


def _command(call: str, verb: Verb, operator: Operator, fields: dict[str, str]) -> Command:
    if len(fields["text"]) > MOST_TEXT:
        raise MessageRefused("text_long")
    try:
        return Command(
            id=fields["id"],
            call=call,
            operator=operator.account,
            name=operator.name,
            verb=verb,
            text=fields["text"],
            senior=operator.may(Right.END_ANY),
            issued_at=time.time(),
        )
    except ValueError:
        raise MessageRefused("text") from None
