"""Stock determination: from which stock a component is issued, and what is missing; retry when stock comes."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.backflush.memory.events import BacklogCorrect, ReverseLatest
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Batch, MasterData, RemProfile
from gateway.backflush.step import due_at
from gateway.backflush.values.movements import CONSIGNMENT, StockKey
from tests.book import Book
from tests.builders import LINE, PLANT, bom, component, counter, item, operation, plant, product, q, routing, version

RECEIVED = {"B1": "2026-03-12", "B2": "2026-03-10", "B3": "2026-03-11"}
"""Not in the order of their names."""


def lots(text: str, location: str = "RAW", material: str = "A") -> dict[StockKey, int]:
    """Return stock: `B2 30, K B1 20, 10` is 30 of batch B2, 20 of B1 in consignment, and 10 without a batch."""
    found = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        *words, quantity = part.split()
        owner = CONSIGNMENT if words[:1] == [CONSIGNMENT] else ""
        batch = (words[1:] if owner else words)[:1]
        found[StockKey(PLANT, material, location, batch[0] if batch else "", owner)] = q(quantity)
    return found


def master(*, determination: bool = True) -> MasterData:
    """Return a plant in which FG takes one A from RAW, which may not go negative."""
    made = plant(profile=RemProfile("R", stock_determination=determination), boms=[bom({"A": 1})], negative_stock=False)
    return replace(made, batches={(PLANT, "A", batch): Batch(day) for batch, day in RECEIVED.items()})


def issued(book: Book, number: int = 1) -> list[str]:
    """Return what a document issued from where: `B2 -30`, `K B1 -20`."""
    items = [item for item in book.ledger.items if item.document == number and item.movement == "261"]
    return [" ".join(filter(None, (i.stock_type, i.batch, str(i.quantity // 1_000_000)))) for i in items]


@pytest.mark.parametrize(
    ("there", "need", "taken", "missing"),
    [
        ("60", 100, ["-60"], "40"),
        ("100", 100, ["-100"], None),
        ("B1 50, B2 50, B3 50", 30, ["B2 -30"], None),
        ("B1 50, B2 50, B3 50", 120, ["B2 -50", "B3 -50", "B1 -20"], None),
        ("B1 10, B2 10, B3 10", 40, ["B2 -10", "B3 -10", "B1 -10"], "10"),
        ("K B2 50, B1 50", 70, ["B1 -50", "K B2 -20"], None),
        ("K B2 50", 20, ["K B2 -20"], None),
        ("K B2 50, K B3 50", 70, ["K B2 -50", "K B3 -20"], None),
        ("20, B2 50", 30, ["-20", "B2 -10"], None),
        ("", 5, [], "5"),
    ],
)
def test_own_stock_before_consignment_and_the_oldest_batch_first(
    there: str, need: int, taken: list[str], missing: str | None
) -> None:
    book = Book(master(), stock=lots(there))
    book.post(need)
    assert issued(book) == taken
    assert book.backlog() == ({"A": missing} if missing else {})
    assert book.stock("FG") == str(need)


@pytest.mark.parametrize(
    ("edition", "there", "need", "taken"),
    [
        (EDITION, "B1 20, B2 20, -65", 60, ["B2 -20", "B1 -20", "-20"]),
        (EDITION, "K B1 20, 10", 60, ["-40", "K B1 -20"]),
        (EDITION, "", 5, ["-5"]),
        (0, "B1 20, B2 20", 60, ["-60"]),
    ],
)
def test_where_stock_may_go_negative_what_is_there_is_issued_first_since_this_edition(
    edition: int, there: str, need: int, taken: list[str]
) -> None:
    free = replace(plant(negative_stock=True), profiles=master().profiles, boms=master().boms)
    batches = {(PLANT, "A", batch): Batch(day) for batch, day in RECEIVED.items()}
    book = Book(replace(free, batches=batches), stock=lots(there), rules=Rules(edition=edition))
    book.post(need)
    assert (issued(book), book.backlog()) == (taken, {})
    book.reverse(1)
    assert {key: value for key, value in book.ledger.stock.items() if key.material == "A"} == lots(there) | (
        {} if StockKey(PLANT, "A", "RAW") in lots(there) else {StockKey(PLANT, "A", "RAW"): 0}
    )


@pytest.mark.parametrize(
    ("determination", "there", "taken", "missing"),
    [
        (True, "60", ["-60"], {"A": "40"}),
        (False, "60", [], {"A": "100"}),
        (True, "B1 60", ["B1 -60"], {"A": "40"}),
        (False, "B1 200", [], {"A": "100"}),
    ],
)
def test_without_it_a_component_is_issued_whole_or_not_at_all(
    determination: bool, there: str, taken: list[str], missing: dict[str, str]
) -> None:
    book = Book(master(determination=determination), stock=lots(there))
    book.post(100)
    assert (issued(book), book.backlog()) == (taken, missing)


def test_stock_of_another_location_or_of_a_sales_order_is_not_taken() -> None:
    elsewhere = lots("50", location="WIP") | {StockKey(PLANT, "A", "RAW", "", "E/4711/10"): q(50)}
    book = Book(master(), stock=elsewhere)
    book.post(5)
    assert (issued(book), book.backlog()) == ([], {"A": "5"})


@pytest.mark.parametrize("part", [True, False])
def test_a_reversal_puts_back_into_the_lots_the_last_one_first(part: bool) -> None:
    book = Book(master(), stock=lots("B1 50, B2 50, K B3 50"))
    before = {key: units for key, units in book.ledger.stock.items() if units}
    book.post(120)
    if part:
        book.reverse(1, 30)
        mirrored = [i for i in book.ledger.items if i.document == 2 and i.movement == "262"]
        assert [f"{i.stock_type} {i.batch} {i.quantity // 1_000_000}" for i in mirrored] == ["K B3 20", " B1 10"]
    book.reverse(1)
    assert {key: units for key, units in book.ledger.stock.items() if units} == before


# -- retry


@pytest.mark.parametrize(
    ("come", "asked", "taken"),
    [
        ("B1 100", False, ["B1 -100"]),
        ("B1 100", True, ["B1 -100"]),
        ("B1 70, B2 60", False, ["B2 -60", "B1 -40"]),
        ("K B2 90, B1 30", True, ["B1 -30", "K B2 -70"]),
        ("B1 60, B2 39", True, []),
    ],
)
def test_what_is_missing_is_issued_from_the_lots_that_its_posting_would_have_taken(
    come: str, asked: bool, taken: list[str]
) -> None:
    book = Book(master(), stock={})
    book.post(100)
    book.load(book.state.master, stock=lots(come))
    if asked:
        book.retry()
    else:
        book.wait(1)
    assert issued(book, 2) == taken
    assert book.backlog() == ({} if taken else {"A": "100"})


@pytest.mark.parametrize("parts", [[None], [30, None], [50, 20, None]])
def test_a_reversal_puts_back_what_came_from_the_backlog_into_its_lots(parts: list[int | None]) -> None:
    book = Book(master(), stock=lots("B1 20"))
    book.post(100)
    opening = lots("B1 40, B2 50, K B3 50")
    book.load(book.state.master, stock=opening)
    book.wait(1)
    assert (issued(book, 2), book.backlog()) == (["B2 -50", "B1 -20", "K B3 -10"], {})
    for part in parts:
        assert book.reverse(1, part).status == "ok"
    assert {key: units for key, units in book.ledger.stock.items() if units} == opening


def test_a_correction_names_a_batch_of_another_location_and_a_reversal_puts_it_back() -> None:
    elsewhere = lots("B1 50", location="WIP")
    book = Book(master(), stock=elsewhere)
    book.post(30)
    record = next(iter(book.ledger.backlog))
    book.ask(BacklogCorrect(record, None, "WIP", "B1"))
    assert (book.backlog(), book.stock("A", "WIP")) == ({}, "20")
    book.reverse(1)
    assert {key: units for key, units in book.ledger.stock.items() if units} == elsewhere


# -- retry by itself


def test_a_shortage_is_issued_as_soon_as_stock_is_imported() -> None:
    book = Book(master(), stock=lots("60"))
    book.post(100)
    book.load(book.state.master, stock=lots("99"))
    book.wait(1)
    assert book.backlog() == {"A": "40"}
    book.load(book.state.master, stock=lots("100"))
    book.wait(1)
    assert (book.backlog(), book.stock("A"), book.ledger.documents[2].actor) == ({}, "0", "arrival")


def two_stages(*, negative_stock: bool = False, **more: Any) -> Book:
    """Return a plant where line L2 makes the component A from B, and line L1 makes FG from A."""
    materials = [product("A", 5, receiving_location="RAW", issue_location="RAW"), component("B", 1)]
    boms = [bom({"A": 1}), bom({"B": 1}, material="A")]
    versions = [version(), version(material="A", line="L2")]
    stages = plant(materials=materials, boms=boms, versions=versions, negative_stock=negative_stock, **more)
    return Book(stages, stock=lots("100", material="B"))


@pytest.mark.parametrize("crash", [False, True])
def test_a_shortage_is_issued_when_the_line_before_delivers(crash: bool) -> None:
    book = two_stages()
    book.post(10)
    assert book.backlog() == {"A": "10"}
    book.post(4, material="A", line="L2")
    book.crash(only_if=crash)
    book.wait(1)
    assert (book.backlog(), book.stock("A")) == ({"A": "10"}, "4")
    book.post(6, material="A", line="L2")
    book.wait(1)
    assert (book.backlog(), book.stock("A")) == ({}, "0")
    assert book.documents() == ["assembly", "assembly", "assembly", "backlog"]


@pytest.mark.parametrize("crash", [False, True])
def test_stock_that_comes_by_a_window_that_time_closes_is_issued_on_the_day_of_that_stock(crash: bool) -> None:
    book = two_stages(devices=[counter("C2", line="L2", window="5s")])
    book.post(10)
    book.at("2026-03-18 10:00")
    book.count("C2", good=12, line="L2")
    book.wait(6)
    assert (book.stock("A"), due_at(book.state) is not None) == ("12", True)
    book.crash(only_if=crash)
    book.wait(1)
    assert (book.backlog(), book.stock("A")) == ({}, "2")
    issued = book.ledger.documents[3]
    assert (issued.posting_date, issued.production_date) == ("2026-03-18", "2026-03-16")


def test_what_is_worked_off_carries_the_date_of_the_stock_that_it_takes() -> None:
    book = two_stages()
    book.at("2026-03-20 10:00")
    book.post(10, at="2026-03-17 10:00")
    book.post(4, material="A", line="L2", at="2026-03-18 10:00")
    book.post(6, material="A", line="L2", at="2026-03-19 10:00")
    book.wait(1)
    assert (book.documents()[3:], book.ledger.documents[4].posting_date) == (["backlog"], "2026-03-19")


def test_the_oldest_shortage_that_fits_is_issued_first() -> None:
    book = two_stages()
    for pieces in (5, 7, 1):
        book.post(pieces)
        book.wait(1)
    book.post(6, material="A", line="L2")
    book.wait(1)
    assert ([r.open // 1_000_000 for r in book.ledger.backlog.values()], book.stock("A")) == ([0, 7, 0], "0")


def test_a_receipt_that_is_reversed_leaves_what_was_issued_from_it() -> None:
    book = two_stages()
    book.post(10)
    book.post(10, material="A", line="L2")
    book.wait(1)
    assert book.backlog() == {}
    assert book.reverse(2).status == "error"


def test_where_stock_may_be_negative_nothing_waits_for_it() -> None:
    book = two_stages(negative_stock=True)
    book.post(10)
    assert (book.backlog(), book.stock("A")) == ({}, "-10")


def test_nothing_that_is_not_short_is_looked_up() -> None:
    book = two_stages()
    book.post(4, material="A", line="L2")
    assert (book.state.short, book.state.arrived) == (set(), set())


@pytest.mark.parametrize("together", [True, False])
def test_documents_of_one_cumulated_issue_put_back_into_its_lots_and_nothing_else(together: bool) -> None:
    profile = RemProfile("R", stock_determination=True, goods_issue_timing="background", cumulate_goods_issues=True)
    book = Book(replace(master(), profiles={"R": profile}), stock=lots("B2 30, B1 20"))
    before = {key: units for key, units in book.ledger.stock.items() if units}
    book.post(25)
    book.post(25)
    book.work()
    assert issued(book, 3) == ["B2 -30", "B1 -20"]
    if together:
        book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", "final", q(50)))
    else:
        book.reverse(1)
        book.reverse(2)
    assert {key: units for key, units in book.ledger.stock.items() if units} == before


def test_what_two_postings_of_one_document_took_goes_back_to_the_lots_of_each() -> None:
    both = [item("A", 1, "0010", operation="0010"), item("A", 1, "0020", operation="0020")]
    made = plant(
        profile=RemProfile("R", stock_determination=True, reporting_points="optional", goods_issue_timing="background"),
        boms=[bom(both)],
        routings=[routing([operation("0010", point=True), operation("0020")])],
        negative_stock=False,
    )
    book = Book(
        replace(made, batches={(PLANT, "A", batch): Batch(day) for batch, day in RECEIVED.items()}), stock=lots("B2 6")
    )
    book.post(4)
    book.work(limit=1)
    book.load(book.state.master, stock=lots("B2 6, B1 9"))
    book.work(limit=1)
    assert [issued(book, number) for number in (2, 3)] == [["B2 -4"], ["B2 -2", "B1 -2"]]
    book.reverse(1, 2)
    book.reverse(1, 2)
    left = {k.batch: v // 1_000_000 for k, v in book.ledger.stock.items() if k.material == "A"}
    assert left == {"B1": 9, "B2": 6}


@pytest.mark.parametrize("determined", ["FG", "FX"])
def test_each_product_of_a_cumulated_run_is_issued_by_its_own_profile(determined: str) -> None:
    later: dict[str, Any] = {"goods_issue_timing": "background", "cumulate_goods_issues": True}
    names = {"FG": "R", "FX": "Q"}
    two = plant(
        negative_stock=False,
        materials=[product("FX", rem_profile="Q")],
        boms=[bom({"A": 1}), bom({"B": 1}, material="FX")],
    )
    profiles = {n: RemProfile(n, stock_determination=m == determined, **later) for m, n in names.items()}
    book = Book(replace(two, profiles=profiles), stock=lots("60") | lots("60", material="B"))
    for material in ("FG", "FX"):
        book.post(100, material=material)
    book.work()
    missing = {"FG": {"A": "40", "B": "100"}, "FX": {"A": "100", "B": "40"}}
    assert (book.backlog(), book.documents().count("worklist")) == (missing[determined], 1)
