"""Pictures of lines: how often they are told is no matter of a clock that was set."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from devices.errors import Rejection
from gateway.backflush.memory.device_life import Signs
from gateway.backflush.memory.events import Reverse
from gateway.backflush.memory.records import LineFigures
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import Device, MasterData, RemProfile
from gateway.mqtt.topics import Topics
from gateway.service.fold.requests import Request, action_of
from gateway.service.tell.line_days import DayFigures
from gateway.service.tell.line_payloads import DayStatus, LineStatus
from gateway.service.tell.line_status import Look, OfRunning, line_picture, unheard
from gateway.service.tell.outgoing import PICTURE_AGAIN_S, PICTURE_EVERY_S, Notifier
from gateway.service.tell.payloads import GatewayState
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, moment, operation, order, plant, product, routing, version

DAY_US = 86_400_000_000
PLACE = "1000", "L01"


def notifier(passed: list[float]) -> Notifier:
    """Return one whose seconds are those that have passed."""
    return Notifier(Topics("bf/v1", "gw1"), ["*"], lambda: passed[0])


def test_home_assistant_learns_a_line_once_for_each_connection_and_reads_what_its_status_has() -> None:
    passed, state = [0.0], State()
    state.lines[PLACE] = LineFigures(*PLACE)
    teller = notifier(passed)
    teller.home.on = True
    topics = []
    for _ in range(3):
        teller.all_lines(state)
        topics.append([message.topic for message in teller.pictures(state, DAY_US)])
        passed[0] += PICTURE_EVERY_S
        if len(topics) == 2:
            teller.home.begin_anew()
    status, home = "bf/v1/1000/L01/_status", "homeassistant/device/_bf_2Fv1__1000/L01/config"
    assert topics == [[status, home], [status], [status, home]]
    teller.home.begin_anew()
    [message] = teller.home.show(*PLACE)
    read = re.findall(r"value_json\.(\w+)", message.payload.decode())
    assert len(read) > 6
    assert {*read} <= {*LineStatus.__annotations__, *GatewayState.__annotations__}
    assert notifier(passed).home.show(*PLACE) == []


def test_a_line_is_published_once_a_second_whatever_the_clock_says() -> None:
    passed = [0.0]
    state = State()
    state.lines[PLACE] = LineFigures(*PLACE)
    teller = notifier(passed)

    def told(clock_us: int) -> list[bytes]:
        teller.all_lines(state)
        return [message.payload for message in teller.pictures(state, clock_us)]

    assert len(told(400 * DAY_US)) == 1
    assert told(400 * DAY_US) == []
    passed[0] = PICTURE_EVERY_S
    [picture] = told(DAY_US)
    assert b'"ts":"1970-01-02T' in picture


def day(good: str, planned_now: str = "0") -> DayStatus:
    """Return a production day."""
    return {"date": "2026-03-16", "shift": "D", "shift_end": None, "planned": "9", "planned_now": planned_now,
            "yield": good, "scrap": "0", "rework": "0", "hours": []}  # fmt: skip


def test_the_rate_of_a_line_is_of_finished_pieces_by_the_stopwatch_and_no_reversal_or_new_day_lowers_it() -> None:
    passed, state = [0.0], State()
    line = state.lines[PLACE] = LineFigures(*PLACE)
    teller = notifier(passed)

    def rate(of: DayStatus) -> str:
        teller.take_days({PLACE: DayFigures(of, None)})
        teller.all_lines(state)
        [message] = teller.pictures(state, DAY_US)
        passed[0] += 10
        return str(json.loads(message.payload)["rate_per_min"])

    assert rate(day("5")) == "0"
    line.count(30_000_000, DAY_US)  # each of ten pieces was reported at three points
    assert rate(day("15")) == "60"
    assert rate(day("5")) == "30"
    assert rate({**day("10"), "date": "2026-03-17"}) == "40"
    assert [rate({**day("10"), "date": "2026-03-17"}) for _ in range(6)][-1] == "0"


def test_a_day_is_told_at_once_when_more_is_made_and_with_the_next_status_when_only_time_has_passed() -> None:
    passed, state = [0.0], State()
    state.lines[PLACE] = LineFigures(*PLACE)
    teller = notifier(passed)

    def told() -> list[tuple[str | None, float | None]]:
        passed[0] += PICTURE_EVERY_S
        found = [json.loads(message.payload) for message in teller.pictures(state, DAY_US)]
        return [(each["day"] and each["day"]["yield"], each["takt_s"]) for each in found]

    assert told() == [(None, None)]
    assert told() == []
    teller.take_days({PLACE: DayFigures(day("5"), 1.5)})
    assert told() == [("5", 1.5)]
    teller.take_days({PLACE: DayFigures(day("5", "3"), 1.5)})
    assert told() == []
    teller.take_days({PLACE: DayFigures(day("6", "3"), 1.5)})
    assert told() == [("6", 1.5)]


def test_a_maintained_line_that_has_counted_nothing_is_told_at_the_start_and_again() -> None:
    passed, state = [0.0], State(master=two_products())
    teller = notifier(passed)

    def told() -> list[str]:
        return [message.topic for message in teller.pictures(state, DAY_US)]

    assert told() == [f"bf/v1/{PLANT}/{LINE}/_status"]
    passed[0] += PICTURE_EVERY_S
    assert told() == []
    passed[0] += PICTURE_AGAIN_S
    assert told() == [f"bf/v1/{PLANT}/{LINE}/_status"]


@pytest.mark.parametrize("said", ["0000004712", "0000004712-1", "0000004712-2", "4712-1"])
def test_a_part_of_a_document_is_reversed_by_its_document(said: str) -> None:
    request = Request(verb="reverse", transaction="t1", data={"document": said})
    assert action_of(request, MasterData()) == Reverse(4712)


@pytest.mark.parametrize("said", ["0000004712-3", "0000004712-", "-1", "4712-12", "x-1", "²-1"])
def test_other_numbers_are_refused(said: str) -> None:
    assert isinstance(action_of(Request(verb="reverse", data={"document": said}), MasterData()), Rejection)


def test_a_journal_of_before_means_what_it_meant() -> None:
    request = Request(verb="reverse", data={"document": "0000004712-1"})
    assert isinstance(action_of(request, MasterData(), loose=True), Rejection)


def two_products() -> MasterData:
    """Return a line of two products: FG has the points 0010 and final, FP none."""
    return plant(
        profile=RemProfile("R", reporting_points="mandatory"),
        materials=[product(), product("FP")],
        boms=[bom({}), bom({}, material="FP")],
        routings=[
            routing([operation("0010", point=True), operation("0020")]),
            routing([operation("0010")], material="FP"),
        ],
        versions=[version(), version(material="FP")],
        devices=[counter("C0", operation="0010"), counter("C1", window="1h")],
    )


def seen(book: Book) -> list[str]:
    """Return the points that the line's picture shows, with what is on the line after each."""
    picture = line_picture(Look(book.state, book.now), book.state.lines[PLANT, LINE])
    return [f"{p['material']} {p['point']} {p['yield']} {p['wip']}" for p in picture["points"]]


def on_the_line() -> Book:
    """Return a line that has made 5 pieces of FG up to its first point."""
    book = Book(two_products())
    book.run(version="V1")
    book.post(5, "point", point="0010")
    assert seen(book) == ["FG 0010 5 5"]
    return book


def test_points_stay_when_the_run_ends() -> None:
    book = on_the_line()
    book.stop()
    assert seen(book) == ["FG 0010 5 5"]
    book.crash()
    assert seen(book) == ["FG 0010 5 5"], "after a restart as well"


def test_points_are_seen_on_a_line_that_never_had_a_run() -> None:
    book = Book(two_products())
    book.post(5, "point", point="0010", material="FG", version="V1")
    assert seen(book) == ["FG 0010 5 5"]


@pytest.mark.parametrize("bearer", ["SO 4711 10", "LOT L7"])
def test_points_stay_after_a_posting_for_an_order_or_a_lot(bearer: str) -> None:
    book = on_the_line()
    book.post(2, cost_object=bearer, batch="L7")
    assert seen(book) == ["FG 0010 5 5"]


@pytest.mark.parametrize("sold", [{}, {"sales_order": "4711", "sales_order_item": "10"}])
def test_points_stay_in_a_run_for_a_sales_order(sold: dict[str, str]) -> None:
    book = on_the_line()
    book.run(version="V1", **sold)
    book.count(good=3)
    assert seen(book) == ["FG 0010 5 5"]


def test_points_stay_while_a_product_without_points_is_made() -> None:
    book = on_the_line()
    book.run("FP", "V1")
    book.post(4, material="FP", version="V1")
    assert seen(book) == ["FG 0010 5 5"]


def test_the_run_decides_between_two_products_with_points() -> None:
    made = two_products()
    passing = routing([operation("0010"), operation("0020", point=True), operation("0030")], material="FP")
    book = Book(replace(made, routings={**made.routings, (PLANT, "FP", "R1"): (passing,)}))
    book.post(5, "point", point="0010", material="FG", version="V1")
    book.post(2, "point", point="0020", material="FP", version="V1")
    assert seen(book) == ["FG 0010 5 5"], "no run: what most pieces stand in"
    book.run("FP", "V1")
    assert seen(book) == ["FP 0020 2 2"]
    book.run("FG", "V1")
    assert seen(book) == ["FG 0010 5 5"]


def picture(book: Book, signs: Callable[[Device], Signs] = unheard) -> LineStatus:
    """Return the line's status at the book's time."""
    look = Look(book.state, book.now, signs)
    return line_picture(look, book.state.lines.get((PLANT, LINE)) or LineFigures(PLANT, LINE), OfRunning("gw1"))


def making(book: Book) -> tuple[str, str, str]:
    """Return what the line makes now, and the order that its next piece reduces."""
    told = picture(book)
    order = told["order"]
    return told["unit"], told["description"], f"{order['order']} {order['open']}" if order is not None else "none"


def test_a_line_tells_what_it_makes_and_the_order_that_its_next_piece_reduces() -> None:
    named = product(unit="KG", description="Goo"), product("FP", description="Fuse", rem_profile="N")
    reducing = RemProfile("R", order_reduction="own_and_unassigned", recreate_orders_on_reversal=True)
    master = replace(
        plant(materials=named, versions=[version(), version(material="FP")]),
        profiles={"R": reducing, "N": RemProfile("N")},
    )
    book = Book(master)
    assert making(book) == ("", "", "none"), "two products, and nothing decides"
    book.run("FP", "V1")
    assert making(book) == ("PC", "Fuse", "none"), "its profile reduces no orders"
    book.stop()
    book.load(master, orders=[order("O1", 5), order("O2", 10), order("O3", 9, version="V9", line="L9")])
    assert making(book) == ("KG", "Goo", "O1 5"), "the first order of the day decides"
    book.post(4, version="V1")
    assert making(book) == ("KG", "Goo", "O1 1")
    book.post(3, version="V1")
    assert making(book) == ("KG", "Goo", "O2 8")
    book.crash()
    assert making(book) == ("KG", "Goo", "O2 8")
    book.reverse(1)
    assert making(book) == ("KG", "Goo", "O1 4")
    book.load(replace(master, closed_orders=frozenset({"O1"})))
    assert making(book) == ("KG", "Goo", "O2 8")
    book.post(8, version="V1")
    assert making(book) == ("", "", "none"), "all is made"


def test_a_line_tells_since_when_its_run_goes_or_is_over() -> None:
    book = Book(two_products())

    def since() -> str | None:
        return picture(book)["state_since"]

    assert since() is None
    book.run("FG", "V1", start="07:30")
    assert since() == "2026-03-16T07:30:00.000Z"
    book.at("09:00")
    book.stop()
    book.at("10:00")
    assert since() == "2026-03-16T09:00:00.000Z"
    book.crash()
    assert since() == "2026-03-16T09:00:00.000Z"
    book.run("FP", "V1", start="11:00")
    assert since() == "2026-03-16T09:00:00.000Z", "it has not begun"
    book.at("12:00")
    assert since() == "2026-03-16T11:00:00.000Z"


def test_a_line_names_its_gateway_and_each_device_that_is_missing() -> None:
    book = Book(two_products())
    signs = {"C0": Signs(moment("07:00"), None, silent=True), "S1": Signs(0, online=False, silent=True)}
    told = picture(book, lambda device: signs.get(device.device, Signs(book.now, online=True)))
    assert told["gateway"] == "gw1"
    assert [[*device.values()] for device in told["stale_devices"]] == [
        ["C0", "counter", "good", "0010", "stale", "2026-03-16T07:00:00.000Z"],
        ["S1", "scanner", "", "", "offline", None],
    ]
    assert picture(book)["stale_devices"] == []
