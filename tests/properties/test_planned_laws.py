"""What is planned of shifts adds up to the orders, in whole steps of the unit, on the days of the order."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.backflush.values.quantities import step_of
from gateway.ledger.reports.planned import PlanFilter, spread
from tests.builders import EARLY_LATE_NIGHT, PLANT, plant, product, shift, version

ZONES = ("UTC", "Europe/Berlin", "Asia/Kolkata")
WORKED = ((), EARLY_LATE_NIGHT, (shift("D", "06:00", "14:00", days="01234"),))


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 365), st.integers(0, 9), st.sampled_from(["", "V1"]))),
    st.sampled_from(WORKED),
    st.sampled_from(ZONES),
    st.integers(0, 3),
    st.sampled_from([date.min, date(2026, 1, 1), date(9998, 12, 31)]),
)
@example([(7, 0, 3, "")], EARLY_LATE_NIGHT, "UTC", 0, date.min)
@example([(7, 365, 0, ""), (7, 361, 4, "")], EARLY_LATE_NIGHT, "Asia/Kolkata", 0, date(9998, 12, 31))
def test_shares_add_up_to_their_orders_in_whole_steps(
    wanted: list[tuple[int, int, int, str]], shifts: tuple[object, ...], zone: str, decimals: int, first: date
) -> None:
    made = [replace(product(), decimals=decimals)]
    master = plant(materials=made, shifts=shifts, time_zone=zone, versions=[version()])
    step = step_of(decimals)
    for units, day, days, named in wanted:
        start = first + timedelta(days=day)
        last = date.fromordinal(min(start.toordinal() + days, date.max.toordinal()))
        one = PlanFilter("O1", PLANT, "FG", named, "L1", f"{start}", f"{last}" if days else "", units * step)
        found = list(spread([one], master))
        assert sum(share.quantity for share in found) == one.quantity
        assert all(share.quantity > 0 and share.quantity % step == 0 for share in found)
        assert all(f"{start}" <= share.date <= f"{last}" for share in found)
        assert {(share.line, share.version) for share in found} <= {("L1", "V1")}
