"""The laws of the ledger under any interleaving: the book audits all of them after each commit.

What is expected of totals is computed here from what was made, not by the engine.
"""

from collections import Counter
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Actual, ActualComponent, BacklogClose, BacklogCorrect, Hold, ReverseLatest
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.movements import StockKey
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
    q,
    routing,
    stock,
    used,
    worked,
)

GRAMS = 1_000
VARIANTS = ("0.3333", "0.5", "1.25")
"""Quantity of G per piece, in kilograms, under each bill of material that is imported."""
WINDOWS = ("reading", "7pc", "3s", "shift")


def weighing(variant: str, *, window: str = "reading", **profile: Any) -> MasterData:
    """Return a plant that makes FG from so much G, with machine time and setup."""
    return plant(
        profile=RemProfile("R", **profile),
        materials=[component("G", "2.37", decimals=3, unit="KG"), component("S", 3)],
        boms=[bom([item("G", variant), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"machine": "0.7", "setup": "0.5"})], base=3)],
        devices=[counter("C1", window=window), counter("C2", window=window, role="gross")],
        shifts=EARLY_LATE_NIGHT,
    )


class Made(NamedTuple):
    """What one device made until its next telegram, and what became of that telegram."""

    device: str
    good: int
    scrap: int
    fate: str
    variant: str
    pause: int


made = st.builds(
    Made,
    device=st.sampled_from(["C1", "C2"]),
    good=st.integers(0, 9),
    scrap=st.sampled_from([0, 0, 0, 1, 3]),
    fate=st.sampled_from(["heard", "heard", "lost", "twice", "late"]),
    variant=st.sampled_from(VARIANTS),
    pause=st.sampled_from([0, 0, 1, 5, 3_600]),
)


def rounded(units: int, per_piece: str) -> int:
    """Return units x quantity, rounded half up to grams, in millionths."""
    return (2 * units * q(per_piece) + GRAMS) // (2 * GRAMS) * GRAMS


@given(
    st.lists(made, max_size=12),
    st.sampled_from(WINDOWS),
    st.sampled_from(["online", "background", "update"]),
    st.booleans(),
    st.integers(1, 3),
    st.integers(0, 3),
)
def test_every_piece_is_posted_once_whatever_is_lost_repeated_late_cumulated_or_crashed(
    story: list[Made], window: str, timing: str, cumulate: bool, commit_every: int, crash_at: int
) -> None:
    settings: dict[str, Any] = {
        "window": window,
        "goods_issue_timing": timing,
        "activity_timing": timing,
        "cumulate_goods_issues": cumulate,
        "cumulate_activities": cumulate,
    }
    book = Book(weighing(VARIANTS[0], **settings), commit_every=commit_every)
    totals = {"C1": [0, 0], "C2": [0, 0]}
    unheard = {"C1": [0, 0], "C2": [0, 0]}
    late: list[Any] = []
    here = VARIANTS[0]
    good: Counter[str] = Counter()
    passed: Counter[str] = Counter()

    def say(device: str, seq: int, fate: str) -> None:
        total = totals[device]
        reading: dict[str, Any] = {"scrap": total[1], "seq": seq, "boot": "a"}
        reading |= {"good": total[0]} if device == "C1" else {"gross": total[0] + total[1]}
        if fate == "late":
            late.append((device, reading))
        if fate in ("lost", "late"):
            return
        for _ in range(1 + (fate == "twice")):
            book.count(device, **reading)
        good[here] += unheard[device][0]
        passed[here] += sum(unheard[device])
        unheard[device] = [0, 0]

    for seq, now in enumerate(story):
        if now.variant != here:
            here = now.variant
            book.load(weighing(here, **settings))
        for index, pieces in enumerate((now.good, now.scrap)):
            totals[now.device][index] += pieces
            unheard[now.device][index] += pieces
        say(now.device, seq, now.fate)
        if seq == crash_at:
            book.commit()
            book.crash()
        if now.pause:
            book.wait(now.pause)
    for device in totals:
        say(device, 1_000, "heard")
    for device, reading in late:
        book.count(device, **reading)
    book.wait(24 * 3_600)
    book.commit()
    book.work()

    made_in_all = sum(map(sum, totals.values()))
    assert book.ledger.lines["1000", "L1"].read == made_in_all * q(1) if made_in_all else True
    held = -sum(min(0, w.good) for w in book.ledger.windows.values())
    if not held:
        assert book.ledger.windows == {}
        assert sum(v for k, v in book.ledger.stock.items() if k.material == "FG") == good.total() * q(1)
        issued = -sum(v for k, v in book.ledger.stock.items() if k.material == "G")
        assert issued == sum(rounded(units, variant) for variant, units in passed.items())


class Done(NamedTuple):
    """One thing that happens in a plant."""

    what: str
    number: int
    pieces: int
    point: str


done = st.builds(
    Done,
    what=st.sampled_from(
        [
            *("report", "report", "report", "scrap", "count", "reverse", "reverse part", "work", "retry"),
            *("stock", "import", "profile", "crash", "wait", "period", "commit"),
            *("component", "activity", "component_scrap", "by_product", "actual", "close", "latest", "hold"),
            *("lost", "lost", "rework", "said"),
        ]
    ),
    number=st.integers(0, 30),
    pieces=st.integers(1, 9),
    point=st.sampled_from(["0010", "0020", ""]),
)
CHANGED: tuple[dict[str, Any], ...] = (
    {"reporting_points": "none"},
    {"reporting_points": "optional"},
    {"reporting_points": "mandatory", "backfill": "none"},
    {"reporting_points": "mandatory", "backfill": "predecessors"},
    {"auto_goods_receipt": True},
    {"auto_goods_receipt": False},
)
"""How a profile is changed while pieces wait and stand on the line."""
profiles = st.fixed_dictionaries(
    {
        "reporting_points": st.sampled_from(["none", "mandatory", "mandatory", "optional"]),
        "backfill": st.sampled_from(["none", "predecessors"]),
        "auto_goods_receipt": st.booleans(),
        "goods_issue_timing": st.sampled_from(["online", "background", "update"]),
        "activity_timing": st.sampled_from(["online", "background", "update"]),
        "cumulate_goods_issues": st.booleans(),
        "cumulate_activities": st.booleans(),
        "stock_determination": st.booleans(),
        "order_reduction": st.sampled_from(["none", "own_version", "all_versions"]),
        "recreate_orders_on_reversal": st.booleans(),
    }
)


def pointed(per_piece: str, *, negative_stock: bool, window: str, **profile: Any) -> MasterData:
    """Return a plant with points 0010 and 0020, a by-product, a fixed item, machine time and a setup."""
    return plant(
        profile=RemProfile("R", **profile),
        materials=[component("G", "2.37", decimals=3), component("S", 3), component("W", 1)],
        boms=[
            bom(
                [
                    item("G", per_piece, "0010", operation="0010"),
                    item("A", 1, "0020", operation="0020"),
                    item("W", -1, "0030", operation="0020"),
                    item("S", 2, "0040", fixed=True),
                    item("B", 2, "0050", operation="0030"),
                ]
            )
        ],
        routings=[
            routing(
                [
                    operation("0010", {"machine": "0.7", "setup": "0.5"}, point=True),
                    operation("0020", {"machine": "0.1"}, point=True),
                    operation("0030"),
                ],
                base=3,
            )
        ],
        devices=[counter("C1", window=window), counter("C2", window=window, operation="0020", role="gross")],
        negative_stock=negative_stock,
        shifts=EARLY_LATE_NIGHT,
    )


class Happening:
    """What goes on in the plant, one thing after the other."""

    def __init__(self, book: Book, settings: dict[str, Any]) -> None:
        self.book = book
        self.settings = settings
        self.totals = {"C1": [0, 0, 0], "C2": [0, 0, 0]}
        self.opening = 0
        self.closed = self.held = False

    @staticmethod
    def batch(now: Done) -> str:
        """Return the batch that a person names."""
        return ("", "B1", "B2")[now.number % 3]

    @staticmethod
    def actual(now: Done) -> Actual:
        """Return what a person says was used: components, times, or no times."""
        some = (used(f"A {now.number + 1}"), worked(now.pieces), Actual(activities=()))
        return some[now.number % len(some)]

    def report(self, now: Done) -> bool:
        """Let something be reported; say whether it was a report."""
        book = self.book
        match now.what:
            case "report":
                book.post(now.pieces, "point" if now.point else "assembly", point=now.point, batch=self.batch(now))
            case "scrap":
                reason = ("DENT", "SCRATCH")[now.number % 2]
                book.post(now.pieces, "scrap", point=now.point, scrap_reason=reason, batch=self.batch(now))
            case "component" | "activity" | "component_scrap" | "by_product":
                book.post(now.pieces, now.what, point=now.point)
            case "actual":
                type_ = "point" if now.point else "assembly"
                book.post(now.pieces, type_, point=now.point, batch=self.batch(now), actual=self.actual(now))
            case "count":
                device = "C1" if now.number % 2 else "C2"
                total = self.totals[device]
                total[0] += now.pieces
                total[1] += now.number % 3
                total[2] += now.number % 2
                book.count(device, gross=total[0] + total[1], scrap=total[1], rework=total[2])
            case "said":
                book.post(0, "component", actual=Actual((ActualComponent("ABG"[now.number % 3], q(now.pieces)),)))
            case "lost":
                book.post(now.pieces, "scrap", after=now.point or "0010", scrap_reason="DENT")
            case "rework":
                book.post(now.number % 3, point=now.point, rework=q(now.pieces))
            case "reverse" | "reverse part":
                book.commit()
                number = 1 + now.number % max(1, len(book.ledger.documents))
                book.reverse(number, now.pieces if now.what == "reverse part" else None)
            case "latest":
                book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", now.point or "final", q(now.pieces)))
            case _:
                return False
        return True

    def keep_up(self, now: Done) -> None:
        """Let something be settled, imported or lost."""
        book = self.book
        match now.what:
            case "work":
                book.work(process=("", "issue", "activity")[now.number % 3])
            case "retry":
                book.retry()
            case "stock":
                self.opening += now.pieces
                lots = {StockKey(PLANT, "A", "RAW", f"B{now.number % 3}"): q(now.number)}
                opening = stock(A=self.opening, B=2 * self.opening, G=self.opening)
                book.load(book.state.master, stock=opening | lots)
            case "import":
                book.load(pointed(VARIANTS[now.number % 3], **self.settings))
            case "profile":
                self.settings |= CHANGED[now.number % len(CHANGED)]
                book.load(pointed(VARIANTS[now.number % 3], **self.settings))
            case "crash":
                book.commit()
                book.crash()
            case "wait":
                book.wait(now.pieces * now.number * 60)
            case "period":
                self.closed = not self.closed
                book.period("2026-03", closed=self.closed)
            case "close":
                missing = [key for key, record in book.ledger.backlog.items() if record.open]
                if now.number % 3:
                    book.ask(BacklogClose(tuple(missing[: now.number % 2])))
                elif missing:
                    book.ask(
                        BacklogCorrect(missing[0], quantity=min(q(now.pieces), book.ledger.backlog[missing[0]].open))
                    )
            case "hold":
                self.held = not self.held
                book.ask(Hold(PLANT, LINE, "issue", self.held))
            case _:
                book.commit()


@given(
    st.lists(done, max_size=16),
    profiles,
    st.booleans(),
    st.sampled_from(WINDOWS),
    st.integers(1, 3),
    st.sampled_from(["demand", "60s"]),
)
def test_any_interleaving_keeps_every_law(
    story: list[Done], profile: dict[str, Any], negative_stock: bool, window: str, commit_every: int, schedule: str
) -> None:
    settings = {**profile, "negative_stock": negative_stock, "window": window}
    orders = [order("O1", 20, version="V1", start="2026-03-10"), order("O2", 5)]
    book = Book(
        pointed(VARIANTS[0], **settings),
        orders=orders,
        commit_every=commit_every,
        rules=Rules(worklist=schedule, edition=EDITION),
    )
    happening = Happening(book, settings)
    for now in story:
        if not happening.report(now):
            happening.keep_up(now)
    book.ask(Hold(PLANT, LINE, "issue", held=False))
    book.wait(24 * 3_600)
    book.commit()
    book.load(book.state.master, stock=stock(A=10_000, B=10_000, G=10_000, S=10_000))
    book.work()
    book.retry()
    assert book.open_rows() == {}
    assert book.backlog() == {}
