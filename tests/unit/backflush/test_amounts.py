"""Amounts: how they are rounded, and the most that a price, a month and a column hold."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.barcodes import Amount, Label
from devices.barcodes.measures import IDENTIFIERS, Measure
from devices.errors import Rejection
from gateway.backflush.inputs.amounts import amount_of
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, RemProfile
from gateway.backflush.values.quantities import LIMIT, MICRO, format_quantity
from gateway.errors import Reason
from tests.book import Book
from tests.builders import PLANT, bom, component, counter, operation, plant, product, routing, scanner

PIECE, BOX, WEIGHT, VARIABLE, BAG = (
    "04012345000009",
    "04012345000016",
    "04012345000023",
    "92000000001077",
    "04012345000030",
)
POUND = (45_359_237, 100_000_000)
UNITS = {"BOX": (12, 1), "BAG": (25, 1)}


def measured(unit: str = "KG", *, decimals: int = 3, **units: tuple[int, int]) -> MasterData:
    """Return a plant with a product in pieces and one in a unit of measure."""
    goods = replace(product("COMPOUND", units={**UNITS, **units}), unit=unit, decimals=decimals)
    return plant(
        materials=[product(units=UNITS), goods],
        boms=[bom({"A": 1}), bom({"B": 1}, material="COMPOUND")],
        devices=[scanner("S2")],
        gtins={
            PIECE: Gtin("FG"),
            BOX: Gtin("FG", "BOX"),
            WEIGHT: Gtin("COMPOUND"),
            VARIABLE: Gtin("COMPOUND", unit),
            BAG: Gtin("COMPOUND", "BAG"),
        },
    )


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        # one carrier
        ([f"]C101{PIECE}"], "1"),
        ([f"]C101{PIECE}3024"], "24"),
        ([f"]C101{BOX}"], "12"),
        ([f"]C101{BOX}302"], "24"),
        (["BF:QTY:5", f"]C101{PIECE}"], "5"),
        (["BF:QTY:5", f"]C101{BOX}"], "60"),
        ([f"]C101{WEIGHT}3103001250"], "1.25"),
        ([f"]C101{VARIABLE}3102001250"], "12.5"),
        ([f"]C102{VARIABLE}3103012000371"], Reason.BAD_QUANTITY),
        ([f"]C101{VARIABLE}3014"], "14"),
        # two that agree
        (["BF:QTY:24", f"]C101{PIECE}3024"], "24"),
        ([f"]C101{BAG}3100000025"], "25"),
        ([f"]C102{BAG}3100000050372"], "50"),
        # two that differ
        (["BF:QTY:7", f"]C101{PIECE}305"], Reason.BAD_QUANTITY),
        (["BF:QTY:2", f"]C101{BOX}3012"], Reason.BAD_QUANTITY),
        (["BF:QTY:5", f"]C101{WEIGHT}3103001250"], Reason.BAD_QUANTITY),
        ([f"]C101{WEIGHT}3103001250302"], Reason.BAD_QUANTITY),
        ([f"]C101{BAG}3103024870"], Reason.BAD_QUANTITY),
        # none that can be used
        ([f"]C101{PIECE}3103001250"], Reason.NO_UNIT),
        ([f"]C101{WEIGHT}3202001250"], Reason.NO_UNIT),
        ([f"]C101{WEIGHT}3103000000"], Reason.BAD_QUANTITY),
        ([f"]C101{WEIGHT}3105000001"], Reason.BAD_QUANTITY),
        # of the packing, not of the goods
        ([f"]C102{PIECE}33020123403724"], "24"),
    ],
)
def test_every_carrier_of_a_quantity_is_used_or_the_scan_is_refused(texts: list[str], expected: str) -> None:
    book = Book(measured())
    told = [book.scan(text, id=f"s{n}") for n, text in enumerate(texts)][-1]
    if isinstance(expected, Reason):
        assert (told.result, told.code) == ("nok", expected), told
        assert book.documents() == []
    else:
        assert told.result == "ok", told
        assert {book.stock("FG"), book.stock("COMPOUND")} == {expected, "0"}


@pytest.mark.parametrize("identifier", sorted(IDENTIFIERS))
@pytest.mark.parametrize("unit", ["KG", "M", "M2", "L", "M3", "PC"])
def test_a_measure_is_used_in_its_own_unit_and_refused_in_every_other(identifier: str, unit: str) -> None:
    measure = Measure(identifier, Decimal("12.50"))
    book = Book(measured(unit, decimals=0 if unit == "PC" else 3))
    told = book.scan(f"]C101{WEIGHT}{identifier}2001250", id="s1")
    if not measure.is_net:
        assert (told.result, book.stock("COMPOUND")) == ("ok", "1")
    elif unit in measure.units:
        assert (told.result, book.stock("COMPOUND")) == ("ok", "12.5")
    else:
        assert (told.result, told.code, book.documents()) == ("nok", Reason.NO_UNIT, [])
        assert measure.name in told.text
        assert measure.units[0] in told.text


def test_pounds_are_kilograms_where_the_units_say_how_many() -> None:
    book = Book(measured(LB=POUND))
    assert book.scan(f"]C101{WEIGHT}3202001250", id="s1").result == "ok"
    assert book.stock("COMPOUND") == "5.67"
    assert book.scan(f"]C101{WEIGHT}31030056703202001250", id="s2").result == "ok"
    assert book.stock("COMPOUND") == "11.34"
    assert book.scan(f"]C101{WEIGHT}31030056813202001250", id="s3").code == Reason.BAD_QUANTITY


def test_a_weight_of_pieces_is_whole_pieces_or_refused() -> None:
    book = Book(measured("PC", decimals=0, KG=(100, 1)))
    assert book.scan(f"]C101{WEIGHT}3103001250", id="s1").result == "ok"
    assert book.scan(f"]C101{WEIGHT}3103001255", id="s2").code == Reason.BAD_QUANTITY
    assert book.stock("COMPOUND") == "125"


def test_a_card_that_contradicts_a_label_is_used_up_with_it() -> None:
    book = Book(measured())
    book.scan("BF:QTY:7", id="s1")
    assert book.scan(f"]C101{PIECE}305", id="s2").code == Reason.BAD_QUANTITY
    assert book.scan(f"]C101{PIECE}305", id="s3").quantity == 5_000_000


def test_a_card_for_a_quantity_is_in_the_unit_of_the_label_and_the_answer_says_how_many_that_are() -> None:
    book = Book(measured())
    book.scan("BF:QTY:5")
    assert book.scan(f"]C101{BOX}").title == "60 PC"


@pytest.mark.parametrize("card", ["BF:QTY:5", "BF:SCRAP:03", "BF:REWORK"])
def test_a_card_says_nothing_of_a_pallet_that_stands_for_what_was_counted(card: str) -> None:
    book = Book(measured())
    book.scan(card, id="s1")
    assert book.scan("]C100340123450000000017", id="s2").code == Reason.BAD_QUANTITY


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


STRICT = Rules(window="reading", open_names=())
A_MONTH = 100_000
"""Pieces at 20 million rupiah of which a month holds two million million."""


def motorcycles(rules: Rules = STRICT) -> Book:
    """Return a plant that makes FG at 20,000,000 IDR from A at 9,000,000."""
    materials = [product(price="20000000"), component("A", "9000000"), component("B", "40000")]
    return Book(
        plant(materials=materials, currency="IDR", devices=[counter("C1")]), rules=rules, now="2026-01-10 08:00"
    )


def test_a_line_goes_on_month_by_month_however_much_it_has_ever_made() -> None:
    book, total = motorcycles(), 0
    for month in range(1, 13):
        book.at(f"2026-{month:02d}-10 08:00")
        for _ in range(3):
            total += 30_000
            book.count(good=total)
    assert (book.open_entries(), book.stock("FG")) == ([], str(total))
    receipts = {key[2]: amount // MICRO for key, amount in book.ledger.collectors.items() if key[3] == "receipt"}
    assert receipts == {f"2026-{month:02d}": -90_000 * 20_000_000 for month in range(1, 13)}


@pytest.mark.parametrize("crash", [False, True])
def test_what_a_month_cannot_hold_is_kept_and_the_next_month_goes_on(crash: bool) -> None:
    book = motorcycles()
    book.count(good=A_MONTH)
    book.crash(only_if=crash)
    book.count(good=A_MONTH + 1)
    assert [(entry.code, entry.good) for entry in book.open_entries()] == [(Reason.BAD_QUANTITY, MICRO)]
    assert "expected at most 100000 units of FG V1 on a line in a month, got 1 more" in book.open_entries()[0].text
    assert book.post(1).code == Reason.BAD_QUANTITY
    book.at("2026-02-10 08:00")
    book.count(good=2 * A_MONTH)
    assert (len(book.open_entries()), book.stock("FG")) == (1, str(2 * A_MONTH - 1))
    # What is reversed makes room.
    assert book.reverse(1, 1).status == "ok"
    book.replay()
    assert (book.open_entries(), book.stock("FG")) == ([], str(2 * A_MONTH - 1))


def test_what_waited_for_months_is_replayed_into_its_own() -> None:
    book = motorcycles()
    book.count(good=A_MONTH)
    book.count(good=A_MONTH + 1)
    book.at("2026-06-10 08:00")
    book.count(good=2 * A_MONTH)
    book.replay()
    assert (book.open_entries(), book.stock("FG")) == ([], str(2 * A_MONTH))


def test_in_an_older_journal_it_is_refused_as_it_was() -> None:
    book = motorcycles(Rules(window="reading"))
    book.count(good=A_MONTH // 2)
    book.at("2026-02-10 08:00")
    book.count(good=A_MONTH // 2 + 1)
    assert [entry.code for entry in book.open_entries()] == [Reason.BAD_QUANTITY]


@given(
    st.lists(
        st.tuples(st.sampled_from(["count", "count", "reverse", "next month", "hour"]), st.integers(1, 60_000)),
        max_size=12,
    )
)
def test_a_restart_changes_nothing_and_every_collector_fits_into_its_column(story: list[tuple[str, int]]) -> None:
    books = (motorcycles(), motorcycles())
    for restarts, book in enumerate(books):
        total, month = 0, 1
        for what, number in story:
            match what:
                case "count":
                    total += number
                    book.count(good=total)
                case "reverse" if book.ledger.documents:
                    book.reverse(1 + number % len(book.ledger.documents))
                case "next month":
                    month += 1
                    book.at(f"2026-{month:02d}-01 07:00")
                case _:
                    book.wait(3_600)
            book.crash(only_if=bool(restarts))
    one, other = (book.ledger for book in books)
    assert (one.documents, one.quarantine) == (other.documents, other.quarantine)
    assert all(abs(amount) < 1 << 63 for amount in one.collectors.values())


@pytest.mark.parametrize(("said", "made"), [("mg", "0.002"), ("Mg", "2000"), ("MG", Reason.NO_UNIT), ("kg", "2")])
def test_a_unit_on_a_label_is_read_in_any_case_but_where_the_case_tells_it_from_another(said: str, made: str) -> None:
    master = measured(decimals=6, mg=(1, 1_000), Mg=(1_000, 1))
    known = master.materials[PLANT, "COMPOUND"]
    told = amount_of(Label("COMPOUND", amounts=(Amount(Decimal(2), said),)), known, "", 0)
    assert (told.code if isinstance(told, Rejection) else format_quantity(told)) == made
