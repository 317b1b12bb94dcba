"""The auditor: every law of the ledger that can be checked without knowing what happened.

It reads the tables alone, and holds them against each other and against the state in memory. `audit` raises
`AssertionError` with every broken law, because one of them usually explains the others.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TypeVar

from gateway.backflush.memory.balance import AccountKey, BalanceKey, Row, account_key
from gateway.backflush.memory.state import State
from gateway.backflush.values.documents import ACTIVITY, ISSUE, RECEIPT, REOPENED, UNPOSTED, Document
from gateway.backflush.values.movements import StockKey
from tests.differences import differences
from tests.memory import Ledger

Account = tuple[str, ...]
_K = TypeVar("_K", bound=tuple[str, ...])


def audit(ledger: Ledger, state: State) -> None:
    """Check every law."""
    broken = [f"{law.__name__[1:]}: {what}" for law in LAWS for what in law(ledger)]
    broken += [f"memory is what was committed: {what}" for what in differences(ledger, state)]
    assert not broken, "\n".join(broken)


def _read_is_counted_or_quarantined(ledger: Ledger) -> Iterator[str]:
    for line in ledger.lines.values():
        if line.read != line.counted + line.quarantined:
            yield f"{line.line}: read {line.read}, counted {line.counted}, quarantined {line.quarantined}"
    held = sum(e.good + e.scrap for e in ledger.quarantine.values() if e.state in ("open", "dismissed"))
    if held != sum(line.quarantined for line in ledger.lines.values()):
        yield f"the entries hold {held}, the lines say {[line.quarantined for line in ledger.lines.values()]}"


def _counted_is_posted_or_open(ledger: Ledger) -> Iterator[str]:
    counted = sum(line.counted for line in ledger.lines.values())
    posted = sum(line.posted for line in ledger.lines.values())
    windows = sum(window.units for window in ledger.windows.values())
    waiting = sum(flow.waiting for flow in ledger.flows.values())
    if counted != posted + windows + waiting:
        yield f"counted {counted}, posted {posted}, in windows {windows}, waiting {waiting}"


def _due_less_posted_is_open_rows(ledger: Ledger) -> Iterator[str]:
    rows: dict[BalanceKey, list[Row]] = defaultdict(list)
    for row in ledger.rows.values():
        rows[row.key].append(row)
    for key, balance in ledger.balances.items():
        waiting = sum(row.units for row in rows[key] if row.state == "open")
        if balance.due - balance.posted != waiting:
            yield f"{key}: due {balance.due}, posted {balance.posted}, open rows {waiting}"
        end = 0
        for row in sorted((r for r in rows[key] if r.state in ("posted", "replaced")), key=lambda r: r.low):
            if row.low != end:
                yield f"{key}: the row of document {row.document} begins at {row.low}, not at {end}"
            end = row.low + row.units
            if not 0 <= row.reversed <= row.units:
                yield f"document {row.document}: {row.reversed} of {row.units} units are reversed"
        if end != balance.posted:
            yield f"{key}: posted rows reach to {end}, the balance is at {balance.posted}"
    for key in rows.keys() - ledger.balances.keys():
        yield f"rows without a balance: {key}"


def _what_an_account_posted_and_its_remainder_are_what_its_rows_owe(ledger: Ledger) -> Iterator[str]:
    owed: dict[AccountKey, Fraction] = defaultdict(Fraction)
    bears: dict[tuple[AccountKey, int], int] = defaultdict(int)
    for row in ledger.rows.values():
        key = row.key
        for item in ledger.explosions[key.explosion].part(key.process, key.segment, fixed=bool(key.scope)):
            account = account_key(key.flow, key.scope, item)
            if key.scope and row.state in ("posted", "replaced") and row.reversed < row.units:
                bears[account, row.document] += item.numerator if row.state == "posted" else 0
            elif not key.scope and row.state == "posted":
                owed[account] += Fraction((row.units - row.reversed) * item.numerator, item.denominator)
    for key_, account_ in ledger.accounts.items():
        remainder = Fraction(account_.remainder)
        if key_.scope:
            charged = bears.get((key_, account_.document)) if account_.document else 0
            if charged is None or account_.posted != charged or remainder:
                yield f"{key_}: document {account_.document} bears {account_.posted}, its rows {charged}"
        elif account_.posted + remainder != owed.pop(key_, Fraction(0)) or account_.posted < 0:
            yield f"{key_}: posted {account_.posted}, remainder {account_.remainder}"
    yield from (f"{key_}: {share} are owed, and there is no account" for key_, share in owed.items() if share)


def _items_are_what_the_accounts_posted(ledger: Ledger) -> Iterator[str]:
    said = {(i.document, i.movement, i.material) for i in ledger.items if i.origin == "direct"}
    said |= {(r.document, r.movement, r.material) for r in ledger.backlog.values() if r.origin == "direct"}
    worked = {(w.document, w.work_center, w.activity) for w in ledger.activities if w.origin == "direct"}
    found: Counter[tuple[str, str, int, str]] = Counter()
    for item in ledger.items:
        original = str(int(item.movement) - 1)
        if item.mirrors and ledger.documents[item.mirrors].reverses:
            continue  # what had come back unused is no matter of the accounts
        if item.origin == "exploded" or (
            item.origin == "mirror" and (item.mirrors, original, item.material) not in said
        ):
            sign = 1 if (item.quantity > 0) == (item.origin == "exploded") else -1
            found[item.cost_object, item.process, sign, item.material] += sign * item.quantity
    for record in ledger.backlog.values():
        if record.origin == "exploded":
            found[record.cost_object, ISSUE, -1, record.material] += record.required - record.reversed
    for work in ledger.activities:
        document = ledger.documents[work.document]
        if work.origin != "direct" and (document.reverses, work.work_center, work.activity) not in worked:
            found[work.cost_object, ACTIVITY, 1, work.activity] += work.hours
    expected: Counter[tuple[str, str, int, str]] = Counter()
    for key, account in ledger.accounts.items():
        expected[ledger.flows[key.flow].cost_object, key.process, key.sign, key.object] += account.posted
    for key_ in expected.keys() | found.keys():
        if expected[key_] != found[key_]:
            yield f"{key_}: the accounts say {expected[key_]}, the items {found[key_]}"


def _stock_is_opening_and_movements(ledger: Ledger) -> Iterator[str]:
    expected = Counter(ledger.opening)
    for item in ledger.items:
        document = ledger.documents[item.document]
        key = StockKey(document.plant, item.material, item.location, item.batch, item.stock_type)
        expected[key] += item.quantity
        if key not in ledger.stock:
            yield f"document {item.document} moves {item.material} at {item.location}, of which there is no stock row"
    yield from _unequal(expected, ledger.stock)


def _documented_is_the_sum_of_confirmations(ledger: Ledger) -> Iterator[str]:
    found: Counter[tuple[str, str, str]] = Counter()
    expected: Counter[tuple[str, str, str]] = Counter()
    for c in ledger.confirmations:
        for name, units in (("good", c.yield_), ("scrap", c.scrap), ("lost", c.lost)):
            found[ledger.documents[c.document].flow, c.point, name] += units
    for flow in ledger.flows.values():
        for point, segment in zip(flow.points, flow.segments, strict=True):
            for name, units in zip(("good", "scrap", "lost"), (*segment.documented, segment.lost), strict=True):
                expected[flow.id, point, name] = units
            if min(*segment.reported, *segment.documented, segment.lost) < 0:
                yield f"{flow.id} {point}: reported {segment.reported}, documented {segment.documented}"
    yield from _unequal(expected, found)


def _what_waits_is_reported_and_not_documented(ledger: Ledger) -> Iterator[str]:
    for flow in ledger.flows.values():
        for point, segment in zip(flow.points, flow.segments, strict=True):
            queue = [units for key, units in ledger.waiting.items() if key[:2] == (flow.id, point) and units]
            scrap = sum(sum(units.scrap.values()) for units in queue)
            if segment.waiting != (sum(units.good for units in queue), scrap):
                yield f"{flow.id} {point}: {segment.waiting} wait, the queue holds {[u.passed for u in queue]}"
            if any(min(units.good, *units.scrap.values(), 0) < 0 or not units.passed for units in queue):
                yield f"{flow.id} {point}: less than nothing waits"


def _work_in_process_is_never_negative(ledger: Ledger) -> Iterator[str]:
    for flow in ledger.flows.values():
        yield from (f"{flow.id} {point}: {pieces}" for point, pieces in flow.wip if pieces < 0)


def _a_reversal_mirrors_no_more_than_its_document(ledger: Ledger) -> Iterator[str]:
    held: Counter[tuple[int, str, str]] = Counter()
    came_back = {(i.document, i.material): i for i in ledger.items if i.origin == "direct" and i.mirrors}
    for item in ledger.items:
        back = came_back.get((item.mirrors or item.document, item.material))
        if back is not None:
            issue = str(int(back.movement) - 1)
            held[back.mirrors, issue, item.material] += (
                abs(item.quantity) if item.origin == "mirror" else -item.quantity
            )
        elif item.origin in ("exploded", "direct"):
            held[item.document, item.movement, item.material] += abs(item.quantity)
        elif item.origin == "mirror":
            held[item.mirrors, str(int(item.movement) - 1), item.material] -= abs(item.quantity)
    for record in ledger.backlog.values():
        held[record.document, record.movement, record.material] += record.required - record.reversed
    yield from (f"{key}: {-left} more is mirrored than was posted" for key, left in held.items() if left < 0)


def _a_document_is_reversed_at_most_once(ledger: Ledger) -> Iterator[str]:
    left: dict[tuple[int, tuple[str, str, bool, bool, bool]], list[int]] = {}
    for c in ledger.confirmations:
        reverses = ledger.documents[c.document].reverses
        units = left.setdefault((reverses or c.document, c.key), [0, 0, 0, 0])
        units[:] = [a + b for a, b in zip(units, (c.yield_, c.scrap, c.lost, c.rework), strict=True)]
    yield from (f"document {key}: {units} are left" for key, units in left.items() if min(units) < 0)


def _open_issued_and_closed_are_required(ledger: Ledger) -> Iterator[str]:
    issued: Counter[str] = Counter()
    amounts: Counter[str] = Counter()
    for item in ledger.items:
        if item.origin == "backlog":
            reference = ledger.documents[item.document].reference
            issued[reference] -= item.quantity
            amounts[reference] += item.amount
    for record in ledger.backlog.values():
        reference = f"{record.document:010d}/{record.item}"
        if min(record.open, record.issued, record.closed) < 0 or issued[reference] != record.issued:
            yield f"{reference}: {record.required} required, {record.issued} issued, {record.closed} closed"
        if amounts[reference] != record.issued_amount:
            yield f"{reference}: issued for {amounts[reference]}, the record says {record.issued_amount}"


def _collectors_are_sums_of_amounts(ledger: Ledger) -> Iterator[str]:
    expected: Counter[tuple[str, ...]] = Counter()
    for item in ledger.items:
        document = ledger.documents[item.document]
        process = RECEIPT if item.process == RECEIPT else ISSUE
        expected[document.plant, item.cost_object, document.posting_date[:7], process, item.material] += item.amount
    for work in ledger.activities:
        document = ledger.documents[work.document]
        expected[document.plant, work.cost_object, document.posting_date[:7], ACTIVITY, work.activity] += work.amount
    yield from _unequal(expected, ledger.collectors)


def _statistics_are_sums(ledger: Ledger) -> Iterator[str]:
    expected: Counter[tuple[str, ...]] = Counter()
    for c in ledger.confirmations:
        d = ledger.documents[c.document]
        expected[d.line, d.production_date, d.shift, d.material, "yield", c.point] += c.yield_
        reason = f"{c.point} {c.reason}".strip()
        expected[d.line, d.production_date, d.shift, d.material, "scrap", reason] += c.scrap + c.lost
        expected[d.line, d.production_date, d.shift, d.material, "rework", c.point] += c.rework
    _add_what_was_said(ledger, expected)
    for row in ledger.rows.values():
        if row.state != "replaced":
            continue
        day = (row.line, row.production_date, row.shift, ledger.flows[row.key.flow].material)
        high = row.low + row.units - row.reversed
        for item in ledger.explosions[row.key.explosion].part(
            row.key.process, row.key.segment, fixed=bool(row.key.scope)
        ):
            standard = item.quantity(high) - item.quantity(row.low)
            if row.key.scope:
                account = ledger.accounts[account_key(row.key.flow, row.key.scope, item)]
                standard = item.numerator if account.document == row.document and row.reversed < row.units else 0
            expected[*day, f"{_measure(item.process, item.sign)} difference", item.object] -= standard
    found: Counter[tuple[str, ...]] = Counter()
    used: Counter[tuple[str, ...]] = Counter()
    for (_, date, shift, line, material, _, measure, detail, _), quantity in ledger.statistics.items():
        if measure in _MEASURES:
            used[material, measure, detail] += quantity
        else:
            found[line, date, shift, material, measure, detail] += quantity
    of_day = {key: units for key, units in expected.items() if key[4] not in _MEASURES}
    yield from _unequal(Counter(of_day), found)
    # On which day a cumulated posting was used is told by the engine alone.
    in_all: Counter[tuple[str, ...]] = Counter()
    for key, units in expected.items():
        if key[4] in _MEASURES:
            in_all[key[3:]] += units
    for key_, account in ledger.accounts.items():
        if key_.process != RECEIPT:
            name = (ledger.flows[key_.flow].material, _measure(key_.process, key_.sign), key_.object)
            in_all[name] += account.posted
    yield from _unequal(in_all, used)


_MEASURES = frozenset({"component", "by_product", "activity"})


def _measure(process: str, sign: int) -> str:
    return "activity" if process == ACTIVITY else "component" if sign < 0 else "by_product"


def _add_what_was_said(ledger: Ledger, expected: Counter[tuple[str, ...]]) -> None:
    """Expect what was said as used, and as different from the standard: that is what it replaces, or nothing."""
    said: list[tuple[Document, str, str, int]] = []
    own = {(i.document, str(int(i.movement) + 1), i.material): i for i in ledger.items if i.origin == "direct"}
    missing = {
        (r.document, str(int(r.movement) + 1), r.material) for r in ledger.backlog.values() if r.origin == "direct"
    }
    for item in ledger.items:
        d, key = ledger.documents[item.document], (item.mirrors, item.movement, item.material)
        returns = bool(item.mirrors and ledger.documents[item.mirrors].reverses) or bool(
            item.origin == "direct" and d.reverses
        )
        of = item if item.origin == "direct" else own.get(key)
        if returns or key in missing or (of is not None and of.quantity < 0):
            said.append((d, "component", item.material, -item.quantity))
        elif of is not None:
            said.append((d, "by_product", item.material, item.quantity))
    times = {(w.document, w.work_center, w.activity) for w in ledger.activities if w.origin == "direct"}
    for work in ledger.activities:
        d = ledger.documents[work.document]
        if work.origin == "direct" or (d.reverses, work.work_center, work.activity) in times:
            said.append((d, "activity", work.activity, work.hours))
    records = [record for record in ledger.backlog.values() if record.origin == "direct"]
    said += [(ledger.documents[r.document], "component", r.material, r.required - r.reversed) for r in records]
    for d, measure, name, quantity in said:
        day = (d.line, d.production_date, d.shift, d.material)
        expected[*day, measure, name] += quantity
        expected[*day, f"{measure} difference", name] += quantity


def _hours_hold_what_was_made_in_them(ledger: Ledger) -> Iterator[str]:
    expected: Counter[tuple[object, ...]] = Counter()
    for line in ledger.confirmations:
        paper = ledger.documents[line.document]
        original = ledger.documents[paper.reverses or paper.number]
        at = max((s.last_at for s in ledger.sources if s.document == original.number), default=original.entered_at)
        quarter = at // 900_000_000 * 900_000_000
        key = paper.plant, paper.line, paper.production_date, quarter, paper.shift, paper.material, paper.version
        expected[*key, "yield"] += line.yield_ if line.point == "final" else 0
        expected[*key, "scrap"] += line.scrap + line.lost
        expected[*key, "rework"] += line.rework
    for key_ in expected.keys() | ledger.hours.keys():
        if expected[key_] != ledger.hours[key_]:
            yield f"{key_}: documents say {expected[key_]}, the hours {ledger.hours[key_]}"


def _orders_are_reduced_by_what_documents_say(ledger: Ledger) -> Iterator[str]:
    expected: Counter[tuple[str, ...]] = Counter()
    of_document: Counter[tuple[int, str, str]] = Counter()
    for r in ledger.reductions:
        expected[r.order, r.segment] += r.quantity
        of_document[ledger.documents[r.document].reverses or r.document, r.order, r.segment] += r.quantity
    found: Counter[tuple[str, ...]] = Counter(
        {(o.order, segment): n for o in ledger.orders.values() for segment, n in o.reduced.items()}
    )
    yield from _unequal(expected, found)
    yield from (f"{key}: {units} after its reversals" for key, units in of_document.items() if units < 0)


def _documents_are_numbered_and_complete(ledger: Ledger) -> Iterator[str]:
    if list(ledger.documents) != list(range(1, len(ledger.documents) + 1)):
        yield f"numbers {list(ledger.documents)}"
    items: dict[int, list[int]] = defaultdict(list)
    for number, item in [
        *((i.document, i.item) for i in ledger.items),
        *((a.document, a.item) for a in ledger.activities),
        *((b.document, b.item) for b in ledger.backlog.values()),
    ]:
        items[number].append(item)
    for number, numbers in items.items():
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield f"document {number} has the items {sorted(numbers)}"
    under = {c.document for c in ledger.confirmations} | {s.document for s in ledger.sources}
    under |= {r.document for r in ledger.reductions} | {row.document for row in ledger.rows.values()}
    for number in (items.keys() | under) - ledger.documents.keys():
        yield f"there is no document {number}, but something stands under it"


def _figures_of_lines_count_what_is_open(ledger: Ledger) -> Iterator[str]:
    rows = sum(row.state == "open" for row in ledger.rows.values())
    backlog = sum(record.open > 0 for record in ledger.backlog.values())
    documents = len(ledger.documents)
    lines = ledger.lines.values()
    found = (sum(i.worklist for i in lines), sum(i.backlog for i in lines), sum(i.documents for i in lines))
    if found != (rows, backlog, documents):
        yield f"lines say {found}, open rows, backlog and documents are {(rows, backlog, documents)}"
    referred = {number: document.reference for number, document in ledger.documents.items()}
    left = (c for c in ledger.confirmations if referred[c.document] not in UNPOSTED)
    reversed_ = -sum(c.said for c in left if c.said < 0)
    rework = sum(c.rework for c in ledger.confirmations if c.rework > 0 or referred[c.document] == REOPENED)
    if sum(i.rework for i in lines) != rework:
        yield f"lines say {sum(i.rework for i in lines)} are reworked, documents say {rework}"
    if sum(i.reversed for i in lines) != reversed_:
        yield f"lines say {sum(i.reversed for i in lines)} reversed, reversals say {reversed_}"


def _unequal(expected: Counter[_K], found: Counter[_K]) -> Iterator[str]:
    for key in expected.keys() | found.keys():
        if expected[key] != found[key]:
            yield f"{key}: expected {expected[key]}, found {found[key]}"


LAWS: tuple[Callable[[Ledger], Iterator[str]], ...] = (
    _read_is_counted_or_quarantined,
    _counted_is_posted_or_open,
    _due_less_posted_is_open_rows,
    _what_an_account_posted_and_its_remainder_are_what_its_rows_owe,
    _items_are_what_the_accounts_posted,
    _stock_is_opening_and_movements,
    _documented_is_the_sum_of_confirmations,
    _what_waits_is_reported_and_not_documented,
    _work_in_process_is_never_negative,
    _a_reversal_mirrors_no_more_than_its_document,
    _a_document_is_reversed_at_most_once,
    _open_issued_and_closed_are_required,
    _collectors_are_sums_of_amounts,
    _statistics_are_sums,
    _hours_hold_what_was_made_in_them,
    _orders_are_reduced_by_what_documents_say,
    _documents_are_numbered_and_complete,
    _figures_of_lines_count_what_is_open,
)
