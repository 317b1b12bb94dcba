"""The board in a real browser beside a real gateway on PostgreSQL: it says what is frozen or dead, and recovers."""

import os
import signal
from pathlib import Path

import psutil
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from playwright.sync_api import Page

from tests.integration.browser import AWAY, wait_for, window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.plant import stocked
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto, Postgres


class Counter:
    """The counter of a line; it counts on as long as it is asked."""

    def __init__(self, broker: Mosquitto) -> None:
        self.total = 5
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()

    def count(self) -> None:
        """Publish a higher total."""
        self.total += 1
        self._client.publish("bf/v1/1000/L06/c-L06-good/count", str(self.total), qos=1)

    def close(self) -> None:
        """Leave."""
        self._client.disconnect()
        self._client.loop_stop()


def test_the_board_says_what_is_frozen_or_dead_and_recovers_by_itself(
    mosquitto: Mosquitto, postgres: Postgres, tmp_path: Path
) -> None:
    with GatewayProcess(mosquitto.url, database=postgres.fresh_url()) as gateway, WebProcess(gateway.config) as web:
        stocked(gateway, tmp_path / "shop").start().ready()
        web.add_user().start()
        counter = Counter(mosquitto)
        with window() as shown:
            page = shown.sign_in(web)
            pills = page.locator("#gateways")

            def said(text: str, state: str = "") -> None:
                def holds() -> bool:
                    counter.count()
                    return text in pills.inner_text() and (not state or state_of(page) == state)

                wait_for(holds, lambda: (pills.inner_text(), state_of(page)), page)

            def fine() -> None:
                said("gw1 ready", "ok")
                wait_for(lambda: not any(word in pills.inner_text() for word in ("away", "not readable")),
                         pills.inner_text, page)  # fmt: skip

            fine()
            os.kill(gateway.pid, signal.SIGSTOP)
            said("gw1 does not answer", "no-data")
            os.kill(gateway.pid, signal.SIGCONT)
            fine()
            gateway.kill()
            said("gw1", "no-data")
            gateway.start().ready()
            fine()
            os.kill(mosquitto.pid, signal.SIGSTOP)
            said("broker away", "no-data")
            os.kill(mosquitto.pid, signal.SIGCONT)
            fine()
            database = psutil.Process(postgres.pid)
            frozen = [database, *database.children()]
            for each in frozen:
                each.suspend()
            said("ledger not readable")
            for each in frozen:
                each.resume()
            fine()
            mosquitto.kill()
            said("broker away", "no-data")
            mosquitto.start()
            fine()
            postgres.kill()
            said("ledger not readable")
            postgres.start()
            fine()
            web.freeze()
            page.locator("#lost").wait_for(state="visible", timeout=60_000)
            assert page.locator("#lost [role=alert]").inner_text() == "No connection:"
            assert page.locator("#lost").inner_text().startswith("No connection: figures 1")
            web.thaw()
            page.locator("#lost").wait_for(state="hidden", timeout=60_000)
            fine()
            counter.close()
            shown.check(*AWAY)


def state_of(page: Page) -> str | None:
    """Return the state of the line that counts."""
    tile = page.locator("#tiles .tile", has_text="L06")
    return tile.get_attribute("data-state") if tile.count() else None
