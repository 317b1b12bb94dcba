"""Reports as data: lists of records from the ledger, which a table, a page or JSON shows as they are."""

from gateway.ledger.reports.day_curve import curve
from gateway.ledger.reports.lists import OrderFilter, orders
from gateway.ledger.reports.postings import documents, movements
from gateway.ledger.reports.present import (
    backlog,
    batches_there,
    collectors,
    lots_in_process,
    open_quarantine,
    points,
    quarantine,
    stock,
    sum_backlog,
    sum_unknown,
    worklist,
)
from gateway.ledger.reports.produced import production, sum_rows
from gateway.ledger.reports.used import statistics

__all__ = [
    "OrderFilter",
    "backlog",
    "batches_there",
    "collectors",
    "curve",
    "documents",
    "lots_in_process",
    "movements",
    "open_quarantine",
    "orders",
    "points",
    "production",
    "quarantine",
    "statistics",
    "stock",
    "sum_backlog",
    "sum_rows",
    "sum_unknown",
    "worklist",
]
