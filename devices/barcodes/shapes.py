"""Shapes: the form of a scanned text, by its AIM identifier and its beginning.

Laws: total for all texts; a text has one form. An AIM identifier precedes the look of a text, and the forms of a site
precede a text that only looks like a trade item number or element strings.
"""

import re
from typing import Final, NamedTuple

from devices.barcodes.controls import PREFIX, Verb
from devices.barcodes.envelopes import HEAD, normal_message
from devices.barcodes.normal import AIM_IDENTIFIER, GS, ITEM_LENGTHS, LINK, MESSAGES, normal_form, write_separators
from devices.barcodes.patterns import fits_any
from devices.barcodes.printed import PRINTED
from devices.barcodes.values import Form
from devices.errors import Malformed, Rejection
from devices.messages import ENDS, MAX_SCAN, control_character


class Dialect(NamedTuple):
    """The forms of texts that a site has besides the common ones."""

    patterns: tuple[str, ...] = ()
    """The site's own, as regular expressions (`patterns`)."""
    is_first: bool = False
    """Whether texts are read as before printed control codes, messages of ISO 15434 and forms of sites existed."""
    without: tuple[Verb, ...] = ()
    """Cards that are unknown."""
    believes_counts: bool = False
    """Whether a count is read with all of its digits though no separator came, as older journals were."""


class Shape(NamedTuple):
    """A text in its normal form, and the kind of its form."""

    form: Form
    symbology: str | None
    """The AIM identifier that the scanner sent."""
    data: str
    """The normal form without it."""
    is_separated: bool
    """Whether a separator came with it, also at an end, where it has no meaning."""


_PARTS: Final = frozenset(["]E1", "]E2", "]E3", "]e1", "]e2", "]e3"])
_LOOKS_LIKE_ELEMENTS = re.compile(r"00[0-9]{18}|0[12][0-9]{14}.")
_LOOKS_LIKE_ITEM = re.compile(r"[0-9]{8}|[0-9]{12,14}")
_OWN = ("BF", "bf", HEAD)


def shape_of(text: str, dialect: Dialect) -> Shape | Rejection:
    """Find the form of a text; a text that can have none is refused."""
    if not text or text.isspace():
        return Rejection(Malformed.EMPTY, "barcode: expected a text, got nothing")
    if len(text) > MAX_SCAN:
        return Rejection(Malformed.OUT_OF_RANGE, f"barcode: expected at most {MAX_SCAN} characters, got {len(text)}")
    text = text.strip(ENDS)
    identifier = AIM_IDENTIFIER.match(text)
    symbology = identifier.group() if identifier else None
    data = text[3:] if symbology else text
    is_message = data.startswith(HEAD) and not dialect.is_first
    if is_message:
        data = normal_message(data)
    # A message ends with RS and EOT; elsewhere they have no meaning.
    got = control_character(data, "" if is_message else None)
    if got is not None:
        return Rejection(Malformed.CONTROL_CHARACTER, f"barcode: expected no control characters but GS, got {got}")
    if not is_message:
        data = normal_form(text)[3 if symbology else 0 :]
    if not data or (symbology is None and data.startswith("]")):
        got = ascii(text[:40])
        return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected data after an AIM identifier, got {got}")
    return Shape(_form_of(data, symbology, dialect), symbology, data, GS in write_separators(text))


def _form_of(data: str, symbology: str | None, dialect: Dialect) -> Form:
    if data.startswith(_OWN) and not dialect.is_first:
        if PRINTED.fullmatch(data):
            return Form.PRINTED
        if data.startswith(HEAD):
            return Form.MESSAGE
    if data.startswith(PREFIX):
        return Form.CONTROL
    if symbology in _PARTS:
        return Form.PART
    if symbology in ITEM_LENGTHS:
        return Form.ITEM
    if LINK.match(data):
        return Form.LINK
    if symbology in MESSAGES:
        return Form.ELEMENTS
    if dialect.patterns and fits_any(data, dialect.patterns):
        return Form.SITE
    if symbology is None and (GS in data or _LOOKS_LIKE_ELEMENTS.match(data)):
        return Form.ELEMENTS
    return Form.ITEM if symbology is None and _LOOKS_LIKE_ITEM.fullmatch(data) else Form.PLAIN
