"""Meanings that native and foreign messages share: of scanned texts, of times without an offset, of unfit payloads."""

from functools import lru_cache
from zoneinfo import ZoneInfo

from devices.barcodes import Control, Dialect, Label, parse_alias, parse_barcode
from devices.errors import Malformed, Rejection
from gateway.backflush.plant.snapshot import MasterData
from gateway.journal import Entry


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name else None


def zone_in(master: MasterData, name: str) -> ZoneInfo | None:
    """Return the time zone of a device, for times without an offset; None if it has none."""
    device = master.devices.get(name)
    return _zone(device.time_zone) if device is not None else None


def meaning_of(text: str, master: MasterData, dialect: Dialect) -> Label | Control | Rejection:
    """Read a scanned text: of plain text, the control code that it is an alias of."""
    meaning = parse_barcode(text, dialect)
    if isinstance(meaning, Label) and meaning.is_plain:
        kind, value = master.aliases.get(meaning.text, ("", ""))
        return parse_alias(kind, value) or meaning
    return meaning


def unfit(entry: Entry, most: int) -> Rejection:
    """Return why a payload is not read: it has more than `most` bytes, or was retained."""
    if entry.size:
        return Rejection(
            Malformed.TOO_LARGE, f"payload: expected at most {most} bytes, got {entry.size} (SHA-256 {entry.sha256})"
        )
    return Rejection(
        Malformed.RETAINED, "a production message must not be retained: it would be counted at every start"
    )
