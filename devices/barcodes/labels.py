"""Decides what a label of GS1 says: element strings, a trade item number, or a digital link.

biip knows the application identifiers and their formats (GS1 General Specifications, section 3).

Laws: nothing is guessed. A wrong check digit, an unknown identifier, a repeated identifier (two labels in one scan, or
one label scanned twice), two trade items, two counts, characters after a field that a separator should have ended, an
empty field, a missing end, a trade item of variable measure without its measure, and a value that ends in a visible
separator and whole further elements (`10LOT7_3024`) are each a `Rejection`. So is a count that may be a shorter one
and whole further elements (`374` and `1001`), unless a separator came with the label: scanners and keyboards lose them.
A missing separator within a batch or serial number cannot be detected: `10LOT73024` is a batch named LOT73024.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from typing import Final
from urllib.parse import parse_qsl

from biip import ParseError
from biip.gs1_application_identifiers import GS1ApplicationIdentifier
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from biip.gs1_element_strings import GS1ElementString
from biip.gtin import Gtin
from biip.upc import Upc

from devices.barcodes.measures import IDENTIFIERS, Measure
from devices.barcodes.normal import GS, ITEM_LENGTHS
from devices.barcodes.values import VARIABLE_MEASURE, Form, Label
from devices.errors import Malformed, Rejection

_SECOND_IDENTIFIER = re.compile(r"\][A-Za-z][0-9A-Za-z](?=.)")
# Only the beginning of most labels: cut off before reading, so that its meaning is remembered separately.
_CUT: Final = {"00": 20, "01": 16, "02": 16}
_LONGEST_ELEMENT: Final = 100
_TEXTS: Final = frozenset(["10", "21"])
"""Identifiers of a batch and a serial number: without further form, and different on each label."""
_COUNTS: Final = frozenset(["30", "37"])
_OF_ONE_ITEM: Final = frozenset(["21", "22", "235", "250", "251"])
"""Identifiers that stand beside a trade item (01) alone (GS1 General Specifications, section 4.14)."""
_NO_SEPARATOR: Final = (("separator", "missing"),)
_VISIBLE_SEPARATOR = re.compile(r"[_!?*;,=&'\"]|[<(][^<>()]{1,10}[>)]|%[0-9A-Fa-f]{2}")
"""Stand-ins for a separator that a scanner, a keyboard or a printer could not produce."""


def parse_label(form: Form, text: str, symbology: str | None, *, is_separated: bool) -> Label | Rejection:
    """Read a text of one of the forms of GS1, in its normal form and without its AIM identifier.

    is_separated: separators came with it, also those that its normal form has no longer.
    """
    match form:
        case Form.LINK:
            return _link(text, symbology)
        case Form.ITEM:
            return _item(text, symbology)
        case _:
            elements = text if symbology else text.removeprefix(GS)
            return parse_elements(elements, symbology, is_separated=is_separated)


def _item(text: str, symbology: str | None) -> Label | Rejection:
    """Read a trade item number; 8 digits without AIM identifier may be an EAN-8 or a UPC-E."""
    length = ITEM_LENGTHS.get(symbology or "", len(text))
    if not (text.isascii() and text.isdigit()) or len(text) != length:
        if _SECOND_IDENTIFIER.search(text):
            return _two_in_one(text)
        return _unknown(f"expected {length} digits after {symbology}, got {text[:40]!a}")
    meanings: set[str] = set()
    for read in (Gtin.parse, Upc.parse) if symbology is None and length == 8 else (Gtin.parse,):
        with suppress(ParseError):
            meanings.add(read(text).as_gtin_14())
    if not meanings:
        return _bad_number(text)
    if len(meanings) > 1:
        either = " or ".join(sorted(meanings))
        return Rejection(Malformed.CONTRADICTING_BARCODE, f"barcode: expected one trade item, got {text}, {either}")
    gtin = meanings.pop()
    return _without_measure(gtin) if gtin.startswith(VARIABLE_MEASURE) else Label(text, symbology, gtin=gtin)


def _link(text: str, symbology: str | None) -> Label | Rejection:
    """Read a GS1 Digital Link, a web address with identifiers in its path."""
    asked = [name for name, value in parse_qsl(text.partition("?")[2], keep_blank_values=True) if name.isdecimal()]
    if len(set(asked)) < len(asked):
        return Rejection(Malformed.CONTRADICTING_BARCODE, f"barcode: expected each identifier once, got {text[:60]!a}")
    try:
        elements = GS1DigitalLinkURI.parse(text).element_strings
    except (ParseError, ValueError):
        return _unknown(
            f"expected a GS1 digital link, a web address with identifiers and their values, got {text[:60]!a}"
        )
    return _label(elements, text, symbology)


def parse_elements(text: str, symbology: str | None, *, is_separated: bool) -> Label | Rejection:
    """Read element strings that GS separates."""
    if not text or text.endswith(GS) or GS + GS in text or text.startswith(GS):
        return _unknown("expected a field between the separators, got none: half a scan?")
    if not text.isascii():
        return _unknown(f"expected the characters of GS1, got {text[:40]!a}")
    elements: list[GS1ElementString] = []
    for field in text.split(GS):
        found = _elements(field, _find_hidden)
        if isinstance(found, Rejection):
            return _two_in_one(text) if _SECOND_IDENTIFIER.search(text) else found
        elements += found
    other = "" if is_separated else _read_count_otherwise(elements)
    if other:
        last = elements[-1]
        expected = f"a separator in a label with the count ({last.ai.ai}) {last.value}, which may be {other} as well"
        return _unknown(f"expected {expected}, got none", _NO_SEPARATOR)
    return _label(elements, text, symbology)


def _read_count_otherwise(elements: Sequence[GS1ElementString]) -> str:
    """Read a count at the end as a shorter one and further elements; empty if none of that would be a label."""
    *before, last = elements
    if last.ai.ai not in _COUNTS:
        return ""
    for cut in range(1, len(last.value)):
        count, rest = last.value[:cut], last.value[cut:]
        found = _elements(rest, _nothing_in)
        if isinstance(found, Rejection):
            continue
        names = {element.ai.ai for element in (*before, *found)}
        shorter = GS1ElementString(last.ai, count, [count])
        fits = "01" in names or _OF_ONE_ITEM.isdisjoint(names)
        if fits and isinstance(_label((*before, shorter, *found), rest, None), Label):
            return " and ".join((count, *(f"({element.ai.ai}) {element.value}" for element in found)))
    return ""


def _elements(field: str, hidden_in: Callable[[str], str]) -> list[GS1ElementString] | Rejection:
    """Read the elements between two separators: only the last may have a variable length."""
    elements: list[GS1ElementString] = []
    rest = field
    while rest:
        element = _element(rest[: _CUT.get(rest[:2], _LONGEST_ELEMENT)])
        if isinstance(element, Rejection):
            return element
        if not element.value:
            return _unknown(f"expected a value after ({element.ai.ai}), got none: half a scan?")
        rest = rest[len(element.ai.ai) + len(element.value) :]
        if element.ai.separator_required:
            hidden = hidden_in(element.value)
            if rest or hidden:
                name = f"({element.ai.ai}) {element.value!a}"
                odd = f"{hidden!a} in place of it" if hidden else ascii(rest[:20])
                return _unknown(f"expected a separator after {name}, got {odd}", _NO_SEPARATOR)
        elements.append(element)
    return elements


def _find_hidden(value: str) -> str:
    """Return the end of a value that is a visible separator and whole further elements; empty if there is none."""
    for separator in _VISIBLE_SEPARATOR.finditer(value):
        rest = value[separator.end() :]
        if rest and not isinstance(_elements(rest, _nothing_in), Rejection):
            return value[separator.start() :]
    return ""


def _nothing_in(_: str) -> str:
    """Look for no further separators: only whole elements follow the last of several."""
    return ""


def _element(text: str) -> GS1ElementString | Rejection:
    """Read the first element of a text: like biip, but in a fifth of its time."""
    form = _form_of(text[:2]) if text[:2] in _TEXTS else None
    found = form[1].match(text) if form is not None else None
    if form is None or found is None:
        return _extract(text)
    return GS1ElementString(form[0], found[1], [found[1]])


@cache
def _form_of(identifier: str) -> tuple[GS1ApplicationIdentifier, re.Pattern[str]]:
    known = GS1ApplicationIdentifier.extract(identifier)
    return known, re.compile(known.pattern.removesuffix("$"))


@lru_cache(maxsize=4096)
def _extract(text: str) -> GS1ElementString | Rejection:
    try:
        return GS1ElementString.extract(text)
    except (ParseError, ValueError):
        return _unknown(f"expected a GS1 element, got {text[:40]!a}: {_why_none(text)}")


def _why_none(text: str) -> str:
    """Explain in our own words why a text does not begin with an element."""
    if text.startswith("("):
        return "brackets are printed for people"
    try:
        identifier = GS1ApplicationIdentifier.extract(text)
    except ParseError:
        return "no application identifier starts like this"
    forms = re.findall(r"([NX])(\.\.)?(\d+)", identifier.format.partition("+")[2])
    takes = (f"{'up to ' if up_to else ''}{n} {'digits' if kind == 'N' else 'characters'}" for kind, up_to, n in forms)
    return f"no value of ({identifier.ai}), {identifier.description}, which is {' and '.join(takes)}"


def _label(elements: Iterable[GS1ElementString], text: str, symbology: str | None) -> Label | Rejection:
    by_identifier: dict[str, GS1ElementString] = {}
    for element in elements:
        if element.gtin_error or element.sscc_error or element.gln_error:
            return _bad_number(f"({element.ai.ai}) {element.value}")
        # 3100 to 3105 are one identifier, whose last digit is the position of the decimal point.
        name = element.ai.ai[:3] if element.decimal is not None else element.ai.ai
        if name in by_identifier:
            return Rejection(
                Malformed.CONTRADICTING_BARCODE, f"barcode: expected each identifier once, got ({name}) twice"
            )
        by_identifier[name] = element
    for first, second in (("01", "02"), ("30", "37")):
        if first in by_identifier and second in by_identifier:
            both = f"({first}) and ({second})"
            return Rejection(Malformed.CONTRADICTING_BARCODE, f"barcode: expected one of {both}, got both")
    item = by_identifier.get("01", by_identifier.get("02"))
    pieces = by_identifier.get("30", by_identifier.get("37"))
    if pieces is not None and item is None:
        return _unknown(
            f"expected a trade item, (01) or (02), beside the count ({pieces.ai.ai}), got none: half a scan?"
        )
    if "02" in by_identifier and pieces is None:
        return _unknown("expected a count (37) beside the contained trade items (02), got none: half a scan?")
    if pieces is not None and int(pieces.value) == 0:
        return Rejection(Malformed.OUT_OF_RANGE, f"barcode: expected a count of at least 1, got 0 in ({pieces.ai.ai})")
    gtin = item.value.zfill(14) if item is not None and item.gtin is not None else None
    measures = tuple(
        Measure(name, element.decimal)
        for name, element in by_identifier.items()
        if name in IDENTIFIERS and element.decimal is not None
    )
    is_measured = "30" in by_identifier or any(measure.is_net for measure in measures)
    if gtin is not None and gtin.startswith(VARIABLE_MEASURE) and not is_measured:
        return _without_measure(gtin)
    expiry = by_identifier.get("17")
    return Label(
        text,
        symbology,
        gtin=gtin,
        sscc=_value(by_identifier, "00"),
        serial=_value(by_identifier, "21"),
        batch=_value(by_identifier, "10"),
        count=int(pieces.value) if pieces is not None else None,
        measures=measures,
        expires=expiry.date if expiry is not None else None,
    )


def _without_measure(gtin: str) -> Rejection:
    return _unknown(f"expected a measure such as (310n) beside {gtin}, which is of variable measure, got none")


def _value(by_identifier: dict[str, GS1ElementString], name: str) -> str | None:
    element = by_identifier.get(name)
    return element.value if element is not None else None


def _two_in_one(text: str) -> Rejection:
    return Rejection(Malformed.CONTRADICTING_BARCODE, f"barcode: expected one scan, got two in {text[:60]!a}")


def _bad_number(got: str) -> Rejection:
    return Rejection(Malformed.BAD_CHECK_DIGIT, f"barcode: the check digit of {got} is wrong")


def _unknown(text: str, about: tuple[tuple[str, str], ...] = ()) -> Rejection:
    return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: {text}", about)
