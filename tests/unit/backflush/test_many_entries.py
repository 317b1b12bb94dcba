"""Entries of the quarantine that a filter chooses: the oldest first, page by page, by the rules of those named."""

import pytest

from gateway.backflush.memory.changes import EntryFilter
from gateway.backflush.memory.events import QuarantineDismiss, QuarantineReplay
from gateway.backflush.memory.state import EDITION, Rules
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, plant, scanner


def refused() -> Book:
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
    book = refused()
    told = book.ask(QuarantineDismiss((), which), reason="torn")
    assert list(told.data["entries"]) == [f"{number:010d}" for number in numbers]
    assert {entry.number for entry in book.open_entries()} == {1, 2, 3, 4, 5} - {*numbers}
    rest = [number for number in (1, 2, 3, 4, 5) if numbers and number > numbers[-1]] if which.limit == 2 else []
    assert (told.data["left"], told.data["after"]) == (len(rest), f"{numbers[-1]:010d}" if rest else "")


def test_a_replay_of_all_goes_on_behind_what_is_refused_again() -> None:
    book = refused()
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
    book = refused()
    told = book.ask(QuarantineReplay((), EntryFilter(PLANT, "L9")))
    assert (told.status, told.code) == ("error", Reason.UNKNOWN_LINE)
    told = book.ask(QuarantineReplay((), EntryFilter(device="S9")))
    assert (told.status, told.text, told.data["entries"]) == ("ok", "no open entry is like that", {})
