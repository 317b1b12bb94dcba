"""Decisions of the ledger that need no database, and what the deep audit takes for wording."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import psycopg
import pytest

from gateway.backflush.memory.state import Rules
from gateway.backflush.values.documents import Reduction
from gateway.errors import UsageError
from gateway.ledger.audit.wording import without_wording
from gateway.ledger.database.connection import database_url, is_broken_world
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import array
from gateway.ledger.store.chain import chain_content, chain_link
from gateway.ledger.store.leases import overlap


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("*", "*", True),
        ("*", "1000/L04", True),
        ("1000/*", "*", True),
        ("1000/*", "1000/L04", True),
        ("1000/L04", "1000/*", True),
        ("1000/L04", "1000/L04", True),
        ("1000/L04", "1000/L05", False),
        ("1000/*", "2000/L04", False),
        ("1000/L04", "2000/L04", False),
    ],
)
def test_two_patterns_overlap_when_a_line_lies_in_both(one: str, other: str, *, common: bool) -> None:
    assert overlap(one, other) is common


@pytest.mark.parametrize(
    ("kind", "column", "literal"),
    [
        ("bigint", (1, -2, 3), "{1,-2,3}"),
        ("bigint", (1, None), "{1,NULL}"),
        ("text", ("a", "b"), '{"a","b"}'),
        ("text", ("", "NULL", "a,b", "{}"), '{"","NULL","a,b","{}"}'),
        ("text", ('say "x"', "back\\slash", '","'), '{"say \\"x\\"","back\\\\slash","\\",\\""}'),
        ("text", ('"',), '{"\\""}'),
    ],
)
def test_an_array_is_written_as_postgresql_reads_it(
    kind: str, column: tuple[int | str | None, ...], literal: str
) -> None:
    assert array(kind, column) == literal


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("sqlite:////var/lib/backflush/ledger.db", "sqlite+pysqlite"),
        ("postgresql://bf@db/ledger", "postgresql+psycopg"),
        ("postgresql+psycopg://bf@db/ledger?connect_timeout=3", "postgresql+psycopg"),
    ],
)
def test_a_database_is_named_by_an_address(given: str, driver: str) -> None:
    assert database_url(given).drivername == driver


def test_an_address_may_override_how_long_a_connection_may_take() -> None:
    assert database_url("postgresql://db/ledger?connect_timeout=3").query["connect_timeout"] == "3"
    assert database_url("postgresql://db/ledger").query["connect_timeout"] == "10"


@pytest.mark.parametrize("given", ["mysql://db/ledger", "ledger.db", ""])
def test_any_other_database_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match=r"database url: expected sqlite:///FILE or postgresql://"):
        database_url(given)


def test_rows_are_numbered_within_their_document() -> None:
    rows = [Reduction(1, "A", "final", 5), Reduction(2, "A", "final", 6), Reduction(1, "B", "final", 7)]
    assert row_values.with_position(rows) == [(1, 1, "A", "final", 5), (2, 1, "A", "final", 6), (1, 2, "B", "final", 7)]
    assert [row_values.reduction(row) for row in row_values.with_position(rows)] == rows


def test_what_no_database_stores_is_spelled_out() -> None:
    assert row_values.printable("Jörg \0 \ud800") == "Jörg \\x00 \\ud800"


def test_a_setting_that_is_no_longer_known_is_left_out() -> None:
    assert row_values.rules('{"window":"5s","forgotten":1}') == Rules(window="5s")


def test_the_chain_is_what_anybody_can_compute() -> None:
    empty = '[["documents",[]],["confirmations",[]],["material_items",[]],["activity_items",[]],["sources",[]],'
    told = empty + '["reductions",[[1,1,"POä \\u001d\\"\\\\","final",5],[2,1,"PO","final",-5]]]]'
    content = hashlib.sha256(told.encode()).hexdigest()
    rows = {"reductions": [(2, 1, "PO", "final", -5), (1, 1, 'POä \x1d"\\', "final", 5)]}
    assert chain_content(rows) == content
    assert chain_link("", content, ()) == hashlib.sha256(content.encode()).hexdigest()
    assert chain_link("ab", content, (0, 7)) == hashlib.sha256(b"ab" + content.encode() + b" 0 7").hexdigest()


@pytest.mark.parametrize(
    ("state", "broken"),
    [
        ("42P01", True),  # a table was renamed or dropped
        ("42703", True),  # a column was
        ("42883", True),  # it has another type
        ("42809", True),  # it is a view
        ("3F000", True),
        ("42501", True),
        ("25006", True),  # read-only
        ("0A000", True),  # a prepared statement's result has changed
        ("42601", False),  # what we say is no SQL
        ("23505", False),
        ("22003", False),
    ],
)
def test_a_schema_that_is_not_the_one_it_knows_is_a_broken_world_and_no_fault_of_the_program(
    state: str, *, broken: bool
) -> None:
    assert is_broken_world(psycopg.errors.lookup(state)()) is broken


Row = Mapping[str, Any]


def answer(**data: Any) -> tuple[str, Row]:
    return "commands", {"command": "t", "response": json.dumps(["ok", "BF0000", "text", data])}


def settled(reason: str, state: str = "replayed") -> tuple[str, Row]:
    return "quarantine", {"state": state, "reason": reason, "text": ""}


def total(result: str, text: str, device: str = "C1") -> tuple[str, Row]:
    return answer(totals={device: {"result": result, "code": "", "text": text}})


KEPT = "nothing is booked: its units are kept as 0000000007: a jump of 900"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (total("counted", "5"), total("counted", "500")),
        (total("counted", "5", "text"), total("counted", "500", "text")),
        (total("counted", "5", "why"), total("counted", "500", "why")),
        (answer(begins={"C1": 5}), answer(begins={"C1": 500})),
        (answer(material="A:1"), answer(material="A:2")),
        (answer(held=["1000/A;1"]), answer(held=["1000/A;2"])),
        (answer(records={"0000000001/1": "closed 5"}), answer(records={"0000000001/1": "closed 6"})),
        (answer(entries={"1": KEPT}), answer(entries={"1": KEPT.replace("7", "8")})),
        (answer(entries={"1": KEPT}), answer(entries={"1": "replayed"})),
        (settled("by anna"), settled("by mallory")),
        (settled("by anna: late", "healed"), settled("by mallory: late", "healed")),
        (settled("by anna, document 0000000007"), settled("by anna, document 0000000008")),
        (settled("anna: wrong box", "dismissed"), settled("anna: right box", "dismissed")),
    ],
)
def test_quantities_numbers_and_names_are_facts(one: tuple[str, Row], other: tuple[str, Row]) -> None:
    assert without_wording(one[0], dict(one[1])) != without_wording(other[0], dict(other[1]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (total("refused", "a jump of 900"), total("refused", "900 at once")),
        (answer(why=["A is short"]), answer(why=["there is too little of A", "and of B"])),
        (answer(entries={"1": KEPT}), answer(entries={"1": "nothing is booked; see entry 0000000007"})),
        (answer(entries={"1": "still refused: a jump"}), answer(entries={"1": "still refused: too much"})),
        (settled("a later total covers it", "healed"), settled("covered by a later total", "healed")),
        (settled("by anna: duplicate", "healed"), settled("by anna: it was accepted before", "healed")),
    ],
)
def test_sentences_of_the_program_are_wording(one: tuple[str, Row], other: tuple[str, Row]) -> None:
    assert without_wording(one[0], dict(one[1])) == without_wording(other[0], dict(other[1]))
