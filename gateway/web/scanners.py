"""Web scanners: a browser that shows a code becomes a scanner of a plant, by a page or on the command line.

It stands in the master data without a line, because its operator chooses that by a card. Another browser may take its
place: the device stays the same, and the browser before is it no more.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.values.names import quote
from gateway.errors import UsageError
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import tables_in

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
"""Of the ids: none looks like another."""


def name_scanner(name: str = "") -> str:
    """Return the id of a new scanner: of its name, else a free one.

    >>> name_scanner("packing-1"), len(name_scanner())
    ('w-packing-1', 10)
    """
    return f"w-{name or ''.join(secrets.choice(_LETTERS) for _ in range(8))}"


def request_for_scanner(device: str, plant: str, language: str) -> dict[str, Any]:
    """Return the request that adds a scanner to the master data, without its actor and transaction."""
    data = {"op": "adopt", "new": device, "kind": "scanner", "language": language}
    return {"verb": "devices", "plant": plant, "line": ROAMING, "reason": f"web scanner {device}", "data": data}


def read_scanners(connection: Connection) -> dict[str, str]:
    """Return the devices that a browser can be, scanners without a line, with their plants."""
    tables = tables_in(master_bytes(connection) or b"", (DeviceRow.table,))
    return {row.device: row.plant for row in tables.of(DeviceRow) if row.kind == "scanner" and row.line == ROAMING}


def plant_of_scanner(scanners: Mapping[str, str], device: str) -> str:
    """Return the plant of a scanner that is connected again; UsageError for a device that no browser can be."""
    if device not in scanners:
        raise UsageError(f"{quote(device)}: expected a scanner of the master data without a line")
    return scanners[device]
