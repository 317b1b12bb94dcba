"""Stock keys and movement types: the alphabet of goods movements.

A posted quantity is signed by its effect on stock: a receipt is positive, an issue negative. An amount is signed by
its effect on the cost object: a debit (issue, activity) is positive, a credit (receipt, by-product) negative. A
reversal negates both.
"""

from typing import NamedTuple

REVERSAL_OF = {
    "131": "132",
    "261": "262",
    "551": "552",
    "531": "532",
    "571": "572",
    "311": "312",
    "101": "102",
    "201": "202",
}

FOR_SALES_ORDER = "571"
"""The receipt into sales-order stock."""


def reversal_of(movement: str) -> str:
    """Return the movement type that reverses one.

    A type outside the standard table is reversed by its successor number.
    """
    known = REVERSAL_OF.get(movement)
    if known is not None:
        return known
    return str(int(movement) + 1).rjust(len(movement), "0") if movement.isdigit() else f"{movement}-"


CONSIGNMENT = "K"
"""Stock type of goods that still belong to the supplier."""


class StockKey(NamedTuple):
    """A place of stock. Additive updates run in the order of these keys, so that two writers cannot deadlock."""

    plant: str
    material: str
    location: str
    batch: str = ""
    stock_type: str = ""
    """Empty is unrestricted; `E/order/item` is sales-order stock, `K` consignment."""
