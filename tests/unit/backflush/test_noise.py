"""The quarantine of a noisy device stays small, and every message of it is still counted there."""

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.events import Refused
from gateway.backflush.memory.noise import KEPT_SINGLY, MOST_KEYS, SCANS_KEPT_SINGLY
from tests.book import Book
from tests.builders import LINE, PLANT, counter, plant, version

NOT_JSON = Rejection(Malformed.NOT_JSON, "expected JSON")


def refused(book: Book, device: str, payload: bytes = b"{", kind: str = "count") -> Refused:
    entry = book._next()  # noqa: SLF001 - an entry like any other
    return Refused(
        entry, PLANT, LINE, device, f"bf/v1/{PLANT}/{LINE}/{device}/{kind}", payload, NOT_JSON, feedback=False
    )


def in_quarantine(book: Book) -> tuple[int, int]:
    """Return entries, and messages: those of entries and those folded into them."""
    entries, folds = book.ledger.quarantine, book.ledger.groups
    messages = len(entries) + sum(fold.messages for fold in folds.values())
    assert messages == book.ledger.outcomes["quarantine"]
    return len(entries), messages


def test_beyond_a_daily_limit_messages_are_counted_with_the_last_entry_and_the_newest_is_kept() -> None:
    book = Book(plant())
    for number in range(KEPT_SINGLY + 50):
        book.feed(refused(book, "C1", f"bad {number}".encode()))
    assert in_quarantine(book) == (KEPT_SINGLY, KEPT_SINGLY + 50)
    [fold] = book.ledger.groups.values()
    assert (fold.number, fold.messages) == (KEPT_SINGLY, 50)
    assert (fold.payload, fold.last_entry) == (f"bad {KEPT_SINGLY + 49}".encode(), book.entry)
    assert book.ledger.quarantine[KEPT_SINGLY].state == "open"


def test_a_restart_changes_nothing_of_it() -> None:
    straight, restarted = Book(plant()), Book(plant())
    for number in range(KEPT_SINGLY + 20):
        for book in (straight, restarted):
            book.feed(refused(book, "C1", str(number).encode()), refused(book, "C2"))
        restarted.crash()
    assert in_quarantine(restarted) == in_quarantine(straight) == (2 * KEPT_SINGLY, 2 * KEPT_SINGLY + 40)
    assert restarted.ledger.quarantine == straight.ledger.quarantine
    assert {f.number: f.messages for f in restarted.ledger.groups.values()} == {
        f.number: f.messages for f in straight.ledger.groups.values()
    }


def test_an_entry_that_was_settled_is_open_again_when_more_comes_and_no_new_one_is_made() -> None:
    book = Book(plant())
    for _ in range(KEPT_SINGLY):
        book.feed(refused(book, "C1"))
    book.dismiss(KEPT_SINGLY)
    for total in range(1, 30):
        book.count(good=total)
        if total % 7 == 0:
            book.crash()
        book.feed(refused(book, "C1"))
        assert [entry.number for entry in book.open_entries()][-1:] == [KEPT_SINGLY]
    assert in_quarantine(book) == (KEPT_SINGLY, KEPT_SINGLY + 29)
    book.dismiss(KEPT_SINGLY)
    assert KEPT_SINGLY not in [entry.number for entry in book.open_entries()]
    book.crash()
    book.feed(refused(book, "C1"))
    assert [entry.number for entry in book.open_entries()][-1:] == [KEPT_SINGLY]


def test_what_stands_for_others_is_settled_by_no_total_but_by_a_person() -> None:
    book = Book(plant())
    book.count(good=5, boot="b", seq=1)
    for seq in range(KEPT_SINGLY + 3):
        book.count(good=4, boot="b", seq=seq + 2)
    assert in_quarantine(book) == (KEPT_SINGLY, KEPT_SINGLY + 3)
    book.count(good=6, boot="b", seq=500)
    assert [entry.number for entry in book.open_entries()] == [KEPT_SINGLY]
    book.crash()
    book.count(good=7, boot="b", seq=501)
    assert [entry.number for entry in book.open_entries()] == [KEPT_SINGLY]
    book.dismiss(KEPT_SINGLY)
    assert book.open_entries() == []


def test_another_day_has_room_again() -> None:
    book = Book(plant())
    for _ in range(KEPT_SINGLY + 5):
        book.feed(refused(book, "C1"))
    book.wait(86_400)
    book.feed(refused(book, "C1"))
    assert in_quarantine(book) == (KEPT_SINGLY + 1, KEPT_SINGLY + 6)


def test_units_that_are_certain_are_never_folded() -> None:
    book = Book(plant(versions=[version("V1"), version("V2")], devices=[counter("C2")]))
    for total in range(1, KEPT_SINGLY + 51):
        book.count("C2", good=total)
    assert in_quarantine(book) == (KEPT_SINGLY + 50, KEPT_SINGLY + 50)
    book.run("FG", "V1")
    book.replay()
    assert book.stock("FG") == str(KEPT_SINGLY + 50)


def test_scans_have_more_room_because_each_may_be_a_piece() -> None:
    book = Book(plant())
    for _ in range(KEPT_SINGLY + 50):
        book.feed(refused(book, "S9", kind="scan"))
    assert in_quarantine(book) == (KEPT_SINGLY + 50, KEPT_SINGLY + 50)
    assert SCANS_KEPT_SINGLY > KEPT_SINGLY + 50


def test_ten_thousand_made_up_names_are_a_bounded_number_of_entries() -> None:
    book = Book(plant(), commit_every=100)
    names = 10_000
    book.feed(*(refused(book, f"X{number}") for number in range(names)))
    book.commit()
    assert in_quarantine(book) == (MOST_KEYS + KEPT_SINGLY, names)
    assert len(book.state.noise._kept) == MOST_KEYS + 1  # noqa: SLF001 - what is kept
    assert (book.state.online, book.state.last_scans, book.state.marks_of_devices) == ({}, {}, {})


def test_a_replay_posts_its_own_message_and_says_how_many_others_it_does_not() -> None:
    book = Book(plant())
    for number in range(KEPT_SINGLY + 50):
        book.count(good=number, device="C9")
    book.load(plant(devices=[counter("C1"), counter("C9")]))
    answer = book.replay(KEPT_SINGLY - 1, KEPT_SINGLY).data["entries"]
    alone = "; 50 messages counted with it were not"
    assert list(answer.values()) == ["replayed", "replayed" + alone]
    entry = book.ledger.quarantine[KEPT_SINGLY]
    assert (entry.state, entry.reason.endswith(alone)) == ("replayed", True)
    book.crash()
    assert book.replay(KEPT_SINGLY).data["entries"] == {f"{KEPT_SINGLY:010d}": "replayed"}


def test_a_replay_is_never_folded() -> None:
    book = Book(plant())
    for total in range(1, KEPT_SINGLY + 11):
        book.count("C9", good=total)
    assert in_quarantine(book) == (KEPT_SINGLY, KEPT_SINGLY + 10)
    told = book.replay(KEPT_SINGLY)
    assert "still refused" in str(told), "the device is not known yet"
    assert in_quarantine(book) == (KEPT_SINGLY, KEPT_SINGLY + 10)
    book.load(plant(devices=[counter("C9")]))
    book.replay(KEPT_SINGLY)
    book.count("C9", good=KEPT_SINGLY + 10)
    assert book.stock("FG") == str(KEPT_SINGLY + 10), "the next total covers what was folded"
