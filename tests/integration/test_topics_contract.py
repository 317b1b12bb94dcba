"""The MQTT contract as a subscriber to everything sees it: topics, retain flags, fields, and what comes after what."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.asyncapi import judge
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Heard, Monitor
from tests.integration.plant import SCANNERS, booked, stocked
from tests.servers import Mosquitto, Postgres

OWN = "bf/v1/_gateway/gw1"
L04 = "bf/v1/1000/L04"
L05 = "bf/v1/1000/L05"
SCANNER = f"{L05}/s-L05"
CABLE = "]d20102000000000077"
DECIMAL = re.compile(r"-?\d+(\.\d{1,6})?")
ALL_VERBS = ["run-start", "run-stop", "post", "reverse", "work"]


class Reader(Monitor):
    """A monitor that finds every message of the gateway as `docs/asyncapi.yaml` describes it."""

    def __exit__(self, *of: object) -> None:
        super().__exit__(*of)
        if of[0] is None:
            assert {wrong for each in self.has_heard for wrong in judge(*each[:5])} == set()


def count(**totals: object) -> dict[str, Any]:
    return {"ts": datetime.now(UTC).isoformat(), "boot": "life-1", **totals}


def phases(heard: Iterable[Heard]) -> list[str]:
    return [str(message.body.get("phase", message.body["state"])) for message in heard]


def assert_decimals(record: dict[str, Any], *names: str) -> None:
    for name in names:
        assert isinstance(record[name], str), f"{name}: {record[name]!r}"
        assert DECIMAL.fullmatch(record[name]), f"{name}: {record[name]!r}"


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_the_gateway_tells_its_life(protocol: str, tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Reader(mosquitto) as monitor, GatewayProcess(mosquitto.url, mqtt={"protocol": protocol}) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        monitor.wait(f"{OWN}/state", lambda heard: heard.body.get("phase") == "ready")
        health = monitor.wait(f"{OWN}/health")
        assert {"mqtt", "database", "journal", "worklist", "backlog", "quarantine", "outbox", "devices"} <= set(
            health.body
        )
        info = monitor.wait(f"{OWN}/info", lambda heard: bool(heard.body["master_data"]))
        assert {"version", "started_at", "schema", "database", "broker", "configuration"} <= set(info.body)
        assert gateway.stop() == 0
        monitor.wait(f"{OWN}/state", lambda heard: heard.body.get("phase") == "stopped")
        told = monitor.on(f"{OWN}/state")
        # It connects once its lines are its own; what else it waits for then shows as starting.
        life = [phase for phase, _ in groupby(phases(told))]
        assert life[life[0] == "starting" :] == ["ready", "draining", "stopped"]
        assert {message.body["state"] for message in told[:-1]} == {"online"}
        assert told[-1].body["state"] == "offline"
        assert all(message.retain and message.qos == 1 for message in [*told, health, info])
        events = monitor.on(f"{OWN}/event")
        assert [e.body["phase"] for e in events if e.body["event"] == "phase"] == ["ready", "draining", "stopped"]
        assert not any(event.retain for event in events)
        logged = monitor.on(f"{OWN}/log")
        assert "phase ready" in [line.body["text"] for line in logged]
        assert {line.qos for line in logged} == {0}

        gateway.start().ready()
        gateway.kill()
        will = monitor.wait(f"{OWN}/state", lambda heard: heard.body == {"state": "offline"})
        assert will.retain
        assert monitor.retained()[f"{OWN}/state"].body == {"state": "offline"}


def test_a_line_tells_its_picture_points_and_postings(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Reader(mosquitto) as monitor, GatewayProcess(mosquitto.url, mqtt={"allow_requests": ALL_VERBS}) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        # 50,001 motors need one stator more than the cage holds, and the cage may not go negative.
        monitor.say(f"{L04}/c-L04-0010/count", count(seq=1, good=50_001))
        monitor.say(f"{L04}/c-L04-good/count", count(seq=1, good=10, scrap=2, scrap_by={"03": 2}))
        monitor.say(f"{L05}/c-L05-good/count", count(seq=1, good=7))

        point = monitor.wait(f"{L04}/_point/0010", lambda heard: heard.body["wip"] == "49989")
        assert point.retain
        assert (point.body["yield"], point.body["scrap"]) == ("50001", "0")
        picture = monitor.wait(f"{L04}/_status", lambda heard: heard.body["posted"] == "50013")
        assert picture.retain
        assert picture.body["run"]["material"] == "MOTOR-24"
        assert_decimals(picture.body, "read", "counted", "posted", "open", "scrap", "rate_per_min")
        assert {"worklist", "backlog", "last_document", "stale_devices"} <= set(picture.body)
        assert [picture.body[name] for name in ("gateway", "unit", "description")] == ["gw1", "PC", "Motor 24 V"]
        told = monitor.wait(f"{L04}/_status", lambda heard: (heard.body["day"] or {}).get("yield") == "10").body["day"]
        assert (told["scrap"], told["rework"], told["hours"][-1].keys()) == (
            "2", "0", {"hour", "until", "planned", "yield", "scrap"}
        )  # fmt: skip
        assert {record["point"]: record["wip"] for record in picture.body["points"]} == {
            "0010": "49989", "0020": "0", "0030": "0"
        }  # fmt: skip

        receipt = monitor.wait(f"{L05}/_posting/receipt")
        document = receipt.body["data"]["document"]
        kinds = {
            "receipt": receipt,
            "issue": monitor.wait(f"{L05}/_posting/issue"),
            "activity": monitor.wait(f"{L05}/_posting/activity"),
            "scrap": monitor.wait(f"{L04}/_posting/scrap"),
            "backlog": monitor.wait(f"{L04}/_posting/backlog"),
        }
        monitor.say(f"{L05}/_request/reverse", {"transaction": "t1", "reason": "trial", "data": {"document": document}})
        kinds["reversal"] = monitor.wait(f"{L05}/_posting/reversal")
        for kind, event in kinds.items():
            body = event.body
            assert (event.qos, event.retain) == (1, False)
            assert body["specversion"] == "1.0"
            assert body["type"] == f"backflush.posting.{kind}"
            assert body["subject"] == body["data"]["document"]
            assert body["id"] == f"{body['subject']}-{kind}"
            assert body["source"] == OWN
            assert body["datacontenttype"] == "application/json"
            assert datetime.fromisoformat(body["time"]).tzinfo is not None
            assert {"plant", "line", "material", "version", "posting_date", "production_date"} <= set(body["data"])
            for record in body["data"].get("items", []):
                assert_decimals(record, "quantity", "amount")
        (item,) = receipt.body["data"]["items"]
        assert (item["movement"], item["material"], item["quantity"], item["unit"]) == ("131", "CABLE-15", "7", "PC")
        assert {
            record["material"]: record["quantity"] for record in kinds["issue"].body["data"]["items"]
        } == {"WIRE-3": "0.893", "PLUG-3": "7", "SLEEVE-6": "21", "COLOUR": "0.001"}  # fmt: skip
        for record in kinds["activity"].body["data"]["activities"]:
            assert_decimals(record, "hours", "amount")
        assert [c["scrap"] for c in kinds["scrap"].body["data"]["confirmations"] if c["reason"] == "03"] == ["2"]
        (short,) = kinds["backlog"].body["data"]["records"]
        assert (short["material"], short["quantity"]) == ("STATOR-24", "1")
        assert kinds["reversal"].body["data"]["reverses"] == document
        gateway.stop()
        gateway.audit()


def test_ok_is_told_after_the_commit_and_queued_before_it(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url()
    with (
        Reader(mosquitto) as monitor,
        GatewayProcess(mosquitto.url, database=url, posting={"feedback_timeout_ms": 3_000}) as gateway,
    ):
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        monitor.say(f"{SCANNER}/scan", {"id": "one", "data": CABLE})
        first = monitor.wait(f"{SCANNER}/feedback")
        assert first.body["result"] == "ok"
        assert (first.retain, first.qos, first.expiry_s) == (False, 1, 30)
        assert set(first.body) == {"ref", "ts", "result", "code", "title", "text", "data", "signal"}
        assert (first.body["ref"], first.body["code"]) == ("one", "BF0000")
        assert first.body["data"]["quantity"] == "1"
        assert first.body["signal"] == {"led": "green", "beep": 1}

        with psycopg.connect(url.replace("+psycopg", "")) as other:
            # Nobody can commit a document while somebody else holds the table.
            other.execute("LOCK TABLE documents IN EXCLUSIVE MODE")
            monitor.say(f"{SCANNER}/scan", {"id": "two", "data": CABLE})
            queued = monitor.wait(f"{SCANNER}/feedback", lambda heard: heard.body["ref"] == "two")
            assert (queued.body["result"], queued.body["code"]) == ("queued", "BF0001")
            told = len(monitor.has_heard)
            other.rollback()
        ok = monitor.wait(f"{SCANNER}/feedback", lambda heard: heard.body["ref"] == "two", after=told)
        with gateway.ledger() as connection:
            assert booked(connection) == {"L05": (2, 0)}
        assert ok.body["result"] == "ok"

        monitor.say(f"{SCANNER}/scan", {"id": "two", "data": CABLE})
        again = monitor.wait(f"{SCANNER}/feedback", after=len(monitor.has_heard))
        assert again.body["data"] == ok.body["data"], "the same scan gets its first outcome"
        health = gateway.health()
        for name in ("commit_ms", "feedback_ms"):
            assert health[name]["p99"] >= 3_000 > health[name]["p50"], name
        assert (health["documents"], health["disk_free"] > 0) == (2, True)


def test_an_answer_goes_below_its_senders_own_prefix_alone(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        monitor.say(
            f"{SCANNER}/scan",
            {"id": "one", "data": CABLE},
            response_topic=f"{SCANNER}/screen/7",
            correlation=b"\x00\x01",
        )
        answer = monitor.wait(f"{SCANNER}/screen/7")
        assert (answer.body["ref"], answer.body["result"], answer.correlation) == ("one", "ok", b"\x00\x01")

        elsewhere = ["bf/v1/1000/L06/s-L06/feedback", f"{SCANNER}/command", f"{SCANNER}/count", "other/topic"]
        for number, topic in enumerate(elsewhere):
            begun = len(monitor.has_heard)
            monitor.say(f"{SCANNER}/scan", {"id": f"x{number}", "data": CABLE}, response_topic=topic)
            answer = monitor.wait(f"{SCANNER}/feedback", after=begun)
            assert (answer.body["ref"], answer.body["result"]) == (f"x{number}", "ok")
        assert not monitor.topics() & set(elsewhere)
        monitor.wait(f"{OWN}/alert/response-topic", lambda heard: heard.body["severity"] == "warning")

        monitor.say(
            f"{L05}/_request/work",
            {"transaction": "w1", "data": {}},
            response_topic=f"{L05}/_response/desk-3",
            correlation=b"w",
        )
        answer = monitor.wait(f"{L05}/_response/desk-3")
        assert (answer.body["transaction"], answer.body["status"], answer.correlation) == ("w1", "ok", b"w")
        monitor.say(f"{L05}/_request/work", {"transaction": "w2", "data": {}}, response_topic=f"{L04}/_response/work")
        assert monitor.wait(f"{L05}/_response/work").body["transaction"] == "w2"
        assert not monitor.on(f"{L04}/_response/work")


def test_requests_are_worked_on_and_answered(tmp_path: Path, mosquitto: Mosquitto) -> None:
    line = "bf/v1/1000/L06"

    with Reader(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:

        def ask(verb: str, transaction: str, **data: object) -> dict[str, Any]:
            begun = len(monitor.has_heard)
            monitor.say(f"{line}/_request/{verb}", {"transaction": transaction, "actor": "desk", "data": data})
            return monitor.wait(f"{line}/_response/{verb}", after=begun).body

        stocked(gateway, tmp_path / "shop").start().ready()
        started = ask("run-start", "r1", material="PUMP-40H", version="0001", batch="B7")
        assert (started["transaction"], started["status"], started["code"]) == ("r1", "ok", "BF0000")
        nameless = ask("run-stop", "")
        assert (nameless["status"], nameless["code"]) == ("error", "BF5008"), nameless
        report = monitor.wait(f"{line}/c-L06-good/command")
        assert report.body["command"] == "report"
        assert (report.qos, report.retain, report.expiry_s) == (1, False, 60)
        picture = monitor.wait(f"{line}/_status", lambda heard: (heard.body["run"] or {}).get("material") == "PUMP-40H")
        assert picture.body["run"]["batch"] == "B7"

        monitor.say(f"{line}/c-L06-good/count", count(seq=1, good=5))
        receipt = monitor.wait(f"{line}/_posting/receipt").body["data"]
        assert (receipt["material"], receipt["items"][0]["quantity"], receipt["items"][0]["batch"]) == (
            "PUMP-40H", "5", "B7"
        )  # fmt: skip

        # Housings are issued in the background: they wait for somebody to ask for it.
        monitor.say("bf/v1/1000/L01/c-L01-good/count", count(seq=1, good=3))
        monitor.wait("bf/v1/1000/L01/_status", lambda heard: heard.body["worklist"] > 0)
        assert not monitor.on("bf/v1/1000/L01/_posting/issue")
        monitor.say("bf/v1/1000/L01/_request/work", {"transaction": "w1", "data": {}})
        assert monitor.wait("bf/v1/1000/L01/_response/work").body["status"] == "ok"
        monitor.wait("bf/v1/1000/L01/_posting/issue")

        assert ask("run-start", "r1", material="PUMP-40H", version="0001", batch="B7") == started
        assert ask("run-start", "r1", material="PUMP-40", version="0001")["status"] == "error"
        assert ask("run-start", "r2", material="NOTHING", version="0001")["status"] == "error"
        for verb in ("post", "reverse"):
            refused = ask(verb, "n1", document="0000000001", quantity="1")
            assert (refused["status"], refused["code"]) == ("error", "BF5007"), refused
        for verb in ("period", "quarantine-dismiss", "explode"):
            assert ask(verb, "n2")["status"] == "error"
        for wrong in (b"", b"{", b"[]", b'{"transaction":"x","data":{"colour":"red"}}', b"\xff", b'{"plant":"2000"}'):
            begun = len(monitor.has_heard)
            monitor.say(f"{line}/_request/run-stop", wrong)
            answer = monitor.wait(f"{line}/_response/run-stop", after=begun).body
            assert (answer["status"], answer["code"]) == ("error", "BF5008"), wrong
        assert ask("run-stop", "r3")["status"] == "ok"
        monitor.wait(f"{line}/_status", lambda heard: heard.body["run"] is None)


def test_the_least_that_is_legal_is_understood(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Reader(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        for payload in ("5", "9", "9"):
            monitor.say(f"{L05}/c-L05-good/count", payload)
        for payload in ("1", "1"):
            monitor.say(f"{L05}/c-L05-scrap/count", payload)
        monitor.say(f"{SCANNER}/state", "online", retain=True)
        monitor.say(f"{SCANNER}/scan", CABLE)
        assert monitor.wait(f"{SCANNER}/feedback").body["result"] == "ok"
        begun = len(monitor.has_heard)
        monitor.say(f"{SCANNER}/scan", CABLE)
        assert monitor.wait(f"{SCANNER}/feedback", after=begun).body["result"] == "dup"

        def settled() -> bool:
            with gateway.ledger() as connection:
                return booked(connection) == {"L05": (10, 1)}

        until(settled, lambda: gateway.log)
        until(lambda: gateway.health()["devices"]["online"] == 1, gateway.health)
        monitor.say(f"{SCANNER}/state", {"state": "offline"}, retain=True)
        monitor.wait(f"{L05}/_status", lambda heard: bool(heard.body["stale_devices"]))
        [missing] = monitor.on(f"{L05}/_status")[-1].body["stale_devices"]
        assert {**missing, "since": ""} == {
            "device": "s-L05", "kind": "scanner", "role": "", "point": "", "why": "offline", "since": ""
        }  # fmt: skip
        assert datetime.fromisoformat(missing["since"]) <= datetime.now(UTC)


def test_retained_topics_of_an_earlier_life_are_emptied(tmp_path: Path, mosquitto: Mosquitto) -> None:
    gone = ["bf/v1/1000/L99/_status", f"{L04}/_point/0099", f"{L04}/_device/of-old", f"{OWN}/alert/of-old"]
    others = ["bf/v1/_gateway/gw2/alert/theirs", "bf/v1/_gateway/gw2/state"]
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        for topic in (*gone, *others):
            monitor.say(topic, {"old": True}, retain=True)
        stocked(gateway, tmp_path / "shop").start().ready()
        for topic in gone:
            monitor.wait(topic, lambda heard: heard.payload == b"")
        retained = monitor.retained()
        assert not set(gone) & set(retained)
        assert set(others) <= set(retained)
        assert gateway.health()["quarantine"] == 0


def test_a_device_tells_its_life_over_a_kill_until_it_is_disabled(tmp_path: Path, mosquitto: Mosquitto) -> None:
    topic = f"{L05}/_device/c-L05-good"
    with Reader(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        monitor.wait(topic, lambda heard: heard.body["state"] == "unknown" and heard.retain)
        monitor.say(f"{L05}/c-L05-good/state", {"state": "online"}, retain=True)
        monitor.say(f"{L05}/c-L05-good/count", count(seq=1, good=7))
        told = monitor.wait(topic, lambda heard: heard.body["state"] == "online" and heard.body["total"] == 7)
        assert (told.body["seq"], told.body["kind"], told.body["quarantine"]) == (1, "counter", 0)
        monitor.say(f"{L05}/c-L05-good/count", "minus one")
        monitor.wait(topic, lambda heard: heard.body["quarantine"] == 1)
        gateway.kill()
        monitor.say(f"{L05}/c-L05-good/state", {"state": "offline"}, retain=True)
        gateway.start().ready()
        monitor.wait(topic, lambda heard: heard.body["state"] == "offline" and heard.body["since"] is not None)
        alert = monitor.wait(f"{OWN}/alert/silent", lambda heard: bool(heard.payload))
        assert (alert.body["object"], alert.body["objects"]) == ("c-L05-good", ["c-L05-good"])
        [row] = gateway.backflush("report", "devices", "--device", "c-L05-good")
        assert (row["state"], gateway.backflush("trace", "c-L05-good")["state"]) == ("offline", "offline")
        gateway.backflush("devices", "disable", "c-L05-good", "--reason", "rebuilt")
        assert monitor.wait(topic, lambda heard: heard.body["state"] == "disabled").body["disabled"]
        monitor.say("bf/v1/1000/L05/c-nobody/count", count(seq=1, good=1))
        until(lambda: gateway.health()["devices"]["unknown"] == 1, gateway.health)
        assert f"{L05}/_device/c-nobody" not in monitor.retained(), "no message makes a topic"
        gateway.backflush("devices", "adopt", "c-nobody", "--reason", "new")
        monitor.wait(f"{L05}/_device/c-nobody", lambda heard: heard.body["quarantine"] == 1)


def test_an_alert_is_there_while_something_is_wrong(tmp_path: Path, mosquitto: Mosquitto) -> None:
    alert = f"{OWN}/alert/quarantine"
    with Reader(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        monitor.say(f"{L05}/c-L05-good/count", "minus one")
        raised = monitor.wait(alert)
        assert raised.retain
        assert set(raised.body) == {"id", "severity", "since", "text", "object", "objects", "hint"}
        assert monitor.retained()[alert].body["id"] == "quarantine"
        answer = gateway.ask("quarantine-dismiss", {"numbers": ["0000000001"]}, reason="a test")
        assert answer["status"] == "ok"
        monitor.wait(alert, lambda heard: heard.payload == b"")
        assert alert not in monitor.retained()


def test_home_assistant_discovers_the_lines_while_it_is_switched_on(tmp_path: Path, mosquitto: Mosquitto) -> None:
    home = "homeassistant/device"
    config, status = f"{home}/_bf_2Fv1__1000/L05/config", f"{L05}/_status"
    others = {f"{home}/plug7/config", f"{home}/_other_2Fv1__1000/L05/config"}
    with Reader(mosquitto, "bf/v1/#", f"{home}/_bf_2Fv1__1000/#") as monitor:
        for other in others:
            monitor.say(other, {"name": "not ours"}, retain=True)
        with GatewayProcess(mosquitto.url, mqtt={"home_assistant": True}) as gateway:
            stocked(gateway, tmp_path / "shop").start().ready()
            monitor.say(f"{L05}/c-L05-good/count", count(seq=1, good=7))
            line = monitor.wait(config)
            assert line.retain
            assert (line.body["state_topic"], line.body["availability"][0]["topic"]) == (status, f"{OWN}/state")
            sensors = line.body["components"]
            assert set(sensors) == {"counted", "posted", "open", "scrap", "rate", "state"}
            assert len({sensor["unique_id"] for sensor in sensors.values()}) == 6
            assert gateway.stop() == 0
            assert config in monitor.retained(), "the sensors are unavailable meanwhile, and not gone"
            gateway.environment["BACKFLUSH_MQTT__HOME_ASSISTANT"] = "false"
            begun = len(monitor.has_heard)
            gateway.start().ready()
            monitor.wait(config, lambda heard: heard.payload == b"", after=begun)
    with Monitor(mosquitto, f"{home}/#") as monitor:
        assert set(monitor.retained()) == others
