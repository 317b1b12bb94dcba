"""A small plant to test the engine with: plant 1000, line L1, product FG from components, one routing, one counter.

A test says only what matters to it; everything else has a default here. Figures are what a planner would write:
pieces and prices as `3` or `"0.25"`, times as `"06:30"` on the test's day or `"2026-03-30 02:10"`, local to the plant.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from gateway.backflush.memory.events import Actual, ActualActivity, ActualComponent
from gateway.backflush.plant.choices import ReportingPoints
from gateway.backflush.plant.snapshot import (
    Bom,
    BomItem,
    Device,
    EstimateActivity,
    Gtin,
    MasterData,
    Material,
    Operation,
    PlannedOrder,
    Plant,
    RemProfile,
    Routing,
    Shift,
    StandardValue,
    StorageLocation,
    WorkCenter,
)
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.values.documents import AnyProcess
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import parse_quantity

PLANT, LINE = "1000", "L1"
PROCESSES: tuple[AnyProcess, ...] = ("", "issue", "activity")
TODAY = "2026-03-16"
"""A Monday."""
SECOND = 1_000_000
Figure = int | str
CALLS = ("on_deliveries", "on_up", "on_down", "on_refused", "on_durable", "on_unwritable")


def listener(**calls: Callable[..., None]) -> Any:
    """Return what listens to a connection or a front: it makes the given calls, and else does nothing."""
    return SimpleNamespace(**{**dict.fromkeys(CALLS, lambda *_: None), **calls})


def q(value: Figure) -> int:
    """Return a figure in millionths."""
    parsed = parse_quantity(str(value))
    assert parsed is not None, value
    return parsed


def moment(text: str, zone: str = "UTC", *, fold: int = 0) -> int:
    """Return a wall-clock time in microseconds UTC; without a date it is on `TODAY`."""
    if " " not in text:
        text = f"{TODAY} {text}"
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp()) * SECOND


def shift(name: str, start: str, end: str, days: str = "0123456") -> Shift:
    """Return a shift; days are digits, 0 is Monday."""
    return Shift(name, frozenset(map(int, days)), time.fromisoformat(start), time.fromisoformat(end))


EARLY_LATE_NIGHT = (shift("E", "06:00", "14:00"), shift("L", "14:00", "22:00"), shift("N", "22:00", "06:00"))


def component(name: str, price: Figure = 1, *, decimals: int = 0, **more: Any) -> Material:
    """Return a bought material, issued from RAW."""
    settings: dict[str, Any] = {"type": "bought", "issue_location": "RAW", **more}
    return Material(PLANT, name, price=q(price), decimals=decimals, **settings)


def product(name: str = "FG", price: Figure = 20, **more: Any) -> Material:
    """Return a made material, received into FGL."""
    settings: dict[str, Any] = {"rem_profile": "R", "receiving_location": "FGL", **more}
    return Material(PLANT, name, price=q(price), **settings)


def bom(
    items: Mapping[str, Figure] | Iterable[BomItem],
    *,
    material: str = "FG",
    operations: Mapping[str, str] | None = None,
    base: Figure = 1,
    **more: Any,
) -> Bom:
    """Return a bill of material: quantity per component, or items in full; `operations` places components."""
    if isinstance(items, Mapping):
        places = operations or {}
        items = [
            BomItem(f"{10 * n:04d}", name, q(quantity), operation=places.get(name, ""))
            for n, (name, quantity) in enumerate(items.items(), 1)
        ]
    return Bom(PLANT, material, "1", base_quantity=q(base), items=tuple(items), **more)


def item(name: str, quantity: Figure = 1, number: str = "0010", **more: Any) -> BomItem:
    """Return one item of a bill of material."""
    return BomItem(number, name, q(quantity), **more)


def operation(number: str, hours: Mapping[str, Figure] | None = None, *, point: bool = False, **more: Any) -> Operation:
    """Return an operation at work center W1; `hours` per activity, `"setup": ...` once per lot or shift."""
    values = tuple(StandardValue(name, q(value), name == "setup") for name, value in (hours or {}).items())
    return Operation(number, "W1", reporting_point=point, activities=values, **more)


def routing(operations: Iterable[Operation], *, material: str = "FG", base: Figure = 1, **more: Any) -> Routing:
    """Return a rate routing."""
    return Routing(PLANT, material, "R1", base_quantity=q(base), operations=tuple(operations), **more)


def points(*numbers: str) -> tuple[Operation, ...]:
    """Return operations that are all reporting points."""
    return tuple(operation(number, point=True) for number in numbers)


def version(name: str = "V1", *, material: str = "FG", line: str = LINE, **more: Any) -> ProductionVersion:
    """Return a production version."""
    return ProductionVersion(PLANT, material, name, "1", "R1", line, **more)


def counter(name: str = "C1", **more: Any) -> Device:
    """Return a counter on the line that starts at zero and posts every reading."""
    settings: dict[str, Any] = {"line": LINE, "first": "zero", "window": "reading", **more}
    return Device(name, PLANT, **settings)


def scanner(name: str = "S1", **more: Any) -> Device:
    """Return a scanner on the line."""
    return Device(name, PLANT, **{"line": LINE, "kind": "scanner", **more})


def order(name: str, quantity: Figure, *, version: str = "", start: str = TODAY, **more: Any) -> PlannedOrder:
    """Return a planned order of FG."""
    settings: dict[str, Any] = {"material": "FG", "line": LINE, "finish": "", **more}
    return PlannedOrder(name, PLANT, version=version, start=start, quantity=q(quantity), **settings)


def stock(**quantities: Figure) -> dict[StockKey, int]:
    """Return stock of components at RAW."""
    return {StockKey(PLANT, name, "RAW"): q(quantity) for name, quantity in quantities.items()}


def used(*components: str, complete: bool = True) -> Actual:
    """Return components as they were used: `A 7` or `A 7 KG LOCATION BATCH`, a dash is nothing."""
    rows = [(*text.split(), "-", "-", "-")[:5] for text in components]
    return Actual(
        tuple(
            ActualComponent(name, q(quantity), *("" if word == "-" else word for word in more))
            for name, quantity, *more in rows
        ),
        complete=complete,
    )


def worked(hours: Figure, activity: str = "machine", *, complete: bool = True) -> Actual:
    """Return times as they were worked."""
    return Actual(activities=(ActualActivity("W1", activity, q(hours)),), complete=complete)


def plant(
    *,
    profile: RemProfile | None = None,
    materials: Iterable[Material] = (),
    boms: Iterable[Bom] = (),
    routings: Iterable[Routing] = (),
    versions: Iterable[ProductionVersion] = (),
    devices: Iterable[Device] = (),
    negative_stock: bool = True,
    gtins: Mapping[str, Gtin] | None = None,
    aliases: Mapping[str, tuple[str, str]] | None = None,
    rates: Mapping[str, Figure] | None = None,
    estimate: Iterable[EstimateActivity] = (),
    **settings: Any,
) -> MasterData:
    """Return master data: FG is made on L1 from A (1 each at 5) and B (1 each at 5), unless told otherwise.

    Any other product is made from one A, like FG where nothing is said of it. `settings` are those of the plant. RAW
    and WIP hold components, FGL the product; RAW allows negative stock unless told otherwise.
    """
    said = tuple(materials)
    known = {m.material: m for m in (product(), component("A", 5), component("B", 5), *said)}
    others = [m.material for m in said if m.rem_profile and m.material != "FG"]
    all_boms = tuple(boms) or (bom({"A": 1, "B": 1}),)
    all_boms += tuple(bom({"A": 1}, material=name) for name in others if name not in {b.material for b in all_boms})
    all_routings = tuple(routings) or (routing([operation("0010")]),)
    routed = {r.material for r in all_routings}
    all_routings += tuple(routing([operation("0010")], material=name) for name in others if name not in routed)
    all_versions = tuple(versions) or (version(), *(version(material=name) for name in others))
    work_center = WorkCenter(PLANT, "W1", "line", "CC1", {k: q(v) for k, v in (rates or {"machine": 60}).items()})
    places = [
        StorageLocation(PLANT, "RAW", negative_stock=negative_stock),
        StorageLocation(PLANT, "WIP", negative_stock=negative_stock),
        StorageLocation(PLANT, "FGL"),
    ]
    return MasterData(
        plants={PLANT: replace(Plant(PLANT), **settings)},
        locations={(PLANT, place.location): place for place in places},
        materials={(PLANT, name): m for name, m in known.items()},
        boms={key: tuple(b for b in all_boms if _bom_key(b) == key) for key in map(_bom_key, all_boms)},
        work_centers={(PLANT, "W1"): work_center},
        routings={
            key: tuple(r for r in all_routings if _routing_key(r) == key) for key in map(_routing_key, all_routings)
        },
        versions={
            (PLANT, name): tuple(v for v in all_versions if v.material == name)
            for name in {v.material for v in all_versions}
        },
        versions_of_line={
            (PLANT, name): tuple(v for v in all_versions if v.line == name) for name in {v.line for v in all_versions}
        },
        lines={(v.plant, v.line): "" for v in all_versions},
        estimates={(PLANT, "FG", "V1"): tuple(estimate)},
        profiles={"R": profile or RemProfile("R")},
        devices={d.device: d for d in (counter(), scanner(), *devices)},
        gtins=gtins or {},
        aliases=aliases or {},
        scrap_reasons={"DENT": "dented", "SCRATCH": "scratched"},
    )


def two_points(mode: ReportingPoints = "mandatory", devices: Iterable[Device] = (), **profile: Any) -> MasterData:
    """Return a line with the points 0010 and 0020: FG takes A at the first and B at the second."""
    return plant(
        profile=RemProfile("R", reporting_points=mode, **profile),
        boms=[bom({"A": 1, "B": 1}, operations={"A": "0010", "B": "0020"})],
        routings=[routing(points("0010", "0020"))],
        devices=devices,
    )


def _bom_key(some: Bom) -> tuple[str, str, str]:
    return some.plant, some.material, some.alternative


def _routing_key(some: Routing) -> tuple[str, str, str]:
    return some.plant, some.material, some.routing
