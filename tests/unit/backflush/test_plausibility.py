"""A person and a label say no more at once than the line's fastest counter may count in a day, unless by force."""

from dataclasses import replace

import pytest

from gateway.backflush.memory.events import Post
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.values.documents import DocumentType
from gateway.errors import Reason
from tests.answers import reason_in
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, plant, q, scanner

LIMIT = 1_440 * 2
STRICT = Rules(window="reading", open_names=(), edition=EDITION)
SENTENCE = "2881 PC are more than line 1000/L1 can make in a day, which is 2880: "
BY_HAND = f"{SENTENCE}--force with a reason takes it"
SCANNED = f"{SENTENCE}a posting by hand with --force and a reason takes it"


def shop(*devices: Device, rules: Rules = STRICT) -> Book:
    devices = devices or (counter("C1", max_step=1), counter("C2", max_step=2), counter("K1", role="scrap", max_step=9))
    return Book(plant(boms=[bom({"A": 1})], devices=[*devices, scanner("S1")]), rules=rules)


@pytest.mark.parametrize("type_", ["assembly", "scrap", "component"])
def test_every_door_has_the_same_limit_and_code_and_says_what_takes_it_there(type_: DocumentType) -> None:
    book = shop()
    action = Post(type_, PLANT, LINE, "FG", "", q(LIMIT + 1))
    told = book.ask(action, reason="")
    assert (told.code, told.text) == (Reason.JUMP, BY_HAND)
    assert book.ask(action._replace(force=True), reason="").code == Reason.JUMP, "who forces says why"
    book.scan(f"BF:QTY:{LIMIT + 1}")
    card = book.scan("FG")
    assert (card.code, reason_in(card)) == (Reason.JUMP, SCANNED)
    book.scan(f"BF:QTY:{LIMIT + 1}")
    said = book.scan("FG", sales_order="4711", sales_order_item="10")
    assert (said.code, reason_in(said)) == (Reason.JUMP, SCANNED)
    assert (book.state.documents, [entry.kind for entry in book.open_entries()]) == (0, ["untrusted"] * 2)
    assert book.ask(action._replace(force=True), reason="counted twice").code == Reason.OK
    assert book.ask(action._replace(quantity=q(LIMIT)), reason="").code == Reason.OK


@pytest.mark.parametrize(
    "devices",
    [
        pytest.param((counter("C1"),), id="no counter of the line has a limit"),
        pytest.param((counter("C1", max_step=1), counter("C2")), id="the fastest has none"),
        pytest.param((counter("C1", max_step=1, unit="KG"),), id="nothing is made in the unit of the one that has one"),
        pytest.param((counter("C1", line="L2", max_step=1),), id="that of another line is none of this one"),
        pytest.param((counter("K1", role="scrap", max_step=1),), id="what is scrapped says nothing of what is made"),
        pytest.param((replace(counter("C1", max_step=1), disabled=True),), id="nobody believes a disabled one"),
        pytest.param((counter("C1", max_step=1, weight=q(100)),), id="a pulse may be many pieces"),
    ],
)
def test_a_line_whose_counters_have_no_limit_has_none(devices: tuple[Device, ...]) -> None:
    book = shop(*devices)
    assert book.ask(Post("assembly", PLANT, LINE, "FG", "", q(100_000)), reason="").code == Reason.OK


def test_a_card_that_says_too_much_is_used_up_by_the_label_that_it_was_for() -> None:
    book = shop()
    book.scan(f"BF:QTY:{LIMIT + 1}")
    assert [book.scan("FG", id=str(n)).code for n in range(3)] == [Reason.JUMP, Reason.OK, Reason.OK]


def test_what_was_posted_before_there_was_a_limit_is_folded_as_it_was() -> None:
    book = shop(rules=STRICT._replace(edition=1))
    assert book.ask(Post("assembly", PLANT, LINE, "FG", "", q(100_000)), reason="").code == Reason.OK
