"""Posting events: each document as CloudEvents 1.0 in JSON, a pure function of what was committed.

One event per kind of posting that a document holds; its id is the document number and the kind, so that a receiver
can tell a repetition. Quantities and amounts are decimal texts; issues and receipts are positive, their movement type
says which way they go.
"""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.backflush.changes import Changes
from gateway.backflush.documents import ISSUE, RECEIPT, Document, MaterialItem, format_number
from gateway.backflush.quantities import format_quantity
from gateway.ledger.outbox import Posted, Shortage
from gateway.mqtt.topics import Posting
from gateway.service.times import iso


class Event(NamedTuple):
    """One event of one document."""

    document: int
    plant: str
    line: str
    kind: Posting
    payload: bytes


def posted_of(changes: Changes) -> list[Posted]:
    """Return the documents of one commit with what stands under each, in order."""
    posted = {d.number: Posted(d, [], [], [], []) for d in changes.documents}
    for confirmation in changes.confirmations:
        posted[confirmation.document].confirmations.append(confirmation)
    for item in changes.items:
        posted[item.document].items.append(item)
    for activity in changes.activities:
        posted[activity.document].activities.append(activity)
    for record in changes.backlog:
        posted[record.document].shortages.append(
            Shortage(
                record.document,
                record.item,
                record.material,
                record.location,
                record.required,
                record.unit,
                str(record.cause),
            )
        )
    return list(posted.values())


def events_of(posted: Posted, source: str) -> Iterator[Event]:
    """Yield the events of one document."""
    document = posted.document
    if document.type == "reversal":
        data = {"items": _items(posted.items), "activities": _activities(posted), "confirmations": _points(posted)}
        yield _event(document, "reversal", {"reverses": format_number(document.reverses), **data}, source)
        return
    receipts = [item for item in posted.items if item.process == RECEIPT]
    issues = [item for item in posted.items if item.process == ISSUE]
    scrap = any(c.scrap or c.lost for c in posted.confirmations)
    if receipts:
        yield _event(document, "receipt", {"items": _items(receipts)}, source)
    if issues:
        kind: Posting = "backlog" if document.type == "backlog" else "issue"
        yield _event(document, kind, {"items": _items(issues)}, source)
    if posted.activities:
        yield _event(document, "activity", {"activities": _activities(posted)}, source)
    if scrap:
        yield _event(document, "scrap", {"confirmations": _points(posted)}, source)
    if any(c.rework for c in posted.confirmations):
        yield _event(document, "rework", {"confirmations": _points(posted)}, source)
    if posted.shortages:
        yield _event(document, "backlog", {"records": _shortages(posted.shortages)}, source)


def _event(document: Document, kind: Posting, data: dict[str, Any], source: str) -> Event:
    head, said = _head(document, source)
    payload = f'{{"id":"{document.number:010d}-{kind}","type":"backflush.posting.{kind}",{head},"data":{{{said},'
    return Event(document.number, document.plant, document.line, kind, (payload + _ENCODE(data)[1:] + "}").encode())


@lru_cache(maxsize=1)
def _head(document: Document, source: str) -> tuple[str, str]:
    """Print what all events of a document have in common: attributes and data, without their braces."""
    number = format_number(document.number)
    attributes = {
        "specversion": "1.0",
        "source": source,
        "subject": number,
        "time": iso(document.entered_at),
        "datacontenttype": "application/json",
    }
    data = {
        "document": number,
        "type": document.type,
        "plant": document.plant,
        "line": document.line,
        "material": document.material,
        "version": document.version,
        "batch": document.batch,
        "posting_date": document.posting_date,
        "production_date": document.production_date,
        "shift": document.shift,
    }
    return _ENCODE(attributes)[1:-1], _ENCODE(data)[1:-1]


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def _items(items: Iterable[MaterialItem]) -> list[dict[str, str]]:
    return [
        {
            "movement": item.movement,
            "material": item.material,
            "location": item.location,
            "batch": item.batch,
            "quantity": format_quantity(abs(item.quantity)),
            "unit": item.unit,
            "amount": format_quantity(abs(item.amount)),
        }
        for item in items
    ]


def _activities(posted: Posted) -> list[dict[str, str]]:
    return [
        {
            "activity": item.activity,
            "work_center": item.work_center,
            "cost_center": item.cost_center,
            "hours": format_quantity(abs(item.hours)),
            "amount": format_quantity(abs(item.amount)),
        }
        for item in posted.activities
    ]


def _points(posted: Posted) -> list[dict[str, str]]:
    return [
        {
            "point": c.point,
            "reason": c.reason,
            "yield": format_quantity(c.yield_),
            "scrap": format_quantity(c.scrap),
            "lost": format_quantity(c.lost),
            "rework": format_quantity(c.rework),
        }
        for c in posted.confirmations
    ]


def _shortages(shortages: Iterable[Shortage]) -> list[dict[str, str]]:
    return [
        {
            "record": f"{format_number(s.document)}/{s.item}",
            "material": s.material,
            "location": s.location,
            "quantity": format_quantity(s.required),
            "unit": s.unit,
            "cause": s.cause,
        }
        for s in shortages
    ]
