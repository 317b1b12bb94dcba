"""The frame of every command: the configuration, the exit status, and one clear line for every error.

    0 done   1 the answer is "no"   2 wrong usage or configuration   3 broker, database or disk   130 interrupted

A command is made with `command`, which gives it `--config` and `--debug`, with `data=True` also `--json`, with
`records=True` `--json` and `--csv`, and the example under its help. It returns when it is done, calls `answer_no` when
the answer is no, and raises an error of `gateway.errors` otherwise.
"""

import functools
import getpass
import math
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import click

from gateway.errors import BackflushError, Unavailable

if TYPE_CHECKING:
    from gateway.settings import Settings


class FiniteNumber(click.FloatRange):
    """A finite number on the command line; seconds of at most a year by default."""

    def __init__(self, least: float = 0.0, most: float = 366 * 86_400) -> None:
        super().__init__(least, most)

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> float:  # noqa: ANN401 - as click has it
        """Read it, or fail as click does; every comparison with `nan` is false."""
        number: float = super().convert(value, parameter, context)
        if math.isnan(number):
            self.fail("expected a number, got nan", parameter, context)
        return number


ROWS: Final = click.IntRange(1, 1_000_000)
"""The most rows of one report: more is a question for the database."""
DONE, NO, WRONG_USAGE, BROKEN, INTERRUPTED = 0, 1, 2, 3, 130
_LONGEST_TEXT: Final = 2_000
"""The most characters of an error: it may quote a whole command line."""
_NAMES: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@dataclass(slots=True)
class Invocation:
    """The common options: configuration, and the form of errors."""

    config: Path | None = None
    debug: bool = False
    words: Sequence[str] = ()
    """The command line."""
    log: Callable[[str, BaseException | None], None] | None = None
    """Gets messages for a person, and the error that ended the command, if standard error is a log for programs."""

    def settings(self, options: dict[str, dict[str, Any]] | None = None) -> "Settings":
        """Read the configuration; UsageError with every finding."""
        from gateway.settings import load_settings

        return load_settings(self.config, options)


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:  # noqa: ANN401 - click's own callback
    """Keep a common option from any place on the line."""
    if value:
        setattr(context.ensure_object(Invocation), str(parameter.name), value)


def common_options() -> list[click.Parameter]:
    """Make the options of every command and of the program itself."""
    return [
        click.Option(
            ["-c", "--config"],
            type=click.Path(dir_okay=False, path_type=Path),
            metavar="FILE",
            expose_value=False,
            callback=_remember,
            help="The configuration; by default config/gateway.toml, if it exists.",
        ),
        click.Option(
            ["--debug"], is_flag=True, expose_value=False, callback=_remember, help="Show tracebacks of errors."
        ),
    ]


def command(
    name: str | None = None, *, example: str, data: bool = False, records: bool = False
) -> Callable[[Callable[..., None]], click.Command]:
    """Turn a function into a command.

    `data` gives it `--json`, as the argument `as_json`; `records` gives it `--json` and `--csv`, as `form`, for
    `output.print_records`.
    """

    def make(function: Callable[..., None]) -> click.Command:
        made = click.command(name, context_settings=_NAMES, epilog=f"\b\nExample:\n  {example}")(function)
        if data:
            made.params.append(click.Option(["--json", "as_json"], is_flag=True, help="Print only JSON."))
        if records:
            for form, what in (("json", "Print only JSON."), ("csv", "Print CSV: the JSON records, one per row.")):
                made.params.append(click.Option([f"--{form}", "form"], flag_value=form, default="table", help=what))
        made.params.extend(common_options())
        return made

    return make


def group(name: str | None = None) -> Callable[[Callable[..., None]], click.Group]:
    """Turn a function into a group of commands."""
    return click.group(name, context_settings=_NAMES)


def answer_no() -> NoReturn:
    """End with exit status 1: the command was carried out, and the answer is no."""
    raise click.exceptions.Exit(NO)


def actor_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--actor`: the recorded actor, as a claim."""
    return click.option("--actor", default=_user, help="The actor to record; by default the login name.")(function)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"uid {os.getuid()}"


def tell(text: str) -> None:
    """Print a message for the person, apart from the data."""
    from gateway.cli.shared.output import say

    say(text, err=True)


def run(program: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run a command line to its exit status; nothing escapes from here but a bug in this function."""
    invocation = Invocation(words=sys.argv[1:] if arguments is None else arguments)
    before = sys.stdout
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    try:
        colours = False if plain else None  # None: only on a terminal
        result = program.main(arguments, "backflush", standalone_mode=False, obj=invocation, color=colours)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USAGE
    except click.ClickException as error:
        _explain(error, error.format_message())
        return WRONG_USAGE
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has left; Python's last flush must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except BaseException as error:
        if isinstance(error, SystemExit):
            if sys.stdout is not before:  # click replaces it, and ends, if the reader has left
                return DONE
            raise
        if invocation.debug and invocation.log is None:
            traceback.print_exception(error)
        return _fail(error, invocation)
    return result if isinstance(result, int) else DONE


def _explain(error: click.ClickException, text: str) -> None:
    context = getattr(error, "ctx", None)
    where = f"; see `{context.command_path} --help`" if isinstance(context, click.Context) else ""
    tell(f"backflush: {_short(text.rstrip('.'))}{where}")


def _short(error: object) -> str:
    """Return the text of an error, shortened."""
    text = str(error)
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}..."


def _fail(error: BaseException, invocation: Invocation) -> int:
    status, text = _describe_end(error)
    if isinstance(error, BaseExceptionGroup):
        return max(_fail(inner, invocation) for inner in _leaves(error))
    if invocation.log is not None:
        invocation.log(text, error)
    else:
        tell(f"backflush: {text}")
    return status


def _describe_end(error: BaseException) -> tuple[int, str]:
    """Return the exit status of an error that ended a command, and its line."""
    match error:
        case Unavailable():
            return BROKEN, _short(error)
        case OSError():
            said = (str(part) for part in (error.filename, error.strerror) if part)
            return BROKEN, _short(": ".join(said) or error)
        case BackflushError():
            return WRONG_USAGE, _short(error)
        case MemoryError():
            return BROKEN, "there is not enough memory for this"
        case _:
            kind, text = type(error).__name__, str(error).splitlines()[:1]
            return BROKEN, f"internal error: {kind}: {''.join(text)}; --debug shows where"


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Yield each different error of a group once."""
    told: set[str] = set()
    for error in group.exceptions:
        for leaf in _leaves(error) if isinstance(error, BaseExceptionGroup) else (error,):
            if str(leaf) not in told:
                told.add(str(leaf))
                yield leaf


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn a driver's errors while reading into LedgerUnavailable, in one line and without the SQL."""
    from sqlalchemy.exc import DBAPIError

    from gateway.errors import LedgerUnavailable
    from gateway.ledger.database.connection import describe_error

    try:
        yield
    except DBAPIError as error:
        raise LedgerUnavailable(describe_error(error.orig or error)) from error


def pass_invocation(function: Callable[..., None]) -> Callable[..., None]:
    """Hand the invocation to a command as its first argument."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the command's own arguments
        function(click.get_current_context().ensure_object(Invocation), *args, **kwargs)

    return call
