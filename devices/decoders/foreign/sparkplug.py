"""Decodes Sparkplug B 3.0: births, data and deaths of edge nodes and devices; writes messages of both sides.

Where a metric has an alias, only the birth has its name; data has the alias (`Sample.id`). The order of messages, and
the connection that a death ends, are judged by `devices.edge_nodes`. `seq` counts messages from 0 to 255 and is no
sequence of totals; `bdseq` names a connection and not a life of totals, which may outlive many connections.

Tags are those of the public `sparkplug_b.proto`. Templates and data sets are not read.
"""

import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from struct import unpack
from typing import Any, Final

from typing_extensions import TypedDict

from devices.decoders.foreign.payloads import is_name, moment, unlike
from devices.decoders.foreign.protobuf import fields, write
from devices.errors import Rejection
from devices.messages import MAX_FLOAT32, MAX_TOTAL, Names, Publication, Sample, Turn

NAMESPACE: Final = "spBv1.0"
REBIRTH: Final = "Node Control/Rebirth"
"""The command that asks an edge node for its births."""
_KINDS: Final = {"NBIRTH": 4, "NDATA": 4, "NDEATH": 4, "DBIRTH": 5, "DDATA": 5, "DDEATH": 5}
"""Kinds of messages, each with the parts of its topic."""
_BIRTHS: Final = frozenset({"NBIRTH", "DBIRTH"})
"""In them each metric has its name: what an alias meant before, it need not mean now."""
_COMMANDS: Final = {"NCMD": 4, "DCMD": 5}

_TIME, _METRIC, _SEQ = 8, 18, 24  # of a payload
_NAME, _ALIAS, _METRIC_TIME, _TYPE, _HISTORICAL, _NULL, _PROPERTIES = 10, 16, 24, 32, 40, 56, 74  # of a metric
_INT, _LONG, _FLOAT, _DOUBLE, _BOOLEAN, _STRING = 80, 88, 101, 105, 112, 122
_OTHERS: Final = 130, 138, 146  # bytes, data set, template
_KEY, _PROPERTY, _PROPERTY_INT = 10, 18, 24
_BITS: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Of the signed types, Int8 to Int64."""
_TYPE_UINT64, _TYPE_BOOLEAN = 8, 11
_GOOD: Final = 192
_BDSEQ: Final = b"bdSeq"
_MOST_BDSEQ: Final = 2**63 - 1
"""The norm counts to 255; the ledger holds 64 bits with a sign."""


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read a message of a node or device; states of hosts, and commands, are empty messages."""
    place = _place(topic)
    if place is None:
        return unlike("topic", "spBv1.0/group/kind/node, or .../node/device of a device's kinds", topic)
    kind, scope = place
    if kind not in _KINDS:
        return Publication(scope)
    try:
        return _read(kind, scope, payload)
    except (ValueError, IndexError):
        return unlike("payload", "a payload of Sparkplug B", payload)


def turn_of(topic: str, payload: bytes) -> tuple[str, Turn] | None:
    """Return scope and turn of a message; None if it has none, or cannot be read. Other metrics are not read."""
    place = _place(topic)
    if place is None or place[0] not in _KINDS:
        return None
    kind, scope = place
    try:
        told, bdseq = fields(payload), None
        for tag, value in told if kind in ("NBIRTH", "NDEATH") else ():
            if tag == _METRIC and _BDSEQ in value and (metric := dict(fields(value))).get(_NAME) == _BDSEQ:
                bdseq = _bdseq(metric)
        return scope, Turn(kind, dict(told).get(_SEQ, 0) & 255, bdseq)
    except (ValueError, IndexError):
        return None


def rebirth(group: str, node: str, now: int) -> tuple[str, bytes]:
    """Return topic and payload of the command that asks an edge node for its births; QoS 0, not retained."""
    return f"{NAMESPACE}/{group}/NCMD/{node}", payload_of([metric_of(REBIRTH, None, value=True, now=now)], None, now)


def payload_of(metrics: Sequence[bytes], seq: int | None, now: int) -> bytes:
    """Write a message of an edge node; `now` in microseconds UTC."""
    sequence = [(_SEQ, seq)] if seq is not None else []
    return write((_TIME, now // 1000), *[(_METRIC, metric) for metric in metrics], *sequence)


def metric_of(name: str, alias: int | None, *, value: int, now: int) -> bytes:
    """Write a metric, a UInt64 or a Boolean; births have its name, data may have its alias alone."""
    names = [(_NAME, name.encode())] if name else []
    aliases = [(_ALIAS, alias)] if alias is not None else []
    kind, tag = (_TYPE_BOOLEAN, _BOOLEAN) if isinstance(value, bool) else (_TYPE_UINT64, _LONG)
    return write(*names, *aliases, (_METRIC_TIME, now // 1000), (_TYPE, kind), (tag, int(value)))


class HostState(TypedDict):
    """The state of a Sparkplug host application."""

    online: bool
    timestamp: int
    """When it connected, milliseconds UTC; the will has the same."""


def host_state(host: str, now: int, *, online: bool) -> tuple[str, bytes]:
    """Return topic and payload of the state of a host application; QoS 1, retained.

    The will announces offline with the same time as the online state after the connection.
    """
    state: HostState = {"online": online, "timestamp": now // 1000}
    return f"{NAMESPACE}/STATE/{host}", json.dumps(state).encode()


@lru_cache(maxsize=4096)
def _place(topic: str) -> tuple[str, str] | None:
    """Return kind and scope of a topic; the kind of a host's state is STATE."""
    parts = topic.split("/")
    if parts[:2] == [NAMESPACE, "STATE"]:
        return "STATE", "STATE"
    if parts[0] != NAMESPACE or len(parts) < 4 or (_KINDS | _COMMANDS).get(parts[2]) != len(parts):
        return None
    return parts[2], "/".join((parts[1], *parts[3:]))


def _read(kind: str, scope: str, payload: bytes) -> Publication | Rejection:
    told = fields(payload)
    head = dict(told)
    time, bdseq, samples = head.get(_TIME), None, []
    for tag, value in told:
        if tag != _METRIC:
            continue
        metric = dict(fields(value))
        name = metric[_NAME].decode() if _NAME in metric else ""
        alias = str(metric[_ALIAS]) if _ALIAS in metric else ""
        if metric.get(_NAME) == _BDSEQ:
            bdseq = _bdseq(metric)
            continue
        if not (is_name(name) if name or kind in _BIRTHS else alias):
            raise ValueError("a metric without a name that can be shown")
        said, why, most = _value(metric)
        hist = _HISTORICAL in metric and metric[_HISTORICAL] != 0
        samples.append(Sample(name, said, moment(metric.get(_METRIC_TIME, time)), alias, hist, why, most))
    turn = Turn(kind, head.get(_SEQ, 0) & 255, bdseq)
    if kind.endswith("DATA"):
        return Publication(scope, tuple(samples), turn=turn)
    if kind.endswith("DEATH"):
        return Publication(scope, online=False, turn=turn)
    for said in (Counter(sample.name for sample in samples), Counter(sample.id for sample in samples)):
        twice = [text for text, times in said.items() if text and times > 1]
        if twice:
            return unlike("payload", "each name and each alias once in a birth", twice[0])
    known = tuple((sample.id, sample.name) for sample in samples if sample.id and sample.name)
    return Publication(scope, tuple(samples), (Names(scope, known, whole=True),), online=True, turn=turn)


def _bdseq(metric: dict[int, Any]) -> int | None:
    """Return the number of a connection."""
    number: int | None = metric.get(_LONG, metric.get(_INT))
    if number is not None and number > _MOST_BDSEQ:
        raise ValueError("a number of a connection that no node has reached")
    return number


def _value(metric: dict[int, Any]) -> tuple[object, str, int]:
    """Return a metric's value, the reason why it has none, and the limit of its exact numbers."""
    if metric.get(_NULL):
        return None, "is_null", MAX_TOTAL
    if _PROPERTIES in metric and (quality := _quality(metric[_PROPERTIES])) not in (None, _GOOD):
        return None, f"its quality is {quality}", MAX_TOTAL
    if _INT in metric:
        return _whole(metric[_INT], metric.get(_TYPE, 0), 32), "", MAX_TOTAL
    if _LONG in metric:
        return _whole(metric[_LONG], metric.get(_TYPE, 0), 64), "", MAX_TOTAL
    if _FLOAT in metric:
        return unpack("<f", metric[_FLOAT])[0], "", MAX_FLOAT32
    if _DOUBLE in metric:
        return unpack("<d", metric[_DOUBLE])[0], "", MAX_TOTAL
    if _BOOLEAN in metric:
        return metric[_BOOLEAN] != 0, "", MAX_TOTAL
    if _STRING in metric:
        return metric[_STRING].decode(), "", MAX_TOTAL
    other = next((metric[tag] for tag in _OTHERS if tag in metric), None)
    return other, "no value", MAX_TOTAL


def _whole(number: int, kind: int, width: int) -> int:
    """Return a number with its sign; encoders extend it to their own field's width, or not.

    Data need not say its type. Then the upper half of a field is taken for negative: no line makes 2^31 pieces.
    """
    bits = _BITS.get(kind, 65) if kind else width
    if not number >> (bits - 1):
        return number
    return number - (1 << next(size for size in (bits, 32, 64) if number < 1 << size))


def _quality(properties: bytes) -> int | None:
    told = fields(properties)
    keys, values = ([value for tag, value in told if tag == wanted] for wanted in (_KEY, _PROPERTY))
    for key, value in zip(keys, values, strict=True):
        if key == b"Quality":
            found = dict(fields(value)).get(_PROPERTY_INT)
            return found if isinstance(found, int) else None
    return None
