"""Scans that come again: one trigger pull, what was told not to be stored, what the broker has kept."""

from typing import Any

import pytest

from devices.errors import Rejection
from gateway.backflush.inputs.repetition import MOST_TRIES
from gateway.backflush.inputs.scan_answers import as_before
from gateway.backflush.memory.events import Refused
from gateway.backflush.memory.records import Outcome
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import Gtin
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, plant, scanner, version
from tests.unit.backflush.test_scans import FG, G2, SERIAL_1, labelled


@pytest.mark.parametrize("crash", [False, True])
def test_one_trigger_pull_is_one_scan(*, crash: bool) -> None:
    book = Book(plant())
    told = []
    for seconds in (0, 0, 4):
        book.wait(seconds)
        told.append(book.scan("FG").result)
        book.crash(only_if=crash)
    assert (told, book.stock("FG")) == (["ok", "dup", "ok"], "2")


@pytest.mark.parametrize("crash", [False, True])
def test_one_trigger_pull_that_is_refused_is_not_said_to_be_scanned(*, crash: bool) -> None:
    book = Book(plant())
    refused = book.scan("UNKNOWN")
    book.crash(only_if=crash)
    again = [book.scan("UNKNOWN") for _ in range(3)]  # a fixed scanner reads as long as the label lies there
    assert (refused.result, again, len(book.open_entries())) == ("nok", [refused] * 3, 1)


def test_what_an_unknown_scanner_reads_is_not_remembered_and_settled_when_it_is_known() -> None:
    book = Book(plant())
    for crash in (False, True):
        book.scan("FG", "S9")
        book.crash(only_if=crash)
        assert (book.state.last_scans, book.state.refused) == ({}, {})
    book.load(plant(devices=[scanner("S9")]))
    assert (book.scan("FG", "S9").result, book.open_entries()) == ("ok", [])


BOX = f"]C101{FG}21"
"""A label up to its serial number."""


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("card", "label"), [("", "FG"), ("BF:SCRAP:DENT", "FG"), ("", f"{BOX}S1")])
def test_a_label_that_was_read_without_a_line_is_settled_when_its_scanner_reads_it_at_one(
    card: str, label: str, *, restarts: bool
) -> None:
    book = Book(labelled())

    def read(*codes: str) -> Outcome:
        book.wait(4)
        return [book.scan(code, "ROAM", line="_") for code in filter(None, codes)][-1]

    told = read(card, label)
    assert (told.title, told.code) == ("WHICH LINE?", Reason.NO_LINE)
    read("BF:YIELD" if card else "BF:SCRAP:DENT", label)
    assert [(entry.kind, entry.good, entry.scrap) for entry in book.open_entries()] == [("untrusted", 0, 0)] * 2
    book.crash(only_if=restarts)
    assert read("BF:LINE:1000:L1", card, label).result == "ok"
    assert [entry.state for entry in book.ledger.quarantine.values()] == ["repeated", "open"], "another disposition"
    assert [(line.read, line.counted) for line in book.state.lines.values()] == [(1_000_000, 1_000_000)]


def test_half_a_label_stays_open_because_it_may_be_of_another_piece() -> None:
    book = Book(labelled())
    assert book.scan(BOX, id="1").code == "BF1014"
    assert book.scan(f"{BOX}S1", id="2").result == "ok"
    assert [entry.state for entry in book.ledger.quarantine.values()] == ["open"], "it may be that of serial number S2"


def told_not_stored(book: Book, text: str, **said: Any) -> None:
    """Feed a scan as the journal holds it whose sender was told to scan again."""
    scan = book.scanned(text, **said)
    rejection = Rejection(Reason.NOT_STORED, "its sender was told: not stored, scan again")
    told = len(book.feedback)
    book.feed(Refused(scan.entry, PLANT, LINE, scan.device, scan.topic, scan.payload, rejection, feedback=False))
    book.sent[scan.entry] = scan
    assert len(book.feedback) == told, "nobody waits for an answer any more"


def test_a_scan_that_was_told_not_stored_is_posted_once_when_it_comes_again() -> None:
    book = Book(labelled())
    told_not_stored(book, "FG", id="s1")
    assert [entry.code for entry in book.open_entries()] == [Reason.NOT_STORED]
    assert book.scan("FG", id="s1").result == "ok"
    book.crash()
    told_not_stored(book, "FG", id="s1")
    assert len(book.open_entries()) == 2, "nothing heals them"
    assert set(book.replay().data["entries"].values()) == {
        "nothing is booked: ALREADY SCANNED, it has come again since"
    }
    assert (book.stock("FG"), book.documents()) == ("1", ["assembly"])


def test_a_scan_that_was_told_not_stored_is_posted_by_a_person_with_what_was_chosen_then_and_not_again() -> None:
    book = Book(labelled())
    book.scan("BF:QTY:5")
    told_not_stored(book, "FG", id="s1")
    told_not_stored(book, "FG")
    book.scan("BF:QTY:7")
    book.replay(1)
    book.crash()
    first = book.scan("FG", id="s1")
    assert (first.result, first.document, book.stock("FG")) == ("ok", 1, "5")
    book.replay(2)
    assert book.stock("FG") == "10"


def test_a_replay_that_is_refused_again_leaves_the_scans_id_free() -> None:
    book = Book(labelled())
    told_not_stored(book, "UNKNOWN", id="s1")
    assert "still refused" in str(book.replay().data)
    book.load(labelled(aliases={"UNKNOWN": ("material", "FG")}))
    assert book.scan("UNKNOWN", id="s1").result == "ok"


def test_equal_scans_without_an_id_that_waited_at_the_broker_are_kept_for_a_person_not_taken_for_one() -> None:
    book = Book(labelled())
    told = []
    for _ in range(3):
        book.feed(book.scanned("FG")._replace(waited=True))
        book.commit()
        told.append(book.feedback[-1].outcome.result)
    assert (told, book.stock("FG")) == (["ok", "nok", "nok"], "1"), "nobody knows how long was between them"
    assert [entry.code for entry in book.open_entries()] == [Reason.WAITED] * 2
    book.crash()
    book.replay()
    assert book.stock("FG") == "3"
    assert book.scan("FG").result == "dup", "what comes at once now is the same trigger pull"


def test_two_undo_cards_that_are_replayed_together_reverse_one_document_once() -> None:
    book = Book(plant())
    book.scan("FG", id="1")
    book.load(plant(devices=[scanner(disabled=True)]))
    for number in ("2", "3"):
        assert book.scan("BF:UNDO", id=number).result == "nok"
    book.load(plant())
    first, second = book.replay().data["entries"].values()
    assert (first, second.partition(";")[0]) == ("replayed", "still refused: document 0000000001 is reversed already")
    assert book.stock("FG") == "0"


@pytest.mark.parametrize(
    ("code", "tries", "left"),
    [("NEW", MOST_TRIES, 0), ("NEW", MOST_TRIES + 1, MOST_TRIES + 1), ("]C101" + G2 + "21S1", MOST_TRIES + 1, 0)],
)
def test_a_scanner_that_goes_on_under_its_refusals_has_read_other_pieces(code: str, tries: int, left: int) -> None:
    book = Book(labelled(gtins={}, aliases={}))
    for _ in range(tries):
        assert book.scan(code).result == "nok"
        book.wait(4)
    book.load(labelled(aliases={"NEW": ("material", "FG")}))
    assert book.scan(code).result == "ok"
    assert len(book.open_entries()) == left


def test_an_answer_of_several_products_is_given_again_without_a_name() -> None:
    told = as_before("en", Outcome("ok", Reason.OK, "CLOSED 2 documents", "", 7))
    assert (told.result, told.text) == ("dup", "CLOSED 2 documents, document 0000000007")


@pytest.mark.parametrize(("owned", "state"), [("1000/*", "repeated"), (f"{PLANT}/L2", "open")])
def test_a_repetition_settles_units_of_a_line_of_this_gateway_alone(owned: str, state: str) -> None:
    versions = [version(locked=True), version("V2", line="L2"), version(material="G2")]
    book = Book(labelled(versions=versions))
    for number, text in enumerate((f"BF:LINE:{PLANT}:{LINE}", SERIAL_1, f"BF:LINE:{PLANT}:L2")):
        book.scan(text, "ROAM", line="_", id=f"{number}")
    book.state.owned = (owned,)
    assert book.scan(SERIAL_1, "ROAM", line="_", id="again").result == "ok"
    [entry] = book.ledger.quarantine.values()
    assert (entry.kind, entry.state) == ("unbooked", state)


def test_what_may_be_other_pieces_is_settled_by_no_repetition() -> None:
    book = Book(labelled())
    book.feed(*(book.scanned("FG")._replace(waited=True) for _ in range(2)))
    book.wait(4)
    assert book.scan("FG").result == "ok"
    assert [entry.code for entry in book.open_entries()] == [Reason.WAITED]


def test_what_a_person_has_dismissed_is_settled_by_no_repetition() -> None:
    book = Book(labelled(versions=[version(), version("V2"), version(material="G2")]))
    assert book.scan(SERIAL_1, id="1").code == Reason.AMBIGUOUS_VERSION
    book.dismiss(*book.ledger.quarantine)
    book.run("FG", "V1")
    assert book.scan(SERIAL_1, id="2").result == "ok"
    assert [entry.state for entry in book.ledger.quarantine.values()] == ["dismissed"]


@pytest.mark.parametrize(
    ("edition", "code", "then", "states"),
    [
        (5, "FG", "L2", ["open", "open"]),
        (5, "FG", LINE, ["repeated", "repeated"]),
        (5, f"]C101{G2}21S1", "L2", ["repeated", "repeated"]),  # the serial number says that it is the same piece
        (4, "FG", "L2", ["repeated", "repeated"]),
    ],
)
@pytest.mark.parametrize("crash", [False, True])
def test_a_label_is_repeated_at_the_line_that_was_chosen_unless_a_serial_number_names_its_piece(
    edition: int, code: str, then: str, states: list[str], *, crash: bool
) -> None:
    """At another line it is another piece: the gateway of the first one replays what was refused there."""
    versions = [version(), version("V2", line="L2")]
    book = Book(
        plant(versions=versions, devices=[scanner("R", line="_")], gtins={G2: Gtin("FG")}), rules=Rules(edition=edition)
    )
    book.state.owned = (f"{PLANT}/L2", f"{PLANT}/_")
    book.scan(f"BF:LINE:{PLANT}:{LINE}", "R", line="_")
    for _ in range(2):
        book.wait(4)
        assert book.scan(code, "R", line="_").code == Reason.NOT_ALLOWED
    book.crash(only_if=crash)
    book.state.owned = ("*",)
    book.scan(f"BF:LINE:{PLANT}:{then}", "R", line="_")
    book.wait(4)
    assert book.scan(code, "R", line="_").document
    assert [entry.state for entry in book.ledger.quarantine.values()] == states
