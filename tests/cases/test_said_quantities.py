"""What a person says of components and by-products is issued or received as the list has it, and of these alone."""

from decimal import Decimal

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

BY_PRODUCTS = {
    "materials": """plant material unit decimals standard_price issue_location receiving_location rem_profile
                    1000  W        PC   0        1              RM             FG                 -
                    1000  V        PC   0        1              RM             FG                 -""",
    "bom_items": """plant material alternative item component quantity
                    1000  P        1           0020 W         -1
                    1000  P        1           0030 V         -1""",
}


def test_by_products_that_are_named_are_received_and_unnamed_ones_as_well() -> None:
    """W03, f_small."""
    with Rig(SMALL, more=BY_PRODUCTS) as rig:
        rig.start().done("post", "1000/L1", "--quantity", "5", "--component", "W=4", "--component", "V=3")
        assert rig.stock() == {"P FG": 5, "A RM": -Decimal("1.25"), "W RM": 4, "V RM": 3}
        rig.scan("s1", "P", components=[{"material": "A", "quantity": "1"}])
        assert rig.stock() == {"P FG": 6, "A RM": -Decimal("2.25"), "W RM": 5, "V RM": 4}
        rig.done("post", "1000/L1", "--quantity", "5", "--component", "A=2", "--complete")
        assert rig.stock() == {"P FG": 11, "A RM": -Decimal("4.25"), "W RM": 5, "V RM": 4}
        refused = rig.backflush("post", "1000/L1", "--quantity", "5", "--component", "W=-4")
        assert (refused.status, "--component" in refused.err) == (2, True)
        rig.audit()


def test_components_that_were_not_used_come_back_to_their_document() -> None:
    """W11, f_small."""
    with Rig(SMALL) as rig:
        rig.start().done("post", "1000/L1", "--type", "component", "--component", "A=12")
        number = rig.documents()[0]["document"]
        refused = rig.backflush("reverse", number, "--quantity", "2", "--reason", "2 came back")
        assert (refused.status, "--component" in refused.err) == (1, True)
        rig.done("reverse", number, "--component", "A=2", "--reason", "2 came back")
        assert rig.stock() == {"A RM": -10}
        rig.audit()
        rig.done("post", "1000/L1", "--quantity", "8", "--component", "A=4")
        made = rig.documents()[-1]["document"]
        rig.done("reverse", made, "--quantity", "2", "--reason", "two too many")
        assert rig.stock() == {"P FG": 6, "A RM": -13}
        rig.done("reverse", made, "--component", "A=1", "--reason", "came back")
        rig.audit()
        rig.done("reverse", made, "--reason", "all of it")
        rig.done("reverse", number, "--reason", "all of it")
        assert rig.stock() == {"P FG": 0, "A RM": 0}
        rig.audit()


def test_a_component_that_the_list_has_at_two_places_is_taken_from_both_as_the_list_does() -> None:
    """All of it was looked for at the place that stands last in the list, and nothing was issued."""
    places = {"storage_locations": "plant location negative_stock\n1000 RM no\n1000 R2 no\n1000 FG yes"}
    materials = "plant material unit decimals standard_price\n1000 A PC 0 1"
    made = {"materials": SMALL["materials"].splitlines()[0] + "\n" + SMALL["materials"].splitlines()[1]}
    items = """plant material alternative item component quantity issue_location
               1000  P        1           0010 A         24       RM
               1000  P        1           0020 A         4        R2"""
    stock = "plant material location quantity\n1000 A RM 1000\n1000 A R2 50"
    more = {"materials": materials, "opening_stock": stock}
    with Rig({**SMALL, **places, **made, "bom_items": items}, more=more) as rig:
        rig.start().done("post", "1000/L1", "--quantity", "2", "--component", "A=56")
        assert rig.stock() == {"P FG": 2, "A RM": 952, "A R2": 42}
        rig.scan("s1", "P", components=[{"material": "A", "quantity": "14"}])
        assert rig.stock() == {"P FG": 3, "A RM": 940, "A R2": 40}
        rig.audit()
