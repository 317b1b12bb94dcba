"""A price by which what waits would be worth more than the ledger holds is refused, wherever it waits."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.quantities import LIMIT, MICRO
from gateway.errors import Reason
from tests.book import Book
from tests.builders import component, counter, operation, plant, product, routing


def priced(material: str, price: int, window: str, profile: dict[str, Any], *, negative_stock: bool) -> MasterData:
    made = product() if material == "FG" else component("A")
    return plant(
        profile=RemProfile("R", **profile),
        routings=[routing([operation("0010", {"setup": 2}, point=True), operation("0020", {"machine": "0.1"})])],
        materials=[replace(made, price=price, price_unit=MICRO)] if made.material == material else [],
        rates={"machine": 1, "setup": 1, material: price // MICRO},
        devices=[counter("C1", window=window)],
        negative_stock=negative_stock,
    )


MANDATORY = {"reporting_points": "mandatory"}


@pytest.mark.parametrize(
    ("material", "window", "profile", "negative_stock", "pieces"),
    [
        ("FG", "shift", {}, True, 100),
        ("A", "shift", {}, True, 100),
        ("FG", "reading", MANDATORY, True, 100),
        ("A", "reading", {"goods_issue_timing": "background"}, True, 100),
        ("A", "reading", {}, False, 100),
        ("machine", "reading", {"activity_timing": "background"}, True, 10),
        # Setup is two hours, however many pieces there are.
        ("setup", "reading", {"activity_timing": "background"}, True, 2),
    ],
    ids=["window_receipt", "window_issue", "point", "worklist_issue", "backlog", "worklist_activity", "worklist_setup"],
)
def test_what_waits_bounds_its_price(
    material: str, window: str, profile: dict[str, Any], *, negative_stock: bool, pieces: int
) -> None:
    def master(price: int) -> MasterData:
        return priced(material, price, window, profile, negative_stock=negative_stock)

    book = Book(master(5 * MICRO))
    book.count(good=100)
    most = LIMIT // pieces // MICRO * MICRO
    for price, status, code in ((most, "error", Reason.BAD_QUANTITY), (most - 10**12, "ok", Reason.OK)):
        book.load(master(price))
        book.commit()
        assert (book.responses[-1].status, book.responses[-1].code) == (status, code)
    refused = book.responses[-2].text
    assert material in refused
    assert "1000000000000" in refused
    book.wait(86_400)
    book.work()
    book.retry()
