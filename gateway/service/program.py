"""The program: its version, as in backups, status messages and checkpoints, its life, and its search for cycles."""

import gc
import secrets
from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def program_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("backflush-gateway")
    except PackageNotFoundError:
        return "0+unknown"


@cache
def instance() -> str:
    """Return the name of this life of the program; another one under the same gateway id is a twin."""
    return secrets.token_hex(8)


def search_rarely() -> None:
    """Have Python search its objects for cycles rarely.

    Objects that are loaded stay, and those of a message die by reference: the search would take a third of a report's
    time, a quarter of a running gateway's, and more with ten thousand devices.
    """
    gc.set_threshold(50_000, 20, 100)


def keep_loaded() -> None:
    """Leave all objects that are loaded by now out of the search: they stay."""
    gc.collect()
    gc.freeze()
