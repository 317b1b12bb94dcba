"""Undoing scans: all that a scan has made is taken back, and only then its serial number or SSCC is free again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gateway.backflush.memory.events import ReverseLatest
from gateway.backflush.memory.records import Outcome
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, PlannedOrder, RemProfile
from gateway.backflush.values.phrases import LANGUAGES, Language
from gateway.errors import Reason
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, LINE, PLANT, bom, counter, operation, plant, q, routing, scanner

GTIN = "04006381333931"
SERIAL = f"01{GTIN}21A1"
SSCC = "00340123450000000017"
STRICT = Rules(open_names=())
ORDER = PlannedOrder("PO1", PLANT, "FG", "V1", LINE, "2026-03-01", "", q(50))


def line_with_a_point(*, window: str = "reading", **profile: Any) -> MasterData:
    """Return a line with point 0010, a scanner at its end and one at the point, and counters at both."""
    return plant(
        profile=RemProfile("R", **{"reporting_points": "mandatory", **profile}),
        boms=[bom({"A": 1, "B": 1}, operations={"A": "0010", "B": "0020"})],
        routings=[routing([operation("0010", point=True), operation("0020")])],
        gtins={GTIN: Gtin("FG")},
        devices=[
            *(scanner("S1"), scanner("S2", operation="0010")),
            *(counter("C1", operation="0010", window=window), counter("C2", window=window)),
        ],
    )


def nothing_is_left(book: Book) -> bool:
    """Say whether nothing is posted and nothing waits."""
    return [*map(book.stock, ("FG", "A", "B")), book.waiting(), *book.wip().values()] == ["0"] * 5


Way = Callable[[Book], Any]
WAITED: dict[str, Way] = {
    "the report is reversed": lambda book: book.reverse(1),
    "the report is reversed in part, to its last piece": lambda book: book.reverse(1, 1),
    "the document that holds its piece is reversed": lambda book: book.reverse(3),
    "the card takes it back": lambda book: book.scan("BF:UNDO", id="u"),
}


@pytest.mark.parametrize("way", WAITED)
def test_a_serial_number_is_free_again_wherever_its_piece_was_documented(way: str) -> None:
    book = Book(line_with_a_point())
    assert book.scan(SERIAL, id="1").code == Reason.WAITS
    book.count("C1", good=1)
    assert (book.documents(), book.stock("FG")) == (["assembly", "point", "assembly"], "1")
    assert book.scan(SERIAL, id="2").code == Reason.SERIAL_USED
    WAITED[way](book)
    assert book.stock("FG") == "0"
    assert (book.scan(SERIAL, id="3").result, book.stock("FG")) == ("ok", "1")
    assert book.scan(SERIAL, id="4").code == Reason.SERIAL_USED


@pytest.mark.parametrize("part", [None, 1])
@pytest.mark.parametrize("restarts", [False, True])
def test_a_serial_number_is_free_again_when_its_piece_is_taken_back_while_it_waits(
    part: int | None, *, restarts: bool
) -> None:
    book = Book(line_with_a_point())
    book.scan(SERIAL, id="1")
    assert book.reverse(1, part).status == "ok"
    book.crash(only_if=restarts)
    assert (book.scan(SERIAL, id="2").code, book.waiting()) == (Reason.WAITS, "1")


def test_a_serial_number_is_free_again_when_its_covered_piece_is_taken_back() -> None:
    book = Book(line_with_a_point(reporting_points="optional"))
    book.post(1)
    assert book.scan(SERIAL, "S2", id="1").result == "ok"
    assert book.reverse(2).status == "ok"
    assert book.scan(SERIAL, "S2", id="2").result == "ok"


def test_a_serial_number_of_a_box_is_used_until_its_last_piece_is_taken_back() -> None:
    book = Book(line_with_a_point())
    book.count("C1", good=2)
    book.scan(f"{SERIAL}\x1d302", id="1")
    book.count("C1", good=3)
    for number, code in enumerate((Reason.SERIAL_USED, Reason.OK)):
        assert book.reverse(2, 1).status == "ok"
        assert book.scan(SERIAL, id=f"again {number}").code == code


def counted_for_a_pallet(rules: Rules = STRICT) -> Book:
    """Return two windows of a line, one for each batch, posted by the scan of a pallet."""
    book = Book(plant(devices=[scanner(), counter("C1", window="scan"), counter("C2", window="scan")]), rules=rules)
    book.count("C1", good=5, batch="B1")
    book.count("C2", good=4, batch="B2")
    assert (book.scan(SSCC, id="p").result, book.stock("FG")) == ("ok", "9")
    return book


def pallet_again(book: Book) -> Outcome:
    """Count one piece more, and scan the pallet again."""
    counted = book.counted("C1", good=6, batch="B1")
    book.feed(counted)
    return book.scan(SSCC, id="p2")


def test_an_undo_takes_a_pallet_back_whole_and_frees_it() -> None:
    book = counted_for_a_pallet()
    told = book.scan("BF:UNDO", id="u")
    assert (told.title, told.text) == ("UNDONE", "9 PC FG: documents 0000000001, 0000000002 are reversed")
    assert (book.stock("FG"), book.line()["reversed"]) == ("0", "9")
    assert (pallet_again(book).result, book.stock("FG")) == ("ok", "1")


def test_an_undo_takes_back_what_a_person_has_left_of_a_pallet() -> None:
    book = counted_for_a_pallet()
    book.reverse(2)
    assert book.scan("BF:UNDO", id="u").text == "5 PC FG: document 0000000001 is reversed"
    assert book.stock("FG") == "0"
    assert book.scan("BF:UNDO", id="u2").code == Reason.NOTHING_TO_UNDO


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("first", [1, 2])
def test_a_pallet_of_several_reports_is_free_when_nothing_of_any_is_left(first: int, *, restarts: bool) -> None:
    book = counted_for_a_pallet()
    book.reverse(first, 2)
    for number, left in ((first, 3 - first), (3 - first, 0)):
        assert pallet_again(book).code == Reason.SERIAL_USED
        assert book.reverse(number).status == "ok"
        book.crash(only_if=restarts)
        if left:
            told = book.scan(SSCC, id=f"beside {number}")
            assert (told.code, told.text) == (Reason.SERIAL_USED, f"pallet {SSCC[2:]} is in document {left:010d}")
    assert (book.scan(SSCC, id="free").result, book.stock("FG")) == ("ok", "1")
    assert book.scan(SSCC, id="used").code == Reason.SERIAL_USED


def test_what_older_journals_say_of_a_pallet_stands_under_its_first_report() -> None:
    book = counted_for_a_pallet(Rules())
    assert list(book.ledger.serials.values()) == [1]
    book.reverse(1)
    assert pallet_again(book).result == "ok"


@pytest.mark.parametrize(
    "profile", [{}, {"auto_goods_receipt": True}, {"backfill": "predecessors"}, {"reporting_points": "optional"}]
)
@pytest.mark.parametrize("order", [("C1",), ("C1", "C2"), ("C2", "C1"), ("C2",)])
@pytest.mark.parametrize("closing", ["BF:CLOSE", SSCC])
def test_what_a_scanner_has_only_closed_is_open_again_after_its_undo_and_posted_by_the_next_closing(
    profile: dict[str, Any], order: tuple[str, ...], closing: str
) -> None:
    undone, straight = (Book(line_with_a_point(window="scan", **profile), orders=[ORDER]) for _ in range(2))
    for book in (undone, straight):
        for device in order:
            book.count(device, good=5, scrap=2, rework=1)
        assert book.scan(closing, id="c").code in (Reason.OK, Reason.WAITS)
    told = undone.scan("BF:UNDO", id="u")
    assert (told.title, told.text.endswith("; its pieces are open again")) == ("UNDONE", True)
    assert nothing_is_left(undone)
    assert undone.reduced(ORDER.order) == dict.fromkeys(undone.reduced(ORDER.order), "0")
    assert sum(window.units for window in undone.state.windows.values()) == sum(q(7) for _ in order)
    undone.crash()
    assert undone.scan(closing, id="c2").code in (Reason.OK, Reason.WAITS)
    assert books_of(undone) == books_of(straight)
    if closing == SSCC:
        assert undone.scan(SSCC, id="c3").code == Reason.SERIAL_USED


def books_of(book: Book) -> list[object]:
    """Return what a planner finds after a closing, however often it was undone."""
    stock = [*map(book.stock, ("FG", "A", "B"))]
    return [*stock, book.waiting(), book.wip(), book.line(), book.balance(), book.reduced(ORDER.order)]


def test_what_is_open_again_goes_on_with_what_is_counted_later_and_is_posted_at_the_latest_when_the_shift_ends() -> (
    None
):
    devices = [scanner(), counter("C1", window="scan"), counter("C2", window="scan")]
    book = Book(plant(devices=devices, shifts=EARLY_LATE_NIGHT), now="08:00")
    book.count("C1", good=5, batch="B1")
    book.count("C2", good=4, batch="B2")
    assert (book.scan(SSCC, id="p").result, book.stock("FG")) == ("ok", "9")
    book.reverse(1, 2)
    assert book.scan("BF:UNDO", id="u").text.startswith("7 PC FG: documents 0000000001, 0000000002 are reversed")
    assert book.stock("FG") == "0"
    book.count("C1", good=6, batch="B1")
    assert (book.scan(SSCC, id="p2").title, book.stock("FG")) == ("PALLET 8 PC", "8")
    assert [source.readings for source in book.ledger.sources if source.device == "C1"] == [1, -1, 2]
    book.at("2026-03-16 15:00")
    book.scan("BF:UNDO", id="u2")
    book.at("2026-03-16 21:59")
    assert book.stock("FG") == "0"
    book.at("2026-03-16 22:00")
    assert book.stock("FG") == "8", "of the early shift, though the late one has made nothing"
    assert {document.shift for document in book.ledger.documents.values()} == {"E"}


COVERED = {
    "en": "reversed; 1 stays posted, because a later point has counted it",
    "de": "storniert; 1 bleibt gebucht, weil ein späterer Meldepunkt es gezählt hat",
}
WAITING = {"en": "reversed; 1 waited and is withdrawn", "de": "storniert; 1 wartete und ist zurückgezogen"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_undo_says_which_pieces_waited_and_which_a_later_point_has(language: Language) -> None:
    optional, mandatory = line_with_a_point(reporting_points="optional"), line_with_a_point()
    for master, said in ((optional, COVERED), (mandatory, WAITING)):
        devices = {name: replace(each, language=language) for name, each in master.devices.items()}
        book = Book(replace(master, devices=devices))
        stands_at = "S1"
        if master is optional:
            book.post(1)
            stands_at = "S2"
        book.scan("FG", stands_at, id="1")
        told = book.scan("BF:UNDO", stands_at, id="u")
        assert told.text.endswith(said[language]), told.text
        assert book.stock("FG") == ("1" if master is optional else "0")


def test_the_pieces_of_a_label_are_not_open_after_its_undo() -> None:
    book = Book(line_with_a_point(window="scan"))
    book.count("C1", good=1)
    book.scan("BF:CLOSE", id="c")
    book.scan(f"00{SSCC[2:]}02{GTIN}371", id="1")
    assert book.scan("BF:UNDO", id="u").text == "1 PC FG: document 0000000002 is reversed"
    assert (book.state.windows, book.line()["reversed"]) == ({}, "1")


def test_an_undo_that_is_refused_for_one_report_changes_none() -> None:
    book = Book(line_with_a_point(window="shift"))
    book.count("C1", good=5, batch="B1")
    book.count("C1", good=8, batch="B2")
    book.scan("BF:CLOSE", id="c")
    book.post(4)
    for number in range(2):
        told = book.scan("BF:UNDO", id=f"u{number}")
        assert (told.title, told.code) == ("NOT UNDONE", Reason.NEGATIVE_WIP)
        assert (book.documents(), book.stock("A")) == (["point", "point", "assembly"], "-8")
    book.reverse(3)
    assert book.scan("BF:UNDO", id="u").title == "UNDONE"
    assert nothing_is_left(book)


def test_a_number_of_the_newest_units_leaves_the_scrap_of_their_report_wherever_it_stands() -> None:
    book = Book(line_with_a_point())
    book.feed(book.counted("C2", good=5, scrap=2))
    book.count("C1", good=5)
    assert (book.stock("FG"), book.stock("B"), book.waiting()) == ("3", "-5", "2")
    assert book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", "final", q(5))).data["complete"]
    assert (book.stock("FG"), book.stock("B"), book.waiting()) == ("0", "-2", "0")
