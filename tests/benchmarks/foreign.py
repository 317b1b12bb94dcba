"""The processor time of one reading of each publisher, beside the same reading in the native format.

`decode_alone` measures the decoders, `count_alone` the whole way of a message through a gateway's memory: its topic,
its row, what is known of its publisher, and the count.

Each message has its own total and time. A figure is the lower eighth of many parts, as in `folding`.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from devices.decoders import decode_count
from devices.decoders.foreign import Decoder, decoder_of
from devices.decoders.foreign.sparkplug import metric_of, payload_of
from devices.edge_nodes import EdgeNode, Fate, NodeMessage, take
from devices.messages import Publication
from devices.sources.knowledge import Knowledge, Lesson, Node
from devices.sources.source import ForeignSource, MapRow
from gateway.backflush.memory.changes import Changes, Facts
from gateway.backflush.memory.state import Rules, State
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import derive_state, step
from gateway.journal import Entry
from gateway.mqtt.topics import Topics
from gateway.service.entries import MESSAGE
from gateway.service.fold.decode import Intake
from tests.benchmarks.figures import Figures
from tests.benchmarks.floor import no_search, quantile
from tests.benchmarks.rounds import Bench
from tests.builders import counter, plant

PARTS: Final = 48
MANY: Final = 2_048
"""Whole rounds of a sequence from 0 to 255."""
_BEGIN: Final = 1_795_335_330_120
_TEXTS: Final = {
    "kepware": ("iotgateway", '{{"timestamp":{ms},"values":[{{"id":"C.D.T","v":{n},"q":true,"t":{ms}}}]}}'),
    "s7databus": (
        "ie/d/j/simatic/v1/s7c1/dp/r/PLC1/default",
        '{{"seq":{n},"vals":[{{"id":"101","qc":3,"ts":"{iso}","val":{n}}}]}}',
    ),
    "neuron": ("/neuron/n/d/g", '{{"timestamp":{ms},"node":"n","group":"g","values":{{"T":{n}}},"errors":{{}}}}'),
    "umh": ("umh/v1/acme/ulm/l1/_historian/press/good", '{{"timestamp_ms":{ms},"value":{n}}}'),
    "tasmota": ("tele/press/SENSOR", '{{"Time":"2026-11-22T08:15:30","COUNTER":{{"C1":{n}}}}}'),
    "shelly": (
        "s1/events/rpc",
        '{{"src":"s1","method":"NotifyStatus","params":{{"ts":{s},"input:2":{{"counts":{{"total":{n}}}}}}}}}',
    ),
    "zigbee2mqtt": ("zigbee2mqtt/press", '{{"count":{n},"last_seen":"{iso}","battery":97,"linkquality":80}}'),
    "esphome": ("press/sensor/good/state", "{n}.0"),
    "jmespath": ("plant/press", '{{"at":{ms},"count":{{"total":{n}}}}}'),
}


def decode_alone(_: Bench) -> Figures:
    """Decode readings of each publisher; native is what the others are compared with."""
    native = _measure(lambda payload: decode_count(payload, None), [_native(n) for n in range(MANY)])
    found: Figures = {}
    for name, (topic, form) in _TEXTS.items():
        decoder = decoder_of(name, {"good": "count.total", "ts": "at"} if name == "jmespath" else None)
        found[name] = _measure(partial(_total, decoder, topic), [_text(form, n) for n in range(MANY)])
    decoder, node = decoder_of("sparkplug"), [EdgeNode[int](255, 0, frozenset({"D"}))]

    def believe(payload: bytes) -> None:
        message = _total(decoder, "spBv1.0/G/DDATA/N/D", payload)
        assert message.turn is not None
        node[0], verdicts, _ = take(node[0], NodeMessage(message.turn, "D", 0), 0)
        assert verdicts[0].fate is Fate.TAKEN

    found["sparkplug, with its turn"] = _measure(believe, [_sparkplug(n) for n in range(MANY)])
    return (
        {"native (us)": native}
        | {f"{name} (us)": took for name, took in found.items()}
        | {f"{name} : native": took / native for name, took in found.items()}
    )


def _measure(decode: Callable[[bytes], Any], payloads: Sequence[bytes]) -> float:
    parts = []
    for _ in range(PARTS):
        began = time.thread_time()
        for payload in payloads:
            decode(payload)
        parts.append((time.thread_time() - began) / len(payloads) * 1e6)
    return quantile(parts, 1 / 8)


_ROWS: Final = {
    "kepware": MapRow("F1", "C.D.T"),
    "s7databus": MapRow("F1", "good"),
    "neuron": MapRow("F1", "T"),
    "umh": MapRow("F1", "press/good"),
    "tasmota": MapRow("F1", "C1"),
    "shelly": MapRow("F1", "input:2"),
    "zigbee2mqtt": MapRow("F1", "count"),
    "esphome": MapRow("F1"),
    "jmespath": MapRow("F1", "good"),
}
_SPARKPLUG: Final = "spBv1.0/G/DDATA/N/D"
_AT_ONCE: Final = 256


@no_search()
def count_alone(_: Bench) -> Figures:
    """Decode and count readings of each publisher by the engine in memory; native is what they are compared with."""
    native = _count("bf/v1/1000/L1/C1/count", [_native(n) for n in range(MANY)], Rules(), Knowledge())
    found: Figures = {}
    for name, (topic, form) in _TEXTS.items():
        expressions = (("good", "count.total"), ("ts", "at")) if name == "jmespath" else ()
        source = ForeignSource(topic, name, (_ROWS[name],), expressions=expressions)
        known = Knowledge()
        known.learn(Lesson({("s7databus", "simatic/v1/s7c1/dp/r/PLC1/default"): {"101": "good"}}))
        found[name] = _count(topic, [_text(form, n) for n in range(MANY)], Rules(sources=(source.text,)), known)
    source = ForeignSource("spBv1.0/#", "sparkplug", (MapRow("F1", "good", "spBv1.0/G/+/N/D"),), host="bench")
    known = Knowledge()
    node: Node = Node(seq=255, devices=frozenset({"D"}))
    known.learn(Lesson({("sparkplug", "G/N/D"): {"7": "good"}}, {"G/N": node}))
    payloads = [_sparkplug(n) for n in range(MANY)]
    found["sparkplug"] = _count(_SPARKPLUG, payloads, Rules(sources=(source.text,)), known)
    return (
        {"native (us)": native}
        | {f"{name} (us)": took for name, took in found.items()}
        | {f"{name} : native": took / native for name, took in found.items()}
    )


def _count(topic: str, payloads: Sequence[bytes], rules: Rules, knowledge: Knowledge) -> float:
    """Return the lower eighth of the microseconds that a message costs; each part begins with the same state."""
    parts = []
    for _ in range(PARTS):
        state, entry = (
            State(rules=rules, master=plant(devices=[counter("C1", window="1h"), counter("F1", window="1h")])),
            0,
        )
        state.knowledge.learn(Lesson(dict(knowledge.names), dict(knowledge.nodes)))
        intake = Intake(Topics(rules.base, "gw1"), rules, state.knowledge)
        derive_state(state)
        now = intake.at = 1000 * _BEGIN
        began = time.thread_time()
        for first in range(0, len(payloads), _AT_ONCE):
            changes, events = Changes(), []
            for payload in payloads[first : first + _AT_ONCE]:
                entry += 1
                event = intake.decode(entry, Entry(MESSAGE, topic, payload), state.master, b"")
                assert event is not None
                events.append(event)
            now = intake.at = now + 7_000 * _AT_ONCE
            step(state, changes, gather(inquire(state, events, now), lambda _: Facts()), now, events)
            assert changes.outcomes.get("counted", 0) >= _AT_ONCE - 1, changes.outcomes
        parts.append((time.thread_time() - began) / len(payloads) * 1e6)
    return quantile(parts, 1 / 8)


def _total(decoder: Decoder, topic: str, payload: bytes) -> Publication:
    message = decoder.parse(topic, payload, retained=False)
    assert isinstance(message, Publication)
    assert isinstance(message.samples[0].total, int)
    return message


def _text(form: str, n: int) -> bytes:
    ms = _BEGIN + 7 * n
    iso = datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return form.format(n=18_000 + n, ms=ms, s=f"{ms / 1000:.2f}", iso=iso).encode()


def _native(n: int) -> bytes:
    return _text('{{"ts":"{iso}","boot":"c0ffee12","seq":{n},"good":{n},"unit":"PC"}}', n)


def _sparkplug(n: int) -> bytes:
    now = 1000 * (_BEGIN + 7 * n)
    return payload_of([metric_of("", 7, value=18_000 + n, now=now)], n % 256, now)
