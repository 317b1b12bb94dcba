"""Exact quantities: integers that count millionths.

A quantity, an amount of money, or hours of an activity is an `int` of millionths (`MICRO`) of its unit: exact, fast,
and the very integer that the ledger's BIGINT holds. Decimal text exists only at the doors. There are no floats.

Laws: ``parse(format_quantity(q)) == q``; ``proportion(a, ..) + (proportion(b, ..) - proportion(a, ..)) ==
proportion(b, ..)``, which is why differences of cumulated quantities never lose a remainder.
"""

import re
from collections import Counter
from collections.abc import Mapping

MICRO = 1_000_000
LIMIT = 10**18
"""No quantity may reach this: it keeps sums inside a signed 64-bit integer."""
LIMIT_AT_ONCE = 10**15
"""The limit of one message: a thousand million pieces are a reporting error."""

_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"([+-]?)(\d{1,12})(?:\.(\d{1,6}))?", re.ASCII)
READABLE = "with up to 12 digits and 6 decimals"
"""The form that `parse_quantity` reads, for the text of a refusal."""


def parse_quantity(text: str) -> int | None:
    """Read a plain decimal number with up to 12 digits and 6 decimals as millionths; None for any other text.

    >>> parse_quantity("0.3333"), parse_quantity("-2"), parse_quantity("1e3"), parse_quantity("1.1234567")
    (333300, -2000000, None, None)
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, whole, decimals = match.groups()
    value = int(whole) * MICRO + int((decimals or "").ljust(6, "0"))
    return -value if sign == "-" else value


def parse_whole(text: str) -> int | None:
    """Read a whole number of at most 18 digits (documents, totals, counts); None for any other text.

    >>> parse_whole("0000004712"), parse_whole("-1"), parse_whole("\u0663"), parse_whole("9" * 5_000)
    (4712, None, None, None)
    """
    return int(text) if _WHOLE.fullmatch(text) else None


def format_quantity(value: int) -> str:
    """Print millionths as the shortest exact decimal text.

    >>> format_quantity(333300), format_quantity(-2000000), format_quantity(10)
    ('0.3333', '-2', '0.00001')
    """
    whole, rest = divmod(abs(value), MICRO)
    sign = "-" if value < 0 else ""
    return f"{sign}{whole}.{rest:06d}".rstrip("0") if rest else f"{sign}{whole}"


def number_of(number: int, noun: str) -> str:
    """Return a number with its noun, singular or plural; the noun may be given in either.

    >>> number_of(1, "entry"), number_of(2, "entry"), number_of(0, "batch"), number_of(3, "document")
    ('1 entry', '2 entries', '0 batches', '3 documents')
    >>> number_of(1, "worklist rows"), number_of(2, "quarantine entries")
    ('1 worklist row', '2 quarantine entries')
    """
    noun = f"{noun[:-3]}y" if noun.endswith("ies") else noun.removesuffix("s")
    if number == 1:
        return f"1 {noun}"
    return (
        f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}{'es' if noun.endswith('ch') else 's'}"
    )


def count_endings(results: Mapping[str, str], noun: str) -> str:
    """Count results by their first word or two: the rest differs for each.

    >>> count_endings({"1": "replayed", "2": "still refused: a jump", "3": "replayed"}, "entry")
    '3 entries: 2 replayed, 1 still refused'
    """
    ends = Counter("closed" if end.startswith("closed ") else end.partition(":")[0] for end in results.values())
    return f"{number_of(len(results), noun)}: {', '.join(f'{count} {end}' for end, count in sorted(ends.items()))}"


def agree(quantity: int, verb: str) -> str:
    """Return a verb in the number of a quantity, given in the singular.

    >>> agree(MICRO, "is"), agree(5 * MICRO, "is"), agree(500_000, "waits")
    ('is', 'are', 'wait')
    """
    if quantity == MICRO:
        return verb
    return {"is": "are", "was": "were", "has": "have"}.get(verb, verb.removesuffix("s"))


def proportion(units: int, numerator: int, denominator: int, step: int) -> int:
    """Return units x numerator / denominator, rounded half up to a multiple of `step` millionths; `units` >= 0.

    >>> proportion(10_000 * MICRO, 333_300, MICRO, 1_000)   # 10,000 pieces at 0.3333 kg, in grams
    3333000000
    """
    divisor = denominator * step
    return (2 * units * numerator + divisor) // (2 * divisor) * step


def step_of(decimals: int) -> int:
    """Return the smallest step of a unit with this many decimals, in millionths."""
    return int(10 ** (6 - decimals))
