"""Requests of people to the gateway; each is a journal entry, answered once its effect is committed.

The command goes to the running gateway; if none runs, this process takes the lock and does the same. The same
`--transaction` with the same content is processed once and gets its first answer again, so that a request without an
answer may be repeated (`unanswered`).
"""

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn, Unpack

import click

from gateway.backflush.values.names import quote
from gateway.cli.shared.arguments import OF_LINE, ONLY_PLACE, PLACE, QUANTITY, LinePlace, component_of
from gateway.cli.shared.command import WRONG_USAGE, Invocation, actor_option, answer_no, command, pass_invocation, tell
from gateway.cli.shared.output import print_json, say
from gateway.cli.shared.unanswered import Asked, await_answer, timeout_option
from gateway.errors import Reason
from gateway.ledger.reports.cells import cell

if TYPE_CHECKING:
    from gateway.service.fold.requests import Request

_kind = click.option("--kind", type=click.Choice(["issue", "activity"]), help="Only this process.")
_MUCH: Final = frozenset({"work", "release", "backlog-retry", "quarantine-replay"})
"""The verbs that may post thousands of rows, which takes time."""


def asking(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of every request: actor, reason, transaction, and the wait for the answer."""
    function = timeout_option(function)
    function = click.option(
        "--transaction", default="", help="A name of your own: a request is processed once per name."
    )(function)
    function = click.option("--reason", default="", help="The reason; recorded with the posting.")(function)
    return actor_option(function)


def take_asked(said: dict[str, Any]) -> Asked:
    """Take the options of `asking` out of those of a command."""
    return Asked(**{name: said.pop(name) for name in Asked.__annotations__})  # type: ignore[no-any-return,typeddict-item]  # its own names


def ask(invocation: Invocation, verb: str, place: LinePlace, data: dict[str, Any], said: Asked) -> dict[str, Any]:
    """Submit a request and print the answer; end with status 1 if it is a refusal."""
    answer = answer_to(invocation, verb, place, data, said)
    if said["as_json"]:
        print_json(answer)
    else:
        say(cell(answer["text"]))
    return answer


def answer_to(
    invocation: Invocation, verb: str, place: LinePlace, data: dict[str, Any], said: Asked, page: str = ""
) -> dict[str, Any]:
    """Submit a request, or its next `page`; print a refusal, and end with status 1."""
    from gateway.service.local.submission import submit

    said = {**said, "transaction": said.get("transaction") or str(uuid.uuid4())}
    request = request_of(verb, place, data, {**said, "transaction": said["transaction"] + page})
    settings = invocation.settings()
    answer = await_answer(settings, lambda patience: submit(settings, request, patience), said, much=verb in _MUCH)
    if answer["status"] != "ok":
        if said["as_json"]:
            print_json(answer)
        tell(f"backflush: {answer['code']} {answer['text']}")
        exit_refused(answer["code"])
    return answer


def request_of(verb: str, place: LinePlace, data: dict[str, Any], said: Asked) -> "Request":
    """Make a request from a command line; without a transaction it gets a new one."""
    from gateway.service.fold.requests import request_for

    given = {name: value for name, value in data.items() if value not in (None, "")}
    transaction = said.get("transaction") or str(uuid.uuid4())
    who = {"actor": said["actor"], "reason": said["reason"], "transaction": transaction}
    return request_for({"verb": verb, **place._asdict(), **who, "data": given})


def exit_refused(code: str) -> NoReturn:
    """End with the status of a refusal: a malformed request is wrong usage, any other an answer."""
    if code == Reason.BAD_COMMAND:
        raise click.exceptions.Exit(WRONG_USAGE)
    answer_no()


@command("run-start", example="backflush run-start 1000/L04 MOTOR-24 0001 --batch L2611A", data=True)
@OF_LINE
@click.argument("material")
@click.argument("version", required=False, default="")
@click.option(
    "--start", metavar="TIME", help="When it began or is to begin; by default now. Plant time unless it has an offset."
)
@click.option("--batch", default="", help="The batch that is produced; may hold {date}, {shift}, {line}.")
@click.option("--sales-order", default="", help="Make to order: the sales order.")
@click.option("--sales-order-item", default="", help="Its item.")
@click.option("--revision", default="", help="The BOM's revision level; by default that of the date.")
@click.option(
    "--total", "totals", multiple=True, metavar="DEVICE=N", help="A counter's total of good pieces at that time."
)
@click.option(
    "--begin", "begins", multiple=True, metavar="DEVICE=N", help="The totals of this counter begin again at N."
)
@click.option("--force", is_flag=True, help="Accept a start too long ago; needs a reason.")
@asking
@pass_invocation
def run_start(
    invocation: Invocation,
    place: LinePlace,
    totals: tuple[str, ...],
    begins: tuple[str, ...],
    *,
    force: bool,
    **said: Any,  # noqa: ANN401 - the options of `asking`, and those of the request as text
) -> None:
    """Begin a run: the line makes this version from now on.

    The run before it ends. With `--total` the counters' step over the change is split exactly; the answer gives the
    result of each total. A total never declares that a counter restarts: `--begin` does.
    """
    asked = take_asked(said)
    data = {
        **said,
        "totals": {device: {"good": total} for device, total in (_total(text, "--total") for text in totals)} or None,
        "begin": dict(_total(text, "--begin") for text in begins) or None,
        "force": force or None,
    }
    ask(invocation, "run-start", place, data, asked)


def _total(text: str, option: str) -> tuple[str, int]:
    from gateway.backflush.values.quantities import parse_whole

    device, separator, number = text.partition("=")
    total = parse_whole(number)
    if not separator or not device or total is None:
        raise click.BadParameter(f"expected DEVICE=N such as c-L04-good=18234, got {quote(text)}", param_hint=option)
    return device, total


@command("run-stop", example="backflush run-stop 1000/L04", data=True)
@OF_LINE
@click.option("--end", metavar="TIME",
              help="The end of the run; by default now. The start of a planned run takes it back.")  # fmt: skip
@click.option("--force", is_flag=True, help="Accept an end too long ago; needs a reason.")
@asking
@pass_invocation
def run_stop(invocation: Invocation, place: LinePlace, end: str | None, *, force: bool, **said: Unpack[Asked]) -> None:
    """End the run of a line.

    The answer explains how reports of the line are posted from then on: without a run the planned order or the only
    version of the line may still determine the product.
    """
    ask(invocation, "run-stop", place, {"end": end, "force": force or None}, said)


@command("window-close", example="backflush window-close 1000/L03", data=True)
@OF_LINE
@asking
@pass_invocation
def window_close(invocation: Invocation, place: LinePlace, **said: Unpack[Asked]) -> None:
    """Post all counted pieces still open on a line.

    Use it when the pallet is full, or the shift hands over. The card BF:CLOSE does the same. A window also closes as
    the device or `posting.window` determines.
    """
    ask(invocation, "window-close", place, {}, said)


@command(example='backflush reverse 0000004712 --reason "wrong batch"', data=True)
@click.argument("document", required=False)
@click.option(
    "--quantity", type=QUANTITY, help="Reverse only this many units of its yield; by default all that is left."
)
@click.option("--scrap", type=QUANTITY, help="Reverse only this much of its scrap.")
@click.option("--scrap-reason", help="The scrap reason, if the document has several.")
@click.option("--component", "components", multiple=True, metavar="MATERIAL=QUANTITY[UNIT][@LOCATION][#BATCH]",
              help="Only this quantity of a component, returned unused. Repeatable.")  # fmt: skip
@click.option("--line", "place", type=PLACE, default=LinePlace(), help="Without a document: the line or plant.")
@click.option("--material", help="Without a document: the product.")
@click.option("--version", help="Without a document: the production version.")
@click.option("--point", help="Without a document: the reporting point; by default the final backflush.")
@asking
@pass_invocation
def reverse(
    invocation: Invocation,
    document: str | None,
    quantity: str | None,
    scrap: str | None,
    scrap_reason: str | None,
    components: tuple[str, ...],
    *,
    place: LinePlace,
    material: str | None,
    version: str | None,
    point: str | None,
    **said: Unpack[Asked],
) -> None:
    """Reverse a document and everything posted under it.

    Posted quantities are mirrored, waiting ones are withdrawn. A refusal names the later documents.
    Without a document the newest units of a version are reversed, by --line, --material, --version and --quantity.
    """
    if document is None and not (place.plant and material and version and quantity):
        raise click.UsageError("expected a document, or --line, --material, --version and --quantity")
    back = [component_of(text) for text in components]
    data: dict[str, Any] = {"document": document, "quantity": quantity, "scrap": scrap, "scrap_reason": scrap_reason}
    data["components"] = back or None
    if document is None:
        data |= {"material": material, "version": version, "point": point}
    answer = ask(invocation, "reverse", place if document is None else LinePlace(), data, said)
    if not answer["data"].get("complete", True):
        answer_no()


@command(example="backflush work --line 1000/L04 --kind issue", data=True)
@ONLY_PLACE
@_kind
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20_000, show_default=True, help="At most this many rows."
)
@asking
@pass_invocation
def work(invocation: Invocation, place: LinePlace, kind: str | None, limit: int, **said: Unpack[Asked]) -> None:
    """Post the worklist.

    Goods issues and activities that the profile times for later; the oldest first.
    """
    ask(invocation, "work", place, {"kind": kind, "limit": limit}, said)


@command(example="backflush hold 1000/L04 --kind issue", data=True)
@OF_LINE
@_kind
@asking
@pass_invocation
def hold(invocation: Invocation, place: LinePlace, kind: str | None, **said: Unpack[Asked]) -> None:
    """Hold a line's worklist back: nothing posts it until it is released."""
    ask(invocation, "hold", place, {"kind": kind}, said)


@command(example="backflush release 1000/L04", data=True)
@OF_LINE
@_kind
@asking
@pass_invocation
def release(invocation: Invocation, place: LinePlace, kind: str | None, **said: Unpack[Asked]) -> None:
    """Release a line's worklist: all of it, or one process."""
    ask(invocation, "release", place, {"kind": kind or "all"}, said)
