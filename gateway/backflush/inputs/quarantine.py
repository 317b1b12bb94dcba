"""Quarantine: messages that could not be posted, kept with their reason.

An *unbooked* entry holds certain units without a certain place; it stays alone until it is replayed. An *untrusted* one
holds no units: the next accepted total of its device covers it, and above a daily limit they are grouped
(`memory.noise`).
"""

import json
from collections.abc import Mapping

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.events import Counted, Refused, Scanned
from gateway.backflush.memory.noise import MessageGroup
from gateway.backflush.memory.records import Cover, EntryState, QuarantineEntry
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.places import PlaceRequest
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


def quarantine(
    books: Books,
    kind: str,
    rejection: Rejection,
    *,
    plant: str,
    line: str,
    device: str,
    at: int,
    topic: str,
    payload: bytes,
    good: int = 0,
    scrap: int = 0,
    content: str = "{}",
) -> None:
    """Keep a message that cannot be posted, with its reason."""
    state = books.state
    books.outcome("quarantine")
    alone = rejection.code in (Reason.LEFT_BEHIND, Reason.WAITED) or books.replays
    noisy = kind == "untrusted" and not alone
    group = state.noise.group(books.now, device, rejection.code, topic, len(payload)) if noisy else None
    if group is not None:
        _fold(books, group, rejection, topic, payload)
        return
    state.quarantines += 1
    number: int = state.ordinal * HEAD_STRIDE + state.quarantines
    books.changes.quarantine.append(
        QuarantineEntry(
            number,
            books.entry,
            kind,
            rejection.code,
            rejection.text,
            plant,
            line,
            device,
            at,
            good,
            scrap,
            topic,
            payload,
            content,
        )
    )
    if noisy:
        state.noise.note(books.now, device, rejection.code, number)
    cover = Cover.parse(content) if kind == "untrusted" and rejection.code not in NEVER_HEALED else None
    if cover is not None:
        state.untrusted.setdefault(device, {}).setdefault(cover, []).append(number)


def _fold(books: Books, group: MessageGroup, rejection: Rejection, topic: str, payload: bytes) -> None:
    """Count a message with the entry of its group, which is open from then on until a person settles it."""
    group.messages += 1
    group.last_entry, group.last_at = books.entry, books.now
    group.text, group.topic, group.payload = rejection.text, topic, payload
    books.changes.groups[group.number] = group
    if not group.open:
        group.open = True
        books.changes.quarantine_states[group.number] = (EntryState.OPEN, "")
        forget_cover(books, group.device, group.number)


def forget_cover(books: Books, device: str, number: int) -> None:
    """Let no further total settle an entry."""
    covers = books.state.untrusted.get(device, {})
    for cover in [cover for cover, numbers in covers.items() if number in numbers]:
        covers[cover].remove(number)
        if not covers[cover]:
            del covers[cover]
    if not covers:
        books.state.untrusted.pop(device, None)


def refuse(books: Books, event: Counted | Scanned | Refused, rejection: Rejection, content: str = "{}") -> None:
    """Keep an untrusted message: it holds no units."""
    quarantine(
        books,
        "untrusted",
        rejection,
        plant=event.plant,
        line=event.line,
        device=event.device,
        at=books.now,
        topic=event.topic,
        payload=event.payload,
        content=content,
    )


def keep_units(
    books: Books,
    event: Counted | Scanned,
    wanted: PlaceRequest,
    rejection: Rejection,
    *,
    good: int,
    scrap: Mapping[str, int],
    at: int,
    **content: str | tuple[str, ...],
) -> None:
    """Keep units that were read and have no place; `content` holds further facts for a replay."""
    scrapped = sum(scrap.values())
    books.line(wanted.plant, wanted.line).quarantine(good + scrapped, at)
    said = {"scrap": dict(scrap), "batch": wanted.batch, "operation": wanted.operation, **content}
    quarantine(
        books,
        "unbooked",
        rejection,
        plant=wanted.plant,
        line=wanted.line,
        device=event.device,
        at=at,
        topic=event.topic,
        payload=event.payload,
        good=good,
        scrap=scrapped,
        content=json.dumps(said),
    )
