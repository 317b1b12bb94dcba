"""Prefetch: the ledger rows that a part of a batch touches, named before the step and read in one go.

Each input names its rows (`needs_of_...`, next to the code that touches them); here they are merged. Rows that the
answers refer to (the rows of a document, the time of a quarantine entry) are read after them.

A *barrier* (a command, an undo, an import) is stepped alone and after a commit, because the entries before it may
have posted the rows that it reads.
"""

from collections.abc import Callable, Iterable, Mapping

from devices.barcodes import Control, Verb
from gateway.backflush.eviction import recall
from gateway.backflush.inputs.commands import needs_of_command
from gateway.backflush.inputs.counts import needs_of_count
from gateway.backflush.inputs.imports import needs_of_import
from gateway.backflush.inputs.published import needs_of_published
from gateway.backflush.inputs.scans import needs_of_refused, needs_of_scan
from gateway.backflush.inputs.upkeep import needs_of_entries
from gateway.backflush.memory.changes import NO_FACTS, Facts, Needs
from gateway.backflush.memory.events import Command, Configured, Counted, Event, MasterDataImport, Published, Scanned
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.state import State
from gateway.backflush.posting.worklist import needs_of_rows
from gateway.backflush.reversal.reversal import needs_of_dossiers


def is_barrier(event: Event) -> bool:
    """Return whether an event must be stepped alone, after everything before it is committed."""
    match event:
        case Command() | MasterDataImport() | Configured():
            return True
        case Published(_, parts):
            return any(isinstance(part, Scanned) and is_barrier(part) for part in parts)
        case Scanned():
            return isinstance(event.label, Control) and event.label.verb is Verb.UNDO
        case _:
            return False


def inquire(state: State, events: Iterable[Event], now: int) -> Inquiry:
    """Name the records that events of `now` touch."""
    inquiry = Inquiry(state, now, events)
    for event in events:
        match event:
            case Counted():
                needs_of_count(inquiry, event)
            case Scanned():
                needs_of_scan(inquiry, event)
            case Published():
                needs_of_published(inquiry, event)
            case MasterDataImport():
                needs_of_import(inquiry, event)
            case Command():
                needs_of_command(inquiry, event)
            case _:
                pass
    return inquiry


def gather(inquiry: Inquiry, read: Callable[[Needs], Facts]) -> Facts:
    """Read the named rows, and those that the answers refer to, until all of them are in memory."""
    wanted = inquiry.needs()
    if not wanted:
        return NO_FACTS
    state, found = inquiry.state, read(wanted)
    facts = found
    refused = needs_of_refused(facts.scans)
    replays = {n: e for event in inquiry.events if isinstance(event, Command) for n, e in event.replays.items()}
    if refused or facts.quarantine:
        entries = Inquiry(state, inquiry.now)
        needs_of_entries(entries, facts.quarantine.values(), replays)
        beside = read(entries.once._replace(scans=refused, serials=tuple(entries.serials)))
        facts.scans |= beside.scans
        facts.serials |= beside.serials
        facts.documents |= beside.documents
        facts.later |= beside.later
    while True:
        recall(state, wanted, found)
        # The runs of a time bring the lots and sales orders that they were for.
        rest = inquire(state, inquiry.events, inquiry.now) if wanted.runs else Inquiry(state, inquiry.now)
        _add_rest(rest, facts, replays)
        before, wanted = wanted, rest.names()
        if not wanted:
            return facts
        assert wanted != before, f"the ledger has no {wanted}"
        found = read(wanted)


def _add_rest(inquiry: Inquiry, facts: Facts, replays: Mapping[int, Event]) -> None:
    """Name the rows that the answers refer to."""
    needs_of_rows(inquiry, facts.worklist)
    needs_of_dossiers(inquiry, facts.documents.values())
    needs_of_entries(inquiry, facts.quarantine.values(), replays)
    for waiting in facts.unvalued:
        inquiry.explosion(waiting.explosion)
