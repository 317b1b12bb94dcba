"""Symbols: QR codes and Code 128 as black rectangles, in modules.

Code 128 begins in its set B and writes digits in C, two a symbol (ISO/IEC 15417); GS is FNC1, as in labels of GS1.
segno draws QR codes.
"""

import re
from itertools import groupby
from typing import Final, NamedTuple

import segno

_BARS: Final = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
"""Widths of the bars and gaps of each symbol, six digits a symbol."""
_START_B: Final = 104
_CODE_B: Final = 100
_CODE_C: Final = 99
_FNC1: Final = 102
_GS: Final = "\x1d"
_PARTS: Final = re.compile(r"(?:[0-9]{2}){2,}|[ -~\x1d]")
_STOP: Final = "2331112"


class Symbol(NamedTuple):
    """A symbol without its quiet zone; Code 128 is one row, as high as its sheet makes it."""

    columns: int
    rows: int
    quiet: int
    """The white modules around it; above and below Code 128 none."""
    runs: tuple[tuple[int, int, int], ...]
    """Column, row and length of each black run."""


def qr_code(text: str) -> Symbol:
    """Return a text as a QR code that stays readable with a seventh of it lost."""
    matrix = segno.make(text, micro=False, error="m", boost_error=False).matrix
    runs = (run for row, modules in enumerate(matrix) for run in _runs(row, "".join(str(int(m)) for m in modules)))
    return Symbol(len(matrix[0]), len(matrix), 4, tuple(runs))


def code_128(text: str) -> Symbol | None:
    """Return a text as Code 128; None: it has characters beyond ASCII."""
    values: list[int] = []
    parts = _PARTS.findall(text)
    if "".join(parts) != text:
        return None
    are_pairs = False
    for part in parts:
        if part == _GS:
            values.append(_FNC1)
            continue
        if (len(part) > 1) != are_pairs:
            are_pairs = not are_pairs
            values.append(_CODE_C if are_pairs else _CODE_B)
        values += [int(part[at : at + 2]) for at in range(0, len(part), 2)] if are_pairs else [ord(part) - ord(" ")]
    check = (_START_B + sum(place * value for place, value in enumerate(values, 1))) % 103
    widths = "".join(_BARS[value * 6 : value * 6 + 6] for value in (_START_B, *values, check)) + _STOP
    bars = "".join("10"[at % 2] * int(width) for at, width in enumerate(widths))
    return Symbol(len(bars), 1, 10, tuple(_runs(0, bars)))


def _runs(row: int, modules: str) -> list[tuple[int, int, int]]:
    runs, column = [], 0
    for is_black, group in groupby(modules, "1".__eq__):
        length = len(list(group))
        if is_black:
            runs.append((column, row, length))
        column += length
    return runs
