"""Lists of what stands beside the documents: orders, devices, lines, the curve of a day."""

import random
from itertools import product

import pytest
from sqlalchemy import insert

from gateway.backflush.memory.events import Post, Reverse
from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade
from gateway.ledger.reports import day_curve, devices, lists
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.produced import production
from gateway.ledger.store.reload import read_runs
from gateway.service.tell.lines import lines_now
from tests.builders import EARLY_LATE_NIGHT, moment, order, plant, q, shift
from tests.integration.stored_plant import SECOND, START, Shop, master_data, reader
from tests.integration.test_reports import table

NOW = START + 90 * SECOND


def test_devices_show_their_marks_and_whether_they_are_there(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = devices.devices(connection, master_data(), device="C1")
        told = devices.devices(connection, master_data())
        names = {record["device"] for record in told if record["heard_at"] or record["state"] != "unknown"}
    assert table(found, "device", "state", "boot", "kind", "total", "units") == [
        "C1 online a good 12 12",
        "C1 online a scrap 3 3",
        "C1 online a scrap DENT 2 0",
        "C1 online b good 9 9",
    ]
    assert names == {"C1", "C9", "P1", "P2", "S1", "W3"}
    assert {record["device"] for record in told} == names | master_data().devices.keys(), "the silent ones as well"
    assert table(found, "plant", "line", "point", "role", "disabled", "quarantine")[0] == "1000 L1  good False 0"


def test_orders_tell_what_is_open(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = lists.orders(connection, master_data(), lists.OrderFilter("1000/L1"))
        newest = lists.orders(connection, master_data(), lists.OrderFilter("1000/L1"), limit=1)
        still_open = lists.orders(connection, master_data(), lists.OrderFilter(material="FG", open_only=True))
    assert table(found, "order", "start", "quantity", "reduced", "open") == [
        "PO1 2026-03-16 30 25 5",
        "PO2 2026-03-18 100 0 100",
    ]
    assert (found[0]["points"], found[0]["used"]) == ({"final": "30"}, {})
    needs = ("component", "quantity", "open", "unit")
    assert table(found[0]["components"], *needs) == ["A 60 0 PC", "B 9.999 0 KG", "SCARCE 30 0 PC"]
    assert table(found[1]["components"], *needs) == ["A 200 198 PC", "B 33.33 32.997 KG", "SCARCE 100 99 PC"]
    assert (table(newest, "order"), table(still_open, "order")) == (["PO2"], ["PO1", "PO2"])


def test_the_figures_of_a_line_add_up(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = lines_now(connection, master_data(), NOW)
        one = lines_now(connection, master_data(), NOW, plant="1000", line="L2")
    assert table(found, "line", "read", "counted", "quarantined", "posted", "open", "scrap", "reversed") == [
        "L1 48 48 0 48 0 6 18",
        "L2 24 24 0 21 3 1 0",
        "L3 27 27 0 24 3 2 0",
        "L9 8 1 7 1 0 0 0",
    ]
    assert table(found, "documents", "worklist", "backlog", "last_document") == [
        "11 3 1 0000000017",
        "4 0 0 0000000021",
        "5 0 3 0000000020",
        "1 3 0 0000000018",
    ]
    assert table(one, "line") == ["L2"]
    assert {line["line"]: sum(int(wait["units"]) for wait in line["waits"]) for line in found} == {
        line["line"]: int(line["open"]) for line in found
    }, "all that is open waits for something"
    assert [table(line["waits"], "units", "point", "for") for line in found[1:3]] == [
        ["3 final point 0010"],
        ["3 final "],
    ]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_found_from_one_key_to_the_next_is_what_reading_all_would_find(url: str, seed: int) -> None:
    """Runs, periods and plants are many after years, and nearly none of them is asked for."""
    chance = random.Random(seed)
    upgrade(url)
    places = [(plant, line) for plant in ("1", "1000", "B", "") for line in ("", "L1", "L10", "é")]
    said = {(*chance.choice(places), chance.randint(1, 40)) for _ in range(chance.randint(0, 60))}
    days = {f"20{chance.randint(24, 26)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}" for _ in range(30)}
    run = dict.fromkeys(("material", "version", "batch", "sales_order", "sales_order_item", "revision", "actor"), "")
    figure = dict.fromkeys(("shift", "line", "material", "version", "detail", "unit"), "")
    engine = open_database(url)
    with engine.begin() as connection:
        for plant, line, at in said:
            of = {"plant": plant, "line": line, "start_at": at, "end_at": 0, **run}
            connection.execute(insert(t.runs), of)
        for plant, date in product(("1000", "B"), days):
            of = {"plant": plant, "date": date, "measure": "yield", "quantity": 1, **figure, "detail": "final"}
            connection.execute(insert(t.statistics), of)
        connection.execute(insert(t.periods), {"plant": "B", "period": "2023-01", "closed": 1})
    engine.dispose()
    now, since = chance.randint(0, 41), "2025-06-01"
    with reader(url) as connection:
        found = read_runs(connection, now)
        one = read_runs(connection, now, plant="1000", line="L1")
        periods = lists.periods(connection, MasterData(), 0, plant="B", limit=7)
        made = production(connection, MasterData(), since=since)
    kept: dict[tuple[str, str], list[int]] = {}
    for plant, line in places:
        starts = sorted(at for *place, at in said if place == [plant, line])
        begun = max((at for at in starts if at <= now), default=now)
        kept[plant, line] = [at for at in starts if at >= begun]
    assert {place: [run.start for run in runs] for place, runs in found.items()} == {k: v for k, v in kept.items() if v}
    assert one == {place: runs for place, runs in found.items() if place == ("1000", "L1")}
    months = sorted({*(day[:7] for day in days), "2023-01"}, reverse=True)
    assert [record["period"] for record in periods] == months[:7]
    assert [(r["plant"], r["date"]) for r in made] == sorted(product(("1000", "B"), [d for d in days if d >= since]))


BERLIN = "Europe/Berlin"
DAY = (shift("D", "06:00", "10:00"),)
TWO_DAYS = {"start": "2026-03-16", "finish": "2026-03-17"}


def curve(shop: Shop, date: str = "2026-03-16", line: str = "L1") -> list[Record]:
    """Return the curve of a day as of the shop's time."""
    with reader(shop.url) as connection:
        return day_curve.curve(connection, shop.state.master, "1000", line, date, shop.now)


def points(records: list[Record]) -> list[str]:
    """Show a curve: hour, planned, made and scrapped so far."""
    return [f"{r['hour']} {r['planned']} {r['yield']} {r['scrap']}" for r in records]


def at(shop: Shop, clock: str, zone: str = "UTC") -> None:
    """Set the clock."""
    shop.now = moment(clock, zone)
    shop.feed()


def test_the_line_is_held_against_its_plan_hour_by_hour(url: str) -> None:
    shop = Shop(url)
    shop.now = moment("06:00")
    shop.bring(plant(shifts=DAY), [order("O1", 40), order("O2", 40, **TWO_DAYS), order("O3", 99, line="L2")])
    at(shop, "06:30")
    shop.count("C1", boot="a", seq=1, good=8)
    at(shop, "07:00")
    shop.count("C1", boot="a", seq=2, good=20, scrap=2)
    at(shop, "08:59")
    shop.ask(Post("assembly", "1000", "L1", "FG", "", q(5)))
    assert points(curve(shop)) == ["06:00 15 8 0", "07:00 30 20 2", "08:00 45 25 2", "09:00 60 None None"]
    at(shop, "09:30")
    shop.ask(Reverse(1, q(3)))
    assert points(curve(shop)) == ["06:00 15 5 0", "07:00 30 17 2", "08:00 45 22 2", "09:00 60 22 2"]
    assert curve(shop)[0] == {
        "plant": "1000",
        "line": "L1",
        "date": "2026-03-16",
        "shift": "D",
        "hour": "06:00",
        "until": "2026-03-16T07:00:00.000Z",
        "planned": "15",
        "yield": "5",
        "scrap": "0",
    }
    assert points(curve(shop, "2026-03-17"))[-1] == "09:00 20 None None"
    shop.close()


def test_what_is_made_outside_the_shifts_widens_the_day(shop: Shop) -> None:
    shop.bring(plant(shifts=DAY), [order("O1", 40)])
    at(shop, "11:15")
    shop.count("C1", good=3)
    assert points(curve(shop)) == [
        "06:00 10 0 0",
        "07:00 20 0 0",
        "08:00 30 0 0",
        "09:00 40 0 0",
        "10:00 40 0 0",
        "11:00 40 3 0",
    ]


@pytest.mark.parametrize(("date", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-03-16", 24)])
def test_a_day_of_three_shifts_has_the_hours_that_it_has(date: str, hours: int, shop: Shop) -> None:
    shop.now = moment(f"{date} 06:00", BERLIN)
    shop.bring(plant(shifts=EARLY_LATE_NIGHT, time_zone=BERLIN), [order("O1", hours, start=date)])
    at(shop, f"{date} 23:30", BERLIN)
    shop.count("C1", good=3)
    found = curve(shop, date)
    assert (len(found), found[0]["hour"], found[-1]["hour"]) == (hours, "06:00", "05:00")
    assert [record["planned"] for record in found] == [str(n) for n in range(1, hours + 1)]
    assert [record["yield"] for record in found[16:19]] == ["0", "3", None]
    assert {record["shift"] for record in found} == {"E", "L", "N"}


def test_hours_are_those_of_a_clock_half_an_hour_off(shop: Shop) -> None:
    zone = "Asia/Kolkata"
    shop.now = moment("06:00", zone)
    shop.bring(plant(shifts=DAY, time_zone=zone), [order("O1", 10)])
    assert points(curve(shop))[:3] == ["06:00 3 0 0", "07:00 5 None None", "08:00 8 None None"]


def test_pieces_are_planned_whole_and_none_is_lost_over_the_day(shop: Shop) -> None:
    """Each product by itself, in the decimals of its unit; 125 of them over six hours were 20.833 an hour."""
    shop.now = moment("06:00")
    shop.bring(plant(shifts=(shift("D", "06:00", "12:00"),)), [order("O1", 125), order("O2", 1)])
    planned = [record["planned"] for record in curve(shop)]
    assert planned == ["21", "42", "63", "84", "105", "126"]


def test_a_plant_without_shifts_works_around_the_clock(shop: Shop) -> None:
    shop.bring(plant(), [order("O1", 48)])
    found = curve(shop)
    assert (len(found), found[-1]["planned"], found[8]["yield"]) == (24, "48", "0")


def test_a_day_that_is_not_worked_has_no_curve_and_an_unknown_plant_is_refused(shop: Shop) -> None:
    shop.bring(plant(shifts=(shift("D", "06:00", "10:00", days="01234"),)), [order("O1", 40, start="2026-03-14")])
    assert curve(shop, "2026-03-14") == []
    with reader(shop.url) as connection, pytest.raises(UsageError, match="expected one of 1000"):
        day_curve.curve(connection, shop.state.master, "9", "L1", "2026-03-16", shop.now)
