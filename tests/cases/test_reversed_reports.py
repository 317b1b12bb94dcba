"""What was reversed stays reversed, whichever points report, are filled in or receive by themselves."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from tests.cases.rig import Answer, Rig

OPERATIONS = {"0010": "A", "0020": "B", "0030": "C"}
"""Each takes a component; the last one is no reporting point."""
REPORTERS = {
    "all": ["0010", "0020", "-"],
    "points": ["0010", "0020"],
    "last": ["0020"],
    "end": ["-"],
    "first and end": ["0010", "-"],
}


class Setup(NamedTuple):
    """What a profile says, and which points of the line have a counter."""

    reporting_points: str
    backfill: str
    auto_goods_receipt: str
    reporters: str

    @property
    def receives(self) -> bool:
        """Whether what is counted reaches the stock."""
        if "-" not in REPORTERS[self.reporters] and self.auto_goods_receipt == "no":
            return False
        return self[:2] != ("mandatory", "none") or self.reporters in ("all", "points")


SETUPS = [
    setup
    for setup in map(
        Setup._make, product(("mandatory", "optional"), ("none", "predecessors"), ("no", "yes"), REPORTERS)
    )
    if setup.receives
]


def table(header: str, lines: Iterable[str]) -> str:
    return "\n".join((header, *lines))


def plant() -> dict[str, str]:
    """Give each setup a product and a line of its own, P0 on L0."""
    numbers = range(len(SETUPS))
    steps = list(product(numbers, OPERATIONS))
    return {
        "storage_locations": "plant location negative_stock\n1000 RM yes\n1000 FG yes",
        "work_centers": "plant work_center cost_center\n1000 W C",
        "rem_profiles": table(
            "profile reporting_points backfill auto_goods_receipt",
            (f"R{n} {' '.join(setup[:3])}" for n, setup in enumerate(SETUPS)),
        ),
        "materials": table(
            "plant material unit standard_price issue_location receiving_location rem_profile",
            [f"1000 {name} PC 1 RM - -" for name in OPERATIONS.values()]
            + [f"1000 P{n} PC 2 FG FG R{n}" for n in numbers],
        ),
        "boms": table("plant material alternative", (f"1000 P{n} 1" for n in numbers)),
        "bom_items": table(
            "plant material alternative item component quantity operation",
            (f"1000 P{n} 1 {at} {OPERATIONS[at]} 1 {at}" for n, at in steps),
        ),
        "routings": table("plant material routing", (f"1000 P{n} 1" for n in numbers)),
        "operations": table(
            "plant material routing operation work_center reporting_point",
            (f"1000 P{n} 1 {at} W {'no' if at == '0030' else 'yes'}" for n, at in steps),
        ),
        "production_versions": table(
            "plant material version bom_alternative routing line receiving_location",
            (f"1000 P{n} 1 1 1 L{n} FG" for n in numbers),
        ),
        "devices": table(
            "device plant line kind first operation",
            (f"{counter} 1000 L{counter.split('-')[0]} counter zero {at}" for counter, at in counters()),
        ),
    }


def counters() -> Iterable[tuple[str, str]]:
    """Return the counters of all lines with their points, as `0-1`."""
    for number, setup in enumerate(SETUPS):
        for position, point in enumerate(REPORTERS[setup.reporters]):
            yield f"{number}-{position}", point


def booked(documents: list[Answer]) -> dict[Setup, dict[str, Decimal]]:
    """Return what the documents of each line have moved."""
    found = {setup: dict.fromkeys(("P", *OPERATIONS.values()), Decimal()) for setup in SETUPS}
    for document in documents:
        for item in document["items"]:
            name = item["material"].rstrip("0123456789")
            found[SETUPS[int(document["line"][1:])]][name] += Decimal(item["quantity"])
    return found


def pieces(number: int) -> dict[Setup, dict[str, int]]:
    return {setup: {"P": number} | dict.fromkeys(OPERATIONS.values(), -number) for setup in SETUPS}


def test_pieces_that_were_reversed_stay_reversed_whatever_is_counted_after_them() -> None:
    """n05: ten pieces at every counter, four reversed of every document, the newest first, and one piece more."""
    with Rig(plant(), mqtt={"allow_requests": ["reverse"]}) as rig:
        rig.start()
        for counter, _ in counters():
            rig.count(counter, 10)
        rig.settle()
        documents = rig.documents()
        assert booked(documents) == pieces(10)
        for document in reversed(documents):
            rig.request(
                "reverse",
                f"1000/{document['line']}",
                {"document": document["document"], "quantity": "4"},
                reason="four",
            )
        assert booked(rig.documents()) == pieces(6)
        for counter, _ in counters():
            rig.count(counter, 11)
        rig.settle()
        assert booked(rig.documents()) == pieces(7)
        rig.audit()
