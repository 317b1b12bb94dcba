"""Lists: one description of each, from which its page and its CSV are made.

A list names its report, its columns and its filters. Its pages follow each other by the key of their last record, so
no page counts those before it, and nothing that comes meanwhile is shown twice or left out.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple, get_args

from sqlalchemy import Connection

from devices.errors import Rejection
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.documents import DocumentType
from gateway.backflush.values.names import quote
from gateway.errors import UsageError
from gateway.ledger.reports.cells import csv_cell
from gateway.mqtt.topics import is_line, is_plant
from gateway.service.times import read_begin, read_end, zone_of
from gateway.web.pages import read_place
from gateway.web.rights import Place, Reach, Visitor
from gateway.web.tables import PageWords, Record, columns_of

PAGE: Final = 50
MOST_CSV: Final = 10_000
_MOST_DAYS: Final = 92
_LONGEST: Final = 200
CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "type": get_args(DocumentType),
    "open": ("issue", "activity"),
    "state": ("open",),
    "by": ("shift", "day", "total"),
}
"""The values of filters that have no others."""
DAYS: Final = frozenset({"since", "until"})
ALWAYS: Final = frozenset({"after", "lang"})
"""The address of any list may hold these besides its filters."""


class Query(NamedTuple):
    """A question to a list: its filters, and the page that is asked for."""

    said: Mapping[str, str]
    """Filters as they were given; those that were not are empty."""
    place: Place
    master: MasterData
    now: int
    after: tuple[str, ...] = ()
    """The key of the record that the first one follows; empty: the list begins."""
    limit: int = PAGE + 1

    @property
    def line(self) -> str:
        """The place as reports take it: a line, a plant, or nothing."""
        return "/".join(filter(None, self.place))

    @property
    def since(self) -> int:
        """The beginning of the time, microseconds UTC; 0: none."""
        return self._moment(read_begin, "since")

    @property
    def until(self) -> int:
        """The end of the time; 0: none."""
        return self._moment(read_end, "until")

    def _moment(self, read: Callable[[str, str], int | Rejection], name: str) -> int:
        text = self.said[name]
        at = read(text, zone_of(self.master, self.place[0])) if text else 0
        if isinstance(at, Rejection):
            raise UsageError(f"{name}: {at.text}")
        return at


class WorkList(NamedTuple):
    """A list: its address, columns, report and filters."""

    name: str
    """That of its address, and of its texts."""
    columns: str
    """As `tables.columns_of` reads them."""
    key: tuple[str, ...]
    """The fields that tell a record from all others, and put the list in order."""
    report: Callable[[Connection, Query], Sequence[Record]] | None = None
    """Reads the ledger; records come in the order of their key if it is not `whole`."""
    watch: Callable[[Query], Sequence[Record]] | None = None
    """Reads what the process knows, if there is no report."""
    filters: tuple[str, ...] = ()
    is_whole: bool = True
    """Whether the report returns everything at once; else it takes `after` and `limit`."""
    newest_first: bool = False
    days: int = 0
    """The days that are shown without a filter of days; 0: all."""
    reach: Reach = "lines"
    is_raw: bool = False
    """Whether names and values are those of a file, which no language changes."""
    row: Callable[[Record, Any], Record] = lambda record, _: record
    """Adds what the page alone has, in the words of its language."""
    beside: Callable[[Any], Any] = lambda _: None
    """The texts beside the list, in the words of its language."""


def read_query(which: WorkList, said: Mapping[str, str], visitor: Visitor, master: MasterData, now: int) -> Query:
    """Read the address of a page; UsageError names what is wrong with it."""
    for name in said:
        if name not in which.filters and name not in ALWAYS:
            raise UsageError(f"there is no filter {quote(name[:_LONGEST])} here; there is {', '.join(which.filters)}")
    filters = {name: said.get(name, "").strip() for name in which.filters}
    for name, value in filters.items():
        _check(name, value)
    place = read_place(filters.get("line") or filters.get("plant") or "")
    if place == ("", ""):
        place = next(iter(visitor.places(which.reach)), None) or _refuse_everything()
    if which.days:
        _fill_days(which, filters, master, place, now)
    query = Query(filters, place, master, now, _read_cursor(which, said.get("after", "")))
    if filters.keys() >= DAYS and query.since and query.until and query.since >= query.until:
        raise UsageError(f"since {filters['since']} is after until {filters['until']}")
    return query


def _refuse_everything() -> Place:
    raise UsageError("this account has no lines; an administrator gives them")


def _check(name: str, value: str) -> None:
    plant, slash, line = value.partition("/")
    wrong = {
        "line": bool(value) and not (is_plant(plant) and (not slash or is_line(line))),
        "plant": bool(value) and not is_plant(value),
    }.get(name, len(value) > _LONGEST or not value.isprintable())
    if wrong:
        example = {"line": "a line such as 1000/L04, or a plant", "plant": "a plant such as 1000"}
        raise UsageError(f"{name}: expected {example.get(name, 'a name')}, got {quote(value[:_LONGEST])}")
    if value and value not in CHOICES.get(name, (value,)):
        raise UsageError(f"{name}: expected one of {', '.join(CHOICES[name])}, got {quote(value)}")


def _fill_days(which: WorkList, filters: dict[str, str], master: MasterData, place: Place, now: int) -> None:
    """Fill in the days of a list that has a day for each of its rows; more than a quarter of a year are refused."""
    known = master.plants.get(place[0]) or next(iter(master.plants.values()), None)
    today = known.day(now).date if known is not None else f"{datetime.fromtimestamp(now / 1e6).astimezone():%Y-%m-%d}"
    try:
        until = datetime.strptime(filters["until"] or today, "%Y-%m-%d")  # noqa: DTZ007 - a date has no zone
        since = filters["since"] or f"{until - timedelta(days=which.days - 1):%Y-%m-%d}"
        length = (until - datetime.strptime(since, "%Y-%m-%d")).days + 1  # noqa: DTZ007 - a day of the plant, without a time
    except (ValueError, OverflowError):
        got = quote(f"{filters['since']} to {filters['until']}")
        raise UsageError(f"expected dates such as 2026-11-22, got {got}") from None
    if not 0 < length <= _MOST_DAYS:
        raise UsageError(f"expected 1 to {_MOST_DAYS} days, got {length}: {since} to {until:%Y-%m-%d}")
    filters |= {"since": since, "until": f"{until:%Y-%m-%d}"}


def key_of(which: WorkList, record: Record) -> tuple[str, ...]:
    """Return what tells a record from all others of its list."""
    return tuple(str(record[name] or "") for name in which.key)


class Field(NamedTuple):
    """A field of a filter."""

    name: str
    label: str
    value: str
    choices: Sequence[tuple[str, str]]
    """Values and their texts; empty: any text."""
    kind: str


def fields_of(which: WorkList, query: Query, words: PageWords, visitor: Visitor) -> Iterator[Field]:
    """Yield the fields of a list's filter: who does not see everything chooses one of the own places."""
    mine = ["/".join(filter(None, place)) for place in visitor.places(which.reach)]
    for name in which.filters:
        value, label = query.said[name], words.texts.get(f"filter_{name}") or words.texts[f"col_{name}"]
        choices: list[tuple[str, str]] = []
        if name in CHOICES:
            choices = [("", words.texts["any"]), *((choice, words.word(choice)) for choice in CHOICES[name])]
        elif name in ("line", "plant"):
            value = query.line
            choices = [(place, place) for place in dict.fromkeys([*mine, value])] if mine != [""] else []
        is_day = name in DAYS and len(value) in (0, len("2026-11-22"))
        yield Field(name, label, value, choices, "date" if is_day else "month" if name == "period" else "text")


def is_narrowed(which: WorkList, query: Query, visitor: Visitor) -> bool:
    """Return whether a list leaves out a part of what the visitor may see: by a filter, or one of several places."""
    is_asked = any(query.said[name] for name in which.filters if not (which.days and name in DAYS))
    return is_asked or (bool(query.line) and len(visitor.places(which.reach)) > 1)


def cursor_of(which: WorkList, record: Record) -> str:
    """Return the text by which the page after a record is asked for."""
    return json.dumps(key_of(which, record), separators=(",", ":"))


def _read_cursor(which: WorkList, text: str) -> tuple[str, ...]:
    try:
        key = json.loads(text or "[]")
    except (ValueError, RecursionError):
        key = None
    is_key = isinstance(key, list) and all(isinstance(part, str) and part.isprintable() for part in key)
    if not is_key or len(key) not in (0, len(which.key)):
        raise UsageError("the address of this page is damaged; begin with the first page")
    return tuple(key)


def cut_whole(which: WorkList, records: Sequence[Record], query: Query) -> list[Record]:
    """Return the records of a page of a list that is read at once."""

    def follows(record: Record) -> bool:
        key = key_of(which, record)
        return key < query.after if which.newest_first else key > query.after

    found = sorted(records, key=lambda record: key_of(which, record), reverse=which.newest_first)
    return [record for record in found if not query.after or follows(record)][: query.limit]


def print_csv(which: WorkList, records: Sequence[Record], *, with_head: bool) -> str:
    """Print records as CSV under the names of `--json`: safe in a spreadsheet, and no cell holds JSON."""
    names = [column.name for column in columns_of(which.columns) if column.is_told]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    if with_head:
        writer.writerow(names)
    writer.writerows([csv_cell(record.get(name)) for name in names] for record in records)
    return file.getvalue()
