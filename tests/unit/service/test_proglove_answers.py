"""Answers to ProGlove scanners are commands of its Streams API."""

import json
from uuid import UUID

import pytest

from gateway.backflush.memory.changes import Changes, Feedback
from gateway.backflush.memory.records import Outcome, Result
from gateway.backflush.memory.state import State
from gateway.mqtt.topics import Topics
from gateway.service.tell.loop_report import Committed
from gateway.service.tell.outgoing import Notifier
from gateway.settings import Settings

SOURCE = {
    "filter": "pg/events",
    "decoder": "proglove",
    "answers": "pg/commands",
    "map": [{"device": "S1", "tag": "M2MR1"}],
}


SCANNED = 1_763_799_330_120_000


def told(outcome: Outcome, device: str = "S1", *, after_s: int = 0) -> list[tuple[str, dict[str, object]]]:
    """Return what is published for an answer, by topic."""
    settings = Settings.model_validate({"source": [SOURCE]})
    notifier = Notifier(Topics("bf/v1", "gw"), ["*"], lambda: 0.0)
    notifier.obey(settings)
    feedback = Feedback(7, "1000", "L1", device, "0199-a", outcome, SCANNED)
    committed = Committed(Changes(feedback=[feedback]), State(), 0, 0, {})
    messages = notifier.tell(committed, SCANNED + after_s * 1_000_000)
    return [(message.topic, json.loads(message.payload)) for message in messages]


@pytest.mark.parametrize(
    ("result", "kind", "action"),
    [
        ("ok", "yield", "FEEDBACK_POSITIVE"),
        ("ok", "scrap", "FEEDBACK_SPECIAL_PURPLE"),
        ("dup", "yield", "FEEDBACK_SPECIAL_YELLOW"),
        ("nok", "", "FEEDBACK_NEGATIVE"),
        ("prompt", "", "FEEDBACK_SPECIAL_CYAN"),
        ("info", "", "FEEDBACK_SPECIAL_CYAN"),
    ],
)
def test_an_answer_is_light_display_and_after_a_refusal_a_blocked_trigger(
    result: Result, kind: str, action: str
) -> None:
    sent = told(Outcome(result, "BF0000", "12 PC", "Prüfung " * 20, facts=(("kind", kind),)))
    kinds = ["feedback!", "display!", *(["trigger_block!"] if result == "nok" else [])]
    assert [body["event_type"] for _, body in sent] == kinds
    assert {topic for topic, _ in sent} == {"pg/commands"}
    assert all(body["device_serial"] == "M2MR1" and body["time_created"] == 1_763_799_330_120 for _, body in sent)
    assert len({UUID(str(body["event_id"])) for _, body in sent}) == len(kinds)
    assert sent[0][1]["feedback_action_id"] == action
    shown = sent[1][1]["display_fields"]
    assert isinstance(shown, list)
    assert (shown[0]["display_field_header"], len(shown[0]["display_field_text"])) == ("12 PC", 80)
    assert sent == told(Outcome(result, "BF0000", "12 PC", "Prüfung " * 20, facts=(("kind", kind),)))


def test_other_scanners_are_answered_as_ever() -> None:
    [(topic, body)] = told(Outcome("ok", "BF0000", "12 PC", ""), "S2")
    assert (topic, body["title"]) == ("bf/v1/1000/L1/S2/feedback", "12 PC")


@pytest.mark.parametrize(
    "wrong", [{"answers": "pg/+"}, {"answers": "pg/events"}, {"answers": "bf/v1/x"}, {"decoder": "umh"}]
)
def test_answers_go_to_one_topic_that_the_source_does_not_hear(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected one topic"):
        Settings.model_validate({"source": [{**SOURCE, **wrong}]})


def test_an_answer_that_comes_too_late_blocks_no_trigger() -> None:
    refused = Outcome("nok", "BF3014", "NO", "")
    assert len(told(refused, after_s=30)) == 3
    assert told(refused, after_s=31) == []
    assert len(told(refused, "S2", after_s=31)) == 1, "a scanner that repeats its scans"
