"""A request for rows of the master data ends as an import, an answer or a refusal, whatever it says."""

import json
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Rejection
from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.events import Answer, Command, MasterDataImport
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.journal import Entry
from gateway.masterdata.build import build
from gateway.masterdata.files.read import read_all
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import tables_in
from gateway.mqtt.topics import Topics
from gateway.service.fold.decode import Intake
from tests.integration.cli_program import SHIPPED

CELLS = st.sampled_from(
    ["", " ", "1", "-1", "0.0000001", "1e9", "9" * 50, "yes", "no", "1000", "L04", "_", "PUMP-40", "0001", "P1001", "x",
     "2026-02-30", "2026-11-30", "9999-12-31", "24:00", "Mon-Sun", "UTC", "Nowhere/City", "\u202e", "=1+1",
     "\x00", "a/b", "c-L04-good", "n-1", "Å", "../x", "100%", "reading", "E/1/2", "BF:LINE:1:L"]
) | st.text(max_size=3)  # fmt: skip
NAMES = st.sampled_from([*TABLES, "colours", ""])


@cache
def shipped() -> tuple[bytes, MasterData]:
    """Return the plant that is shipped, as text and snapshot."""
    text = read_all(SHIPPED)[0].text
    return text, build(tables_in(text)).master


@st.composite
def rows(draw: st.DrawFn, table: str) -> dict[str, str]:
    """Draw a row of a table: some of its columns, or those of a row in force with others."""
    kind = TABLES.get(table)
    known = tables_in(shipped()[0]).rows.get(table, ()) if draw(st.booleans()) else ()
    row = dict(draw(st.sampled_from([each.cells() for each in known]))) if known else {}
    columns = [*kind.model_fields] if kind is not None else ["x"]
    return row | draw(st.dictionaries(st.sampled_from(columns), CELLS, max_size=4))


@st.composite
def imports(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the data of an import."""
    tables = draw(st.lists(NAMES, max_size=2, unique=True))
    said = {table: draw(st.lists(rows(table), max_size=2)) for table in tables}
    removes = st.sampled_from(["", "none", "all", "some", 7]) | st.lists(st.lists(CELLS, max_size=3), max_size=2)
    seen = {table: draw(st.lists(rows(table), max_size=1)) for table in tables if draw(st.booleans())}
    return {"tables": said, "remove": draw(removes), "seen": seen}


DEVICES = st.fixed_dictionaries(
    {"op": st.sampled_from(["adopt", "replace", "disable", "enable", "explode"])},
    optional=dict.fromkeys(("old", "new", "like", "point", "kind", "role", "first"), CELLS),
)


def end_of(verb: str, data: dict[str, Any], *, empty: bool) -> object:
    """Return the action of a request that comes by the control socket."""
    text, master = (b"", MasterData()) if empty else shipped()
    said = {"verb": verb, "transaction": "t", "actor": "a", "reason": "r", "plant": "1000", "line": "L04", "data": data}
    event = Intake(Topics("bf/v1", "gw1"), Rules(open_names=()), Knowledge()).decode(
        7, Entry("command", "", json.dumps(said).encode()), master, text
    )
    assert isinstance(event, Command)
    assert not (isinstance(event.action, Rejection) and "cannot be read" in event.action.text), event.action
    return event.action


@given(data=imports(), empty=st.booleans())
def test_an_import_ends(data: dict[str, Any], *, empty: bool) -> None:
    assert isinstance(end_of("import", data, empty=empty), MasterDataImport | Answer | Rejection)


@given(data=DEVICES)
def test_a_change_of_a_device_ends(data: dict[str, Any]) -> None:
    assert isinstance(end_of("devices", data, empty=False), MasterDataImport | Answer | Rejection)
