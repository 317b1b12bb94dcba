"""Accounts: what folds together when several rows are posted under one document."""

from gateway.backflush.explosion import ExplodedItem


class Account:
    """Where a quantity is booked within one document: what folds together when postings are cumulated."""

    __slots__ = ("amount", "batch", "cost_object", "item", "origin", "posted_by", "quantity")

    def __init__(
        self, item: ExplodedItem, cost_object: str, posted_by: int = 0, *, origin: str = "exploded", batch: str = ""
    ) -> None:
        self.item = item
        self.cost_object = cost_object
        self.origin = origin
        self.batch = batch
        """Of a component, where one was named."""
        self.posted_by = posted_by
        """For a mirror: the document that holds what is mirrored."""
        self.quantity = 0
        self.amount = 0
