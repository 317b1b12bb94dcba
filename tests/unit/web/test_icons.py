"""The icons of home screens are pictures of the one source, in the sizes that the pages promise, and travel along."""

import hashlib
import json
import struct
import tomllib
from pathlib import Path

from scripts.icons import FOLDER, LIST, PICTURES, ROOT, SOURCE
from tests.asgi import ask
from tests.unit.web.house import House


def test_each_icon_is_that_of_its_source() -> None:
    noted = json.loads(LIST.read_text())
    assert noted.keys() == {SOURCE.name, *PICTURES}
    assert {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in noted} == noted


def test_icons_are_in_the_wheel() -> None:
    packaged = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["gateway"]
    assert "**/*.png" in packaged


async def test_the_manifest_names_icons_of_their_sizes(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        manifest = json.loads((await ask(house.app, "/scan/1000/w-1/manifest")).body)
    for icon in manifest["icons"]:
        name = icon["src"].rpartition("/")[2]
        if name in PICTURES:
            head = (FOLDER / name).read_bytes()[:24]
            assert head[:8] == b"\x89PNG\r\n\x1a\n"
            assert "{}x{}".format(*struct.unpack(">II", head[16:24])) == icon["sizes"]
    assert {icon["src"].rpartition("/")[2] for icon in manifest["icons"]} == {SOURCE.name, *PICTURES}
    assert [icon.get("purpose") for icon in manifest["icons"]].count("maskable") == 1
