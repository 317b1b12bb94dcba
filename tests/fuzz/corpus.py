"""The corpus: small inputs that are kept, one file each, in a folder per target.

A file's name says what it is and what must become of it: `BF1005-a-key-twice` ends in the code BF1005, `ok-a-total` is
accepted. `found-...` was found by chance and not judged by a person yet: any legal outcome will do.
"""

import hashlib
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "corpus"
FOUND = "found"


class Case(NamedTuple):
    """One input, and where it comes from."""

    name: str
    data: bytes

    @property
    def outcome(self) -> str:
        """What the name says that becomes of it."""
        return self.name.partition("-")[0]


def cases(target: str) -> list[Case]:
    """Read the kept inputs of a target, in the order of their names."""
    files = sorted(path for path in (FOLDER / target).iterdir() if path.is_file() and not path.name.startswith("."))
    return [Case(path.name, path.read_bytes()) for path in files]


def keep(target: str, case: Case) -> Path:
    """Add an input that has failed to the corpus, under a name that says from which case it was made."""
    digest = hashlib.sha256(case.data).hexdigest()[:8]
    told = case.name.split("-", 2 if case.outcome == FOUND else 1)[-1]
    path = FOLDER / target / f"{FOUND}-{digest}-{told}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(case.data)
    return path
