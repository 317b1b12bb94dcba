"""What is printed: inert, aligned, and whole where nobody watches."""

import csv
import io
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.look.reports import fold_document
from gateway.cli.shared.layout import ColumnHead, lines_of
from gateway.cli.shared.line_table import group_digits
from gateway.cli.shared.output import print_json, print_records
from gateway.cli.shared.streams import Lines
from gateway.ledger.reports.cells import cell, inert

HOSTILE = "L01\x1b[2J\x07\r\n[red]owned[/red]\u202e\x9b31m"


def test_text_from_anywhere_cannot_act_on_a_terminal() -> None:
    shown = inert(HOSTILE)
    assert shown.isprintable()
    assert shown == r"L01\x1b[2J\x07\r\n[red]owned[/red]\u202e\x9b31m"


def test_json_is_ascii_so_that_a_terminal_does_not_act_on_it_either(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": HOSTILE})
    said = capsys.readouterr().out
    assert said.isascii()
    assert "\x1b" not in said
    assert json.loads(said) == {"text": HOSTILE}


def test_numbers_stand_to_the_right_and_empty_columns_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    records: list[dict[str, str | None]] = [
        {"material": "PUMP-40", "batch": "", "quantity": "5"},
        {"material": "GREASE", "batch": None, "quantity": "1234.25"},
    ]
    print_records(records, "material batch >quantity=stock", empty="none")
    assert capsys.readouterr().out.splitlines() == ["material    stock", "PUMP-40         5", "GREASE    1234.25"]


def test_an_empty_report_says_so_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    print_records([], "material", empty="no stock")
    assert capsys.readouterr() == ("", "no stock\n")
    print_records([], "material", form="json", empty="no stock")
    assert capsys.readouterr() == ("[]\n", "")
    print_records([], "material *shown >quantity=stock | run.batch", form="csv", empty="no stock")
    assert capsys.readouterr() == ("material,quantity,run_batch\n", "no stock\n")


def test_csv_has_the_names_and_values_of_json_and_nothing_that_a_spreadsheet_would_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    records: list[dict[str, Any]] = [
        {"device": "=cmd()", "total": -5, "reasons": {"03": "5"}, "run": {"batch": "B"}, "text": HOSTILE},
        {"device": 'a "b", c', "total": None, "reasons": {}, "run": None, "text": "-"},
    ]
    print_records(records, "device=who >total reasons | run.batch text", form="csv", empty="none")
    told = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [*told[0].values()] == ["'=cmd()", "-5", "03: 5", "B", inert(HOSTILE)]
    assert told[1] == {"device": 'a "b", c', "total": "", "reasons": "", "run_batch": "", "text": "'-"}


def test_csv_has_what_a_table_says_of_a_list_of_records(capsys: pytest.CaptureFixture[str]) -> None:
    records = [{"document": "1", "orders": [{"order": "P1"}, {"order": "P2"}], "items": [{"item": 1}]}]
    said = lambda record: {**record, "orders": [one["order"] for one in record["orders"]]}  # noqa: E731
    print_records(records, "document orders", form="csv", empty="none", row=said)
    assert capsys.readouterr().out == 'document,orders\n1,"P1, P2"\n'


def test_csv_has_what_a_table_says_of_records_under_names(capsys: pytest.CaptureFixture[str]) -> None:
    records = [{"at": "T", "tables": {"boms": {"added": 1}, "plants": {"added": 2}}, "elements": {"130": "5"}}]
    said = lambda record: {**record, "at": "t", "tables": [*record["tables"]], "elements": ""}  # noqa: E731
    print_records(records, "at tables elements", form="csv", empty="none", row=said)
    assert capsys.readouterr().out == 'at,tables,elements\nT,"boms, plants",130: 5\n'


def test_a_document_of_the_worklist_has_the_cost_object_of_its_items_and_no_yield() -> None:
    items = [{"cost_object": "PCC 1"}, {"cost_object": "PCC 1"}]
    record = {"yield": "0", "scrap": "0", "cost_object": "", "confirmations": [], "items": items, "activities": []}
    folded = fold_document(record)
    assert (folded["cost_object"], folded["yield"], folded["scrap"]) == (["PCC 1"], "", "")
    made = {**record, "cost_object": "PCC 2", "confirmations": [{}]}
    assert fold_document(made) == made


def test_a_column_that_does_not_fit_is_told_once_or_under_its_row() -> None:
    headings = [ColumnHead("plant"), ColumnHead("document"), ColumnHead("yield", numbers=True), ColumnHead("reversal")]
    rows = [["1000", "0000000001", "123456789.123456", "by 0000000003"], ["1000", "0000000003", "-5", ""]]
    assert lines_of(headings, rows, 60)[0] == "plant  document               yield  reversal"
    assert lines_of(headings, rows, 45) == [
        "plant 1000",
        "document               yield  reversal",
        "0000000001  123456789.123456  by 0000000003",
        "0000000003                -5",
    ]
    assert lines_of(headings, rows, 42)[1:] == [
        "document              yield reversal",
        "0000000001 123456789.123456 by 0000000003",
        "0000000003               -5",
    ]
    more = [ColumnHead("actor"), ColumnHead("lost", numbers=True)]
    assert lines_of([*headings, *more], [[*row, f"planner-{n}", f"{n}"] for n, row in enumerate(rows)], 50) == [
        "plant 1000",
        "document               yield  reversal",
        "0000000001  123456789.123456  by 0000000003",
        "    actor planner-0",
        "0000000003                -5",
        "    actor planner-1, lost 1",
    ]


def test_where_little_would_be_left_each_row_is_a_block_of_lines() -> None:
    headings = [ColumnHead("document"), ColumnHead("yield", numbers=True), ColumnHead("reversal")]
    rows = [["0000000001", "123456789.123456", "by 0000000003"], ["0000000003", "-5", ""]]
    assert lines_of(headings, rows, 30) == [
        "document  0000000001",
        "yield     123456789.123456",
        "reversal  by 0000000003",
        "",
        "document  0000000003",
        "yield     -5",
    ]


def test_a_sentence_is_folded_at_its_blanks_and_a_long_name_is_not() -> None:
    long = "bf/v1/1000/L04/c-L04-good/count-of-a-device"
    rows = [["1", f"the total of {long} went back from 1234567 to 3, and no reset is allowed"]]
    assert lines_of([ColumnHead("number"), ColumnHead("why")], rows, 60) == [
        "number  why",
        "1       the total of",
        f"        {long} went",
        "        back from 1234567 to 3, and no reset is allowed",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (False, "no"), (["a", "b\n"], r"a, b\n"), ({"": "1", "03": "5"}, "03: 5, none: 1"), (12, "12")],
)
def test_a_cell_is_one_line(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("0", "0"), ("1234567", "1 234 567"), ("1234.50", "1 234.50"), ("7.0", "7")]
)
def test_pieces_are_read_in_groups_of_three(number: str, shown: str) -> None:
    assert group_digits(number) == shown


ROOT = Path(__file__).parents[3]


def full_pipe(size: int) -> tuple[int, int]:
    """Return both ends of a pipe that has no room for `size` bytes more."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    with suppress(BlockingIOError):
        while True:
            os.write(write, b"x" * size)
    os.set_blocking(write, True)
    return read, write


def test_every_line_that_has_room_is_written_in_order_and_the_rest_is_counted() -> None:
    read, write = full_pipe(4096)
    lines = Lines(write, lambda dropped: f"{dropped} lines are missing", most=3)
    lines.start()
    for number in range(10):
        lines.say(f"line {number}")  # nobody reads: whoever waited here would wait for ever
    with os.fdopen(read, errors="replace") as reader:
        said = reader.readline().lstrip("x").strip()
        told = [said, reader.readline().strip()]
        lines.end()
        os.close(write)
        told += [line.strip() for line in reader]
    assert told[0] == "line 0"
    [missing] = [line for line in told if "missing" in line]
    written = [line for line in told if line != missing]
    assert written == [f"line {number}" for number in range(len(written))], "the newest is dropped, not the oldest"
    assert int(missing.split()[0]) == 10 - len(written)


def test_a_reader_that_never_reads_keeps_no_program_from_ending() -> None:
    read, write = full_pipe(1)
    lines = Lines(write, str)
    lines.start()
    lines.say("nobody hears this")
    lines.end(0.1)
    assert os.write(write, b"nor this") == 8, "it goes nowhere now, and does not wait"
    os.close(read)
    os.close(write)


@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_closed_standard_stream_gives_its_number_to_nothing_else(closed: tuple[int, ...], tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = f"""
import json, os, sys
from gateway.cli.shared.streams import fill_closed_streams
fill_closed_streams()
opened = os.open({str(tmp_path / "first")!r}, os.O_CREAT | os.O_WRONLY)
print("said"), print("said", file=sys.stderr), sys.stdin.read(), sys.stdout.flush()
json.dump([opened, [os.readlink(f"/proc/self/fd/{{n}}") if os.path.exists("/proc/self/fd") else "" for n in {closed}]],
          open({str(told)!r}, "w"))
"""
    shut = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {shut}', "sh", sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    opened, places = json.loads(told.read_text())
    assert opened > 2
    assert set(places) <= {os.devnull, ""}
