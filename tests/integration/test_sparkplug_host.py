"""The host application of Sparkplug on a real broker, with an edge node made by the reference implementation."""

import tomllib
from pathlib import Path
from typing import Any

from gateway.masterdata.files.read import read_tables
from gateway.masterdata.tables import Tables, dump_tables
from tests.integration.cli_program import Program
from tests.integration.edge_node import TahuNode
from tests.integration.gateway_process import ROOT, GatewayProcess, until
from tests.servers import Mosquitto

FOREIGN = ROOT / "gateway" / "cli" / "run" / "foreign"
HOST: dict[str, Any] = {"filter": "spBv1.0/hall/#", "decoder": "sparkplug", "host": "plant"}


def test_a_host_application_says_that_it_is_online_and_its_will_takes_it_back(mosquitto: Mosquitto) -> None:
    with TahuNode(mosquitto.port) as node, GatewayProcess(mosquitto.url, source=[HOST]) as gateway:
        gateway.start().ready()
        node.wait(lambda node: [state["online"] for state in node.states] == [True])
        gateway.kill()
        node.wait(lambda node: len(node.states) == 2)
        online, gone = node.states
        assert gone == {"online": False, "timestamp": online["timestamp"]}
        gateway.start().ready()
        node.wait(lambda node: len(node.states) == 3)
        assert gateway.stop() == 0
        node.wait(lambda node: len(node.states) == 4)
        _, _, again, left = node.states
        assert again["online"]
        assert not left["online"]
        assert online["timestamp"] < again["timestamp"] <= left["timestamp"]


def test_births_gaps_and_restarts_of_an_edge_node_and_its_host(mosquitto: Mosquitto) -> None:
    rows = [{"device": "m-sparkplug", "tag": tag, "kind": kind} for tag, kind in (("Good", "good"), ("Scrap", "scrap"))]

    with TahuNode(mosquitto.port) as node, GatewayProcess(mosquitto.url, source=[HOST | {"map": rows}]) as gateway:
        tables = read_tables(FOREIGN / "plant.yaml")
        assert isinstance(tables, Tables)
        gateway.import_tables(dump_tables(tables))

        def reads(good: int, scrap: int) -> None:
            until(
                lambda: (
                    [
                        row["total"]
                        for row in gateway.backflush("report", "devices")
                        if row["device"] == "m-sparkplug" and row["total"] is not None
                    ]
                    == [good, scrap]
                ),
                lambda: f"{gateway.backflush('quarantine', 'list')}\n{gateway.log}",
            )

        gateway.start().ready()
        node.wait(lambda node: bool(node.states))
        node.be_born()
        node.report(10, 1)
        reads(10, 1)
        node.report(15, 1, lost=True)
        node.report(20, 2)
        node.wait(lambda node: node.rebirths == 1)
        reads(20, 2)
        gateway.kill()
        node.wait(lambda node: not node.states[-1]["online"])
        node.report(30, 3)
        node.be_born()
        gateway.start().ready()
        node.wait(lambda node: node.states[-1]["online"])
        node.report(40, 3)
        node.wait(lambda node: node.rebirths == 2)
        reads(40, 3)
        node.die()
        until(
            lambda: "offline" in [row["state"] for row in gateway.backflush("report", "devices")], lambda: gateway.log
        )
        assert gateway.stop() == 0
        gateway.audit()
        assert gateway.backflush("audit", "--deep")["audit"] == "ok"


def test_who_listens_may_ask_a_node_that_goes_on_for_its_births_once(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = Program(tmp_path, MQTT__URL=mosquitto.url)
    assert backflush("init").status == 0
    listen = "listen", "spBv1.0/#", "--json", "--messages"
    with TahuNode(mosquitto.port) as node:
        node.be_born()
        with backflush.running(*listen, "1", until="listening") as ears:
            node.report(10, 1)
            ears.wait(60)
        assert node.rebirths == 0, "without the option it publishes nothing"
        file = tmp_path / "first.toml"
        wanted = *listen, "5", "--births", "--write", str(file)
        with backflush.running(*wanted, until="listening") as ears:
            node.report(11, 1)
            node.wait(lambda node: node.rebirths == 1)
            node.report(12, 2)
            ears.wait(60)
        assert node.rebirths == 1
    assert {row["tag"] for row in tomllib.loads(file.read_text())["source"][0]["map"]} == {"Good", "Scrap"}
