"""The content of a label, as a value. It is separate from the parser, which loads the tables of GS1."""

from dataclasses import dataclass
from datetime import date

from devices.barcodes.measures import Measure


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
    serial: str | None = None
    batch: str | None = None
    count: int | None = None
    """Pieces of the label (30 or 37)."""
    measures: tuple[Measure, ...] = ()
    """In order; for goods of variable measure they are the quantity."""
    expires: date | None = None
    is_plain: bool = False
    """No GS1 code: only the plant's list of aliases gives the text a meaning."""
