"""Simulated publishers of other makers: what the decoders read of them is true, and the last report has all of it."""

from random import Random

import pytest

from devices.decoders.foreign import decoder_of
from devices.decoders.foreign.sparkplug import host_state, rebirth
from devices.messages import Publication
from devices.simulators.publishers import PUBLISHERS, Machine
from devices.uplinks import UplinkMessage

BEGIN = 1_795_335_330_120_000
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
        if read.scan is not None:
            assert self.scans.setdefault(read.scan.id, read.scan.data) == read.scan.data


@pytest.mark.parametrize("name", PUBLISHERS)
def test_the_last_report_has_what_the_machine_made_and_no_report_has_more(name: str) -> None:
    publisher, chance, reader = PUBLISHERS[name], Random(name), Reader(name)
    machine = Machine(name, label="]C10102000000000015" + "21000007")
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
            for message in publisher.tell(machine, now):
                reader.hear(message)
            machine.reports += 1
            machine.told = machine.totals
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
