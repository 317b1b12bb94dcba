"""What a watcher knows of a plant never looks newer than it is, and a screen of any size shows it without a cut."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.cli.look.watch import View
from gateway.cli.shared.output import print_json
from gateway.service.floor.floor import Floor


class Told:
    """A floor that is told things at a time which the test sets."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.floor = Floor("bf/v1", "", "", lambda: self.now, lambda: self.now)
        self.floor.up()

    def line(self, line: str = "L1", *, retained: bool = False, **said: Any) -> None:
        """Let a line tell its picture; `ts` is in seconds of the test's clock."""
        at = said.pop("ts", self.now)
        picture = {"plant": "1000", "line": line, "run": {"material": "PUMP-40"}, "counted": "1234567", **said}
        body = {**picture, "ts": f"1970-01-01T00:{int(at) // 60:02d}:{int(at) % 60:02d}.000Z"}
        self.floor.hear(f"bf/v1/1000/{line}/_status", json.dumps(body).encode(), retained=retained)

    def gateway(self, state: str = "online", phase: str = "ready") -> None:
        """Let the gateway say its state."""
        said = {"state": state, "phase": phase} if phase else {"state": state}
        self.floor.hear("bf/v1/_gateway/gw1/state", json.dumps(said).encode(), retained=False)

    @property
    def states(self) -> list[str]:
        """What is said of each line."""
        return [row.state for row in self.floor.rows]


@pytest.fixture
def told() -> Told:
    """Offer a floor whose gateway is ready and whose line has just told of itself."""
    made = Told()
    made.gateway()
    made.line()
    return made


def test_what_is_told_every_half_minute_is_new(told: Told) -> None:
    told.now += 40
    assert told.states == [""]
    assert told.floor.troubles == []


def test_what_was_not_heard_for_longer_is_old(told: Told) -> None:
    told.now += 130
    assert told.states == ["2 min old"]
    assert told.floor.troubles == ["gateway gw1 silent for 2 min"]


def test_what_the_broker_retained_is_as_old_as_it_says(told: Told) -> None:
    told.line("L2", retained=True, ts=told.now - 300)
    assert told.states == ["", "5 min old"]


def test_figures_are_old_at_once_when_the_gateway_or_the_broker_is_away(told: Told) -> None:
    told.now += 3
    told.gateway("offline", "")
    assert told.states == ["3 s old"]
    assert told.floor.troubles == ["gateway gw1 is away, last heard 0 s ago"]
    told.gateway()
    told.line()
    assert (told.states, told.floor.troubles) == ([""], [])
    told.now += 5
    told.floor.away("it hung up")
    told.now += 2
    assert told.states == ["7 s old"]
    assert told.floor.troubles == ["broker away for 2 s: it hung up"]


def test_a_broker_that_has_forgotten_all_leaves_what_was_known_and_its_age(told: Told) -> None:
    told.floor.away("it was started again")
    told.now += 90
    told.floor.up()
    assert told.states == ["1 min old"]
    assert told.floor.troubles == ["gateway gw1 silent for 1 min"]


def test_a_gateway_that_ended_is_no_gateway_that_is_gone(told: Told) -> None:
    told.gateway("offline", "stopped")
    assert told.floor.gateways == {"gw1": "has ended, last heard 0 s ago"}


def test_a_line_that_is_gone_is_not_shown(told: Told) -> None:
    told.floor.hear("bf/v1/1000/L1/_status", b"", retained=False)
    assert told.floor.rows == []


def test_silent_devices_and_a_missing_run_are_told(told: Told) -> None:
    told.line(run=None, stale_devices=[{"device": "c1", "why": "stale"}, {"device": "c2", "why": "offline"}])
    assert told.states == ["no run, 2 silent"]


def test_alerts_are_told_errors_first_and_go_when_they_are_over(told: Told) -> None:
    for alert, severity in (("backlog", "warning"), ("journal", "error")):
        body = json.dumps({"id": alert, "severity": severity, "text": f"of {alert}"}).encode()
        told.floor.hear(f"bf/v1/_gateway/gw1/alert/{alert}", body, retained=True)
    assert told.floor.alerts == ["journal: of journal", "backlog: of backlog"]
    told.floor.hear("bf/v1/_gateway/gw1/alert/journal", b"", retained=False)
    assert told.floor.alerts == ["backlog: of backlog"]


_LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["NaN", "1e999999", "7"])
)
_FIELDS = st.sampled_from(["run", "counted", "open", "stale_devices", "points", "material", "yield", "wip", "point",
                           "ts", "state", "phase", "text", "severity", "last_document"])  # fmt: skip
_JSON = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_FIELDS, inner, max_size=5))
_TAILS = ("1000/L1/_status", "1000/L2/_status", *(f"_gateway/gw1/{tail}" for tail in ("state", "health", "alert/a")))


@given(st.lists(st.tuples(st.sampled_from(_TAILS), _JSON.map(json.dumps).map(str.encode) | st.binary(), st.booleans())))
@example([("1000/L07/_status", b'{"counted":"abc"}', True)])
@example([("1000/L07/_status", b'{"counted":"NaN"}', True)])
@example([("1000/L07/_status", b'{"run":"x","counted":"1"}', True)])
@example([("1000/L07/_status", b'{"stale_devices":5}', True)])
@example([("1000/L07/_status", b'{"points":[{"point":"0010"}]}', True)])
@example([("1000/L07/_status", b"[" * 60_000, True)])
@example([("1000/L07/_status", b'{"counted":' + b"9" * 5_000 + b"}", True)])
def test_whatever_is_told_the_table_is_drawn_and_its_data_are_json(told: list[tuple[str, bytes, bool]]) -> None:
    floor = Floor("bf/v1", "", "", lambda: 1_000.0, lambda: 1_000.0)
    floor.up()
    for tail, payload, retained in told:
        floor.hear(f"bf/v1/{tail}", payload, retained=retained)
    view = View(floor, "mqtt://broker.example:1883")
    view.press("points")
    view.draw(80, 24)
    print_json(floor.record(), lines=True)
    json.dumps(floor.record(), allow_nan=False)


@pytest.mark.parametrize("garbage", [b"\xff", b"{", b"[]", b"7", b"null", b'{"counted":"abc"}', b'{"run":"x"}'])
def test_what_is_not_understood_is_passed_over(told: Told, garbage: bytes) -> None:
    before = told.floor.record()
    for line in ("L1", "L2"):
        told.floor.hear(f"bf/v1/1000/{line}/_status", garbage, retained=False)
    told.floor.hear("bf/v1/_gateway/gw1/alert/backlog", b"7", retained=False)
    assert told.floor.record() == before


@pytest.mark.parametrize("size", [(80, 24), (60, 12), (44, 10), (120, 50)])
@pytest.mark.parametrize("keys", [[], ["points"], ["on"], ["down", "down", "points"], ["on"] * 9, ["up"]])
def test_a_screen_of_any_size_is_kept_and_no_figure_cut(told: Told, size: tuple[int, int], keys: list[str]) -> None:
    point = {"point": "0010", "yield": "1234567", "wip": "89"}
    for number in range(30):
        told.line(f"L{number:02d}", points=[point] * 3, posted="1234567", open="0", scrap="12", rate_per_min="31.5")
    view = View(told.floor, "mqtt://broker.example:1883")
    view.draw(*size)
    for key in keys:
        view.press(key)
        drawn = view.draw(*size)
    drawn = view.draw(*size)
    text = "\n".join(line for line, _ in drawn)
    assert len(drawn) <= size[1], text
    assert max(len(line) for line, _ in drawn) <= size[0], text
    assert "1 234 567" in text
    assert "of 31" in text or len(drawn) > 31
