"""The demo and its board: a newcomer follows the link, sees a day that moves, and kills a gateway."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from gateway.cli.run.demo_board import listen
from tests.integration.browser import AWAY, Window, await_state, wait_for, window
from tests.integration.cli_program import Program, Said, called
from tests.integration.gateway_process import ROOT
from tests.integration.keyboard import type_keys


class Demo(NamedTuple):
    """What the tests of this module share."""

    process: "subprocess.Popen[str]"
    told: dict[str, str]
    """What it has printed, by its first word."""
    shown: Window
    board: Page

    def command(self, *words: str) -> Said:
        """Run another command beside the demo, with the configuration that it names."""
        return called(Path(self.told["look"].split()[-1]), *words)

    def read(self, selector: str) -> str:
        """Return a text of the board."""
        return str(self.board.evaluate(f"document.querySelector({json.dumps(selector)})?.textContent ?? ''"))

    def notes(self) -> dict[str, str]:
        """Return the last line of each tile, by its line."""
        found: dict[str, str] = self.board.evaluate(
            "Object.fromEntries([...document.querySelectorAll('#tiles .tile')].map((tile) =>"
            " [tile.querySelector('.name').textContent, tile.querySelector('.notes').textContent]))"
        )
        return found

    def owner(self, line: str) -> str:
        """Return the gateway that a tile names."""
        return self.notes().get(line, "").rpartition(" ")[2]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Offer a demo, and its board: two gateways and a standby."""
    program = Program(tmp_path_factory.mktemp("demo"))
    with program.running("demo", "--seed", "1", until="database") as process:
        assert process.stderr is not None
        told: dict[str, str] = {}
        for line in process.stderr:
            name, _, text = line.partition(": ")
            told[name] = text.strip()
            if name == "gateways":
                break
        with window() as shown:
            board = shown.context.new_page()
            board.goto(told["sign in"].split()[0])
            yield Demo(process, told, shown, board)
            shown.check(*AWAY)


def test_the_link_opens_a_board_that_moves_once(demo: Demo) -> None:
    link, page = demo.told["sign in"].split()[0], demo.board
    wait_for(lambda: demo.read("#tiles .tile .foot") != "", page.content, page)
    assert page.url == link.partition("/enter")[0] + "/board"
    first = demo.read("#tiles .tile .foot")
    wait_for(lambda: demo.read("#tiles .tile .foot") != first, lambda: first, page)
    second = demo.shown.context.new_page()
    second.goto(link)
    wait_for(lambda: second.locator(".fault").count() == 1, second.content, second)
    second.close()
    page.go_back()
    assert "#" not in page.url, "the secret is not in the history"
    page.goto(demo.told["board"])


def test_the_board_shows_a_day_as_planned_behind_it_standing_and_with_scrap(demo: Demo) -> None:
    for line, state in (("L01", "ok"), ("L02", "behind"), ("L03", "stopped"), ("L05", "ok"), ("L06", "ok")):
        await_state(demo.board, line, state)
    notes = [demo.notes()[f"L0{number}"] for number in range(1, 7)]
    scrap = [int(re.sub(r"\D", "", found[0])) for note in notes if (found := re.search(r"scrap [\d,]+", note))]
    assert max(scrap) == scrap[4] > 3 * scrap[5], notes


def test_a_web_scanner_works_on_the_lines_of_both_gateways(demo: Demo) -> None:
    page, other = demo.shown.context.new_page(), demo.shown.context.new_page()
    address = demo.board.url.removesuffix("/board")
    page.goto(f"{address}/pair")
    code = page.locator(".code").inner_text().replace(" ", "")
    paired = demo.command("web", "scanner", "add", code, "--plant", "1000", "--json")
    assert paired.status == 0, paired.err
    for tab in (page, other):
        tab.goto(f"{address}/pair")
    place, answer = page.locator("#place"), page.locator("#answer")
    keys, keys_of_other = (demo.shown.context.new_cdp_session(tab) for tab in (page, other))

    def says(text: str, tab: Page = page) -> None:
        shown = tab.locator("#answer")
        wait_for(
            lambda: text in shown.inner_text() and shown.get_attribute("data-led") == "green", shown.inner_text, tab
        )

    def stand_on(line: str) -> None:
        """Scan the card of a line, and again if its gateway does not know the scanner yet."""

        def is_there() -> bool:
            if answer.get_attribute("data-led") == "red":
                type_keys(keys, f"BF:LINE:1000:{line}\n")
            return line in place.inner_text()

        type_keys(keys, f"BF:LINE:1000:{line}\n")
        wait_for(is_there, answer.inner_text, page)

    stand_on("L06")
    type_keys(keys, "]C101020000000010122170\n")
    says("12 PC")
    type_keys(keys, "BF:OPERATOR:4711\n")
    wait_for(lambda: "4711" in page.locator("#about").inner_text(), answer.inner_text, page)
    stand_on("L01")
    wait_for(lambda: "L01" in other.locator("#place").inner_text(), other.content, other)
    type_keys(keys_of_other, "]C10102000000000039\n")
    says("1 PC", other)
    stand_on("L06")
    type_keys(keys, "BF:UNDO\n")
    says("UNDONE")
    assert "L06" in place.inner_text(), "it stays at its line"
    type_keys(keys, "]C101020000000010122171\n")
    says("12 PC")
    said = demo.command("report", "documents", "--device", paired.json["device"], "--json")
    told = [(each["line"], each["yield"], each["actor"]) for each in reversed(said.json)]
    assert told == [("L06", "12", ""), ("L01", "1", "4711"), ("L06", "12", "4711")]
    for tab in (page, other):
        tab.close()


def test_the_board_tells_that_a_gateway_is_killed_and_that_its_standby_has_the_lines(demo: Demo) -> None:
    # The line is its own or, on a machine too busy to renew a lease, already its standby's.
    first = demo.owner("L01")
    other = {"gw1": "gw3", "gw3": "gw1"}[first]
    process = re.search(rf"{first} \w+ \(pid (\d+)\)", demo.told["gateways"])
    assert process is not None, demo.told
    os.kill(int(process[1]), signal.SIGKILL)
    wait_for(lambda: f"✕ {first}" in demo.read("#gateways"), lambda: demo.read("#gateways"), demo.board)
    wait_for(lambda: {demo.owner(line) for line in ("L01", "L02", "L03")} == {other}, demo.notes, demo.board)
    assert {demo.owner(line) for line in ("L04", "L05", "L06")} == {"gw2"}
    demo.process.send_signal(signal.SIGINT)
    out, _ = demo.process.communicate(timeout=150)
    assert demo.process.returncode == 0, out
    assert "all of them were read" in out
    assert "laws hold" in out


def test_a_second_demo_takes_another_port_and_keeps_it() -> None:
    with closing(listen(0)) as first, closing(listen(first.getsockname()[1])) as second:
        first_port, second_port = first.getsockname()[1], second.getsockname()[1]
        assert first_port != second_port
        with pytest.raises(OSError, match="in use"):
            socket.create_server(("127.0.0.1", second_port))


def test_without_the_packages_of_the_pages_the_demo_says_so_and_runs() -> None:
    words = ["demo", "--lines", "1", "--gateways", "1", "--for", "1"]
    run = (
        f"import sys; sys.modules['aiomqtt'] = None; sys.argv[1:] = {words}; from gateway.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "board: none without aiomqtt: pip install --require-hashes -r requirements/web.txt" in done.stderr
    assert "laws hold" in done.stdout
