"""The trace leads from a document down to the readings that caused it, and up again, on both databases."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, insert, select

from gateway.backflush.memory.changes import Needs
from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.reports import lists
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.trace import trace_device, trace_document
from gateway.ledger.store.dossiers import dossiers, later
from gateway.ledger.store.facts import read_facts
from tests.integration.stored_plant import busy_ledger, reader
from tests.servers import Postgres


def trace(url: str, number: int) -> Record:
    with reader(url) as connection:
        found = trace_document(connection, number)
    assert found is not None
    assert json.loads(json.dumps(found)) == found
    return found


def numbers(records: list[Record]) -> list[str]:
    return [record["document"].lstrip("0") for record in records]


def test_a_cumulated_posting_leads_to_its_receipts_and_their_readings(busy_url: str) -> None:
    found = trace(busy_url, 12)
    assert found["type"] == "worklist"
    assert numbers(found["origins"]) == ["1", "2", "3"]
    assert [(due["document"], due["mark"], due["units"]) for due in found["posted_dues"]] == [
        ("0000000001", "0", "6"),
        ("0000000002", "6", "20"),
        ("0000000003", "26", "8"),
    ]
    assert found["origin_readings"] == [
        {"device": "C1", "first_entry": 4, "last_entry": 7, "readings": 3, "yield": "32", "scrap": "6"}
    ]
    assert found["more_origins"] == 0


def test_a_receipt_leads_to_what_posted_its_issues_and_to_its_reversals(busy_url: str) -> None:
    found = trace(busy_url, 1)
    assert [(due["process"], due["posted_by"], due["reversed"]) for due in found["dues"]] == [
        ("activity", "0000000011", "6"),
        ("activity", "0000000011", "6"),
        ("issue", "0000000012", "6"),
        ("receipt", "0000000001", "10"),
    ]
    assert numbers(found["reversals"]) == ["10", "15"]
    assert [reading["device"] for reading in found["readings"]] == ["C1"]


def test_a_receipt_leads_to_the_backlog_of_the_document_that_posted_its_issues(busy_url: str) -> None:
    (record,) = trace(busy_url, 2)["backlog"]
    assert (record["document"], record["material"], record["quantity"]) == ("0000000012", "SCARCE", "20")


def test_a_shortage_leads_to_its_issue_and_back(busy_url: str) -> None:
    (record,) = trace(busy_url, 7)["backlog"]
    assert (record["issued"], record["issued_by"]) == ("53", ["0000000019"])
    issue = trace(busy_url, 19)
    assert issue["reference"] == "0000000007/4"
    assert numbers(issue["origins"]) == ["7"]
    assert [reading["device"] for reading in issue["origin_readings"]] == ["W3"]


def test_a_reversal_leads_to_what_it_reverses(busy_url: str) -> None:
    found = trace(busy_url, 15)
    assert found["reverses"] == "0000000001"
    assert numbers(found["reversals"]) == ["1"]


def test_a_manual_posting_has_no_device(busy_url: str) -> None:
    assert [(reading["device"], reading["yield"]) for reading in trace(busy_url, 20)["readings"]] == [("", "2")]


def test_a_device_leads_to_its_documents_and_quarantine_entries(busy_url: str) -> None:
    with reader(busy_url) as connection:
        counter = trace_device(connection, "C1", limit=2)
        lost = trace_device(connection, "C9")
        unknown = trace_device(connection, "nobody")
    assert counter is not None
    assert lost is not None
    assert numbers(counter["documents"]) == ["16", "3"]
    assert {mark["boot"] for mark in counter["marks"]} == {"a", "b"}
    assert [entry["number"] for entry in lost["quarantine"]] == ["0000000003", "0000000002", "0000000001"]
    assert numbers(lost["documents"]) == ["18"]
    assert unknown is None


def test_a_number_that_no_document_has_leads_nowhere(busy_url: str) -> None:
    with reader(busy_url) as connection:
        assert trace_document(connection, 4711) is None


MANY = 70_000
"""More names than a question to PostgreSQL may have."""


def asked_of(connection: Connection) -> list[tuple[str, Any]]:
    """Note what is asked from now on."""
    asked: list[tuple[str, Any]] = []
    event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    return asked


def test_what_is_later_is_asked_once_of_each_flow(busy_url: str) -> None:
    with reader(busy_url) as connection:
        numbers = connection.scalars(select(t.documents.c.number)).all()
        found = dossiers(connection, numbers)
        flows = {dossier.document.flow for dossier in found.values()}
        asked = asked_of(connection)
        after = later(connection, found.values())
    assert len(asked) == len(flows) < len(numbers)
    assert after.keys() == flows
    assert any(after.values())


def test_the_newest_reports_of_a_version_are_found_over_its_flows(tmp_path: Path, postgres: Postgres) -> None:
    """The documents of other products are not read."""
    with reader(busy_ledger("sqlite", tmp_path, postgres)) as connection:
        asked = asked_of(connection)
        found = read_facts(connection, Needs(latest=("1000", "FG", "V1", "final", 10_000_000)), ("*",), ())
        assert found.latest
        [(sql, said)] = [each for each in asked if "said_yield" in each[0] and "documents.flow IN" in each[0]]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", said).all()
    assert any("INDEX documents_flow" in str(step) for step in plan), plan


def test_however_many_are_named_all_are_read(busy_url: str) -> None:
    with reader(busy_url) as connection:
        there = connection.scalars(select(t.documents.c.number)).all()
        numbers = tuple(range(1, MANY))
        assert [*dossiers(connection, numbers)] == sorted(there)


def test_a_list_of_more_orders_than_a_question_takes_is_shown(busy_url: str) -> None:
    engine = open_database(busy_url)
    before = {"plant": "1000", "material": "Z", "version": "", "line": "", "finish_date": "", "components": "[]"}
    orders = [
        {**before, "planned_order": f"Z{number}", "start_date": "2026-01-01", "quantity": 1} for number in range(MANY)
    ]
    with engine.begin() as connection:
        connection.execute(insert(t.orders), orders)
    with reader(busy_url) as connection:
        assert len(lists.orders(connection, MasterData(), lists.OrderFilter(material="Z"), limit=MANY)) == MANY
    engine.dispose()
