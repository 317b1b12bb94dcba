"""Who has said what no document holds, when and why: of runs, holds and imports. Lists begin at their newest end."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TEXTS = (
    ("runs", "actor"),
    ("holds", "actor"),
    ("holds", "reason"),
    ("master_tables", "actor"),
    ("master_tables", "reason"),
)


def upgrade() -> None:
    text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
    bigint = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    for table, name in _TEXTS:
        op.add_column(table, sa.Column(name, text, nullable=False, server_default=""))
    op.add_column("holds", sa.Column("at", bigint, nullable=False, server_default="0"))
    op.create_index("runs_start_at", "runs", ["start_at"])
    op.create_index("orders_start_date", "orders", ["start_date", "planned_order"])
