"""Several writers on one ledger: who may write, who is stopped; nothing is lost when a writer or the database dies."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, make_url, select, text

from gateway.backflush.memory.changes import Changes, Needs
from gateway.backflush.memory.records import UNBOOKED, EntryState
from gateway.backflush.memory.state import State
from gateway.backflush.plant.orders import QUANTITY, Order
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.backflush.values.movements import StockKey
from gateway.errors import Fenced, LedgerUnavailable, UsageError
from gateway.failpoints import Point, arm
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.store.writer import Ledger, Moved
from tests.integration.gateway_process import until
from tests.integration.ledger_plant import (
    PIECE,
    SECOND,
    TTL,
    WAITING,
    attempts,
    connect,
    documents,
    everything,
    in_the_middle_of_a_trip,
    open_ledger,
    quarantined,
    snapshot,
)
from tests.servers import Postgres

WRITER = sys.executable, "-m", "tests.integration.ledger_writer"
ROOT = Path(__file__).parents[2]
GUARDED = StockKey("1000", "C-9", "RAW1")


@pytest.mark.parametrize(
    ("one", "other"), [("*", "1000/L04"), ("1000/*", "1000/L04"), ("1000/L04", "1000/L04"), ("1000/L04", "*")]
)
def test_two_gateways_do_not_own_one_line(url: str, one: str, other: str) -> None:
    first, _ = open_ledger(url, "gw1", (one,))
    second = connect(url, "gw2")
    with pytest.raises(Fenced) as refused:
        second.claim("j2", [other], 10 * SECOND, TTL)
    assert str(refused.value) == f'the lines "{one}" belong to gateway "gw1"; its lease ends in 20 s'
    first.commit(Changes(), offset=1, now=11 * SECOND)


@pytest.mark.parametrize(("one", "other"), [("1000/L04", "1000/L05"), ("1000/*", "2000/*")])
def test_gateways_share_a_ledger_line_by_line(url: str, one: str, other: str) -> None:
    open_ledger(url, "gw1", (one,))
    second, state = open_ledger(url, "gw2", (other,))
    assert state.ordinal == 1
    second.commit(documents(state, 1), offset=1, now=0)
    assert second.cursor("mqtt") == HEAD_STRIDE


def test_who_takes_an_expired_lease_over_stops_the_loser(url: str) -> None:
    first, state = open_ledger(url, "gw1", ("1000/*",))
    first.commit(documents(state, 2), offset=1, now=SECOND)
    second, taken = open_ledger(url, "gw2", ("1000/L01",), now=SECOND + TTL)
    assert taken.ordinal == 1
    assert taken.lines["1000", "L01"].posted == 2 * PIECE
    assert taken.marks_of_devices["ctr-L01"]["b1", "good"].total == 2
    for attempt in (
        lambda: first.commit(documents(state, 1), offset=2, now=SECOND),
        lambda: first.renew(TTL),
        lambda: first.load(snapshot),
    ):
        with pytest.raises(Fenced, match='gateway "gw1", journal journal of gw1: another writer has taken over'):
            attempt()
    second.commit(documents(taken, 1), offset=1, now=SECOND)
    assert list(second.read(Needs(documents=(1, 2, 3, HEAD_STRIDE + 1))).documents) == [1, 2, HEAD_STRIDE + 1]


def test_a_lease_is_renewed_by_commits_and_without_them_once_a_third_of_it_is_over(url: str) -> None:
    ledger, state = open_ledger(url)
    third = TTL // 3
    renewals = ((third - 1, TTL), (third, third + TTL), (2 * third - 1, third + TTL), (2 * third, 2 * third + TTL))
    for now, end in renewals:
        if now <= third:
            ledger.commit(documents(state, 1), offset=now, now=now)
        else:
            ledger.renew(now)
        with reading(url) as connection:
            assert connection.scalar(select(t.leases.c.until)) == end


def test_a_gateway_that_restarts_goes_on_and_its_ghost_is_stopped(url: str) -> None:
    ghost, state = open_ledger(url)
    ghost.commit(documents(state, 1), offset=3, now=SECOND)
    restarted, loaded = open_ledger(url, now=SECOND)
    assert restarted.head is not None
    assert (restarted.head.ordinal, restarted.head.offset, loaded.documents) == (0, 3, 1)
    with pytest.raises(Fenced):
        ghost.commit(documents(state, 1), offset=4, now=SECOND)
    restarted.commit(documents(loaded, 1), offset=4, now=SECOND)


def test_one_gateway_with_two_journals_is_two_gateways(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    first, _ = open_ledger(url, patterns=("1000/L01",))
    second = connect(url, "gw1")
    with pytest.raises(Fenced, match='gateway "gw1" runs already, with journal journal of gw1; its lease'):
        second.claim("another journal", ["2000/*"], SECOND, TTL)
    first.release()
    assert second.claim("another journal", ["2000/*"], SECOND, TTL).offset == 0


@pytest.mark.parametrize("pattern", ["", "1000", "1000/", "*/L01", "1000/L0*", "1000/L01/x"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    ledger = connect("sqlite://", "gw1")
    with pytest.raises(UsageError, match=r'lines: expected "\*", "PLANT/\*" or "PLANT/LINE"'):
        ledger.claim("j", [pattern], 0, TTL)


def test_a_gateway_that_is_stopped_in_the_middle_of_a_commit_is_taken_over_from(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    first, state = open_ledger(url, "gw1", ("1000/L01",))
    first.commit(Changes(stock={GUARDED: 5}, opening={GUARDED: 5}), offset=1, now=0)
    first.claim("journal of gw1", ["1000/L01"], SECOND, SECOND)
    state = first.load(snapshot)
    stopped, goes_on = threading.Event(), threading.Event()

    def stop(point: Point) -> None:
        if point is Point.COMMIT_WRITTEN:
            stopped.set()
            goes_on.wait()

    second = connect(url, "gw2")
    arm(stop)
    try:
        with ThreadPoolExecutor(1) as other:
            late = other.submit(first.commit, withdrawal(state, "L01", 3), offset=2, now=SECOND)
            assert stopped.wait(150)
            arm(None)
            tried = attempts(lambda: second.claim("journal of gw2", ["1000/L01"], 4 * SECOND, SECOND))
            goes_on.set()
            with pytest.raises(LedgerUnavailable):
                late.result()
    finally:
        arm(None)
        goes_on.set()
    assert tried <= 2
    assert second.load(snapshot).documents == 0, "what it had not committed never happens"


def test_a_gateway_that_is_stopped_while_it_sends_a_commit_is_taken_over_from(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    open_ledger(url, "gw1", ("1000/L01",))
    second = connect(url, "gw2")
    with in_the_middle_of_a_trip(url):
        claim = lambda: second.claim("journal of gw2", ["1000/L01"], SECOND + TTL, SECOND)  # noqa: E731
        assert attempts(claim) <= 2


def test_what_a_stopped_gateway_has_locked_does_not_keep_others_from_their_own_lines(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    first, one, second, _ = two_gateways(url)
    first.commit(documents(one, 1, line="L01"), offset=1, now=0)
    second.claim("journal of gw2", ["1000/L02"], 0, SECOND)
    with in_the_middle_of_a_trip(url):
        with pytest.raises(LedgerUnavailable, match="lock timeout"):
            second.commit(documents(second.load(snapshot), 1, line="L02"), offset=1, now=0)
        # The pump connects again, and claims.
        assert attempts(lambda: second.claim("journal of gw2", ["1000/L02"], SECOND, SECOND)) <= 2
        second.commit(documents(second.load(snapshot), 1, line="L02"), offset=1, now=SECOND)


def test_a_load_may_take_longer_than_a_lease(postgres: Postgres) -> None:
    ledger, _ = open_ledger(postgres.fresh_url())
    ledger.load(snapshot).master = snapshot(b"master data")
    ledger.commit(Changes(tables=b"master data"), offset=1, now=0)
    attempts(lambda: ledger.claim("journal of gw1", ["*"], SECOND, SECOND // 5))

    def build(content: bytes) -> MasterData:
        time.sleep(0.6)  # three leases
        return snapshot(content)

    assert ledger.load(build).master == snapshot(b"master data")


def test_a_claim_ends_no_session_of_a_copy_of_its_ledger(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    open_ledger(url, "gw1", ("1000/L01",))[0].close()
    copy = postgres.fresh_url(f"TEMPLATE {make_url(url).database}")
    ledger, _ = open_ledger(url, "gw1", ("1000/L01",))
    here = f"{WAITING} AND datname = current_database()"

    def lasts(condition: str) -> bool:
        with reading(copy) as look:
            return bool(look.scalar(text(f"{here}{condition}")) == 1)

    with in_the_middle_of_a_trip(copy):
        until(lambda: lasts(" AND xact_start < clock_timestamp() - interval '1 s'"), "longer than a lease")
        attempts(lambda: ledger.claim("journal of gw1", ["1000/L01"], SECOND, SECOND))
        assert lasts("")


def two_gateways(url: str) -> tuple[Ledger, State, Ledger, State]:
    """Open two gateways, each with a line of its own."""
    return *open_ledger(url, "gw1", ("1000/L01",)), *open_ledger(url, "gw2", ("1000/L02",))


def withdrawal(state: State, line: str, quantity: int) -> Changes:
    """Return a document that takes guarded stock away."""
    changes = documents(state, 1, line=line, material=f"P-{line}")
    changes.stock[GUARDED] = -quantity
    changes.guarded.add(GUARDED)
    return changes


def test_stock_that_another_gateway_used_up_is_not_posted_below_zero(url: str) -> None:
    first, one, second, other = two_gateways(url)
    opening = Changes(stock={GUARDED: 5}, opening={GUARDED: 5})
    first.commit(opening, offset=1, now=0)
    first.commit(withdrawal(one, "L01", 3), offset=2, now=0)
    with pytest.raises(Moved, match="stock 1000/C-9/RAW1// was used up by another gateway"):
        second.commit(withdrawal(other, "L02", 3), offset=1, now=0)
    other = second.load(snapshot)
    assert other.documents == 0
    assert other.stock[GUARDED] == 2
    second.commit(withdrawal(other, "L02", 2), offset=1, now=0)
    with pytest.raises(Moved):
        first.commit(withdrawal(one, "L01", 1), offset=3, now=0)


def two_gateways_with_an_order(url: str) -> tuple[Ledger, State, Ledger, State]:
    first, one, second, _ = two_gateways(url)
    order = one.orders["PO-1"] = Order("PO-1", "1000", "P", "0001", "L01", "2026-11-20", "2026-11-25", 10)
    first.commit(Changes(orders={"PO-1": (order, {})}), offset=1, now=0)
    return first, one, second, second.load(snapshot)


def test_an_order_that_another_gateway_reduced_is_not_reduced_twice(url: str) -> None:
    first, one, second, other = two_gateways_with_an_order(url)

    def reduce(state: State, units: int) -> Changes:
        mine = state.orders["PO-1"]
        before = dict(mine.reduced)
        mine.reduced[QUANTITY] = before.get(QUANTITY, 0) + units
        return Changes(orders={"PO-1": (mine, before)})

    first.commit(reduce(one, 4), offset=2, now=0)
    with pytest.raises(Moved, match="order PO-1 was reduced by another gateway"):
        second.commit(reduce(other, 3), offset=1, now=0)
    other = second.load(snapshot)
    second.commit(reduce(other, 3), offset=1, now=0)
    assert first.load(snapshot).orders["PO-1"].reduced == {QUANTITY: 7}


def test_an_order_that_was_changed_elsewhere_keeps_its_new_quantity_when_it_is_reduced(url: str) -> None:
    first, one, second, other = two_gateways_with_an_order(url)
    one.orders["PO-1"].quantity = 20
    first.commit(Changes(orders={"PO-1": (one.orders["PO-1"], {})}), offset=2, now=0)
    other.orders["PO-1"].reduced[QUANTITY] = 1
    second.commit(Changes(orders={"PO-1": (other.orders["PO-1"], {})}), offset=1, now=0)
    assert second.load(snapshot).orders["PO-1"].quantity == 20


def test_a_flow_that_another_gateway_changed_is_loaded_again(url: str) -> None:
    first, one, second, other = two_gateways(url)
    first.commit(documents(one, 1, line="L01", material="P-9"), offset=1, now=0)
    with pytest.raises(Moved, match="a flow was changed by another gateway"):
        second.commit(documents(other, 1, line="L02", material="P-9"), offset=1, now=0)
    other = second.load(snapshot)
    second.commit(documents(other, 1, line="L02", material="P-9"), offset=1, now=0)
    assert [mark.posted for mark in second.load(snapshot).balances.values()] == [2 * PIECE] * 3


def test_a_period_that_is_closed_waits_for_documents_under_way_and_takes_none_after_them(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    first, one, second, _ = two_gateways(url)
    first.commit(Changes(stock={GUARDED: 5}, opening={GUARDED: 5}), offset=1, now=0)
    stopped, goes_on = threading.Event(), threading.Event()

    def stop(point: Point) -> None:
        if point is Point.COMMIT_WRITTEN:
            arm(None)
            stopped.set()
            goes_on.wait()

    def locked() -> bool:
        with reading(url) as look:
            return bool(look.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")))

    def posted() -> int:
        with reading(url) as look:
            return look.scalar(select(func.count()).select_from(t.documents)) or 0

    arm(stop)
    try:
        with ThreadPoolExecutor(2) as threads:
            late = threads.submit(first.commit, withdrawal(one, "L01", 3), offset=2, now=0)
            assert stopped.wait(150)
            close = Changes(periods={("1000", "2026-11"): True})
            closing = threads.submit(second.commit, close, offset=1, now=0)
            until(lambda: closing.done() or locked(), "it waits, or is done")
            closed_at = posted() if closing.done() else None
            goes_on.set()
            late.result()
            closing.result()
    finally:
        arm(None)
        goes_on.set()
    assert closed_at in (None, posted()), "documents of a period that was closed already"
    with pytest.raises(Moved, match="a period was closed by another gateway"):
        first.commit(withdrawal(one, "L01", 1), offset=3, now=0)


@pytest.mark.parametrize("late", [("healed", "a later total"), ("repeated", "by document 1"), ("dismissed", "by ben")])
def test_an_entry_that_another_gateway_has_settled_is_not_settled_again(url: str, late: tuple[EntryState, str]) -> None:
    first, one, second, _ = two_gateways(url)
    kept = everything(one)
    first.commit(kept, offset=1, now=0)
    waits, grouped = quarantined(3, UNBOOKED, "ctr-2"), kept.quarantine[0].number
    one.quarantines += 1
    first.commit(Changes(quarantine=[waits]), offset=2, now=0)
    other = second.load(snapshot)
    numbers = (waits.number, grouped)
    first.commit(Changes(quarantine_states=dict.fromkeys(numbers, ("dismissed", "anna: torn"))), offset=3, now=0)
    for number in numbers:
        settles = documents(other, 1, line="L02", material="P-L02")
        settles.quarantine_states[number] = late
        with pytest.raises(Moved, match="a quarantine entry was settled by another gateway"):
            second.commit(settles, offset=1, now=0)
        other = second.load(snapshot)
        assert other.documents == 0, "what came with it is not posted either"
    found = second.read(Needs(quarantine=numbers)).quarantine
    assert {(entry.state, entry.reason) for entry in found.values()} == {("dismissed", "anna: torn")}

    # A further message opens its entry again, whatever the other gateway has made of it.
    again = Changes(groups={grouped: kept.groups[grouped]}, quarantine_states={grouped: ("open", "")})
    first.commit(again, offset=4, now=0)
    second.commit(Changes(quarantine_states={grouped: late}), offset=1, now=0)
    assert second.read(Needs(quarantine=(grouped,))).quarantine[grouped].state == late[0]


def test_a_gateway_sees_windows_and_worklists_of_its_own_lines_only(url: str) -> None:
    first, one, second, _ = two_gateways(url)
    first.commit(everything(one), offset=1, now=0)
    other = second.load(snapshot)
    assert (other.windows, other.lines, other.closings) == ({}, {}, [])
    assert second.read(Needs(worklist=("", "", "", 0))).worklist == ()
    assert len(first.read(Needs(worklist=("", "", "", 0))).worklist) == 1


def test_eight_writers_on_shared_stock_lose_nothing_and_never_deadlock(url: str) -> None:
    open_ledger(url, "gw0", ("0000/*",))[0].close()
    commits, each = 12, 5
    writers = [
        subprocess.Popen([*WRITER, url, f"gw-{n}", f"L{n}", str(commits), str(each)], cwd=ROOT) for n in range(8)
    ]
    assert [writer.wait(150) for writer in writers] == [0] * 8
    posted = 8 * commits * each
    with reading(url) as connection:
        stock = dict(
            connection.execute(select(t.stock.c.material, func.sum(t.stock.c.quantity)).group_by("material")).all()
        )
        assert {material: quantity for material, quantity in stock.items() if material.startswith("C-")} == {
            f"C-{n}": -PIECE // n * posted for n in range(2, 6)
        }
        assert connection.scalar(select(func.count()).select_from(t.documents)) == posted
        assert connection.scalar(select(func.count()).select_from(t.batches)) == 8 * commits


def test_shared_rows_are_locked_in_the_order_of_their_keys(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    ledger, state = open_ledger(url)
    ledger.commit(documents(state, 1), 1, now=0)
    somebody = open_database(url)
    columns = [t.stock.c[name] for name in ("material", "location", "batch")]
    with reading(url) as connection:
        moved = sorted(tuple(row) for row in connection.execute(select(*columns)))
    assert len(moved) > 3
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with ThreadPoolExecutor(1) as writer:
        for offset, held in enumerate(moved, 2):
            with somebody.connect() as holder, somebody.connect() as looker:
                where = [column == value for column, value in zip(columns, held, strict=True)]
                holder.execute(select(t.stock).where(*where).with_for_update())
                committed = writer.submit(ledger.commit, documents(state, 1), offset, 0)
                until(lambda looker=looker: looker.scalar(text(waits)) == 1, "the commit waits for the row")  # type: ignore[misc]
                free = {tuple(row) for row in looker.execute(select(*columns).with_for_update(skip_locked=True))}
                looker.rollback()
                holder.rollback()
                committed.result()
            assert [key for key in moved if key not in free] == moved[: moved.index(held) + 1]
    ledger.close()
    somebody.dispose()
