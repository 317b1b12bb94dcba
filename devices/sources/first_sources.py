"""Values that were heard of publishers without a source, and the first sources for them: TOML, for a person to edit.

A row stands for each whole total that rose while it was heard, and for each scanner. Any other value is a comment with
its reason. Devices get names of place and tag, because their real ones are in the master data alone.

Law: the text is a configuration without faults, whatever was heard.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile
from typing import Final, NamedTuple

from devices.decoders.foreign.sparkplug import NAMESPACE
from devices.errors import Malformed, Rejection, show
from devices.filters import overlaps
from devices.messages import Sample, Scan, is_device_id
from devices.sources.guess import Guess
from devices.sources.knowledge import Knowledge, Lesson

MOST_TAGS: Final = 20_000
MOST_SOURCES: Final = 200
HOST: Final = "backflush"
_LONGEST: Final = 40
_OTHER: Final = re.compile(r"[^A-Za-z0-9]+")
_WHOLE: Final = {"sparkplug": NAMESPACE, "s7databus": "ie"}
"""Decoders whose messages belong together, because some of them name the others, with their first level."""
_WITHOUT_VALUE: Final = {
    "sparkplug": "No name was heard: names stand in births. `backflush listen --births` asks each node for its own.",
    "s7databus": "No name was heard: names stand in the metadata, which the connector retains.",
}
"""By decoder: why a source has no value; of others no value was heard."""
_WITHOUT_TAG: Final = frozenset({"number", "native", "esphome"})


class _Place(NamedTuple):
    """The topic and the tag of a row."""

    topic: str
    tag: str


class _Value(NamedTuple):
    """The first and the newest value of a tag, its sender, and the reason why it is no total."""

    scope: str
    first: object
    newest: object
    why: str = ""


_Counts = dict[tuple[str, str, str], tuple[str, _Value]]
"""By decoder, sender and tag: the topic of its row, and what was heard there."""
_Reader = tuple[str, tuple[tuple[str, str], ...]]
"""A decoder and its expressions."""


class FirstSources:
    """The messages of publishers without a source."""

    def __init__(self) -> None:
        self._readers: dict[str, _Reader] = {}
        """By topic: the one that its first message needed."""
        self._values: dict[_Reader, dict[_Place, _Value]] = defaultdict(dict)
        self._knowledge = Knowledge()

    def hear(self, topic: str, guess: Guess) -> dict[str, object]:
        """Take a message; return its values by tag, and by id where no name is known yet."""
        decoder, told = guess.decoder, guess.publication
        self._knowledge.learn(Lesson(self._knowledge.lesson(decoder, told.names) or {}))
        reader = decoder, guess.expressions
        if len(self._readers) < MOST_TAGS:
            self._readers.setdefault(topic, reader)
        known = self._values[reader] if self._readers.get(topic) == reader else {}
        values: dict[str, object] = {}
        for sample in told.samples:
            tag = sample.name or self._knowledge.name_of(decoder, told.scope, sample.id) or ""
            values[tag or (f"id {sample.id}" if sample.id else "value")] = sample.value
            place = _Place(_topic_of_row(decoder, topic, told.scope), tag)
            if tag or not sample.id:
                _keep(known, place, _compare(known.get(place), told.scope, sample))
        if isinstance(told.scan, Scan):
            values[told.scope] = told.scan.data
            _keep(known, _Place(topic, told.scope), _Value(told.scope, "", told.scan.data))
        return values

    def write(self, title: str, others: Sequence[str]) -> str:
        """Write the sources, in none of these `others` filters; the title is a sentence."""
        lines = [f"# {title}", "# Give the devices their names in the master data, and remove rows that count nothing."]
        names: dict[str, int] = {}
        counts: _Counts = {}
        for filter_, (decoder, expressions), topics in islice(self._sources(others), MOST_SOURCES):
            lines += ["", "[[source]]", f"filter = {_quote(filter_)}", f"decoder = {_quote(decoder)}"]
            if decoder == "sparkplug":
                lines.append(f"host = {_quote(HOST)}")
            if expressions:
                pairs = ", ".join(f"{_quote(tag)} = {_quote(text)}" for tag, text in expressions)
                lines.append(f"expressions = {{ {pairs} }}")
            own, rows = {*topics}, len(lines)
            for place, value in self._values[decoder, expressions].items():
                if decoder in _WHOLE or place.topic in own:
                    lines += _row(decoder, place, value, names, counts)
            if len(lines) == rows:
                lines += ["", f"# {_WITHOUT_VALUE.get(decoder, 'No value was heard here.')}"]
        return "\n".join(lines) + "\n"

    def _sources(self, others: Sequence[str]) -> Iterator[tuple[str, _Reader, list[str]]]:
        """Yield filter, reader and topics of each source; where filters would overlap, topics stand alone."""
        groups: dict[tuple[_Reader, str], list[str]] = defaultdict(list)
        for topic, reader in self._readers.items():
            groups[reader, topic.lstrip("/").partition("/")[0]].append(topic)
        wanted = [(_filter_of(reader[0], topics), reader, topics) for (reader, _), topics in groups.items()]
        for number, (filter_, reader, topics) in enumerate(wanted):
            rivals = [*others, *(each for at, (each, _, _) in enumerate(wanted) if at != number)]
            if not any(overlaps(filter_, each) for each in rivals):
                yield filter_, reader, topics
            elif reader[0] not in _WHOLE:
                yield from ((topic, reader, [topic]) for topic in topics)


def _keep(known: dict[_Place, _Value], place: _Place, value: _Value) -> None:
    if place in known or len(known) < MOST_TAGS:
        known[place] = value


def _compare(known: _Value | None, scope: str, sample: Sample) -> _Value:
    total = sample.total
    if isinstance(total, Rejection) and total.code == Malformed.NO_VALUE:
        return known or _Value(scope, None, None)
    if isinstance(total, Rejection):
        why = total.text.partition(": ")[2]
    elif known is not None and isinstance(known.newest, int | float) and total < known.newest:
        why = f"fell from {show(known.newest)} to {total}"
    else:
        why = ""
    if known is None or known.first is None:
        return _Value(scope, sample.value, sample.value, why)
    return _Value(scope, known.first, sample.value, known.why or why)


def _meet(one: _Value, other: _Value) -> bool:
    """Return whether two totals of one name may be one count: there is a number that both can have shown."""
    ends = [end for end in (one.first, other.first, one.newest, other.newest) if isinstance(end, int | float)]
    return len(ends) == 4 and max(ends[:2]) <= min(ends[2:])  # noqa: PLR2004 - both ends of both


def _topic_of_row(decoder: str, topic: str, scope: str) -> str:
    """Return the topic by which a row finds values: of Sparkplug all kinds of messages of a sender."""
    if decoder != "sparkplug":
        return topic
    group, _, rest = scope.partition("/")
    return f"{NAMESPACE}/{group}/+/{rest}"


def _filter_of(decoder: str, topics: list[str]) -> str:
    """Return the narrowest filter of the form `levels/#` that has all topics; one topic is its own."""
    if decoder in _WHOLE:
        return f"{_WHOLE[decoder]}/#"
    if len(topics) == 1:
        return topics[0]
    levels = zip(*(topic.split("/") for topic in topics), strict=False)
    common = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, levels)]
    return "/".join([*common, "#"])


def _row(decoder: str, place: _Place, value: _Value, names: dict[str, int], counts: _Counts) -> Iterable[str]:
    """Write a row, or a comment on a value that counts nothing, or is told on another topic as well."""
    why = value.why or ("did not rise" if value.first == value.newest else "")
    if not why:
        topic, twin = counts.setdefault((decoder, value.scope, place.tag), (place.topic, value))
        why = f"the same count as on {topic}" if topic != place.topic and _meet(value, twin) else ""
    about = f"{place.tag or 'the value'} of {place.topic}"
    if why:
        return "", f"# {about}: {show(value.newest)}; {why}"
    name = _name(value.scope.rpartition("/")[2], "" if decoder == "proglove" else place.tag, names)
    span = (
        f"scanned {show(value.newest)}" if decoder == "proglove" else f"{show(value.first)}, then {show(value.newest)}"
    )
    tag = [] if decoder in _WITHOUT_TAG else [f"tag = {_quote(place.tag)}"]
    return "", f"# {span}", "[[source.map]]", f"device = {_quote(name)}", f"topic = {_quote(place.topic)}", *tag


def _name(place: str, tag: str, names: dict[str, int]) -> str:
    """Return a device id that is none of the `names`, each of which has the highest number behind it."""
    plain = _OTHER.sub("-", f"{place}-{tag}").strip("-")[-_LONGEST:].lstrip("-")
    plain = name = plain if is_device_id(plain) else "device"
    number = names.get(plain, 1)
    while name in names:
        number += 1
        name = f"{plain[: _LONGEST - 6]}-{number}"
    names |= {plain: number, name: 1}
    return name


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
