"""What the broker says of itself is heard once it is asked, and never asked again where it hangs up on that."""

import asyncio
import json
from collections.abc import Callable, Sequence

from gateway.backflush.plant.snapshot import MasterData
from gateway.mqtt.broker import Address, Broker
from gateway.mqtt.client import Connection, Up
from gateway.mqtt.topics import DROPPED, UPTIME, Topics
from gateway.mqtt.wire.link import BrokerTerms
from gateway.mqtt.wire.packets import Delivery
from gateway.service.program import instance
from gateway.service.receive.broker_session import BrokerSession, ReportRequests
from gateway.service.tell.alerts import Alerts
from gateway.service.tell.messages import Message
from gateway.service.times import SteadyClock
from gateway.service.watch.broker_watch import ASK_EVERY_S, BrokerWatch
from tests.builders import counter, listener

TOPICS = Topics("bf/v1", "gw1")


class Lone(Connection):
    """A connection that was never made, and what it was to subscribe to."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker, listener(), filters=(), chance=lambda: 0.0)
        self.subscribed: list[list[str]] = []

    def subscribe(self, filters: Sequence[str], *, qos: int = 1) -> bool:
        assert qos == 0, "the broker keeps nothing of it"
        self.subscribed.append(list(filters))
        return True


class Desk:
    """A watch over a connection that was never made, and what it has asked, said and subscribed to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[Message] = []
        broker = Broker(Address.parse("mqtt://127.0.0.1"), "bf-gw1")
        connection = Lone(broker)
        self.subscribed = connection.subscribed
        clock = SteadyClock(lambda: int(self.now * 1_000_000), lambda: self.now, 0)
        self.alerts = Alerts(TOPICS, clock, self.sent.extend)
        master = MasterData(devices={"C1": counter("C1"), "C2": counter("C2", disabled=True)})
        inquiry = ReportRequests(TOPICS, clock, lambda: master, self.sent.extend)
        self.session = BrokerSession(TOPICS, ["*"], connection, self.alerts, self.sent.extend, inquiry)
        self.watch = BrokerWatch(broker, TOPICS, self.session, inquiry, self.alerts, clock)

    def up(self, protocol: str = "5", receive_maximum: int = 1000) -> list[str]:
        """Let the connection stand, and return what is subscribed to."""
        terms = BrokerTerms(protocol, True, receive_maximum, None, None, ())  # noqa: FBT003 - a field
        self.watch.up(Up(1, terms))
        return self.subscribed[-1]

    def hears(self, topic: str, payload: str) -> None:
        """Let the broker deliver something."""
        delivery = Delivery(topic, payload.encode(), 0, retain=False, response_topic=None, correlation=None, mid=0)
        kind_of = self.session.kinds([delivery])
        assert kind_of is not None
        assert kind_of(delivery) is None, "it is journaled by nobody"

    def delivers(self, topic: str, *, retain: bool = False) -> None:
        """Let the broker deliver a message of a device with QoS 0."""
        self.watch.unsafe([Delivery(topic, b"7", 0, retain=retain, response_topic=None, correlation=None, mid=0)])

    def asked(self) -> list[str]:
        """Return the reasons for which devices were asked to report."""
        commands = [message for message in self.sent if message.topic.endswith("/command")]
        assert all(message.topic == "bf/v1/1000/L1/C1/command" for message in commands)
        return [json.loads(message.payload)["reason"] for message in commands]


def with_desk(story: Callable[[Desk], None]) -> None:
    async def run() -> None:
        desk = Desk()
        story(desk)
        await desk.watch.stop()

    asyncio.run(run())


def test_a_broker_that_hung_up_on_the_question_is_not_asked_again() -> None:
    def story(desk: Desk) -> None:
        assert DROPPED in desk.up()
        desk.watch.down()
        assert desk.up() == [TOPICS.info]
        assert not desk.watch.answers

    with_desk(story)


def test_a_broker_that_answers_is_asked_at_each_connection() -> None:
    def story(desk: Desk) -> None:
        desk.up()
        desk.hears(UPTIME, "5 seconds")
        desk.watch.down()
        assert DROPPED in desk.up()

    with_desk(story)


def test_the_older_protocol_is_never_asked() -> None:
    with_desk(lambda desk: _asked_with(desk, "3.1.1", [TOPICS.info]))


def _asked_with(desk: Desk, protocol: str, expected: list[str]) -> None:
    assert desk.up(protocol) == expected


def test_devices_are_asked_when_more_was_dropped_but_not_all_the_time() -> None:
    def story(desk: Desk) -> None:
        desk.up()
        desk.hears(DROPPED, "0")
        assert (desk.alerts.up.keys() & {"dropped"}, desk.asked()) == (set(), [])
        desk.hears(DROPPED, "7")
        desk.hears(DROPPED, "9")
        assert "dropped 9 messages" in desk.alerts.up["dropped"]["text"]
        assert desk.asked() == ["the broker has dropped messages"]
        desk.now += ASK_EVERY_S
        desk.hears(DROPPED, "9")
        assert len(desk.asked()) == 1, "nothing more was dropped"
        desk.hears(DROPPED, "10")
        assert len(desk.asked()) == 2

    with_desk(story)


def test_an_uptime_that_went_back_is_a_restart_and_one_that_is_late_is_none() -> None:
    def story(desk: Desk) -> None:
        desk.up()
        desk.hears(UPTIME, "500 seconds")
        desk.now += 40
        desk.hears(UPTIME, "510 seconds")
        assert "broker-restarted" not in desk.alerts.up
        desk.now += 1000
        desk.hears(UPTIME, "900 seconds")
        assert "broker-restarted" in desk.alerts.up
        assert desk.asked() == ["the broker was restarted"]

    with_desk(story)


def test_each_restart_of_the_broker_says_when_it_was() -> None:
    def story(desk: Desk) -> None:
        desk.up()
        desk.hears(UPTIME, "500 seconds")
        for now in (36_000, 37_800):
            desk.now = now
            desk.hears(UPTIME, "5 seconds")
        told = [json.loads(m.payload)["text"] for m in desk.sent if m.topic.endswith("/alert/broker-restarted")]
        assert [text.partition(" again at ")[2][:24] for text in told] == [
            "1970-01-01T09:59:55.000Z",
            "1970-01-01T10:29:55.000Z",
        ]

    with_desk(story)


def test_a_twin_is_told_apart_from_an_earlier_life_and_from_itself() -> None:
    def story(desk: Desk) -> None:
        desk.up()
        desk.hears(TOPICS.info, '{"instance":"' + instance() + '"}')
        desk.hears(TOPICS.info, "not JSON")
        assert "twin" not in desk.alerts.up
        desk.hears(TOPICS.info, '{"instance":"other","host":"elsewhere"}')
        assert desk.alerts.up["twin"]["object"] == "elsewhere"

    with_desk(story)


def test_few_messages_in_flight_are_told() -> None:
    def story(desk: Desk) -> None:
        desk.up(receive_maximum=20)
        assert "20 messages at once" in desk.alerts.up["broker-limits"]["text"]
        desk.up(receive_maximum=21)
        assert "broker-limits" not in desk.alerts.up

    with_desk(story)


def test_devices_that_publish_unsafely_are_named_and_other_publishers_are_not() -> None:
    def story(desk: Desk) -> None:
        for topic in (
            "zigbee2mqtt/press/count",
            f"{'x' * 300}/count",
            "bf/v1/1000/L1/S1/scan",
            "bf/v1/1000/L1/C1/count",
        ):
            desk.delivers(topic)
            desk.delivers(topic, retain=True)
        assert desk.watch.at_qos0 == {"C1", "S1"}
        wanted = ["bf/v1/1000/L1/C1/count", "bf/v1/1000/L1/S1/scan"]
        assert [desk.alerts.up[alert]["objects"] for alert in ("qos", "retained")] == [wanted, wanted]

    with_desk(story)
