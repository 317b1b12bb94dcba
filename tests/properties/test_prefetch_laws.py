"""A step touches nothing that it has not named: what is neither in memory nor in the answer to its needs is asked for.

The ledger's answers are handed to the step in containers that know what was asked: whoever looks up anything else
there, though it would find nothing, breaks the law. So does who looks up a life of a device that was dropped; for
balances, accounts, flows and runs the engine itself asserts it. Stories of every door are told, in batches, while
chance drops what is done, starts again and sets the clock back.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import fields, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.changes import Facts, Needs
from gateway.backflush.memory.events import BacklogClose, BacklogCorrect, Event, Hold, Post, ReverseLatest
from gateway.backflush.memory.state import Rules, State
from gateway.backflush.plant.snapshot import ROAMING, Gtin, MasterData, RemProfile, SalesOrder
from gateway.backflush.plant.versions import Run
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import step
from gateway.backflush.values.counting import NEXT_LIFE
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
from tests.stories import Told, told

GTIN = "04006381333931"
TIMES = ("2026-03-01 09:00", "2026-03-13 23:10", "2026-03-15 05:00", "2026-03-15 15:00", "")
LOTS = ("", "B1", "B2")
BEARERS = ("", "", "SO 4500 10", "SO 9 10", "LOT L7")
WHAT = (
    *("count", "stored", "life", "difference", "label", "serial", "pallet", "cards", "run card", "stop card"),
    *(
        "undo",
        "close card",
        "lost card",
        "post",
        "post",
        "scrap",
        "component",
        "reverse",
        "reverse",
        "part",
        "latest",
        "back",
    ),
    *("run", "stop", "work", "retry", "correct", "close", "hold", "release", "period", "broken", "replay", "dismiss"),
    *("import", "runs", "unit", "wait", "again"),
)
THEMES = (
    ("count", "stored", "label", "serial", "cards", "broken", "broken", "replay", "replay", "wait", "back"),
    ("count", "label", "post", "scrap", "component", "reverse", "reverse", "part", "latest", "undo", "wait", "work"),
    ("cards", "run card", "stop card", "lost card", "serial", "serial", "pallet", "undo", "back", "wait", "run"),
    ("run", "runs", "stop", "count", "stored", "post", "unit", "wait", "back", "import"),
)
"""Things that depend on one another."""
CARDS = {
    "run card": "BF:RUN:FG:V1",
    "stop card": "BF:STOP",
    "undo": "BF:UNDO",
    "close card": "BF:CLOSE",
    "lost card": "BF:LOST:DENT",
}
SCANNED = ("label", "serial", "pallet", "cards", *CARDS)
UNASKED: dict[str, Callable[[Needs], bool]] = {
    "worklist": lambda needs: needs.worklist is None,
    "backlog": lambda needs: needs.backlog is None and needs.worklist is None,
    "latest": lambda needs: needs.latest is None,
    "undone": lambda needs: needs.period is None,
    "unvalued": lambda needs: not needs.unvalued,
    "missing": lambda needs: not needs.unvalued,
}
"""Fields of the answer that hold nothing unless they are asked for: when they were not."""


class Answered(dict[Any, Any]):
    """What the ledger has answered of one kind; only what was asked may be looked up."""

    def __init__(self, found: dict[Any, Any], asked: Iterable[Hashable]) -> None:
        super().__init__(found)
        self.asked = {*found, *asked}

    def look(self, key: Any) -> None:
        assert key in self.asked, f"{key!r} was not read before it was touched"

    def get(self, key: Any, default: Any = None) -> Any:
        self.look(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.look(key)
        return super().__contains__(key)

    def __getitem__(self, key: Any) -> Any:
        self.look(key)
        return super().__getitem__(key)


class Lives(Answered):
    """The marks of a device's lives in memory; an older life may be looked up only if it was asked for."""

    def __init__(self, marks: dict[Any, Any], asked: Iterable[str]) -> None:
        super().__init__(marks, ())
        self.lives = {*asked, NEXT_LIFE}

    def look(self, key: Any) -> None:
        life, kind = key
        # Differences have one life, which is never dropped.
        read = kind.startswith("delta ") or life in self.lives or any(life == known for known, _ in self)
        assert read, f"life {life!r} was not read before it was touched"


class Strict(Facts):
    """Facts of which only what was asked may be looked up."""

    needs: Needs = Needs()

    def __getattribute__(self, name: str) -> Any:
        unasked = UNASKED.get(name)
        assert unasked is None or not unasked(type(self).needs), f"{name} was not read before it was touched"
        return super().__getattribute__(name)


def strict(state: State, facts: Facts, asked: Sequence[Needs]) -> Facts:
    """Return the facts of a step, and change its state, so that nothing else can be looked up."""

    def all_of(name: str) -> list[Any]:
        return [each for needs in asked for each in getattr(needs, name)]

    Strict.needs = asked[0] if asked else Needs()
    result = Strict()
    for field in fields(Facts):
        object.__setattr__(result, field.name, getattr(facts, field.name))
    for name, of in (
        ("scans", "scans"),
        ("serials", "serials"),
        ("commands", "commands"),
        ("quarantine", "quarantine"),
        ("folded", "quarantine"),
        ("records", "records"),
        ("there", "remeasured"),
    ):
        object.__setattr__(result, name, Answered(getattr(facts, name), all_of(of)))
    documents = (0, *all_of("documents"))
    result.documents = Answered(facts.documents, documents)
    unknown = {(PLANT, name) for name in BEARERS if name not in state.master.sales_orders}
    result.made = Answered(facts.made, {some[:2] for some in all_of("sold")} | unknown)
    for device, marks in state.marks_of_devices.items():
        lives = [boot for name, boot in all_of("marks") if name == device]
        state.marks_of_devices[device] = Lives(marks, lives) if marks else {}
    return result


class Guarded(Book):
    """A book whose steps see what they have asked for and nothing else."""

    def _step(self, events: list[Event]) -> None:
        self.state.beside = self.beside
        asked: list[Needs] = []

        def read(needs: Needs) -> Facts:
            asked.append(needs)
            return self.ledger.answer(needs)

        if events:
            facts = gather(inquire(self.state, events, self.now), read)
            step(self.state, self.changes, strict(self.state, facts, asked), self.now, events)
            lives = self.state.marks_of_devices
            lives.update({device: dict(marks) for device, marks in lives.items()})

    def audit(self) -> None:
        """Leave the laws of the ledger to others."""


def shop(price: int, *, unit: str = "PC", disabled: bool = False, locked: bool = False, **profile: Any) -> MasterData:
    """Return a plant of two lines with setup and fixed items at two points, made to stock, to order and by lot."""
    made = plant(
        versions=[version(locked=locked), version("V2", line="L2", locked=locked)],
        profile=RemProfile("R", **profile),
        materials=[component("G", price, decimals=3, unit="KG"), component("S", 3, unit=unit)],
        boms=[bom([item("G", "0.3333"), item("S", 2, "0020", fixed=True)])],
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

    def __init__(self, profile: dict[str, Any], rules: Rules) -> None:
        self.profile = profile
        self.forgets = True
        self.total = 0
        self.book = Guarded(
            shop(2, **profile),
            now="2026-03-16 08:00",
            rules=rules,
            stock=stock(G=9, S=30),
            forgets=lambda: self.forgets,
        )

    def tell(self, now: Told) -> None:
        """Let one thing happen."""
        self.forgets, book = now.forgets, self.book
        if now.crashes:
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
            case "post" | "scrap" | "component" | "reverse" | "part" | "latest" | "run" | "stop" | "again":
                self._post(now)
            case _:
                (self._scan if now.what in SCANNED else self._keep_up)(now)

    def _import(self, now: Told) -> None:
        """Import other prices, runs, or another unit; or disable all devices while they speak."""
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
                book.count(good=self.total, ts=now.at or None, batch=now.lot or None)
                book.scan("FG", "R1", line=ROAMING, id=f"x{now.number}", **self._sold(now))
                book.scan(f"]C101{GTIN}21{now.number}", id=f"y{now.number}")
                book.load(shop(price, **self.profile))
            case _:
                book.load(shop(price, **self.profile))

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
                type_ = "assembly" if now.what == "post" else now.what
                point = "0010" if now.number % 2 and not now.cost_object else ""
                more = {"batch": now.lot, "cost_object": now.cost_object, "point": point, "force": True}
                book.post(now.pieces, type_, at=at, **more)

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
                cards = [f"BF:LINE:{PLANT}:{line}", *(["BF:POINT:0010"] if now.number % 2 else [])]
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
                book.replay(*(entries[: now.number] or (1,)))
            case "dismiss":
                book.dismiss(*(entries[: now.number] or (1,)))
            case _:
                raise AssertionError(now.what)


@st.composite
def stories(draw: st.DrawFn) -> list[Told]:
    """Draw a story of one theme, of a few times and bearers: of all of them the same two would rarely meet."""
    what = draw(st.sampled_from((WHAT, *THEMES)))
    times, bearers = (draw(st.lists(st.sampled_from(some), min_size=1, max_size=3)) for some in (TIMES, BEARERS))
    return draw(st.lists(told(what, times, LOTS, bearers), max_size=16))


@given(
    stories(),
    st.fixed_dictionaries(
        {
            "goods_issue_timing": st.sampled_from(["online", "update", "background"]),
            "activity_timing": st.sampled_from(["online", "update", "background"]),
            "reporting_points": st.sampled_from(["mandatory", "optional"]),
            "cumulate_goods_issues": st.booleans(),
        }
    ),
    st.sampled_from(["reading", "7pc", "scan", "shift"]),
    st.sampled_from([1, 96]),
    st.booleans(),
)
def test_a_step_touches_nothing_that_was_not_read(
    story: list[Told], profile: dict[str, Any], window: str, late_h: int, judging: bool
) -> None:
    names = () if judging else ("*",)
    rules = Rules(window=window, worklist="60s", late_max=late_h * 3_600_000_000, open_names=names)
    teller = Teller(profile, rules)
    for now in story:
        teller.tell(now)
    teller.book.wait(24 * 3_600)
