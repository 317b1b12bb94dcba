"""Errors of messages: bad input is a `Rejection`, with a stable code and a sentence from the place of its refusal.

Codes are a promise: scripts, quarantine lists and scanner displays rely on them. Texts are for people.
A decoder never raises for bad input; it returns a `Rejection` instead of a message.
"""

from enum import StrEnum
from typing import Final, NamedTuple

_SHOWN: Final = 48
_BITS: Final = 64


class Malformed(StrEnum):
    """The reasons why a message cannot be understood. The gateway continues the numbering from BF2000 on."""

    EMPTY = "BF1001"
    TOO_LARGE = "BF1002"
    NOT_UTF8 = "BF1003"
    NOT_JSON = "BF1004"
    DUPLICATE_KEY = "BF1005"
    CONTROL_CHARACTER = "BF1006"
    WRONG_TYPE = "BF1007"
    OUT_OF_RANGE = "BF1008"
    BAD_TIME = "BF1009"
    IDENTITY_MISMATCH = "BF1010"
    RETAINED = "BF1011"
    TOO_DEEP = "BF1012"
    BAD_CHECK_DIGIT = "BF1013"
    UNKNOWN_BARCODE = "BF1014"
    CONTRADICTING_BARCODE = "BF1015"
    CONTRADICTING_TOTALS = "BF1016"
    BAD_TOPIC = "BF1017"
    UNKNOWN_DECODER = "BF1018"
    MISSING_FIELD = "BF1019"
    NO_VALUE = "BF1020"
    NO_WHOLE_NUMBER = "BF1021"
    COMPRESSED = "BF1022"
    UNKNOWN_FORM = "BF1023"
    NO_BIRTH = "BF1024"
    GAP = "BF1025"
    NO_NAME = "BF1026"
    TOO_MANY_NAMES = "BF1027"


class Rejection(NamedTuple):
    """A refusal: a code, of this module or of the gateway, and a sentence with the place, expectation and finding."""

    code: str
    text: str
    about: tuple[tuple[str, str], ...] = ()
    """Names in that sentence, for sentences in other languages."""


def show(value: object) -> str:
    r"""Print a foreign value short and inert: characters that cannot be seen by their numbers.

    >>> show("Stück gut"), show("ä\u202eb")
    ("'Stück gut'", "'ä\\u202eb'")
    """
    if isinstance(value, int) and value.bit_length() > _BITS:
        return "an integer of more than 64 bits"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, bytes | bytearray):
        return f"{len(value)} bytes"
    text = repr(value[:_SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
