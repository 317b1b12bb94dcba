"""What a request says is read by one rule, whichever door it comes through, and told in plain words."""

import json
from typing import Any

import pytest

from devices.errors import Rejection
from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.changes import EntryFilter
from gateway.backflush.memory.events import Command, QuarantineReplay
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import Reason
from gateway.journal import Entry
from gateway.mqtt.topics import Topics
from gateway.service.fold.decode import Intake
from gateway.service.fold.requests import Request, action_of, parse_request


@pytest.mark.parametrize("digits", [4_301, 5_000, 60_000])
@pytest.mark.parametrize("verb", ["", "post"])
def test_a_number_that_is_too_long_is_refused_in_plain_words(verb: str, digits: int) -> None:
    payload = b'{"data":{"quantity":-' + b"9" * digits + b"}}"
    refused = parse_request(payload, verb=verb, plant="1000" if verb else "", line="L1" if verb else "")
    assert isinstance(refused, Rejection)
    assert refused.text == "request: payload: expected numbers of at most 4300 digits, got more"


@pytest.mark.parametrize("value", ['"' + "9" * 5_000 + '"', "0." + "1" * 5_000, "1" * 4_300])
def test_long_texts_and_fractions_are_left_to_the_form(value: str) -> None:
    request = parse_request(b'{"verb":"work","data":{"limit":' + value.encode() + b"}}")
    assert isinstance(request, Request)
    assert isinstance(action_of(request, MasterData()), Rejection)


@pytest.mark.parametrize(("verb", "field"), [("run-stop", "end"), ("run-start", "start"), ("post", "at")])
@pytest.mark.parametrize("text", ["2026-13", "0001-01-01", "9999-12-31T23:59", "2026-03-29T02:30:00+99:00"])
def test_what_is_wrong_with_a_time_is_said_by_its_name(verb: str, field: str, text: str) -> None:
    data = {field: text, **({"material": "FG"} if verb == "run-start" else {})}
    refused = action_of(Request(verb=verb, plant="1000", line="L1", data=data), MasterData())
    assert isinstance(refused, Rejection)
    assert refused.text.startswith(f"{verb}: {field}: expected a")


@pytest.mark.parametrize(
    ("verb", "words"),
    [("hold", "issue, activity or all"), ("release", "issue, activity or all"), ("work", "issue or activity")],
)
def test_a_choice_is_told_by_its_words(verb: str, words: str) -> None:
    refused = action_of(Request(verb=verb, plant="1000", line="L1", data={"kind": "x"}), MasterData())
    assert isinstance(refused, Rejection)
    assert refused.text == f"{verb}: kind: expected {words}"


@pytest.mark.parametrize(
    ("place", "data", "expected"),
    [
        (("", ""), {"numbers": ["0000000003", 4]}, QuarantineReplay((3, 4))),
        (("", ""), {"all": True}, QuarantineReplay((), EntryFilter())),
        (("1000", "L1"), {"all": True}, QuarantineReplay((), EntryFilter("1000", "L1"))),
        (("1000", ""), {"code": "BF3014"}, QuarantineReplay((), EntryFilter("1000", code="BF3014"))),
        (
            ("", ""),
            {"device": "S1", "age": "2h", "after": "0000000007", "limit": 9},
            QuarantineReplay((), EntryFilter(device="S1", age=7_200_000_000, after=7, limit=9)),
        ),
        (("", ""), {}, None),
        (("1000", "L1"), {}, None),
        (("", ""), {"numbers": ["3"], "device": "S1"}, None),
        (("", ""), {"age": "soon"}, None),
        (("", ""), {"all": True, "limit": 20_000}, None),
    ],
)
def test_entries_are_named_by_number_or_chosen_by_a_filter(
    place: tuple[str, str], data: dict[str, Any], expected: QuarantineReplay | None
) -> None:
    said = action_of(
        Request(verb="quarantine-replay", plant=place[0], line=place[1], transaction="t", data=data), MasterData()
    )
    assert isinstance(said, Rejection) if expected is None else said == expected


@pytest.mark.parametrize("data", [{"device": "S1"}, {"all": True}, {"numbers": [3], "limit": 5}, {"numbers": [3]}])
def test_an_older_journal_chose_no_entries_by_a_filter(data: dict[str, Any]) -> None:
    request = Request(verb="quarantine-dismiss", transaction="t", data=data)
    said = action_of(request, MasterData(), dated=True)
    assert isinstance(said, Rejection) == (data != {"numbers": [3]})
    assert not isinstance(action_of(request, MasterData()), Rejection)


@pytest.mark.parametrize(
    ("payload", "transaction"),
    [
        (b'{"transaction":"t1","actor":7}', "t1"),
        (b'{"transaction":"t1","actor":"%s"}' % (b"x" * 999), "t1"),
        (b'{"transaction":"t1","colour":"red","data":{}}', "t1"),
        (b'{"transaction":"t1","plant":"2000"}', "t1"),
        (b'{"transaction":7,"actor":7}', ""),
        (b'{"transaction":"t1","transaction":"t2"}', ""),
        (b'["t1"]', ""),
        (b"{", ""),
    ],
)
def test_the_answer_to_a_refused_request_names_its_transaction_if_that_can_be_read(
    payload: bytes, transaction: str
) -> None:
    """By topic, and by the control socket or a command without a running gateway."""
    intake = Intake(Topics("bf/v1", "gw1"), Rules(requests=("work",)), Knowledge())
    for entry in (Entry("message", "bf/v1/1000/L1/_request/work", payload), Entry("command", "", payload)):
        command = intake.decode(1, entry, MasterData(), b"")
        assert isinstance(command, Command)
        assert isinstance(command.action, Rejection)
        assert command.transaction == transaction


@pytest.mark.parametrize("day", ["2026-11-29", "20261129", "2026-W48-7"])
def test_a_posting_needs_a_time_and_a_date_alone_is_refused_from_the_edition_on_that_wants_one(day: str) -> None:
    payload = json.dumps({"transaction": "t1", "data": {"type": "assembly", "quantity": "1", "at": day}}).encode()
    for edition, is_refused in ((EDITION, True), (3, False)):
        intake = Intake(Topics("bf/v1", "gw1"), Rules(requests=("post",), edition=edition), Knowledge())
        command = intake.decode(1, Entry("message", "bf/v1/1000/L1/_request/post", payload), MasterData(), b"")
        assert isinstance(command, Command)
        expected = f"post: at: expected a time such as 2026-11-29T12:00, got the date '{day}' alone"
        assert (command.action == Rejection(Reason.BAD_COMMAND, expected)) == is_refused
