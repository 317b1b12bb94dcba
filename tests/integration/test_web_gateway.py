"""The web process beside a real gateway: its pages follow what is counted, and it can write no ledger."""

import http.client
import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gateway.service.local.read_only import read_ledger
from gateway.web.metrics import OF_HEALTH
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import stocked
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto, Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def gateway(request: pytest.FixtureRequest, mosquitto: Mosquitto, tmp_path: Path) -> Iterator[GatewayProcess]:
    """Offer a running gateway with the shipped plant, on each database."""
    postgres: Postgres | None = request.getfixturevalue("postgres") if request.param == "postgresql" else None
    database = postgres.fresh_url() if postgres is not None else ""
    with GatewayProcess(mosquitto.url, database=database) as process:
        yield stocked(process, tmp_path / "shop").start().ready()


@pytest.fixture
def web(gateway: GatewayProcess) -> Iterator[WebProcess]:
    """Offer the web process beside it, with a token that may read everything."""
    with WebProcess(gateway.config) as process:
        yield process.add_user().start()


def token_of(web: WebProcess, lines: str = "*") -> str:
    """Add a token and return it."""
    name = f"test-{time.monotonic_ns()}"
    done = web.command("token", "add", name, "--scope", "read", "--scope", "board", "--lines", lines)
    assert done.status == 0, done.err
    return done.out.strip()


def get(web: WebProcess, path: str, token: str = "") -> tuple[int, Any]:
    """Get a page, and return its status and its content, as JSON where it is JSON."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, json.loads(body) if "json" in answer.headers["content-type"] else body


def metrics(web: WebProcess, token: str) -> dict[str, float]:
    """Return each figure of `/metrics` by its name and labels."""
    status, text = get(web, "/metrics", token)
    assert status == 200
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(figure) for name, _, figure in (line.rpartition(" ") for line in lines)}


class Listener:
    """A client of the stream; `lines` has the newest tile of each line, `names` the events so far."""

    def __init__(self, web: WebProcess, token: str, query: str = "") -> None:
        self.lines: dict[str, dict[str, Any]] = {}
        self.names: list[str] = []
        self.gateways: dict[str, Any] = {}
        self._connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
        self._connection.request("GET", f"/stream{query}", headers={"Authorization": f"Bearer {token}"})
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200

    def read(self) -> str:
        """Take the next event, and return its name; empty at the end."""
        name = data = ""
        while line := self._answer.readline().decode():
            if line == "\n" and name:
                break
            key, _, value = line.rstrip("\n").partition(": ")
            name, data = (value, data) if key == "event" else (name, value) if key == "data" else (name, data)
        if not name:
            return ""
        said = json.loads(data)
        self.names.append(name)
        if name == "lines":
            self.lines |= {tile["line"]: tile for tile in said}
        if name == "gateways":
            self.gateways = said
        return name

    def await_state(self, line: str, state: str) -> None:
        """Read on until a line has a state."""
        while self.lines.get(line, {}).get("state") != state:
            assert self.read(), f"the stream has ended: {self.lines.get(line)}"

    def close(self) -> None:
        """Leave."""
        self._answer.close()
        self._connection.close()


@pytest.fixture
def counter(mosquitto: Mosquitto) -> Iterator[Client]:
    """Offer a connection of devices."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", mosquitto.port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


def count(client: Client, line: str, total: int) -> None:
    """Publish the total of a line's counter."""
    client.publish(f"bf/v1/1000/{line}/c-{line}-good/count", str(total), qos=1).wait_for_publish(30)


def test_pages_follow_a_real_gateway(web: WebProcess, counter: Client) -> None:
    token = token_of(web)
    for total in (5, 17):
        count(counter, "L06", total)
    until(lambda: bool(get(web, "/line/1000/L06/latest", token)[1].get("documents")), lambda: web.log)
    status, latest = get(web, "/line/1000/L06/latest", token)
    assert status == 200
    assert {paper["material"] for paper in latest["documents"]} == {"PUMP-40"}
    assert latest["zone"] == "Europe/Berlin"
    counters = {device["device"]: (device["kind"], device["role"]) for device in latest["devices"]}
    assert counters["c-L06-good"] == ("counter", "good")
    listener = Listener(web, token)
    listener.await_state("L06", "ok")
    assert listener.gateways["gateways"] == [{"gateway": "gw1", "phase": "ready"}]
    assert [(each["plant"], each["zone"]) for each in listener.gateways["plants"]] == [("1000", "Europe/Berlin")]
    assert listener.lines["L06"]["name"] == "Final assembly and packing"
    while listener.lines["L06"]["made"] != "17":
        assert listener.read()
    assert (listener.lines["L06"]["scrap"], listener.lines["L06"]["product"]) == ("0", "Circulation pump 40 mm")
    assert get(web, "/readyz")[0] == 200
    listener.close()
    figures = metrics(web, token)
    line = '{line="L06",plant="1000"}'
    told = {name: figures.get(name) for name in ('bf_gateway_up{gateway="gw1"}', f"bf_line_day_units{line}")}
    assert told == {'bf_gateway_up{gateway="gw1"}': 1, f"bf_line_day_units{line}": 17}
    assert figures['bf_line_units_total{kind="counted",line="L06",plant="1000"}'] == 17
    assert figures['bf_line_state{line="L06",plant="1000",state="ok"}'] == 1
    of_gateway = {name.partition("{")[0] for name in figures if 'gateway="gw1"' in name}
    assert {figure.name for figure in OF_HEALTH} | {"bf_gateway_info", "bf_devices", "bf_messages_total"} <= of_gateway
    assert sum(count for name, count in figures.items() if name.startswith("bf_web_query_seconds_count")) >= 2


def test_a_gateway_that_is_killed_or_frozen_is_said_and_found_again(
    gateway: GatewayProcess, web: WebProcess, counter: Client
) -> None:
    count(counter, "L06", 5)
    count(counter, "L06", 8)
    listener = Listener(web, token_of(web))
    listener.await_state("L06", "ok")
    os.kill(gateway.pid, signal.SIGSTOP)
    listener.await_state("L06", "no-data")
    assert listener.gateways["gateways"] == [{"gateway": "gw1", "phase": "silent"}]
    os.kill(gateway.pid, signal.SIGCONT)
    listener.await_state("L06", "ok")
    gateway.kill()
    listener.await_state("L06", "no-data")
    gateway.start().ready()
    count(counter, "L06", 9)
    listener.await_state("L06", "ok")
    listener.close()


def test_a_stream_has_the_lines_of_its_visitor_alone(web: WebProcess, counter: Client) -> None:
    for line in ("L01", "L06"):
        count(counter, line, 5)
    every = Listener(web, token_of(web))
    while not {"L01", "L06"} <= every.lines.keys():
        every.read()
    some = Listener(web, token_of(web, "1000/L06"))
    one = Listener(web, token_of(web), "?lines=1000/L01")
    for listener, line in ((some, "L06"), (one, "L01")):
        while "beat" not in listener.names:
            assert listener.read()
        assert [*listener.lines] == [line]
    for listener in (every, some, one):
        listener.close()


def test_a_stream_ends_with_its_token_and_with_the_process(web: WebProcess) -> None:
    token = token_of(web)
    ending = Listener(web, token)
    assert ending.read() == "hello"
    [name] = [each["name"] for each in web.command("token", "list", "--json").json]
    assert web.command("token", "remove", name).status == 0
    while ending.read():
        pass
    assert ending.names[-1] == "bye"
    ending.close()
    assert get(web, "/line/1000/L06/latest", token)[0] == 401
    last = Listener(web, token_of(web))
    assert last.read() == "hello"
    assert web.stop() == 0
    while last.read():
        pass
    assert last.names[-1] == "bye"
    last.close()


def test_the_web_process_can_write_no_ledger(gateway: GatewayProcess) -> None:
    with read_ledger(gateway.settings) as connection, pytest.raises((DBAPIError, sqlite3.OperationalError)) as refused:
        connection.execute(text("UPDATE lines SET counted = counted"))
    assert any(word in str(refused.value) for word in ("readonly", "read-only"))
