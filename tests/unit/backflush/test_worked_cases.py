"""The worked cases of repetitive manufacturing, by their numbers in the design: what a planner checks first.

Each opens its book by a fixture: here on the ledger in memory, and on both databases in
`tests/integration/test_worked_cases_stored.py`.
"""

from dataclasses import replace

import pytest

from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.choices import OrderReduction
from gateway.backflush.plant.snapshot import MasterData, RemProfile, StorageLocation
from tests.book import OpenBook
from tests.builders import PLANT, bom, component, counter, item, order, plant, points, product, routing, stock, version

MANDATORY = RemProfile("R", reporting_points="mandatory")
OPTIONAL = RemProfile("R", reporting_points="optional")
BACKFILL = RemProfile("R", reporting_points="mandatory", backfill="predecessors")


def line_with_points(profile: RemProfile) -> MasterData:
    """Points 0010, 0020 and 0030, each of which uses one component: A, B, C."""
    return plant(
        profile=profile,
        materials=[component("C", 5)],
        boms=[bom({"A": 1, "B": 1, "C": 1}, operations={"A": "0010", "B": "0020", "C": "0030"})],
        routings=[routing(points("0010", "0020", "0030"))],
    )


def test_t1_one_piece_through_three_mandatory_points_and_received(open_book: OpenBook) -> None:
    book = open_book(line_with_points(MANDATORY))
    for point in ("0010", "0020", "0030"):
        book.post(1, "point", point=point)
    book.post(1)
    assert book.documents() == ["point", "point", "point", "assembly"]
    assert [book.moved(n) for n in (1, 2, 3, 4)] == [["261 A -1"], ["261 B -1"], ["261 C -1"], ["131 FG 1"]]
    assert book.wip() == {"0010": "0", "0020": "0", "0030": "0"}


def test_t2_one_piece_scrapped_at_the_last_of_three_mandatory_points(open_book: OpenBook) -> None:
    book = open_book(line_with_points(MANDATORY))
    book.post(1, "point", point="0010")
    book.post(1, "point", point="0020")
    book.post(1, "scrap", point="0030", scrap_reason="DENT")
    assert book.documents() == ["point", "point", "scrap"]
    assert book.confirmed(3) == ["0030 0+1 DENT"]
    assert book.moved(3) == ["261 C -1"]
    assert book.stock("FG") == "0"
    assert book.wip() == {"0010": "0", "0020": "0", "0030": "0"}


def test_t3_with_optional_points_a_receipt_alone_is_one_document(open_book: OpenBook) -> None:
    book = open_book(line_with_points(OPTIONAL))
    book.post(1)
    assert book.documents() == ["assembly"]
    assert book.moved(1) == ["261 A -1", "261 B -1", "261 C -1", "131 FG 1"]
    assert book.wip() == {"0010": "0", "0020": "0", "0030": "0"}


def test_t4_scrap_up_to_an_optional_point_takes_the_operations_before_along(open_book: OpenBook) -> None:
    book = open_book(line_with_points(OPTIONAL))
    book.post(1, "scrap", point="0030", scrap_reason="DENT")
    assert book.documents() == ["scrap"]
    assert book.confirmed(1) == ["0010 1+0 auto", "0020 1+0 auto", "0030 0+1 DENT"]
    assert book.moved(1) == ["261 A -1", "261 B -1", "261 C -1"]
    assert book.stock("FG") == "0"


def test_t5_backfill_posts_at_the_predecessor_what_is_missing_there(open_book: OpenBook) -> None:
    book = open_book(line_with_points(BACKFILL))
    book.post(8, "point", point="0010")
    book.post(1, "point", point="0020")
    assert book.wip() == {"0010": "7", "0020": "1", "0030": "0"}
    book.post(5, "point", point="0030")
    assert book.confirmed(3) == ["0020 4+0 auto", "0030 5+0"]
    assert book.moved(3) == ["261 B -4", "261 C -5"]
    assert book.wip() == {"0010": "3", "0020": "0", "0030": "5"}


def test_t6_points_reduce_the_dependent_requirements_of_the_oldest_order(open_book: OpenBook) -> None:
    profile = RemProfile("R", reporting_points="mandatory", order_reduction="own_version")
    orders = [order("O1", 100, version="V1", start="2026-03-10"), order("O2", 50, version="V1")]
    book = open_book(line_with_points(profile), orders=orders)
    book.post(10, "point", point="0010")
    book.post(5, "point", point="0020")
    assert book.reduced("O1") == {"0010": "10", "0020": "5"}
    assert book.reduced("O2") == {}


def test_t10_a_receipt_at_standard_price_against_two_components(open_book: OpenBook) -> None:
    book = open_book(plant())
    book.post(1)
    assert book.balance() == "-10"
    assert book.collected() == {("receipt", "FG"): "-20", ("issue", "A"): "5", ("issue", "B"): "5"}


@pytest.mark.parametrize(
    ("how", "issued", "missing", "left"),
    [("all or nothing", [], "100", "60"), ("stock determination", ["261 A -60"], "40", "0")],
)
def test_t11_stock_60_need_100(open_book: OpenBook, how: str, issued: list[str], missing: str, left: str) -> None:
    master = plant(
        profile=RemProfile("R", stock_determination=how == "stock determination"),
        boms=[bom({"A": 1})],
        negative_stock=False,
    )
    book = open_book(master, stock=stock(A=60))
    book.post(100)
    assert book.moved(1) == ["131 FG 100", *issued]
    assert book.backlog() == {"A": missing}
    assert book.stock("A") == left


@pytest.mark.parametrize(
    ("rule", "reduced"),
    [
        ("none", {"OWN": "", "FREE": "", "OTHER": ""}),
        ("own_version", {"OWN": "10", "FREE": "", "OTHER": ""}),
        ("own_and_unassigned", {"OWN": "10", "FREE": "20", "OTHER": ""}),
        ("all_versions", {"OWN": "10", "FREE": "20", "OTHER": "15"}),
    ],
)
def test_t12_a_receipt_of_45_on_version_1_under_each_rule(
    open_book: OpenBook, rule: OrderReduction, reduced: dict[str, str]
) -> None:
    orders = [
        order("OWN", 10, version="V1", start="2026-03-10"),
        order("FREE", 20, start="2026-03-11"),
        order("OTHER", 30, version="V2", start="2026-03-12"),
    ]
    master = plant(profile=RemProfile("R", order_reduction=rule), versions=[version("V1"), version("V2", line="L2")])
    book = open_book(master, orders=orders)
    book.post(45, version="V1")
    assert {name: book.reduced(name).get("quantity", "") for name in reduced} == reduced
    assert book.stock("FG") == "45"


def test_t13_backlog_of_5_and_7_with_stock_6(open_book: OpenBook) -> None:
    book = open_book(plant(boms=[bom({"A": 1})], negative_stock=False))
    book.post(5)
    book.post(7)
    book.load(book.state.master, stock=stock(A=6))
    book.wait(1)
    assert book.moved(3) == ["261 A -5"]
    assert book.backlog() == {"A": "7"}


def test_t14_a_counter_rolls_over_at_its_modulus(open_book: OpenBook) -> None:
    book = open_book(plant(devices=[counter(modulus=10_000)]))
    book.count(good=9_900, seq=1)
    book.count(good=100, seq=2)
    assert book.stock("FG") == "10100"
    assert book.confirmed(2) == ["final 200+0"]


def test_t15_the_same_key_twice(open_book: OpenBook) -> None:
    book = open_book(plant())
    first = book.post(5, transaction="K1", digest="five")
    assert book.post(5, transaction="K1", digest="five") == first
    refused = book.post(6, transaction="K1", digest="six")
    assert (refused.status, refused.code) == ("error", "BF2006")
    assert book.stock("FG") == "5"


def test_t17_a_receipt_is_reversed_after_the_background_job_posted_its_issue(open_book: OpenBook) -> None:
    background = RemProfile("R", goods_issue_timing="background", cumulate_goods_issues=True)
    book = open_book(plant(profile=background))
    book.post(5)
    book.post(3)
    assert book.open_rows() == {"issue": "8"}
    book.work()
    assert book.moved(3) == ["261 A -8", "261 B -8"]
    book.reverse(1)
    assert book.moved(4) == ["262 A 5", "262 B 5", "132 FG -5"]
    assert (book.stock("FG"), book.stock("A")) == ("3", "-3")


def test_t18_a_reversal_closes_what_is_in_the_backlog(open_book: OpenBook) -> None:
    book = open_book(plant(boms=[bom({"A": 1})], negative_stock=False))
    book.post(5)
    assert book.backlog() == {"A": "5"}
    book.reverse(1)
    assert book.moved(2) == ["132 FG -5"]
    assert book.backlog() == {}
    record = next(iter(book.ledger.backlog.values()))
    assert (record.closed, record.reason) == (5_000_000, "reversed by 0000000002")


def component_that_is_made_here(*, negative_stock: bool) -> MasterData:
    """Have A made by version VA into the very location from which FG takes it."""
    master = plant(
        materials=[product("A", 5, issue_location="RAW", receiving_location="RAW"), component("X")],
        boms=[bom({"A": 1}), bom({"X": 1}, material="A")],
        versions=[version("V1"), version("VA", material="A", line="L2")],
    )
    locations = {**master.locations, (PLANT, "RAW"): StorageLocation(PLANT, "RAW", negative_stock=negative_stock)}
    return replace(master, locations=locations)


def test_t19_stock_10_issue_100_receipt_500_where_stock_may_be_negative(open_book: OpenBook) -> None:
    book = open_book(component_that_is_made_here(negative_stock=True), stock=stock(A=10))
    book.post(100)
    assert book.stock("A") == "-90"
    book.post(500, material="A", line="L2")
    assert book.stock("A") == "410"


def test_t19_stock_10_issue_100_receipt_500_where_stock_may_not_be_negative(open_book: OpenBook) -> None:
    book = open_book(component_that_is_made_here(negative_stock=False), stock=stock(A=10))
    book.post(100)
    assert (book.stock("A"), book.backlog()["A"]) == ("10", "100")
    book.post(500, material="A", line="L2")
    assert (book.stock("A"), "A" in book.backlog()) == ("410", False)


def test_cumulating_10000_pieces_at_a_third_of_a_kilogram_issues_exactly_3333(open_book: OpenBook) -> None:
    master = plant(
        materials=[component("GRANULATE", 2, decimals=3, unit="KG")],
        boms=[bom([item("GRANULATE", "0.3333")])],
        devices=[counter(window="1s")],
    )
    book = open_book(master, rules=Rules(worklist="demand"))
    for total in (*range(401, 10_000, 401), 10_000):  # 401 pieces take 133.6533 kg, which is no whole gram
        book.count(good=total, seq=total)
        book.wait(2)
    assert book.stock("GRANULATE") == "-3333"
    assert len(book.documents()) == 25
