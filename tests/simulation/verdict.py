"""What must be true of the books after a run, whatever went wrong in it. Read from ledger and journal alone."""

import signal
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from gateway.journal.reader import Reader
from gateway.ledger.database import tables as t
from gateway.service.entries import CLOCK
from tests.integration.plant import booked, documents_of_scans, expected, figures, in_windows, receipts
from tests.simulation.truth import HOT_BOX, Run, digest

ENDED_IN_ORDER = {0, 3, -signal.SIGTERM}
"""How a gateway may end that nobody killed: 3 says that broker, database or disk failed.

One that is told to end before it listens for that dies of the signal.
"""


def judge(run: Run) -> None:
    """Assert everything; the gateway must have ended."""
    broken = [*_exits(run), *_in_the_journal(run)]
    with run.world.gateway.ledger() as connection:
        broken += [*_pieces(run, connection), *_documents(run, connection), *_events(run, connection)]
        broken += _dates(run, connection)
    assert not broken, "\n".join(broken)
    run.world.gateway.audit()


def _exits(run: Run) -> Iterator[str]:
    if "Traceback" in run.world.gateway.log:
        yield "the gateway's log has a traceback: a broken world is one line"
    for status, times in run.world.exits.items():
        if status not in ENDED_IN_ORDER:
            yield f"the gateway has ended with status {status}, {times} times"


def _in_the_journal(run: Run) -> Iterator[str]:
    """Find what was acknowledged and not journaled, and entries that have not ended in exactly one way."""
    entries = 0
    kept: set[int] = set()
    with Reader(run.world.gateway.settings.journal_path) as journal:
        at = journal.first - 1
        while batches := journal.read(at, 500):
            at = batches[-1].number
            for batch in batches:
                entries += sum(entry.kind != CLOCK for entry in batch.entries)
                kept.update(digest(entry.topic, entry.payload) for entry in batch.entries)
    missing = run.acknowledged - kept
    if missing:
        yield f"{len(missing)} of {len(run.acknowledged)} acknowledged messages are not in the journal"
    with run.world.gateway.ledger() as connection:
        ended = int(connection.scalar(select(func.sum(t.outcomes.c.messages))) or 0)
    if ended != entries:
        yield f"{entries} entries in the journal, {ended} outcomes"


def _pieces(run: Run, connection: Connection) -> Iterator[str]:
    """Hold posted, open and quarantined pieces against those made: in all, by place, by device and by version."""
    truth = run.plant.truth()
    made = sum(device.good + device.scrap for device in truth)
    read, counted, quarantined, posted = figures(connection)
    run.lost, run.doubled = max(0, made - read), max(0, read - made)
    if (read, counted, quarantined) != (made, made, 0):
        yield f"{made} made; read {read}, counted {counted}, quarantined {quarantined}"
    if counted != posted + in_windows(connection):
        yield f"counted {counted}; posted {posted}, in windows {in_windows(connection)}"
    if booked(connection) != expected(truth):
        yield f"made {expected(truth)}\nbooked {booked(connection)}"
    units = t.device_marks.c.units
    marks = {
        device: int(pieces)
        for device, pieces in connection.execute(
            select(t.device_marks.c.device, func.sum(units)).group_by(t.device_marks.c.device)
        )
    }
    for device in truth:
        pieces = device.good + device.scrap
        if device.totals and marks.get(device.device, 0) != pieces:
            yield f"{device.device} has made {pieces}, its marks say {marks.get(device.device, 0)}"
    hot = {device.device: device.scans // 2 * HOT_BOX.pieces for device in truth}["s-L06"]
    received = receipts(connection)
    if received.get("PUMP-40H", 0) != hot:
        yield f"{hot} of PUMP-40H scanned, {received.get('PUMP-40H', 0)} received"
    if received["PUMP-40"] != expected(truth)["L06"].good - hot:
        yield f"{expected(truth)['L06'].good - hot} of PUMP-40 made, {received['PUMP-40']} received"


def _documents(run: Run, connection: Connection) -> Iterator[str]:
    """Find scans and serial numbers that have no document, or more than one."""
    scans = sum(device.scans for device in run.plant.truth())
    of_scans = documents_of_scans(connection)
    twice = {scan: times for scan, times in of_scans.items() if times != 1}
    run.lost += max(0, scans - len(of_scans))
    run.doubled += of_scans.total() - len(of_scans)
    if twice:
        yield f"scans with more than one document: {twice}"
    if len(of_scans) != scans or connection.scalar(select(func.count()).select_from(t.scans)) != scans:
        yield f"{scans} scans were made, {len(of_scans)} have a document"
    boxes = {device.device: device.scans for device in run.plant.truth()}["s-L06"]
    serials = Counter(connection.scalars(select(t.serials.c.document)))
    if serials.total() != boxes or (serials and max(serials.values()) > 1) or serials[0]:
        yield f"{boxes} boxes with a serial number, {serials.total()} serial numbers of {len(serials)} documents"


def _dates(run: Run, connection: Connection) -> Iterator[str]:
    """Find documents of another day than one on which the run was, or a life began that knew no other clock."""
    days = {day + timedelta(days=off) for day in run.world.days for off in (-1, 0, 1)}
    strange = {
        each for each in connection.scalars(select(t.documents.c.posting_date)) if date.fromisoformat(each) not in days
    }
    if strange:
        yield f"documents of {sorted(strange)[:10]}, though it was {sorted(map(str, run.world.days))}"


def _events(run: Run, connection: Connection) -> Iterator[str]:
    """Find events of documents that are not there, and ids that stand for more than one thing."""
    if run.listener.contradicting:
        yield f"ids of events that said different things: {run.listener.contradicting[:10]}"
    unknown = run.listener.documents - set(connection.scalars(select(t.documents.c.number)))
    if unknown:
        yield f"events of documents that are not there: {sorted(unknown)[:10]}"
    if not run.listener.events:
        yield "no posting event was heard"
