"""The board in a real browser: it follows the plant, and says when it cannot."""

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.integration.browser import AWAY, await_state, states, wait_for, window
from tests.integration.cli_program import Program
from tests.integration.gateway_process import GatewayProcess
from tests.integration.plant import stocked
from tests.integration.told_plant import KINDS, ToldPlant
from tests.integration.web_process import PASSWORD, WebProcess
from tests.servers import Mosquitto

MINUS = "\u2212"


@pytest.fixture
def plant(mosquitto: Mosquitto) -> Iterator[ToldPlant]:
    """Offer a broker on which a plant tells its statuses."""
    with ToldPlant("127.0.0.1", mosquitto.port) as told:
        yield told


@pytest.fixture
def web(mosquitto: Mosquitto, tmp_path: Path) -> Iterator[WebProcess]:
    """Offer a web process with a user and the shipped plant's ledger, not started; no gateway runs on this machine."""
    with GatewayProcess(mosquitto.url) as gateway, WebProcess(gateway.config) as process:
        stocked(gateway, tmp_path / "shop")
        yield process.add_user()


def test_the_board_shows_every_state_and_follows_the_plant(plant: ToldPlant, web: WebProcess) -> None:
    plant.tell_all(12)
    plant.alert("silent", "1 device is silent: c-L05-scrap")
    web.start()
    with window(viewport={"width": 1920, "height": 1080}) as shown:
        page = shown.sign_in(web)
        await_state(page, "L12", "ok")
        wanted = [{"ahead": "ok", "rework": "ok"}.get(kind, kind) for kind in KINDS]
        assert states(page) == {f"L{number:02d}": state for number, state in enumerate(wanted, start=1)}
        assert "gw1 ready" in page.locator("#gateways").inner_text()
        assert "gw2 has ended" in page.locator("#gateways").inner_text()
        page.click("#alerts summary")
        assert "c-L05-scrap" in page.locator("#alerts ul").inner_text()
        plant.tell(1, "behind")
        await_state(page, "L01", "behind")
        assert page.locator("#tiles .tile").first.locator(".difference").inner_text().startswith(MINUS)
        first = page.locator("#tiles .tile").first
        assert first.locator(".bar").count() > 0
        plant.tell(1, "ok", day=None)
        wait_for(lambda: first.locator(".bar").count() == 0, first.inner_html, page)
        assert "no figures of today" in first.inner_text()
        for line in ("L03", "L08"):
            plant.publish(f"1000/{line}/_status", None)
        wait_for(lambda: "L08" not in states(page), lambda: states(page), page)
        await_state(page, "L03", "no-data")  # it is maintained
        assert "no gateway has told anything of it" in page.locator("#tiles .tile", has_text="L03").inner_text()
        plant.publish("1000/L04/_status", b'{"plant": "<b>", "counted": ')
        plant.gateway("gw1", "offline", "stopped")
        await_state(page, "L01", "no-data")
        shown.check()


def test_text_of_a_plant_is_inert(plant: ToldPlant, web: WebProcess) -> None:
    hostile = "<img src=x onerror=alert(1)>\"'</script><script>document.title='bad'</script>"
    plant.gateway()
    plant.tell(
        1, "ok", description=hostile, run={"material": hostile, "version": hostile, "start": "x", "batch": hostile}
    )
    plant.alert("silent", hostile)
    web.start()
    with window() as shown:
        page = shown.sign_in(web)
        await_state(page, "L01", "ok")
        assert page.locator(".tile .product").first.inner_text() == hostile
        page.goto(f"{web.url}/line/1000/L01")
        wait_for(lambda: hostile in page.locator("#run").inner_text(), lambda: page.locator("#run").inner_text(), page)
        assert page.locator("img, main script").count() == 0
        assert "bad" not in page.title()
        shown.check()


def test_a_wall_is_not_loaded_again_while_its_server_is_away(plant: ToldPlant, web: WebProcess) -> None:
    plant.gateway()
    plant.tell(1)
    web.start()
    with window() as shown:
        page = shown.sign_in(web, "/board?view=wall")
        await_state(page, "L01", "ok")
        page.evaluate("void (window.isOld = true)")
        web.freeze()
        page.locator("#lost").wait_for(state="visible")
        page.evaluate("renew()")
        page.wait_for_timeout(1_000)
        assert page.evaluate("window.isOld") is True
        web.thaw()
        page.locator("#lost").wait_for(state="hidden")
        with page.expect_navigation():
            page.evaluate("renew()")
        assert page.evaluate("window.isOld === undefined")
        await_state(page, "L01", "ok")
        shown.check(*AWAY)


def test_a_server_that_was_away_is_found_again_and_a_vanished_line_is_not(plant: ToldPlant, web: WebProcess) -> None:
    plant.gateway()
    plant.tell(1)
    plant.tell(7, "ok")
    web.start()
    with window() as shown:
        page = shown.sign_in(web)
        await_state(page, "L07", "ok")
        port = web.port
        web.kill()
        page.locator("#lost").wait_for(state="visible")
        plant.publish("1000/L07/_status", None)
        web.start(port)
        page.locator("#lost").wait_for(state="hidden", timeout=60_000)
        wait_for(lambda: [*states(page)] == [f"L{n:02d}" for n in range(1, 7)], lambda: states(page), page)
        shown.check(*AWAY)


def test_the_page_of_a_line_that_is_gone_shows_no_figures(plant: ToldPlant, web: WebProcess) -> None:
    plant.gateway()
    plant.tell(7, "ok")
    web.start()
    with window() as shown:
        page = shown.sign_in(web, "/line/1000/L07")

        def await_head(state: str) -> None:
            head = page.locator("#head")
            wait_for(lambda: head.get_attribute("data-state") == state, page.content, page)

        await_head("ok")
        plant.publish("1000/L07/_status", None)
        await_head("no-data")
        assert "NO DATA" in page.locator("#state").inner_text()
        assert page.locator("#figures dd").count() == 0
        plant.tell(7, "ok")
        await_head("ok")
        port = web.port
        web.kill()
        plant.publish("1000/L07/_status", None)
        web.start(port)
        await_head("no-data")
        assert page.locator("#figures dd").count() == 0
        shown.check(*AWAY)


def test_lists_keep_their_time_while_the_ledger_is_away(plant: ToldPlant, web: WebProcess) -> None:
    plant.gateway()
    plant.tell(5)
    web.start()
    with window() as shown:
        page = shown.sign_in(web, "/line/1000/L05")
        asof = page.locator("#asof")
        wait_for(lambda: "As of" in asof.inner_text(), asof.inner_text, page)
        row = page.locator("#devices tr", has_text="c-L05-scrap")
        wait_for(lambda: "silent" in row.inner_text(), row.inner_text, page)
        ledger = next(web.config.parent.rglob("ledger.sqlite"))
        ledger.rename(ledger.with_suffix(".away"))
        wait_for(lambda: "ledger not readable" in asof.inner_text(), asof.inner_text, page)
        assert "As of" in asof.inner_text()
        shown.check(*AWAY)


def test_a_person_who_is_disabled_is_led_to_the_sign_in(plant: ToldPlant, web: WebProcess) -> None:
    plant.gateway()
    plant.tell(1)
    web.start()
    with window() as shown:
        page = shown.sign_in(web)
        await_state(page, "L01", "ok")
        assert web.command("user", "disable", "anna").status == 0
        wait_for(lambda: "/login" in page.url, lambda: page.url, page)
        page.fill("#name", "anna")
        page.fill("#password", PASSWORD)
        page.click("button")
        assert "User or password is wrong" in page.locator(".fault").inner_text()
        shown.check(*AWAY)


def test_a_person_sees_own_lines_alone(plant: ToldPlant, web: WebProcess) -> None:
    plant.tell_all(3)
    plant.alert("silent", "c-L03-scrap is silent")
    web.add_user("olga", "viewer", "1000/L01").start()
    with window() as shown:
        page = shown.sign_in(web, "/board", "olga")
        await_state(page, "L01", "ok")
        page.wait_for_timeout(1_000)
        assert [*states(page)] == ["L01"]
        assert "c-L03" not in page.content()
        assert page.goto(f"{web.url}/line/1000/L02").status == 403  # type: ignore[union-attr]
        shown.check(*AWAY)


def test_the_eighth_page_still_loads_because_hidden_ones_give_their_streams_back(
    plant: ToldPlant, web: WebProcess
) -> None:
    plant.gateway()
    plant.tell(1)
    web.start()
    with window() as shown:
        pages = [shown.sign_in(web)]
        await_state(pages[0], "L01", "ok")
        for _ in range(7):
            turn(pages[-1], is_hidden=True)
            assert pages[-1].locator("#lost").is_visible()
            pages.append(shown.context.new_page())
            pages[-1].goto(f"{web.url}/board")
            await_state(pages[-1], "L01", "ok")
        turn(pages[0], is_hidden=False)
        pages[0].locator("#lost").wait_for(state="hidden")
        plant.tell(1, "behind")
        await_state(pages[0], "L01", "behind")
        shown.check()


def turn(page: Page, *, is_hidden: bool) -> None:
    """Tell a page that it is hidden, or shown again: a browser without a screen shows all of its pages."""
    page.evaluate(
        f"Object.defineProperty(document, 'hidden', {{value: {str(is_hidden).lower()}, configurable: true}});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )


def test_the_process_refuses_to_start_unprotected_and_ends_in_order(mosquitto: Mosquitto) -> None:
    with GatewayProcess(mosquitto.url) as gateway, WebProcess(gateway.config) as web:
        program = Program(gateway.data)
        done = program("web", "-c", str(gateway.config))
        assert (done.status, "web user add anna" in done.err) == (2, True), done.err
        done = program("web", "-c", str(gateway.config), "--host", "0.0.0.0")
        assert (done.status, "expected cert_file and key_file" in done.err) == (2, True), done.err
        web.add_user().start()
        for _ in range(30):
            stranger = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
            stranger.request("POST", "/logout", headers={"Sec-Fetch-Site": "cross-site"})
            assert stranger.getresponse().status == 403
            stranger.close()
        assert web.stop() == 0, web.log
        assert 10 <= web.log.count("refused: POST /logout") <= 20, web.log  # ten of each minute
