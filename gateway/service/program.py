"""The program's name and version, as in backups, in status messages and in checkpoints."""

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
