"""Small files: read within a bound, whatever the path names, and never quoted.

A path may name `/dev/zero`, a pipe or a video. The files read here are a configuration, a password or a certificate: a
few KiB of text.
"""

from pathlib import Path
from typing import Final

from gateway.errors import UsageError

MOST_BYTES: Final = 4 << 20
"""The most bytes: the authorities of a whole system take half a MiB."""


def small(path: Path) -> Path:
    """Return the path of a file that a library will read; OSError if it is none, or a large one."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: expected a file, found none")
    if path.stat().st_size > MOST_BYTES:
        raise OSError(f"{path}: expected at most {MOST_BYTES >> 20} MiB, got more")
    return path


def read_text(path: Path, what: str) -> str:
    """Read a text; the UsageError names `what` cannot be used, and the reason."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{what}: {path} cannot be read: {error.strerror}") from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{what}: {path}: expected at most {MOST_BYTES >> 20} MiB, got more")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"{what}: {path}: expected UTF-8, got another text") from None


def read_secret(path: Path, what: str) -> str:
    """Read a password: the file's text without the line's end."""
    return read_text(path, what).strip()
