"""What a label stands for: every carrier of a quantity is used, or the scan is refused; two that differ are refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from devices.barcodes.measures import IDENTIFIERS, Measure
from gateway.backflush.plant.snapshot import Gtin, MasterData
from gateway.errors import Reason
from tests.book import Book
from tests.builders import bom, plant, product, scanner

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
