"""What was posted, counted and scanned is read back as it was said; and the books that it leaves stand every law."""

from decimal import Decimal

from tests.cases.rig import Rig, until

SMALL = {
    "storage_locations": """plant location negative_stock
                            1000  RM       yes
                            1000  FG       yes""",
    "materials": """plant material unit decimals standard_price issue_location receiving_location rem_profile
                    1000  P        PC   0        20             FG             FG                 R
                    1000  A        KG   3        5              RM             RM                 -""",
    "boms": """plant material alternative
               1000  P        1""",
    "bom_items": """plant material alternative item component quantity
                    1000  P        1           0010 A         0.25""",
    "work_centers": """plant work_center cost_center
                       1000  W           C1""",
    "routings": """plant material routing
                   1000  P        1""",
    "operations": """plant material routing operation work_center
                     1000  P        1       0010      W""",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000  P        1       1               1       L1   FG""",
    "rem_profiles": """profile
                       R""",
    "devices": """device plant line kind    first
                  c1     1000  L1   counter zero
                  s1     1000  L1   scanner -""",
    "runs": """plant line material version start
               1000  L1   P        1       2026-01-01T00:00""",
}


def test_a_posting_a_count_and_a_scan_are_read_back(plant: Rig) -> None:
    plant.done("post", "1000/L01", "--quantity", "1")
    plant.count("c-L01-good", {"good": 5, "seq": 1})
    assert plant.scan("s-roaming", "BF:LINE:1000:L01")["result"] == "info"
    answer = plant.scan("s-roaming", "KANBAN-HOUSING")
    assert (answer["result"], answer["data"]["quantity"]) == ("ok", "1")
    plant.settle()
    documents = plant.documents("1000/L01")
    assert sorted(document["yield"] for document in documents) == ["1", "1", "5"]
    assert answer["data"]["document"] in {document["document"] for document in documents}
    assert plant.stock()["HOUSING-40 SF01"] == 507
    until(lambda: plant.status("1000/L01")["posted"] == "7", lambda: plant.status("1000/L01"))
    plant.audit()


def test_a_plant_of_a_few_rows_survives_a_kill() -> None:
    with Rig(SMALL) as rig:
        rig.start().count("c1", 4)
        rig.settle()
        rig.gateway.kill()
        rig.start().count("c1", 4)
        rig.count("c1", "no number")
        rig.settle()
        assert rig.stock() == {"P FG": 4, "A RM": Decimal(-1)}
        assert [entry["code"] for entry in rig.quarantine()] == ["BF1004"]
        rig.change("materials", "P", standard_price="21")
        rig.restart()
        rig.audit()
