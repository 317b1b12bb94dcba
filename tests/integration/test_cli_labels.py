"""Labels and cards from the command line: printed by the master data in force, read by the patterns in force."""

from pathlib import Path
from typing import Any

from gateway.journal import Entry
from gateway.service.local.submission import open_pump, settings_entry, system_clock
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Commands, Program

PATTERN = "(?P<material>[A-Z]+-[0-9]+);(?P<quantity>[0-9]{1,3})"


def test_cards_are_printed_by_the_master_data_in_force(tmp_path: Path) -> None:
    backflush = Commands(tmp_path)
    assert backflush("scan", "BF:STOP", "--explain", "--json").json["steps"][-1] == "it says STOP"
    assert backflush("labels", str(tmp_path / "cards.pdf")).status == 2
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    said = backflush("labels", str(tmp_path / "cards.pdf"), "--kind", "points", "--line", "1000/L04", "--json")
    assert said.err.startswith("3 cards on 1 page in ")
    assert [card["code"] for card in said.json] == ["BF:POINT:0010", "BF:POINT:0020", "BF:POINT:0030"]
    assert backflush("scan", said.json[1]["printed"], "--json").json["point"] == "0020"
    assert (tmp_path / "cards.pdf").read_bytes().startswith(b"%PDF")
    assert backflush("labels", str(tmp_path / "who.svg"), "--kind", "operators", "--paper", "62x29").status == 0
    assert "Operator 4712" in (tmp_path / "who-2.svg").read_text(encoding="utf-8")
    for wrong in (["cards.txt"], [], ["x.pdf", "--paper", "a5"], ["x.pdf", "--line", "1000/L99"]):
        assert backflush("labels", *wrong).status == 2


def test_check_finds_patterns_that_read_nothing_or_too_much(tmp_path: Path) -> None:
    said = Program(tmp_path, SCAN__PATTERNS="(?P<material>KANBAN-[A-Z]{1,9})")("check", str(SHIPPED), "--json")
    found = [finding["text"].split()[1] for finding in said.json["findings"] if finding["field"] == "scan.patterns"]
    assert (said.status, found) == (0, ["KANBAN-HOUSING", "KANBAN-MOTOR"])
    [fault] = Program(tmp_path, SCAN__PATTERNS="(?P<batch>.)")("check", "--json").json["findings"]
    assert (fault["field"], fault["severity"]) == ("scan.patterns.0", "error")


def test_a_scan_is_read_by_the_patterns_in_force_when_it_came(tmp_path: Path) -> None:
    backflush = Commands(tmp_path)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    settings: dict[str, dict[str, Any]] = {"scan": {"patterns": [PATTERN]}}
    for said, number in ((settings, 1), ({}, 2), (settings, 3)):
        scan = Entry("message", "bf/v1/1000/_/s-roaming/scan", b'{"id":"%d","data":"PUMP-40;12"}' % number)
        place = Entry("message", "bf/v1/1000/_/s-roaming/scan", b'{"id":"L%d","data":"BF:LINE:1000:L06"}' % number)
        in_force = load_settings(tmp_path / "gateway.toml", said)
        with open_pump(in_force) as (journal, _):
            journal.append(system_clock(), [settings_entry(in_force.rules), place, scan])
        with open_pump(in_force):
            pass
    assert [row["yield"] for row in backflush("report", "documents", "--json").json] == ["12", "12"]
    kept = backflush("quarantine", "list", "--state", "all", "--json").json
    assert [(row["code"], row["state"]) for row in kept] == [("BF3014", "repeated")]
    assert backflush("audit", "--deep").status == 0
