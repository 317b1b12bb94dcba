"""The trace leads from a document down to the readings that caused it, and up again, on both databases."""

import json

from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.trace import trace_device, trace_document
from tests.integration.stored_plant import reader


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
