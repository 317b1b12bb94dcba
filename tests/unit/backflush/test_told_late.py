"""Scrap that is told after its gross pieces were posted: it is taken off them when the shift or run ends."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.backflush.memory.events import Actual, ActualComponent, Period, Reverse
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, RemProfile
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import (
    EARLY_LATE_NIGHT,
    PLANT,
    bom,
    component,
    counter,
    item,
    order,
    plant,
    points,
    product,
    q,
    routing,
    scanner,
)

PALLET = "00340123450000000017"

ROLES = (("G", "gross"), ("X", "scrap"))


def beside(**more: Any) -> MasterData:
    """Return a line with a gross counter G and a scrap counter X, in three shifts, that makes FG and G2."""
    settings: dict[str, Any] = {
        "devices": [counter("G", role="gross"), counter("X", role="scrap")],
        "shifts": EARLY_LATE_NIGHT,
        "materials": [product("G2")],
        "boms": [bom({"A": 1})],
        "routings": [routing(points("0010")), routing(points("0010"), material="G2")],
        **more,
    }
    return plant(**settings)


def short(**more: Any) -> Book:
    """Return a book at 13:00 with ten pieces of FG posted, two of which turn out to be scrap."""
    book = Book(beside(**more.pop("master", {})), now="13:00", **more)
    book.run("FG", "V1")
    book.count("G", gross=10)
    book.count("X", scrap=2)
    return book


@pytest.fixture
def book() -> Book:
    """Offer a book whose late scrap is not taken off yet."""
    return short()


def made(book: Book, material: str = "FG") -> tuple[str, str]:
    """Return yield and scrap that documents hold of a product."""
    of = {number for number, document in book.ledger.documents.items() if document.material == material}
    lines = [line for line in book.ledger.confirmations if line.document in of]
    return f"{sum(c.yield_ for c in lines) // 10**6}", f"{sum(c.scrap for c in lines) // 10**6}"


def test_it_is_open_and_seen_until_the_shift_ends(book: Book) -> None:
    assert (made(book), [window.short for window in book.ledger.windows.values()]) == (("10", "0"), [2_000_000])
    book.at("14:00")
    assert (made(book), book.ledger.windows, book.stock("FG"), book.stock("A")) == (("8", "2"), {}, "8", "-10")
    assert [document.type for document in book.ledger.documents.values()] == ["assembly", "reversal", "scrap"]
    assert [book.moved(n) for n in (2, 3)] == [["262 A 2", "132 FG -2"], ["261 A -2"]]
    assert {document.shift for document in book.ledger.documents.values()} == {"E"}
    assert book.line() == {"read": "10", "counted": "10", "posted": "10", "scrap": "2"}


def test_pieces_of_the_same_shift_make_up_for_it_without_a_correction(book: Book) -> None:
    book.count("G", gross=15)
    assert (made(book), book.documents()) == (("13", "2"), ["assembly", "assembly"])


def test_it_is_taken_off_a_pallet_which_stays_one_and_off_no_piece_that_has_a_number() -> None:
    devices = [counter("G", role="gross", window="scan"), counter("X", role="scrap"), scanner("S1")]
    for edition, left in ((EDITION, ("8", "2")), (1, ("10", "0"))):
        rules = Rules(window="reading", open_names=(), edition=edition)
        book = Book(beside(devices=devices), now="13:00", rules=rules)
        book.run("FG", "V1")
        book.count("G", gross=10)
        assert book.scan(PALLET).result == "ok"
        book.count("X", scrap=2)
        book.work()
        book.commit()
        assert made(book) == left
        assert book.scan(PALLET, id="again").result == "dup", "as long as anything of it is left"
    numbered = Book(beside(devices=devices), now="13:00", rules=rules._replace(edition=EDITION))
    numbered.run("FG", "V1")
    numbered.load(replace(numbered.state.master, gtins={"04006381333931": Gtin("FG")}))
    for serial in "12":
        numbered.scan(f"010400638133393121{serial}")
    numbered.count("X", scrap=1)
    numbered.work()
    numbered.commit()
    assert made(numbered) == ("2", "0"), "which of them it is nobody knows"


def test_what_the_newest_report_has_said_of_its_components_goes_back_in_proportion() -> None:
    book = short(rules=Rules(window="reading", open_names=(), edition=EDITION))
    book.post(2, actual=Actual((ActualComponent("A", q(4)),)))
    book.post(2, actual=Actual((ActualComponent("A", q(3)),)))
    book.at("14:00")
    assert (made(book), book.stock("A")) == (("12", "2"), "-16"), "3 A come back of the newest, 2 A go into the scrap"


def test_pieces_of_the_next_shift_do_not(book: Book) -> None:
    book.at("14:30")
    book.count("G", gross=20)
    yields = {document.shift: 0 for document in book.ledger.documents.values()}
    for line in book.ledger.confirmations:
        yields[book.ledger.documents[line.document].shift] += line.yield_
    assert yields == {"E": 8_000_000, "L": 10_000_000}


@pytest.mark.parametrize(
    "end",
    [
        lambda book: book.run("G2", "V1"),
        lambda book: book.stop(),
        lambda book: book.scan("BF:CLOSE"),
        lambda book: book.scan("BF:RUN:G2:V1"),
        lambda book: book.scan("BF:STOP"),
        lambda book: book.work(),
    ],
)
@pytest.mark.parametrize("crash", [False, True])
def test_it_ends_with_the_run_by_card_and_by_command_and_stays_with_its_own_product(
    book: Book, end: Callable[[Book], object], crash: bool
) -> None:
    book.crash(only_if=crash)
    end(book)
    book.commit()
    assert (made(book), book.ledger.windows) == (("8", "2"), {})
    book.run("G2", "V1")
    book.count("G", gross=30)
    assert (made(book), made(book, "G2")) == (("8", "2"), ("20", "0"))


def test_the_answers_say_what_is_taken_off() -> None:
    assert "scrap of 2 is taken off" in short().scan("BF:CLOSE").text
    told = short().work()
    assert ("scrap of 2 is taken off" in told.text, told.data["scrap"]) == (True, "2")
    assert "scrap" not in short().work(process="issue").data


def test_a_period_is_not_closed_over_it_and_the_refusal_names_it(book: Book) -> None:
    told = book.ask(Period(PLANT, "2026-03", closed=True))
    assert told.code == Reason.PERIOD_NOT_DONE
    assert "scrap of 2 FG on 1000/L1" in told.text
    book.work()
    assert book.period("2026-03", closed=True).status == "ok"


def test_orders_get_back_what_was_never_yield() -> None:
    profile = RemProfile("R", order_reduction="own_version", recreate_orders_on_reversal=False)
    book = short(master={"profile": profile}, orders=[order("O1", 100, version="V1")])
    book.work()
    assert book.reduced("O1") == {"final": "10", "quantity": "8"}


def test_it_is_not_taken_off_a_receipt_whose_stock_is_gone_and_is_once_there_is_a_new_one(book: Book) -> None:
    key = StockKey(PLANT, "FG", "FGL")
    book.load(book.state.master, stock={key: q(-9)})
    book.at("14:00")
    assert (made(book), book.stock("FG")) == (("10", "0"), "1")
    assert [window.short for window in book.ledger.windows.values()] == [2_000_000]
    book.wait(60)
    assert made(book) == ("10", "0")
    book.count("G", gross=20)
    book.wait(1)
    assert (made(book), book.ledger.windows) == (("18", "2"), {})


def test_what_waits_for_an_earlier_point_becomes_scrap_before_anything_is_taken_back() -> None:
    profile = RemProfile("R", reporting_points="mandatory")
    devices = [counter("P", operation="0010"), counter("G", role="gross"), counter("X", role="scrap")]
    book = Book(
        plant(profile=profile, devices=devices, routings=[routing(points("0010"))], shifts=EARLY_LATE_NIGHT),
        now="13:00",
    )
    book.count("P", good=6)
    book.count("G", gross=10)
    book.count("X", scrap=3)
    book.at("14:00")
    assert (book.ledger.windows, book.stock("FG"), book.waiting()) == ({}, "6", "4")
    assert (book.documents()[2:], book.moved(3), book.line()["posted"]) == (["reversal", "scrap"], [], "12")
    book.count("P", good=10)
    assert (book.stock("FG"), book.waiting(), book.wip()) == ("7", "0", {"0010": "0"})


def test_more_scrap_than_pieces_is_taken_off_as_far_as_they_go_and_the_rest_stays_seen(book: Book) -> None:
    book.count("X", scrap=14)
    book.at("14:00")
    assert (book.stock("FG"), [window.short for window in book.ledger.windows.values()]) == ("0", [4_000_000])
    book.crash()
    book.wait(60)
    assert [window.short for window in book.ledger.windows.values()] == [4_000_000]


def automatic(**more: Any) -> Book:
    """Return a book at 13:00 where gross and scrap are counted at the last point, which receives by itself."""
    profile = RemProfile("R", reporting_points="mandatory", auto_goods_receipt=True, **more)
    devices = [counter("G", operation="0010", role="gross"), counter("X", operation="0010", role="scrap")]
    boms = [bom({"A": 1})]
    book = Book(
        plant(profile=profile, devices=devices, boms=boms, routings=[routing(points("0010"))], shifts=EARLY_LATE_NIGHT),
        now="13:00",
    )
    book.count("G", gross=10)
    return book


def test_the_automatic_receipt_of_what_turned_out_to_be_scrap_goes_with_it() -> None:
    book = automatic()
    book.count("X", scrap=3)
    book.at("14:00")
    assert (book.ledger.windows, book.stock("FG"), book.stock("A"), book.wip()["0010"]) == ({}, "7", "-10", "0")
    book.count("G", gross=14)
    assert (book.stock("FG"), book.wip()["0010"]) == ("11", "0")


def test_pieces_that_are_on_the_line_without_a_receipt_are_the_scrap_first() -> None:
    book = automatic()
    assert book.reverse(2, 2).status == "ok"
    book.count("X", scrap=3)
    book.at("14:00")
    assert (book.ledger.windows, book.stock("FG"), book.wip()["0010"]) == ({}, "7", "0")
    book.count("G", gross=14)
    assert book.stock("FG") == "11"


def test_what_a_later_point_had_reported_before_is_late_as_well() -> None:
    """Gross pieces of an earlier point that automatic lines have covered: no document of their own holds them."""
    profile = RemProfile("R", reporting_points="optional")
    devices = [counter("F"), *(counter(name, operation="0010", role=role) for name, role in ROLES)]
    book = Book(
        plant(profile=profile, devices=devices, routings=[routing(points("0010"))], shifts=EARLY_LATE_NIGHT),
        now="13:00",
    )
    book.count("F", good=8)
    book.count("G", gross=10)
    book.count("X", scrap=2)
    book.at("14:00")
    assert (book.ledger.windows, book.stock("FG"), book.stock("A"), book.wip()["0010"]) == ({}, "8", "-10", "0")
    assert book.line()["read"] == book.line()["posted"] == "18"


@pytest.mark.parametrize("ended", ["shift", "run"])
def test_scrap_that_is_told_after_the_end_of_its_shift_or_run_is_taken_off_it(book: Book, ended: str) -> None:
    book.at("13:02" if ended == "run" else "14:01")
    if ended == "run":
        book.run("G2", "V1")
        book.wait(1)
    book.count("G", gross=15)
    book.wait(20)
    book.count("X", scrap=5, ts="2026-03-16 13:01" if ended == "run" else "2026-03-16 13:59")
    book.at("14:02" if ended == "shift" else "14:00")
    assert book.ledger.windows == {}
    assert made(book) == (("5", "5") if ended == "run" else ("10", "5"))
    scrapped = {book.ledger.documents[c.document].shift for c in book.ledger.confirmations if c.scrap}
    assert scrapped == {"E"}


def test_several_reasons_told_late_are_taken_off_once_and_scrapped_each_by_its_own(book: Book) -> None:
    book.count("X", scrap=5, scrap_by=(("DENT", 2),))
    book.at("14:00")
    assert (book.ledger.windows, made(book), book.stock("A")) == ({}, ("5", "5"), "-10")
    assert sum(c.scrap for c in book.ledger.confirmations if c.reason == "DENT") == 2_000_000


def test_by_products_of_what_turned_out_to_be_scrap_stay_for_it_was_made() -> None:
    boms = [bom([item("A", 1), item("W", -1, "0020")])]
    book = Book(beside(materials=[product("G2"), component("W")], boms=boms), now="13:00")
    book.run("FG", "V1")
    book.count("G", gross=10)
    book.count("X", scrap=2)
    book.at("14:00")
    assert [book.stock(name) for name in ("FG", "A", "W")] == ["8", "-10", "10"]


FIXED = {"materials": [product("G2"), component("F")], "boms": [bom([item("A", 1), item("F", 5, fixed=True)])]}


@pytest.mark.parametrize(
    ("scrap", "back", "components", "moved"),
    [
        (2, {}, {"A": "-10", "F": "-5"}, [["262 A 2", "132 FG -2"], ["261 A -2"]]),
        (2, {"A": 3}, {"A": "-7", "F": "-5"}, [["262 A 2", "132 FG -2"], ["261 A -2"]]),
        (2, {"A": 9}, {"A": "-1", "F": "-5"}, [["262 A 1", "132 FG -2"], ["261 A -1"]]),
        (2, {"A": 10, "F": 5}, {"A": "0", "F": "0"}, [["132 FG -2"], []]),
        (10, {"A": 3}, {"A": "-7", "F": "-5"}, [["262 A 7", "132 FG -10"], ["261 A -7"]]),
        (10, {"F": 2}, {"A": "-10", "F": "-3"}, [["262 A 10", "132 FG -10"], ["261 A -10"]]),
        (10, {"A": 10, "F": 5}, {"A": "0", "F": "0"}, [["132 FG -10"], []]),
    ],
)
def test_components_that_came_back_unused_are_neither_taken_back_nor_charged_with_it(
    scrap: int, back: dict[str, int], components: dict[str, str], moved: list[list[str]]
) -> None:
    book = short(master=FIXED, rules=Rules(window="reading", open_names=()))
    if scrap > 2:
        book.count("X", scrap=scrap)
    for name, quantity in back.items():
        assert book.ask(Reverse(1, components=(ActualComponent(name, q(quantity)),))).status == "ok"
    book.at("14:00")
    assert (made(book), book.ledger.windows) == ((str(10 - scrap), str(scrap)), {})
    assert {name: book.stock(name) for name in components} == components
    assert [book.moved(n) for n in list(book.ledger.documents)[-2:]] == moved
    assert book.statistic("component", "A") == str(10 - back.get("A", 0))

    # The next shift's pieces take what they need, and the report goes with its return as one does.
    book.at("14:30")
    book.count("G", gross=12)
    assert book.stock("A") == format_quantity(q(components["A"]) - q(2))
    if scrap < 10:
        assert book.reverse(1).status == "ok"
        book.count("G", gross=20)
        assert (book.stock("A"), book.stock("FG")) == ("-12", "10")


def test_older_journals_left_it_open_where_components_had_come_back(book: Book) -> None:
    book.ask(Reverse(1, components=(ActualComponent("A", q(1)),)))
    book.at("14:00")
    assert (made(book), [window.short for window in book.ledger.windows.values()]) == (("10", "0"), [2_000_000])


LATE = "scrap of {} is taken off what is posted, as far as it has yield without serial numbers; the rest waits"


def test_scrap_that_nothing_posted_can_bear_stays_open_and_no_answer_says_that_it_was_taken_off() -> None:
    book = Book(beside(devices=[counter("G", role="gross"), counter("X", role="scrap")]), now="13:00")
    book.run("FG", "V1")
    book.count("G", gross=10)
    book.wait(60)
    book.reverse(1)
    book.count("X", scrap=2)
    for _ in range(2):
        assert book.work().text.endswith(LATE.format(2))
        book.commit()
        assert sum(window.short for window in book.state.short_windows()) == q(2)
    book.count("G", gross=15)
    book.wait(60)
    book.work()
    assert (book.stock("FG"), book.statistic("scrap")) == ("3", "2")


@pytest.mark.parametrize(("edition", "left"), [(EDITION, ("11", "1")), (1, ("12", "0"))])
def test_pieces_with_numbers_do_not_hold_up_what_is_older_than_they_are(edition: int, left: tuple[str, str]) -> None:
    """In older journals they did, for ever: those are folded as they were."""
    devices = [counter("G", role="gross"), counter("X", role="scrap"), scanner("S1")]
    rules = Rules(window="reading", open_names=(), edition=edition)
    book = Book(replace(beside(devices=devices), gtins={"04006381333931": Gtin("FG")}), now="13:00", rules=rules)
    book.run("FG", "V1")
    book.count("G", gross=10)
    for serial in "12":
        book.scan(f"010400638133393121{serial}")
    book.count("X", scrap=1)
    told = book.work().text
    book.commit()
    assert told.endswith(LATE.format(1))
    assert made(book) == left
