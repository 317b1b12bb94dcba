"""Production for a sales order and by lot: the same engine, with another stock and another bearer of the cost."""

import pytest

from gateway.backflush.memory.events import ReverseLatest
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, operation, order, plant, q, routing, stock, two_points

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
