"""Planned orders: what is still to be received of them, and what of their components is still to be consumed."""

from dataclasses import dataclass, field

from gateway.backflush.plant.snapshot import BomItem

QUANTITY = "quantity"
"""The key under which an order's own quantity is reduced, beside its segments."""


@dataclass(slots=True)
class Order:
    """A planned order's open part.

    `reduced` is per segment for the dependent requirements of its operations, `QUANTITY` for the order quantity itself.
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
        """Return the units that are still to be received (`QUANTITY`), or whose components are still to be consumed."""
        return max(0, self.quantity - self.reduced.get(segment, 0))
