"""Posting events: each document as CloudEvents 1.0 in JSON, a pure function of the commit.

One event per kind of posting in a document; its id is the document number and the kind, so that a receiver recognises a
repetition. Quantities and amounts are decimal texts; issues and receipts are positive, their movement type gives the
direction.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.backflush.memory.changes import Changes
from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.documents import (
    ISSUE,
    RECEIPT,
    Document,
    MaterialItem,
    Reduction,
    activity_document,
    format_number,
    material_document,
)
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.reports.outbox import Posted, Shortage
from gateway.ledger.reports.postings import print_reduction
from gateway.mqtt.topics import Posting
from gateway.service.times import iso


class Event(NamedTuple):
    """One event of one document."""

    document: int
    plant: str
    line: str
    kind: Posting
    payload: bytes


def collect_posted(changes: Changes) -> list[Posted]:
    """Return the documents of one commit with their rows, in order."""
    posted = {d.number: Posted(d, [], [], [], [], []) for d in changes.documents}
    for confirmation in changes.confirmations:
        posted[confirmation.document].confirmations.append(confirmation)
    for item in changes.items:
        posted[item.document].items.append(item)
    for activity in changes.activities:
        posted[activity.document].activities.append(activity)
    for reduction in changes.reductions:
        posted[reduction.document].reductions.append(reduction)
    for r in changes.backlog:
        shortage = Shortage(r.document, r.item, r.material, r.location, r.required, r.unit, str(r.cause))
        posted[r.document].shortages.append(shortage)
    return list(posted.values())


def events_of(posted: Posted, source: str) -> Iterator[Event]:
    """Yield the events of one document."""
    document = posted.document
    head, said = _head(document, source)
    said += f",{_orders(posted.reductions)}"

    def event(kind: Posting, data: str) -> Event:
        about = f'"id":"{document.number:010d}-{kind}","type":"backflush.posting.{kind}",{head}'
        text = f'{{{about},"data":{{{said},{data}}}}}'
        return Event(document.number, document.plant, document.line, kind, text.encode())

    if document.type == "reversal":
        lists = f"{_items(posted.items, document)},{_activities(posted)},{_points(posted)}"
        yield event("reversal", f'"reverses":"{format_number(document.reverses)}",{lists}')
        return
    receipts = [item for item in posted.items if item.process == RECEIPT]
    issues = [item for item in posted.items if item.process == ISSUE]
    if receipts:
        yield event("receipt", _items(receipts, document))
    if issues:
        yield event("backlog" if document.type == "backlog" else "issue", _items(issues, document))
    if posted.activities:
        yield event("activity", _activities(posted))
    if any(c.scrap or c.lost for c in posted.confirmations):
        yield event("scrap", _points(posted))
    if any(c.rework for c in posted.confirmations):
        yield event("rework", _points(posted))
    if posted.shortages:
        yield event("backlog", _shortages(posted.shortages))


# Repeated parts of documents (headings, and the items of a piece) are printed once; numbers need no escapes.

_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_quoted = lru_cache(maxsize=16_384)(_ENCODE)


@lru_cache(maxsize=16_384)
def _print_texts(**texts: str) -> str:
    """Print named texts, without the braces."""
    return _ENCODE(texts)[1:-1]


def _head(document: Document, source: str) -> tuple[str, str]:
    """Print the common parts of a document's events: attributes and data, without their braces."""
    number = format_number(document.number)
    attributes = (
        f'"specversion":"1.0","source":{_quoted(source)},"subject":"{number}","time":"{iso(document.entered_at)}",'
        '"datacontenttype":"application/json"'
    )
    bracket = _bracket(document[1:12])
    if document.caused_by:
        bracket += f',"caused_by":"{format_number(document.caused_by)}"'
    return attributes, f'"document":"{number}",{bracket}'


def _list(name: str, records: Iterable[str]) -> str:
    inside = "},{".join(records)
    return f'"{name}":[{{{inside}}}]' if inside else f'"{name}":[]'


@lru_cache(maxsize=16_384)
def _bracket(of: tuple[Any, ...]) -> str:
    """Print the common part of documents of one product, line, day and shift."""
    type_, plant, line, material, version, cost_object, _, batch, posting_date, production_date, shift = of
    order, item = parse_cost_object(cost_object).sales_order
    return _print_texts(
        type=type_,
        plant=plant,
        line=line,
        material=material,
        version=version,
        batch=batch,
        posting_date=posting_date,
        production_date=production_date,
        shift=shift,
        cost_object=cost_object,
        sales_order=order,
        sales_order_item=item,
    )


def _orders(reductions: Sequence[Reduction]) -> str:
    return _list("orders", (_print_reductions(*r[1:]) for r in reductions)) if reductions else '"orders":[]'


@lru_cache(maxsize=16_384)
def _print_reductions(order: str, segment: str, quantity: int) -> str:
    return _ENCODE(print_reduction(order, segment, quantity))[1:-1]


def _items(items: Sequence[MaterialItem], document: Document) -> str:
    """Print goods movements under their own number."""
    number = f'"material_document":"{material_document(document.number)}",' if items else ""
    each = (f'{_goods(i[4:9])},"cost_object":{_quoted(i.cost_object)},{_worth(i[9:12])}' for i in items)
    return number + _list("items", each)


@lru_cache(maxsize=16_384)
def _goods(of: tuple[str, ...]) -> str:
    movement, material, location, batch, stock_type = of
    return _print_texts(movement=movement, material=material, location=location, batch=batch, stock_type=stock_type)


@lru_cache(maxsize=16_384)
def _worth(of: tuple[Any, ...]) -> str:
    quantity, unit, amount = of
    return (
        f'"quantity":"{format_quantity(abs(quantity))}","unit":{_quoted(unit)},'
        f'"amount":"{format_quantity(abs(amount))}"'
    )


def _activities(posted: Posted) -> str:
    """Print activities under their own number."""
    own = activity_document(posted.document.number)
    number = f'"activity_document":"{own}",' if posted.activities else ""
    return number + _list("activities", (_activity(*i[3:9]) for i in posted.activities))


@lru_cache(maxsize=16_384)
def _activity(work_center: str, cost_center: str, activity: str, hours: int, amount: int, cost_object: str) -> str:
    place = _print_texts(activity=activity, work_center=work_center, cost_center=cost_center, cost_object=cost_object)
    return f'{place},"hours":"{format_quantity(abs(hours))}","amount":"{format_quantity(abs(amount))}"'


def _points(posted: Posted) -> str:
    return _list(
        "confirmations",
        (
            f"{_print_texts(point=c.point, reason=c.reason)},"
            f'"yield":"{format_quantity(c.yield_)}","scrap":"{format_quantity(c.scrap)}",'
            f'"lost":"{format_quantity(c.lost)}","rework":"{format_quantity(c.rework)}"'
            for c in posted.confirmations
        ),
    )


def _shortages(shortages: Iterable[Shortage]) -> str:
    return _list(
        "records",
        (
            f'"record":"{format_number(s.document)}/{s.item}",{_print_texts(material=s.material, location=s.location)},'
            f'"quantity":"{format_quantity(s.required)}",{_print_texts(unit=s.unit, cause=s.cause)}'
            for s in shortages
        ),
    )
