"""The host application of Sparkplug on a real broker, with an edge node made by the reference implementation."""

from typing import Any

from tests.integration.edge_node import TahuNode
from tests.integration.gateway_process import GatewayProcess
from tests.servers import Mosquitto

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
