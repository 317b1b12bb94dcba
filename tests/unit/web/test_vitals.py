"""The newest hour of a gateway's health: bounded, honest about gaps, drawn and told as a table."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.service.floor.floor import Floor
from gateway.web import vitals
from gateway.web.vitals import EVERY_S, FIGURES, VitalsHistory
from tests.asgi import ask
from tests.unit.web.test_metrics import HEALTH, Watched


class Hour:
    """A floor whose clock the test turns."""

    def __init__(self) -> None:
        self.now_s = 1_795_335_000.0
        self.floor = Floor("bf/v1", "", "", lambda: self.now_s, lambda: self.now_s)
        self.floor.up()
        self.history = VitalsHistory(self.floor, lambda: self.now_s)

    def tell(self, name: str = "gw1", *, state: str = "online", **figures: Any) -> None:
        """Let half a minute pass, and let a gateway tell its health."""
        self.now_s += EVERY_S
        for topic, said in (("state", {"state": state, "phase": "ready"}), ("health", figures)):
            self.floor._hear_gateway(name, [topic], json.dumps(said).encode(), retained=False)  # noqa: SLF001 - without pydantic
        self.history.note(self.now_s)


def test_the_hour_is_bounded_and_so_are_gateways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "_MOST_GATEWAYS", 2)
    hour = Hour()
    for name in ("gw1", "gw2", "gw3", "gw4"):
        hour.tell(name, worklist=1)
    for number in range(200):
        hour.tell(worklist=number)
    assert hour.history.gateways == ["gw1", "gw2"]
    [spark] = hour.history.sparks("gw1")
    assert (spark.name, spark.newest, spark.least, spark.most) == ("worklist", 199, 80, 199)
    assert len(spark.lines[0].split()) == 120
    assert 12 <= len(hour.history.rows("gw1")) <= 13
    assert hour.history.rows("gw1")[0].figures == {"worklist": 199}
    hour.floor._hear_gateway("gw1", ["state"], b"", retained=False)  # noqa: SLF001 - it is taken back
    hour.now_s += EVERY_S
    hour.history.note(hour.now_s)
    assert "gw1" not in hour.history.gateways


def test_a_gateway_that_is_away_leaves_a_gap_and_nothing_old_looks_new() -> None:
    hour = Hour()
    for state in ("online", "online", "offline", "online", "online"):
        hour.tell(state=state, worklist=5)
    [spark] = hour.history.sparks("gw1")
    assert [len(line.split()) for line in spark.lines] == [2, 2]
    hour.floor.away("refused")
    hour.now_s += EVERY_S
    hour.history.note(hour.now_s)
    assert hour.history.sparks("gw1")[0].newest is None
    assert hour.history.rows("gw1")[0].figures == {}


def test_figures_come_once_in_half_a_minute() -> None:
    hour = Hour()
    hour.tell(worklist=1)
    for _ in range(10):
        hour.history.note(hour.now_s + 1)
    assert len(hour.history.rows("gw1")) == 1
    assert hour.history.sparks("gw1")[0].lines == []


@pytest.mark.parametrize("health", [{"worklist": "x"}, {"journal": []}, {"memory_mb": 1e999}, {"backlog": [1]}])
def test_what_is_no_figure_is_left_out(health: dict[str, Any]) -> None:
    hour = Hour()
    hour.tell(**health)
    assert hour.history.sparks("gw1") == []


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Watched]:
    """Offer a site that hears a gateway."""
    with Watched(tmp_path) as made:
        made.board.floor.up()
        yield made


async def test_the_page_draws_each_figure_and_has_its_table(house: Watched) -> None:
    house.tell_gateway()
    for at_s in (0.0, EVERY_S, 2 * EVERY_S):
        house.board.vitals.note(at_s)
    for language, title in (("en", "The last hour of gw1"), ("de", "Die letzte Stunde von gw1")):
        page = await ask(house.app, f"/gateways?lang={language}", cookie=house.session("viewer"))
        assert page.status == 200
        assert page.body.count(title) == 2, "a heading, and the name of the table"
        assert page.body.count("<polyline") == len(FIGURES)
        assert f'<td class="number">{HEALTH["worklist"]}</td>' in page.body


async def test_hostile_names_of_gateways_are_inert(house: Watched) -> None:
    name = "<script>alert(1)</script>"
    house.tell(f"_gateway/{name.replace('/', '')}/state", {"state": "online", "phase": "ready"})
    house.tell(f"_gateway/{name.replace('/', '')}/health", HEALTH)
    house.board.vitals.note(0.0)
    page = await ask(house.app, "/gateways", cookie=house.session("viewer"))
    assert (page.status, "<script>alert" in page.body) == (200, False)
