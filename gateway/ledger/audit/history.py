"""Laws of the history: every number is given once, every document is complete, the chain seals it, offsets cover it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from gateway.backflush.values.documents import FINAL, HEAD_STRIDE, RECEIPT, REPORTS, format_number
from gateway.backflush.values.quantities import number_of, parse_whole
from gateway.ledger.audit.law import Law, add, name_of
from gateway.ledger.audit.walk import DocumentRows, stream
from gateway.ledger.database import tables as t
from gateway.ledger.store.chain import chain_content, chain_link


class _OfHeads(Law):
    """A law that holds for each writer separately."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.heads: dict[int, Any] = {row.ordinal: row for row in connection.execute(select(t.heads))}


class Numbers(_OfHeads):
    """Documents and quarantine entries are numbered by their head, from 1, without a gap."""

    name = "numbers"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._documents: dict[int, int] = {}
        self._entries: dict[int, int] = {}

    def _see(self, paper: DocumentRows) -> None:
        self._follow(self._documents, paper.number, "document")

    def _entry(self, row: Any) -> None:  # noqa: ANN401 - a row of quarantine
        self._follow(self._entries, row.number, "quarantine entry")

    def _conclude(self) -> str:
        for ordinal, head in self.heads.items():
            counted = ((self._documents, head.documents, "documents"), (self._entries, head.quarantines, "entries"))
            for last, given, what in counted:
                if last.get(ordinal, 0) != given:
                    self.broken(f"writer {ordinal} gave {given} numbers to {what}, the last is {last.get(ordinal, 0)}")
        for ordinal in sorted({*self._documents, *self._entries} - {*self.heads}):
            self.broken(f"numbers from {format_number(ordinal * HEAD_STRIDE)} belong to no writer")
        return ", ".join(
            (
                number_of(sum(self._documents.values()), "document"),
                number_of(sum(self._entries.values()), "quarantine entry"),
            )
        )

    def _follow(self, last: dict[int, int], number: int, what: str) -> None:
        ordinal, position = divmod(number, HEAD_STRIDE)
        before = last.get(ordinal, 0)
        if position != before + 1:
            missing = format_number(ordinal * HEAD_STRIDE + before + 1)
            self.broken(f"{what} {missing} is missing, the next is {format_number(number)}")
        last[ordinal] = position


class Complete(Law):
    """Every document has what its type needs, its items are numbered from 1, its dues are those of its units."""

    name = "complete"
    _rows = 0

    def _see(self, paper: DocumentRows) -> None:
        document, under = paper.document, paper.under
        self._rows += sum(len(rows) for rows in under.values())
        numbered = (*under[t.material_items], *under[t.activity_items], *under[t.backlog])
        if sorted(row.item for row in numbered) != list(range(1, len(numbered) + 1)):
            self.broken(f"{name_of(paper.number)}: {len(numbered)} items are not numbered from 1")
        for table in (t.confirmations, t.sources, t.reductions):
            if [row.position for row in under[table]] != list(range(1, len(under[table]) + 1)):
                self.broken(f"{name_of(paper.number)}: its {table.name} are not numbered from 1")
        if (document.type == "reversal") != bool(document.reverses):
            self.broken(f"{name_of(paper.number)}: type {document.type}, but reverses {document.reverses}")
        missing = _missing(paper)
        if missing:
            self.broken(f"{name_of(paper.number)} of type {document.type} has no {missing}")
        if document.type in REPORTS and any(c.point == FINAL and c.yield_ > 0 for c in under[t.confirmations]):
            receipts = [due for due in paper.dues if (due.process, due.segment, due.scope) == (RECEIPT, FINAL, "")]
            if len(receipts) != 1:
                self.broken(f"{name_of(paper.number)} yields at the final point and has {len(receipts)} receipts")

    def _stray(self, number: int, tables: list[str]) -> None:
        self.broken(f"{name_of(number)} is not there, but has {', '.join(tables)}")

    def _conclude(self) -> str:
        return f"{self._rows} rows under documents"


def _missing(paper: DocumentRows) -> str:
    """Name the missing rows that a document of its type needs."""
    under = paper.under
    match paper.document.type:
        case "assembly" | "point" | "scrap" | "rework" if (
            not under[t.sources] and not 0 < paper.document.caused_by < paper.number
        ):
            return "reading or report that it follows from"
        case "assembly" | "point" | "scrap" | "rework" if not under[t.sources] and not under[t.confirmations]:
            return "reading or confirmation"
        case "worklist" if not paper.late:
            return "row that it posted"
        case "backlog" if {item.origin for item in under[t.material_items]} != {"backlog"}:
            return "issue of a backlog record"
        case "backlog" if backlog_key(paper.document.reference) is None:
            return "reference to a backlog record"
        case _:
            return ""


def backlog_key(reference: str) -> tuple[int, int] | None:
    """Read the reference of a backlog document: the record's document and item.

    >>> backlog_key("0000004712/3"), backlog_key("tx-1")
    ((4712, 3), None)
    """
    document, _, item = reference.partition("/")
    number, position = parse_whole(document), parse_whole(item)
    return None if number is None or position is None else (number, position)


class Chain(_OfHeads):
    """The hash chain of each head, recomputed from its documents, is the stored one."""

    name = "chain"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        order = (t.batches.c.head, t.batches.c.sequence)
        self._batches: Iterator[Any] = stream(connection, select(t.batches).order_by(*order))
        self._batch: Any = next(self._batches, None)
        self._rows: dict[str, list[tuple[Any, ...]]] = {}
        self._chains: dict[int, str] = {}
        self._sealed = 0

    def _see(self, paper: DocumentRows) -> None:
        while self._batch is not None and paper.number > self._batch.last_document:
            self._seal()
        if self._batch is None or paper.number < self._batch.first_document:
            self.broken(f"{name_of(paper.number)} belongs to no batch of the chain")
            return
        self._rows.setdefault(t.documents.name, []).append(tuple(paper.document))
        for table in t.SEALED[1:]:
            self._rows.setdefault(table.name, []).extend(map(tuple, paper.under[table]))

    def _conclude(self) -> str:
        while self._batch is not None:
            self._seal()
        for ordinal, head in self.heads.items():
            if self._chains.get(ordinal, "") != head.chain:
                self.broken(f"writer {ordinal}: its chain ends with {head.chain[:12]}, not with the last batch")
        return f"{self._sealed} batches"

    def _seal(self) -> None:
        batch = self._batch
        where = f"documents {format_number(batch.first_document)} to {format_number(batch.last_document)}"
        if chain_content(self._rows) != batch.content:
            self.broken(f"{where} are not what was sealed")
        chain = chain_link(self._chains.get(batch.head, ""), batch.content, tuple(batch)[:-2])
        if chain != batch.chain:
            self.broken(f"{where}: the chain is broken before them")
        self._chains[batch.head] = batch.chain
        self._sealed += 1
        self._rows = {}
        self._batch = next(self._batches, None)


class Offset(_OfHeads):
    """No document or quarantine entry comes from an entry after the journal offset of its head.

    One head may fill a window and another close it after taking the line over: the readings of its document then stand
    in the journal of the first.
    """

    name = "offset"

    def _see(self, paper: DocumentRows) -> None:
        latest = max((source.last_entry for source in paper.under[t.sources]), default=0)
        if latest > max((head.journal_offset for head in self.heads.values()), default=0):
            self.broken(f"{name_of(paper.number)} comes from entry {latest}, and no writer is there")
        if not paper.under[t.sources]:
            self._within(paper.number, paper.document.cause, name_of(paper.number))

    def _entry(self, row: Any) -> None:  # noqa: ANN401 - a row of quarantine
        self._within(row.number, row.entry, f"quarantine entry {format_number(row.number)}")

    def _conclude(self) -> str:
        last: dict[int, int] = {}
        order = (t.batches.c.head, t.batches.c.sequence)
        for batch in stream(self.connection, select(t.batches).order_by(*order)):
            head = self.heads.get(batch.head)
            if head is not None and batch.journal_offset > head.journal_offset:
                self.broken(f"writer {batch.head} was at {batch.journal_offset} and is at {head.journal_offset}")
            if batch.journal_offset < last.get(batch.head, 0):
                self.broken(f"writer {batch.head} went back from {last[batch.head]} to {batch.journal_offset}")
            last[batch.head] = batch.journal_offset
        return (
            ", ".join(f"writer {n} at entry {head.journal_offset}" for n, head in sorted(self.heads.items())) or "none"
        )

    def _within(self, number: int, entry: int, what: str) -> None:
        head = self.heads.get(number // HEAD_STRIDE)
        if head is not None and entry > head.journal_offset:
            self.broken(f"{what} comes from entry {entry}, its writer is at {head.journal_offset}")


class Messages(_OfHeads):
    """Every message that ended in quarantine has an entry there, or is counted with one."""

    name = "messages"

    def _entry(self, row: Any) -> None:  # noqa: ANN401 - a row of quarantine
        add(self.sums, row.number // HEAD_STRIDE, 1)

    def _conclude(self) -> str:
        folded = 0
        for row in self.rows(t.quarantine_folds):
            add(self.sums, row.number // HEAD_STRIDE, row.messages)
            folded += row.messages
        ended = select(t.outcomes).where(t.outcomes.c.outcome.in_(("quarantine", "further")))
        told: dict[int, int] = {}
        for row in self.connection.execute(ended):
            add(told, row.head, row.messages)
        for head in sorted({*told, *self.sums}):
            went, found = told.get(head, 0), self.sums.get(head, 0)
            if went != found:
                self.broken(f"writer {head}: {went} messages ended in quarantine, {found} are there")
        return f"{sum(told.values())} in quarantine, {folded} of them counted with another"


class Outbox(_OfHeads):
    """No target was sent more than exists: its cursor lies within the documents of its head."""

    name = "outbox"

    def _conclude(self) -> str:
        cursors = self.connection.execute(select(t.cursors)).all()
        for cursor in cursors:
            head = self.heads.get(cursor.head)
            first = cursor.head * HEAD_STRIDE
            if head is None or not first <= cursor.document <= first + head.documents:
                self.broken(
                    f"target {cursor.target} is at {format_number(cursor.document)}, which writer {cursor.head} has "
                    "not reached"
                )
        return number_of(len(cursors), "target")
