"""Which doors are tried, how their inputs are mutated, and how a failure is told."""

from collections.abc import Callable, Iterator, Sequence
from random import Random
from traceback import walk_tb
from typing import Final, NamedTuple, get_args

from devices.messages import Reading, Scan
from gateway.masterdata.rows import TABLES
from gateway.sections import MapSection
from gateway.settings import Settings
from tests.fuzz import archives, files, telegrams, world
from tests.fuzz.corpus import Case, cases
from tests.fuzz.mutations import Mutation, below_a_line, cells, flip, lines, members, splice, tree

_FIELDS: Final = (*Reading._fields, *Scan._fields, "mode", "state")
_REQUEST: Final = (
    *("verb", "plant", "line", "transaction", "actor", "reason", "data", "material", "version", "start", "batch"),
    *("totals", "quantity", "document", "components", "activities", "hours", "process", "limit", "records", "numbers"),
    *("period", "closed", "force", "type", "point", "scrap_reason", "at", "sales_order", "lot", "order", "revision"),
    *telegrams.INSIDE_VERBS,
)
_GS1: Final = (
    *("]C1", "]d2", "]E0", "]Q3", "]e0", "00", "01", "02", "10", "17", "21", "30", "37", "3103", "3900", "8020"),
    *("BF:", "BF:RUN:", "BF:QTY:", "BF:UNDO", "https://id.gs1.org/01/", "\x1d", "07612345678900", "\x1e\x04"),
)
# Sections are models, or lists of them.
_KEYS: Final = {
    name: tuple((get_args(part.annotation) or (part.annotation,))[0].model_fields)
    for name, part in Settings.model_fields.items()
}
_SECTIONS: Final = (
    *(shape.format(name) for name in Settings.model_fields for shape in ("[{}]", "[[{}]]")),
    *("[[source.map]]", *MapSection.model_fields),
    *(key for keys in _KEYS.values() for key in keys),
)
_VARIABLES: Final = tuple(
    f"BACKFLUSH_{section.upper()}__{key.upper()}=" for section, keys in _KEYS.items() for key in keys
)
_COLUMNS: Final = (*TABLES, *sorted({column for kind in TABLES.values() for column in kind.model_fields}))
_TOPIC: Final = (
    *("bf/v1", "_gateway", "_request", "_canary", "_status", "count", "scan", "state", "1000", "L01", "_", "gw1"),
    *("+", "#", "$SYS", "//", "c-L01-good", "run-start"),
)
_TAGS: Final = (
    *("values", "vals", "id", "v", "val", "q", "qc", "t", "ts", "timestamp", "timestamp_ms", "tags", "name", "errors"),
    *("COUNTER", "StatusSNS", "params", "method", "counts", "total", "connections", "dataPoints", "event_type", "scan"),
    *("\x12\x02\x10\x01", "\x08", "\x18", "\x50", "kepware t\n", "jmespath t\n", "sparkplug spBv1.0/G/NDATA/N\n"),
)
_EDITS: Final = ("cut 4096", "put 100 00", "put 8192 ffff", "drop 4096 4096", "sql DELETE FROM batch", "sql VACUUM")


class Target(NamedTuple):
    """One door: its check, how its inputs are changed, and how many changes a short run tries."""

    name: str
    check: Callable[[bytes], str]
    mutations: tuple[Mutation, ...]
    words: tuple[bytes, ...]
    tries: int


def _target(
    name: str, check: Callable[[bytes], str], mutations: Sequence[Mutation], words: Sequence[str], tries: int
) -> Target:
    return Target(name, check, (*mutations, flip, splice), tuple(word.encode() for word in words), tries)


TARGETS: Final = {
    target.name: target
    for target in (
        _target("packets", telegrams.packets, [], [], 600),
        _target("topics", telegrams.topics, [], _TOPIC, 600),
        _target("count", telegrams.count, [tree, tree], _FIELDS, 800),
        _target("scan", telegrams.scan, [tree], (*_FIELDS, *_GS1), 500),
        _target("state", telegrams.state, [tree], _FIELDS, 300),
        _target("foreign", telegrams.foreign, [below_a_line(tree), below_a_line(flip)], _TAGS, 1000),
        _target("request", telegrams.request, [tree, tree, tree], _REQUEST, 500),
        _target("barcode", telegrams.barcode, [], _GS1, 600),
        _target("csv", files.csv, [cells, cells, cells], _COLUMNS, 60),
        _target("xlsx", files.xlsx, [members, members], [], 60),
        _target("yaml", files.yaml, [lines], _COLUMNS, 60),
        _target("config", files.config, [lines, lines], _SECTIONS, 400),
        _target("environment", files.environment, [lines], _VARIABLES, 300),
        _target("journal", files.journal, [lines], _EDITS, 80),
        _target("archive", archives.archive, [lines, lines], _EDITS, 25),
        _target("stream", world.stream, [tree, lines], (*_TOPIC, *_FIELDS, *_GS1), 25),
        _target("control", world.control, [tree, tree], _REQUEST, 25),
    )
}


def mutated(target: Target, kept: Sequence[Case], seed: str, number: int) -> Case:
    """Make the input of a seed and a number; equal ones are equal for ever."""
    chance = Random(f"{seed}/{target.name}/{number}")
    base = chance.choice(kept)
    words = (*target.words, chance.choice(kept).data)
    data = base.data
    for _ in range(chance.choice((1, 1, 2, 3))):
        data = chance.choice(target.mutations)(chance, data, words)
    return Case(base.name, data)


def mutations_of(target: Target, seed: str) -> Iterator[Case]:
    """Make inputs without end."""
    kept = cases(target.name)
    number = 0
    while True:
        yield mutated(target, kept, seed, number)
        number += 1


class Broken(AssertionError):
    """An input has broken a law; the cause says which, and `place` where that was found."""

    place = ""


def attempt(target: Target, case: Case, where: str) -> str:
    """Check one input; a failure names what repeats it."""
    try:
        return target.check(case.data)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        broken = Broken(f"{target.name}, {where}, from {case.name}: {case.data[:600]!r}: {said[:600]}")
        *_, (frame, line) = walk_tb(error.__traceback__)
        broken.place = f"{target.name} {frame.f_code.co_filename}:{line}"
        raise broken from error
