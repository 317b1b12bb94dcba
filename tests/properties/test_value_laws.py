"""Whatever a price is raised to, no figure of the ledger becomes one that its integers cannot hold.

What waits (in windows, for an earlier point, in worklist and backlog) is valued by the price in force when posted.
So a price is refused by which it would be worth too much, and pieces that come later wait in quarantine.
"""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.cost_objects import Bearer, CostObject, collector_of, cost_object_of, parse_cost_object
from gateway.backflush.values.quantities import MICRO, format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import bom, component, counter, item, operation, plant, product, routing

INTEGER = 1 << 63
PRICES = st.integers(0, 17).map(lambda n: 10**n)
UNITS = st.integers(0, 9).map(lambda n: 10**n)
STEPS = st.one_of(
    st.tuples(st.just("count"), st.integers(0, 9).map(lambda n: 10**n)),
    st.tuples(st.just("point"), st.integers(0, 9).map(lambda n: 10**n)),
    st.tuples(st.sampled_from(["A", "B", "FG", "machine"]), st.tuples(PRICES, UNITS)),
    st.tuples(st.sampled_from(["work", "retry", "wait", "reverse"]), st.none()),
)
TIMINGS = st.sampled_from(["online", "update", "background"])


def line(prices: dict[str, tuple[int, int]], profile: dict[str, Any], window: str) -> MasterData:
    """Return a line of two operations, each with a component and a time, at these prices."""
    rate, _ = prices.get("machine", (60 * MICRO, MICRO))
    materials = [
        replace(made, price=price, price_unit=unit)
        for made in (product(), component("A"), component("B"))
        for price, unit in [prices.get(made.material, (5 * MICRO, MICRO))]
    ]
    return plant(
        profile=RemProfile("R", **profile),
        boms=[bom([item("A", 1, "0010", operation="0010"), item("B", "0.25", "0020", operation="0020")])],
        routings=[routing([operation("0010", {"machine": "0.1"}, point=True), operation("0020", {"setup": 1})])],
        materials=materials,
        devices=[counter("C1", window=window)],
        rates={"machine": format_quantity(rate)},
        negative_stock=False,
    )


@given(
    steps=st.lists(STEPS, max_size=12),
    points=st.sampled_from(["none", "mandatory"]),
    issue=TIMINGS,
    activity=TIMINGS,
    window=st.sampled_from(["reading", "60s", "shift"]),
)
def test_no_price_makes_a_figure_that_the_ledger_cannot_hold(
    steps: list[tuple[str, Any]], points: str, issue: str, activity: str, window: str
) -> None:
    profile = {"reporting_points": points, "goods_issue_timing": issue, "activity_timing": activity}
    prices: dict[str, tuple[int, int]] = {}
    book = Book(line(prices, profile, window))
    total = 0
    for what, value in steps:
        match what:
            case "count":
                total += value
                book.count(good=total)
            case "point":
                book.post(value, "point" if points != "none" else "assembly", point="0010" if points != "none" else "")
            case "work":
                book.work()
            case "retry":
                book.retry()
            case "wait":
                book.wait(61)
            case "reverse":
                if book.ledger.documents:
                    book.reverse(max(book.ledger.documents))
            case name:
                book.load(line({**prices, name: value}, profile, window))
                book.commit()
                if book.responses[-1].status == "ok":
                    prices[name] = value
                else:
                    assert book.responses[-1].code == Reason.BAD_QUANTITY
    book.wait(86_400)
    book.work()
    ledger = book.ledger
    figures = [i.amount for i in ledger.items] + [i.quantity for i in ledger.items]
    figures += [a.amount for a in ledger.activities] + [a.hours for a in ledger.activities]
    figures += [*ledger.stock.values(), *ledger.collectors.values(), *ledger.statistics.values()]
    assert max(map(abs, figures), default=0) < INTEGER


names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@given(st.builds(CostObject, st.sampled_from(Bearer), names))
def test_a_cost_object_is_read_from_its_text(known: CostObject) -> None:
    assert parse_cost_object(known.text) == known


@given(names, names, names)
def test_each_kind_has_its_beginning(order: str, item: str, lot: str) -> None:
    sold, by_lot, to_stock = (
        cost_object_of(order, item, ""),
        cost_object_of("", "", lot),
        collector_of("1000", lot, item),
    )
    assert (sold, by_lot, to_stock) == (f"SO {order} {item}", f"LOT {lot}", f"PCC 1000 {lot} {item}")
    assert parse_cost_object(sold).sales_order == (order, item)
    assert [parse_cost_object(text).bearer for text in (to_stock, sold, by_lot)] == list(Bearer)
    assert [parse_cost_object(text).to_stock for text in (to_stock, sold, by_lot)] == [True, False, False]
