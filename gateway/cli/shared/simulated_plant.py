"""A simulated plant from master data: a counter or scanner for every device of the chosen lines.

The devices send what the gateway expects by the same master data, so that any difference between its counts and the
plant's truth is a fault. Labels carry a serial number and therefore count once, however often they are sent.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from devices.simulators import Code, CounterSpec, ScannerSpec
from gateway.backflush.plant.explode import points_of
from gateway.backflush.plant.snapshot import ROAMING, Device, MasterData
from gateway.backflush.plant.versions import ProductionVersion
from gateway.errors import UsageError
from gateway.masterdata import rows as r
from gateway.masterdata.tables import Tables, tables_of

Spec = CounterSpec | ScannerSpec
Line = tuple[str, str]
"""Plant and line."""

_SCRAP_SHARE = 0.02
_LABELS = 12
"""The labels that a roaming scanner reads before it scans its line's card again."""


class Pace(NamedTuple):
    """The pace of a simulated plant."""

    pieces_per_s: float = 5.0
    """For each line."""
    interval_s: float = 1.0
    """The time between two telegrams of a counter."""
    scans_per_s: float = 0.5
    """For each scanner."""
    rollovers: bool = False
    """Whether counters with a modulus begin shortly before it, if their first total may be anything."""


def lines_of(master: MasterData) -> list[Line]:
    """Return the lines with a counter, those with reporting points first."""
    counted = {(d.plant, d.line) for d in master.devices.values() if d.kind == "counter" and not d.disabled}
    return sorted(counted, key=lambda line: (not has_points(master, line), line))


def has_points(master: MasterData, line: Line) -> bool:
    """Return whether any product of a line is reported at points."""
    for version in master.versions_of_line.get(line, ()):
        material = master.materials.get((version.plant, version.material))
        profile = master.profiles.get(material.rem_profile) if material is not None else None
        for routing in master.routings.get((version.plant, version.material, version.routing), ()):
            if profile is not None and len(points_of(routing, profile)) > 1:
                return True
    return False


def specs_of(master: MasterData, lines: Sequence[Line], pace: Pace, seed: int) -> list[Spec]:
    """Return the devices of these lines; roaming scanners work at the last one with a single product."""
    chosen = set(lines)
    specs: list[Spec] = []
    for device in sorted(master.devices.values(), key=lambda d: d.device):
        if device.disabled:
            continue
        if device.kind == "counter":
            if (device.plant, device.line) in chosen:
                specs.append(_counter(master, device, pace))
        else:
            specs.extend(_scanner(master, device, lines, pace, seed))
    if not any(isinstance(spec, CounterSpec) for spec in specs):
        raise UsageError(f"expected lines with counters, got {', '.join('/'.join(line) for line in lines) or 'none'}")
    return specs


def _counter(master: MasterData, device: Device, pace: Pace) -> CounterSpec:
    line = (device.plant, device.line)
    siblings = {
        d.role
        for d in master.devices.values()
        if (d.plant, d.line, d.operation) == (*line, device.operation) and not d.disabled
    }
    make = partial(CounterSpec, plant=device.plant, line=device.line, device=device.device, interval_s=pace.interval_s)
    reasons = tuple(sorted(master.scrap_reasons))
    rate = pace.pieces_per_s
    if device.role == "scrap":
        return make(rate_per_s=rate * _SCRAP_SHARE, totals=("scrap",), scrap_share=1.0, scrap_reasons=reasons)
    if device.role == "gross" and "scrap" not in siblings:
        return make(rate_per_s=rate, totals=("gross", "scrap"), scrap_share=_SCRAP_SHARE, scrap_reasons=reasons)
    if device.role == "gross":
        return make(rate_per_s=rate, totals=("gross",))
    near = device.modulus is not None and pace.rollovers and device.first == "baseline"
    initial = max(0, (device.modulus or 0) - round(3 * rate * pace.interval_s)) if near else 0
    return make(rate_per_s=rate, totals=("good",), modulus=device.modulus, initial=initial)


def _scanner(master: MasterData, device: Device, lines: Sequence[Line], pace: Pace, seed: int) -> Iterator[ScannerSpec]:
    roaming = device.line == ROAMING
    here = [line for line in lines if line[0] == device.plant] if roaming else [(device.plant, device.line)]
    found = [(line, version) for line in here if line in lines and (version := _only_version(master, line))]
    if not found:
        return
    line, version = found[-1]
    label = _label(master, version, device.device, seed)
    if label is None:
        return
    codes = [Code(f"BF:LINE:{line[0]}:{line[1]}")] if roaming else []
    yield ScannerSpec(
        plant=device.plant,
        line=device.line,
        device=device.device,
        codes=(*codes, *[label] * _LABELS),
        rate_per_s=pace.scans_per_s,
        operator=min(master.operators, default=None),
    )


def roams_at(master: MasterData, lines: Sequence[Line]) -> Line | None:
    """Return the line at which roaming scanners work: the last one with a single product."""
    return next((line for line in reversed(lines) if _only_version(master, line)), None)


def _only_version(master: MasterData, line: Line) -> ProductionVersion | None:
    """Return the only version of a line; None if there are several."""
    versions = [version for version in master.versions_of_line.get(line, ()) if not version.locked]
    return versions[0] if len(versions) == 1 else None


def _label(master: MasterData, version: ProductionVersion, device: str, seed: int) -> Code | None:
    """Print a label of the version's material, with a serial number of its own for each scan."""
    for gtin, known in sorted(master.gtins.items()):
        material = master.materials[version.plant, version.material]
        if known.material == version.material and known.unit in ("", material.unit):
            return Code(f"]C101{gtin}21{seed % 10**6:06d}{device[-4:]}{{n}}", pieces=1)
    return None


def widen(tables: Tables, number: int) -> Tables:
    """Return tables with at least a number of lines that have counters, the additional ones being copies.

    A copy has its own version, run, devices and figures.
    """
    known = sorted({(d.plant, d.line) for d in tables.of(r.DeviceRow) if d.kind == "counter" and d.line})
    if not known or number <= len(known):
        return tables
    rows = {name: list(some) for name, some in tables.rows.items()}
    for copy in range(len(known), number):
        plant, line = known[copy % len(known)]
        name, version = f"L{copy + 1:02d}", f"{copy + 1:04d}"
        for table, some in tables.rows.items():
            for row in some:
                if (getattr(row, "plant", None), getattr(row, "line", None)) != (plant, line):
                    continue
                match row:
                    case r.DeviceRow(kind="counter"):
                        device = row.device.replace(line, name)
                        changes = {"line": name, "device": device if device != row.device else f"{device}-{name}"}
                    case r.VersionRow() | r.RunRow():
                        changes = {"line": name, "version": version}
                    case r.LineRow():
                        changes = {"line": name}
                    case _:
                        continue
                rows[table].append(row.model_copy(update=changes))
    return tables_of(rows, {})
