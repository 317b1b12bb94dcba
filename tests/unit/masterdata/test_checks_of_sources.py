"""Sources beside the master data: rows whose messages go to quarantine, and two counts under one total."""

import pytest

from devices.sources.source import ForeignSource, MapRow
from gateway.masterdata.checks.sources import check_sources
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Tables

DEVICES = {"c-1": {}, "c-off": {"disabled": "yes"}, "s-1": {"kind": "scanner"}, "c-0": {"reset": "allow"}}
TABLES = Tables({"devices": tuple(DeviceRow.model_validate({"device": name, **row}) for name, row in DEVICES.items())})
GOOD = MapRow("c-1", "good")
FOUND: list[tuple[str, tuple[MapRow, ...], str, str]] = [
    ("a total of each kind", (MapRow("c-1", "good", kind="good"), MapRow("c-1", "bad", kind="scrap")), "", ""),
    ("two tags of a total", (GOOD, MapRow("c-1", "more")), "map.1", "map.0 has the same total of c-1"),
    ("a total on two topics", (MapRow("c-1", "good", "a/1"), MapRow("c-1", "good", "a/2")), "map.1", "the same total"),
    ("a total by its role", (GOOD, MapRow("c-1", "more", kind="good")), "map.1", "the same total"),
    ("an unknown device", (MapRow("c-2", "good"),), "map.0", "not in the master data"),
    ("a disabled device", (MapRow("c-off", "good"),), "map.0", "is disabled"),
    ("a reset that needs a time", (MapRow("c-0", "good"),), "map.0", "zigbee2mqtt tells none"),
    ("a scanner", (MapRow("s-1", "good"),), "map.0", "expected a counter"),
    ("no row", (), "map", "nothing of it is counted"),
]


@pytest.mark.parametrize(("what", "rows", "place", "text"), FOUND, ids=[row[0] for row in FOUND])
def test_a_row_that_counts_nothing_or_wrongly_is_told(
    what: str, rows: tuple[MapRow, ...], place: str, text: str
) -> None:
    found = list(check_sources([ForeignSource("a/#", "zigbee2mqtt", rows)], TABLES, "f"))
    assert [finding.field.startswith(f"source.0.{place}") for finding in found] == [True] * bool(place), (what, found)
    assert all(text in finding.text for finding in found), found


def test_a_total_has_one_row_in_all_sources_together() -> None:
    sources = [ForeignSource(topic, "zigbee2mqtt", (GOOD,)) for topic in ("a", "b")]
    [finding] = check_sources(sources, TABLES, "f")
    assert (finding.severity, finding.field) == ("warning", "source.1.map.0.device")
