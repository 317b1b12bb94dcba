"""Figures for Prometheus: what was heard, nothing that may have changed, and the names that dashboard and rules use."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from gateway.sections import WebSection
from gateway.service.tell.payloads import GatewayInfo, Health
from gateway.settings import Settings
from gateway.web.site import Site
from tests.asgi import ask
from tests.integration.told_plant import status
from tests.unit.web.house import House

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime.now(UTC)
HEALTH: Health = {
    "ts": NOW.isoformat(), "phase": "ready", "uptime_s": 60.0, "memory_mb": 91.5, "cpu_s": 12.25,
    "mqtt": {"connected": True, "watched": True, "waiting_in": 0, "waiting_out": 0},
    "database": {"up": True, "url": "sqlite:///ledger.sqlite"},
    "journal": {"last": 9, "unconsumed": 2, "bytes": 4096},
    "worklist": 3, "backlog": 4, "quarantine": 5, "outbox": None, "disk_free": 10**12, "dropped": None, "documents": 7,
    "devices": {"known": 24, "online": 20, "stale": 4, "unknown": 1},
    "messages": {"counted": 100, "duplicate": 2}, "loop_lag_ms": 1.5, "commit_ms": None, "feedback_ms": None,
}  # fmt: skip
INFO: GatewayInfo = {
    "gateway": "gw1", "version": "0.1.0", "started_at": NOW.isoformat(), "instance": "cafe", "host": "h",
    "schema": "0004", "database": "sqlite", "broker": "b", "protocol": "5", "master_data": "", "configuration": "",
}  # fmt: skip
LABELS = (
    *("gateway", "version", "schema", "database", "instance", "phase", "alert", "severity", "outcome"),
    *("plant", "line", "point", "state", "kind", "route", "code", "report", "result", "le"),
)
"""None of them names a device, a document or a person."""


class Watched(House):
    """A site that hears a plant."""

    def tell(self, topic: str, said: object) -> None:
        """Let a message come."""
        payload = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.board.floor.hear(f"bf/v1/{topic}", payload, retained=False)

    def tell_gateway(self, state: str = "online") -> None:
        """Let the gateway say everything of itself."""
        self.tell("_gateway/gw1/state", {"state": state, "phase": "ready"})
        self.tell("_gateway/gw1/info", INFO)
        self.tell("_gateway/gw1/health", HEALTH)

    async def text(self, lines: str = "*", **said: str) -> str:
        """Read the metrics with a token."""
        self.board.refresh()
        name = f"prometheus-{time.monotonic_ns()}"
        token = self.accounts.add_token(name, ["read"], lines.split(), time.time(), None)
        answer = await ask(self.app, "/metrics", authorization=f"Bearer {token}", **said)
        assert answer.status == 200, answer.body
        return answer.body

    async def figures(self, lines: str = "*") -> dict[tuple[str, ...], float]:
        """Return each figure by its name and the values of its labels."""
        families = text_string_to_metric_families(await self.text(lines))
        samples = [sample for family in families for sample in family.samples]
        found = {
            (each.name, *(each.labels[name] for name in LABELS if name in each.labels)): each.value for each in samples
        }
        assert len(found) == len(samples), "a sample comes twice: Prometheus refuses all of them"
        return found


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Watched]:
    """Offer a site whose gateway is ready, with a line that runs and one that has stopped."""
    made = Watched(tmp_path)
    made.board.floor.up()
    made.tell_gateway()
    made.tell("1000/L01/_status", status(1, "ok", NOW, rework="1.5"))
    made.tell("1000/L03/_status", status(3, "stopped", NOW))
    yield made
    made.asking.close()
    made.reader.close()
    made.accounts.close()


async def test_what_was_heard_is_shown(house: Watched) -> None:
    house.tell("_gateway/gw1/alert/silent", {"id": "silent", "severity": "warning", "text": "1 device is silent"})
    found = await house.figures()
    line = status(1, "ok", NOW)
    wanted = {
        ("bf_gateway_up", "gw1"): 1, ("bf_gateway_info", "gw1", "0.1.0", "0004", "sqlite", "cafe"): 1,
        ("bf_gateway_phase", "gw1", "ready"): 1, ("bf_gateway_phase", "gw1", "degraded"): 0,
        ("bf_mqtt_connected", "gw1"): 1, ("bf_ledger_up", "gw1"): 1, ("bf_journal_unconsumed_batches", "gw1"): 2,
        ("bf_journal_bytes", "gw1"): 4096, ("bf_disk_free_bytes", "gw1"): 10**12, ("bf_worklist_rows", "gw1"): 3,
        ("bf_backlog_records", "gw1"): 4, ("bf_quarantine_entries", "gw1"): 5, ("bf_devices", "gw1", "stale"): 4,
        ("bf_messages_total", "gw1", "counted"): 100, ("bf_loop_lag_seconds", "gw1"): 0.0015,
        ("bf_resident_memory_bytes", "gw1"): 91.5e6, ("bf_cpu_seconds_total", "gw1"): 12.25,
        ("bf_alert", "gw1", "silent", "warning"): 1,
        ("bf_line_units_total", "1000", "L01", "counted"): float(line["counted"]),
        ("bf_line_units_total", "1000", "L01", "rework"): 1.5, ("bf_line_open_units", "1000", "L01"): 2,
        ("bf_line_day_units", "1000", "L01"): float(line["day"]["yield"]),
        ("bf_line_day_planned_units", "1000", "L01"): float(line["day"]["planned_now"]),
        ("bf_line_units_per_second", "1000", "L01"): 1.5 / 60,
        ("bf_line_state", "1000", "L01", "ok"): 1, ("bf_line_state", "1000", "L03", "stopped"): 1,
        ("bf_line_state", "1000", "L03", "ok"): 0, ("bf_point_wip_units", "1000", "L01", "0010"): 24,
    }  # fmt: skip
    assert {key: found.get(key) for key in wanted} == wanted
    assert ("bf_outbox_documents", "gw1") not in found, "the gateway says that it does not know"
    assert 0 <= found["bf_health_age_seconds", "gw1"] < 60


async def test_a_gateway_that_is_away_has_no_figures_that_look_current(house: Watched) -> None:
    house.tell("_gateway/gw1/alert/silent", {"id": "silent", "severity": "warning"})
    house.tell_gateway("offline")
    found = await house.figures()
    assert found["bf_gateway_up", "gw1"] == 0
    assert {key[0] for key in found if key[1:2] == ("gw1",)} == {"bf_gateway_up", "bf_health_age_seconds"}
    assert found["bf_line_state", "1000", "L01", "no-data"] == 1
    assert {key[0] for key in found if key[1:3] == ("1000", "L01")} == {"bf_line_state"}


@pytest.mark.parametrize("absence", ["broker", "frozen"])
async def test_so_has_one_that_is_frozen_or_whose_broker_is_away(house: Watched, absence: str) -> None:
    if absence == "broker":
        house.board.floor.away("connection refused")
    else:
        house.board.frozen = "gw1"
        house.board.hear()
    found = await house.figures()
    assert found["bf_gateway_up", "gw1"] == 0
    assert ("bf_worklist_rows", "gw1") not in found


async def test_a_token_reads_its_own_lines_alone(house: Watched) -> None:
    figures = await house.figures("1000/L03")
    assert {key[1:3] for key in figures} == {("1000", "L03")}, "no sum of a gateway, and no meter of everybody's work"
    assert figures["bf_line_state", "1000", "L03", "stopped"] == 1


@pytest.mark.parametrize(
    "health",
    [
        b"null", b"[1]", b'"x"', b"{}", b"\xff", {"mqtt": 7, "journal": [], "devices": "x", "messages": {"a": "b"}},
        {"worklist": "nan", "backlog": 1e999, "quarantine": {}, "cpu_s": "x", "memory_mb": 10**400},
        {"messages": {f'{n} "\n\\{{}}' * 9: n for n in range(99)}},
    ],
)  # fmt: skip
async def test_hostile_messages_spoil_no_other_figure(house: Watched, health: Any) -> None:
    house.tell("_gateway/gw2/state", {"state": "online", "phase": '"} 1\nbf_gateway_up{gateway="gw1'})
    house.tell("_gateway/gw2/health", health)
    house.tell("_gateway/gw2/info", {"version": ["<b>"], "schema": 'a"\n', "database": None})
    for name in ("a", "b"):
        house.tell(f"_gateway/gw2/alert/{name}", {"id": "same", "severity": '"\n', "gateway": ["gw1"]})
    found = await house.figures()
    assert found["bf_gateway_up", "gw1"] == 1
    assert found["bf_journal_bytes", "gw1"] == 4096
    assert sum(key[0] == "bf_messages_total" and key[1] == "gw2" for key in found) <= 40


def names_in(text: str) -> set[str]:
    """Return the metrics that a text asks for."""
    return {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"\bbf_[a-z_]+", text)}


async def test_dashboard_and_rules_use_every_metric_that_there_is_and_no_other(house: Watched) -> None:
    shown = set(re.findall(r"^# HELP (\S+)", await house.text(), re.MULTILINE))
    dashboard = (CONFIG / "grafana" / "backflush.json").read_text()
    rules = (CONFIG / "prometheus" / "alerts.yml").read_text()
    asked = [target["expr"] for panel in json.loads(dashboard)["panels"] for target in panel.get("targets", ())]
    asked += [variable["query"]["query"] for variable in json.loads(dashboard)["templating"]["list"][1:]]
    asked += [rule["expr"] for group in yaml.safe_load(rules)["groups"] for rule in group["rules"]]
    assert names_in("\n".join(asked)) == shown


def test_the_rule_for_failures_knows_the_first_one_whose_series_begins_with_it() -> None:
    rules = yaml.safe_load((CONFIG / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]
    [asked] = [rule["expr"] for rule in rules if rule["alert"] == "BackflushPagesFail"]
    failures = 'bf_web_requests_total{code="500"}'
    assert f"or ({failures} unless {failures} offset 10m)" in " ".join(asked.split())


def test_the_dashboard_asks_for_its_data_source() -> None:
    dashboard = json.loads((CONFIG / "grafana" / "backflush.json").read_text())
    assert "__inputs" not in dashboard
    assert dashboard["templating"]["list"][0]["type"] == "datasource"
    used = [panel["datasource"]["uid"] for panel in dashboard["panels"] if panel["type"] != "row"]
    assert set(used) == {"${datasource}"}
    numbers = [panel["id"] for panel in dashboard["panels"]]
    assert len(numbers) == len(set(numbers))


async def test_no_label_names_a_device_a_document_or_a_person(house: Watched) -> None:
    families = text_string_to_metric_families(await house.text())
    assert {label for family in families for sample in family.samples for label in sample.labels} <= set(LABELS)


async def test_figures_say_that_they_are_no_books(house: Watched) -> None:
    helps = re.findall(r"^# HELP (bf_(?!web)\S+) (.*)", await house.text(), re.MULTILINE)
    assert helps
    assert [name for name, text in helps if not text.endswith("For watching: the books are the ledger's.")] == []


async def test_another_form_is_given_to_those_who_ask_for_it(house: Watched) -> None:
    text = await house.text(accept="application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")


@pytest.mark.parametrize(
    ("mode", "client", "status"),
    [
        ("token", "127.0.0.1", 401), ("loopback", "127.0.0.1", 200), ("loopback", "::1", 200),
        ("loopback", "10.0.0.9", 403), ("off", "127.0.0.1", 404),
    ],
)  # fmt: skip
async def test_who_may_read_without_a_token(house: Watched, mode: str, client: str, status: int) -> None:
    settings = Settings.model_validate({"web": {"metrics": mode}})
    site = Site(settings, house.accounts, house.board, house.reader, house.asking)
    assert (await ask(site.app(), "/metrics", client=client)).status == status


def test_another_mode_is_refused() -> None:
    with pytest.raises(ValidationError, match="metrics"):
        WebSection.model_validate({"metrics": "open"})
