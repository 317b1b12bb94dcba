"""Use against standard, unit by unit: the standard of the lists, and the times of a cost estimate."""

from typing import Any

import pytest

from gateway.backflush.memory.events import Actual
from gateway.backflush.plant.snapshot import EstimateActivity, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import bom, component, item, operation, plant, points, q, routing, stock, used, worked


def gear(**profile: Any) -> Book:
    """Return a book in which FG takes 2 A, a third of a kilogram of G and 0.1 h of machine, and gives 1 W."""
    master = plant(
        profile=RemProfile("R", **profile),
        materials=[component("G", 4, decimals=3, unit="KG"), component("W", 1)],
        boms=[bom([item("A", 2), item("G", "0.3333"), item("W", -1)])],
        routings=[routing([operation("0010", {"machine": "0.1"})])],
    )
    return Book(master)


def against(book: Book, *names: str) -> list[str]:
    """Return what was used of each, its standard, and how much more it is: `A 9 10 -1`."""
    result = []
    for name in names:
        measure = "activity" if name in ("machine", "setup") else "by_product" if name == "W" else "component"
        use, more = book.statistic(measure, name), book.statistic(f"{measure} difference", name)
        sums = [v for k, v in book.ledger.statistics.items() if k[6:8] == (measure, name)]
        sums += [-v for k, v in book.ledger.statistics.items() if k[6:8] == (f"{measure} difference", name)]
        standard = sum(sums) / q(1)
        result.append(f"{name} {use} {standard:g} {more}")
    return result


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Actual(), ["A 10 10 0", "G 1.667 1.667 0", "W 5 5 0", "B 0 0 0", "machine 0.5 0.5 0"]),
        (used("A 9"), ["A 9 10 -1", "G 0 1.667 -1.667", "W 0 5 -5", "B 0 0 0", "machine 0.5 0.5 0"]),
        (used("A 12", "G 2"), ["A 12 10 2", "G 2 1.667 0.333", "W 0 5 -5", "B 0 0 0", "machine 0.5 0.5 0"]),
        (used("B 10"), ["A 0 10 -10", "G 0 1.667 -1.667", "W 0 5 -5", "B 10 0 10", "machine 0.5 0.5 0"]),
        (Actual(activities=()), ["A 10 10 0", "G 1.667 1.667 0", "W 5 5 0", "B 0 0 0", "machine 0 0.5 -0.5"]),
        (worked("0.8"), ["A 10 10 0", "G 1.667 1.667 0", "W 5 5 0", "B 0 0 0", "machine 0.8 0.5 0.3"]),
        (worked("0.2"), ["A 10 10 0", "G 1.667 1.667 0", "W 5 5 0", "B 0 0 0", "machine 0.2 0.5 -0.3"]),
    ],
)
@pytest.mark.parametrize("timing", ["online", "background"])
@pytest.mark.parametrize("type_", ["assembly", "scrap"])
def test_what_was_said_stands_beside_the_standard_of_its_pieces(
    said: Actual, expected: list[str], timing: str, type_: str
) -> None:
    book = gear(goods_issue_timing=timing, activity_timing=timing)
    book.post(5, type_, actual=said)
    book.work()
    assert against(book, "A", "G", "W", "B", "machine") == expected
    moved = [name for name in ("A", "G", "W", "B") if book.stock(name) != "0"]
    assert moved == [line.split()[0] for line in expected[:4] if line.split()[1] != "0"]
    book.reverse(1)
    names = ("A", "G", "W", "B", "machine")
    assert against(book, *names) == [f"{name} 0 0 0" for name in names]
    assert (book.balance(), book.open_rows()) == ("0", {})


@pytest.mark.parametrize(
    ("type_", "pieces", "said", "expected"),
    [
        ("component", 5, Actual(), ["A 10 10 0", "machine 0 0 0"]),
        ("activity", 5, Actual(), ["A 0 0 0", "machine 0.5 0.5 0"]),
        ("component", 0, used("A 7"), ["A 7 0 7", "machine 0 0 0"]),
        ("component", 5, used("A 7"), ["A 7 0 7", "machine 0 0 0"]),
        ("activity", 0, worked(2), ["A 0 0 0", "machine 2 0 2"]),
        ("component_scrap", 5, Actual(), ["A 10 0 10", "machine 0 0 0"]),
        ("component_scrap", 0, used("A 3"), ["A 3 0 3", "machine 0 0 0"]),
    ],
)
def test_what_is_used_without_a_product_has_a_standard_only_where_the_list_was_followed(
    type_: str, pieces: int, said: Actual, expected: list[str]
) -> None:
    book = gear()
    book.post(pieces, type_, actual=said)
    assert against(book, "A", "machine") == expected
    book.reverse(1)
    assert against(book, "A", "machine") == ["A 0 0 0", "machine 0 0 0"]


def test_what_the_profile_does_not_backflush_has_no_standard() -> None:
    book = gear(goods_issue=False)
    book.post(5)
    book.post(5, actual=used("A 7"))
    assert against(book, "A", "G", "machine") == ["A 7 0 7", "G 0 0 0", "machine 1 1 0"]


@pytest.mark.parametrize("order", ["exploded said exploded", "said exploded exploded", "exploded exploded said"])
def test_the_standard_of_what_is_used_and_of_what_is_replaced_is_rounded_once_each(order: str) -> None:
    book = gear()
    for how in order.split():
        book.post(1, actual=used("G 1") if how == "said" else Actual())
    # 3 x 0.3333 kg = 0.9999 kg, in grams: two pieces are used by the list, one was said.
    assert against(book, "A", "G")[1].split()[2] in ("1", "1.001")
    assert against(book, "A") == ["A 4 6 -2"]


def test_nothing_is_open_while_what_was_said_stands_among_what_waits() -> None:
    book = gear(goods_issue_timing="background")
    book.post(3)
    book.post(4, actual=used("A 7"))
    assert (book.open_rows(), against(book, "A")) == ({"issue": "3"}, ["A 7 8 -1"])
    book.post(2)
    book.work()
    assert (against(book, "A", "G"), book.stock("A")) == (["A 17 18 -1", "G 1.667 3 -1.333"], "-17")


def test_a_document_without_times_that_is_reversed_in_part_takes_back_part_of_its_standard() -> None:
    book = gear()
    book.post(3)
    book.post(5, actual=Actual(activities=()))
    book.reverse(2, 2)
    assert against(book, "A", "machine") == ["A 12 12 0", "machine 0.3 0.6 -0.3"]
    book.reverse(2, 3)
    assert against(book, "A", "machine") == ["A 6 6 0", "machine 0.3 0.3 0"]
    assert (book.hours(3), book.hours(4), book.stock("FG")) == ([], [], "3")


def test_pieces_that_wait_for_an_earlier_point_have_their_standard_when_they_are_documented() -> None:
    master = plant(
        profile=RemProfile("R", reporting_points="mandatory"),
        boms=[bom({"A": 1, "B": 2}, operations={"A": "0010", "B": "0020"})],
        routings=[routing(points("0010", "0020"))],
    )
    book = Book(master)
    book.post(4, "point", point="0020", actual=used("B 9"))
    assert against(book, "A", "B") == ["A 0 0 0", "B 9 0 9"]
    book.post(3, "point", point="0010")
    assert against(book, "A", "B") == ["A 3 3 0", "B 9 6 3"]
    book.post(1, "point", point="0010")
    assert against(book, "A", "B") == ["A 4 4 0", "B 9 8 1"]
    assert (book.stock("B"), book.documents()) == ("-9", ["point"] * 5)
    book.reverse(3, 2)
    assert (against(book, "A", "B"), book.stock("B")) == (["A 4 4 0", "B 9 4 5"], "-9")


# -- what there is once per lot or shift


def lot() -> Book:
    """Return a book in which a lot of FG takes one G and half an hour of setup, and each piece 0.1 h of machine."""
    master = plant(
        materials=[component("G", 3)],
        boms=[bom([item("A", 1), item("G", 1, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"machine": "0.1", "setup": "0.5"})])],
        rates={"machine": 60, "setup": 50},
    )
    return Book(master)


def test_the_setup_of_a_lot_is_in_the_times_that_were_said_first_or_is_the_standard_but_never_both() -> None:
    book = lot()
    said = Actual(activities=(*(worked("0.7").activities or ()), *(worked("0.9", "setup").activities or ())))
    book.post(5, batch="L1", actual=said)
    book.post(5, batch="L1")
    assert (book.hours(1), book.hours(2)) == (["machine 0.7", "setup 0.9"], ["machine 0.5"])
    assert against(book, "machine", "setup") == ["machine 1.2 1 0.2", "setup 0.9 0.5 0.4"]
    book.post(5, batch="L2")
    book.post(5, batch="L2", actual=worked("0.4"))
    assert (book.hours(3), book.hours(4)) == (["machine 0.5", "setup 0.5"], ["machine 0.4"])
    assert against(book, "machine", "setup") == ["machine 2.1 2 0.1", "setup 1.4 1 0.4"]


def test_the_fixed_items_come_back_with_the_next_pieces_when_the_list_that_replaced_them_is_reversed() -> None:
    book = lot()
    book.post(5, batch="L1", actual=used("A 6"))
    book.post(5, batch="L1")
    assert (book.moved(2)[1:], against(book, "A", "G")) == (["261 A -5"], ["A 11 10 1", "G 0 1 -1"])
    book.reverse(1)
    book.post(5, batch="L1")
    assert (book.moved(4)[1:], against(book, "A", "G")) == (["261 A -5", "261 G -1"], ["A 10 10 0", "G 1 1 0"])


def test_a_shortage_of_a_fixed_item_is_not_rejected_after_a_list_that_stands_for_it() -> None:
    master = plant(
        profile=RemProfile("R", withdrawal_errors="reject"),
        materials=[component("G", 3)],
        boms=[bom([item("A", 1), item("G", 1, "0020", fixed=True)])],
        negative_stock=False,
    )
    book = Book(master, stock=stock(A=9))
    assert book.post(2).code == Reason.SHORTAGE
    assert [book.post(2, actual=said).status for said in (used("A 3"), Actual())] == ["ok", "ok"]
    assert (book.stock("A"), book.backlog(), against(book, "A", "G")) == ("4", {}, ["A 5 4 1", "G 0 1 -1"])


OLD = EstimateActivity("0010", "W1", "machine", q("0.3"), q(3), valid_to="2026-03-15")
NEW = EstimateActivity("0010", "W1", "machine", q("0.4"), q(2), valid_from="2026-03-16")
LATER = EstimateActivity("0020", "W1", "machine", q("0.05"), valid_from="2026-03-16")
SETUP = EstimateActivity("0010", "W1", "setup", q("0.5"), valid_from="2026-03-16", fixed=True)


def book(*estimate: EstimateActivity, source: Any = "cost_estimate", reporting_points: Any = "none") -> Book:
    """Return a book whose routing takes 9 hours a piece, which nobody should find where an estimate holds."""
    operations = [operation("0010", {"machine": 9}, point=True), operation("0020", {"machine": 9})]
    profile = RemProfile("R", activity_source=source, reporting_points=reporting_points)
    return Book(
        plant(profile=profile, routings=[routing(operations)], estimate=estimate, rates={"machine": 60, "setup": 40})
    )


@pytest.mark.parametrize(
    ("estimate", "at", "hours"),
    [
        ((OLD, NEW), "2026-03-15 08:00", ["machine 0.4"]),
        ((OLD, NEW), "2026-03-16 08:00", ["machine 0.8"]),
        ((OLD, NEW, LATER), "2026-03-16 08:00", ["machine 1"]),
        ((NEW, SETUP), "2026-03-16 08:00", ["machine 0.8", "setup 0.5"]),
        ((), "2026-03-16 08:00", ["machine 72"]),
    ],
)
def test_hours_are_those_of_the_estimate_that_is_valid_on_the_production_date(
    estimate: tuple[EstimateActivity, ...], at: str, hours: list[str]
) -> None:
    made = book(*estimate, source="cost_estimate" if estimate else "standard_values")
    made.post(4, at=at)
    assert made.hours(1) == hours
    made.reverse(1)
    assert (made.balance(), made.statistic("activity")) == ("0", "0")


def test_each_reporting_point_books_the_estimate_of_its_operations() -> None:
    made = book(NEW, LATER, reporting_points="mandatory")
    made.post(4, "point", point="0010")
    made.post(4)
    assert [made.hours(1), made.hours(2)] == [["machine 0.8"], ["machine 0.2"]]


def test_a_version_without_an_estimate_waits_in_quarantine_until_it_has_one() -> None:
    made = book(OLD)
    made.count(good=4)
    assert made.post(4).code == Reason.NO_ESTIMATE
    assert ([e.code for e in made.open_entries()], made.documents()) == ([Reason.NO_ESTIMATE], [])
    made.load(book(OLD, NEW).state.master)
    made.replay()
    assert (made.hours(1), made.stock("FG")) == (["machine 0.8"], "4")


def test_a_new_estimate_is_a_new_explosion_and_the_old_one_keeps_its_hours() -> None:
    made = book(NEW)
    made.post(4)
    made.load(book(NEW._replace(hours=q(1))).state.master)
    made.post(4)
    made.reverse(1)
    assert [made.hours(n) for n in (1, 2, 3)] == [["machine 0.8"], ["machine 2"], ["machine -0.8"]]


def test_what_the_routing_says_is_not_read() -> None:
    made = book(NEW)
    made.load(plant(profile=made.state.master.profiles["R"], routings=[routing(points("0010"))], estimate=[NEW]))
    made.post(4)
    assert made.hours(1) == ["machine 0.8"]
