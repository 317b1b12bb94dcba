"""Explosions: what n units account for, exactly; and where it is booked."""

from typing import Any

import pytest

from gateway.backflush.plant.snapshot import BomItem, RemProfile
from gateway.backflush.values.quantities import format_quantity, parse_quantity, proportion
from tests.book import Book
from tests.builders import (
    EARLY_LATE_NIGHT,
    Figure,
    bom,
    component,
    counter,
    item,
    operation,
    order,
    plant,
    points,
    product,
    q,
    routing,
    version,
)

PHANTOM = component("KIT", phantom=True)


def moved(items: list[BomItem], pieces: Figure = 10, **more: Any) -> list[str]:
    """Return what `pieces` of FG issue and receive beside the product."""
    boms = [bom(items), *more.pop("boms", ())]
    profile = RemProfile("R", **more.pop("profile", {}))
    book = Book(plant(boms=boms, profile=profile, **more))
    book.post(pieces)
    return [line for line in book.moved(1) if " FG " not in line]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        pytest.param([item("A", 2)], ["261 A -20"], id="per piece"),
        pytest.param([item("A", "0.25")], ["261 A -3"], id="whole pieces are rounded half up"),
        pytest.param([item("A", -2)], ["531 A 20"], id="by-product"),
        pytest.param([item("A", 3, fixed=True)], ["261 A -3"], id="fixed"),
        pytest.param([item("BULK", 2), item("A", 1, "0020")], ["261 A -10"], id="bulk is not issued"),
        pytest.param([item("A", 1, "0010"), item("A", 2, "0020")], ["261 A -30"], id="one component twice"),
        pytest.param([item("A", 2, unit="BOX")], ["261 A -240"], id="another unit"),
        pytest.param([item("A", 1, valid_from="2026-03-17")], [], id="not yet valid"),
        pytest.param([item("A", 1, valid_to="2026-03-15")], [], id="no longer valid"),
        pytest.param([item("A", 1, valid_from="2026-03-16", valid_to="2026-03-16")], ["261 A -10"], id="today only"),
        pytest.param([item("KIT", 2)], ["261 A -60", "261 B -20"], id="phantom"),
        pytest.param([item("KIT", 1, fixed=True)], ["261 A -3", "261 B -1"], id="a fixed phantom is fixed throughout"),
    ],
)
def test_ten_pieces_explode(items: list[BomItem], expected: list[str]) -> None:
    materials = [component("A", 5, units={"BOX": (12, 1)}), component("BULK", bulk=True), PHANTOM]
    assert moved(items, materials=materials, boms=[bom({"A": 3, "B": 1}, material="KIT")]) == expected


def test_a_base_quantity_divides() -> None:
    book = Book(plant(boms=[bom({"A": 7}, base=100)], materials=[component("A", decimals=3)]))
    book.post(10)
    assert book.moved(1)[1] == "261 A -0.7" or book.moved(1)[0] == "261 A -0.7"


@pytest.mark.parametrize(
    ("include", "of_item", "of_material", "expected"),
    [(0, 10, 0, "-10"), (1, 10, 0, "-11"), (1, 0, 20, "-12"), (1, 10, 20, "-11"), (1, 0, 0, "-10")],
)
def test_component_scrap_is_issued_where_the_profile_says_so(
    include: int, of_item: int, of_material: int, expected: str
) -> None:
    items = [item("A", 1, component_scrap=q(of_item))]
    materials = [component("A", component_scrap=q(of_material))]
    assert moved(items, materials=materials, profile={"include_component_scrap": bool(include)}) == [
        f"261 A {expected}"
    ]


@pytest.mark.parametrize(
    ("strategy", "own", "issue", "receiving", "assembly", "expected"),
    [
        # The component's own location; the version's issue, then receiving location; the assembly's own.
        (1, "RAW", "WIP", "FGL", "", "RAW"),
        (1, "", "WIP", "FGL", "", None),
        (2, "RAW", "WIP", "FGL", "", "WIP"),
        (2, "RAW", "", "FGL", "WIP", "FGL"),
        (2, "RAW", "", "", "WIP", "WIP"),
        (3, "RAW", "WIP", "FGL", "", "RAW"),
        (3, "", "WIP", "FGL", "", "WIP"),
        (4, "RAW", "WIP", "FGL", "", "WIP"),
        (4, "RAW", "", "", "", "FGL"),
    ],
)
def test_the_issue_location_follows_the_strategy(
    strategy: int, own: str, issue: str, receiving: str, assembly: str, expected: str | None
) -> None:
    master = plant(
        materials=[component("A", issue_location=own), product(issue_location=assembly, receiving_location="FGL")],
        boms=[bom({"A": 1})],
        versions=[version(issue_location=issue, receiving_location=receiving)],
        issue_location_strategy=strategy,
    )
    book = Book(master)
    book.post(1)
    if expected is None:
        assert book.backlog() == {"A": "1"}
        assert [record.cause for record in book.ledger.backlog.values()] == ["BF4003"]
    else:
        issued = [i.location for i in book.ledger.items if i.material == "A"] or [
            r.location for r in book.ledger.backlog.values()
        ]
        assert issued == [expected]


def test_the_bill_of_material_names_the_location_first_of_all() -> None:
    book = Book(plant(boms=[bom([item("A", issue_location="WIP")])], issue_location_strategy=1))
    book.post(1)
    assert book.stock("A", "WIP") == "-1"


def test_a_fixed_item_is_charged_once_per_lot_and_else_once_per_shift() -> None:
    master = plant(boms=[bom([item("A", 3, fixed=True)])], shifts=EARLY_LATE_NIGHT, devices=[counter()])
    book = Book(master)
    for clock, total, batch in (
        ("08:00", 1, ""),
        ("09:00", 2, ""),
        ("15:00", 3, ""),
        ("16:00", 4, "LOT1"),
        ("2026-03-17 08:00", 5, "LOT1"),
        ("2026-03-17 09:00", 6, "LOT2"),
    ):
        book.at(clock)
        book.count(good=total, batch=batch)
    charged = [line for n in range(1, 7) for line in book.moved(n) if " A " in line]
    assert charged == ["261 A -3"] * 4


def test_setup_time_is_charged_once_per_shift_and_machine_time_per_piece() -> None:
    master = plant(
        routings=[routing([operation("0010", {"machine": "1", "setup": "0.5"})], base=100)],
        rates={"machine": 60, "setup": 30},
        shifts=EARLY_LATE_NIGHT,
    )
    book = Book(master)
    book.post(10)
    book.post(30)
    assert (book.hours(1), book.hours(2)) == (["machine 0.1", "setup 0.5"], ["machine 0.3"])
    amounts = {(k[3], k[4]): format_quantity(v) for k, v in book.ledger.collectors.items() if k[3] == "activity"}
    assert amounts == {("activity", "machine"): "24", ("activity", "setup"): "15"}


def test_the_bill_of_material_is_that_of_the_production_date() -> None:
    boms = [bom({"A": 1}, valid_to="2026-03-15"), bom({"B": 1}, valid_from="2026-03-16")]
    book = Book(plant(boms=boms, shifts=EARLY_LATE_NIGHT), now="05:59")
    book.post(1)
    book.at("06:00")
    book.post(1)
    assert [book.stock(name) for name in ("A", "B")] == ["-1", "-1"]


def test_a_run_names_the_revision() -> None:
    boms = [bom({"A": 1}), bom({"B": 1}, revision="R2", valid_from="2030-01-01")]
    book = Book(plant(boms=boms))
    book.run(revision="R2")
    book.wait(1)
    book.count(good=1)
    assert [book.stock(name) for name in ("A", "B")] == ["0", "-1"]


def test_components_and_activities_belong_to_the_segment_of_their_operation() -> None:
    master = plant(
        profile=RemProfile("R", reporting_points="mandatory"),
        materials=[component("C"), component("D"), component("E")],
        boms=[
            bom(
                {"A": 1, "B": 1, "C": 1, "D": 1, "E": 1},
                operations={"B": "0010", "C": "0015", "D": "0020", "E": "0030"},
            )
        ],
        routings=[
            routing(
                [
                    operation("0010", {"machine": 1}, point=True),
                    operation("0015", {"machine": 2}),
                    *points("0020"),
                    operation("0030", {"machine": 4}),
                ]
            )
        ],
    )
    book = Book(master)
    book.post(1, "point", point="0010")
    book.post(1, "point", point="0020")
    book.post(1)
    assert [book.moved(n) for n in (1, 2, 3)] == [
        ["261 A -1", "261 B -1"],
        ["261 C -1", "261 D -1"],
        ["131 FG 1", "261 E -1"],
    ]
    assert [book.hours(n) for n in (1, 2, 3)] == [["machine 1"], ["machine 2"], ["machine 4"]]


def test_what_waits_is_valued_at_the_price_in_force_when_it_is_posted() -> None:
    book = Book(plant(profile=RemProfile("R", goods_issue_timing="background")))
    book.post(10)
    book.load(plant(profile=RemProfile("R"), materials=[component("A", 99)]))
    book.work()
    assert next(i.amount for i in book.ledger.items if i.material == "A") == q(990)
    assert len(book.ledger.explosions) == 1


def test_a_price_and_a_list_that_change_drop_no_remainder_and_charge_no_fixed_item_again() -> None:
    carton, lid, tenth = component("A", 1), component("B", 1), BomItem("0010", "A", q("0.1"))
    book = Book(plant(materials=[carton, lid], boms=[bom([tenth])]))
    for price in range(1, 5):
        fixed = BomItem("0020", "B", q(2), fixed=True)
        items = [tenth, fixed] if price % 2 else [fixed, tenth]
        book.load(plant(materials=[component("A", price), lid], boms=[bom(items)]))
        book.post(10)
    assert (book.stock("A"), book.stock("B")) == ("-4", "-2")


def test_a_piece_takes_again_what_a_reversal_has_given_back() -> None:
    book = Book(plant(materials=[component("A", 1, decimals=0)], boms=[bom({"A": "0.25"})]))
    for _ in range(4):
        book.post(1)
    assert book.stock("A") == "-1"
    book.reverse(2)
    assert (book.stock("A"), book.stock("FG")) == ("0", "3")
    book.post(1)
    assert (book.stock("A"), book.stock("FG")) == ("-1", "4")


@pytest.mark.parametrize("currency", ["EUR", "JPY"])
def test_amounts_add_up_to_the_cumulated_amount(currency: str) -> None:
    master = plant(materials=[component("A", "0.333")], boms=[bom({"A": 1})], currency=currency)
    book = Book(master)
    for _ in range(10):
        book.post(1)
    total = sum(i.amount for i in book.ledger.items if i.material == "A")
    assert format_quantity(total) == ("3.33" if currency == "EUR" else "3")


@pytest.mark.parametrize("text", ["0", "1", "-1", "0.000001", "999999999999.999999", "12.5"])
def test_a_quantity_is_read_and_printed_exactly(text: str) -> None:
    assert format_quantity(q(text)) == text


@pytest.mark.parametrize("text", ["", " 1", "1e3", "1.0000001", "1234567890123", "NaN", "1,5", "--1", "٣"])
def test_what_is_no_plain_number_is_no_quantity(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("units", "numerator", "denominator", "step", "expected"),
    [(1, 1, 2, 1, 1), (1, 1, 3, 1, 0), (5, 1, 2, 1, 3), (10, 1, 3, 1, 3), (10, 1, 3, 10, 0), (20, 1, 3, 10, 10)],
)
def test_a_proportion_is_rounded_half_up_once(
    units: int, numerator: int, denominator: int, step: int, expected: int
) -> None:
    assert proportion(units, numerator, denominator, step) == expected


@pytest.mark.parametrize(("days", "reduced"), [(3, ["0", "10", "0"]), (10**15 - 1, ["10", "5", "0"])])
def test_a_planned_order_counts_within_the_window_of_days_only(days: int, reduced: list[str]) -> None:
    orders = [
        order("OLD", 10, start="2026-03-01"),
        order("NEAR", 10, start="2026-03-14"),
        order("LATE", 10, start="2026-03-30"),
    ]
    profile = RemProfile("R", order_reduction="all_versions", order_window_days=days)
    book = Book(plant(profile=profile), orders=orders)
    book.post(15)
    assert [book.reduced(name).get("quantity", "0") for name in ("OLD", "NEAR", "LATE")] == reduced


def test_a_receipt_reduces_the_quantity_and_scrap_does_not() -> None:
    book = Book(plant(profile=RemProfile("R", order_reduction="all_versions")), orders=[order("O1", 100)])
    book.count(good=5, scrap=2)
    assert book.reduced("O1") == {"final": "7", "quantity": "5"}


def test_orders_that_are_imported_again_keep_what_was_reduced() -> None:
    master = plant(profile=RemProfile("R", order_reduction="all_versions"))
    book = Book(master, orders=[order("O1", 100)])
    book.post(30)
    book.load(master, orders=[order("O1", 40)])
    book.post(30)
    assert book.reduced("O1")["quantity"] == "40"
