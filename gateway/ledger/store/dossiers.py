"""Dossiers: documents with all their rows, for a reversal.

Many are read at once, with no query per document; the names of a query are split into parts.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Table, func, select

from gateway.backflush.memory.balance import BalanceKey
from gateway.backflush.memory.changes import Dossier, Held, Later, still_held
from gateway.backflush.posting.serials import AFTER_BESIDE, BESIDE, PALLET
from gateway.backflush.values.documents import ActivityItem, Document, MaterialItem
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import CAUSED, CUMULATED, MIRROR, REVERSAL
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import Reads, chunks, reads

_Key = TypeVar("_Key", int, str)

LATER: Final = 1_000
"""The confirmations of a flow that a refused reversal searches for documents of pieces that went on."""


def dossiers(connection: Connection, numbers: Iterable[int]) -> dict[int, Dossier]:
    """Return the existing documents, each with all its rows."""
    bulk = reads(connection)
    numbers = tuple(numbers)
    numbers = (*numbers, *_causes(connection, numbers))
    caused = _followers(connection, numbers)
    numbers = (*numbers, *(number for some in caused.values() for number in some))
    documents = {row[0]: Document(*row) for row in bulk.find(t.documents, keys_of(numbers))}
    if not documents:
        return {}
    found = keys_of(documents)
    reversals: dict[int, list[int]] = {}
    columns = t.documents.c
    mirrored = select(columns.reverses, columns.number).where(REVERSAL).order_by(columns.number)
    for some in chunks([*documents]):
        for reversed_, number in connection.execute(mirrored.where(columns.reverses.in_(some))):
            reversals.setdefault(reversed_, []).append(number)
    rows = _by_document(bulk, t.worklist_rows, found)
    confirmations = _by_document(bulk, t.confirmations, found + keys_of(n for some in reversals.values() for n in some))
    reductions, sources = _by_document(bulk, t.reductions, found), _by_document(bulk, t.sources, found)
    dues = {number: tuple(map(row_values.due, some)) for number, some in rows.items()}
    posters = {number: {number} | {due.posted_by for due in dues.get(number, ())} - {0} for number in documents}
    mirrors = _mirrors(connection, set().union(*posters.values()))
    held = _units_of_cumulation(connection, set().union(*posters.values()))
    every = keys_of(sorted(set().union(*posters.values())))
    papers = {number: sorted({*posters[number], *reversals.get(number, ())}) for number in documents}
    activities = _by_document(bulk, t.activity_items, keys_of(sorted(set().union(*papers.values()))))
    records, items = _by_document(bulk, t.backlog, every), _by_document(bulk, t.material_items, every)
    serials: dict[int, list[str]] = {}
    for serial, number in sorted(bulk.find(t.serials, found, ("document",))):
        serials.setdefault(number, []).append(serial)
    beside = {number: _beside(connection, some) for number, some in serials.items()}
    return {
        number: Dossier(
            document=document,
            confirmations=tuple(map(row_values.confirmation, confirmations.get(number, ()))),
            rows=dues.get(number, ()),
            items=tuple(MaterialItem(*row) for poster in sorted(posters[number]) for row in items.get(poster, ())),
            activities=tuple(ActivityItem(*row) for paper in papers[number] for row in activities.get(paper, ())),
            reductions=tuple(map(row_values.reduction, reductions.get(number, ()))),
            backlog=tuple(
                row_values.backlog(row) for poster in sorted(posters[number]) for row in records.get(poster, ())
            ),
            sources=tuple(map(row_values.source, sources.get(number, ()))),
            mirrored=tuple(item for poster in sorted(posters[number]) for item in mirrors.get(poster, ())),
            reversed_by=tuple(reversals.get(number, ())),
            reversing=tuple(
                row_values.confirmation(row) for n in reversals.get(number, ()) for row in confirmations.get(n, ())
            ),
            serials=tuple(serials.get(number, ())),
            caused=tuple(caused.get(number, ())),
            held=tuple(some for poster in sorted(posters[number]) for some in held.get(poster, ())),
            beside=beside.get(number, ()),
        )
        for number, document in documents.items()
    }


def _beside(connection: Connection, serials: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return the names under the SSCCs of a report."""
    column = t.serials.c.serial
    pallets = sorted({serial.partition(BESIDE)[0] for serial in serials if serial.startswith(PALLET)})
    ranges = [select(t.serials).where(column >= pallet, column < pallet + AFTER_BESIDE) for pallet in pallets]
    return tuple((name, of) for found in ranges for name, of in connection.execute(found))


def _causes(connection: Connection, numbers: Iterable[int]) -> set[int]:
    """Return the documents that documents follow from, directly or not."""
    columns = t.documents.c
    found: set[int] = set()
    last = set(numbers)
    while last:
        of = select(columns.caused_by).where(CAUSED)
        last = {cause for some in chunks([*last]) for cause in connection.scalars(of.where(columns.number.in_(some)))}
        last -= found
        found |= last
    return found


def _followers(connection: Connection, numbers: Sequence[int]) -> dict[int, list[int]]:
    """Return the documents that follow from documents, directly or not, in order."""
    columns = t.documents.c
    found: dict[int, set[int]] = {}
    roots = {number: {number} for number in numbers}
    while roots:
        below: dict[int, set[int]] = {}
        of = select(columns.caused_by, columns.number).where(CAUSED)
        for some in chunks([*roots]):
            for cause, number in connection.execute(of.where(columns.caused_by.in_(some))):
                below.setdefault(number, {number}).update(roots[cause])
                for root in roots[cause]:
                    found.setdefault(root, set()).add(number)
        roots = below
    return {root: sorted(some) for root, some in found.items()}


def _units_of_cumulation(connection: Connection, posters: Iterable[int]) -> dict[int, list[Held]]:
    """Return the units of cumulated postings, by balance."""
    rows = t.worklist_rows.c
    key = rows.flow, rows.explosion, rows.segment, rows.process, rows.scope
    held = select(rows.posted_by, *key, func.sum(rows.units), func.sum(rows.reversed))
    held = held.where(CUMULATED, rows.state == "posted").group_by(rows.posted_by, *key).order_by(*key)
    result: dict[int, list[Held]] = {}
    for some in chunks(sorted(posters)):
        for poster, *names, units, reversed_ in connection.execute(held.where(rows.posted_by.in_(some))):
            result.setdefault(poster, []).append(Held(poster, BalanceKey(*names), int(units), int(reversed_)))
    return result


def _mirrors(connection: Connection, posters: Iterable[int]) -> dict[int, list[MaterialItem]]:
    """Return the mirrors of postings, whichever document was reversed."""
    items = t.material_items
    found = select(items).where(MIRROR).order_by(*items.primary_key)
    result: dict[int, list[MaterialItem]] = {}
    for some in chunks(sorted(posters)):
        for row in connection.execute(found.where(items.c.mirrors.in_(some))):
            item = MaterialItem(*row)
            result.setdefault(item.mirrors, []).append(item)
    return result


def later(connection: Connection, reports: Iterable[Dossier]) -> dict[str, tuple[Later, ...]]:
    """Return the units of the newest documents after the first report of each flow, less reversals."""
    first: dict[str, int] = {}
    for report in reports:
        flow = report.document.flow
        first[flow] = min(report.document.number, first.get(flow, report.document.number))
    return {flow: _later(connection, number, flow) for flow, number in first.items()}


def _later(connection: Connection, number: int, flow: str) -> tuple[Later, ...]:
    """Return the units of the newest later documents of a flow, less reversals."""
    documents, lines = t.documents.c, t.confirmations.c
    newest = (
        select(documents.number, documents.reverses, lines.point, lines.yield_ + lines.scrap, lines.lost)
        .join_from(t.documents, t.confirmations, lines.document == documents.number)
        .where(documents.flow == flow, documents.number > number)
        .order_by(documents.number.desc())
        .limit(LATER)
    )
    # A reversal is newer than its document, so it comes before it.
    return still_held(Later(reverses or own, *held) for own, reverses, *held in connection.execute(newest))


def _by_document(rows: Reads, table: Table, keys: Sequence[tuple[int]]) -> dict[int, list[tuple[Any, ...]]]:
    """Return rows by their document, in the order of their key."""
    result: dict[int, list[tuple[Any, ...]]] = {}
    for row in sorted(rows.find(table, keys)):
        result.setdefault(row[0], []).append(row)
    return result


def keys_of(keys: Iterable[_Key]) -> list[tuple[_Key]]:
    """Return distinct keys of one column."""
    return [(key,) for key in dict.fromkeys(keys)]
