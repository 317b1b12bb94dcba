"""A device that is heard is there, whatever a connection that died before says of it."""

from urllib.parse import urlsplit

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from tests.cases.rig import Rig, until
from tests.cases.test_read_back import SMALL

ONLINE, OFFLINE = '{"state":"online"}', '{"state":"offline"}'


def test_the_will_of_a_dead_connection_is_ended_by_what_the_device_counts_after_it() -> None:
    """I18: it came back under another client id before the broker noticed that the old connection was dead."""
    with Rig(SMALL) as rig:
        rig.start()
        state = rig.topic("c1", "state")
        dead = Client(CallbackAPIVersion.VERSION2, client_id="c1-of-before")
        dead.will_set(state, OFFLINE, qos=1, retain=True)
        dead.connect("127.0.0.1", urlsplit(rig.broker).port or 0)
        dead.loop_start()
        dead.publish(state, ONLINE, qos=1, retain=True).wait_for_publish(60)
        rig.count("c1", 1)
        rig.say(state, ONLINE, retain=True)
        dead.loop_stop()
        connection = dead.socket()
        assert connection is not None
        connection.close()
        rig.monitor.wait(state, lambda heard: heard.body["state"] == "offline")

        def stale() -> list[str]:
            return [each["device"] for each in rig.status("1000/L1")["stale_devices"]]

        until(lambda: stale() == ["c1"], lambda: str(rig.status("1000/L1")))
        rig.count("c1", 2)
        until(lambda: stale() == [], lambda: str(rig.status("1000/L1")))
        assert rig.monitor.retained()[state].body["state"] == "offline", "the broker keeps the will all the same"
        assert "silent" not in {alert["id"] for alert in rig.alerts()}
