"""A gateway among its own messages: none of them comes back as input, and it never quarrels with its broker."""

import time
from pathlib import Path

from sqlalchemy import func, select

from gateway.ledger.database import tables as t
from gateway.mqtt.embedded import EmbeddedBroker
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import stocked
from tests.servers import Mosquitto

QUIET_S = 3.0


def quarantined(gateway: GatewayProcess) -> int:
    with gateway.ledger() as connection:
        return connection.scalar(select(func.count()).select_from(t.quarantine)) or 0


def test_a_connection_lost_while_it_tidies_up_leaves_no_message_of_its_own_in_quarantine(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        with Monitor(mosquitto) as monitor:
            monitor.say("bf/v1/1000/L01/nobody/count", b"1")
            until(lambda: quarantined(gateway) == 1, "the alert about the quarantine is what could come back")
        mosquitto.stop()
        time.sleep(QUIET_S)
        mosquitto.start()
        until(lambda: gateway.log.count("connected to") == 2, lambda: gateway.log)
        time.sleep(QUIET_S)
        assert quarantined(gateway) == 1


def test_a_gateway_that_ends_leaves_no_alert_behind_since_nothing_updates_it(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    def left(monitor: Monitor) -> set[str]:
        return {topic for topic in monitor.retained() if "/gw1/" in topic}

    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        monitor.say("bf/v1/1000/L01/nobody/count", b"1")
        monitor.wait("bf/v1/_gateway/gw1/alert/quarantine")
        assert gateway.stop() == 0
        monitor.wait("bf/v1/_gateway/gw1/state", lambda heard: heard.body.get("phase") == "stopped")
        assert left(monitor) == {f"bf/v1/_gateway/gw1/{what}" for what in ("state", "info", "health")}
        assert "alert quarantine: 1 entry" in gateway.log


def test_one_connection_to_the_embedded_broker_lasts(tmp_path: Path) -> None:
    with EmbeddedBroker.start() as broker, GatewayProcess(str(broker.address), mqtt={"protocol": "3.1.1"}) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        time.sleep(QUIET_S)
        assert gateway.log.count("connected to") == 1, gateway.log
        assert gateway.health()["mqtt"]["connected"]
        assert quarantined(gateway) == 0


def test_two_clients_with_one_id_are_told_and_slow_down(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with (
        Monitor(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, mqtt={"client_id": "twin"}) as one,
        GatewayProcess(mosquitto.url, gateway="gw2", mqtt={"client_id": "twin"}) as other,
    ):
        for gateway in (one, other):
            stocked(gateway, tmp_path / gateway.settings.gateway.id)
        one.start().ready()
        other.start()
        monitor.wait("bf/v1/_gateway/gw1/alert/takeover", lambda heard: bool(heard.payload))
        before = one.log.count("connected to")
        time.sleep(QUIET_S)
        assert one.log.count("connected to") - before <= QUIET_S, "it does not hammer at the broker"
