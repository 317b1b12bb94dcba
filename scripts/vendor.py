"""Take the files of others that pages load from their npm packages, as `requirements/web-assets.json` names them.

For maintainers alone: the files are committed, so nobody else needs npm or a network. A file with another hash is
refused. To renew one, change its version and hash there.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIST = ROOT / "requirements" / "web-assets.json"
FOLDER = ROOT / "gateway" / "web" / "static" / "vendor"


def take(name: str, version: str, file: str) -> bytes:
    """Return a file of a version of a package."""
    with tempfile.TemporaryDirectory() as folder:
        line = ["npm", "pack", "--silent", f"{name}@{version}"]
        packed = subprocess.run(line, cwd=folder, check=True, capture_output=True, text=True).stdout.split()[-1]  # noqa: S603 - a list in this repository
        with tarfile.open(Path(folder, packed)) as package:
            found = package.extractfile(f"package/{file}")
            assert found is not None, file
            return found.read()


def main() -> None:
    """Write each file."""
    for asset in json.loads(LIST.read_text(encoding="utf-8")):
        body = take(asset["name"], asset["version"], asset["file"])
        digest = hashlib.sha256(body).hexdigest()
        if digest != asset["sha256"]:
            sys.exit(f"{asset['name']} {asset['version']} {asset['file']}: expected {asset['sha256']}, got {digest}")
        (FOLDER / asset["as"]).write_bytes(body)


if __name__ == "__main__":
    main()
