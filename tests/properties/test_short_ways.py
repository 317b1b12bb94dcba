"""Short ways of what happens most change nothing.

Telegrams in sequence, ticks for which nothing waits, reports at the only point of a flow in which nothing waits, and
messages of other publishers in which one total is asked for.
"""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.messages import Reading
from devices.sources import reading
from devices.sources.knowledge import Knowledge, Lesson
from devices.sources.reading import ForeignMessage, Sources
from devices.sources.source import ForeignSource, Kind, MapRow
from gateway.backflush import step
from gateway.backflush.inputs import counts
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting import drafts
from gateway.backflush.values.quantities import MICRO
from tests.book import Book
from tests.builders import bom, component, counter, plant, product

COMPARED = ["documents", "confirmations", "items", "activities", "sources", "rows", "statistics", "stock"]
COMPARED += ["lines", "outcomes", "quarantine", "groups", "numbers", "now"]
PROFILE = RemProfile("R", goods_issue_timing="background", activity_timing="update")
telegrams = st.fixed_dictionaries(
    {},
    optional={
        "good": st.integers(0, 60),
        "gross": st.integers(0, 60),
        "scrap": st.integers(0, 5),
        "rework": st.integers(0, 5),
        "seq": st.integers(1, 12),
        "boot": st.sampled_from(["a", "b"]),
        "ago": st.sampled_from([0, 2, 90, 4000]),
        "batch": st.sampled_from(["L1", "L2"]),
        "hist": st.sampled_from([True]),
    },
).filter(lambda said: said.keys() & {"good", "gross", "scrap", "rework"})
in_a_row = st.lists(
    st.tuples(st.sampled_from([1, 1, 0, 2]), st.sampled_from([1, 3, -3, 5, 0]), st.sampled_from([None, None, 0, 400])),
    min_size=2,
    max_size=6,
)
"""How much sequence and total differ from those of the telegram before, and how old it is."""
settings = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["good", "gross", "scrap"]),
        "modulus": st.just(64),
        "max_step": st.sampled_from([3, 40]),
        "reset": st.just("allow"),
        "weight": st.just(2 * MICRO),
        "window": st.sampled_from(["reading", "2s", "3pc", "shift"]),
    },
)


def _say(book: Book, *, ago: int | None = None, **said: Any) -> None:
    if ago is not None:
        said["ts"] = book.now - ago * 1_000_000
    book.count(**said)


def story(device: dict[str, Any], rules: Rules, steps: list[Any]) -> tuple[dict[str, Any], list[str]]:
    book = Book(plant(profile=PROFILE, devices=[counter(**device)]), rules=rules, forgets=lambda: False)
    seq, total = 0, 0
    for step_ in steps:
        if isinstance(step_, int):
            book.wait(step_)
        elif isinstance(step_, dict):
            _say(book, **step_)
        else:
            for more, pieces, ago in step_:
                seq, total = seq + more, max(0, total + pieces)
                _say(book, good=total, seq=seq, boot="a", ago=ago)
    book.wait(5)
    book.commit()
    marks = {key: [getattr(mark, name) for name in mark.__slots__] for key, mark in book.ledger.device_marks.items()}
    windows = {key: (w.good, w.scrap, w.rework, w.close_at) for key, w in book.ledger.windows.items()}
    told = {name: getattr(book.ledger, name) for name in COMPARED}
    told |= {"device_marks": marks, "windows": windows, "skewed": book.state.skewed}
    return told, book.asked


@example({"max_step": 3}, "demand", [[(1, 1, None), (1, 5, None), (0, -3, None), (1, 3, None)]])
@example({}, "demand", [[(1, 1, None), (1, 1, 400), (1, 1, 0), (1, 1, 0)]])
@example({}, "demand", [[(1, 5, None), (1, 5, None), (-1, -3, None), (2, 5, None)]])
@example({"max_step": 40}, "demand", [{"good": 1}, {"good": 3}, {"good": 3}, {"good": 2}, {"good": 9, "ago": 2}, 7])
@example({}, "demand", [{"good": 1, "ago": 2}, {"good": 3, "ago": 90}, {"good": 5, "ago": 2}, {"good": 6}, {"good": 9}])
@given(
    settings,
    st.sampled_from(["demand", "3 rows", "10s"]),
    st.lists(st.one_of(telegrams, in_a_row, st.sampled_from([0, 1, 7])), max_size=12),
)
def test_the_ledger_is_the_same_without_them(device: dict[str, Any], worklist: str, steps: list[Any]) -> None:
    rules = Rules(worklist=worklist, edition=EDITION)
    short = story(device, rules, steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_take_next", lambda *_: None)
        patch.setattr(step, "rests", lambda *_: False)
        assert story(device, rules, steps) == short


def reports(steps: list[tuple[str, int, int]]) -> dict[str, Any]:
    book = Book(plant(profile=PROFILE, devices=[counter(window="3pc")]), forgets=lambda: False)
    for what, pieces, number in steps:
        match what:
            case "count":
                book.count(good=pieces, scrap=number)
            case "reverse":
                book.reverse(number)
            case "reverse a part":
                book.reverse(number, 1)
            case "crash":
                book.commit()
                book.crash()
            case _:
                book.post(pieces, what, scrap_reason="DENT" if what == "scrap" and number % 2 else "")
    book.commit()
    return {name: getattr(book.ledger, name) for name in COMPARED}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["assembly", "assembly", "scrap", "count", "reverse", "reverse a part", "crash"]),
            st.integers(1, 9),
            st.integers(1, 8),
        ),
        max_size=10,
    )
)
def test_a_report_at_the_only_point_is_documented_as_by_the_long_way(steps: list[tuple[str, int, int]]) -> None:
    short = reports(steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drafts, "_close_all", lambda *_: None)
        assert reports(steps) == short


TAGS = {"1": "good", "2": "scrap", "3": "heat"}
"""Ids with names; an id 4 has none."""


def _meaning(rows: dict[str, Kind], values: list[tuple[str, Any]], decoder: str) -> Any:
    """Return what a message with values becomes: by name, or by ids of which the metadata has told the names."""
    known = Knowledge()
    known.learn(Lesson({("s7databus", "a/v1/b"): TAGS}))
    if decoder == "zigbee2mqtt":
        topic, said = "z/press", {TAGS.get(key, key): value for key, value in values}
    else:
        values_of = [{"id": key, "qc": 3, "val": value, "ts": f"2026-11-22T08:15:30.{key}Z"} for key, value in values]
        topic, said = "ie/d/j/a/v1/b", {"vals": values_of}
    mapped = tuple(MapRow("C1" if kind else "C2", tag, kind=kind) for tag, kind in rows.items())
    sources = Sources([ForeignSource(topic, decoder, mapped)])
    return sources.read(ForeignMessage(topic, json.dumps(said).encode(), 0), known, lambda _: None)


@example({"good": ""}, [("1", 7), ("4", 7)], "s7databus")
@example({"good": "", "scrap": ""}, [("1", 7), ("2", 8)], "zigbee2mqtt")
@example({"good": "", "scrap": "scrap"}, [("3", 9), ("2", 8)], "s7databus")
@given(
    st.dictionaries(st.sampled_from(["good", "scrap", "heat"]), st.sampled_from(["", "good", "scrap"])),
    st.lists(st.tuples(st.sampled_from("1234"), st.sampled_from([0, 7, -1, 7.0, 7.5, None, "x", 2**60])), max_size=4),
    st.sampled_from(["zigbee2mqtt", "s7databus"]),
)
def test_a_message_with_one_total_means_the_same(
    rows: dict[str, Kind], values: list[tuple[str, Any]], decoder: str
) -> None:
    short = _meaning(rows, values, decoder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "_sole_reading", lambda *_: None)
        assert _meaning(rows, values, decoder) == short


AT_HOME = Rules(window="reading", open_names=(), edition=EDITION)


@pytest.mark.parametrize(
    ("said", "line", "stock", "last"),
    [
        ({}, "L1", "9", ""),
        ({"batch": "L7"}, "L1", "9", "L7"),
        ({"boot": "b"}, "L1", "16", ""),
        ({"unit": "KG"}, "L1", "7", "BF2009"),
        ({"device": "C2"}, "L1", "7", "BF1010"),
        ({}, "L2", "7", "BF2003"),
    ],
)
def test_a_counter_that_says_something_else_is_not_at_home(
    said: dict[str, Any], line: str, stock: str, last: str
) -> None:
    """The last batch or the code of the refusal tells where the pieces went."""
    book = Book(plant(devices=[counter()]), forgets=lambda: False)
    for seq, (total, more, at) in enumerate(((5, {}, "L1"), (7, {}, "L1"), (9, said, line))):
        told = book.counted(line=at)
        book.feed(told._replace(reading=Reading(total, seq=seq)._replace(**more)))
    *_, document = book.ledger.documents.values()
    codes = [str(entry.code) for entry in book.open_entries()]
    assert (book.stock("FG"), codes[0] if codes else document.batch) == (stock, last)


@pytest.mark.parametrize(
    ("price", "needs", "most", "limit"), [("20000000", 1, 100_000, "in a month"), ("1", 1_000_000, 1_000_000, "in all")]
)
def test_a_counter_at_home_is_told_what_its_line_cannot_hold(price: str, needs: int, most: int, limit: str) -> None:
    made = plant(materials=[product(price=price), component("A", "0.000001")], boms=[bom({"A": needs})])
    book = Book(made, rules=AT_HOME, forgets=lambda: False)
    for total in (most - 2, most - 1, most, most + 1):
        book.count(good=total)
    [entry] = book.open_entries()
    assert (entry.code, f"expected at most {most} " in entry.text, limit in entry.text) == ("BF5006", True, True)
