"""What is open on a line is posted when a person says so: a card, a command and a request do the same."""

import pytest

from gateway.backflush.memory.events import WindowClose
from gateway.backflush.memory.state import EDITION, Rules
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, plant, scanner

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


@pytest.mark.parametrize("line", [LINE, "L9"])
def test_where_nothing_is_open_both_say_so_in_one_sentence(line: str) -> None:
    book = counted()
    book.ask(WindowClose(PLANT, LINE))
    told, card = book.ask(WindowClose(PLANT, line)), book.scan("BF:CLOSE")
    nothing = Reason.NOTHING_TO_UNDO, "nothing is open on 1000/L1"
    assert (told.code, told.text) == (
        nothing if line == LINE else (Reason.UNKNOWN_LINE, "there is no line 'L9' in plant 1000")
    )
    assert (card.code, card.text) == nothing
