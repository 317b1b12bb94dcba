"""Requests of people and systems, as JSON, checked at the door.

A request is `{"verb", "plant", "line", "transaction", "actor", "reason", "data": {...}}`; `data` has the long option
names of the command. It enters by a request topic, by the control socket of the running gateway, or by a command
without one: it is a journal entry in each case.
"""

import hashlib
import json
import re
from contextlib import suppress
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from devices.decoders.strict_json import fault
from devices.errors import Rejection, show
from devices.messages import Reading
from devices.plain import plain
from gateway.backflush.memory.changes import EntryFilter
from gateway.backflush.memory.events import (
    Action,
    Actual,
    ActualActivity,
    ActualComponent,
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
    WindowClose,
    Work,
)
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting.dates import FIRST_YEAR, LAST_YEAR
from gateway.backflush.posting.places import unclear_bearer
from gateway.backflush.values.cost_objects import cost_object_of
from gateway.backflush.values.documents import FINAL, bracket_of, document_type
from gateway.errors import Reason, UsageError
from gateway.service.fold import forms
from gateway.service.times import read_time

_PERIOD = re.compile(r"([0-9]{4})-(?:0[1-9]|1[0-2])")


class Request(BaseModel):
    """One request with a checked envelope; `action_of` checks the data."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    verb: forms.Text
    plant: forms.Text = ""
    line: forms.Text = ""
    transaction: forms.Text = ""
    actor: forms.Text = ""
    reason: forms.Text = ""
    data: dict[str, Any] = {}

    @property
    def digest(self) -> str:
        """Return the digest of the content, without the transaction's name."""
        content = json.dumps([self.verb, self.plant, self.line, self.actor, self.reason, self.data], sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]


class _Named(BaseModel):
    model_config = ConfigDict(strict=True)

    transaction: forms.Text = ""


def parse_request(payload: bytes, *, verb: str = "", plant: str = "", line: str = "") -> Request | Rejection:
    """Read a request; the payload must not contradict its topic, which names a verb and may name a line."""
    unsound = fault(payload)
    if unsound is not None:
        return Rejection(Reason.BAD_COMMAND, f"request: {unsound.text}")
    try:
        request = Request.model_validate_json(_with_place(payload, verb, plant, line))
    except ValidationError as error:
        return Rejection(Reason.BAD_COMMAND, describe_errors(error))
    except ValueError as error:
        return Rejection(Reason.BAD_COMMAND, f"request: expected a JSON object, got {error}")
    if (verb and request.verb != verb) or (line and (request.plant, request.line) != (plant, line)):
        where = f" on {plant}/{line}" if line else ""
        return Rejection(Reason.BAD_COMMAND, f"request: the topic says {verb}{where}, the payload another")
    return request


def transaction_in(payload: bytes) -> str:
    """Return the transaction of a request that is refused, so that its caller can match the answer; empty if unread."""
    try:
        return "" if fault(payload) else _Named.model_validate_json(payload).transaction
    except ValidationError:
        return ""


def request_for(said: dict[str, Any]) -> Request:
    """Make a request from a command on this machine; UsageError if it is invalid."""
    try:
        return Request.model_validate(said)
    except ValidationError as error:
        raise UsageError(describe_errors(error)) from error


def _with_place(payload: bytes, verb: str, plant: str, line: str) -> bytes:
    if not verb:
        return payload
    content = json.loads(payload)
    if not isinstance(content, dict):
        raise ValueError(show(content))  # noqa: TRY004 - the caller turns it into a rejection
    return json.dumps({"verb": verb, "plant": plant, "line": line, **content}).encode()


def describe_errors(error: ValidationError) -> str:
    """Describe the place of the first error, and the expectation."""
    found = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(show(part)[1:-1] if isinstance(part, str) else str(part) for part in found["loc"]) or "request"
    return f"{where}: {plain(found)}"


def action_of(request: Request, master: MasterData, *, loose: bool = False, dated: bool = False) -> Action | Rejection:
    """Turn a request into an action of the engine.

    A posting needs a time: a date alone would be its midnight, which is often of the production day before.

    loose: it is of an older journal, when a time that no clock shows, or shows twice, was accepted, and a document had
    one number. dated: it is of an older journal, when a posting might have a date alone, and quarantine entries had to
    be named by their numbers.
    """
    try:
        return _action(request, _Clock(request.verb, master, loose=loose, dated=dated))
    except ValidationError as error:
        return Rejection(Reason.BAD_COMMAND, f"{request.verb}: {describe_errors(error)}")


def _action(request: Request, clock: "_Clock") -> Action | Rejection:
    plant, line, data = request.plant, request.line, request.data
    match request.verb:
        case "run-start":
            return _run_start(plant, line, forms.RunStartForm.model_validate(data), clock)
        case "run-stop":
            stop = forms.RunStopForm.model_validate(data)
            end = clock.time("end", stop.end, plant)
            return end if isinstance(end, Rejection) else RunStop(plant, line, end, stop.force)
        case "post":
            return _post(plant, line, forms.PostForm.model_validate(data), clock)
        case "reverse":
            if isinstance(number := data.get("document"), str) and not clock.loose:
                data = {**data, "document": bracket_of(number)}
            return _reverse(plant, line, forms.ReverseForm.model_validate(data))
        case "work":
            work = forms.WorkForm.model_validate(data)
            return Work(plant, line, work.kind, work.limit)
        case "window-close":
            forms.WindowCloseForm.model_validate(data)
            return WindowClose(plant, line)
        case "hold" | "release":
            hold, held = forms.HoldForm.model_validate(data), request.verb == "hold"
            if hold.kind == "all":
                return Hold(plant, line, "", held, every=not held)
            return Hold(plant, line, hold.kind, held)
        case _:
            return _upkeep(request, clock)


def _upkeep(request: Request, clock: "_Clock") -> Action | Rejection:
    plant, line, data = request.plant, request.line, request.data
    match request.verb:
        case "backlog-retry":
            retry = forms.BacklogRetryForm.model_validate(data)
            return BacklogRetry(plant, line, retry.material, retry.limit, retry.date)
        case "backlog-correct":
            record = forms.CorrectionForm.model_validate(data)
            return BacklogCorrect(record.record, record.quantity, record.location, record.batch, record.date)
        case "backlog-close":
            return BacklogClose(tuple(forms.RecordsForm.model_validate(data).records))
        case "quarantine-replay":
            chosen = _entries(request, clock)
            return chosen if isinstance(chosen, Rejection) else QuarantineReplay(*chosen)
        case "quarantine-dismiss":
            chosen = _entries(request, clock)
            return chosen if isinstance(chosen, Rejection) else QuarantineDismiss(*chosen)
        case "devices":
            device = forms.DevicesForm.model_validate(data)
            if device.op != "replace" or device.old != device.new or not device.begin:
                return Rejection(Reason.BAD_COMMAND, "devices: expected one device twice, and where its totals begin")
            unknown = sorted(device.begin.keys() - {"", *forms.TOTALS})
            if unknown:
                return Rejection(
                    Reason.BAD_COMMAND, f"begin: expected {', '.join(forms.TOTALS)}, got {show(unknown[0])}"
                )
            return Begin(device.new, device.begin)
        case "period":
            period = forms.PeriodForm.model_validate(data)
            named = _PERIOD.fullmatch(period.period)
            if named is None or not FIRST_YEAR <= int(named[1]) <= LAST_YEAR:
                expected = f"YYYY-MM from {FIRST_YEAR} to {LAST_YEAR}"
                return Rejection(Reason.BAD_COMMAND, f"period: expected {expected}, got {show(period.period)}")
            return Period(plant, period.period, period.closed, period.force)
        case other:
            return Rejection(Reason.BAD_COMMAND, f"there is no verb {show(other)}")


def _entries(request: Request, clock: "_Clock") -> tuple[tuple[int, ...], EntryFilter | None] | Rejection:
    """Read which quarantine entries a request is about: numbers, or a filter; `all` needs none."""
    if clock.dated and request.data.keys() - {"numbers"}:
        return Rejection(Reason.BAD_COMMAND, f"{request.verb}: expected numbers alone")
    form, (plant, line) = forms.QuarantineForm.model_validate(request.data), (request.plant, request.line)
    if bool(form.numbers) == bool(form.device or form.code or form.age or form.all):
        return Rejection(Reason.BAD_COMMAND, f"{request.verb}: expected numbers, or a device, code, age or all")
    if form.numbers:
        return tuple(form.numbers), None
    which = EntryFilter(plant, line, form.device, form.code, form.age * 1_000_000, form.after, form.limit)
    return (), which


def _run_start(plant: str, line: str, start: forms.RunStartForm, clock: "_Clock") -> Action | Rejection:
    at = clock.time("start", start.start, plant)
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
        start.force,
    )


def _post(plant: str, line: str, post: forms.PostForm, clock: "_Clock") -> Action | Rejection:
    at = clock.date_alone(post.at) or clock.time("at", post.at, plant)
    if isinstance(at, Rejection):
        return at
    components = activities = None
    if post.components is not None:
        components = _components(post.components)
    if post.activities is not None:
        activities = tuple(ActualActivity(a.work_center, a.activity, a.hours) for a in post.activities)
    return Post(
        document_type(post.type),
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
        Actual(components, activities, post.complete),
        post.after,
        post.rework,
        unclear_bearer(post.sales_order, post.sales_order_item, post.lot),
        post.force,
    )


def _components(said: list[forms.ComponentForm]) -> tuple[ActualComponent, ...]:
    return tuple(ActualComponent(c.material, c.quantity, c.unit, c.location, c.batch) for c in said)


def _reverse(plant: str, line: str, reverse: forms.ReverseForm) -> Action | Rejection:
    """Read a reversal: of a document, or of a number of units of a version without naming one."""
    if reverse.document is not None:
        back = _components(reverse.components)
        return Reverse(reverse.document, reverse.quantity, reverse.scrap, reverse.scrap_reason, back)
    if not (plant and reverse.material and reverse.version and reverse.quantity):
        return Rejection(Reason.BAD_COMMAND, "reverse: expected a document, or plant, material, version and quantity")
    return ReverseLatest(plant, line, reverse.material, reverse.version, reverse.point or FINAL, reverse.quantity)


class _Clock(NamedTuple):
    """Reads times in requests: without an offset they are the plant's."""

    verb: str
    master: MasterData
    loose: bool
    dated: bool

    def date_alone(self, text: str | None) -> Rejection | None:
        """Refuse a date without a time."""
        with suppress(ValueError):
            if text is not None and not self.dated:
                expected = f"expected a time such as {date.fromisoformat(text)}T12:00, got the date {show(text)} alone"
                return Rejection(Reason.BAD_COMMAND, f"{self.verb}: at: {expected}")
        return None

    def time(self, name: str, text: str | None, plant: str) -> int | Rejection | None:
        """Read an ISO 8601 time, microseconds UTC; a rejection names the field."""
        if text is None:
            return None
        known = self.master.plants.get(plant)
        at = read_time(text, known.time_zone if known else "UTC", loose=self.loose)
        if isinstance(at, Rejection) and at.code == Reason.BAD_COMMAND:
            return Rejection(at.code, f"{self.verb}: {name}: {at.text}")
        return at
