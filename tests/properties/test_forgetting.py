"""Whether something is in memory never changes a result: lots, shifts and orders that are done are read back.

The same story is told to two books. One drops all that is done after each commit that chance chooses, and crashes now
and then; the other one forgets nothing. Their ledgers must be the same, row by row.
"""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Hold
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from tests.book import Book
from tests.builders import (
    EARLY_LATE_NIGHT,
    LINE,
    PLANT,
    bom,
    component,
    counter,
    item,
    operation,
    order,
    plant,
    routing,
    scanner,
    stock,
)
from tests.differences import plain
from tests.memory import Ledger
from tests.stories import Told, told

TIMES = ("2026-03-13 23:10", "2026-03-15 05:00", "2026-03-15 15:00", "")
LOTS = ("", "", "B1", "B2")
WHAT = (
    *("count", "count", "stored", "life", "label", "post", "post", "scrap", "component", "reverse", "reverse", "part"),
    *("run", "stop", "work", "wait", "hold", "replay", "import", "close"),
)
COST_OBJECTS = ("", "", "SO 4500 10", "LOT L7")


def pointed(price: int, **profile: Any) -> MasterData:
    """Return a plant with setup and fixed items at two points, made to stock, to order and by lot."""
    return plant(
        profile=RemProfile("R", **profile),
        materials=[component("G", price, decimals=3, unit="KG"), component("S", 3)],
        boms=[bom([item("G", "0.3333"), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"setup": "0.5"}, point=True), operation("0020", {"m": "0.7"})])],
        devices=[counter("C1"), scanner("S1")],
        shifts=EARLY_LATE_NIGHT,
    )


class Teller:
    """A book and what has been counted for it."""

    def __init__(self, profile: dict[str, Any], window: str, late_h: int, *, forgets: bool) -> None:
        self.forgets = forgets
        self.now: Told | None = None
        self.profile = profile
        self.held = False
        self.total = 0
        self.book = Book(
            pointed(2, **profile),
            now="2026-03-16 08:00",
            rules=Rules(window=window, worklist="60s", late_max=late_h * 3_600_000_000),
            orders=[order("O1", 20, version="V1", start="2026-03-10"), order("O2", 5)],
            stock=stock(G=10_000, S=10_000),
            forgets=lambda: forgets and (self.now is None or self.now.forgets),
        )

    def tell(self, now: Told) -> None:
        """Let one thing happen."""
        self.now, book = now, self.book
        if self.forgets and now.crashes:
            book.commit()
            book.crash()
        self.total += now.pieces
        match now.what:
            case "count":
                book.count(good=self.total, batch=now.lot or None)
            case "life":
                book.count(good=self.total, boot=f"b{now.number}", seq=self.total)
            case "stored":
                book.count(good=self.total, ts=now.at or "2026-03-16 01:00", hist=True, batch=now.lot or None)
            case "label":
                self._label(now)
            case "post" | "scrap" | "component":
                type_ = "assembly" if now.what == "post" else now.what
                at = now.at or None
                book.post(now.pieces, type_, at=at, batch=now.lot, cost_object=now.cost_object, point=self._point(now))
            case "reverse" | "part":
                book.commit()
                number = 1 + now.number % max(1, len(book.ledger.documents))
                book.reverse(number, now.pieces if now.what == "part" else None)
            case "run":
                order_, _, item_ = now.cost_object.removeprefix("SO ").partition(" ")
                sales = {"sales_order": order_, "sales_order_item": item_} if now.cost_object.startswith("SO") else {}
                book.run(
                    version="V1", start=now.at or "2026-03-16 07:00", batch=now.lot and "{date}" + now.lot, **sales
                )
            case _:
                self._keep_up(now)

    def _keep_up(self, now: Told) -> None:
        book = self.book
        match now.what:
            case "stop":
                book.stop()
            case "work":
                book.work()
            case "close":
                book.scan("BF:CLOSE", id=f"c{book.entry}")
            case "wait":
                book.wait(now.pieces * now.number * 3_600)
            case "hold":
                self.held = not self.held
                book.ask(Hold(PLANT, LINE, "issue", self.held))
            case "replay":
                book.commit()
                book.replay()
            case _:
                book.load(pointed(2 + now.number % 2, **self.profile))

    def _label(self, now: Told) -> None:
        bearer, _, name = now.cost_object.partition(" ")
        said = {"lot": name} if bearer == "LOT" else {}
        if bearer == "SO":
            said = dict(zip(("sales_order", "sales_order_item"), name.split(), strict=True))
        self.book.scan("FG", id=f"{self.book.entry}", **said)

    def _point(self, now: Told) -> str:
        return "0010" if now.number % 2 and not now.cost_object else ""


def tables(ledger: Ledger) -> dict[str, object]:
    """Return all tables, to be compared."""
    return {name: plain(table) for name, table in vars(ledger).items()}


@given(
    st.lists(told(WHAT, TIMES, LOTS, COST_OBJECTS), max_size=14),
    st.fixed_dictionaries(
        {
            "goods_issue_timing": st.sampled_from(["online", "update", "background"]),
            "activity_timing": st.sampled_from(["online", "update", "background"]),
            "reporting_points": st.sampled_from(["mandatory", "optional"]),
        }
    ),
    st.sampled_from(["reading", "7pc", "3s", "shift"]),
    st.sampled_from([1, 96]),
)
def test_what_is_dropped_from_memory_never_changes_a_result(
    story: list[Told], profile: dict[str, Any], window: str, late_h: int
) -> None:
    ledgers = []
    for forgets in (True, False):
        teller = Teller(profile, window, late_h, forgets=forgets)
        for now in story:
            teller.tell(now)
        teller.book.wait(24 * 3_600)
        teller.book.commit()
        ledgers.append(tables(teller.book.ledger))
    assert ledgers[0] == ledgers[1]
