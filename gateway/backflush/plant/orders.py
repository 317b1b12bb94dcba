"""Planned orders: the units still to be received, and those whose components are still to be consumed."""

from dataclasses import dataclass, field

from gateway.backflush.plant.snapshot import BomItem

QUANTITY = "quantity"
"""The key of the order quantity itself, next to those of the segments."""


@dataclass(slots=True)
class Order:
    """The open part of a planned order.

    `reduced` holds, per segment, the dependent requirements of its operations, and under `QUANTITY` the order quantity.
    """

    order: str
    plant: str
    material: str
    version: str
    line: str
    start: str
    finish: str
    quantity: int
    components: tuple[BomItem, ...] = ()
    reduced: dict[str, int] = field(default_factory=dict)

    def open(self, segment: str) -> int:
        """Return the units still to be received (`QUANTITY`), or whose components are still to be consumed."""
        return max(0, self.quantity - self.reduced.get(segment, 0))
