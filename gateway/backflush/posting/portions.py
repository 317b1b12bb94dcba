"""Portions: what a document books of one account, before it becomes items."""

from gateway.backflush.memory.balance import Account
from gateway.backflush.plant.explosion import ExplodedItem, Terms


class Portion:
    """What one document books on one account: what folds together when postings are cumulated."""

    __slots__ = ("account", "amount", "batch", "cost_object", "item", "origin", "posted_by", "quantity", "terms")

    def __init__(
        self,
        item: ExplodedItem,
        terms: Terms,
        cost_object: str,
        account: Account,
        *,
        posted_by: int = 0,
        origin: str = "exploded",
        batch: str = "",
    ) -> None:
        self.item = item
        self.terms = terms
        self.cost_object = cost_object
        self.account = account
        """Whose fraction of a cent is carried on."""
        self.origin = origin
        self.batch = batch
        """Of a component, where one was named."""
        self.posted_by = posted_by
        """For a mirror: the document that holds what is mirrored."""
        self.quantity = 0
        self.amount = 0
        """For a mirror; a posting is valued when it is booked."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What items and backlog records have in common with it: cost object, movement, object, place."""
        return self.cost_object, self.terms.movement, self.item.object, self.item.place
