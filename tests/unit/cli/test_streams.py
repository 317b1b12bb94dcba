"""Standard streams that are closed or that nobody reads: no file gets their number, and nobody waits for them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.cli.shared.streams import Lines

ROOT = Path(__file__).parents[3]


def test_every_line_that_has_room_is_written_in_order_and_the_rest_is_counted() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(write, True)
    lines = Lines(write, lambda dropped: f"{dropped} lines are missing", most=3)
    lines.start()
    for number in range(10):
        lines.say(f"line {number}")  # nobody reads: whoever waited here would wait for ever
    with os.fdopen(read, errors="replace") as reader:
        said = reader.readline().lstrip("x").strip()
        told = [said, reader.readline().strip()]
        lines.end()
        os.close(write)
        told += [line.strip() for line in reader]
    assert told[0] == "line 0"
    [missing] = [line for line in told if "missing" in line]
    written = [line for line in told if line != missing]
    assert written == [f"line {number}" for number in range(len(written))], "the newest is dropped, not the oldest"
    assert int(missing.split()[0]) == 10 - len(written)


def test_a_reader_that_never_reads_keeps_no_program_from_ending() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x")
    except BlockingIOError:
        os.set_blocking(write, True)
    lines = Lines(write, str)
    lines.start()
    lines.say("nobody hears this")
    lines.end(0.1)
    assert os.write(write, b"nor this") == 8, "it goes nowhere now, and does not wait"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_closed_standard_stream_gives_its_number_to_nothing_else(closed: tuple[int, ...], tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = f"""
import json, os, sys
from gateway.cli.shared.streams import fill_closed_streams
fill_closed_streams()
opened = os.open({str(tmp_path / "first")!r}, os.O_CREAT | os.O_WRONLY)
print("said"), print("said", file=sys.stderr), sys.stdin.read(), sys.stdout.flush()
json.dump([opened, [os.readlink(f"/proc/self/fd/{{n}}") if os.path.exists("/proc/self/fd") else "" for n in {closed}]],
          open({str(told)!r}, "w"))
"""
    shut = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {shut}', "sh", sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    opened, places = json.loads(told.read_text())
    assert opened > 2
    assert set(places) <= {os.devnull, ""}
