"""The files of others that pages load are those of the named versions, byte by byte, and no others."""

import hashlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "gateway" / "web" / "static" / "vendor"


def test_each_file_of_others_has_the_hash_of_its_version_and_a_licence() -> None:
    named = json.loads((ROOT / "requirements" / "web-assets.json").read_text())
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.iterdir()} == {
        asset["as"]: asset["sha256"] for asset in named
    }
    assert all(asset["licence"] and asset["version"] for asset in named)
