"""An import where it takes effect: checked again with what is in force there. No file is read here."""

from typing import NamedTuple

from gateway.errors import UsageError
from gateway.masterdata.amendments import Amendment, amend, load_amendment
from gateway.masterdata.checks.check import check_tables
from gateway.masterdata.merge import replace
from gateway.masterdata.tables import Origin, Tables, load_tables


class Arrived(NamedTuple):
    """An import that has arrived where it takes effect."""

    amendment: Amendment
    merged: Tables


def arrive(content: bytes, in_force: Tables) -> Arrived:
    """Amend what is in force now by an import that was checked before; UsageError where they do not fit together.

    Two imports that were checked at the same time are each sound with what was in force then, and need not be sound
    together.
    """
    change = load_amendment(content)
    return Arrived(change, _sound(amend(in_force, change)))


def arrive_whole(content: bytes, in_force: Tables) -> Arrived:
    """Take over an import of the first releases, whose journal entries hold whole tables; it touches every row."""
    brought = load_tables(content)
    here = {
        (name, row.key()): Origin("import", number)
        for name, rows in brought.rows.items()
        for number, row in enumerate(rows, start=1)
    }
    new = Tables(brought.rows, here, retired=brought.retired)
    return Arrived(Amendment(new, {}), _sound(replace(in_force, new)))


def _sound(merged: Tables) -> Tables:
    errors = [finding for finding in check_tables(merged) if finding.severity == "error"]
    if errors:
        raise UsageError(f"{len(errors)} errors with what is in force now, first {errors[0]!s:.300}")
    return merged
