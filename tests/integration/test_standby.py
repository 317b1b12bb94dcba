"""Promise 19: a standby takes over from a gateway that ended, hangs or is cut off, and both never post the same."""

import json
import signal
from os import kill
from pathlib import Path

import pytest
from sqlalchemy import select, text

from devices.simulators import SimulatedPlant
from gateway.failpoints import PERMISSION, VARIABLE
from gateway.ledger.database import tables as t
from gateway.service.local.submission import open_pump, system_clock
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import (
    BAD_NETWORK,
    PUMP_BOX,
    SCANNERS,
    Units,
    booked,
    counters,
    documents_of_scans,
    scanners,
    stocked,
)
from tests.integration.shared_ledger import CABLE, FEEDBACK, SCAN, assert_truth, produced
from tests.servers import Mosquitto, Postgres
from tests.simulation.proxy import Network, Proxy

BOX_SCAN = "bf/v1/1000/L06/s-L06/scan"
BOX_FEEDBACK = "bf/v1/1000/L06/s-L06/feedback"
BOX = PUMP_BOX.text.replace("{n}", "1")
"""Twelve pumps of a planned order: their commit looks at it before its end, when it holds all its locks."""


def stopped(process: GatewayProcess) -> bool:
    """Say whether a process has been stopped."""
    return Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"


def test_a_standby_takes_over_from_a_paused_gateway_which_posts_nothing_when_it_goes_on(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url()
    plant = SimulatedPlant([*counters(), *scanners(rate_per_s=0.5)], BAD_NETWORK, 19)
    with (
        Monitor(mosquitto, "bf/v1/_gateway/#", "bf/v1/+/+/+/command") as monitor,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3) as first,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3) as standby,
    ):
        stocked(first, tmp_path / "shop", devices=SCANNERS).start().ready()
        standby.start()
        until(lambda: "standby" in standby.log, lambda: standby.log)

        def pause() -> None:
            assert "connected to" not in standby.log, "a standby receives nothing"
            kill(first.pid, signal.SIGSTOP)
            standby.ready()
            kill(first.pid, signal.SIGCONT)
            assert first.ended() == 3

        produced(mosquitto, plant, pause)
        assert "taken over" in first.log or 'gateway "gw1" runs already' in first.log
        assert "Traceback" not in first.log
        alert = monitor.wait("bf/v1/_gateway/gw1/alert/took-over").body
        assert alert["object"] == "gw1"
        asked = monitor.wait("bf/v1/1000/L01/c-L01-good/command")
        assert asked.body["reason"] == "another gateway has taken over"
        assert_truth(standby, plant)

        # The first comes back as the standby; the lines are handed over at once, and what it still has is no news.
        first.start()
        assert standby.stop() == 0
        first.ready()
        assert_truth(first, plant)
        assert first.stop() == 0
        first.audit()


def test_a_gateway_paused_in_the_middle_of_a_commit_posts_nothing_when_it_goes_on(
    database: str, url: str, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", standby=True, lease_s=3) as first,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", standby=True, lease_s=3) as standby,
    ):
        stocked(first, tmp_path / "shop", devices=SCANNERS)
        first.environment = {VARIABLE: "commit.written:1:stop", PERMISSION: "allowed"}
        first.start().ready()
        monitor.say(BOX_SCAN, {"id": "middle", "data": BOX})
        until(lambda: stopped(first), lambda: first.log)
        monitor.say("bf/v1/_gateway/gw1/alert/backlog", {"id": "backlog"}, retain=True)
        if database == "postgresql":
            # Of this ledger: a gateway that another test has killed may still stand in the server's list.
            idle = text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE state = 'idle in transaction' AND datname = current_database() AND backend_xid IS NOT NULL"
            )
            with first.ledger() as connection:
                assert connection.scalar(idle) == 1
        standby.start()
        if database == "sqlite":
            # The lock is the file system's: nobody can take it from a process, and whoever waits for it says so.
            until(lambda: "stopped in the middle of it" in standby.log, lambda: standby.log)
            first.kill()
        standby.ready()
        # Nobody waits for the will of a gateway that hangs, and nobody else looks after what it has said of itself.
        monitor.wait("bf/v1/_gateway/gw1/state", lambda heard: heard.body == {"state": "offline"})
        monitor.wait("bf/v1/_gateway/gw1/alert/backlog", lambda heard: heard.payload == b"")
        monitor.say(BOX_SCAN, {"id": "middle", "data": BOX})
        monitor.wait(BOX_FEEDBACK, lambda heard: (heard.body["ref"], heard.body["result"]) == ("middle", "ok"))
        if database == "postgresql":
            assert standby.log.count("timeout") <= 2, "it waits for no lock longer than a lease"
            kill(first.pid, signal.SIGCONT)
            assert first.ended() == 3
            assert "Traceback" not in first.log
        with standby.ledger() as connection:
            assert booked(connection) == {"L06": (12, 0)}

        # What it was about to post is folded when it has the lines again, and is no news.
        assert standby.stop() == 0
        first.environment = {}
        first.start().ready().caught_up()
        with first.ledger() as connection:
            assert booked(connection) == {"L06": (12, 0)}
        assert first.stop() == 0
        first.audit()


ANYBODY = {"open_names": ["operators"]}


def say_without_ids(monitor: Monitor, first: int, last: int) -> None:
    """Scan cables with a scanner that knows no ids; each by another operator, or they would be one trigger pull."""
    for number in range(first, last):
        monitor.say(SCAN, {"data": CABLE, "operator": f"OP-{number}"})


def left_behind(gateway: GatewayProcess) -> list[int]:
    """Return the quarantine entries that another gateway may have posted."""
    columns = t.quarantine.c
    with gateway.ledger() as connection:
        return list(connection.scalars(select(columns.number).where(columns.code == "BF2010", columns.state == "open")))


def posts(gateway: GatewayProcess, cables: int) -> None:
    """Wait until so many cables are booked, and not more."""

    def made() -> int:
        with gateway.ledger() as connection:
            return booked(connection).get("L05", Units(0, 0)).good

    until(lambda: made() >= cables, lambda: f"{cables} wanted, {made()} booked\n{gateway.log}")
    gateway.caught_up()
    assert made() == cables


def test_gateways_of_one_id_share_what_the_broker_keeps_so_scans_without_ids_are_posted_once(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3, posting=ANYBODY) as first,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3, posting=ANYBODY) as standby,
    ):
        stocked(first, tmp_path / "shop", devices=SCANNERS).start().ready()
        say_without_ids(monitor, 0, 3)
        posts(first, 3)
        standby.start()
        kill(first.pid, signal.SIGSTOP)
        say_without_ids(monitor, 3, 13)
        standby.ready()
        posts(standby, 13)  # what the first had not acknowledged is delivered again
        kill(first.pid, signal.SIGCONT)
        assert first.ended() == 3
        posts(standby, 13)

        # It may have read and stored some before it knew: they can be seen, and are not posted again.
        first.start()
        assert standby.stop() == 0
        first.ready()
        posts(first, 13)
        assert len(left_behind(first)) <= 10
        say_without_ids(monitor, 13, 15)
        posts(first, 15)
        assert first.stop() == 0
        first.audit()


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_gateway_of_another_id_begins_again_so_what_the_first_has_posted_is_not_delivered_to_it(
    protocol: str, tmp_path: Path, mosquitto: Mosquitto
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"

    def gateway(name: str) -> GatewayProcess:
        return GatewayProcess(
            mosquitto.url,
            database=url,
            gateway=name,
            mqtt={"protocol": protocol, "client_id": f"{name}-{protocol}"},
            posting=ANYBODY,
        )

    with Monitor(mosquitto) as monitor, gateway("gw1") as one, gateway("gw2") as other:
        stocked(one, tmp_path / "shop", devices=SCANNERS)
        for round_, owner in enumerate((one, other, one, other)):
            owner.start().ready()
            say_without_ids(monitor, 3 * round_, 3 * round_ + 3)
            posts(owner, 3 * round_ + 3)
            # A restart of its own keeps the session: what comes meanwhile is waited for.
            assert owner.stop() == 0
        say_without_ids(monitor, 12, 14)
        other.start().ready()
        posts(other, 14)
        assert other.stop() == 0
        assert left_behind(other) == []
        other.audit()


def test_a_scan_without_id_of_a_journal_that_was_left_behind_is_posted_when_a_person_says_so(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", posting=ANYBODY) as first,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", posting=ANYBODY) as other,
    ):
        stocked(first, tmp_path / "shop", devices=SCANNERS)
        first.environment = {VARIABLE: "stepped:1", PERMISSION: "allowed"}
        first.start().ready()
        say_without_ids(monitor, 0, 1)
        assert first.ended() == -9
        with open_pump(other.settings, lambda: system_clock() + 60_000_000):
            pass  # the other has had the lines
        first.environment = {}
        first.start().ready().caught_up()
        [number] = left_behind(first)
        posts(first, 0)
        first.kill()  # to fold it again changes nothing
        first.start().ready()
        assert left_behind(first) == [number]
        answer = first.ask("quarantine-replay", {"numbers": [number]}, reason="the other has not posted it")
        assert answer["status"] == "ok", answer
        say_without_ids(monitor, 1, 2)
        posts(first, 2)
        assert first.stop() == 0
        first.audit()

        # What a document came from stands in the journal of the gateway that wrote it.
        here, there = (gateway.backflush("trace", "2", "--telegrams")["readings"] for gateway in (first, other))
        assert [json.loads(telegram["payload"])["data"] for telegram in here[0]["telegrams"]] == [CABLE]
        assert [telegram["elsewhere"]["gateway"] for telegram in there[0]["telegrams"]] == ["gw1"]


def test_a_gateway_that_finds_its_lines_taken_after_an_outage_ends_and_as_a_standby_receives_nothing(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url()
    with (
        Network() as network,
        Monitor(mosquitto) as monitor,
        GatewayProcess(
            mosquitto.url,
            database=url.replace(f":{postgres.port}/", f":{(way := Proxy(network, postgres.port, 0)).port}/"),
            standby=True,
            lease_s=3,
        ) as first,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", standby=True, lease_s=3) as standby,
    ):
        stocked(standby, tmp_path / "shop", devices=SCANNERS)
        first.start().ready()
        standby.start()
        way.close_door()
        first.ready("degraded")
        monitor.say(SCAN, {"id": "meanwhile", "data": CABLE})
        until(lambda: first.health()["journal"]["unconsumed"] > 0, first.health)
        standby.ready()

        way.close_door(closed=False)
        assert first.ended() == 3
        assert 'belong to gateway "gw2"' in first.log
        assert "Traceback" not in first.log

        # Started again it waits, whether the database says that the lines are another's or says nothing.
        way.close_door()
        ended = len(first.log)
        first.start()
        until(lambda: "standby: " in first.log[ended:], lambda: first.log)
        way.close_door(closed=False)
        until(lambda: 'belong to gateway "gw2"' in first.log[ended:], lambda: first.log)
        monitor.say(SCAN, {"id": "after", "data": CABLE})
        monitor.wait(FEEDBACK, lambda heard: (heard.body["ref"], heard.body["result"]) == ("after", "ok"))
        assert "connected to" not in first.log[ended:]

        # What it had received stands in its journal, and counts once the lines are its own again.
        assert standby.stop() == 0
        first.ready().caught_up()
        with first.ledger() as connection:
            assert booked(connection) == {"L05": (2, 0)}
        assert first.stop() == 0
        first.audit()


def test_a_gateway_whose_journal_is_lost_goes_on_with_a_new_one_and_totals_heal(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url()
    plant = SimulatedPlant([*counters(), *scanners(rate_per_s=0.5)], BAD_NETWORK, 23)
    with (
        Monitor(mosquitto, "bf/v1/_gateway/#") as monitor,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3) as lost,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3) as found,
    ):
        stocked(lost, tmp_path / "shop", devices=SCANNERS).start().ready()

        def lose() -> None:
            lost.kill()
            found.start().ready()

        produced(mosquitto, plant, lose)
        assert monitor.wait("bf/v1/_gateway/gw1/alert/took-over").body["object"] == "gw1"
        assert_truth(found, plant)
        assert found.stop() == 0
        found.audit()


def test_a_standby_on_the_same_journal_folds_what_the_first_had_acknowledged(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=postgres.fresh_url()) as first,
        GatewayProcess(mosquitto.url, database=first.settings.database_url, data=first.data) as second,
    ):
        stocked(first, tmp_path / "shop", devices=SCANNERS).start().ready()
        for number in range(200):
            monitor.say(SCAN, {"id": f"scan-{number}", "data": CABLE})
        first.kill()
        # Its lease is its own again: nobody has to wait for it.
        second.start().ready()
        second.caught_up()

        def all_scans() -> bool:
            with second.ledger() as connection:
                return booked(connection).get("L05") == (200, 0)

        until(all_scans, lambda: second.log)
        assert second.stop() == 0
        with second.ledger() as connection:
            assert set(documents_of_scans(connection).values()) == {1}
        second.audit()
