"""Whoever makes a journal or a ledger is told where, for a new one is the sign of a command in the wrong place."""

import re
import shlex
import shutil
import subprocess
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from gateway.cli.root import main
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Said

CONFIG = SHIPPED.parent / "gateway.toml"
OPERATIONS = SHIPPED.parents[1] / "docs" / "operations.md"


def called(where: Path, *words: str) -> Said:
    """Call the command line in a directory."""
    out, err = StringIO(), StringIO()
    with chdir(where), redirect_stdout(out), redirect_stderr(err):
        status = main(words)
    return Said(status, out.getvalue(), err.getvalue())


def test_a_command_with_a_relative_folder_says_where_it_has_made_a_ledger_and_check_warns(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text('[gateway]\ndata_dir = "data"\n')
    for name in ("here", "elsewhere"):
        folder = tmp_path / name
        folder.mkdir()
        said = called(folder, "masterdata", "import", "-c", str(config), str(SHIPPED))
        assert said.status == 0, said
        ledger = folder / "data" / "ledger.sqlite"
        assert f"created journal {folder}/data/journal.sqlite\n" in said.err
        assert f"created ledger {ledger}\n" in said.err
        assert said.err.rstrip().endswith(f"is in force in sqlite:///{ledger}")
        again = called(folder, "masterdata", "import", "-c", str(config), str(SHIPPED))
        assert (again.status, "created" in again.err) == (0, False)
        checked = called(folder, "check", "-c", str(config))
        assert f"data is {folder}/data here" in checked.err


def test_the_steps_of_the_installation_make_a_configuration_that_is_the_same_everywhere(tmp_path: Path) -> None:
    """The line that sets the folder is that of the page; the folder is another one."""
    shutil.copy(CONFIG, tmp_path / "gateway.toml")
    [line] = re.findall(r"^    (sed -i .*)$", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    there = line.replace("/etc/backflush", str(tmp_path)).replace("/var/lib/backflush", str(tmp_path / "data"))
    subprocess.run(shlex.split(there), check=True)
    assert load_settings(tmp_path / "gateway.toml").gateway.data_dir == tmp_path / "data"
    said = called(tmp_path, "init", "-c", str(tmp_path / "gateway.toml"))
    assert f"created ledger {tmp_path}/data/ledger.sqlite" in said.err
    checked = called(Path("/"), "check", "-c", str(tmp_path / "gateway.toml"))
    assert (checked.status, "gateway.data_dir" in checked.err) == (0, False)
