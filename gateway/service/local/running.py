"""The gateway that runs, asked by its control socket. What only asks it loads nothing of what it does."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.errors import Unanswered
from gateway.settings import Settings

_LOOK_S = 1.0
"""How often the gateway is asked why there is no answer yet."""
_WHY_NOT = {
    "journal": "held, and not stored: it is processed once there is room, unless the gateway stops before",
    "ledger": "stored: it is processed once the database is back",
}
"""By the alert that says it; the first one that is up counts."""


class Patience(NamedTuple):
    """How many seconds to wait for an answer; `tell` hears every second or so for how long nothing came, and why."""

    seconds: float = 600.0
    tell: Callable[[float, str], None] = lambda _seconds, _why: None


PATIENT = Patience()


def ping(settings: Settings, timeout_s: float = 10.0) -> dict[str, Any] | None:
    """Return what the running gateway says of itself; None when none runs, Unanswered when it is frozen."""
    return _ask(settings, {"ping": True}, Patience(timeout_s), _without_reason)


def ask(settings: Settings, said: dict[str, Any], patience: Patience) -> dict[str, Any] | None:
    """Have the running gateway work on something; None when there is none."""
    return _ask(settings, said, patience, _why_not_yet)


def _ask(
    settings: Settings, said: dict[str, Any], patience: Patience, why_not: Callable[[Settings], str]
) -> dict[str, Any] | None:
    """Talk to the running gateway; None when there is none."""
    began = time.monotonic()
    heard, why = b"", ""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(patience.seconds)
        try:
            connection.connect(str(settings.control_path))
        except OSError:
            return None
        try:
            connection.sendall(json.dumps(said).encode() + b"\n")
            while not heard.endswith(b"\n"):
                left_s = began + patience.seconds - time.monotonic()
                connection.settimeout(max(0.01, min(_LOOK_S, left_s)))
                try:
                    part = connection.recv(1 << 20)
                except TimeoutError:
                    if left_s <= _LOOK_S:
                        raise
                    why = why_not(settings)
                    patience.tell(time.monotonic() - began, why)
                    continue
                if not part:
                    raise Unanswered("the gateway went away before it answered")
                heard += part
        except TimeoutError:
            because = f": {why}" if why else ""
            raise Unanswered(f"the gateway has not answered within {patience.seconds:g} s{because}") from None
        except OSError as error:
            raise Unanswered(f"{settings.control_path}: the gateway did not answer: {error}") from error
    answer: dict[str, Any] = json.loads(heard)
    return answer


def _without_reason(_: Settings) -> str:
    return ""


def _why_not_yet(settings: Settings) -> str:
    """Ask the gateway beside a request why that is not answered yet."""
    try:
        said = ping(settings, _LOOK_S)
    except Unanswered:
        return "it does not respond at all; is it frozen, or stopped with SIGSTOP?"
    alerts = {alert["id"]: alert["text"] for alert in (said or {}).get("alerts", ())}
    return next((f"{what} ({alerts[alert]})" for alert, what in _WHY_NOT.items() if alert in alerts), "")
