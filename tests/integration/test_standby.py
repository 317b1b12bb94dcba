"""Promise 19: a standby takes over from a gateway that ended, hangs or is cut off, and both never post the same."""

import signal
from os import kill
from pathlib import Path

from sqlalchemy import text

from devices.simulators import Plant
from gateway.failpoints import PERMISSION, VARIABLE
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import (
    BAD_NETWORK,
    PUMP_BOX,
    SCANNERS,
    booked,
    counters,
    documents_of_scans,
    scanners,
    shop,
    tables,
)
from tests.integration.shared_ledger import CABLE, FEEDBACK, SCAN, assert_truth, both_databases, produced, shared_url
from tests.servers import Mosquitto, Postgres
from tests.simulation.proxy import Network, Proxy

BOX_SCAN = "bf/v1/1000/L06/s-L06/scan"
BOX_FEEDBACK = "bf/v1/1000/L06/s-L06/feedback"
BOX = PUMP_BOX.text.replace("{n}", "1")
"""Twelve pumps of a planned order: their commit looks at it before its end, when it holds all its locks."""


def stopped(process: GatewayProcess) -> bool:
    """Say whether a process has been stopped."""
    return Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"


def test_a_standby_takes_over_from_a_paused_gateway_which_posts_no_more_when_it_goes_on(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url()
    plant = Plant([*counters(), *scanners(rate_per_s=0.5)], BAD_NETWORK, 19)
    with (
        Monitor(mosquitto, "bf/v1/_gateway/#", "bf/v1/+/+/+/command") as monitor,
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", standby=True, lease_s=3) as first,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", standby=True, lease_s=3) as standby,
    ):
        first.import_tables(tables(shop(tmp_path / "shop", devices=SCANNERS)))
        first.start().ready()
        standby.start()
        until(lambda: "standby" in standby.log, lambda: standby.log)

        def pause() -> None:
            assert not any("/_gateway/gw2/" in topic for topic in monitor.topics()), "a standby receives nothing"
            kill(first.pid, signal.SIGSTOP)
            standby.ready()
            kill(first.pid, signal.SIGCONT)
            assert first.ended() == 3

        produced(mosquitto, plant, pause)
        assert "taken over" in first.log or 'belong to gateway "gw2"' in first.log
        assert "Traceback" not in first.log
        alert = monitor.wait("bf/v1/_gateway/gw2/alert/took-over").body
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


@both_databases
def test_a_gateway_paused_in_the_middle_of_a_commit_posts_no_more_when_it_goes_on(
    database: str, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = shared_url(database, tmp_path, postgres)
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=url, gateway="gw1", standby=True, lease_s=3) as first,
        GatewayProcess(mosquitto.url, database=url, gateway="gw2", standby=True, lease_s=3) as standby,
    ):
        first.import_tables(tables(shop(tmp_path / "shop", devices=SCANNERS)))
        first.environment = {VARIABLE: "commit.written:1:stop", PERMISSION: "allowed"}
        first.start().ready()
        monitor.say(BOX_SCAN, {"id": "middle", "data": BOX})
        until(lambda: stopped(first), lambda: first.log)
        if database == "postgresql":
            idle = text("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")
            with first.ledger() as connection:
                assert connection.scalar(idle) == 1
        standby.start()
        if database == "sqlite":
            # The lock is the file system's: nobody can take it from a process, and whoever waits for it says so.
            until(lambda: "stopped in the middle of it" in standby.log, lambda: standby.log)
            first.kill()
        standby.ready()
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
        standby.import_tables(tables(shop(tmp_path / "shop", devices=SCANNERS)))
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
    plant = Plant([*counters(), *scanners(rate_per_s=0.5)], BAD_NETWORK, 23)
    with (
        Monitor(mosquitto, "bf/v1/_gateway/#") as monitor,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3) as lost,
        GatewayProcess(mosquitto.url, database=url, standby=True, lease_s=3) as found,
    ):
        lost.import_tables(tables(shop(tmp_path / "shop", devices=SCANNERS)))
        lost.start().ready()

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
        first.import_tables(tables(shop(tmp_path / "shop", devices=SCANNERS)))
        first.start().ready()
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
