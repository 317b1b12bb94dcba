"""Laws of repetition: a scan that is posted settles what its scanner was refused, nothing else, and no unit is lost.

Half a code is refused, and no posting settles it, not even that of a code which begins or ends with it: the labels of
two pieces begin alike.
"""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import Gtin, MasterData
from tests.book import Book
from tests.builders import LINE, PLANT, plant, scanner, version

FG = "04012345000009"
KNOWN = {"NEW": ("material", "FG"), "NEWER": ("version", "FG/V1")}


class Pull(NamedTuple):
    """One pull of a trigger, after a card for scrap or without one; the gateway may be killed before it.

    The roaming scanner R stands at no line before its first posting.
    """

    device: str
    code: str
    scrap: bool
    crash: bool


def shop(*, ready: bool) -> MasterData:
    """Return a plant that knows and makes everything; or not yet."""
    return plant(
        devices=[scanner(), scanner("S2"), scanner("R", line="_")],
        versions=[version(locked=not ready)],
        aliases=KNOWN if ready else {},
        gtins={FG: Gtin("FG")},
    )


def pull(book: Book, each: Pull) -> int:
    """Pull a trigger; return the document."""
    book.crash(only_if=each.crash)
    book.wait(4)
    line = "_" if each.device == "R" else LINE
    book.scan("BF:SCRAP:DENT" if each.scrap else "BF:YIELD", each.device, line=line)
    return book.scan(each.code, each.device, line=line).document


HALVES = "]C10104012345000", "1234500000921S1"
"""Of the code before them."""
CODES = ["FG", "NEW", "NEWER", "]C1010401234500000921S1", *HALVES]
pulls = st.lists(
    st.builds(Pull, st.sampled_from(["S1", "S2", "R"]), st.sampled_from(CODES), st.booleans(), st.booleans()),
    max_size=4,
)


@given(refused=pulls, repeated=pulls)
def test_what_is_posted_settles_what_its_scanner_was_refused_and_nothing_else(
    refused: list[Pull], repeated: list[Pull]
) -> None:
    book = Book(shop(ready=False))
    for each in refused:
        assert not pull(book, each)
    book.load(shop(ready=True))
    book.scan(f"BF:LINE:{PLANT}:{LINE}", "R", line="_")
    posted = {each[:3] for each in repeated if pull(book, each)}
    book.crash()
    serials = {device for device, code, _ in posted if code == CODES[3]}
    kept = [*book.ledger.quarantine.values()]
    assert len(kept) == len(refused) + sum(each.code in HALVES for each in repeated)
    for each, entry in zip(refused, kept, strict=False):
        same = each.code == CODES[3] and each.device in serials
        settles = same if entry.kind == "unbooked" else each[:3] in posted
        assert entry.state == ("repeated" if settles else "open"), (each, entry)
    assert {number for of in book.state.refused.values() for some in of.values() for number, *_ in some} <= {
        entry.number for entry in book.open_entries()
    }
