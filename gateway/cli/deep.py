"""The deep audit: the ledger is a fold over the journal, so folding the journal again must give the same ledger.

The journal is folded by the gateway's own pump into an empty ledger in memory, up to the offset that the ledger has
committed, and the two are compared table by table. What depends on how entries were grouped into commits (the heads'
counters, the hash chain's rows) is left out; the audit's other laws see to it.
"""

from typing import TYPE_CHECKING, Any, Final

from gateway.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Table

    from gateway.ledger.audit import LawResult
    from gateway.settings import Settings

_MOST: Final = 20
_AT_ONCE: Final = 64
_GROUPED: Final = frozenset(["heads", "leases", "batches", "cursors", "flows", "alembic_version"])
"""Tables with figures that depend on the grouping into commits."""
_COPIES: Final = frozenset(["master_tables"])
"""Tables whose key holds a figure of the grouping."""


def fold_again(settings: "Settings", connection: "Connection") -> "LawResult":
    """Fold the journal into memory and compare; UsageError where the journal does not reach back to the beginning."""
    from sqlalchemy import select

    from gateway.journal import Reader, locate
    from gateway.ledger import tables as t
    from gateway.ledger.audit import LawResult

    with Reader(settings.journal_path) as journal:
        heads = connection.execute(select(t.heads)).all()
        own = next((h for h in heads if (h.gateway, h.journal) == (settings.gateway.id, journal.id)), None)
        if own is None or len(heads) > 1:
            raise UsageError(
                f"audit --deep: expected a ledger that journal {journal.id} alone has made, got {len(heads)} journals"
            )
        if journal.first != 1:
            raise UsageError(
                f"audit --deep: expected a journal from its first batch on, got one from batch {journal.first} on: "
                "older ones were pruned"
            )
        number, index = locate(own.journal_offset)
        if index:
            raise UsageError("audit --deep: the gateway is in the middle of a batch; run it again in a moment")
        findings, rows = _compare(settings, journal, number - 1, connection)
    figure = f"{max(0, number - 1)} batches folded again, {rows} rows compared"
    broken = f"{figure}; {len(findings)} broken" if findings else figure
    return LawResult("fold", broken, not findings, tuple(findings[:_MOST]))


def _compare(settings: "Settings", journal: Any, last: int, connection: "Connection") -> tuple[list[str], int]:  # noqa: ANN401 - a Reader
    from gateway.ledger import tables as t
    from gateway.ledger.database import open_database
    from gateway.ledger.schema import upgrade_engine
    from gateway.ledger.store import Ledger
    from gateway.mqtt.topics import Topics
    from gateway.service.intake import Intake
    from gateway.service.pump import Pump

    memory = open_database("sqlite://")
    upgrade_engine(memory)
    empty = memory.connect()
    pump = Pump(
        lambda: Ledger(memory, empty, settings.gateway.id),
        journal.read,
        lambda: last,
        journal.id,
        settings.gateway.lines,
        Intake(Topics(settings.mqtt.base_topic, settings.gateway.id), frozenset(settings.mqtt.allow_requests)),
        lambda: 0,
    )
    pump.start()
    try:
        while pump.number <= last:
            pump.fold(pump.behind(min(_AT_ONCE, last - pump.number + 1)))
        findings: list[str] = []
        rows = 0
        for table in t.metadata.sorted_tables:
            if table.name not in _GROUPED | _COPIES:
                kept, folded = _rows(connection, table), _rows(empty, table)
                rows += len(kept)
                findings += _differences(table, kept, folded)
        return findings, rows
    finally:
        pump.stop()


def _rows(connection: "Connection", table: "Table") -> dict[tuple[Any, ...], "Row[Any]"]:
    from sqlalchemy import select

    keys = len(table.primary_key.columns)
    return {tuple(row[:keys]): row for row in connection.execute(select(table))}


def _differences(
    table: "Table", kept: dict[tuple[Any, ...], "Row[Any]"], folded: dict[tuple[Any, ...], "Row[Any]"]
) -> list[str]:
    result = []
    for key in sorted(kept.keys() | folded.keys(), key=str):
        name = f"{table.name} {'/'.join(map(str, key))}"
        if key not in kept:
            result.append(f"{name}: the journal gives a row, the ledger has none")
        elif key not in folded:
            result.append(f"{name}: the ledger has a row, the journal gives none")
        elif tuple(kept[key]) != tuple(folded[key]):
            columns = [c.name for c, a, b in zip(table.columns, kept[key], folded[key], strict=True) if a != b]
            result.append(f"{name}: ledger and journal differ in {', '.join(columns)}")
    return result
