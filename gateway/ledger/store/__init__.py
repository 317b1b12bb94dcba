"""The store: what the ledger's one writer claims, loads, reads and commits."""
