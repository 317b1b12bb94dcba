"""The audit: one class for each law of the ledger."""
