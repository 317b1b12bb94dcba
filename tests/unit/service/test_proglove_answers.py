"""Answers to ProGlove scanners are commands of its Streams API."""

import json
from typing import Any
from uuid import UUID

import pytest

from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.changes import Changes, Feedback
from gateway.backflush.memory.records import Outcome, Result
from gateway.backflush.memory.state import EDITION, Rules, State
from gateway.backflush.values.phrases import LANGUAGES, Language
from gateway.journal import Entry
from gateway.mqtt.topics import Topics
from gateway.service.fold.published import PublicationReader
from gateway.service.tell.loop_report import Committed
from gateway.service.tell.messages import Message
from gateway.service.tell.outgoing import Notifier
from gateway.settings import Settings
from tests.book import Book
from tests.builders import plant, scanner

SOURCE = {
    "filter": "pg/events",
    "decoder": "proglove",
    "answers": "pg/commands",
    "map": [{"device": "S1", "tag": "M2MR1"}],
}
OTHER = [{"device": "nobody", "tag": "M9"}]


SCANNED = 1_763_799_330_120_000


def answers(outcome: Outcome, device: str, after_s: int) -> list[Message]:
    """Return the messages for an answer that is made so long after its scan."""
    settings = Settings.model_validate({"source": [SOURCE]})
    notifier = Notifier(Topics("bf/v1", "gw"), ["*"], lambda: 0.0)
    notifier.obey(settings)
    feedback = Feedback(7, "1000", "L1", device, "0199-a", outcome, SCANNED)
    committed = Committed(Changes(feedback=[feedback]), State(), 0, 0, {})
    return notifier.tell(committed, SCANNED + after_s * 1_000_000)


def told(outcome: Outcome, device: str = "S1") -> list[tuple[str, dict[str, object]]]:
    """Return what is published for an answer, by topic."""
    return [(message.topic, json.loads(message.payload)) for message in answers(outcome, device, 0)]


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


@pytest.mark.parametrize(("scanner", "messages"), [("S1", 3), ("S2", 1)])
def test_an_answer_that_comes_too_late_is_not_given(scanner: str, messages: int) -> None:
    refused = Outcome("nok", "BF3014", "NO", "")
    assert len(answers(refused, scanner, 30)) == messages
    assert answers(refused, scanner, 31) == []


def scanned(**event: object) -> bytes:
    """Return a scan event of the scanner."""
    said = {"event_type": "scan", "event_id": "0199-a", "device_serial": "M2MR1", "scan_code": "FG"}
    return json.dumps(said | event).encode()


@pytest.mark.parametrize(
    ("payload", "title", "german"),
    [
        (scanned(scan_code="10L30", scan_bytes="MTBM6DMw"), "NOT POSTED", "Meldung nicht lesbar"),
        (scanned(event_id=None), "NOT POSTED", "unbekanntes Meldungsformat"),
        (scanned(scan_code="A\0"), "NOT POSTED", "unlesbare Zeichen"),
        (scanned(scan_code="4012345000008"), "NOT POSTED", "falsche Prüfziffer"),
        (scanned(scan_code="BF:OPERATOR:99"), "WHICH OPERATOR?", "unbekannter Werker 99"),
        (scanned(), "1 PC", "FG"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_scan_is_answered_in_its_operators_language_one_that_cannot_be_read_as_well(
    payload: bytes, title: str, german: str, language: Language
) -> None:
    settings = Settings.model_validate({"source": [SOURCE, {**SOURCE, "filter": "pg/b", "answers": "", "map": OTHER}]})
    book = Book(plant(devices=[scanner(language=language)]), rules=Rules(open_names=(), edition=EDITION))
    reader = PublicationReader(settings.rules, Knowledge())
    notifier = Notifier(Topics("bf/v1", "gw"), ["*"], lambda: 0.0)
    notifier.obey(settings)

    def answer(topic: str, payload: bytes) -> list[dict[str, Any]]:
        message = Entry("message", topic, payload)
        read = reader.read(100 + len(book.feedback), message, book.state.master, book.now, replay=False)
        assert read is not None
        before = len(book.feedback)
        book.feed(read)
        book.commit()
        changes = Changes(feedback=book.feedback[before:])
        return [json.loads(sent.payload) for sent in notifier.tell(Committed(changes, book.state, 0, 0, {}), book.now)]

    feedback, display, *block = answer("pg/events", payload)
    [shown] = display["display_fields"]
    assert feedback["feedback_action_id"] == ("FEEDBACK_POSITIVE" if title == "1 PC" else "FEEDBACK_NEGATIVE")
    assert len(block) == (title != "1 PC")
    if language == "de":
        assert shown["display_field_text"].startswith(german)
    else:
        assert shown["display_field_header"] == title
    if block:
        again = answer("pg/events", payload)
        assert {each["event_id"] for each in again}.isdisjoint(each["event_id"] for each in (feedback, display, *block))
    assert answer("pg/b", scanned(device_serial="M9")) == [], "nobody waits at a scanner that the master data lack"
    assert answer("pg/events", scanned(event_type="button_pressed")) == []
