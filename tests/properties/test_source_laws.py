"""Laws of sources: whatever a publisher sends, it is read or refused, for devices of the rows alone, and forgotten."""

import json
import tracemalloc
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.messages import Reading
from devices.sources.explain import explain
from devices.sources.judge import NAMES, faults
from devices.sources.knowledge import Knowledge
from devices.sources.reading import KNOWN_TOPICS, DeviceReading, ForeignMessage, Sources
from devices.sources.source import ForeignSource, MapRow

TOPICS: Final = {
    "s7databus": "ie/d/j/simatic/v1/s7c1/dp/r/PLC1/default",
    "tasmota": "tele/a/SENSOR",
    "shelly": "s1/status/input:2",
    "umh": "umh/v1/acme/_historian/T",
    "esphome": "n/sensor/T/state",
    "sparkplug": "spBv1.0/G/DDATA/N/D",
}
scalars = st.one_of(st.integers(-5, 2**60), st.floats(), st.booleans(), st.none(), st.text(max_size=8))
words = st.sampled_from(["values", "id", "v", "T", "vals", "val", "tags", "value", "COUNTER", "counts", "total", "r"])
bodies = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=5)),
    max_leaves=14,
)
payloads = st.one_of(st.binary(max_size=60), bodies.map(lambda body: json.dumps(body).encode()))


def source(decoder: str) -> ForeignSource:
    """Return a source of one row that fits every topic of it."""
    tag = "" if decoder in ("native", "number") else "T"
    topic = "spBv1.0/#" if decoder == "sparkplug" else "#"
    expressions = (("T", "v"), ("each", "values")) if decoder == "jmespath" else ()
    return ForeignSource(
        topic, decoder, (MapRow("c-1", tag),), host="h" * (decoder == "sparkplug"), expressions=expressions
    )


@pytest.mark.parametrize("decoder", NAMES)
@given(payload=payloads, retained=st.booleans())
def test_any_payload_is_read_or_refused_for_a_device_of_the_row(
    decoder: str, payload: bytes, *, retained: bool
) -> None:
    assert [f for f in faults([source(decoder)], "bf/v1") if "below bf/v1" not in f.text] == []
    topic, known = TOPICS.get(decoder, "any/topic"), Knowledge()
    said = Sources([source(decoder)]).read(ForeignMessage(topic, payload, 0, retained), known, lambda _: None)
    assert said is not None
    assert {part.device for part in said.parts} <= {"c-1", ""}
    readings = [part.reading for part in said.parts if isinstance(part, DeviceReading)]
    assert all(reading != Reading() for reading in readings)
    assert not (retained and readings)
    assert all(line.isprintable() for line in explain(said, topic))
    assert not known.names, "the caller learns"


@given(
    st.lists(
        st.tuples(st.sampled_from(["good", "scrap", "rework"]), st.integers(0, 3), st.integers(0, 99)), max_size=12
    )
)
def test_telegrams_hold_every_total_of_a_message_once_and_in_its_order(sent: list[tuple[str, int, int]]) -> None:
    rows = tuple(MapRow("c-1", kind, kind=kind) for kind in ("good", "scrap", "rework"))
    base = 1_795_335_330_120
    values = [{"id": kind, "v": total, "q": True, "t": base + at} for kind, at, total in sent]
    body = json.dumps({"values": values}).encode()
    said = Sources([ForeignSource("iot", "kepware", rows)]).read(
        ForeignMessage("iot", body, 0), Knowledge(), lambda _: None
    )
    assert said is not None
    found: list[tuple[str, int, int]] = []
    for part in said.parts:
        assert isinstance(part, DeviceReading)
        told: dict[str, Any] = part.reading._asdict()
        assert told["ts"] is not None
        at = told["ts"] // 1000 - base
        found += [(kind, at, told[kind]) for kind in ("good", "scrap", "rework") if told[kind] is not None]
    assert sorted(found) == sorted(sent)
    for kind, at in {(kind, at) for kind, at, _ in sent}:
        assert [e for e in found if e[:2] == (kind, at)] == [e for e in sent if e[:2] == (kind, at)]


def test_messages_that_no_row_asks_for_cost_no_memory() -> None:
    sources, known = Sources([ForeignSource("z/#", "zigbee2mqtt", (MapRow("c-1", "count", "z/press"),))]), Knowledge()

    def hear(first: int, last: int) -> None:
        for number in range(first, last):
            said = sources.read(ForeignMessage(f"z/{number}", b'{"on":true}', 0), known, lambda _: None)
            assert said is not None
            assert not said.mapped

    hear(0, 2 * KNOWN_TOPICS)
    tracemalloc.start()
    hear(2 * KNOWN_TOPICS, 4 * KNOWN_TOPICS)
    before, _ = tracemalloc.get_traced_memory()
    hear(4 * KNOWN_TOPICS, 8 * KNOWN_TOPICS)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert after - before < 1_000_000
