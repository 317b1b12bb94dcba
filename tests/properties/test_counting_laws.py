"""Pieces never vanish in silence: all that was made is counted, or an open entry tells that some is not."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Begin
from tests.book import Book
from tests.builders import counter, moment, plant

COARSE = 20_000_000
"""A clock that goes on every twenty seconds, as many telegrams do within a second."""
BEFORE, LONG_AGO = 900, moment("1970-01-01 00:00")
FORMS = ("bare", "sequence", "time", "sequence and time", "sequence and no time", "whole seconds")
ORDERED = ("sequence", "time", "sequence and time")
"""The forms that tell the telegrams of two lives apart."""
RULES: tuple[dict[str, Any], ...] = (
    {},
    {"reset": "allow"},
    {"modulus": 65_536},
    {"reset": "allow", "max_step": 500},
    {"modulus": 65_536, "max_step": 500},
)
steps = st.lists(st.integers(1, 40), min_size=1, max_size=8)


class Device:
    """A counter that says its total in one form, and loses what it does not keep."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.total = 0
        self.seq = BEFORE
        self.said: list[dict[str, Any]] = []

    def make(self, book: Book, pieces: int) -> dict[str, Any]:
        """Make pieces, and return the telegram that says so."""
        self.total += pieces
        self.seq += 1
        said: dict[str, Any] = {"good": self.total}
        if "sequence" in self.form:
            said["seq"] = self.seq
        if self.form in ("time", "sequence and time"):
            said["ts"] = book.now
        elif self.form == "whole seconds":
            said["ts"] = book.now // COARSE * COARSE
        elif "time" in self.form:
            said["ts"] = LONG_AGO
        self.said.append(said)
        return said


def started(device: dict[str, Any]) -> Book:
    return Book(plant(devices=[counter(**device)]))


def say(book: Book, said: dict[str, Any]) -> None:
    book.count(**said)
    book.wait(5)


@given(st.data(), st.sampled_from(FORMS), st.sampled_from([{}, {"modulus": 100_000}, {"reset": "allow"}]))
def test_an_order_that_cannot_be_one_holds_no_piece_back(
    data: st.DataObject, form: str, device: dict[str, Any]
) -> None:
    """A sequence may begin again at any time, the clock may be of 1970, telegrams may be lost and said twice."""
    book, counter_ = started(device), Device(form)
    for pieces in data.draw(steps):
        if data.draw(st.booleans()):
            counter_.seq = data.draw(st.sampled_from([0, counter_.seq // 2, counter_.seq]))
        said = counter_.make(book, pieces)
        # One sequence with two totals is a conflict, and kept: the number that was heard last does not come again.
        marks = book.state.marks_of_devices.get("C1", {})
        if data.draw(st.integers(0, 3)) and all(
            mark.seq is None or mark.seq != said.get("seq") for mark in marks.values()
        ):
            for _ in range(data.draw(st.integers(1, 2))):
                say(book, said)
    counter_.seq = 5 * BEFORE
    say(book, counter_.make(book, 1))
    assert book.stock("FG") == str(counter_.total)
    assert book.open_entries() == []


@given(st.data(), st.sampled_from(FORMS), st.sampled_from(RULES), st.booleans())
def test_a_life_that_was_not_reported_is_seen(
    data: st.DataObject, form: str, device: dict[str, Any], crash: bool
) -> None:
    """Total and sequence begin again at zero: all is counted, or an entry is open for good, however it goes on.

    Whatever was said of the new life may be said again at any time.
    """
    book, counter_ = started(device), Device(form)
    for pieces in [500, *data.draw(steps)]:
        say(book, counter_.make(book, pieces))
    first, counter_.total, counter_.seq = counter_.total, 0, 0
    counter_.said.clear()
    for pieces in data.draw(st.lists(st.integers(1, 150), min_size=3, max_size=3)):
        say(book, counter_.make(book, pieces))
        for again in data.draw(st.lists(st.sampled_from(counter_.said), max_size=2)):
            say(book, again)
        book.crash(only_if=crash)
    for pieces in data.draw(st.lists(st.integers(1, 400), max_size=6)):
        say(book, counter_.make(book, pieces))
    made = first + counter_.total
    counted = int(book.stock("FG"))
    assert counted <= made
    assert counted == made or book.open_entries()


@given(st.data(), st.sampled_from(FORMS), st.integers(0, 300), st.booleans())
def test_where_a_person_says_that_it_begins_again_every_piece_counts_once(
    data: st.DataObject, form: str, at: int, boots: bool
) -> None:
    """The next life begins at what its flash had kept, under a boot of its own or none.

    What was sent before is repeated at any time; a total with its sequence is one reading in both lives.
    """
    book, counter_ = started({}), Device(form)
    boot: dict[str, Any] = {"boot": "a"} if boots else {}
    for pieces in [500, *data.draw(steps)]:
        say(book, counter_.make(book, pieces) | boot)
    made = counter_.total
    lost = data.draw(st.integers(0, 2))
    counter_.total, counter_.seq = at, 0
    if not boots:
        for _ in range(lost):
            say(book, counter_.make(book, 1))
    refused = len(book.open_entries())
    before = [said | boot for said in counter_.said] if form in ORDERED else []
    counter_.total, counter_.seq = at, 0
    assert book.ask(Begin("C1", {"": at})).status == "ok"
    boot = {"boot": "b"} if boots else {}
    for pieces in data.draw(steps):
        for again in data.draw(st.lists(st.sampled_from(before), max_size=1)) if before else ():
            say(book, again)
        say(book, counter_.make(book, pieces) | boot)
    assert book.stock("FG") == str(made + counter_.total - at)
    assert len(book.open_entries()) == refused


@given(st.lists(st.integers(1, 30), min_size=1, max_size=10), st.sampled_from(FORMS[1:4]))
def test_a_queue_that_is_sent_again_leaves_nothing_to_do(pieces: list[int], form: str) -> None:
    book, counter_ = started({}), Device(form)
    for some in pieces:
        say(book, counter_.make(book, some))
    for said in list(counter_.said):
        book.count(**said)
    say(book, counter_.make(book, 1))
    assert book.stock("FG") == str(counter_.total)
    assert book.open_entries() == []


BASE = 5_000
told = st.lists(
    st.tuples(
        st.sampled_from(["good", "gross", "scrap"]),
        st.sampled_from(["bare", "named"]),
        st.integers(1, 40),
        st.sampled_from(["", "crash", "again", "refused"]),
    ),
    min_size=1,
    max_size=6,
)


@given(
    told=told,
    first=st.sampled_from(["zero", "baseline"]),
    role=st.sampled_from(["good", "gross"]),
    life=st.sampled_from([{}, {"boot": "a"}, {"seq": 0}, {"boot": "a", "seq": 0}]),
)
def test_a_counter_whose_role_or_firmware_changes_is_counted_once(
    told: list[tuple[str, str, int, str]], first: str, role: str, life: dict[str, Any]
) -> None:
    settings: dict[str, Any] = {"first": first, "max_step": BASE}
    book = Book(plant(devices=[counter(role=role, **settings)]))
    total = BASE

    def say(total: int, name: str = "good") -> None:
        if "seq" in life:
            life["seq"] += 1
        book.count(**life | {name: total})

    say(total)
    for now, form, pieces, also in told:
        if now != role:
            role = now
            book.load(plant(devices=[counter(role=role, **settings)]))
        if also == "refused":
            say(total + 3 * BASE)
        total += pieces
        name = "gross" if form == "named" and role != "scrap" else "good"
        say(total, name)
        if also == "again":
            book.count(**life | {name: total})
        if also == "crash":
            book.crash()
    assert int(book.line().get("read", "0")) == total - (BASE if first == "baseline" else 0)
