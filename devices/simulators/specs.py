"""Specifications of a simulated plant: counters, scanners, and the faults of their network.

Laws: a spec is pure data; equal specs, faults and seed make equal telegrams. A correct device and a correct gateway
survive all these faults without losing or doubling a piece, so that truth and ledger can be
compared: a counter's intermediate totals may be lost, a scan never is (its scanner repeats it).
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from devices.messages import check_place

Total = Literal["good", "gross", "scrap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterSpec:
    """One line counter."""

    plant: str
    line: str
    device: str
    rate_per_s: float = 1.0
    """Pieces, good and scrapped."""
    interval_s: float = 1.0
    """Between two telegrams."""
    totals: tuple[Total, ...] = ("good",)
    """The totals in its telegrams."""
    scrap_share: float = 0.0
    """Share of the pieces that is scrap; needs `scrap` among the totals."""
    scrap_reasons: tuple[str, ...] = ()
    """If given, telegrams split the scrap by reason."""
    initial: int = 0
    """Each total at the start of the simulation; these pieces are not part of the truth."""
    modulus: int | None = None
    """Totals restart at zero each time they reach it, without a new life."""
    boot: bool = True
    """Telegrams name the life of the totals; a counter that does not is never reset."""
    seq: bool = True
    ts: bool = True
    """A counter with neither `seq` nor `ts` gets its telegrams through in order, because their order cannot be told."""
    until_us: int | None = None
    """Its line stands from this time on: it goes on telling its totals, and makes nothing more."""

    def __post_init__(self) -> None:
        check_place(self.plant, self.line, self.device)
        if self.rate_per_s < 0 or self.interval_s <= 0:
            raise ValueError(f"{self.device}: expected rate_per_s >= 0 and interval_s > 0, got {self}")
        if not self.totals or not 0 <= self.scrap_share <= 1:
            raise ValueError(f"{self.device}: expected at least one total, and a share from 0 to 1, got {self}")
        if "scrap" not in self.totals and (self.scrap_share or self.scrap_reasons):
            raise ValueError(
                f"{self.device}: expected `scrap` among the totals of a counter of scrap, got {self.totals}"
            )
        if self.modulus is not None and self.modulus <= max(self.initial, 4 * self.rate_per_s * self.interval_s):
            raise ValueError(f"{self.device}: expected a modulus of more than 4 telegrams' pieces, got {self}")
        if self.modulus is not None and self.totals != ("good",):
            raise ValueError(f"{self.device}: expected a modulus with good pieces only, got {self.totals}")


@dataclass(frozen=True, slots=True)
class Code:
    """One code to scan, and its pieces."""

    text: str
    """`{n}` becomes the running number of the scan, for labels with a serial number."""
    pieces: int = 0
    """Good pieces that the scan posts; 0 for control codes."""
    scrap: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSpec:
    """One handheld or fixed scanner; it scans its codes in their order, again and again."""

    plant: str
    line: str
    device: str
    codes: tuple[Code, ...]
    rate_per_s: float = 0.2
    """Scans."""
    limit: int | None = None
    """The number of scans in all; None: as long as the simulation runs."""
    point: str | None = None
    operator: str | None = None
    repeat_after_s: float = 5.0
    """The wait for feedback before it sends the same scan again."""

    def __post_init__(self) -> None:
        check_place(self.plant, self.line, self.device)
        if not self.codes or self.rate_per_s <= 0 or self.repeat_after_s <= 0:
            raise ValueError(f"{self.device}: expected codes, rate_per_s > 0 and repeat_after_s > 0, got {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """Probabilities per telegram, and their reach."""

    duplicate: float = 0.0
    """It arrives twice, the second time possibly later."""
    lose: float = 0.0
    """It never arrives; counters only."""
    reorder: float = 0.0
    """It arrives after the next one or two of its device."""
    late: float = 0.0
    """It arrives up to `late_s` later."""
    late_s: float = 60.0
    reset: float = 0.0
    """The counter starts a new life at zero after it; its earlier pieces get through before."""
    skew_s: float = 0.0
    """Each device's clock is off by a constant, at most this much, in either direction."""


class Past(NamedTuple):
    """A time before the simulation, when the counters had no network: they tell it as soon as they have one."""

    since_us: int
    step_s: float
    """Between the times of two telegrams of a counter."""


class Telegram(NamedTuple):
    """One message of a device."""

    device: str
    kind: Literal["count", "scan"]
    payload: bytes
    spared: bool = False
    """The network must not disturb it: it heals the others."""
