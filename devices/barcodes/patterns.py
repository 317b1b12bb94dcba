"""Forms of a site's own labels: regular expressions whose named groups give the parts of the text their meaning.

    (?P<material>[A-Z0-9-]+);(?P<batch>[^;]*);(?P<quantity>[0-9]+)

RE2 runs them: its time grows only with the length of the text, so that no expression and no text stops the gateway.

Laws: the whole text has to fit; a text that fits two forms with different meanings is a `Rejection`; the content of a
group is judged as on any other label.
"""

from functools import lru_cache
from typing import Any, Final

from devices.barcodes.measures import Amount, parse_amount
from devices.barcodes.values import IDENTITY, Label, parse_gtin
from devices.errors import Malformed, Rejection

GROUPS: Final = ("material", "version", "gtin", "batch", "serial", "quantity", "unit", "order")
_PRODUCTS: Final = frozenset({"material", "gtin", "order"})
LONGEST_PATTERN: Final = 500
LONGEST_TEXT: Final = 200
_MEMORY: Final = 1 << 20


@lru_cache(maxsize=64)
def _compile(pattern: str) -> Any:  # noqa: ANN401 - the library has no types
    import re2  # noqa: PLC0415 - only sites with forms of their own need it

    options = re2.Options()
    options.max_mem = _MEMORY
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"expected a regular expression of RE2, got {pattern!a}: {error}") from error


def fault_of(pattern: str) -> str:
    """Describe the fault of a pattern; empty if there is none.

    >>> fault_of("(?P<material>[A-Z]+)"), fault_of("(?P<batch>.+)")
    ('', 'expected a group material, gtin or order, got batch')
    """
    if len(pattern) > LONGEST_PATTERN:
        return f"expected at most {LONGEST_PATTERN} characters, got {len(pattern)}"
    try:
        groups = _compile(pattern).groupindex
    except ValueError as error:
        return str(error)
    unknown = sorted(groups.keys() - set(GROUPS))
    if unknown:
        return f"expected the groups {', '.join(GROUPS)}, got {', '.join(unknown)}"
    if not groups.keys() & _PRODUCTS:
        return f"expected a group material, gtin or order, got {', '.join(sorted(groups)) or 'none'}"
    if "unit" in groups and "quantity" not in groups:
        return "expected a group quantity beside unit, got none"
    return ""


def fits_any(text: str, patterns: tuple[str, ...]) -> bool:
    """Return whether a text has one of the forms."""
    return len(text) <= LONGEST_TEXT and any(_compile(pattern).fullmatch(text) for pattern in patterns)


def parse_site(text: str, symbology: str | None, patterns: tuple[str, ...]) -> Label | Rejection:
    """Read a text that has one of the forms."""
    found = (_compile(pattern).fullmatch(text) for pattern in patterns)
    labels = {_label(match.groupdict(), text, symbology) for match in found if match}
    if len(labels) > 1:
        return Rejection(
            Malformed.CONTRADICTING_BARCODE, f"barcode: {text[:60]!a} fits two patterns of the site, which differ"
        )
    return labels.pop()


def _label(groups: dict[str, str | None], text: str, symbology: str | None) -> Label | Rejection:
    said = {name: value for name, value in groups.items() if value}
    if not said.keys() & _PRODUCTS:
        return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected a product in {text[:60]!a}, got none")
    if "unit" in said and "quantity" not in said:
        return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected a quantity beside {said['unit']!a}, got none")
    for name in ("batch", "serial"):
        if name in said and IDENTITY.fullmatch(said[name]) is None:
            expected = f"1 to 50 characters without blanks as {name}"
            return Rejection(Malformed.UNKNOWN_BARCODE, f"barcode: expected {expected}, got {said[name][:60]!a}")
    amounts: tuple[Amount, ...] = ()
    if "quantity" in said:
        amount = parse_amount(said["quantity"], said.get("unit", ""))
        if isinstance(amount, Rejection):
            return amount
        amounts = (amount,)
    gtin = parse_gtin(said["gtin"], has_amount=bool(amounts)) if "gtin" in said else None
    if isinstance(gtin, Rejection):
        return gtin
    return Label(
        text,
        symbology,
        gtin=gtin,
        serial=said.get("serial"),
        batch=said.get("batch"),
        items=(said["material"],) if "material" in said else (),
        version=said.get("version", ""),
        order=said.get("order", ""),
        amounts=amounts,
    )
