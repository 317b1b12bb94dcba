"""A backup that something has damaged or somebody has made up: put back whole, or refused with all as it was.

A case is kept as what was done to a sound backup, an edit a line:

    manifest PLACE JSON      say something else in the manifest, for instance `manifest journal.bytes 5`
    leave NAME               a member less
    add NAME TEXT            a member more, or another one in its place
    fill NAME SIZE           a member of zeros
    method NUMBER            another compression, as the directory says
    flags NUMBER             other flags, as the directory says; 1 is encrypted
    cut SIZE, put OFFSET HEX, drop OFFSET SIZE         bytes of the file
"""

import io
import json
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from typing import Any, Final

from gateway.errors import Unavailable, UsageError
from gateway.service.local.backup import backup, restore
from gateway.settings import GatewaySection, JournalSection, Settings
from tests.fuzz.files import edited
from tests.fuzz.telegrams import shown
from tests.fuzz.world import template

_OLD: Final = {"ledger.sqlite": b"an older ledger", "journal.sqlite": b"an older journal"}
_MOST_FILLED: Final = 32 << 20
_LONGEST: Final = 2_000
_FLAGS, _METHOD = 8, 10


def _settings(folder: Path) -> Settings:
    return Settings(gateway=GatewaySection(data_dir=folder), journal=JournalSection(min_free=0))


def _quiet(what: str, done: int, all_of_it: int) -> None:
    """Hear of progress."""


@cache
def _sound() -> dict[str, bytes]:
    """Return the members of a sound backup."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        file = Path(folder) / "backup"
        settings = _settings(template() / "data")
        backup(settings, file, at="2026-11-22T08:30:00Z", program="0", with_ledger=True, progress=_quiet)
        with zipfile.ZipFile(file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def _said(manifest: Any, place: str, value: Any) -> None:
    *way, last = place.split(".")
    for name in way:
        manifest = manifest[name]
    manifest[last] = value


def _made(edits: bytes) -> bytes:
    members = dict(_sound())
    manifest = json.loads(members["manifest.json"])
    said: dict[int, int] = {}
    for line in edits.decode("utf-8", "replace").splitlines():
        what, _, rest = line.partition(" ")
        name, _, value = rest.partition(" ")
        try:
            match what:
                case "manifest":
                    _said(manifest, name, json.loads(value))
                    members["manifest.json"] = json.dumps(manifest).encode()
                case "leave":
                    members.pop(name, None)
                case "add":
                    members[name or "x"] = value.encode()
                case "fill":
                    members[name or "x"] = bytes(min(int(value), _MOST_FILLED))
                case "method":
                    said[_METHOD] = int(name) % 100
                case "flags":
                    said[_FLAGS] = int(name) % 65_536
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            continue
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "")), content, zipfile.ZIP_DEFLATED, 1)
    whole = bytearray(packed.getvalue())
    at = whole.find(b"PK\x01\x02")
    for place, number in said.items():
        whole[at + place : at + place + 2] = number.to_bytes(2, "little")
    return bytes(edited(bytes(whole), edits))


def archive(data: bytes) -> str:
    """Restore over an older gateway: all of it comes and the old lies aside, or nothing happens."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name) / "data"
        folder.mkdir()
        for old, content in _OLD.items():
            (folder / old).write_bytes(content)
        file = Path(name) / "backup"
        file.write_bytes(_made(data))
        try:
            done = restore(_settings(folder), file, keep_journal=False, force=True, progress=_quiet)
        except (UsageError, Unavailable) as error:
            shown(str(error), _LONGEST)
            there = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}
            assert there == _OLD, f"refused, and changed: {sorted(there)}"
            return "refused"
        kept = {path.read_bytes() for path in done.aside}
        assert kept <= set(_OLD.values())
        assert (folder / "journal.sqlite").read_bytes() == _sound()["journal"]
        if done.manifest.ledger is not None:
            assert (folder / "ledger.sqlite").read_bytes() == _sound()["ledger"]
        assert {path.name for path in Path(name).iterdir()} == {"data", "backup"}, "something lies outside"
        shutil.rmtree(folder)
        return "ok"
