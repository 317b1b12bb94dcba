"""The engine: counted minus posted is still to be posted.

A counted piece makes its receipt, its components and its hours *due*. A document *posts* them: the difference between
two readings of one exact sum, rounded once, so it does not matter how pieces are split into documents.
`memory.balance` is the idea, with its laws. Around it, from the top floor down:

    step        one batch of journal entries in, changes out        prefetch    the ledger rows that inputs touch
    inputs      a room for each kind of message and request         reversal    documents taken back
    posting     documents, items, worklist, backlog                 eviction    finished records leave memory
    memory      balances, records, events, changes, the state       plant       master data, versions, explosion
    values      quantities, counters, points, documents

It knows values only: no input or output, no clock, no randomness, no framework. `step` changes the given `State` and
fills the `Changes`, which the ledger commits in one transaction; after a failed commit the state is loaded again.
"""
