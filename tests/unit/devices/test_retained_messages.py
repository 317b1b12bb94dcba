"""Messages that a broker had retained: it sends them at each start of the gateway, and nothing of them counts."""

import json

import pytest

from devices.errors import Malformed, Rejection
from devices.sources.knowledge import NO_LESSON, Knowledge
from devices.sources.reading import ForeignMessage, Sources
from devices.sources.source import ForeignSource
from tests.unit.devices.publishers import SCAN
from tests.unit.devices.test_sources import KEPWARE, NUMBER, PROGLOVE, S7, nowhere, told


@pytest.mark.parametrize(
    ("source", "topic", "payload", "unfit", "said"),
    [
        (KEPWARE, "iot/a", b"{", None, "heartbeat"),
        (KEPWARE, "iot/a", b"", Rejection(Malformed.TOO_LARGE, "large"), "heartbeat"),
        (NUMBER, "plc/1/n", b"", Rejection(Malformed.TOO_LARGE, "large"), "heartbeat"),
        (PROGLOVE, "pg/a", json.dumps(SCAN | {"device_serial": "MARK-1"}).encode(), None, "heartbeat"),
        (PROGLOVE, "pg/a", json.dumps(SCAN | {"device_serial": "MARK-1", "event_id": 5}).encode(), None, "heartbeat"),
        (S7, "ie/m/j/simatic/v1/s7c1/dp", b"{", None, "? BF1004"),
    ],
)
def test_what_was_retained_is_refused_only_where_it_may_be_metadata(
    source: ForeignSource, topic: str, payload: bytes, unfit: Rejection | None, said: str
) -> None:
    """It comes at each start of the gateway, which would keep an entry of it each time; older journals have them."""
    message = ForeignMessage(topic, payload, 0, retained=True, unfit=unfit)
    meaning = Sources([source]).read(message, Knowledge(), nowhere)
    assert meaning is not None
    assert told(meaning._replace(lesson=NO_LESSON)) == said
    before = Sources([source], earlier=True).read(message, Knowledge(), nowhere)
    assert before is not None
    assert "BF10" in told(before._replace(lesson=NO_LESSON))
