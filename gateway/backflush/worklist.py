"""The worklist and the backlog: what is due but not yet posted, and what could not be.

The worklist *is* the open rows; posting it changes when a row is posted, never what. Rows post in the order of date
and document. Cumulated rows of one line, process and posting date fold into one document, items with equal keys into
one item; others get a document per origin. Backlog records are worked off one by one, oldest first, all or nothing,
each with a document of its own, from whatever stock their posting would have taken them.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.accounts import Account
from gateway.backflush.booking import allocate, expired, post_rows
from gateway.backflush.documents import ISSUE, Document, format_number
from gateway.backflush.events import BacklogCorrect
from gateway.backflush.movements import StockKey
from gateway.backflush.names import still_to_come
from gateway.backflush.plant import RemProfile
from gateway.backflush.prices import profile_in_force, terms_of_material
from gateway.backflush.quantities import format_quantity
from gateway.backflush.records import OPEN, Backlog, Row
from gateway.backflush.state import State
from gateway.backflush.turn import Turn
from gateway.errors import Reason

_TOLD = 5
"""Stocks that a run of the backlog names, of those that it has passed over."""


class Worked(NamedTuple):
    """What a run of the worklist or backlog did."""

    documents: int
    posted: int
    left: int
    why: str = ""
    """What is to be said of what is left."""


def work(turn: Turn, rows: Sequence[Row], *, actor: str, reason: str) -> Worked:
    """Post open rows, given in the order in which they are to be posted."""
    groups: dict[tuple[str, str, str, str, int], list[Row]] = {}
    free = [row for row in rows if not held(turn.state, row)]
    for row in free:
        origin = 0 if row.cumulate else row.document
        groups.setdefault((row.plant, row.line, row.key.process, row.posting_date, origin), []).append(row)
    made = 0
    for (plant, line, process, posting_date, origin), members in groups.items():
        first = members[0]
        flow = turn.state.flows[first.key.flow] if origin else None
        document = turn.document(
            "worklist",
            plant=plant,
            line=line,
            posting_date=turn.posting_date(plant, posting_date),
            production_date=first.production_date,
            shift=first.shift if origin else "",
            flow=flow,
            actor=actor,
            reason=reason,
            reference=format_number(first.document) if origin else "",
        )
        for profile, its in _by_profile(turn, members):
            post_rows(turn, document, its, profile)
        for row in members:
            turn.changes.updated_rows[row.document, row.key] = row
        turn.line(plant, line).wait(process, -len(members))
        made += 1
    return Worked(made, len(free), len(rows) - len(free))


def held(state: State, row: Row) -> bool:
    """Say whether a row is held back from every run."""
    holds = state.holds
    return bool(holds) and ((row.plant, row.line, row.key.process) in holds or (row.plant, row.line, "") in holds)


def update(turn: Turn, newest: int) -> None:
    """Post what the update worker was handed up to a document; what is held stays in the worklist."""
    handed = turn.state.updates
    rows = [row for row in handed if row.document <= newest]
    if rows:
        turn.state.updates = handed[len(rows) :]
        work(turn, [row for row in rows if row.state == OPEN], actor="update", reason="")


def _by_profile(turn: Turn, rows: Iterable[Row]) -> Iterable[tuple[RemProfile, list[Row]]]:
    """Return rows by the profile of their product: each decides for itself how it is issued."""
    found: dict[str, tuple[RemProfile, list[Row]]] = {}
    # Marks do not care about each other's order; rows of one mark that stand together are one difference.
    for name, its in groupby(sorted(rows, key=attrgetter("key")), key=attrgetter("key.flow")):
        flow = turn.state.flows[name]
        profile = profile_in_force(turn.state.master, flow.plant, flow.material)
        found.setdefault(profile.profile, (profile, []))[1].extend(its)
    return found.values()


def undatable(turn: Turn, plants: Iterable[str], date: str) -> Rejection | None:
    """Say why a person may not date postings so: the day is still to come, or its period is closed."""
    for plant in dict.fromkeys(plants) if date else ():
        early = still_to_come(turn.state, plant, date, turn.now)
        if early is not None:
            return early
        if turn.posting_date(plant, date) != date:
            return Rejection(Reason.PERIOD_CLOSED, f"period {date[:7]} of plant {plant} is closed")
    return None


def _today(turn: Turn, plant: str) -> str:
    return turn.state.master.plants[plant].day(turn.now).date


def retry(turn: Turn, records: Sequence[Backlog], *, actor: str, reason: str, date: str = "") -> Worked:
    """Issue what stock now allows, oldest first."""
    posted = 0
    why: dict[str, None] = {}
    for record in records:
        on, determination = date or _stock_date(turn, record), record.determination
        parts = allocate(turn, record.stock_key, record.open, on, determination=determination)
        if not record.open or sum(part for _, part in parts) != record.open:
            passed_over = expired(turn, record.stock_key, on, determination=determination)
            if record.open and passed_over:
                why[f"; {record.material} at {record.location}{passed_over.replace(';', ':', 1)}"] = None
            continue
        issue(turn, record, parts, actor=actor, reason=reason, date=on)
        posted += 1
    return Worked(posted, posted, len(records) - posted, "".join(list(why)[:_TOLD]))


def _stock_date(turn: Turn, record: Backlog) -> str:
    """Return the date of the stock that a record takes: of what has just come for it, else today."""
    came = turn.facts.came.get((record.plant, record.material, record.location)) or _today(turn, record.plant)
    return turn.posting_date(record.plant, max(record.posting_date, came))


def issue(
    turn: Turn, record: Backlog, parts: Sequence[tuple[StockKey, int]], *, actor: str, reason: str, date: str
) -> Document:
    """Issue so much of a backlog record from each stock, at the price in force.

    It is dated as a person says, else on the day of that stock, which was not there when the record arose. What was
    produced with it keeps its production date.
    """
    document = turn.document(
        "backlog",
        plant=record.plant,
        line=record.line,
        posting_date=date,
        production_date=record.production_date,
        actor=actor,
        reason=reason,
        reference=f"{format_number(record.document)}/{record.item}",
    )
    terms = terms_of_material(turn.state.master, record.plant, record.material, record.movement)
    carried = Account()
    for key, quantity in parts:
        amount = carried.value(quantity, terms)
        turn.move(document, "backlog", ISSUE, record.movement, key, -quantity, record.unit, amount, record.cost_object)
        lot = (key.batch, key.stock_type)
        record.lots[lot] = record.lots.get(lot, 0) + quantity
        record.issued += quantity
        record.issued_amount += amount
    turn.changes.updated_backlog[record.document, record.item] = record
    if not record.open:
        turn.line(record.plant, record.line).backlog -= 1
    return document


def correct(turn: Turn, record: Backlog, how: BacklogCorrect, *, actor: str, reason: str) -> Document | Rejection:
    """Issue a record from another location or batch, or less of it; what is less is closed with the reason."""
    name = f"{format_number(record.document)}/{record.item}"
    wanted = record.open if how.quantity is None else how.quantity
    if not record.open:
        return Rejection(Reason.UNKNOWN_RECORD, f"backlog record {name} is not open")
    if not 0 < wanted <= record.open:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"backlog record {name} has {format_quantity(record.open)} open, not {format_quantity(wanted)}",
        )
    key = record.stock_key._replace(location=how.location or record.location, batch=how.batch or record.batch)
    date = how.date or _stock_date(turn, record)
    parts = allocate(turn, key, wanted, date, determination=record.determination)
    if sum(part for _, part in parts) != wanted:
        return Rejection(
            Reason.SHORTAGE,
            f"location {key.location or '(none)'} holds {format_quantity(turn.stock(key) or 0)}, "
            f"needed are {format_quantity(wanted)}" + expired(turn, key, date, determination=record.determination),
        )
    refused = undatable(turn, (record.plant,), how.date)
    if refused is not None:
        return refused
    record.issued_location = how.location
    document = issue(turn, record, parts, actor=actor, reason=reason, date=date)
    if record.open:
        close(turn, record, reason)
    return document


def close(turn: Turn, record: Backlog, reason: str) -> int:
    """Close what is open of a record without an issue; the record stays."""
    quantity = record.open
    record.closed += quantity
    record.reason = reason
    turn.changes.updated_backlog[record.document, record.item] = record
    turn.line(record.plant, record.line).backlog -= 1
    return quantity
