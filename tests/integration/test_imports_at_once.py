"""Imports at the same time: by two commands without a gateway, and by two gateways of one ledger."""

import csv
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway.journal import Journal
from tests.integration.cli_program import SHIPPED, Program

CHANGES = {"PUMP-40": "A", "HOUSING-40": "B"}


def brought(folder: Path, material: str) -> str:
    """Write a table of one material with another description."""
    folder.mkdir()
    (folder / "materials.csv").write_text(f"plant,material,description\n1000,{material},{CHANGES[material]}\n")
    return str(folder)


@pytest.mark.parametrize("apart", [False, True], ids=["one gateway", "two gateways"])
def test_two_imports_at_once_are_both_in_force_and_each_names_its_own_master_data(
    url: str, tmp_path: Path, *, apart: bool
) -> None:
    """The second one waits for the first, and names the master data that it has made of it."""
    first = Program(tmp_path / "one", DATABASE__URL=url, GATEWAY__LINES="1000/L01,1000/_" if apart else "*")
    second = first
    assert first("masterdata", "import", str(SHIPPED)).status == 0
    if apart:
        second = Program(tmp_path / "two", DATABASE__URL=url, GATEWAY__LINES="1000/L02", GATEWAY__ID="gw2")
        assert second("work").status == 0
    folders = [brought(tmp_path / material, material) for material in CHANGES]
    with ThreadPoolExecutor() as pool:
        both = [
            pool.submit(program, "masterdata", "import", folder, "--merge", "--json")
            for program, folder in zip((first, second), folders, strict=True)
        ]
    told = [each.result() for each in both]
    assert [said.status for said in told] == [0, 0], told
    imports = first("report", "imports", "--json").json
    assert {said.json["digest"] for said in told} == {each["digest"] for each in imports[:2]}
    assert first("masterdata", "export", str(tmp_path / "out")).status == 0
    with (tmp_path / "out" / "materials.csv").open(encoding="utf-8") as file:
        now = {row["material"]: row["description"] for row in csv.DictReader(file)}
    assert {material: now[material] for material in CHANGES} == CHANGES
    assert first("audit").status == 0
    for program in (first, second):
        said = program.here("audit", "--deep")
        # Journals as long as each other are two journals all the same.
        assert (said.status, "has changed as well" in said.err) == ((2, True) if apart else (0, False)), said


def test_a_command_waits_for_the_journal_that_another_one_writes_and_says_so(tmp_path: Path) -> None:
    program, post = Program(tmp_path), ("post", "1000/L05", "--quantity", "1")
    assert program.here("masterdata", "import", str(SHIPPED)).status == 0
    with ExitStack() as other:
        other.enter_context(Journal.open(tmp_path / "journal.sqlite"))
        refused = program(*post, "--timeout", "1")
        assert (refused.status, "there can be only one; nothing was posted" in refused.err) == (3, True), refused
        with program.running(*post, "--timeout", "60", until="there can be only one") as waits:
            other.close()
            assert waits.wait(60) == 0
    assert len(program.here("report", "documents", "--json").json) == 1
