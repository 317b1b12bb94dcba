"""Reports say what the small plant did, in the names and the decimal text of the contract, on both databases."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from gateway.ledger.database.schema import upgrade
from gateway.ledger.reports import day_curve, devices, lists, postings, present, produced, used
from gateway.ledger.reports.document_filter import DocumentFilter
from gateway.ledger.reports.postings import Record, inert
from gateway.ledger.reports.trace import trace_device
from gateway.service.tell.lines import lines_now
from tests.integration.stored_plant import SECOND, START, master_data, reader

NOW = START + 90 * SECOND


def table(records: Iterable[Record], *names: str) -> list[str]:
    """Show some fields of each record as a line of text."""
    return [" ".join(str(record[name]) for name in names) for record in records]


def test_stock_is_listed_by_key_with_its_unit(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = present.stock(connection, master_data())
        some = present.stock(connection, master_data(), present.StockFilter(material="FO"))
    assert list(found[0]) == ["plant", "material", "location", "batch", "stock_type", "quantity", "unit"]
    assert table(found, "material", "location", "batch", "quantity", "unit") == [
        "A RAW  851 PC",
        "B RAW  -7.933 KG",
        "FG FGL  25 PC",
        "FO FGL  20 PC",
        "FO FGL LOT7 2 PC",
        "FP FGL  10 PC",
        "SCARCE TIGHT  0 PC",
    ]
    assert table(some, "batch", "quantity") == [" 20", "LOT7 2"]


def test_documents_come_newest_first_with_all_that_stands_under_them(busy_url: str) -> None:
    with reader(busy_url) as connection:
        newest = postings.documents(connection, DocumentFilter("1000/L3"), limit=2)
        first = postings.documents(connection)[-1]
    assert table(newest, "document", "type", "line", "yield") == ["0000000020 assembly L3 2", "0000000019 backlog L3 0"]
    assert first == {
        "document": "0000000001",
        "type": "assembly",
        "plant": "1000",
        "line": "L1",
        "material": "FG",
        "version": "V1",
        "cost_object": "PCC 1000 FG V1",
        "batch": "",
        "posting_date": "2026-03-16",
        "production_date": "2026-03-16",
        "shift": "",
        "entered_at": "2026-03-16T08:00:00.000Z",
        "yield": "10",
        "scrap": "0",
        "rework": "0",
        "status": dict.fromkeys(("receipt", "issue", "activity", "orders", "capacity"), "posted"),
        "reversed": "whole",
        "reversed_by": ["0000000010", "0000000015"],
        "reverses": None,
        "caused_by": None,
        "material_document": "0000000001-1",
        "activity_document": None,
        "actor": "",
        "reason": "",
        "reference": "",
        "confirmations": [
            {
                "point": "final",
                "reason": "",
                "yield": "10",
                "scrap": "0",
                "lost": "0",
                "rework": "0",
                "reported": "10",
                "automatic": False,
            }
        ],
        "items": [
            {
                "item": 1,
                "origin": "exploded",
                "process": "receipt",
                "movement": "131",
                "material": "FG",
                "location": "FGL",
                "batch": "",
                "stock_type": "",
                "quantity": "10",
                "unit": "PC",
                "amount": "-200",
                "cost_object": "PCC 1000 FG V1",
            }
        ],
        "activities": [],
        "readings": [
            {
                "device": "C1",
                "first_entry": 4,
                "last_entry": 4,
                "readings": 1,
                "yield": "10",
                "scrap": "0",
                "first_at": "2026-03-16T08:00:00.000Z",
                "last_at": "2026-03-16T08:00:00.000Z",
                "spans_change": False,
            }
        ],
        "orders": [
            {"order": "PO1", "point": "final", "quantity": "10"},
            {"order": "PO1", "point": "", "quantity": "10"},
        ],
    }
    assert json.loads(json.dumps(first)) == first


@pytest.mark.parametrize(
    ("number", "receipt", "issue", "activity", "orders"),
    [
        pytest.param(1, "posted", "posted", "posted", "posted", id="posted by a later document"),
        pytest.param(4, "none", "none", "none", "none", id="all of it waits for an earlier point"),
        pytest.param(9, "posted", "partly", "posted", "none", id="a component is in the backlog"),
        pytest.param(10, "posted", "none", "none", "posted", id="a reversal of what was not posted yet"),
        pytest.param(12, "none", "posted", "none", "none", id="a cumulated posting"),
        pytest.param(16, "posted", "open", "open", "posted", id="on the worklist"),
        pytest.param(19, "none", "posted", "none", "none", id="a shortage worked off"),
    ],
)
def test_the_status_of_a_document_is_that_of_its_dues(
    busy_url: str, number: int, receipt: str, issue: str, activity: str, orders: str
) -> None:
    with reader(busy_url) as connection:
        found = {record["document"]: record["status"] for record in postings.documents(connection)}
    processes = {"receipt": receipt, "issue": issue, "activity": activity, "orders": orders, "capacity": orders}
    assert found[f"{number:010d}"] == processes


def test_documents_are_found_since_a_time(busy_url: str) -> None:
    with reader(busy_url) as connection:
        later = postings.documents(connection, DocumentFilter(since=START + 1))
        none = postings.documents(connection, DocumentFilter(since=START + 60 * SECOND))
    assert [record["document"] for record in later][-1] == "0000000007"
    assert len(later) == 15
    assert none == []


def test_movements_are_all_of_each_document_that_is_shown(busy_url: str) -> None:
    with reader(busy_url) as connection:
        whole = postings.movements(connection)
        newest_first = [*dict.fromkeys(record["document"] for record in whole)]
        assert len(newest_first) < len(whole)
        for limit in range(1, len(newest_first) + 1):
            kept = newest_first[:limit]
            assert postings.movements(connection, limit=limit) == [one for one in whole if one["document"] in kept]
        of_documents = [
            (one["document"], item["item"]) for one in postings.documents(connection) for item in one["items"]
        ]
    assert [(one["document"], one["item"]) for one in whole] == of_documents


def test_production_holds_plan_yield_and_scrap_by_reason(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = produced.production(connection, master_data())
        day = produced.production(
            connection, master_data(), plant="1000", line="L1", since="2026-03-17", until="2026-03-18"
        )
    assert found[0]["scrap_by"] == {"": "2", "DENT": "4"}
    assert table(found, "line", "material", "version", "date", "planned", "yield", "scrap") == [
        "L1 FG V1 2026-03-16 30 24 6",
        "L1 FG V1 2026-03-18 100 0 0",
        "L2 FP V1 2026-03-16 0 10 1",
        "L3 FO V1 2026-03-16 0 22 2",
        "L9 FG V1 2026-03-16 0 1 0",
    ]
    assert table(day, "date", "planned") == ["2026-03-18 100"]


def test_points_hold_what_is_on_the_line_and_what_waits(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = present.points(connection, material="FP")
    assert table(found, "point", "yield", "scrap", "lost", "wip", "waiting") == ["0010 10 1 0 0 0", "final 10 0 0 0 3"]


def test_points_as_the_end_of_a_period_saw_them(busy_url: str) -> None:
    with reader(busy_url) as connection:
        then = present.points(connection, material="FP", period="2026-03")
        before = present.points(connection, material="FP", period="2026-02")
    assert table(then, "point", "yield", "scrap", "wip") == ["0010 10 1 0", "final 10 0 0"]
    assert table(before, "point", "yield", "scrap", "wip") == ["0010 0 0 0", "final 0 0 0"]


def test_collectors_tell_debits_credits_and_elements(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = present.collectors(connection, plant="1000", period="2026-03")
        other = present.collectors(connection, period="2026-04")
    assert table(found, "cost_object", "debits", "credits", "balance") == [
        "PCC 1000 FG V1 217.46 500 -282.54",
        "PCC 1000 FO V1 138.01 274 -135.99",
        "PCC 1000 FP V1 66.59 200 -133.41",
    ]
    assert found[0]["elements"] == {"activity": "15", "issue": "202.46", "receipt": "-500"}
    assert other == []


def test_backlog_is_told_one_by_one_and_cumulated(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = present.backlog(connection, NOW)
        oldest = present.backlog(connection, NOW, line="1000/L3", material="SCARCE", limit=1)
        summed = present.sum_backlog(connection, NOW)
    assert table(found, "document", "item", "material", "location", "quantity", "closed", "cause", "age_s") == [
        "0000000008 3 SCARCE TIGHT 3 0 BF4002 60",
        "0000000009 2 SCARCE TIGHT 3 0 BF4002 60",
        "0000000012 3 SCARCE TIGHT 20 14 BF4002 60",
        "0000000020 3 SCARCE TIGHT 6 0 BF4002 60",
    ]
    assert table(oldest, "document") == ["0000000008"]
    assert table(summed, "material", "location", "quantity", "unit", "records") == ["SCARCE TIGHT 32 PC 4"]


def test_quarantine_shows_payloads_that_do_nothing(busy_url: str) -> None:
    with reader(busy_url) as connection:
        still = present.quarantine(connection)
        every = present.quarantine(connection, present.Entries("", device="C9"))
        settled = present.quarantine(connection, present.Entries("dismissed"))
    assert table(still, "number", "kind", "code", "device", "state") == ["0000000003 untrusted BF2004 C9 open"]
    assert table(every, "number", "yield", "state") == [
        "0000000003 0 open",
        "0000000002 1 replayed",
        "0000000001 7 dismissed",
    ]
    assert table(settled, "number", "reason") == ["0000000001 anna: test"]


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b'{"good":1}', '{"good":1}'),
        (b"\x1b[2J\x07", "\\x1b[2J\\x07"),
        (b"\xff\xfe", "\\xff\\xfe"),
        ("\u202egnp.exe".encode(), "\\u202egnp.exe"),
        ("Größe\n".encode(), "Größe\\n"),
        (b"a" * 2000, "a" * 1024 + "... (2000 bytes)"),
    ],
)
def test_a_payload_is_shown_as_inert_text(payload: bytes, shown: str) -> None:
    assert inert(payload) == shown


def test_the_worklist_is_summed(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = present.worklist(connection)
        line = present.worklist(connection, line="1000/L9")
    assert table(found, "line", "material", "process", "rows", "units", "first_document") == [
        "L1 FG activity 2 10 0000000016",
        "L1 FG issue 1 10 0000000016",
        "L9 FG activity 2 1 0000000018",
        "L9 FG issue 1 1 0000000018",
    ]
    assert table(line, "process", "timing") == ["activity background", "issue background"]


def test_statistics_are_told_by_measure(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = used.statistics(connection, master_data(), plant="1000", line="L3")
        none = used.statistics(connection, master_data(), since="2026-03-19")
    assert table(found, "measure", "detail", "quantity", "standard", "difference", "unit") == [
        "activity machine 0.3 0.3 0 H",
        "activity setup 1 1 0 H",
        "by_product A 2 2 0 PC",
        "component B 0.017 0.017 0 KG",
        "component SCARCE 60 72 -12 PC",
        "scrap final 2 None None PC",
        "yield final 22 None None PC",
    ]
    assert none == []


def test_what_was_planned_is_a_measure_and_that_of_production(busy_url: str) -> None:
    with reader(busy_url) as connection:
        found = used.statistics(connection, master_data())
        production = produced.production(connection, master_data())
        later = used.statistics(connection, master_data(), since="2026-03-17")
    planned = [record for record in found if record["measure"] == "planned"]
    columns = ("line", "material", "version", "date", "shift")
    assert planned
    assert all((record["detail"], record["shift"], record["unit"]) == ("", "", "PC") for record in planned)
    ordered = [record for record in production if record["planned"] != "0"]
    assert sorted(table(planned, *columns, "quantity")) == sorted(table(ordered, *columns, "planned"))
    assert [record for record in later if record["date"] < "2026-03-17"] == []


def test_reports_of_an_empty_ledger_are_empty(url: str) -> None:
    upgrade(url)
    with reader(url) as connection:
        told = [
            present.stock(connection, master_data()),
            used.statistics(connection, master_data()),
            produced.production(connection, master_data()),
            *(report(connection) for report in (postings.documents, postings.movements, present.points)),
            *(report(connection) for report in (present.collectors, present.quarantine, present.worklist)),
            *(report(connection) for report in (lists.runs, present.holds)),
            lists.orders(connection, master_data()),
            [record for record in devices.devices(connection, master_data()) if record["heard_at"]],
            list(lists.imports(connection)),
            [record for record in lines_now(connection, master_data(), NOW) if record["read"] != "0"],
            *(report(connection, NOW) for report in (present.backlog, present.sum_backlog)),
        ]
    assert told == [[]] * len(told)


QUESTIONS = [
    # what is asked, the index that answers it, and whether that gives the order as well
    (lambda found: postings.movements(found, DocumentFilter(since=5), limit=9), "documents_entered_at", False),
    (lambda found: postings.movements(found, DocumentFilter("1000/L1"), limit=9), "documents_line", False),
    (lambda found: present.quarantine(found, limit=9), "quarantine_state", True),
    (lambda found: present.quarantine(found, present.Entries("healed"), limit=9), "quarantine_state", True),
    (lambda found: present.quarantine(found, present.Entries(device="C1"), limit=9), "quarantine_open", True),
    (lambda found: present.worklist(found, line="1000/L1"), "worklist_rows_open", False),
    (lambda found: present.backlog(found, NOW, line="1000/L1"), "backlog_open", False),
    (lambda found: trace_device(found, "C1"), "sources_device", True),
    (lambda found: lists.orders(found, master_data(), limit=9), "orders_start_date", True),
    (lambda found: lists.runs(found, limit=9), "runs_start_at", True),
    (lambda found: lists.runs(found, line="1000/L1", limit=9), "PRIMARY KEY", True),
    (lambda found: devices.devices(found, master_data()), "quarantine_state", False),
    (lambda found: devices.devices(found, master_data()), "sources_device", True),
]


def plans_of(ask: Callable[[Connection], object], tmp_path: Path) -> list[list[str]]:
    """Return how SQLite answers each query of a report, step by step."""
    address = f"sqlite:///{tmp_path}/ledger.db"
    upgrade(address)
    asked: list[tuple[str, Any]] = []
    with reader(address) as connection:
        event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
        ask(connection)
        return [
            [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in list(asked)
            if statement.startswith(("SELECT", "WITH"))
        ]


@pytest.mark.parametrize(("ask", "index", "ordered"), QUESTIONS)
def test_documents_and_open_things_are_found_over_an_index(
    ask: Callable[[Connection], object], index: str, tmp_path: Path, *, ordered: bool
) -> None:
    plans = [" ".join(plan) for plan in plans_of(ask, tmp_path)]
    used = [plan for plan in plans if index in plan]
    assert used, plans
    assert not (ordered and any("TEMP B-TREE" in plan for plan in used)), used


@pytest.mark.parametrize(
    ("ask", "table"),
    [
        (lambda found: lines_now(found, master_data(), NOW), "runs"),
        (lambda found: lines_now(found, master_data(), NOW), "worklist_rows"),
        (lambda found: lists.periods(found, master_data(), NOW), "statistics"),
        (lambda found: lists.periods(found, master_data(), NOW), "periods"),
        (lambda found: produced.production(found, master_data(), since="2026-03-01"), "statistics"),
        (lambda found: produced.production(found, master_data(), since="2026-03-01"), "orders"),
        (lambda found: used.statistics(found, master_data(), since="2026-03-01"), "statistics"),
        (lambda found: day_curve.curve(found, master_data(), "1000", "L1", "2026-03-16", NOW), "orders"),
        (lambda found: day_curve.curve(found, master_data(), "1000", "L1", "2026-03-16", NOW), "hours"),
    ],
)
def test_what_grows_with_the_years_is_never_read_whole(
    ask: Callable[[Connection], object], table: str, tmp_path: Path
) -> None:
    plans = [step for plan in plans_of(ask, tmp_path) for step in plan]
    of_open = f"SCAN {table} USING INDEX {table}_open"
    assert any(plan.startswith((f"SEARCH {table} ", of_open)) for plan in plans), plans
    assert not any(plan.startswith(f"SCAN {table}") and plan != of_open for plan in plans), plans


def test_what_issued_a_backlog_record_is_found_over_an_index(database: str, url: str) -> None:
    upgrade(url)
    with reader(url) as connection:
        if database == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table is read faster than its index
        query = "SELECT number FROM documents WHERE type = 'backlog' AND reference = 'x' ORDER BY number"
        explain = "EXPLAIN QUERY PLAN" if database == "sqlite" else "EXPLAIN"
        plan = str(connection.exec_driver_sql(f"{explain} {query}").all())
    assert "documents_backlog" in plan
