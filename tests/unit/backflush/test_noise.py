"""The quarantine: small for a noisy device, one entry for a message of several, its entries chosen by filters."""

import pytest

from devices.errors import Malformed, Rejection
from devices.messages import Reading
from devices.sources.knowledge import NO_LESSON
from gateway.backflush.inputs.published import Part
from gateway.backflush.memory.changes import EntryFilter
from gateway.backflush.memory.events import Counted, Presence, Published, QuarantineDismiss, QuarantineReplay, Refused
from gateway.backflush.memory.noise import KEPT_SINGLY, MOST_KEYS, SCANS_KEPT_SINGLY
from gateway.backflush.memory.state import EDITION, Rules
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, counter, plant, scanner, version

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


NOTHING = Rejection(Malformed.NO_WHOLE_NUMBER, "expected a whole number")


def publish(book: Book, *parts: Part, mapped: bool = True, repeated: bool = False) -> None:
    book.feed(Published(book._next(), parts, NO_LESSON, mapped, repeated, retained=False, ask=""))  # noqa: SLF001 - an entry like any other


def total(good: int, device: str = "C1", line: str = LINE) -> Counted:
    return Counted(0, PLANT, line, device, Reading(good), "topic", b"")


def refusal(device: str = "C1") -> Refused:
    return Refused(0, PLANT, LINE, device, "topic", b"", NOTHING, feedback=False)


OUTCOMES = [
    ((total(5), refusal(), total(7)), {"quarantine": 1}),
    ((refusal(), refusal("C2"), total(7)), {"quarantine": 1, "further": 1}),
    ((total(5), total(5)), {"counted": 1}),
    ((Presence(0, PLANT, LINE, "C1", online=True), total(0)), {"heartbeat": 1}),
    ((Presence(0, PLANT, LINE, "C1", online=False),), {"state": 1}),
    ((total(5, "nobody"), total(5)), {"quarantine": 1}),
    ((), {"heartbeat": 1}),
]


@pytest.mark.parametrize(("parts", "outcomes"), OUTCOMES)
def test_a_message_counts_once(parts: tuple[Part, ...], outcomes: dict[str, int]) -> None:
    book = Book(plant(devices=[counter("C1"), counter("C2")]))
    publish(book, total(0), total(0, "C2"))
    before = dict(book.ledger.outcomes)
    publish(book, *parts)
    found = {name: many - before.get(name, 0) for name, many in book.ledger.outcomes.items()}
    assert {name: many for name, many in found.items() if many} == outcomes
    book.audit()


def test_what_no_row_asks_for_is_counted_and_leaves_no_trace() -> None:
    book = Book(plant(devices=[counter("C1")]))
    for _ in range(300):
        publish(book, mapped=False)
    publish(book, repeated=True)
    assert (book.ledger.outcomes["unmapped"], book.ledger.outcomes["duplicate"]) == (300, 1)
    assert not book.ledger.quarantine


def test_a_device_on_another_gateways_line_is_left_to_that_one() -> None:
    book = Book(plant(devices=[counter("C1"), counter("C9", line="L9")]))
    book.state.owned = (f"{PLANT}/{LINE}",)
    publish(book, total(5, "C9", "L9"), total(5))
    assert book.line()["counted"] == "5"
    assert not book.ledger.quarantine


def five_refused() -> Book:
    """Return a book with five refused scans, an hour apart: of two scanners and two codes."""
    rules = Rules(open_names=(), edition=EDITION)
    book = Book(plant(devices=[scanner(), scanner("S2")]), rules=rules)
    for code, device in (("NEW", "S1"), ("NEW", "S2"), ("]C10", "S1"), ("NEWER", "S1"), ("NEW", "S1")):
        book.scan(code, device)
        book.wait(3600)
    return book


FILTERS = {
    "all": (EntryFilter(), [1, 2, 3, 4, 5]),
    "a device": (EntryFilter(device="S2"), [2]),
    "a code": (EntryFilter(code=Reason.UNKNOWN_CODE), [1, 2, 4, 5]),
    "a line": (EntryFilter(PLANT, LINE), [1, 2, 3, 4, 5]),
    "an age": (EntryFilter(age=3 * 3_600_000_000), [1, 2, 3]),
    "a page": (EntryFilter(limit=2), [1, 2]),
    "the next": (EntryFilter(after=2, limit=2), [3, 4]),
}


@pytest.mark.parametrize(("which", "numbers"), FILTERS.values(), ids=FILTERS)
def test_a_filter_dismisses_what_it_names_oldest_first(which: EntryFilter, numbers: list[int]) -> None:
    book = five_refused()
    told = book.ask(QuarantineDismiss((), which), reason="torn")
    assert list(told.data["entries"]) == [f"{number:010d}" for number in numbers]
    assert {entry.number for entry in book.open_entries()} == {1, 2, 3, 4, 5} - {*numbers}
    rest = [number for number in (1, 2, 3, 4, 5) if numbers and number > numbers[-1]] if which.limit == 2 else []
    assert (told.data["left"], told.data["after"]) == (len(rest), f"{numbers[-1]:010d}" if rest else "")


def test_a_replay_of_all_goes_on_behind_what_is_refused_again() -> None:
    book = five_refused()
    book.load(plant(devices=[scanner(), scanner("S2")], aliases={"NEW": ("material", "FG")}))
    ends: list[str] = []
    done = after = 0
    while True:
        told = book.ask(QuarantineReplay((), EntryFilter(after=after, limit=2)))
        ends += told.data["entries"].values()
        done += told.data["done"]
        if not told.data["after"]:
            break
        after = int(told.data["after"])
    assert [end.partition(":")[0] for end in ends] == ["replayed"] * 2 + ["still refused"] * 2 + ["replayed"]
    assert (done, book.stock("FG"), len(book.open_entries())) == (3, "3", 2)


def test_a_filter_that_names_a_line_that_is_none_is_refused() -> None:
    book = five_refused()
    told = book.ask(QuarantineReplay((), EntryFilter(PLANT, "L9")))
    assert (told.status, told.code) == ("error", Reason.UNKNOWN_LINE)
    told = book.ask(QuarantineReplay((), EntryFilter(device="S9")))
    assert (told.status, told.text, told.data["entries"]) == ("ok", "no open entry is like that", {})
