"""What has changed in the books between two moments, counted as it lies there: nothing of the engine's reckoning."""

from copy import copy
from typing import Any, Final

from gateway.backflush.memory.records import QuarantineEntry
from gateway.backflush.values.quantities import parse_quantity
from tests.differences import plain
from tests.memory import Ledger

BOOKS: Final = (
    *("documents", "confirmations", "items", "activities", "sources", "reductions", "rows", "backlog", "stock"),
    *("waiting", "windows", "orders", "statistics", "collectors", "serials", "lines", "device_marks", "quarantine"),
    *("runs", "holds", "closed_periods", "balances", "accounts"),
)
"""What a refusal leaves as it was. What is asked and what a scanner's operator chooses are no books."""


class Change:
    """The books before something was said, and after it."""

    def __init__(self, before: Ledger, after: Ledger) -> None:
        self.before, self.after = before, after

    @property
    def touched(self) -> set[str]:
        """Return the books that are not what they were."""
        return {name for name in BOOKS if _differ(getattr(self.before, name), getattr(self.after, name))}

    @property
    def made(self) -> set[int]:
        """Return the numbers of the documents that were made."""
        return self.after.documents.keys() - self.before.documents.keys()

    @property
    def said(self) -> int:
        """Return the units that reports have said, less what was taken back of them."""
        return sum(c.said for c in self.after.confirmations[len(self.before.confirmations) :])

    @property
    def waiting(self) -> int:
        """Return the units of the documents that were made which wait now."""
        return sum(
            units.passed for (_, _, number), units in self.after.waiting.items() if units and number in self.made
        )

    def open_rows(self, ledger: Ledger, plant: str = "", line: str = "", process: str = "") -> int:
        """Count open rows of the worklist."""
        return sum(
            row.state == "open"
            and plant in ("", row.plant)
            and line in ("", row.line)
            and process in ("", row.key.process)
            for row in ledger.rows.values()
        )

    def open_records(self, ledger: Ledger) -> dict[tuple[int, int], int]:
        """Return what is open of each backlog record."""
        return {key: record.open for key, record in ledger.backlog.items() if record.open}

    def entry(self, number: int) -> QuarantineEntry:
        """Return a quarantine entry as it is now."""
        return self.after.quarantine[number]


def picture(ledger: Ledger) -> Ledger:
    """Return the books as they are: what is written to them replaces what was there."""
    kept = copy(ledger)
    for name in (*BOOKS, "commands", "scans"):
        setattr(kept, name, copy(getattr(ledger, name)))
    return kept


def _differ(before: Any, after: Any) -> bool:
    """Say whether a book is not what it was."""
    if not isinstance(before, dict):
        return bool(before != after)
    return before.keys() != after.keys() or any(
        value is not after[key] and plain(value) != plain(after[key]) for key, value in before.items()
    )


def quantity(text: str) -> int:
    """Read a quantity that an answer says."""
    read = parse_quantity(text)
    assert read is not None, text
    return read


def left_of(ledger: Ledger, number: int) -> int:
    """Return what of a report's own units is not taken back."""
    reversals = {other.number for other in ledger.documents.values() if other.reverses == number}
    return sum(c.said for c in ledger.confirmations if c.document in {number, *reversals})


def holds(ledger: Ledger, number: int) -> bool:
    """Say whether a document still holds pieces, of whomever."""
    reversals = {other.number for other in ledger.documents.values() if other.reverses == number}
    lines = [c for c in ledger.confirmations if c.document in {number, *reversals}]
    return sum(c.yield_ + c.scrap + c.lost for c in lines) > 0
