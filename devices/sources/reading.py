"""Reading: a message of a source becomes totals and scans of devices, a lesson on its publisher, or refusals.

`Sources.read` is a pure function of a message and of the knowledge before it; it changes neither. Its caller, which
keeps the knowledge, takes the `lesson` afterwards, in the order of the messages. `explain` puts an
interpretation into words.

Laws
    a message of no source is not interpreted (None), and nothing of it is remembered, however many there are
    a retained message is no reading and no scan; one that cannot be read is refused only where it may be metadata
    a value counts for one device at most; one telegram holds the totals of a device at one moment, in the order sent
    a message that no row asks for is `unmapped`, and not even refused
"""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from devices.decoders import DECODERS, CountDecoder
from devices.decoders.foreign import Decoder, decoder_of
from devices.decoders.foreign.sparkplug import NAMESPACE
from devices.edge_nodes import Fate, NodeMessage, forget, judge
from devices.errors import Malformed, Rejection, show
from devices.filters import matches, overlaps
from devices.messages import Names, Publication, Reading, Sample, Scan
from devices.sources.knowledge import MOST_NAMES, MOST_NODES, NO_LESSON, Knowledge, Lesson, Node
from devices.sources.source import ForeignSource, Kind, MapRow, topic_of

KNOWN_TOPICS: Final = 16_384
"""The number of topics whose rows are remembered."""
Zone = Callable[[str], tzinfo | None]
"""The time zone of a device, for times without an offset."""


class ForeignMessage(NamedTuple):
    """One message of a publisher."""

    topic: str
    payload: bytes
    at: int
    """The time of receipt, microseconds UTC."""
    retained: bool = False
    """Whether the broker had kept it, from before the subscription."""
    unfit: Rejection | None = None
    """The reason why its payload is not there as a whole."""


class DeviceReading(NamedTuple):
    """The totals of one device at one moment."""

    device: str
    reading: Reading


class DeviceScan(NamedTuple):
    """A scan of a device, or the reason why it cannot be read."""

    device: str
    scan: Scan | Rejection


class DeviceConnection(NamedTuple):
    """A device came or went, as its publisher says."""

    device: str
    online: bool


class Refusal(NamedTuple):
    """A part that cannot be read; an empty device is not known."""

    device: str
    rejection: Rejection


Part = DeviceReading | DeviceScan | DeviceConnection | Refusal


class Interpretation(NamedTuple):
    """The parts of a message, each for a device, and its effect on the knowledge."""

    source: ForeignSource
    parts: tuple[Part, ...] = ()
    """In the order sent."""
    lesson: Lesson = NO_LESSON
    mapped: bool = True
    """Whether some row asks for messages like it; if not, it is `unmapped`."""
    repeated: bool = False
    """Whether the same message of an edge node was taken before."""
    ask: str = ""
    """The edge node that is to be asked for its births, as group/node."""
    publication: Publication | None = None
    """The decoder's result, for `explain`."""


class _Route(NamedTuple):
    """The rows that fit a topic, before its payload is read."""

    source: "_Compiled"
    rows: dict[str, MapRow]
    """By tag."""
    mapped: bool
    """Whether a message on it can concern a device."""


class _Compiled(NamedTuple):
    """A source, with its decoder."""

    source: ForeignSource
    decoder: Decoder | None
    counter: CountDecoder | None
    """The decoder of a bare telegram, in place of `decoder`."""


class Sources:
    """The sources of one gateway, ready to read."""

    def __init__(self, sources: Sequence[ForeignSource], *, earlier: bool = False) -> None:
        """Take sources without faults (`source.faults`); `earlier`: as older journals were read."""
        self._sources = [_compile(source, earlier=earlier) for source in sources]
        self._earlier = earlier
        self._route = lru_cache(KNOWN_TOPICS)(self._find_route)
        self._devices_in = lru_cache(KNOWN_TOPICS)(self._find_devices)

    def limit_of(self, topic: str) -> int:
        """Return the most bytes of a payload on a topic of theirs."""
        route = self._route(topic)
        return 0 if route is None else route.source.source.max_bytes

    def read(
        self, message: ForeignMessage, knowledge: Knowledge, zone: Zone, *, replay: bool = False
    ) -> Interpretation | None:
        """Return what a message becomes; None if no source has its topic.

        A `replay` comes out of its turn: it is read by the names known now, and teaches nothing.
        """
        topic, payload, at, retained, unfit = message
        route = self._route(topic)
        if route is None:
            return None
        (source, decoder, counter), rows, mapped = route
        if counter is not None and unfit is None:
            return _bare(route, payload, zone, counter, retained=retained)
        told = unfit if unfit is not None or decoder is None else decoder.parse(topic, payload, retained=retained)
        assert told is not None, f"a source of {source.decoder} without a decoder"
        if isinstance(told, Rejection):
            lesson = NO_LESSON if replay else _doubt(source, topic, knowledge)
            # The broker sends a retained message at each start: it would be refused each time, and counts nothing.
            refused = mapped and (not retained or self._earlier or lesson is not NO_LESSON)
            return Interpretation(source, (Refusal(_sole(rows), told),) if refused else (), lesson, mapped)
        if told.turn is not None and mapped and not replay:
            return self._in_turn(route, topic, told, knowledge, at)
        if source.host and topic == _state_of(source):
            # This host has connected again, and may have missed a birth: no alias and no order holds any longer.
            forgotten: dict[str, Node | None] = dict.fromkeys(knowledge.nodes)
            return Interpretation(source, lesson=Lesson(nodes=forgotten), publication=told)
        return self._mean(route, topic, told, knowledge, replay=replay)

    def _in_turn(self, route: _Route, topic: str, told: Publication, knowledge: Knowledge, now: int) -> Interpretation:
        """Let the edge node's life decide whether a message of Sparkplug is valid."""
        source, turn = route.source.source, told.turn
        assert turn is not None, "a message of Sparkplug without its turn"
        group, name, *device = told.scope.split("/")
        node = f"{group}/{name}"
        before = knowledge.nodes.get(node)
        if before is None and len(knowledge.nodes) >= MOST_NODES:
            return Interpretation(source, (Refusal(_sole(route.rows), _TOO_MANY),), publication=told)
        advance = judge(before or Node(), NodeMessage(turn, "/".join(device), None), now)
        lives: dict[str, Node | None] = {node: advance.node}
        ask = node if advance.ask else ""
        fate = advance.outcomes[-1].fate
        if fate is Fate.TAKEN:
            _, parts, (names, _), mapped, repeated, _, _ = self._mean(route, topic, told, knowledge, replay=False)
            return Interpretation(source, parts, Lesson(names, lives), mapped, repeated, ask, told)
        lesson = Lesson(nodes=lives)
        if isinstance(fate, Rejection):
            refused = (Refusal(_sole(route.rows), fate),)
            return Interpretation(source, refused, lesson, ask=ask, publication=told)
        return Interpretation(source, lesson=lesson, repeated=True, ask=ask, publication=told)

    def _mean(
        self, route: _Route, topic: str, told: Publication, knowledge: Knowledge, *, replay: bool
    ) -> Interpretation:
        source, rows = route.source.source, route.rows
        if told.online is None and told.scan is None and not told.names:  # values alone, as nearly all have
            alone = _sole_reading(source, rows, told, knowledge)
            if alone is not None:
                return Interpretation(source, (alone,), NO_LESSON, True, False, "", told)  # noqa: FBT003 - in order
            found = _fit(route, told, knowledge) if rows else []
            mapped = bool(found) or (route.mapped and not told.samples)
            return Interpretation(source, _parts(found), NO_LESSON, mapped, False, "", told)  # noqa: FBT003 - in order
        parts: list[Part] = []
        lesson, named = NO_LESSON, False
        if told.names and not replay:
            wanted = [names for names in told.names if self._devices_in(source, names.scope, topic) or not names.names]
            named = any(names.names for names in wanted)
            changed = knowledge.lesson(source.decoder, wanted)
            if changed is None:
                return Interpretation(source, (Refusal(_sole(rows), _TOO_MANY),), publication=told)
            lesson = Lesson(changed)
        if told.online is not None:
            devices = self._devices_in(source, told.scope, topic)
            parts += [DeviceConnection(device, told.online) for device in devices]
        if told.scan is not None:
            row = rows.get(told.scope)
            parts += [DeviceScan(row.device, told.scan)] if row is not None else []
        fitted = bool(parts)
        if told.samples and rows:
            found = _fit(route, told, knowledge)
            fitted = fitted or bool(found)
            parts.extend(_parts(found))
        mapped = fitted or named or (route.mapped and not told.samples and told.scan is None)
        return Interpretation(source, tuple(parts), lesson, mapped=mapped, publication=told)

    def _find_route(self, topic: str) -> _Route | None:
        compiled = next((each for each in self._sources if _hears(each.source, topic)), None)
        if compiled is None:
            return None
        source = compiled.source
        rows = {row.tag: row for row in source.rows if matches(topic_of(source, row), topic)}
        mapped = bool(rows)
        if source.decoder == "sparkplug":
            group, name = [*topic.split("/"), "", "", ""][1:4:2]
            mapped = bool(self._devices_in(source, f"{group}/{name}", topic))
        elif source.decoder == "s7databus":
            mapped = mapped or topic.startswith("ie/m/")
        return _Route(compiled, rows, mapped)

    def _find_devices(self, source: ForeignSource, scope: str, topic: str) -> tuple[str, ...]:
        """Return the devices whose values may come from a scope, or from one below it."""
        if source.decoder == "proglove":
            return tuple(
                row.device for row in source.rows if row.tag == scope and matches(topic_of(source, row), topic)
            )
        place = _place_of(source.decoder, scope, topic)
        fitting = (row.device for row in source.rows if overlaps(topic_of(source, row), place))
        return tuple(dict.fromkeys(fitting))


_TOO_MANY: Final = Rejection(
    Malformed.TOO_MANY_NAMES, f"expected at most {MOST_NAMES} names and {MOST_NODES} edge nodes, got more"
)


def _state_of(source: ForeignSource) -> str:
    """Return the topic of a host application's own state; empty if it is none."""
    return source.host and f"{NAMESPACE}/STATE/{source.host}"


def _doubt(source: ForeignSource, topic: str, knowledge: Knowledge) -> Lesson:
    """Forget what a birth or metadata that cannot be read may have changed: an id may mean another tag by now."""
    match source.decoder, topic.split("/", 3):
        case "sparkplug", [_, group, "NBIRTH", name] if node := knowledge.nodes.get(f"{group}/{name}"):
            return Lesson(nodes={f"{group}/{name}": forget(node)})
        case "s7databus", [_, "m", _, scope]:
            return Lesson(knowledge.lesson(source.decoder, [Names(scope, whole=True)]) or {})
        case _:
            return NO_LESSON


def _hears(source: ForeignSource, topic: str) -> bool:
    return matches(source.filter, topic) or topic == _state_of(source)


def _compile(source: ForeignSource, *, earlier: bool) -> _Compiled:
    if (counter := DECODERS.get(source.decoder)) is not None:
        return _Compiled(source, None, counter)
    decoder = decoder_of(source.decoder, dict(source.expressions), source.max_bytes, earlier=earlier)
    return _Compiled(source, decoder, None)


def _place_of(decoder: str, scope: str, topic: str) -> str:
    """Return a filter of the topics on which the values of a scope, and of those below it, come."""
    match decoder:
        case "sparkplug":
            group, _, rest = scope.partition("/")
            return f"{NAMESPACE}/{group}/+/{rest}/#"
        case "s7databus":
            return f"ie/d/j/{scope}/#"
        case "tasmota":
            return f"{topic.rpartition('/')[0].replace('stat/', '+/').replace('tele/', '+/')}/+"
        case "esphome":
            return f"{scope}/sensor/+/state"
        case "shelly":
            return f"{scope}/#"
        case _:
            return scope


def _sole(rows: dict[str, MapRow]) -> str:
    """Return the only device of a topic; empty if there are several, or none."""
    devices = {row.device for row in rows.values()}
    return devices.pop() if len(devices) == 1 else ""


def _bare(route: _Route, payload: bytes, zone: Zone, counter: CountDecoder, *, retained: bool) -> Interpretation:
    """Read a telegram of a counter in one of our own formats, on a topic of its own."""
    source, row = route.source.source, route.rows.get("")
    if row is None or retained:
        return Interpretation(source, mapped=row is not None)
    told = counter(payload, zone(row.device))
    if isinstance(told, Rejection):
        return Interpretation(source, (Refusal(row.device, told),))
    return Interpretation(source, (DeviceReading(row.device, told),))


def _sole_reading(
    source: ForeignSource, rows: dict[str, MapRow], told: Publication, knowledge: Knowledge
) -> DeviceReading | None:
    """Return the reading of a message in which one total is asked for, as in nearly all.

    None: `_fit` and `_parts` tell its parts.
    """
    found: tuple[MapRow, Sample] | None = None
    for sample in told.samples:
        tag = sample.name or knowledge.name_of(source.decoder, told.scope, sample.id)
        row = rows.get(tag) if tag else None
        if row is not None and found is None:
            found = row, sample
        elif row is not None or not tag:
            return None
    if found is None or found[0].kind not in ("", "good"):
        return None
    row, (_, value, ts, _, hist, _, most) = found
    total = value if type(value) is int and 0 <= value <= most else found[1].total
    if isinstance(total, Rejection):
        return None
    return DeviceReading(row.device, Reading(total, None, None, (), ts, None, None, None, None, hist))


def _fit(route: _Route, told: Publication, knowledge: Knowledge) -> list[tuple[MapRow, Sample, int | Rejection]]:
    """Find the row of each sample; samples that no row asks for are left out."""
    source, rows = route.source.source, route.rows
    alone = rows.get("") if source.decoder == "esphome" else None
    found: list[tuple[MapRow, Sample, int | Rejection]] = []
    is_unknown = False
    for sample in told.samples:
        tag = sample.name or knowledge.name_of(source.decoder, told.scope, sample.id)
        if tag is not None:
            row = rows.get(tag, alone)
            if row is not None:
                found.append((row, sample, sample.total))
        elif not is_unknown:
            shared = knowledge.name_beside(source.decoder, told.scope, sample.id)
            if shared is not None and shared not in rows:
                continue
            is_unknown = True
            text = f"expected a name of its own in the metadata or birth of {show(told.scope)}, got none"
            row = rows.get(shared or "") or MapRow(_sole(rows))
            found.append((row, sample, Rejection(Malformed.NO_NAME, f"{show(sample.id)}: {text}")))
    return found


def _parts(found: list[tuple[MapRow, Sample, int | Rejection]]) -> tuple[Part, ...]:
    """Put the totals of one device at one moment into one telegram."""
    totals: list[tuple[str, dict[Kind, int], int | None, bool]] = []
    refused: list[Part] = []
    newest: dict[tuple[str, int | None, bool, bool], dict[Kind, int]] = {}
    for row, sample, total in found:
        if isinstance(total, Rejection):
            if total.code != Malformed.NO_VALUE:
                refused.append(Refusal(row.device, total))
            continue
        # A total of the device's role stands alone: with another one beside it, it would be a total of good pieces.
        key = row.device, sample.ts, sample.hist, row.kind == ""
        told = newest.get(key)
        if told is None or row.kind in told:
            told = newest[key] = {}
            totals.append((row.device, told, sample.ts, sample.hist))
        told[row.kind] = total
    readings = [DeviceReading(device, _reading(said, ts, hist=hist)) for device, said, ts, hist in totals]
    return (*readings, *refused)


def _reading(totals: dict[Kind, int], ts: int | None, *, hist: bool) -> Reading:
    get = totals.get
    return Reading(get("good", get("")), get("gross"), get("scrap"), ts=ts, hist=hist, rework=get("rework"))
