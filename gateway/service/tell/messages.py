"""Messages of the gateway, before they are sent."""

import json
from typing import Any, Final, NamedTuple

from pydantic_core import PydanticSerializationError, to_json

FEEDBACK_EXPIRY_S = 30
COMMAND_EXPIRY_S = 60


class Message(NamedTuple):
    """One message to publish."""

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int | None = None
    correlation: bytes | None = None
    entry: int = 0
    """For feedback: the scan that it answers."""
    qos: int = 1


def encode(body: dict[str, Any]) -> bytes:
    """Print a payload with any foreign text: characters that UTF-8 cannot hold become question marks."""
    try:
        return to_json(body)
    except PydanticSerializationError:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


SIGNALS: Final = {
    "ok": {"led": "green", "beep": 1},
    "dup": {"led": "yellow", "beep": 2},
    "nok": {"led": "red", "beep": 3},
    "queued": {"led": "blue", "beep": 1},
    "prompt": {"led": "blue", "beep": 0},
    "info": {"led": "blue", "beep": 1},
}
"""The light and sound of a handheld, by result."""
