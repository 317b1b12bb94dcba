"""What a change is that is known to be wrong: replacements of texts that stand exactly once in their files.

So one that no longer applies is noticed as well.
"""

from typing import NamedTuple


class Edit(NamedTuple):
    """One replacement."""

    file: str
    right: str
    wrong: str


class Wrong(NamedTuple):
    """One wrong change."""

    name: str
    promise: int
    """The number of the promise, as in docs/reliability.md."""
    edits: tuple[Edit, ...]
    test: str
    """The arguments of pytest; it has to fail."""
    environment: tuple[tuple[str, str], ...] = ()
    quick: bool = False
    """It takes a moment only, and is tried by every `make test`."""
