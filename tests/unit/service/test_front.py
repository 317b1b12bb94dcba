"""The front is fair: what a flood of one device puts before another's scan is bounded by what a batch may hold.

And it is true: what it has told to be not stored is never stored as if it had not.
"""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from devices.sources.source import ForeignSource
from gateway.errors import JournalUnavailable
from gateway.failpoints import Action, Point
from gateway.journal import Entry, Journal, JournalBatch
from gateway.mqtt.wire.packets import Delivery
from gateway.service.entries import MESSAGE, REFUSED
from gateway.service.local.submission import system_clock
from gateway.service.receive.front import MOST_ENTRIES, Front
from gateway.service.times import SteadyClock
from tests.builders import listener


def clock_of(journal: Journal) -> SteadyClock:
    return SteadyClock(system_clock, time.monotonic, journal.at)


def said(tail: str, number: int, payload: bytes = b"7") -> Delivery:
    mid = number % 65_000 + 1
    topic = f"bf/v1/1000/L1/{tail}"
    return Delivery(topic, payload, 1, retain=False, response_topic=None, correlation=None, mid=mid)


async def test_a_scan_waits_for_the_flood_before_it_alone_in_full_batches(tmp_path: Path) -> None:
    flood = 3 * MOST_ENTRIES
    batches: list[JournalBatch] = []
    acknowledged: list[int] = []

    def refused(error: BaseException, _: list[Entry]) -> None:
        raise error

    hears = listener(on_durable=batches.append, on_unwritable=refused)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        front = Front(journal, clock_of(journal), lambda _, mids: acknowledged.extend(mids), hears)
        front.deliver(1, [said("noisy/count", number) for number in range(flood)])
        front.deliver(1, [said("scanner/scan", flood)])
        front.deliver(1, [said("noisy/count", number) for number in range(flood)])
        await front.close()
    [at] = [n for n, batch in enumerate(batches) if any(entry.topic.endswith("/scan") for entry in batch.entries)]
    assert max(len(batch.entries) for batch in batches) == MOST_ENTRIES
    assert at <= flood // MOST_ENTRIES + 1, "full batches before it, and no other"
    assert sum(len(batch.entries) for batch in batches) == len(acknowledged) == 2 * flood + 1
    order = [entry.topic.rpartition("/")[2] for batch in batches for entry in batch.entries]
    assert order.index("scan") == flood, "nobody overtakes"


async def test_a_scan_whose_sender_was_told_once_that_it_is_not_stored_is_stored_as_refused(
    armed: Callable[[Action], None], tmp_path: Path
) -> None:
    disk = [True]
    batches: list[JournalBatch] = []
    acknowledged: list[int] = []
    told: list[list[Entry]] = []

    def full(point: Point) -> None:
        if point is Point.JOURNAL_WRITING and disk[0]:
            raise sqlite3.OperationalError("database or disk is full")

    armed(full)
    stored = asyncio.Event()

    def durable(batch: JournalBatch) -> None:
        batches.append(batch)
        stored.set()

    def unwritable(error: BaseException, entries: list[Entry]) -> None:
        assert isinstance(error, JournalUnavailable)
        told.append(entries)
        if len(told) == 1:
            front.deliver(1, [said("scanner/scan", 3, b"third")])
        elif len(told) == 3:
            assert acknowledged == []
            disk[0] = False
            front.deliver(1, [said("scanner/scan", 4, b"fourth")])

    hears = listener(on_durable=durable, on_unwritable=unwritable)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        front = Front(journal, clock_of(journal), lambda _, mids: acknowledged.extend(mids), hears)
        front.deliver(1, [said("counter/count", 1), said("scanner/scan", 2, b"second")])
        await asyncio.wait_for(stored.wait(), 30)
        await front.close()
    assert [[entry.payload for entry in entries] for entries in told] == [[b"second"], [b"third"], []]
    kinds = [(entry.kind, entry.payload) for batch in batches for entry in batch.entries]
    assert kinds == [(MESSAGE, b"7"), (REFUSED, b"second"), (REFUSED, b"third"), (MESSAGE, b"fourth")]
    assert acknowledged == [2, 3, 4, 5]


async def test_whatever_its_callbacks_raise_nothing_stands_still(
    armed: Callable[[Action], None], tmp_path: Path
) -> None:
    heard: list[BaseException] = []

    def full(point: Point) -> None:
        if point is Point.JOURNAL_WRITING:
            raise sqlite3.OperationalError("database or disk is full")

    armed(full)
    given_up = asyncio.Event()

    def unwritable(error: BaseException, _: list[Entry]) -> None:
        heard.append(error)
        if isinstance(error, JournalUnavailable):
            raise RecursionError("a payload too deep to be looked into")
        front.give_up()
        given_up.set()

    with Journal.open(tmp_path / "journal.sqlite") as journal:
        front = Front(journal, clock_of(journal), lambda *_: None, listener(on_unwritable=unwritable))
        front.deliver(1, [said("scanner/scan", 1)])
        await asyncio.wait_for(given_up.wait(), 30)
        await front.close()
    assert [type(error) for error in heard] == [JournalUnavailable, RecursionError]


async def test_what_hangs_at_the_disk_is_known_to_hang_and_no_device_is_blamed_for_what_waits_behind_it(
    armed: Callable[[Action], None], tmp_path: Path
) -> None:
    """What arrived while the disk hung may be anybody's: until it is durable too, no silence is a device's."""
    hangs, seen = threading.Event(), []

    def hang(point: Point) -> None:
        if point is Point.JOURNAL_WRITING:
            hangs.wait(30)

    armed(hang)
    done = asyncio.Event()

    def durable(batch: JournalBatch) -> None:
        seen.append((front.deaf_since, [entry.payload for entry in batch.entries]))
        if len(seen) == 2:
            done.set()

    with Journal.open(tmp_path / "journal.sqlite") as journal:
        front = Front(journal, clock_of(journal), lambda *_: None, listener(on_durable=durable))
        assert (front.deaf_since, front.stands_s) == (None, 0.0)
        front.deliver(1, [said("a/count", 1)])
        began = front.deaf_since
        await asyncio.sleep(0.05)
        assert front.stands_s > 0
        front.deliver(1, [said("b/count", 2)])
        hangs.set()
        await asyncio.wait_for(done.wait(), 30)
        assert [at for at, _ in seen] == [began, began]
        await front.close()
        assert (front.deaf_since, front.stands_s) == (None, 0.0)


async def test_what_waits_for_its_proof_is_stored_behind_the_opening_of_its_life(tmp_path: Path) -> None:
    batches: list[JournalBatch] = []
    tried, stored = asyncio.Event(), asyncio.Event()

    def durable(batch: JournalBatch) -> None:
        batches.append(batch)
        if sum(len(each.entries) for each in batches) == 4:
            stored.set()

    def unwritable(error: BaseException, _: list[Entry]) -> None:
        assert isinstance(error, JournalUnavailable)
        tried.set()

    hears = listener(on_durable=durable, on_unwritable=unwritable)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        front = Front(journal, clock_of(journal), lambda *_: None, hears, proven=False)
        front.deliver(1, [said("counter/count", 1)])
        await tried.wait()
        front.deliver(1, [said("counter/count", 2)])
        front.prove(Entry("settings", "", b"{}"))
        front.prove(Entry("settings", "", b"another life's"))
        front.deliver(1, [said("counter/count", 3)])
        await stored.wait()
        await front.close()
    entries = [entry for batch in batches for entry in batch.entries]
    assert [entry.kind for entry in entries] == ["settings", *[MESSAGE] * 3]
    assert entries[0].payload == b"{}"


@pytest.mark.parametrize(
    ("limit", "size", "kept"), [(500, 500, 500), (500, 501, 501), (2_000, 1_500, 1_500), (2_000, 2_001, 1_024)]
)
async def test_a_message_is_larger_than_its_source_allows_however_small_that_is(
    tmp_path: Path, limit: int, size: int, kept: int
) -> None:
    batches: list[JournalBatch] = []
    sources = [ForeignSource("mes/#", "number", max_bytes=limit)]
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        front = Front(journal, clock_of(journal), lambda *_: None, listener(on_durable=batches.append), sources=sources)
        ours = said("C1/count", 1, b"x" * 3_000)
        front.deliver(1, [ours, ours._replace(topic="mes/1", payload=b"x" * size)])
        await front.close()
    [own, foreign] = [entry for batch in batches for entry in batch.entries]
    assert (len(own.payload), own.size) == (3_000, 0)
    assert (len(foreign.payload), foreign.size) == (kept, size if size > limit else 0)
