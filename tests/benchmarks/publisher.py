"""The publisher, a process of its own: it builds all its packets, says `built`, and sends them when told `go`.

    python -m tests.benchmarks.publisher JOB        JOB is a Job as JSON

One blocking socket, no library: PUBLISH packets are sent many at a time, and PUBACKs, of four bytes each, are counted.
So it costs a tenth of what anything that it measures costs; what it reached is printed, to be checked.
"""

import array
import json
import socket
import sys
import time
from pathlib import Path
from struct import pack
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from gateway.mqtt.wire.packets import publication
from tests.benchmarks.plant import Shape

_CONNECT: Final = b"\x00\x04MQTT\x04\x02\x00\x00\x00\x09publisher"
_PUBACK: Final = 4
_BURST: Final = 128
_MOST_OPEN: Final = 8_000
_PACKET_IDS: Final = 60_000


class Job(NamedTuple):
    """What to publish."""

    url: str
    kind: str
    """counts | scans"""
    shape: Shape
    first: int
    many: int
    rate: float
    """Telegrams a second; 0: as fast as the broker acknowledges."""
    stamps: str
    """The file that gets when each was sent, nanoseconds as 64-bit integers; empty: none."""

    def dumps(self) -> str:
        """Print the job for the command line."""
        return json.dumps(self)


class Sent(NamedTuple):
    """What came of it."""

    began_ns: int
    seconds: float
    """From the first packet to the last acknowledgement."""
    latest_ms: float
    """With a rate: by how much the worst packet was late."""
    busy: float
    """Share of that time in which this process computed."""


def _packets(job: Job) -> list[bytes]:
    spacing = 1e6 / job.rate if job.rate else 1e3
    now = time.time_ns() // 1000
    start = now if job.rate else int(now - min(job.many * spacing, 200e6))
    spacing = spacing if job.rate else min(spacing, 200e6 / job.many)
    telegrams = getattr(job.shape, job.kind)(job.first, job.many, start, spacing)
    return [
        publication(topic, payload, qos=1, retain=False, mid=1 + k % _PACKET_IDS, properties=None)
        for k, (topic, payload) in enumerate(telegrams)
    ]


def _connect(url: str) -> socket.socket:
    where = urlsplit(url)
    connection = socket.create_connection((where.hostname, where.port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(bytes([0x10, len(_CONNECT)]) + _CONNECT)
    answer = connection.recv(4, socket.MSG_WAITALL)
    assert answer == b"\x20\x02\x00\x00", answer
    return connection


class _Answers:
    """Counts the broker's acknowledgements."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._bytes = 0

    def take(self, *, wait: bool) -> int:
        """Take what is there, at least something if told to wait; return how many there are by now."""
        try:
            got = self._connection.recv(1 << 16, 0 if wait else socket.MSG_DONTWAIT)
            assert got, "the broker hung up"
            self._bytes += len(got)
        except BlockingIOError:
            pass
        return self._bytes // _PUBACK


def publish(job: Job) -> Sent:
    """Build, wait for the word, send; return when the broker has acknowledged all."""
    packets = _packets(job)
    connection = _connect(job.url)
    answers = _Answers(connection)
    stamps = array.array("q")
    print("built", flush=True)
    sys.stdin.readline()
    began, cpu, done, sent, latest = time.time_ns(), time.process_time(), 0, 0, 0.0
    while sent < job.many:
        now = time.time_ns()
        due = min(job.many, int((now - began) * job.rate / 1e9) + 1) if job.rate else min(job.many, sent + _BURST)
        if due > sent:
            if job.rate:
                latest = max(latest, (now - began) / 1e6 - sent * 1e3 / job.rate)
            stamps.extend([now] * (due - sent))
            connection.sendall(b"".join(packets[sent:due]))
            sent = due
        done = answers.take(wait=False)
        while sent - done > _MOST_OPEN:
            done = answers.take(wait=True)
        if job.rate:
            time.sleep(max(0.0, 0.0005 - (time.time_ns() - now) / 1e9))
    while done < job.many:
        done = answers.take(wait=True)
    seconds = (time.time_ns() - began) / 1e9
    connection.sendall(pack(">H", 0xE000))
    connection.close()
    if job.stamps:
        with Path(job.stamps).open("wb") as file:
            stamps.tofile(file)
    return Sent(began, seconds, latest, (time.process_time() - cpu) / seconds)


def read_job(text: str) -> Job:
    """Read a job from the command line."""
    url, kind, shape, first, many, rate, stamps = json.loads(text)
    return Job(url, kind, Shape(*shape), first, many, rate, stamps)


if __name__ == "__main__":
    print(json.dumps(publish(read_job(sys.argv[1]))), flush=True)
