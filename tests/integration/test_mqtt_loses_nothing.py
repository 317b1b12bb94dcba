"""Promise 1: a message is acknowledged only after its bytes are in the journal, so a kill at any point loses none."""

import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop

from gateway.journal import Reader
from tests.integration.mqtt_peer import Peer
from tests.servers import Mosquitto

MESSAGES = 2_000
SILENT_S = 20
PAYLOADS = [b"%d" % number + bytes(6_000) for number in range(MESSAGES)]
"""Long enough that they arrive in many chunks, and kills fall between them."""


def kept(journal: Path) -> list[bytes]:
    if not journal.exists():
        return []
    payloads: list[bytes] = []
    with Reader(journal) as reader:
        last = 0
        while batches := reader.read(last, MESSAGES):
            last = batches[-1].number
            payloads += [entry.payload for batch in batches for entry in batch.entries]
    return payloads


@contextmanager
def keeper(broker: Mosquitto, journal: Path, protocol: str) -> Iterator[Callable[[], int]]:
    """Run a keeper and kill it at the end; yield what waits until it says how many messages it has kept now.

    A keeper that is silent for long is killed as well: the broker has lost something, and waiting would be endless.
    """
    module = [sys.executable, "-m", "tests.integration.mqtt_keeper"]
    with subprocess.Popen(
        [*module, broker.url, journal, protocol, "t/+"], stdout=subprocess.PIPE, text=True
    ) as process:
        silent = threading.Timer(SILENT_S, process.kill)
        silent.start()
        try:
            assert process.stdout is not None
            yield lambda said=process.stdout: int(said.readline() or "0")  # type: ignore[misc]
        finally:
            silent.cancel()
            process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_nothing_is_lost_when_the_receiver_is_killed_again_and_again(tmp_path: Path, protocol: str) -> None:
    journal = tmp_path / "journal"
    chance = random.Random(20_261_122)

    async def publish_all(url: str) -> None:
        async with Peer(url, client_id="devices") as devices:
            await devices.up()
            await devices.publish("t/c1", PAYLOADS)

    with Mosquitto() as broker:
        with keeper(broker, journal, protocol) as kept_now:
            uvloop.run(hello(broker.url))
            assert kept_now() == 1
        uvloop.run(publish_all(broker.url))
        kills = 0
        while len(set(kept(journal))) < MESSAGES + 1:
            with keeper(broker, journal, protocol) as kept_now:
                until = chance.randrange(20, 200)
                while until > 0 and len(set(kept(journal))) < MESSAGES + 1:
                    more = kept_now()
                    assert more, f"{len(set(kept(journal)))} of {MESSAGES + 1} are kept, and no more arrive"
                    until -= more
            kills += 1
        found = kept(journal)
        assert set(found) == {*PAYLOADS, b"hello"}
        assert kills >= 2


async def hello(url: str) -> None:
    """Leave a message that a keeper gets as soon as it has subscribed: once it is kept, there is a session."""
    async with Peer(url, client_id="devices") as devices:
        await devices.up()
        await devices.publish("t/c0", [b"hello"], retain=True)
