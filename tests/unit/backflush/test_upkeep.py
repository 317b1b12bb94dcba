"""What people settle by hand: shortages, held rows, periods; and pieces between two runs or structures of points."""

import pytest

from devices.messages import Reading
from gateway.backflush.memory.events import BacklogClose, BacklogCorrect, Hold, Period
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.documents import AnyProcess
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from tests.book import Book, Told
from tests.builders import LINE, PLANT, bom, component, counter, operation, plant, points, product, q, routing


def short(*, need: int = 10, price: int | str = 5) -> Book:
    """Return a book where `need` A are missing at RAW; there are 3 of batch B7 there, and 20 at WIP."""
    master = plant(materials=[component("A", price)], boms=[bom({"A": 1})], negative_stock=False)
    there = {StockKey(PLANT, "A", "RAW", "B7"): q(3), StockKey(PLANT, "A", "WIP"): q(20)}
    book = Book(master, stock=there)
    book.post(need)
    assert book.backlog() == {"A": str(need)}
    return book


def correct(
    book: Book, quantity: int | None = None, location: str = "", batch: str = "", *, reason: str = "seen by the eye"
) -> Told:
    """Correct the one record of the backlog."""
    (record,) = book.ledger.backlog
    return book.ask(BacklogCorrect(record, None if quantity is None else q(quantity), location, batch), reason=reason)


def stocks(book: Book) -> dict[str, str]:
    """Return what is left of A, by location and batch."""
    found = {k: v for k, v in book.ledger.stock.items() if k.material == "A" and v}
    return {f"{k.location} {k.batch}".strip(): format_quantity(v) for k, v in found.items()}


@pytest.mark.parametrize(
    ("quantity", "location", "batch", "left"),
    [
        (None, "WIP", "", {"RAW B7": "3", "WIP": "10"}),
        (10, "WIP", "", {"RAW B7": "3", "WIP": "10"}),
        (8, "WIP", "", {"RAW B7": "3", "WIP": "12"}),
        (3, "", "B7", {"WIP": "20"}),
    ],
)
def test_a_shortage_is_issued_from_elsewhere_or_less_of_it(
    quantity: int | None, location: str, batch: str, left: dict[str, str]
) -> None:
    book = short()
    told = correct(book, quantity, location, batch)
    assert (told.status, stocks(book), book.backlog()) == ("ok", left, {})
    (record,) = book.ledger.backlog.values()
    issued = quantity or 10
    assert (record.issued, record.closed) == (q(issued), q(10 - issued))
    assert (book.moved(2), book.ledger.lines[PLANT, LINE].backlog) == ([f"261 A -{issued}"], 0)
    assert book.ledger.documents[2].reason == "seen by the eye"


@pytest.mark.parametrize(
    ("quantity", "location", "batch", "reason", "code"),
    [
        (None, "WIP", "", "", Reason.BAD_COMMAND),
        (11, "WIP", "", "why", Reason.BAD_QUANTITY),
        (0, "WIP", "", "why", Reason.BAD_QUANTITY),
        (-1, "WIP", "", "why", Reason.BAD_QUANTITY),
        (None, "", "", "why", Reason.SHORTAGE),
        (None, "", "B7", "why", Reason.SHORTAGE),
        (4, "", "B7", "why", Reason.SHORTAGE),
        (None, "NOWHERE", "", "why", Reason.SHORTAGE),
    ],
)
def test_a_correction_that_cannot_be_or_has_no_reason_is_refused(
    quantity: int | None, location: str, batch: str, reason: str, code: Reason
) -> None:
    book = short()
    told = correct(book, quantity, location, batch, reason=reason)
    assert (told.status, told.code, book.backlog()) == ("error", code, {"A": "10"})
    assert book.documents() == ["assembly"]


def test_a_record_that_is_unknown_or_settled_is_not_corrected() -> None:
    book = short()
    assert book.ask(BacklogCorrect((9, 9))).code == Reason.UNKNOWN_RECORD
    correct(book, location="WIP")
    assert correct(book, location="WIP").code == Reason.UNKNOWN_RECORD


@pytest.mark.parametrize(("location", "batch", "quantity"), [("WIP", "", None), ("", "B7", None)])
def test_a_reversal_puts_back_to_where_a_correction_took_it_from(
    location: str, batch: str, quantity: int | None
) -> None:
    book = short(need=3, price="3.337")
    before = stocks(book)
    correct(book, quantity, location, batch)
    book.reverse(1)
    assert (stocks(book), book.balance(), book.stock("FG")) == (before, "0", "0")


def test_a_record_is_closed_with_a_reason_and_stays() -> None:
    book = short()
    (record,) = book.ledger.backlog
    assert book.ask(BacklogClose((record,)), reason="").code == Reason.BAD_COMMAND
    told = book.ask(BacklogClose((record, record, (9, 9))), reason="counted wrong")
    assert told.data["records"] == {"0000000001/2": "closed 10", "0000000009/9": "unknown"}
    assert told.text == "2 records: 1 closed, 1 unknown"
    again = book.ask(BacklogClose((record,)), reason="counted wrong")
    assert again.text == "1 record: 1 not open"
    assert (book.backlog(), book.ledger.backlog[record].reason) == ({}, "anna: counted wrong")
    assert (stocks(book), book.ledger.lines[PLANT, LINE].backlog) == ({"RAW B7": "3", "WIP": "20"}, 0)


# -- held rows


def background() -> Book:
    """Return a book whose issues and activities wait in the worklist."""
    master = plant(
        profile=RemProfile("R", goods_issue_timing="background", activity_timing="background"),
        boms=[bom({"A": 1})],
        routings=[routing([operation("0010", {"machine": "0.1"})])],
    )
    return Book(master, rules=Rules(worklist="30s"))


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize(
    ("process", "stays"),
    [("", {"issue": "5", "activity": "5"}), ("issue", {"issue": "5"}), ("activity", {"activity": "5"})],
)
def test_what_is_held_is_posted_neither_by_schedule_nor_by_hand(
    process: AnyProcess, stays: dict[str, str], crash: bool
) -> None:
    book = background()
    book.ask(Hold(PLANT, LINE, process, held=True))
    book.post(5)
    book.crash(only_if=crash)
    book.wait(30)
    book.work()
    assert book.open_rows() == stays
    book.ask(Hold(PLANT, LINE, process, held=False))
    assert book.open_rows() == stays
    book.wait(30)
    assert book.open_rows() == {}


def test_what_is_held_does_not_crowd_out_others() -> None:
    book = background()
    book.ask(Hold(PLANT, LINE, "issue", held=True))
    for _ in range(5):
        book.post(5)
    for _ in range(5):
        assert book.work(limit=1).data["posted"] == 1
    assert book.open_rows() == {"issue": "25"}


def test_a_held_row_is_withdrawn_by_a_reversal() -> None:
    book = background()
    book.ask(Hold(PLANT, LINE, "", held=True))
    book.post(5)
    book.reverse(1)
    book.ask(Hold(PLANT, LINE, "", held=False))
    book.work()
    assert (book.open_rows(), book.stock("A"), book.stock("FG")) == ({}, "0", "0")


def test_a_line_that_does_not_exist_is_not_held() -> None:
    assert background().ask(Hold(PLANT, "L9", "", held=True)).code == Reason.UNKNOWN_LINE


# -- periods


def close_march(book: Book, *, force: bool = False) -> Told:
    """Close the period of the test's day."""
    return book.ask(Period(PLANT, "2026-03", closed=True, force=force))


def test_a_period_with_work_left_is_not_closed_unless_it_is_forced() -> None:
    master = plant(
        profile=RemProfile("R", goods_issue_timing="background"),
        boms=[bom({"A": 1})],
        devices=[counter("C2", window="shift")],
        negative_stock=False,
    )
    book = Book(master)
    book.post(5)
    book.work(limit=1)
    book.post(4)
    book.count("C2", good=3)
    told = close_march(book)
    assert told.code == Reason.PERIOD_NOT_DONE
    assert "1 backlog record, 1 open window, 1 worklist row" in told.text
    assert book.state.closed_periods == set()
    assert close_march(book, force=True).status == "ok"
    assert book.state.closed_periods == {(PLANT, "2026-03")}


def test_what_was_left_over_in_a_forced_period_is_posted_on_the_first_open_day() -> None:
    book = background()
    book.post(5)
    close_march(book, force=True)
    book.work()
    assert [(d.posting_date, d.production_date) for d in book.ledger.documents.values()] == [
        ("2026-03-16", "2026-03-16"),
        ("2026-04-01", "2026-03-16"),
        ("2026-04-01", "2026-03-16"),
    ]
    book.reverse(1)
    assert book.ledger.documents[4].posting_date == "2026-04-01"


def test_a_period_in_which_all_is_done_is_closed_and_opened_again() -> None:
    book = background()
    book.post(5)
    book.work()
    assert close_march(book).status == "ok"
    assert book.period("2026-03", closed=False).status == "ok"
    book.post(1)
    assert book.ledger.documents[4].posting_date == "2026-03-16"


# -- pieces between two runs


def two_products() -> Book:
    """Return a line that makes FG or G2; it is 12:00."""
    return Book(plant(materials=[product("G2")], boms=[bom({"A": 1})]), now="08:00")


@pytest.mark.parametrize("crash", [False, True])
def test_a_step_that_spans_a_change_of_run_is_booked_to_the_later_run_and_marked(crash: bool) -> None:
    book = two_products()
    book.run("FG")
    for clock, total in (("08:10", 4), ("08:20", 10)):
        book.at(clock)
        book.count(good=total)
    book.run("G2", start="08:20")
    book.crash(only_if=crash)
    book.at("08:30")
    book.count(good=13)
    book.at("08:40")
    book.count(good=15)
    assert [(book.stock(name)) for name in ("FG", "G2")] == ["10", "5"]
    assert [s.spans_change for s in book.ledger.sources] == [False, False, False, False]
    book.run("FG", start="08:45")
    book.at("08:50")
    book.count(good=20)
    assert [(book.stock(name)) for name in ("FG", "G2")] == ["15", "5"]
    assert [s.spans_change for s in book.ledger.sources] == [False, False, False, False, True]


def test_totals_at_the_change_split_the_step_to_the_piece() -> None:
    book = two_products()
    book.run("FG")
    book.at("08:10")
    book.count(good=4)
    book.at("08:20")
    book.run("G2", totals={"C1": Reading(good=9)})
    book.at("08:30")
    book.count(good=11)
    assert [(book.stock(name)) for name in ("FG", "G2")] == ["9", "2"]
    assert not any(s.spans_change for s in book.ledger.sources)


# -- pieces on the line when the structure of points changes


AUTOMATIC = RemProfile("R", reporting_points="mandatory", auto_goods_receipt=True)


def line_with(*numbers: str) -> Book:
    """Return a line with mandatory points."""
    return Book(with_points(*numbers))


def with_points(*numbers: str) -> MasterData:
    """Return master data with mandatory points."""
    return plant(profile=RemProfile("R", reporting_points="mandatory"), routings=[routing(points(*numbers))])


def test_pieces_on_the_line_pass_the_points_that_they_have_before_them() -> None:
    book = line_with("0010", "0030")
    book.post(8, "point", point="0010")
    book.post(3, "point", point="0030")
    book.load(with_points("0010", "0020", "0030"))
    assert book.wip() == {"0010": "5", "0030": "3"}
    book.post(4, "point", point="0030")
    assert book.wip() == {"0010": "1", "0030": "7"}
    book.post(2, "scrap", point="0030", scrap_reason="DENT")
    assert (book.wip(), book.waiting()) == ({"0010": "0", "0020": "0", "0030": "7"}, "1")
    book.post(9)
    assert (book.stock("FG"), book.wip()["0030"], book.waiting()) == ("7", "0", "3")


def test_new_pieces_take_the_new_points() -> None:
    book = line_with("0010", "0030")
    book.post(2, "point", point="0010")
    book.load(with_points("0010", "0020", "0030"))
    book.post(3, "point", point="0010")
    book.post(3, "point", point="0020")
    book.post(5, "point", point="0030")
    assert book.wip() == {"0010": "0", "0030": "5", "0020": "0"}
    book.post(5)
    assert (book.stock("FG"), book.waiting(), set(book.wip().values())) == ("5", "0", {"0"})


def without_points() -> MasterData:
    """Return the same line when its profile has no reporting points any more."""
    return plant(profile=RemProfile("R"), routings=[routing(points("0010", "0020"))])


def test_without_points_pieces_after_any_of_them_take_only_what_they_have_not_taken() -> None:
    book = line_with("0010", "0020")
    book.post(3, "point", point="0010")
    book.post(1, "point", point="0020")
    book.load(without_points())
    book.post(3)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["3", "-3", "-3"]
    assert set(book.wip().values()) == {"0"}


def test_without_points_what_the_last_one_has_received_is_not_received_again() -> None:
    book = Book(plant(profile=AUTOMATIC, routings=[routing(points("0010", "0020"))]))
    book.post(3, "point", point="0010")
    book.post(3, "point", point="0020")
    assert book.stock("FG") == "3"
    book.load(without_points())
    book.count(good=2)
    assert book.stock("FG") == "3"
    book.count(good=5)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["5", "-5", "-5"]


def test_without_points_what_has_waited_for_them_comes_along_with_the_next_report() -> None:
    book = line_with("0010", "0020")
    book.post(2)
    assert (book.stock("FG"), book.waiting()) == ("0", "2")
    book.load(without_points())
    book.post(1)
    assert (book.stock("FG"), book.stock("A"), book.waiting()) == ("3", "-3", "0")


def test_before_points_become_mandatory_they_are_told_what_they_were_never_told_and_that_posts_nothing() -> None:
    book = Book(plant(profile=RemProfile("R", reporting_points="optional"), routings=[routing(points("0010", "0020"))]))
    book.post(5)
    for point in ("0010", "0020"):
        book.post(5, "point", point=point)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["5", "-5", "-5"]
    book.load(with_points("0010", "0020"))
    for point in ("0010", "0020"):
        book.post(3, "point", point=point)
    book.post(3)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["8", "-8", "-8"]
    assert (book.waiting(), set(book.wip().values())) == ("0", {"0"})
