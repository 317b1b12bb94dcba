"""What comes over the wire, and what may become of it: packets, topics, telegrams, requests, barcodes.

Each check takes any bytes and returns how they ended; it raises when a law is broken.
"""

import json
import re
from datetime import UTC, date
from typing import Any, Final
from zoneinfo import ZoneInfo

from devices.barcodes import Control, Dialect, Label, control_code, parse_barcode
from devices.barcodes.shapes import shape_of
from devices.decoders import DECODERS, decode_scan, decode_state
from devices.decoders.foreign import READERS, decoder_of
from devices.errors import Malformed, Rejection
from devices.messages import Publication, Reading, control_character
from devices.sources.guess import guess
from gateway.backflush.plant.snapshot import Device, MasterData, Plant
from gateway.errors import Reason
from gateway.mqtt.topics import CanaryTopic, DeviceTopic, GatewayRequestTopic, RequestTopic, Topics
from gateway.mqtt.wire.packets import MalformedPacket, cut, publication
from gateway.service.fold.requests import action_of, parse_request

REFUSED: Final = frozenset(Malformed) | frozenset(Reason)
TOPICS: Final = Topics("bf/v1", "gw1")
MASTER: Final = MasterData(
    plants={"1000": Plant("1000", time_zone="Europe/Berlin")}, devices={"c1": Device("c1", "1000", line="L1")}
)
VERBS: Final = "run-start", "run-stop", "post", "reverse", "work", "window-close"
INSIDE_VERBS: Final = (
    *VERBS,
    *("hold", "release", "backlog-retry", "backlog-correct", "backlog-close"),
    *("quarantine-replay", "quarantine-dismiss", "period"),
)
FOREIGN: Final = {name: decoder_of(name) for name in READERS} | {
    "jmespath": decoder_of("jmespath", {"good": "good || (tags[?name=='good'].value | [0])", "ts": "ts"}),
    "each": decoder_of("jmespath", {"good": "good", "ts": "ts", "hist": "old", "each": "[]"}),
}
_ZONES: Final = None, ZoneInfo("Europe/Berlin"), UTC
_END: Final = 253_402_300_800_000_000
_INT64: Final = 2**63
_LONGEST_TEXT: Final = 400


def refused(rejection: Rejection) -> str:
    """Return the code of a refusal that a person may be shown."""
    assert rejection.code in REFUSED, rejection
    shown(rejection.text)
    return str(rejection.code)


def shown(text: str, longest: int = _LONGEST_TEXT) -> None:
    """Insist on one short line that holds nothing invisible."""
    assert text.strip(), "nothing is said"
    assert text.isprintable(), f"not printable: {text!r}"
    assert len(text) <= longest, f"{len(text)} characters: {text[:80]!r}"


def packets(data: bytes) -> str:
    """Cut a stream of bytes: packets or Malformed, and chunks do not matter."""
    outcome = ""
    for version5 in (True, False):
        try:
            whole = cut(data, version5=version5)
        except MalformedPacket as error:
            shown(str(error))
            outcome = outcome or "malformed"
            continue
        outcome = "ok" if version5 or outcome == "ok" else "ok311"
        assert data.endswith(whole.rest)
        if whole.rest:
            assert whole.wanted > len(whole.rest), "it waits for nothing"
        middle = len(data) // 2
        first = cut(data[:middle], version5=version5)
        second = cut(first.rest + data[middle:], version5=version5)
        assert first.deliveries + second.deliveries == whole.deliveries
        assert first.answers + second.answers == whole.answers
        assert (first.control + second.control, second.rest) == (whole.control, whole.rest)
        for delivery in whole.deliveries:
            assert (delivery.mid > 0) == (delivery.qos == 1)
            delivery.topic.encode()
    return outcome


def topics(data: bytes) -> str:
    """Read a topic, as the library hands it over."""
    topic = data.decode("utf-8", "backslashreplace")
    parsed = TOPICS.parse(topic)
    TOPICS.is_written(topic)
    for sender in (DeviceTopic("1000", "L1", "c1", "scan"), RequestTopic("1000", "L1", "post")):
        if TOPICS.may_answer(sender, topic):
            assert topic.startswith("bf/v1/1000/L1/")
            assert isinstance(parsed, Rejection), "an answer that the gateway would read"
    match parsed:
        case Rejection():
            return refused(parsed)
        case DeviceTopic(plant, line, device, kind):
            assert TOPICS.device(plant, line, device, kind) == topic
        case RequestTopic(plant, line, verb):
            assert TOPICS.request(plant, line, verb) == topic
        case GatewayRequestTopic(gateway, verb):
            assert TOPICS.gateway_request(gateway, verb) == topic
        case CanaryTopic(gateway, kind):
            assert topic == f"bf/v1/_gateway/{gateway}/_canary/{kind}"
    publication(topic, b"", qos=1, retain=False, mid=1, properties=None)
    return "ok"


def count(data: bytes) -> str:
    """Decode a count telegram with every decoder and in every zone; the outcome is the native one's."""
    outcomes = []
    for decode in DECODERS.values():
        for zone in _ZONES:
            reading = decode(data, zone)
            assert decode(data, zone) == reading, "the same bytes mean something else"
            outcomes.append(refused(reading) if isinstance(reading, Rejection) else _sound(reading))
    return outcomes[0]


def _sound(reading: Reading) -> str:
    totals = [total for total in (reading.good, reading.gross, reading.scrap, reading.rework) if total is not None]
    assert totals
    for number in (*totals, *(units for _, units in reading.scrap_by), reading.seq or 0):
        assert type(number) is int
        assert 0 <= number <= 2**53
    for text in (reading.boot, reading.unit, reading.batch, reading.id, reading.device, *dict(reading.scrap_by)):
        if text is not None:
            # The spelling of a name is judged later, as at every other door.
            assert 1 <= len(text) <= 200
            assert control_character(text) is None, repr(text)
    if reading.ts is not None:
        assert 0 <= reading.ts < _END
    if reading.scrap_by:
        assert sum(units for _, units in reading.scrap_by) == reading.scrap
    said: dict[str, Any] = {name: value for name, value in reading._asdict().items() if value is not None}
    said.pop("ts", None)
    said |= {"scrap_by": dict(reading.scrap_by), "mode": "delta" if said.pop("delta") else "total"}
    if not reading.scrap_by:
        del said["scrap_by"]
    again = DECODERS["native"](json.dumps(said).encode(), None)
    assert again == reading._replace(ts=None), "what is printed is not what was read"
    return "ok"


def scan(data: bytes) -> str:
    """Decode a scan telegram, and what it holds as a barcode."""
    for zone in _ZONES:
        said = decode_scan(data, zone)
    if isinstance(said, Rejection):
        return refused(said)
    assert 1 <= len(said.data) <= 7_089
    for text in (said.id, said.point, said.device):
        if text is not None:
            shown(text, 64)
    assert said.operator is None or control_character(said.operator) is None
    if said.ts is not None:
        assert 0 <= said.ts < _END
    return _label(said.data)


def state(data: bytes) -> str:
    """Decode a device's state."""
    said = decode_state(data)
    if isinstance(said, Rejection):
        return refused(said)
    return "online" if said.online else "offline"


def foreign(data: bytes) -> str:
    """Read a message of another publisher: the first line names decoder and topic; an unknown one stands for all."""
    head, _, payload = data.partition(b"\n")
    name, _, topic = head.decode("utf-8", "backslashreplace").partition(" ")
    outcomes = []
    for decoder in [FOREIGN[name]] if name in FOREIGN else FOREIGN.values():
        for retained in (True, False):
            message = decoder.parse(topic, payload, retained=retained)
            assert repr(decoder.parse(topic, payload, retained=retained)) == repr(message), "it means something else"
            outcomes.append(refused(message) if isinstance(message, Rejection) else _message(message))
    assert repr(guess(topic, payload)) == repr(guess(topic, payload)), "it is guessed to be something else"
    return outcomes[-1] if name in FOREIGN else ""


def _message(message: Publication) -> str:
    """Insist on what whoever takes a message may rely on; the outcome is what it is about."""
    assert not message.scope or message.scope.isprintable()
    outcome = "nothing"
    for sample in message.samples:
        shown(sample.name or sample.id, 1000)
        assert sample.ts is None or 946_684_800_000_000 <= sample.ts < _END
        total = sample.total
        if isinstance(total, Rejection):
            outcome = refused(total) if outcome == "nothing" else outcome
        else:
            outcome = "ok"
            assert type(total) is int
            assert 0 <= total <= 2**53
    for names in message.names:
        outcome = "names" if outcome == "nothing" else outcome
        for key, name in names.names:
            shown(key)
            shown(name)
    if isinstance(message.scan, Rejection):
        return refused(message.scan)
    if message.scan is not None:
        shown(message.scan.id or "")
        assert 1 <= len(message.scan.data) <= 7_089
        return "scan"
    if outcome == "nothing" and message.online is not None:
        return "online" if message.online else "offline"
    return outcome


def barcode(data: bytes) -> str:
    """Read the text of a barcode."""
    return _label(data.decode("utf-8", "surrogateescape"))


def _label(text: str) -> str:
    label = parse_barcode(text)
    assert parse_barcode(text) == label, "the same text means something else"
    match label:
        case Rejection():
            return refused(label)
        case Control(verb, values):
            assert parse_barcode(control_code(verb, *values)) == label
            return verb.value
        case Label():
            shape = shape_of(text, Dialect())
            assert not isinstance(shape, Rejection)
            assert label.text in shape.data
            assert label.gtin is None or (len(label.gtin) == 14 and label.gtin.isdecimal())
            assert label.sscc is None or re.fullmatch(r"[0-9]{18}|[1-6]?J[!-~]{1,50}", label.sscc)
            assert label.count is None or 1 <= label.count <= 99_999_999
            assert label.expires is None or isinstance(label.expires, date)
            for field in (label.serial, label.batch):
                if field is not None:
                    shown(field, 90)
            return "plain" if label.is_plain else "label"


def request(data: bytes) -> str:
    """Read a request on each topic and at the control socket: a request that can be worked on, or a refusal."""
    outcome = ""
    for verb in ("", *INSIDE_VERBS):
        place = {"verb": verb, "plant": "1000", "line": "L1"} if verb else {}
        said = parse_request(data, **place)
        if isinstance(said, Rejection):
            ended = refused(said)
        else:
            for text in (said.transaction, said.actor, said.reason, said.plant, said.line, said.verb):
                assert not text or text.isprintable(), f"not printable: {text!r}"
                text.encode()
            assert len(said.digest) == 32
            action = action_of(said, MASTER)
            ended = refused(action) if isinstance(action, Rejection) else _storable(action)
        # Its own verb where the payload names one, else any that takes its data.
        outcome = ended if not outcome or (verb and ended == "ok") else outcome
    return outcome


def _storable(value: object) -> str:
    """Insist on numbers that a database can hold, on moments that a calendar has, and on inert text."""
    match value:
        case bool() | None:
            pass
        case int():
            assert -_INT64 <= value < _INT64, f"a number beyond 64 bits: {value!r}"
        case str():
            assert not value or value.isprintable(), f"not printable: {value!r}"
            value.encode()
        case dict():
            for key, inner in value.items():
                _storable(key)
                _storable(inner)
        case tuple() | list():
            for inner in value:
                _storable(inner)
    return "ok"
