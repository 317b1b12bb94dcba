"""Confirmation windows: how many readings make one document, and that no window strands a piece."""

import pytest

from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.values.window_policy import FOREVER, WindowPolicy, parse_window
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, component, counter, plant, product, stock, version


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("reading", WindowPolicy("reading")),
        ("shift", WindowPolicy("shift")),
        ("scan", WindowPolicy("scan")),
        ("30s", WindowPolicy("timed", seconds=30)),
        ("100pc", WindowPolicy("pieces", pieces=100)),
        ("soon", None),
        ("-1s", None),
        ("1 s", None),
        ("", None),
    ],
)
def test_a_window_policy_is_read_from_its_text(text: str, policy: WindowPolicy | None) -> None:
    assert parse_window(text) == policy


@pytest.mark.parametrize(
    ("text", "end"), [("reading", FOREVER), ("30s", 31_000_000), ("100pc", 9), ("scan", 9), ("shift", 9)]
)
def test_a_tick_closes_a_window_after_its_time_or_with_its_shift_and_never_one_of_a_single_reading(
    text: str, end: int
) -> None:
    policy = parse_window(text)
    assert policy is not None
    assert policy.closes_at(1_000_000, 9) == end


def line(window: str) -> Book:
    """Return a line in three shifts whose counter has a confirmation window; it is 13:50."""
    return Book(plant(devices=[counter(window=window)], shifts=EARLY_LATE_NIGHT), now="13:50")


def test_every_reading_is_a_document() -> None:
    book = line("reading")
    for total in (3, 5, 9):
        book.count(good=total)
    assert [book.confirmed(n) for n in (1, 2, 3)] == [["final 3+0"], ["final 2+0"], ["final 4+0"]]


def test_pieces_close_a_window_as_soon_as_they_are_there() -> None:
    book = line("10pc")
    book.count(good=4)
    assert book.documents() == []
    book.count(good=11)
    assert book.confirmed(1) == ["final 11+0"]
    book.count(good=12)
    book.at("14:00")
    assert book.confirmed(2) == ["final 1+0"]


def test_seconds_close_a_window_counted_from_its_first_reading() -> None:
    book = line("30s")
    book.count(good=4)
    book.wait(29)
    book.count(good=6)
    assert book.documents() == []
    book.wait(1)
    assert book.confirmed(1) == ["final 6+0"]


def test_the_end_of_the_shift_closes_a_window() -> None:
    book = line("shift")
    book.count(good=4)
    book.at("13:59")
    assert book.documents() == []
    book.at("14:00")
    book.count(good=6)
    book.at("22:00")
    assert [(d.shift, book.confirmed(d.number)) for d in book.ledger.documents.values()] == [
        ("E", ["final 4+0"]),
        ("L", ["final 2+0"]),
    ]


def test_a_pallet_scan_closes_the_windows_that_wait_for_it() -> None:
    book = line("scan")
    book.count(good=48)
    told = book.scan("00340123450000000017")
    assert (told.result, told.document) == ("ok", 1)
    assert book.confirmed(1) == ["final 48+0"]
    assert book.scan("00340123450000000017", id="again").result == "dup"


def test_the_default_window_is_a_rule() -> None:
    book = Book(plant(devices=[counter(window="")]), rules=Rules(window="5pc"))
    book.count(good=4)
    assert book.documents() == []
    book.count(good=5)
    assert book.confirmed(1) == ["final 5+0"]


@pytest.mark.parametrize("window", ["1s", "shift", "1000pc", "scan"])
def test_a_window_that_is_open_survives_a_crash(window: str) -> None:
    book = line(window)
    book.count(good=4)
    book.crash()
    book.count(good=7)
    book.at("14:00")
    assert book.confirmed(1) == ["final 7+0"]


def test_a_window_of_one_batch_holds_no_other() -> None:
    book = line("shift")
    book.count(good=4, batch="L1")
    book.count(good=6, batch="L2")
    book.at("14:00")
    assert [(d.batch, book.confirmed(d.number)) for d in book.ledger.documents.values()] == [
        ("L1", ["final 4+0"]),
        ("L2", ["final 2+0"]),
    ]


def gross_counter(window: str) -> Book:
    """Return a counter of all pieces, which is told of scrap later."""
    return Book(plant(devices=[counter(window=window, role="gross")]))


def test_scrap_told_after_its_gross_count_waits_for_yield_to_take_it_from() -> None:
    book = gross_counter("1s")
    book.count(gross=10, scrap=0, seq=1)
    book.wait(1)
    book.count(gross=10, scrap=3, seq=2)
    book.wait(5)
    assert book.documents() == ["assembly"]
    book.count(gross=15, scrap=3, seq=3)
    book.wait(5)
    assert book.confirmed(2) == ["final 2+3"]
    assert (book.stock("FG"), book.stock("A")) == ("12", "-15")


@pytest.mark.parametrize("crash", [False, True])
def test_a_window_short_of_yield_is_posted_once_it_is_covered_after_a_crash_as_well(crash: bool) -> None:
    book = gross_counter("10s")
    book.count(gross=10, scrap=3, seq=1)
    book.count(gross=10, scrap=10, seq=2)
    book.wait(60)
    book.count(gross=10, scrap=12, seq=3)
    book.wait(60)
    book.crash(only_if=crash)
    book.count(gross=20, scrap=12, seq=4)
    book.wait(60)
    assert (book.stock("FG"), book.statistic("scrap")) == ("8", "12")
    assert book.ledger.windows == {}


def test_new_master_data_in_the_middle_of_a_shift_explode_again_to_the_piece() -> None:
    book = line("shift")
    book.count(good=10)
    book.load(plant(devices=[counter(window="shift")], shifts=EARLY_LATE_NIGHT, boms=[bom({"A": 2})]))
    book.count(good=15)
    book.at("14:00")
    assert sorted(book.confirmed(1) + book.confirmed(2)) == ["final 10+0", "final 5+0"]
    assert (book.stock("A"), book.stock("B")) == ("-20", "-10")


def test_equal_master_data_are_the_same_explosion() -> None:
    book = line("shift")
    book.count(good=10)
    book.load(plant(devices=[counter(window="shift")], shifts=EARLY_LATE_NIGHT))
    book.count(good=15)
    book.at("14:00")
    assert book.confirmed(1) == ["final 15+0"]
    assert len(book.ledger.explosions) == 1


def test_a_window_is_posted_though_an_import_took_its_material_away() -> None:
    book = line("shift")
    book.count(good=10)
    other = plant(materials=[product("G2")], versions=[version(material="G2")], devices=[counter(window="shift")])
    del other.materials["1000", "FG"]  # type: ignore[attr-defined]  # a mapping that is a dict
    book.load(other)
    book.at("14:00")
    assert book.stock("FG") == "10"


def test_no_import_makes_a_window_forget_its_issues() -> None:
    book = line("shift")
    book.count(good=10)
    book.load(plant(materials=[product(rem_profile="")], devices=[counter(window="shift")], shifts=EARLY_LATE_NIGHT))
    book.at("14:00")
    assert (book.stock("FG"), book.stock("A")) == ("10", "-10")


def test_stock_that_may_no_longer_go_negative_is_what_it_was() -> None:
    free, strict = plant(boms=[bom({"A": 1})]), plant(boms=[bom({"A": 1})], negative_stock=False)
    book = Book(free, stock=stock(A=100))
    book.load(strict)
    book.post(10)
    assert (book.stock("A"), book.backlog()) == ("90", {})


def test_a_profile_says_what_is_posted() -> None:
    for goods_issue, activities in ((True, False), (False, True), (False, False)):
        profile = RemProfile("R", goods_issue=goods_issue, activities=activities)
        book = Book(plant(profile=profile, materials=[component("A", 5)]))
        book.post(1)
        assert (book.stock("A") == "-1") is goods_issue
