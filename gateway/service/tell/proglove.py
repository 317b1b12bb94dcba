"""Answers to ProGlove scanners, in the commands of its Streams API: light and sound, display, blocked trigger.

A refusal blocks the trigger, so that it is seen: a double click or some seconds release it. The entry of a scan gives
each command its id: an answer that comes twice is the same commands.
"""

import json
from typing import Final, Literal, NamedTuple
from uuid import NAMESPACE_OID, uuid5

from typing_extensions import TypedDict

from gateway.backflush.memory.changes import Feedback
from gateway.backflush.memory.records import Result
from gateway.service.tell.messages import FEEDBACK_EXPIRY_S, Message
from gateway.service.tell.scan_payloads import ScanFeedback
from gateway.settings import Settings

BLOCKED_MS: Final = 10_000
Action = Literal[
    "FEEDBACK_POSITIVE",
    "FEEDBACK_NEGATIVE",
    "FEEDBACK_SPECIAL_YELLOW",
    "FEEDBACK_SPECIAL_CYAN",
    "FEEDBACK_SPECIAL_PURPLE",
]
_ACTIONS: Final[dict[Result, Action]] = {
    "ok": "FEEDBACK_POSITIVE",
    "nok": "FEEDBACK_NEGATIVE",
    "dup": "FEEDBACK_SPECIAL_YELLOW",
    "prompt": "FEEDBACK_SPECIAL_CYAN",
    "info": "FEEDBACK_SPECIAL_CYAN",
    "queued": "FEEDBACK_SPECIAL_CYAN",
}
_NOT_GOOD: Final[Action] = "FEEDBACK_SPECIAL_PURPLE"
_HEADER, _TEXT = 40, 80
"""The longest texts of a field of the display."""


class ProGloveCommand(TypedDict):
    """The head of each command of the Streams API."""

    api_version: Literal["1.0"]
    event_id: str
    """A UUID."""
    time_created: int
    """Milliseconds UTC."""
    device_serial: str
    """The serial number of the scanner."""


class ProGloveFeedback(ProGloveCommand):
    """Light and sound of a ProGlove scanner: posted positive, refused negative."""

    event_type: Literal["feedback!"]
    feedback_action_id: Action


class ProGloveField(TypedDict):
    """A field of the display: the title of an answer, and its text."""

    display_field_id: int
    display_field_header: str
    display_field_text: str


class ProGloveDisplay(ProGloveCommand):
    """The answer to a scan on the display of its ProGlove scanner."""

    event_type: Literal["display!"]
    display_template_id: Literal["PG1"]
    display_fields: list[ProGloveField]


class ProGloveTriggerBlock(ProGloveCommand):
    """A ProGlove scanner reads nothing after a refusal, until a double click or for a time."""

    event_type: Literal["trigger_block!"]
    time_validity_duration: int
    """Milliseconds."""
    trigger_block_gesture_list: list[Literal["TRIGGER_SINGLE_CLICK"]]
    trigger_unblock_gesture_list: list[Literal["TRIGGER_DOUBLE_CLICK"]]


class Recipient(NamedTuple):
    """A scanner by its serial number, and the topic of its gateway's commands."""

    topic: str
    serial: str


def recipients(settings: Settings) -> dict[str, Recipient]:
    """Return the scanners of sources that name a topic for answers, by device."""
    sources = (source for source in settings.source if source.answers)
    return {row.device: Recipient(source.answers, row.tag) for source in sources for row in source.map}


def commands(to: Recipient, answer: ScanFeedback, of: Feedback) -> list[Message]:
    """Return the commands for an answer."""

    def head(kind: str) -> ProGloveCommand:
        name = uuid5(NAMESPACE_OID, f"{to.serial} {of.entry} {answer['ts']} {kind}")
        return {
            "api_version": "1.0",
            "event_id": str(name),
            "time_created": of.received_at // 1000,
            "device_serial": to.serial,
        }

    action = _NOT_GOOD if answer["signal"]["led"] == "purple" else _ACTIONS[answer["result"]]
    feedback: ProGloveFeedback = {**head("feedback!"), "event_type": "feedback!", "feedback_action_id": action}
    shown: ProGloveField = {
        "display_field_id": 1,
        "display_field_header": answer["title"][:_HEADER],
        "display_field_text": answer["text"][:_TEXT],
    }
    display: ProGloveDisplay = {
        **head("display!"),
        "event_type": "display!",
        "display_template_id": "PG1",
        "display_fields": [shown],
    }
    bodies: list[ProGloveFeedback | ProGloveDisplay | ProGloveTriggerBlock] = [feedback, display]
    if answer["result"] == "nok":
        block: ProGloveTriggerBlock = {
            **head("trigger_block!"),
            "event_type": "trigger_block!",
            "time_validity_duration": BLOCKED_MS,
            "trigger_block_gesture_list": ["TRIGGER_SINGLE_CLICK"],
            "trigger_unblock_gesture_list": ["TRIGGER_DOUBLE_CLICK"],
        }
        bodies.append(block)
    return [Message(to.topic, json.dumps(body).encode(), expiry_s=FEEDBACK_EXPIRY_S) for body in bodies]
