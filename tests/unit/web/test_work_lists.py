"""The lists of the work pages: their texts, filters, pages and files."""

import csv
import io
import re
import time
from pathlib import Path
from typing import Any, get_args

import pytest

import gateway.web
from gateway.backflush.memory.device_life import DeviceState
from gateway.backflush.memory.records import EntryKind
from gateway.backflush.plant.choices import DeviceKind, Role
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.backflush.values.documents import DocumentType, Measure, Origin, Process, Timing
from gateway.errors import UsageError
from gateway.service.floor.floor import Floor
from gateway.service.tell.payloads import Phase, Severity
from gateway.settings import Settings
from gateway.web.board import Board
from gateway.web.guard import GROUPS
from gateway.web.ledger_reader import LedgerReader
from gateway.web.lists import Query, WorkList, cut_whole, key_of, print_csv, read_query
from gateway.web.rights import Visitor
from gateway.web.tables import PageWords, TableCell, columns_of
from gateway.web.texts import LANGUAGES, texts
from gateway.web.work_lists import all_lists

NOW = 1_795_334_400_000_000
SETTINGS = Settings.model_validate({})
LISTS = all_lists(Board(Floor("bf/v1", "", "", time.monotonic, time.time), LedgerReader(SETTINGS), SETTINGS.board))
TEMPLATES = "\n".join(path.read_text() for path in (Path(gateway.web.__file__).parent / "templates").glob("*.html"))
SCRIPTS = "\n".join(path.read_text() for path in Path(gateway.web.__file__).parent.glob("*.py"))


def visitor(*lines: str) -> Visitor:
    """Return a person with lines."""
    return Visitor("anna", "session", frozenset({"read"}), lines or ("*",))


def named(name: str) -> WorkList:
    """Return a list by name."""
    return next(which for which in LISTS if which.name == name)


def ask(name: str, *lines: str, **said: str) -> Query:
    """Read the address of a list."""
    return read_query(named(name), said, visitor(*lines), MasterData(), NOW)


# -- texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_has_its_texts_in_every_language(language: str) -> None:
    found = texts(language)
    for which in LISTS:
        page = which.name.partition("/")[0]
        wanted = {f"page_{page}", f"about_{page}", f"empty_{page}"}
        if not which.is_raw:
            wanted |= {f"col_{column.heading}" for column in columns_of(which.columns) if column.is_shown}
        assert wanted <= found.keys()
        assert all(f"filter_{name}" in found or f"col_{name}" in found for name in which.filters)
    assert {f"group_{group}" for group in GROUPS} <= found.keys()


SPOKEN = {
    **dict.fromkeys((DocumentType, Measure, Process, Origin, DeviceKind, Role, Severity), "type"),
    Timing: "timing", DeviceState: "state", EntryKind: "kind", Phase: "phase",
}  # fmt: skip
"""The words of the program that pages show, each with a column that shows them."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", SPOKEN)
def test_every_word_of_the_program_has_a_text_of_its_own_in_its_column(kind: Any, language: str) -> None:
    words = PageWords(language, MasterData())
    of = {"timing": "timing", "state": "device", "phase": "phase"}.get(SPOKEN[kind], "word")
    for value in get_args(kind):
        text = words.texts["word_stopped" if value == "stopped" else f"{of}_{value}"]
        assert words.word(value, SPOKEN[kind]) == text
    assert words.word("no such word", SPOKEN[kind]) == "no such word"


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "activities 20.90, receipt \u221228.80"), ("de", "Leistungen 20,90, Wareneingang \u221228,80")],
)
def test_cost_elements_are_amounts_under_words(language: str, shown: str) -> None:
    master = MasterData(plants={"1000": Plant("1000", "Europe/Berlin", currency="EUR")})
    record = {"plant": "1000", "elements": {"receipt": "-28.8", "activity": "20.9"}}
    [row] = PageWords(language, master).table("elements", [record]).rows
    assert row.cells == [[TableCell(shown)]]


def test_no_text_that_pages_put_together_is_left_over() -> None:
    columns = {f"col_{column.heading}" for which in LISTS for column in columns_of(which.columns)}
    parts = {f"{name}_{each}" for name in ("page", "about", "empty") for each in
             ({which.name.partition("/")[0] for which in LISTS})}  # fmt: skip
    whole = TEMPLATES + SCRIPTS
    for key in texts("en"):
        beginning, _, rest = key.partition("_")
        if beginning in ("page", "about", "empty", "filter", "trace", "part", "remedy", "group", "col") and rest:
            known = key in columns | parts or re.search(rf"\b({re.escape(key)}|{re.escape(rest)})\b", whole)
            assert known, f"{key} is used nowhere"


# -- filters


@pytest.mark.parametrize(
    ("name", "said", "why"),
    [
        ("documents", {"materal": "P"}, "there is no filter"),
        ("documents", {"line": "1000/"}, "expected a line such as"),
        ("documents", {"line": "#"}, "expected a line such as"),
        ("documents", {"type": "sale"}, "expected one of assembly"),
        ("documents", {"material": "x" * 201}, "expected a name"),
        ("documents", {"material": "a\x1b[2J"}, "expected a name"),
        ("documents", {"since": "2026-11-31"}, "expected a time"),
        ("documents", {"since": "2026-11-22", "until": "2026-11-21"}, "is after until"),
        ("documents", {"after": "[1]"}, "address of this page is damaged"),
        ("documents", {"after": '["1","2"]'}, "address of this page is damaged"),
        ("documents", {"after": "[" * 9_999}, "address of this page is damaged"),
        ("stock", {"plant": "1000/L01"}, "expected a plant such as"),
        ("production", {"since": "2026-01-01", "until": "2026-11-01"}, "expected 1 to 92 days, got 305"),
        ("production", {"since": "2026-11-02", "until": "2026-11-01"}, "expected 1 to 92 days, got 0"),
        ("production", {"since": "yesterday"}, "expected dates"),
        ("production", {"by": "hour"}, "expected one of shift, day, total"),
    ],
)
def test_a_filter_that_is_none_is_refused(name: str, said: dict[str, str], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        ask(name, **said)


def test_a_list_of_days_shows_a_week_without_a_filter() -> None:
    said = ask("production").said
    assert (said["since"], said["until"]) == ("2026-11-16", "2026-11-22")


@pytest.mark.parametrize(
    ("lines", "name", "said", "place"),
    [
        (("*",), "documents", {}, ("", "")),
        (("1000/L01", "2000/*"), "documents", {}, ("1000", "L01")),
        (("1000/L01", "2000/*"), "stock", {}, ("2000", "")),
        (("1000/L01", "2000/*"), "documents", {"line": "2000/L9"}, ("2000", "L9")),
    ],
)
def test_who_does_not_see_everything_sees_one_of_the_own_places(
    lines: tuple[str, ...], name: str, said: dict[str, str], place: tuple[str, str]
) -> None:
    assert ask(name, *lines, **said).place == place


def test_an_account_without_lines_sees_nothing() -> None:
    with pytest.raises(UsageError, match="no lines"):
        read_query(named("documents"), {}, Visitor("x", "token", frozenset({"read"}), ()), MasterData(), NOW)


# -- pages and files


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_pages_of_a_whole_list_hold_each_record_once_whatever_comes_meanwhile(newest_first: bool) -> None:
    which = WorkList("x", "a b", ("a", "b"), newest_first=newest_first)
    records = [{"a": f"{n // 3:03}", "b": str(n % 3)} for n in range(200)]
    query = ask("documents")._replace(limit=51)
    seen: list[tuple[str, ...]] = []
    while page := cut_whole(which, records, query):
        seen += [key_of(which, record) for record in page[:50]]
        query = query._replace(after=seen[-1])
        records = [{"a": "999" if newest_first else "000", "b": f"new {len(seen)}"}, *records]
    wanted = sorted((key_of(which, record) for record in records if "new" not in record["b"]), reverse=newest_first)
    assert [key for key in seen if "new" not in key[1]] == wanted


def test_a_file_has_the_names_of_reports_and_no_formula() -> None:
    which = WorkList("x", "name >quantity *bar | reason", ("name",))
    record = {"name": '=HYPERLINK("x")', "quantity": "-12.5", "reason": "a\n\x1b[2J", "bar": "no"}
    rows = list(csv.reader(io.StringIO(print_csv(which, [record], with_head=True))))
    assert rows == [["name", "quantity", "reason"], ['\'=HYPERLINK("x")', "-12.5", "a\\n\\x1b[2J"]]


@pytest.mark.parametrize(
    ("language", "number", "printed"),
    [
        ("en", "1234567.25", "1,234,567.25"),
        ("de", "1234567.25", "1.234.567,25"),
        ("de", "0.3333", "0,3333"),
        ("en", "-1", "\u22121"),
        ("en", "12345678901234567890", "12,345,678,901,234,567,890"),
        ("en", "x", "x"),
    ],
)
def test_numbers_are_printed_exactly_in_the_language(language: str, number: str, printed: str) -> None:
    assert PageWords(language, MasterData()).number(number) == printed
