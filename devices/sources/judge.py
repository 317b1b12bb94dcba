"""The rule that judges sources, all of them together: what cannot be read, can never match, or has two meanings.

A finding is a sentence with the number of the source and the name of its setting, so that a start of the gateway and
`check` say the same.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from devices.decoders import DECODERS
from devices.decoders.foreign import READERS, decoder_of
from devices.decoders.foreign.jmespath import WORDS
from devices.decoders.foreign.sparkplug import NAMESPACE, host_state
from devices.errors import show
from devices.filters import is_filter, overlaps
from devices.messages import is_device_id
from devices.sources.source import ForeignSource, MapRow, topic_of

NAMES: Final = (*DECODERS, *READERS, "jmespath")
"""The decoders that a source may have."""
BARE: Final = frozenset({*DECODERS, "esphome"})
"""Those whose topics hold one value, so that a row needs no tag."""
_KIND_LEVEL: Final = 2
"""The level of a Sparkplug topic that is the kind of message."""


class Fault(NamedTuple):
    """A finding in the sources: the number of the source from 0 on, its setting, and a sentence."""

    source: int
    setting: str
    text: str


def faults(sources: Sequence[ForeignSource], base: str) -> Iterator[Fault]:
    """Find what is wrong with the sources of a gateway whose own messages are below `base`."""
    states = {
        number: host_state(source.host, 0, online=True)[0] for number, source in enumerate(sources) if source.host
    }
    for number, source in enumerate(sources):
        for setting, text in _faults(source):
            yield Fault(number, setting, text)
        if overlaps(source.filter, f"{base}/#"):
            yield Fault(number, "filter", f"{source.filter} overlaps the gateway's own topics below {base}")
        for other, topic in states.items():
            if other != number and overlaps(source.filter, topic):
                text = (
                    f"{source.filter} overlaps {topic}, on which the host application of source {other} says its state"
                )
                yield Fault(number, "filter", text)
    for (one, first), (other, second) in combinations(enumerate(sources), 2):
        if overlaps(first.filter, second.filter):
            yield Fault(other, "filter", f"{second.filter} overlaps {first.filter} of source {one}")
        if first.host and first.host == second.host:
            text = f"{second.host} is that of source {one}, and each source with a host has a connection of its own"
            yield Fault(other, "host", text)


def _faults(source: ForeignSource) -> Iterator[tuple[str, str]]:
    if not is_filter(source.filter):
        yield "filter", f"expected a topic filter such as tele/+/SENSOR, got {show(source.filter)}"
    if source.decoder not in NAMES:
        yield "decoder", f"expected one of {', '.join(NAMES)}, got {show(source.decoder)}"
        return
    if source.decoder in DECODERS and source.expressions:
        yield "expressions", "expected none, which are for jmespath, got some"
    elif source.decoder not in DECODERS:
        try:
            decoder_of(source.decoder, dict(source.expressions))
        except ValueError as error:
            yield "expressions", str(error)
    if (source.decoder == "sparkplug") != bool(source.host):
        got = "none" if source.decoder == "sparkplug" else "one"
        yield "host", f"expected the id of a host application for sparkplug, and for no other decoder, got {got}"
    elif source.host and (not source.host.isprintable() or set(source.host) & set("/+#")):
        yield "host", f"expected one level of a topic, got {show(source.host)}"
    if source.decoder == "sparkplug" and not source.filter.startswith(f"{NAMESPACE}/"):
        yield "filter", f"expected topics of Sparkplug such as {NAMESPACE}/plant/#, got {source.filter}"
    for number, row in enumerate(source.rows):
        for setting, text in _faults_of_row(source, row):
            yield f"map.{number}.{setting}", text
    yield from _twice(source)


def _twice(source: ForeignSource) -> Iterator[tuple[str, str]]:
    """Find rows that fit the same messages; a row with a tag or a topic of its own, as nearly all, costs a look-up."""
    known: defaultdict[str, dict[str, int]] = defaultdict(dict)
    wide: defaultdict[str, list[str]] = defaultdict(list)
    for number, row in enumerate(source.rows):
        topic, same = topic_of(source, row), known[row.tag]
        is_wide = not {*topic}.isdisjoint("+#")
        others = same if is_wide else [topic, *wide[row.tag]]
        rivals = [same[other] for other in others if other in same and overlaps(other, topic)]
        if rivals:
            yield f"map.{number}", f"its messages fit row {min(rivals)} as well, and one value is counted once"
        same.setdefault(topic, number)
        if is_wide:
            wide[row.tag].append(topic)


def _faults_of_row(source: ForeignSource, row: MapRow) -> Iterator[tuple[str, str]]:
    decoder, tags = source.decoder, {tag for tag, _ in source.expressions} - {*WORDS}
    if not is_device_id(row.device):
        yield (
            "device",
            f"expected a device id of A-Z a-z 0-9 _ -, at most 40, and no reserved name, got {show(row.device)}",
        )
    if row.kind and decoder in (*DECODERS, "proglove"):
        yield "kind", f"expected none, because what {decoder} reads says itself what it is, got {row.kind}"
    if decoder in DECODERS and row.tag:
        yield "tag", f"expected none, because {decoder} has no tags, got {show(row.tag)}"
    elif not row.tag and decoder not in BARE:
        yield (
            "tag",
            "expected the serial number of a scanner" if decoder == "proglove" else "expected the name of a tag",
        )
    elif decoder == "jmespath" and row.tag not in tags:
        yield "tag", f"no expression has the tag {show(row.tag)}, so that it can never match"
    if not row.topic:
        return
    if not is_filter(row.topic):
        yield "topic", f"expected a topic or a filter, got {show(row.topic)}"
    elif not overlaps(row.topic, source.filter):
        yield "topic", f"{row.topic} is not within {source.filter}, so that it can never match"
    elif decoder == "sparkplug" and row.topic.split("/")[_KIND_LEVEL : _KIND_LEVEL + 1] not in (["+"], ["#"]):
        yield "topic", f"expected + for the kind of message, as in {NAMESPACE}/group/+/node, got {row.topic}"
    elif decoder == "s7databus" and not overlaps(row.topic, "ie/d/#"):
        yield "topic", f"{row.topic} has no values, which are below ie/d, so that it can never match"
