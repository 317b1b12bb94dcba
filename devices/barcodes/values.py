"""The content of a label, as a value. It is separate from the parser, which loads the tables of GS1."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from devices.barcodes.measures import Amount, Measure
from devices.errors import Malformed, Rejection

IDENTITY: Final = re.compile(r"[!-~]{1,50}")
"""The form of a batch or serial number outside GS1, which has a form of its own."""


class Form(StrEnum):
    """The form of a text; its words are for people."""

    PRINTED = "a printed control code: BF and digits"
    CONTROL = "a control code in letters"
    MESSAGE = "a message of ISO 15434"
    PART = "one part of a composite or an add-on"
    ITEM = "a trade item number"
    LINK = "a GS1 digital link"
    ELEMENTS = "GS1 element strings"
    SITE = "a form of the site, by a pattern of the configuration"
    PLAIN = "plain text, which aliases and material numbers explain"


@dataclass(frozen=True, slots=True)
class Label:
    """The content of one label; for a plain code only `text`, which the gateway looks up as an alias."""

    text: str
    """The data in its normal form, without AIM identifier."""
    symbology: str | None = None
    """The AIM identifier that the scanner sent."""
    gtin: str | None = None
    """14 digits; of the trade item (01), or of the trade items that a logistic unit contains (02)."""
    sscc: str | None = None
    """The number of a logistic unit: an SSCC, or with its data identifier a licence plate (ISO/IEC 15459)."""
    serial: str | None = None
    batch: str | None = None
    count: int | None = None
    """Pieces of the label (30 or 37)."""
    measures: tuple[Measure, ...] = ()
    """In order; for goods of variable measure they are the quantity."""
    expires: date | None = None
    items: tuple[str, ...] = ()
    """Numbers of the item that are no GTIN: materials or aliases, which have to stand for the same."""
    version: str = ""
    order: str = ""
    """The planned order that alone is reduced."""
    amounts: tuple[Amount, ...] = ()
    is_plain: bool = False
    """No GS1 code: only the plant's list of aliases gives the text a meaning."""

    @property
    def is_pallet(self) -> bool:
        """Whether it names a logistic unit without its content."""
        return self.sscc is not None and self.gtin is None and not self.items


_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")


VARIABLE_MEASURE: Final = "9"
"""The indicator, the first of the 14 digits, of goods that are sold by measure: the number alone is no quantity."""


def parse_gtin(text: str, *, has_amount: bool) -> str | Rejection:
    """Return a trade item number, of 8, 12, 13 or 14 digits, as 14 digits; of variable measure only with an amount."""
    # The tables of GS1 take 17 MB and a fifth of a second: a gateway without scanners does without them.
    from biip import ParseError  # noqa: PLC0415 - see above
    from biip.gtin import Gtin  # noqa: PLC0415 - see above

    if _GTIN.fullmatch(text) is None:
        expected = "a trade item number, of 8, 12, 13 or 14 digits"
        return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected {expected}, got {text[:40]!a}")
    try:
        gtin = Gtin.parse(text).as_gtin_14()
    except ParseError:
        return Rejection(Malformed.BAD_CHECK_DIGIT, f"barcode: the check digit of {text} is wrong")
    if gtin.startswith(VARIABLE_MEASURE) and not has_amount:
        expected = f"a quantity beside {gtin}, which is of variable measure"
        return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected {expected}, got none")
    return gtin
