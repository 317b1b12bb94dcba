"""The running gateway, reached by its control socket. Asking it does not load the engine."""

import json
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from gateway.errors import Unanswered, Unavailable
from gateway.settings import Settings

_PING_S = 2.0
_LEAST_S = 0.01
_LOOK_S = 1.0
"""The interval of asking the gateway why there is no answer yet."""
_WHY_NOT = {
    "journal": "held, and not stored: it is processed once there is room, unless the gateway stops before",
    "ledger": "stored: it is processed once the database is back",
}
"""Reasons by alert; the first one that is up counts."""


class Patience(NamedTuple):
    """The seconds to wait for an answer; `tell` gets, about every second, the length of the wait and its reason."""

    seconds: float = 600.0
    tell: Callable[[float, str], None] = lambda _seconds, _why: None


PATIENT = Patience()


def ping(settings: Settings, timeout_s: float = 10.0) -> dict[str, Any] | None:
    """Return the running gateway's own state; None if none runs, Unanswered if it is frozen."""
    return _ask(settings, {"ping": True}, Patience(timeout_s), time.monotonic(), lambda _: "")


def silent_devices(settings: Settings) -> set[str]:
    """Return the devices that the running gateway misses; none if none runs, or a frozen one."""
    alerts: list[dict[str, Any]] = []
    with suppress(Unanswered):
        alerts = (ping(settings, _PING_S) or {}).get("alerts", [])
    return {name for alert in alerts if alert["id"] == "silent" for name in alert.get("objects", ())}


def ask_gateway(settings: Settings, said: dict[str, Any], patience: Patience, began: float) -> dict[str, Any] | None:
    """Submit a request to the running gateway, which has been waited for since `began`; None if there is none."""
    return _ask(settings, said, patience, began, _why_not_yet)


def ask_for_visitor(settings: Settings, said: dict[str, Any], seconds: float) -> dict[str, Any] | None:
    """Submit a request of the web process, by the socket that it has; None if no gateway runs on this machine.

    Unavailable: the web process may not use the socket.
    """
    path = settings.web_path if settings.web.allow_requests else settings.control_path
    return _ask(settings, said, Patience(seconds), time.monotonic(), _why_not_yet, path)


def _ask(
    settings: Settings,
    said: dict[str, Any],
    patience: Patience,
    began: float,
    why_not: Callable[[Settings], str],
    path: Path | None = None,
) -> dict[str, Any] | None:
    """Exchange one line with the running gateway; None if there is none."""
    heard, why, deadline = b"", "", began + patience.seconds
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(max(_LEAST_S, deadline - time.monotonic()))
        try:
            connection.connect(str(path or settings.control_path))
        except OSError as error:
            if path is not None and isinstance(error, PermissionError):
                raise Unavailable(f"{path}: expected the right to read and write it, got: {error}") from error
            return None
        try:
            connection.sendall(json.dumps(said).encode() + b"\n")
            while not heard.endswith(b"\n"):
                left_s = deadline - time.monotonic()
                connection.settimeout(max(_LEAST_S, min(_LOOK_S, left_s)))
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
            raise Unanswered(f"the gateway did not answer: {error}") from error
    answer: dict[str, Any] = json.loads(heard)
    return answer


def _why_not_yet(settings: Settings) -> str:
    """Ask the gateway, on another connection, why a request is not answered yet."""
    try:
        said = ping(settings, _LOOK_S)
    except Unanswered:
        return "it does not respond at all; is it frozen, or stopped with SIGSTOP?"
    alerts = {alert["id"]: alert["text"] for alert in (said or {}).get("alerts", ())}
    return next((f"{what} ({alerts[alert]})" for alert, what in _WHY_NOT.items() if alert in alerts), "")
