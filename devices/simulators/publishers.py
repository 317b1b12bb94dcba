"""Machines of other makers: each format tells true totals with the habits of its publisher. Pure: time is an argument.

A `PublisherHabits` is one row of the table: the first and last messages of a connection, the reports, the answers. The
habits are those that a gateway must survive: metadata and presence that the broker retains, names that only a birth
has, partial objects, values that were buffered and come at once, messages that come twice, repetitions of the last
total, bad quality, and messages that are lost on the way.

Law: whatever came before, the last report has every total.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from devices.decoders.foreign.sparkplug import NAMESPACE, REBIRTH, metric_of, payload_of
from devices.uplinks import UplinkMessage

_GROUP: Final = f"{NAMESPACE}/hall"
_STATE: Final = f"{NAMESPACE}/STATE"
_LOSE: Final = 20
"""One in this number of Sparkplug messages is lost on its way."""
_BDSEQ: Final = "bdSeq"


@dataclass(slots=True)
class Machine:
    """One machine and its publisher's memory."""

    name: str
    good: int = 0
    scrap: int = 0
    label: str = ""
    """The text on its labels but for the serial number, where it scans."""
    reports: int = 0
    last: bool = False
    """Whether the next report is the last one."""
    told: tuple[int, int] = (0, 0)
    """The totals in the newest report."""
    connections: int = -1
    seq: int = 0
    waits: bool = False
    """Whether it says nothing until its host application is online."""
    kept: list[dict[str, Any]] = field(default_factory=list)

    @property
    def totals(self) -> tuple[int, int]:
        """Good pieces and scrap."""
        return self.good, self.scrap

    def fails(self, every: int) -> bool:
        """Return whether something goes wrong with this report: with one in `every`, and never with the last."""
        return self.reports % every == every - 1 and not self.last


Tell = Callable[[Machine, int], Iterable[UplinkMessage]]
"""From a machine and the time, microseconds UTC."""


class PublisherHabits(NamedTuple):
    """The habits of one maker."""

    tell: Tell
    """Reports the totals."""
    greet: Tell = lambda _machine, _now: ()
    """The first messages of a connection."""
    leave: Tell = lambda _machine, _now: ()
    """The last message of a connection, if there is one: its will as well."""
    hears: tuple[str, ...] = ()
    """Topic filters, with `{}` for the machine."""
    answer: Callable[[Machine, int, str, bytes], Iterable[UplinkMessage]] = lambda _machine, _now, _topic, _payload: ()
    """The messages that follow one that it hears."""

    def report(self, machine: Machine, now: int) -> list[UplinkMessage]:
        """Report the totals, and remember them as told."""
        messages = list(self.tell(machine, now))
        machine.reports += 1
        machine.told = machine.totals
        return messages


def _json(topic: str, said: object, *, retain: bool = False) -> UplinkMessage:
    return UplinkMessage(topic, json.dumps(said, separators=(",", ":")).encode(), retain)


def _iso(now: int, *, local: bool = False) -> str:
    moment = datetime.fromtimestamp(now / 1_000_000, UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="seconds") if local else f"{moment.isoformat(timespec='milliseconds')}Z"


def _kepware(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Buffer values, and send several of one tag at once; bad quality repeats the last good value."""
    ms, quality = now // 1000, not machine.fails(7)
    for tag, total in zip(("Good", "Scrap"), machine.totals, strict=True):
        machine.kept.append({"id": f"{machine.name}.PLC.{tag}", "v": total if quality else 0, "q": quality, "t": ms})
    if machine.reports % 3 == 0 or machine.last:
        yield _json("iotgateway/hall", {"timestamp": ms, "values": machine.kept})
        machine.kept.clear()


def _s7_names(machine: Machine, _now: int) -> Iterator[UplinkMessage]:
    points = [{"id": "101", "name": "good"}, {"id": "102", "name": "scrap"}]
    of = {"name": machine.name, "dataPoints": [{"name": "default", "dataPointDefinitions": points}]}
    yield _json("ie/m/j/simatic/v1/s7c1/dp", {"seq": 1, "connections": [of]}, retain=True)


def _s7databus(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Name values by id, quote numbers of 64 bits, and mark bad quality."""
    good, scrap = machine.totals
    quality = 0 if machine.fails(5) else 3
    values = [
        {"id": "101", "qc": 3, "ts": _iso(now), "val": str(good)},
        {"id": "102", "qc": quality, "ts": _iso(now), "val": scrap if quality else 0},
    ]
    topic = f"ie/d/j/simatic/v1/s7c1/dp/r/{machine.name}/default"
    yield _json(topic, {"seq": machine.reports, "vals": values})


def _neuron(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Send an error in place of a value."""
    said: dict[str, Any] = {
        "timestamp": now // 1000,
        "node": machine.name,
        "group": "press",
        "values": {},
        "errors": {},
    }
    said["values"]["good"] = machine.good
    if machine.fails(5):
        said["errors"]["scrap"] = 2014
    else:
        said["values"]["scrap"] = machine.scrap
    yield _json(f"/neuron/{machine.name}/plc/press", said)


def _umh(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Send one tag in a message."""
    for tag, total in zip(("good", "scrap"), machine.totals, strict=True):
        yield _json(f"umh/v1/acme/ulm/{machine.name}/_historian/{tag}", {"timestamp_ms": now // 1000, "value": total})


def _tasmota(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Stamp in local time and whole seconds."""
    good, scrap = machine.totals
    said = {"Time": _iso(now, local=True), "COUNTER": {"C1": good, "C2": scrap}}
    yield _json(f"tele/{machine.name}/SENSOR", said)


def _shelly(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Send what has changed; the first two inputs cannot count."""
    params: dict[str, Any] = {"ts": round(now / 1_000_000, 2)}
    for number, (total, told) in enumerate(zip(machine.totals, machine.told, strict=True), 2):
        if machine.last or total != told:
            params[f"input:{number}"] = {"id": number, "counts": {"total": total}}
    method = "NotifyFullStatus" if machine.last else "NotifyStatus"
    yield _json(f"{machine.name}/events/rpc", {"src": machine.name, "method": method, "params": params})


def _zigbee2mqtt(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Send twice, retain, and repeat the count with each report of the battery."""
    said = {"count": machine.good, "scrap": machine.scrap, "battery": 97, "last_seen": _iso(now)}
    yield from [_json(f"zigbee2mqtt/{machine.name}", said, retain=True)] * 2
    yield _json(f"zigbee2mqtt/{machine.name}", said | {"battery": 96}, retain=True)


def _esphome(machine: Machine, _now: int) -> Iterator[UplinkMessage]:
    """Send floats, each in a message of its own, and `nan` before the first."""
    for tag, total in zip(("good", "scrap"), machine.totals, strict=True):
        text = f"{total:.1f}" if machine.reports or machine.last else "nan"
        yield UplinkMessage(f"{machine.name}/sensor/{tag}/state", text.encode())


def _jmespath(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Collect readings, and send a list of them."""
    machine.kept.append({"n": machine.good, "ng": machine.scrap, "t": now // 1000})
    if machine.reports % 4 == 0 or machine.last:
        yield _json(f"mes/{machine.name}", {"station": machine.name, "readings": machine.kept})
        machine.kept.clear()


def _proglove(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Scan the label of each piece; a scan may come twice."""
    for number in range(machine.told[0] + 1, machine.good + 1):
        said = {
            "event_type": "scan",
            "event_id": f"{machine.name}-{machine.label[-6:]}-{number:06d}",
            "time_created": now // 1000,
            "device_serial": machine.name,
            "scan_code": f"{machine.label}{number:06d}",
            "scan_symbology": "CODE128",
        }
        message = UplinkMessage("proglove/streams", json.dumps(said).encode() + b"\n")
        yield from [message] * (1 if number % 4 or machine.last else 2)


def _births(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Name the totals by aliases, which are other ones in each life."""
    node = [metric_of(_BDSEQ, None, value=machine.connections, now=now), metric_of(REBIRTH, None, value=False, now=now)]
    machine.seq = 1
    totals = enumerate(zip(("Good", "Scrap"), machine.totals, strict=True))
    metrics = [metric_of(f"Counters/{tag}", _alias(machine, at), value=total, now=now) for at, (tag, total) in totals]
    yield UplinkMessage(f"{_GROUP}/NBIRTH/{machine.name}", payload_of(node, 0, now), qos=0)
    yield UplinkMessage(f"{_GROUP}/DBIRTH/{machine.name}/press", payload_of(metrics, 1, now), qos=0)


def _alias(machine: Machine, at: int) -> int:
    return 10 + (at + machine.connections) % 2


def _sparkplug(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    """Send values by alias; some messages are lost."""
    machine.seq = (machine.seq + 1) % 256
    metrics = [metric_of("", _alias(machine, at), value=total, now=now) for at, total in enumerate(machine.totals)]
    if not machine.waits and not machine.fails(_LOSE):
        yield UplinkMessage(f"{_GROUP}/DDATA/{machine.name}/press", payload_of(metrics, machine.seq, now), qos=0)


def _death(machine: Machine, now: int) -> Iterator[UplinkMessage]:
    metric = metric_of(_BDSEQ, None, value=machine.connections, now=now)
    yield UplinkMessage(f"{_GROUP}/NDEATH/{machine.name}", payload_of([metric], None, now))


def _answer_host(machine: Machine, now: int, topic: str, payload: bytes) -> Iterable[UplinkMessage]:
    """Be born when the host application comes online, and when it asks for that; be silent while it is away."""
    if topic.startswith(_STATE):
        machine.waits = json.loads(payload)["online"] is not True
        return () if machine.waits else _births(machine, now)
    return _births(machine, now) if REBIRTH.encode() in payload else ()


def _presence(topic: str, here: str, gone: str) -> tuple[Tell, Tell]:
    return (
        lambda machine, _now: [UplinkMessage(topic.format(machine.name), here.encode(), retain=True)],
        lambda machine, _now: [UplinkMessage(topic.format(machine.name), gone.encode(), retain=True)],
    )


PUBLISHERS: Final[dict[str, PublisherHabits]] = {
    "kepware": PublisherHabits(_kepware),
    "s7databus": PublisherHabits(_s7databus, greet=_s7_names),
    "neuron": PublisherHabits(_neuron),
    "umh": PublisherHabits(_umh),
    "tasmota": PublisherHabits(_tasmota, *_presence("tele/{}/LWT", "Online", "Offline")),
    "shelly": PublisherHabits(_shelly, *_presence("{}/online", "true", "false")),
    "zigbee2mqtt": PublisherHabits(_zigbee2mqtt, *_presence("zigbee2mqtt/{}/availability", "online", "offline")),
    "esphome": PublisherHabits(_esphome, *_presence("{}/status", "online", "offline")),
    "sparkplug": PublisherHabits(
        _sparkplug, leave=_death, hears=(f"{_STATE}/+", f"{_GROUP}/NCMD/{{}}"), answer=_answer_host
    ),
    "proglove": PublisherHabits(_proglove),
    "jmespath": PublisherHabits(_jmespath),
}
"""The publishers, by the name of their decoder."""
