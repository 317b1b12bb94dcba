"""Scans: a label is a report of its own, a control code changes the meaning of the scanner's next labels.

A scan is identified by its own id, without one by its own time (`identities`): a repetition with the same content, its
time included, is answered again and not posted; with other content it is a conflict. A scan without id and time that
another gateway may have received as well is kept for a person: it cannot be told from its repetition. A serial number
or SSCC is confirmed once per reporting point. Every scan gets exactly one outcome, and a safe answer even if nothing
was posted.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from devices.barcodes import Control, Label, Verb
from devices.errors import Rejection
from devices.messages import Scan
from gateway.backflush.inputs.cards import begin_run_of, needs_of_card, obey
from gateway.backflush.inputs.contexts import (
    change_context,
    change_operator,
    choices_of,
    end_choices,
    language_of,
    place_of_scan,
    show_context,
)
from gateway.backflush.inputs.identities import is_certain, may_be, name_of_replay, scan_name
from gateway.backflush.inputs.labels import needs_of_label, post_label
from gateway.backflush.inputs.repetition import needs_of_repetition, settle_refused
from gateway.backflush.inputs.scan_answers import as_before, not_posted, refuse_scan
from gateway.backflush.inputs.senders import find_device
from gateway.backflush.memory.changes import Feedback
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.events import Scanned
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import LastScan, Outcome, QuarantineEntry, ScanRecord
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.values.phrases import phrase
from gateway.errors import Reason

_SAID: Final = f"Scan({', '.join(f'{name}=%r' for name in Scan._fields)})"
_DOUBT = "?"
"""Prefix of the content of a scan that its time identifies only perhaps."""


def needs_of_scan(inquiry: Inquiry, event: Scanned, chosen: Context | None = None) -> None:
    """Name the records that a scan touches: its identity, and those of its label or card.

    chosen: the choices of then, if it is replayed.
    """
    name, label = scan_name(event.scan), event.label
    known = inquiry.state.scans.get((event.device, name))
    if name and (known is None or known.outcome.result == "nok"):
        inquiry.scans.append((event.device, name if known is None else name_of_replay(name)))
    if isinstance(label, Label):
        needs_of_label(inquiry, event, label, chosen)
        needs_of_repetition(inquiry, event)
    elif isinstance(label, Control):
        needs_of_card(inquiry, event, label, chosen)


def needs_of_refused(scans: Mapping[tuple[str, str], ScanRecord]) -> tuple[tuple[str, str], ...]:
    """Name the identities under which the replays of refused scans are known."""
    refused = (identity for identity, known in scans.items() if known.outcome.result == "nok")
    return tuple((device, name_of_replay(name)) for device, name in refused)


def scan(books: Books, event: Scanned) -> None:
    """Process one scan and answer its scanner."""
    elsewhere = not_ours(books.state, event.plant, event.line)
    if elsewhere is not None:
        # Not remembered: the owner of the line may still have to post it.
        _tell(books, event, refuse_scan(books, event, elsewhere))
        return
    content = _content(event)
    _tell(books, event, _again(books, event, content) or _first(books, event, content))


def _first(books: Books, event: Scanned, content: str) -> Outcome:
    """Process a new scan, and keep its identity."""
    state, said = books.state, event.scan
    named = may_be(state, books.now, said)
    if event.behind and not named:
        text = "another gateway has had the line since, and may have posted it: replay or dismiss it"
        return refuse_scan(books, event, Rejection(Reason.LEFT_BEHIND, text))
    outcome = _work(books, event, None)
    # Names that any sender may invent are not kept.
    if said.id or (named and event.device in state.master.devices):
        doubt = "" if is_certain(state, books.now, said) else _DOUBT
        books.remember((event.device, scan_name(said)), doubt + content, outcome)
    last = state.last_scans.get(event.device)
    if last is not None and last == LastScan(content, books.now):
        state.last_scans[event.device] = books.changes.last_scans[event.device] = last._replace(answer=outcome)
    return outcome


def _again(books: Books, event: Scanned, content: str) -> Outcome | None:
    """Answer a repeated scan; None if it is new."""
    said = event.scan
    seen = _find_repetition(books, event)
    if seen is not None and seen.content.removeprefix(_DOUBT) != content:
        name = said.id or "of the same code at the same time"
        clash = Rejection(Reason.CONFLICT, f"scan {name} was sent before with different content")
        return refuse_scan(books, event, clash)
    certain = is_certain(books.state, books.now, said)
    if seen is not None and (certain or not seen.content.startswith(_DOUBT)):
        books.outcome("duplicate")
        if said.id or seen.outcome.result != "ok":
            return seen.outcome
        return as_before(language_of(books, event), seen.outcome)
    if certain or (event.behind and seen is None):
        return None
    repeated = _is_repetition(books, event, content)
    if seen is None or repeated is not None:
        return repeated
    text = "the same code came with the same implausible time: replay it if it stands for other pieces"
    return refuse_scan(books, event, Rejection(Reason.WAITED, text))


def _find_repetition(books: Books, event: Scanned) -> ScanRecord | None:
    name = scan_name(event.scan)
    seen = books.find_scan((event.device, name)) if name else None
    if seen is not None and seen.outcome.result == "nok":
        return books.find_scan((event.device, name_of_replay(name))) or seen
    return seen


def rescan(books: Books, event: Scanned, entry: QuarantineEntry) -> Outcome:
    """Process a refused scan again, with its operator's choices of then; the present choices stay."""
    seen = _find_repetition(books, event)
    name = event.scan.id or "of this code at this time"
    if seen is not None and seen.content.removeprefix(_DOUBT) != _content(event):
        return not_posted(books, event, Rejection(Reason.CONFLICT, f"scan {name} is another scan's id"))
    if seen is not None and entry.code == Reason.NOT_STORED:
        return as_before(language_of(books, event), seen.outcome)
    return _work(books, event, choices_of(entry))


def remember_replay(books: Books, event: Scanned, outcome: Outcome) -> None:
    """Remember a replayed scan: its repetition gets this answer; after a refusal, that it is posted."""
    seen, name = _find_repetition(books, event), scan_name(event.scan)
    if seen is None:
        if is_certain(books.state, books.received, event.scan):
            books.remember((event.device, name), _content(event), outcome)
    elif seen.outcome.result == "nok" and outcome.result != "nok":
        if outcome.result != "dup" and outcome.document:
            outcome = as_before(language_of(books, event), outcome)._replace(quantity=0, point="")
        books.remember((event.device, name_of_replay(name)), seen.content, outcome)


def _content(event: Scanned) -> str:
    """Return the digest of what a scan says; its name, its device and its delay are no part of it."""
    data, _, ts, operator, point, _, _, *more = event.scan
    text = _SAID % (data, None, ts, operator, point, False, None, *more)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _tell(books: Books, event: Scanned, outcome: Outcome) -> None:
    to = (event.entry, event.plant, event.line, event.device, event.scan.id or "")
    books.feedback(Feedback(*to, outcome, books.now, show_context(books, event)))


def _is_repetition(books: Books, event: Scanned, content: str) -> Outcome | None:
    """Answer a scan without an identity that repeats the same pull: equal content within the duplicate window."""
    state = books.state
    if event.device not in state.master.devices:
        return None  # refused anyway, and names that any sender may invent are not kept
    before = state.last_scans.get(event.device)
    now = LastScan(content, books.now)
    state.last_scans[event.device] = books.changes.last_scans[event.device] = now
    if before is None or before.content != now.content or now.at - before.at > state.rules.duplicate_window:
        return None
    if event.waited:
        text = "the same code came just before, and the broker had kept them: replay it if it stands for other pieces"
        return refuse_scan(books, event, Rejection(Reason.WAITED, text))
    books.outcome("duplicate")
    if before.answer is not None and before.answer.result == "nok":
        state.last_scans[event.device] = books.changes.last_scans[event.device] = now._replace(answer=before.answer)
        return before.answer
    return as_before(language_of(books, event), before.answer)


def _work(books: Books, event: Scanned, chosen: Context | None) -> Outcome:
    """Process a scan, with its operator's choices of then if it is replayed, else with the present ones."""
    device = find_device(books, event.device, event.plant, event.line, event.scan.device)
    if isinstance(device, Rejection):
        return refuse_scan(books, event, device)
    if event.scan.operator and (unknown := judge(books.state, Said(event.plant, operator=event.scan.operator))):
        return refuse_scan(books, event, unknown)
    context = change_context(books, event.device) if chosen is None else chosen
    if event.scan.operator:
        change_operator(books, context, event.scan.operator)
    ended = end_choices(books, event, device, context) if chosen is None else ""
    label = event.label
    chooses = isinstance(label, Control) and label.verb is Verb.LINE
    if event.line == ROAMING and not chooses:
        refused = not_ours(books.state, *place_of_scan(event, context))
        if refused is not None:
            return refuse_scan(books, event, refused)
    match label:
        case Rejection():
            outcome = refuse_scan(books, event, label)
        case Control():
            outcome = obey(books, event, device, label, context)
        case _ if context.mode == "start":
            outcome = begin_run_of(books, event, label, context)
        case _:
            begun, mode = books.next_document, context.mode
            outcome = post_label(books, event, device, label, context)
            if outcome.document and chosen is None:
                settle_refused(books, event, mode, place_of_scan(event, context), outcome.document)
            # A scanner undoes only its own postings.
            if outcome.result == "ok" or outcome.code == Reason.WAITS:
                context.note_posting(begun, books.next_document - 1, leads=books.state.rules.leads)
    if ended:
        ended = phrase(language_of(books, event), "ended", choice=ended)
        outcome = outcome._replace(text="; ".join(filter(None, (outcome.text, ended))))
    return outcome
