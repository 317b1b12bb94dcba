"""A diagnosis of the doctor: the finding, the expected state, and the remedy."""

from typing import Final, NamedTuple

OK: Final = "ok"
WARN: Final = "warn"
FAIL: Final = "fail"


class Diagnosis(NamedTuple):
    """One subject and its state; if it is not as expected, `hint` is the remedy."""

    about: str
    state: str
    """ok | warn | fail"""
    got: str
    expected: str = ""
    hint: str = ""


def judge(about: str, got: str, *, ok: bool, expected: str, hint: str, otherwise: str = WARN) -> Diagnosis:
    """Compare a finding with the expected state."""
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
