"""What comes as a file, and what may become of it: master data, configuration, a journal that something has damaged."""

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from gateway.errors import JournalUnavailable, UsageError
from gateway.journal import Entry, Journal, JournalBatch, Reader
from gateway.masterdata.amendments import amend, dump_amendment, load_amendment
from gateway.masterdata.build import build, narrow
from gateway.masterdata.files.read import read_tables
from gateway.masterdata.files.write import export_tables
from gateway.masterdata.importing import prepare
from gateway.masterdata.merge import Missing, diff, merge
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import Finding, Tables, dump_tables, load_tables
from gateway.settings import PREFIX, load_settings
from tests.fuzz.telegrams import shown
from tests.unit.masterdata.small_plant import SMALL, write_folder

SECRET: Final = "correct-horse-battery"
_IS_SECRET: Final = re.compile(rf"^{SECRET}$|//[^:/@]*:{SECRET}@|[?&]password={SECRET}(&|$)")
_LONGEST: Final = 2_000


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        yield Path(folder)


def _as_csv(data: bytes, folder: Path) -> Path:
    """Put a table in its place in a small plant: the first line names it, the rest is its file."""
    name, _, content = data.partition(b"\n")
    table = name.decode("ascii", "replace").strip()
    path = write_folder(folder / "plant", SMALL)
    (path / f"{table if table in TABLES else 'stars'}.csv").write_bytes(content)
    return path


def csv(data: bytes) -> str:
    """Import a folder of CSV, one table of which is the input."""
    with _folder() as folder:
        return _imported(_as_csv(data, folder), folder)


def xlsx(data: bytes) -> str:
    """Import a workbook."""
    return _imported_as("plant.xlsx", data)


def yaml(data: bytes) -> str:
    """Import a YAML file."""
    return _imported_as("plant.yaml", data)


def _imported_as(name: str, data: bytes) -> str:
    with _folder() as folder:
        (folder / name).write_bytes(data)
        return _imported(folder / name, folder)


@cache
def _in_force() -> Tables:
    with _folder() as folder:
        tables = read_tables(write_folder(folder, SMALL))
    assert isinstance(tables, Tables), "\n".join(map(str, tables))
    return tables


def _imported(path: Path, folder: Path) -> str:
    """Import into nothing and into a plant; all or nothing, and what is imported comes back as it was."""
    outcome = ""
    for in_force in (Tables(), _in_force()):
        prepared = prepare(path, in_force, Missing.REMOVED)
        for finding in prepared.findings:
            _sound(finding)
        if prepared.refused:
            outcome = outcome or "refused"
            continue
        outcome = "ok"
        assert load_tables(dump_tables(prepared.new)) == prepared.new
        travels = load_amendment(dump_amendment(prepared.amendment))
        assert travels == prepared.amendment
        assert amend(in_force, travels) == prepared.merged
        if prepared.changes:
            merged = merge(in_force, prepared.new).tables
            assert merged == merge(prepared.merged, prepared.new).tables == prepared.merged
        assert diff(in_force, prepared.merged) == prepared.changes
        for change in prepared.changes:
            assert str(change).isprintable(), repr(str(change))
        narrow(build(prepared.merged), prepared.amendment)
        out = folder / f"beside {len(in_force.rows)} tables"
        if export_tables(prepared.merged, out):
            again = read_tables(out)
            assert isinstance(again, Tables), "\n".join(map(str, again))
            assert again.digest == prepared.merged.digest
    return outcome


def _sound(finding: Finding) -> None:
    """Insist that a finding leads a person to what is wrong."""
    assert finding.severity in ("error", "warning")
    shown(finding.text, _LONGEST)
    assert finding.file or finding.table, finding
    assert finding.row >= 0
    assert str(finding).isprintable(), repr(str(finding))
    assert len(str(finding)) <= _LONGEST


def config(data: bytes) -> str:
    """Read a configuration; what is not one is said in one clear line, and never the secret."""
    with _folder() as folder:
        path = folder / "gateway.toml"
        path.write_bytes(data)
        return _configured(path)


def environment(data: bytes) -> str:
    """Read a configuration from the environment: a variable a line."""
    found = {}
    for line in data.split(b"\n"):
        name, sign, value = line.partition(b"=")
        if sign and name and b"\0" not in line:
            found[os.fsdecode(name)] = os.fsdecode(value)
    before = dict(os.environ)
    try:
        os.environ.update({name: value for name, value in found.items() if name.startswith(PREFIX)})
        return _configured(None)
    finally:
        os.environ.clear()
        os.environ.update(before)


def _configured(path: Path | None) -> str:
    try:
        settings = load_settings(path)
        settings.without_secrets()
        settings.mqtt.secret()
    except UsageError as error:
        text = str(error)
        assert text.isprintable(), repr(text)
        return "refused"
    for part in (settings.mqtt.password, settings.database.url):
        if SECRET in part.get_secret_value() and _IS_SECRET.search(part.get_secret_value()):
            assert SECRET not in str(settings.without_secrets())
            assert SECRET not in repr(settings)
    for figure in (*settings.rules, settings.journal.min_free, settings.journal.max_bytes):
        assert not isinstance(figure, int) or abs(figure) < 2**63, "a number beyond 64 bits"
    assert 0 <= settings.mqtt.session_expiry_s < 2**32
    return "ok"


# A journal is kept as what was done to it: an edit a line, so that a person can read the case.


@cache
def _written() -> tuple[bytes, tuple[JournalBatch, ...]]:
    """Return the bytes of a sound journal, and what it holds."""
    with _folder() as folder:
        path = folder / "journal.sqlite"
        with Journal.open(path) as journal:
            topic = "bf/v1/1000/L1/c1/count"
            batches = tuple(
                journal.append(1_000 * n, [Entry("message", topic, b"%d" % (n * k)) for k in range(n)])
                for n in range(1, 30)
            )
        return path.read_bytes(), batches


def edited(content: bytes, edits: bytes) -> bytearray:
    """Do to a file what the lines say: `cut SIZE`, `put OFFSET HEX`, `drop OFFSET SIZE`; other lines are none of it."""
    changed = bytearray(content)
    for line in edits.decode("utf-8", "replace").splitlines():
        what, *words = line.split()[:3] or [""]
        try:
            match what:
                case "cut":
                    del changed[int(words[0]) % (len(content) + 1) :]
                case "put":
                    piece = bytes.fromhex(words[1])
                    at = int(words[0]) % (len(content) + 1)
                    changed[at : at + len(piece)] = piece
                case "drop":
                    at = int(words[0]) % (len(content) + 1)
                    del changed[at : at + int(words[1]) % len(content)]
        except (ValueError, IndexError):
            continue
    return changed


def _worked_on(path: Path, edits: bytes) -> None:
    """Let SQLite do what the lines `sql STATEMENT` say."""
    for line in edits.decode("utf-8", "replace").splitlines():
        if line.startswith("sql "):
            connection = sqlite3.connect(path)
            try:
                connection.execute(line.removeprefix("sql "))
                connection.commit()
            except (sqlite3.Error, sqlite3.Warning):
                continue
            finally:
                connection.close()


def journal(data: bytes) -> str:
    """Read and go on writing a damaged journal: what is read is what was written, or it is said to be damaged."""
    content, written = _written()
    with _folder() as folder:
        path = folder / "journal.sqlite"
        path.write_bytes(edited(content, data))
        _worked_on(path, data)
        outcome = "ok"
        try:
            with Reader(path) as reader:
                at, last = reader.first - 1, reader.last
                reader.since(5_000, 9_000)
                assert reader.used >= 0
                while batches := reader.read(at, 7):
                    assert list(written[at : at + len(batches)]) == batches, "a batch that was never written"
                    at += len(batches)
                assert at == last, f"silence after {at} of {last}"
        except JournalUnavailable as error:
            shown(str(error), _LONGEST)
            outcome = "damaged"
        try:
            with Journal.open(path) as again:
                assert again.append(10**15, []).number == again.last
        except JournalUnavailable as error:
            shown(str(error), _LONGEST)
            outcome = "damaged"
        return outcome
