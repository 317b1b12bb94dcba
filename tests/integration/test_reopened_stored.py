"""Pieces that an undo has opened again, on a real ledger: its audit holds at each step, restarts included."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from gateway.backflush.memory.state import EDITION, Rules
from tests.builders import LINE, PLANT, q
from tests.integration.cli_program import Program
from tests.integration.stored_book import StoredBook, StoredLedger
from tests.unit.backflush.test_undo import ORDER, SSCC, line_with_a_point


@pytest.mark.parametrize("undone", [False, True])
def test_an_undone_pallet_leaves_no_trace_in_the_figures_when_it_is_scanned_again(
    url: str, tmp_path: Path, *, undone: bool
) -> None:
    with closing(StoredLedger(url)) as ledger:
        rules = Rules(window="reading", open_names=("reasons",), edition=EDITION)
        book = StoredBook(line_with_a_point(window="scan"), rules=rules, ledger=ledger, orders=[ORDER])
        book.count("C1", good=5, scrap=2, rework=1)
        book.count("C2", good=7, scrap=1)
        assert book.scan(SSCC, id="p").result == "info"
        if undone:
            told = book.scan("BF:UNDO", id="u")
            assert told.title == "UNDONE"
            traced = Program(tmp_path / "data", DATABASE__URL=url)("trace", f"{told.document:010d}").out
            assert re.search(r"readings that are open again\n.*C1: 1 reading, yield 5, scrap 2, ", traced), traced
            book.crash()
            book.count("C1", good=5, scrap=2, rework=1)
            assert book.scan(SSCC, id="p2").result == "info"
            book.crash()
        assert (book.stock("FG"), book.stock("A"), book.waiting()) == ("4", "-7", "3")
        figures = book.state.lines[PLANT, LINE]
        assert (figures.scrap, figures.rework, figures.reversed) == (q(3), q(1), 0)
