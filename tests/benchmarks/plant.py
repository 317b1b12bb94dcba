"""The plant that is measured: its master data, what its devices say, and what the ledger must hold afterwards.

The base case is 200 counters on 50 lines, each with a version of its own: a receipt, four issues and two activities,
all online, in windows of one second. Every telegram reports one more piece, so the number of telegrams is the truth.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from gateway.masterdata.checks.check import check_tables, has_errors
from gateway.masterdata.tables import dump_tables, load_tables

PLANT = "1000"
ACTIVITIES = "MACHINE", "LABOUR"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Shape(NamedTuple):
    """How large the plant is, and how it posts."""

    counters: int = 200
    versions: int = 50
    components: int = 4
    window: str = "1s"
    timing: str = "online"
    """When issues and activities are posted; in the background they are folded into cumulated documents."""

    @property
    def items(self) -> int:
        """Items of one complete document: receipt, issues, activities."""
        return 1 + self.components + len(ACTIVITIES)

    def line(self, index: int) -> str:
        """Name the line of a device, by the device's number."""
        return f"L{index % self.versions:03d}"

    def tables(self) -> bytes:
        """Make the master data, in the canonical text that an import takes."""
        tables = load_tables(json.dumps({name: list(rows) for name, rows in self._tables().items()}).encode())
        findings = check_tables(tables)
        assert not has_errors(findings), findings[:5]
        return dump_tables(tables)

    def _tables(self) -> dict[str, list[dict[str, str]]]:
        lines = [f"L{n:03d}" for n in range(self.versions)]
        parts = [f"PART-{n:03d}" for n in range(max(40, self.components))]
        cumulate = "yes" if self.timing == "background" else "no"
        made = [{"plant": PLANT, "material": _material(n)} for n in range(self.versions)]
        return {
            "plants": [{"plant": PLANT, "time_zone": "UTC"}],
            "storage_locations": [
                {"plant": PLANT, "location": place, "negative_stock": "yes"} for place in ("RM", "FG")
            ],
            "materials": [
                *({**row, "rem_profile": "R", "receiving_location": "FG", "standard_price": "20"} for row in made),
                *(
                    {"plant": PLANT, "material": part, "type": "bought", "issue_location": "RM", "unit": "KG",
                     "decimals": "3", "standard_price": "1.25"}
                    for part in parts
                ),
            ],
            "gtins": [{"gtin": gtin(n), "material": _material(n)} for n in range(self.versions)],
            "boms": [dict(row) for row in made],
            "bom_items": [
                {**row, "item": f"{10 * i:04d}", "component": parts[(n + i) % len(parts)], "quantity": "0.25"}
                for n, row in enumerate(made)
                for i in range(1, self.components + 1)
            ],
            "work_centers": [{"plant": PLANT, "work_center": "W1", "cost_center": "CC1", "capacity_hours": "24"}],
            "activity_rates": [
                {"plant": PLANT, "work_center": "W1", "activity": name, "rate_per_hour": "36"} for name in ACTIVITIES
            ],
            "routings": [{**row, "base_quantity": "100"} for row in made],
            "operations": [{**row, "operation": "0010", "work_center": "W1"} for row in made],
            "operation_activities": [
                {**row, "operation": "0010", "activity": name, "hours": "0.5"} for row in made for name in ACTIVITIES
            ],
            "production_versions": [
                {**row, "version": "0001", "bom_alternative": "1", "routing": "1", "line": line}
                for row, line in zip(made, lines, strict=True)
            ],
            "rem_profiles": [
                {"profile": "R", "goods_issue_timing": self.timing, "activity_timing": self.timing,
                 "cumulate_goods_issues": cumulate, "cumulate_activities": cumulate}
            ],
            "devices": [
                *(
                    {"device": f"c{n:05d}", "plant": PLANT, "line": self.line(n), "first": "zero",
                     "window": self.window}
                    for n in range(self.counters)
                ),
                *({"device": f"s-{line}", "plant": PLANT, "line": line, "kind": "scanner"} for line in lines),
            ],
            "runs": [
                {**row, "line": line, "version": "0001", "start": "2026-01-01T00:00"}
                for row, line in zip(made, lines, strict=True)
            ],
        }  # fmt: skip

    def counts(self, first: int, many: int, start_us: int, step_us: float) -> Iterator[tuple[str, bytes]]:
        """Yield topic and payload of the telegrams `first` onwards; the counters report in turn."""
        for k in range(first, first + many):
            index, total = k % self.counters, k // self.counters + 1
            ts = _iso(start_us + int((k - first) * step_us))
            payload = f'{{"ts":"{ts}","boot":"c0ffee12","seq":{total},"good":{total},"unit":"PC"}}'
            yield f"bf/v1/{PLANT}/{self.line(index)}/c{index:05d}/count", payload.encode()

    def scans(self, first: int, many: int, start_us: int, step_us: float) -> Iterator[tuple[str, bytes]]:
        """Yield topic and payload of scans; each is a label with GTIN and serial number, and so one document."""
        for k in range(first, first + many):
            line = self.line(k)
            said = {
                "id": f"scan-{k}",
                "ts": _iso(start_us + int((k - first) * step_us)),
                "data": f"]C101{gtin(k % self.versions)}21S{k:08d}",
            }
            yield f"bf/v1/{PLANT}/{line}/s-{line}/scan", json.dumps(said, separators=(",", ":")).encode()

    def made(self, first: int, many: int) -> dict[str, int]:
        """Return how many pieces of each material the telegrams from `first` onwards account for."""
        made: dict[str, int] = {}
        for k in range(first, first + many):
            material = _material((k % self.counters) % self.versions)
            made[material] = made.get(material, 0) + 1
        return made

    def settings(self, url: str, database: str, protocol: str, data_dir: str) -> dict[str, dict[str, Any]]:
        """Return what differs from the settings that are shipped."""
        return {
            "gateway": {"data_dir": data_dir},
            "mqtt": {"url": url, "protocol": protocol},
            "database": {"url": database},
            "posting": {"window": self.window},
            "log": {"level": "warning"},
        }


def _material(index: int) -> str:
    return f"FG-{index:03d}"


def gtin(index: int) -> str:
    """Make the GTIN-14 of a version, with its check digit."""
    digits = f"0950600{index:06d}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _iso(at_us: int) -> str:
    moment = _EPOCH + timedelta(microseconds=at_us)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
