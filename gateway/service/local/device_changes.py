"""Changes of single devices, prepared against the master data in force and what the ledger has heard of them."""

from collections.abc import Mapping
from typing import Final, Literal

from sqlalchemy import Connection

from gateway.backflush.values.names import quote
from gateway.errors import UsageError
from gateway.ledger.reports.present import sum_unknown
from gateway.masterdata.devices import adopt_device, disable_device, refuse_known, replace_device
from gateway.masterdata.importing import Prepared
from gateway.masterdata.tables import Tables
from gateway.service.local.in_force import tables_in_force
from gateway.service.local.read_only import read_ledger
from gateway.settings import Settings

Deed = Literal["adopted", "replaced", "disabled", "enabled"]
DEEDS: Final[Mapping[str, Deed]] = {
    "adopt": "adopted",
    "replace": "replaced",
    "disable": "disabled",
    "enable": "enabled",
}


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


def prepare_device(settings: Settings, deed: Deed, said: Mapping[str, str]) -> Prepared:
    """Prepare a change of a device, by the names of its request; UsageError names what is wrong with it."""
    tables = tables_in_force(settings)
    match deed:
        case "adopted":
            columns = {name: said.get(name, "") for name in ("plant", "line", "kind", "role")}
            row = {**columns, "device": said.get("new", ""), "operation": said.get("point", "")}
            with read_ledger(settings) as connection:
                return prepare_adoption(connection, tables, row, said.get("like", ""))
        case "replaced":
            return replace_device(tables, said.get("old", ""), said.get("new", ""), said.get("first", "baseline"))
        case "disabled" | "enabled":
            return disable_device(tables, said.get("old", ""), undo=deed == "enabled")
