"""The adoption of a device, prepared against the master data in force and what the ledger has heard of it."""

from collections.abc import Mapping

from sqlalchemy import Connection

from gateway.backflush.values.names import quote
from gateway.errors import UsageError
from gateway.ledger.reports.present import sum_unknown
from gateway.masterdata.devices import adopt_device, refuse_known
from gateway.masterdata.importing import Prepared
from gateway.masterdata.tables import Tables


def prepare_adoption(connection: Connection, tables: Tables, said: Mapping[str, str], like: str) -> Prepared:
    """Prepare that a device of quarantine becomes a row; what is not said of its place and kind is as it was seen."""
    device = said["device"]
    refuse_known(tables, device)
    seen = sum_unknown(connection, device)
    if seen is None:
        raise UsageError(
            f"device {quote(device)}: expected a device that was seen, but no message from it is in quarantine; is the "
            "id right? `backflush masterdata import` adds devices that have not reported yet"
        )
    named = {column: value for column, value in said.items() if value}
    return adopt_device(tables, {**seen, **named}, like)
