"""What was committed is what is loaded and read, on both databases, and the chain seals it."""

from collections import Counter, deque
from dataclasses import fields
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from gateway.backflush.eviction import recall
from gateway.backflush.memory.changes import Changes, Facts, Needs
from gateway.backflush.memory.records import UNBOOKED
from gateway.backflush.memory.state import YIELD, State
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.values.movements import StockKey
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.store.bulk import Conflict, writes
from gateway.ledger.store.chain import chain_content, chain_link
from gateway.ledger.store.commit import Moved
from gateway.ledger.store.writer import Ledger
from tests.integration.ledger_plant import (
    MASTER,
    SECOND,
    TTL,
    documents,
    due,
    everything,
    fresh_url,
    open_ledger,
    quarantined,
    shortage,
    snapshot,
)
from tests.servers import Postgres

KEPT_NOWHERE = {
    *("scans", "serials", "handed", "updates", "short", "arrived", "asked", "places", "scopes", "flows_of"),
    *("runs_since",),
}
"""What a restart may forget: it is looked up, or a matter of seconds."""


def plain(value: object) -> object:
    """Return what an object of the state holds, to compare it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | deque):
        return [plain(item) for item in value]
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ()) if name != "__dict__"]
    if slots and not isinstance(value, tuple):
        return {name: plain(getattr(value, name)) for name in slots}
    return value


def assert_same_state(loaded: State, stepped: State) -> None:
    for field in fields(State):
        if field.name not in KEPT_NOWHERE:
            assert plain(getattr(loaded, field.name)) == plain(getattr(stepped, field.name)), field.name


def yield_of(changes: Changes) -> dict[tuple[str, str, str, str, str, str], int]:
    """Return the yield of shifts that the statistics of changes hold."""
    return {
        (plant, line, date, shift, detail, unit): units
        for (plant, date, shift, line, _, _, measure, detail, unit), units in changes.statistics.items()
        if measure == YIELD
    }


def test_what_a_step_changed_is_what_the_next_start_loads(url: str) -> None:
    ledger, state = open_ledger(url)
    state.now = 4 * SECOND
    changes = everything(state)
    ledger.commit(changes, offset=12, now=5 * SECOND)
    ledger.close()

    ledger, loaded = open_ledger(url, now=6 * SECOND)
    assert ledger.head is not None
    assert (ledger.head.offset, ledger.head.documents, ledger.head.quarantines) == (12, 3, 2)
    index_orders(state)
    state.closings = [(window.close_at, window.key) for window in state.windows.values()]
    done = Needs(scopes=("lot 1",))
    recall(loaded, done, ledger.read(done))
    state.stock = dict(changes.stock)
    state.shift_yield, state.shift_yield_since = yield_of(changes), loaded.shift_yield_since
    assert_same_state(loaded, state)
    assert loaded.master is MASTER


def test_a_document_is_read_with_all_that_stands_under_it(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = everything(state)
    ledger.commit(changes, offset=1, now=0)
    first, second, third = (document.number for document in changes.documents)
    facts = ledger.read(Needs(documents=(first, second, third, 999)))
    dossiers = facts.documents
    assert list(dossiers) == [first, second, third]
    for number, dossier in dossiers.items():
        assert dossier.document == next(d for d in changes.documents if d.number == number)
        assert dossier.confirmations == tuple(c for c in changes.confirmations if c.document == number)
        assert dossier.items == tuple(i for i in changes.items if i.document == number)
        assert dossier.activities == tuple(a for a in changes.activities if a.document == number)
        assert dossier.sources == tuple(s for s in changes.sources if s.document == number)
        assert dossier.reductions == tuple(r for r in changes.reductions if r.document == number)
        rows = sorted((r for r in changes.rows if r.document == number), key=lambda r: (r.key.process, r.key.segment))
        assert plain(list(dossier.rows)) == plain(rows)
    assert dossiers[first].reversed_by == (third,)
    assert dossiers[first].reversing == dossiers[third].confirmations
    later = facts.later[dossiers[first].document.flow]
    assert {each.document for each in later} == {second}
    assert plain(list(dossiers[second].backlog)) == plain(changes.backlog)
    assert dossiers[second].serials == ("SSCC-1", "sscc 1 0020")
    assert dossiers[first].serials == ("sscc 1 0020 #1",)
    for each in (first, second):
        assert dossiers[each].beside == (("sscc 1 0020", second), ("sscc 1 0020 #1", first))


def test_an_entry_that_counts_a_further_message_is_open_even_if_it_was_settled(url: str) -> None:
    ledger, state = open_ledger(url)
    folded = everything(state)
    ledger.commit(folded, offset=1, now=0)
    number = folded.quarantine[0].number
    elsewhere, again = Changes(), Changes()
    elsewhere.quarantine_states[number] = ("dismissed", "by another gateway")
    again.groups[number] = folded.groups[number]
    seen = []
    for offset, changes in ((2, elsewhere), (3, again)):
        ledger.commit(changes, offset=offset, now=0)
        seen.append(ledger.read(Needs(quarantine=(number,))).quarantine[number].state)
    assert seen == ["dismissed", "open"]


def test_needs_are_answered_with_what_exists(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = everything(state)
    ledger.commit(changes, offset=1, now=0)
    facts = ledger.read(
        Needs(
            scans=(("sc-1", "id-1"), ("sc-1", "id-2")),
            serials=("SSCC-1", "SSCC-2", "SSCC-3"),
            commands=("tx-1", "tx-2"),
            quarantine=(1, 2, 3),
            marks=(("ctr-2", "b9"), ("ctr-2", "b8")),
            worklist=("", "", "", 100),
            backlog=("1000", "L01", "C-1", 100),
        )
    )
    assert facts.scans == changes.scans
    assert facts.serials == {"SSCC-1": 2}
    assert facts.commands == {name: command[:2] for name, command in changes.commands.items()}
    assert facts.quarantine[1].text == 'a "quoted" \\ text, NUL \\x00 and \\ud800'
    assert facts.quarantine[2] == quarantined(2, UNBOOKED, "ctr-2")._replace(state="dismissed", reason="a test print")
    assert facts.folded == {1: 7}
    assert plain(facts.marks) == plain({key: mark for key, mark in changes.device_marks.items() if key[0] == "ctr-2"})
    assert plain(list(facts.worklist)) == plain([row for row in changes.rows if row.state == "open"])
    assert plain(list(facts.backlog)) == plain([])
    assert ledger.read(Needs()) == Facts()


def test_all_that_waits_for_its_value_is_told(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = everything(state)
    key = next(iter(changes.balances))
    for number, scope in ((1, ""), (2, ""), (1, "lot")):
        changes.rows.append(due(number, key._replace(scope=scope, segment="0099", process="activity"), 0, state="open"))
    changes.backlog.append(shortage(2, 19, created_at=1))
    changes.backlog[-1].required = 5
    ledger.commit(changes, offset=1, now=0)
    facts = ledger.read(Needs(unvalued=True))
    rows = Counter[tuple[str, str, bool]]()
    for row in changes.rows:
        if row.state == "open":
            rows[row.key.process, row.key.segment, bool(row.key.scope)] += row.units
    assert {(u.process, u.segment, u.fixed): u.units for u in facts.unvalued if u.process} == rows
    assert {u.rows for u in facts.unvalued if u.segment == "0099"} == {1, 2}
    others = [max(0, window.good) + sum(window.scrap.values()) for window in changes.windows.values() if window]
    queued = [u.passed for flow in changes.flows.values() for segment in flow.segments for u in segment.queue]
    assert sorted(u.units for u in facts.unvalued if not u.process) == sorted([*others, *queued])
    assert facts.missing["1000", changes.backlog[-1].material] >= 5


def test_open_rows_and_shortages_come_oldest_first_and_leave_when_done(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = documents(state, 3)
    key = next(iter(changes.balances))._replace(scope="lot")
    changes.balances[key] = next(iter(changes.balances.values()))
    for number in (3, 1, 2):
        changes.rows.append(due(number, key, 0, state="open"))
        changes.backlog.append(shortage(number, 2, created_at=number))
        changes.backlog[-1].required = 5
    ledger.commit(changes, offset=1, now=0)
    facts = ledger.read(Needs(worklist=("", "", "", 2), backlog=("", "", "", 2)))
    assert [row.document for row in facts.worklist] == [1, 2]
    assert [record.document for record in facts.backlog] == [1, 2]

    later = documents(state, 1)
    row, record = facts.worklist[0], facts.backlog[0]
    row.state, row.posted_by, record.issued = "posted", 4, 5
    later.updated_rows[row.document, row.key] = row
    later.updated_backlog[record.document, record.item] = record
    ledger.commit(later, offset=2, now=0)
    facts = ledger.read(Needs(documents=(1,), worklist=("1000", "L01", key.process, 9), backlog=("1000", "", "", 9)))
    assert [row.document for row in facts.worklist] == [2, 3]
    assert [record.document for record in facts.backlog] == [2, 3]
    assert {row.posted_by for row in facts.documents[1].rows} == {1, 4}


def test_rows_come_in_the_order_of_code_points_whatever_language_the_database_speaks(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = documents(state, 1)
    scopes = sorted(["", "-1", "1", "1 a", "1-0", "A", "B", "Z", "_", "a", "b", "z", "\u00c4", "\u00e4", "\U0001f600"])
    for scope in reversed(scopes):
        key = next(iter(changes.balances))._replace(scope=scope)
        changes.rows.append(due(1, key._replace(segment="0020"), 0, state="open"))
    ledger.commit(changes, offset=1, now=0)
    facts = ledger.read(Needs(worklist=("", "", "", 10)))
    assert [row.key.scope for row in facts.worklist] == scopes[:10]


def test_a_closed_window_is_gone_and_differences_add_up(url: str) -> None:
    ledger, state = open_ledger(url)
    ledger.commit(everything(state), offset=1, now=0)
    for _ in range(2):
        changes = documents(state, 2)
        changes.windows = dict.fromkeys(state.windows)
        ledger.commit(changes, offset=2, now=0)
    loaded = ledger.load(snapshot)
    assert loaded.windows == {}
    assert loaded.stock[StockKey("1000", "P-100", "FG01")] == 6_000_000
    ledger.close()
    with reading(url) as connection:
        assert connection.scalar(select(t.stock.c.quantity).where(t.stock.c.material == "C-2")) == -3_000_000
        assert connection.scalar(select(t.statistics.c.quantity).where(t.statistics.c.detail == "C-2")) == -3_000_000
        assert connection.scalar(select(t.collectors.c.amount).where(t.collectors.c.detail == "C-2")) == 6_000_000
        assert connection.scalar(select(t.outcomes.c.messages).where(t.outcomes.c.outcome == "counted")) == 7


def test_only_the_newest_four_lives_of_a_device_are_loaded(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = documents(state, 1)
    mark = changes.device_marks["ctr-L01", "b1", "good"]
    for boot in range(6):
        for kind in ("good", "scrap"):
            changes.device_marks["many", f"b{boot}", kind] = type(mark)(1, None, None, boot)
    ledger.commit(changes, offset=1, now=0)
    loaded = ledger.load(snapshot)
    assert sorted(loaded.marks_of_devices["many"]) == [
        (f"b{n}", kind) for n in range(2, 6) for kind in ("good", "scrap")
    ]
    assert set(ledger.read(Needs(marks=(("many", "b0"),))).marks) == {("many", "b0", "good"), ("many", "b0", "scrap")}


def test_an_outbox_is_the_documents_after_its_cursor(url: str) -> None:
    ledger, state = open_ledger(url)
    ledger.commit(documents(state, 3), offset=1, now=0)
    assert ledger.cursor("mqtt") == 0
    ledger.advance_cursor("mqtt", 2)
    ledger.advance_cursor("erp", 1)
    assert (ledger.cursor("mqtt"), ledger.cursor("erp")) == (2, 1)


def chain_of(connection: Connection) -> str:
    """Compute the chain again from the tables, as an auditor does."""
    chain = ""
    for batch in connection.execute(select(t.batches).order_by(t.batches.c.sequence)):
        rows = {}
        for table in t.SEALED:
            number = next(iter(table.columns))
            of_batch = select(table).where(number.between(batch.first_document, batch.last_document))
            rows[table.name] = [tuple(row) for row in connection.execute(of_batch)]
        assert chain_content(rows) == batch.content
        chain = chain_link(chain, batch.content, tuple(batch)[:-2])
        assert chain == batch.chain
    return chain


def test_the_hash_chain_is_the_same_on_both_databases_and_computed_again_from_the_tables(
    tmp_path: Path, postgres: Postgres
) -> None:
    chains = set()
    for database in ("sqlite", "postgresql"):
        url = fresh_url(database, tmp_path, postgres)
        ledger, state = open_ledger(url)
        ledger.commit(everything(state), offset=1, now=0)
        ledger.commit(documents(state, 5), offset=2, now=SECOND)
        ledger.claim("journal of gw1", ["*"], SECOND, TTL)
        ledger.commit(documents(ledger.load(snapshot), 5), offset=3, now=SECOND)
        assert ledger.head is not None
        with reading(url) as connection:
            assert chain_of(connection) == ledger.head.chain
        chains.add(ledger.head.chain)
        ledger.close()
    assert len(chains) == 1


@pytest.mark.parametrize("taken", [1, 77, 130])
def test_one_row_of_many_that_is_taken_stops_the_commit(url: str, taken: int) -> None:
    open_ledger(url)[0].close()
    engine = open_database(url)
    free = [(f"serial {k}", 0) for k in range(131)]
    with engine.connect() as connection:
        with writes(connection) as bulk:
            bulk.write(t.serials, free, Conflict.VACANT, lambda: Moved("taken"))
            bulk.write(t.serials, [(f"serial {taken}", 7)], Conflict.VACANT, lambda: Moved("taken"))
        with pytest.raises(Moved), writes(connection) as bulk:
            bulk.write(t.serials, [(name, 8) for name, _ in free], Conflict.VACANT, lambda: Moved("taken"))
        with writes(connection) as bulk:
            assert sum(document for _, document in bulk.find(t.serials, [(name,) for name, _ in free])) == 7
    engine.dispose()


def test_items_of_a_document_that_is_not_of_the_commit_are_a_fault(tmp_path: Path) -> None:
    ledger, state = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    changes = documents(state, 2)
    del changes.documents[0]
    with pytest.raises(AssertionError, match="not of this commit"):
        ledger.commit(changes, offset=1, now=0)


def test_a_ledger_in_memory_serves_an_audit() -> None:
    ledger, state = open_ledger("sqlite://")
    ledger.commit(documents(state, 2), offset=1, now=0)
    assert ledger.load(snapshot).documents == 2
    assert isinstance(ledger, Ledger)


def test_what_follows_from_documents_is_named_once_and_in_order(url: str) -> None:
    ledger, state = open_ledger(url)
    changes = everything(state)
    first, second, third = (document.number for document in changes.documents[:3])
    causes = {second: first, third: second}
    changes.documents = [d._replace(caused_by=causes.get(d.number, 0)) for d in changes.documents]
    ledger.commit(changes, offset=1, now=0)
    for asked in ((first,), (third,), (first, second, third), (third, second, first, first)):
        found = ledger.read(Needs(documents=asked)).documents
        assert {number: found[number].caused for number in sorted(found)} == {
            first: (second, third),
            second: (third,),
            third: (),
        }
