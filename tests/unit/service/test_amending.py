"""Requests that change the master data: what they make of the data in force, and what is refused."""

import json
from functools import cache
from typing import Any

import pytest

from devices.errors import Rejection
from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.events import Answer, Command, MasterDataImport
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.journal import Entry
from gateway.masterdata.amendments import dump_amendment
from gateway.masterdata.build import build
from gateway.masterdata.devices import disable_device
from gateway.masterdata.files.read import read_all
from gateway.masterdata.tables import Tables, tables_in
from gateway.mqtt.topics import Topics
from gateway.service.fold.decode import Intake
from tests.integration.cli_program import SHIPPED

ORDER = {"order": "P-9", "plant": "1000", "material": "PUMP-40", "version": "0001", "line": "L06",
         "start": "2026-11-30", "quantity": "120"}  # fmt: skip


@cache
def shipped() -> tuple[bytes, MasterData]:
    """Return the plant that is shipped, as text and snapshot."""
    tables = read_all(SHIPPED)[0]
    return tables.text, build(tables_in(tables.text)).master


def decode(entry: Entry, text: bytes = b"", *, allowed: tuple[str, ...] = ()) -> Command | MasterDataImport:
    """Read an entry over the plant that is shipped, or what has become of it."""
    in_force = text or shipped()[0]
    master = build(tables_in(in_force)).master if text else shipped()[1]
    rules = Rules(requests=allowed, open_names=())
    event = Intake(Topics("bf/v1", "gw1"), rules, Knowledge()).decode(7, entry, master, in_force)
    assert isinstance(event, Command | MasterDataImport)
    return event


def ask(verb: str, data: dict[str, Any], text: bytes = b"", **said: Any) -> Any:
    """Return the action of a request."""
    content = {"verb": verb, "transaction": "t-1", "actor": "anna", "reason": "audit", "data": data, **said}
    event = decode(Entry("command", "", json.dumps(content).encode()), text)
    assert isinstance(event, Command)
    return event.action


def bring(row: dict[str, str], text: bytes = b"", **said: Any) -> Any:
    """Return the action of a request for a planned order."""
    return ask("import", {"tables": {"planned_orders": [row]}, **said}, text)


def orders_of(made: MasterDataImport) -> dict[str, dict[str, str]]:
    """Return the planned orders that are in force after an import."""
    return {row.key()[0]: row.cells() for row in tables_in(made.tables).rows["planned_orders"]}


def test_an_order_is_added_changed_and_closed() -> None:
    made = bring(ORDER, seen={"planned_orders": []})
    assert isinstance(made, MasterDataImport)
    assert orders_of(made)["P-9"] == ORDER
    assert (made.reason, made.judged, made.answer.data["changed"]) == ("audit", True, 1)
    more = bring({"order": "P-9", "quantity": "150"}, made.tables, seen={"planned_orders": [ORDER]})
    assert orders_of(more)["P-9"] == {**ORDER, "quantity": "150"}
    [change] = more.answer.data["changes"]
    assert (change["key"], change["kind"]) == (["P-9"], "changed")
    assert change["fields"] == {"quantity": {"before": "120", "after": "150"}}
    cleared = bring({"order": "P-9", "line": "", "version": ""}, more.tables)
    assert "line" not in orders_of(cleared)["P-9"]
    closed = bring({"order": "P-9", "closed": "yes"}, cleared.tables)
    assert orders_of(closed)["P-9"]["closed"] == "yes"
    assert isinstance(bring({"order": "P-9", "closed": "yes"}, closed.tables), Answer)
    before = orders_of(made).keys() - {"P-9"}
    assert before <= orders_of(closed).keys()


@pytest.mark.parametrize(
    ("row", "seen", "text"),
    [
        (ORDER, [], "planned_orders P-9 is there already"),
        ({"order": "P-9", "quantity": "1"}, [{**ORDER, "quantity": "100"}], "quantity is 120, not 100"),
        ({"order": "P-9", "quantity": "1"}, [{**ORDER, "closed": "yes"}], "closed is empty, not yes"),
        ({**ORDER, "order": "P-10"}, [{"order": "P-10"}], "planned_orders P-10 is not there"),
    ],
)
def test_a_row_that_is_another_one_now_is_told(row: dict[str, str], seen: list[dict[str, str]], text: str) -> None:
    in_force = bring(ORDER).tables
    refused = bring(row, in_force, seen={"planned_orders": seen})
    assert isinstance(refused, Rejection)
    assert refused.code == "BF6002"
    assert text in refused.text


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        ({}, "BF5008", "tables"),
        ({"tables": {"planned_orders": [{**ORDER, "quantity": "-1"}]}}, "BF5008", "planned_orders 1: quantity"),
        ({"tables": {"planned_orders": [{**ORDER, "quantity": 5}]}}, "BF5008", "expected a text"),
        ({"tables": {"planned_orders": [{**ORDER, "line": "L99"}]}}, "BF5008", "BF3021"),
        ({"tables": {"planned_orders": [{**ORDER, "material": "NONE"}]}}, "BF5008", "NONE"),
        ({"tables": {"planned_orders": [{**ORDER, "colour": "red"}]}}, "BF5008", "colour"),
        ({"tables": {"planned_orders": [ORDER, ORDER]}}, "BF5008", "expected it once"),
        ({"tables": {"planned_orders": [{}]}}, "BF5008", "order"),
        ({"tables": {"planned_orders": [{**ORDER, "order": " P-9"}]}}, "BF5008", "expected the name"),
        ({"tables": {"planned_orders": [{**ORDER, "order": "P\u0041\u030a"}]}}, "BF5008", "expected the name"),
        ({"tables": {"colours": []}}, "BF5008", "colours"),
        ({"tables": {"runs": []}}, "BF5008", "run-start"),
        ({"tables": {"scrap_reasons": []}}, "BF5014", "rows would go"),
        ({"tables": {"scrap_reasons": []}, "remove": [["scrap_reasons", "03"]]}, "BF5014", "rows would go"),
        ({"tables": {"planned_orders": [ORDER]}, "seen": {"colours": []}}, "BF5008", "colours"),
        ({"tables": {"planned_orders": [ORDER]}, "seen": [1]}, "BF5008", "seen"),
    ],
)
def test_what_is_wrong_is_refused_by_the_rules_of_every_import(data: dict[str, Any], code: str, text: str) -> None:
    refused = ask("import", data)
    assert isinstance(refused, Rejection)
    assert refused.code == code, refused.text
    assert text in refused.text


def test_rows_go_by_their_names_alone() -> None:
    reasons = [row.key()[0] for row in tables_in(shipped()[0]).rows["scrap_reasons"]]
    made = ask("import", {"tables": {"scrap_reasons": []}, "remove": [["scrap_reasons", each] for each in reasons]})
    assert tables_in(made.tables).rows["scrap_reasons"] == ()
    assert isinstance(ask("import", {"tables": {"scrap_reasons": []}, "remove": "none"}), Answer)
    assert (
        tables_in(ask("import", {"tables": {"scrap_reasons": []}, "remove": "all"}).tables).rows["scrap_reasons"] == ()
    )


def test_a_device_is_adopted_replaced_disabled_and_enabled() -> None:
    made = ask("devices", {"op": "adopt", "new": "n-1", "like": "c-L04-good"}, plant="1000", line="L04")
    assert made.answer.text == "adopted n-1"
    assert made.reason == "adopted n-1: audit"
    more = ask("devices", {"op": "replace", "old": "n-1", "new": "n-2", "first": "zero"}, made.tables)
    rows = {row.key()[0]: row.cells() for row in tables_in(more.tables).rows["devices"]}
    assert (rows["n-1"]["disabled"], rows["n-2"]["first"], rows["n-2"]["line"]) == ("yes", "zero", "L04")
    off = ask("devices", {"op": "disable", "old": "n-2"}, more.tables)
    assert isinstance(ask("devices", {"op": "disable", "old": "n-2"}, off.tables), Answer)
    on = ask("devices", {"op": "enable", "old": "n-2"}, off.tables)
    assert "disabled" not in {row.key()[0]: row.cells() for row in tables_in(on.tables).rows["devices"]}["n-2"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"op": "explode"}, "op"),
        ({"op": "adopt", "new": "c-L04-good"}, "in the master data already"),
        ({"op": "adopt", "new": "n-1"}, "plant"),
        ({"op": "adopt", "new": "n 1", "like": "c-L04-good"}, "device"),
        ({"op": "disable", "old": "nobody"}, "nobody"),
        ({"op": "replace", "old": "c-L04-good", "new": "c-L04-good"}, "begin"),
    ],
)
def test_a_change_of_a_device_is_refused(data: dict[str, Any], text: str) -> None:
    refused = ask("devices", data)
    assert isinstance(refused, Rejection)
    assert text in refused.text


def test_a_change_needs_a_reason_and_a_name() -> None:
    wrong: list[dict[str, Any]] = [{"reason": ""}, {"transaction": ""}]
    for said in wrong:
        refused = ask("import", {"tables": {"planned_orders": [ORDER]}}, **said)
        assert isinstance(refused, Rejection)
        assert refused.code == "BF5008"


@pytest.mark.parametrize("allowed", [(), ("import",)])
def test_a_topic_may_ask_for_what_is_allowed(allowed: tuple[str, ...]) -> None:
    said = {"transaction": "t-1", "actor": "mes", "reason": "audit", "data": {"tables": {"planned_orders": [ORDER]}}}
    entry = Entry("message", "bf/v1/_gateway/gw1/_request/import", json.dumps(said).encode())
    event = decode(entry, allowed=allowed)
    assert isinstance(event, Command)
    assert (event.verb, event.transaction) == ("import", "t-1")
    assert isinstance(event.action, MasterDataImport) is bool(allowed)


def test_an_amendment_with_a_transaction_is_a_command() -> None:
    tables: Tables = tables_in(shipped()[0])
    change = disable_device(tables, "c-L04-good", undo=False).amendment
    without = decode(Entry("amendment", "anna", dump_amendment(change)))
    assert isinstance(without, MasterDataImport)
    named = change._replace(transaction="t-1")
    first = decode(Entry("amendment", "anna", dump_amendment(named)))
    again = decode(Entry("amendment", "anna", dump_amendment(named._replace(beside=""))))
    other = decode(Entry("amendment", "carl", dump_amendment(named)))
    assert isinstance(first, Command)
    assert isinstance(again, Command)
    assert isinstance(other, Command)
    assert (first.verb, first.transaction, first.digest) == ("import", "t-1", again.digest)
    assert other.digest != first.digest
    overlong = decode(Entry("amendment", "anna", dump_amendment(change._replace(transaction="t" * 201))))
    assert isinstance(overlong, Command)
    assert isinstance(overlong.action, Rejection)
