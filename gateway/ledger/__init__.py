"""The ledger: everything that was posted, and everything that the engine remembers, in SQLite or PostgreSQL."""
