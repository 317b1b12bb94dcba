"""The laws of answers: whatever people, systems and devices say in whatever order, what they are told is what is so.

The laws themselves stand in `tests.answers`, whose book holds each answer against the ledger before and after it.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from devices.messages import Reading, Used
from gateway.backflush.memory.events import (
    ActualComponent,
    BacklogClose,
    BacklogCorrect,
    Begin,
    Hold,
    QuarantineDismiss,
    Reverse,
    ReverseLatest,
    WindowClose,
)
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData
from tests.answers import AnsweringBook
from tests.builders import LINE, PLANT, PROCESSES, counter, order, q, scanner, stock
from tests.properties.test_ledger_laws import CHANGED, VARIANTS, WINDOWS, Done, Happening, pointed, profiles

GTIN = "04006381333931"
PALLETS = ("00340123450000000017", "00340123450000000024")
POINTS = ("", "", "", "0010", "0010", "0020", "0020", "0099")
"""The last one is none."""
REASONS = ("DENT", "SCRATCH", "NONE")
"""The last one is none."""
CARDS = (
    *("QTY:3", "SCRAP:DENT", "SCRAP:NONE", "LOST:DENT", "REWORK", "YIELD", "UNDO", "UNDO", "CLOSE", "STOP", "X"),
    *(
        *("POINT:0010", "POINT:0099", "RUN:FG:V1", "RUN:FG:V9", "BEGIN:C3:5", "BEGIN:C9:5", "LINE:1000:L1"),
        *("OPERATOR:otto",),
    ),
)


_DAY_AFTER, _LATER = "2026-03-29 10:00", "2026-03-30 10:00"
"""When a run may be planned to begin: nobody waits until then."""


class Saying(NamedTuple):
    """What somebody says; what its numbers mean depends on what it is."""

    what: str
    number: int
    pieces: int
    point: str


sayings = st.builds(
    Saying,
    what=st.sampled_from(
        [
            *("report", "report", "scrap", "count", "count", "component", "activity", "component_scrap", "by_product"),
            *("actual", "said", "lost", "rework", "reverse", "reverse", "reverse part", "latest", "work", "retry"),
            *("stock", "import", "crash", "wait", "period", "close", "hold", "commit"),
            *("label", "label", "serial", "pallet", "card", "card", "with components", "reverse scrap", "give back"),
            *("release", "run", "stop", "begin", "replay", "replay", "dismiss", "correct", "again", "nowhere", "back"),
            *("window", "plan", "take back"),
        ]
    ),
    number=st.integers(0, 30),
    pieces=st.integers(1, 9),
    point=st.sampled_from(POINTS),
)


class Sayings:
    """People and devices of a plant, who say one thing after the other."""

    def __init__(self, book: AnsweringBook, settings: dict[str, Any]) -> None:
        self.book = book
        self.settings = settings
        self.plant = Happening(book, settings)

    def say(self, now: Saying) -> None:
        """Let one thing be said."""
        known = Done(*now)
        if not (self._device(now) or self._person(now) or self._keeper(now) or self.plant.report(known)):
            self.plant.keep_up(known)

    def _device(self, now: Saying) -> bool:
        """Let a device say something."""
        book, name = self.book, {} if now.number % 4 == 0 else {"id": f"scan {now.number}"}
        match now.what:
            case "label":
                book.scan(f"01{GTIN}30{now.pieces}", point=now.point or None, **name)
            case "serial":
                book.scan(f"01{GTIN}21{now.number % 3}", point=now.point or None, **name)
            case "pallet":
                book.count("C3", good=now.pieces + now.number)
                book.scan(PALLETS[now.number % 2], id=f"scan {book.entry}")
            case "card":
                card = CARDS[now.number % len(CARDS)]
                book.scan(f"BF:{card}", id=f"card {book.entry}")
            case "with components":
                book.scan(f"01{GTIN}30{now.pieces}", id=f"scan {book.entry}", components=(Used("A", str(now.number)),))
            case "nowhere":
                book.scan("UNKNOWN" if now.number % 2 else f"01{GTIN}", "S1" if now.number % 3 else "S9", **name)
            case "back":
                book.count(f"C{1 + now.number % 4}", gross=now.number, scrap=0, rework=0)
            case _:
                return False
        return True

    def _person(self, now: Saying) -> bool:
        """Let a person say what was made, or take it back."""
        book, documents = self.book, max(1, len(self.book.ledger.documents))
        number = 1 + now.number % (documents + 1)
        match now.what:
            case "reverse scrap":
                book.ask(Reverse(number, None, q(now.pieces), REASONS[now.number % 3]))
            case "give back":
                book.ask(Reverse(number, components=(ActualComponent("ABG"[now.number % 3], q(now.pieces)),)))
            case "latest":
                book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", now.point or "final", q(now.pieces)))
            case "again":
                book.post(now.pieces, transaction=f"T{now.number % 3}")
            case "run":
                totals = (
                    {"C1": Reading(gross=self.plant.totals["C1"][0] + now.pieces, scrap=0)} if now.number % 3 else {}
                )
                begins = {} if now.number % 2 else {"C2": now.pieces}
                book.run(
                    "FG" if now.number % 5 else "NONE", batch=self.plant.batch(Done(*now)), totals=totals, begins=begins
                )
            case "stop":
                book.stop()
            case "plan":
                book.run("FG", start=_DAY_AFTER if now.number % 2 else _LATER)
            case "take back":
                book.stop(_DAY_AFTER if now.number % 2 else _LATER)
            case "window":
                book.ask(WindowClose(PLANT, LINE if now.number % 4 else "L9"))
            case _:
                return False
        return True

    def _keeper(self, now: Saying) -> bool:
        """Let somebody settle what is open."""
        book, open_ = self.book, [entry.number for entry in self.book.open_entries()]
        missing = sorted(key for key, record in book.ledger.backlog.items() if record.open)
        match now.what:
            case "replay":
                book.replay(*(open_ if now.number % 3 else (now.number,)))
            case "dismiss":
                book.ask(
                    QuarantineDismiss((*open_[: now.number % 3], now.number)), reason="test" if now.pieces > 1 else ""
                )
            case "close":
                book.ask(BacklogClose((*missing[: now.number % 3], (now.number, 1))))
            case "correct":
                record = missing[0] if missing else (now.number, 1)
                book.ask(BacklogCorrect(record, q(now.pieces), location=("", "WIP")[now.number % 2]))
            case "begin":
                book.ask(Begin("C1" if now.number % 2 else "C9", {"": now.pieces}))
            case "import":
                self.settings |= CHANGED[now.number % len(CHANGED)] if now.pieces > 6 else {}
                book.load(plant_of(VARIANTS[now.number % 3], self.settings))
            case "release":
                process = PROCESSES[now.number % 3]
                book.ask(Hold(PLANT, LINE, process, held=now.pieces > 6, every=not process and bool(now.number % 2)))
            case _:
                return False
        return True


def plant_of(per_piece: str, settings: dict[str, Any]) -> MasterData:
    """Return a plant of points; one scanner is disabled, and one counter stands at a point that is none."""
    master = pointed(per_piece, **settings)
    devices = [scanner("S9", disabled=True), counter("C3", window="scan"), counter("C4", operation="0099")]
    return replace(
        master, gtins={GTIN: Gtin("FG")}, devices={**master.devices, **{each.device: each for each in devices}}
    )


@given(
    st.lists(sayings, max_size=16),
    profiles,
    st.sampled_from(["backlog", "reject"]),
    st.sampled_from([False, False, True]),
    st.sampled_from(WINDOWS),
    st.sampled_from(["demand", "60s"]),
)
def test_whatever_is_said_the_answer_is_what_has_changed(
    story: list[Saying], profile: dict[str, Any], errors: str, negative_stock: bool, window: str, schedule: str
) -> None:
    settings = {**profile, "withdrawal_errors": errors, "negative_stock": negative_stock, "window": window}
    orders = [order("O1", 20, version="V1", start="2026-03-10"), order("O2", 5)]
    few = stock(A=20, B=20, G=10, S=4)
    book = AnsweringBook(
        plant_of(VARIANTS[0], settings),
        orders=orders,
        rules=Rules(worklist=schedule, open_names=(), edition=EDITION),
        stock=few,
    )
    sayings_ = Sayings(book, settings)
    for now in story:
        sayings_.say(now)
