"""Facts: the ledger's answer to the `Needs` of a batch, read before it is stepped."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, exists, func, literal_column, not_, or_, select, tuple_

from gateway.backflush.memory.balance import Row
from gateway.backflush.memory.changes import EntryFilter, Facts, Needs, Unvalued
from gateway.backflush.memory.records import UNBOOKED, Backlog, WindowKey
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.serials import PALLET
from gateway.backflush.values.cost_objects import BEGINNINGS, Bearer
from gateway.backflush.values.documents import FINAL, HEAD_STRIDE
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import OPEN, OPEN_BACKLOG
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import chunks, look_up, reads
from gateway.ledger.store.dossiers import dossiers, keys_of, later
from gateway.ledger.store.load import own_lines
from gateway.ledger.store.reload import read_back

# Literal, because PostgreSQL groups by an expression only if it is the selected one, including parameters.
_IS_FIXED: ColumnElement[int] = literal_column("CASE WHEN scope = '' THEN 0 ELSE 1 END")


def read_identities(connection: Connection, needs: Needs) -> Facts | None:
    """Answer in one trip needs by key only, like those of scans; None if more is needed."""
    if needs._replace(scans=(), serials=(), commands=(), quarantine=(), marks=()):
        return None
    return _by_identity(look_up(connection, _identities(needs)))


def _identities(needs: Needs) -> list[tuple[Table, list[Any]]]:
    return [
        (t.scans, list(dict.fromkeys(needs.scans))),
        (t.serials, keys_of(needs.serials)),
        (t.commands, keys_of(needs.commands)),
        (t.quarantine, keys_of(needs.quarantine)),
        (t.quarantine_folds, keys_of(needs.quarantine)),
        (t.device_marks, list(dict.fromkeys(needs.marks))),
    ]


def _by_identity(found: Sequence[Sequence[Any]]) -> Facts:
    scans, serials, commands, quarantine, folds, marks = found
    return Facts(
        scans=dict(map(row_values.scan, scans)),
        serials={serial: number for serial, number in serials if number},
        commands={row[0]: (row[1], row[2]) for row in commands},
        quarantine={row[0]: row_values.quarantine(row) for row in quarantine},
        folded={number: messages for number, messages, *_ in folds},
        marks=dict(map(row_values.device_mark, marks)),
    )


def read_facts(connection: Connection, needs: Needs, patterns: Sequence[str], scopes: Iterable[str]) -> Facts:
    """Answer needs; worklist and backlog only for lines within the patterns. `scopes` are in memory."""
    rows = reads(connection)
    facts = _by_identity([rows.find(table, keys) for table, keys in _identities(needs)])
    facts.latest = _latest(connection, *needs.latest) if needs.latest is not None else ()
    facts.short = {some[0]: _yields(connection, *some) for some in needs.short}
    short = (number for numbers in facts.short.values() for number in numbers)
    facts.documents = dossiers(connection, (*needs.documents, *facts.latest, *short))
    facts.later = later(connection, facts.documents.values())
    if needs.worklist is not None:
        facts.worklist = _worklist(connection, patterns, needs)
    if needs.backlog is not None:
        facts.backlog = _backlog(connection, patterns, *needs.backlog)
    if needs.records:
        found = map(row_values.backlog, rows.find(t.backlog, set(needs.records)))
        facts.records = {(record.document, record.item): record for record in found}
    if needs.arrived:
        facts.arrived = _arrivals(connection, patterns, needs.arrived)
        facts.came = _came(connection, facts.arrived)
    if needs.entries is not None:
        _read_entries(connection, patterns, facts, *needs.entries)
    facts.made = {some[:2]: _pieces_made(connection, *some) for some in needs.sold}
    if needs.period is not None:
        facts.undone = undone(connection, *needs.period)
    if needs.unvalued:
        facts.unvalued = tuple(_units_without_value(connection))
        facts.missing = _missing(connection)
    read_back(connection, needs, facts, scopes)
    return facts


def _worklist(connection: Connection, patterns: Sequence[str], needs: Needs) -> tuple[Row, ...]:
    assert needs.worklist is not None
    columns = t.worklist_rows.c
    plant, line, process, limit = needs.worklist
    named = _by_name(t.worklist_rows, plant=plant, line=line, process=process, timing=needs.timing)
    names = ("plant", "line", "process")
    free = [not_(and_(*_by_name(t.worklist_rows, **dict(zip(names, some, strict=True))))) for some in needs.held]
    found = select(t.worklist_rows).where(OPEN, own_lines(t.worklist_rows, patterns), *named, *free)
    # By the whole key: rows that differ only in scope or flow must come in the same order on every database.
    found = found.order_by(columns.posting_date, *t.worklist_rows.primary_key.columns)
    return tuple(map(row_values.due, connection.execute(found.limit(limit) if limit else found).all()))


def _read_entries(
    connection: Connection, patterns: Sequence[str], facts: Facts, which: EntryFilter, until: int, head: int
) -> None:
    """Read the oldest open entries of a filter, and count the rest.

    Only those of this gateway: of its lines, or heard by it from a place that is none, or of a roaming device.
    """
    columns, own = t.quarantine.c, head * HEAD_STRIDE
    heard = and_(columns.line.in_(("", ROAMING)), columns.number.between(own + 1, own + HEAD_STRIDE))
    named = _by_name(t.quarantine, plant=which.plant, line=which.line, device=which.device, code=which.code)
    mine = or_(own_lines(t.quarantine, patterns), heard)
    found: list[Any] = [OPEN, mine, *named, columns.at <= until, columns.number > which.after]
    rows = connection.execute(select(t.quarantine).where(*found).order_by(columns.number).limit(which.limit)).all()
    facts.quarantine = {row.number: row_values.quarantine(row) for row in rows}
    facts.folded = {row[0]: row[1] for row in reads(connection).find(t.quarantine_folds, keys_of(facts.quarantine))}
    if len(rows) == which.limit:
        rest = select(func.count()).select_from(t.quarantine).where(*found, columns.number > rows[-1].number)
        facts.more = int(connection.scalar(rest) or 0)


def _backlog(
    connection: Connection, patterns: Sequence[str], plant: str, line: str, material: str, limit: int
) -> tuple[Backlog, ...]:
    columns = t.backlog.c
    named = _by_name(t.backlog, plant=plant, line=line, material=material)
    found = select(t.backlog).where(OPEN_BACKLOG, own_lines(t.backlog, patterns), *named)
    found = found.order_by(columns.created_at, columns.document, columns.item)
    return tuple(row_values.backlog(row) for row in connection.execute(found.limit(limit) if limit else found))


def _arrivals(
    connection: Connection, patterns: Sequence[str], places: Sequence[tuple[str, str, str]]
) -> tuple[Backlog, ...]:
    columns = t.backlog.c
    found = select(t.backlog).where(OPEN_BACKLOG, own_lines(t.backlog, patterns))
    here = tuple_(columns.plant, columns.material, columns.location)
    rows = (row for some in chunks(places) for row in connection.execute(found.where(here.in_(some))))
    return tuple(
        sorted(map(row_values.backlog, rows), key=lambda record: (record.created_at, record.document, record.item))
    )


def _came(connection: Connection, records: Iterable[Backlog]) -> dict[tuple[str, str, str], str]:
    """Return the date of the last receipt at each place of some backlog, newest document first."""
    documents, items = t.documents.c, t.material_items.c
    since: dict[tuple[str, str, str], int] = {}
    for record in records:
        place = record.plant, record.material, record.location
        since[place] = min(record.created_at, since.get(place, record.created_at))
    came = (
        select(documents.posting_date)
        .join_from(t.documents, t.material_items, items.document == documents.number)
        .where(items.quantity > 0)
        .order_by(documents.entered_at.desc(), documents.number.desc())
        .limit(1)
    )
    found: dict[tuple[str, str, str], str] = {}
    for (plant, material, location), at in since.items():
        here = came.where(items.material == material, items.location == location)
        date = connection.scalar(here.where(documents.plant == plant, documents.entered_at >= at))
        if date is not None:
            found[plant, material, location] = date
    return found


def _latest(connection: Connection, plant: str, material: str, version: str, point: str, units: int) -> tuple[int, ...]:
    """Return the newest reports that hold this many units made to stock at a point."""
    flows = t.flows.c
    of_version = select(flows.id).where(*_by_name(t.flows, plant=plant, material=material, version=version))
    to_stock = flows.cost_object.startswith(BEGINNINGS[Bearer.STOCK], autoescape=True)
    of_stock = connection.scalars(of_version.where(to_stock)).all()
    found: list[int] = []
    _add_reports(connection, found, point, units, t.documents.c.flow.in_(of_stock))
    return tuple(found)


def _yields(connection: Connection, key: WindowKey, units: int, pieces: bool) -> tuple[int, ...]:  # noqa: FBT001 - the shape of a need
    """Return the reports that hold this much yield of a window's flow and point, those of its shift first.

    `pieces`: include reports of pieces with serial numbers.
    """
    documents = t.documents.c
    of_flow = [documents.flow == key.flow, documents.line == key.line]
    if not pieces:
        numbered = t.serials.c.document == documents.number, not_(t.serials.c.serial.startswith(PALLET))
        of_flow.append(not_(exists().where(*numbered)))
    same = ("production_date", "shift", "batch")
    own = (documents[name] == value for name, value in zip(same, key[3:6], strict=True))
    found: list[int] = []
    left = _add_reports(connection, found, key.point, units, *of_flow, *own)
    _add_reports(connection, found, key.point, left, *of_flow)
    return tuple(found)


def _add_reports(connection: Connection, found: list[int], point: str, units: int, *where: ColumnElement[bool]) -> int:
    """Add the newest reports that still hold their units at a point; return the units not found."""
    documents, lines, reversed_ = t.documents.c, t.confirmations.c, t.documents.alias()
    reported = (
        select(documents.number, documents.reverses, reversed_.c.caused_by, lines.said_yield)
        .join_from(t.documents, t.confirmations, lines.document == documents.number)
        .outerjoin(reversed_, and_(reversed_.c.number == documents.reverses, documents.reverses != 0))
        .where(*where, lines.point == point, lines.said_yield != 0)
        .order_by(documents.number.desc())
        .execution_options(yield_per=1_000)
    )
    taken: dict[int, int] = {}
    with connection.execute(reported) as lines_found:
        for number, reverses, report, said in lines_found if units > 0 else ():
            for of in {reverses, report or reverses} if reverses else ():
                taken[of] = taken.get(of, 0) - said
            if said > taken.get(number, 0) and number not in found:
                found.append(number)
                units -= said - taken.get(number, 0)
            if units <= 0:
                break
    return units


def _pieces_made(connection: Connection, plant: str, cost_object: str, material: str) -> dict[str, int]:
    """Return the pieces of a material in a cost object's documents, by flow."""
    flows, segments = t.flows.c, t.flow_segments.c
    final = select(segments.flow, segments.documented_yield).join_from(t.flows, t.flow_segments)
    of = (flows.cost_object == cost_object, flows.plant == plant, flows.material == material, segments.point == FINAL)
    return {flow: int(units) for flow, units in connection.execute(final.where(*of))}


def undone(connection: Connection, plant: str, period: str) -> dict[str, int]:
    """Count the unposted rows of a period: by posting date, else by production date."""
    rows, records, windows, waiting = t.worklist_rows.c, t.backlog.c, t.windows.c, t.waiting.c
    entries = t.quarantine.c
    zone_day = 14 * 3_600_000_000
    first = datetime.fromisoformat(f"{period}-01").replace(tzinfo=UTC)
    begin = int(first.timestamp()) * 1_000_000
    end = int((first.replace(day=28) + timedelta(days=4)).replace(day=1).timestamp()) * 1_000_000
    wanted = {
        "worklist rows": select(func.count()).where(OPEN, rows.plant == plant, rows.posting_date.startswith(period)),
        "backlog records": select(func.count()).where(
            OPEN_BACKLOG, records.plant == plant, records.posting_date.startswith(period)
        ),
        "open windows": select(func.count()).where(windows.plant == plant, windows.production_date.startswith(period)),
        "waiting reports": select(func.count()).where(
            waiting.plant == plant, waiting.production_date.startswith(period)
        ),
        "quarantine entries": select(func.count()).where(
            entries.state == "open",
            entries.kind == UNBOOKED,
            entries.plant == plant,
            entries.at.between(begin - zone_day, end + zone_day),
        ),
    }
    tables = (t.worklist_rows, t.backlog, t.windows, t.waiting, t.quarantine)
    return {
        name: int(connection.scalar(query.select_from(table)) or 0)
        for (name, query), table in zip(wanted.items(), tables, strict=True)
    }


def months_undone(connection: Connection, plant: str) -> set[str]:
    """Return the periods that may have unposted rows, each found in one look at what is open."""
    rows, records, windows, waiting = t.worklist_rows.c, t.backlog.c, t.windows.c, t.waiting.c
    entries, day = t.quarantine.c, 86_400_000_000
    dates = (
        select(rows.posting_date).where(OPEN, rows.plant == plant),
        select(records.posting_date).where(OPEN_BACKLOG, records.plant == plant),
        select(windows.production_date).where(windows.plant == plant),
        select(waiting.production_date).where(waiting.plant == plant),
    )
    found = {date[:7] for each in dates for date in connection.scalars(each.distinct())}
    held = entries.state == "open", entries.kind == UNBOOKED, entries.plant == plant
    for at in connection.scalars(select(entries.at.op("/")(day)).where(*held).distinct()):
        # A day of the plant may be of the month before or after that of UTC.
        around = (datetime.fromtimestamp((int(at) + days) * 86_400, UTC) for days in (-1, 0, 1))
        found.update(f"{each:%Y-%m}" for each in around)
    return found


def _units_without_value(connection: Connection) -> Iterator[Unvalued]:
    """Yield unvalued units: open rows, reports that wait for an earlier point, windows."""
    columns = t.worklist_rows.c
    names = columns.plant, columns.explosion, columns.process, columns.segment, _IS_FIXED, columns.line
    rows = select(*names, func.sum(columns.units), func.count()).where(OPEN).group_by(*names)
    for plant, explosion, process, segment, fixed, _, units, count in connection.execute(rows):
        yield Unvalued(plant, explosion, process, segment, bool(fixed), int(units), count)
    for row in connection.execute(select(t.waiting)):
        yield Unvalued(row.plant, row.explosion, "", row.point, None, row_values.waiting(row).passed, 1)
    for window in map(row_values.window, connection.execute(select(t.windows))):
        units = max(0, window.good) + sum(window.scrap.values())
        yield Unvalued(window.plant, window.key.explosion, "", "", None, units, 1)


def _missing(connection: Connection) -> dict[tuple[str, str], int]:
    """Return the open backlog by plant and material."""
    columns = t.backlog.c
    of = (columns.plant, columns.material)
    open_ = func.sum(columns.required - columns.issued - columns.closed)
    found = connection.execute(select(*of, open_).where(OPEN_BACKLOG).group_by(*of))
    return {(plant, material): int(quantity) for plant, material, quantity in found}


def _by_name(table: Table, **wanted: str) -> list[ColumnElement[bool]]:
    return [table.c[name] == value for name, value in wanted.items() if value]
