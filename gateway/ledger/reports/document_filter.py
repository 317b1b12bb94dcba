"""The filter of documents, and the query of its page: newest first, from a document on.

One condition leads: its index has the order of the list, or it names the documents themselves. All others are written
so that no index answers them, because each of them may find half of the ledger.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, or_, select, tuple_

from gateway.backflush.posting.serials import PALLET, PIECE
from gateway.backflush.values.documents import format_number
from gateway.backflush.values.names import quote
from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import NO_ASSEMBLY, OPEN, WITH_ACTOR, WITH_BATCH


class DocumentFilter(NamedTuple):
    """The documents to list; an empty field is all."""

    line: str = ""
    """Plant, or plant/line."""
    since: int = 0
    """Entered at this time or later, microseconds UTC; ..."""
    until: int = 0
    """... and before this one."""
    material: str = ""
    type: str = ""
    batch: str = ""
    actor: str = ""
    device: str = ""
    """With readings of it."""
    order: str = ""
    """That reduce this planned order."""
    serial: str = ""
    """That confirm this serial number or SSCC."""
    open: Literal["", "issue", "activity"] = ""
    """With rows in the worklist of it."""
    after: int = 0
    """The document that the first one follows in the list; 0: the list begins with the newest."""


ALL_DOCUMENTS: Final = DocumentFilter()
_MOST: Final = 5_000
"""Rows that name more documents do not lead."""
_INDEXED: Final = {"batch": WITH_BATCH, "actor": WITH_ACTOR, "type": NO_ASSEMBLY}
"""The rows that the index of a field has, if it has not all."""
_NAMES: Final = {
    "batch": "document of batch",
    "actor": "document by",
    "order": "document that reduces planned order",
    "serial": "document of serial number or SSCC",
}
"""Fields with names that only documents have, and what is not there."""
_LABEL_DIGITS: Final = 20
"""The digits of an SSCC and of its identifier."""


def find_documents(connection: Connection, which: DocumentFilter) -> Select[Any]:
    """Return the query of a page of documents; UsageError if it follows a document that is not there."""
    columns = t.documents.c
    numbers = dict(_numbers(which))
    lead = _lead(which, [name for name, some in numbers.items() if _are_many(connection, some)])
    at: ColumnElement[int] = columns.entered_at + 0 if lead in numbers else columns.entered_at
    plant, _, line = which.line.partition("/")
    of_line = {"plant": plant, "line": line}
    equal = {**of_line, "material": which.material, "type": which.type, "batch": which.batch, "actor": which.actor}
    conditions: list[Any] = []
    for name, value in equal.items():
        if value:
            leads = lead == name or (lead == "line" and name in of_line)
            conditions.append((columns[name] if leads else columns[name].concat("")) == value)
    conditions += [_INDEXED[lead]] if lead in _INDEXED else []
    for name, some in numbers.items():
        it = some.where(some.selected_columns[0] == columns.number).correlate(t.documents)
        conditions.append(columns.number.in_(some) if lead == name else exists(it))
    conditions += [at >= which.since] if which.since else []
    conditions += [at < which.until] if which.until else []
    if which.after:
        begin = connection.scalar(select(columns.entered_at).where(columns.number == which.after))
        if begin is None:
            raise UsageError(f"there is no document {format_number(which.after)} for a page to follow")
        conditions.append(tuple_(at, columns.number) < tuple_(begin, which.after))
    return select(t.documents).where(*conditions).order_by(at.desc(), columns.number.desc())


def refuse_unknown_documents(connection: Connection, which: DocumentFilter) -> None:
    """Refuse a filter that has found nothing, if no document at all has one of its names."""
    for name, what in _NAMES.items():
        value = getattr(which, name)
        alone = find_documents(connection, DocumentFilter(**{name: value}))
        known = not value or connection.execute(alone.limit(1)).first() is not None
        if name == "order":
            columns = t.orders.c
            planned = select(columns.planned_order).where(columns.planned_order == value)
            known = known or connection.scalar(planned) is not None
        if not known:
            raise UsageError(f"there is no {what} {quote(value)}")


def _lead(which: DocumentFilter, many: Iterable[str]) -> str:
    """Return the condition that leads, the one that finds least; empty: none does. `many` name too many documents."""
    given = which._asdict() | dict.fromkeys(many, "")
    # Documents of a plant, or of the type of most, are in no order of their own: they may be all.
    given |= {"line": ""} if "/" not in which.line else {}
    given |= {"type": ""} if which.type == "assembly" else {}
    rare = () if which.type == "point" else ("type",)
    # A line makes many materials, a material is made at few lines.
    names = ("serial", "order", "batch", "open", *rare, "actor", "device", "material", "line", "type")
    return next((name for name in names if given[name]), "")


def _are_many(connection: Connection, numbers: Select[Any]) -> bool:
    """Return whether a query names more documents than are put in order for a page."""
    some = numbers.limit(_MOST + 1).subquery()
    return (connection.scalar(select(func.count()).select_from(some)) or 0) > _MOST


def _numbers(which: DocumentFilter) -> Iterator[tuple[str, Select[Any]]]:
    """Yield the queries that name documents, by field."""
    rows = t.worklist_rows.c
    if which.serial:
        yield "serial", select(t.serials.c.document).where(has_serial(which.serial))
    if which.order:
        yield "order", select(t.reductions.c.document).where(t.reductions.c.planned_order == which.order)
    if which.device:
        yield "device", select(t.sources.c.document).where(t.sources.c.device == which.device)
    if which.open:
        plant, _, line = which.line.partition("/")
        there = [rows[name] == value for name, value in (("plant", plant), ("line", line)) if value]
        yield "open", select(rows.document).where(OPEN, rows.process == which.open, *there)


def has_serial(serial: str) -> ColumnElement[bool]:
    """Return the condition of the names of a serial number or SSCC: they begin with it, and a blank follows.

    An SSCC may stand behind its identifier (00), as on its label.
    """
    name = t.serials.c.serial
    pallet = serial.removeprefix("00") if len(serial) == _LABEL_DIGITS else serial
    names = [f"{PIECE}{serial}", f"{PALLET}{pallet}"]
    return or_(*(and_(name > f"{each} ", name < f"{each}!") for each in names))
