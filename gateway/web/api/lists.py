"""The pages of a list, and the cursor from one to the next.

A cursor holds the place in the list, as the sort key of its last record, and the filter, as a digest: with another
filter it is refused. It is text for the client, who keeps it as it is. Two kinds of lists:

    keyed    the ledger is asked for the records after a key, so that each page costs the same
    whole    the ledger is asked for all of them, which are few: sums and what is open
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from gateway.ledger.reports.postings import Record
from gateway.web.api.queries import ListQuery
from gateway.web.problems import Problem

Key = tuple[str, ...]


class ListPage(NamedTuple):
    """A part of a list; `next` asks for the following one."""

    items: Sequence[Record]
    next: str | None


class ListOrder(NamedTuple):
    """The order of a list: the fields of its key, and whether its report returns the whole list."""

    fields: tuple[str, ...]
    is_whole: bool = False
    is_sealed: bool = False
    """Whether other master data make it another list."""

    def key_of(self, record: Record) -> Key:
        """Return the key of a record."""
        return tuple("" if record[name] is None else str(record[name]) for name in self.fields)


def cut(records: Sequence[Record], order: ListOrder, path: str, query: ListQuery) -> ListPage:
    """Make a page of the records after a cursor: one more than it holds shows that it is not the last."""
    if order.is_whole and (after := read_cursor(order, path, query)):
        records = _after(records, order, after)
    page = records[: query.limit]
    more = len(records) > len(page)
    return ListPage(page, _print([_digest(path, query), *order.key_of(page[-1])]) if more else None)


def _after(records: Sequence[Record], order: ListOrder, after: Key) -> Sequence[Record]:
    for place, record in enumerate(records, 1):
        if order.key_of(record) == after:
            return records[place:]
    raise Problem(400, "after: the record that the page would follow is gone; begin again without it")


def read_cursor(order: ListOrder, path: str, query: ListQuery) -> Key:
    """Return the key that a page begins after, empty for the first; a Problem for a cursor that is not of this list."""
    if not query.after:
        return ()
    try:
        digest, *key = json.loads(base64.b64decode(query.after, b"-_", validate=True))
    except (ValueError, TypeError, RecursionError):
        key, digest = [None], ""
    if len(key) != len(order.fields) or not all(isinstance(part, str) and part.isprintable() for part in key):
        raise Problem(400, "after: expected `next` of the page before, got something else")
    if digest != _digest(path, query):
        raise Problem(400, "after: it belongs to another list or filter; begin again without it")
    return tuple(key)


def _print(content: list[str]) -> str:
    return base64.b64encode(json.dumps(content, separators=(",", ":")).encode(), b"-_").decode()


def _digest(path: str, query: ListQuery) -> str:
    """Return the digest of a list: where it is, and what it is restricted to."""
    which: dict[str, Any] = query.model_dump(exclude={"limit", "after"})
    return hashlib.sha256(json.dumps([path, which], sort_keys=True).encode()).hexdigest()[:16]
