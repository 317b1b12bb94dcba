"""Requests to the web pages without a socket: the application itself, called as a server calls it."""

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

from starlette.types import ASGIApp

HOST = "127.0.0.1:8765"


class Answer(NamedTuple):
    """An answer; a header that comes twice is its last."""

    status: int
    headers: Mapping[str, str]
    body: str


async def ask(
    app: ASGIApp,
    path: str,
    method: str = "GET",
    *,
    body: str = "",
    scheme: str = "http",
    client: str = "127.0.0.1",
    stays: str = "",
    **said: str,
) -> Answer:
    """Send a request whose headers are given by name, `_` for `-`, and return the whole answer.

    One who stays does not leave by itself, as a page does not leave a stream.
    """
    headers = {"host": HOST, **{name.replace("_", "-"): value for name, value in said.items()}}
    plain, _, query = path.partition("?")
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": scheme,
        "path": plain, "raw_path": plain.encode(), "query_string": query.encode(), "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": (client, 50_000), "server": ("127.0.0.1", 8765),
    }  # fmt: skip
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": body.encode(), "more_body": False}]

    async def receive() -> Any:
        if stays and not messages:
            await asyncio.Event().wait()
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    return Answer(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(part.get("body", b"") for part in sent[1:]).decode(errors="replace"),
    )
