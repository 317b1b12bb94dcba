"""Sales orders: what may be made for one, and until when."""

from dataclasses import replace

import pytest

from gateway.backflush.plant.snapshot import Bom, BomItem
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, bom, component, order, q
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


def test_what_was_made_of_a_version_that_is_gone_counts() -> None:
    shop, of = book(), "SO 4711 10"
    assert shop.post(5, cost_object=of).code == Reason.OK
    made = master()
    newer = replace(made.versions[PLANT, "FG"][0], version="V2")
    others = tuple(v for v in made.versions_of_line[PLANT, LINE] if v.material != "FG")
    shop.load(
        replace(
            made,
            versions={**made.versions, (PLANT, "FG"): (newer,)},
            versions_of_line={**made.versions_of_line, (PLANT, LINE): (newer, *others)},
        )
    )
    sentence = "nothing of sales order 4711 10 is open: 5 of 5 are made"
    for told in (shop.post(1, version="V2", cost_object=of), shop.run(sales_order="4711", sales_order_item="10")):
        assert (told.code, told.text) == (Reason.UNKNOWN_SALES_ORDER, sentence)


class Beside(Book):
    """A gateway beside another one: not all that is committed is in its memory."""

    def audit(self) -> None:
        """Look at nothing."""


@pytest.mark.parametrize("restarts", [False, True])
def test_what_another_gateway_has_made_counts(*, restarts: bool) -> None:
    """The flow of another version is another gateway's: nothing tells this one that it has gone on."""
    made, of = master(), "SO 4711 10"
    elsewhere = replace(made.versions[PLANT, "FG"][0], version="V2", line="L2")
    both = (*made.versions[PLANT, "FG"], elsewhere)
    on_it = (*made.versions_of_line[PLANT, "L2"], elsewhere)
    made = replace(
        made,
        versions={**made.versions, (PLANT, "FG"): both},
        versions_of_line={**made.versions_of_line, (PLANT, "L2"): on_it},
    )
    here = Beside(made, rules=STRICT, forgets=lambda: False)
    assert here.post(1, version="V1", cost_object=of).code == Reason.OK
    there = Beside(made, rules=STRICT, ledger=here.ledger)
    assert there.post(4, line="L2", version="V2", cost_object=of).code == Reason.OK
    if restarts:
        here.crash()
    assert here.post(1, version="V1", cost_object=of).text == "nothing of sales order 4711 10 is open: 5 of 5 are made"


def test_labels_of_one_batch_take_no_more_than_is_open() -> None:
    shop = Book(master(), rules=STRICT, commit_every=9)
    said = {"sales_order": "4711", "sales_order_item": "10"}
    for together in (4, 3):
        shop.feed(*(shop.scanned("FG", id=f"s{together}{n}", **said) for n in range(together)))
    shop.commit()
    assert [told.outcome.result for told in shop.feedback] == ["ok"] * 5 + ["nok"] * 2
