"""Checks of bills of material: they must explode, and into the intended components."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from gateway.backflush.posting.names import no_unit
from gateway.masterdata import rows as r
from gateway.masterdata.checks.catalogue import Catalogue, group
from gateway.masterdata.tables import Finding


def cycles(known: Catalogue) -> Iterator[Finding]:
    """Name every cycle once, at the item that closes it.

    All alternatives and dates are taken together: two bills that only take turns at containing each other are refused
    as well, because the turn is one change of a date away.
    """
    graph: dict[r.Key, list[r.BomItemRow]] = {
        # A by-product is received, not consumed, so it closes no cycle.
        key: [item for item in items if item.quantity > 0]
        for key, items in group(known.tables.of(r.BomItemRow), lambda row: (row.plant, row.material)).items()
    }
    done: set[r.Key] = set()
    for root in graph:
        yield from _cycles_from(root, graph, done, known)


def _cycles_from(
    root: r.Key, graph: Mapping[r.Key, list[r.BomItemRow]], done: set[r.Key], known: Catalogue
) -> Iterator[Finding]:
    # Depth first with an explicit stack: a bill of material may be deeper than Python's stack.
    if root in done:
        return
    path: dict[r.Key, Iterator[r.BomItemRow]] = {root: iter(graph[root])}
    while path:
        node = next(reversed(path))
        item = next(path[node], None)
        if item is None:
            done.add(node)
            del path[node]
            continue
        child = (item.plant, item.component)
        if child in path:
            names = [material for _, material in path]
            cycle = " > ".join([*names[names.index(item.component) :], item.component])
            yield known.at(item, "component", f"the bill of material is cyclic: {cycle}")
        elif child in graph and child not in done:
            path[child] = iter(graph[child])


def empty_boms(known: Catalogue) -> Iterator[Finding]:
    """Warn of a bill of material that consumes nothing."""
    filled = {(*key, item.revision) for key, items in known.items.items() for item in items}
    for bom in known.tables.of(r.BomRow):
        if bom.key() not in filled:
            text = f"the bill of material of {bom.material} has no items"
            yield known.at(bom, "material", text, "warning")


def item_units(known: Catalogue) -> Iterator[Finding]:
    """Refuse a quantity in a unit that does not convert to the component's base unit."""
    for item in known.tables.of(r.BomItemRow):
        material = known.materials.get((item.plant, item.component))
        if material is not None and not known.converts(material, item.unit):
            yield known.at(item, "unit", no_conversion(material, item.unit))
    plants = {order.order: order.plant for order in known.tables.of(r.PlannedOrderRow)}
    for component in known.tables.of(r.OrderComponentRow):
        plant = plants.get(component.order)
        if plant is None:
            continue
        material = known.materials.get((plant, component.component))
        if material is None:
            yield known.at(component, "component", f"expected a known component, got {plant}/{component.component}")
        elif not known.converts(material, component.unit):
            yield known.at(component, "unit", no_conversion(material, component.unit))


def no_conversion(material: r.MaterialRow, unit: str) -> str:
    """Describe a unit that does not convert."""
    refused = no_unit(material, unit)
    return f"{refused.code} {refused.text}"


def overlapping_items(known: Catalogue) -> Iterator[Finding]:
    """Refuse two rows of one item with a common valid day."""
    for rows in group(known.tables.of(r.BomItemRow), lambda row: row.key()[:-1]).values():
        for before, after in pairwise(sorted(rows, key=lambda row: row.valid_from)):
            if after.valid_from <= before.valid_to:
                text = f"item {after.item} of {after.material} is valid until {before.valid_to} by another row already"
                yield known.at(after, "valid_from", text)


def phantoms(known: Catalogue) -> Iterator[Finding]:
    """Refuse a phantom without a bill of material: passed through, its consumption would vanish."""
    used = {(item.plant, item.component) for item in known.tables.of(r.BomItemRow)}
    assembled = {key[:2] for key in known.boms}
    for material in known.tables.of(r.MaterialRow):
        key = (material.plant, material.material)
        if material.phantom and key in used and key not in assembled:
            yield known.at(material, "phantom", f"phantom {material.material} has no bill of material to pass through")


RULES = (cycles, empty_boms, item_units, overlapping_items, phantoms)
