"""What posting events say, and that what is sent again from the ledger says the same, on both databases."""

import json
from typing import Any

from gateway.backflush.memory.changes import Changes
from gateway.backflush.memory.events import Post
from gateway.ledger.reports.outbox import documents_after
from gateway.ledger.reports.trace import trace_document
from gateway.service.tell.posting_events import collect_posted, events_of
from tests.builders import q
from tests.integration.stored_plant import PLANT, Shop, busy, reader

SOURCE = "bf/v1/_gateway/gw1"


class TellingShop(Shop):
    """A gateway that keeps the events of its commits, as they are sent at once."""

    told: list[bytes]

    def _commit(self, changes: Changes) -> None:
        super()._commit(changes)
        self.told += [event.payload for posted in collect_posted(changes) for event in events_of(posted, SOURCE)]


def data(events: list[bytes], kind: str, **wanted: str) -> dict[str, Any]:
    """Return the data of the first event of a kind whose data has these values."""
    bodies = [json.loads(event) for event in events]
    of_kind = [body["data"] for body in bodies if body["type"].endswith(f".{kind}")]
    return next(body for body in of_kind if wanted.items() <= body.items())


def test_events_say_the_same_at_once_and_from_the_ledger(url: str) -> None:
    TellingShop.told = []
    shop = TellingShop(url)
    try:
        busy(shop)
        sold = Post("assembly", PLANT, "L3", "FO", "", q(1), cost_object="SO 4500 10")
        assert shop.ask(sold).startswith("ok"), shop.answers
    finally:
        shop.close()
    told = TellingShop.told
    with reader(url) as connection:
        again = [e.payload for posted in documents_after(connection, 0, 1000) for e in events_of(posted, SOURCE)]
    assert told == again

    receipt = data(told, "receipt", sales_order="4500")
    number = receipt["document"]
    assert (receipt["cost_object"], receipt["sales_order_item"]) == ("SO 4500 10", "10")
    (item,) = receipt["items"]
    assert (item["movement"], item["stock_type"], item["cost_object"]) == ("571", "E/4500/10", "SO 4500 10")
    assert receipt["material_document"] == f"{number}-1"
    issue = data(told, "issue", document=number)
    assert (issue["material_document"], issue["sales_order"]) == (f"{number}-1", "4500")
    activity = data(told, "activity", document=number)
    assert activity["activity_document"] == f"{number}-2"
    assert {record["cost_object"] for record in activity["activities"]} == {"SO 4500 10"}

    first = data(told, "receipt", document="0000000001")
    assert (first["cost_object"], first["sales_order"]) == ("PCC 1000 FG V1", "")
    assert first["orders"] == [
        {"order": "PO1", "point": "final", "quantity": "10"},
        {"order": "PO1", "point": "", "quantity": "10"},
    ]
    cumulated = data(told, "issue", type="worklist")
    assert {record["cost_object"] for record in cumulated["items"]} == {"PCC 1000 FG V1"}


def test_what_a_document_reduces_and_bears_is_in_its_record(busy_url: str) -> None:
    with reader(busy_url) as connection:
        first, cumulated = (trace_document(connection, number) for number in (1, 12))
    assert first is not None
    assert cumulated is not None
    assert (first["material_document"], first["activity_document"]) == ("0000000001-1", None)
    assert [(row["order"], row["point"], row["quantity"]) for row in first["orders"]] == [
        ("PO1", "final", "10"), ("PO1", "", "10")
    ]  # fmt: skip
    assert cumulated["orders"] == []
    assert {row["cost_object"] for row in (*cumulated["items"], *cumulated["activities"])} == {"PCC 1000 FG V1"}
