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

_MEASURES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "310": ("net weight", _KG),
    "311": ("length", _M),
    "312": ("width", _M),
    "313": ("depth", _M),
    "314": ("area", _M2),
    "315": ("net volume", _L),
    "316": ("net volume", _M3),
    "320": ("net weight", _LB),
    "321": ("length", _IN),
    "322": ("length", _FT),
    "323": ("length", _YD),
    "324": ("width", _IN),
    "325": ("width", _FT),
    "326": ("width", _YD),
    "327": ("depth", _IN),
    "328": ("depth", _FT),
    "329": ("depth", _YD),
    "330": ("gross weight", _KG),
    "331": ("gross length", _M),
    "332": ("gross width", _M),
    "333": ("gross depth", _M),
    "334": ("gross area", _M2),
    "335": ("gross volume", _L),
    "336": ("gross volume", _M3),
    "340": ("gross weight", _LB),
    "341": ("gross length", _IN),
    "342": ("gross length", _FT),
    "343": ("gross length", _YD),
    "344": ("gross width", _IN),
    "345": ("gross width", _FT),
    "346": ("gross width", _YD),
    "347": ("gross depth", _IN),
    "348": ("gross depth", _FT),
    "349": ("gross depth", _YD),
    "350": ("area", _IN2),
    "351": ("area", _FT2),
    "352": ("area", _YD2),
    "353": ("gross area", _IN2),
    "354": ("gross area", _FT2),
    "355": ("gross area", _YD2),
    "356": ("net weight", _TROY),
    "357": ("net weight", _OZ),
    "360": ("net volume", _QT),
    "361": ("net volume", _GAL),
    "362": ("gross volume", _QT),
    "363": ("gross volume", _GAL),
    "364": ("net volume", _IN3),
    "365": ("net volume", _FT3),
    "366": ("net volume", _YD3),
    "367": ("gross volume", _IN3),
    "368": ("gross volume", _FT3),
    "369": ("gross volume", _YD3),
}

IDENTIFIERS: Final = frozenset(_MEASURES)
"""All of them but 337n, a weight per area."""
