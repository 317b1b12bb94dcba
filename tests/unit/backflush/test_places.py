"""Where units are booked: versions, runs, points; judged at the event's time, and the same after a restart."""

from typing import Any

import pytest

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.plant.versions import Named, ProductionVersion, Run, resolve, run_at, usable
from gateway.errors import Reason
from tests.book import Book
from tests.builders import (
    LINE,
    PLANT,
    bom,
    component,
    counter,
    item,
    moment,
    operation,
    order,
    plant,
    points,
    product,
    q,
    routing,
    version,
)

V1, V2 = version("V1"), version("V2")
OTHER = version("V1", material="G2")
LOCKED, EXPIRED = version("V1", locked=True), version("V1", valid_to="2026-01-31")
SMALL, LARGE = version("S", lot_size_to=q(10)), version("L", lot_size_from=q(11))


@pytest.mark.parametrize(
    ("candidates", "named", "lot", "expected"),
    [
        ([V1], Named(), None, V1),
        ([], Named(), None, Reason.NO_VERSION),
        ([V1, V2], Named(), None, Reason.AMBIGUOUS_VERSION),
        ([V1, V2], Named("FG", "V2"), None, V2),
        ([V1, V2], Named("FG", "V3"), None, Reason.UNKNOWN_VERSION),
        ([V1, OTHER], Named("G2"), None, OTHER),
        ([LOCKED], Named(), None, Reason.LOCKED_VERSION),
        ([LOCKED, V2], Named(), None, V2),
        ([LOCKED, V2], Named("FG", "V1"), None, Reason.LOCKED_VERSION),
        ([EXPIRED], Named(), None, Reason.EXPIRED_VERSION),
        ([EXPIRED, V2], Named("FG", "V1"), None, Reason.EXPIRED_VERSION),
        ([SMALL, LARGE], Named(), q(10), SMALL),
        ([SMALL, LARGE], Named(), q(11), LARGE),
        ([SMALL, LARGE], Named(), None, Reason.AMBIGUOUS_VERSION),
        ([SMALL], Named(), q(11), Reason.LOT_SIZE),
    ],
)
def test_exactly_one_version_or_a_reason(
    candidates: list[ProductionVersion], named: Named, lot: int | None, expected: ProductionVersion | Reason
) -> None:
    found = resolve(candidates, named, "2026-03-16", lot, "line L1")
    assert (found.code if isinstance(found, Rejection) else found) == expected


@pytest.mark.parametrize(
    ("candidates", "named", "lacks"), [([V1, V2], Named("FG"), "version"), ([V1, OTHER], Named("", "V1"), "material")]
)
def test_a_choice_between_versions_names_what_was_not_said(
    candidates: list[ProductionVersion], named: Named, lacks: str
) -> None:
    found = resolve(candidates, named, "2026-03-16", None, "line L1")
    assert isinstance(found, Rejection)
    assert found.text.endswith(f"or name the {lacks}")


@pytest.mark.parametrize(("date", "fits"), [("01-31", 0), ("02-01", 1), ("02-28", 1), ("03-01", 0)])
def test_a_version_is_valid_from_its_first_to_its_last_day(date: str, fits: int) -> None:
    assert (usable(version(valid_from="2026-02-01", valid_to="2026-02-28"), f"2026-{date}", None) is None) == fits


@pytest.mark.parametrize(
    ("at", "expected"),
    [("07:59", None), ("08:00", "A"), ("09:59", "A"), ("10:00", "B"), ("11:59", "B"), ("12:00", None), ("13:00", "C")],
)
def test_the_run_in_force_is_the_latest_that_has_begun(at: str, expected: str | None) -> None:
    runs = [
        Run(PLANT, LINE, moment(start), moment(end) if end else None, name, "V1")
        for name, start, end in (("A", "08:00", ""), ("B", "10:00", "12:00"), ("C", "13:00", ""))
    ]
    found = run_at(runs, moment(at))
    assert (found.material if found else None) == expected


TWO: dict[str, Any] = {"materials": [product("G2", 30)], "boms": [bom({"A": 1}), bom({"B": 1}, material="G2")]}
"""FG from A and G2 from B, both on line L1."""


def two_products(**more: Any) -> Book:
    """Return a line that makes FG or G2; it is 12:00."""
    return Book(plant(**TWO, **more), now="12:00")


@pytest.fixture
def book() -> Book:
    """Offer a book of that line."""
    return two_products()


def test_a_line_of_two_products_without_a_run_guesses_nothing(book: Book) -> None:
    book.count(good=5)
    assert [entry.code for entry in book.open_entries()] == [Reason.AMBIGUOUS_VERSION]
    assert book.line() == {"read": "5", "quarantined": "5"}
    book.run("G2", start="11:00")
    book.replay()
    assert (book.stock("G2"), book.stock("B")) == ("5", "-5")
    book.replay(1)
    assert book.stock("G2") == "5"


def test_the_run_is_looked_up_at_the_time_of_the_event(book: Book) -> None:
    book.run("FG", start="11:50")
    book.run("G2", start="11:58")
    book.count(good=5, ts="11:57", seq=1)
    book.count(good=7, ts="11:59", seq=2)
    assert (book.stock("FG"), book.stock("G2")) == ("5", "2")


@pytest.mark.parametrize(
    ("others", "start", "said"),
    [
        ({}, None, "1000/L1 makes G2 V1"),
        ({"11:00": ""}, "11:30", "1000/L1 makes G2 V1 from 11:30:00 on"),
        ({"11:50": ""}, "11:00", "1000/L1 made G2 V1 from 11:00:00 to 11:50:00 only: FG V1 goes on since then"),
        ({"11:50": "11:55"}, "11:00", "1000/L1 made G2 V1 from 11:00:00 to 11:50:00 only, when FG V1 began"),
        ({"12:30": ""}, "11:00", "1000/L1 makes G2 V1 from 11:00:00 until 12:30:00, when FG V1 begins"),
        ({}, "12:30", "1000/L1 makes G2 V1 from 12:30:00 on"),
        ({"13:00": ""}, "12:30", "1000/L1 makes G2 V1 from 12:30:00 until 13:00:00, when FG V1 begins"),
    ],
)
def test_who_begins_a_run_is_told_what_the_line_makes(
    book: Book, others: dict[str, str], start: str | None, said: str
) -> None:
    for begin, end in others.items():
        book.run("FG", start=begin)
        if end:
            book.stop(end)
    told = book.run("G2", start=start)
    assert told.text.replace("2026-03-16 ", "") == said
    if " makes G2 V1 from " not in said:
        book.count(good=5)
        assert book.stock("G2" if " makes G2" in said else "FG") == ("0" if others.get("11:50") else "5")


def test_the_order_of_two_lookups_does_not_matter() -> None:
    book = Book(plant(devices=[counter("C2")]), now="12:00")
    book.run("FG", start="11:50", batch="LOT7")
    book.stop("11:58")
    book.count("C1", good=5, ts="11:59")
    book.count("C2", good=3, ts="11:57")
    assert [d.batch for d in book.ledger.documents.values()] == ["", "LOT7"]


def test_without_a_run_the_planned_order_of_the_day_decides(book: Book) -> None:
    book.load(book.state.master, orders=[order("O1", 100, version="V1", material="G2", finish="2026-03-20")])
    book.count(good=5)
    assert book.stock("G2") == "5"


def test_an_order_that_is_given_back_decides_again() -> None:
    profile = RemProfile("R", order_reduction="own_version", recreate_orders_on_reversal=True)
    master = plant(**TWO, profile=profile)
    book = Book(master, orders=[order("O1", 5, version="V1", finish="2026-03-20")])
    book.count(good=5, seq=1)
    book.count(good=6, seq=2)
    assert [entry.code for entry in book.open_entries()] == [Reason.AMBIGUOUS_VERSION]
    book.reverse(1)
    book.count(good=8, seq=3)
    assert book.stock("FG") == "2"


def test_a_change_with_the_counters_totals_is_split_to_the_piece(book: Book) -> None:
    book.run("FG", start="11:00")
    book.count(good=100, seq=1)
    book.run("G2", start="12:00", totals={"C1": Reading(good=107)})
    book.count(good=110, seq=2)
    assert (book.stock("FG"), book.stock("G2")) == ("107", "3")


def test_the_total_that_a_person_says_is_one_of_the_life_that_the_counter_is_in() -> None:
    """The person reads a figure and knows nothing of lives: counted again in one of its own, all of it came twice."""
    book = two_products()
    book.run("FG", start="11:00")
    book.count(good=40, seq=9, boot="a1")
    book.count(good=30, seq=1, boot="a2")
    told = book.run("G2", start="12:00", totals={"C1": Reading(good=33)})
    assert told.data["totals"]["C1"] == {"result": "counted", "code": "", "text": "3"}
    book.count(good=35, seq=2, boot="a2")
    assert (book.stock("FG"), book.stock("G2")) == ("73", "2")


def test_a_change_without_totals_books_the_step_to_the_run_at_its_reading(book: Book) -> None:
    book.run("FG", start="11:00")
    book.count(good=100, seq=1)
    book.run("G2", start="12:00")
    assert book.asked == ["C1", "C1"]
    book.count(good=110, seq=2)
    assert (book.stock("FG"), book.stock("G2")) == ("100", "10")


def test_a_refused_change_counts_nothing(book: Book) -> None:
    book.run("FG", start="11:00")
    told = book.run("NONE", totals={"C1": Reading(good=7)})
    assert told.status == "error"
    assert book.documents() == []


def test_a_run_that_begins_before_another_does_not_outlive_it(book: Book) -> None:
    book.run("G2", start="11:30")
    book.run("FG", start="11:00")
    book.count(good=5)
    assert book.stock("G2") == "5"
    assert book.stop("12:00").data == {"stopped": True}
    book.count(good=6)
    assert [entry.code for entry in book.open_entries()] == [Reason.AMBIGUOUS_VERSION]


def test_a_label_of_another_product_takes_nothing_from_the_run(book: Book) -> None:
    book.run("FG", start="11:00", batch="LOT7", sales_order="4711", sales_order_item="10")
    assert book.scan("G2").result == "ok"
    document = book.ledger.documents[1]
    assert (document.material, document.batch, document.cost_object) == ("G2", "", "PCC 1000 G2 V1")


def test_a_run_for_a_sales_order_receives_into_its_stock(book: Book) -> None:
    book.run("FG", start="11:00", batch="LOT7", sales_order="4711", sales_order_item="10")
    book.count(good=5)
    document = book.ledger.documents[1]
    assert (document.batch, document.cost_object) == ("LOT7", "SO 4711 10")
    assert [key[3:] for key in book.ledger.stock if key.material == "FG"] == [("LOT7", "E/4711/10")]


@pytest.mark.parametrize(
    ("operation_of_device", "booked"),
    [("0010", "0010"), ("0020", "0020"), ("", "final"), ("final", "final"), ("0030", "final"), ("0005", None)],
)
def test_the_point_of_a_device(operation_of_device: str, booked: str | None) -> None:
    master = plant(
        profile=RemProfile("R", reporting_points="optional"),
        routings=[routing([operation("0005"), *points("0010", "0020"), operation("0030")])],
        devices=[counter(operation=operation_of_device)],
    )
    book = Book(master)
    book.count(good=1)
    if booked is None:
        assert [entry.code for entry in book.open_entries()] == [Reason.UNKNOWN_POINT]
    else:
        assert book.confirmed(1)[-1] == f"{booked} 1+0"


@pytest.mark.parametrize(
    ("device", "line", "code"),
    [("C9", LINE, Reason.UNKNOWN_DEVICE), ("OFF", LINE, Reason.DISABLED_DEVICE), ("C1", "L9", Reason.WRONG_PLACE)],
)
def test_only_a_known_device_speaks_and_only_from_its_place(device: str, line: str, code: Reason) -> None:
    book = Book(plant(devices=[counter("OFF", disabled=True)]))
    book.count(device, line=line, good=5)
    assert [entry.code for entry in book.open_entries()] == [code]
    assert book.documents() == []


def test_a_device_that_counts_another_unit_is_refused_with_its_units_kept() -> None:
    book = Book(plant(materials=[component("A", 5)], devices=[counter(unit="BOX")]))
    book.count(good=5)
    assert [entry.code for entry in book.open_entries()] == [Reason.WRONG_UNIT]
    assert book.line() == {"read": "5", "quarantined": "5"}
    book.replay()
    assert book.line() == {"read": "5", "quarantined": "5"}
    assert len(book.ledger.quarantine) == 1


def test_master_data_defects_keep_the_units() -> None:
    defects: tuple[tuple[dict[str, Any], Reason], ...] = (
        ({"materials": [product(rem_profile="X")]}, Reason.NO_PROFILE),
        ({"materials": [product(receiving_location="")]}, Reason.NO_RECEIVING_LOCATION),
        ({"boms": [bom({"A": 1}, valid_to="2026-01-01")]}, Reason.NO_BOM),
        ({"boms": [bom({"NONE": 1})]}, Reason.UNKNOWN_MATERIAL),
        ({"boms": [bom([item("A", unit="BOX")])]}, Reason.NO_UNIT),
        ({"routings": [routing([operation("0010")], valid_to="2026-01-01")]}, Reason.NO_ROUTING),
    )
    for defect, code in defects:
        book = Book(plant(**defect))
        book.count(good=5)
        assert [entry.code for entry in book.open_entries()] == [code]
        book.load(plant())
        book.replay()
        assert book.stock("FG") == "5"


def test_a_batch_rule_of_a_run_names_the_pieces_by_date_and_line() -> None:
    book = Book(plant())
    book.run(batch="{line}-{date}")
    book.post(3)
    (document,) = book.ledger.documents.values()
    assert document.batch == f"{LINE}-{document.production_date.replace('-', '')}"
    assert [item.batch for item in book.ledger.items if item.process == "receipt"] == [document.batch]


def test_half_a_piece_is_never_received_and_its_units_are_kept() -> None:
    book = Book(plant(devices=[counter(weight=500_000)]))
    for seq, (good, scrap) in enumerate(((3, 0), (5, 0), (5, 1)), 1):
        book.count(good=good, scrap=scrap, seq=seq)
    assert book.moved(1) == ["131 FG 1", "261 A -1", "261 B -1"]
    assert book.documents() == ["assembly"]
    assert [(entry.code, entry.good + entry.scrap) for entry in book.open_entries()] == [
        (Reason.BAD_QUANTITY, 1_500_000),
        (Reason.BAD_QUANTITY, 500_000),
    ]
    assert book.line() == {"read": "3", "counted": "1", "posted": "1", "quarantined": "2"}
    book.replay()
    assert len(book.open_entries()) == 2
