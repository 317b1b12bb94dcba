"""A backup takes the accounts of the web pages along, and a restore replaces none that are in use."""

import hashlib
import json
import stat
import zipfile
from pathlib import Path

import pytest

from gateway.web.accounts import WebAccounts, digest_of
from tests.integration.cli_program import SHIPPED, Commands


def test_accounts_of_the_web_pages_come_back_as_they_were(tmp_path: Path) -> None:
    backflush, path = Commands(tmp_path / "data"), tmp_path / "data" / "web.sqlite"
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    accounts = WebAccounts(path)
    accounts.add_user("anna", "admin", ["*"], "hash", 1.0)
    token = accounts.add_token("andon", ["read"], ["1000/*"], 1.0, None)
    file = tmp_path / "backup.zip"
    made = backflush("backup", str(file))
    assert (made.status, "web accounts" in made.err) == (0, True), "the web process works meanwhile"
    accounts.remove_key("token", "andon")
    accounts.add_user("bert", "viewer", ["*"], "hash", 2.0)
    running = backflush("restore", str(file), "--force")
    assert (running.status, "stop `backflush web` first" in running.err) == (3, True)
    assert [user.name for user in accounts.users()] == ["anna", "bert"], "nothing was replaced"
    accounts.close()
    aside = backflush("restore", str(file), "--force", "--json").json["aside"]
    assert [name for name in aside if "web.sqlite.before-restore-of" in name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    back = WebAccounts(path)
    assert [user.name for user in back.users()] == ["anna"]
    found = back.find_key(digest_of(token), 3.0)
    assert found is not None
    assert (found.name, found.lines) == ("andon", ("1000/*",))
    back.add_user("carl", "viewer", ["*"], "hash", 4.0)
    back.close()
    assert backflush("restore", str(file), "--keep-journal", "--force").status == 0
    kept = WebAccounts(path)
    assert [user.name for user in kept.users()] == ["anna", "carl"], "with the journal, the accounts are kept"
    kept.close()


@pytest.mark.parametrize(
    ("content", "form", "why"),
    [(b"no database" * 99, 1, "file is not a database"), (b"", 1, "expected accounts of form 1")],
)
def test_accounts_that_are_none_replace_nothing(content: bytes, form: int, why: str, tmp_path: Path) -> None:
    backflush, file = Commands(tmp_path / "data"), tmp_path / "backup.zip"
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("backup", str(file)).status == 0
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["manifest.json"])
    assert manifest["accounts"] is None, "there are none in this data directory"
    manifest["accounts"] = {"form": form, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        for name, part in {**parts, "manifest.json": json.dumps(manifest).encode(), "accounts": content}.items():
            archive.writestr(name, part)
    refused = backflush("restore", str(tmp_path / "other.zip"), "--force")
    assert (refused.status, why in refused.err) == (2, True), refused.err
    assert not (tmp_path / "data" / "web.sqlite").exists()
    assert not list((tmp_path / "data").glob("*.before-restore*"))


def test_damaged_accounts_are_named_and_can_be_replaced(tmp_path: Path) -> None:
    backflush, path = Commands(tmp_path / "data"), tmp_path / "data" / "web.sqlite"
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    accounts = WebAccounts(path)
    assert accounts.users() == []
    accounts.close()
    doctor = {found["about"]: found for found in backflush("doctor", "--json").json}
    assert (doctor["web accounts"]["state"], doctor["web accounts"]["got"]) == (
        "warn",
        "0 may sign in, 0 of them as admin",
    )
    assert backflush("backup", str(tmp_path / "backup.zip")).status == 0
    path.write_bytes(b"x" * 5_000)
    for command in (("web", "user", "list"), ("backup", str(tmp_path / "another.zip"))):
        said = backflush(*command)
        assert (said.status, said.err.count(str(path)), "Traceback" in said.err) == (3, 1, False), said.err
    doctor = {found["about"]: found for found in backflush("doctor", "--json").json}
    assert (doctor["web accounts"]["state"], "backflush restore" in doctor["web accounts"]["hint"]) == ("fail", True)
    assert backflush("restore", str(tmp_path / "backup.zip"), "--force").status == 0
    assert backflush("web", "user", "list").status == 0
