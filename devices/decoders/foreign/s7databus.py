"""Decodes the databus of Siemens Industrial Edge: the S7 connector, and the others that share its payload.

Data holds ids, whose names are only in the retained metadata, and change with each configuration. So metadata ends
every name of its connector, and a sample has an id and no name.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from devices.decoders.foreign.payloads import is_name, moment, read_object, unlike
from devices.errors import Rejection, show
from devices.messages import Names, Publication, Sample

_GOOD: Final = 3


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read data or metadata; the scope of a value is its connector, connection and collection.

    >>> read("ie/d/j/simatic/v1/s7c1/dp/r/PLC1/default", b'{"seq":1,"vals":[{"id":"101","qc":3,"val":5}]}').scope
    'simatic/v1/s7c1/dp/r/PLC1/default'
    """
    root, kind, _, scope = _levels(topic)
    if root != "ie":
        return unlike("topic", "ie/d/j/... or ie/m/j/...", topic)
    if kind == "m" and not payload.strip():
        return Publication(scope, names=(Names(scope, whole=True),))  # cleared at the broker: no name holds
    if kind not in ("d", "m"):
        return Publication(scope)
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    if kind == "d":
        samples = _values(told)
        return samples if isinstance(samples, Rejection) else Publication(scope, samples)
    names = (Names(scope, whole=True), *(_names(scope, *each) for each in _points(told)))
    return Publication(scope, names=names) if len(names) > 1 else unlike("connections", "data points", told)


@lru_cache(maxsize=4_096)
def _levels(topic: str) -> Sequence[str]:
    """Return the first three levels of a topic and the rest; four empty ones of a topic with fewer."""
    levels = topic.split("/", 3)
    return levels if len(levels) > 3 else [""] * 4


def _values(told: dict[str, Any]) -> tuple[Sample, ...] | Rejection:
    values = told.get("vals")
    if not isinstance(values, list):
        return unlike("vals", "a list", values)
    samples = []
    for each in values:
        key = each.get("id") if isinstance(each, dict) else None
        if not is_name(key) or "val" not in each:
            return unlike("vals", "objects with id and val", each)
        value, quality = each["val"], each.get("qc", _GOOD)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
            value = int(value)  # connectors quote what has 64 bits, old ones every number
        ts = moment(each["ts"] if "ts" in each else told.get("ts"))
        if quality == _GOOD:
            samples.append(Sample("", value, ts, key))
        else:
            samples.append(Sample("", None, ts, key, why=f"its quality qc is {show(quality)}"))
    return tuple(samples)


def _points(told: dict[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """Walk connections and their collections: both names, and the definitions."""
    for connection in _objects(told.get("connections")):
        for collection in _objects(connection.get("dataPoints")):
            names = connection.get("name"), collection.get("name")
            definitions = collection.get("dataPointDefinitions")
            if is_name(names[0]) and is_name(names[1]) and isinstance(definitions, list):
                yield names[0], names[1], definitions


def _names(root: str, connection: str, collection: str, definitions: list[Any]) -> Names:
    pairs = ((each.get("id"), each.get("name")) for each in _objects(definitions))
    known = tuple((key, name) for key, name in pairs if is_name(key) and is_name(name))
    return Names(f"{root}/r/{connection}/{collection}", known)


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
