"""Quarantine: list and settle messages that could not be posted, by number or by a filter."""

import time
import uuid
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, TypedDict, Unpack

import click

from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import count_endings
from gateway.cli.produce.requests import answer_to, ask, asking
from gateway.cli.shared.arguments import (
    ONLY_PLACE,
    LinePlace,
    document_filter,
    document_number,
    ledger,
    plant_times,
    refuse_unknown,
)
from gateway.cli.shared.command import ROWS, Invocation, answer_no, command, group, pass_invocation
from gateway.cli.shared.output import cut, print_json, print_records, print_table, say
from gateway.cli.shared.unanswered import Asked
from gateway.errors import Reason, UsageError


@group("quarantine")
def quarantine() -> None:
    """List and settle readings that could not be posted.

    They are settled by a replay, a dismissal or the device's next total; entries are never deleted.
    """


def _filters(function: Callable[..., None]) -> Callable[..., None]:
    """Add the filters of quarantine entries, the same for every command."""
    for option in (
        click.option("--age", default="", metavar="36h", help="Only entries that are older: 30min, 36h, 3d."),
        click.option("--code", default="", metavar="BF3014", help="Only this reason code."),
        click.option("--device", default="", help="Only this device."),
        ONLY_PLACE,
    ):
        function = option(function)
    return function


class _Chosen(TypedDict):
    """The filters of quarantine entries."""

    place: LinePlace
    device: str
    code: str
    age: str


@command("list", example="backflush quarantine list --sum", records=True)
@click.option(
    "--state",
    type=click.Choice(["open", "healed", "repeated", "replayed", "dismissed", "all"]),
    default="open",
    show_default=True,
    help="Status to show.",
)
@_filters
@click.option("--kind", type=click.Choice(["unbooked", "untrusted"]),
              help="unbooked: units without a place; untrusted: messages that book nothing.")  # fmt: skip
@click.option("--since", default="", metavar="TIME", help="Only entries since this date or time.")
@click.option("--sum", "cumulated", is_flag=True, help="Summed by device and code.")
@click.option("--after", default="", metavar="NUMBER", help="Only entries older than this one: the next page.")
@click.option("--limit", default=100, show_default=True, type=ROWS, help="At most this many, newest first.")
@pass_invocation
def quarantine_list(
    invocation: Invocation,
    state: str,
    kind: str | None,
    since: str,
    after: str,
    limit: int,
    *,
    cumulated: bool,
    form: str,
    **chosen: Unpack[_Chosen],
) -> None:
    """List the entries, newest first; JSON and CSV have topic and payload."""
    from gateway.ledger.reports import present

    which = present.Entries(
        "" if state == "all" else state,
        str(chosen["place"]),
        chosen["device"],
        _code(chosen["code"]),
        _until(chosen["age"]),
        document_number(after, "--after") if after else 0,
        kind or "",
    )
    report = present.sum_quarantine if cumulated else present.quarantine
    with ledger(invocation) as connection:
        which = which._replace(since=document_filter(connection, chosen["place"], since, "").since)
        found = report(connection, which, limit=limit + 1)
        refuse_unknown(connection, found, place=chosen["place"], device=chosen["device"])
        at = plant_times(connection)
    columns = "number device >yield >scrap text=what,_and_why at code >messages state line plant kind"
    also = "entry reason topic payload last_entry last_at"
    if cumulated:
        columns, also = "device code >entries >messages >yield >scrap first_at last_at", "newest"
    records, more = cut(found, limit, "most frequent" if cumulated else "newest")
    if more and not cumulated:
        more += f", --after {records[-1]['number']} the next"

    def row(record: Mapping[str, Any]) -> dict[str, Any]:
        times = {
            name: at(record.get("plant", ""), record[name]) for name in ("at", "first_at", "last_at") if name in record
        }
        return {**record, **times}

    print_records(records, f"{columns} | {also}", form=form, empty="quarantine is empty", row=row, more=more)


def _code(text: str) -> str:
    """Return a reason code; UsageError if there is none like it."""
    from devices.errors import Malformed

    code = text.upper()
    if code and code not in {*Malformed, *Reason}:
        raise UsageError(f"--code: expected a reason code such as BF3014, got {quote(text)}")
    return code


def _until(age: str) -> int:
    """Return the time up to which entries are old enough; 0: all are."""
    from gateway.backflush.plant.schedules import parse_age

    seconds = parse_age(age) if age else 0
    if seconds is None:
        raise UsageError(f"--age: expected a time such as 30min, 36h or 3d, got {quote(age)}")
    return time.time_ns() // 1000 - seconds * 1_000_000 if seconds else 0


class _Settlement(Asked, _Chosen):
    """The options of a command that settles entries."""

    every: bool


_named = click.argument("numbers", metavar="[NUMBER...]", nargs=-1)
_all = click.option("--all", "every", is_flag=True, help="All open entries.")


@command("replay", example="backflush quarantine replay --device L04-CNT9", data=True)
@_named
@_filters
@_all
@asking
@pass_invocation
def quarantine_replay(invocation: Invocation, numbers: tuple[str, ...], **wish: Unpack[_Settlement]) -> None:
    """Post entries once their cause is corrected; each is booked once, at its own time.

    With a filter, or --all, the open entries that it finds, oldest first.
    """
    _settle(invocation, "quarantine-replay", numbers, wish)


@command("dismiss", example='backflush quarantine dismiss --code BF1013 --age 3d --reason "torn labels"', data=True)
@_named
@_filters
@_all
@asking
@pass_invocation
def quarantine_dismiss(invocation: Invocation, numbers: tuple[str, ...], **wish: Unpack[_Settlement]) -> None:
    """Settle entries without posting; needs a reason, and deletes nothing."""
    if not wish["reason"]:
        raise click.UsageError("dismissing needs --reason")
    _settle(invocation, "quarantine-dismiss", numbers, wish)


def _settle(invocation: Invocation, verb: str, numbers: tuple[str, ...], wish: _Settlement) -> None:
    """Settle the named entries, or those of a filter."""
    place, device = wish["place"], wish["device"]
    filters = {
        "device": device,
        "code": _code(wish["code"]),
        "age": wish["age"],
        "all": wish["every"] or bool(place.plant) or None,
    }
    if bool(numbers) == any(filters.values()):
        raise click.UsageError("expected numbers, or a filter, or --all")
    if numbers:
        entries = ask(invocation, verb, place, {"numbers": list(numbers)}, wish)["data"]["entries"]
        _print_endings(entries, wish)
    else:
        entries = _settle_pages(invocation, verb, filters, wish)
    if not entries and not wish["every"]:
        with ledger(invocation) as connection:
            refuse_unknown(connection, device=device)
        raise UsageError("expected open entries, there are none like that; `backflush quarantine list`")
    if any(now == "unknown" or now.startswith("still refused") for now in entries.values()):
        answer_no()


def _settle_pages(invocation: Invocation, verb: str, filters: dict[str, Any], wish: _Settlement) -> dict[str, str]:
    """Settle page by page, so that no request is without bounds; print the sum as one answer, and return all results.

    Each page has a transaction of its own: the same command goes on where it was interrupted.
    """
    wish, after = {**wish, "transaction": wish.get("transaction") or str(uuid.uuid4())}, ""
    entries: dict[str, str] = {}
    whole: dict[str, Any] = {"entries": entries, "done": 0, "refused": 0, "left": 0}
    for page in count(1):
        suffix = f"-{page}" if page > 1 else ""
        answer = answer_to(invocation, verb, wish["place"], {**filters, "after": after}, wish, suffix)
        data = answer["data"]
        for name in ("done", "refused"):
            whole[name] += data[name]
        whole["left"], after = data["left"], data["after"]
        entries |= data["entries"]
        _print_endings(data["entries"], wish)
        if not after:
            break
    text = count_endings(entries, "entry") if entries else answer["text"]
    if wish["as_json"]:
        print_json({**answer, "transaction": wish["transaction"], "text": text, "data": whole})
    else:
        say(text)
    return entries


def _print_endings(entries: Mapping[str, str], wish: _Settlement) -> None:
    if not wish["as_json"]:
        print_table([("number", False), ("now", False)], list(map(list, entries.items())))


for _command in (quarantine_list, quarantine_replay, quarantine_dismiss):
    quarantine.add_command(_command)
