"""The points of a line are seen for as long as it may have pieces on them, whatever it does at the moment."""

from dataclasses import replace

import pytest

from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.service.tell.line_status import Look, line_picture
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, operation, plant, product, routing, version


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
    picture = line_picture(Look(book.state, book.now, ()), book.state.lines[PLANT, LINE], 0)
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
