"""Decodes Shelly devices of the second generation and later: the counts of their inputs, and their last will.

A status holds only changes: a component without `counts` has none. Counts begin at zero
when the device starts.
"""

from devices.decoders.foreign.payloads import is_name, moment, presence, read_object, unlike
from devices.errors import Rejection
from devices.messages import Publication, Sample


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read a notification (`.../events/rpc`), the status of one component (`.../status/input:2`) or the last will.

    >>> read("s1/status/input:2", b'{"id":2,"counts":{"total":5}}').samples[0].total
    5
    """
    head, _, last = topic.rpartition("/")
    if last == "online":
        return presence(head, payload, b"true", b"false")
    scope, _, kind = head.rpartition("/")
    if kind != "status" and (kind, last) != ("events", "rpc"):
        return Publication(topic)
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    said: object = {last: told}
    if kind == "events":
        if told.get("method") not in ("NotifyStatus", "NotifyFullStatus"):
            return Publication(scope)
        said = told.get("params")
    if not isinstance(said, dict):
        return unlike("params", "an object", said)
    ts = moment(said.get("ts"))
    samples = []
    for name, status in said.items():
        counts = status.get("counts", {}) if isinstance(status, dict) else {}
        if not isinstance(counts, dict) or not is_name(name):
            return unlike("counts", "an object", counts)
        if "total" in counts:
            samples.append(Sample(name, counts["total"], ts))
    return Publication(scope, tuple(samples))
