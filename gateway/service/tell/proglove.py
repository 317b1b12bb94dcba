"""Answers to ProGlove scanners, in the commands of its Streams API: light and sound, display, blocked trigger.

A refusal blocks the trigger, so that it is seen: a double click or some seconds release it. The id of a scan gives each
command its id: an answer that comes twice is the same commands.
"""

import json
from typing import Final, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from gateway.backflush.memory.records import Result
from gateway.service.tell.messages import FEEDBACK_EXPIRY_S, Message
from gateway.service.tell.scan_payloads import ScanFeedback
from gateway.settings import Settings

BLOCKED_MS: Final = 10_000
_ACTIONS: Final[dict[Result, str]] = {
    "ok": "FEEDBACK_POSITIVE",
    "nok": "FEEDBACK_NEGATIVE",
    "dup": "FEEDBACK_SPECIAL_YELLOW",
    "prompt": "FEEDBACK_SPECIAL_CYAN",
    "info": "FEEDBACK_SPECIAL_CYAN",
    "queued": "FEEDBACK_SPECIAL_CYAN",
}
_NOT_GOOD: Final = "FEEDBACK_SPECIAL_PURPLE"
_HEADER, _TEXT = 40, 80
"""The longest texts of a field of the display."""


class Recipient(NamedTuple):
    """A scanner by its serial number, and the topic of its gateway's commands."""

    topic: str
    serial: str


def recipients(settings: Settings) -> dict[str, Recipient]:
    """Return the scanners of sources that name a topic for answers, by device."""
    sources = (source for source in settings.source if source.answers)
    return {row.device: Recipient(source.answers, row.tag) for source in sources for row in source.map}


def commands(to: Recipient, answer: ScanFeedback, at: int, entry: int) -> list[Message]:
    """Return the commands for an answer that is made at a time, microseconds UTC."""
    action = _NOT_GOOD if answer["signal"]["led"] == "purple" else _ACTIONS[answer["result"]]
    shown = {
        "display_field_id": 1,
        "display_field_header": answer["title"][:_HEADER],
        "display_field_text": answer["text"][:_TEXT],
    }
    bodies: list[dict[str, object]] = [
        {"event_type": "feedback!", "feedback_action_id": action},
        {"event_type": "display!", "display_template_id": "PG1", "display_fields": [shown]},
    ]
    if answer["result"] == "nok":
        block = {"event_type": "trigger_block!", "time_validity_duration": BLOCKED_MS}
        gestures = {"trigger_unblock_gesture_list": ["TRIGGER_DOUBLE_CLICK"]}
        bodies.append({**block, "trigger_block_gesture_list": ["TRIGGER_SINGLE_CLICK"], **gestures})
    messages = []
    for body in bodies:
        name = uuid5(NAMESPACE_OID, f"{to.serial} {answer['ref']} {answer['ts']} {body['event_type']}")
        head = {"api_version": "1.0", "event_id": str(name), "time_created": at // 1000, "device_serial": to.serial}
        payload = json.dumps({**head, **body}).encode()
        messages.append(Message(to.topic, payload, expiry_s=FEEDBACK_EXPIRY_S, entry=entry))
    return messages
