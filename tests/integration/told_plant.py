"""A plant as its gateway tells it: statuses of many lines in every state, published on a real broker.

Boards of any size can be looked at by it without waiting for a plant to get into these states.
"""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

PRODUCTS = (
    "Pump housing 40 mm",
    "Impeller 40 mm",
    "Drive shaft 12 x 240",
    "Motor 24 V",
    "Connecting cable 1.5 m",
    "Circulation pump",
)
KINDS = "ok", "ok", "stopped", "no-run", "ok", "behind", "ahead", "ok", "no-data", "ok", "rework", "ok"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def hours_of(begin: datetime, now: datetime, planned: int, made: int) -> list[dict[str, Any]]:
    """Return a day of twenty-four hours: the plan runs evenly, and the pieces are made by now."""
    hours, seconds = [], max(1.0, (now - begin).total_seconds())
    for hour in range(24):
        at, until = begin + timedelta(hours=hour), begin + timedelta(hours=hour + 1)
        share = min(1.0, (until - begin).total_seconds() / seconds)
        bend = 0.97 + 0.03 * ((hour * 7) % 5) / 4 if share < 1 else 1
        done = str(round(made * share * bend)) if at <= now else None
        hours.append({"hour": f"{at:%H:%M}", "until": _iso(until), "planned": str(planned * (hour + 1) // 24),
                      "yield": done, "scrap": str(hour // 2) if at <= now else None})  # fmt: skip
    return hours


def status(number: int, kind: str, now: datetime, **said: Any) -> dict[str, Any]:
    """Return the status of a line in some state."""
    begin = (now - timedelta(hours=9, minutes=20)).replace(minute=0, second=0, microsecond=0)
    planned = 1_440 + 120 * (number % 7)
    by_now = round(planned * (now - begin).total_seconds() / 86_400)
    lack = {"behind": -0.2, "ahead": 0.02, "stopped": -0.12, "no-run": -1.0}.get(kind, -0.01)
    made = round(by_now * (1 + lack))
    idle = timedelta(seconds={"stopped": 900, "no-run": 4_000}.get(kind, 4))
    line = f"L{number:02d}"
    run = {"material": "PUMP-40", "version": "0001", "start": _iso(begin), "batch": ""}
    silent = [{"device": f"c-{line}-scrap", "kind": "counter", "role": "scrap", "point": "", "why": "stale",
               "since": _iso(now - timedelta(minutes=5))}] if number % 5 == 0 else []  # fmt: skip
    return {
        "gateway": "gw2" if kind == "no-data" else "gw1", "plant": "1000", "line": line, "unit": "PC",
        "description": PRODUCTS[number % 6], "takt_s": round(86_400 / planned, 3),
        "state_since": _iso(begin), "order": {"order": f"PO-{number}", "material": "PUMP-40", "open": "240"},
        "run": None if kind == "no-run" else run,
        "read": str(made), "counted": str(made), "posted": str(made - 2), "open": "2", "scrap": "20", "scrap_open": "0",
        "rework": "0", "reversed": "0", "quarantined": "0", "worklist": 3, "backlog": 0,
        "rate_per_min": "0" if kind in ("stopped", "no-run") else f"{0.5 + number % 4}", "documents": 50,
        "last_document": f"{number:010d}", "last_count": _iso(now - idle), "stale_devices": silent,
        "points": [{"point": point, "material": "PUMP-40", "version": "0001", "yield": str(made + more), "scrap": "3",
                    "lost": "0", "waiting": "0", "wip": str(more)} for point, more in (("0010", 24), ("0020", 9))],
        "day": {"date": f"{begin:%Y-%m-%d}", "shift": "late", "shift_end": _iso(now + timedelta(hours=3)),
                "planned": str(planned), "planned_now": str(by_now), "yield": str(made), "scrap": str(11 + number),
                "rework": "0", "hours": hours_of(begin, now, planned, made)},
        "ts": _iso(now), **said,
    }  # fmt: skip


class ToldPlant:
    """Publishes statuses on a broker; a context manager."""

    def __init__(self, host: str, port: int, base: str = "bf/v1") -> None:
        self._base = base
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.connect(host, port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, said: object) -> None:
        """Publish a retained message, and wait until the broker has it; None empties its topic."""
        deadline = time.monotonic() + 30
        while not self._client.is_connected() and time.monotonic() < deadline:
            time.sleep(0.05)
        payload = b"" if said is None else said if isinstance(said, bytes) else json.dumps(said).encode()
        self._client.publish(f"{self._base}/{topic}", payload, qos=1, retain=True).wait_for_publish(30)

    def gateway(self, name: str = "gw1", state: str = "online", phase: str = "ready") -> None:
        """Let a gateway say its state."""
        self.publish(f"_gateway/{name}/state", {"state": state, "phase": phase})
        self.publish(f"_gateway/{name}/health", {"ts": _iso(datetime.now(UTC)), "phase": phase})

    def alert(self, name: str, text: str, severity: str = "warning") -> None:
        """Let the gateway raise an alert."""
        self.publish(f"_gateway/gw1/alert/{name}", {
            "id": name, "severity": severity, "since": _iso(datetime.now(UTC)), "text": text, "object": "",
            "objects": [], "hint": "see the page of devices"})  # fmt: skip

    def tell(self, number: int, kind: str = "ok", **said: Any) -> None:
        """Let a line tell its status."""
        told = status(number, kind, datetime.now(UTC), **said)
        self.publish(f"{told['plant']}/{told['line']}/_status", told)

    def tell_all(self, lines: int, **said: Any) -> None:
        """Let a whole plant tell its statuses: every state comes among a dozen lines."""
        self.gateway("gw1")
        self.gateway("gw2", "offline", "stopped")
        for number in range(1, lines + 1):
            self.tell(number, KINDS[(number - 1) % len(KINDS)], **said)
        time.sleep(0.2)
