"""Upkeep: quarantine, backlog, holds and periods, settled by hand. Nothing is ever deleted."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, assert_never

from devices.barcodes import Control
from devices.errors import Malformed, Rejection
from devices.messages import Reading
from gateway.backflush.inputs.cards import CHOICES
from gateway.backflush.inputs.contexts import choices_of
from gateway.backflush.inputs.counts import NOT_COUNTED, book_units, confirm, needs_of_count, uncountable
from gateway.backflush.inputs.labels import Meaning, post_scan
from gateway.backflush.inputs.quarantine import forget_entry
from gateway.backflush.inputs.scans import needs_of_scan, remember_replay, rescan
from gateway.backflush.memory.changes import Signature
from gateway.backflush.memory.events import (
    Answer,
    BacklogClose,
    BacklogCorrect,
    Command,
    Counted,
    Event,
    Hold,
    Period,
    QuarantineDismiss,
    QuarantineReplay,
    Refused,
    Scanned,
    time_said,
)
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import UNBOOKED, UNTRUSTED, EntryState, Outcome, QuarantineEntry
from gateway.backflush.plant.versions import Named
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.dates import not_over, posting_date
from gateway.backflush.posting.drafts import report_at
from gateway.backflush.posting.names import judges, unknown_line
from gateway.backflush.posting.places import BookingPlace, PlaceRequest, needs_of_place, no_point, place_at
from gateway.backflush.posting.serials import find_confirmed
from gateway.backflush.posting.shortages import shortfall
from gateway.backflush.posting.worklist import WORK_AT_ONCE, close_backlog, correct, work
from gateway.backflush.values.counting import Ending, Increment
from gateway.backflush.values.documents import UPDATE, Timing, format_number
from gateway.backflush.values.names import quote
from gateway.backflush.values.phrases import in_english
from gateway.backflush.values.quantities import agree, count_endings, format_quantity, number_of
from gateway.errors import Reason

_NO_READING = Reading()

_KEPT_SINCE = 2
"""The first edition in which a hold without a reason leaves an earlier one with its reason."""

Upkeep = Hold | BacklogCorrect | BacklogClose | QuarantineReplay | QuarantineDismiss | Period


def needs_of_upkeep(inquiry: Inquiry, event: Command, action: Upkeep) -> None:
    """Name the records that a person's upkeep touches."""
    state = inquiry.state
    match action:
        case BacklogCorrect(record):
            inquiry.once = inquiry.once._replace(records=(record,))
        case BacklogClose(records):
            inquiry.once = inquiry.once._replace(records=records)
        case Period(plant, period, True):
            inquiry.once = inquiry.once._replace(period=(plant, period))
        case Hold(plant, line, process, False, every):
            held = tuple(sorted(state.holds.difference(state.holds_to_release(plant, line, process, every=every))))
            timing: Timing | Literal[""]
            timing, limit = (UPDATE, 0) if judges(state) else ("", WORK_AT_ONCE)
            inquiry.once = inquiry.once._replace(worklist=(plant, line, process, limit), timing=timing, held=held)
        case QuarantineReplay(numbers, which) | QuarantineDismiss(numbers, which):
            for replay in event.replays.values():
                if isinstance(replay, Counted):
                    needs_of_count(inquiry, replay)
                elif isinstance(replay, Scanned):
                    needs_of_scan(inquiry, replay)
            wanted = (which, inquiry.now - which.age, state.ordinal) if which is not None else None
            inquiry.once = inquiry.once._replace(quarantine=numbers, entries=wanted)
        case _:
            pass


def needs_of_entries(inquiry: Inquiry, entries: Iterable[QuarantineEntry], replays: Mapping[int, Event]) -> None:
    """Name the records of entries: a replay is of the entry's time, or of the message's own; a run's card acts now."""
    for entry in entries:
        said, replay = json.loads(entry.content), replays.get(entry.number)
        inquiry.serials.extend(said.get("serials", ()))
        ts = time_said(replay) if replay is not None else None
        for plant, line in {(entry.plant, entry.line), (said.get("plant", ""), said.get("line", ""))}:
            if line:
                inquiry.runs(plant, line, inquiry.now)
            for at in {entry.at, entry.at if ts is None else ts}:
                needs_of_place(inquiry, plant, line, at, said.get("batch", ""))
        if entry.state == "open" and entry.kind != UNBOOKED and isinstance(replay, Scanned):
            needs_of_scan(inquiry, replay, choices_of(entry))


def upkeep(books: Books, event: Command, action: Upkeep) -> Answer | Rejection:
    """Carry out a person's upkeep."""
    match action:
        case Hold():
            return _hold(books, event, action)
        case BacklogCorrect():
            return _correct(books, event, action)
        case BacklogClose():
            return _close(books, event, action)
        case QuarantineReplay():
            return _each(books, action, lambda entry: _replay(books, event, entry))
        case QuarantineDismiss():
            if not event.reason:
                return Rejection(Reason.BAD_COMMAND, "dismissing a quarantine entry needs a reason")
            return _each(books, action, lambda entry: _dismiss(books, event, entry))
        case Period():
            return _period(books, action)
        case _:
            assert_never(action)


def _hold(books: Books, event: Command, action: Hold) -> Answer | Rejection:
    """Hold rows back, or release them; a release posts the rows that the update worker got meanwhile."""
    plant, line, holds = action.plant, action.line, books.state.holds
    ended = [] if action.held else books.state.holds_to_release(plant, line, action.process, every=action.every)
    unknown = None if ended else unknown_line(books.state.master, plant, line)
    if unknown is not None:
        return unknown
    what = f"the worklist of {plant}/{line}" + (f", {action.process}" if action.process else "")
    if action.held:
        key = (plant, line, action.process)
        if key in holds and not event.reason and books.state.rules.edition >= _KEPT_SINCE:
            return Answer(f"{what} is held already", {"held": True})
        holds.add(key)
        books.changes.holds[key] = True, Signature(event.actor, event.reason, books.now)
        return Answer(f"{what} is held", {"held": True})
    for key in ended:
        holds.discard(key)
        books.changes.holds[key] = False, Signature(event.actor, event.reason, books.now)
    # In older journals rows of other timings came as well, and the rest of many was left.
    rows = [row for row in books.facts.worklist if row.timing == UPDATE]
    done = work(books, rows, event.sender)
    kinds = [process for *_, process in ended if process and not action.process]
    told = [f"{what} {'is released' if ended else 'was not held'}" + (f", {' and '.join(kinds)} too" if kinds else "")]
    if done.posted:
        told.append(f"{done.posted} posted in {number_of(done.documents, 'document')}")
    stays = [process or "the line as a whole" for *_, process in sorted(h for h in holds if h[:2] == (plant, line))]
    if stays:
        told.append(f"still held: {', '.join(stays)}")
    data = {"held": bool(stays), "released": bool(ended), "posted": done.posted, "documents": done.documents}
    return Answer("; ".join(told), data)


def _correct(books: Books, event: Command, action: BacklogCorrect) -> Answer | Rejection:
    record = books.facts.records.get(action.record)
    name = f"{format_number(action.record[0])}/{action.record[1]}"
    if record is None:
        return Rejection(Reason.UNKNOWN_RECORD, f"there is no backlog record {name}")
    if not event.reason:
        return Rejection(Reason.BAD_COMMAND, "correcting a backlog record needs a reason")
    before = record.closed
    done = correct(books, record, action, event.sender)
    if isinstance(done, Rejection):
        return done
    number, closed = format_number(done.number), record.closed - before
    text = f"issued by {number}" + (
        f", {format_quantity(closed)} {agree(closed, 'is')} closed without an issue" if closed else ""
    )
    return Answer(text, {"document": number, "closed": format_quantity(closed)})


def _close(books: Books, event: Command, action: BacklogClose) -> Answer | Rejection:
    if not event.reason:
        return Rejection(Reason.BAD_COMMAND, "closing a backlog record needs a reason")
    results: dict[str, str] = {}
    for document, item in dict.fromkeys(action.records):
        name = f"{format_number(document)}/{item}"
        record = books.facts.records.get((document, item))
        if record is None or not record.open:
            results[name] = "unknown" if record is None else "not open"
        else:
            results[name] = f"closed {format_quantity(close_backlog(books, record, f'{event.actor}: {event.reason}'))}"
    return Answer(count_endings(results, "record"), {"records": results})


def _each(books: Books, action: QuarantineReplay | QuarantineDismiss, act: Callable[[QuarantineEntry], str]) -> Answer:
    """Act once on each open entry, and report the final result of each: a later one may heal it.

    Of a filter the oldest come first; `after` of the answer is where the next request goes on, `left` what waits there.
    """
    results: dict[str, str] = {}
    data: dict[str, Any]
    for number in dict.fromkeys(action.numbers if action.which is None else books.facts.quarantine):
        entry = books.facts.quarantine.get(number)
        if entry is None:
            results[format_number(number)] = "unknown"
        elif entry.state != "open":
            results[format_number(number)] = entry.state
        else:
            results[format_number(number)] = act(entry)
    for name, result in results.items():
        state, why = books.changes.quarantine_states.get(int(name), ("open", ""))
        if state == "healed" and result.startswith("still refused"):
            results[name] = f"{state}: {why}"
    text, data = count_endings(results, "entry"), {"entries": results}
    if action.which is None:
        return Answer(text, data)
    refused = sum(result.startswith("still refused") for result in results.values())
    done = sum(result.startswith(("replayed", "dismissed")) for result in results.values())
    data |= {"done": done, "refused": refused, "left": (more := books.facts.more)}
    data["after"] = next(reversed(results)) if more else ""
    text = text if results else "no open entry is like that"
    return Answer(f"{text}; {more} left" if more else text, data)


def _settle(books: Books, entry: QuarantineEntry, state: EntryState, reason: str) -> str:
    books.changes.quarantine_states[entry.number] = (state, reason)
    forget_entry(books, entry.device, entry.number)
    books.state.noise.settle(entry.number)
    return state


def _dismiss(books: Books, event: Command, entry: QuarantineEntry) -> str:
    return _settle(books, entry, "dismissed", f"{event.actor}: {event.reason}")


def _replay(books: Books, event: Command, entry: QuarantineEntry) -> str:
    """Post an entry as if it had been valid on arrival; a new defect leaves it open with the new reason."""
    again = event.replays.get(entry.number)
    if entry.kind != UNBOOKED and entry.code == Malformed.TOO_LARGE:
        return (
            "still refused: only the first bytes of the message are kept; have its sender send it again, or dismiss it"
        )
    books.replays, books.received = True, entry.at
    if entry.kind == UNBOOKED:
        done = _replay_units(books, event, entry)
    elif isinstance(again, Counted | Scanned):
        done = _replay_message(books, event, entry, again)
    else:
        done = f"still refused: {again.rejection.text if isinstance(again, Refused) else entry.text}"
    books.replays, books.received = False, books.now
    return done


def _replay_message(books: Books, event: Command, entry: QuarantineEntry, again: Counted | Scanned) -> str:
    """Process a message again, and return its result."""
    known = len(books.changes.quarantine)
    told = confirm(books, again) if isinstance(again, Counted) else rescan(books, again, entry)
    refused = books.changes.quarantine[-1] if len(books.changes.quarantine) > known else None
    if refused is not None and refused.kind == UNTRUSTED:
        books.changes.quarantine.pop()
        books.state.quarantines -= 1
        books.changes.outcomes["quarantine"] -= 1
        forget_entry(books, refused.device, refused.number)
        return f"still refused: {refused.text}"
    if refused is None and isinstance(told, Outcome) and told.result == "nok":
        return f"still refused: {dict(told.facts).get('reason', told.text)}"
    why = f"its units are kept as {format_number(refused.number)}: {refused.text}" if refused else _why_not_booked(told)
    if isinstance(told, Outcome) and isinstance(again, Scanned):
        if isinstance(again.label, Control) and again.label.verb in CHOICES:
            why = "its labels have come without it"
        else:
            remember_replay(books, again, told)
    rest = books.facts.folded.get(entry.number, 0)
    alone = f"; {rest} messages counted with it were not" if rest else ""
    if not why:
        return _settle(books, entry, "replayed", f"by {event.actor}{alone}") + alone
    _settle(books, entry, "healed", f"by {event.actor}: {why}{alone}")
    return f"nothing is booked: {why}{alone}"


def _why_not_booked(told: Outcome | Rejection | Ending) -> str:
    """Explain why a message that is no longer refused books nothing; empty if it has booked units."""
    if isinstance(told, Outcome):
        # A person who replays it reads English, whatever its scanner speaks.
        if told.result != "dup":
            return ""
        held = f"document {told.document:010d} has it" if told.code == Reason.SERIAL_USED else "it has come again since"
        return f"{in_english(told.title)}, {held}"
    return NOT_COUNTED.get(told, "") if isinstance(told, str) else ""


def _replay_units(books: Books, event: Command, entry: QuarantineEntry) -> str:
    said = json.loads(entry.content)
    wanted = PlaceRequest(
        entry.plant,
        entry.line,
        said.get("operation", ""),
        Named(said.get("material", ""), said.get("version", "")),
        said.get("batch", ""),
        "reading",
    )
    new = Increment(entry.good, said["scrap"], int(said.get("rework", 0)), entry.at)
    place, again = place_at(books, wanted, entry.at), event.replays.get(entry.number)
    if isinstance(place, BookingPlace):
        refused = no_point(books, place, wanted.operation, entry.device) if isinstance(again, Scanned) else None
        place = refused or uncountable(books, place, said.get("unit", ""), new) or place
    if isinstance(place, Rejection):
        return f"still refused: {place.text}"
    units = entry.good + entry.scrap
    short = shortfall(books, report_at(books, place, new.good, new.scrap))
    if short is not None:
        return f"still refused: {short.text}"
    serials = tuple(said.get("serials", ()))
    before = find_confirmed(books, serials)
    if before:
        return f"still refused: {before[0]} is in document {before[1]:010d}"
    # The units were read when the entry was made; they only get their place now.
    books.line(entry.plant, entry.line).release(units)
    here = books.entry
    books.entry = entry.entry
    if isinstance(again, Scanned):
        outcome = post_scan(books, again, Meaning(wanted, entry.at, serials, said.get("operator", "")), new)
        remember_replay(books, again, outcome)
        document = outcome.document
    else:
        counted = Counted(entry.entry, entry.plant, entry.line, entry.device, _NO_READING, entry.topic, entry.payload)
        known = books.state.documents
        book_units(books, counted, wanted, new, entry.at, said.get("unit", ""))
        document = books.state.documents if books.state.documents > known else 0
    books.entry = here
    return _settle(books, entry, "replayed", f"by {event.actor}" + (f", document {document:010d}" if document else ""))


def _period(books: Books, action: Period) -> Answer | Rejection:
    if action.plant not in books.state.master.plants:
        return Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {quote(action.plant)}")
    name, told = f"period {action.period} of plant {action.plant}", _undone(books, action) if action.closed else ""
    early = not_over(books.state, action.plant, action.period, books.now)
    if action.closed and (early or told) and not action.force:
        why = "; ".join(filter(None, (early and early.text, told and f"{name} has {told}", "force closes it anyway")))
        return Rejection(early.code if early else Reason.PERIOD_NOT_DONE, why)
    key = (action.plant, action.period)
    already = (key in books.state.closed_periods) == action.closed
    if action.closed:
        books.state.closed_periods.add(key)
    else:
        books.state.closed_periods.discard(key)
        if judges(books.state):  # a batch that had expired on the postponed day may be issued
            books.state.look_again()
    books.changes.periods[key] = action.closed
    books.state.resolved.forget()
    text = f"{name} is {'closed' if action.closed else 'open'}{' already' if already else ''}"
    though = [_until_over(books, action)] if action.closed and early else []
    though += [f"has {told}"] if told else []
    text += f", though it {' and '.join(though)}" if though else ""
    return Answer(text, {"undone": books.facts.undone} if told else {})


def _until_over(books: Books, action: Period) -> str:
    """Describe the treatment of later pieces in a period that is closed before it is over."""
    if books.state.master.plants[action.plant].closed_period_policy == "wait":
        return "is not over (pieces still made in it wait in quarantine)"
    first = posting_date(books.state, action.plant, f"{action.period}-01")
    return f"is not over (pieces still made in it are dated {first})"


def _undone(books: Books, action: Period) -> str:
    """Describe the unposted rest of a period; empty if there is none."""
    undone = sorted(books.facts.undone.items())
    told = ", ".join(number_of(n, what) for what, n in undone if n)
    late = [w for w in books.state.short_windows(action.plant) if w.key.date.startswith(action.period)]
    for flow, window in ((books.state.flows[w.key.flow], w) for w in late if told):
        told += f"; scrap of {format_quantity(window.short)} {flow.material} on {window.plant}/{window.line} is not"
        told += f" taken off what is posted (backflush work --line {window.plant}/{window.line})"
    return told
