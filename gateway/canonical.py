"""The canonical text of tables, split into rows without parsing them, and the differences of two texts.

    {"materials":[{...},{...}],"runs":[]}                tables and rows sorted, every cell a text
    {"materials":[[7,[{...}],[{...},{...}]]],"runs":[]}  a difference: (position, rows that go, rows that come)

A quotation mark within a cell is escaped, and every row begins with the name of a column. So ``"},{"`` followed
by a name stands only between two rows: a cell may hold ``},{`` or end in ``"},{``, but a comma or a brace follows the
cell. 20 MB are split in the time of parsing some thousand rows. A difference holds old and new rows, so it can be read
alone.

Laws: ``join(split(text)) == text``, and each part is one row; a table of a difference exists afterwards;
``patch(old, {}) == old``, and a table that a difference does not name is the very same list.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Rows = Sequence[bytes]
"""Rows as text, without their first and last characters: ``plant":"1000`` is ``{"plant":"1000"}``."""
Texts = Mapping[str, Rows]
"""Rows by table."""

_FIRST = re.compile(rb'\{"(\w+)":\[')
_NEXT = re.compile(rb'\],"(\w+)":\[')
_BETWEEN = re.compile(rb'"\},\{"(?=\w)')


class Splice(NamedTuple):
    """Rows that replace others at a position."""

    at: int
    gone: Rows
    came: Rows


Difference = Mapping[str, Sequence[Splice]]
"""By table, in the order of its rows."""


def split(text: bytes) -> Texts:
    """Split a text; an empty one has no tables."""
    first = _FIRST.match(text)
    if first is None:
        return {}
    found = [first, *_NEXT.finditer(text)]
    ends = [*(mark.start() for mark in found[1:]), len(text) - 2]
    return {
        mark[1].decode(): _BETWEEN.split(text[mark.end() + 2 : end - 2]) if mark.end() < end else []
        for mark, end in zip(found, ends, strict=True)
    }


def join(texts: Texts) -> bytes:
    """Join tables to their text."""
    tables = (b'"%s":[%s]' % (name.encode(), _list(texts[name])) for name in sorted(texts))
    return b"{%s}" % b",".join(tables)


def read(row: bytes) -> object:
    """Read one row."""
    return json.loads(b'{"%s"}' % row)


def print_row(cells: Mapping[str, str]) -> bytes:
    """Print one row."""
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()[2:-2]


def patch(texts: Texts, difference: Difference) -> Texts:
    """Return the tables after a difference."""
    result = dict(texts)
    for table, splices in difference.items():
        rows, last = texts.get(table, ()), 0
        new: list[bytes] = []
        for at, gone, came in splices:
            new += rows[last:at]
            new += came
            last = at + len(gone)
        new += rows[last:]
        result[table] = new
    return result


def sides(difference: Difference) -> tuple[Texts, Texts]:
    """Return the rows that a difference removes and those that it adds."""
    gone = {table: [row for splice in splices for row in splice.gone] for table, splices in difference.items()}
    return gone, {table: [row for splice in splices for row in splice.came] for table, splices in difference.items()}


def dump_difference(difference: Difference) -> bytes:
    """Print a difference as JSON."""
    tables = (
        b'"%s":[%s]' % (name.encode(), b",".join(b"[%d,[%s],[%s]]" % (s.at, _list(s.gone), _list(s.came)) for s in of))
        for name, of in sorted(difference.items())
    )
    return b"{%s}" % b",".join(tables)


def load_difference(data: bytes) -> Difference:
    """Read a result of `dump_difference`."""
    return {
        table: [Splice(at, *([print_row(cells) for cells in rows] for rows in both)) for at, *both in splices]
        for table, splices in json.loads(data).items()
    }


def _list(rows: Rows) -> bytes:
    return b'{"%s"}' % b'"},{"'.join(rows) if rows else b""
