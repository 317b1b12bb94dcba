"""Requests: what a person or system may ask for, as JSON, checked at the door.

A request is `{"verb", "plant", "line", "transaction", "actor", "reason", "data": {...}}`; `data` has the long option
names of the command. It enters by a request topic, by the control socket of the running gateway or by a command that
found none running: it is a journal entry in each case.
"""

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from devices.decoders.native import MAX_TOTAL
from devices.decoders.strict_json import fault, show
from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.direct import Actual, ActualActivity, ActualComponent
from gateway.backflush.documents import FINAL, parse_number
from gateway.backflush.events import (
    Action,
    BacklogClose,
    BacklogCorrect,
    BacklogRetry,
    Begin,
    Hold,
    Period,
    Post,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    ReverseLatest,
    RunStart,
    RunStop,
    Work,
)
from gateway.backflush.places import cost_object_of
from gateway.backflush.plant import MasterData
from gateway.backflush.quantities import parse_quantity
from gateway.errors import Reason

_PERIOD = re.compile(r"([0-9]{4})-(?:0[1-9]|1[0-2])")
_RECORD = re.compile(r"([0-9]+)/([0-9]{1,9})")
_FIRST_YEAR, _LAST_YEAR = 1971, 2200
"""Times beyond have no production day in every zone."""
MAX_TEXT = 200


def _text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("expected a text without control characters")
    return value


def _number(value: object) -> object:
    number = parse_number(value) if isinstance(value, str) else value
    if number is None:
        raise ValueError(f"expected a document number such as 0000004712, got {show(value)}")
    return number


def _quantity(value: object) -> object:
    if value is None:
        return value
    quantity = parse_quantity(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if quantity is None:
        raise ValueError(f"expected a decimal number with at most 6 decimals, got {show(value)}")
    return quantity


def _record(value: object) -> object:
    match = _RECORD.fullmatch(value) if isinstance(value, str) else None
    document = parse_number(match[1]) if match is not None else None
    if match is None or document is None:
        raise ValueError(f"expected a backlog record such as 0000004712/3, got {show(value)}")
    return document, int(match[2])


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_text)]
Number = Annotated[int, Field(ge=0, lt=10**18), BeforeValidator(_number)]
Quantity = Annotated[int, BeforeValidator(_quantity)]
Record = Annotated[tuple[int, int], BeforeValidator(_record)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Totals(_Data):
    good: int | None = Field(None, ge=0, le=MAX_TOTAL)
    gross: int | None = Field(None, ge=0, le=MAX_TOTAL)
    scrap: int | None = Field(None, ge=0, le=MAX_TOTAL)
    rework: int | None = Field(None, ge=0, le=MAX_TOTAL)
    boot: Text | None = None
    seq: int | None = Field(None, ge=0, le=MAX_TOTAL)


class _RunStart(_Data):
    material: Text
    version: Text = ""
    start: str | None = None
    batch: Text = ""
    sales_order: Text = ""
    sales_order_item: Text = ""
    revision: Text = ""
    totals: dict[Text, _Totals] = {}
    begin: dict[Text, Annotated[int, Field(ge=0, le=MAX_TOTAL)]] = {}


TOTALS = ("good", "gross", "scrap", "rework")


class _Devices(_Data):
    op: Literal["replace"]
    old: Text
    new: Text
    begin: dict[str, Annotated[int, Field(ge=0, le=MAX_TOTAL)]]
    """By kind of total; the empty one is what the device's role says."""


class _RunStop(_Data):
    end: str | None = None


class _Component(_Data):
    material: Text
    quantity: Quantity
    unit: Text = ""
    location: Text = ""
    batch: Text = ""


class _Activity(_Data):
    work_center: Text
    activity: Text
    hours: Quantity


class _Post(_Data):
    type: Literal["assembly", "point", "scrap", "component", "activity", "component-scrap", "by-product"] = "assembly"
    material: Text = ""
    version: Text = ""
    quantity: Quantity = 0
    sales_order: Text = ""
    sales_order_item: Text = ""
    lot: Text = ""
    order: Text = ""
    revision: Text = ""
    components: list[_Component] | None = Field(None, max_length=1_000)
    activities: list[_Activity] | None = Field(None, max_length=1_000)
    point: Text = ""
    after: Text = ""
    rework: Quantity = 0
    scrap_reason: Text = ""
    at: str | None = None
    batch: Text = ""


class _Reverse(_Data):
    document: Number | None = None
    material: Text = ""
    version: Text = ""
    point: Text = ""
    quantity: Quantity | None = None


class _Hold(_Data):
    process: Literal["", "issue", "activity"] = ""


class _Record(_Data):
    record: Record
    quantity: Quantity | None = None
    location: Text = ""
    batch: Text = ""


class _Records(_Data):
    records: list[Record] = Field(min_length=1, max_length=10_000)


class _Work(_Data):
    process: Literal["", "issue", "activity"] = ""
    limit: int = Field(20_000, ge=1, le=100_000)


class _BacklogRetry(_Data):
    material: Text = ""
    limit: int = Field(20_000, ge=1, le=100_000)


class _Quarantine(_Data):
    numbers: list[Number] = Field(min_length=1, max_length=10_000)


class _Period(_Data):
    period: Text
    closed: bool
    force: bool = False


class Request(BaseModel):
    """One request, checked as far as its envelope goes; `action` checks the data."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    verb: Text
    plant: Text = ""
    line: Text = ""
    transaction: Text = ""
    actor: Text = ""
    reason: Text = ""
    data: dict[str, Any] = {}

    @property
    def digest(self) -> str:
        """Identify the content, apart from the transaction's name."""
        content = json.dumps([self.verb, self.plant, self.line, self.actor, self.reason, self.data], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]


def parse_request(payload: bytes, *, verb: str = "", plant: str = "", line: str = "") -> Request | Rejection:
    """Read a request; verb, plant and line of its topic must not be contradicted by the payload."""
    unsound = fault(payload)
    if unsound is not None:
        return Rejection(Reason.BAD_COMMAND, f"request: {unsound.text}")
    try:
        request = Request.model_validate_json(_with_place(payload, verb, plant, line))
    except ValidationError as error:
        return Rejection(Reason.BAD_COMMAND, _first(error))
    except ValueError as error:
        return Rejection(Reason.BAD_COMMAND, f"request: expected a JSON object, got {error}")
    if verb and (request.verb, request.plant, request.line) != (verb, plant, line):
        return Rejection(Reason.BAD_COMMAND, f"request: the topic says {verb} on {plant}/{line}, the payload another")
    return request


def _with_place(payload: bytes, verb: str, plant: str, line: str) -> bytes:
    if not verb:
        return payload
    content = json.loads(payload)
    if not isinstance(content, dict):
        raise ValueError(type(content).__name__)  # noqa: TRY004 - what the caller turns into a rejection
    return json.dumps({"verb": verb, "plant": plant, "line": line, **content}).encode()


def _first(error: ValidationError) -> str:
    found = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(show(part)[1:-1] if isinstance(part, str) else str(part) for part in found["loc"]) or "request"
    return f"{where}: {found['msg'].removeprefix('Value error, ')}"


def action_of(request: Request, master: MasterData) -> Action | Rejection:
    """Turn a request into what the engine does."""
    try:
        return _action(request, master)
    except ValidationError as error:
        return Rejection(Reason.BAD_COMMAND, f"{request.verb}: {_first(error)}")


def _action(request: Request, master: MasterData) -> Action | Rejection:
    plant, line, data = request.plant, request.line, request.data
    match request.verb:
        case "run-start":
            return _run_start(plant, line, _RunStart.model_validate(data), master)
        case "run-stop":
            end = _time(_RunStop.model_validate(data).end, plant, master)
            return end if isinstance(end, Rejection) else RunStop(plant, line, end)
        case "post":
            return _post(plant, line, _Post.model_validate(data), master)
        case "reverse":
            return _reverse(plant, line, _Reverse.model_validate(data))
        case "work":
            work = _Work.model_validate(data)
            return Work(plant, line, work.process, work.limit)
        case "hold" | "release":
            return Hold(plant, line, _Hold.model_validate(data).process, request.verb == "hold")
        case _:
            return _upkeep(request)


def _upkeep(request: Request) -> Action | Rejection:
    plant, line, data = request.plant, request.line, request.data
    match request.verb:
        case "backlog-retry":
            retry = _BacklogRetry.model_validate(data)
            return BacklogRetry(plant, line, retry.material, retry.limit)
        case "backlog-correct":
            record = _Record.model_validate(data)
            return BacklogCorrect(record.record, record.quantity, record.location, record.batch)
        case "backlog-close":
            return BacklogClose(tuple(_Records.model_validate(data).records))
        case "quarantine-replay":
            return QuarantineReplay(tuple(_Quarantine.model_validate(data).numbers))
        case "quarantine-dismiss":
            return QuarantineDismiss(tuple(_Quarantine.model_validate(data).numbers))
        case "devices":
            device = _Devices.model_validate(data)
            if device.old != device.new or not device.begin:
                return Rejection(Reason.BAD_COMMAND, "devices: expected one device twice, and where its totals begin")
            unknown = sorted(device.begin.keys() - {"", *TOTALS})
            if unknown:
                return Rejection(Reason.BAD_COMMAND, f"begin: expected {', '.join(TOTALS)}, got {show(unknown[0])}")
            return Begin(device.new, device.begin)
        case "period":
            period = _Period.model_validate(data)
            named = _PERIOD.fullmatch(period.period)
            if named is None or not _FIRST_YEAR <= int(named[1]) <= _LAST_YEAR:
                expected = f"YYYY-MM from {_FIRST_YEAR} to {_LAST_YEAR}"
                return Rejection(Reason.BAD_COMMAND, f"period: expected {expected}, got {show(period.period)}")
            return Period(plant, period.period, period.closed, period.force)
        case other:
            return Rejection(Reason.BAD_COMMAND, f"there is no verb {show(other)}")


def _run_start(plant: str, line: str, start: _RunStart, master: MasterData) -> Action | Rejection:
    at = _time(start.start, plant, master)
    if isinstance(at, Rejection):
        return at
    return RunStart(
        plant,
        line,
        start.material,
        start.version,
        at,
        start.batch,
        start.sales_order,
        start.sales_order_item,
        start.revision,
        {device: Reading(**totals.model_dump()) for device, totals in start.totals.items()},
        start.begin,
    )


def _post(plant: str, line: str, post: _Post, master: MasterData) -> Action | Rejection:
    at = _time(post.at, plant, master)
    if isinstance(at, Rejection):
        return at
    components = activities = None
    if post.components is not None:
        components = tuple(
            ActualComponent(c.material, c.quantity, c.unit, c.location, c.batch) for c in post.components
        )
    if post.activities is not None:
        activities = tuple(ActualActivity(a.work_center, a.activity, a.hours) for a in post.activities)
    return Post(
        post.type.replace("-", "_"),
        plant,
        line,
        post.material,
        post.version,
        post.quantity,
        post.point,
        post.scrap_reason,
        at,
        post.batch,
        cost_object_of(post.sales_order, post.sales_order_item, post.lot),
        post.order,
        post.revision,
        Actual(components, activities),
        post.after,
        post.rework,
    )


def _reverse(plant: str, line: str, reverse: _Reverse) -> Action | Rejection:
    """Read a reversal: of a document, or of so many units of a version without naming one."""
    if reverse.document is not None:
        return Reverse(reverse.document, reverse.quantity)
    if not (plant and reverse.material and reverse.version and reverse.quantity):
        return Rejection(
            Reason.BAD_COMMAND,
            "reverse: expected a document, or plant, material, version and quantity",
        )
    return ReverseLatest(plant, line, reverse.material, reverse.version, reverse.point or FINAL, reverse.quantity)


def _time(text: str | None, plant: str, master: MasterData) -> int | Rejection | None:
    """Read an ISO time; without an offset it is the plant's."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Rejection(Reason.BAD_COMMAND, f"expected an ISO 8601 time, got {show(text)}")
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return Rejection(
            Reason.BAD_COMMAND, f"expected a time from {_FIRST_YEAR} to {_LAST_YEAR}, got {moment.isoformat()}"
        )
    if moment.tzinfo is None:
        known = master.plants.get(plant)
        moment = moment.replace(tzinfo=ZoneInfo(known.time_zone if known else "UTC"))
    return int(moment.timestamp() * 1_000_000)
