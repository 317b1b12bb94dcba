"""Scans: each label once, each serial number once per point, each scan one answer; control codes and undo."""

from dataclasses import replace
from typing import Any

import pytest

from devices.messages import Used, WorkedHours
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, Plant, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import PLANT, bom, component, counter, plant, points, product, routing, scanner, stock, version

FG, G2 = "04012345000009", "04012345000016"
SERIAL_1 = f"]C101{FG}21S1"
PALLET = "]C100340123450000000017"
PALLET_OF_48 = f"]C10034012345000000001702{FG}3748"


def labelled(**more: Any) -> MasterData:
    """Return a plant whose products have trade item numbers; FG in pieces, G2 in boxes of 12."""
    settings: dict[str, Any] = {
        "materials": [product(), product("G2", 30, units={"BOX": (12, 1)})],
        "boms": [bom({"A": 1}), bom({"B": 1}, material="G2")],
        "devices": [scanner("S2"), scanner("ROAM", line="_")],
        "gtins": {FG: Gtin("FG"), G2: Gtin("G2", "BOX")},
        "aliases": {"SKU-1": ("material", "FG"), "SKU-2": ("version", "G2/V1"), "CARD-9": ("control", "BF:SCRAP:DENT")},
        **more,
    }
    return plant(**settings)


@pytest.fixture
def book() -> Book:
    """Offer a book of that plant."""
    return Book(labelled())


@pytest.mark.parametrize(
    ("text", "material", "pieces"),
    [
        (f"]C101{FG}", "FG", "1"),
        (f"]C102{FG}3724", "FG", "24"),
        (f"]C101{G2}", "G2", "12"),
        ("FG", "FG", "1"),
        ("SKU-1", "FG", "1"),
        ("SKU-2", "G2", "1"),
    ],
)
def test_a_label_stands_for_pieces(book: Book, text: str, material: str, pieces: str) -> None:
    told = book.scan(text)
    assert (told.result, told.document, book.stock(material)) == ("ok", 1, pieces)


@pytest.mark.parametrize(
    ("text", "code"),
    [("UNKNOWN", Reason.UNKNOWN_CODE), ("]C10104012345000023", Reason.UNKNOWN_CODE), (PALLET, Reason.UNKNOWN_CODE)],
)
def test_a_label_that_says_nothing_known_is_kept_and_told(book: Book, text: str, code: Reason) -> None:
    told = book.scan(text)
    assert (told.result, told.code) == ("nok", code)
    assert [entry.code for entry in book.open_entries()] == [code]


def test_a_scan_that_comes_again_gets_its_first_answer(book: Book) -> None:
    first = book.scan("FG", id="s1")
    book.crash()
    assert book.scan("FG", id="s1") == first
    assert book.stock("FG") == "1"


def test_the_same_scan_with_another_content_is_a_conflict(book: Book) -> None:
    book.scan("FG", id="s1")
    assert book.scan("G2", id="s1").code == Reason.CONFLICT
    assert book.stock("G2") == "0"


def test_a_serial_number_is_confirmed_once(book: Book) -> None:
    assert book.scan(SERIAL_1, id="s1").result == "ok"
    book.crash()
    told = book.scan(SERIAL_1, "S2", id="s2")
    assert (told.result, told.code, told.document) == ("dup", Reason.SERIAL_USED, 1)
    assert book.stock("FG") == "1"


def test_a_piece_that_is_counted_already_is_named_as_at_the_line_that_was_chosen() -> None:
    shop, there = labelled(), ("2000", "L9")
    other = replace(shop.materials[PLANT, "FG"], plant="2000", description="Pump")
    lines, plants = {**shop.lines, there: ""}, {**shop.plants, "2000": Plant("2000")}
    book = Book(replace(shop, plants=plants, lines=lines, materials={**shop.materials, ("2000", "FG"): other}))
    book.scan(SERIAL_1)
    book.scan("BF:LINE:2000:L9", "ROAM", line="_")
    told = book.scan(SERIAL_1, "ROAM", line="_")
    assert (told.code, dict(told.facts)["description"]) == (Reason.SERIAL_USED, "Pump")


SSCC = "376130321109103420"


@pytest.mark.parametrize("crash", [False, True])
def test_an_sscc_is_one_pallet_whatever_else_its_label_says(book: Book, *, crash: bool) -> None:
    told = []
    for number, text in enumerate(("02" + FG + "3740", "", "02" + FG + "3712", "02" + G2 + "3740")):
        told.append(book.scan(f"]C100{SSCC}{text}", id=f"s{number}").result)
        book.crash(only_if=crash)
    assert told == ["ok", "dup", "dup", "dup"]
    assert book.stock("FG") == "40"


@pytest.mark.parametrize(
    ("said", "pallet", "box"),
    [
        ({"point": "9999"}, Reason.UNKNOWN_POINT, Reason.UNKNOWN_POINT),
        ({"sales_order": "NOPE", "sales_order_item": "1"}, Reason.BAD_COMMAND, Reason.UNKNOWN_SALES_ORDER),
        ({"order": "NOSUCH"}, Reason.BAD_COMMAND, Reason.UNKNOWN_ORDER),
        ({"lot": "L7"}, Reason.BAD_COMMAND, None),
        ({"type": "component"}, Reason.BAD_COMMAND, None),
        ({"components": (Used("A", "7"),)}, Reason.BAD_COMMAND, None),
        ({"components": (), "complete": True}, Reason.BAD_COMMAND, None),
        ({"activities": (WorkedHours("W1", "machine", "1"),)}, Reason.BAD_COMMAND, None),
        ({"point": "0010"}, None, None),
        ({}, None, None),
    ],
)
def test_what_is_said_beside_a_label_is_judged_and_used_or_refused(
    said: dict[str, Any], pallet: Reason | None, box: Reason | None
) -> None:
    for text, code in ((PALLET, pallet), (f"]C101{FG}", box)):
        book = Book(labelled(devices=[counter("C9", window="scan")]), rules=Rules(open_names=()))
        book.run("FG", "V1")
        book.count("C9", good=5)
        told = book.scan(text, id="s1", **said)
        assert (told.result, told.code) == (("nok", code) if code else ("ok", Reason.OK)), text
        assert [entry.code for entry in book.open_entries()] == [code for code in (code,) if code]
        # What is refused has posted nothing, and confirmed nothing: the pallet is there for the right scan.
        assert len(book.documents()) == (0 if code else 1)
        if code:
            assert book.scan(PALLET, id="s2").result == "ok"
            assert book.stock("FG") == "5"


def test_a_serial_number_belongs_to_its_trade_item() -> None:
    book = Book(labelled(gtins={FG: Gtin("FG"), G2: Gtin("FG")}))
    told = [book.scan(f"]C101{gtin}21S1", id=f"s{n}").result for n, gtin in enumerate((FG, G2, FG, G2))]
    assert told == ["ok", "ok", "dup", "dup"]
    assert book.stock("FG") == "2"


def test_a_serial_number_is_confirmed_once_at_each_point_and_once_for_the_receipt() -> None:
    master = plant(
        profile=RemProfile("R", reporting_points="mandatory"),
        routings=[routing(points("0010", "0020"))],
        gtins={FG: Gtin("FG")},
    )
    book = Book(master)
    results = [book.scan(SERIAL_1, point=p, id=f"{p}{n}").result for p in ("0010", "0020", None) for n in (1, 2)]
    assert results == ["ok", "dup"] * 3
    assert book.wip() == {"0010": "0", "0020": "0"}


def test_a_serial_number_is_free_again_after_its_reversal(book: Book) -> None:
    book.scan(SERIAL_1, id="s1")
    book.reverse(1)
    assert book.scan(SERIAL_1, id="s2").result == "ok"
    assert book.stock("FG") == "1"


def test_a_pallet_of_which_a_piece_is_reversed_is_not_free(book: Book) -> None:
    assert book.scan(PALLET_OF_48, id="s1").result == "ok"
    book.reverse(1, 1)
    assert book.scan(PALLET_OF_48, id="s2").result == "dup"
    assert book.stock("FG") == "47"


def test_a_pallet_closes_what_was_counted_and_once() -> None:
    book = Book(plant(devices=[counter(window="scan")]))
    book.count(good=48)
    assert book.scan(PALLET, id="p1").document == 1
    book.count(good=60)
    assert book.scan(PALLET, id="p2").result == "dup"
    assert book.stock("FG") == "48"


def test_control_codes_choose_what_the_next_label_means(book: Book) -> None:
    assert book.scan("BF:QTY:5").result == "prompt"
    assert book.scan("FG").quantity == 5_000_000
    assert book.scan("BF:SCRAP:DENT").title == "SCRAP DENT"
    book.scan("SKU-1")
    assert book.confirmed(2) == ["final 0+1 DENT"]
    book.scan("CARD-9")
    book.scan("BF:YIELD")
    book.wait(4)
    book.scan("FG")
    assert book.confirmed(3) == ["final 1+0"]
    book.scan("BF:OPERATOR:ANNA")
    book.wait(4)
    book.scan("FG")
    assert book.ledger.documents[4].actor == "ANNA"


def test_what_was_chosen_survives_a_crash(book: Book) -> None:
    book.scan("BF:QTY:5")
    book.crash()
    book.scan("FG")
    assert book.stock("FG") == "5"


def test_a_run_is_begun_and_ended_by_scan(book: Book) -> None:
    assert book.scan("BF:RUN:G2:V1").result == "info"
    book.wait(1)
    book.count(good=3)
    assert book.scan("BF:STOP").text.startswith("the run of 1000/L1 ends: G2 V1; until a run begins")
    assert book.scan("BF:RUN:NONE:V1").code == Reason.UNKNOWN_VERSION
    assert book.stock("G2") == "3"


def test_a_roaming_scanner_says_first_where_it_is(book: Book) -> None:
    assert book.scan("FG", "ROAM", line="_").result == "nok"
    book.scan("BF:LINE:1000:L1", "ROAM", line="_")
    book.wait(4)
    assert book.scan("FG", "ROAM", line="_").result == "ok"


def test_undo_reverses_the_last_document_of_this_scanner_once(book: Book) -> None:
    book.scan("FG")
    book.scan("G2", "S2")
    told = book.scan("BF:UNDO")
    assert (told.result, told.title) == ("ok", "UNDONE")
    assert (book.stock("FG"), book.stock("G2")) == ("0", "1")
    book.wait(4)
    assert book.scan("BF:UNDO").code == Reason.NOTHING_TO_UNDO


def test_undo_never_takes_back_what_another_scanner_posted(book: Book) -> None:
    book.scan(SERIAL_1, id="s1")
    assert book.scan(SERIAL_1, "S2", id="s2").result == "dup"
    assert book.scan("BF:UNDO", "S2").code == Reason.NOTHING_TO_UNDO
    assert book.stock("FG") == "1"


def test_a_refused_scan_is_posted_by_replay_once(book: Book) -> None:
    assert book.scan("NEW-SKU", id="s1").result == "nok"
    book.load(labelled(aliases={"NEW-SKU": ("material", "FG")}))
    assert book.replay().data["entries"] == {"0000000001": "replayed"}
    assert book.stock("FG") == "1"
    book.replay(1)
    assert book.stock("FG") == "1"
    again = book.scan("NEW-SKU", id="s1")
    assert (again.result, again.document, book.stock("FG")) == ("dup", 1, "1")


def test_a_refused_scan_that_is_still_wrong_stays_open(book: Book) -> None:
    book.scan("NEW-SKU", id="s1")
    assert "still refused" in book.replay().data["entries"]["0000000001"]
    assert len(book.open_entries()) == len(book.ledger.quarantine) == 1


def test_a_replay_means_what_its_operator_had_chosen_and_is_booked_when_it_was_scanned(book: Book) -> None:
    book.scan("BF:QTY:5")
    book.scan("BF:SCRAP:DENT")
    book.scan("NEW-SKU", id="s1")
    book.scan("BF:YIELD")
    book.at("2026-03-17 08:00")
    book.load(labelled(aliases={"NEW-SKU": ("material", "FG")}))
    book.scan("BF:QTY:9")
    book.replay()
    assert book.confirmed(1) == ["final 0+5 DENT"]
    assert book.ledger.documents[1].production_date == "2026-03-16"
    assert book.scan("FG").quantity == 9_000_000


def test_a_conflict_is_not_posted_by_replay(book: Book) -> None:
    book.scan("FG", id="s1")
    book.scan("G2", id="s1")
    assert "still refused" in book.replay().data["entries"]["0000000001"]
    assert book.stock("G2") == "0"


def ambiguous() -> MasterData:
    """Return a plant where the line has two versions of FG."""
    return labelled(versions=[version(), version("V2"), version(material="G2")])


@pytest.mark.parametrize("crash", ["never", "between"])
def test_a_serial_number_that_was_confirmed_meanwhile_is_not_posted_by_replay(crash: str) -> None:
    book = Book(ambiguous())
    assert book.scan(SERIAL_1, id="s1").code == Reason.AMBIGUOUS_VERSION
    book.load(labelled())
    assert book.scan(SERIAL_1, id="s2").result == "ok"
    if crash == "between":
        book.crash()
    book.replay()
    assert book.stock("FG") == "1"


def test_two_scans_of_one_serial_number_in_quarantine_are_one_piece() -> None:
    book = Book(ambiguous())
    book.scan(SERIAL_1, id="s1")
    book.scan(SERIAL_1, id="s2")
    book.load(labelled())
    book.replay()
    assert book.stock("FG") == "1"


def rejecting() -> MasterData:
    """Return a plant that refuses a scan whose components are short."""
    return plant(profile=RemProfile("R", withdrawal_errors="reject"), boms=[bom({"A": 2})], negative_stock=False)


def test_a_scan_is_refused_when_its_components_are_short_and_replayed_when_they_are_there() -> None:
    book = Book(rejecting(), stock=stock(A=1))
    told = book.scan("FG", id="s1")
    assert (told.result, told.code) == ("nok", Reason.SHORTAGE)
    assert book.documents() == []
    book.load(rejecting(), stock=stock(A=2))
    book.replay()
    assert (book.stock("FG"), book.stock("A"), book.backlog()) == ("1", "0", {})


def test_a_scan_is_refused_when_one_component_that_is_used_twice_is_short() -> None:
    from tests.builders import item  # noqa: PLC0415 - of this test only

    master = plant(
        profile=RemProfile("R", withdrawal_errors="reject"),
        boms=[bom([item("A", 6, "0010"), item("A", 6, "0020")])],
        negative_stock=False,
    )
    book = Book(master, stock=stock(A=10))
    assert book.scan("FG").code == Reason.SHORTAGE


def test_a_label_without_a_way_to_issue_is_refused() -> None:
    master = plant(
        profile=RemProfile("R", withdrawal_errors="reject"),
        materials=[component("A", issue_location=""), product(receiving_location="")],
        versions=[version(receiving_location="FGL")],
        boms=[bom({"A": 1})],
        issue_location_strategy=1,
    )
    assert Book(master).scan("FG").code == Reason.NO_ISSUE_LOCATION
