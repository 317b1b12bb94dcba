"""Messages of devices, as frozen values.

A counter sends *totals*: everything it has counted in the life that `boot` names. A scanner sends the text it read.
Messages of other publishers become a `Publication`: values by tag, and facts about their senders.
Times are microseconds since 1970-01-01T00:00Z (`int`): exact, cheap to compare, and never naive.
"""

import re
from math import isnan
from typing import Final, NamedTuple

from devices.errors import Malformed, Rejection, show

MAX_TOTAL: Final = 2**53
"""The highest total that every JSON reader keeps exact."""
MAX_FLOAT32: Final = 2**24
"""The highest total up to which a 32-bit float tells each whole number from the next."""
MAX_SCAN: Final = 7_089
"""Characters of the longest barcode, a QR code of digits."""
MAX_FOREIGN: Final = 1_048_576
"""Bytes of another publisher's message, unless it is limited further: births and metadata are large."""
RESERVED: Final = frozenset({"count", "scan", "state", "info", "health", "alert", "event", "log"})
"""Names that no device may have: these words mean something else in a topic."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_DEVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
ENDS: Final = "\x02\x03\t\r\n"
"""Characters that scanners are set to send before and after each code: STX, ETX, tab, CR, LF."""
_CONTROL: Final = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")
_OF_MESSAGES: Final = str.maketrans("", "", "\x1e\x04")


class Reading(NamedTuple):
    """One count telegram. At least one of `good`, `gross`, `scrap`, `rework` is given; all are whole numbers >= 0."""

    good: int | None = None
    """Total of good pieces."""
    gross: int | None = None
    """Total of all pieces; yield is gross - scrap."""
    scrap: int | None = None
    """Total of scrapped pieces."""
    scrap_by: tuple[tuple[str, int], ...] = ()
    """Totals per scrap reason, sorted by reason; they add up to `scrap`."""
    ts: int | None = None
    """The device's own time of the reading, microseconds UTC; None if it sent none."""
    boot: str | None = None
    """Names the life of the totals: it changes exactly when they restart at zero."""
    seq: int | None = None
    """Grows with each telegram of one boot."""
    unit: str | None = None
    batch: str | None = None
    hist: bool = False
    """The reading was stored by the device and is sent late on purpose."""
    delta: bool = False
    """Second class: the numbers are differences, identified by `id` or by `boot` and `seq`."""
    id: str | None = None
    device: str | None = None
    """An identity in the payload; it must equal the topic's."""
    rework: int | None = None
    """Total of reworked pieces; they are not among the pieces above."""


class Used(NamedTuple):
    """The actual use of a component; `quantity` is a decimal number as text, empty fields follow by rule."""

    material: str
    quantity: str
    unit: str = ""
    location: str = ""
    batch: str = ""


class WorkedHours(NamedTuple):
    """Hours actually worked; `hours` is a decimal number as text."""

    work_center: str
    activity: str
    hours: str


class Scan(NamedTuple):
    """One scan telegram: the scanned text, the operator's choices, and actual quantities."""

    data: str
    """The barcode as read, with AIM identifier if the scanner sends it, and GS as the separator."""
    id: str | None = None
    """The scan's own identity; the same id with the same content is the same scan."""
    ts: int | None = None
    operator: str | None = None
    point: str | None = None
    """The reporting point (operation number) that the scanner is set to."""
    hist: bool = False
    device: str | None = None
    type: str = ""
    """component, activity, component-scrap or by-product: consumption alone; empty: the pieces of the label."""
    components: tuple[Used, ...] | None = None
    """Components used in place of the standard; None: none were reported."""
    activities: tuple[WorkedHours, ...] | None = None
    """Times in place of the standard; None: none were reported."""
    complete: bool = False
    """The lists are complete; otherwise items not named follow the standard."""
    sales_order: str = ""
    sales_order_item: str = ""
    lot: str = ""
    """Names the cost object of production by lot."""
    order: str = ""
    """The only planned order that is reduced."""

    @property
    def says_more(self) -> bool:
        """Whether the telegram holds more than scanned text, time and place."""
        names = self.type or self.sales_order or self.lot or self.order
        return bool(names) or self.components is not None or self.activities is not None


class DeviceState(NamedTuple):
    """A device's report of its own state, also by its last will."""

    online: bool


class Sample(NamedTuple):
    """One value of one tag, as another publisher sent it."""

    name: str
    """The tag; empty if only an id was sent, whose name the `Names` of the scope give."""
    value: object
    """The value as sent; None if the publisher reports that it has none, for the reason `why`."""
    ts: int | None = None
    """The time of the reading, microseconds UTC; None unless the stamp can order readings."""
    id: str = ""
    hist: bool = False
    """The value was stored by the publisher and is sent late on purpose."""
    why: str = ""
    most: int = MAX_TOTAL
    """The highest total that the publisher's numbers can show exactly; a float is exact only below it."""

    @property
    def total(self) -> int | Rejection:
        """The exact total, or the reason why the value is none; `NO_VALUE` is not a fault."""
        value, most = self.value, self.most
        whole = value if type(value) is int else None
        if isinstance(value, float) and value.is_integer():
            whole, most = int(value), most - 1  # the next number, as a float, may be rounded to the limit
        if whole is not None:
            if 0 <= whole <= most:
                return whole
            return self._refuse(Malformed.OUT_OF_RANGE, f"a total from 0 to {most}", show(value))
        if value is None or (isinstance(value, float) and isnan(value)):
            return self._refuse(Malformed.NO_VALUE, "a value", f"none: {self.why or value or 'null'}")
        if isinstance(value, float):
            return self._refuse(Malformed.NO_WHOLE_NUMBER, "a whole number", show(value))
        return self._refuse(Malformed.WRONG_TYPE, "a number", show(value))

    def _refuse(self, reason: Malformed, expected: str, got: str) -> Rejection:
        return Rejection(reason, f"{show(self.name or self.id)}: expected {expected}, got {got}")


class Names(NamedTuple):
    """The meaning of ids within a scope, from a publisher's metadata or birth."""

    scope: str
    names: tuple[tuple[str, str], ...] = ()
    """Pairs of an id and the name it stands for."""
    whole: bool = False
    """These names are all: those known before in this scope, and in the scopes below it, end."""


class Turn(NamedTuple):
    """The place of a Sparkplug message among those of its edge node."""

    kind: str
    """NBIRTH, DBIRTH, NDATA, DDATA, NDEATH or DDEATH."""
    seq: int
    """0 to 255, then 0 again; 0 for the death of a node, which has none."""
    bdseq: int | None = None
    """Joins the birth of a node with the death of the same connection."""


class Publication(NamedTuple):
    """One message of another publisher; an empty one says nothing of any device."""

    scope: str
    """The sender; ids and presence hold within it and in the scopes below it (`scope/...`)."""
    samples: tuple[Sample, ...] = ()
    """The values in the order sent; one tag may occur several times, each with its own time."""
    names: tuple[Names, ...] = ()
    online: bool | None = None
    """Whether the scope and those below it are connected; None: not reported."""
    scan: Scan | Rejection | None = None
    """A scan of the scope, or the reason why it cannot be read."""
    symbology: str = ""
    """The publisher's own word for the kind of code; it is no AIM identifier."""
    turn: Turn | None = None


class ScannedText(NamedTuple):
    """The field of a telegram that holds the text of a barcode."""

    name: str
    ends: str = ENDS
    """Characters that may stand around it, and are no part of it."""


def control_character(text: str, ends: str | None = None) -> str | None:
    """Return the first character that no text of a device may hold, as its code point.

    GS, the GS1 separator, is allowed; in the text of a barcode RS and EOT as well, for messages of ISO 15434, and
    these `ends` around it.
    """
    found = _CONTROL.search(text if ends is None else text.strip(ends).translate(_OF_MESSAGES))
    return f"U+{ord(found.group()):04X}" if found else None


def is_device_id(text: str) -> bool:
    """Return whether a device may have this id (and login).

    >>> is_device_id("counter-7"), is_device_id("_status"), is_device_id("count")
    (True, False, False)
    """
    return _DEVICE.fullmatch(text) is not None and text not in RESERVED


def check_place(plant: str, line: str, device: str) -> None:
    """Raise ValueError unless these may be levels of a device's topics."""
    for segment in (plant, line):
        if _SEGMENT.fullmatch(segment) is None:
            raise ValueError(f"expected 1 to 40 of A-Z a-z 0-9 _ . - as plant and line, got {segment!r}")
    if not is_device_id(device):
        raise ValueError(f"expected a device id of 1 to 40 of A-Z a-z 0-9 _ -, and no reserved word, got {device!r}")
