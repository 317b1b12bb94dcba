"""The page about REM profiles says what the program does: its example day runs with every value of every field.

A table's first column is the value of the field that its section is about, the others are what the ledger shows, at the
end of the day or at a time. `With x = y` above a table holds for all its rows.
"""

import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.backflush.memory.events import Actual, ActualComponent
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.plant.snapshot import EstimateActivity, RemProfile
from gateway.backflush.values.quantities import format_quantity
from tests.book import Book
from tests.builders import bom, component, counter, item, operation, order, plant, q, routing, stock

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
_WITH = re.compile(r"With `(\w+) = (\w+)`")
_FIELDS = {field.name: field for field in fields(RemProfile)}


class Row(NamedTuple):
    """One row of a table of the page."""

    field: str
    settings: tuple[tuple[str, str], ...]
    column: str
    value: str


def rows(page: str) -> Iterator[Row]:
    """Yield every figure of the page with the settings that it holds for."""
    for section in page.split("\n### ")[1:]:
        heading, *lines = section.split("\n## ")[0].splitlines()
        field = heading.strip("`")
        given: tuple[tuple[str, str], ...] = ()
        columns: list[str] = []
        for line in lines:
            given = tuple(_WITH.findall(line)) or given
            cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
            if not line.startswith("|"):
                columns = []
            elif not columns:
                columns = cells
            elif not set(line) <= set("|-: "):
                for column, value in zip(columns[1:], cells[1:], strict=True):
                    yield Row(field, (*given, (field, cells[0])), column, value)


def profile_with(settings: tuple[tuple[str, str], ...]) -> RemProfile:
    """Return the profile of the example with some fields set as a table of master data sets them."""
    read: dict[str, Any] = {}
    for name, text in settings:
        default = _FIELDS[name].default
        if isinstance(default, bool):
            read[name] = {"yes": True, "no": False}[text]
        elif name == "order_window_days":
            read[name] = int(text) if text != "empty" else None
        else:
            read[name] = text
    return RemProfile("R", **read)


@cache
def day(settings: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Run the example day, and return what the ledger shows: `A` at its end, `A 08:00` right after what came at 8."""
    profile = profile_with(settings)
    with_point = profile.reporting_points != "none"
    master = plant(
        profile=profile,
        materials=[component("A", 5, component_scrap=q(10)), component("B", 4, decimals=3), component("W", 1)],
        boms=[bom([item("A", 2, operation="0010"), item("B", "0.5", "0020", operation="0020"), item("W", -1, "0030")])],
        routings=[routing([operation("0010", {"machine": "0.01"}, point=with_point), operation("0020")])],
        devices=[counter("P1", operation="0010")],
        negative_stock=False,
        estimate=[EstimateActivity("0010", "W1", "machine", q("0.02"))],
    )
    orders = [
        order("O1", 30, version="V1", start="2026-03-10"),
        order("O2", 20, start="2026-03-14"),
        order("O3", 40, version="V2", start="2026-03-16"),
    ]
    book = Book(master, now="06:00", rules=Rules(worklist="at 22:00"), orders=orders, stock=stock(A=108, B=100, W=100))
    shown: dict[str, str] = {}
    told: list[str] = []

    def look(clock: str) -> None:
        shown.update({f"{name} {clock}".strip(): value for name, value in figures(book, told).items()})

    if with_point:
        book.at("07:00")
        book.count("P1", good=50)
        look("07:00")
    book.at("08:00")
    book.count(good=20)
    look("08:00")
    book.at("10:00")
    book.count(good=45, scrap=5, scrap_by=(("DENT", 5),))
    look("10:00")
    book.at("11:00")
    told.append(book.post(0, "component_scrap", actual=Actual((ActualComponent("A", q(3)),))).status)
    book.at("12:00")
    by_hand = book.state.documents + 1
    told.append(book.post(10).status)
    look("12:00")
    book.at("13:00")
    told.append(book.reverse(by_hand, 4).status)
    look("13:00")
    book.at("21:59")
    look("21:59")
    book.at("22:00")
    look("")
    return shown


def figures(book: Book, told: list[str]) -> dict[str, str]:
    """Return what the ledger shows."""
    orders = {name: format_quantity(order.open(QUANTITY)) for name, order in book.ledger.orders.items()}
    wip = {f"after {point}": pieces for point, pieces in book.wip().items()}
    hours = sum(activity.hours for activity in book.ledger.activities)
    return {
        **{name: book.stock(name) for name in ("FG", "A", "B", "W")},
        **wip,
        "hours": format_quantity(hours),
        "missing A": book.backlog().get("A", "0"),
        "open rows": str(sum(row.state == "open" for row in book.ledger.rows.values())),
        "documents": str(len(book.ledger.documents)),
        **orders,
        "waiting": book.waiting(),
        "cost collector": book.balance(),
        "refused": str(told.count("error")),
        "movements": " ".join(sorted({i.movement for i in book.ledger.items})),
        "used A": book.statistic("component", "A"),
    }


@pytest.mark.parametrize("row", list(rows(PAGE)), ids=lambda row: f"{dict(row.settings)} {row.column}")
def test_the_example_day_ends_as_the_page_says(row: Row) -> None:
    name = row.column.replace(" at ", " ")
    assert day(row.settings)[name] == row.value, row


def test_every_field_of_a_profile_has_a_section_with_each_of_its_values() -> None:
    told: dict[str, set[str]] = {}
    for row in rows(PAGE):
        told.setdefault(row.field, set()).add(dict(row.settings)[row.field])
    assert set(told) == set(_FIELDS) - {"profile"}
    for name, field in _FIELDS.items():
        if isinstance(field.default, bool):
            assert told[name] == {"yes", "no"}, name
