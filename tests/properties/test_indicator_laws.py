"""The laws of the backflush indicator and of stock that expires, whatever else happens meanwhile.

What is expected is computed here from what was made and said, not by the engine.
"""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import Batch, MasterData, RemProfile
from gateway.backflush.values.movements import StockKey
from tests.book import Book
from tests.builders import PLANT, bom, counter, item, operation, order, plant, points, q, routing, used

MODES = ("", "backflush", "manual")


def indicated(mode: str, of_operation: Any, per_piece: str, **profile: Any) -> MasterData:
    """Return a plant whose A says how it is issued, or leaves it to its operation; B is always backflushed."""
    items = [
        item("A", per_piece, "0010", operation="0010", issue_mode=mode),
        item("B", 1, "0020", operation="0020", issue_mode="backflush"),
    ]
    steps = [replace(points("0010")[0], backflush=of_operation), operation("0020")]
    settings = {"order_reduction": "all_versions", "recreate_orders_on_reversal": True, **profile}
    return plant(
        profile=RemProfile("R", reporting_points="optional", **settings),
        boms=[bom(items)],
        routings=[routing(steps)],
        devices=[counter()],
    )


happenings = st.tuples(
    st.sampled_from(["make", "make", "make", "issue", "said", "reverse", "work", "crash"]),
    st.integers(1, 9),
    st.sampled_from(MODES),
    st.sampled_from(["", "yes", "no"]),
)


@given(
    st.lists(happenings, max_size=10),
    st.sampled_from(["1", "0.5", "3"]),
    st.sampled_from(["online", "background", "update"]),
    st.booleans(),
)
def test_what_is_backflushed_is_issued_once_and_the_rest_by_hand_alone(
    story: list[tuple[str, int, str, str]], per_piece: str, timing: str, cumulate: bool
) -> None:
    settings: dict[str, Any] = {"goods_issue_timing": timing, "cumulate_goods_issues": cumulate}
    book = Book(indicated("", "", per_piece, **settings), orders=[order("O1", 30), order("O2", 1_000)])
    backflushed = by_hand = total = standing = 0
    alone: list[tuple[int, int]] = []
    needs = Fraction(0)
    for what, pieces, mode, of_operation in story:
        book.load(indicated(mode, of_operation, per_piece, **settings))
        is_manual = mode == "manual" or (not mode and of_operation == "no")
        match what:
            case "make":
                total += pieces
                book.count(good=total)
                backflushed += 0 if is_manual else pieces
            case "issue":
                book.post(0, "component", actual=used(f"A {pieces}"))
                by_hand += pieces
                alone.append((book.state.documents, pieces))
            case "said":
                book.post(1, actual=used(f"A {pieces}", complete=False))
                by_hand += pieces
                standing += 1
            case "reverse":
                if alone:
                    number, units = alone.pop()
                    book.reverse(number)
                    by_hand -= units
            case "work":
                book.work()
            case _:
                book.commit()
                book.crash()
    book.work()
    book.wait(1)
    needs = Fraction(backflushed * q(per_piece), q(1))
    posted = (2 * needs + 1) // 2
    made = total + standing
    assert book.stock("FG") == str(made)
    assert book.stock("B") == str(-made)
    assert book.stock("A") == str(-(posted + by_hand))
    assert (book.backlog(), book.open_rows()) == ({}, {})


DAYS = tuple(f"2026-03-{day:02d}" for day in range(12, 21))
"""The book's day, 16 March, lies in their middle."""
lots = st.dictionaries(
    st.sampled_from(["B1", "B2", "B3", "B4", "B5", ""]),
    st.tuples(
        st.integers(0, 20), st.sampled_from(("", *DAYS)), st.sampled_from(("", *DAYS)), st.sampled_from(["", "K"])
    ),
    max_size=6,
)


@given(lots, st.integers(1, 60), st.sampled_from(DAYS), st.booleans())
def test_what_expires_first_is_issued_first_and_what_is_expired_never_unless_it_is_named(
    there: dict[str, tuple[int, str, str, str]], need: int, on: str, free: bool
) -> None:
    made = plant(profile=RemProfile("R", stock_determination=True), boms=[bom({"A": 1})], negative_stock=free)
    batches = {(PLANT, "A", name): Batch(came, ends) for name, (_, came, ends, _) in there.items() if name}
    opening = {StockKey(PLANT, "A", "RAW", name, owner): q(units) for name, (units, _, _, owner) in there.items()}
    book = Book(replace(made, batches=batches), stock=opening)
    book.at("2026-03-20 12:00")
    book.post(need, at=f"{on} 12:00")
    left = need
    expected: dict[tuple[str, str], int] = {}
    good = {name: lot for name, lot in there.items() if not name or not lot[2] or lot[2] >= on}

    def place(name: str) -> tuple[str, ...]:
        _, came, ends, owner = good[name]
        return (owner, ends or "9", came, name) if name else (owner, "9", "", "")

    for name in sorted(good, key=place):
        part = min(left, good[name][0])
        if part:
            expected[good[name][3], name] = part
            left -= part
    if free and left:
        # What is missing goes below zero, without a batch.
        expected["", ""] = expected.get(("", ""), 0) + left
        left = 0
    taken = [((i.stock_type, i.batch), -i.quantity // q(1)) for i in book.ledger.items if i.material == "A"]
    assert taken == [*expected.items()]
    assert book.backlog() == ({"A": str(left)} if left else {})
    book.retry()
    assert book.backlog() == ({"A": str(left)} if left else {})
    for name, (units, _, _, owner) in there.items():
        if name and units and name not in good and not owner:
            told = book.post(0, "component", actual=used(f"A {units} - RAW {name}"))
            assert told.status == "ok"
            assert book.ledger.stock[StockKey(PLANT, "A", "RAW", name)] == 0
