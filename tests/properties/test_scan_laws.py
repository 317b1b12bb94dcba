"""Laws of scans: the same pull delivered any number of times in any order posts once, different pulls post each."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tests.book import Book
from tests.unit.backflush.test_scans import FG, labelled

CODES = ("FG", "SKU-1", f"]C101{FG}", f"]C101{FG}21S1", f"]C101{FG}10LOT7\x1d303")
PIECES = {CODES[4]: 3}
STORED_S = 200
"""Pulls are as old as this at most when they are delivered for the first time: their time is believed."""


class Pull(NamedTuple):
    """One pull of a trigger; with an id or without, its time is always said."""

    device: str
    code: str
    at_s: int
    named: bool


pulls = st.builds(
    Pull, st.sampled_from(["S1", "S2"]), st.sampled_from(CODES[:3] + CODES[4:]), st.integers(0, STORED_S), st.booleans()
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Pull], list[tuple[Pull, bool, int, bool]]]:
    """Draw pulls, and how they are delivered: in any order, again and again, stored or not, with pauses and crashes."""
    made = draw(st.lists(pulls, min_size=1, max_size=6, unique_by=lambda pull: pull[:3]))
    first = [(pull, draw(st.booleans()), 0, draw(st.booleans())) for pull in draw(st.permutations(made))]
    again = draw(
        st.lists(
            st.tuples(st.sampled_from(made), st.booleans(), st.sampled_from([0, 1, 4, 1_000, 400_000]), st.booleans()),
            max_size=12,
        )
    )
    return made, [*first, *again]


@given(deliveries(), st.integers(1, 4))
def test_the_same_pull_posts_once_however_often_it_comes_and_different_pulls_post_each(
    drawn: tuple[list[Pull], list[tuple[Pull, bool, int, bool]]], at_once: int
) -> None:
    made, delivered = drawn
    book = Book(labelled())
    start = book.now - STORED_S * 1_000_000
    waiting = []
    for number, (pull, stored, pause_s, crash) in enumerate(delivered):
        name = f"{CODES.index(pull.code)}@{pull.at_s}" if pull.named else None
        ts = start + pull.at_s * 1_000_000
        waiting.append(book.scanned(pull.code, pull.device, ts=ts, hist=stored, id=name))
        if len(waiting) >= at_once or number + 1 == len(delivered) or pause_s or crash:
            book.feed(*waiting)
            waiting = []
        if pause_s:
            book.wait(pause_s)
        book.crash(only_if=crash)
    assert book.stock("FG") == str(sum(PIECES.get(pull.code, 1) for pull in made))
    assert not book.open_entries()


@given(st.lists(st.sampled_from(["S1", "S2"]), min_size=1, max_size=6), st.integers(0, 5))
def test_a_serial_number_posts_once_whatever_pull_and_scanner_it_comes_from(scanners: list[str], pause_s: int) -> None:
    book = Book(labelled(), now="08:00")
    for number, device in enumerate(scanners):
        book.scan(CODES[3], device, ts=book.now + number)
        book.wait(pause_s)
    assert book.stock("FG") == "1"
