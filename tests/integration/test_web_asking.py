"""A web process on another machine than the gateway: it asks over the broker, under the same laws."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web.asking import Asking, GatewayAnswer, VisitorRequest
from gateway.web.ledger_reader import LedgerReader
from gateway.web.monitor import Monitor
from gateway.web.rights import SCOPES_OF, Visitor
from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

CARL = Visitor("carl", "session", SCOPES_OF["corrector"], ("*",))
LENA = Visitor("lena", "token", SCOPES_OF["corrector"], ("1000/L1",))
ANNA = Visitor("anna", "session", SCOPES_OF["admin"], ("*",))


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Offer a plant whose gateway takes some requests by the broker."""
    with Rig(SMALL, mqtt={"allow_requests": ["hold", "release", "reverse", "period", "quarantine-dismiss"]}) as rig:
        rig.start()
        rig.count("c1", 4)
        rig.say("bf/v1/1000/L1/new-7/count", "5")
        rig.settle()
        yield rig


def settings_elsewhere(rig: Rig, folder: Path, url: str = "") -> Settings:
    """Return the settings of a web process on another machine, which reads the same ledger."""
    here = rig.gateway.settings
    return Settings.model_validate(
        {
            "gateway": {"id": "elsewhere", "data_dir": folder},
            "mqtt": {"url": url or here.mqtt.url},
            "database": {"url": here.database_url},
        }
    )


async def ask_all(
    settings: Settings, asked: list[tuple[Visitor, VisitorRequest]], *, waits: bool = True
) -> list[GatewayAnswer]:
    """Ask one after the other, once the lines are known."""
    reader, floor = LedgerReader(settings), Floor("bf/v1", "", "", time.monotonic, time.time)
    news = asyncio.Event()
    monitor = Monitor(settings, floor, news.set)
    asking = Asking(settings, floor, reader, monitor, longest_s=3)
    listening = asyncio.create_task(monitor.run())
    try:
        while waits and not floor.lines:
            news.clear()
            await news.wait()
        return [await asking.ask(*each) for each in asked]
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        asking.close()
        reader.close()


async def test_what_is_of_lines_and_of_gateways_goes_by_the_broker(rig: Rig, tmp_path: Path) -> None:
    [paper], [entry] = rig.documents(), rig.quarantine()
    hold = VisitorRequest("hold", "m-1", "1000", "L1", "audit")
    dismiss = VisitorRequest("quarantine-dismiss", "m-2", reason="a trial", data={"numbers": [entry["number"]]})
    answers = await ask_all(
        settings_elsewhere(rig, tmp_path),
        [
            (CARL, hold),
            (CARL, hold),
            (LENA, dismiss),
            (LENA, VisitorRequest("reverse", "m-3", reason="wrong", data={"document": paper["document"]})),
            (LENA, VisitorRequest("period", "m-4", "1000", data={"period": "2020-01", "closed": True})),
            (ANNA, VisitorRequest("period", "m-5", "1000", data={"period": "2020-01", "closed": True})),
            (CARL, VisitorRequest("work", "m-6", "1000", "L1")),
        ],
    )
    assert [(each.status, each.code, each.http_status) for each in answers] == [
        ("ok", "BF0000", 200), ("ok", "BF0000", 200), ("ok", "BF0000", 200), ("ok", "BF0000", 200),
        ("error", "BF5007", 403), ("ok", "BF0000", 200), ("error", "BF5007", 403),
    ]  # fmt: skip
    assert answers[0] == answers[1]
    assert "not enabled" in answers[6].text
    [held] = rig.json("report", "holds")
    assert (held["actor"], held["reason"]) == ("web:carl", "audit")
    assert {each["actor"] for each in rig.documents() if each["type"] == "reversal"} == {"token:lena"}
    rig.audit()


async def test_a_gateway_that_does_not_answer_and_a_broker_that_is_away_are_told_apart(
    rig: Rig, tmp_path: Path
) -> None:
    settings = settings_elsewhere(rig, tmp_path)
    release = VisitorRequest("release", "m-7", "1000", "L1", "done", {"kind": "all"})
    rig.gateway.kill()
    [answer] = await ask_all(settings, [(CARL, release)])
    assert (answer.status, answer.http_status) == ("unknown", 202)
    rig.start()
    [answer] = await ask_all(settings, [(CARL, release)])
    assert (answer.status, answer.data["released"]) == ("ok", True)
    [answer] = await ask_all(settings_elsewhere(rig, tmp_path, "mqtt://127.0.0.1:1"), [(CARL, release)], waits=False)
    assert (answer.status, answer.code, answer.http_status) == ("error", "BF9001", 503)
    assert "an earlier one of this name may still be done" in answer.text


async def test_the_answer_of_a_transaction_is_found(rig: Rig, tmp_path: Path) -> None:
    settings = settings_elsewhere(rig, tmp_path)
    [asked] = await ask_all(settings, [(CARL, VisitorRequest("hold", "m-8", "1000", "L1", "audit"))])
    reader, floor = LedgerReader(settings), Floor("bf/v1", "", "", time.monotonic, time.time)
    asking = Asking(settings, floor, reader, Monitor(settings, floor, lambda: None))
    assert await asking.find("m-8") == asked
    assert await asking.find("never") is None
    asking.close()
    reader.close()
