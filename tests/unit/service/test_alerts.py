"""Alerts are few, say what they are about, and end; logs and the watch keep within bounds."""

import asyncio
import json
import logging
import time
from pathlib import Path

import pytest

from gateway.mqtt.topics import Topics
from gateway.service.tell.alerts import MOST_CULPRITS, Alerts, RecentOffenders, name_some
from gateway.service.tell.loop_report import HealthFigures
from gateway.service.tell.messages import Message
from gateway.service.times import DOUBT_S, SteadyClock
from gateway.service.watch.host import STEP_LASTS_S, Watch
from gateway.service.watch.logs import MOST_A_MINUTE, Sparing
from gateway.settings import GatewaySection, MqttSection, Settings
from tests.integration.shipped_broker import Authority

SECOND = 1_000_000
BEGIN = 1_795_334_400 * SECOND


class Desk:
    """Alerts, the time and what was sent."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.sent: list[Message] = []
        clock = SteadyClock(lambda: self.now, lambda: self.now / SECOND, 0)
        self.alerts = Alerts(Topics("bf/v1", "gw1"), clock, self.sent.extend)

    def told(self, alert: str) -> list[str]:
        """Return the texts of an alert, in order; empty is its end."""
        ours = [message for message in self.sent if message.topic == f"bf/v1/_gateway/gw1/alert/{alert}"]
        assert all(message.retain for message in ours)
        return [json.loads(message.payload)["text"] if message.payload else "" for message in ours]


@pytest.mark.parametrize(
    ("reason", "said", "hint"),
    [
        (135, "not authorized", "check the broker's access list for this login"),
        (144, "the topic name is invalid", ""),
        (149, "the message is too large", ""),
        (128, "the broker does not say why", "check the broker's access list for this login"),
    ],
)
def test_a_refused_publication_says_why_and_only_what_cures_it(reason: int, said: str, hint: str) -> None:
    desk = Desk()
    desk.alerts.report_refusal("pg/commands", reason, "this login")
    assert desk.told("publication-refused") == [f"not published: 'pg/commands': {said}"]
    assert desk.alerts.up["publication-refused"]["hint"] == hint


def test_an_alert_is_told_once_changed_when_it_changes_and_emptied_at_its_end() -> None:
    desk = Desk()
    for text in ("one", "one", "two"):
        desk.alerts.set("x", text)
        desk.now += SECOND
    desk.alerts.over("x")
    desk.alerts.over("x")
    assert desk.told("x") == ["one", "two", ""]
    bodies = [json.loads(m.payload) for m in desk.sent if m.topic.endswith("/alert/x") and m.payload]
    assert {body["since"] for body in bodies} == {"2026-11-22T08:00:00.000Z"}


def test_what_only_happens_lasts_for_its_time_after_it_happened_last() -> None:
    desk = Desk()
    desk.alerts.set("x", "again", lasting_s=60)
    desk.now += 50 * SECOND
    desk.alerts.set("x", "again", lasting_s=60)
    desk.now += 59 * SECOND
    desk.alerts.expire()
    assert desk.told("x") == ["again"]
    desk.now += SECOND
    desk.alerts.expire()
    assert desk.told("x") == ["again", ""]


def test_an_alert_is_logged_when_it_comes_up_and_when_it_is_over_and_not_in_between(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk()
    with caplog.at_level(logging.INFO, "backflush"):
        for text in ("3 are open", "4 are open"):
            desk.alerts.set("x", text)
        desk.alerts.set("y", "gone", severity="error")
        desk.alerts.over("x")
        desk.alerts.over("x")
    said = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert said == [("WARNING", "alert x: 3 are open"), ("ERROR", "alert y: gone"), ("INFO", "alert x is over")]


def test_an_alert_that_flaps_holds_no_other_one_back_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    with caplog.at_level(logging.INFO, "backflush"):
        for alert in ("x", "x", "y"):
            desk.alerts.set(alert, alert)
            desk.alerts.over(alert)
    assert len({record.msg for record in caplog.records}) == 4, "a cause of its own each, up and over"


def test_a_gateway_that_ends_clears_its_alerts_and_does_not_say_that_they_are_over() -> None:
    desk = Desk()
    desk.alerts.set("x", "wrong")
    desk.alerts.over("y")
    before = len(desk.sent)
    asyncio.run(desk.alerts.stop())
    asyncio.run(desk.alerts.stop())
    assert desk.told("x") == ["wrong", ""]
    assert [message.topic.rpartition("/")[2] for message in desk.sent[before:]] == ["x"]
    assert desk.alerts.tell_all() == []


def test_ten_thousand_culprits_are_one_alert_with_a_short_text() -> None:
    culprits = RecentOffenders(60)
    for number in range(10_000):
        culprits.note(f"device-{number:05}", BEGIN)
    names = culprits.names(BEGIN)
    assert len(names) == MOST_CULPRITS
    assert name_some(names) == "device-00000, device-00001, device-00002, device-00003, device-00004 and 995 more"
    assert culprits.names(BEGIN + 61 * SECOND) == []
    desk = Desk()
    desk.alerts.name("silent", [*names, "one-more"], "offline or silent", "look")
    assert desk.alerts.up["silent"]["objects"] == names


def watched(desk: Desk, folder: Path, machine: dict[str, float]) -> Watch:
    settings = Settings(gateway=GatewaySection(data_dir=folder))
    clock = SteadyClock(lambda: int(machine["wall"] * SECOND), lambda: machine["monotonic"], 0)
    return Watch(settings, desk.alerts, clock)


def test_a_clock_that_is_set_is_noticed_and_one_that_is_adjusted_is_not(tmp_path: Path) -> None:
    desk = Desk()
    machine = {"wall": BEGIN / SECOND, "monotonic": 50.0}
    watch = watched(desk, tmp_path, machine)
    for passed, set_by in ((2, 0.5), (2, -0.5), (2, 0)):
        machine["monotonic"] += passed
        machine["wall"] += passed + set_by
        watch.look()
    assert desk.told("clock-step") == []
    machine["wall"] -= 3600
    watch.look()
    [told] = desk.told("clock-step")
    assert "set back by 3600 s" in told
    desk.now += STEP_LASTS_S * SECOND
    watch.look()
    assert desk.told("clock-step")[-1] == ""


def test_a_journal_that_is_ahead_of_the_clock_is_told_while_it_is_and_for_a_while_after(tmp_path: Path) -> None:
    desk = Desk()
    machine = {"wall": BEGIN / SECOND, "monotonic": 50.0}
    watch = watched(desk, tmp_path, machine)
    looks = []
    for passed, set_by in ((2, 0), (2, 3600), (2, -3600), (2, -86_400), (DOUBT_S, 0), (STEP_LASTS_S, 0)):
        machine["monotonic"] += passed
        machine["wall"] += passed + set_by
        desk.now += int(passed * SECOND)
        looks.append((watch.look(), watch.ahead))
    still, ahead, behind = (False, False), (True, True), (True, False)
    assert looks == [still, still, still, ahead, behind, still]
    up, over = desk.told("journal-ahead")
    assert "has come to 2026-11-22T08:00:08" in up
    assert "clock says 2026-11-21T08:00:08" in up
    assert over == ""


def test_silent_devices_are_one_alert_however_many_they_are(tmp_path: Path) -> None:
    desk = Desk()
    watch = watched(desk, tmp_path, {"wall": 0, "monotonic": 0})
    watch.figures(HealthFigures(silent=frozenset(f"c-{number:04}" for number in range(5000))))
    watch.figures(HealthFigures())
    first, last = desk.told("silent")
    assert first.endswith("c-0004 and 4995 more")
    assert last == ""
    assert {m.topic.rpartition("/")[2] for m in desk.sent} == {"silent", "event", "no-master-data"}


def test_the_same_line_is_logged_so_often_a_minute_and_then_counted() -> None:
    now = [0.0]
    sparing = Sparing(lambda: now[0])
    shown: list[str] = []

    def say(text: str, value: int) -> None:
        record = logging.LogRecord("backflush", logging.WARNING, "", 0, text, (value,), None)
        if sparing.filter(record):
            shown.append(record.getMessage())

    for number in range(MOST_A_MINUTE + 25):
        say("refused %d", number)
    say("another cause %d", 1)
    assert len(shown) == MOST_A_MINUTE + 1
    now[0] = 61.0
    say("refused %d", 99)
    assert shown[-1] == "refused 99 (25 lines like it were held back)"
    say("refused %d", 100)
    assert shown[-1] == "refused 100"


def test_a_certificate_that_ends_within_a_month_is_told_until_another_is_in_its_place(tmp_path: Path) -> None:
    desk = Desk()
    authority = Authority(tmp_path / "certs")
    own = authority.issue("gateway", days=60)
    settings = Settings(gateway=GatewaySection(data_dir=tmp_path), mqtt=MqttSection(cert_file=own.file))
    desk.now = int(time.time()) * SECOND
    watch = Watch(settings, desk.alerts, SteadyClock(lambda: desk.now, lambda: desk.now / SECOND, 0))

    def look() -> None:
        watch.disk = watch.read_disk()
        watch.look()

    def severity() -> str:
        return desk.alerts.up["certificate"]["severity"]

    look()
    assert desk.told("certificate") == []
    desk.now += 31 * 86_400 * SECOND
    look()
    assert severity() == "warning"
    desk.now += 31 * 86_400 * SECOND
    look()
    assert severity() == "error"
    own.file.write_text(authority.issue("gateway", days=300).file.read_text())
    look()
    soon, over, end = desk.told("certificate")
    assert (" ends on " in soon, " ended on " in over, end) == (True, True, "")
