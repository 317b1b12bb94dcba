"""Measures on a label (GS1, 310n to 369n): those that are quantities, and their units.

Net weight, length, area and volume of the goods are quantities. Width and depth, and any measure of a logistic unit
with its packing (330n to 336n, 340n to 349n, ...), are measures as well, but not of the produced quantity.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple

from devices.errors import Malformed, Rejection


class Measure(NamedTuple):
    """A measure on a label."""

    identifier: str
    """The first three digits of its application identifier; the fourth is the decimal point."""
    value: Decimal

    @property
    def name(self) -> str:
        """The measured property, for people."""
        return _MEASURES[self.identifier][0]

    @property
    def units(self) -> tuple[str, ...]:
        """The names of its unit, in capitals: the plants' usual one, and that of UN/ECE recommendation 20."""
        return _MEASURES[self.identifier][1]

    @property
    def is_net(self) -> bool:
        """Whether it is a quantity of the goods."""
        return self.name in _NET

    def __str__(self) -> str:
        return f"{self.name} {self.value} {self.units[0]}"


class Amount(NamedTuple):
    """The quantity on a label that is not a GS1 label."""

    value: Decimal
    unit: str = ""
    """The unit on the label; empty: the unit of the item."""

    def __str__(self) -> str:
        return f"{self.value} {self.unit}".rstrip()


_AMOUNT: Final = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")


def parse_amount(text: str, unit: str = "") -> Amount | Rejection:
    """Read an amount above zero."""
    if _AMOUNT.fullmatch(text) is None or not text.strip("0."):
        expected = "a quantity above zero of at most 12 digits and 6 decimals"
        return Rejection(Malformed.OUT_OF_RANGE, f"barcode: expected {expected}, got {text[:40]!a}")
    return Amount(Decimal(text), unit)


_NET: Final = frozenset({"net weight", "length", "area", "net volume"})

_KG, _LB, _OZ, _TROY = ("KG", "KGM"), ("LB", "LBR"), ("OZ", "ONZ"), ("TOZ", "APZ")
_M, _IN, _FT, _YD = ("M", "MTR"), ("IN", "INH"), ("FT", "FOT"), ("YD", "YRD")
_M2, _IN2, _FT2, _YD2 = ("M2", "MTK"), ("IN2", "INK"), ("FT2", "FTK"), ("YD2", "YDK")
_L, _M3, _QT, _GAL = ("L", "LTR"), ("M3", "MTQ"), ("QT", "QTL"), ("GAL", "GLL")
_IN3, _FT3, _YD3 = ("IN3", "INQ"), ("FT3", "FTQ"), ("YD3", "YDQ")

_MEASURED: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "net weight": {"310": _KG, "320": _LB, "356": _TROY, "357": _OZ},
    "length": {"311": _M, "321": _IN, "322": _FT, "323": _YD},
    "width": {"312": _M, "324": _IN, "325": _FT, "326": _YD},
    "depth": {"313": _M, "327": _IN, "328": _FT, "329": _YD},
    "area": {"314": _M2, "350": _IN2, "351": _FT2, "352": _YD2},
    "net volume": {"315": _L, "316": _M3, "360": _QT, "361": _GAL, "364": _IN3, "365": _FT3, "366": _YD3},
    "gross weight": {"330": _KG, "340": _LB},
    "gross length": {"331": _M, "341": _IN, "342": _FT, "343": _YD},
    "gross width": {"332": _M, "344": _IN, "345": _FT, "346": _YD},
    "gross depth": {"333": _M, "347": _IN, "348": _FT, "349": _YD},
    "gross area": {"334": _M2, "353": _IN2, "354": _FT2, "355": _YD2},
    "gross volume": {"335": _L, "336": _M3, "362": _QT, "363": _GAL, "367": _IN3, "368": _FT3, "369": _YD3},
}
"""The measures, by their identifiers and units."""
_MEASURES: Final = {name: (what, units) for what, of in _MEASURED.items() for name, units in of.items()}

IDENTIFIERS: Final = frozenset(_MEASURES)
"""All of them but 337n, a weight per area."""
