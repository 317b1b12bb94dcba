"""Decodes Tasmota: its counters `C1` to `C8`, and its last will.

Its time is local, without offset, in whole seconds, and of 1970 until a time server has answered, so none is taken.
A counter restored from flash is older than its last message. One that is not configured is absent.
"""

from typing import Final

from devices.decoders.foreign.payloads import is_name, presence, read_object, unlike
from devices.errors import Rejection
from devices.messages import Publication, Sample

_PREFIXES: Final = "tele", "stat"
"""Parts of a topic, before or behind the device's own."""
_WHERE: Final = {"SENSOR": None, "STATUS8": "StatusSNS", "STATUS10": "StatusSNS"}


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read a sensor report or the last will; other topics hold no counter.

    >>> read("tele/press1/SENSOR", b'{"Time":"2026-11-22T08:15:30","COUNTER":{"C1":5}}').samples[0].total
    5
    """
    *head, last = topic.split("/")
    scope = "/".join(part for part in head if part not in _PREFIXES)
    if last == "LWT":
        return presence(scope, payload, b"Online", b"Offline")
    if last not in _WHERE:
        return Publication(scope)
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    below = _WHERE[last]
    counters = told if below is None else told.get(below, {})
    counters = counters.get("COUNTER", {}) if isinstance(counters, dict) else None
    if not isinstance(counters, dict) or not all(map(is_name, counters)):
        return unlike("COUNTER", "counters by name", counters)
    return Publication(scope, tuple(Sample(name, value) for name, value in counters.items()))
