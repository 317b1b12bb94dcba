"""The front is fair: what a flood of one device puts before another's scan is bounded by what a batch may hold."""

import asyncio
from pathlib import Path

from gateway.journal import Batch, Entry, Journal
from gateway.mqtt import Delivery
from gateway.service.client import system_clock
from gateway.service.front import MOST_ENTRIES, Front


def said(tail: str, number: int) -> Delivery:
    mid = number % 65_000 + 1
    topic = f"bf/v1/1000/L1/{tail}"
    return Delivery(topic, b"7", 1, retain=False, response_topic=None, correlation=None, mid=mid)


def test_a_scan_waits_for_no_more_than_the_flood_that_came_before_it_in_full_batches(tmp_path: Path) -> None:
    flood = 3 * MOST_ENTRIES
    batches: list[Batch] = []
    acknowledged: list[int] = []

    def refused(error: BaseException, _: list[Entry]) -> None:
        raise error

    async def run() -> None:
        with Journal.open(tmp_path / "journal.sqlite") as journal:
            front = Front(journal, system_clock, lambda _, mids: acknowledged.extend(mids), batches.append, refused)
            front.deliver(1, [said("noisy/count", number) for number in range(flood)])
            front.deliver(1, [said("scanner/scan", flood)])
            front.deliver(1, [said("noisy/count", number) for number in range(flood)])
            await front.close()

    asyncio.run(run())
    [at] = [n for n, batch in enumerate(batches) if any(entry.topic.endswith("/scan") for entry in batch.entries)]
    assert max(len(batch.entries) for batch in batches) == MOST_ENTRIES
    assert at <= flood // MOST_ENTRIES + 1, "full batches before it, and no other"
    assert sum(len(batch.entries) for batch in batches) == len(acknowledged) == 2 * flood + 1
    order = [entry.topic.rpartition("/")[2] for batch in batches for entry in batch.entries]
    assert order.index("scan") == flood, "nobody overtakes"
