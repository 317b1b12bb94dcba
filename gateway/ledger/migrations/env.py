"""Alembic's entry: runs the migrations on the connection that `schema.upgrade` hands over, in its transaction."""

from alembic import context

from gateway.ledger.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
