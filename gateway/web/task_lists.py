"""The lists of work that waits for a person: worklist, missing components, quarantine by its causes."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from gateway.backflush.values.quantities import parse_whole
from gateway.errors import UsageError
from gateway.ledger.reports import present
from gateway.ledger.reports.open_windows import windows
from gateway.web.lists import Query, WorkList
from gateway.web.tables import PageWords, Record, TableCell

_MOST_CAUSES: Final = 10_000


def _worklist(connection: Connection, query: Query) -> Sequence[Record]:
    return present.sum_worklist(connection, line=query.line)


def _worklist_row(record: Record, words: PageWords) -> Record:
    every = words.texts["all_processes"]
    holds = ((words.word(hold["process"]) or every, hold["actor"], hold["reason"]) for hold in record["holds"])
    return {**record, "held": [TableCell(f"{process}: {actor}, {reason}") for process, actor, reason in holds]}


def _dues(connection: Connection, query: Query) -> Sequence[Record]:
    return present.worklist(connection, line=query.line)


def _backlog(connection: Connection, query: Query) -> Sequence[Record]:
    """Return what is missing by material and location, with the stock that is there now."""
    missing = present.sum_backlog(connection, query.now, line=query.line, material=query.said["material"])
    places = [(row["plant"], row["material"], row["location"]) for row in missing]
    there = present.stock_at(connection, places)
    return [{**row, "stock": there.get(place, ["0"])} for row, place in zip(missing, places, strict=True)]


def _backlog_row(record: Record, words: PageWords) -> Record:
    return {
        **record,
        "stock": [TableCell(words.number(each)) for each in record["stock"]],
        "age": span_of(record["age_s"]),
    }


def _shortages(connection: Connection, query: Query) -> Sequence[Record]:
    document, item = (parse_whole(part or "0") for part in query.after or ("", ""))
    if document is None or item is None:
        raise UsageError("the address of this page is damaged; begin with the first page")
    asked = {"line": query.line, "material": query.said["material"]}
    return present.backlog(connection, query.now, **asked, limit=query.limit, after=(document, item))


def _shortage_row(record: Record, _: PageWords) -> Record:
    return {**record, "age": span_of(record["age_s"])}


def span_of(seconds: int) -> str:
    """Print an age in its largest unit.

    >>> span_of(59), span_of(7_300), span_of(200_000)
    ('0 min', '2 h', '2 d')
    """
    for size, unit in ((86_400, "d"), (3_600, "h")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds // 60} min"


def _quarantine(connection: Connection, query: Query) -> Sequence[Record]:
    which = present.Entries(line=query.line, device=query.said["device"], code=query.said["code"])
    return present.sum_quarantine(connection, which, limit=_MOST_CAUSES)


def _quarantine_row(record: Record, words: PageWords) -> Record:
    return {**record, "mend": [TableCell(mend_by(record["code"], words))]}


def mend_by(code: str, words: PageWords) -> str:
    """Return the sentence that says how the cause of a code is mended: its own, else that of its thousand."""
    return words.texts.get(f"mend_{code}") or words.texts.get(f"mend_{code[:3]}") or words.texts["mend_other"]


def _entries(connection: Connection, query: Query) -> Sequence[Record]:
    after = parse_whole(query.after[0]) if query.after else 0
    if after is None:
        raise UsageError("the address of this page is damaged; begin with the first page")
    which = present.Entries(line=query.line, device=query.said["device"], code=query.said["code"], after=after)
    return present.quarantine(connection, which, limit=query.limit)


def _windows(connection: Connection, query: Query) -> Sequence[Record]:
    return windows(connection, line=query.line)


def _windows_row(record: Record, _: PageWords) -> Record:
    devices = [TableCell(name, f"/devices/{name}") for name in record["devices"]]
    return {**record, "devices": devices}


TASKS: Final = (
    WorkList(
        "worklist",
        "line >issues >activities posting_date=oldest *held plant",
        ("plant", "line"),
        _worklist,
        filters=("line",),
        row=_worklist_row,
    ),
    WorkList(
        "dues",
        "line process point material version >units >rows posting_date timing first_document held_by plant",
        ("plant", "line", "process", "point", "material", "version", "posting_date", "timing"),
        _dues,
        filters=("line",),
    ),
    WorkList(
        "windows",
        "line material point >yield >scrap >rework closes_by closes_at first_at last_at production_date shift batch "
        "*devices version plant | readings",
        ("plant", "line", "production_date", "shift", "point", "material", "version", "batch", "first_at"),
        _windows,
        filters=("line",),
        row=_windows_row,
    ),
    WorkList(
        "backlog",
        "material location >quantity=missing >stock=stock_now unit >records *age plant | created_at age_s",
        ("plant", "material", "location", "unit"),
        _backlog,
        filters=("line", "material"),
        reach="plants",
        row=_backlog_row,
    ),
    WorkList(
        "shortages",
        "document >item line material location >quantity=missing unit >required >issued >closed cause *age plant "
        "| movement cost_object production_date created_at age_s",
        ("document", "item"),
        _shortages,
        filters=("line", "material"),
        is_whole=False,
        row=_shortage_row,
    ),
    WorkList(
        "quarantine",
        "device code *mend >entries >messages >yield >scrap first_at last_at",
        ("device", "code"),
        _quarantine,
        filters=("line", "device", "code"),
        row=_quarantine_row,
    ),
    WorkList(
        "entries",
        "number at device code text line >yield >scrap >messages topic payload plant | kind reason entry last_at",
        ("number",),
        _entries,
        filters=("line", "device", "code"),
        is_whole=False,
    ),
)
