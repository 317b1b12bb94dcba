"""The mirror: the opposite of what was posted, at its amounts and stock keys.

A posted row is mirrored by the upper end of its own range, what was said as it stands. A replaced row takes its
standard back by the same end. What still waits in the backlog is closed instead.
"""

from gateway.backflush.accounts import Account
from gateway.backflush.booking import DIFFERENCE, stock_type_of, usage
from gateway.backflush.changes import Dossier
from gateway.backflush.documents import ACTIVITY, ISSUE, RECEIPT, Document, format_number
from gateway.backflush.explosion import ExplodedItem
from gateway.backflush.movements import StockKey, reversal_of
from gateway.backflush.quantities import proportion
from gateway.backflush.records import OPEN, REPLACED, WITHDRAWN, Backlog, Row
from gateway.backflush.turn import Turn

REVERSED_BY = "reversed by "
"""How the reason of a backlog record begins that a reversal has closed."""


def stock_key(document: Document, item: ExplodedItem) -> StockKey:
    """Return where an item of a document was booked."""
    if item.process != RECEIPT:
        return StockKey(document.plant, item.object, item.place)
    return StockKey(document.plant, item.object, item.place, document.batch, stock_type_of(document.cost_object))


def upper_end(turn: Turn, row: Row, quantity: int | None) -> list[tuple[ExplodedItem, int, int]]:
    """Return what the last units of a row whose mark has moved, not yet taken back, account for."""
    high = row.mark + row.units - row.reversed
    low = max(row.mark, high - quantity) if quantity is not None else row.mark
    explosion = turn.state.explosions[row.key.explosion]
    return list(explosion.between(row.key.process, row.key.segment, fixed=bool(row.key.scope), low=low, high=high))


def take_back_row(turn: Turn, row: Row, quantity: int | None, accounts: dict[tuple[object, ...], Account]) -> None:
    """Withdraw an open row, fold the mirror of a posted one into accounts, take back the standard of a replaced one."""
    changes = turn.changes
    flow = turn.state.flows[row.key.flow]
    if row.state == OPEN:
        units = row.units if quantity is None else min(quantity, row.units)
        row.units -= units
        turn.mark(row.key).due -= units
        if not row.units:
            row.state = WITHDRAWN
            turn.line(row.plant, row.line).wait(row.key.process, -1)
        changes.updated_rows[row.document, row.key] = row
        return
    if row.state == WITHDRAWN:
        return
    left = row.units - row.reversed
    units = left if quantity is None else min(quantity, left)
    if not units:
        return
    for item, amount_of, value in upper_end(turn, row, units):
        if row.state == REPLACED:
            usage(turn, row.plant, row, flow, item, 0, standard=-amount_of)
            continue
        key = (
            row.posted_by,
            flow.cost_object,
            item.process,
            item.movement,
            item.object,
            item.place,
            item.cost_center,
            item.unit,
        )
        account = accounts.get(key)
        if account is None:
            account = accounts[key] = Account(item, flow.cost_object, row.posted_by)
        account.quantity += amount_of
        account.amount += value
        if item.process != RECEIPT:
            usage(turn, row.plant, row, flow, item, -amount_of, standard=-amount_of)
    row.reversed += units
    changes.updated_rows[row.document, row.key] = row
    if row.key.scope and not row.mark and row.reversed == row.units:
        # The fixed items of the lot or shift are gone with the document that held them: its next units bring them back.
        mark = turn.mark(row.key)
        mark.due, mark.posted = mark.due - mark.posted, 0


def mirror(turn: Turn, document: Document, dossier: Dossier, account: Account) -> None:
    """Book the opposite of what was posted; what is still in the backlog is closed instead."""
    item = account.item
    if item.process == ACTIVITY:
        turn.work(
            document,
            "mirror",
            item.place,
            item.cost_center,
            item.object,
            -account.quantity,
            -account.amount,
            account.cost_object,
        )
        return
    quantity, amount = account.quantity, account.amount
    for record in dossier.backlog:
        if quantity and record.open and _same(record, account):
            closed = min(quantity, record.open)
            quantity, amount = quantity - closed, amount - record.value(closed)
            _close(turn, record, closed, f"{REVERSED_BY}{format_number(document.number)}")
    done = booked = 0
    for key, part in _spread(dossier, account, stock_key(document, item), quantity):
        done += part
        value = proportion(done, amount, quantity, item.amount_step) - booked
        booked += value
        turn.move(
            document,
            "mirror",
            item.process,
            reversal_of(item.movement),
            key,
            -item.sign * part,
            item.unit,
            item.sign * value,
            account.cost_object,
            mirrors=account.posted_by,
        )


def _spread(dossier: Dossier, account: Account, otherwise: StockKey, quantity: int) -> list[tuple[StockKey, int]]:
    """Say to which stock a quantity goes back: to the lots that it was taken from, the last one first."""
    item = account.item
    taken: dict[StockKey, int] = {}
    # What came from the backlog was issued later, from where its record says.
    for record in dossier.backlog:
        if _same(record, account):
            for key, units in reversed(record.issued_from.items()):
                taken[key] = taken.get(key, 0) + units
    for posted in reversed(dossier.items):
        same = (posted.document, posted.origin, posted.movement, posted.material, posted.location, posted.cost_object)
        if same == (account.posted_by, "exploded", item.movement, item.object, item.place, account.cost_object):
            key = otherwise._replace(batch=posted.batch, stock_type=posted.stock_type)
            taken[key] = taken.get(key, 0) + abs(posted.quantity)
    parts = []
    for key, units in taken.items():
        part = min(quantity, units - _given_back(dossier, account, key))
        if part > 0:
            parts.append((key, part))
            quantity -= part
    return [*parts, (otherwise, quantity)] if quantity else parts


def _given_back(dossier: Dossier, account: Account, key: StockKey) -> int:
    """Return how much earlier reversals have put back to a stock of what one posting took from it."""
    same = (account.posted_by, reversal_of(account.item.movement), account.cost_object, *key[1:])
    return sum(
        abs(item.quantity)
        for item in dossier.mirrored
        if (item.mirrors, item.movement, item.cost_object, item.material, item.location, item.batch, item.stock_type)
        == same
    )


def _same(record: Backlog, account: Account) -> bool:
    item = account.item
    return (record.document, record.movement, record.material, record.location, record.cost_object) == (
        account.posted_by,
        item.movement,
        item.object,
        item.place,
        account.cost_object,
    )


def _close(turn: Turn, record: Backlog, quantity: int, reason: str) -> None:
    record.closed += quantity
    record.reason = reason
    turn.changes.updated_backlog[record.document, record.item] = record
    if not record.open:
        turn.line(record.plant, record.line).backlog -= 1


def _take_back_record(turn: Turn, document: Document, record: Backlog) -> None:
    """Close what is missing of a component that was said, and put back what was issued of it since."""
    done = booked = 0
    for key, units in record.issued_from.items():
        done += units
        value = record.issued_amount * done // record.issued - booked
        booked += value
        opposite = reversal_of(record.movement)
        turn.move(
            document,
            "mirror",
            ISSUE,
            opposite,
            key,
            units,
            record.unit,
            -value,
            record.cost_object,
            mirrors=record.document,
        )
    if record.open:
        _close(turn, record, record.open, f"{REVERSED_BY}{format_number(document.number)}")


def said_records(dossier: Dossier) -> list[Backlog]:
    """Return what is or was missing of components that were said: those of a document that exploded no issue."""
    number = dossier.document.number
    if any(row.posted_by == number and row.key.process == ISSUE for row in dossier.rows):
        return []
    return [record for record in dossier.backlog if record.document == number]


def mirror_direct(turn: Turn, document: Document, dossier: Dossier) -> None:
    """Mirror what was posted as it was said, not exploded."""
    number = dossier.document.number
    for item in dossier.items:
        if item.origin == "direct" and item.document == number:
            key = StockKey(document.plant, item.material, item.location, item.batch, item.stock_type)
            turn.move(
                document,
                "mirror",
                item.process,
                reversal_of(item.movement),
                key,
                -item.quantity,
                item.unit,
                -item.amount,
                item.cost_object,
                mirrors=number,
            )
            measure = "component" if item.quantity < 0 else "by_product"
            _forget_usage(turn, document, measure, item.material, item.unit, abs(item.quantity))
    for record in said_records(dossier):
        _take_back_record(turn, document, record)
        _forget_usage(turn, document, "component", record.material, record.unit, record.required)
    for work in dossier.activities:
        if work.origin == "direct":
            turn.work(
                document,
                "mirror",
                work.work_center,
                work.cost_center,
                work.activity,
                -work.hours,
                -work.amount,
                work.cost_object,
            )
            _forget_usage(turn, document, "activity", work.activity, "H", work.hours)


def _forget_usage(turn: Turn, document: Document, measure: str, detail: str, unit: str, quantity: int) -> None:
    """Take what was said out of the statistics of its day and shift, and what it was above standard."""
    flow = turn.state.flows[document.flow]
    day = (document.plant, document.production_date, document.shift, document.line)
    for name in (measure, measure + DIFFERENCE):
        turn.statistic(*day, flow, name, detail, unit, -quantity)
