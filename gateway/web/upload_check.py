"""The check of an uploaded file, in a process of its own: hostile content can cost no more than that process.

Its memory and its time are bounded. It reads the ledger and writes nothing but two files, which the web process reads:

    report    what people see: findings, changes, and those that they have to confirm one by one
    change    the change of the master data, as it goes to the gateway; none if it cannot be imported by page
"""

import json
import os
import re
import resource
import signal
import zlib
from collections.abc import Mapping
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from gateway.errors import BackflushError, Unavailable, UsageError
from gateway.masterdata.amendments import dump_amendment
from gateway.masterdata.importing import Prepared
from gateway.masterdata.merge import Missing
from gateway.masterdata.tables import Finding, Tables
from gateway.service.local.control import LONGEST_LINE
from gateway.service.local.imports import count_rows, find_grave, prepare_import
from gateway.service.local.in_force import tables_in_force
from gateway.settings import Settings

MOST_TOLD: Final = 1_000
"""Findings and changes that are told one by one; all are counted."""
MOST_CONFIRMED: Final = 200
_TOO_MUCH: Final = 3
"""The exit status of a check that has no memory left."""
_STRANGE: Final = re.compile(r"[^\w.() -]")
_LONGEST_NAME: Final = 60
_MOST_TEXT: Final = 500


class Bounds(NamedTuple):
    """The bounds of a check."""

    seconds: int
    memory: int


BOUNDS: Final = Bounds(60, 1 << 30)


class CheckedFile(NamedTuple):
    """The result of a check."""

    report: Mapping[str, Any]
    change: bytes
    """Packed; empty: it cannot be imported by page."""


def check_file(settings: Settings, name: str, content: bytes, missing: Missing, bounds: Bounds = BOUNDS) -> CheckedFile:
    """Compare a file with the master data in force.

    UsageError: it takes too long, or too much memory. Unavailable: the ledger is away.
    """
    # A temporary folder, because the disk of the data directory belongs to the journal.
    with TemporaryDirectory(prefix="backflush-upload-") as folder:
        file, report, change = (Path(folder, each) for each in ("file", "report", "change"))
        file = file / _name_on_disk(name)
        try:
            file.parent.mkdir()
            file.write_bytes(content)
        except OSError as error:
            raise Unavailable(f"the file cannot be kept for its check: {error.strerror}") from error
        said = settings, file, missing, report, change, bounds
        process = get_context("spawn").Process(target=_examine, args=said, daemon=True)
        process.start()
        process.join(bounds.seconds)
        if is_late := process.is_alive():
            process.kill()
            process.join()
        if process.exitcode == _TOO_MUCH:
            raise UsageError(f"the check of this file needs more than {bounds.memory >> 20} MiB of memory")
        if is_late or process.exitcode == -signal.SIGXCPU:
            raise UsageError(f"the check of this file takes longer than {bounds.seconds} s")
        if process.exitcode == -signal.SIGKILL:  # as Linux does when memory is short
            raise Unavailable("the system has ended the check, perhaps for want of memory: try again later")
        if process.exitcode:
            raise Unavailable("the check of the file has failed; the log of the web process says why")
        told = json.loads(report.read_bytes())
        if "away" in told:
            raise Unavailable(told["away"])
        return CheckedFile(told, change.read_bytes() if change.exists() else b"")


def _name_on_disk(name: str) -> str:
    """Return a harmless file name; its end says the format, and of a CSV file the table."""
    return _STRANGE.sub("_", name.replace("\\", "/").rpartition("/")[2])[-_LONGEST_NAME:].lstrip(".") or "file"


def _examine(settings: Settings, file: Path, missing: Missing, report: Path, change: Path, bounds: Bounds) -> None:
    """Check the file; this runs in the process of the check."""
    with suppress(ValueError, OSError):  # not every system has these bounds
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (bounds.seconds, bounds.seconds))
    try:
        in_force = tables_in_force(settings)
        prepared = prepare_import(settings, file, in_force, missing)
        told = _report(prepared, in_force)
        report.write_text(json.dumps(told))
        if not told["errors"] and told["changed"] and told["to_confirm"] <= MOST_CONFIRMED:
            content = dump_amendment(prepared.amendment)
            if len(json.dumps(content.decode())) < LONGEST_LINE:  # as it goes to the gateway
                change.write_bytes(zlib.compress(content))
    except (MemoryError, SystemError):  # a library in C that gets no memory may raise the second
        os._exit(_TOO_MUCH)
    except BackflushError as error:
        report.write_text(json.dumps({"away": str(error)}))


def _report(prepared: Prepared, in_force: Tables) -> dict[str, Any]:
    grave = find_grave(prepared.changes)
    errors = [each for each in prepared.findings if each.severity == "error"]
    warnings = [each for each in prepared.findings if each.severity != "error"]
    return {
        "in_force": in_force.digest if in_force.rows else "",
        "digest": prepared.merged.digest,
        "errors": len(errors),
        "warnings": len(warnings),
        "findings": [_finding_record(each) for each in [*errors, *warnings][:MOST_TOLD]],
        "changed": len(prepared.changes),
        "changes": [change.record for change in prepared.changes[:MOST_TOLD]],
        "tables": count_rows(prepared),
        "to_confirm": len(grave),
        "confirm": [change.record for change in grave[:MOST_CONFIRMED]],
    }


def _finding_record(finding: Finding) -> dict[str, Any]:
    """Return a finding as data; names of files, tables and columns come from the sender."""
    cells = finding._asdict().items()
    return {name: _inert(cell) if isinstance(cell, str) else cell for name, cell in cells}


def _inert(text: str) -> str:
    return (text if text.isprintable() else ascii(text)[1:-1])[:_MOST_TEXT]
