"""Promise 16: hostile text is inert in the terminal, JSON, logs, CSV and SQL, wherever it came in."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.journal import Entry
from gateway.mqtt.topics import Topics
from gateway.service.local.submission import open_pump, system_clock
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.servers import Mosquitto, Postgres

HOSTILE = [
    "\x1b]0;owned\x07\x1b[2J\x1b[31m",
    "line\nbreak\r\n2026-11-22T00:00:00.000Z info    forged",
    "\u202egnp.exe\u2066\u200b\ufeff",
    '=HYPERLINK("http://x")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "'; DROP TABLE documents; --",
    '"); DELETE FROM marks; --',
    "[red]markup[/red] :smile: %s %n {0} ${x} `id` $(id)",
    "\x9b31m\x85\u2028\u2029",
    "\\x1b[2J \\",
]


def _messages() -> Iterator[tuple[str, bytes]]:
    """Say everything hostile everywhere that a device or a person has a text: topics, payloads, scans, requests."""
    for number, text in enumerate(HOSTILE):
        yield f"bf/v1/1000/L05/{text}/count", b"1"
        yield f"bf/v1/1000/{text}/c-L05-good/count", b"1"
        yield "bf/v1/1000/L05/c-L05-good/count", text.encode()
        total = {"boot": text[:8], "seq": number, "good": number, "unit": text, "batch": text}
        yield "bf/v1/1000/L05/c-L05-good/count", json.dumps(total).encode()
        yield (
            "bf/v1/1000/L04/c-L04-good/count",
            json.dumps({"good": number, "scrap": number, "scrap_by": {text: number}, "batch": text[:5]}).encode(),
        )
        yield "bf/v1/1000/_/s-roaming/scan", json.dumps({"id": text, "data": text, "operator": text}).encode()
        yield "bf/v1/1000/_/s-roaming/scan", text.encode()
        yield "bf/v1/1000/L05/c-L05-good/state", json.dumps({"state": text}).encode()
        request = {"transaction": text, "actor": text, "reason": text, "data": {"material": text, "version": text}}
        yield "bf/v1/1000/L05/_request/run-start", json.dumps(request).encode()
        yield f"bf/v1/1000/L05/_request/{text}", b"{}"


LOOKS = [
    ["quarantine", "list", "--limit", "500"],
    ["quarantine", "list", "--state", "all"],
    ["backlog", "list"],
    ["backlog", "list", "--sum"],
    *(["report", name] for name in ("stock", "documents", "production", "points", "collectors", "devices")),
    ["report", "statistics"],
    ["trace", "c-L05-good"],
    ["trace", "c-L04-good"],
    ["trace", "1", "--telegrams"],
    ["audit"],
]


def test_what_was_said_is_printed_inert_and_the_ledger_holds(database: str, tmp_path: Path, postgres: Postgres) -> None:
    backflush = Commands(tmp_path, postgres.fresh_url() if database == "postgresql" else "")
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    with open_pump(load_settings(tmp_path / "gateway.toml")) as (journal, _):
        journal.append(system_clock(), [Entry("message", topic, payload) for topic, payload in _messages()])
    for text in HOSTILE if database == "sqlite" else HOSTILE[6:8]:
        by_hand = ("post", "1000/L05", "--quantity", "1", "--actor", text, "--reason", text)
        _inert(*backflush(*by_hand)[1:])
        _inert(*backflush("post", "1000/L05", "--material", text, "--quantity", "1")[1:])
        _inert(*backflush("devices", "adopt", text, "--reason", text)[1:])
        _inert(*backflush("reverse", "1", "--quantity", text)[1:])
        _inert(*backflush("report", "documents", "--since", text)[1:])
        _inert(*backflush("scan", text)[1:])
    for words in LOOKS:
        table, data = backflush(*words), backflush(*words, "--json")
        assert (table.status, data.status) == (0, 0), (words, table.err, data.err)
        _inert(table.out, table.err, data.err)
        assert data.out.isascii()
        json.loads(data.out)
    listed = backflush("quarantine", "list", "--limit", "500", "--json").json
    assert len(listed) > len(HOSTILE) * 4
    assert backflush("audit", "--deep").status == 0


def _inert(*texts: str) -> None:
    for text in texts:
        for line in text.split("\n"):
            assert line.isprintable(), ascii(line)


def test_no_topic_of_a_hostile_name_is_a_devices() -> None:
    topics = Topics("bf/v1", "gw1")
    for text in HOSTILE:
        assert "code" in topics.parse(f"bf/v1/1000/L05/{text}/count")._fields


@pytest.mark.parametrize("text", HOSTILE[:7])
def test_master_data_takes_no_text_that_acts_so_its_export_is_inert(text: str, tmp_path: Path) -> None:
    folder = tmp_path / "masterdata"
    shutil.copytree(SHIPPED, folder)
    rows = (folder / "materials.csv").read_text().splitlines()
    cells = rows[1].split(",")
    cells[rows[0].split(",").index("description")] = '"' + text.replace('"', '""') + '"'
    (folder / "materials.csv").write_text("\n".join([rows[0], ",".join(cells), *rows[2:]]) + "\n", newline="")
    said = Commands(tmp_path / "data")("masterdata", "import", str(folder))
    _inert(said.out, said.err)
    assert said.status == (0 if text.startswith("'") else 1), said.err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_log_line_is_one_line_by_any_writer(form: str, mosquitto: Mosquitto) -> None:
    with (
        GatewayProcess(mosquitto.url, log={"level": "debug", "format": form}) as gateway,
        Monitor(mosquitto, "bf/v1/#") as monitor,
    ):
        gateway.start().ready()
        # What no client may say is not sent: Mosquitto throws those out.
        for topic, payload in _messages():
            if "+" not in topic and "#" not in topic and topic.isprintable():
                monitor.say(topic, payload)
        until(lambda: gateway.health()["messages"].get("quarantine", 0) > len(HOSTILE), gateway.health)
        gateway.caught_up()
        assert gateway.stop() == 0
        for line in gateway.log.splitlines():
            assert line.isprintable(), ascii(line)
            if form == "json" and not line.startswith("backflush: "):
                assert {"ts", "level", "logger", "text"} == set(json.loads(line))
        for heard in monitor.has_heard:
            if "/_gateway/" in heard.topic or heard.topic.endswith("/_status"):
                assert heard.payload.decode().isprintable(), heard
