"""Topics and their meaning: those of devices and people are read, the gateway's own are written.

    {base}/{plant}/{line}/{device}/{count|scan|state}     a device's message
    {base}/{plant}/{line}/_request/{verb}                 a request of a person or system, of one line
    {base}/_gateway/{id}/_request/{verb}                  one that is not of one line
    {base}/_gateway/{id}/_canary/{count|scan|state}       a gateway proves that its subscriptions work

Names that begin with `_` are the gateway's, except the line `_` for roaming devices. Any other topic is a `Rejection`,
never an exception: a client with write rights below the base can write anything.

Law: parse(build(x)) == x for all topics of devices and requests.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations
from typing import Final, Literal, NamedTuple

from devices.errors import Malformed, Rejection
from devices.filters import overlaps
from devices.messages import is_device_id
from gateway.backflush.plant.snapshot import ROAMING
from gateway.errors import UsageError

Kind = Literal["count", "scan", "state"]
Posting = Literal["receipt", "issue", "activity", "scrap", "rework", "reversal", "backlog"]

KINDS: Final[tuple[Kind, ...]] = ("count", "scan", "state")
DROPPED: Final = "$SYS/broker/publish/messages/dropped"
"""Mosquitto's own count of messages that it could not keep."""
_HOME_ASSISTANT: Final = "homeassistant/device"
"""The levels on which Home Assistant discovers devices, unless it is told others."""
UPTIME: Final = "$SYS/broker/uptime"

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_BASE: Final = re.compile(r"[^+#$/\x00-\x1f\x7f][^+#/\x00-\x1f\x7f]*(/[^+#/\x00-\x1f\x7f]+)*")
_LONGEST_TAIL: Final = 4 * 41
"""The length of the four legal segments below the base, with their slashes."""
_KNOWN_TOPICS: Final = 32_768
"""The number of parsed topics remembered; the same ones come again and again."""
_FEEDBACK: Final = "feedback"
_COMMAND: Final = "command"
_OF_GATEWAYS: Final = frozenset({"_status", "_point", "_device", "_posting", "_response"})
_WRITTEN: Final = 2
"""Their last segments, below plant and line."""


class DeviceTopic(NamedTuple):
    """The topic of a device's message."""

    plant: str
    line: str
    device: str
    kind: Kind


class RequestTopic(NamedTuple):
    """The topic of a request."""

    plant: str
    line: str
    verb: str


class GatewayRequestTopic(NamedTuple):
    """The topic of a request to a gateway."""

    gateway: str
    verb: str


class CanaryTopic(NamedTuple):
    """The topic of a gateway's message to itself."""

    gateway: str
    kind: Kind


Asked = RequestTopic | GatewayRequestTopic
Topic = DeviceTopic | Asked | CanaryTopic


@dataclass(frozen=True)
class Topics:
    """The topics of one gateway below one base; UsageError for names that no topic can hold."""

    base: str
    gateway: str

    def __post_init__(self) -> None:
        if not _BASE.fullmatch(self.base):
            raise UsageError(f"mqtt.base_topic: expected segments like bf/v1 without wildcards, got {self.base!r}")
        if not _NAME.fullmatch(self.gateway):
            raise UsageError(f"gateway.id: expected 1 to 40 of A-Z a-z 0-9 _ . -, got {self.gateway!r}")

    @cached_property
    def _prefix(self) -> str:
        return f"{self.base}/"

    @cached_property
    def _longest(self) -> int:
        return len(self._prefix) + _LONGEST_TAIL

    @cached_property
    def _own(self) -> str:
        return f"{self.base}/_gateway/{self.gateway}"

    @cached_property
    def _home(self) -> str:
        """The beginning of the level that names base and plant; the first `_` marks it as the gateway's."""
        return f"_{_escape(self.base)}__"

    @cached_property
    def _known(self) -> Callable[[str], Topic | Rejection]:
        return lru_cache(_KNOWN_TOPICS)(self._parse)

    def parse(self, topic: str) -> Topic | Rejection:
        """Read the topic of a message that arrived."""
        if len(topic) > self._longest:
            return _bad(topic, "a topic as long as its names may be")
        return self._known(topic)

    def _parse(self, topic: str) -> Topic | Rejection:
        if not topic.startswith(self._prefix):
            return _bad(topic, f"a topic below {self.base}")
        parts = topic[len(self._prefix) :].split("/")
        match parts:
            case ["_gateway", gateway, "_canary", ("count" | "scan" | "state") as kind] if _NAME.fullmatch(gateway):
                return CanaryTopic(gateway, kind)
            case ["_gateway", gateway, "_request", verb] if _NAME.fullmatch(gateway):
                return GatewayRequestTopic(gateway, verb) if is_device_id(verb) else _no_verb(topic)
            case [plant, line, "_request", verb]:
                if not (is_plant(plant) and is_line(line)):
                    return _bad(topic, "plant and line of A-Z a-z 0-9 _ . -, at most 40, not beginning with _")
                return RequestTopic(plant, line, verb) if is_device_id(verb) else _no_verb(topic)
            case [plant, line, device, ("count" | "scan" | "state") as kind]:
                if not (is_plant(plant) and is_line(line)):
                    return _bad(topic, "plant and line of A-Z a-z 0-9 _ . -, at most 40, not beginning with _")
                if not is_device_id(device):
                    return _bad(topic, "a device id of A-Z a-z 0-9 _ -, at most 40, and no reserved name")
                return DeviceTopic(plant, line, device, kind)
            case _:
                return _bad(topic, "plant/line/device/count, scan or state, or plant/line/_request/verb")

    def is_below(self, topic: str) -> bool:
        """Return whether a topic is below the base."""
        return topic.startswith(self._prefix)

    def is_written(self, topic: str) -> bool:
        """Return whether only gateways write a topic: statuses, points, postings, responses, what they are."""
        if not topic.startswith(self._prefix):
            return topic.startswith(f"{_HOME_ASSISTANT}/{self._home}")
        parts = topic[len(self._prefix) :].split("/")
        kind = parts[_WRITTEN] if len(parts) > _WRITTEN else ""
        return kind in _OF_GATEWAYS or (parts[0] == "_gateway" and kind != "_request")

    def is_of_another(self, topic: str) -> bool:
        """Return whether a topic is that of a request to another gateway."""
        asked = self.parse(topic)
        return isinstance(asked, GatewayRequestTopic) and asked.gateway != self.gateway

    def is_ours(self, topic: str) -> bool:
        """Return whether gateways alone publish on a topic, what they tell devices included."""
        to_device = topic[len(self._prefix) :].split("/")[3:4] if self.is_below(topic) else []
        return to_device in ([_FEEDBACK], [_COMMAND]) or self.is_written(topic)

    def may_answer(self, sender: DeviceTopic | Asked, response_topic: str) -> bool:
        """Decide whether an answer may go to the response topic that a sender chose: only below its own prefix.

        Never to a topic that the gateway itself reads, or that it uses to command devices.
        """
        match sender:
            case DeviceTopic(plant, line, device, _):
                prefix = f"{self.base}/{plant}/{line}/{device}/"
            case RequestTopic() | GatewayRequestTopic():
                prefix = self.answer_to(sender).removesuffix(sender.verb)
        tail = response_topic.removeprefix(prefix)
        return (
            tail != response_topic
            and len(response_topic) <= self._longest
            and all(_NAME.fullmatch(part) for part in tail.split("/"))
            and tail != _COMMAND
            and isinstance(self._parse(response_topic), Rejection)
        )

    # The gateway writes

    def device(self, plant: str, line: str, device: str, kind: Kind) -> str:
        """Build the topic of a device's messages."""
        return f"{self.base}/{plant}/{line}/{device}/{kind}"

    def feedback(self, plant: str, line: str, device: str) -> str:
        """Build the topic of scan results for a device."""
        return f"{self.base}/{plant}/{line}/{device}/{_FEEDBACK}"

    def command(self, plant: str, line: str, device: str) -> str:
        """Build the topic of commands to a device."""
        return f"{self.base}/{plant}/{line}/{device}/{_COMMAND}"

    def status(self, plant: str, line: str) -> str:
        """Build the topic of a line's status."""
        return f"{self.base}/{plant}/{line}/_status"

    def point(self, plant: str, line: str, point: str) -> str:
        """Build the topic of one reporting point."""
        return f"{self.base}/{plant}/{line}/_point/{point}"

    def device_status(self, plant: str, line: str, device: str) -> str:
        """Build the topic of one device's status."""
        return f"{self.base}/{plant}/{line}/_device/{device}"

    def posting(self, plant: str, line: str, posting: Posting) -> str:
        """Build the topic of posting events."""
        return f"{self.base}/{plant}/{line}/_posting/{posting}"

    def request(self, plant: str, line: str, verb: str) -> str:
        """Build the topic of a request of a line."""
        return f"{self.base}/{plant}/{line}/_request/{verb}"

    def response(self, plant: str, line: str, verb: str) -> str:
        """Build the topic of the answer to a request of a line."""
        return f"{self.base}/{plant}/{line}/_response/{verb}"

    def gateway_request(self, gateway: str, verb: str) -> str:
        """Build the topic of a request to a gateway."""
        return f"{self.base}/_gateway/{gateway}/_request/{verb}"

    def gateway_response(self, gateway: str, verb: str) -> str:
        """Build the topic of the answer to a request to a gateway."""
        return f"{self.base}/_gateway/{gateway}/_response/{verb}"

    def answer_to(self, asked: Asked) -> str:
        """Return the topic of the answer to a request of either kind."""
        return self.response(*asked) if isinstance(asked, RequestTopic) else self.gateway_response(*asked)

    def home_assistant(self, plant: str, line: str) -> str:
        """Build the topic by which Home Assistant discovers a line; its levels hold no `.`, and no base within."""
        return f"{_HOME_ASSISTANT}/{self._home}{_escape(plant)}/{_escape(line)}/config"

    @property
    def state(self) -> str:
        """The gateway's own state, and its last will."""
        return f"{self._own}/state"

    @property
    def info(self) -> str:
        """The gateway's identity."""
        return f"{self._own}/info"

    @property
    def health(self) -> str:
        """The gateway's health."""
        return f"{self._own}/health"

    @property
    def event(self) -> str:
        """The gateway's events."""
        return f"{self._own}/event"

    @property
    def log(self) -> str:
        """The gateway's log."""
        return f"{self._own}/log"

    def alert(self, alert: str) -> str:
        """Build the topic of one alert."""
        return f"{self._own}/alert/{alert}"

    def canary(self, kind: Kind) -> str:
        """Build the topic of a message of this gateway to itself."""
        return f"{self._own}/_canary/{kind}"

    # The gateway subscribes to

    def filters(self, lines: Sequence[str]) -> list[str]:
        """List the filters for the owned lines (`*`, `1000/*`, `1000/L04`), and the gateway's own requests and canary.

        No two overlap in a topic with a meaning (`_request/count` is a rejection). Raises UsageError for a bad pattern,
        and for one that overlaps another.
        """
        places = [_place(pattern) for pattern in lines]
        for (one, a), (other, b) in combinations(zip(lines, places, strict=True), 2):
            if overlaps(a, b):
                raise UsageError(f"gateway.lines: {one!r} and {other!r} overlap: each line once")
        found = [f"{self.base}/{place}/+/{kind}" for place in places for kind in KINDS]
        found += [f"{self.base}/{place}/_request/+" for place in places]
        if "+/+" not in places:
            found += [self.gateway_request(self.gateway, "+"), *(self.canary(kind) for kind in KINDS)]
        return found

    def filters_of_retained(self, lines: Sequence[str]) -> list[str]:
        """List the filters of this gateway's retained messages, to find those that it no longer publishes."""
        places = [_place(pattern) for pattern in lines]
        found = [f"{self.base}/{place}/{tail}" for place in places for tail in ("_status", "_point/+", "_device/+")]
        home = [self._place_at_home(*place.split("/")) for place in places]
        return [*found, *home, self.alert("+")]

    def _place_at_home(self, plant: str, line: str) -> str:
        """Return the filter of lines for Home Assistant; one of all plants finds those of other programs as well."""
        line = line if line == "+" else _escape(line)
        return f"{_HOME_ASSISTANT}/{'+' if plant == '+' else self._home + _escape(plant)}/{line}/config"


def _place(pattern: str) -> str:
    """Turn a line pattern into the two segments of a filter."""
    if pattern == "*":
        return "+/+"
    plant, _, line = pattern.partition("/")
    if not is_plant(plant) or not (line == "*" or is_line(line)):
        raise UsageError(f"gateway.lines: expected '*', 'plant/*' or 'plant/line', got {pattern!r}")
    return f"{plant}/{'+' if line == '*' else line}"


def is_plant(text: str) -> bool:
    """Return whether a plant may have this name: a segment of a topic, and no wildcard."""
    return _NAME.fullmatch(text) is not None and not text.startswith("_")


def is_line(text: str) -> bool:
    """Return whether a line may have this name; `_` is that of roaming devices."""
    return text == ROAMING or is_plant(text)


def _escape(text: str) -> str:
    """Return a text in letters, digits and `-`, every other byte as `_` and two digits: no two texts look alike.

    >>> _escape("bf/v1")
    'bf_2Fv1'
    """
    return re.sub(rb"[^A-Za-z0-9-]", lambda found: b"_%02X" % ord(found[0]), text.encode()).decode()


def _no_verb(topic: str) -> Rejection:
    return _bad(topic, "a verb after _request")


def _bad(topic: str, expected: str) -> Rejection:
    shown = ascii(topic[:_LONGEST_TAIL])
    shown = shown if len(shown) <= _LONGEST_TAIL + 2 else f"{shown[:_LONGEST_TAIL]}..."
    return Rejection(Malformed.BAD_TOPIC, f"expected {expected}, got the topic {shown}")
