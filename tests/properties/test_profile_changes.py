"""A changed profile takes effect for new reports, and strands nothing that is on the line.

The model is the shop floor itself: pieces that stand somewhere on the line. Whatever the profile said while a piece was
on its way, when it has left the line it was received (or scrapped) once, and each operation that it has passed has
consumed its component and its time once.
"""

from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from tests.book import Book
from tests.builders import bom, component, counter, item, operation, order, plant, q, routing, stock

OPERATIONS = "0010", "0020", "0030"
COMPONENTS = dict(zip(OPERATIONS, "ABC", strict=True))
HOURS = "0.1"

Profile = dict[str, Any]
TIMINGS = st.sampled_from(["online", "update", "background"])
profiles: st.SearchStrategy[Profile] = st.fixed_dictionaries(
    {
        "reporting_points": st.sampled_from(["none", "mandatory", "optional"]),
        "backfill": st.sampled_from(["none", "predecessors"]),
        "auto_goods_receipt": st.booleans(),
        "goods_issue_timing": TIMINGS,
        "activity_timing": TIMINGS,
        "cumulate_goods_issues": st.booleans(),
        "cumulate_activities": st.booleans(),
        "order_reduction": st.sampled_from(["none", "own_version", "own_and_unassigned", "all_versions"]),
        "order_window_days": st.sampled_from([None, 0, 3]),
        "stock_determination": st.booleans(),
        "recreate_orders_on_reversal": st.booleans(),
    }
)
"""Every field but those that say what is consumed at all, and but `reject`, by which a person's report can be lost."""


class Event(NamedTuple):
    """Something happens on the shop floor or in the office."""

    what: str
    pieces: int
    is_told: bool
    """Where telling is optional: whether the point is told."""
    profile: Profile


LAST: tuple[Profile, ...] = (
    {"reporting_points": "none"},
    {"reporting_points": "optional"},
    {"reporting_points": "mandatory", "backfill": "predecessors"},
)
"""What makes nobody wait for what was never told."""

events = st.builds(
    Event,
    what=st.sampled_from(
        [
            *("begin", "begin", "go on", "go on", "finish", "finish"),
            *("change", "change", "change", "scrap", "work", "retry", "crash", "wait", "commit"),
        ]
    ),
    pieces=st.integers(1, 4),
    is_told=st.booleans(),
    profile=profiles,
)


def line(profile: Profile, *, negative_stock: bool, window: str) -> MasterData:
    """Return a line of three operations, each with a component and a time; the first two may be points."""
    operations = [operation(name, {"machine": HOURS}, point=name in OPERATIONS[:2]) for name in OPERATIONS]
    items = [item(name, 1, where, operation=where) for where, name in COMPONENTS.items()]
    return plant(
        profile=RemProfile("R", **profile),
        materials=[component("C", 5)],
        boms=[bom(items)],
        routings=[routing(operations)],
        devices=[counter("C1", window=window)],
        negative_stock=negative_stock,
    )


class Floor:
    """Pieces on the line, and what is told of them."""

    def __init__(
        self, profile: Profile, *, negative_stock: bool, window: str, schedule: str, commit_every: int
    ) -> None:
        self.profile = profile
        self.settings: dict[str, Any] = {"negative_stock": negative_stock, "window": window}
        orders = [order("O1", 20, version="V1", start="2026-03-10"), order("O2", 5)]
        self.book = Book(
            line(profile, **self.settings),
            orders=orders,
            commit_every=commit_every,
            rules=Rules(worklist=schedule, edition=EDITION),
        )
        self.standing = [0, 0]
        """Pieces that have passed the first operation, and the second."""
        self.passed = [0, 0, 0]
        """Pieces that each operation has worked on, scrapped ones included."""
        self.made = 0

    def has_points(self) -> bool:
        return bool(self.profile["reporting_points"] != "none")

    def tells(self, now: Event) -> bool:
        return self.has_points() and (now.is_told or self.profile["reporting_points"] == "mandatory")

    def go(self, at: int, pieces: int, *, is_told: bool) -> None:
        """Let pieces pass an operation."""
        pieces = min(pieces, self.standing[at - 1]) if at else pieces
        if not pieces:
            return
        if at:
            self.standing[at - 1] -= pieces
        self.passed[at] += pieces
        if at < 2:
            self.standing[at] += pieces
            if is_told:
                self.book.post(pieces, "point", point=OPERATIONS[at])
        else:
            self.made += pieces
            self.book.count("C1", good=self.made)

    def scrap(self, now: Event) -> None:
        """Let pieces be scrapped at the second operation, where that can be told."""
        pieces = min(now.pieces, self.standing[0])
        if pieces and self.has_points():
            self.standing[0] -= pieces
            self.passed[1] += pieces
            self.book.post(pieces, "scrap", point=OPERATIONS[1], scrap_reason="DENT")

    def change(self, profile: Profile) -> None:
        """Import another profile."""
        self.profile = profile
        self.book.load(line(profile, **self.settings))

    def happen(self, now: Event) -> None:
        match now.what:
            case "begin":
                self.go(0, now.pieces, is_told=self.tells(now))
            case "go on":
                self.go(1, now.pieces, is_told=self.tells(now))
            case "finish":
                self.go(2, now.pieces, is_told=True)
            case "scrap":
                self.scrap(now)
            case "change":
                self.change(now.profile)
            case "work":
                self.book.work()
            case "retry":
                self.book.retry()
            case "crash":
                self.book.commit()
                self.book.crash()
            case "wait":
                self.book.wait(100 * now.pieces)
            case _:
                self.book.commit()

    def run_empty(self, last: Profile) -> None:
        """Let every piece leave the line, and one more, with a profile that waits for nothing; post what is open."""
        self.change({**self.profile, **last})
        self.go(1, self.standing[0], is_told=self.has_points())
        self.go(2, self.standing[1], is_told=True)
        for at in range(3):
            self.go(at, 1, is_told=self.has_points())
        self.book.wait(24 * 3_600)
        self.book.commit()
        self.book.load(self.book.state.master, stock=stock(A=1_000, B=1_000, C=1_000))
        self.book.work()
        self.book.retry()

    def figures(self) -> dict[str, Any]:
        """Return what the ledger says of it."""
        book = self.book
        issued = {name: -sum(i.quantity for i in book.ledger.items if i.material == name) for name in "ABC"}
        return {
            "received": sum(i.quantity for i in book.ledger.items if i.material == "FG"),
            "issued": issued,
            "hours": sum(a.hours for a in book.ledger.activities),
            "on the line": {point: pieces for point, pieces in book.wip().items() if pieces != "0"},
            "waiting": book.waiting(),
            "open rows": book.open_rows(),
            "backlog": book.backlog(),
            "windows": len(book.ledger.windows),
        }

    def expected(self) -> dict[str, Any]:
        """Return what the shop floor says of it."""
        return {
            "received": q(self.made),
            "issued": {name: q(pieces) for name, pieces in zip("ABC", self.passed, strict=True)},
            "hours": sum(self.passed) * q(HOURS),
            "on the line": {},
            "waiting": "0",
            "open rows": {},
            "backlog": {},
            "windows": 0,
        }


@given(
    st.lists(events, min_size=5, max_size=14),
    profiles,
    st.sampled_from(LAST),
    st.booleans(),
    st.sampled_from(["reading", "3pc", "2s", "shift"]),
    st.sampled_from(["demand", "60s", "5 rows"]),
    st.integers(1, 3),
)
def test_when_the_line_is_empty_every_piece_was_posted_once_whatever_the_profiles_were(
    story: list[Event],
    profile: Profile,
    last: Profile,
    negative_stock: bool,
    window: str,
    schedule: str,
    commit_every: int,
) -> None:
    floor = Floor(profile, negative_stock=negative_stock, window=window, schedule=schedule, commit_every=commit_every)
    for now in story:
        floor.happen(now)
    floor.run_empty(last)
    assert floor.figures() == floor.expected()


CONSUMING = st.fixed_dictionaries(
    {
        "goods_issue": st.booleans(),
        "activities": st.booleans(),
        "include_component_scrap": st.booleans(),
        "goods_issue_timing": TIMINGS,
        "activity_timing": TIMINGS,
        "cumulate_goods_issues": st.booleans(),
        "cumulate_activities": st.booleans(),
        "order_reduction": st.sampled_from(["none", "own_version", "own_and_unassigned", "all_versions"]),
        "order_window_days": st.sampled_from([None, 0, 3]),
    }
)
SCRAP = "10"
"""Component scrap of A, in per cent."""


def wasteful(profile: Profile, *, points: Any, negative_stock: bool) -> MasterData:
    """Return a line with one point, whose A takes a tenth more where the profile says so."""
    return plant(
        profile=RemProfile("R", reporting_points=points, **profile),
        materials=[component("A", 5, decimals=3)],
        boms=[
            bom(
                [
                    item("A", 1, "0010", operation="0010", component_scrap=q(SCRAP)),
                    item("B", 1, "0020", operation="0020"),
                ]
            )
        ],
        routings=[routing([operation("0010", {"machine": HOURS}, point=True), operation("0020", {"machine": HOURS})])],
        negative_stock=negative_stock,
    )


class Planned(NamedTuple):
    """A planned order, and how many days before today it starts."""

    name: str
    version: str
    days: int
    pieces: int


ORDERS = Planned("O1", "V1", 6, 4), Planned("O2", "", 2, 6), Planned("O3", "V2", 0, 5)
"""The oldest first."""
REDUCED = {"none": (), "own_version": ("V1",), "own_and_unassigned": ("V1", ""), "all_versions": ("V1", "", "V2")}


def reduce(left: dict[str, int], pieces: int, profile: Profile) -> None:
    """Use planned orders up as the profile says."""
    days = profile["order_window_days"]
    for one in ORDERS:
        if one.version in REDUCED[profile["order_reduction"]] and (days is None or one.days <= days):
            used = min(pieces, left[one.name])
            left[one.name] -= used
            pieces -= used


@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["", "", "work", "crash", "retry"]), CONSUMING), max_size=8),
    st.sampled_from(["none", "mandatory", "optional"]),
    st.booleans(),
)
def test_what_is_consumed_is_what_the_profile_said_when_it_was_told(
    story: list[tuple[int, str, Profile]], points: str, negative_stock: bool
) -> None:
    starts = {o.name: f"2026-03-{16 - o.days:02d}" for o in ORDERS}
    orders = [order(o.name, o.pieces, version=o.version, start=starts[o.name], line="") for o in ORDERS]
    book = Book(wasteful({}, points=points, negative_stock=negative_stock), orders=orders)
    left = {one.name: one.pieces for one in ORDERS}
    expected = {"A": 0, "B": 0, "hours": 0}
    made = 0
    for pieces, happening, profile in story:
        book.load(wasteful(profile, points=points, negative_stock=negative_stock))
        if points != "none" and pieces:
            book.post(pieces, "point", point="0010")
        made += pieces
        book.count("C1", good=made)
        reduce(left, pieces, profile)
        if profile["goods_issue"]:
            expected["A"] += pieces * q("1.1" if profile["include_component_scrap"] else "1")
            expected["B"] += pieces * q(1)
        if profile["activities"]:
            expected["hours"] += 2 * pieces * q(HOURS)
        match happening:
            case "work":
                book.work()
            case "retry":
                book.retry()
            case "crash":
                book.commit()
                book.crash()
    book.load(book.state.master, stock=stock(A=1_000, B=1_000))
    book.work()
    book.retry()
    issued = {name: -sum(i.quantity for i in book.ledger.items if i.material == name) for name in "AB"}
    assert issued | {"hours": sum(a.hours for a in book.ledger.activities)} == expected
    assert {name: order.open(QUANTITY) for name, order in book.ledger.orders.items()} == {
        name: q(pieces) for name, pieces in left.items()
    }
    assert (book.open_rows(), book.backlog(), book.waiting()) == ({}, {}, "0")
    assert all(pieces == "0" for pieces in book.wip().values())
