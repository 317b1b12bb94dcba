"""Checkpoints: the ledger as of one journal offset, in a file next to the journal, from which the deep audit folds.

A checkpoint is written if there is none from which this program could fold the rest of the journal: by the first start
on a new ledger and by a restore; by the running gateway after the first start of another version or schema, or once
pruning has removed batches after the newest one; and again after half the time for which the journal is kept, so that
pruning always leaves one that the journal continues.

    folder/JOURNAL-OFFSET.checkpoint = gzip of: header, [table, rows] ..., SHA-256 of everything before

Laws: a file is there as a whole or not at all; one changed byte is refused; reading it gives the ledger of then.
"""

import gzip
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgpack  # type: ignore[import-untyped]  # it ships no type information
from sqlalchemy import Connection, insert, select

from gateway.backflush.plant.schedules import DAY_US
from gateway.errors import Unavailable
from gateway.journal import Journal, Reader, locate, sync_folder
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import driver_errors, reading
from gateway.ledger.database.schema import REVISIONS
from gateway.service.program import program_version
from gateway.settings import Settings

log = logging.getLogger("backflush")

_ROWS: Final = 1000
_SUFFIX: Final = ".checkpoint"
_DAMAGED: Final = (OSError, EOFError, ValueError, TypeError, KeyError, msgpack.UnpackException)


class Checkpoint(NamedTuple):
    """One file, and its header."""

    path: Path
    program: str
    """The version that wrote it: another one may fold differently."""
    schema: str
    journal: str
    offset: int
    at: int
    """The time of writing, microseconds UTC."""


def write_checkpoint(connection: Connection, folder: Path, header: Checkpoint) -> None:
    """Write the ledger as of the connection's snapshot; OSError leaves nothing behind."""
    folder.mkdir(mode=0o700, exist_ok=True)
    fresh = folder / f".{header.path.name}"
    fresh.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            digest = hashlib.sha256()
            with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
                for part in _parts(connection, header):
                    content = msgpack.packb(part)
                    digest.update(content)
                    packed.write(content)
                packed.write(msgpack.packb(digest.digest()))
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(header.path)
        sync_folder(folder)
    finally:
        fresh.unlink(missing_ok=True)


def _parts(connection: Connection, header: Checkpoint) -> Iterator[Any]:
    yield {**header._asdict(), "path": ""}
    for table in t.metadata.sorted_tables:
        found = connection.execute(select(table).order_by(*table.primary_key).execution_options(yield_per=_ROWS))
        for rows in found.partitions():
            yield [table.name, [tuple(row) for row in rows]]


def path_of(folder: Path, journal: str, offset: int) -> Path:
    """Return the path of the checkpoint of an offset."""
    return folder / f"{journal}-{offset:020}{_SUFFIX}"


def checkpoints(folder: Path) -> list[Checkpoint]:
    """Return the checkpoints in a folder, oldest first; files without a valid header are skipped."""
    found = []
    for path in sorted(folder.glob(f"*{_SUFFIX}")):
        try:
            with gzip.open(path) as packed:
                header = next(iter(msgpack.Unpacker(packed, max_buffer_size=1 << 20)))
            found.append(Checkpoint(**{**header, "path": path}))
        except (StopIteration, *_DAMAGED):
            continue
    return sorted(found, key=lambda one: (one.offset, one.at))


def read_checkpoint(checkpoint: Checkpoint, connection: Connection) -> None:
    """Fill an empty ledger; Unavailable if the file was changed."""
    digest, last = hashlib.sha256(), None
    try:
        with gzip.open(checkpoint.path) as packed:
            for part in msgpack.Unpacker(packed, use_list=True, max_buffer_size=0):
                if isinstance(part, bytes):
                    last = part
                    break
                digest.update(msgpack.packb(part))
                if isinstance(part, list):
                    table = t.metadata.tables[part[0]]
                    keys = [column.key for column in table.columns]
                    connection.execute(insert(table), [dict(zip(keys, row, strict=True)) for row in part[1]])
    except _DAMAGED as error:
        raise Unavailable(f"{checkpoint.path}: damaged: {error}; remove it, and a new one is written") from error
    if last != digest.digest():
        raise Unavailable(
            f"{checkpoint.path}: damaged: it is not what was written; remove it, and a new one is written"
        )


def usable(settings: Settings, journal: Journal | Reader) -> list[Checkpoint]:
    """Return the checkpoints from which the journal can be folded, oldest first."""
    return [one for one in checkpoints(settings.checkpoints_path) if _is_usable(one, journal)]


def begin_checkpoint(settings: Settings, journal: Journal | Reader, now: int) -> None:
    """Write a checkpoint if none is usable, while nothing waits for it."""
    if not usable(settings, journal):
        _keep(settings, journal, now)


def keep_checkpoint(settings: Settings, journal: Journal | Reader, now: int) -> None:
    """Write one if none is usable, or half the time for which the journal is kept has passed since the newest.

    A large ledger takes minutes: no lease and no commit may wait for it.
    """
    own = [one.at for one in checkpoints(settings.checkpoints_path) if one.journal == journal.id]
    newest = max((at for at in own if at <= now), default=0)  # not one dated by a clock ahead of time
    aged = settings.journal.keep_days and newest <= now - settings.journal.keep_days * DAY_US // 2
    if aged or not usable(settings, journal):
        _keep(settings, journal, now)


def _keep(settings: Settings, journal: Journal | Reader, now: int) -> None:
    """Write one, and remove useless ones; a failure is tried again later."""
    try:
        written = _write(settings, journal, now)
    except _away() as error:
        log.warning("no checkpoint was written: %s", error)
        return
    for one in checkpoints(settings.checkpoints_path):
        if one != written and not _is_usable(one, journal):
            with suppress(OSError):
                one.path.unlink()


def _away() -> tuple[type[BaseException], ...]:
    return (OSError, *driver_errors())


def begin_anew(settings: Settings, *, program: str, now: int) -> None:
    """After a restore: drop checkpoints of the lost future, and write one if the journal cannot be folded as a whole.

    `program` is the version that made the restored ledger: the folding of another version is trusted as it is.
    """
    with Reader(settings.journal_path) as journal:
        with reading(settings.database_url) as connection:
            offset = _offset(connection, settings, journal)
        for one in checkpoints(settings.checkpoints_path):
            if one.journal != journal.id or offset is None or one.offset > offset:
                one.path.unlink()
        if program != program_version() or journal.first != 1:
            begin_checkpoint(settings, journal, now)


def _is_usable(one: Checkpoint, journal: Journal | Reader) -> bool:
    of_this = one.program, one.schema, one.journal
    return of_this == (program_version(), REVISIONS[-1], journal.id) and max(1, locate(one.offset)[0]) >= journal.first


def _write(settings: Settings, journal: Journal | Reader, now: int) -> Checkpoint | None:
    with reading(settings.database_url) as connection:
        offset = _offset(connection, settings, journal)
        if offset is None:
            return None
        path = path_of(settings.checkpoints_path, journal.id, offset)
        header = Checkpoint(path, program_version(), REVISIONS[-1], journal.id, offset, now)
        write_checkpoint(connection, settings.checkpoints_path, header)
        return header


def _offset(connection: Connection, settings: Settings, journal: Journal | Reader) -> int | None:
    heads = t.heads.c
    own = heads.gateway == settings.gateway.id, heads.journal == journal.id
    offset: int | None = connection.scalar(select(heads.journal_offset).where(*own))
    return offset
