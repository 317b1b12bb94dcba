"""The corpus: small inputs that are kept, in a table for each target; a workbook is a file in the folder `xlsx`.

A table lists inputs below what must become of them: `[BF1005]` are refused with the code BF1005, `[ok]` are accepted.
`[found]` were found by chance and not judged by a person yet: any legal outcome will do. An input is a text, or
`{ latin = TEXT }` for bytes that are no UTF-8, or `{ hex = BYTES }`; in a list, a number repeats the text before it.
"""

import hashlib
import tomllib
from pathlib import Path
from typing import Any, Final, NamedTuple

FOLDER: Final = Path(__file__).parent / "corpus"
FOUND: Final = "found"


class Case(NamedTuple):
    """One input, and where it comes from."""

    name: str
    data: bytes

    @property
    def outcome(self) -> str:
        """What the name says that becomes of it."""
        return self.name.partition("-")[0]


def _bytes(written: Any) -> bytes:
    match written:
        case {"hex": said}:
            return bytes.fromhex(said)
        case {"latin": said}:
            return str(said).encode("latin-1")
        case [text, int(times), *rest]:
            return _bytes(text) * times + _bytes(rest)
        case [text, *rest]:
            return _bytes(text) + _bytes(rest)
        case []:
            return b""
    return str(written).encode()


def cases(target: str) -> list[Case]:
    """Read the kept inputs of a target, in the order of their names."""
    folder, table = FOLDER / target, FOLDER / f"{target}.toml"
    if folder.is_dir():
        return [Case(path.name, path.read_bytes()) for path in sorted(folder.iterdir())]
    kept = tomllib.loads(table.read_text(encoding="utf-8"))
    return sorted(Case(f"{end}-{name}", _bytes(said)) for end, told in kept.items() for name, said in told.items())


def keep(target: str, case: Case) -> str:
    """Add an input that has failed to the corpus, under a name that says from which case it was made."""
    digest = hashlib.sha256(case.data).hexdigest()[:8]
    name = f"{digest}-{case.name.split('-', 2 if case.outcome == FOUND else 1)[-1]}"
    if (FOLDER / target).is_dir():
        (FOLDER / target / f"{FOUND}-{name}").write_bytes(case.data)
    elif f"{FOUND}-{name}" not in {kept.name for kept in cases(target)}:
        table = FOLDER / f"{target}.toml"
        told = table.read_text(encoding="utf-8")
        heading = "" if f"\n[{FOUND}]\n" in told else f"\n[{FOUND}]\n"
        table.write_text(f'{told}{heading}{name} = {{ hex = "{case.data.hex(" ")}" }}\n', encoding="utf-8")
    return f"{target}/{FOUND}-{name}"
