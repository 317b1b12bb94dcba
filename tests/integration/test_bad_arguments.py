"""Whatever number or file a person names, a command ends with one clear line, and never with a fault of the program."""

from collections.abc import Callable, Iterator
from contextlib import chdir, suppress

import click
import pytest

from gateway.cli.root import program
from tests.integration.cli_program import SHIPPED, Commands, commands

PLACES = ["+", "#", "1000/#", "1000/+", "/", "1000/", "1000/L04/x", "_/L04", "1000/\x1b[2J", "9" * 5_000]
DATES = ["0001-01-01", "1600-01-01", "1970-12-31", "2201-01-01", "9999-12-31", "20261129", "2026-W48-7", "2026-02-30"]
NUMBERS = ["-1", str(10**30), "9" * 5_000, "1e999", "nan"]
STARTED = frozenset({"demo", "run", "bench", "simulate", "listen"})
"""They begin to work for long: only their command line is read."""
FOREVER_S = 400 * 86_400
NAMED = frozenset({"number", "numbers", "document", "record", "records", "quantity", "what", "since", "until", "at"})
"""What is a number and read as text."""
Path_ = tuple[str, ...]


def words_of(parameter: click.Parameter, value: str) -> list[str]:
    """Say a value for an option or argument, after `--` where it might be taken for an option."""
    return [f"{parameter.opts[0]}={value}"] if isinstance(parameter, click.Option) else ["--", value]


def parameters(such: Callable[[click.Parameter], bool]) -> list[tuple[Path_, str]]:
    """List every option and argument that is such, command by command."""
    found = ((names, each) for names, command in commands(program) for each in command.params)
    return [(names, str(each.name)) for names, each in found if such(each)]


def is_number(parameter: click.Parameter) -> bool:
    kinds = click.types.IntParamType | click.types.FloatParamType
    return isinstance(parameter.type, kinds) or parameter.name in NAMED


def chosen(names: Path_, parameter: str) -> tuple[click.Command, click.Parameter]:
    """Return a command and its parameter."""
    [command] = [command for found, command in commands(program) if found == names]
    [found] = [each for each in command.params if each.name == parameter]
    return command, found


@pytest.fixture(scope="module")
def backflush(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    folder = tmp_path_factory.mktemp("arguments")
    made = Commands(folder / "data")
    assert made("masterdata", "import", str(SHIPPED)).status == 0
    assert made("post", "1000/L05", "--quantity", "3").status == 0
    with chdir(folder):  # whatever a command takes for the name of a file
        yield made


@pytest.mark.parametrize(("names", "parameter"), parameters(is_number), ids=str)
def test_no_number_is_a_fault_of_the_program(backflush: Commands, names: Path_, parameter: str) -> None:
    """H9."""
    command, option = chosen(names, parameter)
    for value in NUMBERS:
        words = words_of(option, value)
        if names[0] in STARTED:
            with suppress(click.ClickException):
                read = command.make_context(names[-1], words).params[parameter]
                assert isinstance(read, int) or read < FOREVER_S
            continue
        said = backflush(*names, *words)
        assert said.status in (0, 1, 2), (value[:40], said.err)
        assert len(said.err) < 2 * len(value) + 2_000
        assert "internal error" not in said.err, (value[:40], said.err)


@pytest.mark.parametrize(("expected", "values"), [("PLANT", PLACES), ("YYYY-MM-DD", DATES)])
def test_what_can_be_no_place_or_production_date_is_wrong_usage(expected: str, values: list[str]) -> None:
    found = parameters(lambda parameter: parameter.type.name.startswith(expected))
    assert found
    for command, option in (chosen(*each) for each in found):
        for value in values:
            with pytest.raises(click.BadParameter, match=f"expected {expected}"):
                command.make_context("x", words_of(option, value))


def filters_of() -> list[tuple[Path_, list[str]]]:
    """List every filter of every report that names something, with a name that is of nothing."""
    nothing = {"PLANT": "9999", "PLANT/LINE": "1000/L99", "PLANT[/LINE]": "1000/L99"}
    return [
        (names, words_of(parameter, value))
        for names, command in commands(program)
        if any(parameter.name == "form" for parameter in command.params)
        for parameter in command.params
        if (
            value := nothing.get(parameter.type.name) or {"material": "NOPE", "device": "NOPE"}.get(str(parameter.name))
        )
    ]


@pytest.mark.parametrize(("names", "words"), filters_of(), ids=str)
def test_no_report_takes_a_name_that_is_of_nothing(backflush: Commands, names: Path_, words: list[str]) -> None:
    """An answer would be true of anything: rows of zeros, or none."""
    said = backflush(*names, *words)
    assert (said.status, "there is no " in said.err) == (2, True), said


LONG = "9" * 5_000


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("report", "curve", "1000/L04", "--date", "1890-01-01"), "expected YYYY-MM-DD"),
        (("backlog", "retry", "--material", "NOPE"), "there is no material 'NOPE'"),
        (("report", "production", "--since", "2026-03-02", "--until", "2026-03-01"), "is after --until 2026-03-01"),
        (("report", "statistics", "--since", "2026-03-02", "--until", "2026-03-01"), "is after --until 2026-03-01"),
        (("report", "curve", "1000/_"), "there is no line '_'"),
        (("report", "documents", "--since", "2026-03-29T02:30", "--line", "1000"), "clocks are set forward over it"),
        (("report", "documents", "--since", "1600-01-01"), "expected a time from 1971 to 2200"),
        (("run-stop", "1000/L04", "--end", "2026-13"), "run-stop: end: expected a time such as 2026-11-22T06:00"),
        (("run-start", "1000/L04", "X", "--total", f"c1={LONG}"), "expected DEVICE=N"),
        (("run-start", "1000/L04", "X", "--begin", f"c1={LONG}"), "expected DEVICE=N"),
        (
            ("devices", "replace", "c-L01-scrap", "c-L01-scrap", "--reason", "r", "--begin", LONG),
            "expected N or KIND=N",
        ),
    ],
)
def test_numbers_and_times_are_read_by_one_rule(backflush: Commands, words: Path_, expected: str) -> None:
    said = backflush(*words)
    assert (said.status, expected in said.err) == (2, True), said
    assert "limit" not in said.err, "no words of the language that the program is written in"
    assert "internal error" not in said.err


@pytest.mark.parametrize("reason", ["a\x1bb", "x" * 5_000])
def test_a_dry_run_refuses_what_the_posting_refuses(backflush: Commands, reason: str) -> None:
    words = ("post", "1000/L05", "--quantity", "3", "--reason", reason)
    told = [backflush(*words, *more) for more in ((), ("--dry-run",))]
    assert told[0] == told[1]
    assert (told[0].status, "reason: expected" in told[0].err) == (2, True), told[0]


def test_a_line_is_shown_before_its_first_piece(backflush: Commands) -> None:
    [line] = backflush("report", "lines", "--line", "1000/L02", "--json").json
    assert (line["line"], line["read"], line["waits"]) == ("L02", "0", [])


def test_a_month_that_was_opened_by_mistake_is_no_period(backflush: Commands) -> None:
    before = backflush("report", "periods", "--json").out
    assert backflush("period", "open", "1000", "2199-12").status == 0
    assert backflush("report", "periods", "--json").out == before
