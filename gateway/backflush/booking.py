"""Booking: open rows become items, items become goods movements, activities and shortages.

A row that is posted adds E(mark + units) - E(mark) and moves the mark; what several rows add to one account is
folded. A row that actual quantities replace moves the mark too, so that the standard of all units stays one explosion;
what it would have added is told to the statistics and booked nowhere. A component is issued as far as stock, location
and the profile's stock determination allow; what is missing is left as a backlog record, and the mark has advanced all
the same: nothing is posted twice when it is worked off.
"""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from gateway.backflush.accounts import Account
from gateway.backflush.documents import ACTIVITY, RECEIPT, Document
from gateway.backflush.explosion import ExplodedItem
from gateway.backflush.movements import CONSIGNMENT, StockKey
from gateway.backflush.plant import RemProfile
from gateway.backflush.quantities import proportion
from gateway.backflush.records import POSTED, REPLACED, Flow, Row
from gateway.backflush.turn import Turn
from gateway.errors import Reason

_RUN = attrgetter("key", "plant", "line", "production_date", "shift", "state")
"""What rows have in common that are posted as one difference."""
DIFFERENCE = " difference"
"""What ends the name of the measure that holds used less standard: nothing is kept of what follows the standard."""


def post_rows(turn: Turn, document: Document, rows: Iterable[Row], profile: RemProfile) -> None:
    """Post rows under a document: fold E(m + units) - E(m) by account, then book the accounts.

    Rows that follow each other on one mark, made on one line in one shift, are one difference.
    """
    accounts: dict[tuple[object, ...], Account] = {}
    for _, together in groupby(rows, key=_RUN):
        run = list(together)
        first, of, replaced = run[0], run[0].key, run[0].state == REPLACED
        mark, explosion, flow = turn.mark(of), turn.state.explosions[of.explosion], turn.state.flows[of.flow]
        low = mark.posted
        for row in run:
            row.mark = mark.posted
            mark.posted += row.units
            if not replaced:
                row.state, row.posted_by = POSTED, document.number
        for item, quantity, amount in explosion.between(
            of.process, of.segment, fixed=bool(of.scope), low=low, high=mark.posted
        ):
            if replaced:
                usage(turn, first.plant, first, flow, item, 0, standard=quantity)
                continue
            key = (flow.cost_object, item.process, item.movement, item.object, item.place, item.cost_center, item.unit)
            account = accounts.get(key)
            if account is None:
                account = accounts[key] = Account(item, flow.cost_object)
            account.quantity += quantity
            account.amount += amount
            if item.process != RECEIPT:
                usage(turn, first.plant, first, flow, item, quantity, standard=quantity)
    for account in accounts.values():
        book(turn, document, account, profile, document.production_date)


class Made(Protocol):
    """Where and when something was made: a row, a report or a document."""

    @property
    def line(self) -> str:
        """The production line."""
        ...

    @property
    def production_date(self) -> str:
        """The plant's day, ISO."""
        ...

    @property
    def shift(self) -> str:
        """The shift of that day."""
        ...


def usage(turn: Turn, plant: str, made: Made, flow: Flow, item: ExplodedItem, used: int, *, standard: int) -> None:
    """Count what is used, and what that is above standard, on the day and shift in which it was produced."""
    date, shift, line = made.production_date, made.shift, made.line
    measure = ACTIVITY if item.process == ACTIVITY else "component" if item.sign < 0 else "by_product"
    if used:
        turn.statistic(plant, date, shift, line, flow, measure, item.object, item.unit, used)
    if used != standard:
        measure += DIFFERENCE
        turn.statistic(plant, date, shift, line, flow, measure, item.object, item.unit, used - standard)


def book(turn: Turn, document: Document, account: Account, profile: RemProfile, production_date: str) -> None:
    """Book one account of a document: a receipt or activity always, an issue as far as stock and location allow."""
    item = account.item
    if item.process == ACTIVITY:
        turn.work(
            document,
            account.origin,
            item.place,
            item.cost_center,
            item.object,
            account.quantity,
            account.amount,
            account.cost_object,
        )
        return
    stock_type = stock_type_of(account.cost_object) if item.process == RECEIPT else ""
    batch = document.batch if item.process == RECEIPT else account.batch
    wanted = StockKey(document.plant, item.object, item.place, batch, stock_type)
    parts = [(wanted, account.quantity)]
    if item.sign < 0:
        parts = allocate(turn, wanted, account.quantity, determination=profile.stock_determination)
    done = booked = 0
    for key, quantity in parts:
        done += quantity
        amount = proportion(done, account.amount, account.quantity, item.amount_step) - booked
        booked += amount
        turn.move(
            document,
            account.origin,
            item.process,
            item.movement,
            key,
            item.sign * quantity,
            item.unit,
            -item.sign * amount,
            account.cost_object,
        )
    if done != account.quantity:
        account.quantity -= done
        account.amount -= booked
        cause = Reason.SHORTAGE if item.place else Reason.NO_ISSUE_LOCATION
        turn.shortage(document, account, cause, production_date, determination=profile.stock_determination)


def allocate(turn: Turn, wanted: StockKey, quantity: int, *, determination: bool) -> list[tuple[StockKey, int]]:
    """Say from where a quantity is issued: from the key that is wanted, all or nothing.

    With stock determination, where no batch is named, also from other stock of the location: own before consignment,
    the oldest batch first, and as much as is there.
    """
    if not determination or wanted.batch or not wanted.location or turn.stock(wanted) is None:
        issued = issuable(turn, wanted, quantity, determination=determination)
        return [(wanted, issued)] if issued else []
    parts = []
    for key in _lots(turn, wanted):
        part = min(quantity, max(0, turn.stock(key) or 0))
        if part:
            parts.append((key, part))
            quantity -= part
    return parts


def issuable(turn: Turn, key: StockKey, quantity: int, *, determination: bool) -> int:
    """Return how much of a quantity may be issued: all or nothing, or what is there with stock determination."""
    if not key.location:
        return 0
    have = turn.stock(key)
    if have is None or have >= quantity:
        return quantity
    return max(0, have) if determination else 0


def stock_type_of(cost_object: str) -> str:
    """Return the special stock that a cost object's receipts go to: sales-order stock, or unrestricted."""
    if cost_object.startswith("SO "):
        return "E/" + "/".join(cost_object.split()[1:])
    return ""


def _lots(turn: Turn, wanted: StockKey) -> list[StockKey]:
    """Return the guarded stock of a material at a location: own before consignment, the oldest batch first."""
    received = turn.state.master.batches
    lots = [key for key in turn.state.guarded if key[:3] == wanted[:3] and key.stock_type in ("", CONSIGNMENT)]
    return sorted(lots, key=lambda k: (k.stock_type, received.get((k.plant, k.material, k.batch), ""), k.batch))
