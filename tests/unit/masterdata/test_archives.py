"""Archives of CSV files: what they hold is read in memory, and hostile ones are findings."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.masterdata.files.read import read_all, read_tables
from gateway.masterdata.files.write import export_archive, export_files
from gateway.masterdata.rows import ScrapReasonRow
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.busy_plant import PLANT, parsed
from tests.unit.masterdata.busy_plant import read as on_paper

REASONS = "reason,text\n03,bent\n"


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """Return an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def encrypted() -> bytes:
    """Return an archive whose members say that they are encrypted."""
    content = bytearray(packed({"scrap_reasons.csv": REASONS}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    return bytes(content)


def told(folder: Path, content: bytes) -> list[str]:
    """Return the findings about an archive."""
    file = folder / "plant.zip"
    file.write_bytes(content)
    return [f"{each.file} {each.text}" for each in read_all(file).findings]


@pytest.mark.parametrize("name", ["scrap_reasons.csv", "plant/scrap_reasons.CSV", "a/b\\scrap_reasons.csv"])
def test_a_file_of_an_archive_is_a_table_wherever_it_lies(tmp_path: Path, name: str) -> None:
    file = tmp_path / "plant.zip"
    beside: dict[str, str | bytes] = {"__MACOSX/._lines.csv": b"\0\5", "readme.txt": "not a table"}
    file.write_bytes(packed({name: REASONS, **beside}))
    read = read_tables(file)
    assert isinstance(read, Tables), read
    assert [row.text for row in read.of(ScrapReasonRow)] == ["bent"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "not a readable archive: BadZipFile"),
        (b"PK\x03\x04nonsense", "not a readable archive: BadZipFile"),
        (packed({"lines.csv": REASONS})[:-40], "not a readable archive: BadZipFile"),
        (packed({}), "expected CSV files named as tables, found none"),
        (packed({"plant.xlsx": b"PK"}), "expected CSV files named as tables, found none"),
        (encrypted(), "expected an archive without a password"),
        (packed({"../../etc/scrap_reasons.csv": REASONS}), "got the path '../../etc/scrap_reasons.csv'"),
        (packed({"/scrap_reasons.csv": REASONS}), "got the path '/scrap_reasons.csv'"),
        (packed({"a/..\\scrap_reasons.csv": REASONS}), "expected files within the archive"),
        (packed({"scrap_reasons.csv": b"reason,text\n03,\xff\n"}), "expected UTF-8"),
        (packed({"scrap_reasons.csv": b"0" * (9 << 20)}), "expected at most 60 times its size unpacked"),
        (packed({f"{number}.csv": "" for number in range(201)}), "expected at most 200 tables, got 201"),
        (packed({"a/scrap_reasons.csv": REASONS, "b/scrap_reasons.csv": REASONS}), "is in another file already"),
        (packed({"x" * 60_000 + ".csv": REASONS}), "unknown table"),
    ],
    ids=range(14),
)
def test_a_hostile_archive_is_a_finding(tmp_path: Path, content: bytes, expected: str) -> None:
    found = told(tmp_path, content)
    assert any(expected in each for each in found), found
    assert all(len(each) < 2_000 for each in found)
    assert [each.name for each in tmp_path.iterdir()] == ["plant.zip"]


def test_an_archive_that_lies_about_its_size_is_a_finding(tmp_path: Path) -> None:
    content = packed({"scrap_reasons.csv": b"reason,text\n" + b"0" * 100_000})
    lie = content.replace((100_012).to_bytes(4, "little"), (12).to_bytes(4, "little"))
    assert lie != content
    [found] = told(tmp_path, lie)
    assert "not a readable archive: BadZipFile" in found


def test_an_export_as_an_archive_is_the_same_master_data(tmp_path: Path) -> None:
    tables = parsed(on_paper(PLANT))
    [file] = export_files(tables, tmp_path / "plant.zip")
    read = read_tables(file)
    assert isinstance(read, Tables), read
    assert read.digest == tables.digest
    again = io.BytesIO()
    export_archive(tables, again)
    assert again.getvalue() == file.read_bytes()
