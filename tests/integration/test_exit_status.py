"""Every command ends with the status that its page says, and a refusal is one sentence of a plant.

`docs/operations.md` has the table; here each of its commands is made to be refused, not understood and not answered.
"""

import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from gateway.cli.root import program
from tests.integration.cli_program import SHIPPED, Commands, Said, commands
from tests.properties.test_plain_words import is_plain
from tests.servers import free_port

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ((?:`[a-z -]+`(?:, )?)+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)
ELSEWHERE = frozenset({"audit", "demo", "restore", "doctor"})
"""They answer no where a law does not hold, the doctor where something does not answer."""
WHY = ("--reason", "test")
LEAST: dict[str, tuple[str, ...]] = {
    "masterdata diff": (str(SHIPPED),),
    "masterdata export": ("out",),
    "masterdata import": (str(SHIPPED),),
    "masterdata template": ("plant.xlsx",),
    "run-start": ("1000/L05", "CABLE-15"),
    "run-stop": ("1000/L05",),
    "window-close": ("1000/L05",),
    "post": ("1000/L05", "--quantity", "1"),
    "reverse": ("1",),
    "hold": ("1000/L05",),
    "release": ("1000/L05",),
    "backlog correct": ("1/1", *WHY),
    "backlog close": ("1/1", *WHY),
    "quarantine replay": ("1",),
    "quarantine dismiss": ("1", *WHY),
    "period close": ("1000", "2026-01"),
    "period open": ("1000", "2026-01"),
    "report curve": ("1000/L05",),
    "trace": ("1",),
    "backup": ("new.zip",),
    "labels": ("cards.pdf",),
    "restore": ("none.zip",),
    "devices adopt": ("X", *WHY),
    "devices disable": ("c-L05-good", *WHY),
    "devices replace": ("c-L05-good", "X", *WHY),
    "scan": ("PUMP-40",),
    "listen": ("#", "--for", "1"),
    "simulate": ("--for", "1"),
}
"""What a command needs to be understood."""
REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "check": (("broken",), r"checked .*: 1 error(, \d warnings?)?"),
    "masterdata diff": (("less",), r"would be refused: BF5014: rows would go, 4 of scrap_reasons; .*"),
    "masterdata import": (("less",), r"refused, nothing was imported: BF5014: rows would go, 4 of scrap_reasons; .*"),
    "run-start": (("1000/L05", "NONE"), "BF3011 plant 1000 has no material 'NONE'"),
    "run-stop": (("1000/L99",), "BF3021 there is no line 'L99' in plant 1000"),
    "window-close": (("1000/L05",), "BF4005 nothing is open on 1000/L05"),
    "post": (("1000/L05", "--quantity", "1", "--order", "O9"), "BF3018 there is no planned order 'O9'"),
    "reverse": (("99",), "BF5001 there is no document 0000000099"),
    "work": (("--line", "1000/L99"), "BF3021 there is no line 'L99' in plant 1000"),
    "hold": (("1000/L99",), "BF3021 there is no line 'L99' in plant 1000"),
    "release": (("1000/L99",), "BF3021 there is no line 'L99' in plant 1000"),
    "backlog retry": (("--line", "1000/L99"), "BF3021 there is no line 'L99' in plant 1000"),
    "backlog correct": (("1/1", *WHY), "BF5010 there is no backlog record 0000000001/1"),
    "backlog close": (("1/1", *WHY), "1 record: 1 unknown"),
    "quarantine replay": (("9",), "1 entry: 1 unknown"),
    "quarantine dismiss": (("9", *WHY), "1 entry: 1 unknown"),
    "period close": (("1000", "2199-01"), "BF3025 period 2199-01 of plant 1000 is not over: .*"),
    "period open": (("9", "2026-01"), "BF3012 there is no plant '9'"),
    "trace": (
        ("77",),
        "the ledger knows no document 0000000077, device, serial number, SSCC, batch or planned order 77",
    ),
    "scan": (("BF:SCRAP:ZZ",), "would be refused"),
}
"""A command line whose answer is no, and its sentence."""
AS_LAST: frozenset[str] = frozenset({"backlog close", "quarantine replay", "quarantine dismiss"})
"""They answer for each that was named, on standard output."""
WITHOUT = frozenset({"masterdata template", "restore", "run", "demo", "watch", "bench", "listen", "simulate"})
"""They need no ledger to begin with, or begin to work for long: the broker's tests see to these."""


def leaves() -> list[str]:
    return [" ".join(names) for names, _ in commands(program)]


def table() -> dict[str, tuple[str, str]]:
    """Return what the page says of status 1 and 3 of each command."""
    text = PAGE.split("Exit status of every command", 1)[1].split("\n## ", 1)[0]
    rows: dict[str, tuple[str, str]] = {}
    for names, no, broken in ROW.findall(text):
        for name in re.findall(r"`([^`]+)`", names):
            whole = [leaf for leaf in leaves() if leaf == name or leaf.startswith(f"{name} ")]
            assert whole, f"there is no command {name}"
            rows |= {leaf: (no, broken) for leaf in whole if leaf == name or leaf not in rows}
    return rows


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Offer a folder with a file that lacks rows, and one that is wrong."""
    folder = tmp_path_factory.mktemp("status")
    for name, table_, text in (
        ("less", "scrap_reasons", "reason,text\nZZ,new\n"),
        ("broken", "devices", "device,plant,line,kind\nx,1000,L05,lamp\n"),
    ):
        (folder / name).mkdir()
        (folder / name / f"{table_}.csv").write_text(text)
    with chdir(folder):
        yield folder


@pytest.fixture(scope="module")
def backflush(folder: Path) -> Commands:
    made = Commands(folder / "data")
    assert made("masterdata", "import", str(SHIPPED)).status == 0
    return made


def sentence(said: Said) -> str:
    """Return the one line that a person is told, which must be of a plant."""
    lines = said.err.splitlines()
    assert lines, said
    is_plain(lines[-1])
    assert "internal error" not in said.err
    return lines[-1].removeprefix("backflush: ")


def test_the_page_has_every_command_once() -> None:
    assert table().keys() == set(leaves())


@pytest.mark.parametrize("name", leaves())
def test_what_is_not_understood_is_wrong_usage(backflush: Commands, name: str) -> None:
    said = backflush(*name.split(), "--colour")
    assert (said.status, said.out, len(said.err.splitlines())) == (2, "", 1)
    assert sentence(said).startswith("No such option '--colour'"), said.err
    assert sentence(said).endswith(f"see `backflush {name} --help`"), said.err


@pytest.mark.parametrize("name", leaves())
def test_a_refusal_is_one_sentence_with_status_1(backflush: Commands, name: str) -> None:
    no, _ = table()[name]
    assert (name in {*REFUSED, *ELSEWHERE}) == (no != "-"), f"{name}: the page says {no!r} of status 1"
    if name not in REFUSED:
        return
    words, pattern = REFUSED[name]
    said = backflush(*name.split(), *words)
    assert said.status == 1, said
    if name in AS_LAST:
        assert (said.err, re.fullmatch(pattern, said.out.splitlines()[0]) is not None) == ("", True), said
    else:
        assert re.fullmatch(pattern, sentence(said)), said
        assert name in ("check", "masterdata diff", "masterdata import", "scan") or said.out == "", said


@pytest.mark.parametrize("name", [leaf for leaf in leaves() if leaf not in WITHOUT and not leaf.startswith("web ")])
def test_a_database_that_does_not_answer_is_status_3_and_nothing_is_posted(folder: Path, name: str) -> None:
    _, broken = table()[name]
    port = free_port()
    away = Commands(folder / "away", f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
    if name == "backup":
        away("work")  # there is a journal to back up
    said = away(*name.split(), *LEAST.get(name, ()))
    assert said.status == (1 if name == "doctor" else 3), said
    assert (broken == "-") == (name == "doctor")
    if name not in ("doctor", "check", "report alerts"):
        assert f"the database at 127.0.0.1:{port} says: Connection refused" in sentence(said), said
        assert said.out == ""


def test_which_commands_need_no_ledger_is_said(backflush: Commands) -> None:
    assert {name for name, (_, broken) in table().items() if broken == "-"} == {
        "masterdata template",
        "doctor",
        "restore",
    }
    assert backflush("masterdata", "template", "plant.xlsx").status == 0
