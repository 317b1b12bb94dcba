"""Imports of tests: whole tables, which replace what is in force, by the same way as those of the command line."""

from typing import Any

from gateway.masterdata.amendments import amendment, dump_amendment
from gateway.masterdata.merge import Missing, merge
from gateway.masterdata.tables import load_tables
from gateway.service.local.in_force import tables_in_force
from gateway.service.local.submission import amend_masterdata
from gateway.settings import Settings


def import_tables(settings: Settings, tables: bytes, actor: str) -> dict[str, Any]:
    """Have tables in their canonical text take effect, and take away what they do not have."""
    in_force = tables_in_force(settings)
    merged = merge(in_force, load_tables(tables), Missing.REMOVED).tables
    return amend_masterdata(settings, dump_amendment(amendment(in_force, merged)), actor)
