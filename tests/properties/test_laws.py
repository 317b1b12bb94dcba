"""The laws of the values: explosions, totals, points. Each property is named after its law."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.memory.balance import Account
from gateway.backflush.plant.explosion import ExplodedItem, Terms
from gateway.backflush.values.counting import CounterPosition, CounterRule, count
from gateway.backflush.values.points import Segment, Units, close, work_in_process
from gateway.backflush.values.quantities import MICRO, format_quantity, parse_quantity, proportion

units = st.integers(0, 10**12)
steps = st.sampled_from([1, 10, 1_000, MICRO])


@given(st.integers(-(10**17), 10**17))
def test_print_and_read_give_the_same_quantity(quantity: int) -> None:
    assert parse_quantity(format_quantity(quantity)) == quantity


@given(units, units, units, st.integers(1, 10**9), st.integers(1, 10**9), steps)
def test_differences_of_proportions_add_up(a: int, b: int, c: int, numerator: int, denominator: int, step: int) -> None:
    low, middle, high = sorted((a, b, c))
    at = [proportion(n, numerator, denominator, step) for n in (low, middle, high)]
    assert at[0] <= at[1] <= at[2]
    assert all(value % step == 0 for value in at)
    assert abs(2 * (at[2] * denominator - high * numerator)) <= step * denominator


items = st.builds(
    ExplodedItem,
    process=st.just("issue"),
    segment=st.just("final"),
    fixed=st.booleans(),
    sign=st.just(-1),
    object=st.just("A"),
    place=st.just("RAW"),
    unit=st.just("PC"),
    numerator=st.integers(1, 10**8),
    denominator=st.integers(1, 10**8),
    step=steps,
)


terms = st.builds(
    Terms,
    movement=st.just("261"),
    cost_center=st.just(""),
    price=st.integers(0, 10**9),
    price_unit=st.sampled_from([MICRO, 100 * MICRO, 1000 * MICRO]),
    step=st.sampled_from([10_000, MICRO]),
)


@given(st.lists(st.tuples(items, units), max_size=8), st.data())
def test_what_is_posted_is_the_exact_total_rounded_once_under_whatever_explosions(
    shares: list[tuple[ExplodedItem, int]], data: st.DataObject
) -> None:
    step = data.draw(steps)
    singly, at_once = Account(), Account()
    exact = Fraction(0)
    for item, share in shares:
        singly.post_share(share, item.numerator, item.denominator, step)
        at_once.owe(share, item.numerator, item.denominator)
        exact += Fraction(share * item.numerator, item.denominator)
    at_once.post_share(0, 0, 1, step)
    assert singly.posted == at_once.posted == (2 * exact + step) // (2 * step) * step
    assert singly.posted + Fraction(singly.remainder) == exact
    assert abs(2 * Fraction(singly.remainder)) <= step
    kept = singly.copy()
    assert (kept.posted, kept.remainder, kept.post_share(0, 0, 1, step)) == (singly.posted, singly.remainder, 0)


@given(st.lists(st.tuples(units, st.booleans()), min_size=1, max_size=12), items)
def test_after_reversals_nothing_less_than_nothing_is_posted_and_the_rest_catches_up(
    moves: list[tuple[int, bool]], item: ExplodedItem
) -> None:
    account, exact = Account(), Fraction(0)
    held: list[tuple[int, int]] = []
    for share, back in moves:
        if back and held:
            undone, posted = held.pop()
            account.owe(-undone, item.numerator, item.denominator)
            account.take_back(posted)
            exact -= Fraction(undone * item.numerator, item.denominator)
        else:
            posted = account.post_share(share, item.numerator, item.denominator, item.step)
            exact += Fraction(share * item.numerator, item.denominator)
            held.append((share, posted))
            assert posted >= 0
        assert account.posted >= 0
        assert account.posted + Fraction(account.remainder) == exact
    for undone, posted in held:
        account.owe(-undone, item.numerator, item.denominator)
        account.take_back(posted)
    assert (account.posted, account.remainder) == (0, "0/1")


@given(st.lists(st.tuples(units, terms), max_size=8))
def test_a_fraction_of_a_cent_is_carried_on_whatever_the_price_becomes(postings: list[tuple[int, Terms]]) -> None:
    account, exact, booked = Account(), Fraction(0), 0
    for quantity, drawn in postings:
        in_force = drawn._replace(step=10_000)
        booked += account.value(quantity, in_force)
        exact += Fraction(quantity * in_force.price, in_force.price_unit)
        assert booked + Fraction(account.fraction) == exact
        assert abs(2 * Fraction(account.fraction)) <= 10_000


class Counter:
    """What the high-water rule makes of one device's telegrams."""

    def __init__(self, rule: CounterRule) -> None:
        self.rule = rule
        self.marks: dict[str, CounterPosition] = {}
        self.units = 0

    def read(self, boot: str, seq: int, total: int) -> None:
        mark = self.marks.get(boot)
        told = count(mark, self.rule, total, Reading(seq=seq), 0, 0 if self.marks else None)
        if isinstance(told, Rejection) or told.ending in ("late", "duplicate"):
            return
        self.units += told.step
        if mark is None:
            self.marks[boot] = CounterPosition(total, seq, None, 0)
        else:
            mark.restart = mark.restart or int(total < mark.total)
            mark.total, mark.seq = total, max(mark.seq or 0, seq)


PLAIN = CounterRule(modulus=None, max_step=None, reset_allowed=False, starts_at_zero=True)


@given(st.data(), st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=6), min_size=1, max_size=3))
def test_duplicates_losses_and_order_never_change_the_total(data: st.DataObject, lives: list[list[int]]) -> None:
    said: list[tuple[str, int, int]] = []
    last: list[tuple[str, int, int]] = []
    for boot, increments in enumerate(lives):
        total = 0
        for seq, increment in enumerate(increments):
            total += increment
            said.append((str(boot), seq, total))
        last.append(said[-1])
    heard = data.draw(st.lists(st.sampled_from(said), max_size=20))
    heard += data.draw(st.permutations(last))
    counter = Counter(PLAIN)
    for reading in heard:
        counter.read(*reading)
    assert counter.units == sum(sum(increments) for increments in lives)


@given(st.data(), st.lists(st.integers(0, 40), min_size=1, max_size=12))
def test_a_counter_that_rolls_over_counts_every_piece_once(data: st.DataObject, increments: list[int]) -> None:
    true = 0
    said = []
    for seq, increment in enumerate(increments):
        true += increment
        said.append((seq, true % 100))
    counter = Counter(PLAIN._replace(modulus=100, max_step=40))
    heard: list[tuple[int, int]] = []
    for reading in said:
        counter.read("", *reading)
        heard.append(reading)
        for again in data.draw(st.lists(st.sampled_from(heard), max_size=3)):
            counter.read("", *again)
    assert counter.units == true


reports = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 3)), max_size=12)


def documented(said: list[tuple[int, int, int]], **rule: Any) -> list[Segment]:
    """Report at four segments, one after the other, and document what `close` says."""
    segments = [Segment() for _ in range(4)]
    for k, good, scrap in said:
        reported = segments[k].reported
        segments[k].reported = Units(reported.good + good, reported.scrap + scrap)
        for segment, target in zip(segments, close(segments, **rule), strict=True):
            assert target.good >= segment.documented.good
            assert target.scrap >= segment.documented.scrap
            segment.documented = target
        assert all(pieces >= 0 for pieces in work_in_process(segments))
    return segments


@given(st.data(), reports, st.booleans())
def test_points_that_fill_report_in_any_order_and_the_same_passes(
    data: st.DataObject, said: list[tuple[int, int, int]], automatic: bool
) -> None:
    other = data.draw(st.permutations(said))
    one = documented(said, filling=True, automatic_final=automatic)
    two = documented(other, filling=True, automatic_final=automatic)
    assert [s.documented for s in one] == [s.documented for s in two]


CAUGHT_UP = [(0, 300, 0), (1, 200, 0), (2, 100, 0)]
"""More than any report waits for."""


@given(st.data(), reports)
def test_points_that_wait_report_in_any_order_and_the_same_passes_once_they_caught_up(
    data: st.DataObject, said: list[tuple[int, int, int]]
) -> None:
    other = data.draw(st.permutations(said))
    one = documented([*said, *CAUGHT_UP], filling=False, automatic_final=False)
    two = documented([*other, *CAUGHT_UP], filling=False, automatic_final=False)
    assert [s.documented for s in one] == [s.documented for s in two] == [s.reported for s in one]
    assert one[0].documented.passed == two[0].documented.passed


@given(reports)
def test_filling_leaves_nothing_waiting(said: list[tuple[int, int, int]]) -> None:
    for segment in documented(said, filling=True, automatic_final=False):
        assert segment.waiting.passed == 0


@given(reports)
def test_waiting_documents_no_more_than_was_reported_and_all_of_it_once_it_may(
    said: list[tuple[int, int, int]],
) -> None:
    segments = documented(said, filling=False, automatic_final=False)
    for before, here in zip([None, *segments], segments, strict=False):
        assert here.documented.passed <= here.reported.passed
        assert here.documented.good <= here.reported.good
        assert here.documented.scrap <= here.reported.scrap
        if here.waiting.passed and before is not None:
            assert before.documented.good == here.documented.passed
        if before is None:
            assert here.waiting.passed == 0


@pytest.mark.parametrize(
    ("pieces", "numerator", "denominator", "quantity"),
    [
        (90_000_007, 9_999_999_999, 3 * MICRO, 300_000_023_303_333_331),
        (123_456_789, 333_333_333, 7 * MICRO, 5_878_894_708_406_820),
    ],
)
def test_a_proportion_is_exact_where_a_float_is_not(
    pieces: int, numerator: int, denominator: int, quantity: int
) -> None:
    assert proportion(pieces * MICRO, numerator, denominator, 1) == quantity
