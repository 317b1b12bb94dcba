"""Arguments of commands: the ledger as of one moment, the master data in force, and the words of a command line."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import click

from gateway.backflush.values.names import quote
from gateway.canonical import read, split
from gateway.cli.shared.command import Invocation, database_errors, tell
from gateway.errors import LedgerUnavailable, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gateway.backflush.plant.snapshot import MasterData
    from gateway.ledger.reports.document_filter import DocumentFilter
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings


class LinePlace(NamedTuple):
    """A line, or with an empty `line` all lines of a plant."""

    plant: str = ""
    line: str = ""

    def __str__(self) -> str:
        return f"{self.plant}/{self.line}" if self.line else self.plant


class _PlaceType(click.ParamType[LinePlace]):
    """Reads the form in its name: `PLANT/LINE`, `PLANT`, or either of them."""

    def __init__(self, name: str) -> None:
        self.name = name

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> LinePlace:
        """Read a place, or fail as click does: no plant or line has a name that topics cannot hold."""
        from gateway.mqtt.topics import is_line, is_plant

        if isinstance(value, LinePlace):
            return value
        plant, separator, line = str(value).partition("/")
        fits = {"PLANT": not separator, "PLANT/LINE": bool(separator)}.get(self.name, True)
        if not (fits and is_plant(plant) and (not separator or is_line(line))):
            example = "1000" if self.name == "PLANT" else "1000/L04"
            self.fail(f"expected {self.name} such as {example}, got {quote(str(value))}", parameter, context)
        return LinePlace(plant, line)


class _QuantityType(click.ParamType[str]):
    """Reads a plain decimal number above 0; it stays text, as in requests."""

    name = "quantity"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """Read a quantity, or fail as click does: also an empty one, which would otherwise count as not given."""
        from gateway.backflush.values.quantities import READABLE, parse_quantity

        quantity = parse_quantity(str(value))
        if "," in str(value):
            self.fail(
                f"expected a number with a decimal point such as 0.5, got {quote(str(value))}", parameter, context
            )
        if quantity is None or quantity <= 0:
            self.fail(f"expected a number above 0 {READABLE}, got {quote(str(value))}", parameter, context)
        return str(value)


class _DateType(click.ParamType[str]):
    """Reads a date, or with `%Y-%m` a month, of years with production days; it stays text, as in the ledger."""

    def __init__(self, form: str, name: str, example: str) -> None:
        self._form = form
        self.name = name
        self._example = example

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """Read it, or fail as click does: an impossible day would be compared like a real one."""
        from gateway.backflush.posting.dates import FIRST_YEAR, LAST_YEAR

        text = str(value)
        try:
            read = datetime.strptime(text, self._form)  # noqa: DTZ007 - a date has no zone
        except ValueError:
            read = None
        fits = read is not None and FIRST_YEAR <= read.year <= LAST_YEAR and read.strftime(self._form) == text
        if text and not fits:
            self.fail(f"expected {self.name} such as {self._example}, got {quote(text)}", parameter, context)
        return text


QUANTITY = _QuantityType()
DATE = _DateType("%Y-%m-%d", "YYYY-MM-DD", "2026-11-22")
MONTH = _DateType("%Y-%m", "YYYY-MM", "2026-11")
LINE = _PlaceType("PLANT/LINE")
PLANT = _PlaceType("PLANT")
PLACE = _PlaceType("PLANT[/LINE]")
OF_LINE = click.argument("place", metavar="PLANT/LINE", type=LINE)
ONLY_PLACE = click.option("--line", "place", type=PLACE, default=LinePlace(), help="Only this line or plant.")


@contextmanager
def ledger(invocation: Invocation) -> Iterator["Connection"]:
    """Read the ledger as of one moment; NoLedger if there is none, Unavailable if it cannot be reached."""
    from gateway.service.local.read_only import read_ledger

    settings = invocation.settings()
    with database_errors(), read_ledger(settings) as connection:
        yield connection


@contextmanager
def telling_what_is_made(settings: "Settings") -> Iterator[None]:
    """Name a new journal and SQLite ledger by their full paths: they may be in the wrong place."""
    from gateway.service.local.read_only import missing_file

    ledger_file = missing_file(settings)
    made = {"journal": None if settings.journal_path.exists() else settings.journal_path, "ledger": ledger_file}
    try:
        yield
    finally:
        for what, path in made.items():
            if path is not None and path.exists():
                tell(f"created {what} {path.absolute()}")


def in_force(settings: "Settings") -> "Tables":
    """Return the tables in force; none before the first import, or without a ledger."""
    from gateway.service.local.in_force import tables_in_force

    with database_errors():
        return tables_in_force(settings)


PLAN: Final = ("plants", "shifts", "calendar_exceptions", "materials", "production_versions", "planned_orders")
"""The tables for the plan of a day and shift."""


def master_of(connection: "Connection", *only: str) -> "MasterData":
    """Return the master data in force, or that of only some tables; empty before the first import."""
    from gateway.backflush.plant.snapshot import MasterData
    from gateway.ledger.store.load import master_bytes
    from gateway.masterdata.build import build
    from gateway.masterdata.tables import tables_in

    content = master_bytes(connection)
    return build(tables_in(content, only)).master if content is not None else MasterData()


def plant_times(connection: "Connection") -> Callable[[str, str | None], str]:
    """Return a function that prints a time of a report (ISO 8601, UTC) in a plant's local time, to the second.

    Without a plant it is the common local time of all plants. Without one it stays UTC, and is marked so.
    """
    zones = {row["plant"]: ZoneInfo(row.get("time_zone", "UTC")) for row in _plants(connection)}
    if len({*zones.values()}) == 1:
        zones[""] = next(iter(zones.values()))

    def print_time(plant: str, time: str | None) -> str:
        if not time:
            return ""
        zone = zones.get(plant)
        at = datetime.fromisoformat(time)
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if zone else f"{at:%Y-%m-%d %H:%M:%S}Z"

    return print_time


def currencies(connection: "Connection") -> dict[str, str]:
    """Return the currency of each plant."""
    return {row["plant"]: row.get("currency", "EUR") for row in _plants(connection)}


def _plants(connection: "Connection") -> Sequence[Mapping[str, str]]:
    """Return the plants in force; none if master data is damaged: postings are still shown."""
    from gateway.ledger.store.load import master_bytes

    with suppress(LedgerUnavailable):
        plants: list[Any] = [read(row) for row in split(master_bytes(connection) or b"").get("plants", ())]
        return plants
    return ()


def refuse_unknown(
    connection: "Connection",
    found: Sequence[object] = (),
    *,
    place: LinePlace = LinePlace(),  # noqa: B008 - it cannot be changed
    material: str = "",
    device: str = "",
) -> None:
    """Refuse a filter with an unknown name, if it finds nothing.

    A name that master data has dropped stays known as long as the ledger has rows of it.
    """
    from gateway.backflush.posting.names import unknown_line
    from gateway.ledger.reports.lists import mentions

    if found:
        return
    plant = place.plant
    if plant and not mentions(connection, plant=plant, line=place.line):
        master = master_of(connection)
        if place.line and (unknown := unknown_line(master, plant, place.line)) is not None:
            raise UsageError(unknown.text)
        if plant not in master.plants:
            raise UsageError(f"there is no plant {quote(plant)}; there is {', '.join(sorted(master.plants)) or 'none'}")
    if material and not mentions(connection, plant=plant, material=material):
        known = master_of(connection).materials
        if not any(name == material and plant in ("", of) for of, name in known):
            raise UsageError(f"there is no material {quote(material)}" + (f" in plant {plant}" if plant else ""))
    if device and not mentions(connection, device=device) and device not in master_of(connection).devices:
        raise UsageError(
            f"there is no device {quote(device)}, and no message from it; `backflush report devices` lists devices"
        )


def refuse_reversed(since: str, until: str) -> None:
    """Refuse a period that ends before it begins."""
    if since and until and since > until:
        raise UsageError(f"--since {since} is after --until {until}")


def moment(text: str, plant: str, master: "MasterData", *, is_end: bool = False) -> int:
    """Read an ISO 8601 date or time as microseconds UTC; without an offset it is plant time, if the plant is clear.

    is_end: the moment after it, or after the whole date.
    """
    from gateway.service.times import read_begin, read_end, zone_of

    at = (read_end if is_end else read_begin)(text, zone_of(master, plant))
    if isinstance(at, int):
        return at
    raise click.BadParameter(at.text)


def document_filter(connection: "Connection", place: LinePlace, since: str, until: str) -> "DocumentFilter":
    """Return the filter of a place and of times: a date is the whole day."""
    from gateway.ledger.reports.document_filter import DocumentFilter

    plants = master_of(connection, "plants") if since or until else None
    begin = moment(since, place.plant, plants) if plants and since else 0
    end = moment(until, place.plant, plants, is_end=True) if plants and until else 0
    if end and begin >= end:
        raise UsageError(f"--since {since} is after --until {until}")
    return DocumentFilter(str(place), begin, end)


def document_number(text: str, option: str) -> int:
    """Return the number of a document or of an entry."""
    from gateway.backflush.values.quantities import parse_whole

    number = parse_whole(text)
    if number is None:
        raise UsageError(f"{option}: expected a number such as 0000000003, got {quote(text)}")
    return number


_COMPONENT = re.compile(
    r"(?P<material>.+?)=(?P<quantity>-?[0-9.,]+)(?P<unit>[^@#=]+)?(?:@(?P<location>[^@#]+))?(?:#(?P<batch>.+))?"
)


def component_of(text: str, *, zero: bool = False) -> dict[str, str]:
    """Read MATERIAL=QUANTITY[UNIT][@LOCATION][#BATCH]; zero: a quantity of 0 is allowed, for none used."""
    match = _COMPONENT.fullmatch(text)
    if match is None:
        raise click.BadParameter(
            f"expected MATERIAL=QUANTITY[UNIT][@LOCATION][#BATCH] such as WIRE-3=0.5@RM01, got {quote(text)}",
            param_hint="--component",
        )
    if not zero or match["quantity"].strip("0."):
        above_zero(match["quantity"], "--component")
    return match.groupdict("")


def above_zero(quantity: str, option: str) -> None:
    """Refuse a text that is no quantity above zero, and name its option."""
    try:
        QUANTITY.convert(quantity, None, None)
    except click.BadParameter as error:
        back = "; use reverse DOCUMENT --component for returned components" if option == "--component" else ""
        raise click.BadParameter(f"{error.message}{back}", param_hint=option) from error
