"""The web process beside others: its cost for boards that are open, and the gateway's speed with and without it.

Boards are connections that read the stream, as browsers do, in a thread of this process. Processor time is the web
process's own, by the system.
"""

import http.client
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from gateway.web.board import encode
from tests.benchmarks.figures import Figures
from tests.benchmarks.rounds import SQLITE, Bench
from tests.benchmarks.stage import Stage
from tests.integration.told_plant import status
from tests.integration.web_process import WebProcess

BOARDS = 20
_TICKS = os.sysconf("SC_CLK_TCK")
_LEAST = 5_000
"""Bytes a second of each board: fifty tiles are about four times that, a heartbeat alone is nothing."""
_SETTLE_S = 3.0
"""The time in which boards get their first picture."""


class Boards:
    """Connections that read the stream of a web process; a context manager."""

    def __init__(self, web: WebProcess, many: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._over = False
        self.heard = 0
        """Bytes so far."""
        done = web.command("token", "add", f"bench-{time.monotonic_ns()}", "--scope", "board")
        assert done.status == 0, done.err
        said = f"GET /stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {done.out.strip()}\r\n\r\n"
        for _ in range(many):
            connection = socket.create_connection(("127.0.0.1", web.port))
            connection.sendall(said.encode())
            self._selector.register(connection, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()

    def _read(self) -> None:
        while not self._over:
            for key, _ in self._selector.select(0.1) if self._selector.get_map() else []:
                assert isinstance(key.fileobj, socket.socket)
                got = key.fileobj.recv(1 << 18)
                assert got, "the web process ended a stream"
                self.heard += len(got)
            time.sleep(0.02)


class Telling:
    """Fifty lines that tell their statuses, so many a second, in a thread; a context manager."""

    def __init__(self, port: int, rate: float) -> None:
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(1_000)
        self._client.on_publish = self._note
        self._client.connect("127.0.0.1", port)
        self._rate = rate
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell)
        told = [status(number % 50, "ok", datetime.now(UTC), rate_per_min=str(number % 97)) for number in range(1_000)]
        self._statuses = [(f"bf/v1/1000/{said['line']}/_status", encode(said)) for said in told]
        self.delivered = 0
        """Statuses that the broker has."""

    def __enter__(self) -> Self:
        self._client.loop_start()
        for topic, said in (("state", {"state": "online", "phase": "ready"}), ("health", {"phase": "ready"})):
            self._client.publish(f"bf/v1/_gateway/gw1/{topic}", encode(said), qos=1, retain=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._client.disconnect()
        self._client.loop_stop()

    def _note(self, *_: object) -> None:
        self.delivered += 1

    def _tell(self) -> None:
        began, sent = time.monotonic(), 0
        while not self._over.wait(0.02):
            for number in range(sent, int((time.monotonic() - began) * self._rate)):
                topic, said = self._statuses[number % len(self._statuses)]
                self._client.publish(topic, said, qos=1, retain=True)
                sent += 1


def _cpu_s(web: WebProcess) -> float:
    fields = Path(f"/proc/{web.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def rss_mb(web: WebProcess) -> float:
    pages = int(Path(f"/proc/{web.pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _web(stage: Stage) -> Iterator[WebProcess]:
    with WebProcess(stage.config) as web:
        if not stage.settings.accounts_path.exists():  # a stage may last for several rounds
            web.add_user()
        yield web.start()


def _share(web: WebProcess, stage: Stage, boards: int, rate: float, seconds: float) -> float:
    """Return the share of a processor that the web process takes, in percent."""
    with Telling(stage.broker.port, rate) as telling, Boards(web, boards) as reading:
        time.sleep(_SETTLE_S)
        before, heard, delivered, began = _cpu_s(web), reading.heard, telling.delivered, time.monotonic()
        time.sleep(seconds)
        took, spent = time.monotonic() - began, _cpu_s(web) - before
        reached = (telling.delivered - delivered) / took
        if reached < 0.95 * rate:
            raise RuntimeError(f"{reached:.0f} of {rate:.0f} statuses/s were told: the plant was the bottleneck")
        if reading.heard - heard < boards * took * _LEAST:
            raise RuntimeError("the boards did not get the statuses")
    return 100 * spent / took


def boards(bench: Bench) -> Figures:
    """Watch the web process while no board, twenty and a hundred are open, and while statuses come faster."""
    seconds = bench.sizes.latency_s
    with bench.stage(SQLITE) as stage, _web(stage) as web:
        none = _share(web, stage, 0, 50, seconds)
        least_mb = rss_mb(web)
        some, many = _share(web, stage, BOARDS, 50, seconds), _share(web, stage, 100, 50, seconds)
        most_mb = rss_mb(web)
        fast = _share(web, stage, BOARDS, 1_000, seconds)
    return {
        "without a board, 50 statuses/s (% of a processor)": none,
        f"{BOARDS} boards (times that)": some / none,
        "100 boards (times that)": many / none,
        f"{BOARDS} boards, 1,000 statuses/s instead of 50 (times)": fast / some,
        "memory without a board (MB)": least_mb,
        "memory with 100 boards (times)": most_mb / least_mb,
    }


def beside_gateway(bench: Bench, database: str, drain: Callable[[Stage, int], Figures]) -> Figures:
    """Drain a backlog without and with a web process that has twenty boards."""

    def speed(*, is_watched: bool) -> float:
        with ExitStack() as stack:
            stage = stack.enter_context(bench.stage(database))
            if is_watched:
                stack.enter_context(Boards(stack.enter_context(_web(stage)), BOARDS))
            return drain(stage, bench.sizes.backlog)["telegrams committed (1/s)"]

    alone, watched = speed(is_watched=False), speed(is_watched=True)
    return {
        "telegrams committed without it (1/s)": alone,
        f"with it and {BOARDS} boards (1/s)": watched,
        "with it (times)": watched / alone,
    }


def lists(few: Stage, many: Stage) -> Figures:
    """Load lists of a ledger with few documents and of one with a long history, each page again and again."""
    short, long = _pages_ms(few), _pages_ms(many)
    return {f"{path}, long history (times)": long[path] / short[path] for path in _LISTS} | {
        f"{path}, few documents (ms)": short[path] for path in _LISTS
    }


_LISTS = "/documents", "/documents?line=1000/L007", "/documents?material=FG-007", "/stock", "/devices"
_TIMES = 20


def _pages_ms(stage: Stage) -> dict[str, float]:
    """Return the median time of each list, from the request to the end of the page."""
    with _web(stage) as web:
        done = web.command("token", "add", f"bench-{time.monotonic_ns()}", "--scope", "read")
        assert done.status == 0, done.err
        took: dict[str, list[float]] = {path: [] for path in _LISTS}
        for _ in range(1 + _TIMES):
            for path, times in took.items():
                connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
                began = time.perf_counter()
                connection.request("GET", path, headers={"Authorization": f"Bearer {done.out.strip()}"})
                answer = connection.getresponse()
                body = answer.read()
                times.append((time.perf_counter() - began) * 1000)
                connection.close()
                assert answer.status == 200, body[:300]
    return {path: median(times[1:]) for path, times in took.items()}
