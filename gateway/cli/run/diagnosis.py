"""One thing that the doctor has looked at: what it found, what it expected, and what to do."""

from typing import Final, NamedTuple

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"


class Diagnosis(NamedTuple):
    """What was looked at, and how it is; where it is not as expected, `hint` says what to do."""

    about: str
    state: str
    """ok | warn | fail"""
    got: str
    expected: str = ""
    hint: str = ""


def judge(about: str, got: str, *, ok: bool, expected: str, hint: str, otherwise: str = WARN) -> Diagnosis:
    """Hold something against what was expected."""
    return Diagnosis(about, OK if ok else otherwise, got, expected, hint)


def in_bytes(number: int) -> str:
    """Print a number of bytes roughly.

    >>> in_bytes(900), in_bytes(5 << 20)
    ('900 B', '5 MB')
    """
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1 << 10:
            return f"{number} {unit}"
        number >>= 10
    return f"{number} TB"
