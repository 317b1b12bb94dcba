"""The hash chain: no change of a past document goes unnoticed.

Every commit of a head that adds documents is sealed:

    content = SHA-256(canonical JSON of its rows in the tables of `SEALED`)
    chain   = SHA-256(previous chain + content + facts)  all in hexadecimal; the first previous chain is empty

The facts are the other columns of its row in `batches`, in order, each behind a blank.

The JSON is a list of [table name, rows], the tables in the order of `SEALED`, the rows sorted and with the columns in
the order of the tables, without blanks, in UTF-8 with minimal escapes. So the chain can be recomputed from the tables,
on any database, with the same result.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic_core import to_json

from gateway.ledger.database.tables import SEALED


def chain_content(rows: Mapping[str, Iterable[tuple[Any, ...]]]) -> str:
    """Return the hash of one commit's rows, by table name."""
    content = [[table.name, sorted(rows.get(table.name, ()))] for table in SEALED]
    return hashlib.sha256(to_json(content)).hexdigest()


def chain_link(previous: str, content: str, facts: Iterable[object]) -> str:
    """Return the next link of a head's chain."""
    return hashlib.sha256(" ".join([previous + content, *map(str, facts)]).encode()).hexdigest()
