"""A device is silent by what arrives of it, and no name that anybody makes up is kept."""

import pytest

from devices.errors import Malformed, Rejection
from devices.sources.knowledge import NO_LESSON
from gateway.backflush.memory.changes import NO_FACTS, Changes
from gateway.backflush.memory.device_life import Signs
from gateway.backflush.memory.events import Presence, Published, Refused
from gateway.backflush.memory.state import State
from gateway.backflush.step import step
from gateway.journal import Entry, JournalBatch
from gateway.mqtt.topics import Topics
from gateway.service.entries import MESSAGE
from gateway.service.fold.device_presence import FLAPPING_WITHIN_US, DevicePresence
from tests.builders import counter
from tests.builders import plant as master_data

SECOND = 1_000_000
BASE = "bf/v1/1000/L1"
READ = Refused(1, "1000", "L1", "C2", "t", b"", Rejection(Malformed.EMPTY, "nothing"), feedback=False)


def batch(at: int, *said: tuple[str, bytes]) -> JournalBatch:
    entries = tuple(Entry(MESSAGE, f"{BASE}/{tail}", payload) for tail, payload in said)
    return JournalBatch(1, at, entries)


def ears(flaps: int = 3) -> tuple[DevicePresence, State]:
    state = State(master=master_data(devices=[counter("C1", stale_s=60), counter("C2")]))
    made = DevicePresence(Topics("bf/v1", "gw1"), lambda _: True, flaps)
    made.judge(state, 0, 0)
    return made, state


def test_a_device_is_silent_once_nothing_at_all_came_from_it_for_its_time() -> None:
    heard, state = ears()
    heard.judge(state, 61 * SECOND, 61 * SECOND)
    assert heard.silent == {"C1"}, "C2 has no such limit"
    heard.hear([batch(70 * SECOND, ("C1/count", b"not even a number"))])
    heard.judge(state, 80 * SECOND, 80 * SECOND)
    assert heard.silent == set()
    heard.judge(state, 131 * SECOND, 131 * SECOND)
    assert heard.silent == {"C1"}


def test_a_device_that_says_that_it_is_offline_is_silent_at_once() -> None:
    heard, state = ears()
    state.online["C2"] = False
    heard.judge(state, 2 * SECOND, 2 * SECOND)
    assert heard.silent == {"C2"}


def test_what_is_heard_after_a_will_ends_it() -> None:
    """I18: the will of a connection that had died came after the new connection's `online`."""
    heard, state = ears()
    state.online["C2"] = False
    heard.hear([batch(SECOND, ("C2/count", b"1"), ("C2/state", b"offline"))])
    heard.judge(state, 2 * SECOND, 2 * SECOND)
    assert heard.silent == {"C2"}
    heard.hear([batch(3 * SECOND, ("C2/count", b"2"))])
    heard.judge(state, 4 * SECOND, 4 * SECOND)
    assert heard.silent == set()
    heard.hear([batch(5 * SECOND, ("C2/state", b"offline"))])
    heard.judge(state, 6 * SECOND, 6 * SECOND)
    assert heard.silent == {"C2"}


@pytest.mark.parametrize("published", [False, True])
def test_what_the_broker_had_kept_is_no_new_sign_of_life(*, published: bool) -> None:
    """Else each start of the gateway would be heard as one of every device that had left."""
    heard, state = ears()

    def hear(at: int, tail: str, *, online: bool, retain: bool) -> None:
        state.online["C2"] = online
        if published:
            changes = Changes()
            part = Presence(1, "1000", "L1", "C2", online) if tail == "state" else READ
            event = Published(1, (part,), NO_LESSON, mapped=True, repeated=False, retained=retain, ask="")
            step(state, changes, NO_FACTS, at, [event])
            heard.hear_published(changes.heard, changes.spoke, at)
        else:
            payload = (b"online" if online else b"offline") if tail == "state" else b"5"
            heard.hear([JournalBatch(1, at, (Entry(MESSAGE, f"{BASE}/C2/{tail}", payload, retain=retain),))])

    device = state.master.devices["C2"]
    hear(SECOND, "state", online=False, retain=True)
    heard.judge(state, 2 * SECOND, 2 * SECOND)
    assert heard.signs(state, device) == Signs(0, online=False, silent=True)
    hear(3 * SECOND, "count", online=False, retain=False)
    hear(4 * SECOND, "count", online=False, retain=True)
    heard.judge(state, 5 * SECOND, 5 * SECOND)
    assert heard.signs(state, device) == Signs(3 * SECOND, online=None, silent=False)
    hear(6 * SECOND, "state", online=False, retain=True)
    heard.judge(state, 7 * SECOND, 7 * SECOND)
    assert heard.signs(state, device) == Signs(3 * SECOND, online=False, silent=True)


def test_a_clock_that_was_set_leaves_no_time_at_which_a_device_was_heard() -> None:
    heard, state = ears()
    heard.hear([batch(5 * SECOND, ("C1/count", b"7"))])
    assert [heard.signs(state, state.master.devices[name]).heard_at for name in ("C1", "C2")] == [5 * SECOND, 0]
    heard.begin_anew(1_000 * SECOND)
    heard.judge(state, 1_061 * SECOND, 1_061 * SECOND)
    assert heard.signs(state, state.master.devices["C1"]) == Signs(0, None, silent=True), "by this clock"
    assert heard.signs(state, state.master.devices["C2"]).heard_at == 0
    heard.hear([batch(1_062 * SECOND, ("C1/count", b"8"))])
    assert heard.signs(state, state.master.devices["C1"]).heard_at == 1_062 * SECOND


def test_a_device_flaps_by_its_changes_and_not_by_what_it_repeats() -> None:
    heard, state = ears(flaps=3)
    repeated = [("C1/state", b"online")] * 9
    heard.hear([batch(SECOND, *repeated, ("C2/state", b"online"), ("C2/state", b"offline"))])
    heard.judge(state, 2 * SECOND, 2 * SECOND)
    assert heard.flapping == set()
    heard.hear([batch(3 * SECOND, ("C2/state", b"online"), ("C2/state", b"offline"))])
    heard.judge(state, 4 * SECOND, 4 * SECOND)
    assert heard.flapping == {"C2"}
    heard.judge(state, 3 * SECOND + FLAPPING_WITHIN_US, 3 * SECOND + FLAPPING_WITHIN_US)
    assert heard.flapping == set()


def test_ten_thousand_unknown_names_leave_nothing_behind() -> None:
    heard, state = ears()

    def kept() -> int:
        return sum(len(each) for each in (heard._heard, heard._said, heard._changes))  # noqa: SLF001 - what is kept

    before = kept()
    heard.hear([batch(SECOND, *((f"X{number}/state", b"online") for number in range(10_000)))])
    heard.judge(state, 2 * SECOND, 2 * SECOND)
    assert kept() == before


def test_who_was_never_heard_is_not_silent_because_nothing_is_folded_yet() -> None:
    state = State()
    state.master = master_data(devices=[counter("C1", stale_s=60)])
    heard = DevicePresence(Topics("bf/v1", "gw1"), lambda _: True, 3)
    heard.judge(state, 500 * SECOND, 0)
    heard.judge(state, 510 * SECOND, 510 * SECOND)
    assert heard.silent == set()
    heard.judge(state, 600 * SECOND, 520 * SECOND)
    assert heard.silent == set(), "what came since may wait in this gateway"
    heard.judge(state, 610 * SECOND, 610 * SECOND)
    assert heard.silent == {"C1"}
