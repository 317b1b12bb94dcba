"""Laws of the replay: what was refused posts as if it had come right, when it came, and disturbs nothing of now."""

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import ROAMING, MasterData
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, bom, counter, item, moment, plant, product, scanner, version

HOUR = 3_600_000_000


def workshop(*, disabled: bool) -> MasterData:
    """Return a line with three shifts, two products and an item for each shift; its devices may be disabled."""
    said: dict[str, Any] = {"disabled": disabled}
    return plant(
        shifts=EARLY_LATE_NIGHT,
        devices=[counter(**said), scanner(**said), scanner("R1", line=ROAMING, **said)],
        materials=[product("G2")],
        boms=[bom([item("A"), item("B", 2, fixed=True)])],
        versions=[version(), version("V2"), version(material="G2")],
    )


def said(book: Book, device: str, when: dict[str, Any]) -> None:
    """Let a device say one piece."""
    if device == "C1":
        book.count(good=1, **when)
    else:
        book.scan("FG", device, line=ROAMING if device == "R1" else "L1", **when)


def ready() -> Book:
    book = Book(workshop(disabled=False), now="2026-03-12 07:00")
    book.run("FG", "V2")
    book.scan("BF:LINE:1000:L1", "R1", line=ROAMING)
    book.at("2026-03-16 05:00")
    book.run("FG", "V1")
    book.at("2026-03-16 15:00")
    return book


def posted(book: Book) -> list[tuple[str, ...]]:
    documents = book.ledger.documents.values()
    return [(d.type, d.line, d.material, d.version, d.production_date, d.shift) for d in documents]


@given(
    device=st.sampled_from(["C1", "S1", "R1"]),
    ago=st.one_of(st.none(), st.integers(-1, 100)),
    hist=st.booleans(),
    later=st.integers(1, 200),
)
def test_what_is_replayed_belongs_to_the_time_and_run_to_which_it_would_have_belonged(
    *, device: str, ago: int | None, hist: bool, later: int
) -> None:
    right, refused = ready(), ready()
    when = {} if ago is None else {"ts": moment("2026-03-16 15:00") - ago * HOUR, "hist": hist}
    said(right, device, when)
    refused.load(workshop(disabled=True))
    said(refused, device, when)
    assert not posted(refused)
    refused.load(workshop(disabled=False))
    refused.wait(later * 3600)
    refused.run("G2", "V1")
    refused.scan("BF:LINE:1000:L2", "R1", line=ROAMING)
    refused.scan("BF:SCRAP:DENT", "R1", line=ROAMING)
    skewed, context = dict(refused.state.skewed), deepcopy(refused.ledger.load().contexts.get("R1"))
    assert list(refused.replay().data["entries"].values()) == ["replayed"]
    assert posted(refused) == posted(right)
    assert refused.state.skewed == skewed
    assert refused.state.contexts["R1"] == refused.ledger.load().contexts["R1"] == context
