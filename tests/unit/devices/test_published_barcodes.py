"""Barcodes as standards, vendors and bug reports have published them, and what they mean here."""

from decimal import Decimal
from typing import Any

import pytest

from devices.barcodes import Amount, Label, parse_barcode
from devices.errors import Malformed, Rejection

GS, RS, EOT = "\x1d", "\x1e", "\x04"
PLAIN: dict[str, Any] = {"is_plain": True}
BAD, UNKNOWN, TWO = Malformed.BAD_CHECK_DIGIT, Malformed.UNKNOWN_BARCODE, Malformed.CONTRADICTING_BARCODE


def message(*fields: str, head: str = f"[)>{RS}06", end: str = RS + EOT) -> str:
    return GS.join((head, *fields)) + end


PUBLISHED: list[tuple[str, str, dict[str, Any] | Malformed]] = [
    # GS1 General Specifications; GS1 DataMatrix Guideline
    ("GS1 element string", "]C10109501101530003", {"gtin": "09501101530003"}),
    ("GS1 DataMatrix", "]d201095011015300031714070410AB-123", {"gtin": "09501101530003", "batch": "AB-123"}),
    ("GS1 serial", f"]d20109501101530003171407{'04'}21AB123{GS}10X", {"serial": "AB123", "batch": "X"}),
    ("GS1 SSCC", "]C100006141411234567890", {"sscc": "006141411234567890", "gtin": None}),
    ("GS1 pallet", "]C1020950110153000337" + "24", {"gtin": "09501101530003", "count": 24}),
    ("GS1 SSCC, wrong digit", "]C100006141411234567891", BAD),
    ("GS1 FNC1 at the beginning", f"{GS}010950110153000310AB", {"gtin": "09501101530003", "batch": "AB"}),
    ("GS1 FNC1 at the end", f"]C1010950110153000310AB{GS}", {"batch": "AB"}),
    ("GS1 day 00", "]C101095011015300031727110010A", {"batch": "A"}),
    ("GS1 month 13", "]C1010950110153000317271300", UNKNOWN),
    ("GS1 internal information", f"]C1010950110153000391HELLO{GS}10A", {"batch": "A"}),
    ("GS1 production line and time", "]C101095011015300038008261129120000", {"gtin": "09501101530003"}),
    # ISO/IEC 24724, GS1 DataBar
    ("DataBar", "]e00124012345678905", {"gtin": "24012345678905"}),
    ("DataBar, weight in kg", "]e001900123456789083103001750", {"gtin": "90012345678908", "count": None}),
    ("DataBar, weight in lb", "]e001988987654321063202012345" + "15991231", {"gtin": "98898765432106"}),
    ("DataBar, price alone", "]e001900123456789083922795", UNKNOWN),
    ("composite's second part", "]e1" + "10ABC", UNKNOWN),
    # EAN/UPC (GS1 General Specifications, section 1; ISO/IEC 15420)
    ("EAN-13", "]E04006381333931", {"gtin": "04006381333931"}),
    ("EAN-13 without identifier", "4006381333931", {"gtin": "04006381333931"}),
    ("EAN-8", "]E496385074", {"gtin": "00000096385074"}),
    ("UPC-A", "036000291452", {"gtin": "00036000291452"}),
    ("UPC-A as EAN-13", "]E00036000291452", {"gtin": "00036000291452"}),
    ("UPC-A with 12 digits", "]E0036000291452", UNKNOWN),
    ("UPC-E", "04252614", {"gtin": "00042100005264"}),
    ("ITF-14", "]I110614141000415", {"gtin": "10614141000415"}),
    ("ITF without check digit", "]I010614141000415", PLAIN),
    ("add-on", "]E352", UNKNOWN),
    ("EAN-13, wrong digit", "4006381333932", BAD),
    # GS1 Digital Link URI syntax
    (
        "digital link",
        "https://id.gs1.org/01/09506000134352/10/ABC1/21/12345?17=180426",
        {"gtin": "09506000134352", "batch": "ABC1", "serial": "12345"},
    ),
    ("digital link of 13 digits", "https://example.com/01/9506000134352", {"gtin": "09506000134352"}),
    ("digital link in capitals", "HTTPS://ID.GS1.ORG/01/09506000134352/10/ABC1", {"batch": "ABC1"}),
    ("digital link behind a path", "https://example.com/some/path/01/09506000134352", {"gtin": "09506000134352"}),
    ("digital link with the weight", "https://id.gs1.org/01/09506000134352?3103=000195", {"gtin": "09506000134352"}),
    ("digital link, SSCC", "https://id.gs1.org/00/106141412345678908", {"sscc": "106141412345678908"}),
    ("digital link with blanks", "https://id.gs1.org/01/09506000134352/10/A%20B", UNKNOWN),
    ("digital link, wrong digit", "https://id.gs1.org/01/09506000134353", BAD),
    ("web address", "https://example.com/product/4711", PLAIN),
    # ISO/IEC 15434 and ANSI MH10.8.2, as published
    (
        "ECIA",
        message("P595-LM358N", "1P296-1395-1-ND", "Q2500", "1TLOT4711"),
        {"items": ("296-1395-1-ND", "595-LM358N"), "batch": "LOT4711", "amounts": (Amount(Decimal(2500)),)},
    ),
    ("GPON label", message("1P3TN01414BA", "SALCLB4923FA8"), {"items": ("3TN01414BA",), "serial": "ALCLB4923FA8"}),
    (
        "PPN, whose item is of another kind",
        message("9N111234567842", "1T1A234B5", "D151231", "S1234567890123456"),
        UNKNOWN,
    ),
    (
        "car maker, an empty E",
        message("VANFC", "P86511BP000T5G", "SBUT5", "E", "TP1PFBUT52604072329", ""),
        {"items": ("86511BP000T5G",), "serial": "BUT5", "batch": "P1PFBUT52604072329"},
    ),
    ("distributor without an end", message("P490-1318-1-ND", "1PGRM155R61A104KA01D", "Q10", end=""), UNKNOWN),
    ("without RS and end", message("1P875105242006", "Q20", "1T317010012523270", head="[)>06", end=""), UNKNOWN),
    ("without RS", message("1P875105242006", "Q20", head="[)>06", end=EOT), {"items": ("875105242006",)}),
    ("end without RS", message("P1", "Q2", end=EOT), {"items": ("1",)}),
    ("names of characters", "[)>{RS}06{GS}PDS2431{GS}Q10{RS}{EOT}", {"items": ("DS2431",)}),
    ("carets", "[)>^^06^]PDS2431^]Q10^^^D", {"items": ("DS2431",)}),
    ("escapes", r"[)>\x1e06\x1dPDS2431\x1dQ10\x1e\x04", {"items": ("DS2431",)}),
    ("symbols of control characters", "[)>\u241e06\u241dPDS2431\u241dQ10\u241e\u2404", {"items": ("DS2431",)}),
    ("with AIM identifier", "]d1" + message("PDS2431", "Q10"), {"items": ("DS2431",), "symbology": "]d1"}),
    ("GTIN", message("8P09506000134352", "Q5"), {"gtin": "09506000134352", "items": ()}),
    ("GTIN of variable measure", message("8P92000000001077"), UNKNOWN),
    ("GTIN of variable measure, with it", message("8P92000000001077", "Q2.5"), {"gtin": "92000000001077"}),
    ("GTIN, wrong digit", message("8P09506000134353", "Q5"), BAD),
    ("unit of the quantity", message("P1", "Q2.5", "3QKG"), {"amounts": (Amount(Decimal("2.5"), "KG"),)}),
    ("quantity with its unit", message("P1", "7Q2.5LB"), {"amounts": (Amount(Decimal("2.5"), "LB"),)}),
    ("licence plate and a quantity of nothing", message("1JUN043325711MH8031200000000001", "Q5"), UNKNOWN),
    ("licence plate", message("1JUN043325711MH8031200000000001"), {"sscc": "1JUN043325711MH8031200000000001"}),
    (
        "format 05",
        message("0109506000134352", "10ABC1", head=f"[)>{RS}05"),
        {"gtin": "09506000134352", "batch": "ABC1"},
    ),
    ("UII", message("800406141419999960MH80312", head=f"[)>{RS}12"), UNKNOWN),
    ("two formats", f"[)>{RS}06{GS}P1{RS}12{GS}X{RS}{EOT}", UNKNOWN),
    ("two messages", message("P1") + message("P2"), TWO),
    ("an identifier twice", message("P1", "P2"), TWO),
    ("two batches", message("P1", "TA", "1TB"), TWO),
    ("count of packages", message("P1", "13Q1/3"), UNKNOWN),
    ("no quantity after Q", message("P1", "Q"), Malformed.OUT_OF_RANGE),
    ("a quantity of nothing", message("P1", "Q0.0"), Malformed.OUT_OF_RANGE),
    ("an empty field", message("P1", "", "Q5"), UNKNOWN),
    ("no item", message("Q5", "1TLOT"), UNKNOWN),
    ("an empty item", message("P", "Q5"), UNKNOWN),
    ("letters that are no ASCII", message("PGröße"), UNKNOWN),
    ("another control character", message("P1\x02"), Malformed.CONTROL_CHARACTER),
    ("half a scan", "[)>", UNKNOWN),
    # without an envelope only a site knows what it is
    ("AIAG single field", "P4711", PLAIN),
    ("HIBC", "+A123BJC5D6E71G", PLAIN),
]
"""The source or what is special, the text as a scanner sends it, and what it says or why it is refused."""


@pytest.mark.parametrize(("what", "text", "expected"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_a_published_barcode_means_what_its_standard_says(
    what: str, text: str, expected: dict[str, Any] | Malformed
) -> None:
    found = parse_barcode(text)
    if isinstance(expected, Malformed):
        assert isinstance(found, Rejection), (what, found)
        assert found.code == expected, found
        assert found.text.isascii()
    else:
        assert isinstance(found, Label), (what, found)
        assert {name: getattr(found, name) for name in expected} == expected
