"""A small plant for the tests of the ledger: what a step of the engine would change, of every kind."""

import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path

from psycopg import pq
from sqlalchemy import make_url, text

from gateway.backflush.memory.balance import Account, AccountKey, Balance, BalanceKey, Row, RowState
from gateway.backflush.memory.changes import Changes, Signature
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.noise import MessageGroup
from gateway.backflush.memory.records import (
    UNBOOKED,
    UNTRUSTED,
    Backlog,
    CommandRecord,
    Cover,
    EntryKind,
    Flow,
    LastScan,
    LineFigures,
    Outcome,
    QuarantineEntry,
    ScanRecord,
    Window,
    WindowKey,
    WindowSource,
)
from gateway.backflush.memory.state import Rules, State
from gateway.backflush.plant.explosion import ExplodedItem, Explosion
from gateway.backflush.plant.orders import QUANTITY, Order
from gateway.backflush.plant.snapshot import BomItem, MasterData, StorageLocation
from gateway.backflush.plant.versions import Run
from gateway.backflush.values.counting import CounterPosition
from gateway.backflush.values.documents import (
    FINAL,
    HEAD_STRIDE,
    ActivityItem,
    Confirmation,
    Document,
    MaterialItem,
    Process,
    Reduction,
    Source,
)
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import Heading, QueuedUnits, Segment, Units
from gateway.errors import Fenced, LedgerUnavailable, Reason
from gateway.ledger.database.connection import reading
from gateway.ledger.database.schema import upgrade
from gateway.ledger.store.writer import Ledger
from tests.integration.gateway_process import PATIENCE_S, until
from tests.servers import Postgres

SECOND = 1_000_000
PIECE = 1_000_000
TTL = 30 * SECOND

FREE = StorageLocation("1000", "RAW9", "where stock may go negative", negative_stock=True)
MASTER = MasterData(digest=hashlib.sha256(b"master data").hexdigest(), locations={("1000", "RAW9"): FREE})


def snapshot(content: bytes) -> MasterData:
    """Stand for the reader of master data: the tests keep one small snapshot."""
    assert content == b"master data"
    return MASTER


def fresh_url(database: str, folder: Path, postgres: Postgres) -> str:
    """Return the address of a database that does not exist yet, or is empty."""
    return f"sqlite:///{folder}/ledger.db" if database == "sqlite" else postgres.fresh_url()


def fresh_ledger(database: str, folder: Path, postgres: Postgres) -> str:
    """Return the address of a ledger that nobody has used: a copy of one that the migrations have made."""
    if database == "postgresql":
        return postgres.fresh_url(f"TEMPLATE {_made_on(postgres)}")
    (folder / "ledger.db").write_bytes(_made_file())
    return f"sqlite:///{folder}/ledger.db"


@cache
def _made_on(postgres: Postgres) -> str:
    upgrade(made := postgres.fresh_url())
    return str(make_url(made).database)


@cache
def _made_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        upgrade(f"sqlite:///{folder}/ledger.db")
        return Path(folder, "ledger.db").read_bytes()


OPENED: list[Ledger] = []
"""What a test has opened; it is closed at its end."""


def connect(url: str, gateway: str = "gw1") -> Ledger:
    """Open a ledger."""
    OPENED.append(Ledger.open(url, gateway=gateway, create=True))
    return OPENED[-1]


def open_ledger(
    url: str, gateway: str = "gw1", patterns: tuple[str, ...] = ("*",), now: int = 0
) -> tuple[Ledger, State]:
    """Open, claim and load as the gateway does at its start."""
    ledger = connect(url, gateway)
    ledger.claim(f"journal of {gateway}", patterns, now, TTL)
    return ledger, ledger.load(snapshot)


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE xact_start IS NOT NULL AND wait_event = 'ClientRead'"
"""Transactions that wait for their client."""


@contextmanager
def in_the_middle_of_a_trip(url: str) -> Iterator[None]:
    """Hold what a commit holds that is stopped while it is sent: the server waits for the rest of it."""
    half = b"BEGIN", b"UPDATE heads SET at = at WHERE ordinal = 0", b"UPDATE stock SET quantity = quantity"
    libpq = pq.PGconn.connect(url.replace("+psycopg", "").encode())
    try:
        libpq.nonblocking = 1
        libpq.enter_pipeline_mode()
        for statement in half:
            libpq.send_query_params(statement, None)
        libpq.flush()

        def held() -> bool:
            with reading(url) as look:
                return bool(look.scalar(text(WAITING)) == 1)

        until(held, "a transaction that waits for its client")
        yield
    finally:
        libpq.finish()


def attempts(act: Callable[[], object]) -> int:
    """Try something again, as the pump does, until it is not refused for the world's sake; say how often it was."""
    deadline = time.monotonic() + PATIENCE_S
    for refused in count():
        try:
            act()
        except Fenced:
            raise
        except LedgerUnavailable:
            if time.monotonic() > deadline:
                break
        else:
            return refused
    raise AssertionError("it is refused for ever")


SCALED = False

EXPLOSION = Explosion(
    [
        ExplodedItem("receipt", FINAL, SCALED, 1, "P-100", "FG01", "PC", 1, 1, PIECE),
        ExplodedItem("issue", FINAL, SCALED, -1, "C-1", "RAW1", "KG", 1, 3, 1000),
    ]
)


def documents(state: State, count: int, *, line: str = "L01", material: str = "P-100") -> Changes:
    """Return the changes of `count` documents of one piece each: receipt, four issues, two activities, balances."""
    changes = Changes()
    flow = Flow("1000", material, "0001", f"PCC 1000 {material} 0001", (FINAL,))
    flow = state.flows.setdefault(flow.id, flow)
    changes.flows[flow.id] = flow
    state.explosions[EXPLOSION.id] = changes.explosions[EXPLOSION.id] = EXPLOSION
    figures = state.lines.setdefault(("1000", line), LineFigures("1000", line))
    changes.lines["1000", line] = figures
    device = f"ctr-{line}"
    mark = state.marks_of_devices.setdefault(device, {}).setdefault(("b1", "good"), CounterPosition(0, None, None, 0))
    changes.device_marks[device, "b1", "good"] = mark
    for _ in range(count):
        state.documents += 1
        number = state.ordinal * HEAD_STRIDE + state.documents
        changes.documents.append(_document(number, line, material, flow.id))
        changes.confirmations.append(Confirmation(number, FINAL, "", PIECE, 0, automatic=False))
        changes.sources.append(Source(number, device, 7, 7, 1, PIECE, 0, SECOND, SECOND, spans_change=False))
        changes.items.append(_item(number, 1, "receipt", "131", material, "FG01", PIECE))
        changes.items += [_item(number, n, "issue", "261", f"C-{n}", "RAW9", -PIECE // n) for n in range(2, 6)]
        changes.activities += [
            ActivityItem(number, n, "exploded", "WC1", "4711", f"A{n}", 3600, 2_000_000, flow.id) for n in (6, 7)
        ]
        for process in ("receipt", "issue", "activity"):
            key = BalanceKey(flow.id, EXPLOSION.id, FINAL, process, "")
            total = changes.balances[key] = state.balances.setdefault(key, Balance())
            changes.rows.append(due(number, key, total.posted, line=line))
            total.due += PIECE
            total.posted += PIECE
        mark.total, mark.units, mark.at = mark.total + 1, mark.units + 1, SECOND
        flow.segments[0].reported = flow.segments[0].documented = Units(flow.segments[0].reported.good + PIECE, 0)
        figures.read, figures.counted, figures.posted = (
            figures.read + PIECE,
            figures.counted + PIECE,
            figures.posted + PIECE,
        )
        figures.documents, figures.last_document = figures.documents + 1, number
    for item in changes.items:
        stock = StockKey("1000", item.material, item.location, item.batch, item.stock_type)
        changes.stock[stock] = changes.stock.get(stock, 0) + item.quantity
        element = ("1000", flow.id, "2026-11", item.process, item.material)
        changes.collectors[element] = changes.collectors.get(element, 0) + item.amount
        figure = ("1000", "2026-11-22", "E", line, material, "0001", "component", item.material, item.unit)
        changes.statistics[figure] = changes.statistics.get(figure, 0) + item.quantity
    changes.outcomes["counted"] = count
    return changes


def due(number: int, key: BalanceKey, low: int, *, line: str = "L01", state: RowState = "posted") -> Row:
    """Return one due of one piece."""
    return Row(
        number,
        key,
        PIECE,
        plant="1000",
        line=line,
        posting_date="2026-11-22",
        production_date="2026-11-22",
        shift="E",
        timing="online" if state == "posted" else "background",
        cumulate=state == "open",
        state=state,
        low=low,
        posted_by=number if state == "posted" else 0,
    )


def shortage(number: int, item: int, *, created_at: int = SECOND) -> Backlog:
    """Return one component that could not be issued."""
    return Backlog(
        number,
        item,
        plant="1000",
        line="L01",
        movement="261",
        material="C-1",
        location="RAW1",
        batch="",
        stock_type="",
        unit="KG",
        required=-333_000,
        cause=Reason.SHORTAGE,
        cost_object="",
        posting_date="2026-11-22",
        production_date="2026-11-22",
        created_at=created_at,
    )


def everything(state: State) -> Changes:  # noqa: PLR0915 - one statement per field is what makes it complete
    """Return changes in which every field of `Changes` that the ledger keeps has something in it."""
    changes = documents(state, 2)
    first, second = (document.number for document in changes.documents)
    state.documents += 1
    third = second + 1
    flow = Flow("1000", "P-200", "0002", "PCC 1000 P-200 0002", ("0020", FINAL))
    flow.segments = [Segment(Units(9, 1), Units(7, 1), 2), Segment(Units(4, 0), Units(3, 0), 0)]
    heading = Heading("L01", EXPLOSION.id, "2026-11-22", "E", "LOT7", "PO-1", frozenset({"issue", "activity"}))
    waiting = flow.segments[0].wait(QueuedUnits(heading, first, 1, {}))
    more = flow.segments[0].wait(QueuedUnits(heading._replace(replaced=frozenset()), second, 1, {"03": 2}))
    changes.waiting = {(flow.id, "0020", units.document): units for units in (waiting, more)}
    changes.waiting[flow.id, FINAL, third] = None
    state.flows[flow.id] = changes.flows[flow.id] = flow
    changes.documents.append(_document(third, "L01", "P-100", flow.id)._replace(type="reversal", reverses=first))
    changes.confirmations += [
        Confirmation(third, "0020", "03", 0, 5 * PIECE, automatic=True),
        Confirmation(third, "0020", "", -PIECE, 0, automatic=False),
    ]
    changes.sources.append(Source(third, "ctr-2", 8, 9, 2, PIECE, PIECE, 1, 2, spans_change=True))
    changes.reductions.append(Reduction(second, "PO-1", QUANTITY, PIECE))
    key = BalanceKey(flow.id, EXPLOSION.id, "0020", "issue", "lot 1")
    state.balances[key] = changes.balances[key] = Balance(PIECE, 0)
    changes.rows.append(due(second, key, 0, state="open"))
    of = AccountKey("", flow.id, "", "issue", -1, "C-1", "RAW1")
    state.accounts[of] = changes.accounts[of] = Account(333_000, "1000/3", "-1/2")
    fixed = of._replace(scope="lot 1", segment="0020")
    state.accounts[fixed] = changes.accounts[fixed] = Account(2_000_000, document=second)
    here = WindowKey(flow.id, "0020", EXPLOSION.id, "2026-11-22", "E", "LOT7", "L01", "timed")
    window = Window(here, "1000", 99, 100)
    window.good, window.scrap = -PIECE, {"03": 2 * PIECE}
    source = window.sources["ctr-2"] = WindowSource(11, 12)
    source.last_entry, source.last_at, source.readings, source.good, source.scrap, source.spans = 13, 14, 2, 3, 4, True
    state.windows[window.key] = changes.windows[window.key] = window
    changes.backlog.append(shortage(second, 9))
    changes.device_marks["ctr-2", "b9", "scrap"] = CounterPosition(5, 0, 17, 3, 5)
    state.marks_of_devices["ctr-2"] = {("b9", "scrap"): changes.device_marks["ctr-2", "b9", "scrap"]}
    component = BomItem("0010", "C-1", 333_300, unit="KG", operation="0020", fixed=True)
    order = Order("PO-1", "1000", "P-100", "0001", "L01", "2026-11-20", "2026-11-25", 10 * PIECE, (component,))
    order.reduced = {QUANTITY: PIECE, FINAL: 2 * PIECE}
    state.orders["PO-1"] = order
    changes.orders["PO-1"] = (order, {})
    guarded = StockKey("1000", "C-9", "RAW1", "B1", "E/100/10")
    changes.stock[guarded] = 5 * PIECE
    changes.guarded.add(guarded)
    pieces = ("1000", "2026-11-22", "E", "L01", "P-200", "0002", "yield", FINAL, "PC")
    changes.statistics[pieces] = state.made["1000", "L01", "2026-11"] = 5 * PIECE
    changes.opening[guarded] = state.opening[guarded] = 5 * PIECE
    changes.scans["sc-1", "id-1"] = ScanRecord("digest", Outcome("ok", "BF0000", "24 PC", "L01", first, 24, "0020"))
    changes.last_scans = {"sc-1": LastScan("digest", 3 * SECOND), "sc-2": LastScan("older", SECOND - 1)}
    state.last_scans = dict(changes.last_scans)
    changes.serials = {"SSCC-1": (second, 0), "SSCC-2": (0, 0)}
    changes.serials |= {"sscc 1 0020": (second, 0), "sscc 1 0020 #1": (first, 0), "sscc 1 00201": (third, 0)}
    changes.commands["tx-1"] = CommandRecord("digest", '{"status":"ok"}', 5, "reverse", "1000", "L01", "anna", "torn")
    state.quarantines += 2
    base = state.ordinal * HEAD_STRIDE
    changes.quarantine = [
        quarantined(base + 1, UNTRUSTED, "ctr-2", text='a "quoted" \\ text, NUL \0 and \ud800'),
        quarantined(base + 2, UNBOOKED, "ctr-2"),
    ]
    cover = Cover("b9", (("scrap", 7, 0), ("good", 9, -3)))
    changes.quarantine[0] = changes.quarantine[0]._replace(content=cover.text)
    state.noise.note(5, "ctr-2", "BF2005", base + 1)
    group = state.noise.groups[base + 1] = MessageGroup(base + 1, "ctr-2")
    group.messages, group.last_entry, group.last_at, group.open = 7, 78, 6, True
    group.text, group.topic, group.payload = "went back again", "bf/v1/x", b"\x00{"
    changes.groups[base + 1] = group
    changes.quarantine_states[base + 2] = ("dismissed", "a test print")
    context = Context()
    context.plant, context.line, context.point, context.operator = "1000", "L01", "0020", "4711"
    context.quantity, context.mode, context.reason, context.undo = 24 * PIECE, "scrap", "03", first
    context.undo_to = second
    state.contexts["sc-1"] = changes.contexts["sc-1"] = context
    changes.online = {"ctr-2": True, "sc-1": False}
    state.online.update(changes.online)
    state.runs["1000", "L01"] = [
        Run("1000", "L01", 5, 9, "P-100", "0001"),
        Run("1000", "L01", 9, None, "P-200", "0002", "LOT7", "100", "10", "A", "anna"),
    ]
    changes.runs["1000", "L01"] = 5
    changes.periods = {("1000", "2026-10"): True, ("1000", "2026-11"): False}
    state.closed_periods = {("1000", "2026-10")}
    changes.holds = {
        ("1000", "L01", "issue"): (True, Signature("anna", "inventory", 7)),
        ("1000", "L02", ""): (False, Signature("ben", "", 8)),
    }
    state.holds = {("1000", "L01", "issue")}
    state.rules = Rules(window="30s", worklist="60s")
    changes.rules = True
    state.master = MASTER
    changes.tables = b"master data"
    changes.outcomes = {"counted": 3, "quarantine": 2}
    return changes


def quarantined(number: int, kind: EntryKind, device: str, text: str = "went back") -> QuarantineEntry:
    """Return one message that was not posted."""
    return QuarantineEntry(
        number, 77, kind, "BF2005", text, "1000", "L01", device, 5, 6, 7, "bf/v1/x", b"\x00\xff{", '{"a":1}'
    )


def _document(number: int, line: str, material: str, flow: str) -> Document:
    return Document(
        number=number,
        type="assembly",
        plant="1000",
        line=line,
        material=material,
        version="0001",
        cost_object="",
        flow=flow,
        batch="",
        posting_date="2026-11-22",
        production_date="2026-11-22",
        shift="E",
        entered_at=SECOND,
        cause=7,
        actor="Jörg",
        reason="",
        reference="",
        reverses=0,
    )


def _item(
    number: int, item: int, process: Process, movement: str, material: str, location: str, quantity: int
) -> MaterialItem:
    return MaterialItem(
        number, item, "exploded", process, movement, material, location, "", "", quantity, "PC", -quantity * 2, "", 0
    )
