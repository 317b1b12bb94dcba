"""Which components a posting issues, and from which batches: what the master data says decides, and is told."""

from decimal import Decimal

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

ITEMS = """plant material alternative item component quantity operation issue_mode
           1000  P        1           0010 A         1        0010      -
           1000  P        1           0020 B         1        0020      -
           1000  P        1           0030 C         1        0020      manual"""
TABLES = {
    **SMALL,
    "plants": """plant name  time_zone
                 1000  Plant UTC""",
    "storage_locations": """plant location negative_stock
                            1000  RM       no
                            1000  FG       yes""",
    "materials": """plant material unit issue_location receiving_location rem_profile backflush   assembly_scrap_percent
                    1000  P        PC   FG             FG                 R           -           5
                    1000  A        PC   RM             RM                 -           -           -
                    1000  B        PC   RM             RM                 -           work_center -
                    1000  C        PC   RM             RM                 -           -           -""",
    "bom_items": ITEMS,
    "work_centers": """plant work_center cost_center backflush
                       1000  W           C1          yes
                       1000  V           C1          -""",
    "operations": """plant material routing operation work_center backflush
                     1000  P        1       0010      W           -
                     1000  P        1       0020      V           -""",
    "rem_profiles": """profile stock_determination
                       R       yes""",
    "batches": """plant material batch received   expires
                  1000  A        OLD   2026-01-01 2026-02-01
                  1000  A        LATE  2026-01-02 2099-12-31
                  1000  A        SOON  2026-01-03 2098-12-31""",
    "opening_stock": """plant material location batch quantity
                        1000  A        RM       OLD   100
                        1000  A        RM       LATE  4
                        1000  A        RM       SOON  4
                        1000  B        RM       -     100
                        1000  C        RM       -     100""",
}


def test_components_are_issued_by_the_word_of_item_operation_material_and_work_center() -> None:
    """The backflush indicator and `batches.expires`, by counter and by hand, over a correction of the master data."""
    with Rig(TABLES) as rig:
        checked = rig.backflush("check", str(rig.masterdata))
        assert checked.status == 0
        assert "materials.assembly_scrap_percent decides nothing in this version" in checked.out + checked.err
        rig.start()
        rig.count("c1", {"good": 6})
        rig.settle()
        assert rig.stock(lots=True) == {
            "P FG": 6, "A RM OLD": 100, "A RM LATE": 2, "A RM SOON": 0, "B RM": 100, "C RM": 100,
        }  # fmt: skip
        used = {row["detail"]: Decimal(row["difference"]) for row in rig.json("report", "statistics")
                if row["measure"] == "component"}  # fmt: skip
        assert used == {"A": 0, "B": -6, "C": -6}
        rig.done("post", "1000/L1", "--type", "component", "--component", "B=6", "--component", "C=7")
        stock = rig.stock()
        assert (stock["B RM"], stock["C RM"]) == (Decimal(94), Decimal(93))
        rig.change("bom_items", "B", issue_mode="backflush")
        assert "2026" in rig.done("report", "documents").out
        rig.count("c1", {"good": 9})
        rig.settle()
        stock = rig.stock()
        assert (stock["B RM"], stock["C RM"]) == (Decimal(91), Decimal(93))
        [short] = rig.backlog()
        assert (short["material"], short["quantity"]) == ("A", "1")
        listed = rig.done("backlog", "list").err
        assert "A at RM: 100 of batch OLD expired after 2026-02-01; it is issued only to who names it" in listed
        said = rig.done("backlog", "retry", "--reason", "again")
        assert "missing at RM, which holds 0, expired and issued by name only: 100 of batch OLD" in said.out + said.err
        record = f"{short['document']}/{short['item']}"
        rig.done("backlog", "correct", record, "--batch", "OLD", "--reason", "tested again")
        assert rig.backlog() == []
        assert rig.stock(lots=True)["A RM OLD"] == 99
        rig.audit()


def test_a_word_that_is_unknown_is_refused() -> None:
    """`issue_mode` took any text, and had no effect."""
    with Rig({**TABLES, "bom_items": ITEMS.replace("manual", "sometimes")}, imports=False) as rig:
        said = rig.backflush("masterdata", "import", str(rig.masterdata))
        assert said.status == 1
        assert "expected backflush or manual, got 'sometimes'" in said.out + said.err
