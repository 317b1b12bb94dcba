"""Commands: requests of people and systems, carried out once.

A refusal changes nothing; the same transaction gets its first answer again.
"""

import json
from typing import Any

from devices.errors import Rejection
from gateway.backflush.inputs.changeover import begin_run, end_run, needs_of_run_end, needs_of_run_start
from gateway.backflush.inputs.device_marks import begin_on
from gateway.backflush.inputs.imports import import_master_data, needs_of_import
from gateway.backflush.inputs.upkeep import needs_of_upkeep, upkeep
from gateway.backflush.memory.changes import Dossier, EntryFilter, Needs, Response, Status
from gateway.backflush.memory.events import (
    Answer,
    BacklogRetry,
    Begin,
    Command,
    MasterDataImport,
    Post,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    ReverseLatest,
    RunStart,
    RunStop,
    WindowClose,
    Work,
)
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import CommandRecord, QuarantineEntry
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.answers import describe_dates, describe_reports, withdrawn
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.dates import bad_time, undatable
from gateway.backflush.posting.manual import needs_of_post, post
from gateway.backflush.posting.names import Said, judge, judges
from gateway.backflush.posting.ownership import not_ours, owns
from gateway.backflush.posting.windows import close_line, describe_short, end_short
from gateway.backflush.posting.worklist import WorkResult, retry, why_left, work
from gateway.backflush.reversal.report_parts import WHOLE, ReportPart
from gateway.backflush.reversal.returns import give_back
from gateway.backflush.reversal.reversal import Reversed, may_reverse, reverse
from gateway.backflush.reversal.sharing import yield_alone, yield_left
from gateway.backflush.values.documents import FINAL, HEAD_STRIDE, Document, format_number
from gateway.backflush.values.phrases import ENGLISH
from gateway.backflush.values.quantities import agree, format_quantity, number_of
from gateway.errors import Reason

_ROAMING_SINCE = 2
"""The first edition in which entries of roaming devices have an owner."""


def needs_of_command(inquiry: Inquiry, event: Command) -> None:
    """Name the records that a command touches: its transaction, and those of its action."""
    inquiry.once = once = Needs(commands=(event.transaction,) if event.transaction else ())
    match event.action:
        case RunStart():
            needs_of_run_start(inquiry, event, event.action)
        case RunStop():
            needs_of_run_end(inquiry, event.action)
        case Post():
            needs_of_post(inquiry, event.action)
        case Reverse(document):
            inquiry.once = once._replace(documents=(document,))
        case ReverseLatest(plant, _, material, version, point, quantity):
            inquiry.once = once._replace(latest=(plant, material, version, point, quantity))
        case Work(plant, line, process, limit):
            inquiry.once = once._replace(
                worklist=(plant, line, process, limit), held=tuple(sorted(inquiry.state.holds))
            )
        case BacklogRetry(plant, line, material, limit):
            inquiry.once = once._replace(backlog=(plant, line, material, limit))
        case MasterDataImport():
            needs_of_import(inquiry, event.action)
            inquiry.once = inquiry.once._replace(commands=once.commands)
        case Begin() | WindowClose() | Answer() | Rejection():
            pass
        case _:
            needs_of_upkeep(inquiry, event, event.action)


def command(books: Books, event: Command) -> None:
    """Process one command and answer its sender."""
    books.outcome("request")
    if event.transaction:
        known = books.changes.commands.get(event.transaction) or books.facts.commands.get(event.transaction)
        if known is not None:
            digest, before = known[:2]
            if digest == event.digest:
                books.changes.responses.append(_response(event, *json.loads(before)))
            else:
                text = f"transaction {event.transaction} was used before with different content"
                books.changes.responses.append(_response(event, "error", Reason.CONFLICT, text, {}))
            return
    event = _ours(books, event)
    result = _run(books, event)
    answer: tuple[Status, str, str, dict[str, Any]]
    if isinstance(result, Rejection):
        answer = ("error", str(result.code), result.text, {})
    elif isinstance(result, Response):
        answer = (result.status, str(result.code), result.text, json.loads(result.data))
    else:
        answer = ("ok", str(Reason.OK), result.text, result.data)
    if event.transaction and not isinstance(event.action, Rejection):
        of = books.now, event.verb, event.plant, event.line, event.actor, event.reason
        books.changes.commands[event.transaction] = CommandRecord(event.digest, json.dumps(answer), *of)
    books.changes.responses.append(_response(event, *answer))


def _ours(books: Books, event: Command) -> Command:
    """Refuse a command for another gateway's line or its records: that gateway would not learn of it.

    Master data are of no line: every gateway learns of them.
    """
    facts = books.facts
    if isinstance(event.action, MasterDataImport | Answer):
        return event
    places = {(event.plant, event.line)}
    places |= {(dossier.document.plant, dossier.document.line) for dossier in facts.documents.values()}
    places |= {(record.plant, record.line) for record in facts.records.values()}
    refused: Rejection | None = None
    # In older journals any gateway may dismiss another one's entries.
    if isinstance(event.action, QuarantineReplay) or (
        isinstance(event.action, QuarantineDismiss) and judges(books.state)
    ):
        refused = next(filter(None, (_is_heard_elsewhere(books, entry) for entry in facts.quarantine.values())), None)
    refused = refused or next(filter(None, (not_ours(books.state, *place) for place in sorted(places))), None)
    return event if refused is None else event._replace(action=refused)


def _is_heard_elsewhere(books: Books, entry: QuarantineEntry) -> Rejection | None:
    """Refuse an entry of another gateway's line; a roaming device's entry is also of the gateway that received it."""
    state = books.state
    if entry.line != ROAMING or entry.number // HEAD_STRIDE == state.ordinal or state.rules.edition < _ROAMING_SINCE:
        return not_ours(state, entry.plant, entry.line)
    stood = json.loads(entry.content)
    plant, line = stood.get("plant") or entry.plant, stood.get("line") or ROAMING
    if owns(state, plant, line):
        return None
    text = f"entry {format_number(entry.number)} is of {plant}/{line}, and another gateway has heard it"
    return Rejection(Reason.NOT_ALLOWED, text)


def _response(event: Command, status: Status, code: str, text: str, data: dict[str, Any]) -> Response:
    return Response(
        event.entry, event.transaction, event.verb, event.plant, event.line, status, code, text, json.dumps(data)
    )


def _run(books: Books, event: Command) -> Answer | Response | Rejection:
    action = event.action
    refused = _refuse_time_or_place(books, event)
    if refused is not None:
        return refused
    match action:
        case Rejection() | Answer():
            return action
        case RunStart():
            return begin_run(books, event, action)
        case RunStop():
            return end_run(books, action)
        case Post():
            return _post(books, event, action)
        case Reverse():
            return _reverse(books, event, action)
        case ReverseLatest():
            return _reverse_latest(books, event, action)
        case Begin():
            return _begin(books, event, action)
        case MasterDataImport():
            return import_master_data(books, action)
        case WindowClose():
            return _close(books, action)
        case Work():
            rows = books.facts.worklist
            done = work(books, rows, event.sender)
            left = books.state.open_rows(action.plant, action.line, action.process)
            answer = _answer_work(done, left, more=len(rows) >= action.limit)
            return _name_holds(books, action, _close_short_yield(books, action, answer))
        case BacklogRetry():
            records = books.facts.backlog
            refused = undatable(books, (record.plant for record in records), action.date)
            if refused is not None:
                return refused
            done, left_over = retry(books, records, event.sender, action.date)
            answer = _answer_work(done, len(left_over), more=len(records) >= action.limit)
            why = why_left(books, left_over, action.date)
            return Answer("; ".join((answer.text, *why)), {**answer.data, "why": why})
        case _:
            return upkeep(books, event, action)


def _refuse_time_or_place(books: Books, event: Command) -> Rejection | None:
    """Refuse a time that needs to be forced with a reason, and a place that does not exist."""
    match event.action:
        case Post(plant=plant, at=int(at), force=force):
            refused = bad_time(books.state, plant, at, books.now)
        case RunStart(plant=plant, start=int(at), force=force) | RunStop(plant=plant, end=int(at), force=force):
            refused = bad_time(books.state, plant, at, books.now, planned=True)
        case Work(plant, line) | BacklogRetry(plant, line) if plant:
            # The rest of a line that no longer exists can still be posted.
            force = bool(books.facts.worklist or books.facts.backlog)
            refused = None if force else judge(books.state, Said(plant, line))
        case QuarantineReplay(which=EntryFilter(plant, line)) | QuarantineDismiss(which=EntryFilter(plant, line)) if (
            plant
        ):
            force = bool(books.facts.quarantine)
            refused = None if force else judge(books.state, Said(plant, line))
        case _:
            return None
    return None if force and event.reason else refused


def _post(books: Books, event: Command, action: Post) -> Answer | Rejection:
    documents = post(books, action, event.sender)
    if isinstance(documents, Rejection):
        return documents
    done = describe_reports(books, documents, ENGLISH)
    return Answer("; ".join(filter(None, (done.text, _without_reason(books, action)))), done.data)


def _without_reason(books: Books, action: Post) -> str:
    """Warn that scrap has no reason although the plant maintains reasons: a counter cannot give one, a person can."""
    reasons = ", ".join(sorted(books.state.master.scrap_reasons)[:10])
    if action.type not in ("scrap", "component_scrap") or action.scrap_reason or not reasons:
        return ""
    return f"no scrap reason was said ({reasons})"


def _close(books: Books, action: WindowClose) -> Answer | Rejection:
    """Post what is open on a line."""
    closed = close_line(books, action.plant, action.line)
    if isinstance(closed, Rejection):
        return closed
    if not closed.documents:
        return Answer(closed.late(ENGLISH), {"documents": [], "posted": "0", "waiting": "0"})
    done = describe_reports(books, closed.documents, ENGLISH)
    return Answer("; ".join(filter(None, (done.text, closed.late(ENGLISH)))), done.data)


def _begin(books: Books, event: Command, action: Begin) -> Answer | Rejection:
    """Restart a counter on a person's word, with a reason."""
    if not event.reason:
        return Rejection(Reason.BAD_COMMAND, "letting a counter begin again needs a reason")
    device = books.state.master.devices.get(action.device)
    if device is None:
        return Rejection(Reason.UNKNOWN_DEVICE, f"device {action.device} is not in the master data")
    begun = begin_on(books, device.plant, device.line, action.device, action.totals)
    if isinstance(begun, Rejection):
        return begun
    where = ", ".join(f"{kind} {total}" for kind, total in begun.items())
    return Answer(f"{action.device} begins again at {where}", {"device": action.device, "begins": begun})


def _reverse(books: Books, event: Command, action: Reverse) -> Answer | Rejection:
    dossier = books.facts.documents.get(action.document)
    number = format_number(action.document)
    if dossier is None:
        return Rejection(Reason.UNKNOWN_DOCUMENT, f"there is no document {number}")
    posted = dossier.document
    if event.line and (posted.plant, posted.line) != (event.plant, event.line):
        # A sender on one line's topic may not undo another line's work.
        return Rejection(Reason.NOT_ALLOWED, f"document {number} is of {posted.plant}/{posted.line}, not of this line")
    reason = action.scrap_reason or ""
    if not any(line.reason == reason for line in dossier.confirmations) and (
        unknown := judge(books.state, Said(posted.plant, reasons=(reason,)))
    ):
        return unknown
    part = ReportPart(*action[1:4])
    if action.components:
        if not part.whole:
            return Rejection(Reason.BAD_COMMAND, "reverse: expected units, or returned components, got both")
        back = give_back(books, dossier, action.components, event.sender)
        if isinstance(back, Rejection):
            return back
        text = f"what came back of document {number} is in {format_number(back.number)}"
        return Answer(text, {"document": format_number(back.number), "reverses": number})
    done = reverse(books, dossier, part, event.sender)
    if isinstance(done, Rejection):
        return done
    return _answer_reversal(dossier.document, done, part)


def _answer_reversal(document: Document, done: Reversed, part: ReportPart) -> Answer:
    """Describe a reversal of a report: its documents, and the units that had waited."""
    number = format_number(document.number)
    numbers = [format_number(each.number) for each in done.documents]
    good = format_quantity(part.quantity) if part.quantity is not None else ""
    scrap = f"{format_quantity(part.scrap)} of the scrap" if part.scrap else ""
    some = f"{' and '.join(filter(None, (good, scrap)))} of document {number}"
    what = f"document {number} is" if part.whole else f"{some} {agree((part.quantity or 0) + part.scrap, 'is')}"
    text = f"{what} reversed by {', '.join(numbers)}"
    data = {"document": numbers[-1], "reverses": number, "documents": numbers}
    data["withdrawn"] = format_quantity(done.withdrawn)
    late = describe_dates(ENGLISH, ((each.posting_date, document.posting_date) for each in done.documents))
    return Answer("; ".join(filter(None, (text, withdrawn(ENGLISH, done.withdrawn, done.covered), *late))), data)


def _reverse_latest(books: Books, event: Command, action: ReverseLatest) -> Answer | Rejection:
    """Reverse units of the newest reports, each as far as possible; the first refusal refuses all."""
    where = f"{action.plant}/{action.material}/{action.version}"
    unknown = _unknown_units(books, action)
    if unknown is not None:
        return unknown
    parts: list[tuple[Dossier, ReportPart, int]] = []
    left = action.quantity
    for number in books.facts.latest:
        dossier = books.facts.documents[number]
        units, _ = yield_left(books, dossier)
        taken = min(left, units)
        if taken > 0:
            parts.append(
                (dossier, WHOLE if taken == units and yield_alone(books, dossier) else ReportPart(taken), taken)
            )
            left -= taken
    if left or action.quantity <= 0:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"{where} has {format_quantity(action.quantity - left)} to reverse at {action.point}, "
            f"not {format_quantity(action.quantity)}",
        )
    refused = next((r for dossier, part, _ in parts if (r := may_reverse(books, dossier, part)) is not None), None)
    if refused is not None:
        return refused
    numbers: list[str] = []
    of: list[str] = []
    late: set[tuple[str, str]] = set()
    units = 0
    for dossier, part, taken in parts:
        done = reverse(books, dossier, part, event.sender)
        if isinstance(done, Rejection):
            # Each was judged alone; together they may take too much: those done stay, and the answer names them.
            text = f"{format_quantity(units)} reversed by {', '.join(numbers)}, the rest is not: {done.text}"
            return Answer(text, {"documents": numbers, "complete": False})
        numbers += [format_number(each.number) for each in done.documents]
        units += taken
        name = format_number(dossier.document.number)
        of.append(f"{format_quantity(taken)} of document {name} of {dossier.document.production_date}")
        late |= {(each.posting_date, dossier.document.posting_date) for each in done.documents}
    text = "; ".join((f"reversed by {', '.join(numbers)}: {', '.join(of)}", *describe_dates(ENGLISH, late)))
    return Answer(text, {"documents": numbers, "complete": True})


def _unknown_units(books: Books, action: ReverseLatest) -> Rejection | None:
    """Refuse an unknown product, line or point, unless there are documents of it."""
    if books.facts.latest:
        return None
    point = "" if action.point == FINAL else action.point
    return judge(books.state, Said(action.plant, action.line, action.material, action.version, point))


def _close_short_yield(books: Books, action: Work, answer: Answer) -> Answer:
    """Close windows that are short of yield as well, and add the number of units to be taken back to the answer."""
    short = 0 if action.process else end_short(books, action.plant, action.line)
    if not short:
        return answer
    return Answer(f"{answer.text}; {describe_short(ENGLISH, short)}", {**answer.data, "scrap": format_quantity(short)})


def _name_holds(books: Books, action: Work, answer: Answer) -> Answer:
    """Add the holds to an answer: no run of the worklist posts their rows."""
    held = [
        f"{plant}/{line} {process}".rstrip()
        for plant, line, process in sorted(books.state.holds)
        if action.plant in ("", plant)
        and action.line in ("", line)
        and (action.process in ("", process) or not process)
    ]
    if not held:
        return answer
    return Answer(f"{answer.text}; held back: {', '.join(held)}", {**answer.data, "held": held})


def _answer_work(worked: WorkResult, left: int, *, more: bool) -> Answer:
    """Answer with the numbers of rows or records that were posted, and of those still open."""
    text = f"{worked.posted} posted in {number_of(worked.documents, 'document')}, {left} left"
    data = {"documents": worked.documents, "posted": worked.posted, "left": left, "more": more}
    return Answer(f"{text} of those examined, and there are more" if more and not left else text, data)
