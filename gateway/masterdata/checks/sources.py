"""Sources and the master data: what each row reads, and rows whose messages would go to quarantine.

A total of a device has one row: two counts under one name would each be the other's step, forward or back.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from devices.sources.source import ForeignSource, topic_of
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.values.names import quote
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Finding, Tables

_TIMELESS: Final = frozenset({"esphome", "number", "tasmota", "zigbee2mqtt"})
"""The decoders whose totals have no time, so that none is newer than another and no restart is accepted."""


def check_sources(sources: Sequence[ForeignSource], tables: Tables, file: str) -> Iterator[Finding]:
    """Find rows whose messages would go to quarantine or count as another row's, and sources that count nothing."""
    devices = {row.device: row for row in tables.of(DeviceRow)}
    totals: dict[tuple[str, str], str] = {}
    for number, source in enumerate(sources):
        wanted = "scanner" if source.decoder == "proglove" else "counter"
        if not source.rows:
            text = f"{source.filter} has no row, so that nothing of it is counted"
            yield Finding(file, 0, f"source.{number}.map", text, "", "warning")
        for index, row in enumerate(source.rows):
            device, place = devices.get(row.device), f"source.{number}.map.{index}"
            if device is None:
                text = f"device {quote(row.device)} is not in the master data: its messages go to quarantine"
            elif device.disabled:
                text = f"device {row.device} is disabled: its messages go to quarantine"
            elif device.kind != wanted:
                text = f"expected a {wanted}, got {row.device}, which is a {device.kind}"
            elif (
                wanted == "counter"
                and (first := totals.setdefault((row.device, row.kind or device.role), place)) != place
            ):
                text = f"{first} has the same total of {row.device}: if it is another count, pieces are counted wrongly"
            elif device.reset == "allow" and source.decoder in _TIMELESS:
                text = f"device {row.device} has reset allow, which needs a time, and {source.decoder} tells none"
            else:
                continue
            yield Finding(file, 0, f"{place}.device", text, "", "warning")


class SourceMatch(NamedTuple):
    """One row of a source, and the totals or scans that it reads."""

    source: int
    decoder: str
    device: str
    kind: str
    """That of its totals, else `scan`; empty where the message says it, or the device is unknown."""
    tag: str
    topic: str
    """A topic, or a filter."""


def match_rows(sources: Sequence[ForeignSource], tables: Tables) -> Iterator[SourceMatch]:
    """Return the rows of all sources."""
    roles = {row.device: "scan" if row.kind == "scanner" else row.role for row in tables.of(DeviceRow)}
    for number, source in enumerate(sources):
        for row in source.rows:
            kind = row.kind or ("" if source.decoder == "native" else roles.get(row.device, ""))
            yield SourceMatch(number, source.decoder, row.device, kind, row.tag, topic_of(source, row))


def out_of_reach(sources: Sequence[ForeignSource], tables: Tables, lines: Sequence[str]) -> Iterator[DeviceRow]:
    """Find devices that neither their own topics nor a row reach; `lines` are the patterns of those that are heard.

    A row does not reach a device of a line that another gateway has: that gateway has the same row.
    """
    mapped = {row.device for source in sources for row in source.rows}
    for device in tables.of(DeviceRow):
        line = device.line or ROAMING
        roams = line == ROAMING and device.device in mapped
        if not device.disabled and not roams and not {"*", f"{device.plant}/*", f"{device.plant}/{line}"} & {*lines}:
            yield device
