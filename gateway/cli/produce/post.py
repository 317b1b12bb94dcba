"""Manual postings, and their preview: `--dry-run` steps the engine on the ledger's state and commits nothing."""

import json
from typing import TYPE_CHECKING, Any

import click

from gateway.backflush.values.names import quote
from gateway.cli.produce.requests import ask, asking, exit_refused, request_of, take_asked
from gateway.cli.shared.arguments import OF_LINE, QUANTITY, LinePlace, above_zero, component_of
from gateway.cli.shared.command import Invocation, command, database_errors, pass_invocation, tell
from gateway.cli.shared.output import print_document, print_json

if TYPE_CHECKING:
    from gateway.backflush.memory.changes import Response


@command(example="backflush post 1000/L04 --type scrap --quantity 3 --scrap-reason 03", data=True)
@OF_LINE
@click.option(
    "--type",
    "type_",
    type=click.Choice(["assembly", "component", "activity", "point", "scrap", "component-scrap", "by-product"]),
    default="assembly",
    show_default=True,
    help="What is confirmed: the finished product, a reporting point, scrap, or consumption alone.",
)
@click.option("--quantity", type=QUANTITY, help="Units, in the product's base unit.")
@click.option("--point", help="The reporting point (operation); by default the final backflush.")
@click.option("--after", metavar="POINT", help="For scrap: the reporting point that it had passed.")
@click.option("--rework", type=QUANTITY, help="Units that were worked again; nothing is issued for them.")
@click.option("--scrap-reason", help="The scrap reason, for --type scrap and component-scrap.")
@click.option("--material", help="The material made; by default that of the line's run.")
@click.option("--version", help="The production version.")
@click.option(
    "--at", metavar="TIME", help="Date and time of the posting; by default now. Plant time without an offset."
)
@click.option("--batch", help="The batch that was made.")
@click.option("--sales-order", help="Make to order: the sales order.")
@click.option("--sales-order-item", help="Its item.")
@click.option("--lot", help="Production by lot: its cost object.")
@click.option("--order", help="The planned order that it reduces.")
@click.option("--revision", help="The BOM's revision level; by default that of the date.")
@click.option("--component", "components", multiple=True, metavar="MATERIAL=QUANTITY[UNIT][@LOCATION][#BATCH]",
              help="The quantity of a component used or by-product received; unlisted ones follow the BOM")  # fmt: skip
@click.option("--activity", "activities", multiple=True, metavar="WORK_CENTER/ACTIVITY=HOURS",
              help="The actual hours of an activity; unlisted ones follow the routing. Repeatable.")  # fmt: skip
@click.option("--complete", is_flag=True, help="The given components or times are complete: post none by the list.")
@click.option(
    "--force",
    is_flag=True,
    default=None,
    help="Accept an impossible --at or more than a day's --quantity; needs --reason.",
)
@click.option("--dry-run", is_flag=True, help="Print the documents that would be posted, and post nothing.")
@asking
@pass_invocation
def post(
    invocation: Invocation,
    place: LinePlace,
    type_: str,
    point: str | None,
    components: tuple[str, ...],
    activities: tuple[str, ...],
    *,
    complete: bool,
    dry_run: bool,
    **said: Any,  # noqa: ANN401 - the options of `asking`, and those of the request as text
) -> None:
    """Post production by hand that no device has counted."""
    if type_ == "point" and not point:
        raise click.UsageError("--type point needs --point")
    asked = take_asked(said)
    data = {
        "type": type_,
        "point": point,
        **said,
        "components": [component_of(text, zero=True) for text in components] or None,
        "activities": [_activity(text) for text in activities] or None,
        "complete": complete or None,
    }
    if not dry_run:
        ask(invocation, "post", place, data, asked)
        return
    from gateway.service.local.dry_run import dry_request

    with database_errors():
        found = dry_request(invocation.settings(), request_of("post", place, data, asked))
    _show(found.changes.responses[0], found.documents, as_json=asked["as_json"])


def _activity(text: str) -> dict[str, str]:
    place, separator, hours = text.partition("=")
    work_center, slash, activity = place.partition("/")
    if not (work_center and slash and activity and separator and hours):
        raise click.BadParameter(f"expected WORK_CENTER/ACTIVITY=HOURS, got {quote(text)}", param_hint="--activity")
    above_zero(hours, "--activity")
    return {"work_center": work_center, "activity": activity, "hours": hours}


def _show(response: "Response", documents: list[dict[str, Any]], *, as_json: bool) -> None:
    from gateway.service.local.dry_run import would_text

    done = response.status == "ok"
    text = would_text(json.loads(response.data)) if done else response.text
    if as_json:
        print_json({"status": response.status, "code": response.code, "text": text, "documents": documents})
    else:
        for document in documents:
            print_document(document)
    if not done:
        tell(f"backflush: {response.code} {text}")
        exit_refused(response.code)
    tell(text)
