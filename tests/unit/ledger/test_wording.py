"""What the deep audit takes for wording, and what for a fact."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from gateway.ledger.audit.wording import without_wording

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
