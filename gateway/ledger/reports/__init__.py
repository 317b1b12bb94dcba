"""Reports: what the ledger says, as data."""
