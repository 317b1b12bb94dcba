"""Messages of devices, as frozen values.

A counter sends *totals*: everything it has counted in the life that `boot` names. A scanner sends the text it read.
Times are microseconds since 1970-01-01T00:00Z (`int`): exact, cheap to compare, and never naive.
"""

from typing import Final, NamedTuple

MAX_TOTAL: Final = 2**53
"""The highest total that every JSON reader keeps exact."""
MAX_SCAN: Final = 7_089
"""Characters of the longest barcode, a QR code of digits."""
RESERVED: Final = frozenset({"count", "scan", "state", "info", "health", "alert", "event", "log"})
"""Names that no device may have: these words mean something else in a topic."""


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
