"""The line by whose topic a scan of a web scanner goes: each gateway hears its own lines, so the line tells who posts.

Laws
    a card of a line goes to that line, an undo to that of the scanner's newest posting, all else to the line that the
    scan names; a scan that names none, and the card of another plant or unknown line, go to the topic of what roams
    the same scan goes to the same line however often it is sent; only an undo that is posted may go to another one,
    whose gateway then finds its identity in the ledger, which all of them share
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, exists, select

from devices.barcodes import Control, Dialect, Verb
from devices.errors import Rejection
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.names import unknown_line
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.errors import Unavailable
from gateway.ledger.database import tables as t
from gateway.service.fold.meanings import meaning_of
from gateway.web.ledger_reader import LedgerReader
from gateway.web.rights import Place

_MOST: Final = 10
"""The newest postings of a scanner at each gateway that an undo looks at: no gateway undoes more of them."""


async def place_of_scan(reader: LedgerReader, plant: str, device: str, said: Mapping[str, Any]) -> Place | Rejection:
    """Return the place by whose topic a scan goes; BackflushError if that cannot be told now."""
    master, data, line = reader.facts.master, said.get("data"), said.get("line")
    card = meaning_of(data, master, Dialect()) if isinstance(data, str) else None
    if isinstance(card, Control) and card.verb is Verb.LINE:
        of, line = card.values
        return (plant, line) if of == plant and (plant, line) in master.lines else (plant, ROAMING)
    if isinstance(card, Control) and card.verb is Verb.UNDO:
        newest = await reader.ask(lambda connection: _find_newest(connection, device))
        if newest is not None:
            line = newest[1] if newest[0] == plant else ""
    if not line:
        return plant, ROAMING
    if not reader.facts.digest:
        raise Unavailable("the master data have not been read yet")
    # No gateway would hear it.
    return unknown_line(master, plant, str(line)) or (plant, str(line))


def _find_newest(connection: Connection, device: str) -> Place | None:
    """Return the place of the newest document of a scanner that is not reversed."""
    document, source, reversal = t.documents.c, t.sources.c, t.documents.alias().c
    numbers: list[int] = []
    for head in connection.scalars(select(t.heads.c.ordinal)):
        of_head = source.document.between(head * HEAD_STRIDE, (head + 1) * HEAD_STRIDE - 1)
        newest = select(source.document).where(source.device == device, of_head).order_by(source.document.desc())
        numbers += connection.scalars(newest.limit(_MOST))
    is_left = document.reverses == 0, document.caused_by == 0, ~exists().where(reversal.reverses == document.number)
    found = select(document.plant, document.line).where(document.number.in_(numbers), *is_left)
    row = connection.execute(found.order_by(document.entered_at.desc(), document.number.desc()).limit(1)).first()
    return (row.plant, row.line) if row is not None else None
