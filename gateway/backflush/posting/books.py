"""The books of one step: the state, its changes, and the few primitives that book everything.

Document numbers, items, stock, collectors and statistics are written here and nowhere else; the figures of a line by
the methods of its record, units due and posted by those of `memory.balance`. So the laws that tie them together hold by
construction.
"""

from typing import Protocol

from devices.errors import Rejection
from gateway.backflush.memory.balance import Account, AccountKey, Balance, BalanceKey
from gateway.backflush.memory.changes import Changes, Facts, Feedback
from gateway.backflush.memory.records import Backlog, Flow, LineFigures, Outcome, ScanRecord
from gateway.backflush.memory.state import MADE, RECENT_SCANS, YIELD, State
from gateway.backflush.plant.explode import explode
from gateway.backflush.plant.explosion import ExplodedItem, Explosion, Terms
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.posting.portions import Portion
from gateway.backflush.posting.prices import movement_of, profile_in_force, terms_of
from gateway.backflush.values.cost_objects import Bearer
from gateway.backflush.values.counting import Ending
from gateway.backflush.values.documents import (
    ACTIVITY,
    HEAD_STRIDE,
    ISSUE,
    RECEIPT,
    ActivityItem,
    Document,
    MaterialItem,
    Process,
)
from gateway.backflush.values.movements import StockKey
from gateway.errors import Reason

_COUNTED = Outcome("ok", Reason.OK, "", "")


class Made(Protocol):
    """The place and time of production of a row, a report or a document."""

    @property
    def plant(self) -> str:
        """The plant."""
        ...

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


class Books:
    """State, facts and changes of one step.

    `now` is the time of the journal batch, `entry` the entry in work.
    """

    __slots__ = ("_items", "changes", "entry", "facts", "now", "received", "replays", "state")

    def __init__(self, state: State, changes: Changes, facts: Facts, now: int) -> None:
        self.state = state
        self.changes = changes
        self.facts = facts
        self.now = self.received = now
        """`received` is the time of receipt of the entry in work: for a replay that of the original message."""
        self.entry = 0
        self.replays = False
        """Whether the entry in work comes from quarantine, so that it has a quarantine entry already."""
        self._items: dict[int, int] = {}

    def outcome(self, ending: Ending) -> None:
        """Count the outcome of a message."""
        outcomes = self.changes.outcomes
        outcomes[ending] = outcomes.get(ending, 0) + 1

    def line(self, plant: str, line: str) -> LineFigures:
        """Return the figures of a line, mutable."""
        key = (plant, line)
        found = self.state.lines.get(key)
        if found is None:
            found = self.state.lines[key] = LineFigures(plant, line)
        self.changes.lines[key] = found
        return found

    def fits(self, plant: str, line: str, units: int) -> bool:
        """Return whether the line's totals can take `units` more."""
        return (self.state.lines.get((plant, line)) or LineFigures(plant, line)).fits(units)

    def flow(self, plant: str, material: str, version: str, cost_object: str, points: tuple[str, ...]) -> Flow:
        """Return a flow, a new one if there is none."""
        flow = Flow(plant, material, version, cost_object, points)
        known = self.state.flows.get(flow.id)
        if known is not None:
            return known
        assert flow.to_stock or (plant, cost_object) in self.state.bearers, f"{plant}/{cost_object} was not read before"
        self.state.add_flow(flow)
        return flow

    def balance(self, key: BalanceKey) -> Balance:
        """Return a balance, mutable."""
        balance = self.changes.balances.get(key)
        if balance is None:
            balance = self.find_balance(key)
            if balance is None:
                balance = self.state.balances[key] = Balance()
            self.changes.balances[key] = balance
        return balance

    def account(self, key: AccountKey) -> Account:
        """Return an account, mutable."""
        account = self.changes.accounts.get(key)
        if account is None:
            account = self.find_account(key)
            if account is None:
                account = self.state.accounts[key] = Account()
            self.changes.accounts[key] = account
        return account

    def find_account(self, key: AccountKey) -> Account | None:
        """Return an account, read-only; None if nothing was owed yet."""
        read = key.flow in self.state.flows and (not key.scope or key.scope in self.state.scopes)
        assert read, f"{key} was not read before it is touched"
        return self.state.accounts.get(key)

    def terms(self, flow: Flow, item: ExplodedItem) -> Terms:
        """Return the movement type and value of an exploded item of a flow that is posted now."""
        profile = profile_in_force(self.state.master, flow.plant, flow.material)
        return terms_of(self.state.master, flow.plant, item, movement_of(profile, flow.cost_object, item))

    def find_balance(self, key: BalanceKey) -> Balance | None:
        """Return a balance, read-only; None if nothing was due yet."""
        read = key.flow in self.state.flows and (not key.scope or key.scope in self.state.scopes)
        assert read, f"{key} was not read before it is touched"
        return self.state.balances.get(key)

    def explosion(
        self, version: ProductionVersion, date: str, revision: str, order: Order | None, bearer: Bearer
    ) -> Explosion | Rejection:
        """Return the explosion of a version as of a production date; equal content is the same one."""
        named = order.order if order is not None else ""
        key = (version.plant, version.material, version.version, date, revision, named, bearer)
        known = self.state.resolved.explosions.get(key)
        if known is not None:
            return known
        made = explode(self.state.master, version, date, revision, order, bearer)
        if isinstance(made, Explosion):
            made = self.state.explosions.setdefault(made.id, made)
        self.state.resolved.explosions[key] = made
        return made

    def keep_explosion(self, explosion: str) -> None:
        """Have the ledger keep an explosion, because a balance now depends on it."""
        self.changes.explosions[explosion] = self.state.explosions[explosion]

    # -- documents

    @property
    def next_document(self) -> int:
        """Return the number of the next document."""
        number: int = self.state.ordinal * HEAD_STRIDE + self.state.documents + 1
        return number

    def begin(self, document: Document) -> Document:
        """Begin a document with the next number; its items are added in the same step."""
        self.state.documents += 1
        self.changes.documents.append(document)
        self.line(document.plant, document.line).number(document.number)
        return document

    def next_item(self, document: int) -> int:
        """Return the next item number of a document, from 1."""
        number = self._items.get(document, 0) + 1
        self._items[document] = number
        return number

    # -- goods and activities

    def stock(self, key: StockKey) -> int | None:
        """Return the stock of a key that must not go negative; None if it may."""
        return self.state.stock.get(key, 0) if self.state.guards(key) else None

    def move(self, document: Document, key: StockKey, item: MaterialItem) -> None:
        """Book one goods movement: the item, the stock (`key`) and the cost object."""
        self.changes.items.append(item)
        stock = self.changes.stock
        stock[key] = stock.get(key, 0) + item.quantity
        if self.state.lay(key, item.quantity):
            self.changes.guarded.add(key)
            if item.quantity > 0 and key[:3] in self.state.short:
                self.state.arrived.add(key[:3])
        element: Process = RECEIPT if item.process == RECEIPT else ISSUE
        self._collect(document, item.cost_object, element, item.material, item.amount)

    def work(self, document: Document, item: ActivityItem) -> None:
        """Book hours of an activity to the cost object."""
        self.changes.activities.append(item)
        self._collect(document, item.cost_object, ACTIVITY, item.activity, item.amount)

    def _collect(self, document: Document, cost_object: str, element: Process, detail: str, amount: int) -> None:
        key = (document.plant, cost_object, document.posting_date[:7], element, detail)
        collectors = self.changes.collectors
        collectors[key] = collectors.get(key, 0) + amount

    def statistic(self, made: Made, flow: Flow, measure: str, detail: str, unit: str, quantity: int) -> None:
        """Add to the statistics of the line, day and shift of production."""
        plant, date, line = made.plant, made.production_date, made.line
        key = (plant, date, made.shift, line, flow.material, flow.version, measure, detail, unit)
        statistics = self.changes.statistics
        statistics[key] = statistics.get(key, 0) + quantity
        if measure in MADE:
            month = plant, line, date[:7]
            self.state.made[month] = self.state.made.get(month, 0) + quantity
            if measure == YIELD:
                day = plant, line, date, made.shift, detail, unit
                self.state.shift_yield[day] = self.state.shift_yield.get(day, 0) + quantity

    def shortage(
        self, document: Document, portion: Portion, cause: Reason, production_date: str, *, determination: bool
    ) -> None:
        """Leave the missing quantity of a portion as a backlog record."""
        item = portion.item
        self.changes.backlog.append(
            Backlog(
                document.number,
                self.next_item(document.number),
                plant=document.plant,
                line=document.line,
                movement=portion.terms.movement,
                material=item.object,
                location=item.place,
                batch=portion.batch,
                stock_type="",
                unit=item.unit,
                required=portion.quantity,
                cause=cause,
                cost_object=portion.cost_object,
                posting_date=document.posting_date,
                production_date=production_date,
                created_at=self.now,
                origin=portion.origin,
                determination=determination,
            )
        )
        self.line(document.plant, document.line).lack(1)
        self.state.short.add((document.plant, item.object, item.place))

    # -- identities

    def find_scan(self, identity: tuple[str, str]) -> ScanRecord | None:
        """Return the record of a (device, id); None if it is new."""
        return self.state.scans.get(identity) or self.facts.scans.get(identity)

    def remember(self, identity: tuple[str, str], content: str, outcome: Outcome = _COUNTED) -> None:
        """Keep an identity and its outcome."""
        record = ScanRecord(content, outcome)
        scans = self.state.scans
        scans[identity] = record
        if len(scans) > RECENT_SCANS:
            scans.popitem(last=False)
        self.changes.scans[identity] = record

    def serial(self, key: str) -> int:
        """Return the document that confirmed a serial number or SSCC at a point; 0 if it is free.

        It is not kept in memory: another gateway may have confirmed or freed it since the last commit.
        """
        return self.changes.serials.get(key, (self.facts.serials.get(key, 0), 0))[0]

    def confirm_serial(self, key: str, document: int, before: int = 0) -> None:
        """Confirm a serial number or SSCC at a point, or free one that `before` had confirmed (document 0)."""
        _, was = self.changes.serials.get(key, (0, before))
        self.changes.serials[key] = document, was

    def feedback(self, feedback: Feedback) -> None:
        """Answer a scanner, after the commit."""
        self.changes.feedback.append(feedback)
