"""The laws of what waits: reported units keep their heading, however long they wait and whatever comes between.

The model is a sum: what was reported, by point, day, shift, batch and scrap reason, less what was taken back.
"""

from collections import Counter
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import MasterData, RemProfile
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, component, counter, item, operation, plant, q, routing
from tests.properties.test_ledger_laws import rounded

VARIANTS = ("0.3333", "0.5")
"""Quantity of G at point 0020, per piece: a change of it is a change of the bill of material."""
POINTS = ("0010", "0020", "")
TIMES = {
    "2026-03-16 09:00": ("2026-03-16", "E"),
    "2026-03-16 15:00": ("2026-03-16", "L"),
    "2026-03-17 01:00": ("2026-03-16", "N"),
    "2026-03-17 07:00": ("2026-03-17", "E"),
}


class Reported(NamedTuple):
    """Units that are reported at a point, by a person or by the point's counter."""

    what: str
    point: str
    pieces: int
    reason: str
    """Of scrap; empty is yield."""
    at: str
    batch: str
    number: int


reported = st.builds(
    Reported,
    what=st.sampled_from(["post", "post", "post", "count", "import", "crash", "reverse", "wait"]),
    point=st.sampled_from(POINTS),
    pieces=st.integers(1, 5),
    reason=st.sampled_from(["", "", "", "DENT", "SCRATCH"]),
    at=st.sampled_from(list(TIMES)),
    batch=st.sampled_from(["", "B1", "B2"]),
    number=st.integers(0, 30),
)


def points(variant: str, window: str, **profile: Any) -> MasterData:
    """Return mandatory points 0010 and 0020 with a counter each, and G at the second."""
    return plant(
        profile=RemProfile("R", reporting_points="mandatory", **profile),
        materials=[component("G", decimals=3)],
        boms=[bom([item("A", 1, operation="0010"), item("G", variant, "0020", operation="0020")])],
        routings=[routing([operation("0010", point=True), operation("0020", point=True), operation("0030")])],
        devices=[counter(f"C{point}", operation=point, window=window) for point in POINTS],
        shifts=EARLY_LATE_NIGHT,
    )


class Model:
    """What was reported, and what of it was taken back."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.units: Counter[tuple[str, ...]] = Counter()
        """By point, day, shift, batch, scrap reason or `yield`."""
        self.totals: dict[str, Counter[str]] = {point: Counter() for point in POINTS}

    def post(self, now: Reported) -> None:
        """Report by hand."""
        type_ = "scrap" if now.reason else "point" if now.point else "assembly"
        said: dict[str, Any] = {"scrap_reason": now.reason} if now.reason else {}
        self.book.post(now.pieces, type_, point=now.point, at=now.at, batch=now.batch, **said)
        self._add(now, *TIMES[now.at])

    def count(self, now: Reported, day: str, shift: str) -> None:
        """Report by the counter of the point."""
        totals = self.totals[now.point]
        totals[now.reason] += now.pieces
        scrap = {reason: total for reason, total in totals.items() if reason}
        seq = totals.total()
        reading: dict[str, Any] = {"scrap": sum(scrap.values()), "scrap_by": tuple(scrap.items()), "seq": seq}
        self.book.count(f"C{now.point}", good=totals[""], batch=now.batch, boot="a", **reading)
        self._add(now, day, shift)

    def reverse(self, number: int) -> None:
        """Take a document back, if it may be; what it said is no longer reported, whether it was documented or not."""
        self.book.commit()
        before = len(self.book.ledger.documents)
        told = self.book.reverse(1 + number % max(1, before))
        if told.status != "ok":
            return
        for c in self.book.ledger.confirmations:
            d = self.book.ledger.documents[c.document]
            if c.said < 0 and c.document > before:
                self.units[c.point, d.production_date, d.shift, d.batch, "yield"] += c.said_yield
                self.units[c.point, d.production_date, d.shift, d.batch, c.reason or "yield"] += c.said_scrap

    def _add(self, now: Reported, day: str, shift: str) -> None:
        self.units[now.point or "final", day, shift, now.batch, now.reason or "yield"] += q(now.pieces)


def documented(book: Book) -> Counter[tuple[str, ...]]:
    """Sum what documents confirm of what was reported."""
    found: Counter[tuple[str, ...]] = Counter()
    for c in book.ledger.confirmations:
        d = book.ledger.documents[c.document]
        if not c.automatic:
            found[c.point, d.production_date, d.shift, d.batch, "yield"] += c.yield_
            found[c.point, d.production_date, d.shift, d.batch, c.reason or "yield"] += c.scrap
    return found


def catch_up(book: Book) -> None:
    """Report more at the earlier points than any report waits for."""
    for pieces, point in ((2_000, "0010"), (1_000, "0020")):
        book.post(pieces, "point", point=point, at="2026-03-18 09:00", batch="ENOUGH")


CAUGHT_UP: Counter[tuple[str, ...]] = Counter(
    {("0010", "2026-03-18", "E", "ENOUGH", "yield"): q(2_000), ("0020", "2026-03-18", "E", "ENOUGH", "yield"): q(1_000)}
)


@given(
    st.lists(reported, max_size=14),
    st.sampled_from(["reading", "3pc", "2s", "shift"]),
    st.sampled_from(["online", "background"]),
    st.integers(1, 3),
)
def test_units_are_documented_under_the_heading_with_which_they_were_reported(
    story: list[Reported], window: str, timing: str, commit_every: int
) -> None:
    settings = {"goods_issue_timing": timing, "cumulate_goods_issues": True}
    here = VARIANTS[0]
    book = Book(points(here, window, **settings), commit_every=commit_every)
    model = Model(book)
    passed: Counter[str] = Counter()
    now_at = ("2026-03-16", "E")
    reversals = False
    for now in story:
        match now.what:
            case "post" | "count":
                if now.what == "post":
                    model.post(now)
                else:
                    model.count(now, *now_at)
                passed[here] += now.pieces if now.point == "0020" else 0
            case "import":
                here = VARIANTS[now.number % 2]
                book.load(points(here, window, **settings))
            case "crash":
                book.commit()
                book.crash()
            case "reverse":
                model.reverse(now.number)
                reversals = True
            case _:
                book.wait(now.pieces)
    book.wait(30 * 3_600)
    catch_up(book)
    book.work()
    assert book.waiting() == "0"
    assert +documented(book) - CAUGHT_UP == +model.units
    assert documented(book)["0010", "2026-03-18", "E", "ENOUGH", "yield"] == q(2_000)
    if not reversals:
        passed[here] += 1_000
        issued = -sum(v for k, v in book.ledger.stock.items() if k.material == "G")
        assert issued == sum(rounded(units, variant) for variant, units in passed.items())


@given(st.data(), st.lists(reported, max_size=8), st.booleans())
def test_reports_in_another_order_give_the_same_documents_once_nothing_waits(
    data: st.DataObject, story: list[Reported], automatic: bool
) -> None:
    sums = []
    for told in (story, data.draw(st.permutations(story))):
        book = Book(points(VARIANTS[0], "reading", auto_goods_receipt=automatic))
        model = Model(book)
        for now in told:
            if not (automatic and now.point == ""):
                model.post(now)
        catch_up(book)
        sums.append((+documented(book), +book.ledger.stock, -book.ledger.stock))
        assert book.waiting() == "0"
    assert sums[0] == sums[1]
