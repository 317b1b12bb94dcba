"""Control codes, read and printed: cards that an operator scans instead of typing.

A control code is the text `BF:`, a verb, and its values, each after a colon. A value holds only letters, digits and
`_ . -`, so that the text is the same in Code 128 and QR codes, and on paper. A scanner that acts as a keyboard must be
set to the computer's layout: on others `:`, `-`, `_`, Y and Z are different keys, so the code is refused, or names
another value where only Y and Z differ. `printed` has the form for such scanners.

Law: printing a control and reading it again gives the same control.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from devices.errors import Malformed, Rejection

PREFIX: Final = "BF:"


class Verb(StrEnum):
    """The request of a control code."""

    RUN = "RUN"
    """The line makes this material by this version from now on."""
    START = "START"
    """The line makes the product of the next label from now on."""
    STOP = "STOP"
    """The line makes nothing from now on."""
    POINT = "POINT"
    """This scanner is at this reporting point."""
    QTY = "QTY"
    """The next label counts as this many pieces."""
    SCRAP = "SCRAP"
    """The next quantity is scrap, for this reason."""
    LOST = "LOST"
    """The next quantity had passed this scanner's point, and was scrapped before the next one, for this reason."""
    REWORK = "REWORK"
    """The next quantity is rework."""
    YIELD = "YIELD"
    """Quantities are good pieces again."""
    OPERATOR = "OPERATOR"
    UNDO = "UNDO"
    """Reverse the last posting of this device that is not reversed yet."""
    INFO = "INFO"
    """Show the settings of this scanner and its line."""
    LINE = "LINE"
    """This roaming device works at this plant and line."""
    CLOSE = "CLOSE"
    """Close the open windows: the pallet is full."""
    BEGIN = "BEGIN"
    """This counter restarts at this total."""


class Control(NamedTuple):
    """One control code; `VALUES` gives the number of `values` for each verb."""

    verb: Verb
    values: tuple[str, ...] = ()


VALUES: Final[dict[Verb, tuple[str, ...]]] = {
    Verb.RUN: ("material", "version"),
    Verb.START: (),
    Verb.STOP: (),
    Verb.POINT: ("point",),
    Verb.QTY: ("pieces",),
    Verb.SCRAP: ("reason",),
    Verb.LOST: ("reason",),
    Verb.REWORK: (),
    Verb.YIELD: (),
    Verb.OPERATOR: ("operator",),
    Verb.UNDO: (),
    Verb.INFO: (),
    Verb.LINE: ("plant", "line"),
    Verb.CLOSE: (),
    Verb.BEGIN: ("device", "total"),
}
"""The names of each verb's values, in order."""
LATE_CARDS: Final = (Verb.START, Verb.INFO)
"""Cards that older readers do not know."""

_VALUE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_NUMBERS: Final[dict[str, tuple[re.Pattern[str], tuple[str, ...]]]] = {
    "pieces": (re.compile(r"[1-9][0-9]{0,8}"), ("1", "9" * 9)),
    "total": (re.compile(r"0|[1-9][0-9]{0,14}"), ("0", "9" * 15)),
}


def control_code(verb: Verb, *values: str) -> str:
    """Print a control code.

    Raises `ValueError` if the values are not those of the verb, or do not fit into a code.

    >>> control_code(Verb.RUN, "FG-1000", "0001")
    'BF:RUN:FG-1000:0001'
    """
    code = PREFIX + ":".join((verb, *values))
    control = parse_control(code)
    if control != Control(verb, values):
        raise ValueError(control.text if isinstance(control, Rejection) else f"control code: {values!r} hold colons")
    return code


def parse_control(text: str) -> Control | Rejection:
    """Read a text that begins with `PREFIX`."""
    name, *values = text.removeprefix(PREFIX).split(":")
    if name not in Verb.__members__:
        known = ", ".join(Verb)
        return Rejection(Malformed.UNKNOWN_BARCODE, f"control code: expected one of {known}, got {name[:40]!a}")
    verb = Verb(name)
    expected = VALUES[verb]
    if len(values) != len(expected):
        form = PREFIX + ":".join((verb, *expected))
        return Rejection(Malformed.UNKNOWN_BARCODE, f"control code: expected {form}, got {text[:80]!a}")
    for what, value in zip(expected, values, strict=True):
        allowed, bounds = _NUMBERS.get(what, (_VALUE, ()))
        if allowed.fullmatch(value) is None:
            form = f"a whole number from {' to '.join(bounds)}" if bounds else "1 to 40 of A-Z a-z 0-9 _ . -"
            text = f"control code: expected {form} as {what}, got {value[:60]!a}"
            about = zip(("least", "most"), bounds, strict=False)
            return Rejection(Malformed.UNKNOWN_BARCODE, text, tuple(about))
    return Control(verb, tuple(values))
