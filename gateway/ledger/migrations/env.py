"""Alembic's entry: runs the migrations on the connection that `database.schema.upgrade` hands over, in its transaction.

Without a connection it prints them as PostgreSQL's SQL.
"""

from alembic import context

from gateway.ledger.database.tables import metadata

if context.is_offline_mode():
    named = {"paramstyle": "named"}  # else every % would be printed twice
    context.configure(dialect_name="postgresql", dialect_opts=named, literal_binds=True, transactional_ddl=False)
else:
    context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
