"""The laws of taking reports back: whatever was reported, in whatever order and by whatever profile, goes whole.

A report is reversed by its document, in parts or as a whole; what it has said is then neither documented nor waiting,
and nothing that comes later brings it back.
"""

import json
from collections import Counter
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Actual, ActualActivity, ActualComponent
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import bom, component, counter, item, operation, plant, q, routing, scanner

POINTS = ("0010", "0020", "")


class Reported(NamedTuple):
    """Somebody reports pieces, or takes a document back."""

    what: str
    point: str
    pieces: int
    said: str
    number: int


told = st.builds(
    Reported,
    what=st.sampled_from(["post", "post", "post", "scrap", "reverse", "part", "crash"]),
    point=st.sampled_from(POINTS),
    pieces=st.integers(1, 5),
    said=st.sampled_from(["", "", "", "component", "activity"]),
    number=st.integers(0, 30),
)
profiles: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {
        "reporting_points": st.sampled_from(["mandatory", "mandatory", "optional"]),
        "backfill": st.sampled_from(["none", "none", "predecessors"]),
        "auto_goods_receipt": st.booleans(),
        "goods_issue_timing": st.sampled_from(["online", "background"]),
    }
)


def three_operations(**profile: Any) -> MasterData:
    """Return a line of two points and a final operation, each with a component and a time."""
    where = ("0010", "0020", "0030")
    return plant(
        profile=RemProfile("R", **profile),
        materials=[component("C", 5)],
        boms=[bom([item(name, 1, at, operation=at) for name, at in zip("ABC", where, strict=True)])],
        routings=[routing([operation(at, {"machine": "0.1"}, point=at != "0030") for at in where])],
        devices=[scanner("S1"), *(counter(f"C{at}", operation=at, window="reading") for at in POINTS)],
    )


def happen(book: Book, now: Reported) -> None:
    """Let one thing happen."""
    actual = {
        "": Actual(),
        "component": Actual(components=(ActualComponent("C", q(7)),)),
        "activity": Actual(activities=(ActualActivity("ASM1", "machine", q("0.7")),)),
    }[now.said]
    match now.what:
        case "post":
            book.post(now.pieces, "point" if now.point else "assembly", point=now.point, actual=actual)
        case "scrap":
            book.post(now.pieces, "scrap", point=now.point, scrap_reason="DENT")
        case "reverse" | "part":
            number = 1 + now.number % max(1, len(book.ledger.documents))
            book.reverse(number, None if now.what == "reverse" else now.pieces)
        case _:
            book.crash()


def waiting_of(book: Book) -> Counter[int]:
    """Return what waits, by the document of its report or of the reversal that let it wait again."""
    segments = [segment for flow in book.ledger.flows.values() for segment in flow.segments]
    waiting: Counter[int] = Counter()
    for (_, _, document), units in book.ledger.waiting.items():
        waiting[document] += units.passed if units else 0
    assert waiting.total() == sum(segment.waiting.passed for segment in segments)
    return waiting


def undo_all(book: Book) -> None:
    """Reverse every report, the newest first; a piece is any piece, so what later ones stand on comes after them."""
    refused: list[str] = [Reason.NEGATIVE_WIP]
    while Reason.NEGATIVE_WIP in refused:
        told = [book.reverse(number) for number in sorted(book.ledger.documents, reverse=True)]
        refused = [answer.code for answer in told if answer.status != "ok"]
        assert len(refused) < len(told) or Reason.NEGATIVE_WIP not in refused, told
        assert {*refused} <= {Reason.NEGATIVE_WIP, Reason.ALREADY_REVERSED, Reason.NOT_REVERSIBLE}, told
    book.work()


@given(st.lists(told, max_size=10), profiles)
def test_after_all_reports_are_reversed_nothing_is_left(story: list[Reported], profile: dict[str, Any]) -> None:
    book = Book(three_operations(**profile))
    for now in story:
        happen(book, now)
    undo_all(book)
    assert (book.waiting(), book.open_rows(), book.balance()) == ("0", {}, "0")
    assert [book.stock(name) for name in ("FG", "A", "B", "C")] == ["0"] * 4
    assert sum(work.hours for work in book.ledger.activities) == 0
    assert all(pieces == "0" for pieces in book.wip().values())
    segments = [segment for flow in book.ledger.flows.values() for segment in flow.segments]
    assert not any(segment.reported.passed for segment in segments)


@given(st.lists(told, max_size=8), profiles)
def test_what_comes_later_is_consumed_by_the_list_after_all_was_taken_back(
    story: list[Reported], profile: dict[str, Any]
) -> None:
    book = Book(three_operations(**profile))
    for now in story:
        happen(book, now)
    undo_all(book)
    for point in POINTS[: 2 if profile["auto_goods_receipt"] else 3]:
        book.post(4, "point" if point else "assembly", point=point)
    book.work()
    assert [book.stock(name) for name in ("FG", "A", "B", "C")] == ["4", "-4", "-4", "-4"]
    assert sum(work.hours for work in book.ledger.activities) == q("1.2")
    assert book.waiting() == "0"


@given(st.lists(told, max_size=10), profiles)
def test_what_is_said_and_not_documented_waits(story: list[Reported], profile: dict[str, Any]) -> None:
    """What an answer calls posted and waiting is what was reported, and the queue holds what waits."""
    book = Book(three_operations(**profile))
    for now in story:
        before = waiting_of(book)
        told_before = len(book.responses)
        happen(book, now)
        if now.what in ("post", "scrap") and book.responses[told_before:][-1].status == "ok":
            data = json.loads(book.responses[-1].data)
            own = sum(units for number, units in waiting_of(book).items() if number not in before)
            assert (q(data["posted"]), q(data["waiting"])) == (q(now.pieces) - own, own)
    said = sum(c.said for c in book.ledger.confirmations)
    reported = sum(s.reported.passed for flow in book.ledger.flows.values() for s in flow.segments)
    assert said == reported


@given(profiles, st.lists(st.sampled_from(POINTS), min_size=1, max_size=3, unique=True), st.integers(1, 9))
def test_pieces_that_were_reversed_everywhere_stay_reversed(
    profile: dict[str, Any], told_at: list[str], taken: int
) -> None:
    """n05_points_matrix: ten pieces at each point that is told, some taken back of each document, one more at each."""
    fills = profile["reporting_points"] == "optional" or profile["backfill"] == "predecessors"
    points = [point for point in POINTS if point in told_at or not fills]
    if profile["auto_goods_receipt"] and "0020" not in points:
        points = [*points, "0020"]
    book = Book(three_operations(**profile))
    for point in points:
        book.count(f"C{point}", good=10)
    for number in sorted(book.ledger.documents, reverse=True):
        book.reverse(number, taken)
    for point in points:
        book.count(f"C{point}", good=11)
    book.work()
    left = 11 - taken
    received = "" in points or profile["auto_goods_receipt"]
    expected = [left if received else 0, -left, -left if {"0020", ""} & set(points) else 0, -left if received else 0]
    assert [book.stock(name) for name in ("FG", "A", "B", "C")] == [str(n) for n in expected]
    assert book.waiting() == "0"


@given(st.permutations(["0020", "final"]), st.integers(1, 5), st.integers(1, 5))
def test_a_receipt_that_was_reversed_stays_reversed_whichever_report_came_first(
    order: list[str], passed: int, received: int
) -> None:
    """Pieces at the last point and at the end, in any order; all receipts are reversed; the next piece is one."""
    book = Book(three_operations(reporting_points="mandatory", auto_goods_receipt=True))
    book.count("C0010", good=10)
    for point in order:
        if point == "final":
            book.post(received)
        else:
            book.count("C0020", good=passed)
    ends = {c.document for c in book.ledger.confirmations if c.point == "final"}
    for number in sorted(ends, reverse=True):
        book.reverse(number)
    assert (book.stock("FG"), book.wip()["0020"], book.waiting()) == ("0", str(passed), "0")
    book.crash()
    book.count("C0020", good=passed + 1)
    assert (book.stock("FG"), book.wip()["0020"]) == ("1", str(passed))
    book.post(passed + 1)
    assert (book.stock("FG"), book.wip()["0020"], book.waiting()) == (str(1 + passed), "0", "0")
