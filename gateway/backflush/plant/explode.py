"""Make explosions: a production version as of a production date, with everything that it reads frozen into items.

Phantoms are passed through, bulk material is not issued, a negative quantity is a by-product that is received.
Components without an operation belong to the first one; those not backflushed are a `NEED`. All unit
conversions and scrap factors are exact fractions; rounding happens only in `E(n)`.
"""

from collections.abc import Iterator
from dataclasses import replace
from math import gcd
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.plant.explosion import ExplodedItem, Explosion
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import Bom, BomItem, EstimateActivity, MasterData, Material, RemProfile, Routing
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.values.cost_objects import Bearer
from gateway.backflush.values.documents import ACTIVITY, FINAL, ISSUE, NEED, RECEIPT, Process
from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import MICRO, step_of
from gateway.errors import Reason

_DEPTH = 30
_HUNDRED = 100 * MICRO


class _Level(NamedTuple):
    """The place of a list below other lists."""

    factor: tuple[int, int]
    """Its quantity per unit of the product, as a fraction."""
    above: BomItem
    """The item of a phantom: its settings hold for all components below it without one."""
    depth: int


_TOP = _Level((1, 1), BomItem("", "", 0), 0)


class UnitComponent(NamedTuple):
    """One component of one unit of the product.

    Exact quantity numerator / denominator in millionths of the component's base unit.
    """

    item: BomItem
    material: Material
    numerator: int
    denominator: int


def profile_of(master: MasterData, plant: str, material: str) -> RemProfile | Rejection:
    """Return the REM profile of a material."""
    found = master.materials.get((plant, material))
    if found is None:
        return Rejection(Reason.UNKNOWN_MATERIAL, f"plant {plant} has no material {quote(material)}")
    profile = master.profiles.get(found.rem_profile)
    if profile is None:
        return Rejection(Reason.NO_PROFILE, f"material {plant}/{material} has no REM profile, so it is not backflushed")
    return profile


def routing_at(master: MasterData, version: ProductionVersion, date: str) -> Routing | Rejection:
    """Return the rate routing of a version that is valid on a date."""
    valid = [
        r
        for r in master.routings.get((version.plant, version.material, version.routing), ())
        if r.valid_from <= date <= r.valid_to
    ]
    if not valid:
        return Rejection(
            Reason.NO_ROUTING,
            f"version {version.plant}/{version.material}/{version.version} has no routing {version.routing} on {date}",
        )
    return max(valid, key=lambda r: r.valid_from)


def points_of(routing: Routing, profile: RemProfile) -> tuple[str, ...]:
    """Return the segments of a routing: its reporting points, and the final."""
    if profile.reporting_points == "none":
        return (FINAL,)
    return (*(o.operation for o in routing.operations if o.reporting_point), FINAL)


def segment_of(operation: str, segments: tuple[str, ...]) -> str:
    """Return the segment that an operation belongs to; no operation is the first one."""
    for point in segments[:-1]:
        if operation <= point:
            return point
    return FINAL


def explode(
    master: MasterData,
    version: ProductionVersion,
    date: str,
    revision: str = "",
    order: Order | None = None,
    bearer: Bearer = Bearer.STOCK,
) -> Explosion | Rejection:
    """Freeze the items that units of a version account for on a production date.

    A planned order with its own component list is exploded by that list. Only make-to-stock has reporting points:
    otherwise all operations are one segment.
    """
    profile = profile_of(master, version.plant, version.material)
    routing = routing_at(master, version, date)
    if isinstance(profile, Rejection):
        return profile
    if isinstance(routing, Rejection):
        return routing
    segments = points_of(routing, profile) if bearer is Bearer.STOCK else (FINAL,)
    receipt = _receipt(master, version)
    if isinstance(receipt, Rejection):
        return receipt
    items = [receipt]
    scrap = profile.include_component_scrap
    if order is not None and order.components:
        own = Bom(version.plant, version.material, "", order.quantity, items=order.components)
        components = _expand(master, own, date, _TOP, include_scrap=scrap)
    else:
        components = components_of(master, version, date, revision, include_scrap=scrap)
    for component in components:
        if isinstance(component, Rejection):
            return component
        process: Process = ISSUE if is_backflushed(master, version.plant, component, routing) else NEED
        items.append(_component_item(master, version, component, process, segments))
    activities = activities_of(master, version, profile, routing, date)
    if isinstance(activities, Rejection):
        return activities
    items.extend(_activity_item(activity, segments) for activity in activities if activity.hours)
    return Explosion(items)


def components_of(
    master: MasterData, version: ProductionVersion, date: str, revision: str, *, include_scrap: bool
) -> Iterator[UnitComponent | Rejection]:
    """Yield the components of one unit: phantoms passed through, each item judged by its own validity on the date."""
    boms = master.boms.get((version.plant, version.material, version.bom_alternative), ())
    bom = _bom_at(boms, date, revision)
    if bom is None:
        wanted = f"revision {revision}" if revision else f"alternative {version.bom_alternative} on {date}"
        yield Rejection(
            Reason.NO_BOM, f"material {version.plant}/{version.material} has no bill of material for {wanted}"
        )
        return
    yield from _expand(master, bom, date, _TOP, include_scrap=include_scrap)


def is_backflushed(master: MasterData, plant: str, component: UnitComponent, routing: Routing) -> bool:
    """Return whether a component is backflushed: as its item says, else its operation, else its material.

    A material may leave it to the operation's work center. The default is yes.
    """
    item, material = component.item, component.material
    if item.issue_mode:
        return item.issue_mode == "backflush"
    for operation in routing.operations:
        if item.operation in ("", operation.operation):
            break
    else:
        return True
    if operation.backflush or material.backflush != "work_center":
        return operation.backflush != "no"
    center = master.work_centers.get((plant, operation.work_center))
    return center is not None and center.backflush


def _bom_at(boms: tuple[Bom, ...], date: str, revision: str) -> Bom | None:
    valid = [b for b in boms if (b.revision == revision if revision else b.valid_from <= date <= b.valid_to)]
    return max(valid, key=lambda b: (b.valid_from, b.revision), default=None)


def _expand(
    master: MasterData, bom: Bom, date: str, level: _Level, *, include_scrap: bool
) -> Iterator[UnitComponent | Rejection]:
    factor, above, depth = level
    if depth > _DEPTH:
        yield Rejection(
            Reason.CYCLIC_BOM, f"the bill of material of {bom.plant}/{bom.material} is cyclic or deeper than {_DEPTH}"
        )
        return
    for item in bom.items:
        if not item.valid_from <= date <= item.valid_to:
            continue
        material = master.materials.get((bom.plant, item.component))
        if material is None:
            yield Rejection(Reason.UNKNOWN_MATERIAL, f"plant {bom.plant} has no material {quote(item.component)}")
            return
        if material.bulk:
            continue
        conversion = (1, 1) if not item.unit or item.unit == material.unit else material.units.get(item.unit)
        if conversion is None:
            yield Rejection(
                Reason.NO_UNIT,
                f"component {item.component} of {bom.plant}/{bom.material} is in {item.unit}, "
                f"which does not convert to its base unit {material.unit}",
            )
            return
        fixed = item.fixed
        numerator = item.quantity * conversion[0] * (1 if fixed else factor[0])
        denominator = conversion[1] * (1 if fixed else bom.base_quantity * factor[1])
        scrap = item.component_scrap or material.component_scrap
        if include_scrap and scrap:
            numerator, denominator = numerator * (_HUNDRED + scrap), denominator * _HUNDRED
        operation, mode = item.operation or above.operation, item.issue_mode or above.issue_mode
        same = operation == item.operation and mode == item.issue_mode
        placed = item if same else replace(item, operation=operation, issue_mode=mode)
        if material.phantom:
            inner = _phantom_bom(master, bom.plant, item.component, date)
            if inner is None:
                yield Rejection(
                    Reason.NO_BOM, f"phantom {bom.plant}/{item.component} has no bill of material on {date}"
                )
                return
            below = _Level(_reduce_fraction(numerator, denominator), placed, depth + 1)
            for found in _expand(master, inner, date, below, include_scrap=include_scrap):
                # Components of a fixed phantom are fixed as well: its quantity is already that of the lot.
                if fixed and isinstance(found, UnitComponent):
                    yield found._replace(item=replace(found.item, fixed=True))
                else:
                    yield found
        else:
            yield UnitComponent(placed, material, *_reduce_fraction(numerator, denominator))


def _phantom_bom(master: MasterData, plant: str, material: str, date: str) -> Bom | None:
    alternatives = (master.boms[key] for key in _alternatives(master, plant, material))
    return next((b for boms in alternatives if (b := _bom_at(boms, date, "")) is not None), None)


def _alternatives(master: MasterData, plant: str, material: str) -> list[tuple[str, str, str]]:
    return sorted(key for key in master.boms if key[:2] == (plant, material))


def lists_of(master: MasterData, plant: str, material: str) -> Iterator[Bom]:
    """Yield the bills of material that may explode a material: those of its versions, any alternative of a phantom."""
    known = master.materials.get((plant, material))
    keys = {(plant, material, v.bom_alternative) for v in master.versions.get((plant, material), ())}
    if known is not None and known.phantom:
        keys.update(_alternatives(master, plant, material))
    for key in sorted(keys):
        yield from master.boms.get(key, ())


def _reduce_fraction(numerator: int, denominator: int) -> tuple[int, int]:
    divisor = gcd(numerator, denominator) or 1
    return numerator // divisor, denominator // divisor


def _receipt(master: MasterData, version: ProductionVersion) -> ExplodedItem | Rejection:
    material = master.materials[version.plant, version.material]
    location = version.receiving_location or material.receiving_location
    if not location:
        return Rejection(
            Reason.NO_RECEIVING_LOCATION,
            f"version {version.plant}/{version.material}/{version.version} has no receiving location",
        )
    return ExplodedItem(
        process=RECEIPT,
        segment=FINAL,
        fixed=False,
        sign=1,
        object=material.material,
        place=location,
        unit=material.unit,
        numerator=1,
        denominator=1,
        step=1,
    )


def _component_item(
    master: MasterData,
    version: ProductionVersion,
    component: UnitComponent,
    process: Process,
    segments: tuple[str, ...],
) -> ExplodedItem:
    item, material, numerator, denominator = component
    sign, units, step = 1 if numerator < 0 else -1, abs(numerator), step_of(material.decimals)
    if item.fixed:
        units, denominator = _whole(units, denominator, step), 1
    segment, place = segment_of(item.operation, segments), issue_location(master, version, item, material)
    # By position: a bill of material has hundreds of items, and names cost half as much again.
    return ExplodedItem(
        process, segment, item.fixed, sign, material.material, place, material.unit, units, denominator, step
    )


def _whole(numerator: int, denominator: int, step: int) -> int:
    return (2 * numerator + denominator * step) // (2 * denominator * step) * step


def issue_location(master: MasterData, version: ProductionVersion, item: BomItem, material: Material) -> str:
    """Choose the issue location of a component: BOM item, else by the plant's strategy; empty if none is found."""
    if item.issue_location:
        return item.issue_location
    assembly = master.materials[version.plant, version.material]
    own = material.issue_location
    line = (
        version.issue_location or version.receiving_location or assembly.issue_location or assembly.receiving_location
    )
    match master.plants[version.plant].issue_location_strategy:
        case 1:
            return own
        case 2:
            return line
        case 4:
            return line or own
        case _:
            return own or line


def activities_of(
    master: MasterData, version: ProductionVersion, profile: RemProfile, routing: Routing, date: str
) -> list[EstimateActivity] | Rejection:
    """Return the activities of a version: from its routing or its cost estimate, as the profile demands."""
    if profile.activity_source != "cost_estimate":
        base = routing.base_quantity
        return [
            EstimateActivity(o.operation, o.work_center, v.activity, v.hours, base, fixed=v.fixed)
            for o in routing.operations
            for v in o.activities
        ]
    name = (version.plant, version.material, version.version)
    valid = [a for a in master.estimates.get(name, ()) if a.valid_from <= date <= a.valid_to]
    if not valid:
        return Rejection(
            Reason.NO_ESTIMATE,
            f"version {'/'.join(name)} has no cost estimate on {date}, which profile {profile.profile} requires",
        )
    return valid


def _activity_item(activity: EstimateActivity, segments: tuple[str, ...]) -> ExplodedItem:
    fixed = activity.fixed
    numerator, denominator = (activity.hours, 1) if fixed else _reduce_fraction(activity.hours, activity.base_quantity)
    return ExplodedItem(
        process=ACTIVITY,
        segment=segment_of(activity.operation, segments),
        fixed=fixed,
        sign=1,
        object=activity.activity,
        place=activity.work_center,
        unit="H",
        numerator=numerator,
        denominator=denominator,
        step=1,
    )
