"""The file of a store: data is added at its end, and the whole file is replaced when it has grown too long.

Laws: data added with `sync` is on the disk when `add` returns; data that `add` refused is not in the file. A power cut
during a replacement leaves the old file or the new one.
"""

import errno
import fcntl
import os
from contextlib import suppress
from pathlib import Path

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Full(Exception):
    """The disk has no room; none of the data was stored."""


class Foreign(Exception):
    """The store is that of another device."""


class StoreFile:
    """The file of one store, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Open the file, or create it; OSError if that fails, or if another program has the store."""
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "telegrams"
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            parent = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
            os.fsync(parent)
            os.close(parent)
            self._open()
        except BlockingIOError:
            os.close(self._folder)
            raise OSError(errno.EBUSY, "another program has this store") from None

    def read(self) -> bytes:
        """Return its content."""
        return self._path.read_bytes()

    def belong(self, device: str) -> None:
        """Keep the store for a device, the first one that it had; `Foreign` if that is another one."""
        path = self._path.with_name("device")
        if not path.exists():
            new = path.with_suffix(".new")
            with new.open("w", encoding="utf-8") as file:
                file.write(device)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
            os.fsync(self._folder)
        owner = path.read_text(encoding="utf-8")
        if owner != device:
            raise Foreign(f"{path.parent} is the store of {owner}, not of {device}: each device has a store of its own")

    def add(self, data: bytes, *, sync: bool) -> None:
        """Write data at its end, with `sync` to the disk; `Full` or OSError: the file is as it was."""
        try:
            _write(self._file, data, self._length)
            if sync:
                os.fsync(self._file)
        except OSError as error:
            self.cut(self._length)
            if error.errno in _NO_ROOM:
                raise Full(str(error)) from error
            raise
        self._length += len(data)

    def cut(self, length: int) -> None:
        """Drop everything behind a length, on the disk."""
        os.ftruncate(self._file, length)
        os.fsync(self._file)
        self._length = length

    def replace(self, data: bytes) -> None:
        """Replace its content, on the disk; `Full` or OSError: the file is as it was."""
        new = self._path.with_suffix(".new")
        try:
            file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
            try:
                _write(file, data, 0)
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as error:
            with suppress(OSError):
                new.unlink()
            if error.errno in _NO_ROOM:
                raise Full(str(error)) from error
            raise
        new.replace(self._path)
        os.close(self._file)
        self._open()

    def close(self) -> None:
        """Leave the store to other programs."""
        os.close(self._file)
        os.close(self._folder)

    def _open(self) -> None:
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o640)
        os.fsync(self._folder)
        self._length = os.fstat(self._file).st_size


def _write(file: int, data: bytes, at: int) -> None:
    while data:
        number = os.pwrite(file, data, at)
        data, at = data[number:], at + number
