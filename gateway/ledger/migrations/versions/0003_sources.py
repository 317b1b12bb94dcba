"""What other publishers have said of themselves, per journal: the meaning of their ids, and the lives of edge nodes.

Scanners are led: the time of a choice, the postings that an undo can reverse, and what an answer shows besides.
Runs keep the end that a person has said.
On PostgreSQL, pages of rows that commits change again and again are filled by half: the next version of a row then
stays on its page, and no index changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CHANGED = "accounts collectors contexts device_marks flow_segments flows lines marks statistics stock windows"


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    bigint = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

    def table(name: str, keys: tuple[str, ...], *columns: "sa.Column[object]") -> None:
        head = sa.Column("head", bigint, sa.ForeignKey("heads.ordinal"), primary_key=True, autoincrement=False)
        keyed = [sa.Column(key, text, primary_key=True, nullable=False) for key in keys]
        op.create_table(name, head, *keyed, *columns, sqlite_strict=True, sqlite_with_rowid=False)

    table("source_names", ("decoder", "scope"), sa.Column("names", text, nullable=False))
    table(
        "edge_nodes",
        ("node",),
        sa.Column("seq", bigint, nullable=True),
        sa.Column("bdseq", bigint, nullable=True),
        sa.Column("devices", text, nullable=False),
        sa.Column("asked_at", bigint, nullable=True),
    )
    op.add_column("runs", sa.Column("stopped_at", bigint, nullable=False, server_default="0"))
    op.add_column("contexts", sa.Column("chosen", bigint, nullable=False, server_default="0"))
    for name, column in (("contexts", "earlier"), ("scans", "facts"), ("last_scans", "answer")):
        op.add_column(name, sa.Column(column, text, nullable=False, server_default=""))
    if op.get_context().dialect.name == "postgresql":
        for name in _CHANGED.split():
            op.execute(f"ALTER TABLE {name} SET (fillfactor = 50)")
