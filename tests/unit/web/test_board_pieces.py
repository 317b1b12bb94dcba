"""The pieces of a board: each page gets what it has not seen, and only what it may."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web.board import Board, PageContent
from gateway.web.ledger_reader import LedgerReader, MasterFacts
from gateway.web.rights import Visitor
from gateway.web.tiles import LineFacts

ALL = Visitor("anna", "session", frozenset({"board"}), ("*",))
SOME = Visitor("olga", "session", frozenset({"board"}), ("1000/L01",))
DAY = {
    "date": "2026-11-22",
    "planned": "10",
    "planned_now": "5",
    "yield": "4",
    "scrap": "0",
    "rework": "0",
    "hours": [],
}


class Scene:
    """A board, and a floor that hears what a test tells."""

    def __init__(self, folder: Path) -> None:
        settings = Settings.model_validate({"gateway": {"data_dir": folder}})
        self.floor = Floor("bf/v1", "", "", time.monotonic, time.time)
        self.floor.up()
        self.reader = LedgerReader(settings)
        self.board = Board(self.floor, self.reader, settings.board)

    def tell(self, line: str, **said: Any) -> None:
        """Let a line tell its status."""
        body = {"plant": "1000", "line": line, "run": {"material": "PUMP"}, "day": DAY, **said}
        self.floor.hear(f"bf/v1/1000/{line}/_status", json.dumps(body).encode(), retained=False)
        self.board.hear()

    def maintain(self, *lines: str) -> None:
        """Let the master data have some lines."""
        plants = {name: Plant(name) for name in ("1000", "2000")}
        facts = {("1000", line): LineFacts(f"Line {line}") for line in lines}
        self.reader.facts = MasterFacts(facts, MasterData(plants=plants))
        self.board.hear()

    def empty(self, line: str) -> None:
        """Empty the topic of a line."""
        self.floor.hear(f"bf/v1/1000/{line}/_status", b"", retained=False)
        self.board.hear()

    def events(self, visitor: Visitor = ALL, seen: int = 0, wanted: PageContent | None = None) -> dict[str, Any]:
        """Return the events that a page has not seen, by name; lines by their names."""
        self.board.refresh()
        found = {name: json.loads(data) for name, data in self.board.events(visitor, wanted or PageContent(), seen)}
        return {
            name: {each["line"]: each for each in said} if isinstance(said, list) else said
            for name, said in found.items()
        }


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Offer a board."""
    made = Scene(tmp_path)
    yield made
    made.reader.close()


def test_a_new_page_gets_everything_and_then_only_changes(scene: Scene) -> None:
    scene.tell("L01")
    scene.tell("L02")
    assert [*scene.events()["lines"]] == ["L01", "L02"]
    seen = scene.board.number
    assert scene.events(seen=seen) == {}
    scene.tell("L02", rate_per_min="7")
    assert [*scene.events(seen=seen)["lines"]] == ["L02"]
    assert "days" not in scene.events(seen=seen)


def test_a_line_that_is_gone_is_said_to_pages_that_have_seen_it_alone(scene: Scene) -> None:
    scene.tell("L01")
    scene.events()
    seen = scene.board.number
    scene.empty("L01")
    assert scene.events(seen=seen)["lines"]["L01"]["gone"] is True
    assert "lines" not in scene.events()
    scene.tell("L01")
    assert "gone" not in scene.events()["lines"]["L01"]


def test_a_day_that_is_not_told_any_longer_is_taken_back(scene: Scene) -> None:
    scene.tell("L01")
    assert scene.events()["days"]["L01"]["planned"] == "10"
    seen = scene.board.number
    scene.tell("L01", day=None)
    assert scene.events(seen=seen)["days"]["L01"]["gone"] is True
    assert scene.events(seen=seen)["lines"]["L01"]["made"] is None


def test_a_page_gets_its_own_lines_and_topics(scene: Scene) -> None:
    scene.tell("L01")
    scene.tell("L02")
    assert [*scene.events(SOME)["lines"]] == ["L01"]
    assert [*scene.events(wanted=PageContent(lines=frozenset({"1000/L02"})))["lines"]] == ["L02"]
    assert scene.events(SOME, wanted=PageContent(lines=frozenset({"1000/L02"}))).keys() == {"gateways"}
    assert "detail" not in scene.events()
    detail = scene.events(wanted=PageContent(frozenset({"detail"})))["detail"]["L01"]
    assert detail["run"] == {"material": "PUMP"}


def test_a_maintained_line_of_which_nothing_was_told_has_no_data(scene: Scene) -> None:
    scene.maintain("L01", "L02", "L03")
    scene.tell("L01")
    scene.tell("L03")
    told = scene.events()["lines"]
    assert {line: tile["state"] for line, tile in told.items()} == {
        "L01": "no-data",
        "L02": "no-data",
        "L03": "no-data",
    }
    assert (told["L02"]["at"], told["L02"]["name"], told["L02"]["made"]) == (None, "Line L02", None)
    assert (told["L01"]["at"] is not None, "L02" in scene.events(SOME)["lines"]) == (True, False)
    seen = scene.board.number
    scene.tell("L02")
    assert scene.events(seen=seen)["lines"]["L02"]["at"] is not None
    scene.empty("L03")
    after = scene.events()
    assert (after["lines"]["L03"]["at"], "L03" in after["days"]) == (None, False)
    scene.maintain("L01")
    assert scene.events(seen=seen)["lines"]["L03"]["gone"] is True


def test_plants_are_told_to_those_who_see_a_line_of_them(scene: Scene) -> None:
    scene.maintain("L01")
    for visitor, plants in ((ALL, ["1000", "2000"]), (SOME, ["1000"]), (SOME._replace(lines=("2000/*",)), ["2000"])):
        assert [each["plant"] for each in scene.events(visitor)["gateways"]["plants"]] == plants


def test_old_selections_are_forgotten(scene: Scene) -> None:
    scene.tell("L01")
    for number in range(1_000):
        scene.events(wanted=PageContent(lines=frozenset({f"1000/{number}"})))
    assert len(scene.board._joined) <= 256  # noqa: SLF001 - the part that is tried


def test_alerts_are_told_to_those_who_see_every_line(scene: Scene) -> None:
    alert = {"id": "silent", "severity": "error", "text": "c-L02 is silent", "since": "x", "hint": "look"}
    scene.floor.hear("bf/v1/_gateway/gw1/alert/silent", json.dumps(alert).encode(), retained=True)
    scene.tell("L01")
    assert scene.events()["gateways"]["told"][0]["text"] == "c-L02 is silent"
    brief = scene.events(SOME)["gateways"]
    assert ("told" not in brief, brief["alerts"], brief["errors"]) == (True, 1, 1)


@pytest.mark.parametrize(
    ("gateway", "state", "frozen", "shown"),
    [
        ("gw1", "online", None, "ok"),
        ("gw1", "offline", None, "no-data"),
        ("gw1", "online", "gw1", "no-data"),
        ("gw1", "online", "gw2", "ok"),
        ("gw2", "online", None, "ok"),  # nothing was heard of that gateway yet
        ("", "offline", None, "no-data"),  # an older gateway: none is there
    ],
)
def test_a_line_has_data_as_long_as_its_own_gateway_is_there(
    scene: Scene, gateway: str, state: str, frozen: str | None, shown: str
) -> None:
    said = {"state": state, "phase": "ready" if state == "online" else "stopped"}
    scene.floor.hear("bf/v1/_gateway/gw1/state", json.dumps(said).encode(), retained=False)
    scene.board.frozen = frozen
    now = "2026-11-22T08:00:00.000Z"
    scene.tell("L01", gateway=gateway, last_count=now, ts=now, day={**DAY, "yield": "5"})
    assert scene.events()["lines"]["L01"]["state"] == shown
    scene.floor.away("the broker is away")
    scene.board.hear()
    scene.tell("L01", gateway=gateway, last_count=now, ts=now)
    assert scene.events()["lines"]["L01"]["state"] == "no-data"
