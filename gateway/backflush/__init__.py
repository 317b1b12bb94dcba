"""The engine: counted minus posted is what has to be posted.

A piece that is counted makes its receipt, its components and its hours *due*. A document *posts* what is due: the
difference between two readings of one exact sum, rounded once, so it does not matter how pieces are cut into documents.
`memory.balance` is the idea, with its laws. Around it, from the top floor down:

    step        one batch of journal entries in, changes out        prefetch    what inputs touch, read before
    inputs      a room for each kind of thing that is said          reversal    documents taken back
    posting     documents, items, worklist, backlog                 eviction    what leaves memory when it is done
    memory      balances, records, events, changes, the state       plant       master data, versions, explosion
    values      quantities, counters, points, documents

It knows values only: no input or output, no clock, no chance, no framework. `step` changes the `State` that it is given
and returns the `Changes`, which the ledger commits in one transaction; after a failed commit the state is loaded anew.
"""
