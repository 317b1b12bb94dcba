"""Problems: what a program is told instead of an answer, by RFC 9457, with the product's own codes.

    {"type": "/problems/BF5002", "title": "Already reversed", "status": 409, "code": "BF5002", "detail": ...}

A problem that the gateway has no code for has the type `about:blank`, and no code.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from devices.errors import Malformed
from gateway.errors import Reason

API: Final = "/api/v1"
AGAIN_S: Final = 5
"""The seconds after which a client may ask again for what is away."""
TITLES: Final[Mapping[str, str]] = {
    str(reason): reason.name.replace("_", " ").capitalize() for kinds in (Malformed, Reason) for reason in kinds
}


class Problem(Exception):
    """A problem that ends a request."""

    def __init__(
        self,
        status: int,
        detail: str,
        code: str = "",
        *,
        transaction: str = "",
        errors: Sequence[Mapping[str, str]] = (),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code
        self.transaction = transaction
        self.errors = errors

    @property
    def record(self) -> dict[str, Any]:
        """Return it as data."""
        named = {"type": f"/problems/{self.code}", "title": TITLES[self.code]} if self.code in TITLES else {
            "type": "about:blank", "title": HTTPStatus(self.status).phrase}  # fmt: skip
        also = {"code": self.code, "transaction": self.transaction, "errors": list(self.errors)}
        return {
            **named,
            "status": self.status,
            "detail": self.detail,
            **{name: value for name, value in also.items() if value},
        }

    def answer(self, headers: Mapping[str, str] | None = None) -> Response:
        """Make the answer."""
        again = {"retry-after": str(AGAIN_S)} if self.status in (HTTPStatus.TOO_MANY_REQUESTS, 503) else {}
        return JSONResponse(self.record, self.status, {**again, **(headers or {})}, "application/problem+json")


def is_program(request: Request) -> bool:
    """Return whether a request is for the API, not for a page."""
    return request.url.path.startswith(f"{API}/")


def refuse(request: Request, status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """Make a refusal: a problem for a program, a line of text for a page."""
    if is_program(request):
        return Problem(status, text, Reason.NOT_ALLOWED if status == HTTPStatus.FORBIDDEN else "").answer(headers)
    return PlainTextResponse(f"{text}\n", status, dict(headers or {}))
