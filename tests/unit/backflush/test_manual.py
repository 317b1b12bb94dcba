"""Manual postings: what was used by the list or as it was said, which order and revision it counts for; undoing it."""

from typing import Any

import pytest

from gateway.backflush.memory.events import Actual, ActualActivity
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.values.movements import StockKey
from gateway.errors import Reason
from tests.book import Book
from tests.builders import (
    LINE,
    PLANT,
    bom,
    component,
    counter,
    item,
    operation,
    order,
    plant,
    points,
    product,
    q,
    routing,
    stock,
    two_points,
    used,
    worked,
)


def gear(**profile: Any) -> Book:
    """Return a book in which FG takes 2 A, half a kilogram of G and 0.1 h of machine, and gives 1 W."""
    master = plant(
        profile=RemProfile("R", **profile),
        materials=[component("G", 4, decimals=3, unit="KG", units={"G": (1, 1000)}), component("W", 1)],
        boms=[bom([item("A", 2), item("G", "0.5"), item("W", -1)])],
        routings=[routing([operation("0010", {"machine": "0.1"})])],
    )
    return Book(master)


@pytest.mark.parametrize(
    ("type_", "said", "moved", "hours"),
    [
        ("component", used("A 7"), ["261 A -7"], []),
        ("component", used("A 7", "G 250 G"), ["261 A -7", "261 G -0.25"], []),
        ("component", used("A 7 - WIP"), ["261 A -7"], []),
        ("activity", worked("0.8"), [], ["machine 0.8"]),
        ("component_scrap", used("A 3"), ["551 A -3"], []),
        ("by_product", used("W 4"), ["531 W 4"], []),
    ],
)
def test_what_was_said_alone_is_posted_without_a_product(
    type_: str, said: Actual, moved: list[str], hours: list[str]
) -> None:
    book = gear()
    assert book.post(0, type_, actual=said).status == "ok"
    assert (book.documents(), book.moved(1), book.hours(1)) == ([type_], moved, hours)
    assert (book.stock("FG"), book.statistic("yield"), book.line()) == ("0", "0", {})
    book.reverse(1)
    assert [book.stock(name) for name in ("A", "G", "W")] == ["0"] * 3
    assert (book.balance(), book.statistic("component"), book.statistic("activity")) == ("0", "0", "0")


@pytest.mark.parametrize("background", [{}, {"goods_issue_timing": "background", "activity_timing": "background"}])
def test_what_was_said_bypasses_the_worklist(background: dict[str, str]) -> None:
    book = gear(**background)
    book.post(5, actual=used("A 7")._replace(activities=worked("0.8").activities))
    assert (book.moved(1), book.hours(1)) == (["131 FG 5", "261 A -7"], ["machine 0.8"])
    assert book.open_rows() == {}


def test_actual_quantities_of_scrap_replace_the_standard() -> None:
    book = gear()
    book.post(5, "scrap", scrap_reason="DENT", actual=used("A 9"))
    assert (book.moved(1), book.hours(1), book.confirmed(1)) == (["261 A -9"], ["machine 0.5"], ["final 0+5 DENT"])
    book.reverse(1)
    assert (book.stock("A"), book.statistic("scrap"), book.balance()) == ("0", "0", "0")


def test_the_standard_goes_on_where_it_was_after_actual_quantities() -> None:
    book = gear()
    book.post(3)
    book.post(5, actual=used("A 7"))
    book.post(3)
    assert (book.stock("FG"), book.stock("A"), book.stock("G")) == ("11", "-19", "-3")


def test_a_reference_quantity_and_pieces_of_the_product_share_one_explosion() -> None:
    master = plant(materials=[component("G", 3, decimals=3)], boms=[bom({"G": "0.3335"})])
    book = Book(master)
    book.post(1)
    book.post(1, "component")
    assert [book.moved(n)[-1] for n in (1, 2)] == ["261 G -0.334", "261 G -0.333"]


def test_consumption_at_a_point_is_that_of_its_operations_and_without_one_that_of_all() -> None:
    book = Book(two_points())
    book.post(4, "component", point="0020")
    book.post(4, "component")
    assert [book.moved(1), sorted(book.moved(2))] == [["261 B -4"], ["261 A -4", "261 B -4"]]
    assert book.wip() == {"0010": "0", "0020": "0"}


@pytest.mark.parametrize("type_", ["component", "activity"])
@pytest.mark.parametrize("timing", ["online", "background"])
def test_consumption_by_the_list_is_reversed_in_part_until_nothing_is_left(type_: str, timing: str) -> None:
    book = gear(goods_issue_timing=timing, activity_timing=timing)
    book.post(5, type_)
    assert book.reverse(1, 6).code == Reason.BAD_QUANTITY
    assert book.reverse(1, 2).status == "ok"
    assert book.reverse(1, 3).status == "ok"
    assert book.reverse(1, 1).status == "error"
    book.work()
    assert [book.stock(name) for name in ("A", "G", "W")] == ["0"] * 3
    assert (book.balance(), book.open_rows()) == ("0", {})


@pytest.mark.parametrize(
    ("type_", "quantity", "said", "code"),
    [
        ("component", 0, Actual(), Reason.BAD_QUANTITY),
        ("component", 0, used("X 1"), Reason.UNKNOWN_MATERIAL),
        ("component", 0, used("A 1 KG"), Reason.NO_UNIT),
        ("component", 0, used("A 0.5"), Reason.BAD_QUANTITY),
        ("component", 0, used("A 0"), Reason.NOTHING_TO_POST),
        ("component", 0, used("A -1"), Reason.BAD_QUANTITY),
        ("component", 0, Actual(()), Reason.NOTHING_TO_POST),
        ("activity", 0, worked(0), Reason.BAD_QUANTITY),
        ("activity", 0, Actual(None, ()), Reason.NOTHING_TO_POST),
        ("activity", 0, Actual(None, (ActualActivity("W9", "machine", q(1)),)), Reason.BAD_COMMAND),
        *((type_, 5, worked(2, "labour"), Reason.UNKNOWN_ACTIVITY) for type_ in ("activity", "assembly", "scrap")),
        ("component", 5, worked(1), Reason.BAD_COMMAND),
        ("component_scrap", 5, worked(1), Reason.BAD_COMMAND),
        ("activity", 5, used("A 1"), Reason.BAD_COMMAND),
        ("assembly", 0, used("A 1"), Reason.BAD_QUANTITY),
        ("assembly", -1, Actual(), Reason.BAD_QUANTITY),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    type_: str, quantity: int, said: Actual, code: Reason
) -> None:
    book = gear()
    told = book.post(quantity, type_, actual=said)
    assert (told.status, told.code, book.documents()) == ("error", code, [])


# -- planned orders and revisions


def two_orders() -> Book:
    """Return a book with an older order O1, and O2 with a component list of its own: 20 A and 5 G for its 10 pieces."""
    own = (item("A", 20, "0010"), item("G", 5, "0020"))
    orders = [order("O1", 10, start="2026-03-10"), order("O2", 10, start="2026-03-12", components=own)]
    master = plant(
        profile=RemProfile("R", order_reduction="all_versions", recreate_orders_on_reversal=True),
        materials=[component("G", 4, decimals=3), product("G2")],
    )
    return Book(master, orders=orders)


def test_a_named_order_alone_is_reduced_and_its_own_components_are_issued() -> None:
    book = two_orders()
    book.post(4, order="O2")
    assert (book.reduced("O1"), book.reduced("O2")["quantity"]) == ({}, "4")
    assert sorted(book.moved(1)) == ["131 FG 4", "261 A -8", "261 G -2"]
    book.reverse(1)
    assert (book.reduced("O2")["quantity"], book.stock("A"), book.stock("G")) == ("0", "0", "0")


def test_a_named_order_takes_no_more_than_it_has_and_leaves_the_others_alone() -> None:
    book = two_orders()
    book.post(12, order="O2")
    assert (book.reduced("O1"), book.reduced("O2")["quantity"], book.stock("FG")) == ({}, "10", "12")


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({"order": "O9"}, Reason.UNKNOWN_ORDER),
        ({"order": "O1", "material": "G2"}, Reason.UNKNOWN_ORDER),
        ({"order": "O1", "version": "V9"}, Reason.UNKNOWN_VERSION),
    ],
)
def test_an_order_that_is_unknown_or_of_another_product_is_refused(named: dict[str, str], code: Reason) -> None:
    book = two_orders()
    told = book.post(4, **named)
    assert (told.status, told.code, book.documents()) == ("error", code, [])


def test_a_named_revision_is_exploded_instead_of_the_list_of_the_day() -> None:
    boms = [bom({"A": 1}, revision="A"), bom({"B": 2}, revision="B", valid_from="2027-01-01")]
    book = Book(plant(boms=boms))
    book.post(3)
    book.post(3, revision="B")
    assert [book.moved(n)[-1] for n in (1, 2)] == ["261 A -3", "261 B -6"]
    assert book.post(3, revision="C").code == Reason.NO_BOM


def test_an_actual_component_that_is_short_is_refused_where_the_profile_says_so() -> None:
    master = plant(profile=RemProfile("R", withdrawal_errors="reject"), boms=[bom({"A": 1})], negative_stock=False)
    book = Book(master, stock=stock(A=6))
    told = book.post(7)
    assert (told.code, told.text) == (Reason.SHORTAGE, "component A: location RAW holds 6, needed are 7")
    assert book.post(7, "component").code == Reason.SHORTAGE
    assert book.post(1, actual=used("A 7")).code == Reason.SHORTAGE
    assert book.post(0, "component_scrap", actual=used("A 7")).code == Reason.SHORTAGE
    assert book.documents() == []
    assert book.post(1, actual=used("A 6")).status == "ok"


def test_a_rate_of_nothing_is_a_rate() -> None:
    book = Book(plant(routings=[routing([operation("0010")])], rates={"labour": 0}))
    book.post(0, "activity", actual=worked(2, "labour"))
    assert (book.hours(1), book.ledger.activities[0].amount) == (["labour 2"], 0)


# -- what is rejected


def short(**profile: Any) -> Book:
    """Return a book that rejects shortages: A at point 0010 with 5 in stock, B at 0020 with 2, and 1 C a shift."""
    master = plant(
        profile=RemProfile("R", withdrawal_errors="reject", **{"reporting_points": "optional", **profile}),
        materials=[component("C")],
        boms=[
            bom(
                [
                    item("A", operation="0010"),
                    item("B", 1, "0020", operation="0020"),
                    item("C", 1, "0030", operation="0020", fixed=True),
                ]
            )
        ],
        routings=[routing(points("0010", "0020"))],
        negative_stock=False,
    )
    return Book(master, stock=stock(A=5, B=2, C=1))


@pytest.mark.parametrize(
    ("pieces", "at", "profile", "missing"),
    [
        (5, "0010", {}, ""),
        (6, "0010", {}, "A"),
        (2, "0020", {}, ""),
        (3, "0020", {}, "B"),
        (2, "final", {}, ""),
        (3, "final", {}, "B"),
        (6, "final", {"goods_issue": False}, ""),
        (3, "final", {"reporting_points": "mandatory", "backfill": "predecessors"}, "B"),
        (3, "final", {"reporting_points": "mandatory"}, ""),
        (9, "final", {"goods_issue_timing": "background"}, ""),
    ],
)
def test_a_posting_is_refused_for_all_that_it_would_issue(
    pieces: int, at: str, profile: dict[str, Any], missing: str
) -> None:
    book = short(**profile)
    told = book.post(pieces, "assembly" if at == "final" else "point", point=at)
    assert (told.status, missing in told.text) == ("error" if missing else "ok", True), told
    assert book.backlog() == {}
    assert bool(book.documents()) == (not missing)


def test_a_posting_is_refused_for_pieces_that_have_waited_for_it_and_for_fixed_items() -> None:
    book = short(reporting_points="mandatory")
    book.post(3, "point", point="0020")
    assert book.post(3, "point", point="0010").code == Reason.SHORTAGE
    assert book.post(2, "point", point="0010").status == "ok"
    assert (book.stock("B"), book.stock("C"), book.backlog()) == ("0", "0", {})


def test_a_posting_is_refused_for_a_fixed_item_of_a_new_day() -> None:
    book = short()
    book.post(1, "point", point="0020")
    book.at("2026-03-17 08:00")
    told = book.post(1, "point", point="0020")
    assert (told.code, "component C" in told.text) == (Reason.SHORTAGE, True)


def test_a_posting_is_not_refused_where_other_lots_of_the_location_hold_enough() -> None:
    book = short(stock_determination=True)
    lots = {StockKey(PLANT, "A", "RAW", "B1"): q(4)}
    book.load(book.state.master, stock=stock(A=5, B=9, C=1) | lots)
    assert book.post(9, "point", point="0010").status == "ok"
    assert (book.stock("A"), book.backlog()) == ("0", {})
    assert book.post(1, "point", point="0010").code == Reason.SHORTAGE


@pytest.mark.parametrize("type_", ["point", "assembly", "scrap", "component", "activity"])
@pytest.mark.parametrize(("mode", "named"), [("none", "0010"), ("none", "0020"), ("optional", "0020")])
def test_an_operation_that_is_no_reporting_point_is_refused_to_people(type_: str, mode: Any, named: str) -> None:
    steps = [operation("0010", {"machine": "0.1"}, point=True), operation("0020"), operation("0030")]
    book = Book(plant(profile=RemProfile("R", reporting_points=mode), routings=[routing(steps)]))
    told = book.post(2, type_, point=named)
    assert (told.code, book.documents()) == (Reason.UNKNOWN_POINT, [])
    assert told.text.endswith("the points are final" if mode == "none" else "the points are 0010, final")
    assert book.post(2, type_, point="0030").status == "ok", "after the last operation the line ends"


def test_a_device_at_an_operation_that_is_no_reporting_point_counts_what_comes_off_the_line() -> None:
    book = Book(plant(routings=[routing([operation("0010"), operation("0020")])], devices=[counter(operation="0010")]))
    book.count(good=3)
    assert (book.documents(), book.stock("FG")) == (["assembly"], "3")
    before = Book(plant(routings=[routing([operation("0010"), operation("0020")])]), rules=Rules())
    assert before.post(2, "point", point="0010").status == "ok"


def test_what_is_posted_for_a_day_to_come_was_counted_now() -> None:
    book = Book(plant())
    book.post(1, at="2026-03-20 10:00", force=True)
    assert book.ledger.lines[PLANT, LINE].last_at == book.now
