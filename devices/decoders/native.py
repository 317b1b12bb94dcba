"""Decodes the gateway's own format: count, scan and state telegrams as JSON, or their bare minimum.

The minimum is a bare number (the total of good pieces), a bare barcode text, a bare word for the state.

Idea: pydantic reads the JSON strictly into a plain dict. Counting proves that no key came twice: without a backslash
each key and each string value takes exactly two quotation marks, so a further key, known or not, would show. Only if
that proves nothing, the payload is read a second time (`strict_json`). The proof covers depth as well; before it,
pydantic's own limits (200 levels, 4,300 digits) bound the reading.

Laws: total, any bytes give a value; the same bytes give the same value; unknown keys are ignored; `null` is a wrong
type, not an absent value; totals that contradict each other are refused as a whole.
"""

from collections.abc import Callable
from datetime import tzinfo
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, Required

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from devices.decoders.strict_json import MAX_BYTES, NAME, explain, fault, text_of, too_deep, too_many_bytes
from devices.decoders.timestamps import from_epoch, from_iso
from devices.errors import Malformed, Rejection, show
from devices.messages import (
    MAX_SCAN,
    MAX_TOTAL,
    DeviceState,
    Reading,
    Scan,
    ScannedText,
    Used,
    WorkedHours,
    control_character,
)

MOST: Final = 200
"""The most components, and activities, of one scan."""

DATA: Final = ScannedText("data")

WORDS: Final = r"^[^\x00-\x1f\x7f-\x9f]{1,200}$"
"""The pattern of a name in a telegram, which may be longer than the tables hold."""

_STRICT: Final = ConfigDict(strict=True)
Reader = Callable[[bytes], dict[str, Any]]
_Total = Annotated[int, Field(ge=0, le=MAX_TOTAL)]
_Name = Annotated[str, Field(pattern=f"^{NAME}$")]
_Words = Annotated[str, Field(pattern=WORDS)]
"""A name as a table of the master data may hold it; the gateway judges its spelling as at every other door."""
_Segment = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
_Decimal = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,6})?$")]
_Time = Annotated[str | int | float, Field(union_mode="left_to_right")]


@with_config(_STRICT)
class CountTelegram(TypedDict, total=False):
    """The totals of a counter; one of `good`, `gross`, `scrap`, `rework` is required."""

    good: _Total
    """Total of good pieces."""
    gross: _Total
    """Total of all pieces; yield is `gross` less `scrap`."""
    scrap: _Total
    """Total of scrapped pieces."""
    rework: _Total
    """Total of reworked pieces, which are not among the pieces above."""
    scrap_by: Annotated[dict[_Words, _Total], Field(max_length=200)]
    """Totals by scrap reason, which add up to `scrap`."""
    ts: _Time
    """When the reading was taken: ISO 8601, or an epoch number (from 1e11 on milliseconds)."""
    boot: _Name
    """Names the life of the totals: it changes exactly when they restart at zero."""
    seq: _Total
    """Grows with each telegram of one `boot`."""
    unit: _Words
    batch: _Words
    hist: bool
    """Stored by the device and sent late on purpose."""
    mode: Literal["total", "delta"]
    """`delta`: the numbers are differences, named by `id`, or by `boot` and `seq`."""
    id: _Name
    device: _Name
    """If given, that of the topic."""


@with_config(_STRICT)
class UsedTelegram(TypedDict, total=False):
    """A component that was really used."""

    material: Required[_Words]
    quantity: Required[_Decimal]
    unit: _Words
    location: _Words
    batch: _Words


@with_config(_STRICT)
class WorkedTelegram(TypedDict):
    """Hours that were really worked."""

    work_center: _Words
    activity: _Words
    hours: _Decimal


@with_config(_STRICT)
class ScanTelegram(TypedDict, total=False):
    """A scan."""

    data: Required[Annotated[str, Field(min_length=1, max_length=MAX_SCAN)]]
    """The text read, with the AIM identifier if the scanner sends it, and GS (U+001D) as separator."""
    id: _Name
    """Names the scan: a repetition carries the same."""
    ts: _Time
    """When it was scanned: ISO 8601, or an epoch number (from 1e11 on milliseconds)."""
    operator: _Words
    """Until another is named."""
    point: _Segment
    """The reporting point that the scanner is set to."""
    hist: bool
    """Stored by the device and sent late on purpose."""
    device: _Name
    """If given, that of the topic."""
    type: Literal["component", "activity", "component-scrap", "by-product"]
    """Consumption alone: the pieces of the label are its reference quantity."""
    components: Annotated[list[UsedTelegram], Field(max_length=MOST)]
    """Those not named follow the bill of material, unless the list is `complete`."""
    activities: Annotated[list[WorkedTelegram], Field(max_length=MOST)]
    """Those not named follow the routing, unless the list is `complete`."""
    complete: bool
    sales_order: _Words
    sales_order_item: _Words
    lot: _Words
    """Production by lot, in place of make-to-stock."""
    order: _Words
    """The only planned order that is reduced."""


@with_config(_STRICT)
class StateTelegram(TypedDict):
    """The state of a device."""

    state: Literal["online", "offline"]


def reader_of(telegram: Any) -> Reader:  # noqa: ANN401 - a form of telegram
    """Return the strict reader of a form of telegram; it raises ValidationError."""
    return TypeAdapter(telegram).validator.validate_json


_read_count, _read_scan = reader_of(CountTelegram), reader_of(ScanTelegram)
_read_total = TypeAdapter(_Total, config=_STRICT).validator.validate_json
_read_state = TypeAdapter(StateTelegram).validator.validate_json

_TEXTS: Final = frozenset(["boot", "unit", "batch", "mode", "id", "device"])
_BACKSLASH: Final = ord("\\")


def decode_count(payload: bytes, zone: tzinfo | None, read: Reader = _read_count) -> Reading | Rejection:
    """Read a count telegram; `zone` is the device's time zone, for time stamps without offset.

    >>> decode_count(b'{"ts":"1970-01-01T00:00:01Z","good":5}', None).ts, decode_count(b"5", None).good
    (1000000, 5)
    """
    if len(payload) > MAX_BYTES:
        return too_many_bytes(payload)
    try:
        fields = read(payload)
    except ValidationError as error:
        return explain(payload, error) if payload.lstrip().startswith(b"{") else _bare_total(payload)
    quotes, rare = _shape(tuple(fields))
    ts = fields.get("ts")
    if ts is not None:
        if ts.__class__ is str:
            quotes += 2
            moment = from_iso(ts, zone)
        else:
            moment = from_epoch(ts)
        if moment is None:
            return fault(payload) or _bad_time(ts, zone)
        fields["ts"] = moment
    if rare and "scrap_by" in fields:
        quotes += 2 * len(fields["scrap_by"])
    # Searching for an integer is ten times faster than for a byte string.
    if payload.count(b'"') != quotes or _BACKSLASH in payload:
        found = fault(payload)
        if found is not None:
            return found
    contradiction = _settle(fields) if rare else None
    return Reading(**fields) if contradiction is None else contradiction


def decode_scan(
    payload: bytes, zone: tzinfo | None, scanned: ScannedText | None = DATA, read: Reader = _read_scan
) -> Scan | Rejection:
    """Read a scan telegram: JSON if it begins with a brace, else the bare text of the barcode.

    Without `scanned` the text may hold no RS and EOT, as before messages of ISO 15434 were read.

    >>> decode_scan(b"]C1010761234567890010LOT7", None) == Scan("]C1010761234567890010LOT7")
    True
    """
    ends = scanned.ends if scanned is not None else None
    if not payload.startswith(b"{"):
        return _bare_scan(payload, ends)
    refused = too_many_bytes(payload) if len(payload) > MAX_BYTES else too_deep(payload)
    if refused is not None:
        return refused
    try:
        fields = read(payload)
    except ValidationError as error:
        return explain(payload, error, scanned)
    texts = sum(value.__class__ is str for value in fields.values())
    # Barcode text may hold any character; the separator of GS1 takes a backslash.
    if payload.count(b'"') != 2 * (len(fields) + texts) or _BACKSLASH in payload or control_character(fields["data"]):
        found = fault(payload, scanned=scanned)
        if found is not None:
            return found
    if "ts" in fields:
        moment = _moment(fields["ts"], zone)
        if moment is None:
            return fault(payload, scanned=scanned) or _bad_time(fields["ts"], zone)
        fields["ts"] = moment
    if "sales_order_item" in fields and "sales_order" not in fields:
        return Rejection(Malformed.MISSING_FIELD, "sales_order: expected one beside sales_order_item, got none")
    if "components" in fields:
        fields["components"] = tuple(Used(**each) for each in fields["components"])
    if "activities" in fields:
        fields["activities"] = tuple(WorkedHours(**each) for each in fields["activities"])
    fields["data"] = fields["data"].strip(ends or "")
    return Scan(**fields)


def decode_state(payload: bytes) -> DeviceState | Rejection:
    """Read a device's state, as JSON or as the bare word.

    >>> decode_state(b"offline")
    DeviceState(online=False)
    """
    word = payload.strip()
    if word in (b"online", b"offline"):
        return DeviceState(word == b"online")
    refused = too_many_bytes(payload) if len(payload) > MAX_BYTES else too_deep(payload)
    if refused is not None:
        return refused
    try:
        fields = _read_state(payload)
    except ValidationError as error:
        return explain(payload, error)
    return fault(payload) or DeviceState(fields["state"] == "online")


@lru_cache(maxsize=1024)
def _shape(keys: tuple[str, ...]) -> tuple[int, bool]:
    """Return the number of quotation marks of a telegram with these keys, and whether its totals must be compared.

    A textual `ts` and the keys in `scrap_by` are not counted.
    """
    texts = sum(key in _TEXTS for key in keys)
    rare = not {"scrap_by", "gross", "mode"}.isdisjoint(keys) or {"good", "scrap"}.isdisjoint(keys)
    return 2 * (len(keys) + texts), rare


def _moment(ts: str | float, zone: tzinfo | None) -> int | None:
    return from_iso(ts, zone) if isinstance(ts, str) else from_epoch(ts)


def _bad_time(ts: str | float, zone: tzinfo | None) -> Rejection:
    expected = "an ISO 8601 date-time with offset" if zone is None else "an ISO 8601 date-time"
    return Rejection(Malformed.BAD_TIME, f"ts: expected {expected} or a possible epoch number, got {show(ts)}")


def _settle(fields: dict[str, Any]) -> Rejection | None:
    """Check that the totals agree, and convert the rare fields to the form of `Reading`."""
    good, gross, scrap = fields.get("good"), fields.get("gross"), fields.get("scrap")
    if good is None and gross is None and scrap is None and "rework" not in fields:
        return Rejection(
            Malformed.MISSING_FIELD, "payload: expected one of good, gross, scrap, rework, got none of them"
        )
    parts = (good or 0) + (scrap or 0)
    if gross is not None and parts > gross:
        return Rejection(
            Malformed.CONTRADICTING_TOTALS, f"gross: expected at least good + scrap = {parts}, got {gross}"
        )
    if gross is not None and good is not None and scrap is not None and parts != gross:
        return Rejection(Malformed.CONTRADICTING_TOTALS, f"gross: expected good + scrap = {parts}, got {gross}")
    if "scrap_by" in fields:
        by_reason: dict[str, int] = fields["scrap_by"]
        total = sum(by_reason.values())
        if total != scrap:
            text = f"scrap_by: expected parts that add up to scrap = {scrap}, got {total}"
            return Rejection(Malformed.CONTRADICTING_TOTALS, text)
        fields["scrap_by"] = tuple(sorted(by_reason.items()))
    if fields.pop("mode", "total") == "delta":
        if "id" not in fields and not ("boot" in fields and "seq" in fields):
            return Rejection(Malformed.MISSING_FIELD, "mode: expected id, or boot and seq, with delta, got neither")
        fields["delta"] = True
    return None


def _bare_total(payload: bytes) -> Reading | Rejection:
    try:
        return Reading(good=_read_total(payload))
    except ValidationError as error:
        return explain(payload, error)


def _bare_scan(payload: bytes, ends: str | None) -> Scan | Rejection:
    if len(payload) > MAX_BYTES:
        return too_many_bytes(payload)
    text = text_of(payload)
    if isinstance(text, Rejection):
        return text
    character = control_character(text, ends)
    if character is not None:
        return Rejection(Malformed.CONTROL_CHARACTER, f"scan: expected no control characters but GS, got {character}")
    text = text.strip(ends or "")
    if len(text) > MAX_SCAN:
        return Rejection(Malformed.OUT_OF_RANGE, f"scan: expected at most {MAX_SCAN} characters, got {len(text)}")
    return Scan(text)
