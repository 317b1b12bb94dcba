"""The looks of the board, the wall and the page of a line: nothing is cut on any screen, and all can read it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.integration.browser import AWAY, await_state, states, wait_for, window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.plant import stocked
from tests.integration.told_plant import KINDS, ToldPlant, status
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto

Scene = tuple[ToldPlant, WebProcess]
OVERLAPS = """
[...document.querySelectorAll("#tiles .tile")].flatMap((tile) => {
  const shown = [".top", ".difference", ".bars", ".foot", ".notes"].map((name) => tile.querySelector(name))
    .filter((part) => part.getClientRects().length && (part.textContent || part.matches(".bars")));
  const boxes = shown.map((part) => part.getBoundingClientRect());
  return boxes.slice(1).flatMap((box, index) => box.top < boxes[index].bottom - 3 ? [tile.textContent] : []);
})
"""
"""The tiles whose parts lie over each other."""
SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desk": (1920, 1080)}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Offer a plant that tells its statuses, and the web process that shows them; a test looks at lines of its own."""
    with Mosquitto() as broker, ToldPlant("127.0.0.1", broker.port) as told, GatewayProcess(broker.url) as gateway:
        stocked(gateway, tmp_path_factory.mktemp("look") / "shop")
        with WebProcess(gateway.config) as web:
            yield told, web.add_user().start()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "de"])
def test_pages_fit_and_are_accessible(scene: Scene, scheme: str, size: str, language: str, tmp_path: Path) -> None:
    plant, web = scene
    plant.tell_all(12)
    plant.alert("silent", "1 device is silent: c-L05-scrap")
    plant.alert("ledger", "the ledger is away", "error")
    width, height = SIZES[size]
    with window(viewport={"width": width, "height": height}, color_scheme=scheme, locale=language) as shown:
        page = shown.context.new_page()
        page.goto(f"{web.url}/login")
        findings = {"login": look(page, tmp_path, f"login-{size}-{scheme}-{language}")}
        page.close()
        page = shown.sign_in(web)
        await_state(page, "L12", "ok")
        findings["board"] = look(page, tmp_path, f"board-{size}-{scheme}-{language}")
        page.goto(f"{web.url}/line/1000/L06")
        wait_for(lambda: page.locator("#head").get_attribute("data-state") == "behind", page.content, page)
        findings["line"] = look(page, tmp_path, f"line-{size}-{scheme}-{language}")
        assert findings == {"login": [], "board": [], "line": []}
        shown.check()


def look(page: Page, folder: Path, name: str) -> list[str]:
    """Return the faults of a page: those of accessibility, and whatever is wider than the screen."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
    texts = [
        f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')[:200]}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
    return [*texts, *(["wider than the screen"] if wide else [])]


@pytest.mark.parametrize("lines", [1, 4, 12, 24, 50, 130])
def test_a_wall_shows_everything_without_scrolling(scene: Scene, lines: int, tmp_path: Path) -> None:
    plant, web = scene
    plant.tell_all(lines)
    with window(viewport={"width": 1920, "height": 1080}) as shown:
        page = shown.context.new_page()
        page.goto(f"{web.url}/pair")
        code = page.locator(".code").inner_text().replace(" ", "")
        own = [word for number in range(1, lines + 1) for word in ("--lines", f"1000/L{number:02d}")]
        assert web.command("display", "add", code, f"hall-{lines}", *own).status == 0
        page.wait_for_url("**/board?view=wall", timeout=60_000)
        wait_for(lambda: len(states(page)) == min(lines, 60), lambda: states(page), page)
        check_wall(page, tmp_path / f"wall-{lines}.png")
        if lines > 60:
            abnormal = [state for state in states(page).values() if state != "ok"]
            assert len(abnormal) == sum(kind in ("stopped", "no-run", "behind", "no-data")
                                        for kind in [KINDS[(n - 1) % 12] for n in range(1, lines + 1)])  # fmt: skip
            first = [*states(page)]
            wait_for(lambda: [*states(page)] != first, lambda: first, page)
        shown.check(*AWAY)


@pytest.mark.parametrize("lines", [6, 12, 25])
def test_a_wall_of_two_plants_in_german_at_night_shows_everything(scene: Scene, lines: int, tmp_path: Path) -> None:
    plant, web = scene
    plant.tell_all(lines)
    for number in range(1, lines + 1):
        night = status(number, "stopped", datetime.now(UTC))
        night["day"] |= {
            "shift": "",
            "shift_end": None,
            "yield": "112345",
            "planned": "500000",
            "planned_now": "118000",
        }
        plant.tell(
            number, "stopped", plant="1000" if number % 2 else "2000", line=f"PRESS-{number:02d}", day=night["day"]
        )
    with window(viewport={"width": 1920, "height": 1080}) as shown:
        own = [f"1000/L{n:02d},{1000 if n % 2 else 2000}/PRESS-{n:02d}" for n in range(1, lines + 1)]
        page = shown.sign_in(web, f"/board?view=wall&lang=de&lines={','.join(own)}")
        wait_for(lambda: len(states(page)) == lines * 2, lambda: states(page), page)
        assert states(page)["1000/PRESS-01"] == "rest"
        assert "KEINE SCHICHT" in page.locator("#sum").inner_text()
        check_wall(page, tmp_path / f"wall-{lines}.png")
        shown.check()


def check_wall(page: Page, picture: Path) -> None:
    """Check that nothing of a wall is cut or lies over something else."""
    page.wait_for_timeout(500)
    page.screenshot(path=picture)
    cut = page.evaluate(
        "[...document.querySelectorAll('#tiles .name, #tiles .state, #tiles .difference, #tiles .foot')]"
        ".filter((each) => each.offsetParent && each.scrollWidth > each.parentElement.clientWidth + 1)"
        ".map((each) => each.textContent)"
    )
    assert cut == []
    cut = page.evaluate(
        "[...document.querySelectorAll('#tiles .name, #tiles .state, #tiles .difference, #tiles .made')]"
        ".filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === 'hidden')"
        ".map((each) => each.textContent)"
    )
    assert cut == []
    assert page.evaluate(OVERLAPS) == []
    old = "[...document.querySelectorAll('[data-state=no-data] .made')].map((each) => each.textContent).join('')"
    assert page.evaluate(old) == ""
    tall = page.evaluate(
        "[...document.querySelectorAll('#tiles .tile')].filter((each) => each.scrollHeight > each.clientHeight + 1)"
        ".map((each) => each.textContent)"
    )
    assert tall == []
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
