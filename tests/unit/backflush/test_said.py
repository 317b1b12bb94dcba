"""What a person says of components, by-products and times: signs and places of the list, and of what is named alone."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.messages import Used
from gateway.backflush.memory.events import Actual, ActualActivity
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile, StorageLocation
from gateway.backflush.values.documents import ACTIVITY, FINAL, ISSUE
from gateway.errors import Reason
from tests.book import Book
from tests.builders import PLANT, bom, component, item, operation, plant, points, q, routing, stock, two_points, used


def pressed(**profile: Any) -> MasterData:
    """Return FG of 2 A, issued from WIP, and 1 B; a by-product W goes to WIP, a V to RAW; two times."""
    items = [item("A", 2, issue_location="WIP"), item("B", 1, "0020"), item("W", -1, "0030", issue_location="WIP")]
    return plant(
        profile=RemProfile("R", **profile),
        materials=[component("W"), component("V")],
        boms=[bom([*items, item("V", -1, "0040")])],
        routings=[routing([operation("0010", {"machine": "0.1", "labour": "0.2"})])],
        rates={"machine": 60, "labour": 30},
    )


STANDARD = {"131 FG 5", "261 A -10", "261 B -5", "531 W 5", "531 V 5"}


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        (used("A 9", complete=False), {"261 A -10": "261 A -9"}),
        (used("W 4", "V 3", complete=False), {"531 W 5": "531 W 4", "531 V 5": "531 V 3"}),
        (used("A 9", "W 4", complete=False), {"261 A -10": "261 A -9", "531 W 5": "531 W 4"}),
    ],
)
@pytest.mark.parametrize("timing", ["online", "update", "background"])
def test_what_is_named_changes_itself_alone(said: Actual, changed: dict[str, str], timing: str) -> None:
    book = Book(pressed(goods_issue_timing=timing))
    book.post(5, actual=said)
    book.wait(1)
    book.work()
    moved = [text for number in book.ledger.documents for text in book.moved(number)]
    assert sorted(moved) == sorted({changed.get(text, text) for text in STANDARD})
    differences = {
        text.split()[1]: str(abs(int(new.split()[-1])) - abs(int(text.split()[-1]))) for text, new in changed.items()
    }
    found = {
        name: book.statistic(f"{measure} difference", name)
        for name, measure in (("A", "component"), ("B", "component"), ("W", "by_product"), ("V", "by_product"))
    }
    assert {name: value for name, value in found.items() if value != "0"} == differences
    assert book.reverse(1).status == "ok"
    assert {name: book.stock(name) for name in ("FG", "A", "B", "W", "V")} == dict.fromkeys(
        ("FG", "A", "B", "W", "V"), "0"
    )


def test_a_list_that_is_complete_is_all_of_it() -> None:
    book = Book(pressed())
    book.post(5, actual=used("A 9", "W 4"))
    assert sorted(book.moved(1)) == ["131 FG 5", "261 A -9", "531 W 4"]


def test_a_time_that_is_named_changes_itself_alone() -> None:
    book = Book(pressed())
    said = (ActualActivity("W1", "machine", q("0.7")),)
    book.post(5, actual=Actual(activities=said))
    book.post(5, actual=Actual(activities=said, complete=True))
    assert [book.hours(n) for n in (1, 2)] == [["labour 1", "machine 0.7"], ["machine 0.7"]]


def test_places_are_those_of_the_list_unless_one_is_said() -> None:
    book = Book(pressed())
    book.post(5, actual=used("A 9", "W 4", "V 3", complete=False))
    book.post(2, "by_product")
    book.post(0, "by_product", actual=used("W 2"))
    book.post(0, "component_scrap", actual=used("A 1", "A 1 - RAW"))
    places = {(i.material, i.location) for i in book.ledger.items if i.material in "AWV"}
    assert places == {("A", "WIP"), ("A", "RAW"), ("W", "WIP"), ("V", "RAW")}
    assert book.stock("W", "WIP") == "8"


def test_complete_without_anything_that_is_complete_is_refused() -> None:
    book = Book(pressed())
    assert book.post(5, actual=Actual(complete=True)).code == Reason.BAD_COMMAND


def test_a_fixed_item_that_is_named_stands_for_the_lot_and_the_others_are_charged() -> None:
    items = [item("A", 3, fixed=True), item("B", 4, "0020", fixed=True)]
    book = Book(plant(boms=[bom(items)]))
    book.post(5, actual=used("A 1", complete=False))
    book.post(5)
    assert [book.moved(n) for n in (1, 2)] == [["131 FG 5", "261 B -4", "261 A -1"], ["131 FG 5"]]
    book.reverse(1)
    book.post(5)
    assert (book.stock("A"), book.stock("B")) == ("-3", "-4")


def test_what_is_named_at_one_of_several_points_is_of_that_point_and_of_those_that_it_fills() -> None:
    book = Book(two_points("optional"))
    book.post(5, "point", point="0020", actual=used("B 7", complete=False))
    assert sorted(book.moved(1)) == ["261 A -5", "261 B -7"]


@given(
    quantities=st.lists(st.tuples(st.sampled_from("AWV"), st.integers(1, 20)), min_size=1, max_size=6),
    type_=st.sampled_from(["assembly", "scrap", "component"]),
)
def test_said_items_have_the_sign_and_the_place_of_exploded_ones(quantities: list[tuple[str, int]], type_: str) -> None:
    book = Book(pressed())
    book.post(1)
    said = used(*(f"{name} {quantity}" for name, quantity in quantities), complete=False)
    book.post(3, type_, actual=said)
    [explosion, *_] = [e for e in book.ledger.explosions.values() if any(i.process == ACTIVITY for i in e.items)]
    listed = {(i.object, i.sign, i.place) for i in explosion.items if (i.process, i.segment) == (ISSUE, FINAL)}
    moved = {(i.material, 1 if i.quantity > 0 else -1, i.location) for i in book.ledger.items if i.process == ISSUE}
    assert moved == listed


def test_nothing_of_a_component_is_said_by_zero_and_the_rest_follows_the_list() -> None:
    book = Book(pressed())
    assert book.post(5, actual=used("A 0", "W 0", complete=False)).status == "ok"
    assert sorted(book.moved(1)) == ["131 FG 5", "261 B -5", "531 V 5"]
    assert book.statistic("component difference", "A") == "-10"
    assert book.post(0, "component", actual=used("A 0")).code == Reason.NOTHING_TO_POST
    assert book.reverse(1).status == "ok"
    assert [book.stock(name) for name in ("A", "B", "V", "FG")] == ["0"] * 4


def test_what_is_said_and_reversed_goes_in_proportion_by_products_and_times_as_well() -> None:
    book = Book(pressed())
    said = used("A 20", "W 10", complete=False)
    book.post(10, actual=said._replace(activities=(ActualActivity("W1", "machine", q("0.7")),)))
    assert book.reverse(1, 5).status == "ok"
    assert [book.stock(name) for name in ("FG", "A", "W", "B", "V")] == ["5", "-10", "5", "-5", "5"]
    assert book.reverse(1).status == "ok"
    assert [book.stock(name) for name in ("FG", "A", "W", "B", "V")] == ["0"] * 5
    assert (book.balance(), sum(work.hours for work in book.ledger.activities)) == ("0", 0)


@pytest.mark.parametrize("came", [0, 8])
def test_what_was_said_and_is_missing_is_reversed_in_part_and_then_to_the_end(came: int) -> None:
    book = Book(plant(boms=[bom({"A": 1})], negative_stock=False))
    book.post(10, actual=used("A 8", complete=False))
    assert book.backlog() == {"A": "8"}
    if came:
        book.load(book.state.master, stock=stock(A=came))
        book.retry()
    assert book.reverse(1, 5).status == "ok"
    assert (book.stock("FG"), book.stock("A"), book.backlog()) == (("5", "4", {}) if came else ("5", "0", {"A": "4"}))
    assert book.statistic("component", "A") == "4"
    assert book.reverse(1).status == "ok"
    assert (book.stock("FG"), book.stock("A"), book.backlog()) == ("0", str(came), {})
    assert book.statistic("component", "A") == "0"


def test_a_component_that_is_in_no_list_is_issued_from_where_its_master_says() -> None:
    book = Book(replace(pressed(), materials={**pressed().materials, (PLANT, "Z"): pressed().materials[PLANT, "B"]}))
    book.post(5, actual=used("Z 2", complete=False))
    assert sorted(book.moved(1)) == sorted({*STANDARD, "261 Z -2"})
    assert book.statistic("component difference", "Z") == "2"


PLACES = ("RAW", "R2", "R3")


def placed(quantities: list[int], mode: Any = "none") -> MasterData:
    """Return FG of A at three places, each of an operation of its own, and as much of the by-product W there."""
    items = [
        item(name, sign * quantity, f"{n}{k}", issue_location=place, operation=f"00{k + 1}0")
        for n, (name, sign) in enumerate((("A", 1), ("W", -1)))
        for k, (place, quantity) in enumerate(zip(PLACES, quantities, strict=True))
        if quantity
    ]
    made = plant(
        profile=RemProfile("R", reporting_points=mode),
        materials=[component("A"), component("W")],
        boms=[bom(items)],
        routings=[routing(points("0010", "0020", "0030"))],
    )
    places = {(PLANT, place): StorageLocation(PLANT, place, negative_stock=True) for place in PLACES}
    return replace(made, locations={**made.locations, **places})


def everywhere(book: Book) -> list[str]:
    """Return the stock of A and of W at each place."""
    return [book.stock(name, place) for name in ("A", "W") for place in PLACES]


@given(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), st.integers(1, 9), st.integers(1, 200))
def test_what_is_said_is_shared_out_in_the_ratio_of_the_list(quantities: list[int], pieces: int, said: int) -> None:
    whole = sum(quantities)
    book = Book(placed(quantities))
    book.post(pieces, actual=used(f"A {said}", f"W {said}", complete=False))
    taken = [int(figure) for figure in everywhere(book)]
    assert (sum(taken[:3]), sum(taken[3:])) == (-said, said)
    for quantity, part in zip(2 * quantities, taken, strict=True):
        assert abs(abs(part) - Fraction(said * quantity, whole)) <= 1


@pytest.mark.parametrize("mode", ["none", "optional", "mandatory"])
@given(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), st.integers(1, 9), st.integers(0, 2))
def test_who_says_what_the_list_says_takes_it_where_the_list_does(
    mode: str, quantities: list[int], pieces: int, at: int
) -> None:
    listed, said = Book(placed(quantities, mode)), Book(placed(quantities, mode))
    passed = quantities[at : at + 1] if mode == "mandatory" else quantities[: at + 1]
    for book in (listed, said):
        for k in range(at) if mode == "mandatory" else ():
            book.post(pieces, "point", point=f"00{k + 1}0")
    point = "" if mode == "none" else f"00{at + 1}0"
    units = sum(passed if point else quantities) * pieces
    listed.post(pieces, "point" if point else "assembly", point=point)
    actual = used(f"A {units}", f"W {units}", complete=False)
    said.post(pieces, "point" if point else "assembly", point=point, actual=actual)
    assert everywhere(said) == everywhere(listed)


def test_scans_and_consumption_alone_are_shared_out_as_well() -> None:
    book = Book(placed([24, 4, 0]))
    book.scan("FG", components=(Used("A", "56"),))
    assert everywhere(book)[:2] == ["-48", "-8"]
    book.post(0, "component", actual=used("A 28"))
    book.post(0, "component_scrap", actual=used("A 28"))
    assert everywhere(book)[:2] == ["-96", "-16"]
    book.post(1, actual=used("A 28 - R3"))
    assert everywhere(book)[:3] == ["-96", "-16", "-28"], "who names a place is believed"


def test_a_journal_of_before_is_folded_as_it_was() -> None:
    book = Book(placed([24, 4, 0]), rules=Rules())
    book.post(2, actual=used("A 56", complete=False))
    assert everywhere(book)[:2] == ["0", "-56"]
