"""Short ways of what happens most change nothing: telegrams in sequence, and ticks for which nothing waits."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush import step
from gateway.backflush.inputs import readings
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import RemProfile
from tests.book import Book
from tests.builders import counter, plant

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
    },
).filter(lambda said: said.keys() & {"good", "gross", "scrap", "rework"})
in_a_row = st.integers(1, 6).flatmap(
    lambda many: st.tuples(st.just(many), st.integers(0, 30), st.integers(0, 9), st.integers(1, 4))
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["good", "gross", "scrap"]),
        "modulus": st.just(64),
        "max_step": st.sampled_from([3, 40]),
        "reset": st.just("allow"),
        "window": st.sampled_from(["reading", "2s", "3pc", "shift"]),
    },
)


def story(device: dict[str, Any], rules: Rules, steps: list[Any]) -> tuple[dict[str, Any], list[str]]:
    book = Book(plant(profile=PROFILE, devices=[counter(**device)]), rules=rules)
    for step_ in steps:
        if isinstance(step_, int):
            book.wait(step_)
        elif isinstance(step_, dict):
            said = dict(step_)
            ago = said.pop("ago", None)
            book.count(**said, **({} if ago is None else {"ts": book.now - ago * 1_000_000}))
        else:
            many, total, seq, pieces = step_
            for n in range(many):
                book.count(good=total + n * pieces, seq=seq + n, boot="a")
    book.wait(5)
    book.commit()
    marks = {key: [getattr(mark, name) for name in mark.__slots__] for key, mark in book.ledger.device_marks.items()}
    windows = {key: (w.good, w.scrap, w.rework, w.close_at) for key, w in book.ledger.windows.items()}
    told = {name: getattr(book.ledger, name) for name in COMPARED}
    told |= {"device_marks": marks, "windows": windows}
    return told, book.asked


@given(
    settings,
    st.sampled_from(["demand", "3 rows", "10s"]),
    st.lists(st.one_of(telegrams, in_a_row, st.sampled_from([0, 1, 7])), max_size=12),
)
def test_the_ledger_is_the_same_without_them(device: dict[str, Any], worklist: str, steps: list[Any]) -> None:
    rules = Rules(worklist=worklist, edition=1)
    short = story(device, rules, steps)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(readings, "_following", lambda *_: None)
        patch.setattr(step, "rests", lambda *_: False)
        assert story(device, rules, steps) == short
