"""The host application of Sparkplug on a real broker, with an edge node made by the reference implementation."""

from typing import Any

from gateway.masterdata.files.read import read_tables
from gateway.masterdata.tables import Tables, dump_tables
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
