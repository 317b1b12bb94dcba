"""Printed control codes: `BF` and decimal digits alone, which a scanner can type on the keyboard of any country.

A scanner that acts as a keyboard presses keys, and the computer reads them by its own layout: `:`, `-`, `_`, Y and Z
become something else. B, F and the digits do not; if the digits need the shift key (France), their keys give
`&é"'(-è_çà`, which are read as digits here. After `BF` come two digits for each character of the code after `BF:`, its
number in ASCII less 32, and two check digits (ISO/IEC 7064, MOD 97-10).

Laws: a printed code reads as the code that it was printed from; a wrong digit, and two swapped neighbours, are
detected; only a printed code reads as one.
"""

import re
from typing import Final

from devices.barcodes.controls import PREFIX, Control, parse_control
from devices.errors import Malformed, Rejection

PRINTED: Final = re.compile(r"(?:BF|bf)(?:[0-9]{10,200}|[&é\"'(\-è_çà]{10,200})")
"""The form of a printed code: the shortest verb has four characters. Caps lock turns capitals into small letters."""
PART: Final = re.compile(r"(?:\][A-Za-z][0-9A-Za-z])?(?:BF|bf)(?:[0-9]+|[&é\"'(\-è_çà]+)")
"""The form of a printed code, whole or cut off, after the AIM identifier of a scanner that sends one."""
_FRENCH: Final = str.maketrans("&é\"'(-è_çà", "1234567890")
_FIRST: Final = 32
"""The first printable character of ASCII."""


def print_code(code: str) -> str:
    """Print a control code, a text that `control_code` has made.

    >>> print_code("BF:STOP")
    'BF5152474810'
    """
    digits = "".join(f"{ord(character) - _FIRST:02}" for character in code.removeprefix(PREFIX))
    return f"BF{digits}{98 - int(digits) * 100 % 97:02}"


def code_of(text: str) -> str | None:
    """Return the control code of a text that fits `PRINTED`; None if its check digits are wrong.

    >>> code_of("BF5152474810"), code_of("BF5152474811")
    ('BF:STOP', None)
    """
    digits = text[2:].translate(_FRENCH)
    pairs = (digits[at : at + 2] for at in range(0, len(digits) - 2, 2))
    code = PREFIX + "".join(chr(int(pair) + _FIRST) for pair in pairs)
    return code if print_code(code) == f"BF{digits}" else None


def parse_printed(text: str) -> Control | Rejection:
    """Read a text that fits `PRINTED`."""
    code = code_of(text)
    if code is None:
        got = ascii(text[:60])
        return Rejection(Malformed.BAD_CHECK_DIGIT, f"control code: the digits of the card do not agree, got {got}")
    return parse_control(code)
