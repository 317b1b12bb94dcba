"""What commands read: the ledger as of one moment, the master data in force, and the words of a command line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

import click

from gateway.cli.frame import Invocation, database_errors, tell
from gateway.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from gateway.backflush.plant import MasterData
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings


class LinePlace(NamedTuple):
    """A line, or with an empty `line` all lines of a plant."""

    plant: str = ""
    line: str = ""

    def __str__(self) -> str:
        return f"{self.plant}/{self.line}" if self.line else self.plant


class _PlaceType(click.ParamType[LinePlace]):
    """Reads `PLANT/LINE`, or `PLANT` where a whole plant may be meant."""

    def __init__(self, *, whole_plant: bool) -> None:
        self._whole_plant = whole_plant
        self.name = "PLANT[/LINE]" if whole_plant else "PLANT/LINE"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> LinePlace:
        """Read a place, or fail as click does."""
        if isinstance(value, LinePlace):
            return value
        plant, separator, line = str(value).partition("/")
        if not plant or (separator and not line) or "/" in line or not (line or self._whole_plant):
            self.fail(f"expected {self.name} such as 1000/L04, got {str(value)!a}", parameter, context)
        return LinePlace(plant, line)


class _QuantityType(click.ParamType[str]):
    """Reads a plain decimal number above 0; it stays text, for a request says quantities as text."""

    name = "quantity"

    def convert(self, value: object, parameter: click.Parameter | None, context: click.Context | None) -> str:
        """Read a quantity, or fail as click does: an empty one as well, which would else be taken for none given."""
        from gateway.backflush.quantities import parse_quantity

        quantity = parse_quantity(str(value))
        if quantity is None or quantity <= 0:
            self.fail(f"expected a number above 0 with at most 6 decimals, got {str(value)!a}", parameter, context)
        return str(value)


QUANTITY = _QuantityType()
LINE = _PlaceType(whole_plant=False)
PLACE = _PlaceType(whole_plant=True)


@contextmanager
def ledger(invocation: Invocation) -> Iterator["Connection"]:
    """Read the ledger as of one moment; UsageError if there is none, Unavailable if it cannot be reached."""
    from gateway.service.client import read_ledger

    settings = invocation.settings()
    missing = missing_file(settings)
    if missing is not None:
        raise UsageError(f"{missing}: expected a ledger, found no such file; `backflush init` creates it")
    with database_errors(), read_ledger(settings) as connection:
        yield connection


def missing_file(settings: "Settings") -> Path | None:
    """Return the path of a SQLite ledger that is not there."""
    from gateway.ledger.database import database_url

    url = database_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database is None or Path(url.database).exists():
        return None
    return Path(url.database)


@contextmanager
def telling_what_is_made(settings: "Settings") -> Iterator[None]:
    """Say by its whole path which journal and which SQLite ledger were not there before: perhaps in the wrong place."""
    ledger_file = missing_file(settings)
    made = {
        "journal": None if settings.journal_path.exists() else settings.journal_path,
        "ledger": ledger_file,
    }
    try:
        yield
    finally:
        for what, path in made.items():
            if path is not None and path.exists():
                tell(f"created {what} {path.absolute()}")


def in_force(settings: "Settings") -> "Tables":
    """Return the tables in force; none before the first import, or where there is no ledger yet."""
    from gateway.masterdata.tables import Tables
    from gateway.service.client import tables_in_force

    if missing_file(settings) is not None:
        return Tables()
    with database_errors():
        return tables_in_force(settings)


def master_of(connection: "Connection") -> "MasterData":
    """Return the master data in force; empty before the first import."""
    from gateway.backflush.plant import MasterData
    from gateway.ledger.load import master_bytes
    from gateway.masterdata.build import build
    from gateway.masterdata.tables import load_tables

    content = master_bytes(connection)
    return build(load_tables(content)).master if content is not None else MasterData()


def moment(text: str, plant: str, master: "MasterData") -> int:
    """Read an ISO 8601 date or time as microseconds UTC; without an offset it is plant time, if the plant is clear."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"expected an ISO 8601 date or time such as 2026-11-22T06:00, got {text!a}") from None
    if at.tzinfo is None:
        known = master.plants.get(plant or (next(iter(master.plants)) if len(master.plants) == 1 else ""))
        at = at.replace(tzinfo=ZoneInfo(known.time_zone if known is not None else "UTC"))
    return round(at.timestamp() * 1_000_000)


_COMPONENT = re.compile(
    r"(?P<material>[^=]+)=(?P<quantity>-?[0-9.]+)(?P<unit>[^@#]+)?(?:@(?P<location>[^@#]+))?(?:#(?P<batch>.+))?"
)


def component_of(text: str, *, zero: bool = False) -> dict[str, str]:
    """Read MATERIAL=QUANTITY[UNIT][@LOCATION][#BATCH]; zero: a quantity of 0 says that none was used."""
    match = _COMPONENT.fullmatch(text)
    if match is None:
        raise click.BadParameter(
            f"expected MATERIAL=QUANTITY[UNIT][@LOCATION][#BATCH] such as WIRE-3=0.5@RM01, got {text!a}",
            param_hint="--component",
        )
    if not zero or match["quantity"].strip("0."):
        above_zero(match["quantity"], "--component")
    return match.groupdict("")


def above_zero(quantity: str, option: str) -> None:
    """Refuse what is no quantity, and name the option that it was said by."""
    try:
        QUANTITY.convert(quantity, None, None)
    except click.BadParameter as error:
        back = "; what comes back is said by reverse DOCUMENT --component" if option == "--component" else ""
        raise click.BadParameter(f"{error.message}{back}", param_hint=option) from error
