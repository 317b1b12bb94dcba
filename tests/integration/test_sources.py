"""A plant of other publishers, described in the configuration alone: exact totals, whenever the gateway is killed."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from gateway.ledger.database import tables as t
from gateway.settings import load_settings
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.plant import Units, booked, figures, shop, tables
from tests.servers import Mosquitto

ROUNDS, KILLS, STEP = 25, 4, 3
S7 = "simatic/v1/s7c1/dp"
SOURCES = f"""
[[source]]
filter = "iotgateway"
decoder = "kepware"
map = [
  {{ tag = "P.good", device = "x-kepware", kind = "good" }},
  {{ tag = "P.scrap", device = "x-kepware", kind = "scrap" }},
]

[[source]]
filter = "ie/+/j/{S7}/#"
decoder = "s7databus"
map = [{{ topic = "ie/d/j/{S7}/r/PLC1/default", tag = "good", device = "x-s7" }}]

[[source]]
filter = "/neuron/#"
decoder = "neuron"
map = [{{ topic = "/neuron/n/d/g", tag = "good", device = "x-neuron" }}]

[[source]]
filter = "umh/v1/#"
decoder = "umh"
map = [{{ topic = "umh/v1/acme/ulm/_historian/press/good", tag = "press/good", device = "x-umh" }}]

[[source]]
filter = "tele/#"
decoder = "tasmota"
map = [{{ topic = "tele/press/SENSOR", tag = "C1", device = "x-tasmota" }}]

[[source]]
filter = "shelly/#"
decoder = "shelly"
qos = 0
map = [{{ topic = "shelly/s1/events/rpc", tag = "input:2", device = "x-shelly" }}]

[[source]]
filter = "zigbee2mqtt/#"
decoder = "zigbee2mqtt"
max_bytes = 2000
map = [{{ topic = "zigbee2mqtt/press", tag = "count", device = "x-zigbee" }}]

[[source]]
filter = "esp/#"
decoder = "esphome"
map = [{{ topic = "esp/sensor/good/state", device = "x-esphome" }}]

[[source]]
filter = "batch"
decoder = "jmespath"
expressions = {{ each = "r", n = "n", ts = "t" }}
map = [{{ tag = "n", device = "x-jmespath" }}]

[[source]]
filter = "plc"
decoder = "number"
map = [{{ device = "x-number" }}]

[[source]]
filter = "proglove/#"
decoder = "proglove"
map = [{{ tag = "MARK-1", device = "x-glove" }}]
"""
NAMES = ("kepware", "s7", "neuron", "umh", "tasmota", "shelly", "zigbee", "esphome", "jmespath", "number")
DEVICES = (
    *(f"x-{name},1000,L05,,counter,good,native,,60000,quarantine,zero,," for name in NAMES),
    "x-glove,1000,L06,,scanner,good,native,,,quarantine,zero,scan,",
)


def now(ahead_ms: int = 0) -> datetime:
    return datetime.now(UTC) + timedelta(milliseconds=ahead_ms)


def ms(ahead_ms: int = 0) -> int:
    return int(now(ahead_ms).timestamp() * 1000)


def s7(total: int) -> dict[str, Any]:
    stamp = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    values = [{"id": "101", "qc": 3, "ts": stamp, "val": str(total)}, {"id": "102", "qc": 3, "ts": stamp, "val": 21.5}]
    return {"seq": total % 7, "vals": values}


PUBLISHERS: list[tuple[str, Callable[[int], Any]]] = [
    (
        "iotgateway",
        lambda n: {
            "timestamp": ms(),
            "values": [
                {"id": "P.good", "v": n, "q": True, "t": ms()},
                {"id": "P.scrap", "v": n // STEP, "q": True, "t": ms()},
                {"id": "P.temperature", "v": 21.5, "q": False, "t": ms()},
            ],
        },
    ),
    (f"ie/d/j/{S7}/r/PLC1/default", s7),
    ("/neuron/n/d/g", lambda n: {"timestamp": ms(), "values": {"good": n}, "errors": {"scrap": 2014}}),
    ("umh/v1/acme/ulm/_historian/press/good", lambda n: {"timestamp_ms": ms(), "value": n}),
    ("tele/press/SENSOR", lambda n: {"Time": "1970-01-01T00:00:09", "COUNTER": {"C1": n}}),
    ("shelly/s1/events/rpc", lambda n: {"method": "NotifyStatus", "params": {"input:2": {"counts": {"total": n}}}}),
    ("zigbee2mqtt/press", lambda n: {"count": n, "battery": 97}),
    ("esp/sensor/good/state", lambda n: f"{n}.0"),
    ("batch", lambda n: {"r": [{"n": n - 1, "t": ms(-9)}, {"n": n, "t": ms()}]}),
    ("plc", str),
]


def foreign_plant(broker: Mosquitto, folder: Path) -> GatewayProcess:
    """Prepare a gateway with one source for each publisher."""
    gateway = GatewayProcess(broker.url)
    with gateway.config.open("a", encoding="utf-8") as config:
        config.write(SOURCES)
    gateway.settings = load_settings(gateway.config)
    gateway.import_tables(tables(shop(folder, devices=DEVICES)))
    return gateway


def metadata(**ids: str) -> dict[str, Any]:
    points = [{"id": key, "name": name} for key, name in ids.items()]
    return {"connections": [{"name": "PLC1", "dataPoints": [{"name": "default", "dataPointDefinitions": points}]}]}


def test_every_publisher_is_counted_once_however_often_the_gateway_is_killed(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    chance = random.Random(20_261_122)
    kills = set(chance.sample(range(2, ROUNDS - 2), KILLS))
    scan = {"event_type": "scan", "device_serial": "MARK-1", "scan_code": "]d20102000000001012\x1d21G{n}"}
    with Monitor(mosquitto) as monitor, foreign_plant(mosquitto, tmp_path / "shop") as gateway:
        monitor.say(f"ie/m/j/{S7}", metadata(**{"101": "good", "102": "temperature"}), retain=True)
        monitor.say("tele/press/SENSOR", json.dumps({"COUNTER": {"C1": 50_000}}), retain=True)
        gateway.start().ready()
        for number in range(1, ROUNDS + 1):
            for topic, payload in PUBLISHERS:
                monitor.say(topic, payload(number * STEP))
                if number % 4 == 0:
                    monitor.say(topic, payload(number * STEP))
            event = {**scan, "event_id": f"event-{number}", "scan_code": scan["scan_code"].replace("{n}", str(number))}
            monitor.say("proglove/gateway", json.dumps(event) + "\n")
            if number in kills:
                gateway.kill()
                gateway.start()
                if number % 2:
                    gateway.ready()
        gateway.ready()
        for topic, payload in PUBLISHERS:  # with QoS 0 what was sent meanwhile is lost; the next total makes up for it
            monitor.say(topic, payload(ROUNDS * STEP))
        wanted = {"L05": Units(ROUNDS * STEP * len(PUBLISHERS), ROUNDS), "L06": Units(ROUNDS * 12, 0)}

        def posted() -> bool:
            with gateway.ledger() as connection:
                return booked(connection) == wanted

        def seen() -> object:
            with gateway.ledger() as connection:
                return booked(connection), figures(connection), gateway.health()["messages"], gateway.log

        until(posted, seen)
        with gateway.ledger() as connection:
            assert figures(connection).quarantined == 0
        assert "unmapped" not in gateway.health()["messages"]
        assert gateway.stop() == 0
        gateway.audit()
        assert gateway.backflush("audit", "--deep")


def test_what_a_source_cannot_read_is_kept_with_its_reason_and_read_again_after_the_correction(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    wide = {"count": 9, "note": "x" * 3_000}
    bad: list[tuple[str, Any, str]] = [
        (f"ie/d/j/{S7}/r/PLC1/default", s7(5), "BF1026"),
        ("zigbee2mqtt/press", wide, "BF1002"),
        ("/neuron/n/d/g", {"values": {"good": 5.5}}, "BF1021"),
        ("tele/press/SENSOR", b"{", "BF1004"),
        ("batch", {"r": [{"m": 1}]}, "BF1023"),
    ]
    with Monitor(mosquitto) as monitor, foreign_plant(mosquitto, tmp_path / "shop") as gateway:
        gateway.start().ready()
        for topic, payload, _ in bad:
            monitor.say(topic, payload)
        for topic in ("zigbee2mqtt/other", "tele/other/SENSOR", "umh/v1/x/_historian/y", "shelly/s9/status/wifi"):
            monitor.say(topic, b"{}")
        monitor.say("shelly/s1/online", "false")

        def ended() -> bool:
            messages = gateway.health()["messages"]
            return (messages.get("quarantine"), messages.get("unmapped")) == (5, 4)

        until(ended, lambda: f"{gateway.health()['messages']}\n{gateway.log}")
        with gateway.ledger() as connection:
            rows = connection.execute(select(t.quarantine).order_by(t.quarantine.c.number)).all()
        assert [(row.topic, row.code) for row in rows] == [(topic, code) for topic, _, code in bad]
        assert len(rows[1].payload) == 1024
        assert "SHA-256" in rows[1].text
        monitor.say(f"ie/m/j/{S7}", metadata(**{"101": "good", "103": "else"}))
        monitor.say("shelly/s1/online", "true")
        until(lambda: gateway.health()["messages"].get("state") == 2, gateway.health)
        answer = gateway.backflush("quarantine", "replay", str(rows[0].number))
        assert answer["status"] == "ok", answer
        with gateway.ledger() as connection:
            assert figures(connection).read == 5
        monitor.say("tele/press/SENSOR", {"COUNTER": {"C1": 4}})
        until(lambda: gateway.health()["quarantine"] == 3, gateway.health)  # the next total closes what it covers
        assert gateway.stop() == 0
        gateway.audit()
        assert gateway.backflush("audit", "--deep")


def test_a_source_that_is_no_longer_configured_is_no_longer_heard(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, foreign_plant(mosquitto, tmp_path / "shop") as gateway:
        gateway.start().ready()
        assert gateway.stop() == 0
        monitor.say("plc", "5")  # the broker keeps it for the session
        config = gateway.config.read_text(encoding="utf-8")
        gateway.config.write_text(config.replace('filter = "plc"', 'filter = "plc/new"'), encoding="utf-8")
        gateway.backflush("work")  # the new settings are in the journal, and the broker has not heard of them
        gateway.start().ready()

        def unheard() -> bool:
            """Whether a message on the earlier filter, told before one on the new one, is not in the quarantine."""
            before = gateway.health()["messages"]
            monitor.say("plc", "6")
            monitor.say("plc/new", str(6 + before.get("counted", 0)))
            until(lambda: gateway.health()["messages"].get("counted", 0) > before.get("counted", 0), gateway.health)
            return bool(gateway.health()["messages"].get("quarantine") == before["quarantine"])

        until(lambda: gateway.health()["messages"].get("quarantine"), gateway.health)
        until(unheard, gateway.health)
        with gateway.ledger() as connection:
            rows = connection.execute(select(t.quarantine)).all()
        assert {(row.topic, row.code) for row in rows} == {("plc", "BF1017")}
        assert gateway.stop() == 0
        gateway.audit()
