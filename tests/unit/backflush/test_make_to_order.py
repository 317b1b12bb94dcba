"""Production for a sales order and by lot: the same engine, with another stock and another bearer of the cost."""

from dataclasses import replace

import pytest

from gateway.backflush.memory.events import ReverseLatest
from gateway.backflush.plant.snapshot import Bom, BomItem, MasterData, RemProfile
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, bom, component, counter, operation, order, plant, q, routing, stock, two_points
from tests.unit.backflush.test_doors import STRICT, book, master, run, scan

ORDER, LOT, TO_STOCK = "SO 4711 10", "LOT L7", "PCC 1000 FG V1"


def pump(**profile: object) -> MasterData:
    """Return a plant in which FG takes 2 A and 0.1 h of machine."""
    return plant(
        profile=RemProfile("R", **profile),  # type: ignore[arg-type]  # settings are passed on
        boms=[bom({"A": 2})],
        routings=[routing([operation("0010", {"machine": "0.1"})])],
    )


def stock_of(book: Book) -> dict[str, str]:
    """Return the stock of FG by batch and special stock."""
    found = {k: v for k, v in book.ledger.stock.items() if k.material == "FG" and v}
    return {" ".join(filter(None, (k.batch, k.stock_type))): format_quantity(v) for k, v in found.items()}


def balances(book: Book) -> dict[str, str]:
    """Return the balance of each bearer of cost."""
    bearers = {key[1] for key in book.ledger.collectors}
    return {
        bearer: format_quantity(sum(v for k, v in book.ledger.collectors.items() if k[1] == bearer))
        for bearer in sorted(bearers)
    }


@pytest.mark.parametrize(
    ("bearer", "batch", "receipt", "back", "lies"),
    [
        ("", "", "131 FG 5", "132 FG -5", {"": "5"}),
        ("", "L7", "131 FG 5", "132 FG -5", {"L7": "5"}),
        (ORDER, "", "571 FG 5", "572 FG -5", {"E/4711/10": "5"}),
        (ORDER, "L7", "571 FG 5", "572 FG -5", {"L7 E/4711/10": "5"}),
        (LOT, "L7", "131 FG 5", "132 FG -5", {"L7": "5"}),
    ],
)
def test_where_pieces_lie_and_who_bears_their_cost(
    bearer: str, batch: str, receipt: str, back: str, lies: dict[str, str]
) -> None:
    book = Book(pump())
    book.post(5, cost_object=bearer, batch=batch)
    assert (book.moved(1), book.hours(1)) == ([receipt, "261 A -10"], ["machine 0.5"])
    # 10 A at 5 and half an hour at 60 less 5 FG at 20.
    assert (stock_of(book), balances(book)) == (lies, {bearer or TO_STOCK: "-20"})
    book.reverse(1)
    assert (book.moved(2)[-1], stock_of(book), balances(book)) == (back, {}, {bearer or TO_STOCK: "0"})


def test_two_items_of_an_order_and_the_stock_are_kept_apart() -> None:
    book = Book(pump())
    for pieces, bearer in ((5, ORDER), (3, "SO 4711 20"), (2, "")):
        book.post(pieces, cost_object=bearer)
    assert stock_of(book) == {"E/4711/10": "5", "E/4711/20": "3", "": "2"}
    assert balances(book) == {TO_STOCK: "-8", ORDER: "-20", "SO 4711 20": "-12"}


def test_components_come_from_plain_stock() -> None:
    book = Book(plant(boms=[bom({"A": 2})], negative_stock=False), stock=stock(A=7))
    book.post(3, cost_object=ORDER)
    book.post(3, cost_object=ORDER)
    assert (book.stock("A"), book.backlog()) == ("1", {"A": "6"})
    book.load(book.state.master, stock=stock(A=12))
    book.wait(1)
    assert (book.backlog(), book.ledger.items[-1].cost_object) == ({}, ORDER)


def test_a_run_for_a_sales_order_lends_it_to_counters_and_manual_postings() -> None:
    book = Book(pump())
    book.run(sales_order="4711", sales_order_item="10")
    book.count(good=4)
    book.post(1)
    book.post(2, cost_object="SO 9 1")
    book.stop()
    book.wait(1)
    book.count(good=7)
    assert stock_of(book) == {"E/4711/10": "5", "E/9/1": "2", "": "3"}


@pytest.mark.parametrize("bearer", [ORDER, LOT])
def test_reporting_points_are_for_stock_only(bearer: str) -> None:
    book = Book(two_points(devices=[counter("P1", operation="0010")]))
    book.post(2, cost_object=bearer)
    assert sorted(book.moved(1)[1:]) == ["261 A -2", "261 B -2"]
    assert (book.confirmed(1), book.waiting()) == (["final 2+0"], "0")


def test_a_count_at_a_point_before_the_last_is_no_receipt_for_a_customer() -> None:
    book = Book(two_points(devices=[counter("P1", operation="0010"), counter("P2", operation="0020")]))
    book.run(sales_order="4500", sales_order_item="10")
    for device in ("P1", "P2"):
        book.count(device, good=10)
    book.wait(2)
    assert (book.stock("FG"), book.stock("A")) == ("10", "-10")
    assert [(entry.device, entry.code, entry.good) for entry in book.open_entries()] == [
        ("P1", Reason.UNKNOWN_POINT, 10_000_000)
    ]


def test_a_planned_order_is_reduced_by_what_is_made_for_a_customer_too() -> None:
    book = Book(pump(order_reduction="all_versions"), orders=[order("O1", 10)])
    book.post(4, cost_object=ORDER, order="O1")
    book.post(3, cost_object=ORDER)
    assert book.reduced("O1")["quantity"] == "7"


def test_pieces_of_a_sales_order_are_not_taken_for_those_made_to_stock() -> None:
    book = Book(pump())
    book.post(5)
    book.post(4, cost_object=ORDER)
    newest = ReverseLatest(PLANT, LINE, "FG", "V1", "final", q(6))
    assert book.ask(newest).code == Reason.BAD_QUANTITY
    assert book.ask(newest._replace(quantity=q(5))).status == "ok"
    assert stock_of(book) == {"E/4711/10": "4"}


def test_a_receipt_whose_customer_stock_is_gone_is_not_reversed_from_plain_stock() -> None:
    book = Book(pump())
    book.post(5, cost_object=ORDER)
    book.post(5)
    (key,) = (k for k in book.ledger.stock if k.stock_type)
    book.load(book.state.master, stock={key: q(-5)})
    assert book.reverse(1).code == Reason.STOCK_GONE


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
