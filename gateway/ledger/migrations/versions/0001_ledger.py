"""The first schema of the ledger, and the triggers that protect its history.

The schema is written out here as it was at this revision; `tables` holds it as it is today. A table reads `key columns
| other columns`: text ordered by code points, or `#` BIGINT, `?` BIGINT that may be NULL, `%` bytes; `>` names what a
foreign key points to.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = {
    "heads": (
        "ordinal# | gateway journal journal_offset# sequence# documents# quarantines# chain master at# behind# read_at#"
    ),
    "leases": "head#>heads.ordinal pattern | until# lasts# began#",
    "batches": (
        "head#>heads.ordinal sequence# | journal_offset# at# first_document# last_document# master content chain"
    ),
    "cursors": "head#>heads.ordinal target | document#",
    "outcomes": "head#>heads.ordinal outcome | messages#",
    "rules": "head#>heads.ordinal | content",
    "documents": (
        "number# | type plant line material version cost_object flow batch posting_date production_date shift"
        " entered_at# cause# actor reason reference reverses# caused_by#"
    ),
    "confirmations": (
        "document# position# | point reason yield# scrap# automatic# lost# rework# said_yield# said_scrap#"
    ),
    "material_items": (
        "document# item# | origin process movement material location batch stock_type quantity# unit amount#"
        " cost_object mirrors#"
    ),
    "activity_items": "document# item# | origin work_center cost_center activity hours# amount# cost_object",
    "sources": (
        "document# position# | device first_entry# last_entry# readings# yield# scrap# first_at# last_at# spans_change#"
    ),
    "reductions": "document# position# | planned_order segment quantity#",
    "explosions": "id | content",
    "worklist_rows": (
        "document# process segment explosion scope flow | units# plant line posting_date production_date shift timing"
        " cumulate# state mark# posted_by# reversed#"
    ),
    "marks": "scope flow explosion segment process | due# posted#",
    "accounts": "scope flow segment process sign# object place | posted# remainder fraction document#",
    "flows": "id | plant material version cost_object explosion revision#",
    "flow_segments": (
        "flow>flows.id position# | point reported_yield# reported_scrap# documented_yield# documented_scrap# lost#"
        " held# automatic#"
    ),
    "waiting": (
        "flow>flows.id point document# | plant line explosion production_date shift batch planned_order replaced"
        " yield# scrap again#"
    ),
    "windows": (
        "flow point explosion production_date shift batch line policy | plant close_at# pieces# yield# scrap rework#"
        " sources"
    ),
    "backlog": (
        "document# item# | plant line movement material location batch stock_type unit required# cause"
        " cost_object posting_date production_date created_at# origin determination# issued# issued_amount# closed#"
        " reversed# reason issued_location lots"
    ),
    "device_marks": "device boot kind | total# seq? ts? at# units# anew# unhealed# strays",
    "device_states": "device | online#",
    "contexts": "device | plant line point operator quantity# mode reason undo# undo_to#",
    "scans": "device scan | content result code title text document# quantity# point waiting#",
    "last_scans": "device | content at#",
    "serials": "serial | document#",
    "commands": "command | content response",
    "quarantine": (
        "number# | entry# kind code text plant line device at# yield# scrap# topic payload% content state reason"
    ),
    "quarantine_folds": "number#>quarantine.number | messages# last_entry# last_at# text topic payload%",
    "stock": "plant material location batch stock_type | quantity#",
    "opening_stock": "plant material location batch stock_type | quantity#",
    "statistics": "plant date shift line material version measure detail unit | quantity#",
    "collectors": "plant cost_object period element detail | amount#",
    "orders": "planned_order | plant material version line start_date finish_date quantity# components",
    "order_segments": "planned_order>orders.planned_order segment | reduced#",
    "lines": (
        "plant line | read# counted# quarantined# posted# scrap# rework# reversed# documents# last_document# last_at#"
        " open_issues# open_activities# backlog#"
    ),
    "runs": ("plant line start_at# | end_at# material version batch sales_order sales_order_item revision"),
    "periods": "plant period | closed#",
    "holds": "plant line process | held#",
    "master_tables": "head#>heads.ordinal sequence# | at# digest content%",
}

_INDEXES = {
    "documents_entered_at": "entered_at",
    "documents_flow": "flow number",
    "flows_cost_object": "cost_object plant",
    "documents_line": "plant line entered_at number",
    "quarantine_state": "state number",
    "sources_device": "device document",
    "reductions_planned_order": "planned_order",
    "serials_document": "document",
}

_PARTIAL_INDEXES = {
    "documents_backlog": ("reference", "type = 'backlog'"),
    "documents_reverses": ("reverses", "reverses <> 0"),
    "documents_caused_by": ("caused_by", "caused_by <> 0"),
    "material_items_mirrors": ("mirrors", "mirrors <> 0"),
    "worklist_rows_open": ("plant line posting_date document", "state = 'open'"),
    "worklist_rows_posted_by": ("posted_by", "posted_by <> 0 AND posted_by <> document"),
    "backlog_open": ("plant line material created_at", "required > issued + closed"),
    "quarantine_open": ("device", "state = 'open'"),
}

_HISTORY = (
    *("documents", "confirmations", "material_items", "activity_items", "sources", "reductions"),
    *("explosions", "batches", "scans", "commands", "master_tables"),
)
_RECORDS = (
    *("heads", "outcomes", "worklist_rows", "marks", "accounts", "flows", "flow_segments", "backlog", "device_marks"),
    "quarantine",
    *("serials", "stock", "opening_stock", "statistics", "collectors", "orders", "order_segments", "lines", "periods"),
    *("holds", "quarantine_folds"),
)
_QUARANTINE_EVIDENCE = "number, entry, kind, code, text, plant, line, device, at, yield, scrap, topic, payload, content"


def upgrade() -> None:
    for name, definition in _TABLES.items():
        keys, _, others = definition.partition(" | ")
        columns = [_column(word, key=True) for word in keys.split()] + [_column(word) for word in others.split()]
        op.create_table(name, *columns, sqlite_strict=True, sqlite_with_rowid=False)
    op.create_index("heads_gateway_journal", "heads", ["gateway", "journal"], unique=True)
    for index, columns_of in _INDEXES.items():
        op.create_index(index, _table_of(index), columns_of.split())
    for index, (columns_of, where) in _PARTIAL_INDEXES.items():
        condition = sa.text(where)
        op.create_index(index, _table_of(index), columns_of.split(), sqlite_where=condition, postgresql_where=condition)
    postgres = op.get_context().dialect.name == "postgresql"
    if postgres:
        op.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION '% of % is refused: the ledger keeps its history', TG_OP, TG_TABLE_NAME"
            " USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
    for table in _HISTORY:
        _protect(table, ("UPDATE", "DELETE"), postgres=postgres)
    for table in _RECORDS:
        _protect(table, ("DELETE",), postgres=postgres)
    _protect("quarantine", (f"UPDATE OF {_QUARANTINE_EVIDENCE}",), postgres=postgres)


def _column(word: str, *, key: bool = False) -> "sa.Column[Any]":
    name, _, target = word.partition(">")
    bigint = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    kinds: dict[str, sa.types.TypeEngine[Any]] = {"#": bigint, "?": bigint, "%": sa.LargeBinary()}
    foreign = [sa.ForeignKey(target)] if target else []
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    kind = kinds.get(name[-1], text)
    return sa.Column(
        name.rstrip("#?%"), kind, *foreign, primary_key=key, autoincrement=False, nullable=name.endswith("?")
    )


def _table_of(index: str) -> str:
    return max((name for name in _TABLES if index.startswith(f"{name}_")), key=len)


def _protect(table: str, events: tuple[str, ...], *, postgres: bool) -> None:
    for event in events:
        trigger = f"{table}_no_{event.split()[0].lower()}"
        if postgres:
            op.execute(f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION refuse()")
        else:
            said = f"{event.split()[0]} of {table} is refused: the ledger keeps its history"
            op.execute(f"CREATE TRIGGER {trigger} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{said}'); END")
    if postgres and "DELETE" in events:
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse()"
        )
