"""Versions: the production version that units belong to, decided for the event's time.

Anything but exactly one is a `Rejection`. The first of these decides: a version named by the message or label; the
line's run; the line's current planned order; the only usable version of this line. A named version that is locked,
expired or outside its lot range is refused, never replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason


@dataclass(frozen=True, slots=True)
class ProductionVersion:
    """The link between a bill of material and a rate routing for one line.

    Dates are ISO text; `valid_to` is the last valid day.
    """

    plant: str
    material: str
    version: str
    bom_alternative: str
    routing: str
    line: str
    valid_from: str = "0001-01-01"
    valid_to: str = "9999-12-31"
    lot_size_from: int = 0
    lot_size_to: int = 0
    """Millionths; 0 is no limit."""
    receiving_location: str = ""
    issue_location: str = ""
    locked: bool = False


class Run(NamedTuple):
    """The version that a line makes from `start` to `end`, microseconds UTC; an `end` of None is open."""

    plant: str
    line: str
    start: int
    end: int | None
    material: str
    version: str
    batch: str = ""
    sales_order: str = ""
    sales_order_item: str = ""
    revision: str = ""
    actor: str = ""
    """The person who began it."""
    stopped: int | None = None
    """The end that a person or a table has said; None: it ends when the next one begins."""


class Named(NamedTuple):
    """Product, batch and orders as a message, label or run names them; empty text is not given."""

    material: str = ""
    version: str = ""
    order: str = ""
    """A planned order."""


def run_at(runs: Sequence[Run], at: int) -> Run | None:
    """Return the run in force at a time; `runs` of one line, sorted by start. The latest start wins."""
    for run in reversed(runs):
        if run.start <= at:
            return run if run.end is None or at < run.end else None
    return None


def usable(version: ProductionVersion, date: str, lot: int | None) -> Rejection | None:
    """Return why a version may not be used on a production date, or None if it may."""
    where = f"{version.plant}/{version.material}/{version.version}"
    if version.locked:
        return Rejection(Reason.LOCKED_VERSION, f"version {where} is locked")
    if not version.valid_from <= date <= version.valid_to:
        return Rejection(
            Reason.EXPIRED_VERSION,
            f"version {where} is valid from {version.valid_from} to {version.valid_to}, not on {date}",
        )
    if lot is not None and (lot < version.lot_size_from or (version.lot_size_to and lot > version.lot_size_to)):
        return Rejection(
            Reason.LOT_SIZE,
            f"version {where} is for lots of {format_quantity(version.lot_size_from)} to "
            f"{format_quantity(version.lot_size_to)}, not {format_quantity(lot)}",
        )
    return None


def resolve(
    candidates: Sequence[ProductionVersion], named: Named, date: str, lot: int | None, where: str
) -> ProductionVersion | Rejection:
    """Choose the usable version among those of a line (or of a named material), or return why there is none.

    `named` restricts the `candidates` of the place. A single named candidate reports its own defect.
    """
    matching = [
        v
        for v in candidates
        if (not named.material or v.material == named.material) and (not named.version or v.version == named.version)
    ]
    wanted = "/".join(filter(None, (named.material, named.version)))
    if not matching:
        code = Reason.UNKNOWN_VERSION if named.version else Reason.NO_VERSION
        return Rejection(code, f"{where} has no production version{f' of {wanted}' if wanted else ''}")
    defects = [usable(v, date, lot) for v in matching]
    good = [v for v, defect in zip(matching, defects, strict=True) if defect is None]
    if len(good) == 1:
        return good[0]
    if not good:
        return next(defect for defect in defects if defect is not None)
    names = ", ".join(f"{v.material}/{v.version}" for v in good[:5])
    lacking = "material" if named.version else "version"
    return Rejection(
        Reason.AMBIGUOUS_VERSION, f"{where} may make {names} on {date}: begin a run, or name the {lacking}"
    )
