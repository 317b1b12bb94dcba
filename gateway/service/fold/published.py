"""Published messages: what a source reads becomes events of our devices, by their rows in the master data.

A scan of another publisher has an id, so it is known however late it comes, even if another gateway has had its line.
"""

from functools import partial
from typing import assert_never

from devices.errors import Rejection
from devices.sources.knowledge import NO_LESSON, Knowledge
from devices.sources.reading import (
    DeviceConnection,
    DeviceReading,
    DeviceScan,
    ForeignMessage,
    Part,
    Refusal,
    Sources,
    Zone,
)
from devices.sources.source import ForeignSource
from gateway.backflush.memory.events import Counted, Presence, Published, Refused, Scanned
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import Reason
from gateway.journal import Entry
from gateway.service.fold.meanings import meaning_of, unfit, zone_in


def _nowhere(_: str) -> None:
    """No device is known yet."""


class PublicationReader:
    """Reads entries by the sources in force, and keeps the knowledge of their publishers up to date."""

    def __init__(self, rules: Rules, knowledge: Knowledge) -> None:
        """Take the rules with their sources; a message is read by what `knowledge` has learnt from those before it."""
        sources = [ForeignSource.parse(text) for text in rules.sources]
        self._sources = Sources(sources, earlier=not rules.knows_scanners)
        self._knowledge = knowledge
        self._dialect = rules.dialect
        self._master: MasterData | None = None
        self._zone: Zone = _nowhere

    def read(self, entry_id: int, entry: Entry, master: MasterData, at: int, *, replay: bool) -> Published | None:
        """Read a message that arrived at `at`; None if no source has its topic."""
        wrong = unfit(entry, self._sources.limit_of(entry.topic)) if entry.size else None
        message = ForeignMessage(entry.topic, entry.payload, at, entry.retain, wrong)
        if master is not self._master:
            self._master, self._zone = master, partial(zone_in, master)
        said = self._sources.read(message, self._knowledge, self._zone, replay=replay)
        if said is None:
            return None
        _, parts, lesson, mapped, repeated, ask, _ = said
        if lesson is not NO_LESSON:
            self._knowledge.learn(lesson)
        if len(parts) == 1:  # as nearly all have
            events: tuple[Counted | Scanned | Presence | Refused, ...] = (
                self._event(entry_id, entry, parts[0], master),
            )
        else:
            events = tuple([self._event(entry_id, entry, part, master) for part in parts])
        return Published(entry_id, events, lesson, mapped, repeated, entry.retain, ask)

    def _event(
        self, entry_id: int, entry: Entry, part: Part, master: MasterData
    ) -> Counted | Scanned | Presence | Refused:
        """Make the event of a part: its device stands where its row of the master data says."""
        name, topic, payload = part.device, entry.topic, entry.payload
        device = master.devices.get(name)
        if device is not None and isinstance(part, DeviceReading):  # nearly all are
            return Counted(entry_id, device.plant, device.line, name, part.reading, topic, payload)
        if device is None:
            unknown = Rejection(Reason.UNKNOWN_DEVICE, f"device {name} of a source is not in the master data")
            why = part.rejection if isinstance(part, Refusal) else unknown
            return Refused(entry_id, "", "", name, topic, payload, why, feedback=isinstance(part, DeviceScan))
        plant, line = device.plant, device.line
        match part:
            case DeviceReading():
                raise AssertionError("read above")
            case DeviceScan(_, scan):
                if isinstance(scan, Rejection):
                    return Refused(entry_id, plant, line, name, topic, payload, scan, feedback=True)
                label = meaning_of(scan.data, master, self._dialect)
                return Scanned(entry_id, plant, line, name, scan, label, topic, payload)
            case DeviceConnection(_, online):
                return Presence(entry_id, plant, line, name, online)
            case Refusal(_, rejection):
                return Refused(entry_id, plant, line, name, topic, payload, rejection, feedback=False)
            case _:
                assert_never(part)
