"""Cost objects: their texts stay as they are, and are read back as what they were."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.values.cost_objects import Bearer, CostObject, collector_of, cost_object_of, parse_cost_object

names = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@given(st.builds(CostObject, st.sampled_from(Bearer), names))
def test_a_cost_object_is_read_from_its_text(known: CostObject) -> None:
    assert parse_cost_object(known.text) == known


@given(names, names, names)
def test_each_kind_has_its_beginning(order: str, item: str, lot: str) -> None:
    sold, by_lot, to_stock = (
        cost_object_of(order, item, ""),
        cost_object_of("", "", lot),
        collector_of("1000", lot, item),
    )
    assert (sold, by_lot, to_stock) == (f"SO {order} {item}", f"LOT {lot}", f"PCC 1000 {lot} {item}")
    assert parse_cost_object(sold).sales_order == (order, item)
    assert [parse_cost_object(text).bearer for text in (to_stock, sold, by_lot)] == list(Bearer)
    assert [parse_cost_object(text).to_stock for text in (to_stock, sold, by_lot)] == [True, False, False]
