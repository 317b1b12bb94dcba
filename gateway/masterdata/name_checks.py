"""Names and times in the rows of an import, judged as at every other door (`backflush.posting.names`).

Stock that falls is warned of. Only rows that the import adds or changes are judged: rows in force were judged on their
own import. An unknown name replaces the findings of the tables' own checks about it, so that it is reported once.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from devices.barcodes import Control, Verb, parse_alias
from devices.errors import Rejection
from gateway.backflush.memory.state import Rules, State
from gateway.backflush.plant.orders import Order
from gateway.backflush.posting.dates import instant
from gateway.backflush.posting.names import Said, judge, no_order
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.posting.places import no_batch_rule, unclear_bearer
from gateway.backflush.values.cost_objects import cost_object_of
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason
from gateway.masterdata import rows as r
from gateway.masterdata.build import master_of, orders_of
from gateway.masterdata.importing import Prepared
from gateway.masterdata.tables import Finding, Tables

Told = tuple[str, Rejection]
"""A column, and the fault of its value."""
_NAMES = frozenset({"plant", "line", "material", "version", "order", "start", "end", "value"})
"""Columns whose other findings mean the same."""


def judge_import(prepared: Prepared, in_force: Tables, open_names: Collection[str]) -> Prepared:
    """Return an import with findings about its names and times, and warnings of stock that falls."""
    told = list(_strange(prepared, in_force, open_names))
    rows = {(finding.table, finding.row, finding.file) for finding in told}
    others = [f for f in prepared.findings if (f.table, f.row, f.file) not in rows or f.field not in _NAMES]
    return prepared._replace(findings=[*others, *told, *_falling(prepared, in_force)])


def _falling(prepared: Prepared, in_force: Tables) -> Iterator[Finding]:
    """Warn of rows with less stock than those in force: mostly a delivery was entered instead of the sum."""
    before = {row.key(): row.quantity for row in in_force.of(r.OpeningStockRow)}
    for row in prepared.new.of(r.OpeningStockRow):
        was = before.get(row.key(), row.quantity)
        if row.quantity < was:
            where = prepared.new.origin(row)
            text = (
                f"the stock falls by {format_quantity(was - row.quantity)}: the row had {format_quantity(was)}; "
                "a receipt is added to what the row has"
            )
            yield Finding(where.file, where.row, "quantity", text, row.table, "warning")


def _strange(prepared: Prepared, in_force: Tables, open_names: Collection[str]) -> Iterator[Finding]:
    before = {(row.table, row.key()): row for kind in _SAID for row in in_force.of(kind)}
    brought = [row for kind in _SAID for row in prepared.new.of(kind) if before.get((row.table, row.key())) != row]
    if not brought:
        return
    merged = prepared.merged
    orders = {order.order: Order(*order) for order in orders_of(merged)}
    state = State(rules=Rules(open_names=tuple(open_names)), master=master_of(merged), orders=orders)
    index_orders(state)
    for row in brought:
        where = prepared.new.origin(row)
        for column, rejection in _SAID[type(row)](row, state):
            yield Finding(where.file, where.row, column, f"{rejection.code} {rejection.text}", row.table)


def _of_run(row: r.RunRow, state: State) -> Iterator[Told]:
    bearer = cost_object_of(row.sales_order, row.sales_order_item, "")
    said = Said(row.plant, row.line, row.material, row.version)
    if unclear := unclear_bearer(row.sales_order, row.sales_order_item, ""):
        yield "sales_order_item", Rejection(Reason.BAD_COMMAND, unclear)
    if refused := judge(state, said):
        yield "line", refused
    elif refused := judge(state, Said(row.plant, bearer=bearer, ordered=row.material)):
        yield "sales_order", refused
    if refused := no_batch_rule(row.batch):
        yield "batch", refused
    plant = state.master.plants.get(row.plant)
    for column, text in (("start", row.start), ("end", row.end)):
        moment = datetime.fromisoformat(text) if text else None
        if plant is not None and moment is not None and moment.tzinfo is None:
            at = instant(moment, plant.time_zone)
            if isinstance(at, Rejection):
                yield column, at


def _of_order(row: r.PlannedOrderRow, state: State) -> Iterator[Told]:
    made = Said(row.plant, row.line, row.material, row.version)
    if row.line and (refused := judge(state, made)):
        yield "line", refused


def _of_stock(row: r.OpeningStockRow, state: State) -> Iterator[Told]:
    order, _, item = row.stock_type.removeprefix("E/").partition("/")
    bearer = cost_object_of(order, item, "")
    if refused := judge(state, Said(row.plant, bearer=bearer, ordered=row.material)):
        yield "stock_type", refused


def _of_component(row: r.OrderComponentRow, state: State) -> Iterator[Told]:
    if row.order not in state.orders:
        yield "order", no_order(row.order)


def _of_card(row: r.AliasRow, state: State) -> Iterator[Told]:
    card = parse_alias(row.kind, row.value)
    if not isinstance(card, Control):
        return
    said: list[Said] = []
    match card.verb, card.values:
        case Verb.LINE, (plant, line):
            said = [Said(plant, line)]
        case Verb.POINT, (point,):
            said = [Said(plant, point=point) for plant in state.master.plants]
        case ((Verb.SCRAP | Verb.LOST), (reason,)):
            said = [Said("", reasons=(reason,))]
        case Verb.OPERATOR, (operator,):
            said = [Said("", operator=operator)]
    refused = [judge(state, each) for each in said]
    # A card without a plant is valid if it is valid in any plant.
    if refused and refused[0] is not None and None not in refused:
        yield "value", refused[0]


_SAID: Mapping[type[r.TableRow], Callable[[Any, State], Iterator[Told]]] = {
    r.RunRow: _of_run,
    r.PlannedOrderRow: _of_order,
    r.OrderComponentRow: _of_component,
    r.OpeningStockRow: _of_stock,
    r.AliasRow: _of_card,
}
"""The judgement of rows by table; other tables hold no such names."""
