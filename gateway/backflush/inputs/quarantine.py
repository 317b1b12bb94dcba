"""Quarantine: messages that could not be posted, kept with their reason.

An *unbooked* entry holds certain units without a certain place; it stays alone until it is replayed. An *untrusted* one
holds no units: the next accepted total of its device covers it, and above a daily limit they are grouped
(`memory.noise`).
"""

import json

from devices.errors import Malformed, Rejection
from gateway.backflush.inputs.repetition import forget_refused, note_refused
from gateway.backflush.memory.events import Counted, Refused, Scanned
from gateway.backflush.memory.noise import MessageGroup
from gateway.backflush.memory.records import UNBOOKED, UNTRUSTED, Cover, QuarantineEntry
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.places import PlaceRequest
from gateway.backflush.values.counting import Increment
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.errors import Reason

NEVER_HEALED = frozenset(
    {
        Malformed.IDENTITY_MISMATCH,
        Malformed.RETAINED,
        Reason.WRONG_PLACE,
        Reason.UNKNOWN_LINE,
        Reason.DISABLED_DEVICE,
        Reason.NOT_STORED,
    }
)
"""The reasons that a device's next total does not cover: the sender may be another device, or it is a scan."""


def quarantine(books: Books, entry: QuarantineEntry) -> None:
    """Keep a message that cannot be posted, with its reason; it gets its number here."""
    state = books.state
    books.outcome("quarantine")
    alone = entry.code in (Reason.LEFT_BEHIND, Reason.WAITED) or books.replays
    noisy = entry.kind == UNTRUSTED and not alone
    if noisy:
        group = state.noise.group(books.now, entry.device, entry.code, entry.topic, len(entry.payload))
        if group is not None:
            _fold(books, group, entry)
            return
    state.quarantines += 1
    number: int = state.ordinal * HEAD_STRIDE + state.quarantines
    entry = entry._replace(number=number)
    books.changes.quarantine.append(entry)
    note_refused(books, entry)
    if noisy:
        state.noise.note(books.now, entry.device, entry.code, number)
    covered = entry.kind == UNTRUSTED and entry.code not in NEVER_HEALED
    cover = Cover.parse(entry.content) if covered else None
    if cover is not None:
        state.untrusted.setdefault(entry.device, {}).setdefault(cover, []).append(number)


def _fold(books: Books, group: MessageGroup, entry: QuarantineEntry) -> None:
    """Count a message with the entry of its group, which is open from then on until a person settles it."""
    group.messages += 1
    group.last_entry, group.last_at = books.entry, books.now
    group.text, group.topic, group.payload = entry.text, entry.topic, entry.payload
    books.changes.groups[group.number] = group
    if not group.open:
        group.open = True
        books.changes.quarantine_states[group.number] = ("open", "")
        forget_entry(books, group.device, group.number)


def forget_entry(books: Books, device: str, number: int) -> None:
    """Let no further total or scan settle an entry."""
    forget_refused(books, device, number)
    covers = books.state.untrusted.get(device, {})
    for cover in [cover for cover, numbers in covers.items() if number in numbers]:
        covers[cover].remove(number)
        if not covers[cover]:
            del covers[cover]
    if not covers:
        books.state.untrusted.pop(device, None)


def refuse(books: Books, event: Counted | Scanned | Refused, rejection: Rejection, content: str = "{}") -> None:
    """Keep an untrusted message: it holds no units."""
    entry = QuarantineEntry(
        number=0,
        entry=books.entry,
        kind=UNTRUSTED,
        code=rejection.code,
        text=rejection.text,
        plant=event.plant,
        line=event.line,
        device=event.device,
        at=books.now,
        good=0,
        scrap=0,
        topic=event.topic,
        payload=event.payload,
        content=content,
    )
    quarantine(books, entry)


def keep_units(
    books: Books,
    event: Counted | Scanned,
    wanted: PlaceRequest,
    rejection: Rejection,
    new: Increment,
    at: int,
    **content: str | tuple[str, ...],
) -> None:
    """Keep units that were read and have no place; `content` holds further facts for a replay."""
    scrapped = sum(new.scrap.values())
    books.line(wanted.plant, wanted.line).quarantine(new.good + scrapped, at)
    said = {"scrap": dict(new.scrap), "batch": wanted.batch, "operation": wanted.operation, **content}
    if new.rework:
        said["rework"] = str(new.rework)
    entry = QuarantineEntry(
        number=0,
        entry=books.entry,
        kind=UNBOOKED,
        code=rejection.code,
        text=rejection.text,
        plant=wanted.plant,
        line=wanted.line,
        device=event.device,
        at=at,
        good=new.good,
        scrap=scrapped,
        topic=event.topic,
        payload=event.payload,
        content=json.dumps(said),
    )
    quarantine(books, entry)
