"""The catalogue: tables indexed for the checks, by key and by place, with the origin of each row."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from gateway.masterdata import rows as r
from gateway.masterdata.tables import Finding, Tables

R = TypeVar("R", bound=r.TableRow)


def group(rows: Iterable[R], key: Callable[[R], r.Key]) -> Mapping[r.Key, list[R]]:
    """Group rows by a key."""
    groups: dict[r.Key, list[R]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


class Catalogue:
    """The index for the rules."""

    def __init__(self, tables: Tables) -> None:
        t = self.tables = tables
        self.plants = {row.plant: row for row in t.of(r.PlantRow)}
        self.materials = {row.key(): row for row in t.of(r.MaterialRow)}
        self.profiles = {row.profile: row for row in t.of(r.ProfileRow)}
        self.units = {row.key(): row for row in t.of(r.UnitRow)}
        """By material and alternative unit."""
        self.boms = group(t.of(r.BomRow), lambda row: (row.plant, row.material, row.alternative))
        self.items = group(t.of(r.BomItemRow), lambda row: (row.plant, row.material, row.alternative))
        self.operations = group(t.of(r.OperationRow), lambda row: (row.plant, row.material, row.routing))
        """By plant, material and routing, sorted by operation."""
        self.versions = {row.key(): row for row in t.of(r.VersionRow)}
        self.versions_of_line = group(t.of(r.VersionRow), lambda row: (row.plant, row.line))
        counters = [d for d in t.of(r.DeviceRow) if d.kind == "counter" and not d.disabled]
        self.counters_of_line = group(counters, lambda row: (row.plant, row.line))
        """Counters that are not disabled."""
        placed = {(row.plant, row.line) for row in t.of(r.DeviceRow)}
        self.lines = placed.union(self.versions_of_line, (row.key() for row in t.of(r.LineRow)))
        """The lines that any table names."""

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
