"""The worklist and the backlog: rows due but not yet posted, and components that could not be issued.

The worklist *is* the open rows; it decides when a row is posted, never the quantity. Rows post in the order of date
and document. Cumulated rows of one line, process and posting date fold into one document, items with equal keys into
one item; others get a document per origin. Backlog records are issued one by one, oldest first, all or nothing, each
with a document of its own, from the stock that their posting would have used.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.balance import Account, Row
from gateway.backflush.memory.events import BacklogCorrect, Sender
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import Backlog
from gateway.backflush.memory.state import State
from gateway.backflush.plant.schedules import Schedule, next_run, parse_schedule
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting.booking import allocate, lacking, name_unused, post_rows
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.dates import posting_date, undatable
from gateway.backflush.posting.names import Said, judge
from gateway.backflush.posting.prices import profile_in_force, terms_of_material
from gateway.backflush.values.documents import (
    ACTIVITY,
    ISSUE,
    RECEIPT,
    Document,
    DocumentType,
    MaterialItem,
    Process,
    format_number,
)
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

WORK_AT_ONCE: Final = 50_000
"""One scheduled run of the worklist posts at most this many open rows; the rest waits for the next run."""
_ORDER: Final = (RECEIPT, ISSUE, ACTIVITY)
TOLD: Final = 5
"""An answer names at most this many missing components."""


class WorkResult(NamedTuple):
    """The result of a run of the worklist or backlog."""

    documents: int
    posted: int


def due_plants(state: State, now: int) -> set[str]:
    """Return the plants whose worklist the tick at `now` posts; rows that are held back do not count."""
    schedule = parse_schedule(state.rules.worklist)
    if schedule is None or schedule.kind == "demand":
        return set()
    waiting = _waiting(state)
    if schedule.kind == "rows":
        return set(waiting) if sum(waiting.values()) >= schedule.rows else set()
    return {plant for plant, at in _next_runs(state, schedule) if at <= now}


def next_work(state: State) -> list[int]:
    """Return the next run of each plant's worklist, if rows wait and time decides."""
    schedule = parse_schedule(state.rules.worklist)
    if schedule is None or schedule.kind in ("demand", "rows"):
        return []
    return [at for _, at in _next_runs(state, schedule)]


def _next_runs(state: State, schedule: Schedule) -> Iterator[tuple[str, int]]:
    for name in _waiting(state):
        plant = state.master.plants.get(name)
        at = None if plant is None else next_run(schedule, plant, state.now)
        if at is not None:
            yield name, at


def _waiting(state: State) -> dict[str, int]:
    """Count the open rows of each plant, except those held back."""
    waiting: dict[str, int] = {}
    for line in state.lines.values():
        if line.worklist and (line.plant, line.line, "") not in state.holds:
            for process, rows in ((ISSUE, line.open_issues), (ACTIVITY, line.open_activities)):
                if rows and (line.plant, line.line, process) not in state.holds:
                    waiting[line.plant] = waiting.get(line.plant, 0) + rows
    return waiting


def needs_of_rows(inquiry: Inquiry, rows: Iterable[Row]) -> None:
    """Name the records that rows refer to."""
    for row in rows:
        inquiry.scope(row.key.scope)
        inquiry.balance(row.key)


def work(books: Books, rows: Sequence[Row], sender: Sender) -> WorkResult:
    """Post open rows, given in the order of posting."""
    groups: dict[tuple[str, str, Process, str, int], list[Row]] = {}
    free = [row for row in rows if not books.state.is_held(row)]
    for row in free:
        origin = 0 if row.cumulate else row.document
        groups.setdefault((row.plant, row.line, row.key.process, row.posting_date, origin), []).append(row)
    made = 0
    for (plant, line, process, date, origin), members in groups.items():
        first = members[0]
        due_on = posting_date(books.state, plant, date)
        document = _heading(books, "worklist", first, due_on, sender)
        if origin:
            flow, reference = books.state.flows[first.key.flow], format_number(first.document)
            document = document._replace(flow=flow.id, shift=first.shift, reference=reference)
            document = document._replace(material=flow.material, version=flow.version, cost_object=flow.cost_object)
        books.begin(document)
        for profile, its in _by_profile(books, members):
            post_rows(books, document, its, profile)
        for row in members:
            books.changes.updated_rows[row.document, row.key] = row
        books.line(plant, line).wait(process, -len(members))
        made += 1
    return WorkResult(made, len(free))


def _heading(books: Books, type_: DocumentType, of: Row | Backlog, date: str, sender: Sender) -> Document:
    """Return a document of the line of a row or record, with no product of its own."""
    return Document(
        number=books.next_document,
        type=type_,
        plant=of.plant,
        line=of.line,
        material="",
        version="",
        cost_object="",
        flow="",
        batch="",
        posting_date=date,
        production_date=of.production_date,
        shift="",
        entered_at=books.now,
        cause=books.entry,
        actor=sender.actor,
        reason=sender.reason,
        reference="",
        reverses=0,
    )


def update(books: Books, newest: int) -> None:
    """Post the update worker's rows up to a document; held ones stay in the worklist."""
    handed = books.state.updates
    if handed:
        books.state.updates = [row for row in handed if row.document > newest]
        rows = [row for row in handed if row.document <= newest and row.state == "open"]
        # In their own order: after a restart they come in that of the ledger.
        rows.sort(key=lambda row: (row.document, _ORDER.index(row.key.process), row.key))
        work(books, rows, Sender("update"))


def _by_profile(books: Books, rows: Iterable[Row]) -> Iterable[tuple[RemProfile, list[Row]]]:
    """Return rows by the profile of their product, which decides how they are issued."""
    found: dict[str, tuple[RemProfile, list[Row]]] = {}
    # The order of balances does not matter; neighbouring rows of one balance are one difference.
    for name, its in groupby(sorted(rows, key=attrgetter("key")), key=attrgetter("key.flow")):
        flow = books.state.flows[name]
        profile = profile_in_force(books.state.master, flow.plant, flow.material)
        found.setdefault(profile.profile, (profile, []))[1].extend(its)
    return found.values()


def _today(books: Books, plant: str) -> str:
    return books.state.master.plants[plant].day(books.now).date


def retry(books: Books, records: Sequence[Backlog], sender: Sender, date: str = "") -> tuple[WorkResult, list[Backlog]]:
    """Issue records as far as stock now allows, oldest first; return the records left as well."""
    left: list[Backlog] = []
    for record in records:
        on = date or _stock_date(books, record)
        parts = allocate(books, record.stock_key, record.open, on, determination=record.determination)
        if record.open and sum(part for _, part in parts) == record.open:
            issue(books, record, parts, sender, on)
        elif record.open:
            left.append(record)
    posted = len(records) - len(left)
    return WorkResult(posted, posted), left


def why_left(books: Books, records: Iterable[Backlog], date: str = "") -> list[str]:
    """Explain why records cannot be issued, and a remedy: once for each missing component and place."""
    missing: dict[StockKey, list[Backlog]] = {}
    for record in records:
        missing.setdefault(record.stock_key, []).append(record)
    told = [_why_left(books, key, some, date) for key, some in list(missing.items())[:TOLD]]
    rest = len(missing) - len(told)
    return [*told, f"{rest} more components or places"] if rest else told


def _why_left(books: Books, key: StockKey, records: Sequence[Backlog], date: str) -> str:
    """Explain why records of one component at one place cannot be issued."""
    first = records[0]
    units = sum(record.open for record in records)
    what = (
        f"{key.material}: {format_quantity(units)} {first.unit}{f' of batch {key.batch}' if key.batch else ''} missing"
    )
    if not key.location:
        known = books.state.master.materials.get((key.plant, key.material))
        place = (known.issue_location if known is not None else "") or "LOCATION"
        helps = (
            f"backflush backlog correct {format_number(first.document)}/{first.item} --location {place} --reason WHY"
        )
        return f"{what}, without an issue location when they were due: `{helps}`"
    on = date or _stock_date(books, first)
    found = allocate(books, key, units, on, determination=first.determination)
    there = format_quantity(sum(part for _, part in found) or books.stock(key) or 0)
    others = name_unused(books, key, on, determination=first.determination).replace(";", ",", 1)
    return f"{what} at {key.location}, which holds {there}{others}"


def _stock_date(books: Books, record: Backlog) -> str:
    """Return the date of the stock that a record takes: that of the last receipt, else today."""
    came = books.facts.came.get((record.plant, record.material, record.location)) or _today(books, record.plant)
    return posting_date(books.state, record.plant, max(record.posting_date, came))


def issue(books: Books, record: Backlog, parts: Sequence[tuple[StockKey, int]], sender: Sender, date: str) -> Document:
    """Issue a quantity of a backlog record from each stock, at the price in force.

    Its date is the one a person entered, else that of the stock, which was not there when the record arose. The
    production date stays.
    """
    reference = f"{format_number(record.document)}/{record.item}"
    document = books.begin(_heading(books, "backlog", record, date, sender)._replace(reference=reference))
    terms = terms_of_material(books.state.master, record.plant, record.material, record.movement)
    carried = Account()
    for key, quantity in parts:
        amount = carried.value(quantity, terms)
        number, position = document.number, books.next_item(document.number)
        movement, unit, of = record.movement, record.unit, record.cost_object
        what = MaterialItem(number, position, "backlog", ISSUE, movement, *key[1:], -quantity, unit, amount, of, 0)
        books.move(document, key, what)
        lot = (key.batch, key.stock_type)
        record.lots[lot] = record.lots.get(lot, 0) + quantity
        record.issued += quantity
        record.issued_amount += amount
    books.changes.updated_backlog[record.document, record.item] = record
    if not record.open:
        books.line(record.plant, record.line).lack(-1)
    return document


def correct(books: Books, record: Backlog, how: BacklogCorrect, sender: Sender) -> Document | Rejection:
    """Issue a record from another location or batch, or less of it; the rest is closed with the reason."""
    name = f"{format_number(record.document)}/{record.item}"
    wanted = record.open if how.quantity is None else how.quantity
    if not record.open:
        return Rejection(Reason.UNKNOWN_RECORD, f"backlog record {name} is not open")
    if not 0 < wanted <= record.open:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"backlog record {name} has {format_quantity(record.open)} open, not {format_quantity(wanted)}",
        )
    said = Said(record.plant, locations=(how.location,), names=(("batch", how.batch),))
    if unknown := judge(books.state, said):
        return unknown
    key = record.stock_key._replace(location=how.location or record.location, batch=how.batch or record.batch)
    date = how.date or _stock_date(books, record)
    parts = allocate(books, key, wanted, date, determination=record.determination)
    short = lacking(books, key, wanted, date, determination=record.determination)
    if short is not None:
        return short
    refused = undatable(books, (record.plant,), how.date)
    if refused is not None:
        return refused
    record.issued_location = how.location
    document = issue(books, record, parts, sender, date)
    if record.open:
        close_backlog(books, record, sender.reason)
    return document


def close_backlog(books: Books, record: Backlog, reason: str) -> int:
    """Close the open rest of a record without an issue; the record stays."""
    quantity = record.open
    record.closed += quantity
    record.reason = reason
    books.changes.updated_backlog[record.document, record.item] = record
    books.line(record.plant, record.line).lack(-1)
    return quantity
