"""The production day of a line: what is in documents and in open windows, each piece once and at its own time."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.backflush.memory.events import Post, Reverse
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import UsageError
from gateway.ledger.reports import day_curve, produced
from gateway.service.tell.line_days import READ_EVERY_S, Days, LineDays, figures_of
from gateway.service.tell.line_payloads import DayStatus
from gateway.service.times import SteadyClock
from gateway.web.hour_lists import HOURS
from gateway.web.lists import read_query
from gateway.web.rights import Visitor
from gateway.web.tables import Record
from tests.builders import EARLY_LATE_NIGHT, counter, moment, order, plant, q, shift, version
from tests.integration.stored_plant import PLANT, SECOND, Shop, reader

BERLIN = "Europe/Berlin"
DAY = (shift("D", "06:00", "10:00"),)
TEN = counter(window="10pc")


def day(shop: Shop, line: str = "L1") -> DayStatus:
    """Return the day of a line as its status tells it at the shop's time."""
    with reader(shop.url) as connection:
        found = day_curve.days_of(connection, shop.state.master, [(PLANT, line)], shop.now)[PLANT, line]
    return figures_of(found, shop.state.master.plants[PLANT], shop.now).day


def hours(shop: Shop, **said: str) -> list[Record]:
    """Return the hours of a line as the web page of hours shows them at the shop's time."""
    visitor = Visitor("anna", "session", frozenset({"read"}), ("*",))
    master = replace(shop.state.master, lines={(PLANT, "L1"): ""})
    with reader(shop.url) as connection:
        assert HOURS.report is not None
        query = read_query(HOURS, {"line": f"{PLANT}/L1", **said}, visitor, master, shop.now)
        return [*HOURS.report(connection, query)]


def told(shop: Shop, line: str = "L1") -> str:
    """Show a day: date, shift, plan, plan by now, yield, scrap, rework."""
    of = day(shop, line)
    names = ("date", "shift", "planned", "planned_now", "yield", "scrap", "rework")
    return " ".join(str(of[name]) or "-" for name in names)  # type: ignore[literal-required]


def at(shop: Shop, clock: str, zone: str = "UTC") -> None:
    """Set the clock."""
    shop.now = moment(clock, zone)
    shop.feed()


def test_pieces_in_an_open_window_count_and_count_once_when_they_are_posted(shop: Shop) -> None:
    shop.now = moment("06:00")
    shop.bring(plant(shifts=DAY, devices=[TEN]), [order("O1", 40)])
    at(shop, "06:30")
    shop.count("C1", boot="a", seq=1, good=8)
    assert (told(shop), shop.state.documents) == ("2026-03-16 D 40 5 8 0 0", 0)
    at(shop, "08:10")
    shop.count("C1", boot="a", seq=2, good=9, scrap=2)
    assert (told(shop), shop.state.documents) == ("2026-03-16 D 40 22 9 2 0", 1)
    assert [(end["hour"], end["planned"], end["yield"], end["scrap"]) for end in day(shop)["hours"]] == [
        ("06:00", "10", "0", "0"),
        ("07:00", "20", "0", "0"),
        ("08:00", "30", "9", "2"),
        ("09:00", "40", None, None),
    ]
    of_page = [
        (hour["hour"], hour["planned"], hour["yield"], hour["difference"], hour["scrap"]) for hour in hours(shop)
    ]
    assert of_page == [
        ("06:00", "10", "0", "-10", "0"),
        ("07:00", "10", "0", "-10", "0"),
        ("08:00", "10", "9", "-1", "2"),
        ("09:00", "10", None, None, None),
    ]
    assert hours(shop, since="2026-03-15", until="2026-03-16")[-4:] == hours(shop)
    with pytest.raises(UsageError, match="choose a line, or fewer days: 1 lines with 92 days"):
        hours(shop, since="2026-01-01", until="2026-04-02")


def test_a_reversal_and_a_late_telegram_are_of_the_day_of_their_pieces(shop: Shop) -> None:
    shop.now = moment("06:00")
    shop.bring(plant(shifts=DAY), [order("O1", 40), order("O2", 20, start="2026-03-17")])
    at(shop, "06:30")
    shop.count("C1", boot="a", seq=1, good=8)
    shop.ask(Post("assembly", PLANT, "L1", "FG", "", q(5)))
    shop.ask(Post("assembly", PLANT, "L1", "FG", "", 0, rework=q(3)))
    assert told(shop) == "2026-03-16 D 40 5 13 0 3"
    shop.ask(Reverse(1, q(2)))
    assert told(shop) == "2026-03-16 D 40 5 11 0 3"
    yesterday = moment("09:59")
    at(shop, "2026-03-17 07:00")
    shop.count("C1", boot="a", seq=2, good=10, ts=yesterday, hist=True)
    shop.count("C1", boot="a", seq=3, good=11)
    shop.ask(Reverse(2, q(1)))
    assert told(shop) == "2026-03-17 D 20 5 1 0 0"
    shop.now = moment("23:00")
    assert told(shop) == "2026-03-16 - 40 40 12 0 3"


def test_the_day_changes_with_the_night_shift_and_the_shift_with_the_clock(shop: Shop) -> None:
    shop.now = moment("21:00", BERLIN)
    orders = [order("O1", 24), order("O2", 48, start="2026-03-17")]
    shop.bring(plant(shifts=EARLY_LATE_NIGHT, time_zone=BERLIN), orders)
    at(shop, "23:00", BERLIN)
    shop.count("C1", boot="a", seq=1, good=2)
    assert told(shop) == "2026-03-16 N 24 17 2 0 0"
    at(shop, "2026-03-17 02:00", BERLIN)
    shop.count("C1", boot="a", seq=2, good=5)
    assert told(shop) == "2026-03-16 N 24 20 5 0 0"
    assert day(shop)["shift_end"] == "2026-03-17T05:00:00.000Z"
    at(shop, "2026-03-17 06:00", BERLIN)
    assert told(shop) == "2026-03-17 E 48 0 0 0 0"


@pytest.mark.parametrize(("date", "after", "planned"), [("2026-03-28", "03-29", 21), ("2026-10-24", "10-25", 22)])
def test_the_hours_of_the_night_in_which_the_clock_is_set_are_those_there_are(
    date: str, after: str, planned: int, shop: Shop
) -> None:
    """In spring there is no 02:00; in autumn there are two, and pieces of each stand in their own."""
    shop.now = moment(f"{date} 06:00", BERLIN)
    hours = 23 if date < "2026-06" else 25
    shop.bring(plant(shifts=EARLY_LATE_NIGHT, time_zone=BERLIN), [order("O1", hours, start=date)])
    for seq, passed in enumerate(range(17, hours), 1):
        shop.now = moment(f"{date} 06:00", BERLIN) + (passed * 3600 + 60) * SECOND
        shop.count("C1", boot="a", seq=seq, good=seq)
    told_hours = [(end["hour"], end["planned"], end["yield"]) for end in day(shop)["hours"]][17:]
    names = ["23:00", "00:00", "01:00", *["02:00"] * (hours - 23), "03:00", "04:00", "05:00"]
    assert told_hours == [(name, str(18 + n), str(1 + n)) for n, name in enumerate(names)]
    shop.now = moment(f"2026-{after} 02:00")
    assert day(shop)["planned_now"] == str(planned), "one piece an hour"


def two_lines(window: str) -> MasterData:
    """Return two lines of one product in shifts."""
    return plant(
        shifts=EARLY_LATE_NIGHT,
        versions=[version(), version("V2", line="L2")],
        devices=[counter(window=window), counter("C2", line="L2", window=window)],
    )


@pytest.mark.parametrize("window", ["7pc", "1800s", "shift", "reading"])
@pytest.mark.parametrize("seed", range(3))
def test_the_day_is_what_production_says_and_what_is_in_open_windows(seed: int, window: str, shop: Shop) -> None:
    """After any story of counts, late ones, postings and reversals."""
    chance = random.Random(seed)
    shop.now = moment("13:00")
    shop.bring(
        two_lines(window), [order("O1", 500, version="V1"), order("O2", 70, version="V2", line="L2")], rules=Rules("1s")
    )
    totals = {"C1": [0, 0], "C2": [0, 0]}
    for seq in range(1, 40):
        shop.now += chance.randint(1, 1500) * SECOND
        device, line = chance.choice([("C1", "L1"), ("C2", "L2")])
        kind = chance.random()
        if kind < 0.7:
            good, scrap = totals[device]
            totals[device] = [good + chance.randint(0, 5), scrap + chance.choice((0, 0, 1))]
            late = {"ts": shop.now - chance.randint(0, 4 * 3600) * SECOND, "hist": True} if kind < 0.2 else {}
            shop.count(device, line, boot="a", seq=seq, good=totals[device][0], scrap=totals[device][1], **late)
        elif kind < 0.85:
            units = q(chance.randint(1, 9)), q(chance.choice((0, 2)))
            shop.ask(Post("assembly", PLANT, line, "FG", "", units[0], rework=units[1]), line=line)
        elif shop.state.documents:
            shop.ask(Reverse(chance.randint(1, shop.state.documents), q(1)), line=line)
    shop.feed()
    for line in ("L1", "L2"):
        of = day(shop, line)
        with reader(shop.url) as connection:
            rows = produced.production(connection, shop.state.master, line=line, since=of["date"], until=of["date"])
        windows = [w for w in shop.state.windows.values() if (w.line, w.key.date) == (line, of["date"])]
        waits = {
            "yield": sum(w.good for w in windows if w.key.point == FINAL),
            "scrap": sum(sum(w.scrap.values()) for w in windows),
            "rework": sum(w.rework for w in windows),
            "planned": 0,
        }
        assert {name: of[name] for name in waits} == {  # type: ignore[literal-required]
            name: format_quantity(sum(q(row[name]) for row in rows) + units) for name, units in waits.items()
        }
        assert of["hours"][-1]["planned"] == of["planned"]
        so_far = [end for end in of["hours"] if end["yield"] is not None][-1]
        assert (so_far["yield"], so_far["scrap"]) == (of["yield"], of["scrap"])


class Clock:
    """A clock that the test sets."""

    def __init__(self, now: int) -> None:
        self.now, self.passed = now, 0.0
        self.steady = SteadyClock(lambda: self.now, lambda: self.passed, 0)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += int(seconds * SECOND)
        self.passed += seconds


def test_days_are_read_every_ten_seconds_and_with_new_master_data_and_are_gone_with_the_ledger(
    shop: Shop, tmp_path: Path
) -> None:
    handed: list[Days] = []
    clock = Clock(moment("09:59:30"))
    shop.now = clock.now
    days = LineDays(shop.url, lambda: shop.state, lambda line: line[1] != "L2", clock.steady, handed.append)

    def tick() -> int:
        asyncio.run(days.tick())
        return len(handed)

    assert (tick(), handed[-1]) == (1, {})
    shop.bring(plant(shifts=DAY, versions=[version(), version("V2", line="L2")]), [order("O1", 40)])
    assert tick() == 2
    assert {key: (of.day["planned"], of.day["shift"], of.takt_s) for key, of in handed[-1].items()} == {
        (PLANT, "L1"): ("40", "D", 360.0)
    }
    clock.wait(READ_EVERY_S - 1)
    assert tick() == 2
    clock.wait(1)
    assert tick() == 3
    clock.wait(30 - READ_EVERY_S)
    assert tick() == 4, "the shift is over"
    assert handed[-1][PLANT, "L1"].day["shift"] == ""
    known, url = shop.state.master, days._url  # noqa: SLF001 - the ledger is away
    shop.state.master = replace(known, digest="another")
    days._url = f"sqlite:///{tmp_path}/none.sqlite"  # noqa: SLF001 - as above
    assert (tick(), handed[-1]) == (5, {})
    days._url = url  # noqa: SLF001 - it is back
    assert tick() == 6
    assert handed[-1].keys() == {(PLANT, "L1")}
