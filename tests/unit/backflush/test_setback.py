"""Clocks: which of two that are in doubt a device's time makes out to be right, and what one that was ahead leaves."""

from dataclasses import replace

import pytest

from gateway.backflush.eviction import evict
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import ROAMING, RemProfile
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, LINE, PLANT, TODAY, component, counter, moment, plant, scanner, version

AHEAD = "2028-01-03 10:00"
MACHINES = ["2026-03-17 10:00", "2026-03-15 10:00", AHEAD, "1970-01-02 10:00"]


def dates(book: Book) -> list[str]:
    return [document.posting_date for document in book.ledger.documents.values()]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_time_is_accepted_that_agrees_with_either_of_two_clocks_in_doubt(machine: str) -> None:
    book = Book(plant(), now="10:00")
    book.beside = moment(machine)
    book.count(good=1, ts="10:01")
    book.count(good=2, ts=machine)
    book.count(good=3)
    assert not book.state.skewed
    book.count(good=4, ts="2027-07-07 07:07")
    assert list(book.state.skewed) == ["C1"]
    assert dates(book) == [TODAY, machine.partition(" ")[0], TODAY, TODAY]


def test_a_time_that_agrees_with_the_clock_that_was_wrong_is_not_accepted_once_the_doubt_is_over() -> None:
    book = Book(plant(), now="10:00")
    book.count(good=5, ts=AHEAD)
    assert (dates(book), list(book.state.skewed)) == ([TODAY], ["C1"])


def line(window: str = "reading", max_step: int | None = None) -> Book:
    """Return a line in three shifts whose gateway works in 2028."""
    book = Book(plant(devices=[counter(window=window, max_step=max_step)], shifts=EARLY_LATE_NIGHT), now="09:00")
    book.count(good=1)
    book.at(AHEAD)
    return book


def test_what_says_no_time_is_of_the_day_of_the_batch_again_once_the_clock_was_set_back() -> None:
    book = line()
    book.count(good=3)
    book.at("10:00")
    book.count(good=5)
    assert dates(book) == [TODAY, "2028-01-03", TODAY]


@pytest.mark.parametrize("crash", ["no crash", "a crash"])
def test_a_window_in_seconds_closes_after_as_many_as_were_left(crash: str) -> None:
    book = line("30s")
    book.count(good=3)
    book.wait(10)
    book.now = moment("10:00")
    book.post(1)
    if crash == "a crash":
        book.crash()
    book.wait(19)
    assert len(book.documents()) == 2, "that of 2026, and what was posted by hand"
    book.wait(1)
    assert book.confirmed(3) == ["final 2+0"]


@pytest.mark.parametrize("window", ["shift", "100pc"])
def test_a_window_of_a_day_to_come_closes_now_and_one_of_today_at_its_time(window: str) -> None:
    book = line(window)
    assert book.confirmed(1) == ["final 1+0"], "its shift was over long ago"
    book.count(good=3)
    book.at("10:00")
    assert book.confirmed(2) == ["final 2+0"]
    book.count(good=7)
    book.at("09:30")
    assert len(book.documents()) == 2
    book.at("14:00")
    assert book.confirmed(3) == ["final 4+0"]
    assert dates(book) == [TODAY, "2028-01-03", TODAY]


def test_a_step_is_as_plausible_as_after_the_same_silence_with_a_clock_that_was_never_ahead() -> None:
    book = line(max_step=10)
    book.count(good=9)
    book.at("10:00")
    book.count(good=19)
    book.wait(600)
    book.count(good=119)
    assert book.line()["counted"] == "119"
    book.count(good=150)
    assert [entry.code for entry in book.open_entries()] == ["BF2004"]


def test_a_new_life_of_a_counter_is_accepted_after_the_clock_was_set_back() -> None:
    book = line(max_step=10)
    book.count(good=9, boot="a")
    book.at("10:00")
    book.wait(60)
    book.count(good=8, boot="b", seq=1)
    assert book.line()["counted"] == "18"


def test_the_same_pull_is_one_scan_across_the_moment_at_which_the_clock_is_set_back() -> None:
    book = line()
    book.run("FG")
    first = book.scan("BF:QTY:5")
    book.now = moment("10:00")
    again = book.scan("BF:QTY:5")
    book.wait(4)
    assert [said.result for said in (first, again, book.scan("BF:QTY:5"))] == ["prompt", "dup", "prompt"]


def test_the_same_code_is_another_pull_when_the_duplicate_window_is_over_in_the_time_set_back() -> None:
    book = line()
    assert book.scan("BF:QTY:5").result == "prompt"
    book.at("10:00")
    book.crash()
    book.wait(4)
    assert book.scan("BF:QTY:5").result == "prompt"


def test_nothing_that_is_shown_of_a_line_or_a_device_is_of_a_year_to_come() -> None:
    book = line()
    book.count(good=2, ts="09:00")
    assert list(book.state.skewed) == ["C1"]
    book.at("10:00")
    assert not book.state.skewed
    assert [figures.last_at for figures in book.ledger.lines.values()] == [moment("10:00")]
    assert {mark.at for mark in book.ledger.device_marks.values()} == {moment("10:00")}


def test_devices_are_asked_again_though_they_were_asked_in_a_year_to_come() -> None:
    book = line(max_step=10)
    book.count(good=2)
    book.count(good=900)
    book.at("10:00")
    book.count(good=901)
    assert book.asked == ["C1", "C1"]


def test_runs_of_the_time_before_are_in_force_again() -> None:
    master = plant(materials=[component("FG2", type="made", rem_profile="R")], versions=[version(), version("V2")])
    book = Book(master, now="08:00")
    for at, name in (("08:00", "V1"), ("08:30", "V2"), ("09:30", "V1")):
        book.at(at)
        book.run("FG", name)
    book.at(AHEAD)
    book.count(good=1)
    book.at("09:00")
    book.count(good=2)
    book.at("09:40")
    book.count(good=3)
    assert [document.version for document in book.ledger.documents.values()] == ["V1", "V2", "V1"]


@pytest.mark.parametrize("schedule", ["3600s", "at 22:00", "shift"])
def test_a_schedule_goes_on_from_the_time_to_which_the_clock_was_set_back(schedule: str) -> None:
    background = RemProfile("R", goods_issue_timing="background")
    book = Book(plant(profile=background, shifts=EARLY_LATE_NIGHT), now="09:00", rules=Rules(worklist=schedule))
    book.at(AHEAD)
    book.at("10:00")
    book.count(good=3)
    book.at("10:30")
    assert book.open_rows() == {"issue": "3"}
    book.at("22:00")
    assert book.open_rows() == {}


@pytest.mark.parametrize("card", ["BF:RUN:FG:V1", "BF:STOP"])
def test_the_card_of_a_run_is_replayed_though_the_clock_was_set_back_by_weeks(card: str) -> None:
    roaming = scanner("S1", line=ROAMING)
    versions = [version(), version(line="L2")]
    master = plant(versions=versions, devices=[counter(), counter("C2", line="L2"), roaming])
    book = Book(master, now="10:00", rules=Rules(open_names=(), edition=EDITION))
    book.scan("BF:LINE:1000:L1", line=ROAMING)
    book.load(plant(versions=versions, devices=[counter(), counter("C2", line="L2"), replace(roaming, disabled=True)]))
    assert book.scan(card, line=ROAMING).result == "nok"
    book.load(master)
    book.scan("BF:LINE:1000:L2", line=ROAMING)
    evict(book.state)
    book.at("2026-03-01 10:00")
    told = book.replay()
    assert (told.status, [run.start for run in book.state.runs.get((PLANT, LINE), [])]) == (
        "ok",
        [moment("2026-03-01 10:00")] if "RUN" in card else [],
    )
