"""Upkeep: backlog and posting periods."""

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Unpack

import click

from gateway.cli.produce.requests import ask, asking
from gateway.cli.shared.arguments import ONLY_PLACE, QUANTITY, LinePlace, ledger, master_of, refuse_unknown
from gateway.cli.shared.command import ROWS, Invocation, answer_no, command, group, pass_invocation, tell
from gateway.cli.shared.output import TABLE, age, cut, print_records, print_table
from gateway.cli.shared.unanswered import Asked
from gateway.errors import Reason

if TYPE_CHECKING:
    from sqlalchemy import Connection

_CAUSES = {Reason.SHORTAGE: "too little stock", Reason.NO_ISSUE_LOCATION: "no issue location"}
_date = click.option("--date", metavar="YYYY-MM-DD", help="The posting date; by default today.")


@group("backlog")
def backlog() -> None:
    """List and settle components that could not be issued."""


@command("list", example="backflush backlog list --line 1000/L04", records=True)
@ONLY_PLACE
@click.option("--material", default="", help="Only this component.")
@click.option("--sum", "cumulated", is_flag=True, help="Summed by component and location.")
@click.option("--limit", default=200, show_default=True, type=ROWS, help="At most this many, oldest first.")
@pass_invocation
def backlog_list(
    invocation: Invocation, place: LinePlace, material: str, limit: int, *, cumulated: bool, form: str
) -> None:
    """List the open records, oldest first."""
    from gateway.ledger.reports import present

    now = time.time_ns() // 1000
    with ledger(invocation) as connection:
        if cumulated:
            records, more = present.sum_backlog(connection, now, line=str(place), material=material), ""
        else:
            found = present.backlog(connection, now, line=str(place), material=material, limit=limit + 1)
            records, more = cut(found, limit, "oldest")
        refuse_unknown(connection, records, place=place, material=material)
        passed_over = _find_expired(connection, records, now) if form == TABLE else []
    columns = "plant material location >quantity=missing unit >records *>age"
    also = "created_at age_s"
    if not cumulated:
        columns = "document >item material >quantity=missing unit location *>age cause line plant"
        also = f"movement required issued closed cost_object production_date {also}"

    def row(record: Mapping[str, Any]) -> dict[str, Any]:
        code = record.get("cause", "")
        return {**record, "age": age(record["age_s"]), "cause": _CAUSES.get(code, code)}

    print_records(records, f"{columns} | {also}", form=form, empty="nothing is missing", row=row, more=more)
    for text in passed_over:
        tell(text)


def _find_expired(connection: "Connection", records: Sequence[Mapping[str, Any]], now: int) -> list[str]:
    """Describe expired stock of missing components."""
    from gateway.backflush.plant.snapshot import Batch
    from gateway.backflush.values.quantities import format_quantity
    from gateway.ledger.reports.present import batches_there

    places = {(record["plant"], record["material"], record["location"]) for record in records}
    there = batches_there(connection, places) if places else []
    if not there:
        return []
    master, told = master_of(connection), []
    for key, quantity in there:
        batch = master.batches.get((key.plant, key.material, key.batch), Batch())
        if batch.is_expired(master.plants[key.plant].day(now).date):
            what = f"{format_quantity(quantity)} of batch {key.batch} expired after {batch.expires}"
            told.append(f"{key.material} at {key.location}: {what}; it is issued only to who names it")
    return told


@command("retry", example="backflush backlog retry --material GRANULATE", data=True)
@ONLY_PLACE
@click.option("--material", default="", help="Only this component.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20_000, show_default=True, help="At most this many.")
@_date
@asking
@pass_invocation
def backlog_retry(
    invocation: Invocation, place: LinePlace, material: str, limit: int, date: str | None, **said: Unpack[Asked]
) -> None:
    """Issue components that are now in stock, oldest first."""
    with ledger(invocation) as connection:
        refuse_unknown(connection, material=material)  # the gateway judges the place
    ask(invocation, "backlog-retry", place, {"material": material, "limit": limit, "date": date}, said)


@command("correct", example="backflush backlog correct 0000004712/3 --location RM02 --reason 'is in RM02'", data=True)
@click.argument("record", metavar="DOCUMENT/ITEM")
@click.option(
    "--quantity",
    type=QUANTITY,
    help="Issue this quantity, and close the rest with the reason; by default all is issued.",
)
@click.option("--location", help="Issue it from this location.")
@click.option("--batch", help="Issue this batch.")
@_date
@asking
@pass_invocation
def backlog_correct(
    invocation: Invocation,
    record: str,
    quantity: str | None,
    location: str | None,
    batch: str | None,
    date: str | None,
    **said: Unpack[Asked],
) -> None:
    """Issue a record from elsewhere, or less of it."""
    data = {"record": record, "quantity": quantity, "location": location, "batch": batch, "date": date}
    ask(invocation, "backlog-correct", LinePlace(), data, said)


@command("close", example='backflush backlog close 0000004712/3 --reason "counted, nothing is missing"', data=True)
@click.argument("records", metavar="DOCUMENT/ITEM...", nargs=-1, required=True)
@asking
@pass_invocation
def backlog_close(invocation: Invocation, records: tuple[str, ...], **said: Unpack[Asked]) -> None:
    """Close records without an issue; needs a reason, and deletes nothing."""
    if not said["reason"]:
        raise click.UsageError("closing needs --reason")
    answer = ask(invocation, "backlog-close", LinePlace(), {"records": list(records)}, said)
    became: dict[str, str] = answer["data"].get("records", {})
    if not said["as_json"]:
        print_table([("record", False), ("now", False)], list(map(list, became.items())))
    if not all(now.startswith("closed") for now in became.values()):
        answer_no()


@group("period")
def period() -> None:
    """Open and close posting periods.

    A late piece of a closed period goes to the next open day, or waits in quarantine, by the plant's policy.
    """


def _period(invocation: Invocation, plant: str, month: str, said: Asked, *, closed: bool, force: bool = False) -> None:
    data = {"period": month, "closed": closed, **({"force": True} if force else {})}
    ask(invocation, "period", LinePlace(plant), data, said)


@command("open", example="backflush period open 1000 2026-11", data=True)
@click.argument("plant")
@click.argument("month", metavar="YYYY-MM")
@asking
@pass_invocation
def period_open(invocation: Invocation, plant: str, month: str, **said: Unpack[Asked]) -> None:
    """Let a period take postings again."""
    _period(invocation, plant, month, said, closed=False)


@command("close", example="backflush period close 1000 2026-10", data=True)
@click.argument("plant")
@click.argument("month", metavar="YYYY-MM")
@click.option("--force", is_flag=True, help="Close it although it is not over, or has unposted quantities.")
@asking
@pass_invocation
def period_close(invocation: Invocation, plant: str, month: str, *, force: bool, **said: Unpack[Asked]) -> None:
    """Close a period for postings."""
    _period(invocation, plant, month, said, closed=True, force=force)


for _group, _commands in (
    (backlog, (backlog_list, backlog_retry, backlog_correct, backlog_close)),
    (period, (period_open, period_close)),
):
    for _command in _commands:
        _group.add_command(_command)
