"""Laws of a clock that is set, before the start and while the gateway runs, by a second or by ten years.

The same story is told to two books. One commits every batch, crashes and forgets now and then; the other one gathers
batches in its commits, and does neither: what became of the journal must be the same.
"""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import RemProfile
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, SECOND, counter, moment, plant, q
from tests.differences import plain
from tests.memory import Ledger

HOUR, DAY, YEAR = 3600, 86_400, 365 * 86_400
SETS = (1, 30, 299, 301, HOUR, DAY, 400 * DAY, 10 * YEAR)
KEPT = ("documents", "confirmations", "items", "windows", "device_marks", "lines", "rows", "quarantine", "runs")


class Told(NamedTuple):
    """Some time passes, the clock may be set, and somebody says something."""

    passes: int
    set_by: int
    beside: int | None
    """By how much the machine's clock is off, where it is in doubt."""
    says: str
    pieces: int
    crashes: bool


told = st.builds(
    Told,
    passes=st.integers(0, 4000),
    set_by=st.sampled_from([0, 0, *SETS, *(-by for by in SETS)]),
    beside=st.sampled_from([None, None, *SETS, *(-by for by in SETS)]),
    says=st.sampled_from(
        ["nothing", "a total", "a total and the time", "another time", "a new life", "a scan", "a run"]
    ),
    pieces=st.integers(0, 5),
    crashes=st.booleans(),
)


class Shop:
    """A line whose clock may be set; `truth` is what time it is."""

    def __init__(self, window: str, schedule: str, commit_every: int, *, forgets: bool) -> None:
        master = plant(
            devices=[counter(window=window)],
            shifts=EARLY_LATE_NIGHT,
            profile=RemProfile("R", goods_issue_timing="background"),
        )
        rules = Rules(worklist=schedule, edition=EDITION)
        self.book = Book(master, now="09:00", rules=rules, commit_every=commit_every, forgets=lambda: forgets)
        self.truth, self.off = moment("09:00"), 0
        self.boot, self.total, self.made = "1", 0, 0

    def hear(self, one: Told) -> None:
        """Let it happen: one batch."""
        book = self.book
        self.truth += one.passes * SECOND
        self.off += one.set_by * SECOND
        book.now = self.truth + self.off
        book.beside = None if one.beside is None else self.truth + one.beside * SECOND
        match one.says:
            case "nothing":
                book.tick()
            case "a scan":
                book.feed(book.scanned("BF:QTY:3"))
            case "a run":
                book.run("FG")
            case _:
                self._count(one)
        if one.crashes and book.commit_every == 1:
            book.crash()

    def _count(self, one: Told) -> None:
        if one.says == "a new life":
            self.boot, self.total = f"{self.boot}1", 0
        self.total += one.pieces
        self.made += one.pieces
        ts = {"a total and the time": self.truth, "another time": self.truth - 50 * YEAR * SECOND}.get(one.says)
        seq = self.book.entry
        self.book.feed(self.book.counted("C1", boot=self.boot, seq=seq, good=self.total, ts=ts))

    def end(self) -> Ledger:
        """Have the clock right, and let days pass."""
        self.book.beside = None
        for later in (0, 1, DAY, 2 * DAY):
            self.book.now = self.truth + later * SECOND
            self.book.tick()
        self.book.commit()
        return self.book.ledger


stories = st.lists(told, min_size=1, max_size=10)
windows = st.sampled_from(["reading", "30s", "3pc", "shift"])
schedules = st.sampled_from(["demand", "1800s", "at 22:00", "shift"])


@given(stories, windows, schedules)
def test_pieces_are_read_once_and_posted_however_the_clock_is_set(
    story: list[Told], window: str, schedule: str
) -> None:
    shop = Shop(window, schedule, 1, forgets=True)
    for one in story:
        shop.hear(one)
    ledger = shop.end()
    assert sum(line.read for line in ledger.lines.values()) == q(shop.made)
    assert not ledger.windows, "none waits for a time to come"
    if schedule != "demand":
        assert not shop.book.open_rows()


@given(stories, windows, schedules)
def test_the_same_journal_gives_the_same_ledger_however_its_times_go(
    story: list[Told], window: str, schedule: str
) -> None:
    shops = Shop(window, schedule, 1, forgets=True), Shop(window, schedule, 4, forgets=False)
    for shop in shops:
        for one in story:
            shop.hear(one)
    one_by_one, gathered = (shop.end() for shop in shops)
    for name in KEPT:
        assert plain(getattr(one_by_one, name)) == plain(getattr(gathered, name)), name


@given(stories, windows)
def test_a_time_that_agrees_with_a_clock_that_is_right_gives_the_date(story: list[Told], window: str) -> None:
    shop = Shop(window, "demand", 1, forgets=True)
    dates = set()
    for one in story:
        says = "a total and the time" if "total" in one.says else "nothing"
        shop.hear(one._replace(says=says, beside=0 if shop.off + one.set_by else None))
        dates.add(shop.book.state.master.plants["1000"].day(shop.truth).date)
    assert {document.posting_date for document in shop.end().documents.values()} <= dates
