"""What is open on a line is posted when a person says so: a card, a command and a request do the same."""

import pytest

from gateway.backflush.memory.events import WindowClose
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import ROAMING
from gateway.errors import Reason
from tests.answers import reason_in
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, plant, scanner, version

NOW = Rules(window="shift", open_names=(), edition=EDITION)


def counted() -> Book:
    book = Book(plant(boms=[bom({"A": 1})], devices=[counter("C1", first="zero", window=""), scanner("S1")]), rules=NOW)
    book.count("C1", good=7)
    assert book.state.documents == 0, "or this test says nothing"
    return book


def test_command_and_card_post_the_same() -> None:
    one, other = counted(), counted()
    told, card = one.ask(WindowClose(PLANT, LINE)), other.scan("BF:CLOSE")
    assert (told.code, told.text) == (Reason.OK, "7 posted in 0000000001")
    assert (told.data["documents"], told.data["posted"], told.data["waiting"]) == (["0000000001"], "7", "0")
    assert (card.result, one.stock("FG"), other.stock("FG")) == ("ok", "7", "7")


@pytest.mark.parametrize("plant_", [PLANT, ""])
def test_who_names_no_line_closes_none(plant_: str) -> None:
    devices = [counter("G", role="gross"), counter("K1", role="scrap")]
    book = Book(plant(devices=devices), rules=NOW._replace(window="reading"))
    book.count("G", gross=10)
    book.count("K1", scrap=1)
    assert book.state.short_windows(), "or this test says nothing"
    assert book.ask(WindowClose(plant_, "")).code == Reason.UNKNOWN_LINE
    assert book.state.short_windows()
    assert book.ask(WindowClose(PLANT, LINE)).code == Reason.OK
    assert not book.state.short_windows()


@pytest.mark.parametrize(("edition", "code"), [(1, Reason.NOTHING_TO_UNDO), (EDITION, Reason.UNKNOWN_LINE)])
def test_what_a_card_says_of_a_line_that_is_gone_stays_as_it_was_in_older_journals(edition: int, code: Reason) -> None:
    devices = [counter("C1"), counter("C2", line="L2"), scanner("S1", line=ROAMING)]
    master = plant(versions=[version(), version(line="L2")], devices=devices)
    book = Book(master, rules=NOW._replace(edition=edition))
    assert book.scan("BF:LINE:1000:L2", line=ROAMING).result == "info"
    book.load(plant(devices=[devices[0], devices[2]]))
    assert book.scan("BF:CLOSE", line=ROAMING).code == code


@pytest.mark.parametrize("line", [LINE, "L9"])
def test_where_nothing_is_open_both_say_so_in_one_sentence(line: str) -> None:
    book = counted()
    book.ask(WindowClose(PLANT, LINE))
    told, card = book.ask(WindowClose(PLANT, line)), book.scan("BF:CLOSE")
    nothing = Reason.NOTHING_TO_UNDO, "nothing is open on 1000/L1"
    assert (told.code, told.text) == (
        nothing if line == LINE else (Reason.UNKNOWN_LINE, "there is no line 'L9' in plant 1000")
    )
    assert (card.code, reason_in(card)) == nothing
