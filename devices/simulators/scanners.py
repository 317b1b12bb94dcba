"""One simulated scanner: its scans, and their repetition. Pure: time and chance are arguments.

Laws: each scan has an identity of its own and is repeated, unchanged, until it is answered; any answer means that it is
safe, except BF9001 (not stored). So every scan is posted once, however often it is sent.
"""

import json
from collections import Counter as Tally
from datetime import UTC, datetime, timedelta
from random import Random

from devices.answers import NOT_STORED, read_feedback
from devices.simulators.specs import Faults, ScannerSpec, Telegram

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Scanner:
    """One scanner with its memory of unanswered scans."""

    def __init__(self, spec: ScannerSpec, faults: Faults, chance: Random) -> None:
        self.spec = spec
        self.good = 0
        """The good pieces of its scans."""
        self.scrap = 0
        self.scans = 0
        self.results: Tally[str] = Tally()
        """The first answer to each scan."""
        self._chance = chance
        self._skew_us = round(chance.uniform(-1, 1) * faults.skew_s * 1_000_000)
        self._unanswered: dict[str, Telegram] = {}
        self._sent_s: dict[str, float] = {}

    @property
    def unanswered(self) -> int:
        """The number of scans that wait for feedback."""
        return len(self._unanswered)

    @property
    def is_done(self) -> bool:
        """Return whether it has made all its scans."""
        return self.spec.limit is not None and self.scans >= self.spec.limit

    def step(self, now_us: int) -> list[Telegram]:
        """Scan the next code; nothing once the scanner is done."""
        if self.is_done:
            return []
        code = self.spec.codes[self.scans % len(self.spec.codes)]
        self.scans += 1
        self.good += code.pieces
        self.scrap += code.scrap
        identity = f"{self._chance.getrandbits(48):012x}-{self.scans}"
        moment = (_EPOCH + timedelta(microseconds=now_us + self._skew_us)).replace(tzinfo=None)
        fields = {
            "id": identity,
            "ts": moment.isoformat(timespec="milliseconds") + "Z",
            "data": code.text.replace("{n}", f"{self.scans:06d}"),
            "operator": self.spec.operator,
            "point": self.spec.point,
        }
        said = {name: value for name, value in fields.items() if value is not None}
        telegram = Telegram(self.spec.device, "scan", json.dumps(said, separators=(",", ":")).encode())
        self._unanswered[identity] = telegram
        return [telegram]

    def answer(self, payload: bytes) -> None:
        """Take feedback; any other payload, and an answer to no waiting scan, is ignored."""
        feedback = read_feedback(payload)
        if feedback is None or feedback.code == NOT_STORED:
            return
        if self._unanswered.pop(feedback.ref, None) is not None:
            self._sent_s.pop(feedback.ref, None)
            self.results[feedback.result] += 1

    def repeats(self, clock_s: float) -> list[Telegram]:
        """Return the scans whose answer is overdue; `clock_s` is any steady clock."""
        overdue: list[Telegram] = []
        for identity, telegram in self._unanswered.items():
            if clock_s - self._sent_s.setdefault(identity, clock_s) >= self.spec.repeat_after_s:
                self._sent_s[identity] = clock_s
                overdue.append(telegram._replace(spared=True))
        return overdue

    def report(self) -> list[Telegram]:
        """Repeat every unanswered scan at the gateway's request."""
        return [telegram._replace(spared=True) for telegram in self._unanswered.values()]
