"""Scanned texts are read as the settings of the journal say, and explained by what reads them."""

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.barcodes import Control, Dialect, Label, Verb
from devices.decoders.strict_json import read_object
from devices.errors import Malformed, Rejection
from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.events import Refused, Scanned
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import UsageError
from gateway.journal import Entry
from gateway.ledger.store.row_values import rules, rules_text
from gateway.mqtt.topics import Topics
from gateway.service.entries import MESSAGE
from gateway.service.fold.decode import Intake
from gateway.service.fold.pump import ANY_LABEL
from gateway.service.local.barcodes import explain
from gateway.service.tell.alerts import LONGEST_NAME, RecentOffenders
from gateway.service.tell.messages import encode
from gateway.settings import load_settings
from tests.book import Book

PATTERN = r"(?P<material>[A-Z]+);(?P<quantity>[0-9]{1,3})"
MASTER = MasterData(aliases={"GATE": ("point", "0020"), "ANNA": ("operator", "anna"), "RED": ("control", "BF:STOP")})


def meaning(text: str, said: Rules) -> Label | Control | Rejection:
    """Read a scan by rules that have been through a journal."""
    intake = Intake(Topics("bf/v1", "gw1"), rules(rules_text(said)), Knowledge())
    event = intake.decode(1, Entry(MESSAGE, "bf/v1/1000/L1/S1/scan", text.encode()), MASTER, b"")
    assert isinstance(event, Scanned)
    return event.label


def test_a_text_is_read_by_the_patterns_that_its_journal_says() -> None:
    for patterns, items in (((), ()), ((PATTERN,), ("FG",))):
        label = meaning("FG;12", Rules(edition=EDITION, patterns=patterns))
        assert isinstance(label, Label)
        assert label.items == items


def test_a_journal_of_before_has_no_printed_cards() -> None:
    assert meaning("BF5152474810", Rules(edition=EDITION)) == Control(Verb.STOP)
    assert meaning("BF5152474810", Rules(edition=2)) == Label("BF5152474810", is_plain=True)


@pytest.mark.parametrize("text", ["[)>\x1e06\x1d1PFG\x1e\x04", r'{"data":"[)>\u001e06\u001d1PFG\u001e\u0004"}'])
def test_a_message_is_read_with_the_separators_that_its_scanner_sends(text: str) -> None:
    label = meaning(text, Rules(edition=EDITION))
    assert isinstance(label, Label)
    assert label.items == ("FG",)
    intake = Intake(Topics("bf/v1", "gw1"), Rules(edition=2), Knowledge())
    before = intake.decode(1, Entry(MESSAGE, "bf/v1/1000/L1/S1/scan", text.encode()), MASTER, b"")
    assert isinstance(before, Refused)
    assert before.rejection.code == Malformed.CONTROL_CHARACTER


@pytest.mark.parametrize("text", ["FG\r", "FG\r\n", "\x02FG\x03", r'{"data":"FG\r"}'])
def test_a_label_is_read_with_the_ends_that_its_scanner_is_set_to_send(text: str) -> None:
    assert meaning(text, Rules(edition=EDITION)) == Label("FG", is_plain=True)
    intake = Intake(Topics("bf/v1", "gw1"), Rules(edition=5), Knowledge())
    before = intake.decode(1, Entry(MESSAGE, "bf/v1/1000/L1/S1/scan", text.encode()), MASTER, b"")
    assert isinstance(before, Refused)
    assert before.rejection.code == Malformed.CONTROL_CHARACTER


def test_older_journals_have_counts_whose_separators_were_lost() -> None:
    text = "02020000000000153741001"
    assert isinstance(meaning(text, Rules(edition=EDITION)), Rejection)
    label = meaning(text, Rules(edition=5))
    assert isinstance(label, Label)
    assert label.count == 41_001


@pytest.mark.parametrize(
    ("payload", "ref"),
    [
        ('{"id":"g1","data":"02000000000015","ts":"2026-11-30T10:00:00"}', "g1"),
        ('{"id":"f1"}', "f1"),
        ('{"data":7,"id":"f2"}', "f2"),
        ('{"id":"f3","data":"A\x04"}', "f3"),
        ('{"id":"f4","data":"A","x":{"id":"of another"},"operator":null}', "f4"),
        ('{"id":"f5","id":"f6","data":"A"}', ""),
        ('{"id":"no name","data":"A"}', ""),
        ('{"id":7,"data":"A"}', ""),
        ('{"id":"f7","data":"A"', ""),
        ("\x07", ""),
    ],
)
def test_a_scan_that_cannot_be_read_is_answered_with_its_id(payload: str, ref: str) -> None:
    """A device that knows answers by it would send such a scan for ever."""
    book = Book(MASTER, rules=Rules(edition=EDITION))
    intake = Intake(Topics("bf/v1", "gw1"), book.state.rules, Knowledge())
    event = intake.decode(book.entry + 1, Entry(MESSAGE, "bf/v1/1000/L1/S1/scan", payload.encode()), MASTER, b"")
    assert isinstance(event, Refused)
    book.feed(event)
    book.commit()
    assert [(answer.reference, answer.outcome.result) for answer in book.feedback] == [(ref, "nok")]


@pytest.mark.parametrize(
    ("alias", "control"),
    [
        ("GATE", Control(Verb.POINT, ("0020",))),
        ("ANNA", Control(Verb.OPERATOR, ("anna",))),
        ("RED", Control(Verb.STOP)),
    ],
)
def test_an_alias_may_stand_for_a_card(alias: str, control: Control) -> None:
    assert meaning(alias, Rules(edition=EDITION)) == meaning(f"]C0{alias}", Rules()) == control


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("(", "expected a regular expression of RE2"),
        (r"(?P<material>.)\1", "expected a regular expression of RE2"),
        (
            r"(?P<name>.+)",
            "expected the groups material, version, gtin, batch, serial, quantity, unit, order, got name",
        ),
        (r"(?P<batch>.+)", "expected a group material, gtin or order, got batch"),
        (r"(?P<material>.+)(?P<unit>..)", "expected a group quantity beside unit, got none"),
        ("(?P<material>" + "a" * 600 + ")", "expected at most 500 characters, got 614"),
        ("(?P<material>(a{900}){900})", "expected a regular expression of RE2"),
    ],
)
def test_a_pattern_that_could_read_nothing_is_refused(pattern: str, fault: str) -> None:
    with pytest.raises(UsageError) as refused:
        load_settings(None, {"scan": {"patterns": [pattern]}})
    assert f"scan.patterns.0: {fault}" in str(refused.value)


def test_a_pattern_of_a_variable_holds_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKFLUSH_SCAN__PATTERNS", PATTERN)
    assert load_settings(None).rules.patterns == (PATTERN,)


def test_no_text_stops_a_pattern() -> None:
    dialect = Dialect(("(?P<material>(?:a*)*)b", "(?P<material>(?:a|a?)+)c"))
    assert explain("a" * 200, dialect, None)[-1] == "it says nothing by itself"


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "]C10107612345678900<GS>3024",
            [
                "the AIM identifier ]C1 says Code 128",
                r"in its normal form it is '0107612345678900\x1d3024'",
                "it is GS1 element strings",
                "it says gtin 07612345678900, count 24",
            ],
        ),
        ("FG;12", ["it is a form of the site, by a pattern of the configuration", "it says items FG, amounts 12"]),
        ("BF5152474810", ["it is a printed control code: BF and digits", "it says STOP"]),
        ("GATE", ["it says nothing by itself", "it is an alias of point 0020", "it says POINT 0020"]),
        ("4006381333932", ["it is a trade item number", "it is refused: barcode: the check digit of"]),
        ("\x07", ["it cannot be read: barcode: expected no control characters but GS, got U+0007"]),
    ],
)
def test_what_a_text_says_is_explained_step_by_step(text: str, steps: list[str]) -> None:
    told = explain(text, Dialect((PATTERN,)), MASTER)
    assert told[0] == f"the text has {len(text)} characters"
    assert [step[: len(expected)] for step, expected in zip(told[-len(steps) :], steps, strict=True)] == steps


def test_the_label_of_a_start_loads_the_tables_that_the_first_scan_would_wait_for() -> None:
    """A fifth of a second: two thirds of the time after which a scanner hears `queued`."""
    program = f"import sys, devices.barcodes as b; b.parse_barcode({ANY_LABEL!r}); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert "devices.barcodes.labels" in loaded.split()


@pytest.mark.parametrize(
    "payload",
    [b"[" * 3_000, b'{"a":' * 30_000, b"", b"\xff", b"null", b"7", b'"id"', b"[1]", b"{" + b" " * 70_000, b'{"id":1'],
)
def test_what_cannot_be_read_says_nothing(payload: bytes) -> None:
    assert read_object(payload) == {}


def test_what_can_be_read_is_said() -> None:
    assert read_object(b'{"id":"s1","data":"X"}') == {"id": "s1", "data": "X"}


texts = st.text(st.characters(exclude_categories=()), max_size=5)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["id", "instance", "host"]) | texts, values, max_size=4))
def test_whatever_a_message_says_can_be_told_again(said: dict[str, object]) -> None:
    """H1: an id that is half a character ended the gateway, on its own topic or while a scan was refused."""
    encode(read_object(json.dumps(said).encode())).decode()
    encode(said).decode()


@pytest.mark.parametrize("number", ["9" * 5_000, "1e999999", "-1e999999", "NaN", "Infinity", "-0"])
def test_no_number_is_too_much(number: str) -> None:
    said = read_object(f'{{"id":"s","x":{number}}}'.encode())
    assert said.get("id", "s") == "s"
    encode(said).decode()


def test_names_of_culprits_are_bounded_in_number_and_length() -> None:
    culprits = RecentOffenders(60)
    for number in range(2_000):
        culprits.note(f"{number}" + "x" * 60_000, 1)
    assert len(culprits.names(1)) <= 1_000
    assert max(map(len, culprits.names(1))) == LONGEST_NAME
