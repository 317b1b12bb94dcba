"""Reporting points: what waits, what is filled, and what is on the line in between."""

import pytest

from gateway.backflush.memory.events import Actual, ActualComponent
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.points import Heading, QueuedUnits, Segment, Units, close, work_in_process
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, operation, plant, points, q, routing, version


def segments(reported: list[tuple[int, int]], documented: list[tuple[int, int]] | None = None) -> list[Segment]:
    """Return segments with (yield, scrap) reported and documented."""
    before = documented or [(0, 0)] * len(reported)
    return [Segment(Units(*r), Units(*d)) for r, d in zip(reported, before, strict=True)]


@pytest.mark.parametrize(
    ("filling", "reported", "expected"),
    [
        (False, [(5, 0), (0, 0), (0, 0)], [(5, 0), (0, 0), (0, 0)]),
        (False, [(5, 1), (3, 1), (0, 0)], [(5, 1), (3, 1), (0, 0)]),
        (False, [(0, 0), (3, 0), (0, 0)], [(0, 0), (0, 0), (0, 0)]),
        (False, [(2, 0), (3, 0), (0, 0)], [(2, 0), (2, 0), (0, 0)]),
        (False, [(2, 0), (3, 1), (0, 0)], [(2, 0), (1, 1), (0, 0)]),
        (False, [(2, 0), (2, 0), (9, 0)], [(2, 0), (2, 0), (2, 0)]),
        (False, [(0, 4), (1, 0), (0, 0)], [(0, 4), (0, 0), (0, 0)]),
        (True, [(0, 0), (0, 0), (5, 0)], [(5, 0), (5, 0), (5, 0)]),
        (True, [(0, 0), (0, 1), (5, 0)], [(6, 0), (5, 1), (5, 0)]),
        (True, [(9, 0), (0, 0), (5, 2)], [(9, 0), (7, 0), (5, 2)]),
        (True, [(0, 3), (2, 0), (0, 0)], [(2, 3), (2, 0), (0, 0)]),
    ],
)
def test_points_wait_for_their_predecessor_and_take_it_along_where_they_fill(
    reported: list[tuple[int, int]], expected: list[tuple[int, int]], *, filling: bool
) -> None:
    assert close(segments(reported), filling=filling, automatic_final=False) == [Units(*e) for e in expected]


@pytest.mark.parametrize("filling", [True, False])
def test_the_last_point_receives_by_itself_where_the_profile_says_so(filling: bool) -> None:
    closed = close(segments([(7, 0), (5, 1), (0, 0)]), filling=filling, automatic_final=True)
    assert closed == [Units(7, 0), Units(5, 1), Units(5, 0)]


def test_pieces_lost_after_a_point_do_not_reach_the_next() -> None:
    line = segments([(10, 0), (10, 0)])
    line[0].lost = 3
    assert close(line, filling=False, automatic_final=False) == [Units(10, 0), Units(7, 0)]
    assert close(line, filling=True, automatic_final=False) == [Units(13, 0), Units(10, 0)]


def test_work_in_process_is_what_is_past_a_point_and_not_past_the_next() -> None:
    line = segments([(0, 0)] * 3, [(9, 1), (3, 1), (2, 0)])
    line[0].lost = 1
    assert work_in_process(line) == [4, 1]


def two_points(b: str = "1", **profile: object) -> MasterData:
    """Return points 0010 and 0020 with component A and so much of B."""
    settings = {"reporting_points": "mandatory", **profile}
    return plant(
        profile=RemProfile("R", **settings),  # type: ignore[arg-type]  # settings are passed on
        boms=[bom({"A": "1", "B": b}, operations={"A": "0010", "B": "0020"})],
        routings=[routing(points("0010", "0020"))],
        shifts=EARLY_LATE_NIGHT,
    )


def test_what_waits_is_counted_and_posted_when_its_predecessor_catches_up() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0020")
    assert (book.waiting(), book.line()) == ("5", {"read": "5", "counted": "5"})
    book.post(3, "point", point="0010")
    assert (book.waiting(), book.line()["posted"]) == ("2", "6")
    book.post(4, "point", point="0010")
    assert (book.waiting(), book.line()["posted"]) == ("0", "12")
    assert [book.confirmed(n) for n in (1, 2, 3, 4, 5)] == [[], ["0010 3+0"], ["0020 3+0"], ["0010 4+0"], ["0020 2+0"]]
    assert [book.stock(name) for name in ("A", "B")] == ["-7", "-5"]


@pytest.mark.parametrize("order", ["0010 0020 final", "final 0020 0010", "0020 final 0010"])
def test_devices_at_several_points_have_no_common_order(order: str) -> None:
    book = Book(two_points())
    for point in order.split():
        book.post(4, "point", point=point)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["4", "-4", "-4"]
    assert book.wip() == {"0010": "0", "0020": "0"}


def test_the_last_point_makes_the_receipt_in_a_document_of_its_own() -> None:
    book = Book(two_points(auto_goods_receipt=True))
    book.post(4, "point", point="0010")
    book.post(4, "point", point="0020")
    assert [book.confirmed(n) for n in (1, 2, 3)] == [["0010 4+0"], ["0020 4+0"], ["final 4+0 auto"]]
    assert book.moved(3) == ["131 FG 4"]
    book.reverse(3)
    assert (book.stock("FG"), book.wip()["0020"]) == ("0", "4")


def test_optional_points_that_reported_early_are_not_posted_again_by_the_receipt() -> None:
    book = Book(two_points(reporting_points="optional"))
    book.post(4, "point", point="0010")
    book.post(6)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["6", "-6", "-6"]
    assert book.confirmed(2) == ["0010 2+0 auto", "0020 6+0 auto", "final 6+0"]


def test_pieces_that_another_structure_of_points_left_on_the_line_go_on_in_their_own_flow() -> None:
    book = Book(two_points())
    book.post(4, "point", point="0010")
    book.load(
        plant(
            profile=RemProfile("R", reporting_points="mandatory"),
            routings=[routing([operation("0010"), operation("0020", point=True)])],
        )
    )
    book.post(3, "point", point="0020")
    assert book.wip() == {"0010": "1", "0020": "3"}


def test_scrap_that_waited_keeps_its_units_and_its_reason() -> None:
    book = Book(two_points())
    book.post(2, "scrap", point="0020", scrap_reason="DENT")
    book.post(5, "point", point="0010")
    assert book.confirmed(3) == ["0020 0+2 DENT"]
    assert book.statistic("scrap") == "2"


def headed(book: Book, number: int) -> list[str]:
    """Return what a document is headed with."""
    d = book.ledger.documents[number]
    return [d.line, d.production_date, d.shift, d.batch, d.reference]


def test_what_waited_is_posted_with_the_day_shift_batch_and_bom_of_its_own_report() -> None:
    book = Book(two_points(), now="13:00")
    book.load(two_points(b="2"))
    book.post(5, "point", point="0020", batch="EARLY", at="13:00", transaction="t1")
    book.crash()
    book.load(two_points(b="3"))
    book.post(2, "point", point="0020", batch="LATE", at="15:00")
    book.post(6, "point", point="0010", batch="OTHER", at="2026-03-17 07:00")
    assert [book.confirmed(n) for n in (1, 2, 3, 4, 5)] == [[], [], ["0010 6+0"], ["0020 5+0"], ["0020 1+0"]]
    assert headed(book, 3) == ["L1", "2026-03-17", "E", "OTHER", ""]
    assert headed(book, 4) == ["L1", "2026-03-16", "E", "EARLY", "0000000001"]
    assert headed(book, 5) == ["L1", "2026-03-16", "L", "LATE", "0000000002"]
    assert [book.moved(n) for n in (4, 5)] == [["261 B -10"], ["261 B -3"]]
    assert book.statistic("yield", "0020", shift="E") == "5"
    book.post(1, "point", point="0010")
    assert (book.confirmed(7), headed(book, 7)[3], book.waiting()) == (["0020 1+0"], "LATE", "0")


def test_what_waited_is_posted_on_the_line_that_reported_it() -> None:
    made = plant(
        profile=RemProfile("R", reporting_points="mandatory"),
        routings=[routing(points("0010", "0020"))],
        versions=[version(), version("V2", line="L2")],
    )
    book = Book(made)
    for line in ("L1", "L2"):
        book.run("FG", "V1", line=line)
    book.post(5, "point", point="0020", line="L2")
    book.post(4, "point", point="0010")
    assert [book.ledger.documents[n].line for n in (1, 2, 3)] == ["L2", "L1", "L2"]
    assert (book.line("L1"), book.line("L2")) == (
        {"read": "4", "counted": "4", "posted": "4"},
        {"read": "5", "counted": "5", "posted": "4"},
    )


def test_what_waited_is_documented_report_by_report() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0020")
    book.post(2, "point", point="0020")
    book.post(9, "point", point="0010")
    assert [book.confirmed(n) for n in (3, 4, 5)] == [["0010 9+0"], ["0020 5+0"], ["0020 2+0"]]
    assert [book.ledger.documents[n].caused_by for n in (3, 4, 5)] == [0, 1, 2]


@pytest.mark.parametrize("scrapped", ["", "DENT"])
def test_a_report_that_waited_is_reversed_as_far_as_its_document_goes_and_once(scrapped: str) -> None:
    book = Book(two_points())
    for batch, pieces in (("ONE", 2), ("TWO", 2), ("ONE", 3)):
        if scrapped:
            book.post(pieces, "scrap", point="0020", batch=batch, scrap_reason=scrapped)
        else:
            book.post(pieces, "point", point="0020", batch=batch)
    book.post(7, "point", point="0010")
    kind = "0+2 DENT" if scrapped else "2+0"
    assert (headed(book, 5)[3], book.confirmed(5)) == ("ONE", [f"0020 {kind}"])
    assert [book.reverse(5, 1).code, book.reverse(5).code] == [Reason.OK, Reason.OK]
    assert (book.reverse(5).code, book.stock("B"), book.line()["reversed"]) == (Reason.ALREADY_REVERSED, "-5", "2")


def test_the_queue_of_a_segment_keeps_its_order_whatever_is_taken_from_its_middle() -> None:
    heads = [Heading("L1", "E", "2026-03-16", "E", batch, "", frozenset()) for batch in "abcd"]
    segment = Segment()
    for number, (heading, good, scrap) in enumerate(zip(heads, (1, 0, 2, 3), (0, 2, 1, 0), strict=True)):
        segment.wait(QueuedUnits(heading, number, good, {"DENT": scrap} if scrap else {}))
    taken = [
        [(part.heading.batch, part.good, sum(part.scrap.values())) for _, part in segment.take(units)]
        for units in (Units(0, 2), Units(2, 1), Units(2, 0), Units(9, 9))
    ]
    assert taken == [[("b", 0, 2)], [("a", 1, 0), ("c", 1, 1)], [("c", 1, 0), ("d", 1, 0)], [("d", 2, 0)]]
    assert not segment.queue


def test_what_was_said_beside_units_that_wait_is_reversed_with_them_and_once() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0020", actual=Actual(components=(ActualComponent("B", q(7)),)))
    assert (book.reverse(1, 2).code, book.stock("B"), book.waiting()) == (Reason.OK, "-4", "3")
    assert (book.reverse(1).code, book.stock("B"), book.balance(), book.waiting()) == (Reason.OK, "0", "0", "0")
    assert book.reverse(1).code == Reason.ALREADY_REVERSED
    book.post(5, "point", point="0010")
    assert ([book.stock(name) for name in "AB"], book.wip()) == (["-5", "0"], {"0010": "5", "0020": "0"})
    book.post(5, "point", point="0020")
    assert book.stock("B") == "-5"


def test_actual_components_of_a_report_that_waited_are_not_issued_again_by_the_standard() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0020", actual=Actual(components=(ActualComponent("B", q(4)),)))
    book.post(5, "point", point="0010")
    assert (book.stock("B"), book.wip()["0020"]) == ("-4", "5")


def test_the_receipt_of_what_waited_has_the_batch_with_which_it_was_reported() -> None:
    book = Book(two_points(auto_goods_receipt=True))
    book.post(3, "point", point="0020", batch="ONE")
    book.post(2, "point", point="0020", batch="TWO")
    book.post(5, "point", point="0010", batch="THREE")
    received = {key.batch: format_quantity(units) for key, units in book.ledger.stock.items() if key.material == "FG"}
    assert received == {"ONE": "3", "TWO": "2"}


@pytest.mark.parametrize(("point", "receipt"), [("", False), ("0010", True), ("0020", True)])
def test_documents_that_one_report_made_are_reversed_one_after_the_other(point: str, receipt: bool) -> None:
    book = Book(two_points(reporting_points="optional", auto_goods_receipt=receipt))
    book.post(2, batch="ONE")
    book.post(2, "point", point="0020", batch="TWO")
    book.reverse(1)
    assert book.waiting() == "2"
    book.post(5, "point" if point else "assembly", point=point, batch="THREE")
    last = [n for n in (5, 4) if n in book.ledger.documents]
    told = [book.reverse(n).code for n in (*last, *last)]
    assert (told.count(Reason.OK), book.wip()) == (len(last), {"0010": "0", "0020": "0"})
    assert ([book.stock(name) for name in ("A", "B", "FG")], book.balance()) == (["0", "0", "0"], "0")


def test_a_period_is_not_closed_while_a_report_of_it_waits() -> None:
    book = Book(two_points())
    book.post(3, "point", point="0020")
    told = book.period("2026-03", closed=True)
    assert told.text == "period 2026-03 of plant 1000 has 1 waiting report; force closes it anyway"


def test_a_report_that_an_automatic_line_had_covered_waits_again_when_that_is_reversed() -> None:
    book = Book(two_points(reporting_points="optional"))
    book.post(6, batch="ONE")
    book.post(6, "point", point="0010", batch="TWO")
    book.reverse(1)
    assert (book.waiting(), book.line()["posted"]) == ("6", "6")
    book.crash()
    book.post(1, "point", point="0010", batch="THREE")
    assert [book.confirmed(n) for n in (4, 5)] == [["0010 1+0"], ["0010 6+0"]]
    assert (headed(book, 5)[3], book.waiting(), book.stock("A")) == ("ONE", "0", "-7")
