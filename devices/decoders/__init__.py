"""The decoders: one file per foreign format, one table.

A decoder turns the bytes of a count telegram into a `Reading`, or into a `Rejection` with the reason. It is
a pure function, total for all bytes, and bounded in time and memory; it never raises for bad input. The table's names
are those of the master data (`devices.decoder`) and the configuration (`[[source]] decoder`). Scans and states have
one format, the native one.
"""

from collections.abc import Callable
from datetime import tzinfo
from typing import Final

from devices.decoders import native, number
from devices.decoders.native import decode_count, decode_scan, decode_state
from devices.errors import Rejection
from devices.messages import Reading

CountDecoder = Callable[[bytes, tzinfo | None], Reading | Rejection]

DECODERS: Final[dict[str, CountDecoder]] = {"native": native.decode_count, "number": number.decode_count}

__all__ = ["DECODERS", "CountDecoder", "decode_count", "decode_scan", "decode_state"]
