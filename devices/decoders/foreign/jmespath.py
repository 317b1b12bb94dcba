"""Decodes any other JSON by JMESPath expressions of the plant: one for each tag, one for the time, one for the list.

An expression selects parts of the payload and never multiplies them: expressions that build lists or objects, and
functions that can lengthen a text, are refused when the configuration is read. So decoding costs at most the size of
the payload times the length of the expression.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final, NamedTuple, Self

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.visitor import TreeInterpreter

from devices.decoders.foreign.payloads import is_name, moment, read_json, unlike
from devices.errors import Rejection, show
from devices.messages import Publication, Sample

MAX_EXPRESSION: Final = 500
WORDS: Final = "each", "ts", "hist"
"""Expressions that are no tags: the list of readings, the time, whether a reading was stored before."""
_EACH, _TIME, _HISTORY = WORDS
_FUNCTIONS: Final = frozenset(
    {"contains", "ends_with", "length", "max", "min", "not_null", "starts_with", "sum", "to_number", "type"}
)
_search: Final = TreeInterpreter().visit  # one for all: `search` of the library makes one at each call
Parsed = Any
"""A compiled expression, as the library's parser returns it."""


class Expressions(NamedTuple):
    """The expressions of one source; `each` names the list of readings, if a message holds several."""

    tags: tuple[tuple[str, Parsed], ...]
    each: Parsed | None
    time: Parsed | None
    history: Parsed | None

    @classmethod
    def of(cls, written: Mapping[str, str]) -> Self:
        """Compile expressions by tag; the words `each`, `ts` and `hist` are no tags. A ValueError describes a fault.

        >>> Expressions.of({"good": "count.total", "ts": "at"}).read("t", b'{"count":{"total":5}}').samples[0].total
        5
        """
        known = {tag: _compile(tag, text) for tag, text in written.items()}
        said = [known.pop(word, None) for word in WORDS]
        if not known:
            raise ValueError("expected an expression for at least one tag, got none")
        return cls(tuple(known.items()), *said)

    def read(self, topic: str, payload: bytes) -> Publication | Rejection:
        """Read the existing tags; null does not exist. A message is refused if a reading has none of them."""
        told = read_json(payload)
        if isinstance(told, Rejection):
            return told
        try:
            readings = [told] if self.each is None else _search(self.each, told)
            if not isinstance(readings, list):
                return unlike(_EACH, "a list", readings)
            found = [list(self._samples(reading)) for reading in readings]
        except (JMESPathError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            return unlike("payload", "what the expressions take", type(error).__name__)
        if not all(found):
            return unlike("payload", f"a value for {show(self.tags[0][0])}", readings[found.index([])])
        return Publication(topic, tuple(chain.from_iterable(found)))

    def _samples(self, reading: object) -> Iterator[Sample]:
        ts = None if self.time is None else moment(_search(self.time, reading))
        hist = self.history is not None and _search(self.history, reading) is True
        for tag, expression in self.tags:
            value = _search(expression, reading)
            if value is not None:
                yield Sample(tag, value, ts, hist=hist)


def _compile(tag: str, text: str) -> Parsed:
    if not is_name(tag):
        raise ValueError(f"expected the name of a tag, got {show(tag)}")
    if len(text) > MAX_EXPRESSION:
        raise ValueError(f"{tag}: expected an expression of at most {MAX_EXPRESSION} characters, got {len(text)}")
    try:
        compiled = jmespath.compile(text).parsed
    except (JMESPathError, RecursionError) as error:
        raise ValueError(f"{tag}: expected a JMESPath expression, got {show(text)}") from error
    rest: list[Any] = [compiled]
    while rest:
        node = rest.pop()
        if node["type"].startswith("multi_select"):
            raise ValueError(f"{tag}: expected an expression that selects, got one that builds: {show(text)}")
        if node["type"] == "function_expression" and node["value"] not in _FUNCTIONS:
            raise ValueError(f"{tag}: expected one of {', '.join(sorted(_FUNCTIONS))}, got {node['value']}")
        rest += [child for child in node["children"] if isinstance(child, dict)]
    return compiled
