"""The API's room: each operation of the table as a route, with its parameters, its page and its problems."""

import asyncio
import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from devices.plain import plain
from gateway.errors import BackflushError, Unavailable
from gateway.settings import Settings
from gateway.web.api.changes import CHANGES, ChangeDoor
from gateway.web.api.lists import cut, read_cursor
from gateway.web.api.openapi import describe
from gateway.web.api.operations import OPERATIONS, ReadOperation
from gateway.web.api.queries import Parameters
from gateway.web.api.question import Question, Tagged
from gateway.web.board import Board
from gateway.web.guard import Door, Endpoint
from gateway.web.ledger_reader import LedgerReader
from gateway.web.problems import API, TITLES, Problem

_MOST_TOLD: Final = 5


class Api:
    """The operations as routes."""

    def __init__(self, settings: Settings, board: Board, reader: LedgerReader, changes: ChangeDoor) -> None:
        self._settings = settings
        self._board = board
        self._reader = reader
        self._changes = changes
        self._one_file = asyncio.Semaphore(1)
        self._description = json.dumps(describe(OPERATIONS, CHANGES), ensure_ascii=False).encode()

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            *(
                Door(f"{API}{each.path}", "GET", each.need, self._serve(partial(self._answer, each)), each.reach)
                for each in OPERATIONS
            ),
            *(
                Door(f"{API}{each.path}", "POST", each.need, self._serve(partial(self._changes.make, each)), each.reach)
                for each in CHANGES
            ),
            Door(f"{API}/openapi.json", "GET", None, self._describe),
            Door("/problems/{code}", "GET", None, _explain),
        ]

    async def _describe(self, _: Request) -> Response:
        return Response(self._description, media_type="application/json")

    @staticmethod
    def _serve(work: Endpoint) -> Endpoint:
        async def serve(request: Request) -> Response:
            try:
                return await work(request)
            except Problem as problem:
                return problem.answer()
            except Unavailable as error:
                return Problem(503, str(error)).answer()
            except BackflushError as error:
                return Problem(400, str(error)).answer()

        return serve

    async def _answer(self, operation: ReadOperation, request: Request) -> Response:
        query = read_query(operation.query, request)
        path = request.url.path
        order, master = operation.order, self._reader.facts.master
        if order is not None and order.is_sealed:
            path += f"@{master.digest}"
        after = read_cursor(order, path, query) if order is not None else ()
        floor, visitor = self._board.floor, request.state.visitor
        if operation.make is not None:
            async with self._one_file:
                found: Any = await asyncio.to_thread(operation.make, self._settings)
        elif operation.read is None:
            assert operation.tell is not None
            found = operation.tell(floor, visitor)
        else:
            said = request.path_params, query, after
            asked = (master, self._settings, visitor, *said, time.time_ns() // 1000, self._board.silent)
            read = operation.read
            found = await self._reader.ask(lambda connection: read(Question(connection, *asked)))
        tag: dict[str, str] = {}
        if isinstance(found, Tagged):
            tag = {"etag": f'"{found.tag}"', "cache-control": "private, no-cache"}
            found = found.content
            if tag["etag"] in request.headers.get("if-none-match", ""):
                return Response(status_code=304, headers=tag)
        if isinstance(found, bytes):
            return Response(found, headers=tag, media_type=operation.media)
        if order is None:
            return JSONResponse(found, headers=tag)
        page = cut(found, order, path, query)
        return JSONResponse(page._asdict(), headers={**tag, **_link(request, page.next)})


def read_query(kind: type[Parameters], request: Request) -> Any:  # noqa: ANN401 - the type that is asked for
    """Read the parameters of a request; a Problem names each that is wrong."""
    said: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in said:
            raise Problem(400, f"{name[:40]}: expected once, got twice", errors=[{"field": name[:40], "text": "twice"}])
        said[name] = value
    try:
        return kind.model_validate(said)
    except ValidationError as error:
        raise _say(error) from error


def _link(request: Request, cursor: str | None) -> Mapping[str, str]:
    if cursor is None:
        return {}
    address = request.url.include_query_params(after=cursor)
    return {"link": f'<{address.path}?{address.query}>; rel="next"'}


def _say(error: ValidationError) -> Problem:
    """Return the problem of parameters: each that is wrong, and what was expected."""
    errors = [
        {"field": ".".join(str(part)[:40] for part in each["loc"]), "text": plain(each)}
        for each in error.errors(include_input=False, include_url=False)
    ]
    return Problem(400, "; ".join(f"{each['field']}: {each['text']}" for each in errors[:_MOST_TOLD]), errors=errors)


async def _explain(request: Request) -> Response:
    code = request.path_params["code"]
    if code not in TITLES:
        return Problem(404, f"there is no code {code[:40]!r}").answer()
    return JSONResponse({"code": code, "title": TITLES[code]})
