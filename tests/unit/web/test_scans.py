"""The door of scans: an answer is the last one of the gateway, or says that there is none; a line says who hears."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from devices.barcodes import print_code
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.web import scans
from gateway.web.ledger_reader import MasterFacts
from tests.asgi import Answer, ask
from tests.unit.web.house import House

SIGNAL = {"led": "blue", "beep": 1}


def feedback(result: str, code: str) -> bytes:
    """Return a feedback of the gateway for the scan `s-1`."""
    said = {
        "ref": "s-1",
        "ts": "2026-11-30T12:00:00.000Z",
        "result": result,
        "code": code,
        "title": result,
        "text": result,
    }
    return json.dumps({**said, "data": {}, "signal": SIGNAL}).encode()


class Scanning(House):
    """A site with a scanner, whose gateway answers each scan with the same feedback."""

    def __init__(self, folder: Path, *answers: bytes) -> None:
        super().__init__(folder)
        self._answers = answers
        self.topics: list[str] = []
        code = self.accounts.offer_pairing("secret", time.time(), "")
        self.accounts.pair_scanner(code, "w-1", "1000", time.time())
        self.site.scans.channel.publish = self.answer  # type: ignore[method-assign]

    async def answer(self, topic: str, payload: bytes) -> None:
        """Answer a scan, as the gateway does over the broker."""
        assert b"s-1" in payload
        self.topics.append(topic)
        for said in self._answers:
            self.site.scans.channel.hear(topic.replace("/scan", "/feedback"), said)

    def maintain(self, *lines: str) -> None:
        """Let lines be in the master data, with a card of the site's own for L04."""
        master = MasterData(plants={"1000": Plant("1000")}, lines={("1000", line): "" for line in lines},
                            aliases={"HERE": ("control", "BF:LINE:1000:L04")})  # fmt: skip
        self.reader.facts = MasterFacts(master=master, digest="1")

    async def scan(self, **other: Any) -> Answer:
        """Send a scan, as the page does."""
        body = json.dumps({"id": "s-1", "plant": "1000", "device": "w-1", "data": "x", **other})
        said = {"sec_fetch_site": "same-origin", "cookie": "bf-display=secret"}
        return await ask(self.site.app(), "/api/v1/scans", "POST", body=body, **said)


@pytest.mark.parametrize("answers", [(), (feedback("queued", "BF0001"),)])
async def test_a_scan_that_is_queued_or_unanswered_at_the_end_of_the_time_stays_with_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: tuple[bytes, ...]
) -> None:
    monkeypatch.setattr(scans, "_ANSWER_S", 0.01)
    with Scanning(tmp_path, *answers) as house:
        answer = await house.scan()
    assert answer.status == 202, answer
    assert ("not posted yet" in answer.body) == bool(answers)


async def test_the_answer_after_queued_is_the_answer(tmp_path: Path) -> None:
    with Scanning(tmp_path, feedback("queued", "BF0001"), feedback("nok", "BF3014")) as house:
        answer = await house.scan()
    assert (answer.status, json.loads(answer.body)["code"]) == (200, "BF3014")


async def test_a_scan_goes_by_the_topic_of_its_line_and_a_card_by_that_of_the_new_one(tmp_path: Path) -> None:
    with Scanning(tmp_path, feedback("ok", "BF0000")) as house:
        house.maintain("L01", "L04")
        card = "BF:LINE:1000:L04"
        for said, line in (
            ({"line": "L01"}, "L01"),
            ({"line": "L01", "data": card}, "L04"),
            ({"line": "L01", "data": print_code(card)}, "L04"),
            ({"line": "L01", "data": "HERE"}, "L04"),
            ({}, "_"),
            ({"line": "L01", "data": "BF:LINE:1000:L99"}, "_"),
            ({"line": "L01", "data": "BF:LINE:2000:L04"}, "_"),
            ({"data": 7}, "_"),
        ):
            assert (await house.scan(**said)).status == 200, said
            assert house.topics.pop() == f"bf/v1/1000/{line}/w-1/scan", said


@pytest.mark.parametrize("line", ["L99", "+", "L01/#", "_status", 7, ["L01"]])
async def test_a_line_that_no_gateway_would_hear_is_refused(tmp_path: Path, line: object) -> None:
    with Scanning(tmp_path, feedback("ok", "BF0000")) as house:
        house.maintain("L01")
        assert (await house.scan(line=line)).status == 400
        assert house.topics == []


async def test_a_scan_of_a_line_and_an_undo_wait_while_the_ledger_cannot_tell_where_they_go(tmp_path: Path) -> None:
    with Scanning(tmp_path, feedback("ok", "BF0000")) as house:
        assert (await house.scan(line="L01")).status == 503
        assert (await house.scan(data="BF:UNDO")).status == 503
        assert house.topics == []
