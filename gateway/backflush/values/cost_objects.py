"""Cost objects: the bearers of production cost.

Make-to-stock is charged to the product cost collector of its version, make-to-order to a sales order item, production
by lot to the lot. Keys, rows and topics hold a cost object as its text; `parse_cost_object` reads it.

Laws: parse(object.text) == object; parse(text).text == text for collectors and sales orders.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple


class Bearer(StrEnum):
    """The purpose of production, which decides the kind of cost object."""

    STOCK = "stock"
    SALES_ORDER = "sales order"
    LOT = "lot"


BEGINNINGS: Final = {Bearer.STOCK: "PCC ", Bearer.SALES_ORDER: "SO ", Bearer.LOT: "LOT "}
"""The prefix of each kind's texts."""


class CostObject(NamedTuple):
    """A bearer of cost: its kind, and its name within that kind."""

    bearer: Bearer
    name: str

    @property
    def text(self) -> str:
        """Its form in keys, rows and topics."""
        return BEGINNINGS[self.bearer] + self.name

    @property
    def to_stock(self) -> bool:
        """Whether it is a collector; only collectors have reporting points."""
        return self.bearer is Bearer.STOCK

    @property
    def sold(self) -> bool:
        """Whether it is a sales order item."""
        return self.bearer is Bearer.SALES_ORDER

    @property
    def sales_order(self) -> tuple[str, str]:
        """The sales order and its item; empty texts for other kinds.

        >>> parse_cost_object("SO 4500 10").sales_order, parse_cost_object("LOT L7").sales_order
        (('4500', '10'), ('', ''))
        """
        order, _, item = self.name.rpartition(" ") if self.sold else ("", "", "")
        return order, item


@lru_cache(maxsize=65_536)
def parse_cost_object(text: str) -> CostObject:
    """Read a cost object; a text without a known prefix is a lot.

    >>> parse_cost_object("PCC 1000 PUMP-40 0001")
    CostObject(bearer=<Bearer.STOCK: 'stock'>, name='1000 PUMP-40 0001')
    """
    bearer = next((kind for kind, beginning in BEGINNINGS.items() if text.startswith(beginning)), Bearer.LOT)
    return CostObject(bearer, text.removeprefix(BEGINNINGS[bearer]))


def collector_of(plant: str, material: str, version: str) -> str:
    """Name the product cost collector of a version."""
    return CostObject(Bearer.STOCK, f"{plant} {material} {version}").text


def cost_object_of(sales_order: str, sales_order_item: str, lot: str) -> str:
    """Name the cost object of make-to-order or of production by lot; empty is make-to-stock.

    >>> cost_object_of("4500", "10", ""), cost_object_of("", "", "L7"), cost_object_of("", "", "")
    ('SO 4500 10', 'LOT L7', '')
    """
    if sales_order:
        return CostObject(Bearer.SALES_ORDER, f"{sales_order} {sales_order_item or '0'}").text
    return CostObject(Bearer.LOT, lot).text if lot else ""
