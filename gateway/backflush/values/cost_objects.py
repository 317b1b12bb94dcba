"""Cost objects: what bears the cost of production.

What is made to stock is charged to the product cost collector of its version, make-to-order to an item of a sales
order, production by lot to a lot. Keys, rows and topics have a cost object as its text,
which `parse_cost_object` reads.

Laws: parse(object.text) == object; texts of collectors and sales orders are parse(text).text.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple


class Bearer(StrEnum):
    """What production is for, and so what bears its cost."""

    STOCK = "stock"
    SALES_ORDER = "sales order"
    LOT = "lot"


BEGINNINGS: Final = {Bearer.STOCK: "PCC ", Bearer.SALES_ORDER: "SO ", Bearer.LOT: "LOT "}
"""How the texts of each kind begin."""


class CostObject(NamedTuple):
    """What bears the cost: its kind, and its name among those."""

    bearer: Bearer
    name: str

    @property
    def text(self) -> str:
        """What keys, rows and topics have of it."""
        return BEGINNINGS[self.bearer] + self.name

    @property
    def to_stock(self) -> bool:
        """Whether it is a collector; only there are reporting points."""
        return self.bearer is Bearer.STOCK

    @property
    def sold(self) -> bool:
        """Whether it is an item of a sales order."""
        return self.bearer is Bearer.SALES_ORDER

    @property
    def sales_order(self) -> tuple[str, str]:
        """The sales order and its item; empty texts where it is none.

        >>> parse_cost_object("SO 4500 10").sales_order, parse_cost_object("LOT L7").sales_order
        (('4500', '10'), ('', ''))
        """
        order, _, item = self.name.rpartition(" ") if self.sold else ("", "", "")
        return order, item


@lru_cache(maxsize=65_536)
def parse_cost_object(text: str) -> CostObject:
    """Read a cost object; what is of no other kind is a lot.

    >>> parse_cost_object("PCC 1000 PUMP-40 0001")
    CostObject(bearer=<Bearer.STOCK: 'stock'>, name='1000 PUMP-40 0001')
    """
    bearer = next((kind for kind, beginning in BEGINNINGS.items() if text.startswith(beginning)), Bearer.LOT)
    return CostObject(bearer, text.removeprefix(BEGINNINGS[bearer]))


def collector_of(plant: str, material: str, version: str) -> str:
    """Name the product cost collector of a version."""
    return CostObject(Bearer.STOCK, f"{plant} {material} {version}").text


def cost_object_of(sales_order: str, sales_order_item: str, lot: str) -> str:
    """Name what bears the cost of make-to-order or of production by lot; empty is make-to-stock.

    >>> cost_object_of("4500", "10", ""), cost_object_of("", "", "L7"), cost_object_of("", "", "")
    ('SO 4500 10', 'LOT L7', '')
    """
    if sales_order:
        return CostObject(Bearer.SALES_ORDER, f"{sales_order} {sales_order_item or '0'}").text
    return CostObject(Bearer.LOT, lot).text if lot else ""
