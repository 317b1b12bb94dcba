"""Reports: what the ledger says, as data. Each is a function of this room; documents have a module of their own."""

from gateway.ledger.reports.reports import (
    backlog,
    batches_there,
    collectors,
    cumulated_backlog,
    curve,
    made_by_lot,
    orders,
    points,
    production,
    quarantine,
    statistics,
    stock,
    summed,
    worklist,
)

__all__ = [
    "backlog",
    "batches_there",
    "collectors",
    "cumulated_backlog",
    "curve",
    "made_by_lot",
    "orders",
    "points",
    "production",
    "quarantine",
    "statistics",
    "stock",
    "summed",
    "worklist",
]
