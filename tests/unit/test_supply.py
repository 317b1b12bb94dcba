"""What the program is made of: the bill of materials is the lock, and a scan tells what it looked at."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from scripts.sbom import bill
from scripts.scan import LOCK as SCANNED
from scripts.scan import told

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements" / "web.txt").read_text()
BILL = (ROOT / "requirements" / "sbom.cdx.json").read_text()


def test_the_bill_of_materials_is_the_lock_by_name_version_and_hash() -> None:
    locked: dict[str, set[str]] = {}
    for line in LOCK.splitlines():
        if pin := re.match(r"\S+==[^\s;]+", line):
            hashes = locked.setdefault(pin[0], set())
        hashes |= set(re.findall(r"--hash=sha256:(\w+)", line))
    billed = {
        f"{part['name']}=={part['version']}": {
            entry["content"] for file in part["externalReferences"] for entry in file["hashes"]
        }
        for part in json.loads(BILL)["components"]
    }
    assert billed == locked


def test_the_bill_of_materials_is_made_again_to_the_byte() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert bill(LOCK, project) == BILL, "`make sbom` writes it"
    made = json.loads(BILL)
    assert {"timestamp", "serialNumber"} & {*made, *made["metadata"]} == set()
    assert made["metadata"]["component"]["name"] == project["name"]


def _looked_up(name: str, *found: str) -> dict[str, object]:
    return {"name": name, "version": "1", "vulns": [{"id": one, "fix_versions": ["2"]} for one in found]}


@pytest.mark.parametrize(
    ("dependencies", "status", "text"),
    [
        ([_looked_up("a"), _looked_up("b")], 0, "2 of 2 requirements were looked up: nothing is known"),
        (
            [_looked_up("a"), {"name": "b", "skip_reason": "not there"}],
            0,
            "1 of 2 requirements were looked up, the oth",
        ),
        ([_looked_up("a", "CVE-2026-1"), _looked_up("b")], 1, "a 1: CVE-2026-1, mended in 2"),
        ([{"name": "b", "skip_reason": "not there"}], 0, "nothing was looked up"),
        (None, 0, "nothing was looked up"),
    ],
)
def test_a_scan_fails_on_findings_alone_and_says_what_it_looked_at(
    dependencies: list[dict[str, object]] | None, status: int, text: str
) -> None:
    found, said = told("" if dependencies is None else json.dumps({"dependencies": dependencies}))
    assert (found, text in said) == (status, True), said


def test_everything_that_is_installed_by_a_lock_is_billed_and_looked_up() -> None:
    assert (ROOT / "requirements" / "web.txt") == SCANNED
    audit = re.search(r"pip-audit --requirement (\S+)", (ROOT / "Makefile").read_text())
    assert audit is not None
    assert ROOT / audit[1] == SCANNED
