"""Reports as data: lists of records from the ledger, which a table, a page or JSON shows as they are."""
