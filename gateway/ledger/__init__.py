"""The ledger: all postings, and everything that the engine remembers, in SQLite or PostgreSQL."""
