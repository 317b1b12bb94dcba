"""Laws of the units: no piece is lost between the device, the quarantine, the open windows and the documents."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from gateway.backflush.memory.records import Window
from gateway.backflush.values.documents import ISSUE, REOPENED, UNPOSTED
from gateway.backflush.values.quantities import MICRO, format_quantity, parse_quantity
from gateway.canonical import read, split
from gateway.ledger.audit.law import Law, add, path
from gateway.ledger.audit.walk import DocumentRows
from gateway.ledger.database import tables as t
from gateway.ledger.store import row_values
from gateway.ledger.store.stored_imports import walk_imports

_HELD = frozenset({"open", "dismissed"})
"""The states in which a quarantine entry holds its units; a replay moves them to a document or window."""


def windows(connection: Connection) -> list[Window]:
    """Read the windows that are open."""
    return [row_values.window(row) for row in connection.execute(select(t.windows))]


class Read(Law):
    """Units read = counted + quarantined, per line, and both are found: in readings and in quarantine entries."""

    name = "read"

    def _see(self, paper: DocumentRows) -> None:
        for source in paper.under[t.sources]:
            add(self.sums, ("counted", paper.document.plant, paper.document.line), source.yield_ + source.scrap)

    def _entry(self, row: Any) -> None:  # noqa: ANN401 - a row of quarantine
        if row.state in _HELD:
            add(self.sums, ("quarantined", row.plant, row.line), row.yield_ + row.scrap)

    def _conclude(self) -> str:
        for window in windows(self.connection):
            units = sum(source.good + source.scrap for source in window.sources.values())
            add(self.sums, ("counted", window.plant, window.line), units)
        rows = self.connection.execute(select(t.lines)).all()
        for row in rows:
            if row.read != row.counted + row.quarantined:
                self.broken(
                    f"line {row.plant}/{row.line}: read {format_quantity(row.read)}, counted "
                    f"{format_quantity(row.counted)}, quarantined {format_quantity(row.quarantined)}"
                )
        names = ("counted", "quarantined")
        kept = (((name, row.plant, row.line), getattr(row, name)) for name in names for row in rows)
        self.compare(kept, self.sums, lambda key: f"{key[0]} on line {path(key[1:])}")
        read, held = sum(row.read for row in rows), sum(row.quarantined for row in rows)
        return f"{format_quantity(read)} read, {format_quantity(held)} quarantined"


class CountedUnits(Law):
    """Units counted = posted + open, per plant: open units are in windows, or wait for an earlier point."""

    name = "counted"

    def _conclude(self) -> str:
        left: dict[tuple[str], int] = {}
        for row in self.connection.execute(select(t.lines)):
            add(left, (row.plant,), row.counted - row.posted)
        still: dict[tuple[str], int] = {}
        for window in windows(self.connection):
            add(still, (window.plant,), window.units)
        for row in self.rows(t.waiting):
            add(still, (row.plant,), row_values.waiting(row).passed)
        for key in sorted({*left, *still}):
            if left.get(key, 0) != still.get(key, 0):
                self.broken(
                    f"plant {key[0]}: {format_quantity(left.get(key, 0))} are counted and not posted, "
                    f"{format_quantity(still.get(key, 0))} are in windows or wait"
                )
        return f"{format_quantity(sum(still.values()))} open"


class DeviceUnits(Law):
    """The steps of a device's marks x its weight = the pieces of its readings and quarantine entries.

    Any weight that an import ever gave it may apply. Scrap is within gross, reported by one counter or by another at
    the same place. A device that also scans labels, or that no import describes, is left out: its pieces are unclear.
    """

    name = "devices"

    def _see(self, paper: DocumentRows) -> None:
        for source in paper.under[t.sources]:
            self._hear(source.device, source.yield_ + source.scrap)

    def _entry(self, row: Any) -> None:  # noqa: ANN401 - a row of quarantine
        if row.state in _HELD:
            self._hear(row.device, row.yield_ + row.scrap)

    def _conclude(self) -> str:
        for window in windows(self.connection):
            for device, source in window.sources.items():
                self._hear(device, source.good + source.scrap)
        scanners = set(self.connection.scalars(select(t.contexts.c.device)))
        weights = self._weights()
        steps: dict[str, dict[str, int]] = {}
        for row in self.rows(t.device_marks):
            of = steps.setdefault(row.device, {})
            of[row.kind] = of.get(row.kind, 0) + row.units
        checked = 0
        for device in sorted(steps.keys() - scanners):
            of, known = steps[device], weights.get(device)
            if not known:
                continue
            checked += 1
            low, high = _bounds(of, known)
            heard = self.sums.get(device, 0)
            if not low * min(known.weights) <= heard <= high * max(known.weights):
                expected = format_quantity(low * min(known.weights))
                self.broken(
                    f"device {device}: its totals give {expected} pieces, its readings {format_quantity(heard)}"
                )
        return f"{checked} devices"

    def _hear(self, device: str, pieces: int) -> None:
        if device:
            self.sums[device] = self.sums.get(device, 0) + pieces

    def _weights(self) -> "dict[str, _Described]":
        found: dict[str, _Described] = {}
        for _, text in walk_imports(self.connection):
            devices: list[Any] = [read(row) for row in split(text or b"").get("devices", ())]
            gross = {_place(cells) for cells in devices if cells.get("role") == "gross" and not cells.get("disabled")}
            for cells in devices:
                described = found.setdefault(cells.get("device", ""), _Described(set(), set(), set()))
                described.beside_gross.add(_place(cells) in gross)
                described.weights.add(parse_quantity(cells.get("weight", "1")) or MICRO)
                described.roles.add(cells.get("role", "good"))
        return found


class _Described(NamedTuple):
    """A device in all imports."""

    weights: set[int]
    roles: set[str]
    beside_gross: set[bool]
    """Whether a gross counter was at its place."""


def _place(cells: dict[str, str]) -> tuple[str, ...]:
    return tuple(cells.get(name, "") for name in ("plant", "line", "operation"))


def _bounds(steps: dict[str, int], known: _Described) -> tuple[int, int]:
    """Return the least and the most pieces of steps: scrap is within gross, and separate from yield (`totals`).

    If a device has reported both, or its role was corrected, its scrap may have been either.
    """
    main = sum(steps.get(kind, 0) for kind in ("good", "gross", "delta good", "delta gross"))
    scrap = steps.get("scrap", 0) + steps.get("delta scrap", 0)
    told_yield = not steps.keys().isdisjoint(("good", "delta good"))
    told_gross = not steps.keys().isdisjoint(("gross", "delta gross")) or "gross" in known.roles
    within = told_gross or (True in known.beside_gross and not (told_yield and known.roles == {"good"}))
    apart = told_yield or (False in known.beside_gross and not (told_gross and "scrap" not in known.roles))
    return main + (0 if within else scrap), main + (scrap if apart else 0)


class LineFiguresLaw(Law):
    """The other figures of a line: documents, scrap, reversed units, open dues, open backlog records."""

    name = "figures"

    def _see(self, paper: DocumentRows) -> None:
        document = paper.document
        line = (document.plant, document.line)
        add(self.sums, (*line, "documents"), 1)
        for source in paper.under[t.sources]:
            add(self.sums, (*line, "scrap"), source.scrap)
        counts = document.type != "reversal" or document.reference == REOPENED
        for row in paper.under[t.confirmations] if counts else ():
            add(self.sums, (*line, "scrap"), row.lost)
            add(self.sums, (*line, "rework"), row.rework)
        if document.type == "reversal" and document.reference not in UNPOSTED:
            for row in paper.under[t.confirmations]:
                add(self.sums, (*line, "reversed"), -row.said_yield - row.said_scrap)
        for due in paper.dues:
            if due.state == "open":
                name = "open_issues" if due.process == ISSUE else "open_activities"
                add(self.sums, (due.plant, due.line, name), 1)
        for record in paper.under[t.backlog]:
            if record.required != record.issued + record.closed:
                add(self.sums, (record.plant, record.line, "backlog"), 1)

    def _conclude(self) -> str:
        names = ("documents", "scrap", "rework", "reversed", "open_issues", "open_activities", "backlog")
        rows = self.connection.execute(select(t.lines)).all()
        kept = {(row.plant, row.line, name): getattr(row, name) for row in rows for name in names}
        for key in sorted({*kept, *self.sums}):
            has, expected = kept.get(key, 0), self.sums.get(key, 0)
            if has != expected:
                show = format_quantity if key[2] in {"scrap", "rework", "reversed"} else str
                self.broken(f"line {key[0]}/{key[1]}: {key[2]} {show(has)}, documents give {show(expected)}")
        return f"{len(rows)} lines"
