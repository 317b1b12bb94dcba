"""What is printed: inert, aligned, and whole where nobody watches."""

import json

import pytest

from gateway.cli.demo_screen import grouped
from gateway.cli.screen import cell, inert, print_json, print_records, table_of, terminal

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


def test_a_table_reads_no_markup() -> None:
    console = terminal()
    with console.capture() as captured:
        console.print(table_of([("[b]name[/b]", False)], [["[red]x[/red]"], [":smile:"]]))
    said = captured.get()
    assert "[b]name[/b]" in said
    assert "[red]x[/red]" in said
    assert ":smile:" in said


def test_numbers_stand_to_the_right_and_empty_columns_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    records: list[dict[str, str | None]] = [
        {"material": "PUMP-40", "batch": "", "quantity": "5"},
        {"material": "GREASE", "batch": None, "quantity": "1234.25"},
    ]
    print_records(records, ["material", "batch", ">quantity=stock"], as_json=False, empty="none")
    assert capsys.readouterr().out.splitlines() == [
        "material    stock",
        "PUMP-40         5",
        "GREASE    1234.25",
    ]


def test_an_empty_report_says_so_beside_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    print_records([], ["material"], as_json=False, empty="no stock")
    assert capsys.readouterr() == ("", "no stock\n")
    print_records([], ["material"], as_json=True, empty="no stock")
    assert capsys.readouterr() == ("[]\n", "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, ""), (False, "no"), (["a", "b\n"], r"a, b\n"), ({"03": "5", "": "1"}, "03: 5, -: 1"), (12, "12")],
)
def test_a_cell_is_one_line(value: object, shown: str) -> None:
    assert cell(value) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("0", "0"), ("1234567", "1 234 567"), ("1234.50", "1 234.50"), ("7.0", "7")]
)
def test_pieces_are_read_in_groups_of_three(number: str, shown: str) -> None:
    assert grouped(number) == shown
