"""Refused scans on a real ledger: settled by their repetition after a restart, and chosen by filters in pages."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import select

from gateway.backflush.memory.changes import EntryFilter
from gateway.backflush.memory.events import QuarantineDismiss
from gateway.backflush.memory.state import EDITION, Rules
from gateway.ledger.database import tables as t
from gateway.ledger.reports import present
from tests.integration.stored_book import StoredBook, StoredLedger
from tests.properties.test_repetition_laws import CODES, shop


@pytest.fixture
def book(url: str) -> Iterator[StoredBook]:
    """Open a book on a fresh database, whose line has nothing to make yet."""
    with closing(StoredLedger(url)) as ledger:
        rules = Rules(window="reading", open_names=(), edition=EDITION)
        yield StoredBook(shop(ready=False), rules=rules, ledger=ledger)


def entries(book: StoredBook) -> list[tuple[str, str, str]]:
    with book.ledger.reading() as connection:
        rows = connection.execute(select(t.quarantine).order_by(t.quarantine.c.number)).all()
    return [(row.kind, row.state, row.reason) for row in rows]


def test_a_repetition_settles_what_was_refused_before_a_restart(book: StoredBook) -> None:
    for code in CODES[:4]:
        book.scan(code)
        book.wait(4)
    book.crash()
    book.load(shop(ready=True))
    assert [book.scan(code, "S1").result for code in (CODES[1], CODES[3])] == ["ok", "ok"]
    assert entries(book) == [
        ("unbooked", "open", ""),
        ("untrusted", "repeated", "by document 0000000001"),
        ("untrusted", "open", ""),
        ("unbooked", "repeated", "by document 0000000002"),
    ]
    book.at("2026-04-02 08:00")
    refused = book.period("2026-03", closed=True)
    assert refused.text.endswith("has 1 quarantine entry; force closes it anyway"), "the units, not the refused scan"
    assert book.dismiss(1).status == "ok"
    assert book.period("2026-03", closed=True).status == "ok"


def test_a_filter_takes_the_oldest_open_entries_of_this_gateway(book: StoredBook) -> None:
    for device in ("S1", "S2", "S1", "S1"):
        book.scan(CODES[1], device)
        book.wait(4)
    first = book.ask(QuarantineDismiss((), EntryFilter(device="S1", limit=2)))
    assert (list(first.data["entries"]), first.data["left"], first.data["after"]) == (
        ["0000000001", "0000000003"],
        1,
        "0000000003",
    )
    rest = book.ask(QuarantineDismiss((), EntryFilter(device="S1", after=3)))
    assert (list(rest.data["entries"]), rest.data["after"]) == (["0000000004"], "")
    assert [state for _, state, _ in entries(book)] == ["dismissed", "open", "dismissed", "dismissed"]


def test_a_list_has_a_next_page_and_the_sums_are_the_causes(book: StoredBook) -> None:
    for device, code in (("S1", CODES[1]), ("S2", CODES[1]), ("S1", CODES[1]), ("S1", CODES[0])):
        book.scan(code, device)
        book.wait(4)
    which, pages = present.OPEN_ENTRIES, []
    with book.ledger.reading() as connection:
        while page := present.quarantine(connection, which, limit=3):
            pages.append([record["number"] for record in page])
            which = which._replace(after=int(page[-1]["number"]))
        chosen = ({"code": "BF3014", "device": "S1"}, {"line": "1000/L9"}, {"until": 1}, {"state": "repeated"})
        found = [len(present.quarantine(connection, present.Entries(**each))) for each in chosen]
        sums = [
            (one["device"], one["code"], one["entries"], one["messages"]) for one in present.sum_quarantine(connection)
        ]
    assert pages == [["0000000004", "0000000003", "0000000002"], ["0000000001"]]
    assert found == [2, 0, 0, 0]
    assert sums[0] == ("S1", "BF3014", 2, 2)
    assert [one[2] for one in sums] == [2, 1, 1]
