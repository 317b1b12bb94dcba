"""Exit status, one clear line for every error, and help for every command."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from gateway.cli.root import main, program
from gateway.cli.shared.command import answer_no, command, run
from gateway.errors import Fenced, LedgerUnavailable, UsageError
from tests.integration.cli_program import commands

DATA = {"run"}
"""Commands that print no data."""


def _failing(error: BaseException) -> click.Command:
    @command("broken", example="broken")
    def broken() -> None:
        raise error

    return broken


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("mqtt.url: expected mqtt://host"), 2, "backflush: mqtt.url: expected mqtt://host"),
        (LedgerUnavailable("the ledger is away"), 3, "backflush: the ledger is away"),
        (Fenced("the lines belong to gateway gw2"), 3, "backflush: the lines belong to gateway gw2"),
        (OSError(28, "No space left on device"), 3, "backflush: No space left on device"),
        (PermissionError(13, "Permission denied", "a.csv"), 3, "backflush: a.csv: Permission denied"),
        (ExceptionGroup("tasks", [LedgerUnavailable("away"), LedgerUnavailable("away")]), 3, "backflush: away"),
        (AssertionError("two\nlines"), 3, "backflush: internal error: AssertionError: two; --debug shows where"),
        (UsageError("hostile \x1b[2J\ntext"), 2, r"backflush: hostile \x1b[2J\ntext"),
    ],
)
def test_an_error_is_one_line_and_a_status(
    error: BaseException, status: int, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(_failing(error), []) == status
    assert capsys.readouterr() == ("", f"{line}\n")


def test_debug_shows_the_traceback_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(_failing(UsageError("wrong")), ["--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupted_command_ends_with_130() -> None:
    assert run(_failing(KeyboardInterrupt()), []) == 130


def test_the_answer_no_is_status_1() -> None:
    @command(example="no")
    def no() -> None:
        answer_no()

    assert run(no, []) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing"], "No such command 'nothing'"),
        (["report", "stock", "--nope"], "No such option '--nope'"),
        (["run-start", "L04", "X"], "expected PLANT/LINE such as 1000/L04, got 'L04'"),
        (["quarantine", "dismiss", "3"], "dismissing needs --reason"),
        (["post", "1000/L04", "--quantity", "1", "--type", "point"], "--type point needs --point"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("path", "found"), [pytest.param(*each, id="-".join(each[0])) for each in commands(program)])
def test_every_command_has_help_with_an_example_of_itself(path: tuple[str, ...], found: click.Command) -> None:
    assert found.help
    assert f"backflush {' '.join(path)}" in (found.epilog or "")
    options = {option for parameter in found.params for option in parameter.opts}
    assert {"-c", "--config", "--debug"} <= options
    assert ("--json" in options) == (path[0] not in DATA)


def test_the_help_of_every_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    for path, _ in commands(program):
        assert main([*path, "--help"]) == 0
        assert "Example:" in capsys.readouterr().out


def test_who_stops_reading_is_no_error() -> None:
    """As `backflush report curve 1000/L04 | head -1` does."""
    reads, writes = os.pipe()
    os.close(reads)
    said = subprocess.run(
        [sys.executable, "-m", "gateway", "--help"], check=False, stdout=writes, stderr=subprocess.PIPE
    )
    os.close(writes)
    assert (said.returncode, said.stderr) == (0, b"")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from gateway.cli.root import main; main(['--help']);"
        "sys.exit(bool({'pydantic', 'sqlalchemy', 'rich', 'uvloop', 'biip'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, stdout=subprocess.DEVNULL).returncode == 0


LOOKING = ", ".join(
    f"gateway.{name}" for name in ("cli.look.reports", "ledger.reports", "service.tell.lines", "service.local.in_force")
)


@pytest.mark.parametrize(
    ("modules", "heavy"),
    [
        (
            LOOKING,
            {"alembic", "gateway.backflush.step", "gateway.mqtt", "openpyxl", "paho", "sqlalchemy.dialects.postgresql"},
        ),
        ("gateway.service.local.running", {"sqlalchemy", "gateway.service.fold.pump"}),
        ("gateway.app", {"alembic", "openpyxl", "yaml"}),
    ],
)
def test_a_command_loads_nothing_heavy_that_it_does_not_need(modules: str, heavy: set[str]) -> None:
    code = f"import sys, {modules}; print(sorted({heavy!r} & sys.modules.keys()))"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout == "[]\n"


def test_options_of_all_commands_may_stand_before_or_after_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.toml"
    for arguments in (["-c", str(missing), "report", "stock"], ["report", "stock", "-c", str(missing)]):
        assert main(arguments) == 2
        assert capsys.readouterr().err == f"backflush: {missing}: expected a configuration file, found none\n"
