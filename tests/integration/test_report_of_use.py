"""The report of the statistics holds use against standard, and what was replaced does not show as anybody's work."""

from dataclasses import replace

from gateway.backflush.memory.events import Actual, Post, Work
from gateway.backflush.values.movements import StockKey
from gateway.ledger.reports import postings, produced
from gateway.ledger.reports.used import statistics
from tests.builders import order, q, shift, used, worked
from tests.integration.stored_plant import Shop, master_data, reader


def test_what_was_used_stands_beside_its_standard_and_replaced_dues_are_no_status(shop: Shop) -> None:
    shop.bring(master_data(), stock={StockKey("1000", "SCARCE", "TIGHT"): q(60)})
    for pieces, actual in ((3, Actual()), (2, used("SCARCE 7")), (1, worked("0.25"))):
        assert shop.ask(Post("assembly", "1000", "L3", "FO", "", q(pieces), actual=actual)).startswith("ok")
    with reader(shop.url) as connection:
        found = statistics(connection, master_data())
        newest, said, _ = postings.documents(connection)
    names = ("measure", "detail", "quantity", "standard", "difference", "unit")
    assert [" ".join(str(record[name]) for name in names) for record in found] == [
        "activity machine 0.3125 0.075 0.2375 H",
        "activity setup 0.5 0.5 0 H",
        "by_product A 0 1 -1 PC",
        "component B 0.003 0.005 -0.002 KG",
        "component SCARCE 19 18 1 PC",
        "yield final 6 None None PC",
    ]
    statuses = [(record["status"]["issue"], record["status"]["activity"]) for record in (newest, said)]
    assert statuses == [("posted", "posted"), ("posted", "posted")]


def test_what_a_cumulated_posting_lacks_is_lacking_in_each_of_its_shifts(shop: Shop) -> None:
    """A component that ran out was told as used in both shifts."""
    known = master_data()
    shifts = (shift("early", "06:00", "08:30"), shift("late", "08:30", "22:00"))
    master = replace(known, plants={"1000": replace(known.plants["1000"], shifts=shifts)})
    shop.bring(master, [order("PO1", 30, version="V1")], {StockKey("1000", "SCARCE", "TIGHT"): q(2)})
    assert shop.ask(Post("assembly", "1000", "L1", "FG", "", q(4))).startswith("ok")
    shop.wait(3600)
    assert shop.ask(Post("assembly", "1000", "L1", "FG", "", q(8))).startswith("ok")
    assert shop.ask(Work("1000", "L1")).startswith("ok"), shop.answers
    with reader(shop.url) as connection:
        found = [record for record in statistics(connection, master) if record["detail"] == "SCARCE"]
        late = statistics(connection, master, since="2026-03-18")
        made = produced.production(connection, master)
        planned = [r for r in statistics(connection, master) if r["measure"] == "planned"]
    names = ("shift", "quantity", "standard", "difference", "backlog")
    assert [" ".join(record[name] for name in names) for record in found] == ["early 0 4 -4 4", "late 0 8 -8 8"]
    assert late == []
    assert {(r["shift"], r["quantity"]) for r in planned} == {(r["shift"], r["planned"]) for r in made}
    assert {r["shift"] for r in planned} == {"early", "late"}
