"""Sources that `listen` writes: a message is read by the decoder that it was guessed to need, and rows find values."""

import json
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.messages import Publication
from devices.simulators.publishers import PUBLISHERS, Machine
from devices.sources.first_sources import FirstSources
from devices.sources.guess import guess
from devices.sources.judge import faults
from devices.sources.knowledge import Knowledge
from devices.sources.reading import DeviceReading, DeviceScan, ForeignMessage, Sources
from devices.uplinks import UplinkMessage
from gateway.settings import Settings
from tests.unit.devices.publishers import ALL

BASE = "bf/v1"


def sources_in(text: str) -> Settings:
    return Settings.model_validate(tomllib.loads(text))


def messages_of(name: str) -> list[UplinkMessage]:
    """Let a machine be switched on and make three reports."""
    publisher, machine, now = (
        PUBLISHERS[name],
        Machine(name, label="]C10102000000000015" + "21000007"),
        1_795_335_330_120_000,
    )
    machine.connections = 0
    said = [*publisher.greet(machine, now)]
    for topic in publisher.hears[:1]:
        said += publisher.answer(machine, now, topic, b'{"online": true}')
    for report in range(8):
        machine.good, machine.scrap = 5 * report, 2 * report
        machine.last = report == 7
        said += publisher.tell(machine, now + report * 1_000_000)
        machine.reports, machine.told = report + 1, machine.totals
    return said


@pytest.mark.parametrize("name", PUBLISHERS)
def test_what_is_heard_of_a_publisher_becomes_a_source_that_reads_it(name: str) -> None:
    heard, said = FirstSources(), messages_of(name)
    for message in said:
        found = guess(message.topic, message.payload)
        assert found is not None, message
        assert found.decoder == name, message
        heard.hear(message.topic, found)
    written = sources_in(heard.write("by a test", [f"{BASE}/#"])).sources
    assert [source.decoder for source in written] == [name]
    sources, knowledge, totals = Sources(written), Knowledge(), set()
    for message in said:
        read = sources.read(ForeignMessage(message.topic, message.payload, 0), knowledge, lambda _: None)
        assert read is not None
        knowledge.learn(read.lesson)
        totals |= {part.reading.good for part in read.parts if isinstance(part, DeviceReading)}
        totals |= {len(part.scan.data) for part in read.parts if isinstance(part, DeviceScan)}
    if name != "proglove":
        assert {35, 14} <= totals
    assert totals


@pytest.mark.parametrize(("name", "topic", "said"), [(row[0], row[1], row[3]) for row in ALL])
def test_a_message_that_a_decoder_reads_is_guessed_to_be_its_own(name: str, topic: str, said: object) -> None:
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    found = guess(topic, payload)
    assert found is None or found.decoder in (name, "jmespath", "number", "native")


topics = st.lists(
    st.sampled_from(["a", "b", "tele", "ie", "d", "spBv1.0", "umh", "v1", "SENSOR", "LWT", ""]), min_size=1
)
payloads = st.binary(max_size=60) | st.sampled_from(
    [b"5", b'{"good":5}', b'{"COUNTER":{"C1":5}}', b'{"a":{"b":7}}', b'{"values":[{"id":"x","v":5}]}', b"Online"]
)


@given(st.lists(st.tuples(topics.map("/".join), payloads), max_size=20))
def test_whatever_is_heard_the_sources_have_no_fault(said: list[tuple[str, bytes]]) -> None:
    heard = FirstSources()
    for topic, payload in said:
        found = guess(topic, payload)
        if found is not None:
            assert isinstance(found.publication, Publication)
            heard.hear(topic, found)
    settings = sources_in(heard.write("by a test", [f"{BASE}/#"]))
    assert list(faults(settings.sources, BASE)) == []
