"""Gross and scrap told apart in time, by one counter or two: what is scrap does not stay posted as yield."""

from decimal import Decimal
from typing import Any

from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL

LINE = "1000/L1"
BESIDE = SMALL | {
    "devices": """device plant line kind    role  first
                  g      1000  L1   counter gross zero
                  x      1000  L1   counter scrap zero
                  s1     1000  L1   scanner -     -"""
}
SECOND = {
    "materials": """plant material unit decimals standard_price issue_location receiving_location rem_profile
                    1000  P2       PC   0        20             FG             FG                 R""",
    "boms": """plant material alternative
               1000  P2       1""",
    "bom_items": """plant material alternative item component quantity
                    1000  P2       1           0010 A         0.25""",
    "routings": """plant material routing
                   1000  P2       1""",
    "operations": """plant material routing operation work_center
                     1000  P2       1       0010      W""",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000  P2       1       1               1       L1   FG""",
}


def made(rig: Rig, material: str = "P") -> tuple[int, int]:
    """Return yield and scrap that the documents hold of a product."""
    documents = [document for document in rig.documents(LINE) if document["material"] == material]
    return sum(int(d["yield"]) for d in documents), sum(int(d["scrap"]) for d in documents)


def shown(rig: Rig, **figures: str) -> None:
    """Wait until the line's status shows some figures."""

    def status() -> dict[str, Any]:
        return {name: rig.status(LINE)[name] for name in figures}

    until(lambda: status() == figures, status)


def test_a_scrap_counter_beside_a_gross_counter_is_a_setup_on_which_the_audit_holds() -> None:
    """W01, n09."""
    with Rig(BESIDE, more=SECOND) as rig:
        rig.start().count("g", 10)
        rig.count("x", 1)
        rig.count("g", 11)
        rig.settle()
        assert (made(rig), rig.stock()["A RM"]) == ((10, 1), Decimal("-2.75"))
        rig.audit()


def test_late_scrap_is_taken_off_its_own_product_when_the_run_changes_or_the_card_is_shown() -> None:
    """W02, f_gross_scrap."""
    with Rig(BESIDE, more=SECOND) as rig:
        rig.start().count("g", {"gross": 97, "scrap": 0, "seq": 1})
        rig.count("g", {"gross": 97, "scrap": 1, "seq": 2})
        rig.settle()
        assert made(rig) == (97, 0)
        shown(rig, scrap_open="1", scrap="0", posted="97")
        month = rig.documents()[0]["production_date"][:7]
        assert "scrap of 1 P on 1000/L1" in rig.backflush("period", "close", "1000", month).err
        rig.gateway.kill()
        rig.start().done("run-start", LINE, "P2", "1")
        rig.count("g", {"gross": 107, "scrap": 1, "seq": 3})
        rig.settle()
        assert (made(rig), made(rig, "P2")) == ((96, 1), (10, 0))
        shown(rig, scrap_open="0", scrap="1", read="107", posted="107")
        rig.count("x", 2)
        assert rig.scan("s1", "BF:CLOSE")["result"] == "info"
        rig.settle()
        assert (made(rig, "P2"), int(rig.stock()["P2 FG"])) == ((8, 2), 8)
        assert "scrap-open" not in {alert["id"] for alert in rig.alerts()}
        rig.audit()


def test_scrap_told_late_leaves_alone_what_had_come_back_unused() -> None:
    """W02 and W11 together: ten pieces took 2.5 of A, 2 of it came back, then three pieces turn out to be scrap."""
    with Rig(BESIDE) as rig:
        rig.start().count("g", 10)
        rig.settle()
        report = rig.documents()[0]["document"]
        rig.done("reverse", report, "--component", "A=2", "--reason", "unused")
        rig.count("x", 3)
        assert rig.scan("s1", "BF:CLOSE")["result"] == "info"
        rig.settle()
        assert (made(rig), rig.stock()["A RM"], int(rig.stock()["P FG"])) == ((7, 3), Decimal("-0.5"), 7)
        assert "scrap-open" not in {alert["id"] for alert in rig.alerts()}
        rig.audit()
