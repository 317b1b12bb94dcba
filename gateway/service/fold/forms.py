"""Forms: the data of a request, per verb, checked at the door."""

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from devices.errors import show
from devices.messages import MAX_TOTAL
from gateway.backflush.plant.schedules import parse_age
from gateway.backflush.posting.dates import FIRST_YEAR, LAST_YEAR
from gateway.backflush.values.quantities import READABLE, parse_quantity, parse_whole

_RECORD = re.compile(r"([0-9]+)/([0-9]{1,9})")
MAX_TEXT = 200


def _text(value: str) -> str:
    if not value.isprintable():
        raise ValueError("expected a text without control characters")
    return value


def _number(value: object) -> object:
    number = parse_whole(value) if isinstance(value, str) else value
    if number is None:
        raise ValueError(f"expected a document number such as 0000004712, got {show(value)}")
    return number


def _quantity(value: object) -> object:
    if value is None:
        return value
    quantity = parse_quantity(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if quantity is None:
        raise ValueError(f"expected a decimal number {READABLE}, got {show(value)}")
    return quantity


def _record(value: object) -> object:
    match = _RECORD.fullmatch(value) if isinstance(value, str) else None
    document = parse_whole(match[1]) if match is not None else None
    if match is None or document is None:
        raise ValueError(f"expected a backlog record such as 0000004712/3, got {show(value)}")
    return document, int(match[2])


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value) if value else None
    except ValueError:
        day = None
    if value and (day is None or day.isoformat() != value or not FIRST_YEAR <= day.year <= LAST_YEAR):
        raise ValueError(f"expected a day such as 2026-03-16, got {show(value)}")
    return value


def _age(value: object) -> object:
    seconds = parse_age(value) if isinstance(value, str) else None
    if seconds is None:
        raise ValueError(f"expected a time such as 30min, 36h or 3d, got {show(value)}")
    return seconds


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_text)]
Number = Annotated[int, Field(ge=0, lt=10**18), BeforeValidator(_number, json_schema_input_type=str | int)]
Quantity = Annotated[int, BeforeValidator(_quantity, json_schema_input_type=str | int)]
Day = Annotated[str, AfterValidator(_day)]
RecordName = Annotated[tuple[int, int], BeforeValidator(_record, json_schema_input_type=str)]
_KIND = AliasChoices("kind", "process")
"""Its name in older requests."""


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class TotalsForm(_Form):
    """The totals of one counter."""

    good: int | None = Field(None, ge=0, le=MAX_TOTAL)
    gross: int | None = Field(None, ge=0, le=MAX_TOTAL)
    scrap: int | None = Field(None, ge=0, le=MAX_TOTAL)
    rework: int | None = Field(None, ge=0, le=MAX_TOTAL)
    boot: Text | None = None
    seq: int | None = Field(None, ge=0, le=MAX_TOTAL)


class RunStartForm(_Form):
    """Data of run-start."""

    material: Text
    version: Text = ""
    start: str | None = None
    batch: Text = ""
    sales_order: Text = ""
    sales_order_item: Text = ""
    revision: Text = ""
    totals: dict[Text, TotalsForm] = {}
    begin: dict[Text, Annotated[int, Field(ge=0, le=MAX_TOTAL)]] = {}
    force: bool = False


TOTALS = ("good", "gross", "scrap", "rework")


class DevicesForm(_Form):
    """Data of devices; with `begin` a counter whose totals begin again, with one id twice."""

    op: Literal["adopt", "replace", "disable", "enable"]
    old: Text = ""
    new: Text = ""
    begin: dict[str, Annotated[int, Field(ge=0, le=MAX_TOTAL)]] = {}
    """By kind of total; the empty one is that of the device's role."""
    first: Literal["baseline", "zero"] = "baseline"
    like: Text = ""
    point: Text = ""
    kind: Text = ""
    role: Text = ""
    language: Text = ""


Cells = dict[Text, Annotated[str, Field(max_length=2_000)]]
"""The cells of a row, by column, as texts of a file."""


class ImportForm(_Form):
    """Data of import."""

    tables: dict[Text, list[Cells]] = Field(min_length=1)
    remove: Literal["", "none", "all"] | list[list[Text]] = ""
    """The fate of other rows of the tables: they stay, they go, or these go, each by its table and key."""
    seen: dict[Text, list[Cells]] = {}
    """Rows as the sender has seen them: if they are others now, the import is refused."""


class RunStopForm(_Form):
    """Data of run-stop."""

    end: str | None = None
    force: bool = False


class WindowCloseForm(_Form):
    """Data of window-close: there is none."""


class ComponentForm(_Form):
    """One component, as requested."""

    material: Text
    quantity: Quantity
    unit: Text = ""
    location: Text = ""
    batch: Text = ""


class ActivityForm(_Form):
    """One time, as requested."""

    work_center: Text
    activity: Text
    hours: Quantity


class PostForm(_Form):
    """Data of post."""

    type: Literal["assembly", "point", "scrap", "component", "activity", "component-scrap", "by-product"] = "assembly"
    material: Text = ""
    version: Text = ""
    quantity: Quantity = 0
    sales_order: Text = ""
    sales_order_item: Text = ""
    lot: Text = ""
    order: Text = ""
    revision: Text = ""
    components: list[ComponentForm] | None = Field(None, max_length=1_000)
    activities: list[ActivityForm] | None = Field(None, max_length=1_000)
    complete: bool = False
    point: Text = ""
    after: Text = ""
    rework: Quantity = 0
    scrap_reason: Text = ""
    at: str | None = None
    batch: Text = ""
    force: bool = False


class ReverseForm(_Form):
    """Data of reverse."""

    document: Number | None = None
    material: Text = ""
    version: Text = ""
    point: Text = ""
    quantity: Quantity | None = None
    scrap: Quantity = 0
    scrap_reason: Text | None = None
    components: list[ComponentForm] = Field([], max_length=1_000)


class HoldForm(_Form):
    """Data of hold and release; `all` is the line with each of its processes; without it the line as a whole."""

    kind: Literal["", "issue", "activity", "all"] = Field("", validation_alias=_KIND)


class CorrectionForm(_Form):
    """Data of backlog-correct."""

    record: RecordName
    quantity: Quantity | None = None
    location: Text = ""
    batch: Text = ""
    date: Day = ""


class RecordsForm(_Form):
    """Data of backlog-close."""

    records: list[RecordName] = Field(min_length=1, max_length=10_000)


class WorkForm(_Form):
    """Data of work."""

    kind: Literal["", "issue", "activity"] = Field("", validation_alias=_KIND)
    limit: int = Field(20_000, ge=1, le=100_000)


class BacklogRetryForm(_Form):
    """Data of backlog-retry."""

    material: Text = ""
    date: Day = ""
    limit: int = Field(20_000, ge=1, le=100_000)


class QuarantineForm(_Form):
    """Data of quarantine-replay and quarantine-dismiss."""

    numbers: list[Number] = Field([], max_length=10_000)
    device: Text = ""
    code: Text = ""
    age: Annotated[int, BeforeValidator(_age, json_schema_input_type=str)] = 0
    """Seconds; said as `36h`."""
    all: bool = False
    after: Number = 0
    limit: int = Field(500, ge=1, le=10_000)


class PeriodForm(_Form):
    """Data of period."""

    period: Text
    closed: bool
    force: bool = False
