"""A bad network: which telegrams arrive, how often, and when. Pure and seeded.

Laws: spared telegrams arrive once and in time; scans are never lost; a telegram that looks like a newer one (no
sequence, no time) is not overtaken.
"""

from random import Random

from devices.simulators.specs import Faults, Telegram


def arrivals(telegram: Telegram, interval_s: float, *, ordered: bool, faults: Faults, chance: Random) -> list[float]:
    """Return the delay in seconds of each copy of a telegram: none if it is lost, more than one if doubled.

    `interval_s` is the time until the device's next telegram; `ordered` forbids that another one overtakes this one.
    """
    if telegram.spared:
        return [0.0]
    if telegram.kind == "count" and chance.random() < faults.lose:
        return []
    delays = [_delay(interval_s, ordered=ordered, faults=faults, chance=chance)]
    if chance.random() < faults.duplicate:
        delays.append(_delay(interval_s, ordered=ordered, faults=faults, chance=chance))
    return delays


def _delay(interval_s: float, *, ordered: bool, faults: Faults, chance: Random) -> float:
    if ordered:
        return 0.0
    if chance.random() < faults.late:
        return faults.late_s * chance.random()
    if chance.random() < faults.reorder:
        return interval_s * chance.uniform(1, 3)
    return 0.0
