"""Published: a message of another publisher is of several devices, and counts once.

Its parts are taken in the order sent, each by the rule of its kind. The outcome of the message is the first of
`ENDINGS` that one of them has. What is of a line of another gateway is left to that one, which hears it as well.
"""

from typing import Final, assert_never

from devices.sources.knowledge import NO_LESSON
from gateway.backflush.inputs.contexts import context_at
from gateway.backflush.inputs.counts import confirm, needs_of_count
from gateway.backflush.inputs.quarantine import refuse
from gateway.backflush.inputs.readings import cover_of_unknown
from gateway.backflush.inputs.scan_answers import not_posted
from gateway.backflush.inputs.scans import needs_of_scan, scan
from gateway.backflush.memory.changes import Feedback
from gateway.backflush.memory.events import Counted, Presence, Published, Refused, Scanned
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.values.counting import Ending
from gateway.errors import Reason

Part = Counted | Scanned | Presence | Refused

ENDINGS: Final[tuple[Ending, ...]] = (
    "quarantine",
    "counted",
    "baseline",
    "duplicate",
    "late",
    "context",
    "heartbeat",
    "state",
)
"""The outcomes of a part; the first that one of them has is that of the message."""


def needs_of_published(inquiry: Inquiry, event: Published) -> None:
    """Name the records that the parts of a message touch."""
    for part in event.parts:
        if isinstance(part, Counted):
            needs_of_count(inquiry, part)
        elif isinstance(part, Scanned):
            needs_of_scan(inquiry, part)


def take_parts(books: Books, event: Published) -> None:
    """Take each part of a message, and count the message once."""
    changes, lesson = books.changes, event.lesson
    if lesson is not NO_LESSON:
        changes.names.update(lesson.names)
        changes.nodes.update(lesson.nodes)
    if event.ask:
        changes.rebirths.append(event.ask)
    sole = event.parts[0] if len(event.parts) == 1 else None
    if sole is not None and not_ours(books.state, sole.plant, sole.line) is None:
        _take(books, sole, retained=event.retained)  # its outcome is that of the message
        return
    own = [part for part in event.parts if not_ours(books.state, part.plant, part.line) is None]
    before, changes.outcomes = changes.outcomes, {}
    for part in own:
        _take(books, part, retained=event.retained)
    found, changes.outcomes = changes.outcomes, before
    if found.get("quarantine", 0) > 1:
        changes.outcomes["further"] = changes.outcomes.get("further", 0) + found["quarantine"] - 1
    nothing: Ending = "duplicate" if event.repeated else "heartbeat" if event.mapped else "unmapped"
    books.outcome(next((ending for ending in ENDINGS if found.get(ending)), nothing))


def _take(books: Books, part: Part, *, retained: bool) -> None:
    if part.device in books.state.master.devices:
        spoke = not isinstance(part, Presence)
        if not retained:
            books.changes.heard.add(part.device)
        if not (retained and spoke):
            books.changes.spoke[part.device] = spoke
    match part:
        case Counted():
            confirm(books, part)
        case Scanned():
            scan(books, part)
        case Presence():
            notice(books, part)
        case Refused():
            refuse_unread(books, part)
        case _:
            assert_never(part)


def notice(books: Books, event: Presence) -> None:
    """Note that a device came or went; unknown ones are never enrolled by a message."""
    ours = not_ours(books.state, event.plant, event.line) is None
    if ours and event.device in books.state.master.devices:
        books.state.online[event.device] = event.online
        books.changes.online[event.device] = event.online
    books.outcome("state")


def refuse_unread(books: Books, event: Refused) -> None:
    """Keep a message that no decoder understood."""
    scanned = event.rejection.code == Reason.NOT_STORED or (event.feedback and books.state.rules.reopens)
    content = context_at(books, event.device, event.text) if scanned else cover_of_unknown(books, event.device)
    refuse(books, event, event.rejection, content)
    if event.feedback:
        outcome = not_posted(books, event, event.rejection)
        books.feedback(Feedback(event.entry, event.plant, event.line, event.device, event.ref, outcome, books.now))
