"""Laws of an agent: whatever dies, whenever, nothing that was taken is lost, and nothing is said that was not."""

import io
import json
from collections import Counter as Tally
from random import Random
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from devices.agents.counter import PieceCounter
from devices.agents.dispatch import Dispatch
from devices.agents.panel import Panel
from devices.agents.scanner import LabelScanner
from devices.agents.store import Store
from devices.agents.store_file import Full, StoreFile
from devices.answers import ScanAnswer
from devices.uplinks import Uplink, UplinkMessage

LIVES = 1000
HOUR_S = 3600.0


class Died(Exception):
    """The power is gone, or the program was killed."""


class Memory(StoreFile):
    """A store's file in memory: it dies at a step, keeps what was synced, and of the rest what chance leaves."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.is_full = False
        self.steps = -1
        """After so many steps it dies; never if below 0."""
        self._content = b""
        self._synced = 0

    def read(self) -> bytes:
        return self._content

    def add(self, data: bytes, *, sync: bool) -> None:
        self._step()
        if self.is_full:
            raise Full("no room")
        self._content += data
        self._step()
        if sync:
            self._synced = len(self._content)
            self._step()

    def cut(self, length: int) -> None:
        self._step()
        self._content = self._content[:length]
        self._synced = length

    def replace(self, data: bytes) -> None:
        self._step()
        if self.is_full:
            raise Full("no room")
        self._content, self._synced = data, len(data)
        self._step()

    def revive(self) -> None:
        """Leave the content after a kill: all of it, synced or not; or after a power cut: what was synced, and more."""
        self.steps = -1
        if self.chance.random() < 0.5:
            left = self.chance.choice([self._synced, self.chance.randint(self._synced, len(self._content))])
            self._content, self._synced = self._content[:left], left

    def _step(self) -> None:
        if self.steps == 0:
            raise Died
        self.steps -= 1


class Gateway:
    """A broker that may be away or lose its connection, and behind it what a gateway would count."""

    def __init__(self, chance: Random) -> None:
        self.is_connected = False
        self.is_lossy = True
        """Some messages are acknowledged and lost, or answered as not stored."""
        self.totals: dict[str, int] = {}
        self.scans: dict[str, str] = {}
        self._said: dict[tuple[str, int], int] = {}
        self._chance = chance
        self._mids = 0
        self._on_the_way: list[tuple[int, bytes]] = []

    def send(self, message: UplinkMessage) -> int:
        self._mids += 1
        self._on_the_way.append((self._mids, message.payload))
        return self._mids

    def lose(self) -> None:
        """Lose the connection, and of what is on its way all but a first part."""
        for _, payload in self._on_the_way[: self._chance.randint(0, len(self._on_the_way))]:
            self._take(payload)
        self._on_the_way.clear()
        self._mids = 0
        self.is_connected = False

    def deliver(self, device: PieceCounter | LabelScanner, dispatch: Dispatch, number: int) -> None:
        """Have the broker acknowledge the next messages, and lose some; the gateway takes the others, and answers."""
        due, self._on_the_way = self._on_the_way[:number], self._on_the_way[number:]
        for mid, payload in due:
            dispatch.acknowledge(mid)
            is_stored = not self.is_lossy or self._chance.random() < 0.7
            if is_stored:
                self._take(payload)
            scan = json.loads(payload).get("id")
            if scan and self._chance.random() < 0.8:
                ended = device.hear(ScanAnswer(scan, "ok" if is_stored else "nok", "BF0000" if is_stored else "BF9001"))
                if ended is not None:
                    dispatch.end(ended)

    def _take(self, payload: bytes) -> None:
        said = json.loads(payload)
        if not said:
            return
        if "id" in said:
            assert self.scans.setdefault(said["id"], said["data"]) == said["data"], "one id, two scans"
        else:
            boot, seq, good = said.get("boot", ""), said["seq"], said["good"]
            assert self._said.setdefault((boot, seq), good) == good, "one sequence, two totals"
            self.totals[boot] = max(self.totals.get(boot, 0), good)


class Life:
    """An agent that is started again and again, the gateway, and the truth."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)
        self.kind = self.chance.choice(["pulses", "totals", "scans"])
        self.file = Memory(self.chance)
        self.gateway = Gateway(self.chance)
        self.now_ms = 1_795_335_330_000
        self.machine = self.chance.randint(0, 10**6)
        """The total of a machine that counts by itself."""
        self.pulses = 0
        self.known = 0
        """What a counter of pulses has stored for certain."""
        self.accepted: Tally[str] = Tally()
        self.refused: Tally[str] = Tally()
        self.begin()

    def begin(self) -> None:
        """Start the agent on what its file has."""
        store = Store(self.file, most=self.chance.choice([8, 100]), spare=500)
        self.shown = io.StringIO()
        panel = Panel(self.shown, io.StringIO())
        clock = lambda: self.now_ms  # noqa: E731 - the time of this life
        if self.kind == "scans":
            self.device: PieceCounter | LabelScanner = LabelScanner(store, panel, clock, {"operator": "7"}, repeat_s=10)
        else:
            self.device = PieceCounter(store, panel, "good", clock, pulses=self.kind == "pulses", alive_s=60)
        self.store = store
        self.dispatch = Dispatch(store, "topic", self.device.repeat_s, clock)
        if self.kind == "pulses":
            assert isinstance(self.device, PieceCounter)
            assert self.known <= (self.device.total or 0) <= self.pulses, "what was stored is there, and no more"
            self.pulses = self.known = self.device.total or 0

    def work(self) -> None:
        """Let the input say something, and the device look at it."""
        self.now_ms += self.chance.choice([1, 1_000, 70_000, -5_000])
        if isinstance(self.device, LabelScanner):
            text = f"BOX{self.chance.randrange(10**9)}"
            before = len(self.shown.getvalue())
            self.device.take(text)
            was_refused = "NOT STORED" in self.shown.getvalue()[before:]
            (self.refused if was_refused else self.accepted)[text] += 1
            return
        made = self.chance.choice([0, 1, 1, 25])
        self.machine += made
        self.pulses += made if self.kind == "pulses" else 0
        self.device.take(made if self.kind == "pulses" else self.machine)
        self.device.look()
        newest = self.store.newest
        self.known = newest.said["good"] if newest is not None else 0

    def step(self) -> None:
        match self.chance.randrange(8):
            case 0 | 1 | 2:
                self.work()
            case 3:
                self.file.is_full = self.chance.random() < 0.3
            case 4 if self.gateway.is_connected and self.chance.random() < 0.3:
                self.gateway.lose()
            case 4 if not self.gateway.is_connected:
                self.connect()
            case 5:
                self.gateway.deliver(self.device, self.dispatch, self.chance.randint(1, 5))
            case _:
                self.say()

    def connect(self) -> None:
        self.gateway.is_connected = True
        self.gateway.send(UplinkMessage("state", b"{}"))
        self.dispatch.connect()
        self.device.report()

    def say(self) -> None:
        self.dispatch.send_due(cast("Uplink", self.gateway), self.now_ms / 1000)

    def run(self, deaths: int) -> None:
        """Live, and die at any step of the file or between."""
        for _ in range(deaths):
            self.file.steps = self.chance.randint(0, 60)
            try:
                for _ in range(self.chance.randint(1, 40)):
                    self.step()
            except Died:
                pass
            self.file.revive()
            self.gateway.lose()
            self.begin()
        for _ in range(20):
            self.step()
        self.gateway.lose()
        self.file.is_full = self.gateway.is_lossy = False
        self.end()

    def end(self) -> None:
        """Give it all that it needs, until nothing waits."""
        self.connect()
        if isinstance(self.device, PieceCounter):
            self.device.take(0 if self.kind == "pulses" else self.machine)
            self.device.look()
        for _ in range(100):
            self.now_ms += round(HOUR_S * 1000)
            self.say()
            self.gateway.deliver(self.device, self.dispatch, 100)
        assert not self.store.waiting


def test_a_thousand_lives_lose_nothing_and_double_nothing() -> None:
    kinds: Tally[str] = Tally()
    for seed in range(LIVES):
        life = Life(seed)
        life.run(deaths=4)
        kinds[life.kind] += 1
        totals, scans = life.gateway.totals, Tally(life.gateway.scans.values())
        match life.kind:
            case "pulses":
                assert (len(totals), sum(totals.values())) == (1, life.pulses), f"seed {seed}"
            case "totals":
                assert totals == {"": life.machine}, f"seed {seed}"
            case _:
                assert life.accepted - scans == Tally(), f"seed {seed}: lost"
                assert max(scans.values(), default=1) == 1, f"seed {seed}: doubled"
                assert not life.refused & scans, f"seed {seed}: refused, and said all the same"
    assert min(kinds.values()) > LIVES // 5


class Bytes(Memory):
    """A file with a content."""

    def __init__(self, content: bytes) -> None:
        super().__init__(Random(0))
        self._content = content


WORKS = st.lists(st.one_of(st.text(max_size=5), st.integers(0, 9)), max_size=12)


def written(works: list[str | int]) -> tuple[bytes, list[tuple[int, dict[int, str]]]]:
    """Return the content of a store after some work, and what waited after each line of it."""
    file = Bytes(b"")
    store = Store(file)
    states: list[tuple[int, dict[int, str]]] = [(0, {})]
    for work in works:
        if isinstance(work, str):
            store.take(5, lambda _, text=work: {"data": text})  # type: ignore[misc]
        else:
            store.end([5 + work])
        states.append((len(file.read()), {number: said["data"] for number, said in store.waiting.items()}))
    return file.read(), states


@given(WORKS, st.data())
def test_a_store_that_is_cut_anywhere_has_all_that_was_whole(works: list[str | int], data: st.DataObject) -> None:
    content, states = written(works)
    cut = data.draw(st.integers(0, len(content)))
    store = Store(Bytes(content[:cut]))
    assert {n: said["data"] for n, said in store.waiting.items()} == [waits for end, waits in states if end <= cut][-1]
    assert store.unreadable == 0


@given(WORKS, st.data(), st.binary(max_size=40))
def test_a_store_that_was_damaged_opens_and_goes_on(works: list[str | int], data: st.DataObject, junk: bytes) -> None:
    content, _ = written(works)
    at = data.draw(st.integers(0, len(content)))
    file = Bytes(content[:at] + junk + content[at + len(junk) :])
    taken = Store(file).take(5, lambda number: {"data": str(number)})
    assert Store(file).waiting[taken.number] == taken.said
    assert max(Store(file).waiting) == taken.number
