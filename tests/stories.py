"""Stories: things that happen in a plant one after the other, drawn by chance, and the book that they are told to."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from hypothesis import strategies as st

from gateway.backflush.memory.events import BacklogClose, BacklogCorrect, Hold, Post, ReverseLatest
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import ROAMING, Gtin, MasterData, RemProfile, SalesOrder
from gateway.backflush.plant.versions import Run
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
    moment,
    operation,
    plant,
    q,
    routing,
    scanner,
    stock,
    version,
)

GTIN = "04006381333931"
TIMES = ("2026-03-01 09:00", "2026-03-13 23:10", "2026-03-15 05:00", "2026-03-15 15:00", "")
LOTS = ("", "B1", "B2")
BEARERS = ("", "SO 4500 10", "SO 9 10", "LOT L7")
WHAT = (
    *("count", "stored", "life", "difference", "label", "serial", "pallet", "cards"),
    *("run card", "start card", "stop card", "undo", "close card", "lost card"),
    *("post", "post", "scrap", "rework", "component"),
    *("reverse", "reverse", "part", "latest", "back"),
    *("run", "stop", "work", "retry", "correct", "close", "hold", "release", "period", "broken", "replay", "dismiss"),
    *("import", "runs", "unit", "wait", "again"),
)
THEMES = (
    ("count", "stored", "label", "serial", "cards", "broken", "broken", "replay", "replay", "wait", "back"),
    (
        *("count", "label", "post", "scrap", "rework", "component", "import"),
        *("reverse", "reverse", "part", "latest", "undo", "wait", "work"),
    ),
    (
        *("cards", "run card", "start card", "label", "stop card", "lost card", "serial", "serial", "pallet"),
        *("undo", "undo", "back", "wait", "run"),
    ),
    ("run", "runs", "stop", "count", "stored", "post", "unit", "wait", "back", "import"),
)
"""Things that depend on one another."""
CARDS = {
    "run card": "BF:RUN:FG:V1",
    "start card": "BF:START",
    "stop card": "BF:STOP",
    "undo": "BF:UNDO",
    "close card": "BF:CLOSE",
    "lost card": "BF:LOST:DENT",
}
SCANNED = ("label", "serial", "pallet", "cards", *CARDS)


class Told(NamedTuple):
    """One thing that happens; which of the fields matter depends on it."""

    what: str
    pieces: int
    at: str
    lot: str
    cost_object: str
    number: int
    forgets: bool
    crashes: bool


def told(
    what: Sequence[str], times: Sequence[str], lots: Sequence[str], cost_objects: Sequence[str]
) -> st.SearchStrategy[Told]:
    """Draw one thing of those that a story is about; what stands twice comes more often."""
    return st.builds(
        Told,
        what=st.sampled_from(what),
        pieces=st.integers(1, 5),
        at=st.sampled_from(times),
        lot=st.sampled_from(lots),
        cost_object=st.sampled_from(cost_objects),
        number=st.integers(0, 7),
        forgets=st.booleans(),
        crashes=st.booleans(),
    )


PROFILES = st.fixed_dictionaries(
    {
        "goods_issue": st.sampled_from([True, True, False]),
        "activities": st.sampled_from([True, True, False]),
        "goods_issue_timing": st.sampled_from(["online", "update", "background"]),
        "activity_timing": st.sampled_from(["online", "update", "background"]),
        "reporting_points": st.sampled_from(["mandatory", "optional"]),
        "cumulate_goods_issues": st.booleans(),
    }
)


@st.composite
def rules_of_a_gateway(draw: st.DrawFn) -> Rules:
    """Draw the windows, the limit of late telegrams, whether names are judged, and the edition of the journal."""
    late_h = draw(st.sampled_from([1, 96]))
    names = draw(st.sampled_from([(), ("*",)]))
    window = draw(st.sampled_from(["reading", "7pc", "3s", "scan", "shift"]))
    edition = draw(st.sampled_from([EDITION, EDITION, 0]))
    return Rules(window, worklist="60s", late_max=late_h * 3_600_000_000, open_names=names, edition=edition)


def shop(
    price: int, *, share: str = "0.3333", unit: str = "PC", disabled: bool = False, locked: bool = False, **profile: Any
) -> MasterData:
    """Return a plant of two lines with setup and fixed items at two points, made to stock, to order and by lot."""
    made = plant(
        versions=[version(locked=locked), version("V2", line="L2", locked=locked)],
        profile=RemProfile("R", **profile),
        materials=[component("G", price, decimals=3, unit="KG"), component("S", 3, unit=unit)],
        boms=[bom([item("G", share), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"setup": "0.5"}, point=True), operation("0020", {"m": "0.7"})])],
        devices=[
            counter("C1", disabled=disabled),
            scanner("S1", disabled=disabled),
            scanner("R1", line=ROAMING, disabled=disabled),
        ],
        gtins={GTIN: Gtin("FG")},
        shifts=EARLY_LATE_NIGHT,
        negative_stock=False,
    )
    return replace(made, sales_orders={"SO 4500 10": SalesOrder(PLANT, "FG", q(50))})


class Teller:
    """A book and what has been counted for it."""

    def __init__(
        self, profile: dict[str, Any], rules: Rules, kind: type[Book] = Book, *, remembers: bool = False
    ) -> None:
        """Begin a book of some kind; one that remembers drops nothing from memory, and never starts again."""
        self.profile = profile
        self.remembers = remembers
        self.forgets = True
        self.total = 0
        self.book = kind(
            shop(2, **profile),
            now="2026-03-16 08:00",
            rules=rules,
            stock=stock(G=9, S=30),
            forgets=lambda: self.forgets and not remembers,
        )

    def tell_all(self, story: list[Told]) -> Book:
        """Let a story happen, and a day pass; return the book."""
        for now in story:
            self.tell(now)
        self.book.wait(24 * 3_600)
        self.book.commit()
        return self.book

    def tell(self, now: Told) -> None:
        """Let one thing happen."""
        self.forgets, book = now.forgets, self.book
        if now.crashes and not self.remembers:
            book.commit()
            book.crash()
        self.total += now.pieces
        match now.what:
            case "count":
                book.count(good=self.total, batch=now.lot or None)
            case "life":
                book.count(good=self.total, boot=f"b{now.number}", seq=self.total)
            case "difference":
                book.count(delta=True, good=now.pieces, id=f"d{now.number}")
            case "stored":
                book.count(good=self.total, ts=now.at or "2026-03-16 01:00", hist=True, batch=now.lot or None)
            case "wait":
                book.wait(now.pieces * now.number * 3_600)
            case "back":
                book.now -= now.number * 86_400_000_000
                book.tick()
            case "import" | "unit" | "runs" | "broken":
                self._import(now)
            case "post" | "scrap" | "rework" | "component" | "reverse" | "part" | "latest" | "run" | "stop" | "again":
                self._post(now)
            case _:
                (self._scan if now.what in SCANNED else self._keep_up)(now)

    def _import(self, now: Told) -> None:
        """Import other prices and lists, runs, or another unit; or disable all devices while they speak."""
        book, price = self.book, 2 + now.number % 2
        match now.what:
            case "unit":
                book.load(shop(price, unit="KG", **self.profile))
            case "runs":
                run = Run(PLANT, LINE, moment(now.at or "2026-03-16 07:00"), None, "FG", "V1", now.lot)
                book.load(shop(price, **self.profile), runs=[run])
            case "broken":
                # Messages of disabled devices are kept as a whole, the pieces of a locked version by themselves.
                locked = now.number % 2 > 0
                book.load(shop(price, disabled=not locked, locked=locked, **self.profile))
                book.count(good=self.total, ts=now.at or None, hist=True, batch=now.lot or None)
                book.count(delta=True, good=now.pieces, id=f"e{now.number}")
                book.scan(f"]C101{GTIN}21{now.number}", "R1", line=ROAMING, id=f"z{now.number}")
                book.scan("FG", "R1", line=ROAMING, id=f"x{now.number}", **self._sold(now))
                book.scan(f"]C101{GTIN}21{now.number}", id=f"y{now.number}")
                book.load(shop(price, **self.profile))
            case _:
                book.load(shop(price, share="0.5" if now.number % 3 else "0.3333", **self.profile))

    def _post(self, now: Told) -> None:
        book = self.book
        at = None if not now.at else moment(now.at) if now.number else 0
        match now.what:
            case "reverse" | "part":
                book.commit()
                number = 1 + now.number % max(1, len(book.ledger.documents))
                book.reverse(number, now.pieces if now.what == "part" else None)
            case "latest":
                book.commit()
                book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", "final", q(now.pieces)))
            case "run":
                sales = self._sold(now) if now.cost_object.startswith("SO") else {}
                reading = book.counted(good=self.total).reading if now.number % 2 else None
                totals = {"C1": reading} if reading else {}
                book.run(version="V1", start=now.at or "2026-03-16 07:00", batch=now.lot, totals=totals, **sales)
            case "stop":
                book.stop(now.at)
            case "again":
                action = Post("assembly", PLANT, LINE, "FG", "", q(1))
                book.ask(action, transaction=f"t{now.number}")
            case _:
                type_ = "assembly" if now.what in ("post", "rework") else now.what
                point = "0010" if now.number % 2 and not now.cost_object else ""
                more = {"batch": now.lot, "cost_object": now.cost_object, "point": point, "force": True}
                pieces, again = (0, now.pieces) if now.what == "rework" else (now.pieces, 0)
                book.post(pieces, type_, at=at, rework=q(again), **more)

    def _scan(self, now: Told) -> None:
        book, id_ = self.book, f"{now.number}" if now.pieces > 2 else None
        match now.what:
            case "label":
                book.scan("FG", id=id_, ts=now.at or None, hist=bool(now.at), **self._sold(now))
            case "serial":
                book.scan(f"]C101{GTIN}21{now.number}", id=id_, **self._sold(now))
            case "pallet":
                book.scan("]C100340123450000000017", id=id_)
            case "cards":
                line = ("L1", "L1", "L2")[now.number % 3]
                points = ["BF:POINT:0010"] if now.number % 2 else ["BF:POINT:0020"] if now.number % 4 else []
                cards = [f"BF:LINE:{PLANT}:{line}", *points]
                labels = [f"]C101{GTIN}21{now.number}"]
                scans = [book.scanned(text, "R1", line=ROAMING) for text in (*cards, *labels)]
                book.feed(*scans)
                book.commit()
            case _:
                book.commit()
                book.scan(CARDS[now.what], id=id_)

    def _sold(self, now: Told) -> dict[str, str]:
        kind, *names = now.cost_object.split() or [""]
        said = ("lot",) if kind == "LOT" else ("sales_order", "sales_order_item")
        return dict(zip(said, names, strict=False))

    def _keep_up(self, now: Told) -> None:
        book = self.book
        book.commit()
        entries = tuple(book.ledger.quarantine)
        records = tuple(book.ledger.backlog)
        process = PROCESSES[now.number % 3]
        match now.what:
            case "work":
                book.work()
            case "retry":
                book.retry()
            case "correct":
                book.ask(BacklogCorrect(records[now.number % len(records)] if records else (1, 1)))
            case "close":
                book.ask(BacklogClose(records[: now.number]))
            case "hold" | "release":
                book.ask(Hold(PLANT, LINE, process, now.what == "hold", every=now.number > 5))
            case "period":
                book.period(("2026-02", "2026-03")[now.number % 2], closed=now.pieces > 2)
            case "replay":
                if now.pieces > 4:
                    book.sent.clear()  # the journal has been pruned
                book.replay(*(entries[: now.number] or (1,)))
            case "dismiss":
                book.dismiss(*(entries[: now.number] or (1,)))
            case _:
                raise AssertionError(now.what)


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """Draw a story of one theme, of a few times and bearers: of all of them the same two would rarely meet."""
    what = draw(st.sampled_from((WHAT, *THEMES)))
    times, bearers = (draw(st.lists(st.sampled_from(some), min_size=1, max_size=3)) for some in (TIMES, ("", *BEARERS)))
    return draw(st.lists(told(what, times, LOTS, bearers), max_size=16))
