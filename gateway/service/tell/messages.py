"""Messages of the gateway, before they are sent."""

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic_core import PydanticSerializationError, to_json

from gateway.backflush.memory.records import Result
from gateway.backflush.values.documents import DISPOSITIONS
from gateway.service.tell.payloads import GatewayState
from gateway.service.tell.scan_payloads import Signal

FEEDBACK_EXPIRY_S = 30
COMMAND_EXPIRY_S = 60
OFFLINE: Final[GatewayState] = {"state": "offline"}
"""The state of a gateway that is gone without an orderly end."""


class Message(NamedTuple):
    """One message to publish."""

    topic: str
    payload: bytes
    retain: bool = False
    expiry_s: int | None = None
    correlation: bytes | None = None
    qos: int = 1


def encode(body: Mapping[str, object]) -> bytes:
    """Print a payload with any foreign text: characters that UTF-8 cannot hold become question marks."""
    try:
        return to_json(body)
    except PydanticSerializationError:
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


SIGNALS: Final[dict[Result, Signal]] = {
    "ok": {"led": "green", "beep": 1},
    "dup": {"led": "yellow", "beep": 2},
    "nok": {"led": "red", "beep": 3},
    "queued": {"led": "blue", "beep": 1},
    "prompt": {"led": "blue", "beep": 0},
    "info": {"led": "blue", "beep": 1},
}
"""The light and sound of a handheld, by result."""
_NOT_GOOD: Final[Signal] = {"led": "purple", "beep": 1}


def signal_of(result: Result, kind: str) -> Signal:
    """Return the light and sound of an answer: pieces that are posted, but are no good ones, have their own."""
    return _NOT_GOOD if result == "ok" and kind in DISPOSITIONS else SIGNALS[result]
