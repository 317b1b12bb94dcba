"""Checks of sources against the master data: each row needs a device of the right kind, which is not disabled."""

from collections.abc import Iterator, Sequence

from devices.sources.source import ForeignSource
from gateway.backflush.values.names import quote
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Finding, Tables


def check_sources(sources: Sequence[ForeignSource], tables: Tables, file: str) -> Iterator[Finding]:
    """Find rows whose messages would go to quarantine, and sources that count nothing."""
    devices = {row.device: row for row in tables.of(DeviceRow)}
    for number, source in enumerate(sources):
        wanted = "scanner" if source.decoder == "proglove" else "counter"
        if not source.rows:
            text = f"{source.filter} has no row, so that nothing of it is counted"
            yield Finding(file, 0, f"source.{number}.map", text, "", "warning")
        for index, row in enumerate(source.rows):
            device = devices.get(row.device)
            if device is None:
                text = f"device {quote(row.device)} is not in the master data: its messages go to quarantine"
            elif device.disabled:
                text = f"device {row.device} is disabled: its messages go to quarantine"
            elif device.kind != wanted:
                text = f"expected a {wanted}, got {row.device}, which is a {device.kind}"
            else:
                continue
            yield Finding(file, 0, f"source.{number}.map.{index}.device", text, "", "warning")
