"""Whatever number or file a person names, a command ends with one clear line, and never with a fault of the program."""

from collections.abc import Iterator
from contextlib import chdir, suppress

import click
import pytest

from gateway.cli.root import program
from tests.integration.cli_program import SHIPPED, Commands

PLACES = ["+", "#", "1000/#", "1000/+", "/", "1000/", "1000/L04/x", "_/L04", "1000/\x1b[2J", "9" * 5_000]
NUMBERS = ["-1", str(10**30), "9" * 5_000, "1e999", "nan"]
STARTED = frozenset({"demo", "run", "bench", "simulate", "listen"})
"""They begin to work for long: only their command line is read."""
FOREVER_S = 400 * 86_400
NAMED = frozenset({"number", "numbers", "document", "record", "records", "quantity", "what", "since", "until", "at"})
"""What is a number and read as text."""
Path_ = tuple[str, ...]


def commands(group: click.Group, names: Path_ = ()) -> Iterator[tuple[Path_, click.Command]]:
    """Walk through all commands."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*names, name))
        else:
            yield (*names, name), command


def words_of(parameter: click.Parameter, value: str) -> list[str]:
    """Say a value for an option or argument, after `--` where it might be taken for an option."""
    return [f"{parameter.opts[0]}={value}"] if isinstance(parameter, click.Option) else ["--", value]


def numbers_of() -> list[tuple[Path_, str]]:
    """List every option and argument that takes a value, command by command."""
    return [
        (names, str(parameter.name))
        for names, command in commands(program)
        for parameter in command.params
        if isinstance(parameter.type, click.types.IntParamType | click.types.FloatParamType) or parameter.name in NAMED
    ]


@pytest.fixture(scope="module")
def backflush(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Commands]:
    folder = tmp_path_factory.mktemp("arguments")
    made = Commands(folder / "data")
    assert made("masterdata", "import", str(SHIPPED)).status == 0
    assert made("post", "1000/L05", "--quantity", "3").status == 0
    with chdir(folder):  # whatever a command takes for the name of a file
        yield made


@pytest.mark.parametrize(("names", "parameter"), numbers_of(), ids=str)
def test_no_number_is_a_fault_of_the_program(backflush: Commands, names: Path_, parameter: str) -> None:
    """H9."""
    [command] = [command for found, command in commands(program) if found == names]
    [chosen] = [found for found in command.params if found.name == parameter]
    for value in NUMBERS:
        words = words_of(chosen, value)
        if names[0] in STARTED:
            with suppress(click.ClickException):
                read = command.make_context(names[-1], words).params[parameter]
                assert isinstance(read, int) or read < FOREVER_S
            continue
        said = backflush(*names, *words)
        assert said.status in (0, 1, 2), (value[:40], said.err)
        assert len(said.err) < 2 * len(value) + 2_000
        assert "fault of this program" not in said.err, (value[:40], said.err)


def places_of() -> list[tuple[Path_, str]]:
    """List every option and argument that takes a place, command by command."""
    return [
        (names, str(parameter.name))
        for names, command in commands(program)
        for parameter in command.params
        if parameter.type.name.startswith("PLANT")
    ]


@pytest.mark.parametrize(("names", "parameter"), places_of(), ids=str)
def test_what_can_be_no_place_is_wrong_usage(names: Path_, parameter: str) -> None:
    [command] = [command for found, command in commands(program) if found == names]
    [chosen] = [found for found in command.params if found.name == parameter]
    for value in PLACES:
        with pytest.raises(click.BadParameter, match="expected PLANT"):
            command.make_context(names[-1], words_of(chosen, value))
