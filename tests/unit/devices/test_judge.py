"""What is wrong with the sources of a configuration, told by the setting."""

import pytest

from devices.sources.judge import faults
from devices.sources.source import ForeignSource, MapRow

ROW = MapRow("c-1", "C1")
FAULTS = [
    (ForeignSource("a/b#", "tasmota", (ROW,)), "filter"),
    (ForeignSource("$share/g/tele/#", "tasmota", (ROW,)), "filter"),
    (ForeignSource("bf/v1/+/x", "tasmota", (ROW,)), "filter"),
    (ForeignSource("tele/#", "tasmotta", (ROW,)), "decoder"),
    (ForeignSource("tele/#", "tasmota", (ROW,), host="h"), "host"),
    (ForeignSource("spBv1.0/#", "sparkplug", (ROW,)), "host"),
    (ForeignSource("tele/#", "sparkplug", (ROW,), host="h"), "filter"),
    (ForeignSource("tele/#", "tasmota", (MapRow("c-1"),)), "map.0.tag"),
    (ForeignSource("tele/#", "tasmota", (MapRow("count", "C1"),)), "map.0.device"),
    (ForeignSource("tele/#", "tasmota", (MapRow("c-1", "C1", "stat/a/STATUS8"),)), "map.0.topic"),
    (ForeignSource("tele/#", "tasmota", (ROW, MapRow("c-2", "C1", "tele/a/SENSOR"))), "map.1"),
    (ForeignSource("tele/#", "tasmota", (MapRow("c-2", "C1", "tele/a/SENSOR"), ROW)), "map.1"),
    (ForeignSource("tele/#", "tasmota", (ROW, MapRow("c-1", "C2"), MapRow("c-2", "C1", "tele/+/SENSOR"))), "map.2"),
    (ForeignSource("tele/#", "tasmota", (MapRow("c-1", "C1", "tele/a"), MapRow("c-2", "C1", "tele/a"))), "map.1"),
    (ForeignSource("tele/#", "number", (ROW,)), "map.0.tag"),
    (ForeignSource("tele/#", "tasmota", (ROW,), expressions=(("C1", "a"),)), "expressions"),
    (ForeignSource("tele/#", "jmespath", (ROW,), expressions=(("good", "a"),)), "map.0.tag"),
    (ForeignSource("a", "jmespath", (MapRow("c-1", "ts"),), expressions=(("C1", "n"), ("ts", "t"))), "map.0.tag"),
    (ForeignSource("tele/#", "jmespath", (ROW,), expressions=(("C1", "["),)), "expressions"),
    (ForeignSource("spBv1.0/#", "sparkplug", (MapRow("c-1", "good", "spBv1.0/G/DDATA/E/D"),), host="h"), "map.0.topic"),
    (ForeignSource("ie/#", "s7databus", (MapRow("c-1", "good", "ie/m/j/x"),)), "map.0.topic"),
]


@pytest.mark.parametrize(("source", "setting"), FAULTS)
def test_a_faulty_source_is_told_by_its_setting(source: ForeignSource, setting: str) -> None:
    assert [fault.setting for fault in faults([source], "bf/v1")] == [setting]


def test_sources_that_overlap_are_refused() -> None:
    other = ForeignSource("+/press1/#", "shelly", (MapRow("c-9", "input:1"),))
    both = [ForeignSource("tele/#", "tasmota", (ROW,)), other]
    assert [(fault.source, fault.setting) for fault in faults(both, "bf/v1")] == [(1, "filter")]


def test_a_host_application_of_two_sources_is_refused_because_they_would_disconnect_each_other() -> None:
    halls = [
        ForeignSource(f"spBv1.0/{hall}/#", "sparkplug", host=host)
        for hall, host in (("A", "h"), ("B", "h"), ("C", "i"))
    ]
    assert [(fault.source, fault.setting) for fault in faults(halls, "bf/v1")] == [(1, "host")]


def test_a_source_that_hears_the_state_of_a_host_application_is_refused() -> None:
    hall = ForeignSource("spBv1.0/A/#", "sparkplug", host="h")
    for filter_, heard in (("+/STATE/+", True), ("spBv1.0/STATE/h", True), ("+/STATE", False), ("+/STATE/i", False)):
        other = ForeignSource(filter_, "number", (MapRow("c-1"),))
        for sources in ([hall, other], [other, hall]):
            found = [(fault.source, fault.setting) for fault in faults(sources, "bf/v1")]
            assert found == [(sources.index(other), "filter")] * heard, filter_
    assert not [*faults([ForeignSource("spBv1.0/#", "sparkplug", host="h")], "bf/v1")], (
        "its own connection leaves it out"
    )
