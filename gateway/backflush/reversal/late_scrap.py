"""Late scrap: reported after a gross counter had counted its pieces and they were posted as yield.

A window whose yield is below zero waits for pieces of its own shift and run to make up for it. When those end (or a
person closes it) nothing may be left of it: that much yield reported there is taken back, units waiting for an earlier
point first, then posted ones (132 of the product, 262 of its components), of the newest reports of the same shift
first, and it is posted again as scrap (261). Units whose reversal is refused stay open and visible: no figure nets
them. Pieces with serial numbers are known one by one, and none of them is taken; a pallet has a quantity, reported by a
counter, and stays confirmed as long as anything of it is left. Actual components go back in proportion, as in any
partial reversal.

Law: at the end of a shift and run, gross = yield + scrap, in any order of reporting.
"""

from devices.errors import Rejection
from gateway.backflush.memory.events import Sender
from gateway.backflush.memory.records import Window
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.serials import PALLET
from gateway.backflush.reversal.report_parts import ReportPart
from gateway.backflush.reversal.reversal import reverse
from gateway.backflush.reversal.sharing import yield_left

_PALLETS_SINCE = 2
"""The first edition that takes scrap off pallets as well, and off reports older than pieces with numbers."""
_WINDOW = Sender("window", "scrap was told after its pieces were posted")


def knows_pieces(state: State) -> bool:
    """Return whether reports of pieces with serial numbers are read too: in older journals they blocked older ones."""
    return state.rules.edition < _PALLETS_SINCE


def take_back_yield(books: Books, window: Window) -> None:
    """Take back the missing yield of a window: waiting units first, then posted ones."""
    reports = [books.facts.documents[number] for number in books.facts.short.get(window.key, ())]
    older = knows_pieces(books.state)
    for waiting in (True, False):
        for dossier in reports:
            good, waits = yield_left(books, dossier)
            part = min(window.short, waits if waiting else good)
            if part <= 0 or any(older or not serial.startswith(PALLET) for serial in dossier.serials):
                continue
            done = reverse(books, dossier, ReportPart(part), _WINDOW, told_late=True)
            if not isinstance(done, Rejection):
                window.good += part
    books.changes.windows[window.key] = window
