"""Kinds in the ledger: every word that a released program has left there is still one of its kind."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final, get_args

import pytest

from gateway.backflush.memory.balance import RowState
from gateway.backflush.memory.records import EntryKind, EntryState, Result
from gateway.backflush.values.counting import Ending
from gateway.backflush.values.documents import AnyProcess, Disposition, DocumentType, Origin, Process, Timing
from gateway.backflush.values.window_policy import WindowKind
from gateway.errors import Reason
from gateway.ledger.database.schema import REVISIONS
from tests.integration.released import RELEASED, bring, kept

KINDS: Final[dict[tuple[str, str], Any]] = {
    ("documents", "type"): DocumentType,
    ("material_items", "origin"): Origin,
    ("material_items", "process"): Process,
    ("activity_items", "origin"): Origin,
    ("worklist_rows", "process"): Process,
    ("worklist_rows", "timing"): Timing,
    ("worklist_rows", "state"): RowState,
    ("marks", "process"): Process,
    ("accounts", "process"): Process,
    ("holds", "process"): AnyProcess,
    ("collectors", "element"): Process,
    ("backlog", "origin"): Origin,
    ("backlog", "cause"): Reason,
    ("windows", "policy"): WindowKind,
    ("quarantine", "kind"): EntryKind,
    ("quarantine", "state"): EntryState,
    ("outcomes", "outcome"): Ending,
    ("scans", "result"): Result,
    ("contexts", "mode"): Disposition,
}


KEPT: Final = sorted({file.name.partition(".")[0] for file in RELEASED.iterdir()} & {*REVISIONS})
"""The schemas of which a ledger is kept; that of the next release is kept before the one after it."""


def words_of(kind: Any) -> set[str]:
    """Return all words of a kind: of an enumeration, of a `Literal`, of several."""
    if isinstance(kind, str):
        return {kind}
    return {word for part in get_args(kind) or kind for word in words_of(part)}


@pytest.mark.parametrize("what", ["", "plant"])
@pytest.mark.parametrize("revision", KEPT)
def test_a_released_ledger_holds_only_words_of_their_kind(revision: str, what: str, tmp_path: Path) -> None:
    bring(kept(RELEASED, revision, "sqlite", what), f"sqlite:///{tmp_path / 'ledger.db'}")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger:
        strange = {
            (table, column): words - words_of(kind)
            for (table, column), kind in KINDS.items()
            if (words := {row[0] for row in ledger.execute(f"SELECT {column} FROM {table}")})  # noqa: S608 - our own names
        }
    assert {place: words for place, words in strange.items() if words - {""}} == {}
    assert len(strange) > len(KINDS) // 2, "there is something to look at"
