"""Reports of the ledger, as tables for people and as JSON with the same names for programs."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypedDict, Unpack, get_args

import click

from gateway.backflush.values.documents import DocumentType
from gateway.cli.look.lists import LISTS
from gateway.cli.shared.arguments import (
    DATE,
    LINE,
    MONTH,
    PLACE,
    PLAN,
    PLANT,
    LinePlace,
    currencies,
    document_filter,
    document_number,
    ledger,
    master_of,
    refuse_reversed,
    refuse_unknown,
)
from gateway.cli.shared.command import ROWS, Invocation, command, group, pass_invocation
from gateway.cli.shared.output import JSON, TABLE, cut, print_records
from gateway.ledger.reports.cells import money

_Function = Callable[..., None]
_BAR: Final = 40
"""The length of the longest bar."""


def _option(*names: str, help_: str, **more: Any) -> Callable[[_Function], _Function]:  # noqa: ANN401 - click's own
    return click.option(*names, help=help_, **more)


_plant = _option("--plant", "place", type=PLANT, default=LinePlace(), help_="Only this plant.")
_place = _option("--line", "place", type=PLACE, default=LinePlace(), help_="Only this line, or all lines of a plant.")
_material = _option("--material", default="", help_="Only this material.")
_since = _option("--since", default="", type=DATE, help_="Since this production date.")
_until = _option("--until", default="", type=DATE, help_="Up to this production date.")


@group("report")
def report() -> None:
    """Show stock, documents, production, points, costs, orders, lines, devices and more."""


@command("stock", example="backflush report stock --plant 1000 --json", records=True)
@_plant
@_material
@pass_invocation
def stock(invocation: Invocation, place: LinePlace, material: str, *, form: str) -> None:
    """Show stock per material, location, batch and stock type."""
    from gateway.ledger.reports import present

    with ledger(invocation) as connection:
        records = present.stock(
            connection, master_of(connection, "materials"), present.StockFilter(place.plant, material)
        )
        refuse_unknown(connection, records, place=place, material=material)
    columns = "plant material location >quantity unit batch stock_type=type"
    print_records(records, columns, form=form, empty="no stock")


_newest = _option("--limit", default=100, show_default=True, type=ROWS, help_="At most this many, the newest first.")


class _Page(TypedDict):
    """The filters of every report of documents: place, time and the document before the first one."""

    since: str
    until: str
    place: LinePlace
    after: str


class _Documents(_Page):
    """The filters of documents."""

    material: str
    type: str | None
    batch: str
    device: str
    actor: str
    order: str
    serial: str
    open: str | None


def _page_filters(function: _Function) -> _Function:
    """Add the filters of every report of documents."""
    time_of = "date or time; plant time without an offset."
    for option in (
        _option("--after", default="", metavar="DOCUMENT", help_="Only documents older than this one: the next page."),
        _place,
        _option("--until", default="", metavar="TIME", help_=f"Entered up to this {time_of}"),
        _option("--since", default="", metavar="TIME", help_=f"Entered since this {time_of}"),
    ):
        function = option(function)
    return function


@command("documents", example="backflush report documents --line 1000/L04 --since 2026-11-22 --limit 20", records=True)
@_page_filters
@_material
@_option("--type", type=click.Choice(get_args(DocumentType)), metavar="TYPE",
         help_="Only of this type, such as scrap, worklist or reversal.")  # fmt: skip
@_option("--batch", default="", help_="Only of this batch of the product.")
@_option("--device", default="", help_="Only with readings of this device.")
@_option("--actor", default="", help_="Only by this person, operator or system.")
@_option("--order", default="", help_="Only those that reduce this planned order.")
@_option("--serial", default="", help_="Only with this serial number or SSCC.")
@_option("--open", type=click.Choice(["issue", "activity"]), help_="Only with such rows in the worklist.")
@_newest
@pass_invocation
def documents(invocation: Invocation, limit: int, *, form: str, **chosen: Unpack[_Documents]) -> None:
    """Show backflush documents, the newest first; JSON has their items, activities and readings."""
    from gateway.ledger.reports import postings

    names = ("material", "type", "batch", "device", "actor", "order", "serial", "open")
    named: dict[str, Any] = {name: value for name, value in chosen.items() if name in names and value}
    records, more = _of_documents(invocation, postings.documents, chosen, limit, named)
    more = more and f"{more}, --after {records[-1]['document']} the next"
    columns = "document posting_date=date plant line material version type >yield >scrap *waiting *reversal orders"
    also = "batch production_date shift entered_at rework status.receipt status.issue status.activity status.orders "
    also += "status.capacity reversed reversed_by reverses material_document activity_document actor reason reference "
    also += "currency"
    if form != JSON:
        records = list(map(fold_document, records))
    print_records(records, f"{columns} caused_by=follows_from cost_object | {also}", form=form, empty="no documents",
                  row=_document_row, more=more)  # fmt: skip


def _of_documents(
    invocation: Invocation, ask: Callable[..., list[dict[str, Any]]], page: _Page, limit: int, named: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], str]:
    """Return the newest documents, or all of their items, each record with its currency."""
    from gateway.ledger.reports.document_filter import refuse_unknown_documents

    place, after = page["place"], page["after"]
    with ledger(invocation) as connection:
        which = document_filter(connection, place, page["since"], page["until"])
        which = which._replace(after=document_number(after, "--after") if after else 0, **named)
        found = ask(connection, which, limit=limit + 1)
        refuse_unknown(connection, found, place=place, material=which.material, device=which.device)
        if not found:
            refuse_unknown_documents(connection, which)
        of = currencies(connection)
    numbers, more = cut([*dict.fromkeys(record["document"] for record in found)], limit)
    kept = set(numbers)
    return [{**record, "currency": of.get(record["plant"], "")} for record in found if record["document"] in kept], more


@command("movements", example="backflush report movements --line 1000/L04 --since 2026-11-22 --csv", records=True)
@_page_filters
@_option(
    "--limit", default=100, show_default=True, type=ROWS, help_="Of at most this many documents, the newest first."
)
@pass_invocation
def movements(invocation: Invocation, limit: int, *, form: str, **page: Unpack[_Page]) -> None:
    """Show goods movements: each receipt and issue of the documents, the newest first."""
    from gateway.ledger.reports import postings

    records, more = _of_documents(invocation, postings.movements, page, limit, {})
    if more:
        more = (
            f"these are of the newest {limit} documents; --limit shows more, --after {records[-1]['document']} the next"
        )
    columns = "document movement material >quantity unit location batch stock_type=type posting_date=date >amount"
    columns += " currency cost_object line plant"
    print_records(records, f"{columns} | item material_document type entered_at origin process", form=form,
                  empty="no goods movements", more=more, row=_amount_row)  # fmt: skip


def _amount_row(record: Mapping[str, Any]) -> dict[str, Any]:
    return {**record, "amount": money(record["amount"], record["currency"])}


def fold_document(record: Mapping[str, Any]) -> dict[str, Any]:
    """Summarise a document in one row: without confirmations it has no yield, and the cost object of its items."""
    borne = (*record["items"], *record["activities"])
    return {
        **record,
        **({} if record["confirmations"] else {"yield": "", "scrap": ""}),
        "cost_object": record["cost_object"] or list(dict.fromkeys(item["cost_object"] for item in borne)),
    }


def _document_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document's row of the table, with its waiting processes and its reversals."""
    status = record["status"]
    late = [
        process if status[process] == "open" else f"{process} {status[process]}"
        for process in ("receipt", "issue", "activity")
        if status[process] not in ("posted", "none")
    ]
    reversal = f"of {record['reverses']}" if record["reverses"] else ""
    if record["reversed_by"]:
        part = "in part " if record["reversed"] == "partly" else ""
        reversal = f"{part}by {', '.join(record['reversed_by'])}"
    return {
        **record,
        "waiting": ", ".join(late),
        "reversal": reversal,
        "orders": list(dict.fromkeys(reduction["order"] for reduction in record["orders"])),
    }


@command("production", example="backflush report production --line 1000/L04 --since 2026-11-01", records=True)
@_place
@_since
@_until
@_option("--by", type=click.Choice(["shift", "day", "total"]), default="shift", show_default=True,
         help_="One row per shift, per day, or in all.")  # fmt: skip
@pass_invocation
def production(invocation: Invocation, place: LinePlace, since: str, until: str, by: str, *, form: str) -> None:
    """Show planned and made quantities per line, version, production date and shift, with totals.

    The quantity of an order is spread over the working time from its start to its finish.
    """
    from gateway.ledger.reports import produced

    refuse_reversed(since, until)
    with ledger(invocation) as connection:
        asked = {"plant": place.plant, "line": place.line, "since": since, "until": until}
        records = produced.sum_rows(produced.production(connection, master_of(connection, *PLAN), **asked), by)
        refuse_unknown(connection, records, place=place)
    columns = "plant line material date shift >planned >yield >percent=% >scrap scrap_by=by_reason >rework version"
    totals = produced.sum_rows(records, "total") if form == TABLE else []
    if len(totals) < len(records):
        records += [{**total, "date": "total"} for total in totals]
    print_records(records, columns, form=form, empty="no production", row=lambda record: {
        **record, "rework": "" if record["rework"] == "0" else record["rework"]
    })  # fmt: skip


@command("curve", example="backflush report curve 1000/L04 --date 2026-11-22", records=True)
@click.argument("place", metavar="PLANT/LINE", type=LINE)
@_option("--date", default="", type=DATE, help_="The production date; by default today's.")
@pass_invocation
def curve(invocation: Invocation, place: LinePlace, date: str, *, form: str) -> None:
    """Show actual and planned output of a line by each hour of a day."""
    from gateway.ledger.reports import day_curve

    now = time.time_ns() // 1000
    with ledger(invocation) as connection:
        refuse_unknown(connection, place=place)
        master = master_of(connection, *PLAN)
        known = master.plants.get(place.plant)
        if not date and known is not None:
            date = known.day(now).date
        records = day_curve.curve(connection, master, place.plant, place.line, date, now)
    columns = "hour shift >planned >yield >scrap *bar=yield_against_plan"
    also = "plant line date until"
    most = max((float(record[name] or 0) for record in records for name in ("planned", "yield")), default=0)
    print_records(records, f"{columns} | {also}", form=form, empty=f"nothing was planned or made on {place} on {date}",
                  row=lambda record: {**record, "bar": _bar(record, most)})  # fmt: skip


def _bar(record: Mapping[str, Any], most: float) -> str:
    """Draw the yield, and a mark for the plan."""
    made, planned = (round(_BAR * float(record[name] or 0) / most) if most else 0 for name in ("yield", "planned"))
    drawn = list(("#" * made).ljust(max(made, planned)))
    if planned:
        drawn[planned - 1] = "|"
    return "".join(drawn)


@command("points", example="backflush report points --material MOTOR-24", records=True)
@_plant
@_material
@_option("--period", default="", type=MONTH, help_="As of the end of this day, by posting date.")
@pass_invocation
def points(invocation: Invocation, place: LinePlace, material: str, period: str, *, form: str) -> None:
    """Show the pieces that each reporting point has passed, those on the line after it, and those that wait."""
    from gateway.ledger.reports import present

    with ledger(invocation) as connection:
        records = present.points(connection, plant=place.plant, material=material, period=period)
        refuse_unknown(connection, records, place=place, material=material)
    columns = "plant material point >yield >scrap >lost >wip >waiting version cost_object"
    print_records(records, columns, form=form, empty="nothing has passed a reporting point yet")


@command("collectors", example="backflush report collectors --period 2026-11", records=True)
@_plant
@_option("--period", default="", type=MONTH, help_="Only this posting period.")
@pass_invocation
def collectors(invocation: Invocation, place: LinePlace, period: str, *, form: str) -> None:
    """Show product cost collectors: debits, credits and balance per period."""
    from gateway.ledger.reports import present

    with ledger(invocation) as connection:
        of = currencies(connection)
        found = present.collectors(connection, plant=place.plant, period=period)
        refuse_unknown(connection, found, place=place)
    records = [{**record, "currency": of.get(record["plant"], "")} for record in found]
    amounts = ("debits", "credits", "balance")
    print_records(records, "cost_object period >debits >credits >balance currency plant | elements", form=form,
                  empty="no costs", row=lambda record: {
        **record, **{name: money(record[name], record["currency"]) for name in amounts}
    })  # fmt: skip


@command("statistics", example="backflush report statistics --line 1000/L04 --since 2026-11-22 --json", records=True)
@_place
@_since
@_until
@pass_invocation
def statistics(invocation: Invocation, place: LinePlace, since: str, until: str, *, form: str) -> None:
    """Show planned, yield, scrap, rework, components and hours per line, version, day and shift.

    Use stands next to its standard, the quantity by the lists. Backlog is not used yet.
    """
    from gateway.ledger.reports import used

    refuse_reversed(since, until)
    with ledger(invocation) as connection:
        place_of = {"plant": place.plant, "line": place.line}
        records = used.statistics(connection, master_of(connection, *PLAN), **place_of, since=since, until=until)
        refuse_unknown(connection, records, place=place)
    columns = "date shift material measure detail >quantity >standard >difference unit >backlog=in_backlog line version"
    columns += " plant"
    print_records(records, columns, form=form, empty="no statistics", row=lambda record: {
        **record, "backlog": None if record["backlog"] == "0" else record["backlog"]
    })  # fmt: skip


for _command in (stock, documents, movements, production, curve, points, collectors, statistics, *LISTS):
    report.add_command(_command)
