"""What is taken back in part leaves the rest of its report, its scrap and its reasons."""

from decimal import Decimal

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL


def test_a_part_of_a_report_is_taken_back_by_its_document_by_its_product_and_by_cards() -> None:
    """f_small: five good and two scrap in one telegram; then two labels and two cards."""
    with Rig(SMALL, more={"scrap_reasons": "reason text\n03 short"}) as rig:
        rig.start().count("c1", {"good": 5, "scrap": 2, "scrap_by": {"03": 2}})
        rig.settle()
        [report] = rig.documents()
        rig.done("reverse", report["document"], "--quantity", "1", "--reason", "too many")
        of_the_product = "--line", "1000/L1", "--material", "P", "--version", "1"
        rig.done("reverse", *of_the_product, "--quantity", "1", "--reason", "too many")
        assert rig.stock() == {"P FG": 3, "A RM": Decimal("-1.25")}
        labels = [rig.scan("s1", "P")["data"]["document"] for _ in range(2)]
        undone = [rig.scan("s1", "BF:UNDO") for _ in range(2)]
        assert [answer["result"] for answer in undone] == ["ok", "ok"]
        assert [document["reverses"] for document in rig.documents()[-2:]] == labels[::-1]
        rig.done("post", "1000/L1", "--type", "component-scrap", "--component", "A=1", "--scrap-reason", "03")
        assert "03" in rig.documents()[-1]["reason"]
        assert rig.stock() == {"P FG": 3, "A RM": Decimal("-2.25")}
        [day] = rig.json("report", "production")
        assert (day["yield"], day["scrap_by"]) == ("3", {"03": "2"})
        rig.audit()
