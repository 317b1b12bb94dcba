"""Runs that are planned, taken back and ended, and what becomes of the line after each."""

from gateway.backflush.memory.events import RunStop
from gateway.backflush.memory.state import EDITION, Rules
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, moment, operation, plant, product, routing, version


def two_products(rules: Rules) -> Book:
    master = plant(
        materials=[product("G2")],
        boms=[bom({"A": 1}), bom({"A": 1}, material="G2")],
        routings=[routing([operation("0010")]), routing([operation("0010")], material="G2")],
        versions=[version(valid_to="2026-03-16"), version(material="G2")],
        devices=[counter("C1", first="zero")],
    )
    return Book(master, rules=rules)


NOW = Rules(window="reading", open_names=(), edition=EDITION)


def stop(book: Book, end: str) -> str:
    return book.ask(RunStop(PLANT, LINE, moment(end))).text.replace("2026-03-16 ", "")


def test_a_run_that_has_not_begun_is_taken_back_by_an_end_at_its_start_and_the_one_before_goes_on() -> None:
    book = two_products(NOW)
    book.run("FG", start="07:00")
    book.run("G2", start="10:00")
    book.run("FG", start="12:00")
    taken = "the run of G2 V1 on 1000/L1 that was to begin at 10:00:00 is taken back; FG V1 goes on until 12:00:00"
    assert stop(book, "10:00") == taken
    assert stop(book, "12:00").endswith("is taken back; FG V1 goes on")
    [run] = book.state.runs[PLANT, LINE]
    assert (run.material, run.start, run.end) == ("FG", moment("07:00"), None)


def test_the_end_that_was_said_of_a_run_stands_when_the_next_run_is_taken_back() -> None:
    for edition, ended, told in (
        (EDITION, "11:00", "FG V1 goes on until 11:00:00"),
        (EDITION, "10:00", "FG V1 still ends then"),
        (4, "11:00", "FG V1 goes on"),
    ):
        book = two_products(NOW._replace(edition=edition))
        book.run("FG", start="07:00")
        stop(book, ended)
        book.run("G2", start="10:00")
        book.crash()
        assert stop(book, "10:00").endswith(f"is taken back; {told}")
        [run] = book.state.runs[PLANT, LINE]
        assert run.end == (moment(ended) if edition == EDITION else None)


def test_an_end_that_only_the_next_run_had_made_goes_with_it() -> None:
    book = two_products(NOW)
    book.run("FG", start="07:00")
    book.run("FG", start="13:00")
    stop(book, "15:00")
    for start in ("12:00", "10:00", "09:00"):
        book.run("G2", start=start)
    assert stop(book, "09:00").endswith("FG V1 goes on until 10:00:00")
    assert stop(book, "13:00").endswith("G2 V1 goes on")
    assert [(run.start, run.end, run.stopped) for run in book.state.runs[PLANT, LINE]] == [
        (moment("07:00"), moment("10:00"), None),
        (moment("10:00"), moment("12:00"), None),
        (moment("12:00"), None, None),
    ]


def test_the_only_run_is_taken_back_and_nothing_of_it_is_kept() -> None:
    book = two_products(NOW)
    book.run("G2", start="10:00")
    assert stop(book, "10:00") == "the run of G2 V1 on 1000/L1 that was to begin at 10:00:00 is taken back"
    book.commit()
    assert (book.state.runs[PLANT, LINE], book.ledger.runs[PLANT, LINE]) == ([], [])


def test_a_run_that_ends_at_its_start_was_ended_in_older_journals() -> None:
    book = two_products(NOW._replace(edition=1))
    book.run("G2", start="10:00")
    assert stop(book, "10:00").startswith("the run of 1000/L1 ends at 10:00:00: G2 V1; ")
    [run] = book.state.runs[PLANT, LINE]
    assert run.end == run.start


def test_what_becomes_of_the_line_is_said_of_the_day_on_which_its_run_ends() -> None:
    """FG is made until today: from tomorrow on there is G2 alone, and nothing to choose from."""
    book = two_products(NOW)
    book.run("FG", start="07:00")
    told = book.ask(RunStop(PLANT, LINE, moment("2026-03-17 10:00"))).text
    assert "until a run begins, its counters count G2 V1" in told, told
    today = book.ask(RunStop(PLANT, LINE, moment("09:00"))).text
    assert "(line 1000/L1 may make FG/V1, G2/V1 on 2026-03-16: begin a run" in today, today


def test_an_end_in_the_past_says_which_run_goes_on_now() -> None:
    """A line that a run is in force on waits for none."""
    book = two_products(NOW)
    book.run("G2", start="07:30")
    goes_on = "G2 V1, which began at 07:30:00, goes on"
    assert stop(book, "07:00") == f"1000/L1 had no run at 07:00:00; {goes_on}"
    book.run("FG", start="06:30")
    assert stop(book, "07:00") == f"the run of 1000/L1 ends at 07:00:00: FG V1; {goes_on}"
    assert "until a run begins" in stop(book, "08:00")
