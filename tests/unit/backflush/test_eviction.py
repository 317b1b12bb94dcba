"""What is done leaves memory, and comes back by its name when it is touched again."""

from dataclasses import replace
from itertools import pairwise

from gateway.backflush.eviction import LIVES, evict
from gateway.backflush.memory.changes import Facts, Needs
from gateway.backflush.memory.state import Rules, State
from gateway.backflush.plant.snapshot import ROAMING, MasterData, Plant
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, component, counter, item, operation, plant, routing, scanner
from tests.memory import Ledger


class Counting(Ledger):
    """A ledger that counts how often it is read."""

    reads = 0

    def answer(self, wanted: Needs) -> Facts:
        self.reads += 1
        return super().answer(wanted)


class Years(Book):
    """A book whose laws are not audited after each of very many commits."""

    def audit(self) -> None:
        """Leave it to the end."""


def setup() -> MasterData:
    """Return a plant where each lot or shift takes two S and half an hour, however many pieces it has."""
    return plant(
        materials=[component("A"), component("S", 3)],
        boms=[bom([item("A"), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"setup": "0.5"})])],
        devices=[counter(), scanner()],
        shifts=EARLY_LATE_NIGHT,
    )


def kept(state: State) -> dict[str, int]:
    """Count what may grow."""
    return {
        "balances": len(state.balances),
        "scopes": len(state.scopes),
        "bearers": len(state.bearers),
        "flows": len(state.flows),
        "explosions": len(state.explosions),
        "runs": sum(map(len, state.runs.values())),
        "lives": sum(map(len, state.marks_of_devices.values())),
        "shifts": len(state.shift_yield),
    }


def test_a_late_piece_of_a_shift_or_lot_that_is_done_takes_no_setup_again() -> None:
    book = Book(setup())
    book.post(5, at="2026-03-16 07:00")
    book.post(5, batch="B1", at="2026-03-16 07:00")
    assert book.stock("S") == "-4"
    book.at("2026-06-01 08:00")
    assert not book.state.scopes
    book.post(1, at="2026-03-16 07:30")
    book.post(1, batch="B1")
    assert book.stock("S") == "-4"
    book.post(1)
    assert book.stock("S") == "-6"


def test_a_sales_order_that_is_done_goes_on_where_it_was() -> None:
    book = Book(setup())
    for when in ("2026-03-16 08:00", "2026-06-01 08:00"):
        book.at(when)
        book.post(2, cost_object="SO 4500 10")
    book.at("2026-09-01 08:00")
    assert not book.state.bearers
    assert book.reverse(1).status == "ok"
    [flow] = [flow for flow in book.ledger.flows.values() if not flow.to_stock]
    assert flow.segments[0].documented.good == 2_000_000


def test_a_roaming_scan_of_a_sales_order_is_replayed_wherever_its_scanner_is_by_now() -> None:
    master = replace(setup(), plants={**setup().plants, "2000": Plant("2000")})
    master = replace(master, devices={**master.devices, "ROAM": scanner("ROAM", line=ROAMING)})
    book = Book(master)
    book.scan("BF:LINE:1000:L1", "ROAM", line=ROAMING)
    assert book.scan("BLUE", "ROAM", line=ROAMING, sales_order="4500").result == "nok"
    book.scan("BF:LINE:2000:L9", "ROAM", line=ROAMING)
    book.load(replace(master, aliases={"BLUE": ("material", "FG")}))
    assert list(book.replay().data["entries"].values()) == ["replayed"]
    assert [document.cost_object for document in book.ledger.documents.values()] == ["SO 4500 0"]


def test_a_posting_for_an_old_time_belongs_to_the_run_of_then() -> None:
    book = Book(setup())
    book.run(batch="OLD", sales_order="4500", start="2026-03-16 07:00")
    book.at("2026-03-17 07:00")
    book.run(batch="NEW")
    book.at("2026-06-01 08:00")
    book.run(batch="NEWEST")
    assert [run.batch for runs in book.state.runs.values() for run in runs] == ["NEW", "NEWEST"]
    book.post(1, at="2026-03-16 09:00")
    [document] = book.ledger.documents.values()
    assert (document.batch, document.cost_object) == ("OLD", "SO 4500 0")
    assert [run.batch for runs in book.ledger.runs.values() for run in runs] == ["OLD", "NEW", "NEWEST"]


def test_an_old_run_is_ended_where_it_stands_and_ends_where_the_next_one_begins() -> None:
    book = Book(setup())
    for when in ("2026-03-16 08:00", "2026-06-01 08:00", "2026-09-01 08:00"):
        book.at(when)
        book.run()
    book.run(start="2026-03-20 08:00", batch="B1")
    assert [(run.batch, run.end is None) for runs in book.ledger.runs.values() for run in runs] == [
        ("", False),
        ("B1", False),
        ("", False),
        ("", True),
    ]


def test_what_a_life_of_long_ago_says_again_is_not_counted_again() -> None:
    book = Book(setup())
    for boot in range(3 * LIVES):
        book.count(boot=f"b{boot}", seq=1, good=5)
        book.wait(86_400)
    assert len(book.state.marks_of_devices["C1"]) == LIVES
    book.count(boot="b0", seq=2, good=7)
    assert book.line()["counted"] == "62"


def test_a_step_that_spans_a_change_of_run_is_marked_whatever_is_in_memory() -> None:
    marked = []
    for forgets in (True, False):
        book = Book(setup(), forgets=lambda forgets=forgets: forgets)  # type: ignore[misc]
        book.count(boot="a", good=5)
        book.at("08:10")
        book.run()
        book.at("08:20")
        book.count(boot="b", good=1)
        book.count(boot="a", good=7)
        marked.append([source.spans_change for source in book.ledger.sources])
    assert marked == [[False, False, True]] * 2


def test_a_piece_reads_nothing_after_the_first_of_its_shift() -> None:
    ledger = Counting()
    book = Book(setup(), ledger=ledger, forgets=lambda: False)
    reads = []
    for at, good in (("08:00", 1), ("08:01", 2), ("09:00", 3), ("15:00", 4), ("15:01", 5)):
        book.at(at)
        book.count(good=good, boot="b1", seq=good)
        reads.append(ledger.reads)
    assert [after - before for before, after in pairwise(reads)] == [0, 0, 1, 0]


def test_what_was_found_out_of_flows_that_stay_is_not_found_out_again() -> None:
    book = Book(setup(), forgets=lambda: False)
    book.at("2026-03-16 08:00")
    evict(book.state)
    book.post(5)
    [stock], found = book.state.flows, book.state.resolved
    before = dict(found.places), dict(found.explosions), dict(found.charges)
    assert all(before)
    book.post(5, cost_object="SO 4500 10")
    book.post(5, at="2026-03-16 07:00")
    evict(book.state)
    assert [*book.state.flows] == [stock]
    assert {place.flow for place in found.places.values()} == {key.flow for key in found.charges} == {stock}
    assert before[1].items() <= found.explosions.items()
    book.at("2026-03-17 08:00")
    evict(book.state)
    assert not found


def test_years_of_shifts_lots_orders_runs_and_lives_leave_no_more_than_days_do() -> None:
    book = Years(setup(), rules=Rules(window="reading"))
    sizes = []
    for day in range(60):
        book.run(batch="{date}{shift}", sales_order=f"{4500 + day}" if day % 2 else "")
        for shift in range(3):
            book.wait(8 * 3_600)
            book.count(boot=f"b{day}", seq=shift, good=10 + shift)
            book.post(1, cost_object=f"LOT {day}")
        sizes.append(kept(book.state))
    assert sizes[-1] == sizes[11]
    assert len(book.ledger.balances) > 50 * sizes[-1]["balances"] > 0
    book.crash()
    assert kept(book.state) | {"lives": LIVES} == sizes[-1]
    Book.audit(book)
