"""What a power cut leaves: files as they are on the disk, when all that was not synced is dropped, kept or torn.

`power_recorder.c` writes down, in one order, what a gateway does to its files and what it says to its broker. Cut at
any place, that record says two things: what the world had been told by then, and what the disk had promised to keep
by then. Whatever else was written may be there or not, sector by sector, in any order; a name is there for certain
once its folder was synced.
"""

import os
import random
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.simulation import frames
from tests.simulation.shim import compiled

RECORDER = Path(__file__).with_name("power_recorder.c")
SECTOR = 512
_HEAD = struct.Struct("=qqqq")


class Record(NamedTuple):
    """One act of the program; the kinds are those of the recorder."""

    kind: str
    path: str
    data: bytes
    number: int


class Said(NamedTuple):
    """One thing that the world has been told, and the record with which it was."""

    at: int
    acknowledged: frames.Publication | None
    published: frames.Publication | None


def environment(log: Path, disk: Path) -> dict[str, str]:
    """Return what a process has to see to be recorded."""
    return {"LD_PRELOAD": str(compiled(RECORDER)), "POWER_LOG": str(log), "POWER_DISK": os.path.realpath(disk)}


def read_records(log: Path) -> list[Record]:
    """Read what was recorded; a last record that a kill has torn in two was not acted on yet."""
    content = log.read_bytes()
    records, at = [], 0
    while at + _HEAD.size <= len(content):
        kind, path, data, number = _HEAD.unpack_from(content, at)
        middle = at + _HEAD.size + path
        if middle + data > len(content):
            break
        name = os.fsdecode(content[at + _HEAD.size : middle])
        at = middle + data
        records.append(Record(chr(kind), name, content[middle:at], number))
    return records


def drop_torn(log: Path) -> None:
    """Cut off a last record that a kill has torn in two, before another life writes on behind it."""
    whole = sum(_HEAD.size + len(os.fsencode(r.path)) + len(r.data) for r in read_records(log))
    os.truncate(log, whole)


@dataclass
class _Stream:
    """The bytes of one direction of a connection, and the record that each of them came with."""

    content: bytearray = field(default_factory=bytearray)
    indexes: list[int] = field(default_factory=list)

    def add(self, index: int, data: bytes) -> None:
        self.content += data
        self.indexes += [index] * len(data)

    def drop(self, number: int) -> None:
        del self.content[-number:]
        del self.indexes[-number:]

    def packets(self) -> Iterator[tuple[int, bytes]]:
        at = 0
        for packet in frames.split(bytearray(self.content)):
            at += len(packet)
            yield self.indexes[at - 1], packet


def said(records: Iterable[Record]) -> list[Said]:
    """Return what was acknowledged and published, in order."""
    connections: list[tuple[_Stream, _Stream]] = []
    open_: dict[int, tuple[_Stream, _Stream]] = {}
    for index, record in enumerate(records):
        if record.kind == ">" and record.data[4:8] == b"MQTT":
            open_[record.number] = _Stream(), _Stream()
            connections.append(open_[record.number])
        if record.kind in "<>-" and record.number in open_:
            incoming, outgoing = open_[record.number]
            match record.kind:
                case "<":
                    incoming.add(index, record.data)
                case ">":
                    outgoing.add(index, record.data)
                case _:
                    outgoing.drop(int.from_bytes(record.data, "little"))
    found = [told for incoming, outgoing in connections for told in _told(incoming, outgoing)]
    return sorted(found, key=lambda told: told.at)


def _told(incoming: _Stream, outgoing: _Stream) -> Iterator[Said]:
    connect = next(packet for _, packet in outgoing.packets())
    version5 = frames.speaks_version_5(connect)
    delivered: dict[int, list[tuple[int, frames.Publication]]] = defaultdict(list)
    for index, packet in incoming.packets():
        if frames.kind(packet) == frames.PUBLISH:
            publication = frames.publication(packet, version5=version5)
            delivered[publication.mid].append((index, publication))
    for index, packet in outgoing.packets():
        if frames.kind(packet) == frames.PUBACK:
            # A packet id is used again once it is acknowledged: the newest delivery before this is meant.
            mid = frames.acknowledged(packet)
            yield Said(index, [p for at, p in delivered[mid] if at < index][-1], None)
        elif frames.kind(packet) == frames.PUBLISH:
            yield Said(index, None, frames.publication(packet, version5=version5))


@dataclass
class _File:
    """One file: what is on the disk for certain, and what was written since."""

    kept: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)
    """Data at an offset; None cuts the file there."""

    def sync(self) -> None:
        for at, data in self.since:
            _write(self.kept, at, data)
        self.since.clear()


class Disk:
    """The disk below one folder: records are played in their order, and then the power is cut."""

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._names: dict[str, _File | None] = {}
        """Files, and None for folders, as the program sees them."""
        self._synced: dict[str, _File | None] = {}
        """The same, as their folders were last synced."""

    def play(self, record: Record) -> None:
        """Do what was done."""
        kind, path, data, number = record
        match kind:
            case "C":
                self._names[path] = _File()
            case "D":
                self._names[path] = None
            case "W" | "T":
                file = self._names[path]
                assert file is not None, path
                file.since.append((number, data if kind == "W" else None))
            case "U":
                self._names.pop(path)
            case "N":
                self._names[os.fsdecode(data)] = self._names.pop(path)
            case "S":
                self._sync(path)

    def _sync(self, path: str) -> None:
        file = self._names.get(path)
        if file is not None:
            file.sync()
            return
        inside = {name for name in {*self._names, *self._synced} if _folder(name) == path}
        for name in inside:
            self._synced.pop(name, None)
            if name in self._names:
                self._synced[name] = self._names[name]

    def leave(self, folder: Path) -> None:
        """Write into a folder what is there without a power cut."""
        self._write(folder, random.Random(0), "all")

    def cut(self, chance: random.Random, folder: Path) -> None:
        """Write into a folder what may be there after a power cut now."""
        self._write(folder, chance, chance.choice(["nothing", "all", "torn", "first"]))

    def _write(self, folder: Path, chance: random.Random, manner: str) -> None:
        there = {name for name in self._names if manner == "all" or (manner != "nothing" and chance.random() < 0.5)}
        gone = {name for name in self._synced.keys() - self._names.keys() if chance.random() < 0.5}
        names = {**self._synced, **{name: self._names[name] for name in there}}
        for name in sorted(names.keys() - gone):
            if _folder(name) != self._root and _folder(name) not in names:
                continue
            target = folder / os.path.relpath(name, self._root)
            file = names[name]
            if file is None:
                target.mkdir()
            elif target.parent.is_dir():
                target.write_bytes(_left(file, manner, chance))


def _folder(name: str) -> str:
    return str(Path(name).parent)


def _left(file: _File, manner: str, chance: random.Random) -> bytes:
    """Return what is left of a file: all that was synced, and of the rest what chance has kept."""
    content = bytearray(file.kept)
    whole = chance.randint(0, len(file.since)) if manner == "first" else 0
    for position, (at, data) in enumerate(file.since):
        if manner == "all" or position < whole:
            _write(content, at, data)
        elif manner == "torn" or (manner == "first" and position == whole):
            for low, sector in _sectors(at, data):
                if chance.random() < 0.5:
                    _write(content, low, sector)
    return bytes(content)


def _sectors(at: int, data: bytes | None) -> Iterator[tuple[int, bytes | None]]:
    """Take a write apart where the sectors of the disk begin."""
    if data is None:
        yield at, None
        return
    low = 0
    while low < len(data):
        high = min(len(data), (at + low) // SECTOR * SECTOR + SECTOR - at)
        yield at + low, data[low:high]
        low = high


def _write(content: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del content[at:]
        content.extend(bytes(at - len(content)))
        return
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(data)] = data
