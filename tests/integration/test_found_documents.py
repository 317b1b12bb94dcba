"""Documents are found by what stands on them, page by page; names lead to documents; corrections and what waits."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select

from gateway.backflush.values.documents import FINAL
from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade
from gateway.ledger.reports import lists, postings, present
from gateway.ledger.reports.document_filter import (
    ALL_DOCUMENTS,
    DocumentFilter,
    find_documents,
    has_serial,
    refuse_unknown_documents,
)
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.trace import trace_name
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.stored_plant import START, reader
from tests.integration.test_audit_sweep import busy_with_everything
from tests.integration.test_reports import plans_of
from tests.servers import Postgres


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres
) -> Iterator[Connection]:
    """Offer a ledger in which every table has rows."""
    folder = tmp_path_factory.mktemp("found")
    url = postgres.fresh_url() if request.param == "postgresql" else f"sqlite:///{folder}/ledger.db"
    with busy_with_everything(url), reader(url) as connection:
        yield connection


FOUND: dict[DocumentFilter, Callable[[Record], bool]] = {
    DocumentFilter("1000"): lambda one: one["plant"] == "1000",
    DocumentFilter("1000/L3"): lambda one: one["line"] == "L3",
    DocumentFilter(material="FG"): lambda one: one["material"] == "FG",
    DocumentFilter(type="assembly"): lambda one: one["type"] == "assembly",
    DocumentFilter(type="reversal"): lambda one: one["type"] == "reversal",
    DocumentFilter("1000/L1", type="reversal", material="FG"): lambda one: one["type"] == "reversal",
    DocumentFilter(batch="LOT7"): lambda one: one["batch"] == "LOT7",
    DocumentFilter(actor="anna"): lambda one: one["actor"] == "anna",
    DocumentFilter(device="C1"): lambda one: any(said["device"] == "C1" for said in one["readings"]),
    DocumentFilter(order="PO2"): lambda one: any(said["order"] == "PO2" for said in one["orders"]),
    DocumentFilter(open="issue"): lambda one: one["status"]["issue"] in ("open", "partly") and not one["reverses"],
    DocumentFilter(since=START + 1): lambda one: one["entered_at"] > postings.format_time(START),
    DocumentFilter(until=START + 1): lambda one: one["entered_at"] <= postings.format_time(START),
}


@pytest.mark.parametrize("which", FOUND, ids=lambda which: str({k: v for k, v in which._asdict().items() if v}))
def test_a_filter_finds_the_documents_that_say_so_and_pages_hold_all_of_them(
    ledger: Connection, which: DocumentFilter
) -> None:
    everything = postings.documents(ledger, limit=1_000)
    found = postings.documents(ledger, which, limit=1_000)
    if which.open:
        # A document whose shortage waits in the backlog is "partly" as well.
        waits = {one["document"] for one in everything if FOUND[which](one)}
        assert {one["document"] for one in found} <= waits
    else:
        assert found == [one for one in everything if FOUND[which](one)]
    assert found
    pages: list[Record] = []
    while page := postings.documents(ledger, which._replace(after=int(pages[-1]["document"]) if pages else 0), limit=2):
        pages += page
    assert pages == found


LED = [
    # the filter, the index that leads, and whether it gives the order as well
    (DocumentFilter(), "documents_entered_at", True),
    (DocumentFilter(since=5, until=9), "documents_entered_at", True),
    (DocumentFilter("1000", since=5), "documents_entered_at", True),
    (DocumentFilter("1000/L1"), "documents_line", True),
    (DocumentFilter("1000/L1", since=5, type="assembly"), "documents_line", True),
    (DocumentFilter("1000/L1", since=5, material="FG", type="assembly"), "documents_material", True),
    (DocumentFilter("1000", material="FG"), "documents_material", True),
    (DocumentFilter(material="FG", type="point"), "documents_material", True),
    (DocumentFilter(type="assembly"), "documents_entered_at", True),
    (DocumentFilter(type="point"), "documents_type", True),
    (DocumentFilter("1000/L1", material="FG", type="reversal", actor="anna"), "documents_type", True),
    (DocumentFilter("1000/L1", actor="anna", type="assembly"), "documents_actor", True),
    (DocumentFilter("1000/L1", material="FG", type="reversal", batch="B1", device="C1"), "documents_batch", True),
    (DocumentFilter("1000", device="C1"), "sources_device", False),
    (DocumentFilter("1000/L1", order="O1", batch="B1"), "reductions_planned_order", False),
    (DocumentFilter("1000/L1", open="issue"), "worklist_rows_open", False),
    (DocumentFilter("1000/L1", serial="S1", order="O1"), "serials", False),
]


@pytest.mark.parametrize(("which", "index", "ordered"), LED)
def test_one_condition_leads_over_its_index(
    which: DocumentFilter, index: str, tmp_path: Path, *, ordered: bool
) -> None:
    plans = plans_of(lambda found: postings.documents(found, which, limit=9), tmp_path)
    plan = next(plan for plan in plans if any("documents" in step for step in plan))
    assert index in " ".join(plan)
    assert ordered != any("TEMP B-TREE" in step for step in plan)


@pytest.mark.parametrize("many", [3_000, 9_000])
def test_a_device_of_many_documents_is_looked_for_from_the_newest_on(tmp_path: Path, many: int) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    upgrade(url)
    document = {column.key: 0 if column.type.python_type is int else "" for column in t.documents.columns}
    source = {column.key: 0 if column.type.python_type is int else "" for column in t.sources.columns}
    engine = open_database(url)
    with engine.begin() as connection:
        numbers = range(1, many + 1)
        connection.execute(insert(t.documents), [{**document, "number": n, "entered_at": n} for n in numbers])
        connection.execute(insert(t.sources), [{**source, "document": n, "device": "C1"} for n in numbers if n % 3])
    engine.dispose()
    with reader(url) as connection:
        query = find_documents(connection, DocumentFilter(device="C1", since=5, after=many - 1)).limit(3)
        assert [row.number for row in connection.execute(query)] == [n for n in range(many - 2, 0, -1) if n % 3][:3]
        text = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = " ".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))
    assert ("documents_entered_at" in plan, "TEMP B-TREE" in plan) == (many > 5_000, many < 5_000)


def test_a_page_follows_a_document_that_is_there(ledger: Connection) -> None:
    with pytest.raises(UsageError, match="there is no document 0000009999 for a page to follow"):
        postings.documents(ledger, DocumentFilter(after=9_999))


@pytest.mark.parametrize(
    ("which", "said"),
    [
        (DocumentFilter(batch="LOT9"), "there is no document of batch 'LOT9'"),
        (DocumentFilter(actor="bert"), "there is no document by 'bert'"),
        (DocumentFilter(serial="S9"), "there is no document of serial number or SSCC 'S9'"),
        (DocumentFilter(order="PO9"), "there is no document that reduces planned order 'PO9'"),
        (DocumentFilter(batch="LOT7", actor="anna", order="PO1", serial="S7", since=START * 2), ""),
    ],
)
def test_a_name_that_no_document_has_is_said(ledger: Connection, which: DocumentFilter, said: str) -> None:
    assert postings.documents(ledger, which) == []
    if not said:
        refuse_unknown_documents(ledger, which)
        return
    with pytest.raises(UsageError, match=said):
        refuse_unknown_documents(ledger, which)


def test_a_serial_number_a_batch_and_an_order_lead_to_their_documents(ledger: Connection) -> None:
    [piece] = postings.documents(ledger, DocumentFilter(serial="S7"))
    found = trace_name(ledger, "S7")
    assert found is not None
    assert found["confirmed"] == [{"kind": "serial", "point": FINAL, "document": piece["document"]}]
    assert found["documents"] == [piece]
    for name, kind in (("LOT7", "made"), ("PO2", "reducing")):
        found = trace_name(ledger, name)
        assert found is not None
        of = DocumentFilter(batch=name) if kind == "made" else DocumentFilter(order=name)
        assert found[kind] == postings.documents(ledger, of)
        assert [other for other in ("documents", "made", "used", "reducing") if found[other]] == [kind]
    assert trace_name(ledger, "S") is None, "a name is whole"


def test_an_sscc_is_found_as_its_label_shows_it_and_without_its_identifier(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    upgrade(url)
    names = {"sscc 340123450000000017 final": 1, "serial 00340123450000000017 X final": 2, "sscc 0012 final": 3}
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(insert(t.serials), [{"serial": name, "document": n} for name, n in names.items()])
    engine.dispose()
    with reader(url) as connection:

        def found(said: str) -> list[int]:
            return sorted(connection.scalars(select(t.serials.c.document).where(has_serial(said))))

        assert found("340123450000000017") == [1]
        assert found("00340123450000000017") == [1, 2]
        assert (found("0012"), found("12"), found("0034012345000000001")) == ([3], [], [])


def test_the_worklist_of_a_line_is_one_row_with_its_holds(ledger: Connection) -> None:
    whole = present.worklist(ledger)
    for one in present.sum_worklist(ledger):
        mine = [row for row in whole if row["line"] == one["line"]]
        for name, process in (("issues", "issue"), ("activities", "activity")):
            assert one[name] == sum(row["rows"] for row in mine if row["process"] == process)
        assert one["posting_date"] == min(row["posting_date"] for row in mine)
        assert [hold["process"] for hold in one["holds"]] == (["issue"] if one["line"] == "L1" else [])
    assert {one["line"] for one in present.sum_worklist(ledger)} == {row["line"] for row in whole}
    assert [one["line"] for one in present.sum_worklist(ledger, line="1000/L9")] == ["L9"]


def test_quarantine_is_found_by_kind_and_time(ledger: Connection) -> None:
    everything = present.quarantine(ledger, present.Entries(""), limit=10_000)
    for kind in ("unbooked", "untrusted"):
        found = present.quarantine(ledger, present.Entries("", kind=kind), limit=10_000)
        assert found == [one for one in everything if one["kind"] == kind] != []
    newest = max(int(datetime.fromisoformat(one["at"]).timestamp() * 1_000_000) for one in everything)
    late = present.quarantine(ledger, present.Entries("", since=newest), limit=10_000)
    assert late == [one for one in everything if one["at"] == postings.format_time(newest)] != []
    assert present.quarantine(ledger, present.Entries("", since=newest + 1)) == []


def test_what_was_corrected_says_by_whom_when_and_why(url: str, tmp_path: Path) -> None:
    backflush = Commands(tmp_path / "data", url)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    by = ("--actor", "anna", "--reason", "wrong box")
    assert backflush("post", "1000/L05", "--quantity", "5", "--actor", "ben").status == 0
    assert backflush("reverse", "0000000001", *by).status == 0
    assert backflush("reverse", "0000000001", *by).status == 1, "what was refused has corrected nothing"
    assert backflush("hold", "1000/L02", "--kind", "issue", "--actor", "carl", "--reason", "inventory").status == 0
    rows = [f"{one['what']} {one['line']} {one['actor']}: {one['reason']}" for one in _corrections(backflush)]
    assert rows == ["hold L02 carl: inventory", "reverse L05 anna: wrong box"]
    assert [one["document"] for one in _corrections(backflush, "--actor", "anna")] == ["0000000002"]
    assert [one["what"] for one in _corrections(backflush, "--line", "1000/L02")] == ["hold"]
    assert _corrections(backflush, "--until", "2026-01-01") == []
    assert _corrections(backflush, "--actor", "ben") == [], "ben has posted, and corrected nothing"
    unknown = backflush("report", "corrections", "--actor", "dora")
    assert (unknown.status, "there is no document and no request by 'dora'" in unknown.err) == (2, True)
    assert "0000000002 reverses document 0000000001, or a part of it" in backflush("report", "corrections").out
    with reader(url) as connection:
        assert len(lists.corrections(connection, ALL_DOCUMENTS, limit=1)) == 1


def _corrections(backflush: Commands, *words: str) -> list[Record]:
    found = backflush("report", "corrections", *words, "--json")
    assert found.status == 0, found
    return list(found.json)
