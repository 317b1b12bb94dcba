"""One simulated line counter: its pieces and telegrams. Pure: time and chance are arguments.

Laws: its totals grow by the pieces it made, over all its lives; its last telegram heals every lost one. So it sends its
last total before a new life, and with a modulus it never loses enough telegrams to hide a rollover.
"""

from collections import Counter as Tally
from datetime import UTC, datetime, timedelta
from math import sqrt
from random import Random
from typing import Final

from devices.simulators.specs import CounterSpec, Faults, Telegram

_DRAWN_ONE_BY_ONE: Final = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Counter:
    """One counter, from switching on to its last total."""

    def __init__(self, spec: CounterSpec, faults: Faults, chance: Random) -> None:
        self.spec = spec
        self.good = 0
        """Good pieces made since the simulation began, in all lives."""
        self.scrap = 0
        self.boot = ""
        self._faults = faults
        self._chance = chance
        self._skew_us = round(chance.uniform(-1, 1) * faults.skew_s * 1_000_000)
        self._fraction = chance.random()
        self._seq = 0
        scrap = spec.initial if "scrap" in spec.totals else 0
        self._totals = {"good": spec.initial, "gross": spec.initial + scrap, "scrap": scrap}
        self._by_reason: Tally[str] = Tally()
        self._unheard = 0
        self._last: Telegram | None = None
        self._restart()
        if spec.initial and spec.scrap_reasons:
            self._by_reason[spec.scrap_reasons[0]] = spec.initial

    @property
    def totals(self) -> dict[str, int]:
        """The counter's display."""
        modulus = self.spec.modulus
        return {name: self._totals[name] % modulus if modulus else self._totals[name] for name in self.spec.totals}

    def begin(self, now_us: int) -> list[Telegram]:
        """Send the totals at the start of the simulation: the baseline."""
        return [self.final(now_us)]

    def step(self, now_us: int) -> list[Telegram]:
        """Make the pieces of one interval and send the totals; then possibly begin a new life."""
        if self.spec.until_us is None or now_us <= self.spec.until_us:
            self._make()
        resets = self.spec.boot and self._chance.random() < self._faults.reset
        spared = resets or (self.spec.modulus is not None and 2 * self._unheard >= self.spec.modulus)
        telegram = self._say(now_us, spared=spared)
        if spared:
            self._unheard = 0
        if resets:
            self._totals = dict.fromkeys(self._totals, 0)
            self._by_reason.clear()
            self._restart()
        return [telegram]

    def tell_past(self, since_us: int, at_us: int) -> Telegram:
        """Make the pieces between two times, and send the totals as stored ones, with the time of the last piece."""
        until_us = self.spec.until_us
        if until_us is not None and since_us < until_us < at_us:
            at_us = until_us  # its last piece
        if until_us is None or since_us < until_us:
            self._make((at_us - since_us) / (self.spec.interval_s * 1_000_000))
        return self._say(at_us, spared=True, stored=True)

    def final(self, now_us: int) -> Telegram:
        """Send the totals in a telegram that the network spares."""
        self._unheard = 0
        return self._say(now_us, spared=True)

    def report(self) -> list[Telegram]:
        """Repeat the last telegram at the gateway's request."""
        return [self._last._replace(spared=True)] if self._last else []

    def _make(self, intervals: float = 1.0) -> None:
        """Make the pieces of some intervals: each varies by a half, and their sum less."""
        by = 0.5 / sqrt(max(1.0, intervals))
        self._fraction += self.spec.rate_per_s * self.spec.interval_s * intervals * self._chance.uniform(1 - by, 1 + by)
        made = int(self._fraction)
        self._fraction -= made
        scrap = self._draw_scrap(made)
        self.good += made - scrap
        self.scrap += scrap
        self._unheard += made
        self._totals["good"] += made - scrap
        self._totals["scrap"] += scrap
        self._totals["gross"] += made
        for _ in range(scrap if self.spec.scrap_reasons else 0):
            self._by_reason[self._chance.choice(self.spec.scrap_reasons)] += 1

    def _draw_scrap(self, made: int) -> int:
        if not self.spec.scrap_share:
            return 0
        if made > _DRAWN_ONE_BY_ONE:
            return min(made, int(made * self.spec.scrap_share + self._chance.random()))
        return sum(self._chance.random() < self.spec.scrap_share for _ in range(made))

    def _restart(self) -> None:
        self.boot = f"{self._chance.getrandbits(32):08x}"
        self._seq = 0

    def _say(self, now_us: int, *, spared: bool, stored: bool = False) -> Telegram:
        self._seq += 1
        fields: list[str] = []
        if self.spec.ts:
            moment = _EPOCH + timedelta(microseconds=now_us + self._skew_us)
            fields.append(f'"ts":"{moment.replace(tzinfo=None).isoformat(timespec="milliseconds")}Z"')
        if self.spec.boot:
            fields.append(f'"boot":"{self.boot}"')
        if self.spec.seq:
            fields.append(f'"seq":{self._seq}')
        fields += [f'"{name}":{total}' for name, total in self.totals.items()]
        if self._by_reason:
            parts = ",".join(f'"{reason}":{count}' for reason, count in sorted(self._by_reason.items()))
            fields.append(f'"scrap_by":{{{parts}}}')
        if stored:
            fields.append('"hist":true')
        payload = ("{" + ",".join(fields) + "}").encode()
        self._last = Telegram(self.spec.device, "count", payload, spared)
        return self._last
