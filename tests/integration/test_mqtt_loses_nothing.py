"""Promise 1: a message is acknowledged only after its bytes are in the journal, so a kill at any point loses none."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import uvloop

from gateway.journal import Reader
from tests.integration.mqtt_peer import Peer
from tests.servers import Mosquitto

MESSAGES = 2_000
PAYLOADS = [b"%d" % number + bytes(2_000) for number in range(MESSAGES)]
"""Long enough that they arrive in many chunks, and kills fall between them."""


def kept(journal: Path) -> list[bytes]:
    if not journal.exists():
        return []
    with Reader(journal) as reader:
        return [entry.payload for batch in reader.read(0, MESSAGES * 10) for entry in batch.entries]


def keeper(broker: Mosquitto, journal: Path, protocol: str) -> subprocess.Popen[str]:
    module = [sys.executable, "-m", "tests.integration.mqtt_keeper"]
    return subprocess.Popen([*module, broker.url, journal, protocol, "t/+"], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("protocol", ["3.1.1", "5"])
def test_nothing_is_lost_when_the_receiver_is_killed_again_and_again(tmp_path: Path, protocol: str) -> None:
    journal = tmp_path / "journal"
    chance = random.Random(20_261_122)

    async def publish_all(url: str) -> None:
        async with Peer(url, client_id="devices") as devices:
            await devices.up()
            await devices.publish("t/c1", PAYLOADS)

    with Mosquitto() as broker:
        with keeper(broker, journal, protocol) as first:
            assert first.stdout is not None
            while not journal.exists():
                assert first.poll() is None
            uvloop.run(hello(broker.url))
            first.stdout.readline()
            first.kill()
        uvloop.run(publish_all(broker.url))
        kills = 0
        while len(set(kept(journal))) < MESSAGES + 1:
            with keeper(broker, journal, protocol) as process:
                assert process.stdout is not None
                until = chance.randrange(50, 400)
                while until > 0 and len(set(kept(journal))) < MESSAGES + 1:
                    until -= int(process.stdout.readline())
                process.send_signal(signal.SIGKILL)
            kills += 1
        found = kept(journal)
        assert set(found) == {*PAYLOADS, b"hello"}
        assert kills >= 3


async def hello(url: str) -> None:
    """Publish until the keeper must have subscribed: the first message that it keeps proves its session."""
    async with Peer(url, client_id="devices") as devices:
        await devices.up()
        await devices.publish("t/c0", [b"hello"], retain=True)
