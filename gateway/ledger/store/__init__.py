"""The store: claims, loads, reads and commits of the ledger's one writer."""
