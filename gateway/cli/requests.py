"""What a person asks the gateway to do; each is a journal entry, answered once its effect is committed.

With a gateway running the command goes to it; with none running this process takes the lock and does the same. The
same `--transaction` with the same content is worked on once and gets its first answer again.
"""

import uuid
from collections.abc import Callable
from typing import Any

import click

from gateway.cli.frame import WRONG_USAGE, Invocation, actor_option, answer_no, command, pass_invocation, tell
from gateway.cli.reading import LINE, PLACE, LinePlace
from gateway.cli.screen import cell, print_json
from gateway.errors import Reason, UsageError


def asking(function: Callable[..., None]) -> Callable[..., None]:
    """Add what every request has: who asks, why, and by which transaction."""
    function = click.option("--transaction", default="", help="A name of your own: the same one is worked on once.")(
        function
    )
    function = click.option("--reason", default="", help="Why; recorded with the posting.")(function)
    return actor_option(function)


def ask(
    invocation: Invocation,
    verb: str,
    place: LinePlace,
    data: dict[str, Any],
    *,
    actor: str,
    reason: str,
    transaction: str,
    as_json: bool,
) -> dict[str, Any]:
    """Have a request worked on and print the answer; end with status 1 if it is a refusal."""
    from pydantic import ValidationError

    from gateway.cli.frame import database_errors
    from gateway.service.client import submit
    from gateway.service.requests import Request

    try:
        request = Request(
            verb=verb,
            plant=place.plant,
            line=place.line,
            transaction=transaction or str(uuid.uuid4()),
            actor=actor,
            reason=reason,
            data={name: value for name, value in data.items() if value not in (None, "")},
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise UsageError(f"{'.'.join(map(str, first['loc']))}: {first['msg'].removeprefix('Value error, ')}") from error
    with database_errors():
        answer = submit(invocation.settings(), request)
    if as_json:
        print_json(answer)
    elif answer["status"] == "ok":
        click.echo(cell(answer["text"]))
    if answer["status"] != "ok":
        tell(f"backflush: {answer['code']} {answer['text']}")
        if answer["code"] == Reason.BAD_COMMAND:
            raise click.exceptions.Exit(WRONG_USAGE)
        answer_no()
    return answer


@command("run-start", example="backflush run-start 1000/L04 MOTOR-24 0001 --batch L2611A", data=True)
@click.argument("place", metavar="PLANT/LINE", type=LINE)
@click.argument("material")
@click.argument("version", required=False, default="")
@click.option("--start", metavar="TIME", help="When it began; now if not given. Without offset it is plant time.")
@click.option("--batch", default="", help="The batch that is produced.")
@click.option("--sales-order", default="", help="Make to order: the sales order.")
@click.option("--sales-order-item", default="", help="Its item.")
@click.option("--revision", default="", help="The BOM's revision level, if not that of the date.")
@click.option("--total", "totals", multiple=True, metavar="DEVICE=N", help="A counter's total of good pieces then.")
@asking
@pass_invocation
def run_start(invocation: Invocation, place: LinePlace, totals: tuple[str, ...], **said: Any) -> None:  # noqa: ANN401
    """Begin a run: the line makes this version from now on.

    The run before it ends. With `--total` the counters' step over the change is split to the piece.
    """
    names = ("material", "version", "start", "batch", "sales_order", "sales_order_item", "revision")
    data = {name: said.pop(name) for name in names}
    ask(invocation, "run-start", place, {**data, "totals": dict(map(_total, totals)) or None}, **said)


def _total(text: str) -> tuple[str, dict[str, int]]:
    device, separator, number = text.partition("=")
    if not separator or not device or not (number.isascii() and number.isdigit()):
        raise click.BadParameter(f"expected DEVICE=N such as c-L04-good=18234, got {text!a}", param_hint="--total")
    return device, {"good": int(number)}


@command("run-stop", example="backflush run-stop 1000/L04", data=True)
@click.argument("place", metavar="PLANT/LINE", type=LINE)
@click.option("--end", metavar="TIME", help="When it ended; now if not given. Without offset it is plant time.")
@asking
@pass_invocation
def run_stop(invocation: Invocation, place: LinePlace, end: str | None, **said: Any) -> None:  # noqa: ANN401
    """End the run of a line: it makes nothing from now on."""
    ask(invocation, "run-stop", place, {"end": end}, **said)


@command(example='backflush reverse 0000004712 --reason "wrong batch"', data=True)
@click.argument("document")
@click.option("--quantity", help="Reverse only so many units of it; all that is left if not given.")
@asking
@pass_invocation
def reverse(invocation: Invocation, document: str, quantity: str | None, **said: Any) -> None:  # noqa: ANN401
    """Reverse a document and everything posted under it.

    What was posted is mirrored, what still waits is withdrawn. A refusal names the later documents.
    """
    ask(invocation, "reverse", LinePlace(), {"document": document, "quantity": quantity}, **said)


@command(example="backflush work --line 1000/L04 --kind issue", data=True)
@click.option("--line", "place", type=PLACE, default=LinePlace(), help="Of this line or plant only.")
@click.option("--kind", type=click.Choice(["issue", "activity"]), help="This process only.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20_000, show_default=True, help="At most so many rows."
)
@asking
@pass_invocation
def work(invocation: Invocation, place: LinePlace, kind: str | None, limit: int, **said: Any) -> None:  # noqa: ANN401
    """Post what waits in the worklist.

    Goods issues and activities that the profile times for later; the oldest first.
    """
    ask(invocation, "work", place, {"process": kind, "limit": limit}, **said)
