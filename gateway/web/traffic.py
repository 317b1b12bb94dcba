"""Traffic: every answer of the web process is counted, and told in the log if it is of use there.

    refused    warning    a right is missing, or the request comes from a foreign page
    failed     error      a fault of the program
    change     info       any other request that may change something
    request    debug      the rest

A line names the route's template, never an address with its query, nor a body or cookie. Its id is the trace id of the
sender (`traceparent`) if there is one, stands in the answer as `X-Request-Id`, and goes to the gateway with a request.
"""

import logging
import secrets
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.service.traces import TRACEPARENT, trace_in
from gateway.web.meters import REQUEST_S, REQUESTS, STREAMS

log = logging.getLogger("backflush.web")
TRACE: ContextVar[tuple[str, str]] = ContextVar("TRACE")
"""Trace id and flags of the request that is answered, which go to the gateway with what it asks."""

_SAFE: Final = frozenset({"GET", "HEAD"})
_FAILED: Final = 500
_MOST_TEXT: Final = 200


def watch(app: ASGIApp, routes: Mapping[object, str]) -> ASGIApp:
    """Wrap an application; `routes` are the templates by the endpoints that answer them."""

    async def answer_watched(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        began_s = time.perf_counter()
        headers = Headers(scope=scope)
        request_id, flags = trace_in(headers.get(TRACEPARENT)) or (secrets.token_hex(16), "00")
        TRACE.set((request_id, flags))
        is_stream = False

        async def send_watched(message: Message) -> None:
            nonlocal is_stream
            if message["type"] == "http.response.start":
                said = MutableHeaders(scope=message)
                said["x-request-id"] = request_id
                is_stream = said.get("content-type", "").startswith("text/event-stream")
                STREAMS.inc(is_stream)
                route = routes.get(scope.get("endpoint"), "")
                _note(_Answered(request_id, scope, headers, route, message["status"], time.perf_counter() - began_s))
            await send(message)

        try:
            await app(scope, receive, send_watched)
        finally:
            STREAMS.dec(is_stream)

    return answer_watched


class _Answered(NamedTuple):
    """A request and the begin of its answer."""

    id: str
    scope: Scope
    headers: Headers
    route: str
    """Empty: there is none at this address."""
    status: int
    seconds: float


def _note(answered: _Answered) -> None:
    route, status, state = answered.route, answered.status, answered.scope.get("state", {})
    REQUESTS.labels(route, str(status)).inc()
    REQUEST_S.labels(route).observe(answered.seconds)
    why, method = state.get("why", ""), answered.scope["method"]
    if why:
        event, level = "refused", logging.WARNING
    elif status == _FAILED:
        event, level = "failed", logging.ERROR
    else:
        event, level = (
            ("request", logging.DEBUG) if method in _SAFE or route.endswith("/preview") else ("change", logging.INFO)
        )
    if not log.isEnabledFor(level):
        return
    visitor, client = state.get("visitor"), answered.scope.get("client")
    transaction = answered.headers.get("idempotency-key") or state.get("form", {}).get("transaction", "")
    fields: dict[str, Any] = {
        "event": event,
        "request_id": answered.id,
        "method": method,
        "route": route,
        "status": status,
        "ms": round(answered.seconds * 1000, 1),
        "actor": f"{visitor.kind}:{visitor.name}" if visitor is not None else "",
        "remote": client[0] if client else "",
        "transaction": transaction[:_MOST_TEXT],
    }
    # The route is a part of the cause by which repeated lines are held back: one of them hides no other.
    text = f"{event}: {method if route else 'a request'} {route or 'to no route'} for %s at %s: %d in %.1f ms%s"
    told = fields["actor"] or "no account", fields["remote"], status, fields["ms"], f", {why}" if why else ""
    log.log(level, text, *told, extra={"fields": fields})
