"""Alerts: retained messages about present problems.

An alert is cleared when it is over, so a new subscriber sees the present problems. There is one of each kind: its text
lists the things concerned, a few by name and the rest as a number. An incident without a visible end lasts for a time
of its own (`lasting_s`) after its last occurrence. The log has a line when an alert comes up and when it is over.
"""

import logging
from collections.abc import Callable, Sequence

from gateway.backflush.values.names import quote
from gateway.mqtt.topics import Topics
from gateway.service.parts import Part
from gateway.service.tell.messages import Message, encode
from gateway.service.tell.payloads import AlertMessage, Severity
from gateway.service.times import SteadyClock, iso

log = logging.getLogger("backflush")

MOST_NAMED = 5
MOST_CULPRITS = 1_000
LONGEST_NAME = 200
_REFUSALS = {
    128: "the broker does not say why",
    135: "not authorized",
    144: "the topic name is invalid",
    149: "the message is too large",
    151: "a quota is exceeded",
}
_OF_MESSAGE = (144, 149, 151)
"""The reasons that no right cures."""


class Alerts(Part):
    """The present alerts."""

    def __init__(self, topics: Topics, clock: SteadyClock, send: Callable[[list[Message]], None]) -> None:
        self._topics = topics
        self._clock = clock
        self._send = send
        self._until: dict[str, float] = {}
        self.up: dict[str, AlertMessage] = {}

    def set(
        self,
        alert: str,
        text: str,
        *,
        severity: Severity = "warning",
        about: str | Sequence[str] = "",
        hint: str = "",
        lasting_s: int = 0,
    ) -> None:
        """Raise an alert, or change its text; it keeps the time at which it began. `about` is what it concerns."""
        old, objects = self.up.get(alert), [about] if isinstance(about, str) else [*about[:MOST_CULPRITS]]
        objects = [*filter(None, objects)]
        body: AlertMessage = {
            "id": alert,
            "severity": severity,
            "since": old["since"] if old else iso(self._clock()),
            "text": text,
            "object": next(iter(objects), ""),
            "objects": objects,
            "hint": hint,
        }
        if lasting_s:
            self._until[alert] = self._clock.monotonic() + lasting_s
        if body != old:
            self.up[alert] = body
            self._send([Message(self._topics.alert(alert), encode(body), retain=True)])
            if old is None:
                self.publish_event("alert", {"id": alert, "severity": severity, "text": text})
                cause = f"alert {alert}: %s"  # a cause of its own: a flapping alert holds back no other
                log.log(logging.ERROR if severity == "error" else logging.WARNING, cause, text)

    def over(self, alert: str) -> None:
        """Clear an alert."""
        self._until.pop(alert, None)
        if self.up.pop(alert, None) is not None:
            self._send([Message(self._topics.alert(alert), b"", retain=True)])
            self.publish_event("alert-over", {"id": alert})
            cause = f"alert {alert} is over"
            log.info(cause)

    async def stop(self) -> None:
        """Clear all retained alerts without reporting them as over: this gateway no longer maintains them."""
        self._send([Message(self._topics.alert(alert), b"", retain=True) for alert in self.up])
        self.up.clear()
        self._until.clear()

    def expire(self) -> None:
        """Clear alerts that have lasted for their time."""
        now = self._clock.monotonic()
        for alert in [alert for alert, until in self._until.items() if until <= now]:
            self.over(alert)

    def publish_event(self, event: str, about: dict[str, str]) -> None:
        """Publish one event (`GatewayEvent`)."""
        body = {"ts": iso(self._clock()), "event": event, **about}
        self._send([Message(self._topics.event, encode(body))])

    def when(
        self,
        alert: str,
        wrong: object,
        text: str,
        *,
        hint: str,
        severity: Severity = "warning",
        about: str | Sequence[str] = "",
    ) -> None:
        """Raise or clear an alert, by a condition."""
        if wrong:
            self.set(alert, text, severity=severity, about=about, hint=hint)
        else:
            self.over(alert)

    def report_refusal(self, topic: str, reason: int, login: str) -> None:
        """Report a publication that the broker refuses, with its reason of MQTT 5."""
        why, fault_of_message = _REFUSALS.get(reason, f"reason {reason}"), reason in _OF_MESSAGE
        hint = "" if fault_of_message else f"check the broker's access list for {login}"
        self.set("publication-refused", f"not published: {quote(topic)}: {why}", hint=hint)

    def name(self, alert: str, names: Sequence[str], text: str, hint: str, *, about: str | Sequence[str] = "") -> None:
        """Raise an alert that names some things, or take it back where there are none; by default it is about them."""
        self.when(alert, names, f"{text}: {name_some(names)}", about=about or names, hint=hint)

    def tell_all(self) -> list[Message]:
        """Return all present alerts, for a new session."""
        return [Message(self._topics.alert(name), encode(body), retain=True) for name, body in self.up.items()]


class RecentOffenders:
    """Names with a recent event: a limited number, and each forgotten after a while."""

    def __init__(self, forgotten_s: int) -> None:
        self._forgotten_us = forgotten_s * 1_000_000
        self._last: dict[str, int] = {}

    def note(self, name: str, now: int) -> bool:
        """Note an event of a name; return whether the name is new."""
        name = name[:LONGEST_NAME]
        new = name not in self._last
        if not new or len(self._last) < MOST_CULPRITS:
            self._last[name] = now
        return new

    def names(self, now: int) -> list[str]:
        """Return the names with a recent event."""
        for name in [name for name, at in self._last.items() if not 0 <= now - at <= self._forgotten_us]:
            del self._last[name]
        return sorted(self._last)


def name_some(names: Sequence[str]) -> str:
    """Name a few, and count the rest.

    >>> name_some(["a", "b"]), name_some([f"c-{n}" for n in range(7)])
    ('a, b', 'c-0, c-1, c-2, c-3, c-4 and 2 more')
    """
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
