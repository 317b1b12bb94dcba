"""A generated plant of the size of a bicycle factory: 238 made materials on five levels of bills of material.

Each made product has a line, a counter, a routing and a production version of its own; everything is counted in pieces,
so what must be in stock after a day can be computed here with whole numbers, without the gateway's arithmetic.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

from devices.simulators import CounterSpec

PLANT = "2000"
LEVELS = ("BIKE", 97), ("WHEEL", 60), ("FRAME", 45), ("PART", 26), ("BLANK", 10)
"""From the finished products down; each level is assembled from the ones below it and from bought materials."""
BOUGHT = 266
ITEMS = 11
"""Items of each bill of material."""
CENTERS = 7


class Bicycles(NamedTuple):
    """What was generated."""

    made: tuple[str, ...]
    bought: tuple[str, ...]
    boms: Mapping[str, Mapping[str, int]]
    """Pieces of each component in one piece of a product."""

    def counters(self, *, rate_per_s: float, interval_s: float) -> list[CounterSpec]:
        """Make a counter for each made product."""
        return [
            CounterSpec(
                plant=PLANT,
                line=f"L-{name}",
                device=f"c-{name}",
                rate_per_s=rate_per_s,
                interval_s=interval_s,
                totals=("good", "scrap"),
                scrap_share=0.01,
            )
            for name in self.made
        ]

    def stock_after(self, yields: Mapping[str, int], scrap: Mapping[str, int]) -> dict[str, int]:
        """Compute what a production leaves in stock, beginning with nothing: receipts less what went into it."""
        stock: Counter[str] = Counter(yields)
        for product, components in self.boms.items():
            for component, pieces in components.items():
                stock[component] -= pieces * (yields[product] + scrap[product])
        return {name: stock[name] for name in (*self.made, *self.bought) if stock[name]}


def generate(seed: int) -> Bicycles:
    """Make products, bought materials and bills of material; nothing contains itself."""
    chance = Random(seed)
    levels = [[f"{name}-{number:03d}" for number in range(count)] for name, count in LEVELS]
    bought = tuple(f"BOUGHT-{number:03d}" for number in range(BOUGHT))
    boms: dict[str, dict[str, int]] = {}
    for depth, products in enumerate(levels):
        below = levels[depth + 1 :]
        for product in products:
            # One component of the next level makes the structure as deep as it has levels.
            chosen = {chance.choice(below[0])} if below else set()
            chosen |= {chance.choice(level) for level in below[1:] if chance.random() < 0.5}
            while len(chosen) < ITEMS:
                chosen.add(chance.choice(bought))
            boms[product] = {component: chance.choice((1, 1, 1, 2, 4, 10)) for component in sorted(chosen)}
    return Bicycles(tuple(name for products in levels for name in products), bought, boms)


def write(folder: Path, plant: Bicycles) -> Path:
    """Write the plant as CSV files."""
    folder.mkdir()

    def table(name: str, header: str, rows: Iterable[Sequence[object]]) -> None:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header.split(","))
            writer.writerows(rows)

    day = "2026-01-01"
    table("plants", "plant,name,time_zone,currency", [(PLANT, "Bicycles", "Europe/Zurich", "CHF")])
    table("shifts", "plant,shift,days,start,end", [(PLANT, "D", "Mon-Sun", "06:00", "18:00")])
    table("storage_locations", "plant,location,negative_stock", [(PLANT, "RM01", "yes"), (PLANT, "FG01", "yes")])
    table(
        "rem_profiles",
        "profile,withdrawal_errors,goods_issue_timing,activity_timing,cumulate_goods_issues,cumulate_activities",
        [("BIKES", "backlog", "background", "background", "yes", "yes")],
    )
    table(
        "materials",
        "plant,material,description,unit,decimals,type,standard_price,price_unit,issue_location,receiving_location,rem_profile",
        [
            *((PLANT, name, name, "PC", 0, "made", "24.50", 1, "RM01", "RM01", "BIKES") for name in plant.made),
            *((PLANT, name, name, "PC", 0, "bought", "1.20", 10, "RM01", "RM01", "") for name in plant.bought),
        ],
    )
    table("boms", "plant,material,alternative,base_quantity,valid_from", [(PLANT, n, 1, 1, day) for n in plant.made])
    table(
        "bom_items",
        "plant,material,alternative,item,component,quantity,unit,operation",
        [
            (PLANT, product, 1, f"{10 * number:04d}", component, pieces, "PC", "0010")
            for product, components in plant.boms.items()
            for number, (component, pieces) in enumerate(components.items(), 1)
        ],
    )
    centers = [f"WC{number}" for number in range(CENTERS)]
    at = {name: centers[number % CENTERS] for number, name in enumerate(plant.made)}
    table("work_centers", "plant,work_center,name,cost_center", [(PLANT, c, f"Center {c}", f"CC-{c}") for c in centers])
    table(
        "activity_rates", "plant,work_center,activity,rate_per_hour", [(PLANT, c, "LABOUR", "41.50") for c in centers]
    )
    table("routings", "plant,material,routing,base_quantity", [(PLANT, name, 1, 1) for name in plant.made])
    table(
        "operations",
        "plant,material,routing,operation,work_center,description,reporting_point",
        [(PLANT, name, 1, "0010", at[name], "Assemble", "no") for name in plant.made],
    )
    table(
        "operation_activities",
        "plant,material,routing,operation,activity,hours",
        [(PLANT, name, 1, "0010", "LABOUR", "0.125") for name in plant.made],
    )
    table(
        "production_versions",
        "plant,material,version,bom_alternative,routing,line,valid_from,receiving_location",
        [(PLANT, name, "0001", 1, 1, f"L-{name}", day, "RM01") for name in plant.made],
    )
    table(
        "devices",
        "device,plant,line,kind,role,max_step,first",
        [(f"c-{name}", PLANT, f"L-{name}", "counter", "good", 100_000, "zero") for name in plant.made],
    )
    table(
        "runs",
        "plant,line,material,version,start",
        [(PLANT, f"L-{name}", name, "0001", f"{day}T00:00") for name in plant.made],
    )
    return folder
