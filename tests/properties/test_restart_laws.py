"""Law: a restart at any point changes nothing of what is posted, though stock, scrap and holds keep things waiting.

One journal is told to two books. The one is ended and started again wherever chance wants it, after a tick; the other
never is. Their ledgers must be the same, row by row.
"""

from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Hold
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.movements import StockKey
from tests.book import Book
from tests.builders import (
    EARLY_LATE_NIGHT,
    LINE,
    PLANT,
    PROCESSES,
    bom,
    component,
    counter,
    item,
    plant,
    points,
    product,
    q,
    routing,
)
from tests.properties.test_forgetting import tables

STORIES = {
    "stock that is short": ("post", "sub", "part", "part", "wait", "stock"),
    "scrap that is told late": ("gross", "scrap", "scrap", "post", "reverse", "part", "shift", "shift"),
    "what is held": ("post", "post", "hold", "release", "wait", "part"),
    "all of it": (
        *("gross", "scrap", "post", "sub", "reverse", "part", "wait", "shift"),
        *("hold", "release", "retry", "work", "stock", "run", "period"),
    ),
}
"""What happens in them."""
JUDGING = Rules(window="reading", open_names=(), edition=EDITION)


class Told(NamedTuple):
    """One thing that happens."""

    what: str
    pieces: int
    number: int
    crashes: bool


def stories(what: tuple[str, ...]) -> st.SearchStrategy[list[Told]]:
    """Return stories in which these things happen."""
    told = st.builds(Told, st.sampled_from(what), st.integers(1, 9), st.integers(0, 7), st.booleans())
    return st.lists(told, min_size=4, max_size=16)


timing = st.sampled_from(["online", "update", "background"])


def guarded(**profile: Any) -> MasterData:
    """Return a line whose stock cannot be negative; FG takes SUB, which the line makes as well, and A."""
    made = [product("SUB", receiving_location="RAW", issue_location="RAW")]
    return plant(
        profile=RemProfile("R", **profile),
        materials=[*made, component("A", decimals=1)],
        boms=[bom([item("A", "0.7"), item("SUB", 1, "0020")])],
        routings=[routing(points("0010")), routing(points("0010"), material="SUB")],
        devices=[counter("G", role="gross", operation="0010"), counter("X", role="scrap", operation="0010")],
        shifts=EARLY_LATE_NIGHT,
        negative_stock=False,
    )


class Teller:
    """A book and what its counters have counted."""

    def __init__(self, profile: dict[str, Any], *, crashes: bool) -> None:
        self.crashes = crashes
        self.gross = self.scrap = self.shift = 0
        self.master, self.there = guarded(**profile), 20
        self.book = Book(self.master, now="06:30", rules=JUDGING, stock=self.stock())
        self.book.run("FG", "V1")

    def stock(self) -> dict[StockKey, int]:
        return {StockKey(PLANT, "A", "RAW"): q(self.there)}

    def tell(self, now: Told) -> None:
        """Let one thing happen, after a restart perhaps."""
        book = self.book
        if self.crashes and now.crashes:
            book.commit()
            book.crash()
        match now.what:
            case "gross":
                self.gross += now.pieces
                book.count("G", gross=self.gross)
            case "scrap":
                self.scrap = min(self.gross, self.scrap + now.pieces)
                book.count("X", scrap=self.scrap)
            case "post":
                book.post(now.pieces, point="0010" if now.number % 2 else "")
            case "sub":
                book.post(now.pieces, material="SUB")
            case "reverse" | "part":
                book.commit()
                newest = len(book.ledger.documents)
                book.reverse(max(1, newest - now.number // 2), now.pieces if now.what == "part" else None)
            case _:
                self._keep_up(now)

    def _keep_up(self, now: Told) -> None:
        book, process = self.book, PROCESSES[now.number % 3]
        match now.what:
            case "hold" | "release":
                book.ask(Hold(PLANT, LINE, process, now.what == "hold", every=now.number > 5))
            case "retry":
                book.retry()
            case "work":
                book.work()
            case "stock":
                self.there += now.pieces
                book.load(self.master, stock=self.stock())
            case "run":
                book.run(("FG", "SUB")[now.number % 2], "V1")
            case "period":
                book.period("2026-02", closed=now.number % 2 == 1)
            case "shift":
                self.shift = min(2, self.shift + 1)
                book.at(("06:30", "14:30", "22:30")[self.shift])
            case _:
                book.wait(now.pieces)


@pytest.mark.parametrize("of", STORIES)
@given(
    st.data(),
    st.fixed_dictionaries(
        {
            "goods_issue_timing": timing,
            "activity_timing": timing,
            "cumulate_goods_issues": st.booleans(),
            "reporting_points": st.sampled_from(["mandatory", "optional"]),
            "stock_determination": st.booleans(),
        }
    ),
)
def test_a_restart_changes_nothing_of_what_is_posted(of: str, data: st.DataObject, profile: dict[str, Any]) -> None:
    story = data.draw(stories(STORIES[of]))
    ledgers = []
    for crashes in (True, False):
        teller = Teller(profile, crashes=crashes)
        for now in story:
            teller.tell(now)
        teller.book.wait(60)
        teller.book.wait(60)
        teller.book.commit()
        ledgers.append(tables(teller.book.ledger))
    assert ledgers[0] == ledgers[1]
