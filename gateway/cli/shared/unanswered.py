"""Unanswered requests: their state, and the way to repeat them safely.

A request that was sent may be processed at any later time, so "no answer" is never "no": it has a transaction, a new
one if none was given, and the command line printed with it is processed once, however often it is repeated.
"""

import shlex
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NotRequired, TypedDict

import click

from gateway.cli.shared.arguments import telling_what_is_made
from gateway.cli.shared.command import BROKEN, INTERRUPTED, FiniteNumber, Invocation, database_errors, tell
from gateway.cli.shared.output import print_json
from gateway.errors import Unanswered, Unavailable
from gateway.ledger.reports.cells import inert

if TYPE_CHECKING:
    from gateway.service.local.running import Patience
    from gateway.settings import Settings

_WAIT_S: Final = 10
_WAIT_LONG_S: Final = 60


def timeout_option(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--timeout`: the seconds to wait for an answer."""
    return click.option(
        "--timeout",
        type=FiniteNumber(1),
        metavar="SECONDS",
        help=f"How long to wait for the answer; by default {_WAIT_S}, or {_WAIT_LONG_S} for extensive work.",
    )(function)


class Asked(TypedDict):
    """The options of every command that changes something: actor, reason, transaction, timeout and output."""

    actor: str
    reason: str
    timeout: float | None
    as_json: bool
    transaction: NotRequired[str]


def await_answer(
    settings: "Settings", act: "Callable[[Patience], dict[str, Any]]", said: Asked, *, much: bool
) -> dict[str, Any]:
    """Call a function and return its answer; without one end with status 3, or 130 if a person interrupts."""
    from gateway.service.local.running import Patience

    seconds = said["timeout"] or (_WAIT_LONG_S if much else _WAIT_S)
    wait = _Wait()
    try:
        with database_errors(), telling_what_is_made(settings):
            return act(Patience(seconds, wait.tell))
    except Unanswered as error:
        status, text = BROKEN, str(error)
    except Unavailable as error:
        raise type(error)(f"{error}; nothing was posted") from error
    except KeyboardInterrupt:
        status, text = INTERRUPTED, "interrupted"
    finally:
        wait.end()
    transaction = said.get("transaction", "")
    repeat = _again(said["actor"], transaction)
    if said["as_json"]:
        answer = {"transaction": transaction, "status": "unknown", "code": "", "text": text, "data": {}}
        print_json({**answer, "repeat": repeat})
    tell(f"backflush: {text}; it may still be posted. To repeat the request without posting twice:")
    click.echo(inert(repeat), err=True)  # never folded: it is to be copied
    raise click.exceptions.Exit(status)


def _again(actor: str, transaction: str) -> str:
    """Return the command line that repeats the same request."""
    words = list(click.get_current_context().ensure_object(Invocation).words)
    added = [
        word
        for option, value in (("--transaction", transaction), ("--actor", actor if transaction else ""))
        if value and not any(given == option or given.startswith(f"{option}=") for given in words)
        for word in (option, value)
    ]
    end = words.index("--") if "--" in words else len(words)
    return shlex.join(["backflush", *words[:end], *added, *words[end:]])


class _Wait:
    """Prints once why no answer comes; on a terminal also that the wait goes on."""

    def __init__(self) -> None:
        self._why = ""
        self._width = 0

    def tell(self, seconds: float, why: str) -> None:
        """Note the length of the wait, and its reason."""
        if why and why != self._why:
            self.end()
            tell(f"backflush: {why}")
            self._why = why
        if sys.stderr.isatty():
            text = inert(f"no answer for {seconds:.0f} s")
            self._width = len(text)
            click.echo(f"\r{text}", err=True, nl=False)

    def end(self) -> None:
        """Clear the terminal's line."""
        if self._width:
            click.echo(f"\r{' ' * self._width}\r", err=True, nl=False)
            self._width = 0
