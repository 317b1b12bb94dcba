"""Promises 1, 3 and 8: single faults, and what is said and acknowledged while they last.

A disk that is full or fails, without root; a network that is dead without a word.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import SCANNERS, booked, documents_of_scans, figures, stocked
from tests.servers import Mosquitto, Postgres
from tests.simulation.frames import Publication
from tests.simulation.links import MqttProxy
from tests.simulation.proxy import Network
from tests.simulation.shim import Shim

SCANNER = "bf/v1/1000/L05/s-L05"
CABLE = "]d20102000000000077"


class Bench(NamedTuple):
    """A gateway whose disk can be spoiled, and what it has acknowledged to the broker."""

    gateway: GatewayProcess
    shim: Shim
    monitor: Monitor
    acknowledged: list[Publication]

    def scan(self, name: str) -> None:
        self.monitor.say(f"{SCANNER}/scan", {"id": name, "data": CABLE})

    def told(self, name: str, result: str, after: int = 0) -> dict[str, Any]:
        """Wait until a scan is answered with a result."""
        return self.monitor.wait(
            f"{SCANNER}/feedback",
            lambda heard: (heard.body["ref"], heard.body["result"]) == (name, result),
            after=after,
        ).body

    def has_acknowledged(self, name: str) -> bool:
        return any(name.encode() in heard.payload for heard in self.acknowledged)


@contextmanager
def bench(mosquitto: Mosquitto, postgres: Postgres, folder: Path) -> Iterator[Bench]:
    with (
        Network() as network,
        Monitor(mosquitto) as monitor,
        GatewayProcess(
            f"mqtt://127.0.0.1:{(proxy := MqttProxy(network, mosquitto.port, 0)).port}", database=postgres.fresh_url()
        ) as gateway,
    ):
        shim = Shim(gateway.folder / "shim", gateway.data)
        gateway.environment = shim.environment
        acknowledged: list[Publication] = []
        proxy.on_acknowledged = acknowledged.append
        stocked(gateway, folder / "shop", devices=SCANNERS).start().ready()
        yield Bench(gateway, shim, monitor, acknowledged)
        assert gateway.stop() == 0
        gateway.audit()


def test_a_gateway_that_starts_on_a_full_disk_refuses_scans_and_resumes_by_itself(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    with bench(mosquitto, postgres, tmp_path) as on:
        on.scan("before")
        on.told("before", "ok")
        on.gateway.kill()
        on.shim.disk_full(full=True)
        on.gateway.start()
        on.scan("full")
        assert on.told("full", "nok")["code"] == "BF9001"
        assert not on.has_acknowledged("full")
        on.scan("other")
        assert on.told("other", "nok")["code"] == "BF9001"
        told = len(on.monitor.has_heard)
        on.shim.disk_full(full=False)
        on.gateway.ready()
        until(lambda: on.has_acknowledged("other"), lambda: on.gateway.log)
        assert on.has_acknowledged("full")
        # Nothing of it is posted by itself: neither under the id that is repeated, nor under the one that is not.
        on.scan("full")
        on.told("full", "ok", after=told)
        on.scan("again")
        on.told("again", "ok", after=told)
        with on.gateway.ledger() as connection:
            assert booked(connection) == {"L05": (3, 0)}
            assert dict(documents_of_scans(connection)) == {"before": 1, "full": 1, "again": 1}
        heard = [
            h.body["code"] for h in on.monitor.has_heard if h.topic.endswith("/feedback") and h.body["ref"] == "other"
        ]
        assert heard == ["BF9001"], "told once"


def test_a_life_whose_fsync_failed_says_so_and_stores_nothing_more(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    with bench(mosquitto, postgres, tmp_path) as on:
        on.shim.fail_syncs(1)
        on.scan("failed")
        assert on.gateway.ended() == 3
        assert on.gateway.log.splitlines()[-1].endswith(
            "disk I/O error (SQLITE_IOERR_FSYNC); the disk is full or fails: make room, or look into the system's log"
        )
        assert not on.has_acknowledged("failed")
        told = len(on.monitor.has_heard)
        on.gateway.start().ready()
        on.told("failed", "ok", after=told)
        with on.gateway.ledger() as connection:
            assert booked(connection) == {"L05": (1, 0)}


def test_a_connection_that_is_dead_without_a_word_is_given_up_and_nothing_is_lost(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Network() as network, Monitor(mosquitto) as monitor:
        proxy = MqttProxy(network, mosquitto.port, 0)
        with GatewayProcess(f"mqtt://127.0.0.1:{proxy.port}", mqtt={"keepalive_s": 5}) as gateway:
            stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
            proxy.silence()
            monitor.say(f"{SCANNER}/scan", {"id": "unheard", "data": CABLE})
            gateway.ready("degraded")
            assert "broker" in [alert["id"] for alert in (gateway.pong() or {})["alerts"]]
            proxy.silence(silent=False)
            gateway.ready()
            monitor.wait(f"{SCANNER}/feedback", lambda heard: heard.body["result"] == "ok")
            gateway.caught_up()
            assert gateway.stop() == 0
            with gateway.ledger() as connection:
                assert dict(documents_of_scans(connection)) == {"unheard": 1}


def test_pieces_are_posted_though_the_clock_was_set_back_by_an_hour(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        shim = Shim(gateway.folder / "shim", gateway.data)
        gateway.environment = shim.environment
        stocked(gateway, tmp_path / "shop")
        shim.clock(3600)
        gateway.start().ready()

        def posted(total: int) -> None:
            monitor.say("bf/v1/1000/L01/c-L01-good/count", {"boot": "1", "seq": total, "good": total})

            def all_of_it() -> bool:
                with gateway.ledger() as connection:
                    return figures(connection).posted == total

            until(all_of_it, f"{total} pieces are not posted")

        posted(5)
        shim.clock(0)
        posted(9)
        gateway.kill()
        gateway.start().ready("degraded")
        posted(12)
        assert gateway.stop() == 0
        gateway.audit()
