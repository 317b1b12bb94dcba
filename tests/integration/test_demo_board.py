"""The demo and its board: a newcomer follows the printed link and sees the board move."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.integration.browser import wait_for, window
from tests.integration.cli_program import Program
from tests.integration.gateway_process import ROOT


def test_the_link_of_the_demo_opens_a_board_that_moves(tmp_path: Path) -> None:
    words = "demo", "--lines", "3", "--rate", "20", "--seed", "1"
    with Program(tmp_path).running(*words, until="board: ") as demo:
        assert demo.stderr is not None
        link = demo.stderr.readline().removeprefix("sign in: ").split()[0]
        with window() as shown:
            page = shown.context.new_page()
            page.goto(link)
            made = "document.querySelector('#tiles .tile .foot')?.textContent ?? ''"
            wait_for(lambda: page.evaluate(made) != "", page.content, page)
            assert page.url == link.partition("/enter")[0] + "/board"
            first = page.evaluate(made)
            wait_for(lambda: page.evaluate(made) != first, lambda: first, page)
            page.go_back()
            assert "#" not in page.url, "the secret is not in the history"
            second = shown.context.new_page()
            second.goto(link)
            wait_for(lambda: second.locator(".fault").count() == 1, second.content, second)
            shown.check("Failed to load resource")
        demo.send_signal(signal.SIGINT)
        out, _ = demo.communicate(timeout=150)
        assert demo.returncode == 0, out


def test_without_the_packages_of_the_pages_the_demo_says_so_and_runs() -> None:
    words = ["demo", "--lines", "1", "--for", "1"]
    run = (
        f"import sys; sys.modules['aiomqtt'] = None; sys.argv[1:] = {words}; from gateway.__main__ import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "board: none without aiomqtt: pip install --require-hashes -r requirements/web.txt" in done.stderr
    assert "laws hold" in done.stdout
