"""Law: gross = yield + scrap of every product and shift, however gross and scrap are told and whatever ends them."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import ActualComponent, Reverse
from gateway.backflush.memory.state import EDITION, Rules
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, component, counter, item, plant, product, q

SHIFTS = (
    ("2026-03-16 06:30", "2026-03-16", "E"),
    ("2026-03-16 14:30", "2026-03-16", "L"),
    ("2026-03-16 22:30", "2026-03-16", "N"),
    ("2026-03-17 06:30", "2026-03-17", "E"),
)
PIECE = 1_000_000
FIXED = item("F", 4, "0020", fixed=True)
returns = st.tuples(st.integers(0, 30), st.sampled_from("AAF"), st.sampled_from(["0.3", "1", "2.5", "4"]))

story = st.lists(
    st.one_of(
        st.tuples(st.just("gross"), st.integers(1, 20)),
        st.tuples(st.just("scrap"), st.integers(1, 8)),
        st.tuples(st.sampled_from(["run", "shift", "wait", "crash", "close", "work"]), st.just(0)),
    ),
    min_size=4,
    max_size=24,
)


def line(window: str) -> Book:
    """Return a gross counter G beside a scrap counter X, on a line that can make two products."""
    book = Book(
        plant(
            devices=[counter("G", role="gross", window=window), counter("X", role="scrap", window=window)],
            shifts=EARLY_LATE_NIGHT,
            materials=[product("G2"), component("A", decimals=3), component("F")],
            boms=[bom([item("A", "0.3"), FIXED]), bom([item("A", "0.7"), FIXED], material="G2")],
        ),
        now=SHIFTS[0][0],
        rules=Rules(open_names=(), edition=EDITION),
    )
    book.run("FG", "V1")
    return book


@pytest.mark.parametrize("window", ["reading", "5s", "10pc", "shift"])
@given(story=story)
def test_gross_is_yield_and_scrap_when_shift_and_run_are_over(window: str, story: list[tuple[str, int]]) -> None:
    book, material, now = line(window), "FG", 0
    gross, scrap = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for what, number in story:
        key = material, *SHIFTS[now][1:]
        match what:
            case "gross":
                gross[key] += number
                book.count("G", gross=gross.total())
            case "scrap" if gross[key] > scrap[key]:
                scrap[key] += min(number, gross[key] - scrap[key])
                book.count("X", scrap=scrap.total())
            case "run":
                book.wait(1)
                material = "G2" if material == "FG" else "FG"
                book.run(material, "V1")
            case "shift" if now + 1 < len(SHIFTS):
                now += 1
                book.at(SHIFTS[now][0])
            case "crash":
                book.crash()
            case "close":
                book.scan("BF:CLOSE")
            case "work":
                book.work()
            case _:
                book.wait(7)
    book.at("2026-03-18 06:30")
    assert book.ledger.windows == {}
    good, bad = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for confirmed in book.ledger.confirmations:
        document = book.ledger.documents[confirmed.document]
        key = document.material, document.production_date, document.shift
        good[key] += confirmed.yield_ // PIECE
        bad[key] += confirmed.scrap // PIECE
    assert (+bad, +good) == (+scrap, gross - scrap)
    assert sum(figures.read for figures in book.ledger.lines.values()) == gross.total() * PIECE


@pytest.mark.parametrize("window", ["reading", "shift"])
@given(story=story, back=st.lists(returns, max_size=6))
def test_what_came_back_unused_is_neither_taken_back_nor_charged_with_scrap_that_is_told_late(
    window: str, story: list[tuple[str, int]], back: list[tuple[int, str, str]]
) -> None:
    book, now, unused = line(window), 0, {"A": 0, "F": 0}
    gross, scrap = Counter[int](), Counter[int]()
    for what, number in story:
        match what:
            case "gross":
                gross[now] += number
                book.count("G", gross=gross.total())
            case "scrap" if gross[now] > scrap[now]:
                scrap[now] = min(gross[now], scrap[now] + number)
                book.count("X", scrap=scrap.total())
            case "run" | "close":
                book.wait(7)
                if back and book.ledger.documents:
                    which, name, quantity = back.pop()
                    report = 1 + which % len(book.ledger.documents)
                    component_ = ActualComponent(name, q(quantity))
                    if book.ask(Reverse(report, components=(component_,))).status == "ok":
                        unused[name] += q(quantity)
            case "shift" if now + 1 < len(SHIFTS):
                now += 1
                book.at(SHIFTS[now][0])
            case "crash":
                book.crash()
            case _:
                book.wait(7)
    book.at("2026-03-18 06:30")
    assert book.ledger.windows == {}
    assert book.stock("FG") == str(gross.total() - scrap.total())
    wanted = {"A": gross.total() * q("0.3") - unused["A"], "F": len(gross) * q(4) - unused["F"]}
    assert {name: -q(book.stock(name)) for name in wanted} == wanted
