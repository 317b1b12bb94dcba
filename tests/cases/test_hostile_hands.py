"""Hostile hands: whatever somebody says, the gateway counts the next good message, and publishes nothing illegal."""

import json
import socket

import pytest

from tests.cases.rig import BELL, Rig

HALF = "".join(f',"{key}":"\\ud800"' for key in ("instance", "host", "data", "good", "transaction", "boot", "ts"))
DEEP = [
    b"[" * 3_000,
    b'{"id":' * 9_000,
    b"\xff" * 64,
    b'{"id":"x","id":"y"}',
    b"[" * 70_000,
    f'{{"id":"\\ud800"{HALF}}}'.encode(),
    b'{"id":"\\u0000","instance":"\\u0000","host":"\\u0000"}',
    b'{"good":' + b"9" * 5_000 + b',"id":1}',
    b'{"good":1e999999,"instance":1e999999,"id":NaN,"host":-1e999999}',
]


def alive(rig: Rig, total: int) -> None:
    rig.count("c-L06-good", total)
    rig.settle()
    assert sum(int(document["yield"]) for document in rig.documents("1000/L06")) == total


def test_what_no_parser_reads_stops_nothing_on_any_topic(plant: Rig) -> None:
    """H1."""
    own = "bf/v1/_gateway/gw1"
    for deep in DEEP:
        for topic in (f"{own}/info", f"{own}/state", f"{own}/_canary/count", "bf/v1/1000/L06/_request/run-start"):
            plant.say(topic, deep)
        for kind in ("count", "scan", "state"):
            plant.say(f"bf/v1/1000/L04/s-L04-0020/{kind}", deep)
            plant.say(f"bf/v1/1000/_/{BELL}/{kind}", deep)
    alive(plant, 7)
    assert plant.gateway.runs


def test_a_deep_scan_while_the_journal_cannot_be_written_is_refused_and_all_goes_on_after_it(plant: Rig) -> None:
    """H1."""
    journal = plant.gateway.settings.journal_path
    aside = journal.rename(journal.with_name("aside"))
    for deep in DEEP:
        plant.say("bf/v1/1000/L04/s-L04-0020/scan", deep)
    plant.say(plant.topic("c-L06-good", "count"), 3)
    plant.monitor.wait("bf/v1/1000/L04/s-L04-0020/feedback", lambda heard: heard.body["code"] == "BF9001")
    aside.rename(journal)
    alive(plant, 5)
    assert plant.gateway.runs


@pytest.mark.parametrize("line", ["1000/+", "1000/#", "1000/l06", "1000/L06 ", "1000/L99", "1000/_"])
def test_a_run_on_a_line_that_is_not_maintained_is_refused(plant: Rig, line: str) -> None:
    """H4."""
    said = plant.backflush("run-start", line, "PUMP-40", "0001", "--reason", "typo")
    assert said.status in (1, 2), said.out + said.err
    alive(plant, 7)
    assert plant.gateway.log.count("connected to") == 1


def test_what_is_kept_of_a_message_that_was_too_large_is_never_posted(plant: Rig) -> None:
    """H8."""
    for payload in (b'{"good":5}' + b" " * 70_000, b"7" + b" " * 70_000):
        plant.say(plant.topic("c-L06-good", "count"), payload)
    plant.say(f"bf/v1/1000/_/{BELL}/scan", b'{"id":"z","data":"BF:LINE:1000:L06"}' + b" " * 70_000)
    plant.settle()
    for entry in plant.quarantine():
        said = plant.backflush("quarantine", "replay", str(entry["number"]))
        assert "only the first bytes" in said.out + said.err
    assert len(plant.quarantine()) == 3
    alive(plant, 9)


def asked(rig: Rig, parts: list[bytes]) -> dict[str, object]:
    """Say something to the control socket, piece by piece, and return the answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(rig.gateway.settings.control_path))
        for part in parts:
            connection.sendall(part)
        answer: dict[str, object] = json.loads(connection.makefile("rb").readline())
    return answer


LARGE = [
    [b'{"request":{"verb":"', *[b"x" * (1 << 20)] * 270, b'"}}\n'],
    [b'{"import":"', *[b"x" * (1 << 20)] * 270, b'"}\n'],
    [b'{"request":[', *[b"[],[]," * 200_000] * 25, b"1]}\n"],
]
"""A request, master data, and lists without end."""


def test_a_request_of_hundreds_of_megabytes_is_refused_in_one_line(plant: Rig) -> None:
    """H9."""
    before = plant.gateway.health()["memory_mb"]
    for parts in LARGE:
        answer = asked(plant, parts)
        assert answer["code"] == "BF5008"
        assert "expected at most" in str(answer["text"])
    alive(plant, 11)
    assert plant.gateway.health()["memory_mb"] - before < 200
