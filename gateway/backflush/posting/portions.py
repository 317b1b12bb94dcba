"""Portions: the quantity that a document books on one account, before it becomes items."""

from dataclasses import dataclass

from gateway.backflush.memory.balance import Account
from gateway.backflush.plant.explosion import ExplodedItem, Terms
from gateway.backflush.values.documents import EXPLODED, Origin


@dataclass(slots=True, eq=False)
class Portion:
    """The quantity that one document books on one account: cumulated postings sum it."""

    item: ExplodedItem
    terms: Terms
    cost_object: str
    account: Account
    """The account that carries on the fraction of a cent."""
    quantity: int = 0
    posted_by: int = 0
    """For a mirror: the document of the mirrored item."""
    origin: Origin = EXPLODED
    batch: str = ""
    """The batch of a component, if one was named."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key shared with its items and backlog records: cost object, movement, object, place."""
        return self.cost_object, self.terms.movement, self.item.object, self.item.place
