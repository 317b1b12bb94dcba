"""Decodes counters that publish only their total: decimal digits, white space around them ignored.

Leading zeros are accepted, because displays and PLC strings are padded with them.
"""

import re
from datetime import tzinfo

from devices.decoders.strict_json import MAX_BYTES, text_of, too_many_bytes
from devices.errors import Malformed, Rejection, show
from devices.messages import MAX_TOTAL, Reading

# Possessive: a payload of zeros is read only once.
_WHOLE = re.compile(r"0*+([0-9]{0,17})")
_OTHER_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.][0-9]*)?(?:[eE][+-]?[0-9]+)?")


def decode_count(payload: bytes, _zone: tzinfo | None) -> Reading | Rejection:
    """Read a bare total of good pieces; it has no time, so the zone does not matter.

    >>> decode_count(b"0018234", None).good
    18234
    """
    if len(payload) > MAX_BYTES:
        return too_many_bytes(payload)
    text = text_of(payload)
    if isinstance(text, Rejection):
        return text
    text = text.strip(" \t\r\n")
    whole = _WHOLE.fullmatch(text)
    if whole is not None and text and int(whole.group(1) or "0") <= MAX_TOTAL:
        return Reading(good=int(whole.group(1) or "0"))
    if _OTHER_NUMBER.fullmatch(text) is None:
        return Rejection(Malformed.WRONG_TYPE, f"payload: expected a whole number, got {show(text)}")
    if text.startswith("-") or text.isdigit():
        return Rejection(Malformed.OUT_OF_RANGE, f"payload: expected a total from 0 to {MAX_TOTAL}, got {show(text)}")
    return Rejection(Malformed.WRONG_TYPE, f"payload: expected a whole number without sign and point, got {show(text)}")
