"""The dialogue of a scanner: what its operator has chosen, for how long, and what an undo goes back to."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData
from gateway.backflush.values.documents import REOPENED
from gateway.backflush.values.phrases import LANGUAGES, Language
from gateway.errors import Reason
from gateway.service.local.barcodes import describe_scanner
from tests.book import Book
from tests.builders import bom, counter, operation, plant, points, product, q, routing, scanner, version

GTIN = "04006381333931"
LED = Rules(open_names=(), edition=EDITION)
BEFORE = LED._replace(edition=3)
CHOICES = {"BF:QTY:5": "5", "BF:SCRAP:DENT": "0", "BF:REWORK": "0"}
"""A card, and the pieces of the next label that are received."""


def shop(**more: Any) -> MasterData:
    """Return a plant with scanners at two lines, operators of two languages, and scrap reasons."""
    made = plant(
        materials=[product(description="Pump"), product("G2", description="Valve")],
        boms=[bom({"A": 1}), bom({"A": 1}, material="G2")],
        routings=[routing(points("0010")), routing(points("0010"), material="G2")],
        versions=[version(), version(material="G2"), version("V2", line="L2")],
        gtins={GTIN: Gtin("FG")},
        devices=[scanner("S1"), scanner("S2", context_s=10), scanner("ROAM", line="_"), counter("C1", window="scan")],
        **more,
    )
    operators = {"7": "Anna", "8": "Bernd"}
    return replace(made, operators=operators, languages={"8": "de"}, scrap_reasons={"DENT": "dented"})


@pytest.fixture
def book() -> Book:
    """Offer a book of that plant, whose scanners are led."""
    return Book(shop(), rules=LED)


def spoken(language: Language) -> MasterData:
    """Return the plant where scanners speak a language."""
    made = shop()
    return replace(made, plants={name: replace(known, language=language) for name, known in made.plants.items()})


def facts(book: Book) -> dict[str, str]:
    """Return the data of the last answer."""
    return dict(book.feedback[-1].outcome.facts)


def context(book: Book) -> dict[str, str]:
    """Return the scanner's settings as its last answer shows them."""
    return dict(book.feedback[-1].context)


@pytest.mark.parametrize(("card", "received"), CHOICES.items())
@pytest.mark.parametrize(
    ("device", "seconds", "holds"), [("S1", 120, True), ("S1", 121, False), ("S2", 10, True), ("S2", 11, False)]
)
def test_a_choice_for_the_next_label_ends_after_the_time_of_its_scanner(
    book: Book, card: str, received: str, device: str, seconds: int, *, holds: bool
) -> None:
    assert book.scan(card, device).result == "prompt"
    book.wait(seconds)
    told = book.scan("FG", device)
    assert (told.result, book.stock("FG"), "had ended" in told.text) == ("ok", received if holds else "1", not holds)


@pytest.mark.parametrize(("edition", "pieces"), [(4, "1"), (EDITION, "5")])
def test_the_first_operator_ends_a_choice_in_older_journals_alone(edition: int, pieces: str) -> None:
    book = Book(shop(), rules=LED._replace(edition=edition))
    book.scan("BF:QTY:5")
    book.scan("FG", operator="8")
    assert book.stock("FG") == pieces


@pytest.mark.parametrize(("edition", "opens"), [(4, False), (EDITION, True)])
def test_an_undo_opens_a_closing_again_from_its_edition_on(edition: int, *, opens: bool) -> None:
    book = Book(shop(), rules=LED._replace(edition=edition))
    book.run("FG", "V1")
    book.count(good=2)
    book.scan("BF:CLOSE")
    book.scan("BF:UNDO")
    assert [document.reference == REOPENED for document in book.ledger.documents.values()] == [False, opens]


@pytest.mark.parametrize(("edition", "kind"), [(4, "unbooked"), (EDITION, "untrusted")])
def test_a_label_without_a_line_holds_no_units_from_its_edition_on(edition: int, kind: str) -> None:
    book = Book(shop(), rules=LED._replace(edition=edition))
    assert book.scan("FG", "ROAM", line="_").code == Reason.NO_LINE
    assert [entry.kind for entry in book.ledger.quarantine.values()] == [kind]


@pytest.mark.parametrize(("card", "received"), CHOICES.items())
def test_in_older_journals_it_lasts_until_the_label(card: str, received: str) -> None:
    book = Book(shop(), rules=BEFORE)
    book.scan(card)
    book.wait(3600)
    book.scan("FG", operator="8")
    assert book.stock("FG") == received


@pytest.mark.parametrize(("second", "holds"), [("08:00:30", True), ("08:05", False)])
def test_stored_scans_count_by_their_own_times(second: str, *, holds: bool) -> None:
    book = Book(shop(), now="08:30", rules=LED)
    for at, text in (("08:00", "BF:QTY:5"), (second, "FG")):
        book.scan(text, ts=f"2026-03-16 {at}", hist=True)
    assert book.stock("FG") == ("5" if holds else "1")


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("change", [("BF:OPERATOR:8", {}), ("FG", {"operator": "8"})], ids=["by card", "by telegram"])
def test_a_choice_ends_with_another_operator(book: Book, change: tuple[str, dict[str, str]], *, crash: bool) -> None:
    book.scan("BF:OPERATOR:7")
    book.scan("BF:SCRAP:DENT")
    book.scan("BF:OPERATOR:7")
    assert context(book)["kind"] == "scrap"
    book.crash(only_if=crash)
    book.scan(change[0], **change[1])
    assert "kind" not in context(book)
    book.scan("G2")
    assert book.stock("G2") == "1"


def test_a_choice_stays_when_its_label_is_the_first_to_name_the_operator(book: Book) -> None:
    book.scan("BF:SCRAP:DENT")
    assert (book.scan("FG", operator="7").result, book.statistic("scrap")) == ("ok", "1")


def test_choices_and_the_point_end_with_another_line(book: Book) -> None:
    for text in ("BF:LINE:1000:L1", "BF:POINT:0010", "BF:QTY:3"):
        book.scan(text, "ROAM", line="_")
    assert context(book) == {"plant": "1000", "line": "L1", "point": "0010", "quantity": "3"}
    book.scan("BF:LINE:1000:L2", "ROAM", line="_")
    assert context(book) == {"plant": "1000", "line": "L2"}


@pytest.mark.parametrize(
    ("card", "code"),
    [
        ("BF:LINE:1000:L9", Reason.UNKNOWN_LINE),
        ("BF:LINE:9:L1", Reason.UNKNOWN_PLANT),
        ("BF:POINT:0099", Reason.UNKNOWN_POINT),
        ("BF:OPERATOR:9", Reason.UNKNOWN_OPERATOR),
        ("BF:SCRAP:RUST", Reason.UNKNOWN_REASON),
        ("BF:RUN:FG:V9", Reason.UNKNOWN_VERSION),
    ],
)
def test_a_card_with_an_unknown_name_is_refused_and_keeps_what_was_chosen(book: Book, card: str, code: Reason) -> None:
    book.scan("BF:LINE:1000:L1", "ROAM", line="_")
    book.scan("BF:QTY:3", "ROAM", line="_")
    before = context(book)
    told = book.scan(card, "ROAM", line="_")
    assert (told.result, told.code, context(book)) == ("nok", code, before)
    assert book.open_entries() == []


@pytest.mark.parametrize("card", ["BF:START", "BF:STOP", "BF:CLOSE", "BF:INFO", "BF:RUN:FG:V1", "BF:BEGIN:C1:3"])
def test_a_card_that_needs_a_line_asks_for_it(book: Book, card: str) -> None:
    told = book.scan(card, "ROAM", line="_")
    assert (told.result, told.code, told.text) == ("prompt", Reason.NO_LINE, "scan the card of the line first")


def test_a_run_starts_with_the_product_and_batch_of_the_next_label(book: Book) -> None:
    assert book.scan("BF:START").text == "scan a label of the product that 1000/L1 makes now"
    told = book.scan(f"]C101{GTIN}10LOT7")
    assert (told.result, told.text, book.documents()) == ("info", "1000/L1 makes FG V1", [])
    assert {name: context(book)[name] for name in ("material", "version", "batch")} == {
        "material": "FG",
        "version": "V1",
        "batch": "LOT7",
    }
    book.scan("BF:START")
    assert book.scan("NOSUCH").code == Reason.UNKNOWN_CODE
    assert (context(book)["material"], book.open_entries()) == ("FG", [])
    book.scan("BF:STOP")
    assert "material" not in context(book)


def test_an_undo_goes_back_through_the_last_ten_postings(book: Book) -> None:
    for number in range(12):
        book.scan("FG" if number % 2 else "G2", id=f"s{number}")
    told = []
    for number in range(11):
        book.crash(only_if=number % 3 == 0)
        told.append(book.scan("BF:UNDO", id=f"u{number}"))
    assert [each.result for each in told] == ["ok"] * 10 + ["nok"]
    assert [each.text[: each.text.index(":")] for each in told[:3]] == ["1 PC FG Pump", "1 PC G2 Valve", "1 PC FG Pump"]
    assert (told[10].code, book.stock("FG"), book.stock("G2")) == (Reason.NOTHING_TO_UNDO, "1", "1")


def test_an_undo_never_touches_the_posting_of_another_scanner(book: Book) -> None:
    book.scan("FG", id="1")
    book.scan("FG", "S2", id="2")
    book.scan("BF:UNDO", id="3")
    assert book.scan("BF:UNDO", id="4").code == Reason.NOTHING_TO_UNDO
    assert book.scan("BF:UNDO", "S2", id="5").document == 4


def test_an_answer_names_product_quantity_unit_and_the_total_of_the_shift(book: Book) -> None:
    for number in ("1", "2"):
        told = book.scan(f"01{GTIN}21A{number}", id=number)
    assert (told.title, told.text) == ("1 PC", "FG Pump, L1: 2 today")
    assert facts(book) == {
        "material": "FG",
        "description": "Pump",
        "version": "V1",
        "serial": "A2",
        "line": "L1",
        "unit": "PC",
        "kind": "yield",
        "shift_total": "2",
    }
    book.scan("BF:SCRAP:DENT")
    assert (book.scan("FG").title, facts(book)["kind"], facts(book)["shift_total"]) == ("1 PC SCRAP", "scrap", "2")
    book.scan("BF:UNDO", id="u1")
    book.scan("BF:UNDO", id="u2")
    book.crash()
    book.at("2026-03-17 08:00")
    assert book.scan("FG").text == "FG Pump, L1: 1 today"
    assert book.scan("G2", ts="2026-03-16 09:00", hist=True).text == "G2 Valve, L1: 2 on 2026-03-16"


def test_a_duplicate_is_answered_with_what_was_posted_before(book: Book) -> None:
    book.scan("FG")
    assert book.scan("FG").text == "1 PC FG Pump, document 0000000001"
    book.scan("FG", ts="2026-03-16 08:00:00")
    book.wait(60)
    told = book.scan("FG", ts="2026-03-16 08:00:00")
    assert (told.result, told.code, told.quantity, facts(book)["material"]) == ("dup", "BF0002", 1_000_000, "FG")
    assert told.text == "1 PC FG Pump, document 0000000002"
    book.scan(f"01{GTIN}21A1", id="1")
    told = book.scan(f"01{GTIN}21A1", id="2")
    assert told.text == "1 PC FG Pump: serial number A1 is in document 0000000003"


@pytest.mark.parametrize(
    ("plant_", "device", "operator", "title"),
    [
        ("", "", "", "UNDONE"),
        ("de", "", "", "ZURÜCKGENOMMEN"),
        ("de", "en", "", "UNDONE"),
        ("", "en", "8", "ZURÜCKGENOMMEN"),
    ],
)
def test_the_language_is_that_of_the_operator_else_the_scanner_else_the_plant(
    plant_: Language, device: Language, operator: str, title: str
) -> None:
    master = shop()
    plants = {name: replace(known, language=plant_) for name, known in master.plants.items()}
    devices = {name: replace(known, language=device) for name, known in master.devices.items()}
    book = Book(replace(master, plants=plants, devices=devices), rules=LED)
    book.scan("FG", **({"operator": operator} if operator else {}))
    assert book.scan("BF:UNDO").title == title


def test_the_explanation_of_a_code_begins_with_the_settings_of_its_scanner(book: Book) -> None:
    assert describe_scanner(book.state, "ROAM") == ["scanner ROAM has chosen no line"]
    for text in ("BF:LINE:1000:L1", "BF:POINT:0010", "BF:OPERATOR:7", "BF:SCRAP:DENT", "BF:QTY:2"):
        book.scan(text, "ROAM", line="_")
    assert describe_scanner(book.state, "ROAM") == [
        "scanner ROAM is at 1000/L1",
        "it reports at point 0010",
        "its operator is 7",
        "its next label is 2 x SCRAP DENT, until 2026-03-16T08:02:00.000Z",
    ]


def test_cards_of_today_were_unknown_to_older_journals() -> None:
    book = Book(shop(), rules=BEFORE)
    assert [book.scan(text).code for text in ("BF:INFO", "BF:START")] == ["BF1014", "BF1014"]
    assert len(book.open_entries()) == 2


def test_a_run_begins_by_label_though_the_clock_was_set_back_and_the_scanners_is_ahead(book: Book) -> None:
    book.now -= 30 * 86_400_000_000
    book.scan("BF:START", id="1")
    assert book.scan("FG", id="2", ts=book.now + 60_000_000).title == "RUN"


def test_in_older_journals_an_undo_stays_at_the_posting_that_a_person_has_reversed() -> None:
    book = Book(shop(), rules=BEFORE)
    book.scan("FG")
    book.reverse(1)
    told = book.scan("BF:UNDO")
    assert (told.code, "only the last scan" in told.text) == (Reason.NOTHING_TO_UNDO, True)
    assert book.ledger.contexts["S1"].undo == 1


def test_a_piece_of_long_ago_is_answered_without_the_total_of_its_shift() -> None:
    book = Book(shop(), rules=LED._replace(late_max=240 * 3_600_000_000))
    told = book.scan("FG", ts="2026-03-08 09:00", hist=True)
    assert (told.result, told.text, facts(book).get("shift_total")) == ("ok", "FG Pump, L1", None)


@pytest.mark.parametrize(("rules", "pieces"), [(LED, "2"), (BEFORE, "0")])
def test_a_close_and_its_undo_have_the_quantity_that_the_answers_of_their_journal_have(
    rules: Rules, pieces: str
) -> None:
    book = Book(shop(), rules=rules)
    book.run("FG", "V1")
    book.count(good=2)
    told = [book.scan(card) for card in ("BF:CLOSE", "BF:UNDO")]
    assert [(answer.result, answer.quantity) for answer in told] == [("ok", q(pieces))] * 2


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "this scanner belongs to line 1000/L1: only a scanner that roams takes the card of another line"),
        ("de", "dieser Scanner gehört zur Linie 1000/L1: die Schichtleitung fragen"),
    ],
)
def test_a_scanner_of_a_line_refuses_the_card_of_another_line(language: Language, told: str) -> None:
    book = Book(spoken(language), rules=LED)
    answer = book.scan("BF:LINE:1000:L2")
    assert (answer.result, answer.code, answer.text) == ("nok", Reason.WRONG_PLACE, told)
    assert (context(book)["line"], book.scan("BF:LINE:1000:L1").result, book.open_entries()) == ("L1", "info", [])


def test_in_older_journals_it_was_answered_as_done() -> None:
    assert Book(shop(), rules=LED._replace(edition=4)).scan("BF:LINE:1000:L2").result == "info"


@pytest.mark.parametrize(
    ("language", "card", "told"),
    [
        ("en", "BF:SCRAP:DENT", "SCRAP DENT is no choice for a pallet, and has ended: "),
        ("de", "BF:SCRAP:DENT", "AUSSCHUSS DENT gilt nicht für Paletten und ist beendet: "),
        ("en", "BF:QTY:5", "5 x is no choice for a pallet, and has ended: "),
    ],
)
def test_a_pallet_after_a_choice_says_that_it_is_for_no_pallet_and_has_ended(
    language: Language, card: str, told: str
) -> None:
    book = Book(spoken(language), rules=LED)
    book.run("FG", "V1")
    book.count(good=2)
    book.scan(card)
    refused = book.scan("00340123450000000017")
    assert (refused.result, refused.code, refused.text.startswith(told)) == ("nok", Reason.BAD_QUANTITY, True)
    assert ("kind" in context(book), "quantity" in context(book)) == (False, False)
    book.wait(5)
    assert book.scan("00340123450000000017").result == "ok"


WHOLE = (
    "this begins as a card: scan the whole card again",
    "das beginnt wie eine Karte: die ganze Karte noch einmal scannen",
)


@pytest.mark.parametrize("code", ["BF53463647", "BF5346364711", "]C0BF5346", "bf53"])
def test_a_part_of_a_card_says_that_the_whole_card_is_scanned_again(code: str) -> None:
    told = [Book(spoken(language), rules=LED).scan(code) for language in LANGUAGES]
    assert ([answer.result for answer in told], tuple(answer.text for answer in told)) == (["nok", "nok"], WHOLE)


@pytest.mark.parametrize(
    ("card", "least", "most"),
    [("BF:QTY:0", "1", "999999999"), ("BF:QTY:1.5", "1", "999999999"), ("BF:BEGIN:C1:X", "0", "999999999999999")],
)
def test_a_card_with_an_impossible_number_says_which_are_possible(card: str, least: str, most: str) -> None:
    told = [Book(spoken(language), rules=LED).scan(card).text for language in LANGUAGES]
    assert told == [
        f"the number on a card must be a whole one from {least} to {most}: scan the right card",
        f"die Zahl auf einer Karte muss ganz sein, von {least} bis {most}: die richtige Karte scannen",
    ]


@pytest.mark.parametrize("edition", [4, EDITION])
@pytest.mark.parametrize("running", [True, False])
def test_the_card_of_a_point_is_judged_by_the_product_that_the_line_makes_and_waits_until_one_is_known(
    edition: int, *, running: bool
) -> None:
    two = [routing([operation("0010"), operation("0020")], material=material) for material in ("FG", "G2")]
    made: dict[str, Any] = {"materials": [product(), product("G2")], "versions": [version(), version(material="G2")]}
    master = plant(routings=two, boms=[bom({"A": 1}), bom({"A": 1}, material="G2")], **made)
    book = Book(master, rules=Rules(open_names=(), edition=edition))
    if running:
        book.run("FG", "V1")
    told = book.scan("BF:POINT:0010")
    if running and edition == EDITION:
        reason = "operation 0010 of FG is no reporting point; the points are final"
        assert (told.result, told.code, dict(told.facts)["reason"]) == ("nok", "BF3010", reason)
        assert (book.scan("FG").result, book.open_entries()) == ("ok", [])
    else:
        assert (told.result, book.scan("FG").code) == ("info", "BF3010")
