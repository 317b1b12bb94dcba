"""The audit finds nothing on a ledger that the engine made, and every single thing that is changed behind its back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from gateway.backflush.memory.events import Actual, BacklogCorrect, Post, Reverse
from gateway.backflush.values.movements import StockKey
from gateway.errors import UsageError
from gateway.ledger.audit.audit import LAWS, LawResult, audit
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.tables import documents
from tests.builders import bom, component, counter, operation, plant, q, routing, used, worked
from tests.integration.stored_plant import Shop, busy, reader, without_triggers
from tests.servers import Postgres

DOCUMENT = ", ".join(f'"{column.name}"' for column in documents.columns if column.name != "number")

CORRUPTIONS = [
    (
        "a document is taken away",
        "numbers complete chain collectors figures accounts",
        "DELETE FROM documents WHERE number = 13",
    ),
    ("the last document is forgotten by its head", "numbers", "UPDATE heads SET documents = documents - 1"),
    ("a quarantine entry is taken away", "numbers messages read devices", "DELETE FROM quarantine WHERE number = 1"),
    (
        "a reading is put under a document that is not there",
        "complete",
        "INSERT INTO sources VALUES (900, 1, 'C1', 3, 3, 1, 5000000, 0, 1, 1, 0)",
    ),
    ("an assembly loses its readings", "complete chain read devices figures", "DELETE FROM sources WHERE document = 2"),
    (
        "a reversal forgets what it reverses",
        "complete chain reversals",
        "UPDATE documents SET reverses = 0 WHERE number = 17",
    ),
    ("a document is told to be of another day", "chain", "UPDATE documents SET reason = 'never' WHERE number = 2"),
    ("a link of the chain is written anew", "chain", "UPDATE batches SET chain = 'f' WHERE first_document = 2"),
    ("the chain of a head is cut off", "chain", "DELETE FROM batches WHERE first_document = 21"),
    ("a table is there that nobody knows", "schema", "CREATE TABLE strange (x integer)"),
    ("an import is told to be another one", "master", "UPDATE master_tables SET digest = 'f'"),
    ("a commit is told to be of another time", "chain", "UPDATE batches SET at = at - 1 WHERE first_document = 2"),
    ("the offset goes back", "offset", "UPDATE heads SET journal_offset = 5"),
    ("an entry comes from the future", "offset", "UPDATE quarantine SET entry = 900 WHERE number = 3"),
    (
        "a message is counted with an entry twice",
        "messages",
        "UPDATE outcomes SET messages = messages - 1 WHERE outcome = 'quarantine'",
    ),
    ("a target is ahead of all documents", "outbox", "INSERT INTO cursors VALUES (0, 'mqtt', 22)"),
    ("a line forgets units that it read", "read", "UPDATE lines SET read = read - 1 WHERE line = 'L1'"),
    ("units leave the quarantine", "read devices", "UPDATE quarantine SET state = 'replayed' WHERE number = 1"),
    (
        "a device's steps vanish",
        "devices",
        "UPDATE device_marks SET units = units - 1 WHERE device = 'P1' AND kind = 'good'",
    ),
    ("an open window is dropped", "read devices counted", "DELETE FROM windows"),
    ("a line says that more is posted", "counted", "UPDATE lines SET posted = posted + 1 WHERE line = 'L1'"),
    ("reported pieces that wait are forgotten", "counted points", "DELETE FROM waiting"),
    ("a point says that more was reported", "points", "UPDATE flow_segments SET reported_yield = reported_yield + 1"),
    ("pieces wait with less than their scrap", "counted points", """UPDATE waiting SET scrap = '{"DENT":-1}'"""),
    (
        "a due is taken off the worklist",
        "dues figures",
        "DELETE FROM worklist_rows WHERE state = 'open' AND document = 16",
    ),
    (
        "a mark says that less is due",
        "dues",
        "UPDATE marks SET due = due - 1 WHERE process = 'issue' AND flow LIKE '%FO%'",
    ),
    (
        "a due is posted at another mark",
        "marks",
        "UPDATE worklist_rows SET mark = mark + 1000000 WHERE document = 8 AND process = 'issue'",
    ),
    (
        "a mark is moved",
        "dues marks",
        "UPDATE marks SET posted = posted + 1 WHERE process = 'receipt' AND flow LIKE '%FO%'",
    ),
    (
        "a due is posted twice",
        "dues",
        "UPDATE worklist_rows SET posted_by = 0 WHERE document = 9 AND process = 'issue'",
    ),
    (
        "a movement has another amount",
        "chain collectors",
        "UPDATE material_items SET amount = amount + 1 WHERE document = 7",
    ),
    ("a frozen quantity is changed", "accounts", "UPDATE explosions SET content = replace(content, '1,1,', '2,1,')"),
    (
        "an account says that more is posted",
        "accounts statistics",
        "UPDATE accounts SET posted = posted + 1 WHERE process = 'issue' AND scope = '' AND flow LIKE '%FO%'",
    ),
    ("a remainder is lost", "accounts", "UPDATE accounts SET remainder = '1/7' WHERE scope = ''"),
    ("a remainder is none", "accounts", "UPDATE accounts SET remainder = 'much' WHERE scope = ''"),
    ("stock appears", "stock", "UPDATE stock SET quantity = quantity + 1 WHERE material = 'A'"),
    ("stock was never opened", "stock", "DELETE FROM opening_stock"),
    ("a cost is lost", "collectors", "UPDATE collectors SET amount = amount - 1 WHERE element = 'activity'"),
    ("a cost is invented", "collectors", "INSERT INTO collectors VALUES ('1000', 'X', '2026-03', 'issue', 'A', 1)"),
    ("yield is counted twice", "statistics", "UPDATE statistics SET quantity = quantity * 2 WHERE measure = 'yield'"),
    ("consumption is not counted", "statistics", "DELETE FROM statistics WHERE measure = 'component'"),
    ("pieces are of another hour", "hours", "UPDATE hours SET quarter = quarter + 3600000000 WHERE line = 'L1'"),
    ("an hour has more scrap", "hours", "UPDATE hours SET scrap = scrap + 1 WHERE line = 'L1'"),
    ("an hour is forgotten", "hours", "DELETE FROM hours WHERE line = 'L3'"),
    ("an order is reduced by nobody", "orders", "UPDATE order_segments SET reduced = reduced + 1"),
    ("an order is reduced below nothing", "orders", "UPDATE order_segments SET reduced = -reduced"),
    ("a point has documented more", "points", "UPDATE flow_segments SET documented_yield = documented_yield + 1"),
    ("what was reported is changed", "points", "UPDATE flow_segments SET reported_yield = reported_yield + 1"),
    ("pieces on the line vanish", "points", "UPDATE flow_segments SET lost = lost + 100000000 WHERE point = '0010'"),
    ("backlog is called issued", "backlog figures", "UPDATE backlog SET issued = required WHERE document = 8"),
    (
        "backlog is closed beyond what is open",
        "backlog figures",
        "UPDATE backlog SET closed = closed + 1 WHERE document = 7",
    ),
    ("an issue of backlog loses its record", "complete backlog accounts", "DELETE FROM backlog WHERE document = 7"),
    (
        "a reversal brings back more than was issued",
        "chain stock accounts",
        "UPDATE material_items SET quantity = quantity + 1 WHERE document = 15 AND material = 'A'",
    ),
    (
        "a reversal takes back more than was confirmed",
        "chain statistics hours points reversals",
        "UPDATE confirmations SET yield = yield - 100000000 WHERE document = 15",
    ),
    ("a mirrored due forgets it", "accounts reversals", "UPDATE worklist_rows SET reversed = 0 WHERE document = 3"),
    (
        "a document is reversed again",
        "numbers chain reversed-once figures",
        f"INSERT INTO documents SELECT 22, {DOCUMENT} FROM documents WHERE number = 15",  # noqa: S608 - names of our own columns
    ),
    ("a line forgets a document", "figures", "UPDATE lines SET documents = documents - 1 WHERE line = 'L1'"),
    ("a line forgets its backlog", "figures", "UPDATE lines SET backlog = 0 WHERE line = 'L3'"),
]
"""What is done to the ledger, which laws are broken by it, and how it is done."""


@pytest.fixture(scope="module")
def replaced(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Offer a ledger in which actual quantities stand among exploded ones, and one posting is reversed in part."""
    shop = Shop(f"sqlite:///{tmp_path_factory.mktemp('replaced')}/ledger.db")
    shop.bring(plant(routings=[routing([operation("0010", {"machine": "0.1"})])]))
    for pieces, actual in (
        (3, Actual()),
        (5, used("A 7")),
        (4, Actual(activities=())),
        (2, worked("0.75")),
        (2, Actual()),
    ):
        assert shop.ask(Post("assembly", "1000", "L1", "FG", "", q(pieces), actual=actual)).startswith("ok")
    assert shop.ask(Reverse(3, q(1))).startswith("ok"), shop.answers
    assert shop.ask(Reverse(4)).startswith("ok"), shop.answers
    shop.close()
    return shop.url


@contextmanager
def corrupted(url: str, sql: str) -> Iterator[Connection]:
    """Change a ledger past its triggers, and take it back after the audit."""
    # A connection without the pragmas and settings of the product: whoever does this does not ask for them.
    engine = open_database(url) if url.startswith("sqlite") else create_engine(url, isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        with without_triggers(connection):
            assert connection.execute(text(sql)).rowcount, "nothing was changed"
        try:
            yield connection
        finally:
            connection.rollback()
    engine.dispose()


def broken(results: list[LawResult]) -> dict[str, tuple[str, ...]]:
    return {result.law: result.findings for result in results if not result.ok}


def test_a_ledger_that_the_engine_made_keeps_every_law(busy_url: str) -> None:
    told: list[tuple[int, int]] = []
    with reader(busy_url) as connection:
        results = audit(connection, lambda seen, total: told.append((seen, total)))
    assert broken(results) == {}
    assert [result.law for result in results] == [law.name for law in LAWS]
    assert told == [(21, 21)]


@pytest.mark.parametrize(
    ("laws", "sql"), [(laws, sql) for _, laws, sql in CORRUPTIONS], ids=[c[0] for c in CORRUPTIONS]
)
def test_what_is_changed_behind_its_back_is_found(busy_url: str, laws: str, sql: str) -> None:
    with corrupted(busy_url, sql) as connection:
        found = broken(audit(connection))
    assert set(found) == set(laws.split()), found
    assert all(found.values())


@pytest.mark.parametrize(
    ("laws", "sql"),
    [
        pytest.param(laws, sql, id=what)
        for what, laws, sql in (
            ("a standard is forgotten", "statistics", "DELETE FROM statistics WHERE measure = 'component difference'"),
            (
                "a standard is higher",
                "statistics",
                "UPDATE statistics SET quantity = quantity - 1 WHERE measure = 'activity difference'",
            ),
            ("what was replaced is not told", "marks statistics", "DELETE FROM worklist_rows WHERE state = 'replaced'"),
            (
                "what was replaced is called posted",
                "accounts statistics",
                "UPDATE worklist_rows SET state = 'posted', posted_by = document WHERE state = 'replaced'",
            ),
            (
                "what was replaced is said of other pieces",
                "marks",
                "UPDATE worklist_rows SET mark = mark + 1000000 WHERE state = 'replaced'",
            ),
            (
                "a standard that was taken back is still there",
                "reversals statistics",
                "UPDATE worklist_rows SET reversed = 0 WHERE state = 'replaced'",
            ),
        )
    ],
)
def test_what_is_changed_of_a_standard_that_was_replaced_is_found(replaced: str, laws: str, sql: str) -> None:
    with reader(replaced) as connection:
        assert broken(audit(connection)) == {}
    with corrupted(replaced, sql) as connection:
        assert set(broken(audit(connection))) == set(laws.split())


def test_every_law_is_broken_by_something() -> None:
    assert {law.name for law in LAWS} == {law for _, laws, _ in CORRUPTIONS for law in laws.split()}


def test_a_law_tells_twenty_findings_and_counts_all(busy_url: str) -> None:
    rows = " UNION ALL ".join(f"SELECT {n}, 1, 'C1', 3, 3, 1, 0, 0, 1, 1, 0" for n in range(900, 930))
    with corrupted(busy_url, f"INSERT INTO sources {rows}") as connection:
        result = next(result for result in audit(connection) if result.law == "complete")
    assert len(result.findings) == 20
    assert result.figure.endswith("; 30 broken")


def test_an_empty_ledger_keeps_every_law(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/empty.db"
    Shop(address).close()
    with reader(address) as connection:
        assert broken(audit(connection)) == {}


def test_the_audit_refuses_to_read_what_moves_under_it(postgres: Postgres) -> None:
    engine = create_engine(postgres.fresh_url())
    with engine.connect() as connection, pytest.raises(UsageError, match="one snapshot"):
        audit(connection)
    engine.dispose()


def test_the_audit_sees_one_moment_while_the_gateway_goes_on(url: str) -> None:
    shop = Shop(url)
    try:
        busy(shop)
        with reader(shop.url) as connection:
            assert connection.scalar(text("SELECT count(*) FROM documents")) == 21
            shop.count("P1", "L2", good=12, scrap=1)
            results = audit(connection)
    finally:
        shop.close()
    assert broken(results) == {}
    assert {result.law: result.figure for result in results}["numbers"] == "21 documents, 3 quarantine entries"


def test_a_shortage_that_was_issued_from_elsewhere_and_reversed_breaks_no_law(shop: Shop) -> None:
    master = plant(materials=[component("A", "3.337")], boms=[bom({"A": 1})], negative_stock=False)
    shop.bring(master, stock={StockKey("1000", "A", "WIP"): q(20)})
    for pieces in (3, 5, 4):
        assert shop.ask(Post("assembly", "1000", "L1", "FG", "", q(pieces))).startswith("ok"), shop.answers
        assert shop.ask(BacklogCorrect(shortages(shop)[-1], q(pieces), "WIP")).startswith("ok"), shop.answers
    assert shop.ask(Reverse(1)).startswith("ok"), shop.answers
    assert shop.ask(Reverse(3, q(2))).startswith("ok"), shop.answers
    with reader(shop.url) as connection:
        assert broken(audit(connection)) == {}


def shortages(shop: Shop) -> list[tuple[int, int]]:
    """Return the backlog records, oldest first."""
    with reader(shop.url) as connection:
        return [(row.document, row.item) for row in connection.execute(text("SELECT * FROM backlog ORDER BY 1, 2"))]


def test_a_scrap_counter_beside_a_gross_counter_breaks_no_law_and_is_held_to_its_steps(shop: Shop) -> None:
    """W01: eleven pieces in all, one of them scrap."""
    shop.bring(
        plant(devices=[counter("C2", role="gross", window="shift"), counter("C3", role="scrap", window="shift")])
    )
    shop.count("C2", "L1", good=10)
    shop.count("C3", "L1", good=1)
    shop.count("C2", "L1", good=11)
    with reader(shop.url) as connection:
        assert broken(audit(connection)) == {}
    with corrupted(shop.url, "UPDATE device_marks SET units = units - 1 WHERE device = 'C2'") as connection:
        assert set(broken(audit(connection))) == {"devices"}
