"""Commands that show the ledger and the plant."""
