"""Manual postings, and what they would post: `--dry-run` steps the engine on the ledger's state and commits nothing."""

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.frame import Invocation, answer_no, command, pass_invocation, tell
from gateway.cli.reading import LINE, LinePlace, ledger
from gateway.cli.requests import ask, asking
from gateway.cli.screen import print_json, print_records

if TYPE_CHECKING:
    from gateway.backflush.state import Changes
    from gateway.service.requests import Request


@command(
    example="backflush post 1000/L04 --type scrap --quantity 3 --point 0020 --scrap-reason 03 --dry-run", data=True
)
@click.argument("place", metavar="PLANT/LINE", type=LINE)
@click.option(
    "--type",
    "type_",
    type=click.Choice(["assembly", "point", "scrap"]),
    default="assembly",
    show_default=True,
    help="What is confirmed: the finished product, a reporting point, or scrap.",
)
@click.option("--quantity", required=True, help="Units, in the product's base unit.")
@click.option("--point", help="The reporting point (operation); the final backflush if not given.")
@click.option("--scrap-reason", help="Why it is scrap.")
@click.option("--material", help="What was made, if not what the line's run says.")
@click.option("--version", help="By which production version.")
@click.option("--at", metavar="TIME", help="When; now if not given. Without offset it is plant time.")
@click.option("--batch", help="The batch that was made.")
@click.option("--dry-run", is_flag=True, help="Print the documents that would be posted, and post nothing.")
@asking
@pass_invocation
def post(
    invocation: Invocation,
    place: LinePlace,
    type_: str,
    point: str | None,
    *,
    dry_run: bool,
    as_json: bool,
    actor: str,
    reason: str,
    transaction: str,
    **said: Any,  # noqa: ANN401 - the options of the request, as text
) -> None:
    """Post by hand what no device has counted."""
    if type_ == "point" and not point:
        raise click.UsageError("--type point needs --point")
    data = {"type": type_, "point": point, **said}
    asked = {"actor": actor, "reason": reason, "transaction": transaction}
    if not dry_run:
        ask(invocation, "post", place, data, **asked, as_json=as_json)
        return
    from gateway.service.requests import Request

    given = {name: value for name, value in data.items() if value not in (None, "")}
    _show(
        _would_post(invocation, Request(verb="post", plant=place.plant, line=place.line, data=given, **asked)),
        as_json=as_json,
    )


def _would_post(invocation: Invocation, request: "Request") -> "Changes":
    """Step the engine on the state as committed; the ledger is only read."""
    from gateway.backflush.events import Command
    from gateway.backflush.state import Changes, Facts
    from gateway.backflush.step import restore, step
    from gateway.ledger.leases import Head
    from gateway.ledger.load import load
    from gateway.masterdata.build import build
    from gateway.masterdata.tables import load_tables
    from gateway.service.requests import action_of

    everything = Head(0, "", "", ("*",), 0, 0, 0, 0, "", "", 0)
    with ledger(invocation) as connection:
        state, _ = load(connection, everything, lambda content: build(load_tables(content)).master)
    restore(state)
    state.rules = invocation.settings().rules
    changes = Changes()
    action = action_of(request, state.master)
    event = Command(0, "post", request.plant, request.line, action, request.actor, request.reason, "", "")
    step(state, changes, Facts(), time.time_ns() // 1000, [event])
    return changes


def _show(changes: "Changes", *, as_json: bool) -> None:
    [response] = changes.responses
    documents = _documents(changes)
    if as_json:
        text = response.text if response.status != "ok" else "dry run: nothing was posted"
        print_json({"status": response.status, "code": response.code, "text": text, "documents": documents})
    else:
        for document in documents:
            _print_document(document)
    if response.status != "ok":
        tell(f"backflush: {response.code} {response.text}")
        answer_no()
    tell("dry run: nothing was posted")


def _print_document(document: Mapping[str, Any]) -> None:
    bracket = ["type", "material", "version", "posting_date=date", "shift", ">yield", ">scrap"]
    print_records([document], bracket, as_json=False, empty="")
    tables = (
        ("goods movements", "items", ["movement", "material", "location", "batch", ">quantity", "unit", ">amount"]),
        ("activities", "activities", ["activity", "work_center", "cost_center", ">hours", ">amount"]),
        ("waits in the worklist", "waiting", ["process", "point", "timing", ">units"]),
        ("missing, goes to the backlog", "backlog", ["movement", "material", "location", ">quantity", "unit", "cause"]),
    )
    for title, name, columns in tables:
        if document[name]:
            print_records(document[name], columns, as_json=False, empty="", title=f"\n{title}")


def _documents(changes: "Changes") -> list[dict[str, Any]]:
    """Print the documents of a step, with the names of the documents report; they have no number yet."""
    from gateway.backflush.quantities import format_quantity as text

    result = []
    for bracket in changes.documents:
        number = bracket.number
        reported = [row for row in changes.confirmations if row.document == number and not row.automatic]
        result.append(
            {
                "document": None,
                **{name: getattr(bracket, name) for name in _BRACKET},
                "yield": text(sum(row.yield_ for row in reported)),
                "scrap": text(sum(row.scrap for row in reported)),
                "items": [
                    {
                        **{name: getattr(item, name) for name in _ITEM},
                        "quantity": text(item.quantity),
                        "unit": item.unit,
                        "amount": text(item.amount),
                    }
                    for item in changes.items
                    if item.document == number
                ],
                "activities": [
                    {
                        **{name: getattr(item, name) for name in ("activity", "work_center", "cost_center")},
                        "hours": text(item.hours),
                        "amount": text(item.amount),
                    }
                    for item in changes.activities
                    if item.document == number
                ],
                "waiting": [
                    {
                        "process": row.key.process,
                        "point": row.key.segment,
                        "timing": row.timing,
                        "units": text(row.units),
                    }
                    for row in changes.rows
                    if row.document == number and row.state == "open"
                ],
                "backlog": [
                    {
                        **{name: getattr(record, name) for name in ("movement", "material", "location", "cause")},
                        "quantity": text(record.open),
                        "unit": record.unit,
                    }
                    for record in changes.backlog
                    if record.document == number
                ],
            }
        )
    return result


_BRACKET = ("type", "plant", "line", "material", "version", "batch", "posting_date", "production_date", "shift")
_ITEM = ("movement", "material", "location", "batch", "stock_type")
