"""A backup: ledger, journal and web accounts of one gateway in one file, made while it runs, and restored when needed.

The ledger is copied first and the journal after it. So the journal of a backup holds everything that its ledger has not
folded yet, and a gateway that starts on both continues at the end of the ledger: a restore needs no repair.

Laws
    first <= next <= last + 1    the journal covers the ledger's next batch; otherwise neither is useful alone
    restore(backup(g))           == the ledger of g as of that moment, whatever arrived since
    a file                       is there as a whole or not at all, and one changed byte is refused
    a replaced file              is moved aside, never removed
"""

import hashlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from devices.plain import plain
from gateway.addresses import of_file
from gateway.errors import Unavailable, UsageError
from gateway.journal import Reader, locate, sync_folder, writers_lock
from gateway.ledger.database.connection import database_url
from gateway.ledger.database.copies import HeadFacts, copy_ledger, facts_at, put_back
from gateway.ledger.database.schema import REVISIONS
from gateway.service.local.accounts_file import copy_accounts, form_of, refuse_open_accounts
from gateway.settings import Settings

FORMAT: Final = 1
_MANIFEST, _LEDGER, _JOURNAL, _ACCOUNTS = "manifest.json", "ledger", "journal", "accounts"
_CHUNK: Final = 1 << 20
_LARGEST_MANIFEST: Final = 1 << 20
DAMAGED: Final = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)
"""The library's errors for a damaged or encrypted archive."""
_PACKED: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Other compressions are refused: the library's own raise arbitrary errors."""

Progress = Callable[[str, int, int], None]
"""Gets the name of the work, the part done, and the whole."""


class _BackupPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: int
    sha256: str


class JournalPart(_BackupPart):
    """The journal's file, and its range of batches."""

    id: str
    first: int
    last: int


class LedgerPart(_BackupPart):
    """The ledger: an SQLite file, or a dump of PostgreSQL."""

    database: Literal["sqlite", "postgresql"]
    schema_revision: str
    documents: int
    heads: tuple[HeadFacts, ...]


class AccountsPart(_BackupPart):
    """The accounts of the web pages: an SQLite file."""

    form: int


Part = LedgerPart | JournalPart | AccountsPart


class Manifest(BaseModel):
    """The description of a backup, stored in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1]
    program: Annotated[str, Field(pattern=r"^[ -~]{1,100}$")]
    at: Annotated[str, Field(pattern=r"^[0-9TZ:.+-]{1,40}$")]
    """Part of the names of files moved aside."""
    gateway: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    journal: JournalPart
    ledger: LedgerPart | None
    """None: the database has a backup of its own."""
    accounts: AccountsPart | None = None
    """None: there were none in the data directory."""


class Restored(NamedTuple):
    """The result of a restore."""

    manifest: Manifest
    aside: list[Path]
    """The paths to which earlier files were moved."""


def backup(settings: Settings, file: Path, *, at: str, program: str, with_ledger: bool, progress: Progress) -> Manifest:
    """Write a backup of ledger, journal and accounts to a new file; gateway and web process may run meanwhile."""
    if file.exists():
        raise UsageError(f"{file}: expected a new file, found one; a backup replaces nothing")
    if not file.parent.is_dir():
        raise UsageError(f"{file}: expected a folder at {file.parent}, found none")
    if not settings.journal_path.exists():
        raise UsageError(f"{settings.journal_path}: expected a journal, found none: there is nothing to back up")
    # Next to the file itself: another temporary folder may be too small for a ledger.
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.parent) as name:
        folder = Path(name)
        ledger = None
        if with_ledger:
            facts = copy_ledger(settings.database_url, folder / _LEDGER, lambda *done: progress("ledger", *done))
            if not facts.schema:
                raise UsageError("the database holds no ledger; `backflush init` creates it")
            size, digest = _measure(folder / _LEDGER)
            ledger = LedgerPart.model_validate(
                {
                    "database": facts.database,
                    "schema_revision": facts.schema,
                    "documents": facts.documents,
                    "heads": facts.heads,
                    "bytes": size,
                    "sha256": digest,
                }
            )
        with Reader(settings.journal_path) as reader:
            first, last = reader.copy(folder / _JOURNAL, lambda *done: progress("journal", *done))
            size, digest = _measure(folder / _JOURNAL)
            journal = JournalPart(id=reader.id, first=first, last=last, bytes=size, sha256=digest)
        accounts = None
        if settings.accounts_path.exists():
            form = copy_accounts(settings.accounts_path, folder / _ACCOUNTS)
            size, digest = _measure(folder / _ACCOUNTS)
            accounts = AccountsPart(form=form, bytes=size, sha256=digest)
        manifest = Manifest(
            format=FORMAT,
            program=program,
            at=at,
            gateway=settings.gateway.id,
            journal=journal,
            ledger=ledger,
            accounts=accounts,
        )
        if ledger is not None:
            gap = _gap(ledger.heads, settings.gateway.id, journal.id, first, last)
            if gap:
                raise Unavailable(f"{gap}; it was pruned or replaced meanwhile: make the backup again")
        parts = [path for name in (_LEDGER, _JOURNAL, _ACCOUNTS) if (path := folder / name).exists()]
        _write(folder / "archive", manifest, parts)
        (folder / "archive").rename(file)
        sync_folder(file.parent)
    return manifest


def restore(settings: Settings, file: Path, *, keep_journal: bool, force: bool, progress: Progress) -> Restored:
    """Restore a backup: into an empty place, or with `force` in place of existing files, which move aside.

    `keep_journal` restores only the ledger: the existing journal is folded from the ledger's offset, so that nothing is
    lost. JournalInUse while a gateway runs, Unavailable while a web process has accounts open that would be replaced.
    """
    with _open(file) as (archive, manifest), ExitStack() as at_last:
        _suits(manifest, settings, file, keep_journal=keep_journal)
        settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        at_last.enter_context(writers_lock(settings.journal_path))
        _reaches(manifest, settings, keep_journal=keep_journal)
        places = _places(manifest, settings, keep_journal=keep_journal)
        there = [path for _, _, path in places if path is not None and path.exists()]
        if there and not force:
            other = "" if keep_journal else "; --keep-journal restores the ledger alone and continues with the journal"
            raise UsageError(f"{there[0]} is there already: --force moves it aside{other}")
        fresh: list[Path] = []
        for name, part, path in places:
            progress(name, 0, part.bytes)
            beside = (path or settings.journal_path).parent
            beside.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder = at_last.enter_context(tempfile.TemporaryDirectory(prefix=".restoring-", dir=beside))
            fresh.append(Path(folder) / name)
            _extract(archive, name, part, fresh[-1])
            progress(name, part.bytes, part.bytes)
            _is_what_it_says(part, fresh[-1], file)
        aside: list[Path] = []
        if manifest.accounts is not None and settings.accounts_path in there:
            refuse_open_accounts(settings.accounts_path)
        for (_, _, path), source in zip(places, fresh, strict=True):
            if path is None:
                put_back(settings.database_url, source)
            else:
                aside += _replace(path, source, manifest)
        return Restored(manifest, aside)


def _places(manifest: Manifest, settings: Settings, *, keep_journal: bool) -> list[tuple[str, Part, Path | None]]:
    """Return the parts to restore, and their paths; None is the PostgreSQL database.

    The ledger first: if the restore stops midway, a newer journal with an older ledger does no harm.
    """
    places: list[tuple[str, Part, Path | None]] = []
    if manifest.ledger is not None:
        file = database_url(settings.database_url).database if manifest.ledger.database == "sqlite" else None
        places.append((_LEDGER, manifest.ledger, Path(file) if file else None))
    if not keep_journal:
        places.append((_JOURNAL, manifest.journal, settings.journal_path))
        if manifest.accounts is not None:
            places.append((_ACCOUNTS, manifest.accounts, settings.accounts_path))
    return places


def _suits(manifest: Manifest, settings: Settings, file: Path, *, keep_journal: bool) -> None:
    """Refuse a backup of another gateway, another kind of database, or a newer program."""
    if manifest.gateway != settings.gateway.id:
        raise UsageError(
            f"{file}: expected a backup of gateway {settings.gateway.id}, got one of {manifest.gateway}; its journal "
            "belongs to that id, so set gateway.id to it"
        )
    if manifest.ledger is None:
        if keep_journal:
            raise UsageError(f"{file}: it holds a journal alone: with --keep-journal there is nothing to restore")
        return
    if manifest.ledger.schema_revision not in REVISIONS:
        raise UsageError(
            f"{file}: its schema is {manifest.ledger.schema_revision}, this program knows none newer than "
            f"{REVISIONS[-1]}; install the newer program"
        )
    kind = database_url(settings.database_url).get_backend_name()
    if kind != manifest.ledger.database:
        raise UsageError(
            f"{file}: it holds a ledger of {manifest.ledger.database}, and database.url names one of {kind}"
        )


def _reaches(manifest: Manifest, settings: Settings, *, keep_journal: bool) -> None:
    """Refuse a pair of ledger and journal with missing batches in between."""
    heads = manifest.ledger.heads if manifest.ledger else facts_at(settings.database_url).heads
    if keep_journal:
        if not settings.journal_path.exists():
            raise UsageError(f"{settings.journal_path}: expected the journal that is to be kept, found none")
        with Reader(settings.journal_path) as reader:
            kept, first, last = reader.id, reader.first, reader.last
    else:
        kept, first, last = manifest.journal.id, manifest.journal.first, manifest.journal.last
    gap = _gap(heads, settings.gateway.id, kept, first, last)
    if gap:
        raise UsageError(
            f"{gap}: between the two, batches are missing. "
            + ("Restore both, without --keep-journal" if keep_journal else "Leave the journal out: a new one begins")
            + "; the devices' next totals heal the gap"
        )


def _gap(heads: Iterable[HeadFacts], gateway: str, journal: str, first: int, last: int) -> str:
    """Describe the missing batches between a ledger and a journal; empty if there are none."""
    offset = next((head.offset for head in heads if (head.gateway, head.journal) == (gateway, journal)), 0)
    following = max(1, locate(offset)[0])
    if first <= following <= last + 1:
        return ""
    return f"the ledger needs batch {following} of the journal next, and that has {first} to {last}"


def _is_what_it_says(part: Part, fresh: Path, file: Path) -> None:
    """Refuse an intact part that is not what it should be, or another one, before it replaces anything."""
    if isinstance(part, JournalPart):
        with Reader(fresh) as reader:
            found = f"journal {reader.id} with batches {reader.first} to {reader.last}"
        said = f"journal {part.id} with batches {part.first} to {part.last}"
    elif isinstance(part, AccountsPart):
        found, said = f"accounts of form {form_of(fresh)}", f"accounts of form {part.form}"
    elif part.database == "sqlite":
        facts = facts_at(of_file(fresh))
        found = f"schema {facts.schema}, {facts.documents} documents, read up to {list(map(tuple, facts.heads))}"
        said = f"schema {part.schema_revision}, {part.documents} documents, read up to {list(map(tuple, part.heads))}"
    else:
        return  # `pg_restore` reads it, all or nothing
    if found != said:
        raise UsageError(f"{file}: expected {said}, got {found}")


def _measure(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _write(target: Path, manifest: Manifest, parts: Iterable[Path]) -> None:
    """Write an archive, readable only by its owner, and make it durable."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(_MANIFEST, json.dumps(manifest.model_dump(), indent=2))
            for part in parts:
                archive.write(part, part.name)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _open(file: Path) -> Iterator[tuple[zipfile.ZipFile, Manifest]]:
    if not file.exists():
        raise UsageError(f"{file}: expected a backup, found no such file")
    if not file.is_file():
        raise UsageError(f"{file}: expected a backup, got something that is no regular file")
    with _Pieces(file) as pieces, _archive(file, pieces) as archive:
        try:
            if archive.getinfo(_MANIFEST).file_size > _LARGEST_MANIFEST:
                raise UsageError(
                    f"{file}: expected a {_MANIFEST} of at most {_LARGEST_MANIFEST} bytes, got a larger one"
                )
            text = archive.read(_MANIFEST)
            manifest = Manifest.model_validate_json(text)
        except KeyError:
            raise UsageError(f"{file}: expected a backup, got another archive: it has no {_MANIFEST}") from None
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ascii(".".join(map(str, first["loc"])))[1:-1]
            raise UsageError(f"{file}: {_MANIFEST}: {where}: {plain(first)}; written by a newer program?") from None
        except DAMAGED as error:
            raise Unavailable(f"{file}: damaged: {error}") from error
        yield archive, manifest


class _Pieces(io.FileIO):
    """A file that is read only in pieces: it may claim any sizes of its parts."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Read a piece, or a small rest as a whole."""
        if size is not None and 0 <= size <= _CHUNK:
            return super().read(size) or b""
        data = super().read(_CHUNK + 1) or b""
        if len(data) > _CHUNK:
            raise zipfile.BadZipFile("its manifest is too large")
        return data


def _archive(file: Path, pieces: _Pieces) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(pieces)
    except DAMAGED:
        raise UsageError(f"{file}: expected a backup, got another file, or half of one") from None
    if any(part.compress_type not in _PACKED for part in archive.infolist()):
        archive.close()
        raise UsageError(f"{file}: expected a backup, got an archive that is packed in another way")
    return archive


def _extract(archive: zipfile.ZipFile, name: str, part: _BackupPart, fresh: Path) -> None:
    """Unpack a part into a new, durable file; Unavailable if it was changed."""
    handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w+b") as file:
        try:
            with archive.open(name) as packed:
                _pour(packed, file, part.bytes)
            file.flush()
            os.fsync(file.fileno())
        except (KeyError, *DAMAGED) as error:
            raise Unavailable(f"{archive.filename}: damaged: the {name} cannot be unpacked: {error}") from error
    if _measure(fresh) != (part.bytes, part.sha256):
        raise Unavailable(f"{archive.filename}: damaged: the {name} is not the one that was written")


def _pour(packed: IO[bytes], file: IO[bytes], size: int) -> None:
    """Unpack at most one byte more than the manifest's size, so that a hostile archive cannot fill the disk."""
    left = size + 1
    while left and (data := packed.read(min(_CHUNK, left))):
        file.write(data)
        left -= len(data)


def _replace(path: Path, fresh: Path, manifest: Manifest) -> list[Path]:
    """Move the old file aside with its log, because SQLite would read it into the new one; put the fresh one there."""
    aside: list[Path] = []
    label = _label(path, manifest)
    for suffix in ("", "-wal", "-shm"):
        old = path.with_name(path.name + suffix)
        if old.exists():
            old.rename(path.with_name(label + suffix))
            aside += [path.with_name(label)] if not suffix else []
    fresh.rename(path)
    sync_folder(path.parent)
    return aside


def _label(path: Path, manifest: Manifest) -> str:
    """Find a free name."""
    stem = f"{path.name}.before-restore-of-{manifest.at[:19].replace(':', '')}"
    number = 1
    while path.with_name(f"{stem}.{number}").exists():
        number += 1
    return f"{stem}.{number}"
