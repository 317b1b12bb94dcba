"""The door of scans: an answer is the last one of the gateway, or says that there is none yet."""

import json
import time
from pathlib import Path

import pytest

from gateway.web import scans
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
        code = self.accounts.offer_pairing("secret", time.time(), "")
        self.accounts.pair_scanner(code, "w-1", "1000", time.time())
        self.site.scans.channel.publish = self.answer  # type: ignore[method-assign]

    async def answer(self, topic: str, payload: bytes) -> None:
        """Answer a scan, as the gateway does over the broker."""
        assert b"s-1" in payload
        for said in self._answers:
            self.site.scans.channel.hear(topic.replace("/scan", "/feedback"), said)

    async def scan(self) -> Answer:
        """Send a scan, as the page does."""
        body = '{"id":"s-1","plant":"1000","device":"w-1","data":"x"}'
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
