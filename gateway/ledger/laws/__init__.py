"""The laws of the ledger: each is told every document once, in order, and says at the end whether it holds."""
