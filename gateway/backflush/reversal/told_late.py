"""Told late: scrap that is reported after its pieces were counted by a gross counter, and posted as yield.

A window whose yield is short of zero waits for pieces of its own shift and run to make up for it. When those end (or
somebody closes it) nothing may be left of it: that much of the yield reported there is taken back, what waits
for an earlier point first, then what is posted (132 of the product, 262 of its components), of the newest reports of
the same shift first, and it is posted again as scrap (261). What a reversal refuses stays open and is seen: no figure
nets it. Pieces with serial numbers are known one by one, and none of them is taken; a pallet has a quantity, which a
counter has told, and stays confirmed as long as anything of it is left. What a report has said of its components goes
back in proportion, as in any reversal of a part.

Law: at the end of a shift and run, gross = yield + scrap, in any order of reporting.
"""

from devices.errors import Rejection
from gateway.backflush.memory.records import Window
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.serials import PALLET
from gateway.backflush.reversal.parts import Part
from gateway.backflush.reversal.reversal import reverse
from gateway.backflush.reversal.sharing import yield_left

_PALLETS_SINCE = 2
"""The edition from which on scrap is taken off pallets as well, and off what is older than pieces with numbers."""
_REASON = "scrap was told after its pieces were posted"


def knows_pieces(state: State) -> bool:
    """Say whether reports of pieces with serial numbers are looked at, though nothing is taken off them.

    In older journals those held up what is older than they are.
    """
    return state.rules.edition < _PALLETS_SINCE


def take_back(books: Books, window: Window) -> None:
    """Take back what a window is short of: what waits first, then what is posted."""
    reports = [books.facts.documents[number] for number in books.facts.short.get(window.key, ())]
    older = knows_pieces(books.state)
    for waiting in (True, False):
        for dossier in reports:
            good, waits = yield_left(books, dossier)
            part = min(window.short, waits if waiting else good)
            if part <= 0 or any(older or not serial.startswith(PALLET) for serial in dossier.serials):
                continue
            done = reverse(books, dossier, Part(part), actor="window", reason=_REASON, told_late=True)
            if not isinstance(done, Rejection):
                window.good += part
    books.changes.windows[window.key] = window
