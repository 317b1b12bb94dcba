r"""The normal form of a scanned text, independent of scanner, keyboard wedge or printer.

Three differences have no meaning: separators at the ends of element strings (the FNC1 with which they begin),
separators that were written out (`<GS>`, `{GS}`, `(GS)`, `%1D`, `\x1d`, ...), and the case of a digital
link's scheme and host and a slash at its end. A plain code stays as it is: only the plant knows it.

A single character in place of the separator (`_`, `|`, `~`, ...) may belong to a batch, and is not replaced.
`labels` refuses it if it would hide a whole element.

Laws: a normal form is its own normal form; without an AIM identifier an element string with separators begins with one,
which distinguishes it from a plain code.
"""

import re
from typing import Final

GS: Final = "\x1d"
AIM_IDENTIFIER: Final = re.compile(r"\][A-Za-z][0-9A-Za-z]")
LINK: Final = re.compile(r"https?://[^/?#]+/(?:[^?#]*/)?0[01]/[0-9]+", re.IGNORECASE | re.ASCII)
MESSAGES: Final = frozenset({"]C1", "]e0", "]d2", "]Q3", "]J1"})
"""The AIM identifiers of element strings (GS1 General Specifications, section 5.1.2)."""
ITEM_LENGTHS: Final = {"]E0": 13, "]E4": 8, "]I1": 14}
"""AIM identifiers of trade item numbers, and how many digits follow."""

WRITTEN_OUT: Final = re.compile(
    r"[<{(\[](?:GS|FNC1|0?x1D|1D)[>})\]]|%1D|\\x1D|\\u001D|\\u\{1D\}|&#29;|&#x1D;|\u241d|\u2194|\^\]", re.IGNORECASE
)
_BEGINS_ONE = re.compile(r"[<{(\[%\\&^\u241d\u2194]")
"""The first characters of each: most texts have none of them."""


def normal_form(text: str) -> str:
    r"""Return the normal form of a text.

    >>> normal_form("]C101076123456789003024<GS>10LOT7{GS}")
    ']C101076123456789003024\x1d10LOT7'
    >>> normal_form("HTTPS://ID.GS1.ORG/01/07612345678900/")
    'https://id.gs1.org/01/07612345678900'
    """
    identifier = AIM_IDENTIFIER.match(text)
    symbology = identifier.group() if identifier else ""
    data = text[len(symbology) :]
    if LINK.match(data):
        return symbology + _link(data)
    if symbology and symbology not in MESSAGES:
        return text
    data = write_separators(data)
    if GS not in data:
        return symbology + data
    return (symbology or GS) + data.strip(GS)


def write_separators(text: str) -> str:
    """Return a text with the separators that were written out in it; a web address as it is."""
    return WRITTEN_OUT.sub(GS, text) if _BEGINS_ONE.search(text) and "://" not in text else text


def _link(text: str) -> str:
    """Lower scheme and host, and remove slashes at the end of the path."""
    scheme, _, rest = text.partition("://")
    end = min((place for mark in "?#" if (place := rest.find(mark)) >= 0), default=len(rest))
    host, slash, path = rest[:end].partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path.rstrip('/')}{rest[end:]}"
