"""Conditions that several queries share.

Those of partial indexes are text, so that SQLite finds the index: a bound value never matches one.
"""

from typing import Final

from sqlalchemy import and_, select, text

from gateway.backflush.inputs.quarantine import NEVER_HEALED
from gateway.backflush.memory.records import UNTRUSTED
from gateway.ledger.database import tables as t

OPEN: Final = text("state = 'open'")
"""Worklist rows and quarantine entries that are not settled."""
HEALED_BY_A_TOTAL: Final = and_(
    t.quarantine.c.kind == UNTRUSTED,
    t.quarantine.c.code.not_in([str(code) for code in NEVER_HEALED]),
    t.quarantine.c.number.not_in(select(t.quarantine_folds.c.number)),
)
"""Quarantine entries that a later total of the device closes, if their content names it (`Cover`)."""
OPEN_BACKLOG: Final = text("required > issued + closed")
REVERSAL: Final = text("reverses <> 0")
"""A document that reverses another one."""
MIRROR: Final = text("mirrors <> 0")
"""An item that takes another one back."""
NO_ASSEMBLY: Final = text("type <> 'assembly'")
"""Documents of every type but that of most, by which they are found."""
WITH_ACTOR: Final = text("actor <> ''")
WITH_BATCH: Final = text("batch <> ''")
"""Documents with such a name, by which they are found."""
CAUSED: Final = text("caused_by <> 0")
"""A document that follows from another one."""
CUMULATED: Final = text("posted_by <> 0 AND posted_by <> document")
"""A row that is posted by another document than its own."""
