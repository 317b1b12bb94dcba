"""Opening stock, and at which places stock is guarded: what an import of them changes, and when it is refused.

An import moves the stock by what its rows have changed, and may not take it below zero where that is not allowed. Where
it ends to be allowed, what is there is seen from then on. Imports that were stored before this was judged are not.
"""

import json

from gateway.backflush.changes import Response
from gateway.backflush.events import MasterDataImport
from gateway.backflush.movements import StockKey
from gateway.backflush.plant import MasterData
from gateway.backflush.quantities import format_quantity
from gateway.backflush.state import State
from gateway.backflush.turn import Turn
from gateway.errors import Reason

_TOLD = 5


def now_guarded(state: State, event: MasterDataImport) -> tuple[tuple[str, str], ...]:
    """Return the places (plant, location) where stock could go below zero and no longer can."""
    if not event.judged:
        return ()
    return tuple(sorted(_free(state.master) - _free(event.imported.master)))


def taken_beyond(turn: Turn, event: MasterDataImport) -> Response | None:
    """Refuse an import that takes more stock than is there, with all of it."""
    free = _free(event.imported.master)
    gone = []
    for key, difference in _changed(turn.state, event) if event.judged else ():
        have = turn.facts.stock.get(key, turn.state.guarded.get(key, 0))
        if difference < 0 and have + difference < 0 and (key.plant, key.location) not in free:
            gone.append(
                f"location {key.location} holds {format_quantity(have)} of "
                f"{' '.join(filter(None, (key.material, key.batch, key.stock_type)))}, "
                f"the import takes {format_quantity(-difference)}"
            )
    if not gone:
        return None
    rest = len(gone) - _TOLD
    text = "; ".join(gone[:_TOLD]) + (f"; and {rest} more" if rest > 0 else "")
    data = json.dumps({"stock": gone})
    return Response(event.entry, "", "import", "", "", "error", Reason.STOCK_GONE, text, data)


def open_stock(turn: Turn, event: MasterDataImport) -> None:
    """Move the stock by what the rows have changed; the master data is that of the import already."""
    state, changes = turn.state, turn.changes
    state.guarded.update(turn.facts.stock)
    for key, difference in _changed(state, event):
        quantity = state.opening.get(key, 0) + difference
        state.opening[key] = changes.opening[key] = quantity
        changes.stock[key] = changes.stock.get(key, 0) + difference
        if turn.stock(key) is not None:
            state.guarded[key] = state.guarded.get(key, 0) + difference
            if event.judged:
                changes.guarded.add(key)


def _changed(state: State, event: MasterDataImport) -> list[tuple[StockKey, int]]:
    """Return by how much rows have changed, in the order of their keys."""
    given = event.imported.opening_stock
    if given is None:
        return []
    differences = ((key, given.get(key, 0) - state.opening.get(key, 0)) for key in sorted({*given, *state.opening}))
    return [(key, difference) for key, difference in differences if difference]


def _free(master: MasterData) -> set[tuple[str, str]]:
    return {place for place, location in master.locations.items() if location.negative_stock}
