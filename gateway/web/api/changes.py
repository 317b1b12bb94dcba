"""The changes: each operation is a request to the gateway, which judges what it says.

`Idempotency-Key` is the request's transaction: the same request again changes nothing, and gets its first answer.
"""

import json
import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final, Literal, NamedTuple, cast
from urllib.parse import quote

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.errors import BackflushError, Reason, UsageError
from gateway.sections import Verb
from gateway.service.fold import forms
from gateway.web.api.imports import DecisionForm, FileForm, check_upload, decide
from gateway.web.asking import SCOPE_OF, Asking, GatewayAnswer, VisitorRequest, describe_unsent
from gateway.web.guard import read_body
from gateway.web.orders import add_order, change_order
from gateway.web.preview import Previews
from gateway.web.problems import AGAIN_S, API, Problem
from gateway.web.rights import Need, Reach, Scope, Visitor
from gateway.web.uploads import Uploads

KEY: Final = "idempotency-key"
KEY_FORM: Final = "^[!-.0-~]{1,200}$"
"""A name without blanks, and without the slash that would part an address."""
_LONGEST_BODY: Final = 4 << 20
_IN_WISH: Final = ("plant", "line", "reason")


class ChangeOperation(NamedTuple):
    """A request as an operation: its address below `/api/v1`, its verb, and the form of its data."""

    path: str
    summary: str
    verb: Verb
    form: Any
    """A type, of `service.fold.forms` unless it is an import."""
    fixed: Callable[[Mapping[str, str]], Mapping[str, Any]] = lambda _: {}
    """Gives the data that the address says."""
    is_placed: bool = False
    """Whether plant and line are said beside the data."""
    scope: Scope | None = None
    """The right that it needs; None: that of its verb."""
    shape: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    """Makes the data of the request of what is said."""
    is_preview: bool = False
    """Whether nothing is posted: it shows what would be."""
    of_upload: Literal["", "check", "import"] = ""
    """Whether a file is checked, which is its body, or one that was checked is imported."""

    @property
    def need(self) -> Need:
        """The right that it needs."""
        return self.scope or SCOPE_OF[self.verb]

    @property
    def reach(self) -> Reach:
        """The least that an account has to see."""
        return "all" if self.of_upload else "lines"

    @property
    def is_made(self) -> bool:
        """Whether it changes anything, once for its key."""
        return not (self.is_preview or self.of_upload == "check")


def _period(*, closed: bool) -> Callable[[Mapping[str, str]], Mapping[str, Any]]:
    return lambda said: {"period": said["period"], "closed": closed}


class OrderForm(BaseModel):
    """The columns of a planned order."""

    order: forms.Text
    plant: forms.Text = ""
    line: forms.Text = ""
    material: forms.Text = ""
    version: forms.Text = ""
    start: forms.Text = ""
    finish: forms.Text = ""
    quantity: forms.Text = ""


class OrderChangeForm(OrderForm):
    """Those that change; `seen` is the row as it was seen, or some of its columns."""

    closed: forms.Text = ""
    seen: dict[forms.Text, forms.Text] = {}


class OrderCloseForm(BaseModel):
    """The order that is closed."""

    order: forms.Text
    seen: dict[forms.Text, forms.Text] = {}


def _device(op: str, said: Mapping[str, str]) -> Mapping[str, Any]:
    return {"op": op, "new" if op == "adopt" else "old": said["device"]}


CHANGES: Final = (
    ChangeOperation("/documents", "Post by hand", "post", forms.PostForm, is_placed=True),
    ChangeOperation(
        "/documents/preview",
        "What a posting by hand would post",
        "post",
        forms.PostForm,
        is_placed=True,
        is_preview=True,
    ),
    ChangeOperation(
        "/documents/{document}/reversal",
        "Reverse a document, or a part of it",
        "reverse",
        forms.ReverseForm,
        lambda said: {"document": said["document"]},
    ),
    ChangeOperation(
        "/reversals", "Reverse the newest units of a version", "reverse", forms.ReverseForm, is_placed=True
    ),
    ChangeOperation("/lines/{plant}/{line}/run", "Begin a run", "run-start", forms.RunStartForm),
    ChangeOperation("/lines/{plant}/{line}/run/stop", "End the run", "run-stop", forms.RunStopForm),
    ChangeOperation(
        "/lines/{plant}/{line}/window/close",
        "Post all counted pieces that are still open",
        "window-close",
        forms.WindowCloseForm,
    ),
    ChangeOperation("/lines/{plant}/{line}/hold", "Hold the worklist back", "hold", forms.HoldForm),
    ChangeOperation("/lines/{plant}/{line}/release", "Release the worklist", "release", forms.HoldForm),
    ChangeOperation("/worklist/work", "Post the worklist", "work", forms.WorkForm, is_placed=True),
    ChangeOperation(
        "/backlog/retry", "Issue what is there by now", "backlog-retry", forms.BacklogRetryForm, is_placed=True
    ),
    ChangeOperation(
        "/backlog/{document}/{item}/correct",
        "Correct a backlog record",
        "backlog-correct",
        forms.CorrectionForm,
        lambda said: {"record": f"{said['document']}/{said['item']}"},
    ),
    ChangeOperation("/backlog/close", "Close backlog records without an issue", "backlog-close", forms.RecordsForm),
    ChangeOperation(
        "/quarantine/replay",
        "Post entries whose cause is mended",
        "quarantine-replay",
        forms.QuarantineForm,
        is_placed=True,
    ),
    ChangeOperation(
        "/quarantine/dismiss",
        "Settle entries without posting",
        "quarantine-dismiss",
        forms.QuarantineForm,
        is_placed=True,
    ),
    ChangeOperation(
        "/periods/{plant}/{period}/close", "Close a posting period", "period", forms.PeriodForm, _period(closed=True)
    ),
    ChangeOperation(
        "/periods/{plant}/{period}/open",
        "Open a posting period again",
        "period",
        forms.PeriodForm,
        _period(closed=False),
    ),
    ChangeOperation("/orders", "Add a planned order", "import", OrderForm, scope="plan", shape=add_order),
    ChangeOperation(
        "/orders/change", "Change a planned order", "import", OrderChangeForm, scope="plan", shape=change_order
    ),
    ChangeOperation(
        "/orders/close",
        "Close a planned order",
        "import",
        OrderCloseForm,
        lambda _: {"closed": "yes"},
        scope="plan",
        shape=change_order,
    ),
    *(
        ChangeOperation(
            f"/devices/{{device}}/{op}",
            summary,
            "devices",
            forms.DevicesForm,
            partial(_device, op),
            is_placed=op == "adopt",
        )
        for op, summary in (
            ("adopt", "Take a device into the master data"),
            ("replace", "Put new hardware in the place of a device"),
            ("disable", "Hold the messages of a device back"),
            ("enable", "Let its messages count again"),
        )
    ),
    ChangeOperation("/masterdata/check", "What importing a file would change", "import", FileForm, of_upload="check"),
    ChangeOperation(
        "/masterdata/imports", "Import a file that was checked", "import", DecisionForm, of_upload="import"
    ),
)


class ChangeDoor:
    """Has changes made, and shows what they would post."""

    def __init__(self, asking: Asking, previews: Previews, uploads: Uploads) -> None:
        self._asking = asking
        self._previews = previews
        self._uploads = uploads

    async def make(self, which: ChangeOperation, request: Request) -> Response:
        """Have a change made, and return its answer; a Problem if it is refused."""
        if which.of_upload == "check":
            return JSONResponse(await check_upload(self._uploads, request))
        wish = await read_wish(which, request)
        if which.is_preview:
            return await self._preview(request.state.visitor, wish)
        if which.of_upload:
            return answer_with(await decide(self._uploads, request.state.visitor, wish))
        try:
            known = await self._asking.find(wish.transaction)
        except BackflushError as error:
            text = describe_unsent(error)
            raise Problem(503, text, Reason.NOT_STORED, transaction=wish.transaction) from error
        answer = await self._asking.ask(request.state.visitor, wish)
        return answer_with(answer, {"idempotent-replay": "true"} if known is not None and known == answer else {})

    async def _preview(self, visitor: Visitor, wish: VisitorRequest) -> Response:
        wish, refused = await self._asking.judge(visitor, wish)
        if refused is not None:
            return answer_with(refused)
        try:
            shown = await self._previews.show(self._asking.request_of(visitor, wish))
        except UsageError as error:
            raise Problem(422, str(error), Reason.BAD_COMMAND) from error
        if shown["status"] != "ok":
            return answer_with(GatewayAnswer("", "error", shown["code"], shown["text"], {}))
        return JSONResponse({name: value for name, value in shown.items() if name != "standard"})


def answer_with(answer: GatewayAnswer, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer of the gateway; a Problem if it is a refusal."""
    status = answer.http_status
    if answer.status == "error":
        raise Problem(status, answer.text, answer.code, transaction=answer.transaction)
    if status == HTTPStatus.ACCEPTED:
        there = f"{API}/requests/{quote(answer.transaction)}"
        headers = {"location": there, "retry-after": str(AGAIN_S)}
    return JSONResponse(answer._asdict(), status, dict(headers or {}))


async def read_wish(which: ChangeOperation, request: Request) -> VisitorRequest:
    """Read a request; a Problem if its form is not that of any request. Its content is the gateway's to judge."""
    transaction = "preview" if which.is_preview else request.headers.get(KEY, "")
    if re.fullmatch(KEY_FORM, transaction) is None:
        raise Problem(400, "Idempotency-Key: expected a name of your own: 1 to 200 characters of ASCII, no blank, no /")
    said = await _read_body(request)
    fixed = which.fixed(request.path_params)
    place: dict[str, Any] = {name: request.path_params[name] for name in _IN_WISH if name in request.path_params}
    named: dict[str, Any] = {
        name: said.pop(name) for name in _IN_WISH if name in said and (which.is_placed or name == "reason")
    }
    if wrong := [name for name in named if not isinstance(named[name], str)]:
        raise Problem(422, f"{wrong[0]}: expected a text", Reason.BAD_COMMAND, transaction=transaction)
    if doubled := fixed.keys() & said.keys():
        raise Problem(422, f"{min(doubled)}: the address says it", Reason.BAD_COMMAND, transaction=transaction)
    beside: dict[str, Any] = {**named, **place}
    return VisitorRequest(which.verb, transaction, **beside, data=which.shape({**said, **fixed}))


async def _read_body(request: Request) -> dict[str, Any]:
    """Read the JSON object of a request; an empty body is an empty one."""
    body = await read_body(request, _LONGEST_BODY)
    if body is None:
        raise Problem(413, f"expected at most {_LONGEST_BODY >> 20} MiB, got more")
    if not body:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "expected application/json")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise Problem(400, "expected a JSON object, got something else") from None
    if not isinstance(said, dict):
        raise Problem(422, "expected a JSON object, got something else", Reason.BAD_COMMAND)
    return cast("dict[str, Any]", said)
