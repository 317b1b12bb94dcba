"""The tables of the ledger, one code for SQLite and PostgreSQL.

Quantities, units, hours and amounts are millionths in BIGINT, times are microseconds UTC, dates are ISO text, yes and
no are 1 and 0. Empty text or 0 stands for "none"; only what a device says of its sequence and time may be NULL, because
a device may send 0. Text is ordered by code points on both databases, as in Python, whatever the locale of the
database: otherwise rows would be posted in another order of their keys.

Three kinds of tables (triggers of the first migration enforce them on both databases):

    HISTORY     rows are added, never changed, never removed; the hash chain in `batches` covers those of `SEALED`
    RECORDS     rows are added and changed, never removed
    others      the state of the moment: rows come and go

There are no foreign keys from items to their documents: the commit that adds them asserts it, the hash chain covers it,
`audit` counts it; a check of each of a thousand rows would double the time of a commit.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

metadata = MetaData()

_BIGINT: Final = BigInteger().with_variant(Integer(), "sqlite")
_TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
_KINDS: Final[dict[str, tuple[TypeEngine[Any], bool]]] = {
    "#": (_BIGINT, False),
    "?": (_BIGINT, True),
    "%": (LargeBinary(), False),
}


def _table(name: str, keys: str, columns: str, *indexes: Index) -> Table:
    """Make a table; on SQLite it is STRICT and stored in its primary key's tree."""
    content = [_column(word, key=True) for word in keys.split()] + [_column(word) for word in columns.split()]
    return Table(name, metadata, *content, *indexes, sqlite_strict=True, sqlite_with_rowid=False)


def _column(word: str, *, key: bool = False) -> Column[Any]:
    """Make a column: text, or `#` number, `?` number that may be NULL, `%` bytes; `>` names the referenced column."""
    word, _, target = word.partition(">")
    kind, nullable = _KINDS.get(word[-1], (_TEXT, False))
    name = word.rstrip("#?%")
    foreign = [ForeignKey(target)] if target else []
    known_as = "yield_" if name == "yield" else name
    return Column(name, kind, *foreign, key=known_as, primary_key=key, autoincrement=False, nullable=nullable)


def _partial(name: str, *columns: str, where: str) -> Index:
    """Make an index of some rows; an `Index` with PostgreSQL's own keyword would load all of its drivers."""
    return Index(name, *columns, info={"where": where})


# Writers

heads = _table(
    "heads",
    "ordinal#",
    "gateway journal journal_offset# sequence# documents# quarantines# chain master at# behind# read_at#",
    Index("heads_gateway_journal", "gateway", "journal", unique=True),
)
"""One writer: a gateway and its journal. `sequence` goes up with every claim and commit; `chain` is the newest hash.

`read_at` is the time of the journal batch that the offset ends, or lies in: a journal with another time there is not
the one that was folded.
"""

leases = _table("leases", "head#>heads.ordinal pattern", "until# lasts# began#")
"""The lines of a head, and the end of its ownership; 0: it was their last owner. `lasts` is the length of a renewal.
If not `began`, its session must start again."""

batches = _table(
    "batches",
    "head#>heads.ordinal sequence#",
    "journal_offset# at# first_document# last_document# master content chain",
)
"""The hash chain of each head: one row per commit that added documents; see `chain`. `master` is the digest of the
master data in force."""

cursors = _table("cursors", "head#>heads.ordinal target", "document#")
"""The position of each target: its outbox is the head's documents after the cursor."""

outcomes = _table("outcomes", "head#>heads.ordinal outcome", "messages#")
"""The number of messages per outcome."""

rules = _table("rules", "head#>heads.ordinal", "content")
"""The settings of a head's engine, as JSON."""

# Documents

documents = _table(
    "documents",
    "number#",
    "type plant line material version cost_object flow batch posting_date production_date shift entered_at# "
    "cause# actor reason reference reverses# caused_by#",
    Index("documents_entered_at", "entered_at"),
    Index("documents_flow", "flow", "number"),
    Index("documents_line", "plant", "line", "entered_at", "number"),
    Index("documents_material", "material", "entered_at", "number"),
    _partial("documents_type", "type", "entered_at", "number", where="type <> 'assembly'"),
    _partial("documents_actor", "actor", "entered_at", "number", where="actor <> ''"),
    _partial("documents_batch", "batch", "entered_at", "number", where="batch <> ''"),
    _partial("documents_backlog", "reference", where="type = 'backlog'"),
    _partial("documents_reverses", "reverses", where="reverses <> 0"),
    _partial("documents_caused_by", "caused_by", where="caused_by <> 0"),
)

confirmations = _table(
    "confirmations",
    "document# position#",
    "point reason yield# scrap# automatic# lost# rework# said_yield# said_scrap#",
)
"""The lines of a document, in its order; likewise sources and reductions."""

material_items = _table(
    "material_items",
    "document# item#",
    "origin process movement material location batch stock_type quantity# unit amount# cost_object mirrors#",
    _partial("material_items_mirrors", "mirrors", where="mirrors <> 0"),
    _partial("material_items_batch", "batch", "document", where="batch <> ''"),
)
"""`mirrors` names the document whose item a mirror takes back."""

activity_items = _table(
    "activity_items", "document# item#", "origin work_center cost_center activity hours# amount# cost_object"
)

sources = _table(
    "sources",
    "document# position#",
    "device first_entry# last_entry# readings# yield# scrap# first_at# last_at# spans_change#",
    Index("sources_device", "device", "document"),
)

reductions = _table(
    "reductions",
    "document# position#",
    "planned_order segment quantity#",
    Index("reductions_planned_order", "planned_order"),
)

explosions = _table("explosions", "id", "content")

# Dues

worklist_rows = _table(
    "worklist_rows",
    "document# process segment explosion scope flow",
    "units# plant line posting_date production_date shift timing cumulate# state mark# posted_by# reversed#",
    _partial("worklist_rows_open", "plant", "line", "posting_date", "document", where="state = 'open'"),
    _partial("worklist_rows_posted_by", "posted_by", where="posted_by <> 0 AND posted_by <> document"),
)

marks = _table("marks", "scope flow explosion segment process", "due# posted#")
"""Found by their scope, or without one by their flow: see `backflush.eviction`."""

accounts = _table("accounts", "scope flow segment process sign# object place", "posted# remainder fraction document#")
"""Found likewise. `remainder` is the debt beyond `posted`, `fraction` the worth of `posted` beyond its amounts: exact
fractions of millionths.
"""

flows = _table(
    "flows",
    "id",
    "plant material version cost_object explosion revision#",
    Index("flows_cost_object", "cost_object", "plant"),
)
"""`revision` rises with every commit that changes the flow or its balances, to detect commits of other writers."""

flow_segments = _table(
    "flow_segments",
    "flow>flows.id position#",
    "point reported_yield# reported_scrap# documented_yield# documented_scrap# lost# held# automatic#",
)

waiting = _table(
    "waiting",
    "flow>flows.id point document#",
    "plant line explosion production_date shift batch planned_order replaced yield# scrap again#",
)
"""Reported units that wait for an earlier point, with their document; `scrap` by reason and `replaced` are JSON."""

windows = _table(
    "windows",
    "flow point explosion production_date shift batch line policy",
    "plant close_at# pieces# yield# scrap rework# sources",
)
"""`scrap` and `sources` are JSON: scrap by reason, readings by device."""

backlog = _table(
    "backlog",
    "document# item#",
    "plant line movement material location batch stock_type unit required# cause cost_object posting_date "
    "production_date created_at# origin determination# issued# issued_amount# closed# reversed# reason issued_location "
    "lots",
    _partial("backlog_open", "plant", "line", "material", "created_at", where="required > issued + closed"),
)

# Devices

device_marks = _table("device_marks", "device boot kind", "total# seq? ts? at# units# anew# unhealed# strays")

device_states = _table("device_states", "device", "online#")

contexts = _table(
    "contexts", "device", "plant line point operator quantity# mode reason undo# undo_to# chosen# earlier"
)

source_names = _table("source_names", "head#>heads.ordinal decoder scope", "names")
"""The meaning of the ids of another publisher, as its metadata or births have said: id and name as JSON, by scope."""

edge_nodes = _table("edge_nodes", "head#>heads.ordinal node", "seq? bdseq? devices asked_at?")
"""The lives of edge nodes (`devices.edge_nodes`); `devices` is JSON: those that are born."""

scans = _table("scans", "device scan", "content result code title text document# quantity# point waiting# facts")

last_scans = _table("last_scans", "device", "content at# answer")
"""The last scan of each scanner without an id: within `duplicate_window_s` the same content is the same scan."""

serials = _table("serials", "serial", "document#", Index("serials_document", "document"))
"""`document` 0: the serial number was freed by a reversal."""

commands = _table(
    "commands", "command", "content response at# verb plant line actor reason", Index("commands_at", "at", "command")
)
"""Transactions of requests: the digest of the request, the answer as JSON, and who has asked for what, when and why."""

quarantine = _table(
    "quarantine",
    "number#",
    "entry# kind code text plant line device at# yield# scrap# topic payload% content state reason",
    Index("quarantine_state", "state", "number"),
    _partial("quarantine_open", "device", where="state = 'open'"),
)
"""Numbered like documents, in a range for each head. Only state and reason may change: the rest is evidence."""

quarantine_folds = _table(
    "quarantine_folds", "number#>quarantine.number", "messages# last_entry# last_at# text topic payload%"
)
"""Further messages like an entry's own: their number, and the newest of them."""

# Stock, orders, figures

stock = _table("stock", "plant material location batch stock_type", "quantity#")

opening_stock = _table("opening_stock", "plant material location batch stock_type", "quantity#")
"""As last imported; the difference of an import is part of `stock`."""

statistics = _table("statistics", "plant date shift line material version measure detail unit", "quantity#")

hours = _table("hours", "plant line date quarter# shift material version", "yield# scrap# rework#")
"""The pieces in documents by the quarter of an hour in which they were made: see `backflush.memory.hours`."""

collectors = _table("collectors", "plant cost_object period element detail", "amount#")

orders = _table(
    "orders",
    "planned_order",
    "plant material version line start_date finish_date quantity# components",
    Index("orders_start_date", "start_date", "planned_order"),
)
"""`components` is JSON: the order's own list, or an empty one."""

order_segments = _table("order_segments", "planned_order>orders.planned_order segment", "reduced#")

lines = _table(
    "lines",
    "plant line",
    "read# counted# quarantined# posted# scrap# rework# reversed# documents# last_document# last_at# open_issues# "
    "open_activities# backlog#",
)

# Plant

runs = _table(
    "runs",
    "plant line start_at#",
    "end_at# material version batch sales_order sales_order_item revision actor stopped_at#",
    Index("runs_start_at", "start_at"),
)
"""`end_at` 0: open; `stopped_at` 0: no end was said."""

periods = _table("periods", "plant period", "closed#")

holds = _table("holds", "plant line process", "held# actor reason at#")
"""The holds: no run of the worklist posts such rows; an empty process is all. `actor` held or released them last."""

master_tables = _table("master_tables", "head#>heads.ordinal sequence#", "at# digest content% actor reason")
"""Every import of master data, as `store.imports` packs it; the newest is in force for all heads."""

SEALED: Final = (documents, confirmations, material_items, activity_items, sources, reductions)
"""The tables that the hash chain covers, in its order. The first column of each is the document."""

HISTORY: Final = (*SEALED, explosions, batches, scans, commands, master_tables)
"""Never changed, never removed."""

RECORDS: Final = (
    *(heads, outcomes, worklist_rows, marks, accounts, flows, flow_segments, backlog, device_marks, quarantine),
    *(quarantine_folds, serials, stock, opening_stock, statistics, hours, collectors, orders, order_segments),
    *(lines, periods, holds),
)
"""Changed, never removed."""
