"""Separation of processes: what is posted later, cumulated or not; and shortages that are worked off."""

import pytest

from gateway.backflush.memory.events import BacklogCorrect, Period
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.values.movements import StockKey
from gateway.errors import Reason
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, PLANT, bom, component, counter, operation, plant, q, routing, stock


def book_with(rules: Rules | None = None, **profile: object) -> Book:
    """Return a book whose issues and activities are posted in the background."""
    settings = {"goods_issue_timing": "background", "activity_timing": "background", **profile}
    master = plant(
        profile=RemProfile("R", **settings),  # type: ignore[arg-type]  # settings are passed on
        routings=[routing([operation("0010", {"machine": "0.1"})])],
        shifts=EARLY_LATE_NIGHT,
    )
    return Book(master, rules=rules)


def test_the_receipt_is_posted_at_once_and_the_rest_waits() -> None:
    book = book_with()
    book.post(5)
    assert book.moved(1) == ["131 FG 5"]
    assert book.open_rows() == {"issue": "5", "activity": "5"}
    assert book.ledger.lines["1000", "L1"].worklist == 2


@pytest.mark.parametrize(
    ("cumulate", "documents"),
    [(False, [["261 A -5", "261 B -5"], ["261 A -3", "261 B -3"]]), (True, [["261 A -8", "261 B -8"]])],
)
def test_issues_are_cumulated_or_posted_one_by_one(cumulate: bool, documents: list[list[str]]) -> None:
    book = book_with(cumulate_goods_issues=cumulate)
    book.post(5)
    book.post(3)
    told = book.work(process="issue")
    assert told.data == {"documents": len(documents), "posted": 2, "left": 0, "more": False}
    assert [book.moved(n) for n in range(3, 3 + len(documents))] == documents


def test_days_are_not_cumulated_with_each_other() -> None:
    book = book_with(cumulate_goods_issues=True)
    book.post(5)
    book.at("2026-03-17 08:00")
    book.post(3)
    book.work(process="issue")
    assert [book.ledger.documents[n].posting_date for n in (3, 4)] == ["2026-03-16", "2026-03-17"]


def test_a_cumulated_line_leads_back_to_its_documents() -> None:
    book = book_with(cumulate_goods_issues=True)
    book.post(5)
    book.post(3)
    book.work(process="issue")
    assert [row.document for row in book.ledger.rows.values() if row.posted_by == 3] == [1, 2]


def test_the_background_job_runs_at_each_interval_of_the_clock_also_after_a_crash() -> None:
    book = book_with(Rules(worklist="600s"))
    book.post(5)
    book.wait(300)
    assert book.open_rows() != {}
    book.crash()
    book.wait(300)
    assert (book.open_rows(), book.ledger.documents[2].actor) == ({}, "schedule")
    book.wait(600)
    assert len(book.documents()) == 3


def test_consumption_is_counted_on_the_day_and_shift_of_production() -> None:
    book = book_with(cumulate_goods_issues=True)
    book.post(5)
    book.at("2026-03-17 15:00")
    book.work()
    assert book.statistic("component", "A", date="2026-03-16", shift="E") == "5"
    assert book.statistic("component", "A") == "5"


def test_a_limit_leaves_the_rest_for_later() -> None:
    book = book_with()
    book.post(5)
    assert book.work(limit=1).data["more"] is True
    assert len(book.open_rows()) == 1


def short(**stocks: int) -> Book:
    """Return a book where A may not go negative."""
    return Book(plant(boms=[bom({"A": 1})], negative_stock=False), stock=stock(**stocks))


def test_a_shortage_keeps_the_receipt_and_the_missing_component() -> None:
    book = short(A=4)
    book.post(5)
    assert (book.stock("FG"), book.stock("A"), book.backlog()) == ("5", "4", {"A": "5"})
    (record,) = book.ledger.backlog.values()
    assert (record.cause, record.document, record.required) == (Reason.SHORTAGE, 1, 5_000_000)
    assert book.ledger.lines["1000", "L1"].backlog == 1


def test_the_backlog_is_worked_off_oldest_first_each_record_whole() -> None:
    book = short()
    for pieces in (5, 7, 2):
        book.post(pieces)
        book.wait(1)
    book.load(book.state.master, stock=stock(A=8))
    book.wait(1)
    assert [book.moved(n) for n in (4, 5)] == [["261 A -5"], ["261 A -2"]]
    assert (book.stock("A"), book.backlog()) == ("1", {"A": "7"})


def test_a_retry_by_hand_says_what_it_left() -> None:
    book = short(A=4)
    for pieces in (5, 2):
        book.post(pieces)
    book.reverse(2)
    told = book.retry()
    why = "A: 5 PC missing at RAW, which holds 4"
    assert told.text == f"0 posted in 0 documents, 1 left; {why}"
    assert told.data == {"documents": 0, "posted": 0, "left": 1, "more": False, "why": [why]}


def test_a_retry_of_nothing_posts_nothing() -> None:
    book = short(A=100)
    book.post(5)
    assert book.retry().data["posted"] == 0
    assert book.documents() == ["assembly"]


def test_a_shortage_of_the_worklist_stays_in_the_backlog_as_well() -> None:
    master = plant(
        profile=RemProfile("R", goods_issue_timing="background", cumulate_goods_issues=True),
        boms=[bom({"A": 1})],
        negative_stock=False,
    )
    book = Book(master, stock=stock(A=7))
    book.post(5)
    book.post(3)
    book.work()
    assert book.backlog() == {"A": "8"}
    book.reverse(1)
    assert book.backlog() == {"A": "3"}
    book.retry()
    assert (book.stock("A"), book.backlog()) == ("4", {})


def test_no_document_takes_stock_that_another_of_the_same_batch_took() -> None:
    book = Book(plant(boms=[bom({"A": 1})], negative_stock=False, devices=[counter("C2")]), stock=stock(A=6))
    book.feed(book.counted("C1", good=5), book.counted("C2", good=5))
    assert (book.stock("A"), book.backlog()) == ("1", {"A": "5"})


def test_a_shortage_is_valued_at_the_price_in_force_when_it_is_issued() -> None:
    master = plant(materials=[component("A", "3.337")], boms=[bom({"A": 1})], negative_stock=False)
    book = Book(master)
    book.post(3)
    book.load(plant(materials=[component("A", 99)], boms=[bom({"A": 1})], negative_stock=False), stock=stock(A=3))
    book.retry()
    assert [i.amount for i in book.ledger.items if i.material == "A"] == [297_000_000]


def short_since_march() -> Book:
    """Return a book on 2 April that has lacked five A since 30 March."""
    book = Book(plant(boms=[bom({"A": 1})], negative_stock=False))
    book.at("2026-03-30 10:00")
    book.post(5)
    book.at("2026-04-02 10:00")
    return book


def test_a_shortage_is_issued_on_the_day_of_its_stock_and_keeps_the_day_of_production() -> None:
    book = short_since_march()
    book.load(book.state.master, stock=stock(A=5))
    book.wait(1)
    issued = book.ledger.documents[2]
    assert (issued.type, issued.posting_date, issued.production_date) == ("backlog", "2026-04-02", "2026-03-30")


def test_a_person_says_on_which_day_a_shortage_is_issued() -> None:
    book = short_since_march()
    book.load(book.state.master, stock={StockKey(PLANT, "A", "WIP"): q(5)})
    (record,) = book.ledger.backlog
    for day, code in (("2026-04-03", Reason.BAD_DATE), ("2026-03-31", Reason.OK)):
        assert book.ask(BacklogCorrect(record, location="WIP", date=day)).code == code
    assert book.ledger.documents[2].posting_date == "2026-03-31"


def test_no_shortage_is_issued_on_a_day_to_come_or_in_a_closed_period() -> None:
    book = short_since_march()
    book.ask(Period(PLANT, "2026-03", closed=True, force=True))
    assert book.retry(date="2026-03-31").code == Reason.PERIOD_CLOSED
    assert book.retry(date="2026-04-03").code == Reason.BAD_DATE
    assert book.retry(date="2026-04-02").data["left"] == 1
