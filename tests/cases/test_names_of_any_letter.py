"""A name that the tables hold is said by every door, and a text that no table holds is refused by one sentence."""

from collections.abc import Iterator

import pytest

from gateway.backflush.values.names import LONGEST, misspelt
from tests.cases.rig import Answer, Rig
from tests.integration.cli_program import called

TABLES = {
    "storage_locations": "plant location negative_stock\n1000 RM~01 yes\n1000 Süd/FG yes",
    "materials": """plant material unit  decimals receiving_location issue_location rem_profile
                    1000  Röhre~4  Stück 0        Süd/FG             Süd/FG         R
                    1000  Öl_№5    Fässer 3       RM~01              RM~01          -""",
    "boms": "plant material alternative\n1000 Röhre~4 1",
    "bom_items": "plant material alternative item component quantity\n1000 Röhre~4 1 0010 Öl_№5 0.25",
    "work_centers": "plant work_center cost_center\n1000 Säge~1 C1",
    "activity_rates": "plant work_center activity rate_per_hour\n1000 Säge~1 LÖTEN 10",
    "routings": "plant material routing\n1000 Röhre~4 1",
    "operations": "plant material routing operation work_center\n1000 Röhre~4 1 0010 Säge~1",
    "production_versions": """plant material version bom_alternative routing line
                              1000  Röhre~4  A~β     1               1       L1""",
    "rem_profiles": "profile\nR",
    "devices": "device plant line kind first\nc1 1000 L1 counter zero\ns1 1000 L1 scanner -",
    "scrap_reasons": "reason text\nzu~kurz -",
    "operators": "operator name\nJörg -",
    "sales_orders": "order item plant material quantity date\nÄ~1 10 1000 Röhre~4 90 2026-12-01",
    "planned_orders": "order plant material version line start quantity\nPÖ~1 1000 Röhre~4 A~β L1 2026-11-01 50",
}
OIL = {"material": "Öl_№5", "quantity": "1.5", "unit": "Fässer", "location": "RM 01", "batch": "Los 7"}
SAWN = {"work_center": "Säge 1", "activity": "LÖTEN", "hours": "0.5"}
MADE = {"material": "Röhre 4", "version": "A β", "order": "PÖ 1", "batch": "Röhre/7"}
ORDERED = {"sales_order": "Ä 1", "sales_order_item": "10"}
LISTS = {"components": [OIL], "activities": [SAWN]}


@pytest.fixture(scope="module")
def shop() -> Iterator[Rig]:
    with Rig(TABLES, mqtt={"allow_requests": ["run-start", "post"]}) as rig:
        yield rig.start()


def test_names_of_any_letter_are_posted_by_every_door(shop: Rig) -> None:
    words = ["post", "1000/L1", "--quantity", "1", "--component", "Öl_№5=1.5Fässer@RM 01#Los 7"]
    words += ["--activity", "Säge 1/LÖTEN=0.5"]
    for name, value in {**MADE, **ORDERED}.items():
        words += [f"--{name.replace('_', '-')}", value]
    said = called(shop.gateway.config, *words)
    assert said.status == 0, said
    asked = shop.request("post", "1000/L1", {"quantity": "1", **MADE, **LISTS})
    assert asked["status"] == "ok", asked
    begun = shop.request("run-start", "1000/L1", {name: MADE[name] for name in ("material", "version", "batch")})
    assert begun["status"] == "ok", begun
    scanned = shop.scan("s1", "Röhre 4", operator="Jörg", **LISTS, **ORDERED)
    assert scanned["result"] == "ok", scanned
    shop.count("c1", {"good": 2, "scrap": 1, "scrap_by": {"zu kurz": 1}, "unit": "Stück", "batch": "Röhre/7"})
    shop.settle()
    assert shop.quarantine() == []
    assert len(shop.documents()) == 4
    shop.audit()


WRONG = ("X" * (LONGEST + 1), " RM", "RM\u200b", "=1+1", "Ro\u0308hre")


@pytest.mark.parametrize("name", WRONG)
def test_what_no_table_holds_is_refused_alike(shop: Rig, name: str) -> None:
    before = len(shop.documents())
    for what, said in (
        ("location", {"components": [{**OIL, "location": name}]}),
        ("batch", {"components": [{**OIL, "batch": name}]}),
    ):
        told: list[Answer] = [shop.scan("s1", "Röhre 4", **said)]
        if name.isprintable():  # else it is no request
            told.append(shop.request("post", "1000/L1", {"quantity": "1", "material": "Röhre 4", **said}))
        sentences = {(answer["code"], answer["data"].get("reason", answer.get("text"))) for answer in told}
        assert sentences == {("BF1008", f"{what}: {misspelt(name)}")}
    shop.count("c1", {"good": 9, "scrap": 1, "batch": name})
    shop.settle()
    newest = max(shop.quarantine(), key=lambda entry: entry["number"])
    assert (newest["code"], newest["text"]) == ("BF1008", f"batch: {misspelt(name)}")
    assert len(shop.documents()) == before
