"""Tables: records of a report as cells of a page, in the words, numbers and times of a language.

A name has one meaning in all reports, so its column is shown alike on every page: as a number, a time, a word of the
language or a link. Whatever the ledger holds is text that a template escapes.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from urllib.parse import quote
from zoneinfo import ZoneInfo

from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.refusals import what_is_wrong
from gateway.ledger.reports.cells import cell, money
from gateway.service.times import zone_of
from gateway.web.texts import texts

Record = Mapping[str, Any]
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_NUMBER: Final = re.compile(r"(-?)(\d+)(?:\.(\d+))?")
_MARKS: Final = {"en": (",", "."), "de": (".", ",")}
"""The mark between thousands, and that before decimals."""
_LONGEST: Final = 400
"""Longer numbers are none of the ledger's, and stay as they are."""
_MINUS: Final = "\u2212"
_DAYS: Final = {"en": "%Y-%m-%d", "de": "%d.%m.%Y"}
_WORDS: Final = frozenset(
    {"type", "status", "state", "process", "kind", "role", "measure", "severity", "what", "closed", "disabled", "phase",
     "origin", "timing", "closes_by"})  # fmt: skip
"""Columns whose values are words of the program, each with a text in every language."""
_CHANGES: Final = ("replaces", "replaced by", "moved from")
"""The changes of a device's row that name a device or place."""
_SPOKEN: Final = {"state": ("device", "word"), "timing": ("timing",), "phase": ("phase", "word"),
                  "closes_by": ("window",)}  # fmt: skip
"""The beginnings of the keys of such texts by column, else `word`: one word may mean several things."""
_MOMENTS: Final = frozenset(
    {"at", "start", "end", "finish", "since", "posting_date", "production_date", "date", "entered_at", "heard_at",
     "change_at", "created_at", "first_at", "last_at", "closes_at"})  # fmt: skip
_AMOUNTS: Final = frozenset({"amount", "debits", "credits", "balance"})
_LINKS: Final = {
    "document": "/documents/{}", "first_document": "/documents/{}", "reverses": "/documents/{}",
    "reversed_by": "/documents/{}", "caused_by": "/documents/{}", "posted_by": "/documents/{}",
    "issued_by": "/documents/{}", "device": "/devices/{}", "table": "/masterdata/{}",
}  # fmt: skip
"""The page of a value, by the column that names it."""
_ORDERS: Final = frozenset({"order", "orders"})


class TableCell(NamedTuple):
    """A value as a page shows it."""

    text: str
    link: str = ""
    title: str = ""
    machine: str = ""
    """A time as programs read it."""


class Bar(NamedTuple):
    """Parts of a whole, each from 0 to 100."""

    made: int
    planned: int = 0


class Column(NamedTuple):
    """A column of a table."""

    name: str
    heading: str
    is_number: bool
    is_shown: bool
    is_told: bool
    """Whether CSV has it."""


class ListRow(NamedTuple):
    """A row: its record, and a list of cells or a bar for each column."""

    record: Record
    cells: Sequence[Sequence[TableCell] | Bar]


class Table(NamedTuple):
    """A table, ready for a template."""

    headings: Sequence[tuple[str, bool]]
    """Each with whether its cells are numbers."""
    rows: Sequence[ListRow]


def columns_of(spec: str) -> tuple[Column, ...]:
    """Read columns as reports of the command line are described.

    A field's name, `=` and the key of its heading if that differs; before it `>` for a number, `*` if the page alone
    has it. Those after `|` are in CSV alone.

    >>> [(each.name, each.heading, each.is_number) for each in columns_of("device=counter >total | seq")]
    [('device', 'counter', False), ('total', 'total', True), ('seq', 'seq', False)]
    """
    result, is_shown = [], True
    for word in spec.split():
        if word == "|":
            is_shown = False
            continue
        name, _, heading = word.lstrip(">*").partition("=")
        marks = word[: len(word) - len(word.lstrip(">*"))]
        result.append(Column(name, heading or name, ">" in marks, is_shown, "*" not in marks))
    return tuple(result)


class PageWords:
    """The words, numbers and times of a language, for the plants of the master data."""

    def __init__(self, language: str, master: MasterData) -> None:
        self.texts = texts(language)
        self.language = language
        self._master = master

    def number(self, text: str) -> str:
        """Print a decimal number, exactly.

        >>> PageWords("de", MasterData()).number("1234567.5"), PageWords("en", MasterData()).number("0.25")
        ('1.234.567,5', '0.25')
        """
        found = _NUMBER.fullmatch(text)
        if found is None or len(text) > _LONGEST:
            return text
        thousands, decimals = _MARKS[self.language]
        whole = f"{int(found[2]):,}".replace(",", thousands)
        return f"{_MINUS if found[1] else ''}{whole}{decimals + found[3] if found[3] else ''}"

    def amount(self, text: str, plant: str) -> str:
        """Print an amount in the currency of a plant."""
        return self.number(money(text, self.currency(plant)))

    def currency(self, plant: str) -> str:
        """Return the currency of a plant; none of one that is not maintained."""
        return self._master.plants[plant].currency if plant in self._master.plants else ""

    def moment(self, text: str, plant: str = "") -> TableCell:
        """Print a date, or a time by the clock of a plant; any other text as it is.

        >>> PageWords("de", MasterData()).moment("2026-11-22T08:15:30.120Z").text
        '22.11.2026 08:15:30 UTC'
        """
        day = _DAYS[self.language]
        if _DATE.fullmatch(text):
            year, month, date = text.split("-")
            return TableCell(day.replace("%Y", year).replace("%m", month).replace("%d", date), machine=text)
        if not _TIME.fullmatch(text):
            return TableCell(text)
        zone = zone_of(self._master, plant)
        try:
            at = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
        except (ValueError, OverflowError):  # any client of the broker may have sent it
            return TableCell(text)
        shown = at.strftime(f"{day} %H:%M:%S")
        return TableCell(f"{shown} UTC" if zone == "UTC" else shown, title=f"{text[:19]}Z", machine=text)

    def word(self, value: object, column: str = "") -> str:
        """Return a word of the program, as it is meant in a column, in this language; a name stays as it is.

        >>> PageWords("de", MasterData()).word("reversal"), PageWords("en", MasterData()).word("P-100")
        ('Storno', 'P-100')
        >>> [PageWords("en", MasterData()).word("online", column) for column in ("state", "timing")]
        ['online', 'at once']
        """
        key = {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
        kinds = _SPOKEN.get(column, ("word",))
        return next((self.texts[name] for of in kinds if (name := f"{of}_{key}") in self.texts), key)

    def meaning(self, code: str) -> str:
        """Return what a code of the gateway says, in a few words: those of scanners, or of this page if they differ.

        >>> PageWords("de", MasterData()).meaning("BF5002")
        'bereits storniert'
        """
        return self.texts.get(f"code_{code}") or what_is_wrong(self.language, code)

    def table(
        self, spec: str, records: Iterable[Record], row: Callable[[Record], Record] = dict, *, is_raw: bool = False
    ) -> Table:
        """Make a table; columns that are empty in all records are left out. `row` adds what the page alone has.

        is_raw: names and values are those of a file, which no language changes.
        """
        columns = [column for column in columns_of(spec) if column.is_shown]
        show = _plain if is_raw else self._cells
        found = [(record, [show(row(record), column) for column in columns]) for record in records]
        used = [place for place in range(len(columns)) if not found or any(cells[place] for _, cells in found)]
        headings = [columns[place].heading for place in used]
        return Table(
            [(name if is_raw else self.texts[f"col_{name}"], columns[place].is_number)
             for name, place in zip(headings, used, strict=True)],
            [ListRow(record, [cells[place] for place in used]) for record, cells in found],
        )  # fmt: skip

    def _cells(self, record: Record, column: Column) -> Sequence[TableCell] | Bar:
        value = record.get(column.name)
        if isinstance(value, Bar):
            return value
        many = value if isinstance(value, list | tuple) and not isinstance(value, TableCell) else [value]
        return [each if isinstance(each, TableCell) else self._cell(record, column, each) for each in many
                if each is not None and each not in ("", {})]  # fmt: skip

    def _cell(self, record: Record, column: Column, value: object) -> TableCell:
        name, plant = column.name, str(record.get("plant") or "")
        text = cell(value)
        if name in _AMOUNTS:
            return TableCell(self.amount(text, plant))
        if column.is_number:
            return TableCell(self.number(text))
        if name in _MOMENTS:
            return self.moment(text, plant)
        if name in ("code", "cause"):
            return TableCell(f"{text} {self.meaning(text)}".rstrip())
        if name == "change":
            return TableCell(self._change(text))
        if name in _WORDS:
            return TableCell(self.word(value, name))
        if name == "elements" and isinstance(value, Mapping):
            amounts = (f"{self.word(each)} {self.amount(cell(inner), plant)}" for each, inner in sorted(value.items()))
            return TableCell(", ".join(amounts))
        if isinstance(value, Mapping):
            return TableCell(", ".join(self._pairs(value)))
        if name == "line" and plant and text and not text.startswith("_"):
            return TableCell(text, f"/line/{quote(plant, safe='')}/{quote(text, safe='')}")
        if name in _ORDERS:
            return TableCell(text, link_order(text, plant, str(record.get("line") or "")))
        return TableCell(text, _LINKS[name].format(quote(text, safe="")) if name in _LINKS else "")

    def _change(self, text: str) -> str:
        """Return the change of a device's row, which may name a device or place, in this language."""
        for change in _CHANGES:
            if text.startswith(f"{change} "):
                return self.texts[f"word_{change}"].format(name=text.removeprefix(f"{change} "))
        return self.word(text)

    def _pairs(self, value: Mapping[str, Any]) -> Iterator[str]:
        unnamed = self.texts["no_reason"]
        for name, inner in sorted(value.items()):
            yield f"{cell(name) or unnamed} {self.number(cell(inner))}"


def link_order(order: str, plant: str, line: str, page: str = "orders") -> str:
    """Return the address of a planned order, or of what names it on another page.

    It is found among those of a line: a list shows one place at a time.

    >>> link_order("P 1", "1000", "L04"), link_order("P 1", "1000", "")
    ('/orders?order=P%201&line=1000%2FL04', '/orders?order=P%201')
    """
    where = f"&line={quote(f'{plant}/{line}', safe='')}" if plant and line else ""
    return f"/{page}?order={quote(order, safe='')}{where}"


def _plain(record: Record, column: Column) -> Sequence[TableCell]:
    text = cell(record.get(column.name))
    return [TableCell(text)] if text else []
