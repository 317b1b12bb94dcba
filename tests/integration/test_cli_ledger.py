"""A plant by hand: the ledger is made, filled, corrected, closed, traced and audited by commands alone."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url

from gateway.ledger.database.schema import upgrade
from gateway.service.local.ledger import LAW_NAMES
from tests.integration.cli_program import SHIPPED, Commands, Program
from tests.servers import Postgres, free_port

MOTOR = ("1000/L04", "--material", "MOTOR-24")
LATE = ("--force", "--reason", "found late")


def _imported(backflush: Commands) -> Commands:
    assert backflush("init").status == 0
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    return backflush


@pytest.fixture
def backflush(tmp_path: Path) -> Commands:
    """Offer the commands with the shipped master data in force."""
    return _imported(Commands(tmp_path / "data"))


def test_without_a_ledger_every_reader_says_what_to_do(tmp_path: Path) -> None:
    backflush = Commands(tmp_path / "data")
    for arguments in (["report", "stock"], ["audit"], ["trace", "1"], ["backlog", "list"], ["quarantine", "list"]):
        said = backflush(*arguments)
        assert said.status == 2
        assert said.out == ""
        assert "`backflush init` creates it" in said.err
        assert said.err.count("\n") == 1


def test_a_database_that_is_away_is_status_3_and_no_password_is_shown(tmp_path: Path) -> None:
    backflush = Commands(tmp_path, "postgresql+psycopg://bf:geheim@127.0.0.1:1/nothing")
    for arguments in (["init"], ["report", "stock"], ["work"], ["masterdata", "diff", str(SHIPPED)]):
        said = backflush(*arguments)
        assert said.status == 3, said
        assert len([line for line in said.err.splitlines() if not line.startswith("created journal ")]) == 1
        assert "geheim" not in said.err


def test_an_import_is_idempotent_and_an_export_imports_to_the_same(backflush: Commands, tmp_path: Path) -> None:
    again = backflush("masterdata", "import", str(SHIPPED), "--json")
    assert (again.status, again.json["imported"], again.json["changes"]) == (0, False, [])
    out = tmp_path / "export"
    assert backflush("masterdata", "export", str(out)).status == 0
    diff = backflush("masterdata", "diff", str(out), "--json")
    assert (diff.status, diff.json["changes"]) == (0, [])
    assert {finding["severity"] for finding in diff.json["findings"]} <= {"warning"}


def test_one_error_refuses_the_whole_import_and_is_told_with_its_row(backflush: Commands, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(SHIPPED, broken)
    lines = (broken / "materials.csv").read_text().splitlines()
    (broken / "materials.csv").write_text(
        "\n".join([*lines, lines[1], lines[2].replace("PUMP-40H", "NEW").replace(",PC,0,", ",PC,9,")]) + "\n"
    )
    before = backflush("masterdata", "export", str(tmp_path / "a"), "--json").json["digest"]
    said = backflush("masterdata", "import", str(broken))
    assert said.status == 1
    assert f"materials.csv:{len(lines) + 1}: material: error: duplicate row" in said.err
    assert f"materials.csv:{len(lines) + 2}: decimals: error:" in said.err
    assert backflush("check", str(broken)).status == 1
    assert backflush("masterdata", "diff", str(broken)).status == 1
    assert backflush("masterdata", "export", str(tmp_path / "b"), "--json").json["digest"] == before


def test_check_tells_every_finding_of_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('[mqtt]\nkeepalive_s = 1\nprotokol = "5"\n[posting]\nwindow = "soon"\n')
    said = Program(tmp_path)("check", "-c", str(file), "--json")
    assert said.status == 1
    assert [finding["field"] for finding in said.json["findings"]] == [
        "mqtt.keepalive_s",
        "mqtt.protokol",
        "posting.window",
    ]
    assert Program(tmp_path)("run", "-c", str(file)).status == 2


def test_check_finds_a_variable_that_means_a_setting_and_a_window_that_holds_nothing(tmp_path: Path) -> None:
    wrong = {"MQTT_URL": "mqtt://x", "JOURNAL_KEEP_DAYS": "3", "POSTING__WINDOW": "0s", "LOG_BOOK": "is ours"}
    said = Program(tmp_path, **wrong)("check", "--json")
    assert said.status == 1
    assert {finding["field"]: finding["text"] for finding in said.json["findings"]} == {
        "BACKFLUSH_MQTT_URL": "expected two underscores, BACKFLUSH_MQTT__URL",
        "BACKFLUSH_JOURNAL_KEEP_DAYS": "expected two underscores, BACKFLUSH_JOURNAL__KEEP_DAYS",
        "posting.window": "expected reading, 100pc, 30s, shift or scan, got '0s'",
    }
    refused = Program(tmp_path, MQTT_URL="mqtt://x")("run")
    assert (refused.status, "BACKFLUSH_MQTT__URL" in refused.err) == (2, True)


def test_check_finds_lines_that_no_gateway_has_a_journal_that_keeps_nothing_and_a_password_that_all_can_read(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "password"
    secret.write_text("geheim")
    secret.chmod(0o644)
    lines = "1000/L04,1000/L4,1000/_,1001/*,2000/ka"
    check = Program(tmp_path, GATEWAY__LINES=lines, JOURNAL__KEEP_DAYS="0", MQTT__PASSWORD_FILE=str(secret))
    said = check("check", str(SHIPPED), "--json")
    assert said.status == 0, said
    found = [(finding["field"] or finding["file"], finding["text"]) for finding in said.json["findings"]]
    assert [text for field, text in found if field == "gateway.lines" and "SQLite" not in text] == [
        "the master data have no line 1000/L4",
        "the master data have no plant 1001",
        "the master data have no line 2000/ka",
    ]
    assert (str(secret), "has rights 644, expected the owner's alone (600)") in found
    assert next(text for field, text in found if field == "journal.keep_days").startswith("0 keeps no posted batches")
    misread = Program(tmp_path, GATEWAY__LINES="KA")("check", "--json").json["findings"]
    assert [(finding["field"], finding["text"]) for finding in misread if finding["severity"] == "error"] == [
        ("gateway.lines", "expected '*', 'plant/*' or 'plant/line', got 'KA'")
    ]


def test_check_refuses_lines_that_overlap(tmp_path: Path) -> None:
    said = Program(tmp_path, GATEWAY__LINES="*,1000/L04")("check", "--json")
    assert said.status == 1
    [finding] = said.json["findings"]
    assert "overlap" in finding["text"]


def test_check_warns_of_several_gateways_on_an_old_sqlite(tmp_path: Path, postgres: Postgres) -> None:
    old = sqlite3.sqlite_version_info < (3, 51, 3)
    for lines, database, warned in (("1000/L04", "", old), ("*", "", False), ("1000/L04", postgres.fresh_url(), False)):
        said = Program(tmp_path, GATEWAY__LINES=lines, DATABASE__URL=database)("check", "--json")
        assert said.status == 0
        fields = [finding["field"] for finding in said.json["findings"]]
        assert fields == (["gateway.lines"] if warned else []), said


def test_a_dry_run_prints_what_the_posting_then_posts(backflush: Commands) -> None:
    dry = backflush("post", *MOTOR, "--quantity", "3", "--dry-run", "--json").json
    assert backflush("report", "documents", "--json").json == []
    posted = backflush("post", *MOTOR, "--quantity", "3", "--json").json
    [document] = backflush("report", "documents", "--json").json
    assert posted["data"]["documents"] == [document["document"]]
    [planned] = dry["documents"]
    for name in ("movement", "material", "location", "quantity", "unit", "amount"):
        assert [item[name] for item in planned["items"]] == [item[name] for item in document["items"]]
    assert planned["yield"] == document["yield"] == "3"


def test_the_same_transaction_is_worked_on_once(backflush: Commands) -> None:
    asked = ("post", *MOTOR, "--quantity", "3", "--transaction", "T1", "--actor", "ada", "--json")
    assert backflush(*asked).json == backflush(*asked).json
    assert len(backflush("report", "documents", "--json").json) == 1
    other = backflush("post", *MOTOR, "--quantity", "4", "--transaction", "T1", "--actor", "ada", "--json")
    assert (other.status, other.json["code"]) == (1, "BF2006")


def test_a_reversal_mirrors_its_document_and_happens_once(backflush: Commands) -> None:
    stock = backflush("report", "stock", "--json").json
    assert backflush("post", "1000/L05", "--quantity", "10").out == "10 posted in 0000000001\n"
    assert backflush("reverse", "1", "--reason", "wrong line", "--actor", "ada").status == 0
    assert [row for row in backflush("report", "stock", "--json").json if row["quantity"] != "0"] == stock
    again = backflush("reverse", "0000000001")
    assert again.status == 1
    assert "BF5002" in again.err
    reversal, _ = backflush("report", "documents", "--json").json
    assert (reversal["reverses"], reversal["actor"], reversal["reason"]) == ("0000000001", "ada", "wrong line")
    assert "0000000001" in backflush("trace", "2").out


def test_a_device_that_only_the_quarantine_knows_is_traced(backflush: Commands) -> None:
    assert backflush("run-start", "1000/L06", "PUMP-40", "--total", "nobody=5").status == 0
    said = backflush("trace", "nobody", "--json")
    assert (said.status, said.json["state"], len(said.json["quarantine"])) == (0, "seen", 1)


def test_what_was_bought_is_brought_in_by_one_row_of_one_file(backflush: Commands, tmp_path: Path) -> None:
    exported = tmp_path / "exported"
    assert backflush("masterdata", "export", str(exported)).status == 0
    header, row, *_ = (exported / "opening_stock.csv").read_text().splitlines()
    columns = dict(zip(header.split(","), row.split(","), strict=True))
    before = {(r["material"], r["location"]): r["quantity"] for r in backflush("report", "stock", "--json").json}
    columns["quantity"] = str(int(columns["quantity"]) + 300)
    bought = tmp_path / "bought"
    bought.mkdir()
    (bought / "opening_stock.csv").write_text(f"{header}\n{','.join(columns.values())}\n")
    for _ in range(2):
        said = backflush("masterdata", "import", "--merge", str(bought))
        assert said.status == 0, said
    after = {(r["material"], r["location"]): r["quantity"] for r in backflush("report", "stock", "--json").json}
    moved = {key: int(after[key]) - int(before[key]) for key in after if after[key] != before.get(key)}
    assert moved == {(columns["material"], columns["location"]): 300}


def test_a_reversal_of_a_part_says_so(backflush: Commands) -> None:
    assert backflush("post", "1000/L05", "--quantity", "10").status == 0
    said = backflush("reverse", "1", "--quantity", "4", "--reason", "wrong label").out
    assert said == "4 of document 0000000001 are reversed by 0000000002\n"
    told = backflush("trace", "1").out
    assert "  reversed in part by 0000000002" in told.splitlines()[0]
    dues = [line for line in told.splitlines() if " at final: " in line]
    assert len(dues) == len(set(dues)), told
    said = backflush("reverse", "1", "--reason", "all of it").out
    assert said == "document 0000000001 is reversed by 0000000003\n"
    assert "  reversed by 0000000002, 0000000003" in backflush("trace", "1").out.splitlines()[0]


def test_the_worklist_is_posted_on_demand(backflush: Commands) -> None:
    assert backflush("post", "1000/L01", "--quantity", "100").status == 0
    [document] = backflush("report", "documents", "--json").json
    assert document["status"]["issue"] == "open"
    assert backflush("work", "--line", "1000/L01", "--kind", "issue").status == 0
    documents = {record["document"]: record for record in backflush("report", "documents", "--json").json}
    assert documents[document["document"]]["status"]["issue"] == "posted"
    assert documents[document["document"]]["status"]["activity"] == "open"


def test_a_held_worklist_waits_for_its_release(backflush: Commands) -> None:
    assert backflush("post", "1000/L01", "--quantity", "100").status == 0
    assert backflush("hold", "1000/L01").status == 0
    assert backflush("work", "--json").json["data"]["posted"] == 0
    assert backflush("release", "1000/L01").status == 0
    assert backflush("work", "--json").json["data"]["posted"] > 0


def test_what_was_really_used_is_issued_instead_of_the_bill_of_material(backflush: Commands) -> None:
    used = ("--component", "WIRE-3=0.5@RM01", "--activity", "CAB1/LABOUR=0.1", "--complete")
    assert backflush("post", "1000/L05", "--quantity", "2", *used).status == 0
    [document] = backflush("report", "documents", "--json").json
    assert sorted((item["material"], item["quantity"]) for item in document["items"]) == [
        ("CABLE-15", "2"),
        ("WIRE-3", "-0.5"),
    ]
    assert [(row["activity"], row["hours"]) for row in document["activities"]] == [("LABOUR", "0.1")]
    assert backflush("post", "1000/L05", "--quantity", "2", "--component", "WIRE-3").status == 2


def test_units_are_reversed_without_naming_a_document(backflush: Commands) -> None:
    for quantity in ("3", "4"):
        assert backflush("post", "1000/L05", "--quantity", quantity).status == 0
    units = ("--line", "1000/L05", "--material", "CABLE-15", "--version", "0001", "--quantity")
    assert backflush("reverse", *units, "5").status == 0
    assert sum(int(row["yield"]) for row in backflush("report", "documents", "--json").json) == 2
    assert backflush("reverse").status == 2
    assert backflush("audit").status == 0


def test_closing_a_backlog_record_needs_a_reason_and_deletes_nothing(backflush: Commands) -> None:
    assert backflush("post", "1000/L04", "--quantity", "100000").status == 0
    [first, *others] = backflush("backlog", "list", "--json").json
    record = f"{first['document']}/{first['item']}"
    assert backflush("backlog", "close", record).status == 2
    assert backflush("backlog", "close", record, "--reason", "counted again").status == 0
    assert backflush("backlog", "list", "--json").json != [first, *others]
    assert len(backflush("backlog", "list", "--json").json) == len(others)
    assert backflush("audit").status == 0


def test_a_closed_period_sends_a_late_piece_to_the_next_open_day(backflush: Commands) -> None:
    assert backflush("period", "close", "1000", "2026-02").status == 0
    assert backflush("post", "1000/L05", "--quantity", "1", "--at", "2026-02-10T12:00", *LATE).status == 0
    [document] = backflush("report", "documents", "--json").json
    assert (document["production_date"], document["posting_date"]) == ("2026-02-10", "2026-03-01")
    assert backflush("period", "open", "1000", "2026-02").status == 0
    assert backflush("period", "close", "1000", "2026-2").status == 2


def test_every_report_has_its_json_and_its_table(backflush: Commands) -> None:
    assert backflush("post", *MOTOR, "--quantity", "5").status == 0
    for name in ("stock", "documents", "production", "points", "collectors", "statistics"):
        records = backflush("report", name, "--json").json
        assert isinstance(records, list)
        assert records, name
        table = backflush("report", name)
        totals = len(backflush("report", name, "--by", "total", "--json").json) if name == "production" else 0
        assert len(table.out.splitlines()) == len(records) + 1 + totals, name
    [some, *_] = backflush("report", "stock", "--json").json
    assert list(some) == ["plant", "material", "location", "batch", "stock_type", "quantity", "unit"]


def test_the_audit_prints_each_law_and_finds_a_corruption(backflush: Commands, tmp_path: Path) -> None:
    assert backflush("post", *MOTOR, "--quantity", "5").status == 0
    clean = backflush("audit", "--deep", "--json")
    assert (clean.status, clean.json["audit"]) == (0, "ok")
    assert [law["law"] for law in clean.json["laws"]] == list(LAW_NAMES)
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE stock SET quantity = quantity + 1000000 WHERE material = 'MOTOR-24'")
    broken = backflush("audit", "--deep", "--json")
    assert (broken.status, broken.json["audit"]) == (1, "broken")
    assert {law["law"] for law in broken.json["laws"] if not law["ok"]} == {"stock", "fold"}


def test_hostile_text_is_inert_wherever_it_is_shown(backflush: Commands) -> None:
    for control in ("\x1b[2J", "\x9b2J", "\u202ex"):
        refused = backflush("post", "1000/L05", "--quantity", "1", "--reason", control)
        assert (refused.status, refused.err) == (2, "backflush: reason: expected a text without control characters\n")
    assert backflush("post", "1000/L05", "--quantity", "1", "--reason", "[red]x[/red]").status == 0
    for arguments in (["trace", "1"], ["trace", "1", "--json"], ["report", "documents", "--json"]):
        said = backflush(*arguments)
        assert "[red]" in said.out


def test_a_barcode_is_explained_and_posts_nothing(backflush: Commands) -> None:
    label = backflush("scan", r"]C10102000000000060" + "21A1", "--line", "1000/L04", "--json")
    assert label.status == 0
    [would] = label.json["would"]
    assert (would["result"], would["title"]) == ("ok", "1 PC")
    assert backflush("scan", "CARD-HOT-WATER", "--json").json["would"].startswith("begin a run of PUMP-40H 0001")
    bad = backflush("scan", "4006381333932")
    assert (bad.status, "BF1013" in bad.out) == (1, True)
    assert backflush("scan", "NOTHING-KNOWN").status == 1
    begins = backflush("scan", "BF:BEGIN:c-L05-good:7", "--line", "1000/L05", "--json").json
    assert begins["would"] == "restart counter c-L05-good of the scanner's line at 7"


def test_a_code_is_explained_at_the_line_of_a_scanner_and_at_no_other(backflush: Commands) -> None:
    label, roaming = "]C10102000000000060" + "21A1", ("--device", "s-roaming")
    said = backflush("scan", label, *roaming, "--json")
    assert (said.status, said.json["would"][0]["code"]) == (1, "BF3015")
    assert said.json["steps"][-1] == "scanner s-roaming has chosen no line"
    assert backflush("scan", "BF:LINE:1000:L04", *roaming).status == 0
    both = backflush("scan", label, *roaming, "--line", "1000/L04")
    assert (both.status, "expected --line or --device" in both.err) == (2, True), both.err


@pytest.mark.parametrize(
    ("card", "line", "code"),
    [
        ("BF:LINE:1000:L99", (), "BF3021"),
        ("BF:OPERATOR:otto", (), "BF3023"),
        ("BF:LOST:ZZ", (), "BF3022"),
        ("BF:POINT:0099", ("--line", "1000/L04"), "BF3010"),
        ("BF:RUN:NONE:1", ("--line", "1000/L04"), "BF3011"),
        ("BF:BEGIN:nobody:7", ("--line", "1000/L04"), "BF2001"),
    ],
)
def test_scan_tells_of_a_card_what_a_scanner_would_be_told(
    backflush: Commands, card: str, line: tuple[str, ...], code: str
) -> None:
    said = backflush("scan", card, *line, "--json")
    assert (said.status, said.json["code"], "would" in said.json) == (1, code, False)
    assert said.err == "would be refused\n"
    assert backflush("report", "documents", "--json").json == []


def test_the_same_commands_work_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    backflush = _imported(Commands(tmp_path, postgres.fresh_url()))
    assert backflush("post", *MOTOR, "--quantity", "3").status == 0
    assert backflush("reverse", "1", "--quantity", "1").status == 0
    assert backflush("audit", "--deep").status == 0
    assert [row["yield"] for row in backflush("report", "documents", "--json").json] == ["-1", "3"]


@pytest.mark.parametrize("words", [("check",), ("check", str(SHIPPED)), ("report", "stock")])
def test_a_password_that_the_database_refuses_is_status_3_and_told(
    words: tuple[str, ...], tmp_path: Path, postgres: Postgres
) -> None:
    """It was told that no master data is in force yet, and that all is well."""
    url = postgres.fresh_url()
    upgrade(url)
    postgres.demand_password("locked", "another")
    locked = make_url(url).set(username="locked", password="wr0ng%secret")
    said = Commands(tmp_path, locked.render_as_string(hide_password=False))(*words)
    assert said.status == 3, said
    assert 'password authentication failed for user "locked"' in said.out + said.err
    assert "no master data is in force" not in said.err
    assert "wr0ng" not in said.out + said.err


@pytest.mark.parametrize("words", [("check",), ("check", str(SHIPPED)), ("report", "stock")])
def test_a_database_that_is_not_there_is_status_3_and_told(words: tuple[str, ...], tmp_path: Path) -> None:
    said = Commands(tmp_path, f"postgresql://backflush@127.0.0.1:{free_port()}/backflush")(*words)
    assert said.status == 3, said
    assert "onnection refused" in said.out + said.err
    assert "no master data is in force" not in said.err
