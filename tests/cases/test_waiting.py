"""A report that waits for an earlier point is not done: who reports it is told so, and who reverses it is rid of it."""

from collections.abc import Iterator

import pytest

from tests.cases.rig import Rig, rows

TABLES = {
    "storage_locations": """plant location negative_stock
                            1000  RM       yes
                            1000  FG       yes""",
    "materials": """plant material unit standard_price issue_location receiving_location rem_profile
                    1000  P        PC   20             FG             FG                 R
                    1000  Q        PC   20             FG             FG                 AUTO
                    1000  A        PC   5              RM             RM                 -
                    1000  C        PC   5              RM             RM                 -""",
    "boms": """plant material alternative
               1000  P        1
               1000  Q        1""",
    "bom_items": """plant material alternative item component quantity operation
                    1000  P        1           0010 A         1        0010
                    1000  P        1           0020 C         1        0020
                    1000  Q        1           0010 A         1        0010
                    1000  Q        1           0020 C         1        0020""",
    "work_centers": """plant work_center cost_center
                       1000  W           C1""",
    "routings": """plant material routing
                   1000  P        1
                   1000  Q        1""",
    "operations": """plant material routing operation work_center reporting_point
                     1000  P        1       0010      W           yes
                     1000  P        1       0020      W           no
                     1000  Q        1       0010      W           yes
                     1000  Q        1       0020      W           no""",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000  P        1       1               1       L1   FG
                              1000  Q        1       1               1       L2   FG""",
    "rem_profiles": """profile reporting_points auto_goods_receipt
                       R       mandatory        no
                       AUTO    mandatory        yes""",
    "devices": """device plant line kind    first operation
                  s1     1000  L1   scanner -     -
                  c2     1000  L2   counter zero  0010
                  s2     1000  L2   scanner -     -""",
    "runs": """plant line material version start
               1000  L1   P        1       2026-01-01T00:00
               1000  L2   Q        1       2026-01-01T00:00""",
}


@pytest.fixture
def waiting() -> Iterator[Rig]:
    with Rig(TABLES) as rig:
        yield rig.start()


def post(rig: Rig, quantity: int, *more: str) -> str:
    """Post on L1, and return what is told."""
    return rig.done("post", "1000/L1", "--quantity", str(quantity), *more).out.strip()


def at_0010(rig: Rig, quantity: int) -> None:
    post(rig, quantity, "--type", "point", "--point", "0010")


def test_an_answer_says_what_was_posted_and_what_waits(waiting: Rig) -> None:
    """W05."""
    at_0010(waiting, 8)
    dry = waiting.done("post", "1000/L1", "--quantity", "10", "--dry-run").err.strip()
    assert dry == "dry run: nothing was posted; 8 would be posted; 2 wait for point 0010"
    assert post(waiting, 10) == "8 posted in 0000000002, 2 wait for point 0010"
    answer = waiting.scan("s1", "P")
    assert (answer["result"], answer["code"]) == ("info", "BF0005")
    assert (answer["data"]["posted"], answer["data"]["waiting"]) == ("0", "1")
    assert answer["text"].endswith("L1: 8 this shift")
    assert waiting.scan("s1", "BF:UNDO")["result"] == "ok"
    dry = waiting.json("post", "1000/L1", "--quantity", "1", "--dry-run")["text"]
    assert dry == "dry run: nothing was posted; 1 waits for point 0010"
    assert post(waiting, 1).startswith("1 waits for point 0010; its report is document 00000000")
    data = waiting.json("post", "1000/L1", "--quantity", "3")["data"]
    assert (data["posted"], data["waiting"]) == ("0", "3")
    waiting.audit()


def test_what_was_said_of_pieces_that_wait_goes_with_them(waiting: Rig) -> None:
    """W20."""
    post(waiting, 2, "--component", "C=3")
    waiting.done("reverse", "0000000001", "--reason", "was 2")
    waiting.audit()
    at_0010(waiting, 8)
    post(waiting, 20, "--component", "C=25")
    waiting.done("reverse", "0000000004", "--reason", "wrong")
    at_0010(waiting, 12)
    assert {name: units for name, units in waiting.stock().items() if units} == {"A RM": -20}
    post(waiting, 20)
    assert waiting.stock() == {"P FG": 20, "A RM": -20, "C RM": -20}
    waiting.audit()


def test_a_typing_error_at_the_end_of_a_line_is_taken_back_whole(waiting: Rig) -> None:
    """W21."""
    at_0010(waiting, 10)
    post(waiting, 100)
    waiting.done("reverse", "0000000002", "--reason", "typing error: 10, not 100")
    post(waiting, 10)
    at_0010(waiting, 50)
    points = {row["point"]: (row["wip"], row["waiting"]) for row in waiting.json("report", "points")}
    assert points == {"0010": ("50", "0"), "final": ("0", "0")}
    assert waiting.stock() == {"P FG": 10, "A RM": -60, "C RM": -10}
    waiting.audit()


def test_an_automatic_receipt_that_was_reversed_stays_reversed_and_names_its_report(waiting: Rig) -> None:
    """f_auto_receipt."""
    waiting.count("c2", 10)
    waiting.settle()
    point, receipt = sorted(waiting.documents("1000/L2"), key=lambda document: document["document"])
    assert receipt["caused_by"] == point["document"]
    assert [one["document"] for one in waiting.json("trace", point["document"])["caused"]] == [receipt["document"]]
    waiting.done("reverse", receipt["document"], "--quantity", "4", "--reason", "not ready")
    waiting.count("c2", 11)
    waiting.settle()
    assert waiting.stock()["Q FG"] == 7
    assert waiting.scan("s2", "BF:POINT:0010")["result"] == "info"
    assert [waiting.scan("s2", text)["result"] for text in ("Q", "BF:UNDO")] == ["ok", "ok"]
    assert waiting.stock()["Q FG"] == 7
    waiting.audit()


def test_a_point_that_goes_with_pieces_on_the_line_leaves_each_document_its_reading() -> None:
    """f_points_changed: six pieces at 0020, four of them past 0010, which is a point no more."""
    operations = """plant material routing operation work_center reporting_point
                    1000  P        1       0010      W           {}
                    1000  P        1       0020      W           yes
                    1000  P        1       0030      W           no"""
    devices = """device plant line kind    first operation
                 c20    1000  L1   counter zero  0020"""
    plant = {name: table for name, table in TABLES.items() if name != "runs"} | {
        "operations": operations.format("yes"),
        "devices": devices + "\n c10 1000 L1 counter zero 0010",
        "production_versions": TABLES["production_versions"].rpartition("\n")[0],
        "boms": TABLES["boms"].rpartition("\n")[0],
        "routings": TABLES["routings"].rpartition("\n")[0],
        "bom_items": "\n".join(TABLES["bom_items"].split("\n")[:3]),
    }
    with Rig(plant) as rig:
        rig.start()
        rig.count("c10", 10)
        rig.count("c20", 6)
        rig.settle()
        rig.write("operations", rows(operations.format("no")))
        rig.write("devices", [row for row in rig.table("devices") if row["device"] != "c10"])
        rig.take_masterdata("--remove")
        rig.count("c20", 12)
        rig.settle()
        told = [(document["type"], document["yield"], len(document["readings"])) for document in rig.documents()[-2:]]
        assert told == [("point", "4", 1), ("point", "2", 1)]
        rig.audit()
