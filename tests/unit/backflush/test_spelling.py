"""Names that nobody has to maintain are spelt by one rule at every door: what a table could not hold is refused."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from pydantic import ValidationError

from devices.errors import Malformed
from devices.messages import Used
from gateway.backflush.memory.events import Actual, ActualComponent, BacklogCorrect, Post
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.values.names import LONGEST, misspelt
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Reason
from gateway.masterdata.rows import TABLES
from tests.book import Book
from tests.builders import LINE, PLANT, bom, plant, q
from tests.unit.backflush.test_doors import Door, book, command, count, posted, run, scan

OPEN = Rules(window="reading", open_names=("operators", "reasons", "sales_orders"), edition=EDITION)
LONG = "X" * (LONGEST + 1)
MISSPELT = (LONG, " X", "X ", "=1+1", "+X|Y", "X\u200b", "e\u0301")


def used(**said: str) -> Post:
    """Say of a component that it was used."""
    return Post("assembly", PLANT, LINE, "FG", "", MICRO, actual=Actual((ActualComponent("A", MICRO, **said),), None))


NAMED: dict[str, Callable[[str], list[Door]]] = {
    "batch": lambda name: [
        posted(batch=name),
        run(batch=name),
        count(good=3, batch=name),
        command(used(batch=name)),
        scan("FG", components=(Used("A", "1", batch=name),)),
    ],
    "location": lambda name: [command(used(location=name)), scan("FG", components=(Used("A", "1", location=name),))],
    "lot": lambda name: [posted(cost_object=f"LOT {name}"), scan("FG", lot=name)],
    "sales_order": lambda name: [
        posted(cost_object=f"SO {name} 10"),
        run(sales_order=name),
        scan("FG", sales_order=name),
    ],
    "revision": lambda name: [posted(revision=name), run(revision=name)],
    "scrap_reason": lambda name: [posted(type="scrap", scrap_reason=name)],
    "operator": lambda name: [scan("FG", operator=name)],
}
COLUMNS = {
    "batch": "batches.batch",
    "location": "storage_locations.location",
    "sales_order": "sales_orders.order",
    "revision": "boms.revision",
    "scrap_reason": "scrap_reasons.reason",
    "operator": "operators.operator",
}


@pytest.mark.parametrize("what", NAMED)
def test_what_is_no_name_gets_one_code_and_one_sentence_at_every_door_and_books_nothing(what: str) -> None:
    for name in MISSPELT:
        for door in NAMED[what](name):
            shop = book(OPEN)
            assert door(shop) == (Malformed.OUT_OF_RANGE, f"{what}: {misspelt(name)}"), (door, name)
            assert (shop.state.documents, shop.state.runs) == (0, {})


@pytest.mark.parametrize("what", COLUMNS)
def test_a_table_holds_the_names_that_doors_take_and_no_others(what: str) -> None:
    table, column = COLUMNS[what].split(".")
    kind = TABLES[table]
    cell = next(found for found in kind.model_fields[column].metadata if hasattr(found, "parse"))
    for name in ("X" * LONGEST, "L2611A", "Los 7", "Röhre"):
        assert (cell.parse(name), misspelt(name)) == (name, "")
        for door in NAMED[what](name):
            assert door(book(OPEN))[0] != Malformed.OUT_OF_RANGE, (door, name)
    for name in MISSPELT:
        try:
            held = cell.parse(name)
        except (ValueError, ValidationError) as error:
            assert str(error) == misspelt(name)  # noqa: PT017 - some are cleaned instead
        else:
            assert held != name, "it is read as another name"


def test_a_journal_of_before_is_folded_as_it_was_when_names_were_not_judged_by_their_spelling() -> None:
    for what, doors in NAMED.items():
        for door in doors(LONG):
            shop = book(OPEN._replace(edition=2))
            assert door(shop)[0] != Malformed.OUT_OF_RANGE, (what, door)


def test_a_place_has_to_be_listed_where_the_plant_lists_places() -> None:
    here = plant(boms=[bom({"A": 2})], negative_stock=False)
    elsewhere = replace(here, locations={("2000", at): place for (_, at), place in here.locations.items()})
    for master, edition, code in (
        (here, EDITION, Reason.UNKNOWN_LOCATION),
        (here, 3, Reason.OK),
        (elsewhere, EDITION, Reason.OK),
    ):
        shop = Book(master, rules=OPEN._replace(edition=edition))
        shop.post(1)
        told = shop.ask(used(location="Süd"))
        assert (told.code, "location 'Süd'" in told.text) == (code, code != Reason.OK)
        told = shop.ask(BacklogCorrect(next(iter(shop.ledger.backlog)), q(1), location="Süd"))
        assert (told.code == Reason.UNKNOWN_LOCATION) == (code == Reason.UNKNOWN_LOCATION)


def test_a_shortage_is_corrected_from_a_place_and_a_batch_that_can_be() -> None:
    shop = Book(plant(boms=[bom({"A": 2})], negative_stock=False), rules=OPEN)
    shop.post(1)
    for said in ({"location": LONG}, {"batch": LONG}):
        [(what, name)] = said.items()
        told = shop.ask(BacklogCorrect(next(iter(shop.ledger.backlog)), q(1), **said))
        assert (told.code, told.text) == (Malformed.OUT_OF_RANGE, f"{what}: {misspelt(name)}"), told


@pytest.mark.parametrize("rule", ["{datum}", "{line}-{Date}", "{}", "{date}{shift}{week}"])
def test_a_word_in_braces_that_no_batch_rule_knows_begins_no_run(rule: str) -> None:
    word = rule[rule.rindex("{") :] if "{line}" not in rule else "{Date}"
    told = run(batch=rule)(book(OPEN))
    assert told == (Malformed.OUT_OF_RANGE, f"batch: expected {{date}}, {{shift}} or {{line}} in braces, got '{word}'")
    assert run(batch=rule)(book(OPEN._replace(edition=3)))[0] == Reason.OK
    for known in ("{date}{shift}-{line}", "L{26", "7}"):
        assert run(batch=known)(book(OPEN))[0] == Reason.OK
