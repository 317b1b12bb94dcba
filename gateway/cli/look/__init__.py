"""Commands that show what the ledger and the plant say."""
