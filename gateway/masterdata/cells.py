"""Cells: their values, in one grammar of text for CSV, XLSX, YAML and the journal.

A cell is text at every door. `Cell.parse` turns it into a value or raises `ValueError` with "expected ..., got
..."; `Cell.format` is its inverse, so that every value can be written and read again. An empty cell counts as not
given and never comes here.

Law: ``parse(format(parse(text))) == parse(text)``.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from devices.messages import RESERVED
from gateway.backflush.posting.dates import FIRST_YEAR, LAST_YEAR
from gateway.backflush.values.names import LONGEST, clean, quote
from gateway.backflush.values.quantities import MICRO, READABLE, format_quantity, parse_quantity

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_SEGMENT = re.compile(r"[A-Za-z0-9.-][A-Za-z0-9_.-]{0,39}")
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?", re.ASCII)
_CLOCK = re.compile(r"(\d\d):(\d\d)(:00)?", re.ASCII)
_WINDOW = re.compile(r"reading|shift|scan|[1-9]\d{0,6}pc|[1-9]\d{0,5}s", re.ASCII)
_STOCK_TYPE = re.compile(r"E/[^/]{1,40}/[^/]{1,40}")
_MOVEMENT = re.compile(r"[A-Za-z0-9]{1,4}")
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_MIDNIGHT = "24:00"
_REMEMBERED = 4_096
"""Texts of one kind: the same ones stand in row after row."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A kind of cell, as metadata in the annotation of a row's column."""

    parse: Callable[[str], object]
    says: str
    """Its values, in words."""
    format: Callable[[Any], str] = str
    words: tuple[str, ...] = ()
    """All its values, if these are few."""
    kind: str = "text"
    """text | number | date | moment: its type in a spreadsheet."""

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(lru_cache(_REMEMBERED)(self.parse))


def reader(columns: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that reads some columns of a row."""
    read = attrgetter(*columns)
    return read if len(columns) > 1 else lambda row: (read(row),)


def _text(longest: int) -> Cell:
    return Cell(lambda text: clean(text, longest), f"text of at most {longest} characters")


def _pattern(pattern: re.Pattern[str], expected: str) -> Cell:
    def parse(text: str) -> str:
        if pattern.fullmatch(text) is None:
            raise ValueError(f"expected {expected}, got {quote(text)}")
        return text

    return Cell(parse, expected)


def choice(*values: str) -> Cell:
    """Return the kind of cell that holds one of a few words."""
    allowed = frozenset(values)

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"expected {', '.join(values[:-1])} or {values[-1]}, got {quote(text)}")
        return text

    return Cell(parse, "one of these words", words=values)


def one_of(words: object) -> Cell:
    """Return the kind of cell that holds one of the words of a `Literal`."""
    return choice(*get_args(words))


def _quantity(least: int | None, most: int | None, expected: str) -> Cell:
    def parse(text: str) -> int:
        # Databases print 0.5 as .5, which is unambiguous.
        plain = f"0{text}" if text.startswith(".") else text
        value = parse_quantity(plain) if text.isascii() else None
        if value is None or (least is not None and value < least) or (most is not None and value > most):
            comma = ", with a decimal point" if "," in text else ""
            raise ValueError(f"expected {expected}{comma}, got {quote(text)}")
        return value

    return Cell(parse, expected, format_quantity, kind="number")


def _percent(expected: str) -> Cell:
    of = _quantity(0, 1000 * MICRO, expected)
    # A spreadsheet shows 0.05 as 5%, which was meant.
    return Cell(lambda text: of.parse(text.removesuffix("%").rstrip(" ")), expected, format_quantity, kind="number")


def _whole(least: int, most: int) -> Cell:
    def parse(text: str) -> int:
        if _WHOLE.fullmatch(text) is None or not least <= int(text) <= most:
            raise ValueError(f"expected a whole number from {least} to {most}, got {quote(text)}")
        return int(text)

    return Cell(parse, f"a whole number from {least} to {most}", kind="number")


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError(f"expected yes or no, got {quote(text)}")
    return text == "yes"


def _date(text: str) -> str:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValueError(f"expected a date like 2026-01-31, got {quote(text)}")


def _moment(text: str) -> str:
    try:
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text)
            zone = moment.tzinfo
            wall_clock = moment if zone is None else moment.astimezone(UTC).replace(tzinfo=None)
            if FIRST_YEAR <= wall_clock.year <= LAST_YEAR:
                return f"{wall_clock.isoformat()}{'' if zone is None else 'Z'}"
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"expected a time like 2026-01-31T06:00 (plant time) or 2026-01-31T05:00:00Z, got {quote(text)}")


def microseconds(moment: str, zone: str) -> int:
    """Return the instant of a date-time cell in microseconds UTC; without offset it is local time of the zone.

    >>> microseconds("2026-01-01T01:00:00", "Europe/Berlin") == microseconds("2026-01-01T00:00:00Z", "UTC")
    True
    """
    parsed = datetime.fromisoformat(moment)
    at = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=ZoneInfo(zone))
    return int(at.replace(microsecond=0).timestamp()) * 1_000_000 + at.microsecond


def moment_text(at: int, zone: str) -> str:
    """Print microseconds UTC as a date-time cell: local time of the zone, unless that comes twice.

    >>> moment_text(1_767_225_600_000_000, "Europe/Berlin"), moment_text(1_792_890_000_500_000, "Europe/Berlin")
    ('2026-01-01T01:00:00', '2026-10-25T01:00:00.500000Z')
    """
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    text = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
    wall = datetime.fromisoformat(text)
    twice = wall.replace(tzinfo=ZoneInfo(zone)).utcoffset() != wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset()
    return f"{moment.replace(tzinfo=None).isoformat()}Z" if twice else text


def _clock(text: str) -> str:
    try:
        if _CLOCK.fullmatch(text):
            return time.fromisoformat("00:00" if text == _MIDNIGHT else text).isoformat("minutes")
    except ValueError:
        pass
    raise ValueError(f"expected a time of day like 06:00, got {quote(text)}")


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in re.split(r"[, ]+", text):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"expected days like Mon-Fri or Mon,Wed,Sat, got {quote(text)}")
        start = DAYS.index(first)
        found |= {(start + i) % 7 for i in range((DAYS.index(last) - start) % 7 + 1 if dash else 1)}
    return frozenset(found)


def _print_days(days: frozenset[int]) -> str:
    first, last = min(days), max(days)
    if len(days) > 1 and last - first == len(days) - 1:
        return f"{DAYS[first]}-{DAYS[last]}"
    return ",".join(DAYS[day] for day in sorted(days))


@lru_cache(maxsize=1024)
def _zone(text: str) -> str:
    try:
        if _ZONE.fullmatch(text) and text not in ("localtime", "posixrules"):
            return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise ValueError(f"expected a time zone like Europe/Berlin, got {quote(text)}")


def _gtin(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) in (8, 12, 13, 14)):
        raise ValueError(f"expected a GTIN of 8, 12, 13 or 14 digits, got {quote(text)}")
    text = text.rjust(14, "0")
    digit = -sum(int(c) * (3 - 2 * (i % 2)) for i, c in enumerate(text[:13])) % 10
    if int(text[13]) != digit:
        raise ValueError(f"expected the check digit {digit}, got {text[13]} in GTIN {text}")
    return text


def _device(text: str) -> str:
    if _DEVICE.fullmatch(text) is None:
        raise ValueError(
            f"expected a device id of 1 to 40 letters, digits, _ or -, not beginning with _ or -, got {quote(text)}"
        )
    if text in RESERVED:
        raise ValueError(f"expected a device id, got {quote(text)}, which is the name of a topic")
    return text


_segment = _pattern(_SEGMENT, "1 to 40 letters, digits, '.', '_' or '-', not beginning with '_'")


def _roaming_line(text: str) -> object:
    return text if text == "_" else _segment.parse(text)


Text = Annotated[str, _text(200)]
Code = Annotated[str, _text(LONGEST)]
Segment = Annotated[str, _segment]
"""A plant, line or operation: it is part of topics."""
RoamingLine = Annotated[str, Cell(_roaming_line, "a line, or _ for a scanner that roams")]
DeviceId = Annotated[str, Cell(_device, "a device id of 1 to 40 letters, digits, _ or -")]
Quantity = Annotated[int, _quantity(None, None, f"a number {READABLE}")]
NotNegative = Annotated[int, _quantity(0, None, f"a number of at least 0 {READABLE}")]
Positive = Annotated[int, _quantity(1, None, f"a number above 0 {READABLE}")]
Percent = Annotated[int, _percent("a percentage from 0 to 1000 with up to 6 decimals")]
Count = Annotated[int, _whole(0, 10**15 - 1)]
OptionalCount = Annotated[int | None, _whole(0, 10**15 - 1)]
CountFromOne = Annotated[int, _whole(1, 10**15 - 1)]
OptionalCountFromOne = Annotated[int | None, _whole(1, 10**15 - 1)]
Decimals = Annotated[int, _whole(0, 6)]
Strategy = Annotated[int, _whole(1, 4)]
YesNo = Annotated[bool, Cell(_yes_no, "yes or no", format=lambda value: "yes" if value else "no", words=("yes", "no"))]
Date = Annotated[str, Cell(_date, "a date like 2026-01-31", kind="date")]
Moment = Annotated[str, Cell(_moment, "a time like 2026-01-31T06:00, of the plant's clock", kind="moment")]
Clock = Annotated[str, Cell(_clock, "a time of day like 06:00")]
Days = Annotated[frozenset[int], Cell(_days, "days like Mon-Fri or Mon,Wed,Sat", _print_days)]
Zone = Annotated[str, Cell(_zone, "a time zone like Europe/Berlin")]
Gtin14 = Annotated[str, Cell(_gtin, "a GTIN of 8, 12, 13 or 14 digits")]
Window = Annotated[str, _pattern(_WINDOW, "a window (reading, 100pc, 30s, shift or scan)")]
StockType = Annotated[str, _pattern(_STOCK_TYPE, "a stock type like E/order/item")]
Movement = Annotated[str, _pattern(_MOVEMENT, "a movement type of 1 to 4 letters or digits")]
Decoder = Annotated[
    str,
    choice(
        "native",
        "number",
        "kepware",
        "s7databus",
        "neuron",
        "umh",
        "tasmota",
        "shelly",
        "sparkplug",
        "proglove",
        "jmespath",
    ),
]
