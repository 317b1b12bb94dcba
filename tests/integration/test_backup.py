"""Promise 21: a backup taken under load restores to a consistent ledger, and the devices' next totals heal the gap."""

import asyncio
import hashlib
import json
import os
import shutil
import stat
import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from devices.simulators import BrokerAccess, Faults, SimulatedPlant
from gateway.journal import Entry, Journal, Reader
from gateway.ledger.database.copies import facts_at
from gateway.ledger.database.schema import REVISIONS
from gateway.service.local.submission import system_clock
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import booked, counters, expected, figures, stocked
from tests.servers import Mosquitto, Postgres


def test_a_backup_under_load_restores_and_the_next_totals_heal_the_gap(
    database: str, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    plant = SimulatedPlant(counters(), Faults(), 21)
    broker = BrokerAccess(url=mosquitto.url)
    file = tmp_path / "backup.zip"

    def place(name: str) -> GatewayProcess:
        url = postgres.fresh_url() if database == "postgresql" else ""
        return GatewayProcess(mosquitto.url, database=url, data=tmp_path / name)

    async def produce(gateway: GatewayProcess) -> dict[str, Any]:
        publishing = asyncio.create_task(plant.run(broker, messages=100_000, rate=400))
        await asyncio.to_thread(until, lambda: gateway.health()["messages"].get("counted", 0) > 200, "nothing counted")
        await asyncio.to_thread(
            until, lambda: gateway.backflush("report", "documents", "--limit", "1"), "nothing posted"
        )
        made = await asyncio.to_thread(gateway.backflush, "backup", str(file))
        told: dict[str, Any] = made["ledger"]
        assert told["documents"] > 0
        counted = gateway.health()["messages"]["counted"]
        await asyncio.to_thread(until, lambda: gateway.health()["messages"]["counted"] > counted + 100, "no load")
        assert not publishing.done(), "the backup was made under load"
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
        return told

    with place("lost") as lost:
        stocked(lost, tmp_path / "shop").start().ready()
        told = asyncio.run(produce(lost))
        lost.kill()
    shutil.rmtree(tmp_path / "lost")

    with place("found") as found:
        restored = found.backflush("restore", str(file))
        assert restored["audit"] == "ok"
        assert restored["aside"] == []
        copy = facts_at(found.settings.database_url)
        assert copy.documents == told["documents"]
        assert list(map(list, copy.heads)) == told["heads"], "the copy is of the moment that it tells of"
        found.start().ready()

        async def go_on() -> None:
            await plant.run(broker, messages=150, rate=600)
            assert await plant.settle() == 0

        asyncio.run(go_on())
        truth = plant.truth()
        made = sum(device.good + device.scrap for device in truth)

        def healed() -> bool:
            with found.ledger() as connection:
                return figures(connection).read == made

        until(healed, lambda: f"{made} made\n{found.log}")
        found.caught_up()
        assert found.stop() == 0
        with found.ledger() as connection:
            assert booked(connection) == expected(truth)
        found.audit()
        assert found.backflush("audit", "--deep")["audit"] == "ok"


def test_an_older_ledger_beside_the_journal_is_folded_on_and_nothing_is_lost(
    database: str, tmp_path: Path, postgres: Postgres
) -> None:
    url = postgres.fresh_url() if database == "postgresql" else ""
    backflush = Commands(tmp_path / "data", url)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("post", "1000/L05", "--quantity", "10").status == 0
    assert backflush("backup", str(tmp_path / "backup.zip")).status == 0
    assert backflush("post", "1000/L05", "--quantity", "7").status == 0
    assert backflush("reverse", "1").status == 0
    before = backflush("report", "documents", "--json").json
    if database == "postgresql":
        backflush = Commands(tmp_path / "data", postgres.fresh_url())
    restored = backflush("restore", str(tmp_path / "backup.zip"), "--keep-journal", "--force", "--json")
    assert restored.status == 0, restored.err
    assert len(restored.json["aside"]) == (1 if database == "sqlite" else 0)
    assert len(backflush("report", "documents", "--json").json) == 1, "as of the backup"
    assert backflush("work").status == 0, "whoever opens the journal folds it"
    assert backflush("report", "documents", "--json").json == before
    assert backflush("audit", "--deep").status == 0


def test_after_a_full_restore_numbers_are_given_again_unless_a_new_journal_begins(tmp_path: Path) -> None:
    def numbers(backflush: Commands) -> list[str]:
        return [row["document"] for row in reversed(backflush("report", "documents", "--json").json)]

    backflush, file = _with_a_backup(tmp_path)
    assert backflush("post", "1000/L05", "--quantity", "7").status == 0
    told = backflush("report", "documents", "--json").json[0]
    assert backflush("restore", str(file), "--force").status == 0
    assert backflush("post", "1000/L05", "--quantity", "3").status == 0
    assert numbers(backflush) == ["0000000001", "0000000002"]
    again = backflush("report", "documents", "--json").json[0]
    assert again["document"] == told["document"]
    assert again["entered_at"] > told["entered_at"], "it is another document, and its time says so"
    assert backflush("audit", "--deep").status == 0

    assert backflush("restore", str(file), "--force").status == 0
    assert backflush("work").status == 0, "what only the journal has is folded first"
    for name in ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"):
        (tmp_path / "data" / name).unlink(missing_ok=True)
    assert backflush("post", "1000/L05", "--quantity", "3").status == 0
    assert numbers(backflush) == ["0000000001", "10000000001"], "no number stands for two documents"
    assert backflush("audit").status == 0


def _with_a_backup(folder: Path) -> tuple[Commands, Path]:
    backflush = Commands(folder / "data")
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("post", "1000/L05", "--quantity", "10").status == 0
    file = folder / "backup.zip"
    assert backflush("backup", str(file)).status == 0
    return backflush, file


def _rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a changed copy of an archive."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    other = file.with_name("changed.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return other


def _manifest(**said: object) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        manifest = json.loads(parts["manifest.json"])
        for path, value in said.items():
            section, _, key = path.rpartition("__")
            (manifest[section] if section else manifest)[key] = value
        parts["manifest.json"] = json.dumps(manifest).encode()

    return change


def _flipped(name: str) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        content = bytearray(parts[name])
        content[len(content) // 2] ^= 1
        parts[name] = bytes(content)

    return change


def _other(name: str, content: Callable[[dict[str, bytes]], bytes]) -> Callable[[dict[str, bytes]], None]:
    """Put another part in the place of one, and have the manifest say that it is right."""

    def change(parts: dict[str, bytes]) -> None:
        parts[name] = content(parts)
        said = {"bytes": len(parts[name]), "sha256": hashlib.sha256(parts[name]).hexdigest()}
        _manifest(**{f"{name}__{key}": value for key, value in said.items()})(parts)

    return change


REFUSED = [
    # what is wrong with the file, status, what is said
    (_manifest(gateway="gw2"), 2, "expected a backup of gateway gw1, got one of gw2"),
    (_manifest(ledger__schema_revision="9999"), 2, "its schema is 9999, this program knows none newer than"),
    (_manifest(ledger__database="postgresql"), 2, "it holds a ledger of postgresql, and database.url names one of"),
    (_manifest(format=2), 2, "written by a newer program?"),
    (_manifest(journal__first=5), 2, "between the two, batches are missing"),
    (_manifest(ledger__bytes=10), 3, "damaged: the ledger is not the one that was written"),
    (_flipped("ledger"), 3, "damaged: the ledger is not the one that was written"),
    (_flipped("journal"), 3, "damaged: the journal is not the one that was written"),
    (lambda parts: parts.pop("journal"), 3, "damaged: the journal cannot be unpacked"),
    (lambda parts: parts.pop("manifest.json"), 2, "it has no manifest.json"),
    # whole parts that are not what they say (H9)
    (_other("journal", lambda _: b"no journal at all"), 3, "file is not a database"),
    (_other("journal", lambda parts: parts["ledger"]), 3, "expected a journal, found another SQLite database"),
    (_other("journal", lambda _: b""), 3, "expected a journal, found another SQLite database"),
    (_other("ledger", lambda _: b"no ledger at all"), 3, "file is not a database"),
    (_other("ledger", lambda parts: parts["journal"]), 2, f"expected schema {REVISIONS[-1]}, 1 documents"),
    (_manifest(journal__last=99), 2, "with batches 1 to 99, got journal"),
    (_manifest(ledger__documents=0), 2, f"expected schema {REVISIONS[-1]}, 0 documents"),
    (_manifest(program="x" * 2_000_000), 2, "expected a manifest.json of at most"),
]


def _sparse(file: Path) -> Path:
    """Make a file that is large and holds nothing."""
    with file.open("wb") as empty:
        empty.truncate(1 << 40)
    return file


def _endless_directory(file: Path) -> Path:
    """Make an archive whose directory claims to be a gibibyte."""
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 1 << 30, 0, 0)
    with file.open("wb") as archive:
        archive.truncate(1 << 30)
        archive.seek(0, os.SEEK_END)
        archive.write(end)
    return file


@pytest.mark.parametrize(
    "make", [lambda _: Path("/dev/zero"), lambda _: Path("/dev/null"), _sparse, _endless_directory]
)
def test_a_file_without_end_is_refused_in_one_line_and_in_little_memory(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    """H9: a part is read in pieces of a mebibyte, whatever size it claims."""
    file = make(tmp_path / "endless.zip")
    tracemalloc.start()
    try:
        said = Commands(tmp_path / "data")("restore", str(file))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (said.status, said.err.count("\n")) == (2, 1), said.err
    assert "expected a backup, got" in said.err
    assert most < 64 << 20


def test_what_is_not_a_whole_backup_of_this_gateway_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    backflush, file = _with_a_backup(tmp_path)
    before = _files(tmp_path / "data")
    for change, status, text in REFUSED:
        said = backflush("restore", str(_rewritten(file, change)), "--force")
        assert (said.status, text in said.err) == (status, True), said.err
        assert said.err.count("\n") == 1
    (tmp_path / "text").write_text("no archive")
    with zipfile.ZipFile(file) as made, zipfile.ZipFile(tmp_path / "lzma", "w", zipfile.ZIP_LZMA) as packed:
        for name in made.namelist():
            packed.writestr(name, made.read(name))
    for name, text in (
        ("lzma", "packed in another way"),
        ("text", "expected a backup, got another file"),
        ("none", "found no such file"),
    ):
        said = backflush("restore", str(tmp_path / name), "--force")
        assert (said.status, text in said.err) == (2, True), said.err
    assert _files(tmp_path / "data") == before


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_there_is_replaced_on_demand_only_and_moved_aside_with_its_log(tmp_path: Path) -> None:
    backflush, file = _with_a_backup(tmp_path)
    assert backflush("post", "1000/L05", "--quantity", "7").status == 0
    refused = backflush("restore", str(file))
    assert refused.status == 2
    assert "--force moves it aside; --keep-journal" in refused.err
    assert len(backflush("report", "documents", "--json").json) == 2
    restored = backflush("restore", str(file), "--force", "--json")
    assert restored.status == 0, restored.err
    ledger, journal = map(Path, restored.json["aside"])
    assert len(backflush("report", "documents", "--json").json) == 1
    assert len(facts_at(f"sqlite:///{ledger}").heads) == 1
    assert facts_at(f"sqlite:///{ledger}").documents == 2
    with Reader(journal) as older, Reader(tmp_path / "data" / "journal.sqlite") as newer:
        assert (older.id, older.last) == (newer.id, newer.last + 1)
    again = backflush("restore", str(file), "--force", "--json")
    assert len({*restored.json["aside"], *again.json["aside"]}) == 4, "nothing aside is written over"


def test_nothing_is_restored_under_a_gateway_that_runs(tmp_path: Path) -> None:
    backflush, file = _with_a_backup(tmp_path)
    with Journal.open(tmp_path / "data" / "journal.sqlite"):
        said = backflush("restore", str(file), "--force")
    assert said.status == 3
    assert "writes this journal; there can be only one" in said.err


def test_a_journal_alone_is_refused_beside_a_ledger_that_has_folded_more(tmp_path: Path, postgres: Postgres) -> None:
    backflush = Commands(tmp_path / "data", postgres.fresh_url())
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    early, late = tmp_path / "early.zip", tmp_path / "late.zip"
    for file in (early, late):
        assert backflush("backup", str(file), "--without-ledger").status == 0
        assert backflush("post", "1000/L05", "--quantity", "10").status == 0
    assert backflush("backup", str(tmp_path / "last.zip"), "--without-ledger").status == 0
    refused = backflush("restore", str(late), "--force")
    assert refused.status == 2
    assert "Leave the journal out: a new one begins" in refused.err
    assert backflush("restore", str(tmp_path / "last.zip"), "--force").status == 0
    assert backflush("restore", str(early), "--keep-journal").status == 2


def test_a_backup_replaces_nothing_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    backflush, file = _with_a_backup(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    said = backflush("backup", str(file))
    assert said.status == 2
    assert "a backup replaces nothing" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.zip", "data"]
    assert Commands(tmp_path / "empty")("backup", str(tmp_path / "other.zip")).status == 2


def test_a_journal_is_copied_as_of_one_moment_while_it_grows(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite") as journal, Reader(journal.path) as reader:
        journal.append(system_clock(), [Entry("message", "t", b"x" * 1000)] * 20_000)
        grown = []

        def grow(_done: int, _total: int) -> None:
            grown.append(journal.append(system_clock(), [Entry("message", "t", b"late")]).number)

        assert reader.copy(tmp_path / "copy", grow) == (1, 1)
        assert len(grown) > 1
    with Reader(tmp_path / "copy") as copy:
        assert (copy.first, copy.last) == (1, 1)
