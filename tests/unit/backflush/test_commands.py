"""Commands: a refusal changes nothing, the same transaction gets its first answer; quarantine settles once."""

from typing import Any

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.events import Command, Refused
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, counter, plant, version


def ambiguous_line() -> Book:
    """Return a book where the pieces of C1 have no place yet."""
    return Book(plant(versions=[version("V1"), version("V2")], devices=[counter("C2")]))


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"quantity": 0}, Reason.BAD_QUANTITY),
        ({"quantity": -1}, Reason.BAD_QUANTITY),
        ({"quantity": 1, "plant": "9"}, Reason.UNKNOWN_PLANT),
        ({"quantity": 1, "line": "L9"}, Reason.UNKNOWN_LINE),
        ({"quantity": 1, "material": "X"}, Reason.NO_VERSION),
        ({"quantity": 1, "version": "V9"}, Reason.UNKNOWN_VERSION),
        ({"quantity": 1, "version": "OLD"}, Reason.EXPIRED_VERSION),
    ],
)
def test_a_refused_posting_changes_nothing(wanted: dict[str, Any], code: Reason) -> None:
    book = Book(plant(versions=[version("V1"), version("OLD", valid_to="2026-01-01")]))
    quantity = wanted.pop("quantity")
    told = book.post(quantity, **wanted)
    assert (told.status, told.code) == ("error", code)
    assert (book.documents(), book.ledger.lines, book.ledger.quarantine) == ([], {}, {})


def test_a_transaction_is_answered_once_also_after_a_crash() -> None:
    book = Book(plant())
    first = book.post(5, transaction="T1", digest="d")
    book.crash()
    assert book.post(5, transaction="T1", digest="d") == first
    assert book.documents() == ["assembly"]


def test_a_refusal_is_an_answer_as_well() -> None:
    book = Book(plant())
    refused = book.post(0, transaction="T1", digest="d")
    assert book.post(0, transaction="T1", digest="d") == refused


def test_without_a_transaction_each_command_is_its_own() -> None:
    book = Book(plant())
    book.post(5)
    book.post(5)
    assert book.stock("FG") == "10"


def test_a_command_that_no_one_understood_is_answered() -> None:
    book = Book(plant())
    from devices.errors import Rejection  # noqa: PLC0415 - of this test only

    action = Rejection(Reason.BAD_COMMAND, "no such verb")
    book.feed(Command(book._next(), "dance", PLANT, LINE, action, "anna", "", "", ""))  # noqa: SLF001 - an entry like any other
    assert (book.responses[-1].status, book.responses[-1].code) == ("error", Reason.BAD_COMMAND)


def test_units_without_a_place_are_booked_once_by_replay_at_their_own_time() -> None:
    book = ambiguous_line()
    book.count(good=5, scrap=1)
    assert book.line() == {"read": "6", "quarantined": "6"}
    book.load(plant(devices=[counter("C2")]))
    book.at("2026-03-17 08:00")
    for _ in range(2):
        book.replay(1, 1)
    assert book.line() == {"read": "6", "counted": "6", "posted": "6", "scrap": "1"}
    assert book.ledger.documents[1].production_date == "2026-03-16"
    assert book.ledger.sources[0].first_entry == book.ledger.quarantine[1].entry


def test_a_replay_says_of_each_entry_what_became_of_it() -> None:
    book = ambiguous_line()
    book.count(good=5)
    assert book.replay(1, 99).data["entries"]["0000000099"] == "unknown"
    assert "still refused" in book.replay(1).data["entries"]["0000000001"]
    book.dismiss(1)
    assert book.replay(1).data["entries"] == {"0000000001": "dismissed"}


def test_a_dismissed_entry_keeps_its_units_in_quarantine_and_says_why() -> None:
    book = ambiguous_line()
    book.count(good=5)
    book.dismiss(1, reason="test run")
    assert book.ledger.quarantine[1].reason == "anna: test run"
    assert book.line() == {"read": "5", "quarantined": "5"}


def test_dismissing_needs_a_reason() -> None:
    book = ambiguous_line()
    book.count(good=5)
    assert book.dismiss(1, reason="").code == Reason.BAD_COMMAND
    assert len(book.open_entries()) == 1


def test_an_unknown_device_is_replayed_once_it_is_known() -> None:
    book = Book(plant())
    book.count("C9", good=5)
    assert [entry.kind for entry in book.open_entries()] == ["untrusted"]
    book.load(plant(devices=[counter("C9")]))
    book.replay()
    assert (book.stock("FG"), book.open_entries()) == ("5", [])


def test_what_no_one_understood_is_kept_and_healed_by_the_next_total() -> None:
    book = Book(plant())
    book.count(good=1)
    rejection = Rejection(Malformed.NOT_JSON, "expected JSON")
    book.feed(Refused(book._next(), PLANT, LINE, "C1", "t", b"{", rejection, feedback=False))  # noqa: SLF001 - an entry like any other
    assert [entry.code for entry in book.open_entries()] == [Malformed.NOT_JSON]
    book.count(good=2)
    assert book.open_entries() == []


def test_every_message_ends_as_exactly_one_outcome() -> None:
    book = ambiguous_line()
    book.run("FG", "V1")
    book.wait(1)
    before = book.ledger.outcomes.total()
    for total, seq in ((5, 1), (5, 1), (5, 2), (4, 1)):
        book.count(good=total, seq=seq)
    book.count("C9", good=5)
    book.scan("FG", id="s")
    book.scan("FG", id="s")
    book.scan("NONE")
    book.scan("BF:YIELD")
    assert book.ledger.outcomes.total() - before == 9
