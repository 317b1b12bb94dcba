"""The processor time of decoding alone: one reading of each publisher, beside the same reading in the native format.

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
from tests.benchmarks.figures import Figures
from tests.benchmarks.floor import quantile
from tests.benchmarks.rounds import Bench

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
