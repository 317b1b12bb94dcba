"""The real process behind a real Mosquitto: hostile messages by the hundred, and a counter that counts on."""

from itertools import islice
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gateway.mqtt.topics import CanaryTopic
from tests.fuzz.corpus import cases
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS, mutations_of
from tests.fuzz.telegrams import TOPICS
from tests.fuzz.world import ALIASES, DEVICES, GTINS, HONEST, UNITS, VERSIONS, entry_of
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import booked, stocked
from tests.servers import Mosquitto

MUTATIONS = 600
PIECES_EVERY = 5
VERBS = ["run-start", "run-stop", "post", "reverse", "work", "window-close"]


def messages() -> list[tuple[str, bytes, bool]]:
    """Return topic, payload and retain flag of the corpus and of mutations, as far as a broker lets them pass."""
    payloads = [case.data for name in ("count", "scan", "state", "request") for case in cases(name)]
    topics = ["L06/c-free/count", "L05/s-L05/scan", "L06/c-free/state", "L06/_request/run-start"]
    inputs = [f"bf/v1/1000/{topics[n % 4]}\n".encode() + payload for n, payload in enumerate(payloads)]
    inputs += [case.data for case in cases("stream")]
    for seed in SEEDS:
        inputs += [case.data for case in islice(mutations_of(TARGETS["stream"], seed), MUTATIONS // len(SEEDS))]
    entries = [entry_of(data) for data in inputs]
    return [(entry.topic, entry.payload, entry.retain) for entry in entries if passes(entry.topic)]


def passes(topic: str) -> bool:
    """Say whether a broker takes a topic, and the gateway hears it as a message."""
    legal = 0 < len(topic.encode()) < 60_000 and not any(c in topic for c in "+#") and topic.isprintable()
    parts = topic.split("/")
    heard = parts[:2] == ["bf", "v1"] and len(parts) == 6 and (parts[5] in TOPICS_OF_DEVICES or parts[4] == "_request")
    return legal and heard and not isinstance(TOPICS.parse(topic), CanaryTopic)


TOPICS_OF_DEVICES = ("count", "scan", "state")


def test_a_gateway_survives_whatever_is_sent_and_loses_no_piece(tmp_path: Path, mosquitto: Mosquitto) -> None:
    rows = {"devices": DEVICES, "production_versions": VERSIONS, "aliases": ALIASES, "units": UNITS, "gtins": GTINS}
    sent = messages()
    requests = {"allow_requests": VERBS}
    with GatewayProcess(mosquitto.url, mqtt=requests, posting={"window": "1s"}) as gateway:
        stocked(gateway, tmp_path / "shop", **rows).start().ready()
        client = paho.Client(CallbackAPIVersion.VERSION2, "hostile", protocol=MQTTProtocolVersion.MQTTv5)
        client.max_inflight_messages_set(1_000)
        client.connect("127.0.0.1", mosquitto.port)
        client.loop_start()
        said = []
        pieces = 0
        for number, (topic, payload, retain) in enumerate(sent):
            said.append(client.publish(topic, payload, qos=1, retain=retain))
            if number % PIECES_EVERY == 0:
                pieces += 1
                said.append(client.publish(HONEST, f'{{"boot":"a","seq":{pieces},"good":{pieces}}}', qos=1))
        for message in said:
            message.wait_for_publish(40)
        client.disconnect()
        client.loop_stop()

        def all_there() -> bool:
            # What a broker keeps retained it delivers again at each start; here it is delivered once.
            ended: dict[str, int] = gateway.health()["messages"]
            return sum(ended.values()) >= len(said)

        until(all_there, lambda: f"{len(said)} sent, {gateway.health()}\n{gateway.log}")
        gateway.caught_up()
        assert gateway.kills == 0
        assert gateway.runs, gateway.log
        assert "Traceback" not in gateway.log
        assert gateway.stop() == 0, gateway.log
        gateway.start().ready()
        gateway.caught_up()
        gateway.stop()
        with gateway.ledger() as connection:
            assert booked(connection)["L03"] == (pieces, 0)
        gateway.audit()
