"""An import on arrival, when it takes effect: checked again with the data in force. No file is read here."""

import hashlib
from typing import NamedTuple

from gateway.backflush.plant.snapshot import Imported, MasterData
from gateway.canonical import dump_difference, join, patch, split
from gateway.errors import UsageError
from gateway.masterdata.amendments import Amendment, amend, difference
from gateway.masterdata.build import build, narrow
from gateway.masterdata.checks.check import check_tables
from gateway.masterdata.merge import replace
from gateway.masterdata.renewal import renew
from gateway.masterdata.tables import Origin, Tables, load_tables, tables_in


class Arrived(NamedTuple):
    """An import that has arrived to take effect."""

    change: Amendment
    imported: Imported
    text: bytes
    """The master data after it."""
    differs: bytes = b""
    """Its difference from the text in force; empty: it brings everything."""


def take(change: Amendment, in_force: bytes, master: MasterData) -> Arrived:
    """Amend the text in force, and its snapshot; UsageError if they do not fit together.

    Two imports that were checked at the same time are each valid with the data of then, but perhaps not together. One
    that was checked against exactly this data is not checked again.
    """
    if not in_force:
        return _whole(change, amend(Tables(), change))
    if change.beside != master.digest:
        _sound(amend(tables_in(in_force), change))
    old = split(in_force)
    differs = difference(old, change)
    new = patch(old, differs)
    text = join(new)
    imported = renew(master, new, change, differs, hashlib.sha256(text).hexdigest())
    return Arrived(change, imported, text, dump_difference(differs))


def arrive_whole(content: bytes, in_force: bytes, _: MasterData) -> Arrived:
    """Take over an import of the first releases, whose journal entries hold whole tables; it touches every row."""
    brings = load_tables(content)
    here = {
        (name, row.key()): Origin("import", number)
        for name, rows in brings.rows.items()
        for number, row in enumerate(rows, start=1)
    }
    new = Tables(brings.rows, here, retired=brings.retired)
    return _whole(Amendment(new, {}), replace(tables_in(in_force), new))


def _whole(change: Amendment, merged: Tables) -> Arrived:
    return Arrived(change, narrow(build(_sound(merged)), change), merged.text)


def _sound(merged: Tables) -> Tables:
    errors = [finding for finding in check_tables(merged) if finding.severity == "error"]
    if errors:
        raise UsageError(f"{len(errors)} errors with what is in force now, first {errors[0]!s:.300}")
    return merged
