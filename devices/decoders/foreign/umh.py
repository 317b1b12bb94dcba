"""Decodes the United Manufacturing Hub: one tag per topic, in older bundles several keys in one message.

Good and scrap come in messages of their own, so a gross total and its scrap never agree for a moment.
"""

import re
from typing import Final

from devices.decoders.foreign.payloads import is_name, moment, read_object, unlike
from devices.errors import Rejection
from devices.messages import Publication, Sample

_PATH: Final = re.compile(r"(umh/v1(?:/[^_/][^/]*+)++)/_[^/]*+(?:/(.++))?")


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read a time series value; its name is the path behind the data contract, the segment that begins with `_`.

    >>> read("umh/v1/acme/ulm/l1/_historian/press/good", b'{"timestamp_ms":1763799330120,"value":5}').samples[0].name
    'press/good'
    """
    found = _PATH.fullmatch(topic)
    if found is None:
        return unlike("topic", "umh/v1/.../_contract/tag", topic)
    scope, path = found.groups()
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    if "timestamp_ms" not in told or len(told) < 2:
        return unlike("payload", "timestamp_ms and a value", told)
    ts = moment(told.pop("timestamp_ms"))
    samples = []
    for key, value in told.items():
        name = f"{path}/{key}" if path and key != "value" else path or key
        if not is_name(name):
            return unlike("payload", "a name", name)
        samples.append(Sample(name, value, ts))
    return Publication(scope, tuple(samples))
