"""The pieces made in each quarter of an hour, those of the documents that are there included.

Documents are found by material, type, actor and batch, goods movements by batch; commands tell who has asked for what,
when and why.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_QUARTER = 900_000_000
"""Microseconds."""
_AT = "coalesce((SELECT max(last_at) FROM sources WHERE document = o.number), o.entered_at)"
"""The time of a document's last reading, else that of its entry."""
_FILL = f"""
INSERT INTO hours (plant, line, date, quarter, shift, material, version, yield, scrap, rework)
SELECT plant, line, production_date, at / {_QUARTER} * {_QUARTER}, shift, material, version,
    sum(good), sum(bad), sum(again)
FROM (
    SELECT d.plant, d.line, d.production_date, d.shift, d.material, d.version, {_AT} AS at,
        CASE WHEN c.point = 'final' THEN c.yield ELSE 0 END AS good, c.scrap + c.lost AS bad, c.rework AS again
    FROM documents d
    JOIN documents o ON o.number = CASE WHEN d.reverses <> 0 THEN d.reverses ELSE d.number END
    JOIN confirmations c ON c.document = d.number
) made
WHERE good <> 0 OR bad <> 0 OR again <> 0
GROUP BY plant, line, production_date, at / {_QUARTER} * {_QUARTER}, shift, material, version
"""  # noqa: S608 - names of our own columns
_INDEXES = (
    ("documents", "material", "material entered_at number", ""),
    ("documents", "type", "type entered_at number", "type <> 'assembly'"),
    ("documents", "actor", "actor entered_at number", "actor <> ''"),
    ("documents", "batch", "batch entered_at number", "batch <> ''"),
    ("material_items", "batch", "batch document", "batch <> ''"),
    ("commands", "at", "at command", ""),
)


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    bigint = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def column(name: str, *, key: bool = False) -> "sa.Column[object]":
        kind = bigint if name.endswith("#") else text
        return sa.Column(name.rstrip("#"), kind, primary_key=key, autoincrement=False, nullable=False)

    keys = [column(name, key=True) for name in ("plant", "line", "date", "quarter#", "shift", "material", "version")]
    units = [column(name) for name in ("yield#", "scrap#", "rework#")]
    op.create_table("hours", *keys, *units, sqlite_strict=True, sqlite_with_rowid=False)
    op.execute(_FILL)
    op.add_column("commands", sa.Column("at", bigint, nullable=False, server_default="0"))
    for name in ("verb", "plant", "line", "actor", "reason"):
        op.add_column("commands", sa.Column(name, text, nullable=False, server_default=""))
    for of, name, columns, where in _INDEXES:
        some = sa.text(where) if where else None
        op.create_index(f"{of}_{name}", of, columns.split(), sqlite_where=some, postgresql_where=some)
    _protect("hours")


def _protect(table: str) -> None:
    """Let no row of a table be removed."""
    if op.get_context().dialect.name != "postgresql":
        refuse = f"SELECT RAISE(ABORT, 'DELETE of {table} is refused: the ledger keeps its history')"
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse}; END")
        return
    op.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")
    for event, each in (("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table}"
            f" FOR EACH {each} EXECUTE FUNCTION refuse()"
        )
