"""What a person sees on a screen of 80 columns: every number whole, and the same one that a program reads.

The commands are those of the README's tour, and every report. They are given within this process: dozens of them take
seconds then.
"""

import csv
import io
import os
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.look.reports import report as report_group
from gateway.cli.root import main
from tests.cases.rig import Rig
from tests.integration.cli_program import SHIPPED, Commands, Said, Screen

NUMBER = re.compile(r"(?<![\w.:-])-?\d+(?:\.\d+)?(?![\w:]|-\d|\.\d)")
TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d+)?Z?)?")
AGE = re.compile(r"\b\d+ (?:s|min)\b")
"""Another one a moment later."""
TOUR = [("report", "documents"), ("trace", "0000000002", "--telegrams"), ("report", "stock", "--material", "PUMP-40")]
REPORTS = [
    *("stock", "documents", "movements", "production", "points", "collectors", "devices", "statistics"),
    *(
        "orders",
        "orders --needs",
        "worklist",
        "windows",
        "lines",
        "runs",
        "periods",
        "holds",
        "corrections",
        "imports",
        "alerts",
        "curve 1000/L06",
    ),
]
LISTS = [*(("report", *report.split()) for report in REPORTS), ("backlog", "list"), ("backlog", "list", "--sum"),
         ("quarantine", "list")]  # fmt: skip
SHOWN = [*TOUR, *LISTS]
FILTERS = {"--line": ("plant", "line"), "--plant": ("plant",), "--material": ("material",), "--device": ("device",),
           "--order": ("order",), "--period": ("period",)}  # fmt: skip
"""The fields of a record by which a filter finds it."""


@pytest.fixture(scope="module")
def plant() -> Iterator[Rig]:
    """Offer the shipped plant after the README's tour, and with something in every report."""
    with Rig() as rig:
        rig.start()
        for total in (12, 30, 30):
            rig.count("c-L06-good", total)
        rig.settle()
        assert rig.scan("s-roaming", "BF:LINE:1000:L06")["result"] == "info"
        assert rig.scan("s-roaming", "]C10102000000001012217001")["result"] == "ok"
        asked(rig, "reverse", "0000000003", "--reason", "wrong box")
        asked(rig, "post", "1000/L01", "--quantity", "1234567", "--material", "HOUSING-40", "--version", "0001")
        asked(rig, "hold", "1000/L02", "--kind", "issue", "--reason", "inventory", "--actor", "anna")
        batch = "a-batch-with-a-name-of-forty-characters1"
        asked(rig, "run-start", "1000/L05", "CABLE-15", "0001", "--batch", batch, "--actor", "ben")
        asked(rig, "post", "1000/L04", "--quantity", "60000", "--material", "MOTOR-24", "--version", "0001")
        rig.count("c-L03-good", 58)
        for line in ("L01", "L77"):
            rig.say(f"bf/v1/1000/{line}/nobody/count", "5")
        rig.change("planned_orders", "P1002", closed="yes")
        rig.settle()
        yield rig


@pytest.fixture
def columns() -> Iterator[None]:
    """Let screens have 80 columns."""
    before = dict(os.environ)
    os.environ.update(COLUMNS="80", TERM="dumb")
    yield
    os.environ.clear()
    os.environ.update(before)


def said_to(rig: Rig, *words: str, out: io.StringIO) -> Said:
    """Give a command within this process."""
    err = io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(["-c", str(rig.gateway.config), *words])
    return Said(status, out.getvalue(), err.getvalue())


def asked(rig: Rig, *words: str) -> Said:
    """Give a command that must do what it is asked for."""
    said = said_to(rig, *words, out=io.StringIO())
    assert said.status == 0, said
    return said


def read(rig: Rig, *words: str) -> Any:
    """Return what a program reads."""
    return asked(rig, *words, "--json").json


def leaves(value: Any) -> Iterator[str]:
    """Yield every text and number of JSON, names of fields as well: points and reasons are such."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from (name, *leaves(inner))
        case list():
            for inner in value:
                yield from leaves(inner)
        case _:
            yield str(value)


def not_told(numbers: Iterable[str], told: Collection[str]) -> list[str]:
    """Return the numbers that nobody has told; amounts have the decimals of their currency on a screen."""
    return [number for number in numbers if number not in told and f"{Decimal(number).normalize():f}" not in told]


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
@pytest.mark.usefixtures("columns")
def test_every_number_on_a_screen_of_80_columns_is_one_of_json(plant: Rig, words: tuple[str, ...]) -> None:
    shown = said_to(plant, *words, out=Screen()).out
    numbers = NUMBER.findall(AGE.sub("", TIME.sub("", shown)))
    assert numbers, shown
    told = {number for leaf in leaves(read(plant, *words)) for number in (leaf, *NUMBER.findall(leaf))}
    if "production" in words:  # the screen ends with the totals of its rows
        told |= set(leaves(read(plant, *words, "--by", "total")))
    assert not_told(numbers, told) == [], shown
    assert all(len(line) <= 80 for line in shown.splitlines()), shown


def test_a_real_terminal_of_60_columns_shows_whole_numbers_and_leaves_nothing_out(plant: Rig) -> None:
    shown = plant.on_screen("report", "documents", columns=60)
    told = {word.strip(",") for word in shown.split()}
    for document in read(plant, "report", "documents"):
        assert {document["document"], document["type"], document["line"], *document["reversed_by"]} <= told, shown
    assert all(len(line) <= 60 for line in shown.splitlines()), shown


@pytest.mark.parametrize(
    ("words", "there"),
    [
        (("report", "documents"), 5),
        (("report", "runs"), 2),
        (("report", "orders"), 2),
        (("report", "imports"), 1),
        (("quarantine", "list"), 1),
    ],
    ids=str,
)
def test_a_list_says_that_it_was_cut_only_where_it_was(plant: Rig, words: tuple[str, ...], there: int) -> None:
    records = read(plant, *words, "--limit", "1000")
    assert len(records) >= there
    for limit in {1, max(1, len(records) - 1), len(records), len(records) + 1}:
        said = asked(plant, *words, "--limit", str(limit), "--json")
        assert len(said.json) == min(limit, len(records))
        assert (f"{limit}; --limit shows more" in said.err) == (limit < len(records)), said.err


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_csv_holds_the_records_of_json(plant: Rig, words: tuple[str, ...]) -> None:
    records = read(plant, *words)
    rows = list(csv.DictReader(io.StringIO(asked(plant, *words, "--csv").out)))
    assert len(rows) == len(records)
    for row, record in zip(rows, records, strict=True):
        assert not any(mark in text for name, text in row.items() if name != "payload" for mark in "[{"), "no JSON"
        for name, value in record.items():
            plain = {True: "yes", False: "no", None: ""}.get(value) if isinstance(value, bool | None) else None
            if not isinstance(value, dict | list) and name not in ("ts", "run", "age_s"):
                assert row[name] == (str(value) if plain is None else plain)


def test_the_head_of_csv_is_the_same_where_there_is_nothing(plant: Rig, tmp_path: Path) -> None:
    nothing = Commands(tmp_path)
    assert nothing("init").status == 0
    for words in LISTS:
        if words[1] not in ("alerts", "curve"):  # of a running gateway, and of a line
            head = nothing(*words, "--csv").out.splitlines()[:1]
            assert head == asked(plant, *words, "--csv").out.splitlines()[:1], words


def test_no_report_is_left_out() -> None:
    assert {words.split()[0] for words in REPORTS} == {*report_group.commands}


@pytest.mark.parametrize("report", REPORTS)
def test_a_number_stands_in_the_row_and_under_the_name_that_it_has_in_json(plant: Rig, report: str) -> None:
    records = read(plant, "report", *report.split())
    head, *lines = asked(plant, "report", *report.split()).out.splitlines()
    named = {"%": "percent", "needs": "quantity", "still needs": "open", "in backlog": "backlog"}
    assert len(lines) >= len(records)
    for heading in re.finditer(r"\S+(?: \S+)*", head):
        name = named.get(heading[0], heading[0].replace(" ", "_"))
        numbers = [str(record.get(name)) for record in records]
        for line, number in zip(lines, numbers, strict=False):
            if NUMBER.fullmatch(number) and number != "0":  # what is nothing may be left out
                right, left = line[: heading.end()].rpartition(" ")[2], line[heading.start() :].partition(" ")[0]
                assert any(Decimal(number) == Decimal(told) for told in (right, left) if NUMBER.fullmatch(told)), line


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("report", "stock", "--plant", "9999"), "there is no plant '9999'"),
        (("report", "stock", "--material", "PUMP"), "there is no material 'PUMP'"),
        (("report", "production", "--line", "1000/L99"), "there is no line 'L99' in plant 1000"),
        (("report", "production", "--since", "2026-02-30"), "expected YYYY-MM-DD"),
        (("report", "curve", "1000/L99"), "there is no line 'L99' in plant 1000"),
        (("report", "points", "--period", "2026-13"), "expected YYYY-MM"),
        (("report", "devices", "--device", "c-L99"), "there is no device 'c-L99'"),
        (("report", "orders", "--order", "P9"), "there is no planned order 'P9'"),
        (("report", "documents", "--order", "P9"), "there is no document that reduces planned order 'P9'"),
        (("report", "documents", "--batch", "B9"), "there is no document of batch 'B9'"),
        (("report", "documents", "--type", "scrap", "--device", "c-L99"), "there is no device 'c-L99'"),
        (("report", "movements", "--after", "99"), "there is no document 0000000099 for a page to follow"),
        (("report", "corrections", "--since", "2026-11-22", "--until", "2026-11-21"), "is after --until 2026-11-21"),
        (("report", "runs", "--line", "1000/l04"), "there is no line 'l04' in plant 1000"),
        (("report", "holds", "--line", "1001"), "there is no plant '1001'"),
        (("backlog", "list", "--material", "X"), "there is no material 'X'"),
        (("quarantine", "list", "--device", "X"), "there is no device 'X'"),
    ],
)
def test_a_filter_that_names_nothing_known_is_refused(plant: Rig, words: tuple[str, ...], what: str) -> None:
    said = said_to(plant, *words, out=io.StringIO())
    assert (said.status, said.out, what in said.err) == (2, "", True), said


@pytest.mark.parametrize("words", LISTS, ids=" ".join)
def test_what_a_list_shows_its_filters_find(plant: Rig, words: tuple[str, ...]) -> None:
    """Maintained or known to the ledger alone, in whatever list it stands."""
    offered = re.findall(r"^ +(--\w+)", asked(plant, *words[:2], "--help").out, re.MULTILINE)
    now_ = {"age_s", "ts"}
    records = [{name: said for name, said in each.items() if name not in now_} for each in read(plant, *words)]
    for option, names in FILTERS.items() if words[1] != "curve" else ():
        places = {"/".join(str(each.get(name) or "") for name in names) for each in records}
        for value in sorted(places if option in offered else ()):
            if all(value.split("/")):
                found = read(plant, *words, option, value)
                of_it = [each for each in records if "/".join(str(each.get(name) or "") for name in names) == value]
                assert [one for one in of_it if not any(one.items() <= each.items() for each in found)] == [], value


def test_goods_movements_are_the_items_of_the_documents(plant: Rig) -> None:
    listed = read(plant, "report", "movements", "--limit", "100000")
    items = [(d["document"], item) for d in read(plant, "report", "documents") for item in d["items"]]
    assert [
        (row["document"], {name: row[name] for name in item}) for row, (_, item) in zip(listed, items, strict=True)
    ] == items
    newest = asked(plant, "report", "movements", "--limit", "1", "--json")
    assert newest.json == [row for row in listed if row["document"] == listed[0]["document"]]
    following = f"--after {listed[0]['document']} the next"
    assert newest.err == f"these are of the newest 1 documents; --limit shows more, {following}\n"
    of_line = read(plant, "report", "movements", "--line", "1000/L01")
    assert {row["document"] for row in of_line} == {row["document"] for row in listed if row["line"] == "L01"}
    assert {(row["currency"], row["material_document"]) for row in of_line} == {("EUR", f"{of_line[0]['document']}-1")}


def test_a_closed_order_says_so_and_needs_nothing(plant: Rig) -> None:
    [order] = read(plant, "report", "orders", "--order", "P1002")
    assert (order["closed"], {each["open"] for each in order["components"]}) == (True, {"0"})
    needs = read(plant, "report", "orders", "--order", "P1002", "--needs")
    assert {(row["closed"], row["open"]) for row in needs} == {(True, "0")}
    assert "closed" in plant.on_screen("report", "orders").splitlines()[1].split()


def test_every_line_is_shown_and_says_what_its_open_pieces_wait_for(plant: Rig) -> None:
    """Maintained, or known to the broker alone; before its first piece as well."""
    lines = {line["line"]: line for line in read(plant, "report", "lines")}
    assert {row["line"] for row in plant.table("lines")} | {"L77"} == {*lines}
    assert (lines["L77"]["quarantine"], lines["L02"]["run"]["material"], lines["L02"]["read"]) == (
        1,
        "IMPELLER-40",
        "0",
    )
    [wait] = lines["L03"]["waits"]
    assert (wait["units"], wait["point"], wait["for"]) == ("58", "final", "100 pieces")
    assert "58 at final for 100 pieces or until 20" in asked(plant, "report", "lines").out


def test_a_device_that_was_heard_says_so_in_the_list_and_in_its_trace(plant: Rig) -> None:
    listed = {device["device"]: device["state"] for device in read(plant, "report", "devices")}
    assert (listed["c-L06-good"], listed["c-L02-good"]) == ("heard", "unknown")
    assert read(plant, "trace", "c-L06-good")["state"] == "heard"
    assert asked(plant, "trace", "c-L06-good", "--limit", "1").err == "these are the newest 1; --limit shows more\n"


def test_the_worklist_says_what_it_waits_for(plant: Rig) -> None:
    asked(plant, "hold", "1000/L01", "--kind", "issue", "--actor", "ben")
    held = {row["process"]: row["held_by"] for row in read(plant, "report", "worklist", "--line", "1000/L01")}
    assert held == {"issue": "ben", "activity": None}
    shown = asked(plant, "report", "worklist", "--line", "1000/L01").out
    assert ("release, held by ben" in shown, "backflush work" in shown) == (True, True), shown
    asked(plant, "release", "1000/L01")


def test_the_backlog_says_why_in_words(plant: Rig) -> None:
    [record] = read(plant, "backlog", "list", "--material", "STATOR-24")
    assert (record["cause"], record["quantity"]) == ("BF4002", "10000")
    shown = asked(plant, "backlog", "list", "--material", "STATOR-24").out
    assert ("too little stock" in shown, "BF4002" in shown) == (True, False), shown


def test_amounts_have_the_decimals_and_the_name_of_their_currency(plant: Rig) -> None:
    for words in (("report", "collectors"), ("report", "movements"), ("trace", "0000000002")):
        shown = asked(plant, *words).out
        assert re.findall(r"-?\d+\.\d\d +EUR", shown), shown
    assert "EUR" in asked(plant, "post", "1000/L06", "--quantity", "1", "--dry-run").out


@pytest.mark.usefixtures("columns")
def test_no_colours_are_written_where_they_are_not_wanted(plant: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = said_to(plant, "post", "1000/L06", "--quantity", "1", "--dry-run", out=Screen()).out
    assert ("-- goods movements" in shown, "\x1b" in shown) == (True, False), shown
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b" in said_to(plant, "post", "1000/L06", "--quantity", "1", "--dry-run", out=Screen()).out


def test_times_in_tables_are_plant_time(plant: Rig) -> None:
    [run] = read(plant, "report", "runs", "--line", "1000/L05", "--limit", "1")
    [hour] = re.findall(
        r"\d{4}-\d\d-\d\d (\d\d):", asked(plant, "report", "runs", "--line", "1000/L05", "--limit", "1").out
    )
    assert (int(hour) - int(run["start"][11:13])) % 24 in (1, 2), "Europe/Berlin"
    assert run["actor"] == "ben"


def test_holds_and_imports_say_who_when_and_why(plant: Rig) -> None:
    [held] = read(plant, "report", "holds")
    assert (held["line"], held["process"], held["actor"], held["reason"]) == ("L02", "issue", "anna", "inventory")
    first = read(plant, "report", "imports")[-1]
    assert (first["at"] > "2026", bool(first["actor"])) == (True, True)
    assert first["tables"]["plants"] == {"added": 1, "changed": 0, "removed": 0}
    assert first["added"] == sum(table["added"] for table in first["tables"].values())


def test_an_open_period_says_what_hinders_closing_it(plant: Rig) -> None:
    period = read(plant, "report", "periods")[0]
    assert (period["state"], [hinder["what"] for hinder in period["hinders"]]) == (
        "open",
        ["worklist rows", "backlog records", "open windows"],
    )


def test_alerts_are_those_that_the_broker_retains(plant: Rig) -> None:
    alerts = read(plant, "report", "alerts")
    assert {alert["id"] for alert in alerts} == {alert["id"] for alert in plant.alerts()} >= {"quarantine"}


def test_without_a_gateway_it_is_unknown_what_is_wrong_now(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    assert commands("masterdata", "import", str(SHIPPED)).status == 0
    said = commands("report", "alerts", "--json")
    assert (said.status, said.out, "no gateway runs" in said.err) == (3, "", True)


def test_every_device_of_the_master_data_is_listed(plant: Rig) -> None:
    listed = read(plant, "report", "devices")
    known = {device["device"] for device in plant.table("devices")}
    assert {(record["device"], record["state"]) for record in listed if record["device"] not in known} == {
        ("nobody", "seen")
    }
    assert known <= {record["device"] for record in listed}
    [good] = [record for record in listed if record["device"] == "c-L06-good"]
    assert (good["line"], good["role"], good["total"], bool(good["heard_at"])) == ("L06", "good", 30, True)


def test_an_import_says_why_and_what_it_has_changed(tmp_path: Path) -> None:
    commands = Commands(tmp_path)
    assert commands("masterdata", "import", str(SHIPPED), "--actor", "anna", "--reason", "the first plant").status == 0
    assert commands("devices", "disable", "c-L05-good", "--actor", "ben", "--reason", "broken").status == 0
    newest, first = commands("report", "imports", "--json").json
    assert (first["actor"], first["reason"]) == ("anna", "the first plant")
    assert (newest["actor"], newest["reason"]) == ("ben", "disabled c-L05-good: broken")
    assert newest["tables"] == {"devices": {"added": 0, "changed": 1, "removed": 0}}
    [told] = commands("report", "devices", "--device", "c-L05-good", "--json").json
    assert (told["disabled"], told["heard_at"], told["quarantine"]) == (True, None, 0)
