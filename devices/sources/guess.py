"""A guess at the decoder of a message without a source: topic and payload show whose it is, or it is any other JSON.

Law: total for all topics and payloads, and what is guessed reads the message.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, NamedTuple

from devices.decoders import DECODERS
from devices.decoders.foreign import MAX_TOPIC, decoder_of
from devices.decoders.foreign.jmespath import WORDS
from devices.decoders.foreign.payloads import moment, read_json
from devices.errors import Rejection
from devices.messages import MAX_FOREIGN, Publication, Reading, Sample

_SIGNS: Final = (
    ("sparkplug", r"spBv1\.0/.*", "its topic begins with spBv1.0"),
    ("s7databus", r"ie/[dms]/.*", "its topic begins with ie/d, ie/m or ie/s"),
    ("umh", r"umh/v1/.*", "its topic begins with umh/v1"),
    ("neuron", r"/neuron/.*", "its topic begins with /neuron"),
    ("zigbee2mqtt", r"zigbee2mqtt/.*", "its topic begins with zigbee2mqtt"),
    ("tasmota", r"(tele|stat)/.*|.*/(SENSOR|STATUS8|LWT)", "its topic begins with tele or stat, or ends with SENSOR"),
    ("shelly", r".*/(events/rpc|status/[a-z0-9_]+:[0-9]+|online)", "its topic ends with events/rpc, status or online"),
    ("esphome", r".*/(sensor/[^/]+/state|status)", "its topic ends with sensor/.../state or status"),
    ("proglove", "", "it is an event of a scanner with its serial number"),
    ("kepware", "", "it has values with id and v"),
    ("neuron", "", "it has values and errors by tag"),
)
"""Decoders, their topics, and the reason; the first that reads a message wins, without topics if it finds a value."""
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_DEEPEST: Final = 4
_MOST: Final = 20
"""Tags that are guessed of one message."""


class Guess(NamedTuple):
    """A decoder that reads a message, and why it is that one."""

    decoder: str
    why: str
    publication: Publication
    expressions: tuple[tuple[str, str], ...] = ()
    """For `jmespath`: pairs of a tag and its expression."""


def guess(topic: str, payload: bytes) -> Guess | None:
    """Return the decoder that fits a message best; None if none reads it."""
    if len(payload) > MAX_FOREIGN or len(topic) > MAX_TOPIC or not topic.isprintable() or topic[:1] in ("", "$"):
        return None
    for name, topics, why in _SIGNS:
        if not topics or re.fullmatch(topics, topic):
            read = decoder_of(name).parse(topic, payload, retained=False)
            if isinstance(read, Publication) and (topics or read != Publication(read.scope)):
                return Guess(name, why, read)
    for name, why in (("number", "it is a bare number"), ("native", "it has the names of our own telegram")):
        reading = DECODERS[name](payload, None)
        if isinstance(reading, Reading):
            return Guess(name, why, Publication(topic, (Sample("", reading.good),)))
    return _expressions(topic, payload)


def _expressions(topic: str, payload: bytes) -> Guess | None:
    """Find whole numbers in JSON, and say where."""
    told = read_json(payload)
    if isinstance(told, Rejection):
        return None
    each, reading = "", told
    if isinstance(told, dict):
        lists = [key for key, value in told.items() if _NAME.fullmatch(key) and _is_list_of_objects(value)]
        each = lists[0] if lists and not any(_numbers(told, 0)) else ""
        reading = told[each][-1] if each else told
    if not isinstance(reading, dict):
        return None
    paths = list(islice(_numbers(reading, 0), _MOST))
    times = [path for path, value in paths if moment(value) is not None]
    said = {path: path for path, value in paths if isinstance(value, int) and path not in (*times, *WORDS)}
    if not said:
        return None
    said |= {"ts": times[0]} if times else {}
    said |= {"each": each} if each else {}
    read = decoder_of("jmespath", said).parse(topic, payload, retained=False)
    if isinstance(read, Rejection):
        return None
    return Guess("jmespath", "it is JSON with whole numbers", read, tuple(said.items()))


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _numbers(told: dict[str, Any], depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the paths of numbers and of stamps, but for names that an expression would have to quote."""
    for key, value in told.items():
        if _NAME.fullmatch(key) is None or isinstance(value, bool):
            continue
        if isinstance(value, int | float) or (isinstance(value, str) and moment(value) is not None):
            yield key, value
        elif isinstance(value, dict) and depth < _DEEPEST:
            yield from ((f"{key}.{path}", number) for path, number in _numbers(value, depth + 1))
