"""Decodes the MQTT client of Kepware's IoT Gateway, in its wide and its narrow layout.

The layout is a template that each plant may have changed: for another one use `jmespath`. A value of bad quality
is the last good one again, and no reading. A template writes the quality as `true`, as OPC's number or as its word.
"""

from collections.abc import Callable

from devices.decoders.foreign.payloads import is_good, is_name, moment, read_object, unlike
from devices.errors import Rejection, show
from devices.messages import Publication, Sample


def read(topic: str, payload: bytes, is_good: Callable[[object], bool] = is_good) -> Publication | Rejection:
    """Read the values of a message; the time of a value precedes that of the message.

    >>> read("iotgateway", b'{"values":[{"id":"C.D.T","v":5,"q":true,"t":1763799330120}]}').samples[0].total
    5
    """
    told = read_object(payload)
    if isinstance(told, Rejection):
        return told
    values = told.get("values", [told])
    if not isinstance(values, list):
        return unlike("values", "a list", values)
    samples = []
    for each in values:
        if not isinstance(each, dict) or not is_name(each.get("id")) or "v" not in each:
            return unlike("values", "objects with id and v", each)
        ts, quality = moment(each.get("t", told.get("timestamp"))), each.get("q", True)
        if is_good(quality):
            samples.append(Sample(each["id"], each["v"], ts))
        else:
            samples.append(Sample(each["id"], None, ts, why=f"its quality q is {show(quality)}"))
    return Publication(topic, tuple(samples))
