"""A message of another publisher may be of several devices; it counts once, whatever its parts end as."""

import pytest

from devices.errors import Malformed, Rejection
from devices.messages import Reading
from devices.sources.knowledge import NO_LESSON
from gateway.backflush.inputs.published import Part
from gateway.backflush.memory.events import Counted, Presence, Published, Refused
from tests.book import Book
from tests.builders import LINE, PLANT, counter, plant

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
