"""Barcodes: a scanned text is a label on goods, or a control code that instructs the gateway.

Laws: total for all texts; the same text has the same, single meaning. Scanners read the same labels again and again,
and parsing one costs more than the rest of a scan, so the meanings of the latest texts are remembered, in bounded
memory.
"""

from functools import lru_cache
from typing import Final

from devices.barcodes.controls import LATE_CARDS, VALUES, Control, Verb, control_code, parse_control
from devices.barcodes.envelopes import parse_message
from devices.barcodes.measures import Amount, Measure
from devices.barcodes.normal import GS, normal_form
from devices.barcodes.patterns import parse_site
from devices.barcodes.printed import PART, parse_printed, print_code
from devices.barcodes.shapes import Dialect, shape_of
from devices.barcodes.values import Form, Label
from devices.errors import Malformed, Rejection

__all__ = [
    "LATE_CARDS",
    "PART",
    "VALUES",
    "Amount",
    "Control",
    "Dialect",
    "Label",
    "Measure",
    "Verb",
    "control_code",
    "normal_form",
    "parse_alias",
    "parse_barcode",
    "print_code",
]

_REMEMBERED_LENGTH: Final = 200
_EVERYWHERE: Final = Dialect()


def parse_barcode(text: str, dialect: Dialect = _EVERYWHERE) -> Label | Control | Rejection:
    r"""Read the text of one scan, with or without AIM identifier, as the scanners of a site do.

    >>> label = parse_barcode("]C1010761234567890010LOT7\x1d3024")
    >>> label.gtin, label.batch, label.count
    ('07612345678900', 'LOT7', 24)
    >>> parse_barcode("BF:POINT:0020")
    Control(verb=<Verb.POINT: 'POINT'>, values=('0020',))
    >>> parse_barcode("4006381333932").code
    <Malformed.BAD_CHECK_DIGIT: 'BF1013'>
    """
    return _remembered(text, dialect) if len(text) <= _REMEMBERED_LENGTH else _parse(text, dialect)


def parse_alias(kind: str, value: str) -> Label | Control | Rejection | None:
    """Read the control that a text of the site's own stands for; None where it stands for goods."""
    match kind:
        case "control":
            return parse_barcode(value)
        case "point":
            return Control(Verb.POINT, (value,))
        case "operator":
            return Control(Verb.OPERATOR, (value,))
        case _:
            return None


def _parse(text: str, dialect: Dialect) -> Label | Control | Rejection:
    shape = shape_of(text, dialect)
    if isinstance(shape, Rejection):
        return shape
    form, symbology, data, is_separated = shape
    match form:
        case Form.ELEMENTS | Form.ITEM | Form.LINK:
            # The tables of GS1 take 17 MB and a fifth of a second: a gateway without scanners need not load them.
            from devices.barcodes.labels import parse_label  # noqa: PLC0415 - see above

            return parse_label(form, data, symbology, is_separated=is_separated or dialect.believes_counts)
        case Form.PLAIN if GS in data:
            return _unknown(f"expected no GS in a plain {symbology} code, got one")
        case Form.PLAIN:
            return Label(data, symbology, is_plain=True)
        case Form.CONTROL | Form.PRINTED:
            control = parse_control(data) if form is Form.CONTROL else parse_printed(data)
            if isinstance(control, Control) and control.verb in dialect.without:
                return _unknown(f"expected a known card, got {control.verb}")
            return control
        case Form.MESSAGE:
            return parse_message(data, symbology)
        case Form.SITE:
            return parse_site(data, symbology, dialect.patterns)
        case Form.PART:
            return _unknown(f"expected a whole barcode, got {form} ({symbology})")


def _unknown(text: str) -> Rejection:
    return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: {text}")


_remembered = lru_cache(maxsize=4096)(_parse)
