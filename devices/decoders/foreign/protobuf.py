"""Cuts a message of protocol buffers into its fields, and writes one; the caller knows the meaning of their numbers.

Laws: reading is total. Any bytes give fields, in time linear in their number, or raise ValueError or IndexError; nested
fields are not read. Fields that are written are read again.
"""

from typing import Any, Final

_UINT64: Final = 2**64 - 1


def fields(data: bytes) -> list[tuple[int, Any]]:
    r"""Return each field by its tag (number * 8 + wire type): an int for a varint, else its bytes.

    >>> fields(b"\x08\x96\x01\x12\x02hi")
    [(8, 150), (18, b'hi')]
    """
    found: list[tuple[int, Any]] = []
    at, end = 0, len(data)
    while at < end:
        tag, at = data[at], at + 1
        if tag > 127:
            tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0 or wire == 2:  # noqa: PLR1714 - twice as fast as a look into a tuple
            number, at = data[at], at + 1
            if number > 127:
                number, at = _varint(data, at)
            if wire == 0:
                found.append((tag, number))
                continue
            stop = at + number
        elif wire in (1, 5):
            stop = at + (8 if wire == 1 else 4)
        else:
            raise ValueError("a wire type that nobody sends")
        if stop > end:
            raise ValueError("a field beyond the end")
        found.append((tag, data[at:stop]))
        at = stop
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read the number whose first byte stands before `at`; return it and its end."""
    number, shift = data[at - 1] & 127, 7
    while (byte := data[at]) > 127:
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if shift > 63:
            raise ValueError("a number of more than ten bytes")
    return (number | byte << shift) & _UINT64, at + 1


def write(*parts: tuple[int, int | bytes]) -> bytes:
    """Write fields, each a tag and its number or bytes, as `fields` reads them.

    >>> fields(write((8, 150), (18, b"hi")))
    [(8, 150), (18, b'hi')]
    """
    return b"".join(
        _varint_of(tag) + (_varint_of(value) if isinstance(value, int) else _varint_of(len(value)) + value)
        for tag, value in parts
    )


def _varint_of(number: int) -> bytes:
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    written.append(number)
    return bytes(written)
