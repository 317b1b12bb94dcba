"""Sales orders: what may be made for one, and until when."""

from dataclasses import replace

import pytest

from gateway.backflush.plant import Bom, BomItem
from gateway.errors import Reason
from tests.book import Book
from tests.builders import bom, component, order, q
from tests.unit.backflush.test_doors import STRICT, book, master, run, scan


def test_a_sales_order_takes_no_more_than_it_is_open_for_and_what_comes_back_can_be_made_again() -> None:
    shop = book()
    assert shop.post(4, cost_object="SO 4711 10").code == Reason.OK
    assert shop.post(4, cost_object="SO 4711 10").code == Reason.OK, "the last one of it may be made with others"
    told = shop.post(1, cost_object="SO 4711 10")
    sentence = "nothing of sales order 4711 10 is open: 8 of 5 are made"
    assert (told.code, told.text) == (Reason.UNKNOWN_SALES_ORDER, sentence)
    assert run(sales_order="4711", sales_order_item="10")(shop) == (Reason.UNKNOWN_SALES_ORDER, sentence)
    assert scan("FG", sales_order="4711", sales_order_item="10")(shop) == (Reason.UNKNOWN_SALES_ORDER, sentence)
    assert shop.post(1, "component", cost_object="SO 4711 10").code == Reason.OK, "consumption may be told late"
    shop.reverse(1)
    assert shop.post(1, cost_object="SO 4711 10").code == Reason.OK


def test_what_goes_into_a_product_may_be_made_for_its_sales_order() -> None:
    shop = book()
    assert shop.post(9, material="ASM", cost_object="SO 4711 10").code == Reason.OK
    assert shop.post(1, material="ASM", cost_object="SO 4711 10").code == Reason.OK, "the item is open for its product"


@pytest.mark.parametrize(
    "through", ["its version", "a phantom", "phantoms", "the second alternative", "an order's own"]
)
def test_what_goes_into_a_product_by_any_list_may_be_made_for_its_sales_order(through: str) -> None:
    phantoms = [component(name, phantom=True) for name in ("KIT", "INNER")]
    kit: dict[str, list[Bom]] = {
        "its version": [bom({"ASM": 1})],
        "a phantom": [bom({"KIT": 1}), bom({"ASM": 1}, material="KIT")],
        "phantoms": [bom({"KIT": 1}), bom({"INNER": 1}, material="KIT"), bom({"ASM": 1}, material="INNER")],
        "the second alternative": [
            bom({"KIT": 1}),
            bom({"A": 1}, material="KIT", valid_to="2020-01-01"),
            replace(bom({"ASM": 1}, material="KIT"), alternative="2"),
        ],
        "an order's own": [bom({"A": 1})],
    }
    made = master()
    lists = [*kit[through], bom({"A": 1}, material="ASM"), bom({"A": 1}, material="OTHER")]
    known = {(each.plant, each.material): each for each in phantoms}
    boms = {(each.plant, each.material, each.alternative): (each,) for each in lists}
    changed = replace(made, materials={**made.materials, **known}, boms=boms)
    own = (BomItem("0010", "ASM", q(1)),) if through == "an order's own" else ()
    shop = Book(changed, rules=STRICT, orders=[order("P1", 5, version="V1", components=own)])
    assert shop.post(1, material="ASM", cost_object="SO 4711 10").code == Reason.OK
    assert shop.post(1, material="OTHER", line="L2", cost_object="SO 4711 10").code == Reason.UNKNOWN_SALES_ORDER
