"""The tables of the ledger, one code for SQLite and PostgreSQL.

Quantities, units, hours and amounts are millionths in BIGINT, times are microseconds UTC, dates are ISO text, yes and
no are 1 and 0. Nothing is NULL where empty text or 0 says "none"; only the sequence and the time of a device are,
because 0 is a value that a device may send.

Three kinds of tables (triggers of the first migration enforce them on both databases):

    HISTORY     rows are added, never changed, never removed; the hash chain in `batches` covers those of `SEALED`
    RECORDS     rows are added and changed, never removed
    others      the state of the moment: rows come and go

There are no foreign keys from items to their documents: the commit that adds them asserts it, the hash chain covers it,
`audit` counts it; a lookup for each of a thousand rows would double the time of a commit.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, text
from sqlalchemy.schema import SchemaItem

metadata = MetaData()

_BIGINT = BigInteger().with_variant(Integer(), "sqlite")


def _key(name: str, *constraints: SchemaItem) -> Column[str]:
    return Column(name, Text, *constraints, primary_key=True)


def _number_key(name: str, *constraints: SchemaItem) -> Column[int]:
    return Column(name, _BIGINT, *constraints, primary_key=True, autoincrement=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _number(name: str, *constraints: SchemaItem, key: str = "") -> Column[int]:
    return Column(name, _BIGINT, *constraints, key=key or name, nullable=False)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _table(name: str, *content: SchemaItem) -> Table:
    """Make a table; on SQLite it is STRICT and stored in its primary key's tree."""
    return Table(name, metadata, *content, sqlite_strict=True, sqlite_with_rowid=False)


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


# Writers

heads = _table(
    "heads",
    _number_key("ordinal"),
    _text("gateway"),
    _text("journal"),
    _number("journal_offset"),
    _number("sequence"),
    _number("documents"),
    _number("quarantines"),
    _text("chain"),
    _text("master"),
    _number("at"),
    Index("heads_gateway_journal", "gateway", "journal", unique=True),
)
"""One writer: a gateway and its journal. `sequence` goes up with every claim and commit; `chain` is the newest hash."""

leases = _table("leases", _number_key("head", ForeignKey("heads.ordinal")), _key("pattern"), _number("until"))
"""Which lines a head owns, and until when."""

batches = _table(
    "batches",
    _number_key("head", ForeignKey("heads.ordinal")),
    _number_key("sequence"),
    _number("journal_offset"),
    _number("at"),
    _number("first_document"),
    _number("last_document"),
    _text("content"),
    _text("chain"),
)
"""The hash chain of each head: one row per commit that added documents. chain = SHA-256(previous chain, content)."""

cursors = _table("cursors", _number_key("head", ForeignKey("heads.ordinal")), _key("target"), _number("document"))
"""How far each target has got: its outbox is the head's documents after the cursor."""

outcomes = _table("outcomes", _number_key("head", ForeignKey("heads.ordinal")), _key("outcome"), _number("messages"))
"""How many messages ended how."""

rules = _table("rules", _number_key("head", ForeignKey("heads.ordinal")), _text("content"))
"""The settings that a head's engine obeys, as JSON."""

# Documents

documents = _table(
    "documents",
    _number_key("number"),
    _text("type"),
    _text("plant"),
    _text("line"),
    _text("material"),
    _text("version"),
    _text("cost_object"),
    _text("flow"),
    _text("batch"),
    _text("posting_date"),
    _text("production_date"),
    _text("shift"),
    _number("entered_at"),
    _number("cause"),
    _text("actor"),
    _text("reason"),
    _text("reference"),
    _number("reverses"),
    Index("documents_entered_at", "entered_at"),
    Index("documents_flow", "flow", "number"),
    _partial("documents_reverses", "reverses", where="reverses <> 0"),
)

confirmations = _table(
    "confirmations",
    _number_key("document"),
    _number_key("position"),
    _text("point"),
    _text("reason"),
    _number("yield", key="yield_"),
    _number("scrap"),
    _number("automatic"),
)
"""What a document reports, in its order; likewise sources and reductions."""

material_items = _table(
    "material_items",
    _number_key("document"),
    _number_key("item"),
    _text("origin"),
    _text("process"),
    _text("movement"),
    _text("material"),
    _text("location"),
    _text("batch"),
    _text("stock_type"),
    _number("quantity"),
    _text("unit"),
    _number("amount"),
    _text("cost_object"),
)

activity_items = _table(
    "activity_items",
    _number_key("document"),
    _number_key("item"),
    _text("origin"),
    _text("work_center"),
    _text("cost_center"),
    _text("activity"),
    _number("hours"),
    _number("amount"),
    _text("cost_object"),
)

sources = _table(
    "sources",
    _number_key("document"),
    _number_key("position"),
    _text("device"),
    _number("first_entry"),
    _number("last_entry"),
    _number("readings"),
    _number("yield", key="yield_"),
    _number("scrap"),
    _number("first_at"),
    _number("last_at"),
    _number("spans_change"),
    Index("sources_device", "device", "document"),
)

reductions = _table(
    "reductions",
    _number_key("document"),
    _number_key("position"),
    _text("planned_order"),
    _text("segment"),
    _number("quantity"),
    Index("reductions_planned_order", "planned_order"),
)

explosions = _table("explosions", _key("id"), _text("content"))

# Dues

worklist_rows = _table(
    "worklist_rows",
    _number_key("document"),
    _key("process"),
    _key("segment"),
    _key("explosion"),
    _key("scope"),
    _key("flow"),
    _number("units"),
    _text("plant"),
    _text("line"),
    _text("posting_date"),
    _text("production_date"),
    _text("shift"),
    _text("timing"),
    _number("cumulate"),
    _text("state"),
    _number("mark"),
    _number("posted_by"),
    _number("reversed"),
    _partial("worklist_rows_open", "plant", "line", "posting_date", "document", where="state = 'open'"),
    _partial("worklist_rows_posted_by", "posted_by", where="posted_by <> 0 AND posted_by <> document"),
)

marks = _table(
    "marks",
    _key("flow"),
    _key("explosion"),
    _key("segment"),
    _key("process"),
    _key("scope"),
    _number("due"),
    _number("posted"),
)

flows = _table(
    "flows",
    _key("id"),
    _text("plant"),
    _text("material"),
    _text("version"),
    _text("cost_object"),
    _number("revision"),
)
"""`revision` goes up with every commit that changes the flow or its marks: a commit of another writer is noticed."""

flow_segments = _table(
    "flow_segments",
    _key("flow", ForeignKey("flows.id")),
    _number_key("position"),
    _text("point"),
    _number("reported_yield"),
    _number("reported_scrap"),
    _number("documented_yield"),
    _number("documented_scrap"),
    _number("lost"),
)

windows = _table(
    "windows",
    _key("flow"),
    _key("point"),
    _key("explosion"),
    _key("production_date"),
    _key("shift"),
    _key("batch"),
    _text("plant"),
    _text("line"),
    _text("policy"),
    _number("close_at"),
    _number("pieces"),
    _number("yield", key="yield_"),
    _text("scrap"),
    _text("sources"),
)
"""`scrap` and `sources` are JSON: scrap by reason, readings by device."""

backlog = _table(
    "backlog",
    _number_key("document"),
    _number_key("item"),
    _text("plant"),
    _text("line"),
    _text("movement"),
    _text("material"),
    _text("location"),
    _text("batch"),
    _text("stock_type"),
    _text("unit"),
    _number("required"),
    _number("amount"),
    _text("cause"),
    _text("cost_object"),
    _text("posting_date"),
    _text("production_date"),
    _number("created_at"),
    _number("issued"),
    _number("issued_amount"),
    _number("closed"),
    _text("reason"),
    _partial("backlog_open", "plant", "line", "material", "created_at", where="required > issued + closed"),
)

# Devices

device_marks = _table(
    "device_marks",
    _key("device"),
    _key("boot"),
    _key("kind"),
    _number("total"),
    Column("seq", _BIGINT, nullable=True),
    Column("ts", _BIGINT, nullable=True),
    _number("at"),
    _number("units"),
)

device_states = _table("device_states", _key("device"), _number("online"))

contexts = _table(
    "contexts",
    _key("device"),
    _text("plant"),
    _text("line"),
    _text("point"),
    _text("operator"),
    _number("quantity"),
    _number("scrap"),
    _text("reason"),
    _number("undo"),
)

scans = _table(
    "scans",
    _key("device"),
    _key("scan"),
    _text("content"),
    _text("result"),
    _text("code"),
    _text("title"),
    _text("text"),
    _number("document"),
    _number("quantity"),
    _text("point"),
)

serials = _table("serials", _key("serial"), _number("document"), Index("serials_document", "document"))
"""`document` 0: the serial number was freed by a reversal."""

commands = _table("commands", _key("command"), _text("content"), _text("response"))
"""Transactions of requests: the digest of what was asked, and the answer as JSON."""

quarantine = _table(
    "quarantine",
    _number_key("number"),
    _number("entry"),
    _text("kind"),
    _text("code"),
    _text("text"),
    _text("plant"),
    _text("line"),
    _text("device"),
    _number("at"),
    _number("yield", key="yield_"),
    _number("scrap"),
    _text("topic"),
    _bytes("payload"),
    _text("content"),
    _text("state"),
    _text("reason"),
    _partial("quarantine_open", "device", where="state = 'open'"),
)
"""Numbered like documents, in a range for each head. Only state and reason may change: the rest is evidence."""

# Stock, orders, figures

stock = _table(
    "stock",
    _key("plant"),
    _key("material"),
    _key("location"),
    _key("batch"),
    _key("stock_type"),
    _number("quantity"),
)

opening_stock = _table(
    "opening_stock",
    _key("plant"),
    _key("material"),
    _key("location"),
    _key("batch"),
    _key("stock_type"),
    _number("quantity"),
)
"""As last imported; the difference of an import is in `stock`."""

statistics = _table(
    "statistics",
    _key("plant"),
    _key("date"),
    _key("shift"),
    _key("line"),
    _key("material"),
    _key("version"),
    _key("measure"),
    _key("detail"),
    _key("unit"),
    _number("quantity"),
)

collectors = _table(
    "collectors",
    _key("plant"),
    _key("cost_object"),
    _key("period"),
    _key("element"),
    _key("detail"),
    _number("amount"),
)

orders = _table(
    "orders",
    _key("planned_order"),
    _text("plant"),
    _text("material"),
    _text("version"),
    _text("line"),
    _text("start_date"),
    _text("finish_date"),
    _number("quantity"),
    _text("components"),
)
"""`components` is JSON: the order's own list, or an empty one."""

order_segments = _table(
    "order_segments",
    _key("planned_order", ForeignKey("orders.planned_order")),
    _key("segment"),
    _number("reduced"),
)

lines = _table(
    "lines",
    _key("plant"),
    _key("line"),
    _number("read"),
    _number("counted"),
    _number("quarantined"),
    _number("posted"),
    _number("scrap"),
    _number("reversed"),
    _number("documents"),
    _number("last_document"),
    _number("last_at"),
    _number("worklist"),
    _number("backlog"),
)

# Plant

runs = _table(
    "runs",
    _key("plant"),
    _key("line"),
    _number_key("position"),
    _number("start_at"),
    _number("end_at"),
    _text("material"),
    _text("version"),
    _text("batch"),
    _text("sales_order"),
    _text("sales_order_item"),
    _text("revision"),
)
"""`end_at` 0: open."""

periods = _table("periods", _key("plant"), _key("period"), _number("closed"))

master_tables = _table(
    "master_tables",
    _number_key("head", ForeignKey("heads.ordinal")),
    _number_key("sequence"),
    _number("at"),
    _text("digest"),
    _bytes("content"),
)
"""Every import of master data, whole and canonical; the newest is in force for all heads."""

SEALED: Final = (documents, confirmations, material_items, activity_items, sources, reductions)
"""What the hash chain covers, in the order in which it does. The first column of each is the document."""

HISTORY: Final = (*SEALED, explosions, batches, scans, commands, master_tables)
"""Never changed, never removed."""

RECORDS: Final = (
    heads,
    outcomes,
    worklist_rows,
    marks,
    flows,
    flow_segments,
    backlog,
    device_marks,
    quarantine,
    serials,
    stock,
    opening_stock,
    statistics,
    collectors,
    orders,
    order_segments,
    lines,
    periods,
)
"""Changed, never removed."""
