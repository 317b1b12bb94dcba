"""On a screen of 80 columns no line of any command is wider, but where it has no blank at which it could be folded."""

from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest

from gateway.cli.look.reports import report
from gateway.cli.root import main, program
from gateway.cli.run.demo_screen import DemoTotals, print_summary
from gateway.cli.shared.layout import cells_wide
from gateway.ledger.audit.law import LawResult
from tests.integration.cli_program import SHIPPED, Commands, Screen, commands

LONG = "a-name-of-forty-characters-and-not-fewer"
BACKUP = "a-backup-that-lies-in-a-folder.zip"
GIVEN = (
    *("check", f"check {SHIPPED}", "init", f"masterdata import {SHIPPED}", "masterdata export out", "check", "doctor"),
    f"post 1000/L06 --quantity 1234567 --batch {LONG} --force --reason {LONG}",
    f"post 1000/L06 --quantity 3 --material {LONG} --version 0001",
    "post 1000/L04 --quantity 60000 --material MOTOR-24 --version 0001 --dry-run",
    "post 1000/L04 --quantity 60000 --material MOTOR-24 --version 0001",
    f"run-start 1000/L05 CABLE-15 0001 --batch {LONG} --total c-L05-good=5 --actor {LONG}",
    *("run-stop 1000/L05", "window-close 1000/L05", "hold 1000/L02", "release 1000/L02", "work", "backlog retry"),
    *("backlog list", "backlog list --sum", "quarantine list", f"quarantine dismiss 1 --reason {LONG}"),
    *("reverse 1", "reverse 1 --quantity 99999999", "period close 1000 2026-01", "period close 1000 2999-01"),
    *("audit", "audit -v", "audit --deep", "trace 1", "trace 2 --telegrams", "trace nobody", "scan PUMP-40"),
    *("scan BF:FOO", "scan BF:SCRAP:ZZ", "scan BF:STOP", "scan ]C10102000000001012217001", "doctor", "bench --help"),
    *(f"devices disable c-L06-good --reason {LONG}", "masterdata diff out", "masterdata template new.xlsx"),
    *(
        f"backup {BACKUP}",
        f"restore {BACKUP}",
        "listen",
        "watch --help",
        "simulate --help",
        "run --help",
        "demo --help",
        "labels --help",
        "web user list",
        "web token list",
        "web display list",
    ),
    *("", f"{LONG}", "report curve 1000/L04", *(f"report {name}" for name in report.commands if name != "curve")),
)


@pytest.fixture(autouse=True)
def columns(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let screens have 80 columns, and files lie in a folder of this test."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.chdir(tmp_path)


def too_wide(text: str) -> list[str]:
    return [line for line in text.splitlines() if cells_wide(line) > 80 and len(line.split()) > 1]


def test_no_line_of_any_command_is_wider_than_its_screen(tmp_path: Path) -> None:
    Commands(tmp_path)
    configuration = tmp_path / "gateway.toml"
    configuration.write_text(f'{configuration.read_text()}[mqtt]\nurl = "mqtt://127.0.0.1:9"\n')  # where no broker is
    wide: dict[str, list[str]] = {}
    for words in (*GIVEN, *(f"{' '.join(names)} --help" for names, _ in commands(program))):
        screen = Screen()
        with redirect_stdout(screen), redirect_stderr(screen):
            main(["-c", str(configuration), *words.split()])
        wide[words] = too_wide(screen.getvalue()) if screen.getvalue() else ["nothing was said"]
    assert {words: lines for words, lines in wide.items() if lines} == {}


def test_no_command_is_left_out() -> None:
    given = {words.split()[0] for words in GIVEN if words}
    assert given - {LONG} == set(program.list_commands(click.Context(program)))


def test_the_end_of_the_demo_is_not_wider_than_its_screen() -> None:
    figures, finding = DemoTotals(*[123_456_789_012] * 7), "stock 1000 PUMP-40 FG01: " + "is other than it was " * 9
    broken = [LawResult(law, ok=False, figure="9", findings=(finding,)) for law in ("stock", "figures", "accounts")] * 4
    screen = Screen()
    with redirect_stdout(screen), redirect_stderr(screen):
        print_summary(figures, read=1, made=10**12, seconds=20, laws=broken, unanswered=9)
    assert too_wide(screen.getvalue()) == []
    assert (
        finding.split() == screen.getvalue().split("stock: ", 1)[1].split("stock: ")[0].split()[: len(finding.split())]
    )


@pytest.mark.parametrize("code", ["BF:FOO", "BF:SCRAP:ZZ", "]C10102000000001013217001"])
def test_why_a_code_is_refused_is_said_once(tmp_path: Path, code: str) -> None:
    backflush = Commands(tmp_path)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    said = backflush("scan", code)
    assert said.status == 1
    assert f"{said.out}{said.err}".count(backflush("scan", code, "--json").json["text"]) == 1
