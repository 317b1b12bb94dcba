"""The web process: the live board, the page of a line, and the accounts of the people who look at them.

It is a process of its own (`backflush web`), so nothing of it can slow the gateway: it listens to the status topics,
reads the ledger and writes neither.
"""
