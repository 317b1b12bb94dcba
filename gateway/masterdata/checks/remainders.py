"""Checks of production for sales orders or by lot: each bears its own cost, and so keeps remainders of its own.

Its need of a component is rounded once, for it alone. If that is a fraction of a whole unit, many small orders take
nothing, though together they need some; this stays hidden until the next stock count.
"""

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import NamedTuple

from gateway.backflush.values.quantities import MICRO, format_quantity, proportion, step_of
from gateway.masterdata import rows as r
from gateway.masterdata.checks.catalogue import Catalogue, group
from gateway.masterdata.tables import Finding

_DEEP = 30
_HUNDRED = 100 * MICRO


class ComponentShare(NamedTuple):
    """The share of a piece in a component, in its base unit, and its item."""

    item: r.BomItemRow
    component: r.MaterialRow
    units: Fraction

    def of(self, quantity: int) -> int:
        """Return the quantity posted for a number of pieces, in millionths."""
        return proportion(quantity, *self.units.as_integer_ratio(), step_of(self.component.decimals))


def sales_orders(known: Catalogue) -> Iterator[Finding]:
    """Warn if sales orders differ by a whole unit from their common need, or one takes nothing."""
    for rows in group(known.tables.of(r.SalesOrderRow), lambda row: (row.plant, row.material)).values():
        for share in shares(known, rows[0].plant, rows[0].material):
            each = [share.of(row.quantity) for row in rows]
            needed = sum(row.quantity for row in rows)
            if abs(share.of(needed) - sum(each)) < MICRO and all(each):
                continue
            orders = f"{len(rows)} sales orders" if len(rows) > 1 else "a sales order"
            text = (
                f"{orders} of {rows[0].material}: {format_quantity(int(needed * share.units))} {share.component.unit}"
                f" of {share.item.component} are needed and {format_quantity(sum(each))} are posted,"
                " because each order keeps a remainder of its own"
            )
            yield known.at(share.item, "quantity", text, "warning")


def lots(known: Catalogue, made: Collection[tuple[str, str]] = ()) -> Iterator[Finding]:
    """Warn if a small lot, or a run's sales order without a quantity, takes nothing of a whole unit.

    `made` are the products made by lot, as (plant, material).
    """
    said = {(row.plant, row.material, row.order) for row in known.tables.of(r.SalesOrderRow)}
    unsaid = {
        (run.plant, run.material)
        for run in known.tables.of(r.RunRow)
        if run.sales_order and (run.plant, run.material, run.sales_order) not in said
    }
    for plant, material in sorted({*made, *unsaid}):
        for share in shares(known, plant, material):
            if 2 * share.units < 1 and not share.component.decimals:
                least = -(-share.units.denominator // (2 * share.units.numerator))
                text = (
                    f"each lot or sales order of {material} keeps a remainder of its own:"
                    f" one below {least} takes no {share.item.component}"
                )
                yield known.at(share.item, "quantity", text, "warning")


def shares(known: Catalogue, plant: str, material: str) -> Iterator[ComponentShare]:
    """Yield a piece's shares by the lists of its versions, once each; phantoms are passed through."""
    lists = {v.bom_alternative: v for v in known.versions.values() if (v.plant, v.material) == (plant, material)}
    for alternative, version in lists.items():
        profile = known.profile_of(version)
        scrap = profile is not None and profile.include_component_scrap
        yield from _of_list(known, (plant, material, alternative), Fraction(1), scrap=scrap, depth=0)


def _of_list(known: Catalogue, name: r.Key, factor: Fraction, *, scrap: bool, depth: int) -> Iterator[ComponentShare]:
    bases = {bom.revision: bom.base_quantity for bom in known.boms.get(name, ())}
    for item in known.items.get(name, ()) if depth < _DEEP else ():
        component = known.materials.get((item.plant, item.component))
        conversion = _conversion(known, component, item.unit) if component is not None else None
        if component is None or conversion is None or component.bulk or item.fixed_quantity or item.quantity <= 0:
            continue
        if item.issue_mode == "manual":
            continue  # manual issues are entered, not rounded
        units = factor * conversion * Fraction(item.quantity, bases.get(item.revision, MICRO))
        if scrap:
            units *= 1 + Fraction(item.component_scrap_percent or component.component_scrap_percent, _HUNDRED)
        if component.phantom:
            inner = sorted(key for key in known.boms if key[:2] == (item.plant, item.component))
            if inner:
                yield from _of_list(known, inner[0], units, scrap=scrap, depth=depth + 1)
        else:
            yield ComponentShare(item, component, units)


def _conversion(known: Catalogue, component: r.MaterialRow, unit: str) -> Fraction | None:
    if unit in ("", component.unit):
        return Fraction(1)
    row = known.units.get((component.material, unit))
    return Fraction(row.numerator, row.denominator) if row is not None else None


RULES = (sales_orders, lots)
