"""The file of the web pages' accounts, for backups: copied while the web process works, replaced while none does.

Its tables are a matter of the web process; `form` is the number of their form.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.errors import Unavailable, UsageError


def copy_accounts(path: Path, target: Path) -> int:
    """Copy the file as of one moment, and return its form."""
    try:
        with closing(_open(path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            return _form(copy)
    except sqlite3.DatabaseError as error:
        raise Unavailable(f"{path}: the accounts of the web pages cannot be read: {error}") from error


def form_of(path: Path) -> int:
    """Return the form of a file; UsageError if it is no sound database."""
    try:
        with closing(_open(path)) as file:
            [verdict] = file.execute("PRAGMA quick_check(1)").fetchone()
            form = _form(file)
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise UsageError(f"{path}: expected accounts of the web pages, got: {verdict}")
    return form


def refuse_open_accounts(path: Path) -> None:
    """Refuse a file that a web process has open: it would go on with the one that was moved aside."""
    try:
        with closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as file:
            # The log is folded into the file and goes, which takes that no one else has it open.
            file.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname == "SQLITE_BUSY":
            raise Unavailable(f"{path}: a web process uses it: stop `backflush web` first") from error
        # A damaged file is a reason to restore.


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _form(file: sqlite3.Connection) -> int:
    [form] = file.execute("PRAGMA user_version").fetchone()
    return int(form)
