"""Devices: their places, states and marks, and what the imports say of their lives.

Records with the names of the outside contract. Devices that are not in the master data are shown as seen, by their
quarantine entries; no message makes them more than that.
"""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, func, select

from gateway.backflush.memory.device_life import Marks, Signs, life_of
from gateway.backflush.plant.snapshot import Device, MasterData
from gateway.backflush.values.counting import NEXT_LIFE, CounterPosition
from gateway.canonical import Texts, read
from gateway.errors import Reason
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import OPEN
from gateway.ledger.reports.lists import changes_of
from gateway.ledger.reports.postings import Record, fields, format_time, on_line, restrict
from gateway.ledger.store import row_values
from gateway.ledger.store.stored_imports import read_imports

_NO_MARK: Final = dict.fromkeys(("boot", "kind", "total", "units", "seq", "at", "late"))
MOST_SEEN: Final = 1_000
"""The most unknown devices that are shown."""
MOST_IMPORTS: Final = 200
"""The number of imports, the newest, that are searched for changes of devices."""
Cells = Mapping[str, str]
"""A row of the master data."""


def devices(
    connection: Connection,
    master: MasterData,
    *,
    device: str = "",
    line: str = "",
    silent: Collection[str] = (),
    with_changes: bool = True,
) -> list[Record]:
    """Return every device of the master data, every other one that was accepted, and those that are not in it.

    Each with its state (`device_life`; `seen`: it is not in the master data), and since when; then each of its marks.
    `heard_at` is the time of its last message that was accepted or kept: a repetition changes nothing, and is not
    noted. `silent` are the devices that the running gateway misses. `late` is the number of late telegrams in a row,
    each higher than the one before, since the mark moved. `change` is the last change of its row, with its time;
    it is left out without `with_changes`, because many imports are searched for it.
    """
    plant, _, name = line.partition("/")
    known = {
        each.device: each
        for each in master.devices.values()
        if device in ("", each.device) and plant in ("", each.plant) and name in ("", each.line)
    }
    believed, online = _marks(connection, device), _presence(connection, device)
    waiting = _waiting(connection, device)
    heard = _last_heard(connection, device, [each.device for each in known.values() if each.kind == "scanner"])
    others = set() if line else {*believed, *online} - master.devices.keys()
    seen = _find_unknown(connection, master, device, line)
    changes = _changes_of_rows(connection, known.keys()) if with_changes else {}
    result = []
    for each in sorted({*known, *others, *seen}):
        count, kept = waiting.get(each, (0, 0))
        row, mine = known.get(each), believed.get(each, {})
        newest = max((mark.at for (boot, _), mark in mine.items() if boot != NEXT_LIFE), default=0)
        last = max(newest, heard.get(each, 0), kept)
        life = life_of(row or Device(each, plant), mine, Signs(last, online.get(each), each in silent))
        state, since = ("seen", seen[each].since) if each in seen else life
        change, change_at = changes.get(each, ("", 0))
        about = {
            "state": state,
            "since": format_time(since) if since else None,
            "heard_at": format_time(last) if last else None,
            "quarantine": count,
            "change": change,
            "change_at": format_time(change_at) if change_at else None,
        }
        place = _describe(row) if each not in seen else {**_describe(None), **seen[each].place}
        result += [{**mark, **place, **about} for mark in _records(each, mine, online=online.get(each))]
    return result


class _Seen(NamedTuple):
    """An unknown device: since when its messages wait, and the place that they name."""

    since: int
    place: Record


def _find_unknown(connection: Connection, master: MasterData, device: str, line: str) -> dict[str, _Seen]:
    """Return the devices with open entries that the master data do not have, the newest `MOST_SEEN`."""
    columns = t.quarantine.c
    mine = on_line(restrict(select(columns.device), t.quarantine, device=device), t.quarantine, line)
    of = (columns.device, columns.plant, columns.line)
    found = mine.with_only_columns(*of, func.min(columns.at), func.max(columns.number).label("newest"))
    found = found.where(OPEN, columns.device != "", columns.code == Reason.UNKNOWN_DEVICE).group_by(*of)
    rows = connection.execute(found.order_by(func.max(columns.number).desc()).limit(MOST_SEEN)).all()
    return {
        name: _Seen(since, {"plant": plant, "line": line_})
        for name, plant, line_, since, _ in reversed(rows)
        if name not in master.devices
    }


def find_other_kinds(connection: Connection, kinds: Mapping[str, str]) -> dict[str, int]:
    """Return the scanners whose totals were counted and the counters whose scans were taken: the time of the newest.

    `kinds` are those of the devices. What came before the last change of a device's row is left out. A card that is
    scanned with an id leaves no time: such a scan is found once a label follows it.
    """
    contexts, scans, marks, documents = t.contexts.c, t.last_scans.c, t.device_marks.c, t.documents.c
    known = t.contexts.outerjoin(t.last_scans, scans.device == contexts.device)
    known = known.outerjoin(t.documents, documents.number == contexts.undo_to)
    scanned = select(contexts.device, contexts.chosen, scans.at, documents.entered_at).select_from(known)
    counted = select(marks.device, func.max(marks.at)).where(marks.boot != NEXT_LIFE).group_by(marks.device)
    found = {
        name: max(at or 0 for at in times)
        for kind, heard in (("counter", scanned), ("scanner", counted))
        for name, *times in connection.execute(heard)
        if kinds.get(name) == kind
    }
    changed = _changes_of_rows(connection, found.keys()) if found else {}
    return {name: at for name, at in found.items() if at > changed.get(name, ("", 0))[1]}


def _changes_of_rows(connection: Connection, known: AbstractSet[str]) -> dict[str, tuple[str, int]]:
    """Return the last change of each device's row that its life shows, and its time, of the newest imports."""
    result: dict[str, tuple[str, int]] = {}
    found = read_imports(connection)  # all of them: one may be the difference from a much older one
    for number, one in enumerate(found[:MOST_IMPORTS]):
        if known <= result.keys():
            break
        gone, came = (_devices_in(side) for side in changes_of(connection, found, number))
        for name in came.keys() & known - result.keys():
            told = _change(name, gone, came)
            if told:
                result[name] = told, one.at
    return result


def _devices_in(texts: Texts) -> dict[str, Cells]:
    rows: list[Any] = [read(row) for row in texts.get("devices", ())]
    return {row["device"]: row for row in rows}


def _change(name: str, gone: Mapping[str, Cells], came: Mapping[str, Cells]) -> str:
    """Describe a change of a device's row: added, replaced, moved, switched off or on; empty: none of these.

    One is replaced by another if it is switched off in the same import that adds the other at its place.
    """
    before, now = gone.get(name), came[name]
    beside = [other for other in came.keys() - {name} if _place(came[other]) == _place(now)]
    if before is None:
        left = [old for old in beside if old in gone and _is_off(came[old]) and not _is_off(gone[old])]
        return f"replaces {left[0]}" if len(left) == 1 else "added"
    if _is_off(before) != _is_off(now):
        new = [other for other in beside if other not in gone]
        return "enabled" if not _is_off(now) else f"replaced by {new[0]}" if len(new) == 1 else "disabled"
    return "" if _place(before) == _place(now) else f"moved from {'/'.join(_place(before)[:2])}"


def _is_off(row: Cells) -> bool:
    return row.get("disabled") == "yes"


def _place(row: Cells) -> tuple[str, ...]:
    return tuple(row.get(cell, "") for cell in ("plant", "line", "operation", "kind"))


def marks(connection: Connection, device: str) -> list[Record]:
    """Return the marks of a device: totals and units are raw, as it counts."""
    believed, online = _marks(connection, device).get(device, {}), _presence(connection, device).get(device)
    return _records(device, believed, online=online) if believed or online is not None else []


def _records(device: str, believed: Marks, *, online: bool | None) -> list[Record]:
    """Return a record of each mark of a device; without any, an empty one."""
    state = "unknown" if online is None else "online" if online else "offline"
    found = [
        {
            "boot": boot,
            "kind": kind,
            **fields(mark, "total", "units", "seq"),
            "at": format_time(mark.at),
            "late": mark.strays.late if mark.strays else 0,
        }
        for (boot, kind), mark in believed.items()
        if boot != NEXT_LIFE
    ]
    return [{"device": device, "state": state, **mark} for mark in found or [_NO_MARK]]


def _marks(connection: Connection, device: str) -> dict[str, dict[tuple[str, str], CounterPosition]]:
    """Return the marks of the devices as the engine has them."""
    result: dict[str, dict[tuple[str, str], CounterPosition]] = {}
    for row in connection.execute(_of(t.device_marks, device).order_by(*t.device_marks.primary_key)):
        (name, boot, kind), mark = row_values.device_mark(row)
        result.setdefault(name, {})[boot, kind] = mark
    return result


def _presence(connection: Connection, device: str) -> dict[str, bool]:
    """Return whether the devices that report their presence are online."""
    return {row.device: bool(row.online) for row in connection.execute(_of(t.device_states, device))}


def _describe(device: Device | None) -> Record:
    """Return place and kind of a device by the master data; nothing for one no longer there."""
    if device is None:
        return dict.fromkeys(("plant", "line", "point", "role", "disabled", "stale_s"))
    return {
        **fields(device, "plant", "line"),
        "point": device.operation,
        "role": device.role if device.kind == "counter" else "",
        **fields(device, "disabled", "stale_s"),
    }


def _of(table: Any, device: str) -> Select[Any]:  # noqa: ANN401 - a table with a column of devices
    return restrict(select(table), table, device=device)


def _waiting(connection: Connection, device: str) -> Mapping[str, tuple[int, int]]:
    """Return the number of open quarantine entries of each device, and the time of the newest."""
    columns = t.quarantine.c
    found = select(columns.device, func.count(), func.max(columns.at)).where(OPEN).group_by(columns.device)
    return {name: (count, at) for name, count, at in connection.execute(restrict(found, t.quarantine, device=device))}


def _last_heard(connection: Connection, device: str, scanners: Sequence[str]) -> Mapping[str, int]:
    """Return the time of each scanner's last message: a scan without an id, or one that became a document."""
    heard = {row.device: row.at for row in connection.execute(_of(t.last_scans, device))}
    newest: ColumnElement[int]
    for scanner in scanners:
        newest = select(func.max(t.sources.c.document)).where(t.sources.c.device == scanner).scalar_subquery()
        at = connection.scalar(select(t.documents.c.entered_at).where(t.documents.c.number == newest))
        heard[scanner] = max(heard.get(scanner, 0), at or 0)
    return heard
