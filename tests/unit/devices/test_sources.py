"""Sources: which device a message of another publisher is of, and what it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from devices.decoders.foreign.sparkplug import host_state, metric_of, payload_of
from devices.errors import Malformed, Rejection
from devices.filters import is_filter, matches
from devices.messages import Names, Scan
from devices.sources.explain import explain
from devices.sources.judge import NAMES, faults
from devices.sources.knowledge import NO_LESSON, Knowledge, Lesson, Node
from devices.sources.reading import (
    DeviceConnection,
    DeviceReading,
    DeviceScan,
    ForeignMessage,
    Interpretation,
    Refusal,
    Sources,
)
from devices.sources.source import ForeignSource, MapRow
from gateway.settings import load_settings
from tests.unit.devices.publishers import ISO, NOW

KEPWARE = ForeignSource(
    "iot/#", "kepware", (MapRow("c-1", "P.good", kind="good"), MapRow("c-1", "P.bad", kind="scrap"))
)
S7 = ForeignSource(
    "ie/+/j/simatic/v1/s7c1/dp/#",
    "s7databus",
    (
        MapRow("c-1", "good", "ie/d/j/simatic/v1/s7c1/dp/r/PLC1/default"),
        MapRow("c-2", "good", "ie/d/+/+/+/+/+/r/PLC2/#"),
    ),
)
TASMOTA = ForeignSource(
    "tele/#", "tasmota", (MapRow("c-1", "C1", "tele/press1/SENSOR"), MapRow("c-2", "C1", "tele/p2/SENSOR"))
)
SHELLY = ForeignSource("shelly/#", "shelly", (MapRow("c-1", "input:2", "shelly/s1/events/rpc"),))
ZIGBEE = ForeignSource("zigbee2mqtt/#", "zigbee2mqtt", (MapRow("c-1", "count", "zigbee2mqtt/press"),))
ESPHOME = ForeignSource("esp/#", "esphome", (MapRow("c-1", topic="esp/press/sensor/good/state"),))
UMH = ForeignSource("umh/v1/#", "umh", (MapRow("c-1", "press/good", "umh/v1/acme/+/l1/#"),))
NEURON = ForeignSource("/neuron/#", "neuron", (MapRow("c-1", "good"), MapRow("c-2", "scrap")))
PROGLOVE = ForeignSource("pg/#", "proglove", (MapRow("s-1", "MARK-1"), MapRow("s-2", "MARK-2")))
NUMBER = ForeignSource("plc/+/n", "number", (MapRow("c-1", topic="plc/1/n"),))
NATIVE = ForeignSource("old/#", "native", (MapRow("c-1", topic="old/1"),))
EACH = ForeignSource("batch", "jmespath", (MapRow("c-1", "n"),), expressions=(("each", "r"), ("n", "n"), ("ts", "t")))
SPARKPLUG = ForeignSource("spBv1.0/#", "sparkplug", (MapRow("c-1", "good", "spBv1.0/G/+/E/D"),), host="bf")


def nowhere(_: str) -> None:
    """No device has a time zone."""


def told(meaning: Interpretation | None) -> str:
    """Write a meaning on one line; times are milliseconds after `NOW`."""
    if meaning is None:
        return "none"
    words = []
    for part in meaning.parts:
        match part:
            case DeviceReading(device, reading):
                said = {name: value for name, value in reading._asdict().items() if value not in (None, (), False)}
                at = said.pop("ts", None)
                text = ",".join(f"{name}={value}" for name, value in said.items())
                words.append(f"{device}:{text}" + (f"@{at // 1000 - NOW}" if at is not None else ""))
            case DeviceScan(device, Scan() as scan):
                words.append(f"{device} scans {scan.data} as {scan.id}")
            case DeviceConnection(device, online):
                words.append(f"{device} {'online' if online else 'offline'}")
            case Refusal(device, rejection) | DeviceScan(device, Rejection() as rejection):
                words.append(f"{device or '?'} {rejection.code}")
    words += [f"{scope}:{dict(names or {})}" for (_, scope), names in meaning.lesson.names.items()]
    words += ["repeated"] * meaning.repeated + ([f"ask {meaning.ask}"] if meaning.ask else [])
    return " ".join(words) or ("heartbeat" if meaning.mapped else "unmapped")


def kepware(*values: tuple[str, object, int]) -> dict[str, Any]:
    return {"values": [{"id": name, "v": value, "q": value is not None, "t": NOW + at} for name, value, at in values]}


CASES = [
    (
        "good and scrap of a moment are one telegram",
        KEPWARE,
        "iot/a",
        kepware(("P.good", 5, 0), ("P.bad", 1, 0)),
        "c-1:good=5,scrap=1@0",
    ),
    ("two moments are two", KEPWARE, "iot/a", kepware(("P.good", 5, 0), ("P.good", 6, 9)), "c-1:good=5@0 c-1:good=6@9"),
    (
        "one tag twice at one moment is two",
        KEPWARE,
        "iot/a",
        kepware(("P.good", 5, 0), ("P.good", 6, 0)),
        "c-1:good=5@0 c-1:good=6@0",
    ),
    ("a tag that no row has", KEPWARE, "iot/a", kepware(("P.temperature", 21.5, 0)), "unmapped"),
    (
        "beside one that a row has",
        KEPWARE,
        "iot/a",
        kepware(("P.temperature", 21.5, 0), ("P.good", 5, 0)),
        "c-1:good=5@0",
    ),
    ("no value is nothing", KEPWARE, "iot/a", kepware(("P.good", None, 0)), "heartbeat"),
    (
        "a value that is no total",
        KEPWARE,
        "iot/a",
        kepware(("P.good", 5.5, 0), ("P.bad", 1, 0)),
        "c-1:scrap=1@0 c-1 BF1021",
    ),
    ("what is not what its publisher sends", KEPWARE, "iot/a", {"v": 1}, "c-1 BF1023"),
    ("a topic of no source", KEPWARE, "other/a", {}, "none"),
    ("rows of one tag by topic", TASMOTA, "tele/p2/SENSOR", {"COUNTER": {"C1": 7}}, "c-2:good=7"),
    ("a topic that no row asks for", TASMOTA, "tele/p3/SENSOR", {"COUNTER": {"C1": 7}}, "unmapped"),
    ("nor for its nonsense", TASMOTA, "tele/p3/SENSOR", {"COUNTER": 7}, "unmapped"),
    ("a last will", TASMOTA, "tele/press1/LWT", b"Offline", "c-1 offline"),
    ("of nobody", TASMOTA, "tele/p3/LWT", b"Offline", "unmapped"),
    (
        "a part of the status",
        SHELLY,
        "shelly/s1/events/rpc",
        {"method": "NotifyStatus", "params": {"input:2": {"counts": {"total": 7}}}},
        "c-1:good=7",
    ),
    (
        "another part",
        SHELLY,
        "shelly/s1/events/rpc",
        {"method": "NotifyStatus", "params": {"input:2": {"state": True}}},
        "heartbeat",
    ),
    ("it is away", SHELLY, "shelly/s1/online", b"false", "c-1 offline"),
    ("a battery report", ZIGBEE, "zigbee2mqtt/press", {"battery": 97}, "unmapped"),
    ("a count", ZIGBEE, "zigbee2mqtt/press", {"battery": 97, "count": 16}, "c-1:good=16"),
    ("it is back", ZIGBEE, "zigbee2mqtt/press/availability", {"state": "online"}, "c-1 online"),
    ("a row without a tag", ESPHOME, "esp/press/sensor/good/state", b"16.0", "c-1:good=16"),
    ("a node", ESPHOME, "esp/press/status", b"offline", "c-1 offline"),
    ("before the first value", ESPHOME, "esp/press/sensor/good/state", b"nan", "heartbeat"),
    (
        "a tag with a path",
        UMH,
        "umh/v1/acme/ulm/l1/_historian/press/good",
        {"timestamp_ms": NOW, "value": 5},
        "c-1:good=5@0",
    ),
    ("another area", UMH, "umh/v1/acme/ulm/l2/_historian/press/good", {"timestamp_ms": NOW, "value": 5}, "unmapped"),
    (
        "two devices in one message",
        NEURON,
        "/neuron/a/b/c",
        {"timestamp": NOW, "values": {"good": 5, "scrap": 1}},
        "c-1:good=5@0 c-2:good=1@0",
    ),
    (
        "a scan",
        PROGLOVE,
        "pg/x",
        {"event_type": "scan", "event_id": "e1", "device_serial": "MARK-1", "scan_code": "A"},
        "s-1 scans A as e1",
    ),
    ("a scan that cannot be read", PROGLOVE, "pg/x", {"event_type": "scan", "device_serial": "MARK-1"}, "s-1 BF1023"),
    (
        "a scan of another scanner",
        PROGLOVE,
        "pg/x",
        {"event_type": "scan", "event_id": "e1", "device_serial": "M2", "scan_code": "A"},
        "unmapped",
    ),
    (
        "a scanner goes",
        PROGLOVE,
        "pg/x",
        {"event_type": "scanner_state", "device_serial": "MARK-1", "device_connected_state": "STATE_DISCONNECTED"},
        "s-1 offline",
    ),
    ("a bare number", NUMBER, "plc/1/n", b"17", "c-1:good=17"),
    ("no number", NUMBER, "plc/1/n", b"x", "c-1 BF1007"),
    ("a number of nobody", NUMBER, "plc/2/n", b"17", "unmapped"),
    (
        "our own telegram",
        NATIVE,
        "old/1",
        {"good": 5, "scrap": 1, "ts": ISO, "boot": "b", "seq": 3},
        "c-1:good=5,scrap=1,boot=b,seq=3@0",
    ),
    (
        "several readings",
        EACH,
        "batch",
        {"r": [{"n": 5, "t": NOW}, {"n": 6, "t": NOW + 9}]},
        "c-1:good=5@0 c-1:good=6@9",
    ),
]


@pytest.mark.parametrize(("what", "source", "topic", "payload", "wanted"), CASES, ids=[case[0] for case in CASES])
def test_what_a_message_becomes(what: str, source: ForeignSource, topic: str, payload: Any, wanted: str) -> None:
    assert not list(faults([source], "bf/v1"))
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    meaning = Sources([source]).read(ForeignMessage(topic, body, 0), Knowledge(), nowhere)
    assert told(meaning) == wanted, what
    assert meaning is None or all(line.isprintable() for line in explain(meaning, topic))
    retained = Sources([source]).read(ForeignMessage(topic, body, 0, retained=True), Knowledge(), nowhere)
    parts = retained.parts if retained is not None else ()
    assert not [p for p in parts if isinstance(p, DeviceReading) or isinstance(getattr(p, "scan", None), Scan)]


def metadata(**connections: dict[str, str]) -> bytes:
    said = [
        {
            "name": name,
            "dataPoints": [{"name": "default", "dataPointDefinitions": [{"id": i, "name": n} for i, n in ids.items()]}],
        }
        for name, ids in connections.items()
    ]
    return json.dumps({"connections": said}).encode()


def test_an_id_means_what_the_metadata_says_until_others_come() -> None:
    sources, known = Sources([S7]), Knowledge()
    root = "simatic/v1/s7c1/dp"
    data = ForeignMessage(f"ie/d/j/{root}/r/PLC1/default", b'{"vals":[{"id":"101","qc":3,"val":5}]}', 0)
    shown = []
    for body in (b"", metadata(PLC1={"101": "good"}, PLC9={"101": "good"}), metadata(PLC1={"102": "good"})):
        if body:
            meaning = sources.read(ForeignMessage(f"ie/m/j/{root}", body, 0, retained=True), known, nowhere)
            assert meaning is not None
            shown.append(told(meaning))
            known.learn(meaning.lesson)
        shown.append(told(sources.read(data, known, nowhere)))
    place = f"{root}/r/PLC1/default"
    assert shown == [
        "c-1 BF1026",
        f"{place}:{{'101': 'good'}}",
        "c-1:good=5",
        f"{place}:{{'102': 'good'}}",
        "c-1 BF1026",
    ]


def test_a_name_of_two_ids_is_of_neither_until_the_metadata_says_it_once() -> None:
    known, place = Knowledge(), "s7c1/r/PLC1/default"
    twice = (("101", "good"), ("102", "good"), ("103", "scrap"), ("104", "a"), ("104", "b"), ("105", "good"))
    lesson = known.lesson("s7databus", [Names("s7c1", whole=True), Names(place, twice[:4]), Names(place, twice[4:])])
    assert lesson is not None
    assert "104" not in (lesson["s7databus", place] or {}), "an id with two names has none"
    body = {"vals": [{"id": id_, "qc": 3, "val": 5} for id_ in ("101", "102", "103")]}
    data = ForeignMessage(f"ie/d/j/{place}", json.dumps(body).encode(), 0)

    def read(*tags: str) -> str:
        rows = tuple(MapRow(f"c-{tag}", tag, f"ie/d/j/{place}") for tag in tags)
        return told(Sources([ForeignSource("ie/#", "s7databus", rows)]).read(data, known, nowhere))

    known.learn(Lesson(lesson))
    assert read("good") == "c-good BF1026"
    assert read("good", "scrap") == "c-scrap:good=5 c-good BF1026"
    assert read("scrap") == "c-scrap:good=5", "a name that no row wants cannot be wrong"
    assert read("other") == "unmapped"
    known.learn(Lesson(known.lesson("s7databus", [Names(place, twice[:1], whole=True)]) or {}))
    assert read("good") == "c-good:good=5 c-good BF1026", "an id that they do not know may be of any name"


@pytest.mark.parametrize(
    ("later", "unfit", "said"),
    [(b"", None, "heartbeat"), (b"{", None, "? BF1004"), (b"{", Rejection(Malformed.TOO_LARGE, "large"), "? BF1002")],
)
def test_metadata_that_were_cleared_or_cannot_be_read_leave_no_names(
    later: bytes, unfit: Rejection | None, said: str
) -> None:
    sources, known, shown = Sources([S7]), Knowledge(), []
    for body, wrong in ((metadata(PLC1={"101": "good"}), None), (later, unfit)):
        meaning = sources.read(ForeignMessage("ie/m/j/simatic/v1/s7c1/dp", body, 0, unfit=wrong), known, nowhere)
        assert meaning is not None
        known.learn(meaning.lesson)
        shown.append(told(meaning._replace(lesson=NO_LESSON)))
    assert (shown, known.names) == (["heartbeat", said], {})


def test_a_birth_that_cannot_be_read_ends_the_life_before_it() -> None:
    """Else messages after it would be taken for those of the old life, and their ids for its tags."""
    row = MapRow("c-1", "Good", "spBv1.0/G/+/E")
    sources, known, shown = Sources([ForeignSource("spBv1.0/#", "sparkplug", (row,), host="bf")]), Knowledge(), []
    for kind, seq, metrics in (
        ("NBIRTH", 0, [("Good", 1, 5)]),
        ("NDATA", 1, [("", 1, 6)]),
        ("NBIRTH", 0, [("Bad", 1, 7), ("Bad", 2, 7)]),
        ("NDATA", 1, [("", 1, 8)]),
        ("NDATA", 2, [("", 1, 9)]),
    ):
        payload = payload_of([metric_of(name, alias, value=n, now=NOW) for name, alias, n in metrics], seq, NOW)
        meaning = sources.read(ForeignMessage(f"spBv1.0/G/{kind}/E", payload, 0), known, nowhere)
        assert meaning is not None
        known.learn(meaning.lesson)
        shown.append(told(meaning._replace(lesson=NO_LESSON)).partition("@")[0])
    assert shown == ["c-1 online c-1:good=5", "c-1:good=6", "c-1 BF1023", "c-1 BF1024 ask G/E", "c-1 BF1024"]


@pytest.mark.parametrize("filter_", [SPARKPLUG.filter, "spBv1.0/G/#"])
def test_the_host_that_connects_again_waits_for_births(filter_: str) -> None:
    sources, known = Sources([SPARKPLUG._replace(filter=filter_)]), Knowledge()
    known.learn(Lesson({}, {"G/E": Node(seq=3)}))
    topic, payload = host_state("bf", 0, online=True)
    meaning = sources.read(ForeignMessage(topic, payload, 0), known, nowhere)
    assert meaning is not None
    assert meaning.lesson.nodes == {"G/E": None}


@pytest.mark.parametrize(
    ("filter_", "topic", "fits"),
    [
        ("a/#", "a", True),
        ("a/+", "a", False),
        ("+/b", "a/b", True),
        ("a", "a/b", False),
        ("a/b/#", "a", False),
        ("+", "", True),
    ],
)
def test_a_filter_matches_as_the_standard_says(filter_: str, topic: str, *, fits: bool) -> None:
    assert is_filter(filter_)
    assert matches(filter_, topic) is fits


PAGE = Path(__file__).parents[3] / "docs" / "sources.md"
READY = PAGE.read_text(encoding="utf-8").partition("## A source for each publisher")[2].partition("\n## ")[0]


def test_the_page_has_a_source_without_faults_for_each_publisher(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text("\n".join(line.removeprefix("    ") for line in READY.splitlines()), encoding="utf-8")
    sources = load_settings(file).sources
    assert sorted({*NAMES} - {source.decoder for source in sources}) == ["native"]
    assert [ForeignSource.parse(source.text) for source in sources] == list(sources)
