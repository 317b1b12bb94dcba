"""Commands: a refusal changes nothing, the same transaction gets its first answer; quarantine settles once."""

from dataclasses import replace
from typing import Any

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.events import Command, Post, Refused
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.values.documents import DocumentType
from gateway.errors import Reason
from tests.answers import reason_in
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, plant, q, scanner, version


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


LIMIT = 1_440 * 2
STRICT = Rules(window="reading", open_names=(), edition=EDITION)
SENTENCE = "2881 PC are more than line 1000/L1 can make in a day, which is 2880: "
BY_HAND = f"{SENTENCE}--force with a reason takes it"
SCANNED = f"{SENTENCE}a posting by hand with --force and a reason takes it"


def shop(*devices: Device, rules: Rules = STRICT) -> Book:
    devices = devices or (counter("C1", max_step=1), counter("C2", max_step=2), counter("K1", role="scrap", max_step=9))
    return Book(plant(boms=[bom({"A": 1})], devices=[*devices, scanner("S1")]), rules=rules)


@pytest.mark.parametrize("type_", ["assembly", "scrap", "component"])
def test_every_door_has_the_same_limit_and_code_and_says_what_takes_it_there(type_: DocumentType) -> None:
    book = shop()
    action = Post(type_, PLANT, LINE, "FG", "", q(LIMIT + 1))
    told = book.ask(action, reason="")
    assert (told.code, told.text) == (Reason.JUMP, BY_HAND)
    assert book.ask(action._replace(force=True), reason="").code == Reason.JUMP, "who forces says why"
    book.scan(f"BF:QTY:{LIMIT + 1}")
    card = book.scan("FG")
    assert (card.code, reason_in(card)) == (Reason.JUMP, SCANNED)
    book.scan(f"BF:QTY:{LIMIT + 1}")
    said = book.scan("FG", sales_order="4711", sales_order_item="10")
    assert (said.code, reason_in(said)) == (Reason.JUMP, SCANNED)
    assert (book.state.documents, [entry.kind for entry in book.open_entries()]) == (0, ["untrusted"] * 2)
    assert book.ask(action._replace(force=True), reason="counted twice").code == Reason.OK
    assert book.ask(action._replace(quantity=q(LIMIT)), reason="").code == Reason.OK


@pytest.mark.parametrize(
    "devices",
    [
        pytest.param((counter("C1"),), id="no counter of the line has a limit"),
        pytest.param((counter("C1", max_step=1), counter("C2")), id="the fastest has none"),
        pytest.param((counter("C1", max_step=1, unit="KG"),), id="nothing is made in the unit of the one that has one"),
        pytest.param((counter("C1", line="L2", max_step=1),), id="that of another line is none of this one"),
        pytest.param((counter("K1", role="scrap", max_step=1),), id="what is scrapped says nothing of what is made"),
        pytest.param((replace(counter("C1", max_step=1), disabled=True),), id="nobody believes a disabled one"),
        pytest.param((counter("C1", max_step=1, weight=q(100)),), id="a pulse may be many pieces"),
    ],
)
def test_a_line_whose_counters_have_no_limit_has_none(devices: tuple[Device, ...]) -> None:
    book = shop(*devices)
    assert book.ask(Post("assembly", PLANT, LINE, "FG", "", q(100_000)), reason="").code == Reason.OK


def test_a_card_that_says_too_much_is_used_up_by_the_label_that_it_was_for() -> None:
    book = shop()
    book.scan(f"BF:QTY:{LIMIT + 1}")
    assert [book.scan("FG", id=str(n)).code for n in range(3)] == [Reason.JUMP, Reason.OK, Reason.OK]


def test_what_was_posted_before_there_was_a_limit_is_folded_as_it_was() -> None:
    book = shop(rules=STRICT._replace(edition=1))
    assert book.ask(Post("assembly", PLANT, LINE, "FG", "", q(100_000)), reason="").code == Reason.OK
