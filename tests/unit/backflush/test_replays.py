"""Replays say what became of each entry, and what is scanned again is told so."""

from dataclasses import replace
from typing import Any

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.changes import Changes
from gateway.backflush.memory.events import Refused
from gateway.backflush.memory.state import EDITION, Rules, State
from gateway.backflush.plant.snapshot import Device, MasterData, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, counter, operation, plant, points, routing, scanner, version
from tests.memory import Ledger
from tests.unit.backflush.test_scans import FG, SERIAL_1, labelled

UNCLEAR = plant(versions=[version(), version("V2")])
"""Nothing says which of two versions is made."""
UNKNOWN = replace(plant(), materials={key: found for key, found in plant().materials.items() if key[1] != "FG"})


def became(book: Book) -> list[tuple[str, str]]:
    """Replay what is open, and return what is said of each entry and how it stands."""
    answers = book.replay().data["entries"]
    return [(answer, book.ledger.quarantine[int(number)].state) for number, answer in answers.items()]


def test_what_is_late_or_said_before_or_a_baseline_is_not_told_to_be_replayed() -> None:
    book = Book(plant())
    for seq, good in ((1, 10), (2, 20), (3, 20)):
        book.count("C7", good=good, seq=seq, boot="a")
    book.load(plant(devices=[counter("C7", first="baseline")]))
    assert became(book) == [
        ("nothing is booked: its total is the baseline, and counting starts there", "healed"),
        ("replayed", "replayed"),
        ("nothing is booked: as before, its total was accepted already", "healed"),
    ]
    assert book.stock("FG") == "10"


def test_an_entry_that_a_later_one_of_the_same_command_heals_is_told_to_be_healed() -> None:
    book = Book(plant(devices=[counter("C7")]))
    book.count("C7", good=5)
    nonsense = Rejection(Malformed.NOT_JSON, "expected JSON")
    book.feed(Refused(100, PLANT, LINE, "C7", "count/C7", b"{", nonsense, feedback=False))
    book.load(plant(devices=[counter("C7", disabled=True)]))
    book.count("C7", good=9)
    book.load(plant(devices=[counter("C7")]))
    told = [("healed: a later total of the same life covers it", "healed"), ("replayed", "replayed")]
    assert became(book) == told


def test_a_total_that_a_newer_one_has_overtaken_is_told_to_be_late() -> None:
    book = Book(plant())
    book.count("C7", good=10, seq=1, boot="a")
    book.load(plant(devices=[counter("C7", first="baseline")]))
    book.count("C7", good=30, seq=3, boot="a")
    assert became(book) == [("nothing is booked: late, a newer total was accepted before", "healed")]


def test_a_piece_of_a_telegram_whose_last_total_stands_still_is_booked() -> None:
    book = Book(plant(devices=[counter(disabled=True)]))
    for seq, gross in ((1, 5), (2, 9)):
        book.count(gross=gross, scrap=1, seq=seq, boot="a")
    book.load(plant())
    assert became(book) == [("replayed", "replayed")] * 2


def test_units_that_have_no_place_are_told_to_be_kept_under_their_new_number() -> None:
    book = Book(plant(devices=[counter(disabled=True)]))
    book.count(good=5)
    book.load(UNCLEAR)
    [(answer, state)] = became(book)
    assert (answer.startswith("nothing is booked: its units are kept as 0000000002: "), state) == (True, "healed")
    assert book.line() == {"read": "5", "quarantined": "5"}


def test_a_serial_number_that_was_counted_meanwhile_is_told_with_its_document() -> None:
    book = Book(labelled(devices=[scanner(disabled=True), scanner("S2")]))
    book.scan(SERIAL_1, id="1")
    book.scan(SERIAL_1, "S2", id="2")
    book.load(labelled())
    [(answer, state)] = became(book)
    assert (answer.startswith("nothing is booked: ALREADY COUNTED"), "0000000001" in answer, state) == (
        True,
        True,
        "healed",
    )
    again = book.scan(SERIAL_1, id="1")
    assert (again.result, again.document) == ("dup", 1)


def test_a_card_chooses_nothing_when_it_is_replayed() -> None:
    book = Book(labelled(devices=[scanner(disabled=True)]))
    book.scan("BF:QTY:5", id="1")
    book.load(labelled())
    assert became(book) == [("nothing is booked: its labels have come without it", "healed")]
    assert (book.scan("BF:QTY:5", id="1").result, book.scan("FG", id="2").quantity) == ("nok", 1_000_000)


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("said", [{"id": "1"}, {"ts": "08:00"}])
@pytest.mark.parametrize("wrong", [UNKNOWN, UNCLEAR])
def test_the_repetition_of_a_scan_that_a_replay_has_posted_is_told_its_document(
    said: dict[str, Any], wrong: MasterData, *, crash: bool
) -> None:
    book = Book(wrong)
    assert book.scan("FG", **said).result == "nok"
    assert book.scan("FG", **said).result == "nok"
    book.load(plant())
    book.replay()
    book.crash(only_if=crash)
    again = book.scan("FG", **said)
    assert (again.result, again.document, book.stock("FG")) == ("dup", 1, "1")


@pytest.mark.parametrize("card", ["BF:QTY:5", "BF:SCRAP:DENT", "BF:LOST:DENT", "BF:REWORK"])
def test_a_card_before_a_pallet_is_used_up_by_its_refusal(card: str) -> None:
    book = Book(plant(devices=[counter(window="scan"), scanner()]))
    book.count(good=5)
    book.scan(card, id="1")
    told = [book.scan("00340123450000000017", id=f"p{number}").result for number in range(2)]
    assert (told, book.scan("FG", id="2").title) == (["nok", "ok"], "1 PC")


class Watched(Ledger):
    """A ledger that knows whose choices were written into it."""

    def __init__(self) -> None:
        super().__init__()
        self.chosen: set[str] = set()

    def commit(self, changes: Changes, state: State) -> None:
        self.chosen |= changes.contexts.keys()
        super().commit(changes, state)


def test_a_replay_writes_no_choices_because_another_gateway_may_hear_the_scanner() -> None:
    ledger = Watched()
    book = Book(UNKNOWN, ledger=ledger)
    book.scan("BF:SCRAP:DENT", id="1")
    assert book.scan("FG", id="2").result == "nok"
    book.scan("BF:YIELD", id="3")
    book.load(plant())
    assert ledger.chosen == {"S1"}
    ledger.chosen.clear()
    assert became(book) == [("replayed", "replayed")]
    assert (ledger.chosen, book.line()["scrap"]) == (set(), "1"), "with what was chosen then"


GERMAN = [scanner(language="de"), scanner("S2", language="de"), scanner("ROAM", line="_")]


def test_who_replays_reads_english_whatever_the_scanner_speaks() -> None:
    book = Book(labelled(devices=[replace(GERMAN[0], disabled=True), *GERMAN[1:]]))
    book.scan(SERIAL_1, id="1")
    book.scan(SERIAL_1, "S2", id="2")
    assert book.scan("FG", "S2", id="2").text.startswith("ein anderer Scan")
    book.load(labelled(devices=GERMAN))
    assert became(book) == [
        ("nothing is booked: ALREADY COUNTED, document 0000000001 has it", "healed"),
        ("still refused: scan 2 is another scan's id", "open"),
    ]


@pytest.mark.parametrize("card", ["", "BF:QTY:3"])
def test_a_label_of_no_line_is_refused_for_that_when_it_is_replayed(card: str) -> None:
    book = Book(labelled(devices=GERMAN))
    if card:
        book.scan(card, "ROAM", line="_")
    first = book.scan("FG", "ROAM", id="1", line="_")
    reason = dict(first.facts)["reason"]
    assert (first.code, became(book)) == (Reason.NO_LINE, [(f"still refused: {reason}", "open")])


NO_POINT = [routing([operation("0010"), operation("0020")])]
"""Two operations, and the pieces are counted at the end."""


def test_scrap_at_an_operation_that_is_no_reporting_point_is_scrap_when_it_is_replayed() -> None:
    book = Book(plant(routings=NO_POINT), rules=Rules(edition=EDITION))
    book.scan("BF:SCRAP:DENT")
    assert book.scan("FG", point="0010").code == Reason.UNKNOWN_POINT
    book.load(plant(profile=RemProfile("R", reporting_points="mandatory"), routings=[routing(points("0010", "0020"))]))
    assert became(book) == [("replayed", "replayed")]
    assert (book.statistic("scrap"), book.statistic("yield")) == ("1", "0")


@pytest.mark.parametrize("row", [None, scanner("S2", operation="0010")], ids=["a card's", "that of a row that is gone"])
def test_units_of_an_operation_that_is_no_reporting_point_stay_in_quarantine(row: Device | None) -> None:
    book = Book(plant(devices=[row] if row else [], versions=[version(locked=True)], routings=NO_POINT))
    if not row:
        book.scan("BF:POINT:0010")
    book.scan("FG", "S2" if row else "S1")
    book.load(plant(routings=NO_POINT))
    told = "still refused: operation 0010 of FG is no reporting point; the points are final"
    assert (became(book), book.line()) == ([(told, "open")], {"read": "1", "quarantined": "1"})


@pytest.mark.parametrize(("edition", "kind"), [(4, "untrusted"), (EDITION, "unbooked")])
def test_in_older_journals_a_label_at_no_reporting_point_holds_no_units(edition: int, kind: str) -> None:
    book = Book(plant(routings=NO_POINT), rules=Rules(edition=edition))
    assert book.scan("FG", point="0010").code == Reason.UNKNOWN_POINT
    assert [entry.kind for entry in book.ledger.quarantine.values()] == [kind]


def test_a_replayed_label_of_a_piece_on_a_pallet_has_the_number_of_the_piece() -> None:
    code = f"]C10034012345000000001701{FG}21S1"
    book = Book(labelled(versions=[version(locked=True), version(material="G2")]))
    book.scan(code, id="1")
    book.load(labelled())
    assert became(book) == [("replayed", "replayed")]
    assert dict(book.scan(code, id="1").facts)["serial"] == "S1"


@pytest.mark.parametrize(
    ("asks", "edition", "kind"),
    [(True, EDITION, "scrap"), (True, 3, "yield"), (False, EDITION, "yield")],
    ids=["the message of a scanner", "in an older journal", "that of a source"],
)
def test_a_scan_that_can_be_read_by_now_is_posted_with_what_was_chosen_then(
    kind: str, edition: int, *, asks: bool
) -> None:
    book = Book(labelled(), rules=Rules(edition=edition))
    book.scan("BF:SCRAP:DENT", id="1")
    scan = book.scanned("FG", id="2")
    no_zone = Rejection(Malformed.BAD_TIME, "ts: expected an offset, or a time zone of the device, got neither")
    book.feed(Refused(scan.entry, PLANT, LINE, scan.device, scan.topic, scan.payload, no_zone, feedback=asks))
    book.sent[scan.entry] = scan
    book.scan("BF:YIELD", id="3")
    assert became(book) == [("replayed", "replayed")]
    assert {kind: book.statistic(kind) for kind in ("scrap", "yield")} == {"scrap": "0", "yield": "0", kind: "1"}


def test_an_undo_card_that_is_replayed_takes_back_what_it_would_have_taken_back() -> None:
    book = Book(plant())
    book.scan("FG", id="1")
    book.load(plant(devices=[scanner(disabled=True)]))
    book.scan("BF:UNDO", id="2")
    book.load(plant())
    book.scan("FG", id="3")
    assert became(book) == [("replayed", "replayed")]
    assert [document.reverses for document in book.ledger.documents.values()] == [0, 0, 1]
