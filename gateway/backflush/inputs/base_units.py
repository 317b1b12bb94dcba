"""Base units: a material keeps its base unit while the ledger holds quantities of it, which are in that unit.

What is there would read as another quantity, and what waits would post it: 997 kg of stock would be 997 g. Imports that
were stored before this was judged are not.
"""

from gateway.backflush.inputs.opening_stock import refuse_with
from gateway.backflush.memory.changes import Response
from gateway.backflush.memory.events import MasterDataImport
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.values.quantities import number_of
from gateway.errors import Reason


def find_new_units(state: State, event: MasterDataImport) -> tuple[tuple[str, str], ...]:
    """Return the materials (plant, material) that an import gives another base unit."""
    before, after = state.master.materials, event.imported.master.materials
    if not event.judged or before is after:
        return ()
    return tuple(key for key, known in after.items() if key in before and before[key].unit != known.unit)


def refuse_new_units(books: Books, event: MasterDataImport) -> Response | None:
    """Refuse an import that changes the base unit of a material of which the ledger has anything, with what that is."""
    before, after = books.state.master.materials, event.imported.master.materials
    hindered = []
    for key in find_new_units(books.state, event):
        if there := books.facts.there.get(key):
            found = ", ".join(number_of(number, what) for what, number in sorted(there.items()))
            units = f"{before[key].unit}, not {after[key].unit}"
            hindered.append(f"the base unit of {'/'.join(key)} stays {units}: the ledger has {found} of it")
    return refuse_with(event, Reason.NO_UNIT, "units", hindered)
