"""Answers of the gateway to devices: the feedback to a scan, and the command to report."""

import json
from typing import Final, NamedTuple

NOT_STORED: Final = "BF9001"
"""The only feedback after which the scanner has to keep and repeat its scan."""


class ScanAnswer(NamedTuple):
    """The outcome of a scan; `led` and `beep` are its signal."""

    ref: str
    """The scan's id; empty if it had none."""
    result: str
    code: str
    title: str = ""
    text: str = ""
    led: str = ""
    beep: int = 0


def read_feedback(payload: bytes) -> ScanAnswer | None:
    """Return a feedback; None for any other payload."""
    said = _object(payload)
    signal = said.get("signal")
    signal = signal if isinstance(signal, dict) else {}
    words = {name: said.get(name, "") for name in ("ref", "result", "code", "title", "text")}
    words["led"] = signal.get("led", "")
    texts = {name: word for name, word in words.items() if isinstance(word, str)}
    beep = signal.get("beep", 0)
    if not said.get("result") or len(texts) < len(words) or not isinstance(beep, int):
        return None
    return ScanAnswer(**texts, beep=beep)


def is_report(payload: bytes) -> bool:
    """Return whether a payload is the command to publish totals, and scans without feedback, again."""
    return _object(payload).get("command") == "report"


def _object(payload: bytes) -> dict[str, object]:
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
