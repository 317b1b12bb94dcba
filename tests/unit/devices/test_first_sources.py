"""Sources that `listen` writes: a message is read by the decoder that it was guessed to need, and rows find values."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decoders.foreign.jmespath import WORDS
from devices.messages import Publication, Sample, Scan
from devices.simulators.publishers import PUBLISHERS
from devices.sources.first_sources import MOST_TAGS, FirstSources
from devices.sources.guess import Guess, guess
from devices.sources.judge import faults
from devices.sources.knowledge import Knowledge
from devices.sources.reading import DeviceReading, DeviceScan, ForeignMessage, Sources
from gateway.settings import Settings
from tests.unit.devices.publishers import ALL
from tests.unit.devices.test_publishers import say_all

BASE = "bf/v1"


def sources_in(text: str) -> Settings:
    return Settings.model_validate(tomllib.loads(text))


@pytest.mark.parametrize("name", PUBLISHERS)
def test_what_is_heard_of_a_publisher_becomes_a_source_that_reads_it(name: str) -> None:
    heard, said = FirstSources(), [*say_all(name, reports=8)]
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
        scans = [part.scan for part in read.parts if isinstance(part, DeviceScan)]
        totals |= {len(scan.data) for scan in scans if isinstance(scan, Scan)}
    if name != "proglove":
        assert {8, 16} <= totals
    assert totals


@pytest.mark.parametrize(("name", "topic", "said"), [(row[0], row[1], row[3]) for row in ALL])
def test_a_message_that_a_decoder_reads_is_guessed_to_be_its_own(name: str, topic: str, said: object) -> None:
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    found = guess(topic, payload)
    assert found is None or found.decoder in (name, "jmespath", "number", "native")


def test_a_value_that_counts_nothing_is_a_comment_with_its_reason() -> None:
    heard = FirstSources()
    for topic, payload in (("a", b"7"), ("b", b"3"), ("a", b"5"), ("b", b"3"), ("a", b"9")):
        found = guess(topic, payload)
        assert found is not None
        heard.hear(topic, found)
    text = heard.write("by a test", [])
    assert "[[source.map]]" not in text
    assert "\n# the value of a: 9; fell from 7 to 5\n" in text
    assert "\n# the value of b: 3; did not rise\n" in text


def _shelly(topic: str, total: int) -> object:
    status = {"id": 2, "counts": {"total": total}}
    return {"method": "NotifyStatus", "params": {"input:2": status}} if topic.endswith("rpc") else status


def _tasmota(topic: str, total: int) -> object:
    counters = {"COUNTER": {"C1": total}}
    return {"StatusSNS": counters} if topic.endswith("8") else counters


@pytest.mark.parametrize(
    ("topics", "say"),
    [(("s1/events/rpc", "s1/status/input:2"), _shelly), (("tele/p1/SENSOR", "stat/p1/STATUS8"), _tasmota)],
)
def test_a_count_that_is_told_on_two_topics_has_one_row(topics: tuple[str, str], say: Any) -> None:
    """Taken over, two rows would count each piece twice; two counts of one name keep a row each."""
    for apart, rows in ((0, 1), (1000, 2)):
        heard = FirstSources()
        for total in (5, 7):
            for topic, more in zip(topics, (0, apart), strict=True):
                found = guess(topic, json.dumps(say(topic, total + more)).encode())
                assert found is not None
                heard.hear(topic, found)
        text = heard.write("by a test", [])
        assert text.count("[[source.map]]") == rows
        assert (f"of {topics[1]}: 7; the same count as on {topics[0]}\n" in text) is (rows == 1)


@pytest.mark.parametrize(
    ("decoder", "topic", "why"),
    [
        ("sparkplug", "spBv1.0/hall/NDATA/edge1", "names stand in births"),
        ("s7databus", "ie/d/j/simatic/v1/s7c1/dp/r/plc/default", "names stand in the metadata"),
        ("shelly", "s1/online", "No value was heard here."),
    ],
)
def test_a_source_without_a_value_says_why(decoder: str, topic: str, why: str) -> None:
    heard = FirstSources()
    heard.hear(topic, Guess(decoder, "", Publication("hall/edge1", (Sample("", 5, id="7"),))))
    assert why in heard.write("by a test", [])


def test_the_status_of_a_databus_is_of_its_connector() -> None:
    """Read as any JSON it would overlap the source of the values, which would be left out."""
    found = guess("ie/s/j/simatic/v1/s7c1/status", b'{"seq":1,"connector":{"status":"good"}}')
    assert found is not None
    assert found.decoder == "s7databus"


def test_scanners_without_end_leave_rows_with_an_end() -> None:
    heard = FirstSources()
    for number in range(MOST_TAGS + 1):
        heard.hear("pg", Guess("proglove", "", Publication(f"M{number}", scan=Scan("A"))))
    assert heard.write("by a test", []).count("[[source.map]]") == MOST_TAGS


topics = st.lists(
    st.sampled_from(["a", "b", "tele", "ie", "d", "spBv1.0", "umh", "v1", "SENSOR", "LWT", "цех", "count", ""]),
    min_size=1,
)
payloads = st.binary(max_size=60) | st.sampled_from(
    [b"5", b'{"good":5}', b'{"COUNTER":{"C1":5}}', b'{"a":{"b":7}}', b'{"values":[{"id":"x","v":5}]}', b"Online"]
)
names = st.sampled_from([*WORDS, "n"])
payloads |= st.dictionaries(names, st.integers(0, 9) | st.lists(st.dictionaries(names, st.integers(0, 9)))).map(
    lambda said: json.dumps(said).encode()
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
