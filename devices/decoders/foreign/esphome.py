"""Decodes ESPHome: a sensor's state as a bare number, and the node's status.

`nan` is sent before the first value. Every number is a float of 32 bits, so a total above 16,777,216 may be inexact.
A total begins at zero at each start, unless it is restored.
"""

import re
from typing import Final

from devices.decoders.foreign.payloads import presence
from devices.decoders.strict_json import text_of
from devices.errors import Malformed, Rejection, show
from devices.messages import MAX_FLOAT32, Publication, Sample

_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")


def read(topic: str, payload: bytes) -> Publication | Rejection:
    """Read the state of a sensor or the status of its node; other topics hold no number.

    >>> read("press/sensor/good/state", b"16.0").samples[0].total
    16
    """
    parts = topic.split("/")
    if parts[-1] == "status":
        return presence("/".join(parts[:-1]), payload, b"online", b"offline")
    if len(parts) < 4 or parts[-3] != "sensor" or parts[-1] != "state":
        return Publication("/".join(parts[:-3]))
    text = text_of(payload)
    if isinstance(text, Rejection):
        return text
    scope, name, text = "/".join(parts[:-3]), parts[-2], text.strip().lower()
    if text == "nan":
        return Publication(scope, (Sample(name, None, why="nan, as before the first value"),))
    if _NUMBER.fullmatch(text) is None:
        return Rejection(Malformed.WRONG_TYPE, f"payload: expected a number, got {show(text)}")
    return Publication(scope, (Sample(name, float(text), most=MAX_FLOAT32),))
