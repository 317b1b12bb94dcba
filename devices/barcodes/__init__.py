"""Barcodes: a scanned text is a label on goods, or a control code that instructs the gateway.

Laws: total for all texts; the same text has the same, single meaning. Scanners read the same labels again and again,
and parsing one costs more than the rest of a scan, so the meanings of the latest texts are remembered, in bounded
memory.
"""

import re
from functools import lru_cache
from typing import Final

from devices.barcodes.controls import PREFIX, VALUES, Control, Verb, control_code, parse_control
from devices.barcodes.measures import Measure
from devices.barcodes.normal import AIM_IDENTIFIER, normal_form
from devices.barcodes.values import Label
from devices.errors import Malformed, Rejection
from devices.messages import MAX_SCAN

__all__ = ["VALUES", "Control", "Label", "Measure", "Verb", "control_code", "normal_form", "parse_barcode"]

_REMEMBERED_LENGTH: Final = 200
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1c\x1e\x1f\x7f-\x9f\ud800-\udfff]")


def parse_barcode(text: str) -> Label | Control | Rejection:
    r"""Read the text of one scan, with or without AIM identifier.

    >>> label = parse_barcode("]C1010761234567890010LOT7\x1d3024")
    >>> label.gtin, label.batch, label.count
    ('07612345678900', 'LOT7', 24)
    >>> parse_barcode("BF:POINT:0020")
    Control(verb=<Verb.POINT: 'POINT'>, values=('0020',))
    >>> parse_barcode("4006381333932").code
    <Malformed.BAD_CHECK_DIGIT: 'BF1013'>
    """
    return _remembered(text) if len(text) <= _REMEMBERED_LENGTH else _parse(text)


def _parse(text: str) -> Label | Control | Rejection:
    if not text or text.isspace():
        return Rejection(Malformed.EMPTY, "barcode: expected a text, got nothing")
    if len(text) > MAX_SCAN:
        return Rejection(Malformed.OUT_OF_RANGE, f"barcode: expected at most {MAX_SCAN} characters, got {len(text)}")
    foreign = _CONTROL_CHARACTER.search(text)
    if foreign is not None:
        got = f"U+{ord(foreign.group()):04X}"
        return Rejection(Malformed.CONTROL_CHARACTER, f"barcode: expected no control characters but GS, got {got}")
    text = normal_form(text)
    symbology: str | None = None
    if text.startswith("]"):
        if AIM_IDENTIFIER.match(text) is None or len(text) == 3:
            got = ascii(text[:40])
            return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected data after an AIM identifier, got {got}")
        symbology, text = text[:3], text[3:]
    if text.startswith(PREFIX):
        return parse_control(text)
    # The tables of GS1 take 17 MB and a fifth of a second: a gateway without scanners need not load them.
    from devices.barcodes.labels import parse_label  # noqa: PLC0415 - see above

    return parse_label(text, symbology)


_remembered = lru_cache(maxsize=4096)(_parse)
