"""Promises 1, 3, 6 and 8: broker, database or disk go away in the middle, and nothing is lost or doubled."""

import asyncio
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from sqlalchemy import select

from devices.simulators import BrokerAccess, SimulatedPlant
from gateway.ledger.database import tables as t
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import (
    BAD_NETWORK,
    SCANNERS,
    booked,
    counters,
    documents_of_scans,
    figures,
    in_windows,
    scanners,
    stocked,
)
from tests.integration.shared_ledger import CABLE, assert_truth
from tests.servers import Mosquitto, Postgres
from tests.simulation.faults import frozen
from tests.simulation.shim import Shim

STATE = "bf/v1/_gateway/gw1/state"
LEDGER_ALERT = "bf/v1/_gateway/gw1/alert/ledger"
JOURNAL_ALERT = "bf/v1/_gateway/gw1/alert/journal"
SCANNER = "bf/v1/1000/L05/s-L05"
AT_ONCE = {"feedback_timeout_ms": 300}


def phase_is(phase: str) -> Callable[..., bool]:
    return lambda heard: heard.body.get("phase") == phase


def posted(monitor: Monitor, scan: str, after: int) -> dict[str, Any]:
    """Wait until a scan made by hand is posted; before that it may be told that it is queued."""
    return monitor.wait(
        f"{SCANNER}/feedback", lambda heard: (heard.body["ref"], heard.body["result"]) == (scan, "ok"), after=after
    ).body


def produce(gateway: GatewayProcess, broker: Mosquitto, plant: SimulatedPlant, disturb: Callable[[], None]) -> None:
    """Let a plant run for some seconds, disturb it in the middle, and let it say its last word."""

    async def run() -> None:
        running = asyncio.create_task(plant.run(BrokerAccess(url=broker.url), seconds=8, rate=500))
        await asyncio.sleep(2)
        await asyncio.to_thread(disturb)
        await running
        await asyncio.to_thread(gateway.ready)
        assert await plant.settle() == 0, "every scan is answered"

    asyncio.run(run())


def assert_whole(gateway: GatewayProcess, plant: SimulatedPlant, by_hand: str = "", pieces: int = 0) -> None:
    """Hold what is booked against what was made, to the last reading."""
    assert_truth(gateway, plant, by_hand, pieces)
    assert gateway.stop() == 0
    with gateway.ledger() as connection:
        read, counted, quarantined, posted = figures(connection)
        assert (counted, quarantined) == (read, 0)
        assert counted == posted + in_windows(connection)
    gateway.audit()


def busy_plant() -> SimulatedPlant:
    return SimulatedPlant([*counters(), *scanners(rate_per_s=0.5)], BAD_NETWORK, 7)


def test_totals_and_repeated_scans_heal_what_a_killed_broker_has_lost(tmp_path: Path, mosquitto: Mosquitto) -> None:
    plant = busy_plant()

    def kill_the_broker() -> None:
        mosquitto.kill()
        gateway.ready("degraded")
        mosquitto.start()

    with GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        produce(gateway, mosquitto, plant, kill_the_broker)
        assert_whole(gateway, plant)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_equal_scans_without_an_id_that_the_broker_has_kept_are_not_taken_for_one(
    protocol: str, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with (
        GatewayProcess(mosquitto.url, mqtt={"protocol": protocol}) as gateway,
        Monitor(mosquitto, f"{SCANNER}/feedback", "bf/v1/_gateway/gw1/_canary/scan") as monitor,
    ):

        def told(number: int) -> list[str]:
            until(lambda: len(monitor.on(f"{SCANNER}/feedback")) >= number, lambda: gateway.log)
            return [heard.body["code"] for heard in monitor.on(f"{SCANNER}/feedback")]

        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        monitor.wait("bf/v1/_gateway/gw1/_canary/scan")
        assert gateway.stop() == 0
        before = len(monitor.has_heard)
        for _ in range(3):
            monitor.say(f"{SCANNER}/scan", CABLE)
        gateway.start().ready()
        assert told(3) == ["BF0000", "BF2011", "BF2011"]

        # Once its own canary has come back what arrives is live: twice at once is one trigger pull again.
        monitor.wait("bf/v1/_gateway/gw1/_canary/scan", after=before)
        monitor.say(f"{SCANNER}/scan", CABLE)
        assert told(4)[3] == "BF0002"
        done = gateway.backflush("quarantine", "replay", "--device", "s-L05", "--reason", "three cables")
        assert set(done["data"]["entries"].values()) == {"replayed"}, done
        gateway.caught_up()
        assert gateway.stop() == 0
        with gateway.ledger() as connection:
            assert booked(connection)["L05"] == (3, 0)
        gateway.audit()


def test_the_journal_holds_everything_while_the_database_is_away(tmp_path: Path, mosquitto: Mosquitto) -> None:
    plant = busy_plant()
    with Postgres() as postgres, Monitor(mosquitto) as monitor:

        def kill_the_database() -> None:
            postgres.kill()
            monitor.wait(STATE, phase_is("degraded"))
            assert monitor.wait(LEDGER_ALERT).body["severity"] == "error"
            monitor.say(f"{SCANNER}/scan", {"id": "hand-1", "data": CABLE})
            queued = monitor.wait(f"{SCANNER}/feedback", lambda heard: heard.body["ref"] == "hand-1")
            assert (queued.body["result"], queued.body["code"]) == ("queued", "BF0001")
            assert LEDGER_ALERT in monitor.retained()
            assert gateway.health()["journal"]["unconsumed"] > 0
            time.sleep(2)
            told = len(monitor.has_heard)
            postgres.start()
            assert posted(monitor, "hand-1", told)["data"]["quantity"] == "1"
            monitor.wait(LEDGER_ALERT, lambda heard: heard.payload == b"", after=told)
            monitor.wait(STATE, phase_is("ready"), after=told)

        with GatewayProcess(mosquitto.url, database=postgres.fresh_url(), posting=AT_ONCE) as gateway:
            stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
            produce(gateway, mosquitto, plant, kill_the_database)
            assert LEDGER_ALERT not in monitor.retained()
            assert_whole(gateway, plant, by_hand="L05", pieces=1)


def test_a_database_that_does_not_answer_is_told_and_the_journal_grows(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with (
        Postgres() as postgres,
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=postgres.fresh_url(), posting=AT_ONCE) as gateway,
    ):
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        with frozen(postgres.pid):
            monitor.say(f"{SCANNER}/scan", {"id": "hand-1", "data": CABLE})
            monitor.wait(f"{SCANNER}/feedback", lambda heard: heard.body["result"] == "queued")
            assert "has not answered" in monitor.wait(LEDGER_ALERT).body["text"]
            monitor.wait(STATE, phase_is("degraded"))
            assert gateway.health()["journal"]["unconsumed"] > 0
            told = len(monitor.has_heard)
        posted(monitor, "hand-1", told)
        monitor.wait(LEDGER_ALERT, lambda heard: heard.payload == b"", after=told)
        monitor.wait(STATE, phase_is("ready"), after=told)
        gateway.caught_up()
        assert gateway.stop() == 0
        gateway.audit()


class SmallDisk:
    """A file system of 24 MB, where the tests may mount one; elsewhere its processes are told that it is full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "disk"
        self.folder.mkdir()
        mount = "mount", "-t", "tmpfs", "-o", "size=24m", "tests", self.folder
        self._mounted = subprocess.run(mount, check=False).returncode == 0
        self._shim = None if self._mounted else Shim(folder / "shim", self.folder)
        self.environment = self._shim.environment if self._shim else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._mounted:
            subprocess.run(["umount", "-l", self.folder], check=True)

    def fill(self) -> None:
        """Take all the room that is left."""
        if self._shim:
            self._shim.disk_full(full=True)
            return
        with suppress(OSError), (self.folder / "filler").open("wb", buffering=0) as filler:
            while filler.write(bytes(4096)) == 4096:
                pass

    def make_room(self) -> None:
        if self._shim:
            self._shim.disk_full(full=False)
        else:
            (self.folder / "filler").unlink()


def test_a_full_disk_refuses_scans_and_resumes_by_itself(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    with (
        SmallDisk(tmp_path) as disk,
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=postgres.fresh_url(), data=disk.folder / "data") as gateway,
    ):
        gateway.environment = disk.environment
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()

        disk.fill()
        monitor.say(f"{SCANNER}/scan", {"id": "hand-1", "data": CABLE})
        refused = monitor.wait(f"{SCANNER}/feedback").body
        assert (refused["ref"], refused["result"], refused["code"]) == ("hand-1", "nok", "BF9001")
        monitor.wait(STATE, phase_is("degraded"))
        assert JOURNAL_ALERT in monitor.retained()

        # It was not acknowledged: the broker delivers it again to the next life, which has room.
        gateway.kill()
        told = len(monitor.has_heard)
        disk.make_room()
        gateway.start().ready()
        posted(monitor, "hand-1", told)
        monitor.wait(JOURNAL_ALERT, lambda heard: heard.payload == b"", after=told)

        disk.fill()
        monitor.say(f"{SCANNER}/scan", {"id": "hand-2", "data": CABLE})
        monitor.wait(f"{SCANNER}/feedback", lambda heard: heard.body["code"] == "BF9001", after=told)
        told = len(monitor.has_heard)
        disk.make_room()
        monitor.wait(JOURNAL_ALERT, lambda heard: heard.payload == b"", after=told)
        # What was told to be not stored is not posted by itself; scanned again, under whatever id, it is, once.
        monitor.say(f"{SCANNER}/scan", {"id": "hand-3", "data": CABLE})
        posted(monitor, "hand-3", told)
        monitor.wait(STATE, phase_is("ready"), after=told)

        assert gateway.stop() == 0
        with gateway.ledger() as connection:
            assert booked(connection) == {"L05": (2, 0)}
            assert dict(documents_of_scans(connection)) == {"hand-1": 1, "hand-3": 1}
            kept = connection.execute(select(t.quarantine.c.code, t.quarantine.c.state)).all()
            assert kept == [("BF9001", "repeated")]
        gateway.audit()


def test_an_io_error_of_the_journal_ends_the_gateway_and_it_resumes(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url, database=postgres.fresh_url()) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        monitor.say(f"{SCANNER}/scan", {"id": "hand-1", "data": CABLE})
        monitor.wait(f"{SCANNER}/feedback")

        gateway.limit_file_size(gateway.settings.journal_path.with_name("journal.sqlite-wal").stat().st_size)
        monitor.say(f"{SCANNER}/scan", {"id": "hand-2", "data": CABLE})
        assert gateway.ended() == 3

        told = len(monitor.has_heard)
        gateway.start().ready()
        posted(monitor, "hand-2", told)
        assert gateway.stop() == 0
        with gateway.ledger() as connection:
            assert booked(connection) == {"L05": (2, 0)}
        gateway.audit()
