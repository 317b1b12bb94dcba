"""A web process on another machine than the gateways: it asks over the broker, under the same laws."""

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
from gateway.web.orders import add_order
from gateway.web.rights import SCOPES_OF, Visitor
from gateway.web.traffic import TRACE
from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL
from tests.integration.gateway_process import GatewayProcess

CARL = Visitor("carl", "session", SCOPES_OF["corrector"], ("*",))
LENA = Visitor("lena", "token", SCOPES_OF["corrector"], ("1000/L1",))
ANNA = Visitor("anna", "session", SCOPES_OF["admin"], ("*",))


ALLOWED = {"allow_requests": ["hold", "release", "reverse", "period", "quarantine-dismiss", "devices", "import"]}
PLANT = SMALL | {
    "production_versions": SMALL["production_versions"] + "\n1000 P 2 1 1 L2 FG",
    "devices": SMALL["devices"] + "\nc2 1000 L2 counter zero",
}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """Offer a plant whose gateway takes some requests by the broker; another one has line L2."""
    with Rig(PLANT, mqtt=ALLOWED, lines=["1000/L1", "1000/_"]) as rig:
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
    settings: Settings,
    asked: list[tuple[Visitor, VisitorRequest]],
    *,
    waits: bool = True,
    lines: int = 1,
    longest_s: float = 10,
) -> list[GatewayAnswer]:
    """Ask one after the other, once the lines are known."""
    reader, floor = LedgerReader(settings), Floor("bf/v1", "", "", time.monotonic, time.time)
    news = asyncio.Event()
    monitor = Monitor(settings, floor, news.set)
    asking = Asking(settings, floor, reader, monitor, longest_s=longest_s)
    listening = asyncio.create_task(monitor.run())
    try:
        while waits and len(floor.lines) < lines:
            news.clear()
            await news.wait()
        await reader.refresh()
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


@pytest.fixture(scope="module")
def other(rig: Rig) -> Iterator[GatewayProcess]:
    """Offer the gateway of L2, on the same ledger."""
    url = rig.gateway.settings.database_url
    with GatewayProcess(rig.broker, database=url, gateway="gw2", lines=["1000/L2"], mqtt=ALLOWED) as gateway:
        yield gateway.start().ready()


def change(op: str, device: str, name: str) -> VisitorRequest:
    """Return the request that something becomes of a device."""
    return VisitorRequest("devices", name, reason="rebuilt", data={"op": op, "old": device})


async def test_the_master_data_are_changed_by_the_gateway_that_has_the_line(
    rig: Rig, other: GatewayProcess, tmp_path: Path
) -> None:
    row = {"order": "P-1", "plant": "1000", "material": "P", "version": "2", "line": "L2", "start": "2026-01-02"}
    order = VisitorRequest("import", "i-1", reason="a new order", data=add_order({**row, "quantity": "50"}))
    adopt = {"op": "adopt", "new": "new-7", "like": "c2"}
    token = TRACE.set(("4bf92f3577b34da6a3ce929d0e0e4736", "01"))
    answers = await ask_all(
        settings_elsewhere(rig, tmp_path),
        [
            (ANNA, change("disable", "c2", "d-1")),
            (ANNA, change("disable", "c2", "d-1")),
            (ANNA, change("enable", "c2", "d-1")),
            (ANNA, change("enable", "c2", "d-2")),
            (ANNA, VisitorRequest("devices", "d-3", "1000", "L2", "a second one", adopt)),
            (ANNA, VisitorRequest("devices", "d-4", reason="broken", data={"op": "replace", "old": "c2", "new": "c3"})),
            (ANNA, change("disable", "nobody", "d-5")),
            (CARL, change("disable", "c1", "d-6")),
            (ANNA, order),
            (ANNA, order),
        ],
        lines=2,
    )
    TRACE.reset(token)
    assert [(each.status, each.code, each.text) for each in answers[:6]] == [
        ("ok", "BF0000", "disabled c2"), ("ok", "BF0000", "disabled c2"),
        ("error", "BF2006", "transaction d-1 was used before with different content"),
        ("ok", "BF0000", "enabled c2"), ("ok", "BF0000", "adopted new-7"), ("ok", "BF0000", "replaced c2 by c3"),
    ]  # fmt: skip
    assert [(each.status, each.code) for each in answers[6:8]] == [("error", "BF5008"), ("error", "BF5007")]
    assert answers[8] == answers[9]
    assert [row["order"] for row in rig.json("report", "orders")] == ["P-1"]
    rows = {row["device"]: row for row in rig.json("report", "devices")}
    assert (rows["c2"]["disabled"], rows["c3"]["line"], rows["new-7"]["line"]) == (True, "L2", "L2")
    first = rig.json("report", "imports")[0]
    assert (first["actor"], first["reason"]) == ("web:anna", "a new order")
    assert "asked: devices, transaction d-1, trace 4bf92f3577b34da6a3ce929d0e0e4736" in other.log
    assert "transaction d-1" not in rig.gateway.log
    rig.gateway.audit()


async def test_an_import_without_an_answer_is_known_after_all(rig: Rig, other: GatewayProcess, tmp_path: Path) -> None:
    settings, wish = settings_elsewhere(rig, tmp_path), change("disable", "c1", "d-7")
    other.kill()
    [answer] = await ask_all(settings, [(ANNA, wish)], lines=2, longest_s=1)
    rig.gateway.kill()
    [more] = await ask_all(settings, [(ANNA, change("enable", "c1", "d-8"))], lines=2, longest_s=1)
    assert (more.status, more.http_status) == ("unknown", 202)
    rig.start()
    other.start().ready()
    [done, last] = await ask_all(settings, [(ANNA, wish), (ANNA, change("enable", "c1", "d-8"))], lines=2)
    assert (done.status, last.status, last.text) == ("ok", "ok", "enabled c1")
    assert answer.status == "unknown" or answer == done or answer.http_status == 503, answer
    reader, floor = LedgerReader(settings), Floor("bf/v1", "", "", time.monotonic, time.time)
    asking = Asking(settings, floor, reader, Monitor(settings, floor, lambda: None))
    assert await asking.find("d-8") == last
    asking.close()
    reader.close()
    assert len([each for each in rig.json("report", "imports") if each["reason"] == "disabled c1: rebuilt"]) == 1
    [answer] = await ask_all(settings, [(ANNA, change("enable", "c1", "d-9"))], lines=2)
    assert answer.status == "ok"
    rig.gateway.audit()


async def test_a_gateway_that_does_not_answer_and_a_broker_that_is_away_are_told_apart(
    rig: Rig, tmp_path: Path
) -> None:
    settings = settings_elsewhere(rig, tmp_path)
    release = VisitorRequest("release", "m-7", "1000", "L1", "done", {"kind": "all"})
    rig.gateway.kill()
    [answer] = await ask_all(settings, [(CARL, release)], longest_s=1)
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
