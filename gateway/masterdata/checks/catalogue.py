"""The catalogue: tables indexed for the checks, by key and by place, with the origin of each row."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.masterdata import rows as r
from gateway.masterdata.tables import Finding, Tables

R = TypeVar("R", bound=r.TableRow)
Line = tuple[str, str]
"""Plant and line."""


def group(rows: Iterable[R], key: Callable[[R], r.Key]) -> Mapping[r.Key, list[R]]:
    """Group rows by a key."""
    groups: dict[r.Key, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The index for the rules."""

    tables: Tables
    plants: Mapping[str, r.PlantRow] = field(init=False)
    materials: Mapping[r.Key, r.MaterialRow] = field(init=False)
    profiles: Mapping[str, r.ProfileRow] = field(init=False)
    units: Mapping[r.Key, r.UnitRow] = field(init=False)
    """By material and alternative unit."""
    boms: Mapping[r.Key, list[r.BomRow]] = field(init=False)
    """By plant, material and alternative."""
    items: Mapping[r.Key, list[r.BomItemRow]] = field(init=False)
    """By plant, material and alternative."""
    operations: Mapping[r.Key, list[r.OperationRow]] = field(init=False)
    """By plant, material and routing, sorted by operation."""
    versions: Mapping[r.Key, r.VersionRow] = field(init=False)
    versions_of_line: Mapping[r.Key, list[r.VersionRow]] = field(init=False)
    counters_of_line: Mapping[r.Key, list[r.DeviceRow]] = field(init=False)
    """Counters that are not disabled."""
    lines: frozenset[r.Key] = field(init=False)
    """The lines that any table names."""

    def __post_init__(self) -> None:
        t = self.tables
        counters = [d for d in t.of(r.DeviceRow) if d.kind == "counter" and not d.disabled]
        indexes: dict[str, object] = {
            "plants": {row.plant: row for row in t.of(r.PlantRow)},
            "materials": {row.key(): row for row in t.of(r.MaterialRow)},
            "profiles": {row.profile: row for row in t.of(r.ProfileRow)},
            "units": {row.key(): row for row in t.of(r.UnitRow)},
            "boms": group(t.of(r.BomRow), lambda row: (row.plant, row.material, row.alternative)),
            "items": group(t.of(r.BomItemRow), lambda row: (row.plant, row.material, row.alternative)),
            "operations": group(t.of(r.OperationRow), lambda row: (row.plant, row.material, row.routing)),
            "versions": {row.key(): row for row in t.of(r.VersionRow)},
            "versions_of_line": group(t.of(r.VersionRow), lambda row: (row.plant, row.line)),
            "counters_of_line": group(counters, lambda row: (row.plant, row.line)),
            "lines": frozenset(
                {row.key() for row in t.of(r.LineRow)}
                | {(row.plant, row.line) for row in t.of(r.VersionRow)}
                | {(row.plant, row.line) for row in t.of(r.DeviceRow)}
            ),
        }
        for name, index in indexes.items():
            object.__setattr__(self, name, index)

    def at(self, row: r.TableRow, column: str, text: str, severity: str = "error") -> Finding:
        """Make a finding at the origin of a row."""
        where = self.tables.origin(row)
        return Finding(where.file, where.row, column, text, row.table, severity)

    def converts(self, material: r.MaterialRow, unit: str) -> bool:
        """Return whether a unit is the material's base unit or converts to it; no unit is the base unit."""
        return unit in ("", material.unit) or (material.material, unit) in self.units

    def profile_of(self, version: r.VersionRow) -> r.ProfileRow | None:
        """Return the profile of a version."""
        material = self.materials.get((version.plant, version.material))
        return self.profiles.get(material.rem_profile) if material is not None else None
