"""Simulated publishers of other makers: what the decoders read of them is true, and the last report has all of it."""

import tomllib
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any

import pytest

from devices.decoders.foreign import decoder_of
from devices.decoders.foreign.sparkplug import host_state, rebirth
from devices.messages import Publication, Scan
from devices.simulators.publishers import PUBLISHERS, Machine
from devices.sources.knowledge import Knowledge
from devices.sources.reading import DeviceReading, DeviceScan, ForeignMessage, Refusal, Sources
from devices.uplinks import UplinkMessage
from gateway.sections import SourceSection

BEGIN = 1_795_335_330_120_000
LABEL = "]C1010200000000001521000007"
EXPRESSIONS = {"each": "readings", "good": "n", "scrap": "ng", "ts": "t"}


class Reader:
    """Reads the messages of a publisher, with the meaning of its ids."""

    def __init__(self, name: str) -> None:
        self._decoder = decoder_of(name, EXPRESSIONS if name == "jmespath" else None)
        self.totals: dict[str, list[int]] = {}
        self.scans: dict[str | None, str] = {}
        self._names: dict[tuple[str, str], str] = {}

    def hear(self, message: UplinkMessage) -> None:
        read = self._decoder.parse(message.topic, message.payload, retained=False)
        assert isinstance(read, Publication), (message, read)
        for scope, pairs, _ in read.names:
            self._names |= {(scope, key): name for key, name in pairs}
        for sample in read.samples:
            name = sample.name or self._names[read.scope, sample.id]
            if isinstance(sample.total, int):
                self.totals.setdefault(name, []).append(sample.total)
        if isinstance(read.scan, Scan):
            assert self.scans.setdefault(read.scan.id, read.scan.data) == read.scan.data


@pytest.mark.parametrize("name", PUBLISHERS)
def test_the_last_report_has_what_the_machine_made_and_no_report_has_more(name: str) -> None:
    publisher, chance, reader = PUBLISHERS[name], Random(name), Reader(name)
    machine = Machine(name, label=LABEL)
    now = BEGIN
    for connection in range(2):
        machine.connections += 1
        for message in publisher.greet(machine, now):
            reader.hear(message)
        if publisher.hears:
            for topic, payload in (host_state("h", now, online=True), rebirth("hall", name, now)):
                for message in publisher.answer(machine, now, topic, payload):
                    reader.hear(message)
        for report in range(45):
            machine.last = connection == 1 and report == 44
            machine.good += chance.randint(0, 5)
            machine.scrap += chance.randint(0, 1)
            now += 500_000
            for message in publisher.report(machine, now):
                reader.hear(message)
        for message in publisher.leave(machine, now):
            reader.hear(message)
    if name == "proglove":
        assert len(reader.scans) == machine.good == len(set(reader.scans.values()))
        return
    ends = {tag: totals[-1] for tag, totals in reader.totals.items() if "battery" not in tag}
    assert sorted(ends.values()) == sorted(machine.totals)
    assert all(totals == sorted(totals) for tag, totals in reader.totals.items() if "battery" not in tag)


def test_an_edge_node_is_silent_while_its_host_application_is_away() -> None:
    publisher, machine = PUBLISHERS["sparkplug"], Machine("sparkplug", connections=0, waits=True)
    assert not list(publisher.tell(machine, BEGIN))
    born = list(publisher.answer(machine, BEGIN, *host_state("h", BEGIN, online=True)))
    assert [message.topic for message in born] == [
        "spBv1.0/hall/NBIRTH/sparkplug",
        "spBv1.0/hall/DBIRTH/sparkplug/press",
    ]
    assert list(publisher.tell(machine, BEGIN))
    assert not list(publisher.answer(machine, BEGIN, *host_state("h", BEGIN, online=False)))
    assert not list(publisher.tell(machine, BEGIN))


PAGE = (Path(__file__).parents[3] / "docs/sources.md").read_text(encoding="utf-8")
BLOCKS = tomllib.loads(dedent(PAGE.partition("## A source for each publisher")[2].partition("\n## ")[0]))["source"]
PLAYED = {
    "kepware": "Press1",
    "s7databus": "PLC1",
    "neuron": "press2",
    "umh": "l1",
    "tasmota": "press3",
    "shelly": "shellyplusuni-a0b1",
    "zigbee2mqtt": "press5",
    "esphome": "press6",
    "sparkplug": "edge1",
    "proglove": "M2MD110000001",
    "jmespath": "press8",
}
"""The machine that each source of the page reads, by decoder."""


def say_all(name: str, machine: str = "", reports: int = 2) -> Iterator[UplinkMessage]:
    """Play a connection of a machine, in which it makes a good piece and two of scrap before each report."""
    publisher, plays = PUBLISHERS[name], Machine(machine or name, label=LABEL, connections=0)
    yield from publisher.greet(plays, BEGIN)
    if publisher.hears:
        yield from publisher.answer(plays, BEGIN, *host_state("h", BEGIN, online=True))
    for number in range(1, reports + 1):
        plays.good, plays.scrap, plays.last = number, 2 * number, number == reports
        yield from publisher.report(plays, BEGIN + number * 1_000_000)


@pytest.mark.parametrize("block", BLOCKS, ids=[block["decoder"] for block in BLOCKS])
def test_a_source_of_the_page_reads_its_publisher_as_printed(block: dict[str, Any]) -> None:
    source = SourceSection.model_validate(block).source
    name, knowledge = source.decoder, Knowledge()
    said = say_all(name, PLAYED[name]) if name in PLAYED else [UplinkMessage(source.filter, b"2")]
    reader = Sources([source])
    last: dict[str, DeviceReading | DeviceScan] = {}
    for message in said:
        read = reader.read(ForeignMessage(message.topic, message.payload, BEGIN), knowledge, lambda _device: UTC)
        assert read is not None, message.topic
        knowledge.learn(read.lesson)
        assert not [part for part in read.parts if isinstance(part, Refusal)], (message, read.parts)
        last |= {part.device: part for part in read.parts if isinstance(part, DeviceReading | DeviceScan)}
    assert set(last) == {row.device for row in source.rows}
    for part in last.values():
        assert isinstance(part.scan, Scan) if isinstance(part, DeviceScan) else part.reading.good == 2, part
