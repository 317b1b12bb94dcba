"""Quarantine: list and settle messages that could not be posted, by number or by a filter."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any, TypedDict, Unpack

import click

from gateway.backflush.values.names import quote
from gateway.cli.produce.requests import answer_to, ask, asking
from gateway.cli.shared.arguments import PLACE, LinePlace, ledger, plant_times, refuse_unknown
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
        click.option("--line", "place", type=PLACE, default=LinePlace(), help="Only this line or plant."),
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
@click.option("--sum", "cumulated", is_flag=True, help="Summed by device and code.")
@click.option("--after", default="", metavar="NUMBER", help="Only entries older than this one: the next page.")
@click.option("--limit", default=100, show_default=True, type=ROWS, help="At most this many, newest first.")
@pass_invocation
def quarantine_list(
    invocation: Invocation, state: str, after: str, limit: int, *, cumulated: bool, form: str, **chosen: Unpack[_Chosen]
) -> None:
    """List the entries, newest first; JSON and CSV have topic and payload."""
    from gateway.ledger.reports import present

    which = present.Entries(
        "" if state == "all" else state,
        str(chosen["place"]),
        chosen["device"],
        _code(chosen["code"]),
        _until(chosen["age"]),
        _number(after),
    )
    report = present.sum_quarantine if cumulated else present.quarantine
    with ledger(invocation) as connection:
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


def _number(text: str) -> int:
    """Return the number of an entry; 0 without one."""
    from gateway.backflush.values.quantities import parse_whole

    number = parse_whole(text) if text else 0
    if number is None:
        raise UsageError(f"--after: expected a number such as 0000000003, got {quote(text)}")
    return number


_named = click.argument("numbers", metavar="[NUMBER...]", nargs=-1)
_all = click.option("--all", "every", is_flag=True, help="All open entries.")


@command("replay", example="backflush quarantine replay --device L04-CNT9", data=True)
@_named
@_filters
@_all
@asking
@pass_invocation
def quarantine_replay(
    invocation: Invocation,
    numbers: tuple[str, ...],
    place: LinePlace,
    device: str,
    code: str,
    age: str,
    *,
    every: bool,
    **said: Unpack[Asked],
) -> None:
    """Post entries once their cause is corrected; each is booked once, at its own time.

    With a filter, or --all, the open entries that it finds, oldest first.
    """
    chosen = _Chosen(place=place, device=device, code=code, age=age)
    _settle(invocation, "quarantine-replay", numbers, chosen, said, every=every)


@command("dismiss", example='backflush quarantine dismiss --code BF1013 --age 3d --reason "torn labels"', data=True)
@_named
@_filters
@_all
@asking
@pass_invocation
def quarantine_dismiss(
    invocation: Invocation,
    numbers: tuple[str, ...],
    place: LinePlace,
    device: str,
    code: str,
    age: str,
    *,
    every: bool,
    **said: Unpack[Asked],
) -> None:
    """Settle entries without posting; needs a reason, and deletes nothing."""
    if not said["reason"]:
        raise click.UsageError("dismissing needs --reason")
    chosen = _Chosen(place=place, device=device, code=code, age=age)
    _settle(invocation, "quarantine-dismiss", numbers, chosen, said, every=every)


def _settle(
    invocation: Invocation, verb: str, numbers: tuple[str, ...], chosen: _Chosen, said: Asked, *, every: bool
) -> None:
    """Settle the named entries, or those of a filter: page by page, so that no request is without bounds."""
    place, device = chosen["place"], chosen["device"]
    filters = {
        "device": device,
        "code": _code(chosen["code"]),
        "age": chosen["age"],
        "all": every or bool(place.plant) or None,
    }
    if bool(numbers) == any(filters.values()):
        raise click.UsageError("expected numbers, or a filter, or --all")
    if numbers:
        answer = ask(invocation, verb, place, {"numbers": list(numbers)}, said)
        pages = [answer["data"]]
        _print_endings(pages[0], said)
    else:
        pages = [*_settle_pages(invocation, verb, place, filters, said)]
    ends = [now for page in pages for now in page["entries"].values()]
    if not ends and not every:
        with ledger(invocation) as connection:
            refuse_unknown(connection, device=device)
        raise UsageError("expected open entries, there are none like that; `backflush quarantine list`")
    if any(now == "unknown" or now.startswith("still refused") for now in ends):
        answer_no()


def _settle_pages(
    invocation: Invocation, verb: str, place: LinePlace, filters: dict[str, Any], said: Asked
) -> Iterator[dict[str, Any]]:
    """Ask for page after page, each under a transaction of its own, and print the sum as one answer."""
    transaction, after = said.get("transaction") or str(uuid.uuid4()), ""
    whole: dict[str, Any] = {"entries": {}, "done": 0, "refused": 0, "left": 0}
    for page in count(1):
        suffix = f"-{page}" if page > 1 else ""
        answer = answer_to(
            invocation, verb, place, {**filters, "after": after}, {**said, "transaction": transaction}, suffix
        )
        data = answer["data"]
        for name in ("done", "refused"):
            whole[name] += data[name]
        whole["left"], after = data["left"], data["after"]
        if said["as_json"]:
            whole["entries"] |= data["entries"]
        else:
            _print_endings(data, said)
        yield data
        if not after:
            break
    text = f"{whole['done']} {'replayed' if verb.endswith('replay') else 'dismissed'}, {whole['refused']} refused again"
    if said["as_json"]:
        print_json({**answer, "transaction": transaction, "text": text, "data": whole})
    else:
        say(text)


def _print_endings(data: Mapping[str, Any], said: Asked) -> None:
    if not said["as_json"]:
        print_table([("number", False), ("now", False)], list(map(list, data["entries"].items())))


for _command in (quarantine_list, quarantine_replay, quarantine_dismiss):
    quarantine.add_command(_command)
