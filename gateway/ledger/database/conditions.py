"""Conditions that several queries ask by, each said once.

They are text, so that SQLite finds the partial indexes that are made for them: a bound value never matches one.
"""

from typing import Final

from sqlalchemy import text

OPEN: Final = text("state = 'open'")
"""Of worklist rows and quarantine entries: nothing has settled them."""
OPEN_BACKLOG: Final = text("required > issued + closed")
REVERSAL: Final = text("reverses <> 0")
"""A document that reverses another one."""
MIRROR: Final = text("mirrors <> 0")
"""An item that takes another one back."""
CAUSED: Final = text("caused_by <> 0")
"""A document that follows from another one."""
CUMULATED: Final = text("posted_by <> 0 AND posted_by <> document")
"""A row that is posted by another document than its own."""
