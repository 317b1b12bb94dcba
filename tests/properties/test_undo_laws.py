"""The laws of undoing scans: what was scanned may be scanned again exactly when nothing of it is left."""

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin
from tests.book import Book
from tests.builders import counter, scanner
from tests.properties.test_withdrawal_laws import POINTS, Reported, happen, profiles, three_operations, told

GTIN = "04006381333931"
SSCC = "00340123450000000017"
PALLET = f"sscc {SSCC[2:]} final"
STRICT = Rules(open_names=(), edition=EDITION)
WHAT = ["post", "scan", "scan", "close", "undo", "reverse", "part", "part", "crash"]
happenings = st.lists(st.tuples(told, st.sampled_from(WHAT), st.sampled_from("XY")), max_size=10)

counts = st.tuples(st.sampled_from(POINTS), st.integers(1, 5))
after_a_pallet = st.tuples(told, st.sampled_from(["reverse", "reverse", "part", "post", "close", "crash"]))


def opened(profile: dict[str, Any]) -> Book:
    """Return a book of three operations where labels are scanned, and counters count for a card."""
    master = three_operations(**profile)
    devices = [scanner("S1"), *(counter(f"C{at}", operation=at, window="scan") for at in POINTS)]
    return Book(
        replace(master, gtins={GTIN: Gtin("FG")}, devices={each.device: each for each in devices}), rules=STRICT
    )


def count_on(book: Book, point: str, pieces: int, batch: str | None = None) -> None:
    """Let the counter of a point count so many pieces more."""
    total = sum(mark.total for mark in book.state.marks_of_devices.get(f"C{point}", {}).values())
    book.count(f"C{point}", good=total + pieces, batch=batch)


def go_on(book: Book, now: Reported, what: str, name: str) -> None:
    """Let one thing happen: a label is scanned, cards close and undo, or a person posts or reverses."""
    match what:
        case "scan":
            book.scan(f"01{GTIN}21{name}\x1d30{now.pieces}", id=f"s{book.entry}", point=now.point or None)
        case "close":
            for point in POINTS[now.number % 3 :]:
                count_on(book, point, now.pieces)
            book.scan("BF:CLOSE" if name == "X" else SSCC, id=f"c{book.entry}")
        case "undo":
            book.scan("BF:UNDO", id=f"u{book.entry}")
        case _:
            happen(book, now._replace(what=what))


def said_of(book: Book) -> Counter[int]:
    """Return how much of what each report has said is not taken back, whichever document held it."""
    left: Counter[int] = Counter()
    documents = book.ledger.documents
    for c in book.ledger.confirmations:
        report = documents[c.document].reverses or c.document
        while documents[report].caused_by:
            report = documents[report].caused_by
        left[report] += c.said
    return left


@given(happenings, profiles)
def test_what_was_scanned_is_free_when_nothing_of_its_report_is_left(
    story: list[tuple[Reported, str, str]], profile: dict[str, Any]
) -> None:
    book = opened(profile)
    reports: dict[str, int] = {}
    for now, what, name in story:
        go_on(book, now, what, name)
        left = said_of(book)
        confirmed = {key: number for key, number in book.ledger.serials.items() if key.startswith("serial")}
        reports |= {key: number for key, number in confirmed.items() if number}
        assert confirmed == {key: number if left[number] else 0 for key, number in reports.items()}


@given(st.lists(counts, min_size=2, max_size=4), st.lists(after_a_pallet, max_size=8), profiles)
def test_an_sscc_is_free_when_nothing_of_any_report_of_its_pallet_is_left(
    counted: list[tuple[str, int]], story: list[tuple[Reported, str]], profile: dict[str, Any]
) -> None:
    book = opened(profile)
    for point, pieces in counted:
        count_on(book, point, pieces, f"B{book.entry}")
    book.scan(SSCC, id="pallet")
    documents = book.ledger.documents.values()
    reports = {document.number for document in documents if not document.caused_by}
    for now, what in story:
        go_on(book, now, what, "X")
        left = {number for number, units in said_of(book).items() if units and number in reports}
        told = book.ledger.serials.get(PALLET, 0)
        assert told in left if left else not told


@given(happenings, profiles)
def test_an_undo_takes_back_all_that_the_last_scan_has_said_or_nothing(
    story: list[tuple[Reported, str, str]], profile: dict[str, Any]
) -> None:
    book = opened(profile)
    for now, what, name in story:
        before = len(book.ledger.documents)
        go_on(book, now, what, name)
        made = range(before + 1, len(book.ledger.documents) + 1)
        if what not in ("scan", "close") or not made:
            continue
        undone = book.scan("BF:UNDO", id=f"u{book.entry}").title == "UNDONE"
        left = said_of(book)
        assert not undone or not any(left[number] for number in made)
        assert undone or len(book.ledger.documents) == made[-1]


@given(st.lists(counts, max_size=3), st.lists(counts, max_size=3), profiles, st.booleans())
def test_a_closing_that_is_undone_and_made_again_leaves_the_books_of_one_closing(
    before: list[tuple[str, int]], counted: list[tuple[str, int]], profile: dict[str, Any], crash: bool
) -> None:
    straight, undone = opened(profile), opened(profile)
    for book in (straight, undone):
        for some, closing in ((before, "BF:CLOSE"), (counted, SSCC)):
            for point, pieces in some:
                count_on(book, point, pieces)
            book.scan(closing, id=f"c{book.entry}")
    if undone.scan("BF:UNDO", id="u").title == "UNDONE":
        undone.crash(only_if=crash)
        undone.scan(SSCC, id="again")
    books = [
        [*map(book.stock, ("FG", *"ABC")), book.waiting(), book.wip(), book.line() if book.ledger.lines else {}]
        for book in (straight, undone)
    ]
    assert books[0] == books[1]
