"""The deep audit: the ledger is a fold over the journal, so folding the journal again must give the same ledger.

The journal is folded by the gateway's own pump into a ledger in memory, from the oldest checkpoint that this program
can continue (else from its first batch), up to the very entry that the ledger has committed, and the two are compared
table by table. Data that depends on the grouping of entries into commits is left out: other laws check it. So are the
wording of the program's own sentences, which a later version may improve, and the stored form of an import, whose
digest identifies its content.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Engine, Table, delete, select

from gateway.errors import UsageError
from gateway.journal import JournalBatch, Reader, locate
from gateway.ledger.audit.law import LawResult
from gateway.ledger.audit.wording import without_wording
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade_engine
from gateway.ledger.store.writer import Ledger
from gateway.service.fold.belonging import apart
from gateway.service.fold.checkpoint import Checkpoint, checkpoints, read_checkpoint, usable
from gateway.service.fold.pump import Claim, Pump
from gateway.settings import Settings

FOLD: Final = "fold"
_MOST: Final = 20
_AT_ONCE: Final = 64
_GROUPED: Final = frozenset(["leases", "batches", "cursors"])
"""Tables that depend on the grouping into commits, or on the position of a target."""
_GROUPED_COLUMNS: Final = {
    "heads": frozenset(["journal_offset", "sequence", "chain", "at", "behind", "read_at"]),
    "flows": frozenset(["revision"]),
    "master_tables": frozenset(["sequence", "content"]),
}
_ASKED: Final = list(t.commands.columns).index(t.commands.c.at)
"""From this column on a command says when and by whom it was asked for; one of before schema 0004 does not."""
_Rows = dict[tuple[Any, ...], tuple[Any, ...]]


class _Past(NamedTuple):
    """The part of the journal that the ledger has folded."""

    id: str
    last: int
    read: Callable[[int, int], list[JournalBatch]]


def fold_again(settings: Settings, connection: Connection) -> LawResult:
    """Fold the journal into memory and compare; UsageError if there is no start to fold from."""
    with Reader(settings.journal_path) as journal:
        heads = connection.execute(select(t.heads)).all()
        own = next((h for h in heads if (h.gateway, h.journal) == (settings.gateway.id, journal.id)), None)
        if own is None:
            raise UsageError(
                f"audit --deep: expected a ledger that has processed journal {journal.id}, got one that has not"
            )
        number, index = locate(own.journal_offset)
        needed = number if index else number - 1
        wrong = apart(journal, own.journal_offset, own.read_at)
        if wrong:
            return LawResult(FOLD, "not processed again; 1 broken", ok=False, findings=(wrong,))
        start = _start(settings, journal, own.journal_offset)
        memory = open_database("sqlite://")
        upgrade_engine(memory)
        folded = _process(settings, journal, memory, start, number, index)
        try:
            _alone(heads, own, folded)
            findings, rows = _compare(connection, folded)
        finally:
            folded.close()
            memory.dispose()
    since = f"since the checkpoint at batch {locate(start.offset)[0]}" if start else "from the first one on"
    figure = f"{max(0, needed - (locate(start.offset)[0] if start else 1) + 1)} batches processed again {since}, "
    figure += f"{rows} rows compared" + (f"; {len(findings)} broken" if findings else "")
    return LawResult(FOLD, figure, not findings, tuple(findings[:_MOST]))


def _start(settings: Settings, journal: Reader, offset: int) -> Checkpoint | None:
    """Return the checkpoint to fold from; None is the first batch."""
    start = next((one for one in usable(settings, journal) if one.offset <= offset), None)
    strange = [one for one in checkpoints(settings.checkpoints_path) if one.journal == journal.id]
    if start is None and (journal.first != 1 or strange):
        raise UsageError(
            "audit --deep: expected a checkpoint of this version from which the journal can be processed, or a "
            f"journal from its first batch on, got one from batch {journal.first} on: the running gateway writes one "
            "soon"
        )
    return start


def _process(
    settings: Settings, journal: Reader, memory: Engine, start: Checkpoint | None, number: int, index: int
) -> Connection:
    """Fold up to an offset, and yield the resulting ledger."""
    again = memory.connect()
    lines = ["*"]
    if start is not None:
        with again.begin():
            read_checkpoint(start, again)
            lines = _lines(again, settings, journal) or lines
            others = t.heads.select().with_only_columns(t.heads.c.ordinal).where(t.heads.c.journal != journal.id)
            again.execute(delete(t.leases).where(t.leases.c.head.in_(others)))
    past = _Past(journal.id, number if index else number - 1, journal.read)
    claim = Claim(lines, again=True)
    pump = Pump(lambda: Ledger(memory, again, settings.gateway.id), past, claim, lambda: 0)
    pump.start()
    while pump.number < number:
        pump.fold(pump.behind(min(_AT_ONCE, number - pump.number)))
    if index:
        pump.fold_part(pump.behind(1)[0], index)
    return again


def _lines(connection: Connection, settings: Settings, journal: Reader) -> list[str]:
    """Return the lines that the gateway had at a checkpoint."""
    own = select(t.leases.c.pattern).join(t.heads, t.heads.c.ordinal == t.leases.c.head)
    return list(
        connection.scalars(own.where(t.heads.c.gateway == settings.gateway.id, t.heads.c.journal == journal.id))
    )


def _alone(heads: Any, own: Any, folded: Connection) -> None:  # noqa: ANN401 - rows of heads
    """Refuse if another gateway has posted since: no single journal holds the whole ledger."""
    before = {row.ordinal: row for row in folded.execute(select(t.heads))}
    for head in heads:
        was = before.get(head.ordinal)
        if head.ordinal != own.ordinal and (
            was is None or (was.journal, was.journal_offset) != (head.journal, head.journal_offset)
        ):
            raise UsageError(
                f"audit --deep: expected a ledger that journal {own.journal} alone has changed, got one that gateway "
                f'"{head.gateway}" has changed as well, from journal {head.journal}'
            )


def _compare(connection: Connection, folded: Connection) -> tuple[list[str], int]:

    findings: list[str] = []
    rows = 0
    for table in t.metadata.sorted_tables:
        if table.name not in _GROUPED:
            has, gives = _rows(connection, table), _rows(folded, table)
            if table is t.commands:
                _pass_over_unasked(has, gives)
            rows += len(has)
            findings += _differences(table, has, gives)
    return findings, rows


def _pass_over_unasked(has: _Rows, gives: _Rows) -> None:
    """Compare commands of before the columns of who has asked for them without those."""
    for key, row in has.items():
        if key in gives and not any(row[_ASKED:]):
            gives[key] = gives[key][:_ASKED] + row[_ASKED:]


def _rows(connection: Connection, table: Table) -> _Rows:
    """Read a table by key; if the key depends on the grouping, by the order of the rows."""
    free = _GROUPED_COLUMNS.get(table.name, frozenset())
    at = [position for position, column in enumerate(table.columns) if column.name in free]
    keys = [position for position, column in enumerate(table.primary_key.columns)]
    found: _Rows = {}
    for rank, row in enumerate(connection.execute(select(table).order_by(*table.primary_key))):
        worded = without_wording(table.name, dict(zip(row._fields, row, strict=True))).values()
        kept = tuple(0 if position in at else value for position, value in enumerate(worded))
        found[tuple(rank if position in at else row[position] for position in keys)] = kept
    return found


def _differences(table: Table, has: _Rows, gives: _Rows) -> list[str]:
    result = []
    for key in sorted(has.keys() | gives.keys(), key=str):
        name = f"{table.name} {'/'.join(map(str, key))}"
        if key not in has:
            result.append(f"{name}: the journal gives a row, the ledger has none")
        elif key not in gives:
            result.append(f"{name}: the ledger has a row, the journal gives none")
        elif has[key] != gives[key]:
            columns = [c.name for c, a, b in zip(table.columns, has[key], gives[key], strict=True) if a != b]
            result.append(f"{name}: ledger and journal differ in {', '.join(columns)}")
    return result
