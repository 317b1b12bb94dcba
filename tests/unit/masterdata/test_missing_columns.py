"""What files say of columns that they do not have: nothing, whatever wrote them."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.masterdata.importing import weigh
from gateway.masterdata.merge import Missing, diff, merge
from gateway.masterdata.tables import Origin, Tables
from tests.unit.masterdata.small_plant import write_folder
from tests.unit.masterdata.test_laws import ITEMS, any_tables, read, small


@given(any_tables(), any_tables(), st.data(), st.sampled_from(Missing))
@settings(max_examples=100, deadline=None)
def test_what_a_file_has_no_column_for_stays(old: Tables, new: Tables, data: st.DataObject, missing: Missing) -> None:
    """And of a new row it is the default."""
    lacks = {
        (table, row.key()): frozenset(data.draw(st.sets(st.sampled_from(list(type(row).model_fields)))))
        for table, rows in new.rows.items()
        for row in rows
    }
    partial = Tables(new.rows, {key: Origin("file", 2, columns) for key, columns in lacks.items()})
    once = merge(old, partial.fill(old), missing).tables
    assert merge(once, partial.fill(once), missing).tables == once
    before, after = ({(t, row.key()): row for t, rows in some.rows.items() for row in rows} for some in (old, once))
    for table, rows in new.rows.items():
        for row in rows:
            key = table, row.key()
            held = before.get(key, row)
            for column in type(row).model_fields:
                assert getattr(after[key], column) == getattr(held if column in lacks[key] else row, column)


VERSIONS = "plant,material,version,bom_alternative,routing,line"
HAD = {
    "production_versions": f"{VERSIONS},issue_location,locked\n1000,PUMP,0001,1,1,L01,RM02,yes",
    "planned_orders": "order,plant,material,start,quantity,closed\nP1,1000,PUMP,2026-11-23,100,yes",
    "devices": "device,plant,line,max_step,disabled\nc1,1000,L01,1000,yes",
    "bom_items": f"{ITEMS.strip()},issue_location\n1000,PUMP,1,0010,SEALS,1,RM02\n1000,PUMP,1,0020,GLUE,0.8,RM02",
}


def test_a_file_with_fewer_columns_unlocks_opens_enables_and_moves_nothing(tmp_path: Path) -> None:
    old = small(tmp_path / "old", **HAD)
    files = {
        "production_versions": f"{VERSIONS}\n1000,PUMP,0001,1,1,L01\n1000,PUMP,0002,1,1,L01",
        "planned_orders": "order,plant,material,start,quantity\nP1,1000,PUMP,2026-11-23,120",
        "devices": "device,plant,line\nc1,1000,L01",
        "bom_items": f"{ITEMS}1000,PUMP,1,0010,SEALS,2",
    }
    merged = weigh(read(write_folder(tmp_path / "new", files)), old, (), Missing.KEPT).merged
    assert [str(change) for change in diff(old, merged)] == [
        "~ bom_items 1000/PUMP/1/0010/0001-01-01: quantity 1 -> 2",
        "+ production_versions 1000/PUMP/0002: bom_alternative 1, routing 1, line L01",
        "~ planned_orders P1: quantity 100 -> 120",
    ]


def test_an_empty_cell_is_the_default_and_a_row_of_yaml_has_the_columns_that_it_names(tmp_path: Path) -> None:
    old = small(tmp_path / "old", **HAD)
    files = {"devices": "device,plant,line,max_step,disabled\nc1,1000,L01,,no"}
    emptied = ["~ devices c1: max_step 1000 -> (none), disabled yes -> (none)"]
    new = read(write_folder(tmp_path / "new", files))
    assert list(map(str, weigh(new, old).changes)) == emptied
    yaml = tmp_path / "plant.yaml"
    yaml.write_text("devices:\n- {device: c1, plant: '1000', line: L01}\n- {device: c2, plant: '1000', disabled: yes}")
    assert list(map(str, weigh(read(yaml), old).changes)) == ["+ devices c2: plant 1000, disabled yes"]
    yaml.write_text("devices:\n- {device: c1, plant: '1000', line: L01, max_step: , disabled: no}")
    assert list(map(str, weigh(read(yaml), old).changes)) == emptied
