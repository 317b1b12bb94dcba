"""Stories: things that happen in a plant one after the other, drawn by chance."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import strategies as st


class Told(NamedTuple):
    """One thing that happens; which of the fields matter depends on it."""

    what: str
    pieces: int
    at: str
    lot: str
    cost_object: str
    number: int
    forgets: bool
    crashes: bool


def told(
    what: Sequence[str], times: Sequence[str], lots: Sequence[str], cost_objects: Sequence[str]
) -> st.SearchStrategy[Told]:
    """Draw one thing of those that a story is about; what stands twice comes more often."""
    return st.builds(
        Told,
        what=st.sampled_from(what),
        pieces=st.integers(1, 5),
        at=st.sampled_from(times),
        lot=st.sampled_from(lots),
        cost_object=st.sampled_from(cost_objects),
        number=st.integers(0, 7),
        forgets=st.booleans(),
        crashes=st.booleans(),
    )
