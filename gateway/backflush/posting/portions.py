"""Portions: the quantity that a document books on one account, before it becomes items."""

from gateway.backflush.memory.balance import Account
from gateway.backflush.plant.explosion import ExplodedItem, Terms


class Portion:
    """The quantity that one document books on one account: cumulated postings sum it."""

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
        """The account that carries on the fraction of a cent."""
        self.origin = origin
        self.batch = batch
        """The batch of a component, if one was named."""
        self.posted_by = posted_by
        """For a mirror: the document of the mirrored item."""
        self.quantity = 0
        self.amount = 0
        """For a mirror; a posting is valued when it is booked."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key shared with its items and backlog records: cost object, movement, object, place."""
        return self.cost_object, self.terms.movement, self.item.object, self.item.place
