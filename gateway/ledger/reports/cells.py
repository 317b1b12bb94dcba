"""Cells: values of a report as one line of inert text, for a terminal, a spreadsheet and a page.

No text, of any origin, can move a cursor, forge a line or become a formula.
"""

import re
from collections.abc import Mapping
from typing import Final

_FORMULA: Final = ("=", "+", "-", "@")
_NUMBER: Final = re.compile(r"[+-]?[0-9.]+")


def inert(text: str) -> str:
    r"""Spell out unprintable characters: control characters, escapes, marks that turn the reading direction.

    >>> inert("ok\x1b[2J\u202e")
    'ok\\x1b[2J\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(value: object) -> str:
    """Print a value of a report as one line of inert text.

    >>> cell({"": "1", "03": "5"}), cell(None), cell(True), cell(["a", "b"])
    ('03: 5, none: 1', '', 'yes', 'a, b')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            named = sorted(value.items(), key=lambda item: not item[0])
            return ", ".join(f"{cell(key) or 'none'}: {cell(inner)}" for key, inner in named)
        case list() | tuple():
            return ", ".join(cell(inner) for inner in value)
        case _:
            return inert(str(value))


def csv_cell(value: object) -> str:
    r"""Print a value so that no spreadsheet runs it as a formula.

    >>> csv_cell("-12.5"), csv_cell("=1+1"), csv_cell({"03": "5"}), csv_cell(None)
    ('-12.5', "'=1+1", '03: 5', '')
    """
    text = cell(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def money(amount: str, currency: str) -> str:
    """Print an amount with the decimals of its currency, or with more if it has more.

    >>> money("53.1", "EUR"), money("-954", "JPY"), money("0.125", "EUR"), money("", "EUR")
    ('53.10', '-954', '0.125', '')
    """
    from gateway.backflush.plant.explosion import money_step  # noqa: PLC0415 - the command line prints without it
    from gateway.backflush.values.quantities import MICRO  # noqa: PLC0415 - see above

    whole, _, fraction = amount.partition(".")
    fraction = fraction.ljust(len(str(MICRO // money_step(currency))) - 1, "0")
    return f"{whole}.{fraction}" if whole and fraction else whole
