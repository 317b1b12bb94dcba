"""The floor for a watcher: the newest status of lines and gateways, and its age.

Law: a figure that may have changed never looks current. The status of a line is repeated every half minute, so one not
received for longer is old, and so is everything while broker or gateways are away.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from gateway.mqtt.topics import Topics

OLD_S: Final = 45.0
"""Lines and gateways publish every 30 s."""
READY: Final = "ready"
ABSENT: Final = frozenset({"ended", "away", "silent"})
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


class Heard(NamedTuple):
    """A received message, and its time by the watcher's stopwatch."""

    said: Mapping[str, Any]
    at_s: float


class GatewayPresence(NamedTuple):
    """The phase of a gateway or, if it is not there, one of `ABSENT`; and the age of its last message."""

    word: str
    age_s: float | None


class LineView(NamedTuple):
    """A line, its status, and a remark."""

    plant: str
    line: str
    picture: Mapping[str, Any]
    state: str = ""


class Floor:
    """The plant, by received messages. `stopwatch` gives seconds, `clock` the time of day, for retained messages."""

    def __init__(
        self, base: str, plant: str, line: str, stopwatch: Callable[[], float], clock: Callable[[], float]
    ) -> None:
        self._topics = Topics(base, "watch")
        self._place = plant or "+", line or "+"
        self._stopwatch, self._clock = stopwatch, clock
        self._lines: dict[tuple[str, str], Heard] = {}
        self._gateways: dict[str, dict[str, Any]] = {}
        self._heard_s: dict[str, float] = {}
        self._alerts: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._why = "not connected yet"
        self._since_s = stopwatch()
        self.connected = False
        self.ever = False
        """Whether the broker was ever connected."""

    @property
    def filters(self) -> tuple[str, ...]:
        """The topic filters to subscribe to."""
        own = f"{self._topics.base}/_gateway/+"
        return self._topics.status(*self._place), *(
            f"{own}/{topic}" for topic in ("state", "info", "health", "alert/+")
        )

    def up(self) -> None:
        """Note that the broker is connected: it sends retained messages again. Others stay, and get old."""
        self._alerts.clear()
        self.connected = self.ever = True

    def away(self, why: str) -> None:
        """Note that the broker is away."""
        if self.connected:
            self._since_s = self._stopwatch()
        self.connected, self._why = False, why

    def hear(self, topic: str, payload: bytes, *, retained: bool) -> None:
        """Take one message: an empty one clears its topic; one that is no status is ignored."""
        from gateway.service.floor.line_pictures import picture  # noqa: PLC0415 - loads pydantic

        words = topic.removeprefix(f"{self._topics.base}/").split("/")
        if words[0] == "_gateway":
            self._hear_gateway(words[1], words[2:], payload, retained=retained)
        elif not payload:
            self._lines.pop((words[0], words[1]), None)
        elif (said := picture(payload)) is not None:
            self._lines[words[0], words[1]] = Heard(said, self._stopwatch() - (self._age(said) if retained else 0.0))

    def _hear_gateway(self, gateway: str, words: list[str], payload: bytes, *, retained: bool) -> None:
        from devices.decoders.strict_json import read_object  # noqa: PLC0415 - loads pydantic

        said = read_object(payload)
        if words[0] == "alert":
            if not payload:
                self._alerts.pop((gateway, words[1]), None)
            elif said:
                self._alerts[gateway, words[1]] = said
        elif not payload:
            self._gateways.pop(gateway, None)
        elif said:
            self._gateways.setdefault(gateway, {}).update({words[0]: said})
            if words[0] == "health" or not retained:
                self._heard_s[gateway] = self._stopwatch() - (self._age(said) if retained else 0.0)

    def _age(self, said: Mapping[str, Any]) -> float:
        """Return the age of a retained message, by its own time."""
        try:
            at = datetime.fromisoformat(str(said.get("ts")))
        except ValueError:
            return 0.0
        return max(0.0, self._clock() - (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())

    # -- the display

    @property
    def troubles(self) -> list[str]:
        """Name the absent broker or gateways, the reason why figures are old."""
        now = self._stopwatch()
        if not self.connected:
            return [f"broker away for {span(now - self._since_s)}: {self._why}"]
        away = [f"gateway {name} {phase}" for name, phase in self.gateways.items() if phase != READY]
        return away if self._gateways else ["no gateway has published its state on this broker"]

    @property
    def gateways(self) -> dict[str, str]:
        """Return each gateway and its phase, or the length of its silence."""
        return {name: self._phase(name) for name in sorted(self._gateways)}

    @property
    def reports(self) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
        """Return the newest state, info and health of each gateway, as they came: any client may have written them."""
        return self._gateways

    def presence(self, name: str) -> GatewayPresence:
        """Return whether a gateway is there: its phase, or since when it is not."""
        state = self._gateways[name].get("state", {})
        heard = self._heard_s.get(name)
        age = self._stopwatch() - heard if heard is not None else None
        if state.get("state") == "offline":
            return GatewayPresence("ended" if state.get("phase") == "stopped" else "away", age)
        if age is not None and age > OLD_S:
            return GatewayPresence("silent", age)
        return GatewayPresence(str(state.get("phase", "there")), age)

    def health(self, name: str) -> Mapping[str, Any]:
        """Return the newest health of a gateway; nothing before the first."""
        health: Mapping[str, Any] = self._gateways[name].get("health", {})
        return health

    def _phase(self, name: str) -> str:
        """Describe the presence of a gateway."""
        word, age = self.presence(name)
        if word == "silent":
            return f"silent for {span(age or 0.0)}"
        if word in ABSENT:
            ended = "has ended" if word == "ended" else "is away"
            return f"{ended}, last heard {span(age)} ago" if age is not None else ended
        return "is there" if word == "there" else word

    @property
    def lines(self) -> Mapping[tuple[str, str], Heard]:
        """Return the newest status of each line."""
        return self._lines

    def serves(self, said: Mapping[str, Any]) -> bool:
        """Return whether the broker, and the gateway that has sent a line's status, are there."""
        gateway = str(said.get("gateway") or "")
        if not gateway:
            return self._live
        return self.connected and (gateway not in self._gateways or self.presence(gateway).word not in ABSENT)

    @property
    def rows(self) -> list[LineView]:
        """Return the lines, each with a remark: the age of its figures, or its troubles."""
        return [LineView(*key, heard.said, self._state(heard)) for key, heard in sorted(self._lines.items())]

    def _state(self, heard: Heard) -> str:
        age = self._stopwatch() - heard.at_s
        told = [f"{span(age)} old"] if age > OLD_S or not self._live else []
        if heard.said.get("run") is None:
            told.append("no run")
        silent = len(heard.said.get("stale_devices") or ())
        return ", ".join([*told, *([f"{silent} silent"] if silent else [])])

    @property
    def _live(self) -> bool:
        """Whether the broker and a gateway are present."""
        there = (told.get("state", {}).get("state") != "offline" for told in self._gateways.values())
        return self.connected and any(there)

    @property
    def alerts(self) -> list[str]:
        """Return the present alerts, errors first."""
        up = sorted(self._alerts.items(), key=lambda pair: (pair[1].get("severity") != "error", pair[0]))
        many = len({gateway for gateway, _ in self._alerts}) > 1
        return [f"{f'{gateway} ' if many else ''}{alert}: {said.get('text', '')}" for (gateway, alert), said in up]

    @property
    def broker(self) -> dict[str, Any]:
        """Return whether the broker is there, and why not, as data."""
        return {"connected": self.connected, "why": None if self.connected else self._why}

    @property
    def alert_records(self) -> list[dict[str, Any]]:
        """Return the present alerts as data, by gateway and name."""
        # The topic names both, whatever the message says.
        named = sorted(self._alerts.items())
        return [{"gateway": "", **said} | {"gateway": gateway, "id": alert} for (gateway, alert), said in named]

    def record(self) -> dict[str, Any]:
        """Return all of it as data."""
        now = self._stopwatch()
        return {
            "broker": self.broker,
            "gateways": [{"gateway": name, "phase": phase} for name, phase in self.gateways.items()],
            "lines": [
                {
                    **heard.said,
                    "plant": plant,
                    "line": line,
                    "age_s": round(now - heard.at_s, 1),
                    "state": self._state(heard),
                }
                for (plant, line), heard in sorted(self._lines.items())
            ],
            "alerts": self.alert_records,
        }


def span(seconds: float) -> str:
    """Print a duration.

    >>> span(9.7), span(200), span(7_300), span(200_000)
    ('9 s', '3 min', '2 h', '2 d')
    """
    for size, unit in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
