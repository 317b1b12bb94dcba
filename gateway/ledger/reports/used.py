"""The statistics: quantities made and used per day and shift, next to their standard and the plan.

The sums hold the quantities due to be used. Backlog is not used yet: it is shown separately, and is used once it is
issued, on the day and shift that needed it. Backlog that a person has closed without an issue never is. A cumulated
posting lacks it on all its days alike.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, TextClause, func, select, text

from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting.booking import DIFFERENCE
from gateway.backflush.values.documents import ACTIVITY, ISSUE
from gateway.backflush.values.quantities import format_quantity, proportion
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import CUMULATED, OPEN_BACKLOG
from gateway.ledger.reports.planned import of_days
from gateway.ledger.reports.postings import Record, on_line, restrict
from gateway.ledger.reports.produced import plan_by_shift
from gateway.ledger.store.bulk import chunks

_NAMES: Final = ("plant", "date", "shift", "line", "material", "version", "measure", "detail", "unit")
_COMPONENT: Final = "component"
_USED: Final = frozenset({_COMPONENT, "by_product", ACTIVITY})
_GIVEN_UP: Final = text("closed > reversed")

_Key = tuple[str, ...]


def statistics(
    connection: Connection, master: MasterData, *, plant: str = "", line: str = "", since: str = "", until: str = ""
) -> list[Record]:
    """Return every measure of production dates from `since` to `until`.

    The use of a component, by-product or activity stands next to its standard: the lists' quantity for all postings, by
    them or in their place, including quantities never issued. The plan is a measure too: that of `production`, by date
    and shift.
    """
    days: dict[str, Any] = {"plant": plant, "since": since, "until": until}
    sums: dict[_Key, list[int]] = {}
    found = restrict(of_days(t.statistics, **days), t.statistics, line=line)
    for *day, measure, detail, unit, quantity in connection.execute(found):
        name = measure.removesuffix(DIFFERENCE)
        sums.setdefault((*day, name, detail, unit), [0, 0])[name != measure] = quantity
    records, waiting = t.backlog.c, dict[_Key, int]()
    where = f"{plant}/{line}" if line else plant
    for key, quantity in _lacking(
        connection, where, sums, OPEN_BACKLOG, records.required - records.issued - records.closed
    ):
        waiting[key] = waiting.get(key, 0) + quantity
    for key, quantity in _lacking(connection, where, sums, _GIVEN_UP, records.closed - records.reversed):
        if (due := sums.get(key)) is not None:
            due[:] = due[0] - quantity, due[1] - quantity
    for (of, at, made, version, date, shift), quantity in plan_by_shift(connection, master, line=line, **days).items():
        material = master.materials.get((of, made))
        sums[of, date, shift, at, made, version, "planned", "", material.unit if material else ""] = [quantity, 0]
    return [
        {**dict(zip(_NAMES, key, strict=True)), **_quantities(key[6], due, difference, waiting.get(key, 0))}
        for key, (due, difference) in sorted(sums.items())
    ]


def _quantities(measure: str, due: int, difference: int, waiting: int) -> Record:
    """Return use, standard, excess over the standard and waiting quantity; for other measures only the sum."""
    if measure not in _USED:
        return {"quantity": format_quantity(due), "standard": None, "difference": None, "backlog": None}
    return {
        "quantity": format_quantity(due - waiting),
        "standard": format_quantity(due - difference),
        "difference": format_quantity(difference - waiting),
        "backlog": format_quantity(waiting),
    }


def _lacking(
    connection: Connection, line: str, sums: Mapping[_Key, Any], which: TextClause, quantity: ColumnElement[int]
) -> Iterator[tuple[_Key, int]]:
    """Yield the backlog not issued, waiting or given up, by the day and shift of its sums."""
    papers, records = t.documents.c, t.backlog.c
    of_paper = (papers.flow, papers.shift, papers.material.label("product"), papers.version)
    found = select(t.backlog, *of_paper, quantity.label("lacking"))
    found = found.join(t.documents, papers.number == records.document).where(which)
    rows = connection.execute(on_line(found, t.backlog, line)).all()
    posted = _units_issued(connection, [row.document for row in rows if not row.flow])
    dates = {key[1] for key in sums}
    for row in rows:
        missing, component = row.lacking, (_COMPONENT, row.material, row.unit)
        own = (row.plant, row.production_date, row.shift, row.line, row.product, row.version, *component)
        of = {
            (row.plant, date, shift, row.line, *product, *component): units
            for (date, shift, *product), units in posted.get((row.document, row.cost_object), {}).items()
        } or {own: 1}
        # Not for a product of the same cost object that does not need it; another day is not among the sums.
        of = {key: units for key, units in of.items() if key in sums or key[1] not in dates}
        whole, done, given = sum(of.values()), 0, 0
        for key, units in of.items():
            done += units
            upto = proportion(done, missing, whole, 1)
            yield key, upto - given
            given = upto


def _units_issued(connection: Connection, documents: list[int]) -> dict[tuple[int, str], dict[_Key, int]]:
    """Return the units whose issues documents posted, by document and cost object, then day, shift and product."""
    rows, flows = t.worklist_rows.c, t.flows.c
    day = (rows.production_date, rows.shift, flows.material, flows.version)
    result: dict[tuple[int, str], dict[_Key, int]] = {}
    for some in chunks(documents):
        found = select(rows.posted_by, flows.cost_object, *day, func.sum(rows.units - rows.reversed).label("units"))
        found = found.join(t.flows, flows.id == rows.flow).where(rows.posted_by.in_(some), CUMULATED)
        of = (rows.posted_by, flows.cost_object, *day)
        for number, cost_object, *key, units in connection.execute(
            found.where(rows.process == ISSUE).group_by(*of).order_by(*of)
        ):
            if units:
                result.setdefault((number, cost_object), {})[tuple(key)] = int(units)
    return result
