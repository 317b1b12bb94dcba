"""Shared parts of foreign formats: JSON with one reading, stamps that can be an order, names, states.

Laws: total for all bytes of any length (the caller bounds it); JSON that can be read in two ways is refused for the
same reasons as the gateway's own, but for its size; a stamp in whole seconds, without offset, or of a clock that was
never set is no stamp, because a stamp decides which of two totals is the newer one.
"""

from typing import Any, Final, TypeGuard

from pydantic_core import from_json, to_json

from devices.decoders.strict_json import MAX_DIGITS, fault
from devices.decoders.timestamps import from_epoch, from_iso
from devices.errors import Malformed, Rejection, show
from devices.messages import Publication, ScannedText

MAX_NAME: Final = 400
"""Characters of a tag's name, an id, or a part of a topic."""
_BRACKETS: Final = 100_000
_GOOD: Final = range(192, 256)
_QUALITY_DIGITS: Final = 5
"""Of the longest quality, which has 16 bits."""
_BACKSLASH: Final = ord("\\")
_OBJECT: Final = dict, Rejection
_SET_MS, _END_MS = 946_684_800_000, 253_402_300_800_000
"""2000-01-01, before which a clock was never set, and 10000-01-01."""


def read_json(payload: bytes, scanned: ScannedText | None = None) -> Any:  # noqa: ANN401 - what JSON holds
    """Return the value that a payload holds, or a `Rejection` with the reason why it holds none.

    The field `scanned` holds the text of a barcode.
    Counting proves that no key came twice: printed again, the value has as many quotation marks as before.
    """
    try:
        value = from_json(payload, allow_inf_nan=False)
    except ValueError:
        long = Rejection(Malformed.OUT_OF_RANGE, f"payload: expected numbers of at most {MAX_DIGITS} digits, got more")
        return fault(payload, _BRACKETS, scanned) or long
    # Searching for an integer is ten times faster than for a byte string.
    if _BACKSLASH in payload or payload.count(b'"') != to_json(value).count(b'"'):
        return fault(payload, _BRACKETS, scanned) or value
    return value


def read_object(payload: bytes, scanned: ScannedText | None = None) -> dict[str, Any] | Rejection:
    """Return the JSON object in a payload."""
    told = read_json(payload, scanned)
    return told if isinstance(told, _OBJECT) else unlike("payload", "an object", told)


def unlike(where: str, expected: str, got: object) -> Rejection:
    """Refuse a message that the publisher's documentation does not describe."""
    return Rejection(Malformed.UNKNOWN_FORM, f"{where}: expected {expected}, got {show(got)}")


def moment(stamp: object) -> int | None:
    """Return the moment of a stamp, microseconds UTC, or None if it cannot be an order.

    Epoch numbers from 1e11 on are milliseconds, below seconds, which need a fraction.

    >>> moment(1763799330120), moment("2025-11-22T08:15:30.120Z"), moment(1763799330), moment("2025-11-22T08:15:30")
    (1763799330120000, 1763799330120000, None, None)
    """
    if isinstance(stamp, str):
        known = from_iso(stamp, None) if "." in stamp or "," in stamp else None
    elif isinstance(stamp, int):
        return stamp * 1000 if _SET_MS <= stamp < _END_MS else None
    else:
        known = from_epoch(stamp) if isinstance(stamp, float) else None
    return known if known is not None and known >= _SET_MS * 1000 else None


def is_good(quality: object) -> bool:
    """Whether an OPC quality is good: `true`, its word, or a number whose two upper bits of eight are set.

    A template may have quoted each of them.

    >>> [is_good(quality) for quality in (True, 192, "216", "Good", False, 64, 0, "Bad", None)]
    [True, True, True, True, False, False, False, False, False]
    """
    if isinstance(quality, str):
        word = quality.strip().casefold()
        if not (word.isascii() and word.isdigit() and len(word) <= _QUALITY_DIGITS):
            return word == "true" or word.startswith("good")
        quality = int(word)
    return quality is True or (isinstance(quality, int | float) and quality in _GOOD)


def is_name(text: object) -> TypeGuard[str]:
    """Whether a text can be shown and stored as a name."""
    return isinstance(text, str) and len(text) <= MAX_NAME and text.isprintable() and text.strip() != ""


def presence(scope: str, payload: bytes, online: bytes, offline: bytes) -> Publication | Rejection:
    """Read a state that is one of two words; nothing is a state that was cleared at the broker."""
    word = payload.strip()
    if not word:
        return Publication(scope)
    if word in (online, offline):
        return Publication(scope, online=word == online)
    return unlike("payload", f"{online.decode()} or {offline.decode()}", payload[:41].decode("utf-8", "replace"))
