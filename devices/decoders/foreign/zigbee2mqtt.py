"""Decodes zigbee2mqtt: the values of a device by name, and its presence.

Equal messages come twice, and each report of the battery repeats the last count: both are equal totals. `last_seen` is
the time of the message, not of the count, so no sample gets it. Counts may be scaled: a fraction is refused.
"""

from devices.decoders.foreign.payloads import is_name, presence, read_object, unlike
from devices.errors import Rejection
from devices.messages import Publication, Sample


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read the values of a device, under its friendly name, or its availability.

    >>> [sample.name for sample in read("zigbee2mqtt/press", b'{"count":16,"battery":97}').samples]
    ['count', 'battery']
    """
    parts = topic.split("/")
    if parts[-1] == "availability" and not payload.lstrip().startswith(b"{"):
        return presence("/".join(parts[:-1]), payload, b"online", b"offline")
    if "bridge" in parts[1:2] or parts[-1] in ("set", "get"):
        return Publication(topic)
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    if parts[-1] == "availability":
        word = told.get("state")
        if word not in ("online", "offline"):
            return unlike("state", "online or offline", word)
        return Publication("/".join(parts[:-1]), online=word == "online")
    if not all(map(is_name, told)):
        return unlike("payload", "values by name", told)
    return Publication(topic, tuple([Sample(name, value) for name, value in told.items()]))
