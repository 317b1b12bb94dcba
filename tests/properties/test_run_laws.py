"""The law of runs: what is begun, ended and taken back of a line is what a restart reads, and nothing comes back."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.versions import Run
from tests.book import Book
from tests.builders import LINE, PLANT, bom, operation, plant, product, routing, version

PLANNED = Rules(window="reading", open_names=(), edition=EDITION)
HOURS = tuple(f"{hour:02}:00" for hour in range(4, 13))
"""Before and after 08:00, when the story begins."""
steps = st.tuples(st.sampled_from(("begin", "end", "wait")), st.sampled_from(HOURS))


def two_products() -> Book:
    """Open the book of a line that makes two products."""
    routings = [routing([operation("0010")], material=material) for material in ("FG", "G2")]
    boms = [bom({"A": 1}, material=material) for material in ("FG", "G2")]
    versions = [version(material=material) for material in ("FG", "G2")]
    master = plant(materials=[product("G2")], boms=boms, routings=routings, versions=versions)
    return Book(master, rules=PLANNED)


def told(book: Book, number: int, what: str, hour: str) -> tuple[str, list[Run]]:
    """Let one thing happen, and return what is said and which runs the line has then."""
    if what == "wait":
        book.wait(3_600)
        return "", book.state.runs.get((PLANT, LINE), [])
    said = book.run(("FG", "G2")[number % 2], start=hour) if what == "begin" else book.stop(hour)
    return said.text, list(book.state.runs.get((PLANT, LINE), []))


@given(st.lists(steps, max_size=12))
def test_a_restart_after_every_step_changes_no_run(story: list[tuple[str, str]]) -> None:
    goes_on, restarts = two_products(), two_products()
    for number, step in enumerate(story):
        assert told(goes_on, number, *step) == told(restarts, number, *step)
        restarts.crash()
        assert restarts.state.runs.get((PLANT, LINE), []) == goes_on.ledger.runs.get((PLANT, LINE), [])
    assert restarts.ledger.runs == goes_on.ledger.runs
