"""Scanned texts, and what they mean; what could mean two things means nothing."""

from datetime import date
from decimal import Decimal

import pytest
from biip import ParseError
from biip.gs1_element_strings import GS1ElementString
from hypothesis import given
from hypothesis import strategies as st

from devices.barcodes import VALUES, Control, Label, Measure, Verb, control_code, normal_form, parse_barcode
from devices.barcodes.labels import _element
from devices.barcodes.measures import IDENTIFIERS
from devices.errors import Malformed, Rejection

GS = "\x1d"
GTIN = "07612345678900"
OTHER = "07032069804988"
SSCC = "376123450000000016"
VARIABLE = "92000000001077"

DOUBTED = ["41001", "2410123", "1100", "124007", "1930"]
"""Counts that may be shorter ones with a batch, a part number, an order or the like behind them."""
AROUND = [("", "\r"), ("", "\n"), ("", "\r\n"), ("", "\t"), ("\x02", "\x03"), ("\x02", "\x03\r\n"), ("\r\n", "\r\n")]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        # GS1-128, GS1 DataMatrix, GS1 QR, GS1 DataBar; the AIM identifier is optional
        (f"]C101{GTIN}10LOT7{GS}3024", Label(f"01{GTIN}10LOT7{GS}3024", "]C1", GTIN, batch="LOT7", count=24)),
        (f"01{GTIN}10LOT7{GS}3024", Label(f"01{GTIN}10LOT7{GS}3024", None, GTIN, batch="LOT7", count=24)),
        (f"]C1{GS}01{GTIN}21A7{GS}", Label(f"01{GTIN}21A7", "]C1", GTIN, serial="A7")),  # FNC1 at the ends
        (f"{GS}01{GTIN}21A7", Label(f"01{GTIN}21A7", None, GTIN, serial="A7")),
        (f"]d201{GTIN}21S-0001", Label(f"01{GTIN}21S-0001", "]d2", GTIN, serial="S-0001")),
        (f"]Q301{GTIN}", Label(f"01{GTIN}", "]Q3", GTIN)),
        (f"]e001{GTIN}", Label(f"01{GTIN}", "]e0", GTIN)),
        (f"]C13024{GS}01{GTIN}", Label(f"3024{GS}01{GTIN}", "]C1", GTIN, count=24)),
        (f"]C121A{GS}10B", Label(f"21A{GS}10B", "]C1", serial="A", batch="B")),
        # pallets: the contained items and their number
        (f"]C100{SSCC}", Label(f"00{SSCC}", "]C1", sscc=SSCC)),
        (f"00{SSCC}", Label(f"00{SSCC}", None, sscc=SSCC)),
        (f"]C100{SSCC}02{GTIN}37480", Label(f"00{SSCC}02{GTIN}37480", "]C1", GTIN, SSCC, count=480)),
        # weight, expiry, and identifiers that say nothing about production
        (
            f"]C101{GTIN}310300125017271130400PO7",
            Label(
                f"01{GTIN}310300125017271130400PO7",
                "]C1",
                GTIN,
                measures=(Measure("310", Decimal("1.250")),),
                expires=date(2027, 11, 30),
            ),
        ),
        # EAN-13, EAN-8, UPC-A, UPC-E, ITF-14
        ("]E04006381333931", Label("4006381333931", "]E0", "04006381333931")),
        ("4006381333931", Label("4006381333931", None, "04006381333931")),
        ("]E496385074", Label("96385074", "]E4", "00000096385074")),
        ("96385074", Label("96385074", None, "00000096385074")),
        ("012345678905", Label("012345678905", None, "00012345678905")),
        ("]E00012345678905", Label("0012345678905", "]E0", "00012345678905")),
        ("04252614", Label("04252614", None, "00042100005264")),
        (f"]I1{GTIN}", Label(GTIN, "]I1", GTIN)),
        # GS1 digital link
        (
            f"https://id.example.com/01/{GTIN}/10/LOT7",
            Label(f"https://id.example.com/01/{GTIN}/10/LOT7", None, GTIN, batch="LOT7"),
        ),
        (
            f"]Q1HTTPS://ID.Example.COM/01/{GTIN}/10/LOT7/?X=/",
            Label(f"https://id.example.com/01/{GTIN}/10/LOT7?X=/", "]Q1", GTIN, batch="LOT7"),
        ),
        # a batch with characters that are no separators
        (f"]C101{GTIN}10A_B-10/7", Label(f"01{GTIN}10A_B-10/7", "]C1", GTIN, batch="A_B-10/7")),
        # variable measure
        (
            f"]C101{VARIABLE}3102001250",
            Label(f"01{VARIABLE}3102001250", "]C1", VARIABLE, measures=(Measure("310", Decimal("12.50")),)),
        ),
        (f"]C101{VARIABLE}3014", Label(f"01{VARIABLE}3014", "]C1", VARIABLE, count=14)),
        # counts that are longer than any lost separator could make them, or whose separators came
        *(
            (f"]C102{GTIN}37{count}", Label(f"02{GTIN}37{count}", "]C1", GTIN, count=count))
            for count in (1, 24, 100, 480, 999, 1000, 1200, 1210, 2500, 5000, 10_000, 12_500)
        ),
        (f"]C102{GTIN}10A{GS}371100", Label(f"02{GTIN}10A{GS}371100", "]C1", GTIN, batch="A", count=1100)),
        (f"]C102{GTIN}371100{GS}", Label(f"02{GTIN}371100", "]C1", GTIN, count=1100)),
        (f"{GS}02{GTIN}371100", Label(f"02{GTIN}371100", None, GTIN, count=1100)),
        (f"02{GTIN}371100<GS>", Label(f"02{GTIN}371100", None, GTIN, count=1100)),
        (f"]C102{GTIN}374{GS}1001", Label(f"02{GTIN}374{GS}1001", "]C1", GTIN, batch="01", count=4)),
        # what scanners are set to send around a code
        *((f"{a}4006381333931{b}", Label("4006381333931", None, "04006381333931")) for a, b in AROUND),
        (f"]C101{GTIN}10LOT7\r", Label(f"01{GTIN}10LOT7", "]C1", GTIN, batch="LOT7")),
        # codes of the plant's own
        ("BIN-4711", Label("BIN-4711", is_plain=True)),
        ("]C0BIN-4711", Label("BIN-4711", "]C0", is_plain=True)),
        ("]A04006381333931", Label("4006381333931", "]A0", is_plain=True)),
        ("]Q1Kiste Größe 7", Label("Kiste Größe 7", "]Q1", is_plain=True)),
        ("https://example.com/box/7", Label("https://example.com/box/7", is_plain=True)),
        ("10LOT7", Label("10LOT7", is_plain=True)),
    ],
)
def test_labels(text: str, label: Label) -> None:
    assert parse_barcode(text) == label


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Malformed.EMPTY),
        ("  ", Malformed.EMPTY),
        ("a\x00", Malformed.CONTROL_CHARACTER),
        ("]C1\x1e06", Malformed.CONTROL_CHARACTER),
        ("\ud800", Malformed.CONTROL_CHARACTER),
        ("x" * 7_090, Malformed.OUT_OF_RANGE),
        # wrong check digits, in numbers and in elements
        ("4006381333932", Malformed.BAD_CHECK_DIGIT),
        ("]E04006381333932", Malformed.BAD_CHECK_DIGIT),
        ("96385075", Malformed.BAD_CHECK_DIGIT),
        ("07612345678901", Malformed.BAD_CHECK_DIGIT),
        ("]C10107612345678901", Malformed.BAD_CHECK_DIGIT),
        ("0107612345678901" + "10LOT7", Malformed.BAD_CHECK_DIGIT),
        ("]C100376123450000000018", Malformed.BAD_CHECK_DIGIT),
        ("]C100" + SSCC + "02" + "07612345678901" + "3724", Malformed.BAD_CHECK_DIGIT),
        ("https://id.example.com/01/07612345678901", Malformed.BAD_CHECK_DIGIT),
        # two meanings
        ("01234565", Malformed.CONTRADICTING_BARCODE),  # a sound EAN-8, and a sound UPC-E of another item
        (f"]C101{GTIN}01{OTHER}", Malformed.CONTRADICTING_BARCODE),
        (f"]C101{GTIN}02{OTHER}3724", Malformed.CONTRADICTING_BARCODE),
        (f"]C101{GTIN}3024{GS}3725", Malformed.CONTRADICTING_BARCODE),
        (f"]C101{GTIN}3024{GS}3024", Malformed.CONTRADICTING_BARCODE),
        (f"]C101{GTIN}31030012503102001250", Malformed.CONTRADICTING_BARCODE),
        # two labels merged into one scan
        (f"]C101{GTIN}21A{GS}01{GTIN}21A", Malformed.CONTRADICTING_BARCODE),
        (f"]C101{GTIN}21A]C101{GTIN}21B", Malformed.CONTRADICTING_BARCODE),
        (f"]C101{GTIN}]C101{GTIN}", Malformed.CONTRADICTING_BARCODE),
        ("]E04006381333931]E04006381333931", Malformed.CONTRADICTING_BARCODE),
        ("]E040063813339314006381333931", Malformed.UNKNOWN_BARCODE),
        # half a scan
        ("]C1", Malformed.UNKNOWN_BARCODE),
        ("]C", Malformed.UNKNOWN_BARCODE),
        ("]", Malformed.UNKNOWN_BARCODE),
        ("]E0400638133393", Malformed.UNKNOWN_BARCODE),
        ("]C1010761234567", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}10", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}10LOT7{GS}{GS}3024", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}10LOT7{GS}3", Malformed.UNKNOWN_BARCODE),
        (f"]C102{GTIN}", Malformed.UNKNOWN_BARCODE),
        ("]C13024", Malformed.UNKNOWN_BARCODE),
        # a missing separator, where it can be seen
        (f"]C101{GTIN}10LOT7" + "X" * 17 + "3024", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}3024" + "10LOT7", Malformed.UNKNOWN_BARCODE),
        (f"01{GTIN}30123456789", Malformed.UNKNOWN_BARCODE),
        *((f"{aim}02{GTIN}37{said}", Malformed.UNKNOWN_BARCODE) for aim in ("", "]C1") for said in DOUBTED),
        (f"01{VARIABLE}303211", Malformed.UNKNOWN_BARCODE),
        (f"00{SSCC}02{GTIN}3741001", Malformed.UNKNOWN_BARCODE),
        # goods of variable measure without their measure
        (f"]C101{VARIABLE}", Malformed.UNKNOWN_BARCODE),
        (f"]C101{VARIABLE}3303001250", Malformed.UNKNOWN_BARCODE),
        (f"]C102{VARIABLE}3740", Malformed.UNKNOWN_BARCODE),
        (f"]I1{VARIABLE}", Malformed.UNKNOWN_BARCODE),
        (f"https://id.example.com/01/{VARIABLE}", Malformed.UNKNOWN_BARCODE),
        # identifiers that do not exist, values that cannot be
        (f"]C101{GTIN}05123", Malformed.UNKNOWN_BARCODE),
        ("]d2HELLO", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}17271332", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}30x", Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}10Größe", Malformed.UNKNOWN_BARCODE),
        ("]C101" + "\u0660" * 14, Malformed.UNKNOWN_BARCODE),
        (f"]C101{GTIN}300", Malformed.OUT_OF_RANGE),
        ("]E312345", Malformed.UNKNOWN_BARCODE),
        (f"]C0BIN{GS}7", Malformed.UNKNOWN_BARCODE),
        ("BIN" + GS + "7", Malformed.UNKNOWN_BARCODE),
        # control codes
        ("BF:", Malformed.UNKNOWN_BARCODE),
        ("BF:DANCE", Malformed.UNKNOWN_BARCODE),
        ("BF:run:A:1", Malformed.UNKNOWN_BARCODE),
        ("BF:RUN:A", Malformed.UNKNOWN_BARCODE),
        ("BF:RUN:A:1:2", Malformed.UNKNOWN_BARCODE),
        ("BF:STOP:now", Malformed.UNKNOWN_BARCODE),
        ("BF:POINT:", Malformed.UNKNOWN_BARCODE),
        ("BF:POINT:00 20", Malformed.UNKNOWN_BARCODE),
        ("BF:POINT:" + "1" * 41, Malformed.UNKNOWN_BARCODE),
        ("BF:QTY:0", Malformed.UNKNOWN_BARCODE),
        ("BF:QTY:-1", Malformed.UNKNOWN_BARCODE),
        ("BF:QTY:1.5", Malformed.UNKNOWN_BARCODE),
        ("BF:OPERATOR:a/b", Malformed.UNKNOWN_BARCODE),
    ],
)
def test_what_is_not_clear_is_rejected(text: str, reason: Malformed) -> None:
    rejection = parse_barcode(text)
    assert isinstance(rejection, Rejection), rejection
    assert rejection.code == reason, rejection
    assert rejection.text.isascii()
    assert rejection.text.isprintable()


@pytest.mark.parametrize(
    ("text", "control"),
    [
        ("BF:RUN:FG-1000:0001", Control(Verb.RUN, ("FG-1000", "0001"))),
        ("BF:STOP", Control(Verb.STOP)),
        ("BF:POINT:0020", Control(Verb.POINT, ("0020",))),
        ("BF:QTY:24", Control(Verb.QTY, ("24",))),
        ("BF:SCRAP:03", Control(Verb.SCRAP, ("03",))),
        ("BF:YIELD", Control(Verb.YIELD)),
        ("BF:OPERATOR:4711", Control(Verb.OPERATOR, ("4711",))),
        ("BF:UNDO", Control(Verb.UNDO)),
        ("BF:LINE:1000:L04", Control(Verb.LINE, ("1000", "L04"))),
        ("BF:CLOSE", Control(Verb.CLOSE)),
        ("]C0BF:CLOSE", Control(Verb.CLOSE)),
        ("]Q1BF:QTY:24", Control(Verb.QTY, ("24",))),
    ],
)
def test_control_codes(text: str, control: Control) -> None:
    assert parse_barcode(text) == control


segments = st.from_regex(r"[A-Za-z0-9_.-]{1,40}", fullmatch=True)
pieces = st.integers(1, 999_999_999).map(str)
controls = st.sampled_from(Verb).flatmap(
    lambda verb: st.tuples(
        st.just(verb), st.tuples(*(pieces if name in ("pieces", "total") else segments for name in VALUES[verb]))
    ).map(lambda parts: Control(*parts))
)


@given(controls)
def test_a_printed_control_code_reads_as_what_it_was(control: Control) -> None:
    assert parse_barcode(control_code(control.verb, *control.values)) == control


@pytest.mark.parametrize(
    ("verb", "values"),
    [(Verb.RUN, ("A",)), (Verb.STOP, ("A",)), (Verb.POINT, ("a:b",)), (Verb.RUN, ("a:b",)), (Verb.QTY, ("01",))],
)
def test_a_control_code_that_could_not_be_read_is_not_printed(verb: Verb, values: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="control code"):
        control_code(verb, *values)


element_like = st.lists(
    st.sampled_from(
        [
            *(f"01{GTIN}", f"00{SSCC}", f"02{OTHER}", "10", "21", "30", "37", "3103", "17", GS, "]C1", "]E0", "7", "A"),
            *("<GS>", "%1D", "_", "^", "]", "HTTPS://A.B/", "/", f"/01/{GTIN}", "?x="),
        ]
    )
).map("".join)


texts = (
    st.text()
    | st.from_regex(r"\]?[A-Za-z]?[0-9\x1d]*", fullmatch=True)
    | element_like
    | st.just("BF:").flatmap(lambda prefix: st.text().map(lambda rest: prefix + rest))
)


@given(texts)
def test_a_normal_form_is_its_own_and_means_what_its_text_means(text: str) -> None:
    normal = normal_form(text)
    assert normal_form(normal) == normal
    meaning, again = parse_barcode(text), parse_barcode(normal)
    assert again == meaning or (isinstance(meaning, Rejection) and isinstance(again, Rejection))


@given(texts)
def test_every_text_has_one_meaning_or_a_reason(text: str) -> None:
    meaning = parse_barcode(text)
    assert isinstance(meaning, Label | Control | Rejection)
    assert parse_barcode(text) == meaning
    if isinstance(meaning, Label) and meaning.gtin is not None:
        assert len(meaning.gtin) == 14
        assert meaning.gtin.isdigit()


WRITTEN_OUT = [
    *("<GS>", "{GS}", "(GS)", "[GS]", "<gs>", "<FNC1>", "<0x1D>", "{1D}", "%1D", "%1d", r"\x1d", r"\u001D", "^]")
]
SINGLE = [*"_|~^#!?*;,=&'\"", "<SEP>", "(29)", "%7C", "__"]


@pytest.mark.parametrize("separator", WRITTEN_OUT)
@pytest.mark.parametrize("aim", ["]C1", "]d2", "]Q3", ""])
def test_a_separator_that_is_written_out_is_a_separator(aim: str, separator: str) -> None:
    label = parse_barcode(f"{aim}01{GTIN}10LOT7{separator}3024{separator}21S1")
    assert isinstance(label, Label), label
    assert (label.batch, label.count, label.serial) == ("LOT7", 24, "S1")


@pytest.mark.parametrize("separator", SINGLE)
@pytest.mark.parametrize("hidden", ["3024", "21S1", "17271130", "3103001250", "3024_21S1", f"01{OTHER}"])
@pytest.mark.parametrize("identifier", ["10", "21", "240", "91"])
def test_a_value_that_hides_an_element_behind_a_visible_separator_is_rejected(
    identifier: str, separator: str, hidden: str
) -> None:
    rejection = parse_barcode(f"]C101{GTIN}{identifier}A7{separator}{hidden}")
    assert isinstance(rejection, Rejection), rejection
    assert rejection.code in (Malformed.UNKNOWN_BARCODE, Malformed.CONTRADICTING_BARCODE)
    assert "expected a separator after" in rejection.text
    assert ascii(separator[0])[1:-1] in rejection.text


def test_many_visible_separators_are_looked_at_in_no_time() -> None:
    assert isinstance(parse_barcode(f"]C101{GTIN}91" + "_91A" * 22), Rejection)


@pytest.mark.parametrize("identifier", sorted(IDENTIFIERS))
def test_every_measure_is_read_with_its_decimal_point(identifier: str) -> None:
    label = parse_barcode(f"]C101{GTIN}{identifier}2001250")
    assert isinstance(label, Label), label
    assert label.measures == (Measure(identifier, Decimal("12.50")),)


batches = st.from_regex(r"[A-Z0-9./-]{1,20}", fullmatch=True)


@given(batch=batches, serial=batches, count=st.integers(1, 99_999_999))
def test_a_printed_label_reads_as_what_it_was(batch: str, serial: str, count: int) -> None:
    label = parse_barcode(f"]C101{GTIN}10{batch}{GS}21{serial}{GS}30{count}")
    assert isinstance(label, Label), label
    assert (label.gtin, label.batch, label.serial, label.count) == (GTIN, batch, serial, count)


@given(st.sampled_from(["10", "21"]), st.text(st.characters(max_codepoint=300), max_size=30))
def test_a_batch_or_serial_number_is_read_as_biip_reads_it(identifier: str, value: str) -> None:
    text = identifier + value
    try:
        expected = GS1ElementString.extract(text)
    except ParseError:
        assert isinstance(_element(text), Rejection)
    else:
        assert _element(text) == expected


@given(st.integers(0, 99), st.sampled_from("0123456789"))
def test_no_changed_digit_of_a_trade_item_goes_unnoticed(place: int, digit: str) -> None:
    place %= len(GTIN)
    changed = GTIN[:place] + digit + GTIN[place + 1 :]
    meaning = parse_barcode(f"]C101{changed}")
    if changed == GTIN:
        assert isinstance(meaning, Label)
    else:
        assert isinstance(meaning, Rejection)
        assert meaning.code == Malformed.BAD_CHECK_DIGIT
