"""Checks of sources against the master data: each row needs a device of the right kind, which is not disabled.

A total of a device has one row: two counts under one name would each be the other's step, forward or back.
"""

from collections.abc import Iterator, Sequence

from devices.sources.source import ForeignSource
from gateway.backflush.values.names import quote
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Finding, Tables


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
            else:
                continue
            yield Finding(file, 0, f"{place}.device", text, "", "warning")
